"""Сопоставление столбцов: which column of a file of ours each column of a foreign table is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from textual import on
from textual.widget import Widget

from omstui.domain.bookspecs import LOCAL
from omstui.front import Front
from omstui.keys import Key
from omstui.screens.base import BaseScreen
from omstui.screens.detail import Detail
from omstui.screens.menu import Item
from omstui.widgets.lazy_table import LazyTable
from omstui.widgets.sources import Cells, Column, MemorySource

_COLUMNS = (
    Column("Столбец файла", 24, key="title"),
    Column("Пример", 24),
    Column("Наш столбец", 24, flex=True),
)
_SKIP = "—"
_UNKNOWN = "?"


@dataclass(slots=True)
class FileColumn:
    """A column of a file: its title, a value of it, our column ('' = not taken, None = not decided)."""

    title: str
    sample: str = ""
    ours: str | None = None


class MappingScreen(BaseScreen):
    """Left the columns of the file, right ours; dismisses with {title: our column, '' = not taken}."""

    HEADING = "Сопоставление столбцов"
    ABOUT = (
        "Слева столбцы файла с примером, справа — столбцы справочника. Enter выбирает, «—» — не загружать."
        " Соответствие запоминается: такой же файл в следующий раз загрузится без вопросов."
    )
    KEYS = (
        Key("edit", "Выбор", "Выбрать наш столбец", "выбирает, чем станет столбец файла (и Enter)"),
        Key("main", "Дальше", "Принять соответствие", "показывает, что будет загружено"),
        Key("delete", title="Не загружать столбец"),
    )
    services: Front

    def __init__(self, services: Front, book: str, file_name: str, columns: Sequence[FileColumn]) -> None:
        self._book = LOCAL[book]
        self._file = file_name
        self.columns = list(columns)
        super().__init__(services)
        self._source = MemorySource(_COLUMNS, {}, state=self._state)
        self._table = LazyTable(self._source, marks=False, autoload=False)
        self._detail = Detail(2)

    def compose_body(self) -> Iterable[Widget]:
        yield self._table
        yield self._detail

    def subject(self) -> str:
        return f"{self._file} → «{self._book.title}»"

    def on_mount(self) -> None:
        self._table.focus()
        self._fill()

    def unavailable(self, action: str) -> str | None:
        if action != "main":
            return None
        if missing := self._missing():
            return f"не найден обязательный столбец: {', '.join(missing)}"
        left = [column.title for column in self.columns if column.ours is None]
        return f"не решено, что делать со столбцом «{left[0]}»: выберите наш или «—»" if left else None

    def _missing(self) -> list[str]:
        taken = {column.ours for column in self.columns}
        return [column.title for column in self._book.columns if column.required and column.name not in taken]

    def _fill(self) -> None:
        titles = {column.name: column.title for column in self._book.columns}
        rows = [
            (c.title, c.sample, _UNKNOWN if c.ours is None else titles.get(c.ours, _SKIP))
            for c in self.columns
        ]
        self._source.replace(rows)
        self._table.load()
        missing = self._missing()
        text = f"!Нужны ещё: {', '.join(missing)}." if missing else "Обязательные столбцы найдены."
        self._detail.show([text, "«?» — не решено, «—» — не загружать. F5 — дальше."])
        self.refresh_keys()

    def _state(self, row_id: int, row: Cells) -> str:
        ours = self.columns[row_id].ours
        return "warn" if ours is None else "" if ours else "muted"

    @on(LazyTable.RowChosen)
    def _chosen(self, event: LazyTable.RowChosen) -> None:
        event.stop()
        self.guard(self.do_edit)

    async def do_edit(self) -> None:
        """Choose our column; the one that had it before is left undecided."""
        place = self._table.row_id
        if place is None:
            return
        column = self.columns[place]
        taken = {c.ours: c.title for c in self.columns if c.ours and c is not column}
        items = [Item("", f"{_SKIP} не загружать")]
        items += [
            Item(c.name, _choice(c.title, c.required, taken.get(c.name, ""))) for c in self._book.columns
        ]
        name = await self.choose(f"«{column.title}» — это", items, current=column.ours or "")
        if name is None:
            return
        for other in self.columns:
            if name and other.ours == name:
                other.ours = None
        column.ours = name
        self._fill()

    def do_delete(self) -> None:
        if self._table.row_id is not None:
            self.columns[self._table.row_id].ours = ""
            self._fill()

    def do_main(self) -> None:
        self.dismiss(mapping_of(self.columns))


def mapping_of(columns: Sequence[FileColumn]) -> Mapping[str, str]:
    """Title of the file → our column, '' = not taken."""
    return {column.title: column.ours or "" for column in columns}


def _choice(title: str, required: bool, taken: str) -> str:
    needed = " (обязательный)" if required else ""
    return f"{title}{needed}" + (f" ← сейчас «{taken}»" if taken else "")
