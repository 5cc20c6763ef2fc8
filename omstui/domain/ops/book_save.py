"""Edit a local book (правка справочника): one row added, changed or deleted, told in the journal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from omstui.domain.bookcheck import beside_others, read_row
from omstui.domain.bookspecs import CLASSIFIERS, LOCAL, LocalBook
from omstui.domain.bookvalues import Value, key_text, show_value
from omstui.domain.errors import OmsError, UsageError
from omstui.domain.operation import Context, Result
from omstui.domain.store import bookrows, books, db


@dataclass(frozen=True, slots=True)
class Params:
    """``row_id`` 0 = a new row. ``values``: column → text as typed; columns not named stay.

    ``was``: column → stored value when the form was opened; another value now means another operator.
    """

    book: str
    row_id: int = 0
    values: dict[str, str] = field(default_factory=dict)
    was: dict[str, Any] = field(default_factory=dict)
    delete: bool = False


def run(ctx: Context, params: Params) -> Result:
    """Check the row as a loader of files does, write it, say what changed."""
    book = _book(params)
    message, row_id = _delete(ctx, book, params) if params.delete else _save(ctx, book, params)
    stale = books.formed_registries() if book.code == "tariff" else 0
    if stale:
        ctx.warn(
            f"Сформированные реестры ({stale}) посчитаны по прежним тарифам: переформируйте их.",
            link={"list": "registries", "status": "Сформирован"},
        )
    return Result(message, {"book": book.code, "row_id": row_id})


def _book(params: Params) -> LocalBook:
    if params.book in CLASSIFIERS:
        raise OmsError(
            f"{params.book} «{CLASSIFIERS[params.book].title}» — федеральный справочник, на экране он не"
            " правится.",
            hint="Загрузите его официальный файл.",
        )
    book = LOCAL.get(params.book)
    if book is None:
        raise UsageError(f"Справочника «{params.book}» нет. Есть: {', '.join(LOCAL)}.")
    known = {column.name for column in book.columns}
    if unknown := sorted(params.values.keys() - known):
        raise UsageError(f"В справочнике «{book.title}» нет столбцов: {', '.join(unknown)}.")
    return book


def _delete(ctx: Context, book: LocalBook, params: Params) -> tuple[str, int]:
    stored = _stored(book, params)
    name = key_text(book, stored)
    ctx.confirm(f"Удалить из справочника «{book.title}» строку {name}?", details=_lines(book, stored))
    with db.write():
        ctx.check()
        _stored(book, params)  # somebody may have answered sooner
        bookrows.delete(book, params.row_id)
        bookrows.note_edit(book, at=ctx.now(), who=ctx.who)
        ctx.check()
    ctx.log(f"{book.title}: удалена строка {name} ({'; '.join(_lines(book, stored))})")
    return f"Строка удалена: {name}.", params.row_id


def _save(ctx: Context, book: LocalBook, params: Params) -> tuple[str, int]:
    with db.write():
        ctx.check()
        stored = _stored(book, params) if params.row_id else None
        values = _checked(book, params, stored)
        if stored == values:
            return "Изменений нет.", params.row_id
        row_id = params.row_id
        if stored is None:
            row_id = bookrows.insert(book, values)
        else:
            bookrows.update(book, row_id, values)
        bookrows.note_edit(book, at=ctx.now(), who=ctx.who)
        ctx.check()
    name = key_text(book, values)
    if stored is None:
        ctx.log(f"{book.title}: добавлена строка {name} ({'; '.join(_lines(book, values))})")
        return f"Строка добавлена: {name}.", row_id
    for text in _changes(book, stored, values):
        ctx.log(f"{book.title}, {name}: {text}")
    return f"Строка сохранена: {name}.", row_id


def _stored(book: LocalBook, params: Params) -> dict[str, Value]:
    """The row as it is now; a refusal when it is not what the operator saw."""
    row = bookrows.read(book, params.row_id)
    if row is None:
        raise OmsError(
            f"Строки {params.row_id} в справочнике «{book.title}» уже нет: её удалил другой оператор.",
            hint="Обновите список.",
        )
    titles = {column.name: column for column in book.columns}
    other = [name for name, value in params.was.items() if name in titles and row[name] != value]
    if other:
        details = [
            f"{titles[name].title}: было «{show_value(titles[name], params.was[name])}», стало"
            f" «{show_value(titles[name], row[name])}»"
            for name in other
        ]
        raise OmsError(
            f"Строку {key_text(book, row)} изменил другой оператор или загрузка файла: ничего не записано.",
            title="Строка изменена",
            hint="Откройте её заново и повторите исправление.",
            details=details,
        )
    return row


def _checked(book: LocalBook, params: Params, stored: Mapping[str, Value] | None) -> dict[str, Value]:
    values, problems = read_row(book, params.values, stored)
    problems = problems or beside_others(book, params.row_id, values)
    if problems:
        titles = {column.name: column.title for column in book.columns}
        lines = [f"«{titles[name]}»: {reason}" for name, reason in problems.items()]
        raise OmsError(
            f"Справочник «{book.title}»: строка не записана. {lines[0]}.",
            title="Строка не записана",
            hint="Исправьте поле и сохраните снова.",
            details=lines[1:],
        )
    return values


def _lines(book: LocalBook, values: Mapping[str, Value]) -> list[str]:
    """Columns beside the key that say something: «Цена: 450,00»."""
    shown = ((c.title, show_value(c, values[c.name])) for c in book.columns if c.name not in book.key)
    return [f"{title}: {text}" for title, text in shown if text]


def _changes(book: LocalBook, old: Mapping[str, Value], new: Mapping[str, Value]) -> list[str]:
    return [
        f"{c.title}: «{show_value(c, old[c.name])}» → «{show_value(c, new[c.name])}»"
        for c in book.columns
        if old[c.name] != new[c.name]
    ]
