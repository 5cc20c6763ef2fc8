"""Справочники: every reference book with its edition, rows and whether a newer edition is known."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from textual import on
from textual.widget import Widget

from omstui.domain.store import books, db
from omstui.domain.store.books import BookRow
from omstui.front import Front
from omstui.keys import Key
from omstui.screens.books_load import load_books
from omstui.screens.books_rows import BookScreen
from omstui.screens.detail import Detail
from omstui.screens.sources import day, short_day
from omstui.screens.tabbed import TabbedScreen
from omstui.widgets.filter_input import FilterInput
from omstui.widgets.lazy_table import LazyTable
from omstui.widgets.sources import Cells, Column, MemorySource
from omstui.widgets.tab_line import TabLine

_TABS = (
    ("", "Все"),
    ("local", "Местные"),
    ("classifier", "Федеральные"),
    ("stale", "Устарели"),
)
_COLUMNS = (
    Column("Код", 10, key="code"),
    Column("Наименование", 26, key="title"),
    Column("Строк", 6, ">"),
    Column("Версия", 7),
    Column("Дата", 8),
    Column("Текущая", 7),
    Column("Отметка", 8, key="mark"),
    Column("Загружен", 16),
    Column("Файл", 36),
)
_STATES = {"устарел": "warn", "пуст": "muted"}


class BooksSource(MemorySource):
    """The list of books, read anew each time it is opened; a tab keeps a part of it."""

    instant = False

    def __init__(self) -> None:
        super().__init__(_COLUMNS, [], state=lambda _, row: _STATES.get(row[6], ""))
        self.books: list[BookRow] = []

    def open(self, where: Mapping[str, Any], search: str, sort: str | None) -> array[int]:
        with db.connection():
            self.books = books.books()
        self.replace([_cells(book) for book in self.books])
        tab = where.get("tab", "")
        ids = super().open(where, search, sort)
        return array("q", (i for i in ids if _belongs(self.books[i], tab)))


class BooksScreen(TabbedScreen):
    """All books; Enter opens one, F5 loads files."""

    HEADING = "Справочники"
    ABOUT = (
        "Федеральные классификаторы и справочники организации. «устарел» — известна более новая версия,"
        " «наш» — составлен нами, а не взят из официального файла. Enter — строки справочника."
    )
    KEYS = (
        Key("edit", "Открыт", "Открыть справочник", "показывает строки справочника (и Enter)"),
        Key("main", "Загруз", "Загрузить справочник", "загружает файлы: сначала показ, потом загрузка"),
        Key("insurers", title="СМО (в «Настройках»)", help="страховые организации, их литеры и ОГРН"),
        Key("search", "Поиск", "Поиск справочника", "оставляет подходящие по коду и названию"),
        Key("filter"),
        Key("sort"),
        Key("tab_prev"),
        Key("tab_next"),
    )

    def __init__(self, services: Front) -> None:
        super().__init__(services)
        self._source = BooksSource()
        self._tabs = TabLine(_TABS)
        self._table = LazyTable(self._source, marks=False)
        self._detail = Detail(2)
        self._entry = FilterInput()

    def compose_body(self) -> Iterable[Widget]:
        yield self._tabs
        yield self._table
        yield self._detail
        yield self._entry

    def on_mount(self) -> None:
        self._table.focus()

    def subject(self) -> str:
        known = self._source.books if self._is_made else []
        if not known:
            return ""
        filled = sum(1 for book in known if book.rows)
        stale = sum(1 for book in known if book.stale)
        return f"заполнено {filled} из {len(known)}" + (f", устарели {stale}" if stale else "")

    @property
    def _is_made(self) -> bool:
        return hasattr(self, "_source")

    def unavailable(self, action: str) -> str | None:
        if action == "edit" and self._book is None:
            return "список пуст"
        return self.why_not("nsi-load") if action == "main" else None

    @property
    def _book(self) -> BookRow | None:
        row_id = self._table.row_id
        return self._source.books[row_id] if row_id is not None else None

    # --- list ----------------------------------------------------------------------------

    def _open_tab(self) -> None:
        self._table.load(where={"tab": self._tabs.current})

    async def do_search(self) -> None:
        self.do_filter()

    @on(LazyTable.Loaded)
    def _loaded(self, event: LazyTable.Loaded) -> None:
        event.stop()
        self.refresh_head()

    @on(LazyTable.CursorMoved)
    def _moved(self, event: LazyTable.CursorMoved) -> None:
        event.stop()
        self._detail.show(_about(self._book) if self._book is not None else [])

    @on(LazyTable.RowChosen)
    def _chosen(self, event: LazyTable.RowChosen) -> None:
        event.stop()
        self.do_edit()

    def do_edit(self) -> None:
        if self._book is not None:
            self.app.push_screen(BookScreen(self.services, self._book.code))

    def do_insurers(self) -> None:
        """Insurers are kept with the requisites: their letters and names go into files."""
        from omstui.screens.settings import SettingsScreen

        self.app.push_screen(SettingsScreen(self.services, tab="insurers"))

    # --- loading -------------------------------------------------------------------------

    async def do_main(self) -> None:
        await load_books(self)


def _belongs(book: BookRow, tab: str) -> bool:
    return book.stale if tab == "stale" else not tab or book.family == tab


def mark(book: BookRow) -> str:
    """One word about a book: what an operator should see without colour."""
    if book.stale:
        return "устарел"
    if not book.rows:
        return "пуст"
    return "наш" if book.family == "classifier" and not book.official else ""


def _cells(book: BookRow) -> Cells:
    return (
        book.code,
        book.title,
        str(book.rows) if book.rows else "",
        book.edition,
        short_day(book.edition_date),
        book.known_edition,
        mark(book),
        day(book.loaded_at),
        book.file_name,
    )


def _about(book: BookRow) -> Sequence[str]:
    """Two lines: the whole name, which a narrow screen cuts, and what the mark means."""
    title = f"#{book.code} {book.title}"
    came = f"Загружен {day(book.loaded_at)} из {book.file_name}." if book.file_name else ""
    if book.stale:
        return [title, f"! Загружена версия {book.edition}, известна {book.known_edition}. {came}"]
    if not book.rows:
        return [title, "Не загружен: проверки, которым он нужен, не выполняются. F5 — загрузить."]
    if mark(book) == "наш":
        return [title, f"Составлен нами, официальный файл его заменит. {came}"]
    return [title, came]
