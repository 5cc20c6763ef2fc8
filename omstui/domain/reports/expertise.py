"""Protocol of the expertise (протокол экспертизы): by criterion, then by case."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from omstui.domain.expertise import known_criteria
from omstui.domain.model import SEVERITY_TITLES
from omstui.domain.money import roubles
from omstui.domain.reports import kit
from omstui.domain.reports.model import Block, Cell, Column, Document, Lines, ReportDef, Table
from omstui.domain.store import findings
from omstui.domain.store import reports as store

TITLE = "Протокол экспертизы"
#: widths of manual B's table of criteria
CRITERIA = (
    Column("code", "Код", 6),
    Column("name", "Критерий", 44),
    Column("grade", "Уровень", 14),
    kit.count("tap", "ТАП", 6),
    kit.count("taps", "Услуг ТАП", 6),
    kit.count("mksb", "МКСБ", 6),
    kit.count("mksbs", "Услуг МКСБ", 6),
    kit.count("smp", "СМП", 6),
    kit.count("smps", "Услуг СМП", 6),
    kit.money("total", "Сумма", 14, total=False),
)
CASES = (
    Column("code", "Код", 6),
    *kit.short_columns(patient=22),
    Column("services", "Услуга", 16),
    kit.money("total", "Сумма", 12),
    Column("message", "Замечание", 34),
)
SKIPPED = (Column("code", "Код", 6), Column("name", "Критерий", 40), Column("reason", "Причина", 32))
_NOT_DONE = {"failed": "не выполнен", "skipped": "не выполнялся"}


def build(period: str = "", registry: str = "") -> Document:
    """What the last expertise found in the registries of a month."""
    month = kit.Month.read(period)
    document = month.document(TITLE, landscape=True)
    ids = [row.id for row in month.registries(registry) if findings.last_checked(row.id)[0]]
    return kit.filled(document, _blocks(month, ids) if ids else ())


def _blocks(month: kit.Month, ids: list[int]) -> Iterator[Block]:
    known = known_criteria(month.settings)
    rows = findings.criteria(ids)
    titles = {row.code: known[row.code].title if row.code in known else "" for row in rows}
    grades = {code: SEVERITY_TITLES.get(known[code].severity, "") for code in titles if code in known}
    totals, fired = findings.totals(ids), [row for row in rows if row.cases]
    lines = [
        f"Всего случаев - {totals.cases} на сумму {roubles(totals.total)}",
        f"Случаев с замечаниями - {totals.found} на сумму {roubles(totals.found_total)}",
        f"Критериев выполнено - {sum(row.state == 'done' for row in rows)} из {len(rows)}",
    ]
    if findings.unchecked(ids):
        lines.append("Реестр сформирован заново после экспертизы: проведите её ещё раз.")
    yield Lines(lines)
    if not fired:
        yield Lines(["Замечаний нет."])
        return
    table: list[Sequence[Cell]] = [
        (
            *(r.code, titles[r.code], grades.get(r.code, ""), r.tap, r.tap_services, r.mksb),
            *(r.mksb_services, r.smp, r.smp_services, r.total),
        )
        for r in fired
    ]
    # a case stands under each of its criteria: the lines do not add up to «случаев с замечаниями»
    yield Table(CRITERIA, table, title="По критериям", totals=False, count=len(table))
    codes = [row.code for row in fired]
    stream = kit.Stream(lambda: store.finding_rows(ids, codes))
    number = sum(row.cases for row in fired)
    yield Table(CASES, stream, title="По случаям", group="code", totals=False, count=number)
    missed = [(r.code, titles[r.code], _missed(r)) for r in rows if r.state != "done"]
    if missed:
        yield Table(SKIPPED, missed, title="Не выполнялись", totals=False, count=len(missed))


def _missed(row: findings.CriterionRow) -> str:
    return ": ".join(filter(None, (_NOT_DONE.get(row.state, row.state), row.reason)))


REPORT = ReportDef(
    "expertise",
    TITLE,
    "Замечания последней экспертизы реестров месяца: по критериям и по случаям.",
    build,
    (kit.PERIOD, kit.REGISTRY),
    needs="check",
)
