"""Sends only the cells that changed (разностный вывод): light on a slow line.

Textual repaints all rows of the screen whenever the layout is refreshed, which even a change of
focus does. Here we remember what the terminal shows, cell by cell, and of each update send the runs
of cells that differ. Rows that only moved by one (a list that scrolls) are moved by the terminal itself,
with «delete line» inside margins, so a step at the edge of a list costs as much as any other step.

This leans on a private interface of Textual (``App._display`` and the two updates of its
compositor), so it is switched off for any version but the one it was tested with: then updates pass
unchanged and everything works, only with more bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

import textual
from rich.cells import get_character_cell_size
from rich.console import Console
from rich.segment import Segment
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.strip import Strip

SUPPORTED = "8.2.8"

#: (characters of one cell, SGR codes); None = not known what the terminal shows there
Cell = tuple[str, str] | None
#: row, column, the cells to be shown from there
Piece = tuple[int, int, list[Cell]]

#: unchanged cells fewer than this are cheaper to send than a jump over them
_GAP = 9
#: trailing blanks fewer than this are cheaper than «erase to the end of line»
_ERASE = 4
#: fewer moved rows than this are sent anew rather than scrolled
_SCROLL = 5


def supported(version: str = textual.__version__) -> bool:
    """Tell whether this version of Textual is the one the module was tested with."""
    return version == SUPPORTED


class RowDiff:
    """What the terminal shows, and updates reduced to the difference."""

    def __init__(self, version: str = textual.__version__) -> None:
        self.active = supported(version)
        self._rows: dict[int, list[Cell]] = {}

    def clear(self) -> None:
        """Forget everything: after a resize, a redraw, a return from another program."""
        self._rows.clear()

    def reduce(self, update: Any) -> Any:
        """Return the update, or one that sends less and shows the same."""
        if not self.active or update is None:
            return update
        if isinstance(update, LayoutUpdate):
            return _Reduced(self, _layout_pieces(update), update.region.width)
        if isinstance(update, ChopsUpdate):
            width = max((ends[-1] for ends in update.chop_ends if ends), default=0)
            return _Reduced(self, _chops_pieces(update), width)
        self.clear()
        return update

    def scroll(self, pieces: list[Piece], width: int) -> tuple[str, list[Piece]]:
        """Find rows that moved up or down by one; return the sequence that moves them and what is left.

        Nothing is found unless all the rows concerned are known and part of the update.
        """
        if len(pieces) < _SCROLL:
            return "", pieces
        wanted: dict[int, list[Cell]] = {}
        for y, x, cells in pieces:
            row = wanted.get(y) or self._rows.get(y)
            if row is None or len(row) != width or None in row:
                return "", pieces
            wanted[y] = row[:x] + cells[: width - x] + row[x + len(cells) :]
        for step in (1, -1):
            moved = [y for y, row in wanted.items() if self._moved(y, row, step)]
            if len(moved) < _SCROLL:
                continue
            first, last = min(moved), max(moved)
            first, last = (first, last + 1) if step == 1 else (first - 1, last)
            if len(moved) * 4 >= (last - first) * 3 and wanted.keys() >= set(range(first, last + 1)):
                self._shift(first, last, step, width)
                text = f"\x1b[{first + 1};{last + 1}r\x1b[{first + 1}H\x1b[{'M' if step == 1 else 'L'}\x1b[r"
                return text, [(y, 0, row) for y, row in wanted.items()]
        return "", pieces

    def _moved(self, y: int, row: list[Cell], step: int) -> bool:
        """Whether the row is to show what the next (``step`` 1) or previous one shows now."""
        return self._rows.get(y + step) == row != self._rows[y]

    def _shift(self, first: int, last: int, step: int, width: int) -> None:
        block = [self._rows[y] for y in range(first, last + 1)]
        blank: list[Cell] = [(" ", "")] * width
        block = [*block[1:], blank] if step == 1 else [blank, *block[:-1]]
        self._rows.update(zip(range(first, last + 1), block, strict=True))

    def patch(self, y: int, x: int, cells: list[Cell], width: int) -> Iterator[str]:
        """Yield the sequences that make the terminal show ``cells`` from (x, y), and remember."""
        row = self._rows.get(y)
        if row is None or len(row) < width:
            row = self._rows[y] = [None] * max(width, x + len(cells))
        end = min(x + len(cells), len(row))
        cells = cells[: end - x]
        old = row[x:end]
        if old == cells:
            return
        row[x:end] = cells
        for start, stop in _runs(old, cells):
            yield f"\x1b[{y + 1};{x + start + 1}H"
            yield _paint(cells[start:stop], at_edge=x + stop == len(row))


class _Reduced(CompositorUpdate):
    """An update that computes its difference at the moment it is written."""

    def __init__(self, diff: RowDiff, pieces: Iterable[tuple[int, int, list[Strip]]], width: int) -> None:
        self._diff = diff
        self._pieces = pieces
        self._width = width

    def render_segments(self, console: Console) -> str:
        pieces = [(y, x, _cells(strips, console)) for y, x, strips in self._pieces]
        scrolled, pieces = self._diff.scroll(pieces, self._width)
        out = [scrolled]
        for y, x, cells in pieces:
            out.extend(self._diff.patch(y, x, cells, self._width))
        return "".join(out)


def _layout_pieces(update: LayoutUpdate) -> Iterator[tuple[int, int, list[Strip]]]:
    for y, line in enumerate(update.strips, update.region.y):
        yield y, update.region.x, list(line)


def _chops_pieces(update: ChopsUpdate) -> Iterator[tuple[int, int, list[Strip]]]:
    """The same choice of pieces as ChopsUpdate.render_segments makes."""
    for y, x1, x2 in update.spans:
        for end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
            if strip is None or x > x2 or end <= x1:
                continue
            if not (x2 > x >= x1 and end <= x2):
                strip = strip.crop(0, min(end, x2) - x)
            yield y, x, [strip]


def _cells(strips: Iterable[Strip], console: Console) -> list[Cell]:
    system = console._color_system
    cells: list[Cell] = []
    for strip in strips:
        for segment in strip:
            text, style, control = segment
            if control:
                continue
            code = _plain(Strip.render_ansi(style, system)) if style is not None and system else ""
            if text.isascii():
                cells.extend([(char, code) for char in text])
            else:
                _extend_wide(cells, segment, code)
    return cells


@lru_cache(maxsize=4096)
def _plain(code: str) -> str:
    """Drop the codes of default colours: every run of cells starts from a reset anyway.

    Textual adds them to a screen shown under a window, which would otherwise be sent anew.
    """
    parts = code.split(";")
    if "38" in parts or "48" in parts:
        return code
    return ";".join(part for part in parts if part not in ("39", "49"))


def _extend_wide(cells: list[Cell], segment: Segment, code: str) -> None:
    for char in segment.text:
        size = get_character_cell_size(char)
        if size == 1:
            cells.append((char, code))
        elif size == 2:
            cells.extend([(char, code), ("", code)])
        elif cells and cells[-1] is not None:
            cells[-1] = (cells[-1][0] + char, cells[-1][1])


def _runs(old: list[Cell], new: list[Cell]) -> list[tuple[int, int]]:
    """Return [start, stop) of the runs that differ, close ones joined."""
    runs: list[tuple[int, int]] = []
    for i, (before, after) in enumerate(zip(old, new, strict=True)):
        if before == after:
            continue
        if runs and i - runs[-1][1] < _GAP:
            runs[-1] = (runs[-1][0], i + 1)
        else:
            runs.append((i, i + 1))
    # a run must not start or stop in the middle of a wide character
    out = []
    for start, stop in runs:
        while start and (cell := new[start]) and cell[0] == "":
            start -= 1
        while stop < len(new) and (cell := new[stop]) and cell[0] == "":
            stop += 1
        out.append((start, stop))
    return out


def _paint(cells: list[Cell], at_edge: bool) -> str:
    erase = ""
    if at_edge:
        keep = len(cells)
        while keep and cells[keep - 1] == (" ", ""):
            keep -= 1
        if len(cells) - keep >= _ERASE:
            cells, erase = cells[:keep], "\x1b[K"
    out: list[str] = []
    code = ""
    for cell in cells:
        char, wanted = cell if cell is not None else (" ", "")
        if wanted != code:
            if code:
                out.append("\x1b[m" if not wanted else f"\x1b[;{wanted}m")
            else:
                out.append(f"\x1b[{wanted}m")
            code = wanted
        out.append(char)
    if code:
        out.append("\x1b[m")
    return "".join(out) + erase
