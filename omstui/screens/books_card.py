"""Карточка строки справочника: every column and every tag of the source."""

from __future__ import annotations

import asyncio

from omstui.domain.bookspecs import LOCAL, title_of
from omstui.domain.bookvalues import show_value
from omstui.domain.store import bookrows, db
from omstui.front import Front
from omstui.screens.reading import ReadingScreen
from omstui.widgets import cells

_TITLE, _VALUE = 26, 51


class BookCardScreen(ReadingScreen):
    """One row, read whole; nothing is changed here."""

    HEADING = "Карточка"
    ABOUT = "Все поля строки. У федерального справочника — и поля официального файла, как в нём."

    def __init__(self, services: Front, reader: bookrows.BookReader, row_id: int) -> None:
        self._reader, self._row_id = reader, row_id
        self._code = ""
        super().__init__(services)

    async def _reading(self) -> None:
        row, tags = await asyncio.to_thread(self._read)
        book = self._reader.book
        self._subject = f"{title_of(book)}" if book in LOCAL else f"{book} {title_of(book)}"
        if row:
            self._code = str(row.get("code") or "")
            lines = [t for c in self._reader.columns for t in _lines(c.title, show_value(c, row[c.name]))]
            if tags:
                lines += ["", "#Поля официального файла"]
                lines += [line for tag, value in tags.items() for line in _lines(tag, value)]
            self._text.show(lines)
        else:
            self._text.show(["Этой строки уже нет: справочник загрузили заново. Обновите список."])
        self.refresh_head()

    def paper_name(self) -> str:
        return f"{super().paper_name()} {self._code}".strip()

    def _read(self) -> tuple[bookrows.Row, dict[str, str]]:
        with db.connection():
            return self._reader.rows([self._row_id]).get(self._row_id, {}), self._reader.tags(self._row_id)


def _lines(title: str, value: str) -> list[str]:
    """Title and value side by side; a long value goes on under itself."""
    parts = cells.wrap(value, _VALUE)
    return [f"{title if n == 0 else '':<{_TITLE}} {part}".rstrip() for n, part in enumerate(parts)]
