"""Forecast and fact of МЭК (прогноз и факт): what the findings foretold and what was refused."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from omstui.domain import expertise
from omstui.domain.mek import titles
from omstui.domain.money import spaced
from omstui.domain.refusals import earlier
from omstui.domain.reports import kit
from omstui.domain.reports.model import Block, Cell, Column, Document, Lines, ReportDef, Table
from omstui.domain.reports.words import cases
from omstui.domain.store import findings
from omstui.domain.store import forecast as store

TITLE = "Прогноз и факт МЭК"
_CODE = Column("code", "Код", 9)
RISK = (
    _CODE,
    Column("title", "Причина отказа", 44),
    kit.count("accounts", "Случаев", 8),
    kit.money("total", "Сумма"),
)
PAYERS = (
    Column("smo", "СМО", 9),
    Column("title", "Плательщик", 44),
    kit.count("accounts", "Случаев", 8),
    kit.money("total", "Сумма"),
)
OUTCOMES = (
    _CODE,
    Column("title", "Причина отказа", 27),
    kit.count("foreseen", "Прогноз", 7),
    kit.money("foreseen_sum", "Прогноз, руб.", 14),
    kit.count("refused", "Факт", 6),
    kit.money("refused_sum", "Факт, руб.", 14),
    kit.count("exact", "Угадано", 7),
    kit.count("other", "Другой код", 6),
    kit.count("missed", "Не ждали", 6),
    kit.money("missed_sum", "Не ждали, руб.", 14),
    kit.count("false", "Зря", 5),
)


def build(period: str = "") -> Document:
    """What is not sent yet and under threat; what was sent, against the answers."""
    month = kit.Month.read(period)
    return kit.filled(month.document(TITLE, landscape=True), [*_before(month), *_after(period)])


def _before(month: kit.Month) -> Iterator[Block]:
    registries = findings.formed(str(month.period))
    if not registries:
        return
    criteria = expertise.choice(month.settings).criteria
    number, total = store.risk(criteria, registries)
    lines = ["#До выгрузки", f"Под угрозой по МЭК: {cases(number)}, {spaced(total)} руб."]
    if findings.unchecked(registries):
        lines.append("После формирования экспертиза не проводилась: прогноз неполон.")
    yield Lines(lines)
    by_code = store.risk_by_code(criteria, registries)
    if not by_code:
        return
    rows: list[Sequence[Cell]] = [(r.key, _reason(r.key), r.accounts, r.total) for r in by_code]
    # a case may be under several codes
    yield Table(RISK, rows, title="По кодам", totals=False, count=len(rows))
    payers: list[Sequence[Cell]] = [
        (r.key or "нет", r.title or "плательщик не определён", r.accounts, r.total)
        for r in store.risk_by_payer(criteria, registries)
    ]
    yield Table(PAYERS, payers, title="По СМО", count=len(payers))


def _after(period: str) -> Iterator[Block]:
    outcomes = store.outcomes(period, earlier())
    if not outcomes:
        return
    refused, hit, foreseen, false = store.summary(period)
    share = f" ({hit * 100 // refused} %)" if refused else ""
    yield Lines(
        [
            "#Прогноз и факт",
            f"Отказано счетов: {refused}, из них предвидели: {hit}{share}.",
            f"Предупреждали о счетах: {foreseen}, приняты без отказа: {false}.",
        ]
    )
    rows: list[Sequence[Cell]] = [
        (
            *(r.code, _reason(r.code), r.foreseen, r.foreseen_total, r.refused, r.refused_total, r.exact),
            *(r.other, r.missed, r.missed_total, r.false),
        )
        for r in outcomes
    ]
    yield Table(OUTCOMES, rows, title="По кодам", totals=False, count=len(rows))
    yield Lines(
        [
            "Угадано — отказ с тем же кодом; «другой код» — ждали одного, отказали по другому;",
            "«не ждали» — отказ без предупреждения; «зря» — ждали отказа, а счёт приняли.",
        ]
    )


def _reason(code: str) -> str:
    found = titles()
    return found.get(code) or found.get(f"{code}.") or "не код 231н"


REPORT = ReportDef(
    "forecast",
    TITLE,
    "Что под угрозой по замечаниям экспертизы и насколько прогноз сошёлся с отказами.",
    build,
    needs="check",
)
