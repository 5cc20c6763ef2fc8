"""Summary of the month (сводка месяца): insurers, kinds of activity, what is left to do, a chart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from omstui.domain import ledger
from omstui.domain.ledger_rows import Ledger, Row
from omstui.domain.model import KIND_ORDER
from omstui.domain.money import spaced
from omstui.domain.reports import kit
from omstui.domain.reports.model import Block, Cell, Chart, Column, Document, Lines, ReportDef, Table
from omstui.domain.store import ledger as store

TITLE = "Сводка месяца"
_SMO = Column("smo", "СМО", 6)
_MONEY = (
    kit.money("payable", "К оплате", 14),
    Column("invoice", "Счёт №", 10),
    kit.money("received", "Получено", 14),
    kit.money("owed", "Долг", 14),
)
COLUMNS_A = (
    _SMO,
    kit.count("sent", "Счетов", 6),
    kit.money("sent_sum", "Выставлено", 14),
    kit.money("refused1", "Отказ «1»", 12),
    kit.money("undecided", "Нет решения", 11),
    kit.money("seven", "Файл 7", 14),
    kit.money("refused2", "Отказ «2»", 12),
    kit.money("paid", "Оплачено", 14),
    kit.money("withheld", "Удержано", 11),
)
COLUMNS_B = (
    _SMO,
    kit.count("sent", "Счетов", 7),
    kit.money("sent_sum", "Выставлено", 16),
    kit.count("refused", "Отказано", 8),
    kit.money("refused_sum", "Отказано и снято", 16),
    kit.money("paid", "Оплачено", 16),
    kit.money("pending", "Ждёт МЭК", 16),
)
PAYMENTS = (Column("smo", "СМО", 6), Column("name", "Плательщик", 40), *_MONEY)
REGISTRIES = (
    Column("kind", "Реестр", 32),
    Column("status", "Состояние", 20),
    kit.count("accounts"),
    kit.money("total", "Сумма"),
)


def build(period: str = "") -> Document:
    """What was billed, refused, paid and is owed by insurer, with the registries of the month."""
    month = kit.Month.read(period)
    whole = ledger.read(period)
    rows = [row for row in whole.rows if any(row[c].count for c in row.columns)]
    return kit.filled(month.document(TITLE, landscape=True), _blocks(month, whole, rows))


def _blocks(month: kit.Month, whole: Ledger, rows: Sequence[Row]) -> Iterator[Block]:
    if rows:
        columns = COLUMNS_B if month.bills else COLUMNS_A
        cells = [_billed(row) if month.bills else _sevens(row) for row in rows]
        yield Table(columns, cells, title="По плательщикам", count=len(cells))
        yield Table(PAYMENTS, _money(month, rows), title="Деньги", count=len(rows))
        yield _chart(rows)
        yield Lines([f"Не сходится: {text}" for text in whole.problems] or ["Сверка сходится."])
    yield from _registries(month)


def _sevens(row: Row) -> Sequence[Cell]:
    return (
        *(row.payer.code, row["sent"].count, row["sent"].total, row["refused1"].total),
        *(row["undecided"].total, row["reformed"].total, row["refused2"].total, row["paid"].total),
        row.withheld,
    )


def _billed(row: Row) -> Sequence[Cell]:
    return (
        *(row.payer.code, row["sent"].count, row["sent"].total, row["refused"].count),
        *(row["refused"].total, row["paid"].total, row["pending"].total),
    )


def _money(month: kit.Month, rows: Sequence[Row]) -> list[Sequence[Cell]]:
    """By insurer: the ledger says what is to be paid, invoices and payments what was."""
    invoices = month.invoices()
    out: list[Sequence[Cell]] = []
    for row in rows:
        mine = [(paper, came) for paper, came in invoices if came.payer.id == row.payer.id]
        payable = row.payable if month.bills or row.has_seven else 0
        number = ", ".join(paper.number for paper, _ in mine)
        paid = sum(came.received for _, came in mine) if mine else None
        owed = sum(came.owed for _, came in mine) if mine else None
        out.append((row.payer.code, row.payer.name, payable, number, paid, owed))
    return out


def _chart(rows: Sequence[Row]) -> Chart:
    series = {
        "выставлено": [row["sent"].total for row in rows],
        "отказано": [row[c1].total + row[c2].total for row in rows for c1, c2 in [_REFUSED]],
        "оплачено": [row["paid"].total for row in rows],
    }
    if "refused" in rows[0].columns:
        series["отказано"] = [row["refused"].total for row in rows]
    return Chart("Выставлено, отказано, оплачено, руб.", [row.payer.code for row in rows], series, "money")


_REFUSED = ("refused1", "refused2")


def _registries(month: kit.Month) -> Iterator[Block]:
    found = sorted(month.registries(), key=lambda r: (KIND_ORDER.get(r.kind, 99), r.id))
    if not found:
        return
    cells: list[Sequence[Cell]] = [(kit.registry_title(r), r.status, r.accounts, r.total) for r in found]
    yield Table(REGISTRIES, cells, title="Реестры", count=len(cells))
    late, late_sum = store.late_cases(str(month.period.begin))
    nobody, nobody_sum = store.no_payer(str(month.period))
    lines = []
    if late:
        lines.append(f"Опоздавших случаев прошлых месяцев: {late} на сумму {spaced(late_sum)}")
    if nobody:
        lines.append(f"Счетов без плательщика: {nobody} на сумму {spaced(nobody_sum)}")
    if lines:
        yield Lines(lines)


REPORT = ReportDef(
    "month",
    TITLE,
    "Месяц одним листом: выставлено, отказано, оплачено, долг по плательщикам, реестры, диаграмма.",
    build,
)
