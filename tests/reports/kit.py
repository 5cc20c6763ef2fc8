"""The training months worked through with expertise and sequestration, and reports of them as text."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from omstui.bootstrap import Services, open_services
from omstui.demo import month, regions, steps
from omstui.demo.generator import generate
from omstui.domain.reports.model import Document, Lines, ReportDef, Table, values
from omstui.domain.runner import current_user
from omstui.domain.setup import create_database
from omstui.domain.store import db
from omstui.formats.reports import text
from omstui.settings import read_settings

FIRST, SECOND = steps.FIRST, steps.SECOND
REPORTS = (
    *("invoice_registry", "sums", "forming", "expertise", "refusals", "not_resent", "sequestered"),
    *("reconciliation", "plan_fact", "doctors", "dynamics", "forecast", "month"),
)
_NOW = datetime(2021, 6, 12, 9, 30)
_PLAN = (
    "INSERT INTO plan(name, begin_date, end_date, usl_ok, kind, profile, ksg, service, smo, unit, quantity,"
    " cumulative, protected) VALUES(?, '2021-05-01', '2021-05-31', '', ?, '', '', '', '', ?, ?, 0, 0)"
)
_LESS = "UPDATE plan SET quantity = ? WHERE kind = ? AND begin_date = '2021-05-01'"


def worked(path: Path, region: str) -> Services:
    """A database at ``path`` with two months of the region worked through, the expertise among the steps."""
    found = regions.REGIONS.get(region)
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        source = Path(name) / "input"
        generate(source, cases=150, profile=found.profile if found else region)
        settings = read_settings(source / "settings.toml")
        create_database(path, settings, region)
        services = open_services(str(path))
        services.now = lambda: _NOW
        plain = steps.do

        def do(services: Services, say: Callable[[str], None], op: str, **params: Any) -> dict[str, Any]:
            data = plain(services, say, op, **params)
            if op == "form" and not params.get("test"):
                plain(services, say, "check", period=params["period"])
                if params["period"] == SECOND and services.profile.can("sequester"):
                    plain(services, say, "sequester", period=SECOND, apply=True)
            return data

        patch.setattr(steps, "do", do)
        month.prepare(services, source, _quiet)
        with db.connection(), db.write():
            db.execute(_LESS, (1000, "outpatient"))
            db.execute(_PLAN, ("стационар, май 2021", "inpatient", "roubles", 15_000_000))
        assert month.month(services, settings, Path(name), _quiet) == 0
    return services


def _quiet(text: str) -> None:
    return None


def report(module: str) -> ReportDef:
    from importlib import import_module

    found: ReportDef = import_module(f"omstui.domain.reports.{module}").REPORT
    return found


def build(module: str, **given: Any) -> Document:
    """The report with these parameters; call inside a connection."""
    one = report(module)
    return one.build(**values(given, one))


def shown(document: Document) -> str:
    """The text of the preview; times of day, which depend on the clock of the machine, are noughts."""
    lines = "\n".join(text.lines(document))
    lines = lines.replace(f", {current_user()}\n", ", оператор\n")  # the operator is who runs the tests
    lines = re.sub(r"(?m)^(Оператор|Номер)( +)\S+$", r"\1\2…", lines)
    return re.sub(r"\d\d:\d\d:\d\d", "00:00:00", lines) + "\n"


def tables(document: Document, title: str = "") -> list[Table]:
    return [b for b in document.blocks if isinstance(b, Table) and b.title.startswith(title)]


def total(table: Table, key: str) -> int:
    """Sum of a column over the rows of data."""
    place = [c.key for c in table.columns].index(key)
    return sum(int(row[place] or 0) for row in table.rows)


def words(document: Document) -> str:
    """All lines that are not tables."""
    return "\n".join(line for b in document.blocks if isinstance(b, Lines) for line in b.lines)
