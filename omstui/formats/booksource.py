"""Small reference books as CSV (справочники: тарифы, услуги, цель посещения), told apart by their header.

Separator «;», «,» or tab, UTF-8 or windows-1251, Russian or English names of columns. A book is read whole
before anything is stored; the first mistake is refused with its row number.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path

from omstui.domain.errors import FormatError
from omstui.domain.money import kopecks

#: nobody's book of prices is larger; a wrong file (an archive, a dump) is
MAX_BYTES = 64 * 1024 * 1024

Value = str | int


class _Bad(Exception):
    """A value that is not what its column holds."""


@dataclass(slots=True)
class BookData:
    """A book as read: ``rows`` in the order of ``columns``; ``numbers`` are lines of the file."""

    code: str  # tariff | services | visit_type
    columns: tuple[str, ...]
    rows: list[tuple[Value, ...]]
    numbers: list[int]
    file_name: str
    sha256: str


def _text(text: str) -> str:
    return text


def _needed(text: str) -> str:
    if not text:
        raise _Bad("не заполнено")
    return text


def _day(text: str) -> str:
    if not text:
        return ""
    for form in ("%Y-%m-%d", "%d.%m.%Y"):
        try:
            return datetime.strptime(text, form).date().isoformat()
        except ValueError:
            continue
    raise _Bad(f"«{text}» — не дата (нужно 2021-04-30 или 30.04.2021)")


def _price(text: str) -> int:
    try:
        value = kopecks(text)
    except ValueError:
        raise _Bad(f"«{text}» — не сумма (нужно 1234.56)") from None
    if value < 0:
        raise _Bad(f"«{text}» — отрицательная цена")
    return value


_YES = {"1", "да", "д", "true", "yes", "y", "+"}
_NO = {"0", "", "нет", "н", "false", "no", "n", "-"}


def _flag(text: str) -> int:
    word = text.casefold()
    if word not in _YES | _NO:
        raise _Bad(f"«{text}» — нужно 1 или 0")
    return int(word in _YES)


def _child(text: str) -> str:
    """'1' child, '0' adult, '' anybody."""
    word = text.casefold()
    if word in ("", "любой", "все"):
        return ""
    if word.startswith(("дет", "реб")):
        return "1"
    if word.startswith("взр"):
        return "0"
    return str(_flag(text))


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    read: Callable[[str], Value]
    names: tuple[str, ...]  # in a header, case ignored
    optional: bool = True


@dataclass(frozen=True, slots=True)
class _Book:
    code: str
    columns: tuple[_Column, ...]


_CODE = _Column("code", _needed, ("code", "код", "код услуги"), optional=False)
_NAME = _Column("name", _text, ("name", "наименование", "название"))
_BOOKS = (
    _Book(
        "tariff",
        (
            _CODE,
            _Column("level", _text, ("level", "уровень")),
            _Column("child", _child, ("child", "дети", "ребенок", "ребёнок", "возраст")),
            _Column("begin_date", _day, ("begin", "begin_date", "начало", "дата начала")),
            _Column("end_date", _day, ("end", "end_date", "окончание", "дата окончания")),
            _Column("price", _price, ("price", "цена", "тариф", "стоимость"), optional=False),
            _NAME,
        ),
    ),
    _Book(
        "services",
        (
            _CODE,
            _NAME,
            _Column("is_visit", _flag, ("is_visit", "посещение"), optional=False),
            _Column("is_call", _flag, ("is_call", "вызов")),
            _Column("repeatable", _flag, ("repeatable", "повторяемая", "многократная")),
        ),
    ),
    _Book("visit_type", (_CODE, _NAME)),
)


def read_book(path: Path) -> BookData:
    """Read a book. FormatError names the file, the row and the reason."""
    raw = _bytes(path)
    lines = csv.reader(io.StringIO(_decode(raw, path), newline=""), delimiter=_separator(raw))
    header = [h.strip().casefold() for h in next(lines, []) if h.strip()]
    book = _recognise(header, path)
    places = _places(book, header)
    kept = len(book.columns) - (book.code == "visit_type")  # its table holds the codes only
    names = tuple(c.name for c in book.columns)[:kept]
    data = BookData(book.code, names, [], [], path.name, hashlib.sha256(raw).hexdigest())
    for number, cells in _numbered(lines):
        data.rows.append(_row(book, places, cells, path, number)[:kept])
        data.numbers.append(number)
    _check_unique(book, data, path)
    return data


def _bytes(path: Path) -> bytes:
    if path.stat().st_size > MAX_BYTES:
        raise FormatError(f"{path.name}: больше {MAX_BYTES // 2**20} МБ — это не справочник CSV.")
    return path.read_bytes()


def _decode(raw: bytes, path: Path) -> str:
    if b"\x00" in raw:
        raise FormatError(f"{path.name}: не текст, справочник CSV не найден.")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            return raw.decode("cp1251")
        except UnicodeDecodeError as error:
            raise FormatError(
                f"{path.name}: кодировка не понята (байт {error.start}).",
                hint="Сохраните файл в UTF-8 или windows-1251.",
            ) from error


def _separator(raw: bytes) -> str:
    first = raw.split(b"\n", 1)[0]
    return max(";,\t", key=lambda sign: first.count(sign.encode()))


def _recognise(header: Sequence[str], path: Path) -> _Book:
    for book in _BOOKS:
        needed = [c for c in book.columns if not c.optional]
        known = {n for c in book.columns for n in c.names}
        if all(any(n in header for n in c.names) for c in needed) and known.issuperset(header):
            return book
    raise FormatError(
        f"{path.name}: по заголовку («{'; '.join(header)[:60]}») справочник не узнан.",
        hint="Тарифы: code;level;child;begin;end;price;name. Услуги: code;name;is_visit;is_call;"
        "repeatable. Услуги профилактического посещения: code.",
    )


def _places(book: _Book, header: Sequence[str]) -> dict[str, int]:
    return {c.name: place for c in book.columns for place, name in enumerate(header) if name in c.names}


def _numbered(lines: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
    for number, cells in enumerate(lines, 2):
        if any(cell.strip() for cell in cells):
            yield number, cells


def _row(
    book: _Book, places: Mapping[str, int], cells: Sequence[str], path: Path, number: int
) -> tuple[Value, ...]:
    values: list[Value] = []
    for column in book.columns:
        place = places.get(column.name)
        text = cells[place].strip() if place is not None and place < len(cells) else ""
        try:
            values.append(column.read(text))
        except _Bad as error:
            title = column.names[1] if len(column.names) > 1 else column.name
            raise _refusal(path, number, f"«{title}»: {error}") from None
    return tuple(values)


def _refusal(path: Path, number: int, reason: str) -> FormatError:
    return FormatError(
        f"{path.name}, строка {number}: {reason}.",
        title="Справочник не загружен",
        hint="Исправьте строку и загрузите файл снова: прежний справочник не изменён.",
    )


def _check_unique(book: _Book, data: BookData, path: Path) -> None:
    if book.code == "tariff":
        _check_periods(data, path)
        return
    seen: dict[Value, int] = {}
    at = data.columns.index("code")
    for number, row in zip(data.numbers, data.rows, strict=True):
        first = seen.setdefault(row[at], number)
        if first != number:
            raise _refusal(path, number, f"код {row[at]} уже есть в строке {first}")


def _check_periods(data: BookData, path: Path) -> None:
    """Two prices of one code, level and age must never hold on the same day."""
    periods: dict[tuple[Value, ...], list[tuple[str, str, int]]] = {}
    for number, (code, level, child, begin, end, *_) in zip(data.numbers, data.rows, strict=True):
        first, last = str(begin), str(end) or date.max.isoformat()
        if first > last:
            raise _refusal(path, number, f"код {code}: окончание {end} раньше начала {begin}")
        periods.setdefault((code, level, child), []).append((first, last, number))
    for key, spans in periods.items():
        spans.sort()
        for before, after in pairwise(spans):
            if after[0] <= before[1]:
                low, high = sorted((before[2], after[2]))
                raise _refusal(path, high, f"код {key[0]}: срок тарифа пересекается со строкой {low}")
