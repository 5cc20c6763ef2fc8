"""Protocol of forming (протокол формирования): the log and «Отчет по амб.случаям, которые не попадают…»."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from omstui.domain.forming.report import TITLE as TITLE_LEFT_OUT
from omstui.domain.reports import kit, skips
from omstui.domain.reports.model import Block, Cell, Column, Document, ReportDef, Table
from omstui.domain.store import journal
from omstui.domain.store import reports as store
from omstui.domain.store.packages import RegistryRow

TITLE = "Протокол формирования"
REGISTRIES = (
    Column("kind", "Реестр", 32),
    Column("formed", "Сформирован", 16),
    kit.count("accounts"),
    kit.money("total", "Сумма"),
)
LOG = (Column("at", "Время", 8), Column("text", "Сообщение", 120))


def build(period: str = "", registry: str = "") -> Document:
    """What forming said of the registries of a month, and whom they leave out and why."""
    month = kit.Month.read(period)
    rows = [row for row in month.registries(registry) if row.formed_at]
    return kit.filled(month.document(TITLE, landscape=True), _blocks(rows) if rows else ())


def _blocks(rows: Sequence[RegistryRow]) -> Iterator[Block]:
    table: list[Sequence[Cell]] = [
        (kit.registry_title(r), _moment(r.formed_at or ""), r.accounts, r.total) for r in rows
    ]
    yield Table(REGISTRIES, table, title="Реестры", count=len(table))
    for run_id in store.form_runs([r.id for r in rows]):
        run = journal.run(run_id)
        if run is None:
            continue
        told: list[Sequence[Cell]] = [(line.at, line.text) for line in journal.lines(run_id)]
        head = f"{run.title}: {_moment(run.started_at)}, {run.who}"
        yield Table(LOG, told, title=head, totals=False, count=len(told))
    (left_out,) = skips.document([r.id for r in rows]).blocks
    assert isinstance(left_out, Table)
    left_out.title = TITLE_LEFT_OUT
    yield left_out


def _moment(at: str) -> str:
    return f"{kit.day(at)} {at[11:16]}"


REPORT = ReportDef(
    "forming",
    TITLE,
    "Ход формирования реестров месяца и амбулаторные случаи, которые в них не попали, по причинам.",
    build,
    (kit.PERIOD, kit.REGISTRY),
)
