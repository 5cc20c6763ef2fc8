"""A table in a PDF (таблица): headings on every page, folded cells, totals; drawn row by row."""

from __future__ import annotations

from collections.abc import Sequence

from omstui.domain.reports.model import Column, Table
from omstui.formats.reports.pdffont import BOLD, REGULAR, folded, text_width
from omstui.formats.reports.pdfpage import MARGIN, Pages
from omstui.formats.reports.values import EMPTY, Row, Track, cell_text, label_span, walk

_STAGE = "PDF"
_LARGEST, _SMALLEST = 9.0, 5.0
_PAD = 2.0
#: signs a column of so many is drawn with, in widths of a figure
_SIGN = 0.53
_LEADING = 1.18
#: columns are at most so much wider than their signs need
_STRETCH = 1.6
#: the least share of its width a column of text is left when headings of others need room
_LEAST = 0.6
#: a column of so many signs may hold codes, which must not be folded
_CODE = 18


class TableDrawing:
    """One table: column places and the size of letters follow from the widths in signs."""

    def __init__(self, pages: Pages, table: Table) -> None:
        self._pages = pages
        self._table = table
        self._columns = table.columns
        signs = sum(max(c.width, 2) for c in self._columns)
        room = pages.room - 2 * _PAD * len(self._columns)
        self._size = max(min(_LARGEST, room / (signs * _SIGN)), _SMALLEST)
        self._lead = self._size * _LEADING
        # the room left over goes to the columns by their widths; a small table stays small
        unit = min(room / signs, _LARGEST * _SIGN * _STRETCH)
        self._widths = _shared(self._columns, unit, room, self._size)
        self._edges = [pages.left]
        for width in self._widths:
            self._edges.append(self._edges[-1] + width + 2 * _PAD)
        self._aligns = [c.align for c in self._columns]
        self._heads = [
            folded(c.title, BOLD, self._size, w) for c, w in zip(self._columns, self._widths, strict=True)
        ]
        self._top = 0.0

    def draw(self, track: Track) -> None:
        """Draw the table from where the page stands, over as many pages as it takes."""
        pages = self._pages
        if self._table.title:
            self._caption()
        else:
            pages.y -= 4
        pages.need(self._height(self._heads) + 2 * self._lead)
        self._header()
        pages.on_page, pages.before_end = self._header, self._verticals
        empty = True
        for row in walk(self._table, track, _STAGE):
            empty = False
            if row.kind == "data":
                self._data(row)
            else:
                self._totals(row)
        if empty:
            self._lines([[EMPTY], *[[""]] * (len(self._columns) - 1)], REGULAR, ["<"] * len(self._columns))
        self._verticals()
        pages.on_page = pages.before_end = None
        pages.y -= self._lead

    def _caption(self) -> None:
        pages = self._pages
        lines = folded(self._table.title, BOLD, _LARGEST + 1, pages.room)
        pages.need((len(lines) + 4) * 13)
        for line in lines:
            pages.y -= 13
            pages.text(pages.left, pages.y, line, BOLD, _LARGEST + 1)
        pages.y -= 4

    def _height(self, cells: Sequence[Sequence[str]]) -> float:
        return max(map(len, cells)) * self._lead + _PAD

    def _header(self) -> None:
        pages = self._pages
        height = self._height(self._heads)
        self._top = pages.y
        pages.canvas.setFillGray(0.9)
        pages.canvas.rect(
            pages.left, pages.y - height, self._edges[-1] - pages.left, height, stroke=1, fill=1
        )
        pages.canvas.setFillGray(0)
        self._lines(self._heads, BOLD, self._aligns)

    def _data(self, row: Row) -> None:
        size = self._size
        cells = [
            folded(cell_text(column.kind, cell), REGULAR, size, width)
            if align == "<"
            else [cell_text(column.kind, cell)]
            for column, cell, width, align in zip(
                self._columns, row.cells, self._widths, self._aligns, strict=True
            )
        ]
        # a cell longer than a page goes on in further rows
        room = self._pages.height - 4 * MARGIN - self._height(self._heads)
        most = max(int(room / self._lead), 1)
        for start in range(0, max(map(len, cells)), most):
            self._lines([lines[start : start + most] for lines in cells], REGULAR, self._aligns)

    def _lines(self, cells: Sequence[Sequence[str]], font: str, aligns: Sequence[str]) -> None:
        """One row: its cells folded into lines, a rule under it."""
        pages, size, edges = self._pages, self._size, self._edges
        height = self._height(cells)
        pages.need(height)
        placed = []
        for place, lines in enumerate(cells):
            for n, line in enumerate(lines):
                if not line:
                    continue
                x = edges[place] + _PAD
                if aligns[place] == ">":
                    line, x = self._number(line, place, font)
                placed.append((x, pages.y - n * self._lead - size * 0.95, line))
        pages.texts(placed, font, size)
        pages.y -= height
        pages.canvas.line(edges[0], pages.y, edges[-1], pages.y)

    def _number(self, text: str, place: int, font: str) -> tuple[str, float]:
        """A number at the right edge; one too long for its column loses its spaces."""
        width = text_width(text, font, self._size)
        if width > self._widths[place] + _PAD and " " in text:
            text = text.replace(" ", "")
            width = text_width(text, font, self._size)
        return text, self._edges[place + 1] - _PAD - width

    def _totals(self, row: Row) -> None:
        start, end = label_span(self._columns, row.cells)
        room = self._edges[end] - self._edges[start] - 2 * _PAD
        texts = [[cell_text(c.kind, cell)] for c, cell in zip(self._columns, row.cells, strict=True)]
        texts[start] = folded(texts[start][0], BOLD, self._size, room)
        aligns = [*self._aligns[:start], "<", *self._aligns[start + 1 :]]
        self._pages.need(self._height(texts))
        top = self._pages.y
        self._lines(texts, BOLD, aligns)
        # the name of the totals runs over the empty cells: no verticals there
        self._verticals(down_to=top)
        self._top = self._pages.y
        for edge in (*self._edges[: start + 1], *self._edges[end:]):
            self._pages.canvas.line(edge, top, edge, self._top)

    def _verticals(self, down_to: float | None = None) -> None:
        low = self._pages.y if down_to is None else down_to
        if self._top > low:
            for edge in self._edges:
                self._pages.canvas.line(edge, self._top, edge, low)


def _shared(columns: Sequence[Column], unit: float, room: float, size: float) -> list[float]:
    """Widths in points: a heading is not broken inside a word while text columns have room to give."""
    own = [max(c.width, 2) * unit for c in columns]
    words = [max(text_width(w, BOLD, size) for w in c.title.split(" ")) for c in columns]
    wanted = [max(width, word) for width, word in zip(own, words, strict=True)]
    over = sum(wanted) - room
    if over <= 0:
        return wanted
    spare = [
        max(width - max(word, width * _LEAST), 0) if c.kind == "text" else 0.0
        for c, width, word in zip(columns, wanted, words, strict=True)
    ]
    part = min(over / sum(spare), 1) if sum(spare) else 0
    wanted = [width - give * part for width, give in zip(wanted, spare, strict=True)]
    shrink = min(room / sum(wanted), 1)
    return [width * shrink for width in wanted]


def draw_table(pages: Pages, table: Table, track: Track) -> None:
    """Draw a table under what is on the page."""
    TableDrawing(pages, table).draw(track)
