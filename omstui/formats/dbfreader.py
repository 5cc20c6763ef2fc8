"""Reader of DBF tables (чтение таблиц DBF): blocks of records decoded at once, memory bounded.

A table of a usual kind (dBase III, FoxPro; texts, numbers, dates) goes through the block codec; other
readable kinds go through the parser of dbfread behind the same interface.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from omstui.domain.errors import FormatError, reason_of
from omstui.formats.dbfheader import Column, Header, read_header, refusal
from omstui.formats.dbfvalues import Converter, Dates, converter
from omstui.formats.layouts.dbf_base import Field, Layout
from omstui.formats.values import BadValue

if TYPE_CHECKING:
    from omstui.formats.dbfodd import OddRecords

Row = tuple[Any, ...]

#: records in a block: more win nothing and cost memory
BLOCK = 2000
_BLOCK_BYTES = 2 << 20


class BadRow(BadValue):
    """What is wrong in a record (неверная запись); ``row`` is the rest of it, bad values empty."""

    row: Row = ()


class Table:
    """An open table: ``rows`` may be walked again and again, each time from the beginning.

    With a layout rows are tuples in its order: C text, N int in units of the last decimal of the
    layout, D «YYYY-MM-DD» or None; a column the file lacks is "" or None. Without a layout rows follow
    the columns of the file, numbers with decimals being Decimal.
    """

    def __init__(self, source: Path | BinaryIO, name: str, layout: Layout | None) -> None:
        self._source = source
        self.name = name
        self.layout = layout
        with self._opened() as stream:
            self.header = read_header(stream, name)
        self.notes: list[str] = self.header.notes
        self._odd: OddRecords | None = None
        if not self.header.plain:
            from omstui.formats.dbfodd import OddRecords  # only an odd table pays for dbfread

            self._odd = OddRecords(self.header)
            self.header.columns = self._odd.columns
        self._plan = _plan(self.header, layout)
        if layout is not None:
            _check_columns(name, self.header.columns, layout, self._plan)
        used = {c.name for c, _ in self._plan if c}
        #: columns the layout knows nothing of
        self.unknown: tuple[str, ...] = tuple(c.name for c in self.columns if c.name not in used)

    @property
    def columns(self) -> tuple[Column, ...]:
        return self.header.columns

    @property
    def count(self) -> int:
        """Records by the header, deleted ones among them."""
        return self.header.count

    @property
    def version(self) -> int:
        return self.header.version

    @property
    def encoding(self) -> str:
        return self.header.encoding

    def has(self, name: str) -> bool:
        """Whether the file has a column for the field of the layout."""
        return any(field is not None and field.name == name and column for column, field in self._plan)

    def rows(self) -> Iterator[Row]:
        """Yield the records; FormatError names the record, the column and the value that is wrong."""
        for number, row in self.numbered():
            if isinstance(row, BadRow):
                raise refusal(self.name, f"запись {number}, {str(row).rstrip('.')}")
            yield row

    def records(self) -> Iterator[dict[str, Any]]:
        """Yield the records by names of fields."""
        names = self.layout.names if self.layout else [c.name for c in self.columns]
        for row in self.rows():
            yield dict(zip(names, row, strict=True))

    def numbered(self) -> Iterator[tuple[int, Row | BadRow]]:
        """Yield (number of the record, record or what is wrong in it); deleted records are passed by."""
        dates = Dates()
        columns = [(c, f, converter(c, f, dates) if c else None) for c, f in self._plan]
        for numbers, cells in self._blocks():
            try:
                values = [_column(c, f, k, cells) for c, f, k in columns]
            except ValueError:  # BadValue too
                for number, cell in zip(numbers, cells, strict=True):
                    yield number, _slow(columns, cell)
            else:
                yield from zip(numbers, zip(*values, strict=True), strict=True)

    # --- block codec ---------------------------------------------------------------------------

    def _blocks(self) -> Iterator[tuple[Sequence[int], list[str]]]:
        """Yield texts of records by blocks, with their numbers."""
        header = self.header
        size = header.record
        at_once = max(1, min(BLOCK, _BLOCK_BYTES // size))
        with self._opened() as stream:
            stream.seek(header.length)
            for first in range(1, header.count + 1, at_once):
                wanted = min(at_once, header.count + 1 - first)
                block = stream.read(wanted * size)
                if len(block) != wanted * size:
                    raise refusal(self.name, f"запись {first + len(block) // size}: файл обрывается")
                marks = block[::size]
                if self._odd is None:
                    text = block.decode(header.encoding, "replace")
                    cells = [text[k : k + size] for k in range(0, len(text), size)]
                else:
                    cells = [self._odd.cell(block[k : k + size]) for k in range(0, len(block), size)]
                numbers: Sequence[int] = range(first, first + wanted)
                if marks.count(b" ") != wanted:
                    numbers, cells = self._living(numbers, cells, marks)
                yield numbers, cells

    def _living(
        self, numbers: Sequence[int], cells: list[str], marks: bytes
    ) -> tuple[Sequence[int], list[str]]:
        for number, mark in zip(numbers, marks, strict=True):
            if mark not in b" *":
                raise refusal(self.name, f"запись {number}: вместо признака записи байт 0x{mark:02X}")
        kept = [n for n, mark in enumerate(marks) if mark != 0x2A]
        return [numbers[n] for n in kept], [cells[n] for n in kept]

    def _opened(self) -> AbstractContextManager[BinaryIO]:
        if isinstance(self._source, Path):
            if self._source.exists() and not self._source.is_file():  # a pipe would be waited for
                raise refusal(self.name, "это не обычный файл", "Укажите файл таблицы.")
            try:
                return self._source.open("rb")
            except OSError as error:
                raise FormatError(
                    f"Файл {self.name} не открыть: {reason_of(error)}.", title="Файл не открыть"
                ) from None
        self._source.seek(0)
        return nullcontext(self._source)


def read_dbf(source: Path | BinaryIO, layout: Layout | None = None, *, name: str = "") -> Table:
    """Open a table; FormatError when it is damaged, of a kind we do not read, or not of the layout."""
    if isinstance(source, Path):
        return Table(source, name or source.name, layout)
    return Table(source, name or getattr(source, "name", "таблица"), layout)


def read_bytes(data: bytes, layout: Layout | None = None, *, name: str) -> Table:
    """Open a table that is in memory (a stored file)."""
    return Table(io.BytesIO(data), name, layout)


# --- columns -----------------------------------------------------------------------------------


def _plan(header: Header, layout: Layout | None) -> list[tuple[Column | None, Field | None]]:
    """Which column fills which field: own names first, then the names others use."""
    by_name: dict[str, Column] = {}
    for column in header.columns:
        if by_name.setdefault(column.name, column) is not column:
            header.notes.append(f"колонка {column.name} повторяется: взята первая")
    if layout is None:
        return [(c, None) for c in header.columns]
    taken = {f.name for f in layout.fields} & by_name.keys()
    plan: list[tuple[Column | None, Field | None]] = []
    for field in layout.fields:
        name = field.name if field.name in by_name else ""
        if not name:
            name = next((a for a in field.aliases if a in by_name and a not in taken), "")
            taken.add(name)
        plan.append((by_name.get(name), field))
    return plan


def _check_columns(
    name: str, columns: Sequence[Column], layout: Layout, plan: list[tuple[Column | None, Field | None]]
) -> None:
    """Refuse a table of another structure, saying what it lacks."""
    absent = [f.name for c, f in plan if f and f.required and not c]
    groups: dict[str, list[str]] = {}
    found: set[str] = set()
    for column, field in plan:
        if field and field.group:
            groups.setdefault(field.group, []).append(field.name)
            if column:
                found.add(field.group)
    absent += [" или ".join(names) for group, names in groups.items() if group not in found]
    if absent:
        there = ", ".join(c.name for c in columns[:40])
        raise refusal(
            name,
            f"это не {layout.title}: нет колонок {', '.join(absent)} (в файле: {there})",
            "Проверьте, тот ли файл выбран.",
        )


def _column(
    column: Column | None, field: Field | None, convert: Converter | None, cells: list[str]
) -> list[Any]:
    if column is None or convert is None:
        return [_empty(field)] * len(cells)
    place = column.slice
    return convert([cell[place] for cell in cells])


def _slow(columns: list[tuple[Column | None, Field | None, Converter | None]], cell: str) -> Row | BadRow:
    """One record; of what is wrong in it the first value is named."""
    row: list[Any] = []
    first: BadRow | None = None
    for column, field, convert in columns:
        try:
            row += _column(column, field, convert, [cell])
        except ValueError as error:
            row.append(_empty(field))
            if first is None and column is not None:
                reason = error.reason if isinstance(error, BadValue) else "значение не читается"
                first = BadRow(column.name, cell[column.slice].strip(" \0")[:60], reason)
    if first is None:
        return tuple(row)
    first.row = tuple(row)
    return first


def _empty(field: Field | None) -> Any:
    return "" if field is not None and field.type == "C" else None
