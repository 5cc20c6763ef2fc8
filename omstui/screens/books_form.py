"""Форма строки справочника: fields made from the columns of a local book, checked before saving."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from omstui.domain.bookcheck import problems_of
from omstui.domain.bookspecs import LOCAL, Column, LocalBook
from omstui.domain.bookvalues import choices, show_value
from omstui.domain.money import roubles
from omstui.domain.store import bookrows, db
from omstui.screens.operating import OperatingScreen
from omstui.widgets.fields import Field

_HELP = {
    "sum": "рубли и копейки: 1234.56",
    "qty": "число, до двух знаков после точки",
    "coef": "число, до четырёх знаков после точки",
    "whole": "целое число; пусто — без ограничения",
    "day": "ДД.ММ.ГГГГ; пусто — без ограничения",
}
_WIDTHS = {"day": 10, "sum": 14, "qty": 12, "coef": 10, "whole": 8}


async def edit_row(screen: OperatingScreen, code: str, row_id: int) -> int:
    """Show the form of a row (0 = a new one) and save it; returns the id of the saved row, 0 = given up."""
    book = LOCAL[code]
    stored = await asyncio.to_thread(_read, book, row_id)
    if row_id and stored is None:
        screen.on_show_again()
        screen.notice("Этой строки уже нет: её удалил другой оператор.", "warning")
        return 0
    title = f"{book.title}: {'строка' if row_id else 'новая строка'}"

    def check(values: dict[str, Any]) -> Mapping[str, str]:
        with db.connection():
            return problems_of(book, row_id, texts_of(book, values))

    present = form_values(book, stored or {})
    values = await screen.ask_params(fields_of(book), present, title=title, check=check)
    if values is None:
        return 0
    outcome = await screen.operate(
        "book-save", book=code, row_id=row_id, values=texts_of(book, values), was=stored or {}
    )
    return int(outcome.result.data["row_id"]) if outcome is not None and outcome.result is not None else 0


def _read(book: LocalBook, row_id: int) -> bookrows.Row | None:
    with db.connection():
        return bookrows.read(book, row_id) if row_id else None


def fields_of(book: LocalBook) -> list[Field]:
    """A field for each column of the book."""
    return [_field(column) for column in book.columns]


def _field(column: Column) -> Field:
    if column.kind == "flag":
        return Field(column.name, column.title, "bool")
    if known := choices(column):
        empty = "не указано" if column.required else "любой"
        listed = [("", empty), *known.items()]
        return Field(column.name, column.title, "choice", 30, choices=listed)
    if column.kind == "day":
        help_text = "ДД.ММ.ГГГГ" if column.required else _HELP["day"]
        return Field(column.name, column.title, "date", 10, help_text)
    width = 40 if column.title == "Наименование" else _WIDTHS.get(column.kind, 20)
    return Field(column.name, column.title, "text", width, _HELP.get(column.kind, ""))


def form_values(book: LocalBook, stored: Mapping[str, Any]) -> dict[str, Any]:
    """Stored values as the form takes them."""
    return {column.name: _value(column, stored.get(column.name)) for column in book.columns}


def _value(column: Column, value: Any) -> Any:
    if value is None or column.kind in ("day", "flag") or choices(column):
        return value
    return roubles(int(value)) if column.kind == "sum" else show_value(column, value)


def texts_of(book: LocalBook, values: Mapping[str, Any]) -> dict[str, str]:
    """Values of the form as texts of columns."""
    return {c.name: _text(values[c.name]) for c in book.columns}


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    return "" if value is None else str(value)
