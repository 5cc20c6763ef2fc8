"""«Сверка» (ledger): every insurer of the month to the kopeck, balanced or which line is not."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import replace

from textual import on
from textual.widget import Widget

from omstui.domain import ledger
from omstui.domain.ledger import Ledger, Row
from omstui.domain.money import spaced
from omstui.domain.store import db
from omstui.front import Front
from omstui.screens.base import BaseScreen
from omstui.screens.detail import Detail
from omstui.widgets.lazy_table import LazyTable
from omstui.widgets.sources import Cells, Column, MemorySource

#: what stands between «Подано» and «К оплате» of a region: column of the ledger, title
_MIDDLES = (("reformed", "В файле 7"), ("refused", "Снято МЭК"))
_COLUMNS = (
    Column("СМО", 5, key="code"),
    Column("Название", 14, flex=True, key="name"),
    Column("Подано", 14, ">"),
    Column("", 14, ">"),
    Column("К оплате", 14, ">"),
    Column("Сверка", 11),
)
_ALL = 0


class LedgerScreen(BaseScreen):
    """Insurers above, all lines of the chosen one below; problems in words."""

    HEADING = "Сверка"
    ABOUT = "Каждая копейка месяца: подано, отказано, принято, оплачено, ждёт решения, к оплате."
    services: Front

    def __init__(self, services: Front) -> None:
        self.book: Ledger | None = None
        super().__init__(services)
        self._middle, title = _MIDDLES[0 if services.profile.can("reform") else 1]
        shown = [column if column.title else replace(column, title=title) for column in _COLUMNS]
        source = MemorySource(shown, {}, state=lambda i, _: "error" if self._problems(i) else "")
        self._table = LazyTable(source, marks=False, autoload=False)
        self._detail = Detail(15)

    def compose_body(self) -> Iterable[Widget]:
        yield self._table
        yield self._detail

    def subject(self) -> str:
        book = self.book
        verdict = "" if book is None else " · сходится" if book.balanced else " · НЕ СХОДИТСЯ"
        return self.services.period_title + verdict

    def on_mount(self) -> None:
        self._table.focus()
        self.on_show_again()

    def on_show_again(self) -> None:
        self.start_reading(self._reading)

    async def _reading(self) -> None:
        self.book = await asyncio.to_thread(_read, self.services.period)
        source = self._table.source
        if isinstance(source, MemorySource):
            rows = {row.payer.id: self._cells(row) for row in self.book.rows}
            source.replace({_ALL: self._whole(), **rows})
        self._table.load()
        self._show()
        self.refresh_head()

    def _cells(self, row: Row) -> Cells:
        verdict = "НЕ СХОДИТСЯ" if self._problems(row.payer.id) else "сходится"
        sums = (spaced(row["sent"].total), spaced(row[self._middle].total), spaced(row.payable))
        return (row.payer.code, row.payer.name, *sums, verdict)

    def _whole(self) -> Cells:
        book = self.book
        if book is None:
            return ()
        sums = (
            spaced(book.total("sent").total),
            spaced(book.total(self._middle).total),
            spaced(book.payable),
        )
        return ("все", "Все СМО", *sums, "сходится" if book.balanced else "НЕ СХОДИТСЯ")

    def _problems(self, payer: int) -> list[str]:
        book = self.book
        if book is None:
            return []
        if payer == _ALL:
            return list(book.problems)
        code = next((row.payer.code for row in book.rows if row.payer.id == payer), "")
        return [text for text in book.problems if f"СМО {code}:" in text]

    @on(LazyTable.CursorMoved)
    def _moved(self, event: LazyTable.CursorMoved) -> None:
        event.stop()
        self._show()

    def _show(self) -> None:
        book, payer = self.book, self._table.row_id
        if book is None or payer is None:
            return
        row = next((r for r in book.rows if r.payer.id == payer), None)
        lines = [f"#{row.payer.code} ({row.payer.letter}) {row.payer.name}" if row else "#Все СМО"]
        for column in book.columns:
            amount = row[column] if row else book.total(column)
            lines.append(f"{book.titles[column]:<30}{amount.count:>10}{spaced(amount.total):>20}")
        held = None if row is None else row.withheld
        held_text = spaced(book.withheld) if row is None else "не внесено" if held is None else spaced(held)
        if book.withholds:
            lines.append(f"{'удержано':<40}{held_text:>20}")
        lines.append(f"{'к оплате':<40}{spaced(row.payable if row else book.payable):>20}")
        problems = self._problems(payer)
        lines += [f"!Не сходится: {text}" for text in problems] or ["Сверка сходится."]
        self._detail.show(lines)


def _read(period: str) -> Ledger:
    with db.connection():
        return ledger.read(period)
