"""Plan and fact (план / факт) by line of the plan volumes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from omstui.domain.money import spaced
from omstui.domain.reports import kit
from omstui.domain.reports.model import Block, Cell, CellKind, Column, Document, Lines, ReportDef, Table
from omstui.domain.sequester import Sheet
from omstui.domain.store import reports, sequester
from omstui.domain.volumes import ROUBLES, UNIT_TITLES, UNITS, ZERO, Amounts, Earlier, PlanLine, line_of, plus

TITLE = "План и факт"


def build(period: str = "") -> Document:
    """Each limit of the plan: before the month, in the month (sent and not refused, formed), what is left."""
    month = kit.Month.read(period)
    document = month.document(TITLE, landscape=True)
    if not sequester.has_plan(period):
        document.blocks = [Lines([kit.NO_DATA, f"Плановых объёмов на {month.period.title} нет."])]
        return document
    return kit.filled(document, _blocks(period))


def _blocks(period: str) -> Iterator[Block]:
    lines = sequester.plan_lines()
    wanted = sequester.Wanted.of(lines)
    parts = [*sequester.earlier(period, lines, wanted), *sequester.formed(period, wanted)]
    before = Sheet(period, lines, [], [p for p in parts if p.period < period])
    now = Sheet(period, lines, [], [p for p in parts if p.period == period])
    cut = {plan: (number, total) for plan, number, total in reports.cut_plans(period)}
    for unit in UNITS:
        rows: list[Sequence[Cell]] = []
        for line in now.lines:
            for limit in line.limits:
                if limit.unit != unit:
                    continue
                earlier, fact = before.used(line, limit), now.earlier[line.id][limit.place]
                whole, (number, total) = earlier + fact, cut.get(line.title, (0, 0))
                rows.append(
                    (
                        *(line.title, line.begin, line.end, limit.amount, earlier, fact),
                        *(whole, limit.amount - whole, kit.percent(whole, limit.amount), number, total),
                    )
                )
        if rows:
            yield Table(_columns(unit), rows, title=f"Единица: {UNIT_TITLES[unit]}", count=len(rows))
    yield Lines(_unplanned(lines, period, parts))


def _columns(unit: str) -> tuple[Column, ...]:
    kind: CellKind = "money" if unit == "roubles" else "quantity"

    def amount(key: str, title: str) -> Column:
        return Column(key, title, 12 if kind == "money" else 9, kind, total=True)

    return (
        Column("title", "Строка плана", 22 if kind == "money" else 32),
        Column("begin", "С", 10, "day"),
        Column("end", "По", 10, "day"),
        amount("plan", "План"),
        amount("before", "Ранее"),
        amount("fact", "За месяц"),
        amount("whole", "Всего"),
        amount("left", "Остаток"),
        Column("percent", "%", 7, "percent"),
        kit.count("cut", "Снято", 6),
        kit.money("cut_sum", "Снято, руб.", 11),
    )


def _unplanned(lines: Iterable[PlanLine], period: str, parts: Iterable[Earlier]) -> list[str]:
    """What of the month has no line of the plan, and the month as a whole."""
    known = list(lines)
    free: Amounts = ZERO
    whole: Amounts = ZERO
    for part in parts:
        if part.period == period:
            whole = plus(whole, part.amounts)
            if line_of(known, part.scope, period) is None:
                free = plus(free, part.amounts)
    return [
        f"Всего за месяц: случаев {whole[0] // 100} на сумму {spaced(whole[ROUBLES])}",
        f"Без строки плана: случаев {free[0] // 100} на сумму {spaced(free[ROUBLES])}",
        "За месяц: выставлено и не отказано, а также сформировано и ещё не выгружено.",
    ]


REPORT = ReportDef(
    "plan-fact",
    TITLE,
    "Выполнение плановых объёмов по строкам плана: план, ранее, за месяц, остаток, снято.",
    build,
)
