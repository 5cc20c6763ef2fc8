"""«Суммы для счетов» (R36): insurer × kind of activity with withholdings, to pay and the control line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from omstui.domain import invoice_sums, ledger
from omstui.domain.invoice_sums import SmoSums
from omstui.domain.model import KIND_ORDER
from omstui.domain.money import roubles
from omstui.domain.reports import kit
from omstui.domain.reports.model import Block, Cell, Column, Document, Lines, ReportDef, Table
from omstui.domain.store import reports_money

TITLE = "Суммы для счетов"
_SMO = Column("smo", "СМО", 6)
_KIND = Column("kind", "Вид помощи", 22)
COLUMNS = (
    _SMO,
    _KIND,
    kit.count("sent", "3X счетов"),
    kit.money("sent_sum", "3X сумма", 14),
    kit.count("refused", "Искл. счетов"),
    kit.money("refused_sum", "Исключено «1»", 13),
    kit.count("seven", "7 счетов"),
    kit.money("seven_sum", "7 сумма", 14),
    kit.money("withheld", "Удержано", 12),
    kit.money("payable", "К оплате", 14),
)
BILL_COLUMNS = (
    _SMO,
    _KIND,
    kit.count("sent", "Счетов"),
    kit.money("sent_sum", "Выставлено"),
    kit.count("refused", "Отказано", 8),
    kit.money("refused_sum", "Отказано МЭК", 14),
    kit.money("cut", "Снято частично", 14),
    kit.money("payable", "К оплате"),
)
INVOICES = (
    _SMO,
    Column("name", "Плательщик", 30),
    Column("number", "Счёт №", 14),
    Column("date", "Дата счёта", 10, "day"),
    Column("notice", "Уведомление", 11, "day"),
    Column("files", "Файлы 7", 44),
)


def build(period: str = "", smo: str = "") -> Document:
    """The sums an invoice is written by; the totals are those of the ledger."""
    month = kit.Month.read(period)
    document = month.document(TITLE, landscape=not month.bills)
    if month.bills:
        return kit.filled(document, _bills(month, smo))
    sums = invoice_sums.read(period, [payer.code for payer in month.payers(smo)] if smo else ())
    return kit.filled(document, _seven(month, sums) if sums.insurers else ())


def _seven(month: kit.Month, sums: invoice_sums.InvoiceSums) -> Iterator[Block]:
    rows = [row for one in sums.insurers for row in _kinds(one)]
    yield Table(COLUMNS, rows, group="smo", count=len(rows))
    yield Lines([_control(one) for one in sums.insurers])
    invoices = {row.payer_id: row for row in reports_money.invoices(str(month.period))}
    papers: list[Sequence[Cell]] = []
    for one in sums.insurers:
        paper = invoices.get(one.payer.id)
        number, date = (paper.number, paper.date) if paper else ("", None)
        papers.append((one.payer.code, one.payer.name, number, date, one.notice_date or None, one.seven))
    yield Table(INVOICES, papers, title="Счета", totals=False, count=len(papers))
    if sums.problems:
        yield Lines(["#Не сходится", *sums.problems])


def _kinds(one: SmoSums) -> Iterator[Sequence[Cell]]:
    """Kinds, then what is withheld of the insurer: the totals of the group are its line of the report."""
    for row in one.kinds:
        sent, refused, seven = (row.amounts[c] for c in ("sent", "refused1", "reformed"))
        yield (
            *(one.payer.code, row.title, sent.count, sent.total, refused.count, refused.total),
            *(seven.count, seven.total, None, seven.total if one.seven else 0),
        )
    withheld = one.total.withheld
    words = "удержания" if withheld is not None else "удержания не внесены"
    taken = -(withheld or 0) if one.seven else 0
    yield (one.payer.code, words, None, None, None, None, None, None, withheld, taken)


def _control(one: SmoSums) -> str:
    row = one.total
    mark = "сходится" if one.controlled else "НЕ СХОДИТСЯ"
    if not one.seven:
        mark = "файл 7 ещё не сделан"
    left = ("sent", "moved_out", "moved_in")
    right = ("reformed", "refused1", "undecided")
    a, b, c = (roubles(row[name].total) for name in left)
    d, e, f = (roubles(row[name].total) for name in right)
    return (
        f"Контроль {one.payer.code}: 3X {a} − ушло {b} + пришло {c} = файл 7 {d} + исключено {e}"
        f" + нет решения {f}: {mark}"
    )


def _bills(month: kit.Month, smo: str) -> Iterator[Block]:
    found = reports_money.kinds(str(month.period))
    rows: list[Sequence[Cell]] = []
    for payer in month.payers(smo):
        mine = [row for row in found if row.payer_id == payer.id]
        for row in sorted(mine, key=lambda r: KIND_ORDER.get(r.kind, 99)):
            left = row.total - row.refused_total - row.cut_total
            rows.append(
                (
                    *(payer.code, kit.kind(row.kind), row.accounts, row.total, row.refused),
                    *(row.refused_total, row.cut_total, left),
                )
            )
    if rows:
        yield Table(BILL_COLUMNS, rows, group="smo", count=len(rows))
        problems = ledger.read(str(month.period)).problems
        if problems:
            yield Lines(["#Не сходится", *problems])


REPORT = ReportDef(
    "sums",
    TITLE,
    "Суммы по СМО и видам помощи, удержания и к оплате, с контролем: ни одна копейка не потеряна.",
    build,
    (kit.PERIOD, kit.SMO),
)
