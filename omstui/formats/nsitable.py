"""Tables of reference books (таблицы справочников): CSV, TSV, DBF, XLSX as rows of texts with their numbers.

The first row holds the names of columns. What a cell means is decided by the book, not here.
"""

from __future__ import annotations

import csv
import io
import lzma
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

from omstui.domain.errors import FormatError
from omstui.formats.dbf import read_dbf
from omstui.formats.nsitext import CHUNK, judge

Rows = Iterator[tuple[int, list[str]]]

#: unpacked size of a workbook: the largest book of the fund has some 40 MB
XLSX_LIMIT = 512 << 20
XLSX_RATIO = 200
#: from this size on: the library reads a row whole, and a short file may hold one of millions of cells
_RATIO_FROM = 8 << 20
_COLUMNS_LIMIT = 500
_DOCTYPE = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)


@dataclass(slots=True)
class Table:
    """A table as its file has it; ``rows`` may be walked once."""

    header: list[str]
    rows: Rows
    notes: list[str] = field(default_factory=list)


def damaged(name: str, reason: str, hint: str = "Попросите прислать файл заново.") -> FormatError:
    return FormatError(f"{name}: {reason}.", title="Справочник не прочитан", hint=hint)


# --- CSV and TSV -------------------------------------------------------------------------------


def text_table(stream: BinaryIO, name: str) -> Table:
    """Read CSV (separator «;», «,», «|» or tab) in UTF-8 or windows-1251."""
    stream.seek(0)
    found = judge(iter(lambda: stream.read(CHUNK), b""))
    if found.binary:
        raise damaged(name, "это не текст и не таблица, справочник не найден")
    encoding, note = found.verdict()
    stream.seek(0)
    codec = "utf-8-sig" if encoding == "utf-8" else encoding
    lines = io.TextIOWrapper(stream, codec, errors="replace", newline="")
    first = lines.readline()
    delimiter = max(";,\t|", key=first.count)
    # books of tabulated text keep quotes of names as they are
    as_is = Path(name).suffix.lower() == ".tsv"
    cells = csv.reader(
        chain((first,), lines), delimiter=delimiter, quoting=csv.QUOTE_NONE if as_is else csv.QUOTE_MINIMAL
    )
    table = Table([], _text_rows(cells, name), [note] if note else [])
    try:
        table.header = [h.strip() for h in next(cells, [])]
    except csv.Error:
        raise damaged(name, "заголовок не читается: слишком длинное поле или лишние кавычки") from None
    _check_header(table.header, name)
    return table


def _text_rows(cells: Iterator[list[str]], name: str) -> Rows:
    number = 1
    try:
        for number, row in enumerate(cells, 2):
            if any(cell.strip() for cell in row):
                yield number, [cell.strip() for cell in row]
    except csv.Error:
        raise damaged(
            name, f"строка {number + 1} не читается: слишком длинное поле или лишние кавычки"
        ) from None


# --- DBF ---------------------------------------------------------------------------------------


def dbf_table(source: Path | BinaryIO, name: str) -> Table:
    """Read a DBF; numbers keep their decimals, dates become «YYYY-MM-DD»."""
    table = read_dbf(source, name=name)
    rows = ((number, [_plain(v) for v in row]) for number, row in enumerate(table.rows(), 1))
    header = [c.name for c in table.columns]
    _check_header(header, name)
    return Table(header, rows, list(table.notes))


# --- XLSX --------------------------------------------------------------------------------------


def xlsx_table(stream: BinaryIO, name: str) -> Table:
    """Read the first sheet of a workbook that has rows."""
    _check_workbook(stream, name)
    from openpyxl import load_workbook  # only who brings a workbook waits for it
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        stream.seek(0)
        book = load_workbook(stream, read_only=True, data_only=True)
        sheets = [s for s in book.worksheets if hasattr(s, "iter_rows")]
    except (InvalidFileException, *_BROKEN) as error:
        raise damaged(name, "книга Excel повреждена") from error
    for sheet in sheets:
        rows = _sheet_rows(sheet, name)
        if first := next(rows, None):
            header = _without_tail(first[1])
            _check_header(header, name)
            return Table(header, rows)
    raise damaged(name, "в книге Excel нет ни одной заполненной строки", "Проверьте, тот ли файл выбран.")


#: what zipfile, the parsers (a SyntaxError) and openpyxl raise for a damaged workbook or a password
_BROKEN = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, SyntaxError, KeyError, ValueError,
    TypeError, IndexError, AttributeError, EOFError, OverflowError, MemoryError, RuntimeError, OSError,
)  # fmt: skip


def _sheet_rows(sheet: Any, name: str) -> Rows:
    number = 0
    try:
        sheet.reset_dimensions()  # what the sheet says of its width is often a lie
        for number, row in enumerate(sheet.iter_rows(values_only=True), 1):
            cells = [_plain(value) for value in row[:_COLUMNS_LIMIT]]
            if any(cells):
                yield number, cells
    except _BROKEN as error:
        raise damaged(name, f"книга Excel повреждена после строки {number}") from error


def _check_workbook(stream: BinaryIO, name: str) -> None:
    """Refuse bombs, passwords and DTDs before the library sees them."""
    try:
        with zipfile.ZipFile(stream) as archive:
            members = archive.infolist()
            size = sum(m.file_size for m in members)
            packed = max(sum(m.compress_size for m in members), 1)
            if size > XLSX_LIMIT or (size > _RATIO_FROM and size > XLSX_RATIO * packed):
                raise FormatError(
                    f"{name}: книга Excel распаковывается в слишком большой файл, она не принимается.",
                    title="Небезопасный файл",
                    hint="Проверьте, от кого файл.",
                )
            for member in members:
                if member.filename.lower().endswith((".xml", ".rels")):
                    with archive.open(member) as part:
                        if _DOCTYPE.search(part.read(1 << 14)):
                            raise FormatError(
                                f"{name}: в книге Excel есть DOCTYPE, она не принимается.",
                                title="Небезопасный файл",
                            )
    except _BROKEN as error:
        raise damaged(name, "книга Excel повреждена или закрыта паролем") from error


def is_workbook(members: Sequence[str]) -> bool:
    """Whether a ZIP with these members is an XLSX."""
    return "[Content_Types].xml" in members and any(m.startswith("xl/") for m in members)


# --- common ------------------------------------------------------------------------------------


def _plain(value: Any) -> str:
    """A typed cell as text: whole numbers without «.0», days without midnight."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, Decimal):
        return f"{value:f}"
    return str(value)


def _without_tail(cells: list[str]) -> list[str]:
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _check_header(header: list[str], name: str) -> None:
    seen: set[str] = set()
    if len(header) > _COLUMNS_LIMIT:
        raise damaged(
            name,
            f"в заголовке столбцов: {len(header)}, больше {_COLUMNS_LIMIT} в справочниках не бывает",
            "Проверьте, тот ли файл выбран.",
        )
    for title in header:
        folded = title.casefold()
        if title and folded in seen:
            raise damaged(name, f"столбец «{title[:40]}» повторяется", "Исправьте заголовок таблицы.")
        seen.add(folded)
    if not any(header):
        raise damaged(name, "по заголовку справочник не узнан: первая строка пуста", "Проверьте файл.")
