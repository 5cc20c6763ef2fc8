"""Refusals not sent again (не перевыставленные отказы) with their age in days."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date as Date

from omstui.domain.errors import UsageError
from omstui.domain.model import Period
from omstui.domain.reports import kit
from omstui.domain.reports.model import Block, Cell, Column, Document, Param, ReportDef, Table
from omstui.domain.store import config
from omstui.domain.store import reports_refusals as store

TITLE = "Не перевыставленные отказы"
MONTHS = (
    Column("period", "Месяц", 7),
    Column("smo", "СМО", 6),
    Column("days", "Дней, не более", 9, "count"),
    kit.count("accounts"),
    kit.money("total", "Сумма"),
)
CASES = (
    Column("period", "Месяц", 7),
    *kit.short_columns(),
    Column("smo", "СМО", 6),
    Column("codes", "Коды", 9),
    Column("days", "Дней", 5, "count"),
    kit.money("total", "Сумма", 13),
    Column("work", "Состояние", 9),
)


def build(period: str = "", smo: str = "", date: str = "") -> Document:
    """Refused accounts that no file took again; dropped ones («снят») wait for nothing."""
    day = _day(date)
    settings = config.load_settings()
    until = f", отказы по {Period.parse(period).title}" if period else ""
    head = [settings.mo.name, f"на {kit.day(day)}{until}"]
    document = Document(TITLE, f"{TITLE} {day}", [], [line for line in head if line], landscape=True)
    payers = [config.payer_by_code(part).id for part in smo.replace(",", " ").split()] or [0]
    return kit.filled(document, _blocks(period, day, payers))


def _day(date: str) -> str:
    try:
        return str(Date.fromisoformat(date)) if date else str(Date.today())
    except ValueError:
        raise UsageError(f"Дата «{date}» не понята: нужен вид ГГГГ-ММ-ДД, например 2021-05-20.") from None


def _blocks(period: str, day: str, payers: Sequence[int]) -> Iterator[Block]:
    months = [row for payer in payers for row in store.waiting_months(period, day, payer)]
    if not months:
        return
    short: list[Sequence[Cell]] = [(_month(row[0]), *row[1:]) for row in months]
    yield Table(MONTHS, short, title="По месяцам и СМО", count=len(short))

    def read() -> Iterator[Sequence[Cell]]:
        for payer in payers:
            for first, *cells in store.waiting_rows(period, day, payer):
                yield (_month(first), *cells)

    number = sum(row[3] for row in months)
    yield Table(CASES, kit.Stream(read), title="По случаям", group="period", count=number)


def _month(period: str) -> str:
    return f"{period[5:]}.{period[:4]}"


REPORT = ReportDef(
    "not-resent",
    TITLE,
    "Отказанные счета, которые ещё не вошли ни в одну новую выгрузку, и сколько дней они ждут.",
    build,
    (
        Param("period", "По месяц (пусто — все)"),
        kit.SMO,
        Param("date", "На дату (пусто — сегодня)"),
    ),
)
