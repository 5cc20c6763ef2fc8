"""A report as a workbook (книга XLSX): typed cells, a frozen header, totals as formulas with their values.

Written row by row into a temporary file (``constant_memory``), so rows must come in order. A table with a
title starts a sheet; one without goes on under the table before it.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, BinaryIO

from omstui.domain.reports.model import (
    Block,
    Cell,
    CellKind,
    Chart,
    Column,
    Document,
    Lines,
    Pairs,
    Signatures,
    Table,
)
from omstui.formats.reports.values import EMPTY, Row, Track, untracked, walk

_STAGE = "XLSX"
#: the same data must give the same bytes
_STAMP = datetime(2000, 1, 1)
_FORMATS: dict[CellKind, str] = {
    "text": "@",
    "day": "dd.mm.yyyy",
    # the comma stands for the separator of the reader's country: a space in Russia
    "money": "#,##0.00",
    "count": "#,##0",
    "quantity": "General",
    "percent": "0.00%",
}
_HUNDREDTHS = ("money", "quantity")
_NAME_LENGTH = 31
#: rows of a sheet of the format itself
_ROWS = 1_048_576


def write(document: Document, stream: BinaryIO, *, track: Track = untracked) -> None:
    """Write the workbook. An OSError of the disk stays one, for the caller to put in words."""
    from xlsxwriter import Workbook
    from xlsxwriter.exceptions import FileCreateError

    with tempfile.TemporaryDirectory(prefix="omstui-") as folder:
        made = Path(folder) / "book.xlsx"
        options = {"constant_memory": True, "tmpdir": folder, "strings_to_formulas": False}
        # through a file of its own: a stream that fails half-way must not be closed by the library once more
        book = Workbook(str(made), options)
        book.set_properties({"title": document.title, "created": _STAMP, "author": "", "comments": ""})
        _Writer(book, document, track).write()
        try:
            book.close()
        except FileCreateError as error:
            raise _cause(error) from error
        with made.open("rb") as whole:
            shutil.copyfileobj(whole, stream)


def _cause(error: Exception) -> OSError:
    cause = error.args[0] if error.args else None
    return cause if isinstance(cause, OSError) else OSError(str(error))


class _Writer:
    """One workbook being written: the sheet, the row, the formats."""

    def __init__(self, book: Any, document: Document, track: Track) -> None:
        self._book = book
        self._document = document
        self._track = track
        self._formats: dict[tuple[CellKind, bool], Any] = {}
        self._head = book.add_format(
            {"bold": True, "text_wrap": True, "valign": "vcenter", "border": 1, "bg_color": "#E7E6E6"}
        )
        self._bold = book.add_format({"bold": True})
        self._title = book.add_format({"bold": True, "font_size": 14})
        self._names: set[str] = set()
        self._sheet: Any = None
        self._row = 0
        self._tables = 0

    def write(self) -> None:
        self._new_sheet(self._document.name or self._document.title)
        self._line(self._document.title, self._title)
        for text in self._document.subtitle:
            self._line(text)
        for block in self._document.blocks:
            self._block(block)

    def _block(self, block: Block) -> None:
        if isinstance(block, Table):
            self._table(block)
        elif isinstance(block, Lines):
            self._row += 1
            for text in block.lines:
                self._line(text.lstrip("#=").strip(), self._bold if text.startswith("#") else None)
        elif isinstance(block, Pairs):
            self._row += 1
            if block.title:
                self._line(block.title, self._bold)
            self._pairs(block.rows)
        elif isinstance(block, Signatures):
            self._row += 1
            self._pairs([(post, f"____________________ {name}".rstrip()) for post, name in block.rows])
        elif isinstance(block, Chart):
            self._chart(block)

    def _line(self, text: str, style: Any = None) -> None:
        self._sheet.write_string(self._row, 0, text, style)
        self._row += 1

    def _pairs(self, rows: Sequence[tuple[str, str]]) -> None:
        for name, value in rows:
            self._sheet.write_string(self._row, 0, name)
            self._sheet.write_string(self._row, 1, value)
            self._row += 1

    def _new_sheet(self, title: str) -> None:
        base = re.sub(r"[\[\]:*?/\\']", " ", title).strip()[:_NAME_LENGTH] or "Отчёт"
        name, number = base, 1
        while name.casefold() in self._names:
            number += 1
            name = f"{base[: _NAME_LENGTH - 4]} {number}"
        self._names.add(name.casefold())
        self._sheet = self._book.add_worksheet(name)
        self._sheet.set_paper(9)
        if self._document.landscape:
            self._sheet.set_landscape()
        self._sheet.fit_to_pages(1, 0)
        self._row = self._tables = 0

    # --- tables --------------------------------------------------------------------------

    def _table(self, table: Table) -> None:
        if self._tables and table.title:
            self._new_sheet(table.title)
        self._row += bool(self._row)
        if table.title:
            self._line(table.title, self._bold)
        self._header(table.columns)
        first = group = self._row
        styles = [self._style(column.kind) for column in table.columns]
        for row in walk(table, self._track, _STAGE):
            if self._row >= _ROWS:
                self._new_sheet(table.title or self._document.title)
                self._header(table.columns)
                first = group = self._row
            if row.kind == "data":
                for place, cell in enumerate(row.cells):
                    self._cell(self._row, place, table.columns[place].kind, cell, styles[place])
            else:
                self._totals(table.columns, row, group if row.kind == "group" else first)
            self._row += 1
            if row.kind == "group":
                group = self._row
        if self._row == first:
            self._line(EMPTY)
        self._tables += 1

    def _header(self, columns: Sequence[Column]) -> None:
        for place, column in enumerate(columns):
            self._sheet.write_string(self._row, place, column.title, self._head)
            if not self._tables:
                self._sheet.set_column(place, place, max(column.width, 6) + 2)
        self._row += 1
        if not self._tables:
            self._sheet.freeze_panes(self._row, 0)
            self._sheet.repeat_rows(self._row - 1)

    def _totals(self, columns: Sequence[Column], row: Row, first: int) -> None:
        """SUBTOTAL leaves out the totals among its rows, so groups are not added up twice."""
        from xlsxwriter.utility import xl_rowcol_to_cell

        for place, cell in enumerate(row.cells):
            kind = columns[place].kind
            if isinstance(cell, str):
                self._sheet.write_string(self._row, place, cell, self._bold)
            elif cell is not None:
                top, last = xl_rowcol_to_cell(first, place), xl_rowcol_to_cell(self._row - 1, place)
                style = self._style(kind, bold=True)
                formula = f"=SUBTOTAL(9,{top}:{last})"
                self._sheet.write_formula(self._row, place, formula, style, _number(kind, cell))

    def _cell(self, row: int, place: int, kind: CellKind, value: Cell, style: Any) -> None:
        if value is None:
            return
        if isinstance(value, int):
            self._sheet.write_number(row, place, _number(kind, value), style)
        elif kind == "day" and (day := _day(value)) is not None:
            self._sheet.write_datetime(row, place, day, style)
        else:
            self._sheet.write_string(row, place, value, None if kind == "day" else style)

    def _style(self, kind: CellKind, bold: bool = False) -> Any:
        if (kind, bold) not in self._formats:
            self._formats[kind, bold] = self._book.add_format({"num_format": _FORMATS[kind], "bold": bold})
        return self._formats[kind, bold]

    # --- charts --------------------------------------------------------------------------

    def _chart(self, chart: Chart) -> None:
        """The figures and a chart of the spreadsheet over them, on a sheet of their own."""
        self._new_sheet(chart.title)
        name = self._sheet.get_name()
        self._line(chart.title, self._bold)
        head = self._row
        self._sheet.write_string(head, 0, "", self._head)
        self._sheet.set_column(0, len(chart.series), 20)
        for place, title in enumerate(chart.series, 1):
            self._sheet.write_string(head, place, title, self._head)
        style = self._style(chart.kind)
        for n, label in enumerate(chart.labels):
            self._row += 1
            self._sheet.write_string(self._row, 0, label)
            for place, values in enumerate(chart.series.values(), 1):
                self._cell(self._row, place, chart.kind, values[n], style)
        self._row += 1
        drawn = self._book.add_chart({"type": "column"})
        last = self._row - 1
        for place in range(1, len(chart.series) + 1):
            if last > head:
                drawn.add_series(
                    {
                        "name": [name, head, place],
                        "categories": [name, head + 1, 0, last, 0],
                        "values": [name, head + 1, place, last, place],
                    }
                )
        if chart.series and last > head:
            drawn.set_title({"name": chart.title})
            self._sheet.insert_chart(head, len(chart.series) + 2, drawn)
        self._tables = 1


def _number(kind: CellKind, value: int) -> float | int:
    """Kopecks as roubles: the nearest double prints back as the same two decimals."""
    if kind in _HUNDREDTHS:
        return value / 100
    return value / 10_000 if kind == "percent" else value


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
