"""Dynamics of refusals over months (динамика отказов): table, chart, codes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from omstui.domain.errors import UsageError
from omstui.domain.model import Period
from omstui.domain.reports import kit
from omstui.domain.reports.model import Block, Cell, Chart, Column, Document, Param, ReportDef, Table
from omstui.domain.reports.refusals import code_text
from omstui.domain.store import reports_refusals as store

TITLE = "Динамика отказов"
_MONTH = Column("month", "Месяц", 14)
_SENT = (kit.count("sent", "Выставлено", 10), kit.money("sent_sum", "Выставлено, руб.", 16))
_REFUSED = (
    kit.count("refused", "Отказано", 8),
    kit.money("refused_sum", "Отказано, руб."),
    Column("percent", "Доля", 8, "percent"),
)
_RETURNED = (kit.count("returned", "В реестр", 8), kit.money("returned_sum", "В реестр, руб."))
COLUMNS_A = (
    *(_MONTH, *_SENT, kit.count("one", "Стадия 1", 8), kit.count("two", "Стадия 2", 8)),
    *(*_REFUSED, *_RETURNED),
)
COLUMNS_B = (
    *(_MONTH, *_SENT, *_REFUSED, kit.count("cut", "Снято частично", 8)),
    *(kit.money("cut_sum", "из них снято, руб."), *_RETURNED),
)
CODES = (
    Column("code", "Код", 14),
    Column("text", "Причина", 40),
    kit.count("accounts"),
    kit.money("total", "Сумма"),
)


def build(period: str = "", smo: str = "", months: str = "") -> Document:
    """Up to ``months`` months that end with this one; of a month, what was sent in it and refused since."""
    month = kit.Month.read(period)
    length = _length(months)
    head = f"за {length} мес. по {month.period.title}"
    document = month.document(TITLE, landscape=True)
    payers = month.payers(smo) if smo else []
    document.subtitle = [month.settings.mo.name, head, *(kit.payer_title(p) for p in payers)]
    first = str(month.period.shift(1 - length))
    rows = _added(
        [store.months(first, period, month.bills, p) for p in [p.id for p in payers] or [0]], period
    )
    codes = [
        row
        for payer in [p.id for p in payers] or [0]
        for row in store.code_months(first, period, month.bills, payer)
    ]
    return kit.filled(document, _blocks(month.bills, rows, codes) if rows else ())


def _length(months: str) -> int:
    text = months or "12"
    if not text.isdecimal() or not 1 <= int(text) <= 60:
        raise UsageError(f"Число месяцев «{months}» не понято: нужно от 1 до 60.")
    return int(text)


def _added(parts: Sequence[Sequence[store.MonthRow]], last: str) -> list[store.MonthRow]:
    """Months added up over insurers; those between that have nothing sent are there with noughts."""
    found: dict[str, list[int]] = {}
    for row in (row for part in parts for row in part):
        mine = [getattr(row, name) for name in _FIGURES]
        found[row.period] = [a + b for a, b in zip(found.get(row.period, [0] * len(mine)), mine, strict=True)]
    if not found:
        return []
    day, rows = Period.parse(min(found)), []
    while str(day) <= last:
        rows.append(store.MonthRow(str(day), *found.get(str(day), [0] * len(_FIGURES))))
        day = day.next
    return rows


_FIGURES = tuple(name for name in store.MonthRow.__slots__ if name != "period")


def _blocks(
    bills: bool, rows: Sequence[store.MonthRow], codes: Sequence[tuple[Cell, ...]]
) -> Iterator[Block]:
    cells: list[Sequence[Cell]] = [_cells(bills, row) for row in rows]
    yield Table(COLUMNS_B if bills else COLUMNS_A, cells, count=len(cells))
    names = [_title(row.period) for row in rows]
    yield Chart(
        "Отказано по месяцам, руб.", names, {"отказано": [row.refused_total for row in rows]}, "money"
    )
    shares = [kit.percent(row.refused_total, row.sent_total) or 0 for row in rows]
    yield Chart("Доля отказанного в выставленном", names, {"доля": shares}, "percent")
    yield Chart("Отказано счетов", names, {"счетов": [row.refused for row in rows]}, "count")
    if codes:
        table: list[Sequence[Cell]] = [(code_text(str(c[0]), str(c[1])), *c[2:]) for c in codes]
        # an account may stand under several codes
        yield Table(CODES, table, title="По кодам за эти месяцы", totals=False, count=len(table))


def _cells(bills: bool, row: store.MonthRow) -> Sequence[Cell]:
    share = kit.percent(row.refused_total, row.sent_total)
    head = (_title(row.period), row.sent, row.sent_total)
    tail = (row.returned, row.returned_total)
    if bills:
        return (*head, row.refused, row.refused_total, share, row.cut, row.cut_total, *tail)
    return (*head, row.refused1, row.refused2, row.refused, row.refused_total, share, *tail)


def _title(period: str) -> str:
    return Period.parse(period).title


REPORT = ReportDef(
    "dynamics",
    TITLE,
    "Отказы по месяцам: сколько, на какую сумму, какая доля выставленного; таблица и диаграмма.",
    build,
    (kit.PERIOD, kit.SMO, Param("months", "Сколько месяцев", default="12")),
)
