"""Values of local books (значения местных справочников): text of a file or a form ↔ what is stored. Pure.

A loader of files and the form on the screen read through here, so both refuse the same things in the same
words. What ``show_value`` writes ``read_value`` reads back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import Any

from omstui.domain.bookspecs import Column, LocalBook
from omstui.domain.model import KINDS
from omstui.domain.money import hundredths, kopecks, quantity_text, spaced

Value = str | int | None

#: last day of a span without an end
FOREVER = "9999-12-31"
#: 64 bits of SQLite with room for sums of columns
MAX_NUMBER = 10**15

_YES = {"1", "да", "д", "true", "yes", "y", "+"}
_NO = {"0", "", "нет", "н", "false", "no", "n", "-"}
_SEX = {"1": "мужской", "2": "женский"}
_SEX_WORDS = {"м": "1", "муж": "1", "m": "1", "ж": "2", "жен": "2", "f": "2", "0": "", "любой": "", "все": ""}
_UNITS = {"cases": "случаи", "visits": "посещения", "uet": "УЕТ", "days": "дни", "roubles": "рубли"}
_KINDS = {kind.code: kind.title for kind in KINDS.values()}
#: columns that hold one of a few codes, by name
_CODES: dict[str, Mapping[str, str]] = {"sex": _SEX, "unit": _UNITS, "kind": _KINDS}
_CHILD = {"1": "дети", "0": "взрослые"}


def choices(column: Column) -> Mapping[str, str]:
    """Code → Russian word of a column that holds one of a few codes; {} for any other column."""
    if column.kind == "child":
        return _CHILD
    return _CODES.get(column.name, {}) if column.kind == "text" else {}


def read_value(column: Column, text: str) -> Value:
    """Return what is stored for the text of a file or of the form; ValueError says in Russian what is wrong.

    An empty text is '' in columns of text, days and ages of tariffs, 0 in flags, None (no limit, not set) in
    other numbers; a required column refuses it.
    """
    text = text.replace("\u00a0", " ").strip()
    if column.kind == "flag":
        return _flag(text)
    if column.kind == "child":
        return _child(text)
    if not text:
        if column.required:
            raise ValueError("не заполнено")
        return "" if column.kind in ("text", "day") else None
    if column.kind == "text":
        return _code(column, text)
    if column.kind == "day":
        return read_day(text)
    return _number(column, text)


def show_value(column: Column, value: Any) -> str:
    """Return the text of a stored value for lists and forms; '' for what is not set."""
    if value is None or value == "":
        return ""
    if column.kind == "flag":
        return "да" if value else ""
    if known := choices(column):
        return known.get(str(value), str(value))
    if column.kind == "day":
        year, month, day = str(value).split("-")
        return f"{day}.{month}.{year}"
    if column.kind == "sum":
        return spaced(int(value))
    if column.kind == "qty":
        return quantity_text(int(value))
    if column.kind == "coef":
        return coef_text(int(value))
    return str(value)


def read_day(text: str) -> str:
    """Return «2021-04-30» for 30.04.2021, 2021-04-30 or a day with a time behind it; else ValueError."""
    day = re.split(r"[T ]", text.strip(), maxsplit=1)[0]
    if iso := re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)", day):
        numbers = [int(part) for part in iso.groups()]
    elif found := re.fullmatch(r"(\d{1,2})[./](\d{1,2})[./](\d{4})", day):
        numbers = [int(part) for part in reversed(found.groups())]
    else:
        raise ValueError(f"«{text}» — не дата (нужно 30.04.2021 или 2021-04-30)")
    try:
        return date(*numbers).isoformat()
    except ValueError:
        raise ValueError(f"«{text}» — не дата: такого дня нет") from None


def coef_text(value: int) -> str:
    """Return the shortest text of a coefficient in ten-thousandths: 12500 → «1.25»."""
    return f"{Decimal(value).scaleb(-4).normalize():f}"


def row_problem(book: LocalBook, values: Mapping[str, Value]) -> str:
    """Why the columns of one row contradict each other (a Russian phrase); '' when they do not."""
    titles = {column.name: column.title for column in book.columns}
    for first, last in (
        ("begin_date", "end_date"),
        ("hired", "dismissed"),
        ("age_min", "age_max"),
        ("min_days", "max_days"),
    ):
        low, high = values.get(first), values.get(last)
        if low in (None, "") or high in (None, ""):
            continue
        if low > high:  # type: ignore[operator]
            shown = [show_value(c, values[c.name]) for c in book.columns if c.name in (first, last)]
            return f"«{titles[last]}» ({shown[1]}) раньше или меньше, чем «{titles[first]}» ({shown[0]})"
    return ""


def overlap(spans: Iterable[tuple[str, str, int]]) -> tuple[int, int] | None:
    """Return the marks of two spans (begin, end, mark) that share a day; '' = open on that side."""
    known = sorted((begin, end or FOREVER, mark) for begin, end, mark in spans)
    for before, after in pairwise(known):
        if after[0] <= before[1]:
            return before[2], after[2]
    return None


def key_text(book: LocalBook, values: Mapping[str, Value], names: Sequence[str] = ()) -> str:
    """Return the key of a row in words: «B01.047.001, взрослые, с 01.01.2021»."""
    by_name = {column.name: column for column in book.columns}
    shown = [show_value(by_name[name], values.get(name)) for name in names or book.key]
    return ", ".join(text for text in shown if text)


def _code(column: Column, text: str) -> str:
    known = _CODES.get(column.name)
    if known is None or text in known:
        return text
    word = text.casefold()
    for code, title in known.items():
        if word in (code, title.casefold()):
            return code
    if column.name == "sex" and word in _SEX_WORDS:
        return _SEX_WORDS[word]
    words = ", ".join(f"{code} ({title})" for code, title in known.items())
    raise ValueError(f"«{text}» — нет такого значения (есть: {words})")


def _flag(text: str) -> int:
    word = text.casefold()
    if word not in _YES | _NO:
        raise ValueError(f"«{text}» — нужно 1 или 0")
    return int(word in _YES)


def _child(text: str) -> str:
    word = text.casefold()
    if word in ("", "любой", "все"):
        return ""
    if word.startswith(("дет", "реб")):
        return "1"
    if word.startswith("взр"):
        return "0"
    return str(_flag(text))


def _number(column: Column, text: str) -> int:
    try:
        value = _NUMBERS[column.kind](text)
    except ValueError:
        raise ValueError(f"«{text}» — {_WANTED[column.kind]}") from None
    if value < 0:
        raise ValueError(f"«{text}» — меньше нуля")
    if value > MAX_NUMBER:
        raise ValueError(f"«{text}» — слишком большое число")
    return value


def _coef(text: str) -> int:
    try:
        value = Decimal(text.replace(",", ".").replace(" ", ""))
    except InvalidOperation:
        raise ValueError(text) from None
    if not value.is_finite() or value.adjusted() > 15 or value.scaleb(4) % 1:
        raise ValueError(text)
    return int(value.scaleb(4))


def _whole(text: str) -> int:
    # tables of Excel write whole numbers as «18.0»
    found = re.fullmatch(r"([-+]?[0-9]{1,16})(?:[.,]0*)?", text.replace(" ", ""))
    if not found:
        raise ValueError(text)
    return int(found[1])


_NUMBERS = {"sum": kopecks, "qty": hundredths, "coef": _coef, "whole": _whole}
_WANTED = {
    "sum": "не сумма (нужно 1234.56)",
    "qty": "не количество (нужно число, не больше двух знаков после точки)",
    "coef": "не коэффициент (нужно число, не больше четырёх знаков после точки)",
    "whole": "не целое число",
}
