"""A flat DBF through the operation «Загрузить»: the same road as federal files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from omstui.bootstrap import Services
from omstui.domain.store import db
from omstui.formats.dbf import write_dbf
from omstui.formats.layouts.dbf_flat import FLAT
from tests.formats.dbf.dbfkit import DAY
from tests.formats.dbf.test_source import OTHER, ROW, SECOND
from tests.support import make_services

OWN = {"CODE_MO": "760001", "SMO": "76001"}


@pytest.fixture
def services(tmp_path: Path) -> Services:
    return make_services(tmp_path / "base")


def load(services: Services, folder: Path, *rows: dict[str, Any]) -> Any:
    folder.mkdir(exist_ok=True)
    write_dbf(folder / "cases.dbf", FLAT, [FLAT.row(**(r | OWN)) for r in rows], DAY)
    return services.run("load", paths=[str(folder / "cases.dbf")])


def counts(outcome: Any) -> tuple[int, ...]:
    return tuple(outcome.result.data[n] for n in ("new", "changed", "unchanged", "refused"))


def test_cases_of_a_table_are_loaded_and_known_again(services: Services, tmp_path: Path) -> None:
    first = load(services, tmp_path / "in", ROW, SECOND, OTHER)
    assert (first.kind, counts(first)) == ("ok", (2, 0, 0, 0)), first.message
    with db.connection():
        rows = db.execute("SELECT key, kind FROM cases ORDER BY id").fetchall()
        sums = db.execute("SELECT code, quantity, source_sum FROM service ORDER BY id").fetchall()
    assert rows[0] == ("H3|760001|К-1|2021-12-06", "outpatient")
    assert sums[:2] == [("B01.047.001", 100, 45000), ("A05.10.006", 100, 21430)]
    again = load(services, tmp_path / "in", ROW, SECOND, OTHER | {"DS1": "J06.9"})
    assert counts(again) == (0, 1, 1, 0)


def test_table_of_another_organisation_is_refused(services: Services, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    write_dbf(folder / "cases.dbf", FLAT, [FLAT.row(**ROW)], DAY)
    refused = services.run("load", paths=[str(folder / "cases.dbf")])
    assert refused.kind == "refused" and "другой медицинской организации" in refused.message
