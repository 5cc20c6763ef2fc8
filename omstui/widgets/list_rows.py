"""Rows behind a list (строки списка): pages read by id, columns fitted to the width."""

from __future__ import annotations

from array import array
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from omstui.widgets import cells
from omstui.widgets.sources import Cells, Column, ListSource

PAGE = 64
KEEP = 32
#: width from which columns marked wide_only are shown
WIDE = 100
#: narrowest a flex column is drawn
_FLEX_MIN = 12


class Pages:
    """Ids of the whole list (8 bytes a row) and the pages of rows looked at last."""

    def __init__(self, source: ListSource) -> None:
        self._source = source
        self.ids: array[int] = array("q")
        self._pages: OrderedDict[int, Mapping[int, Cells]] = OrderedDict()

    def open(self, ids: array[int]) -> None:
        """Take another list of ids."""
        self.ids = ids
        self._pages.clear()

    def forget(self) -> None:
        """Drop the rows read, keep the ids: the data behind them changed."""
        self._pages.clear()

    def row(self, place: int) -> Cells | None:
        """Return the cells of the row at this place; None = it is gone from the data."""
        number = place // PAGE
        page = self._pages.get(number)
        if page is None:
            page = self._source.rows(self.ids[number * PAGE : (number + 1) * PAGE])
            self._pages[number] = page
            if len(self._pages) > KEEP:
                self._pages.popitem(last=False)
        else:
            self._pages.move_to_end(number)
        return page.get(self.ids[place])


@dataclass(frozen=True, slots=True)
class Fitted:
    """Columns as they stand on the screen: (index in the row, width), and what is out of sight."""

    shown: tuple[tuple[int, int], ...]
    columns: tuple[Column, ...]
    more_left: bool
    more_right: bool

    def line(self, row: Sequence[str]) -> str:
        """Return the cells of a row in their columns."""
        return " ".join(
            cells.fit(row[index] if index < len(row) else "", width, self.columns[index].align)
            for index, width in self.shown
        )

    def header(self) -> str:
        """Return the titles; « and » tell of columns out of sight."""
        text = self.line([column.title for column in self.columns])
        if self.more_right:
            text = text[:-1] + "»"
        return "«" + text[1:] if self.more_left else text


def fit_columns(columns: Sequence[Column], width: int, frozen: int, shift: int) -> Fitted:
    """Fit the columns: the first ``frozen`` stay, ``shift`` of the rest are skipped."""
    usable = [i for i, column in enumerate(columns) if width >= WIDE or not column.wide_only]
    order = usable[:frozen] + usable[frozen + shift :]
    shown: list[tuple[int, int]] = []
    left = width
    cut = False
    for index in order:
        column = columns[index]
        need = _FLEX_MIN if column.flex else column.width
        gap = 1 if shown else 0
        if need + gap > left:
            # a column that would show less than a third of itself is not worth its place
            cut = True
            if left - gap >= max(need // 3, 4):
                shown.append((index, left - gap))
                left = 0
            break
        shown.append((index, need))
        left -= need + gap
    flexible = [place for place, (index, _) in enumerate(shown) if columns[index].flex]
    for number, place in enumerate(flexible):
        extra = left // (len(flexible) - number)
        shown[place] = (shown[place][0], shown[place][1] + extra)
        left -= extra
    return Fitted(tuple(shown), tuple(columns), shift > 0, cut)
