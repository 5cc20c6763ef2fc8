"""Cases cut by sequestration (снятые секвестированием) by line of the plan."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from omstui.domain.model import Period
from omstui.domain.money import spaced
from omstui.domain.reports import kit
from omstui.domain.reports.model import Block, Cell, Column, Document, Lines, ReportDef, Table
from omstui.domain.store import reports as store

TITLE = "Снятые секвестированием"
CASES = (
    *kit.case_columns(),
    Column("kind", "Вид", 16),
    Column("smo", "СМО", 6),
    kit.money("total", "Сумма", 13),
    Column("at", "Снят", 10, "day"),
    Column("billed", "Выставлен за", 14),
)


def build(period: str = "") -> Document:
    """What a month was cut by, and the month each case was billed in since."""
    month = kit.Month.read(period)
    return kit.filled(month.document(TITLE, landscape=True), _blocks(period))


def _blocks(period: str) -> Iterator[Block]:
    plans = store.cut_plans(period)
    for plan, number, total in plans:
        read = partial(_rows, period, plan)
        title = f"{plan or 'без названия'}: случаев {number} на сумму {spaced(total)}"
        yield Table(CASES, kit.Stream(read), title=title, count=number)
    if plans:
        yield Lines(
            [f"Всего снято случаев: {sum(p[1] for p in plans)} на сумму {spaced(sum(p[2] for p in plans))}"]
        )


def _rows(period: str, plan: str) -> Iterator[Sequence[Cell]]:
    for *cells, kind, smo, total, at, billed in store.cut_rows(period, plan):
        later = Period.parse(billed).title if billed else "ждёт"
        yield (*cells, kit.kind(kind), smo, total, at, later)


REPORT = ReportDef(
    "sequestered",
    TITLE,
    "Случаи месяца сверх плановых объёмов, снятые из реестров, по строкам плана.",
    build,
    needs="sequester",
)
