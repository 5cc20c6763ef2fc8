"""Загрузка справочников: files are chosen, what would change is shown, then they are loaded."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from textual import on
from textual.widget import Widget

from omstui.domain.bookspecs import LOCAL
from omstui.domain.errors import OmsError
from omstui.domain.runner import Outcome
from omstui.formats import booksource
from omstui.front import Front
from omstui.keys import Key
from omstui.screens.base import BaseScreen
from omstui.screens.books_mapping import FileColumn, MappingScreen
from omstui.screens.detail import Detail
from omstui.screens.menu import Item
from omstui.screens.operating import OperatingScreen
from omstui.screens.sources import short_day
from omstui.widgets import cells
from omstui.widgets.lazy_table import LazyTable
from omstui.widgets.sources import Cells, Column, MemorySource

PATTERNS = ("*.xml", "*.zip", "*.dbf", "*.csv", "*.tsv", "*.txt", "*.xlsx")
_COLUMNS = (
    Column("Код", 9, key="code"),
    Column("Справочник", 17, flex=True),
    Column("Версия", 7),
    Column("Дата", 8),
    Column("Строк", 6, ">"),
    Column("Новых", 6, ">"),
    Column("Измен.", 6, ">"),
    Column("Закр.", 5, ">"),
    Column("Убран.", 6, ">"),
    Column("Файл", 30),
)
#: what is said of a file that is neither a book nor a table
_NO_BOOK = "Нужен пакет справочника (ZIP или XML) либо таблица (CSV, DBF, XLSX)."


@dataclass(slots=True)
class Wanted:
    """A file to load: how it was told to be read and what a dry run said of it."""

    path: str
    book: str = ""
    mapping: dict[str, str] = field(default_factory=dict)
    #: what would be done; {} = refused
    preview: Mapping[str, Any] = field(default_factory=dict)
    error: OmsError | None = None

    @property
    def name(self) -> str:
        return Path(self.path).name


async def load_books(screen: OperatingScreen) -> None:
    """F5 of «Справочники»: choose files, show what they would change, load what can be loaded."""
    services = screen.services

    def keep(folder: Path) -> None:
        services.remember("folder.books", str(folder))

    start = services.memory.get("folder.books") or services.folder("in")
    paths = await screen.pick_paths(
        "file", start, title="Загрузить справочник", patterns=PATTERNS, remember=keep
    )
    if not paths:
        return
    files = [Wanted(str(path)) for path in paths]
    ready: list[Wanted] | None = await screen.app.push_screen_wait(BookLoadScreen(services, files))
    for group in _runs(ready or []):
        follower = await screen.operate_long("nsi-load", **_params(group))
        if follower is None or follower.outcome not in ("ok", "partial"):
            return


def _runs(files: Sequence[Wanted]) -> list[list[Wanted]]:
    """Files that need no mapping go together, each of the others by itself."""
    plain = [file for file in files if not file.book and not file.mapping]
    return ([plain] if plain else []) + [[file] for file in files if file.book or file.mapping]


def _params(files: Sequence[Wanted]) -> dict[str, Any]:
    first = files[0]
    return {
        "paths": [file.path for file in files],
        "book": first.book,
        "mapping": first.mapping or None,
    }


class BookLoadScreen(BaseScreen):
    """A row per file; nothing is changed here. Dismisses with the files to load, or None."""

    HEADING = "Загрузка справочников: проверка"
    ABOUT = "Что изменится в справочниках, если загрузить эти файлы. Пока ничего не изменено."
    KEYS = (
        Key("main", "Загруз", "Загрузить", "загружает то, что можно загрузить (и Enter)"),
        Key("edit", "Столбц", "Сопоставить столбцы", "выбирает справочник и столбцы файла своей формы"),
    )
    services: Front

    def __init__(self, services: Front, files: Sequence[Wanted]) -> None:
        self.files = list(files)
        self.done = False
        super().__init__(services)
        self._source = MemorySource(_COLUMNS, {}, state=lambda i, _: "error" if self.files[i].error else "")
        self._table = LazyTable(self._source, marks=False, autoload=False, empty="Чтение файлов…")
        self._detail = Detail(5)

    def compose_body(self) -> Iterable[Widget]:
        yield self._table
        yield self._detail

    def subject(self) -> str:
        return "ничего ещё не изменено"

    def on_mount(self) -> None:
        self._table.focus()
        self._detail.show(["Чтение файлов…"])
        self._check_all()

    def on_show_again(self) -> None:
        """A dialog was closed: the preview stays."""

    # --- reading -------------------------------------------------------------------------

    def _check_all(self) -> None:
        self.done = False
        self.refresh_keys()
        self.start_reading(self._checking)

    async def _checking(self) -> None:
        for file in self.files:
            if not file.preview:
                await asyncio.to_thread(self._dry_run, file)
        self.done = True
        self._source.replace([_cells(file) for file in self.files])
        self._table.load()
        self.refresh_keys()

    def _dry_run(self, file: Wanted) -> None:
        outcome = self.services.core.run("nsi-load", yes=True, dry_run=True, **_params([file]))
        file.preview, file.error = _said(outcome)

    # --- list ----------------------------------------------------------------------------

    def unavailable(self, action: str) -> str | None:
        if not self.done:
            return "файлы ещё читаются"
        if action == "main" and not any(file.preview for file in self.files):
            return "ни один файл загрузить нельзя; причина — под списком"
        if action == "edit" and not _is_table(self._file):
            return "столбцы сопоставляют у таблиц (CSV, DBF, XLSX) с местным справочником"
        return None

    @property
    def _file(self) -> Wanted | None:
        row_id = self._table.row_id
        return self.files[row_id] if row_id is not None else None

    @on(LazyTable.CursorMoved)
    def _moved(self, event: LazyTable.CursorMoved) -> None:
        event.stop()
        self._detail.show(_about(self._file) if self._file is not None else [])
        self.refresh_keys()

    @on(LazyTable.RowChosen)
    def _chosen(self, event: LazyTable.RowChosen) -> None:
        event.stop()
        file = self.files[event.row_id]
        self.press(Key("edit" if file.error is not None and _is_table(file) else "main"))

    def do_main(self) -> None:
        self.dismiss([file for file in self.files if file.preview])

    async def do_back(self) -> None:
        self.dismiss(None)

    # --- columns -------------------------------------------------------------------------

    async def do_edit(self) -> None:
        """Choose the book and its columns for a table that did not say them itself."""
        file = self._file
        if file is None:
            return
        items = [Item(book.code, book.title) for book in LOCAL.values()]
        known = file.book or file.preview.get("code", "")
        book = await self.choose(f"{file.name}: какой это справочник?", items, current=known)
        if book is None:
            return
        columns = await asyncio.to_thread(_columns, file, book)
        screen = MappingScreen(self.services, book, file.name, columns)
        mapping = await self.app.push_screen_wait(screen)
        if mapping is None:
            return
        file.book, file.mapping, file.preview = book, dict(mapping), {}
        self._check_all()


def _columns(file: Wanted, book: str) -> list[FileColumn]:
    """Columns of the table with an example of each; ours where the name or a mapping says it."""
    error = file.error
    if isinstance(error, booksource.ColumnsUnknown) and error.code == book:
        found = [FileColumn(c.name, c.example, c.column) for c in error.columns]
    else:
        found = [FileColumn(*parts) for parts in booksource.columns_of(Path(file.path), book)]
    for column in found:
        column.ours = file.mapping.get(column.title, column.ours) if file.book == book else column.ours
    return found


def _is_table(file: Wanted | None) -> bool:
    return file is not None and Path(file.path).suffix.lower() in (".csv", ".dbf", ".xlsx", ".tsv", ".txt")


def _said(outcome: Outcome) -> tuple[Mapping[str, Any], OmsError | None]:
    """What a dry run of one file tells: a preview, or why not."""
    if outcome.result is None:
        return {}, outcome.error or OmsError(outcome.message)
    found = outcome.result.data.get("books", [])
    return (found[0], None) if found else ({}, OmsError(outcome.message))


def _cells(file: Wanted) -> Cells:
    said = file.preview
    if not said:
        return ("отказ", file.name, *[""] * 7, file.name)
    counts = (said.get(key) for key in ("rows", "added", "changed", "closed", "removed"))
    return (
        said["code"],
        said["title"],
        said.get("edition", ""),
        short_day(said.get("edition_date", "")),
        *(str(count) if count else "" for count in counts),
        file.name,
    )


def _about(file: Wanted) -> list[str]:
    """What is said under the list: the file and what to know of it."""
    if file.error is not None:
        # options of the command line are no advice here
        hint = "" if "--" in file.error.hint else file.error.hint
        lines = cells.wrap(f"! {file.error.msg} {hint}".rstrip(), 77)
        advice = "F4 — выбрать справочник и столбцы." if _is_table(file) else "" if hint else _NO_BOOK
        return [*lines[:4], advice] if advice else lines[:5]
    said = file.preview
    notes = [*said.get("questions", ()), *said.get("notes", ())]
    lines = [f"#{said['code']} {said['title']}: {_summary(said)}", file.name]
    for note in notes:
        lines += cells.wrap(str(note), 77)
    return lines[:5]


def _summary(said: Mapping[str, Any]) -> str:
    """«строк 12 (было 10), новых 2»."""
    words = {"added": "новых", "changed": "изменено", "closed": "закрыто", "removed": "убрано"}
    changes = [f"{word} {said[key]}" for key, word in words.items() if said[key]]
    return f"строк {said['rows']} (было {said['was']}), {', '.join(changes) or 'без изменений'}"
