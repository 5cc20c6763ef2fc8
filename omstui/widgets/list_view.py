"""What a list shows (вид списка): columns, rows, the line of counts; no keys, no loading."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from typing import Any

from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from omstui import strings
from omstui.domain.money import spaced
from omstui.widgets import cells
from omstui.widgets.list_rows import WIDE, Fitted, Pages, fit_columns
from omstui.widgets.sources import Cells, Column, ListSource


class ListView(Widget):
    """The drawn part of a list: header, rows with marks and states, counter."""

    def __init__(
        self,
        source: ListSource,
        *,
        where: Mapping[str, Any] | None = None,
        sort: str | None = None,
        frozen: int = 1,
        marks: bool = True,
        counter: bool = True,
        header: bool = True,
        empty: str = strings.EMPTY,
        autoload: bool = True,
        id: str | None = None,  # noqa: A002 - Textual's own name
    ) -> None:
        super().__init__(id=id)
        self.source = source
        self.where: dict[str, Any] = dict(where or {})
        self.search = ""
        self.sort = sort
        self.marked: set[int] = set()
        self.cursor = 0
        self.marks_on = marks
        self._counter_on = counter
        self._head = int(header)
        #: said in place of rows when there are none
        self.empty = empty
        self._autoload = autoload
        self._frozen = frozen
        self._shift = 0
        self._top = 0
        self._typed = ""
        self._missed = ""
        self._total: tuple[int, int | None] = (0, None)
        self._pages = Pages(source)
        self._request = 0
        #: filter, search and sort of the rows on the screen
        self._shown_query: tuple[dict[str, Any], str, str | None] = (dict(self.where), "", sort)
        self._loading = False
        self._fitted: Fitted | None = None

    # --- what screens ask ----------------------------------------------------------------

    @property
    def count(self) -> int:
        """How many rows the list has."""
        return len(self._pages.ids)

    @property
    def ids(self) -> array[int]:
        """The ids of the list in order; not to be changed."""
        return self._pages.ids

    @property
    def row_id(self) -> int | None:
        """The id of the row under the cursor."""
        return self._pages.ids[self.cursor] if self.cursor < self.count else None

    @property
    def row_cells(self) -> Cells | None:
        """The cells of the row under the cursor."""
        return self._pages.row(self.cursor) if self.cursor < self.count else None

    def chosen_ids(self) -> list[int]:
        """Return the marked rows in the order of the list, or the row under the cursor."""
        if self.marked:
            return [row_id for row_id in self._pages.ids if row_id in self.marked]
        return [] if self.row_id is None else [self.row_id]

    @property
    def sortable(self) -> list[Column]:
        """The columns the list can be sorted by."""
        return [column for column in self.source.columns if column.key]

    @property
    def _height(self) -> int:
        return max(self.size.height - self._head - self._counter_on, 1)

    def _keep_visible(self) -> None:
        top = min(self._top, max(self.count - self._height, 0))
        if self.cursor < top:
            top = self.cursor
        elif self.cursor >= top + self._height:
            top = self.cursor - self._height + 1
        self._top = top

    def on_resize(self) -> None:
        self._fitted = None
        self._keep_visible()
        self.refresh()

    def on_focus(self) -> None:
        self._refresh_places(self.cursor)

    def on_blur(self) -> None:
        self._refresh_places(self.cursor)

    # --- drawing -------------------------------------------------------------------------

    @property
    def fitted(self) -> Fitted:
        """The columns as they stand on the screen now."""
        if self._fitted is None:
            width = max(self.size.width - 2, 1)
            frozen = self._frozen if self._shift or width < WIDE else 0
            self._fitted = fit_columns(self.source.columns, width, frozen, self._shift)
        return self._fitted

    @property
    def cut_text(self) -> str:
        """The first cell of the row under the cursor where the width cuts it, else «»."""
        row = self.row_cells
        index, width = self.fitted.shown[0]
        return row[index] if row is not None and len(row[index]) > width else ""

    def _refresh_places(self, *places: int) -> None:
        width = self.size.width
        regions = [
            Region(0, place - self._top + self._head, width, 1)
            for place in set(places)
            if 0 <= place - self._top < self._height
        ]
        if self._counter_on:
            regions.append(Region(0, self.size.height - 1, width, 1))
        if regions:
            self.refresh(*regions)

    def _refresh_counter(self) -> None:
        self._refresh_places()

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if self._head and y == 0:
            return cells.strip_of([("  " + self.fitted.header(), cells.HEADER)], width, cells.HEADER)
        if self._counter_on and y == self.size.height - 1:
            return cells.strip_of([(self.counter_text(width), cells.BOLD)], width)
        place = self._top + y - self._head
        if place >= self.count:
            note = strings.LOADING if self._loading else self.empty
            text = "  " + cells.clean(note) if y == self._head and not self.count else ""
            return cells.strip_of([(text, cells.DIM)], width)
        return self._row_strip(place, width)

    def _row_strip(self, place: int, width: int) -> Strip:
        row_id = self._pages.ids[place]
        row = self._pages.row(place)
        marked = row_id in self.marked
        letter, style = cells.STATES["muted" if row is None else self._state(row_id, row)]
        text = strings.REMOVED if row is None else self.fitted.line(row)
        line = ("*" if marked else " ") + letter + text
        if place == self.cursor:
            style = cells.REVERSE if self.has_focus else cells.UNDERLINE
        elif marked:
            style = style + Style(bold=True)
        return cells.strip_of([(line, style)], width, style if place == self.cursor else cells.PLAIN)

    def _state(self, row_id: int, row: Cells) -> str:
        state = getattr(self.source, "state", None)
        name = state(row_id, row) if state is not None else ""
        return name if name in cells.STATES else ""

    def counter_text(self, width: int = 80) -> str:
        """Return the line under the rows: place, marks with their sum, search."""
        parts: list[str] = []
        place = self.cursor + 1 if self.count else 0
        parts.append(strings.POSITION.format(row=place, count=self.count))
        if self._loading:
            parts.append(strings.LOADING)
        if self.marked:
            count, kopecks = self._total
            template = strings.MARKED if kopecks is None else strings.MARKED_SUM
            parts.append(template.format(count=count, total=spaced(kopecks or 0)))
        if self._missed:
            parts.append(strings.NOT_FOUND.format(text=self._missed))
        elif self._typed:
            parts.append(strings.SEARCHING.format(text=self._typed))
        if self.search:
            parts.append(strings.FILTER_LABEL + self.search)
        return cells.join_fitting(["  " + parts[0], *parts[1:]], width)
