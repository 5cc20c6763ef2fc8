"""Act of reconciliation (акт сверки) with an insurer: the ledger, invoices, payments, signatures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from omstui.domain import ledger
from omstui.domain.ledger_rows import Ledger, Row
from omstui.domain.money import spaced
from omstui.domain.payments import Balance
from omstui.domain.reports import kit
from omstui.domain.reports.model import (
    Block,
    Cell,
    Column,
    Document,
    Lines,
    PageBreak,
    Pairs,
    ReportDef,
    Signatures,
    Table,
)
from omstui.domain.store import reports_money as store
from omstui.domain.store.invoices import InvoiceRow

TITLE = "Акт сверки"
Issued = Sequence[tuple[InvoiceRow, Balance]]
FIGURES = (
    Column("title", "Показатель", 44),
    Column("count", "Счетов", 12, "count"),
    Column("total", "Сумма, руб.", 20, "money"),
)
ORDERS = (
    Column("number", "Платёжное поручение №", 30),
    Column("date", "Дата", 12, "day"),
    kit.money("total", "Сумма, руб.", 20),
)


def build(period: str = "", smo: str = "") -> Document:
    """A page per insurer with anything sent in the month; the whole at the end when there are several."""
    month = kit.Month.read(period)
    whole = ledger.read(period)
    asked = {payer.id for payer in month.payers(smo)}
    rows = [row for row in whole.rows if row.payer.id in asked and any(row[c].count for c in row.columns)]
    return kit.filled(month.document(TITLE), _blocks(month, whole, rows) if rows else ())


def _blocks(month: kit.Month, whole: Ledger, rows: Sequence[Row]) -> Iterator[Block]:
    shown = {row.payer.id for row in rows}
    invoices = [v for v in month.invoices() if v[1].payer.id in shown]
    for n, row in enumerate(rows):
        if n:
            yield PageBreak()
        yield from _of_payer(month, row, [v for v in invoices if v[1].payer.id == row.payer.id])
    if len(rows) > 1:
        yield PageBreak()
        yield Table(FIGURES, _figures(rows, invoices), title="Итого по всем СМО", totals=False)
    if whole.problems:
        yield Lines(["#Не сходится", *whole.problems])


def _of_payer(month: kit.Month, row: Row, invoices: Issued) -> Iterator[Block]:
    yield Pairs(
        [
            ("Медицинская организация", f"{month.settings.mo.name} ({month.settings.mo.code})"),
            ("Плательщик", kit.payer_title(row.payer)),
            ("Счета", _numbers(month, row, invoices)),
        ]
    )
    yield Table(FIGURES, _figures([row], invoices), totals=False)
    orders = store.orders(str(month.period), row.payer.id)
    if orders:
        yield Table(ORDERS, orders, title="Оплата", count=len(orders))
    owed = sum(came.owed for _, came in invoices)
    if invoices:
        words = "в пользу медицинской организации" if owed >= 0 else "в пользу плательщика"
        yield Lines([f"Задолженность {words}: {spaced(abs(owed))} руб."])
    yield Signatures(
        [
            ("От медицинской организации", month.settings.mo.director),
            ("Главный бухгалтер", month.settings.mo.accountant),
            ("От плательщика", ""),
        ]
    )


def _numbers(month: kit.Month, row: Row, invoices: Issued) -> str:
    """Invoices as they are numbered, or the bills of manual B."""
    found = [f"№ {paper.number} от {kit.day(paper.date)}" for paper, _ in invoices]
    if not found and month.bills:
        found = [f"№ {n} от {kit.day(d)}" for n, d in store.bill_numbers(str(month.period), row.payer.id)]
    return ", ".join(found) or "не выставлены"


def _figures(rows: Sequence[Row], invoices: Issued) -> list[Sequence[Cell]]:
    """Lines of the act: the columns of the ledger of this order of work, then the money."""
    first = rows[0]
    cells: list[Sequence[Cell]] = [
        (_upper(first.titles[c]), sum(r[c].count for r in rows), sum(r[c].total for r in rows))
        for c in first.columns
    ]
    if first.withholds:
        entered = any(r.withheld is not None for r in rows)
        held = sum(r.withheld or 0 for r in rows) if entered else None
        cells.append(("Удержания" if entered else "Удержания не внесены", None, held))
    cells.append(("К оплате", None, sum(r.payable for r in rows if r.has_seven or not r.withholds)))
    if invoices:
        found = [came for _, came in invoices]
        cells += [
            ("По счетам на оплату", len(found), sum(b.payable for b in found)),
            ("Отказано и снято по ним", None, sum(b.refused + b.cut for b in found)),
            ("Получено", None, sum(b.received for b in found)),
            ("Долг", None, sum(b.owed for b in found)),
        ]
    return cells


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


REPORT = ReportDef(
    "reconciliation",
    TITLE,
    "Сверка расчётов с каждой СМО за месяц: подано, отказано, к оплате, получено, долг; для подписи.",
    build,
    (kit.PERIOD, kit.SMO),
)
