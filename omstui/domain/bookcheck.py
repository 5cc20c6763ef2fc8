"""May a row stand in a local book (проверка строки справочника): asked by the form, then by the operation."""

from __future__ import annotations

from collections.abc import Mapping

from omstui.domain.bookspecs import LocalBook
from omstui.domain.bookvalues import Value, overlap, read_value, row_problem, show_value
from omstui.domain.store import bookrows


def read_row(
    book: LocalBook, texts: Mapping[str, str], stored: Mapping[str, Value] | None = None
) -> tuple[dict[str, Value], dict[str, str]]:
    """Return (values of every column, reasons by column name).

    A column without a text keeps what is stored, in a new row it is empty.
    """
    values: dict[str, Value] = {}
    problems: dict[str, str] = {}
    for column in book.columns:
        if column.name not in texts and stored is not None:
            values[column.name] = stored[column.name]
            continue
        try:
            values[column.name] = read_value(column, texts.get(column.name, ""))
        except ValueError as error:
            problems[column.name] = str(error)
    return values, problems


def problems_of(book: LocalBook, row_id: int, texts: Mapping[str, str]) -> dict[str, str]:
    """Why the row cannot be saved, by column; {} when it can. Call inside ``db.connection()``."""
    stored = bookrows.read(book, row_id) if row_id else None
    values, problems = read_row(book, texts, stored)
    return problems or beside_others(book, row_id, values)


def beside_others(book: LocalBook, row_id: int, values: Mapping[str, Value]) -> dict[str, str]:
    """Why a readable row does not go with itself or with the other rows of the book."""
    reason = row_problem(book, values)
    names = [column.name for column in book.columns]
    if reason:
        ends = ("end_date", "dismissed", "age_max", "max_days")
        return {next((name for name in ends if name in names), names[0]): reason}
    if any(number != row_id for number in bookrows.alike(book, values, book.key)):
        return {book.key[0]: "такая строка в справочнике уже есть"}
    if not book.spans:
        return {}
    same = bookrows.alike(book, values, [name for name in book.key if name != "begin_date"])
    same.pop(row_id, None)
    mine = (str(values["begin_date"]), str(values["end_date"]))
    for row in same.values():
        if overlap([(*mine, 0), (row["begin_date"], row["end_date"], 1)]):
            return {"begin_date": f"срок пересекается со строкой {span_text(book, row)}"}
    return {}


def span_text(book: LocalBook, row: Mapping[str, Value]) -> str:
    """«с 01.01.2021», «01.01.2021 – 31.03.2021»; «без срока»."""
    by_name = {column.name: column for column in book.columns}
    begin = show_value(by_name["begin_date"], row["begin_date"])
    end = show_value(by_name["end_date"], row["end_date"])
    if begin and end:
        return f"{begin} – {end}"
    return f"с {begin}" if begin else f"по {end}" if end else "без срока"
