"""Строки справочника: one book, paged from the database; local ones are edited here."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from textual import events, on
from textual.widget import Widget

from omstui.domain.bookspecs import LOCAL, title_of
from omstui.domain.bookspecs import Column as BookColumn
from omstui.domain.bookvalues import show_value
from omstui.domain.store import bookrows, db
from omstui.front import Front
from omstui.keys import Key
from omstui.screens import books_form
from omstui.screens.books_card import BookCardScreen
from omstui.screens.detail import Detail
from omstui.screens.operating import OperatingScreen
from omstui.screens.sources import day, short_day
from omstui.widgets import cells
from omstui.widgets.fields import Field
from omstui.widgets.filter_input import FilterInput
from omstui.widgets.lazy_table import LazyTable
from omstui.widgets.sources import Cells, Column

_WIDTHS = {"text": 8, "day": 8, "sum": 11, "qty": 9, "coef": 8, "whole": 6, "flag": 4, "child": 8}
_NUMBERS = ("sum", "qty", "coef", "whole")


class BookSource:
    """A ListSource over the rows of one book; a row out of force on the day is dimmed."""

    def __init__(self, book: str, today: str) -> None:
        self.reader = bookrows.BookReader(book)
        self._span = bookrows.span_of(book)
        self._today = today
        self._raw: dict[int, bookrows.Row] = {}
        self._last: tuple[dict[str, Any], str] = ({}, "")
        self._found: tuple[str, frozenset[int]] = ("", frozenset())

    @property
    def columns(self) -> Sequence[Column]:
        return [_shown(column) for column in self.reader.columns]

    def open(self, where: Mapping[str, Any], search: str, sort: str | None) -> array[int]:
        with db.connection():
            ids = self.reader.ids(where, search, sort or "")
        self._last = (dict(where), search)
        self._found = ("", frozenset())
        return ids

    def rows(self, ids: Sequence[int]) -> Mapping[int, Cells]:
        with db.connection():
            found = self.reader.rows(ids)
        if len(self._raw) > 5000:
            self._raw.clear()
        self._raw |= found
        shown = self.reader.columns
        return {i: tuple(_text(c, row[c.name]) for c in shown) for i, row in found.items()}

    def raw(self, row_id: int) -> bookrows.Row:
        """A row as stored; {} when it is gone."""
        if row_id not in self._raw:
            self.rows([row_id])
        return self._raw.get(row_id, {})

    def find(self, ids: array[int], start: int, text: str) -> int:
        if self._found[0] != text:
            where, search = self._last
            with db.connection():
                match = self.reader.ids(where, f"{search} {text}".strip())
            self._found = (text, frozenset(match))
        wanted = self._found[1]
        return next((n for n in range(start, len(ids)) if ids[n] in wanted), -1)

    def total(self, ids: Collection[int]) -> tuple[int, int | None]:
        return len(ids), None

    def state(self, row_id: int, row: Cells) -> str:
        raw = self._raw.get(row_id)
        if raw is None or self._span is None:
            return ""
        begin, end = raw[self._span[0]], raw[self._span[1]]
        return "muted" if (end and end < self._today) or begin > self._today else ""


class BookScreen(OperatingScreen):
    """Rows of a book: search, «действует на дату», card; rows of a local book are edited."""

    HEADING = "Справочник"
    OF_ONE = True
    ABOUT = "Строки справочника. Знаком · отмечены те, что сейчас не действуют. F7 ищет по коду и названию."
    services: Front

    def __init__(self, services: Front, book: str) -> None:
        self.book = book
        self._local = LOCAL.get(book)
        self._on = ""
        self._saved = 0  # the row to stand on when the list is read again
        self._title = title_of(book)
        super().__init__(services)
        self._source = BookSource(book, services.now().date().isoformat())
        hint = (
            " Ins — добавить строку." if self._local is not None else " Загрузить — F5 в списке справочников."
        )
        self._table = LazyTable(self._source, marks=False, empty=f"Строк нет.{hint}")
        self._detail = Detail(2)
        self._entry = FilterInput()

    def compose_body(self) -> Iterable[Widget]:
        yield self._table
        yield self._detail
        yield self._entry

    def on_mount(self) -> None:
        self._table.focus()

    def subject(self) -> str:
        when = f" · действует на {day(self._on)}" if self._on else ""
        return f"{self.book} {self._title}{when}" if self._local is None else f"{self._title}{when}"

    def keys_now(self) -> Sequence[Key]:
        own = [
            Key("history", "Карточ", "Карточка строки", "показывает все поля строки"),
            Key("search", "Поиск", "Поиск в справочнике", "оставляет строки с этими словами"),
            Key("filter"),
            Key("sort"),
        ]
        if bookrows.span_of(self.book) is not None:
            own.append(Key("on_date", title="Действует на дату", help="оставляет строки, которые действуют"))
        if self._local is not None:
            own += [
                Key("edit", "Правка", "Изменить строку", "открывает строку для исправления (и Enter)"),
                Key("main", "Новая", "Добавить строку", "добавляет строку (и Ins)"),
                Key("delete", title="Удалить строку"),
            ]
        return own

    def unavailable(self, action: str) -> str | None:
        if action in ("history", "edit", "delete") and self._table.row_id is None:
            return "строк нет"
        return self.why_not("book-save") if action in ("edit", "main", "delete") else None

    # --- list ----------------------------------------------------------------------------

    @on(LazyTable.Loaded)
    def _loaded(self, event: LazyTable.Loaded) -> None:
        event.stop()
        if self._saved:
            self._table.move_to_id(self._saved)
            self._saved = 0
        self.refresh_keys()

    @on(LazyTable.CursorMoved)
    def _moved(self, event: LazyTable.CursorMoved) -> None:
        event.stop()
        row = self._source.raw(event.row_id) if event.row_id is not None else {}
        name = str(row.get("name") or "")
        self._detail.show(cells.wrap(name, 77) if self._source.reader.is_named else [])

    @on(LazyTable.RowChosen)
    def _chosen(self, event: LazyTable.RowChosen) -> None:
        event.stop()
        editable = self._local is not None and self.why_not("book-save") is None
        self.guard(self.do_edit if editable else self.do_history)

    async def do_search(self) -> None:
        self.do_filter()

    async def do_on_date(self) -> None:
        """Only the rows in force on a day; an empty day shows all again."""
        fields = [Field("on", "Дата", "date", 10, "пусто — все строки")]
        chosen = await self.ask_params(fields, {"on": self._on}, title="Действует на дату")
        if chosen is not None:
            self._on = chosen["on"]
            self._table.load(where={"on": self._on})
            self.refresh_head()

    def do_history(self) -> None:
        if self._table.row_id is not None:
            self.app.push_screen(BookCardScreen(self.services, self._source.reader, self._table.row_id))

    # --- editing -------------------------------------------------------------------------

    def on_key(self, event: events.Key) -> None:
        if event.key == "insert" and self._local is not None and isinstance(self.focused, LazyTable):
            event.stop()
            self.press(Key("main"))

    async def do_main(self) -> None:
        await self._edit(None)

    async def do_edit(self) -> None:
        await self._edit(self._table.row_id)

    async def _edit(self, row_id: int | None) -> None:
        self._saved = await books_form.edit_row(self, self.book, row_id or 0)
        if self._saved:
            self._table.reload()

    async def do_delete(self) -> None:
        if self._table.row_id is not None:
            row = self._source.raw(self._table.row_id)
            await self.operate("book-save", book=self.book, row_id=self._table.row_id, was=row, delete=True)


def _text(column: BookColumn, value: Any) -> str:
    return short_day(value) if column.kind == "day" else show_value(column, value)


def _shown(column: BookColumn) -> Column:
    wide = column.name == "name" and column.title == "Наименование"
    width = 20 if wide else 14 if column.required and column.kind == "text" else _WIDTHS[column.kind]
    align = ">" if column.kind in _NUMBERS else "<"
    return Column(column.title, max(width, min(len(column.title), 12)), align, key=column.name, flex=wide)
