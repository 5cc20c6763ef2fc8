"""The list (список): one widget for every long list, paged from the data behind it.

It keeps the ids of the whole list and reads rows by pages of 64, so a hundred thousand rows open as
fast as a thousand. Line API without scroll bars: the line «12 / 100000» is cheaper on a slow line
than a bar repainted at each step. A step repaints two rows.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping
from typing import Any

from textual import events
from textual.actions import SkipAction
from textual.message import Message

from omstui import keys
from omstui.domain.errors import OmsError
from omstui.widgets.list_rows import Pages
from omstui.widgets.list_view import ListView
from omstui.widgets.sources import ListSource

_COMMANDS = keys.command_of(keys.LIST_COMMANDS)
#: commands that do not end an incremental search
_SEARCH_KEEPS = {"erase", "find_next", "stop"}


class LazyTable(ListView, can_focus=True):
    """A list of rows with a cursor, marks, incremental search and columns that shift sideways."""

    DEFAULT_CSS = "LazyTable { height: 1fr; width: 100%; }"

    class Event(Message):
        """Something about a list; ``table.id`` tells which."""

        def __init__(self, table: LazyTable) -> None:
            super().__init__()
            self.table = table

        @property
        def control(self) -> LazyTable:
            return self.table

    class RowChosen(Event):
        """Enter was pressed on a row."""

        def __init__(self, table: LazyTable, row_id: int) -> None:
            super().__init__(table)
            self.row_id = row_id

    class CursorMoved(Event):
        """The cursor stands on another row (None = the list is empty)."""

        def __init__(self, table: LazyTable, row_id: int | None) -> None:
            super().__init__(table)
            self.row_id = row_id

    class MarksChanged(Event):
        """Rows were marked or unmarked."""

    class Loaded(Event):
        """The ids are read and the first rows are on the screen."""

    class LoadFailed(Event):
        """The list could not be read; the rows shown before stay."""

        def __init__(self, table: LazyTable, error: OmsError) -> None:
            super().__init__(table)
            self.error = error

    class GroupAsked(Event):
        """«+» or «-» on a source with groups: the screen offers them."""

        def __init__(self, table: LazyTable, mark: bool) -> None:
            super().__init__(table)
            self.mark = mark

    class _Opened(Message):
        def __init__(self, request: int, ids: array[int] | None, error: OmsError | None) -> None:
            super().__init__()
            self.request = request
            self.ids = ids
            self.error = error

    # --- loading -------------------------------------------------------------------------

    def on_mount(self) -> None:
        if self._autoload:
            self.load()

    def load(
        self,
        *,
        where: Mapping[str, Any] | None = None,
        search: str | None = None,
        sort: str | None = None,
    ) -> None:
        """Read the ids again (new filter, search, sort; None keeps it). The cursor stays on its row.

        The answer of a request that was overtaken by a newer one is dropped.
        """
        self.where = self.where if where is None else dict(where)
        self.search = self.search if search is None else search
        self.sort = self.sort if sort is None else sort or None
        self._request += 1
        self._loading = True
        asked = (self._request, dict(self.where), self.search, self.sort)
        if getattr(self.source, "instant", False):
            self._open(*asked, post=False)
        else:
            self._refresh_counter()
            self.run_worker(lambda: self._open(*asked), thread=True, group="read")

    def reload(self) -> None:
        """Read the list again as it is (after an operation changed the data)."""
        self.load()

    def refresh_rows(self) -> None:
        """Read the visible rows again; the list itself did not change."""
        self._pages.forget()
        self.refresh()

    def use(self, source: ListSource, *, sort: str | None = None) -> None:
        """Show another source in this list (another grouping of the same screen)."""
        self.source = source
        self._pages = Pages(source)
        self._shift = self._top = self.cursor = 0
        self._fitted = None
        self.sort = sort
        self.clear_marks()
        self.load()

    def _open(
        self, request: int, where: dict[str, Any], search: str, sort: str | None, post: bool = True
    ) -> None:
        ids, error = None, None
        try:
            ids = self.source.open(where, search, sort)
        except OmsError as refused:
            error = refused
        answer = self._Opened(request, ids, error)
        if post:
            self.post_message(answer)
        else:
            self._opened(answer)

    def on_lazy_table__opened(self, message: _Opened) -> None:
        message.stop()
        self._opened(message)

    def _opened(self, answer: _Opened) -> None:
        if answer.request != self._request:
            return
        self._loading = False
        if answer.ids is None:
            # what was asked cannot be read: the next reload must not ask the same again
            self.where, self.search, self.sort = self._shown_query
            self._refresh_counter()
            if answer.error is not None:
                self.post_message(self.LoadFailed(self, answer.error))
            return
        self._shown_query = (dict(self.where), self.search, self.sort)
        before, place = self.row_id, self.cursor
        self._pages.open(answer.ids)
        if before is not None and before in answer.ids:
            place = answer.ids.index(before)
        self.cursor = max(min(place, self.count - 1), 0)
        self._keep_visible()
        self.refresh()
        self.post_message(self.Loaded(self))
        self.post_message(self.CursorMoved(self, self.row_id))

    # --- moving --------------------------------------------------------------------------

    def move_to(self, place: int, *, page: int = 0) -> None:
        """Put the cursor on the row at this place; ``page`` moves the window as much first."""
        if not self.count:
            return
        old, top = self.cursor, self._top
        self.cursor = max(0, min(place, self.count - 1))
        if page:
            self._top = max(0, min(self._top + page, self.count - self._height))
        self._keep_visible()
        if self._top != top:
            self.refresh()
        elif self.cursor != old:
            self._refresh_places(old, self.cursor)
        if self.cursor != old:
            self.post_message(self.CursorMoved(self, self.row_id))

    def move_to_id(self, row_id: int) -> bool:
        """Put the cursor on the row with this id; False = it is not in the list."""
        if row_id not in self._pages.ids:
            return False
        self.move_to(self._pages.ids.index(row_id))
        return True

    # --- keys ----------------------------------------------------------------------------

    def on_key(self, event: events.Key) -> None:
        command = _COMMANDS.get(event.key)
        if command == "mark" and self._typed:
            command = None
        if command is None:
            if event.character and event.is_printable:
                self._type(event.character)
                self._took(event)
            return
        if command not in _SEARCH_KEEPS:
            self._end_search()
        try:
            getattr(self, f"_do_{command}")()
        except SkipAction:
            return
        self._took(event)

    @staticmethod
    def _took(event: events.Key) -> None:
        event.stop()
        event.prevent_default()

    def _do_up(self) -> None:
        self.move_to(self.cursor - 1)

    def _do_down(self) -> None:
        self.move_to(self.cursor + 1)

    def _do_page_up(self) -> None:
        self.move_to(self.cursor - self._height, page=-self._height)

    def _do_page_down(self) -> None:
        self.move_to(self.cursor + self._height, page=self._height)

    def _do_first(self) -> None:
        self.move_to(0)

    def _do_last(self) -> None:
        self.move_to(self.count - 1)

    def _do_left(self) -> None:
        if not self._shift:
            raise SkipAction
        self._set_shift(self._shift - 1)

    def _do_right(self) -> None:
        if not self.fitted.more_right:
            raise SkipAction
        self._set_shift(self._shift + 1)

    def _set_shift(self, shift: int) -> None:
        self._shift = shift
        self._fitted = None
        self.refresh()

    def _do_choose(self) -> None:
        if self.row_id is not None:
            self.post_message(self.RowChosen(self, self.row_id))

    # --- marks ---------------------------------------------------------------------------

    def _do_mark(self) -> None:
        if not self.marks_on:
            raise SkipAction
        if self.row_id is None:
            return
        row_id, on = self.row_id, self.row_id not in self.marked
        self.marked ^= {row_id}
        if not getattr(self.source, "additive", True):
            self._total = self.source.total(self.marked)
            self._refresh_places(self.cursor)
            self.post_message(self.MarksChanged(self))
            return
        # a hundred thousand marks must not be summed again for one more
        count, kopecks = self.source.total([row_id])
        sign = 1 if on else -1
        known = self._total[1]
        both = None if kopecks is None else (known or 0) + sign * kopecks
        self._total = (self._total[0] + sign * count, both)
        self._refresh_places(self.cursor)
        self.post_message(self.MarksChanged(self))

    def _do_mark_down(self) -> None:
        self._do_mark()
        self._do_down()

    def _do_mark_all(self) -> None:
        self._ask_group(True)

    def _do_mark_none(self) -> None:
        self._ask_group(False)

    def _do_mark_invert(self) -> None:
        if not self.marks_on:
            raise SkipAction
        self._set_marks(set(self._pages.ids) ^ self.marked)

    def _ask_group(self, mark: bool) -> None:
        if not self.marks_on:
            raise SkipAction
        groups = getattr(self.source, "groups", None)
        if groups is not None and (mark or self.marked) and groups():
            self.post_message(self.GroupAsked(self, mark))
        else:
            self.mark_ids(self._pages.ids, mark)

    def mark_ids(self, ids: Iterable[int], mark: bool = True) -> None:
        """Mark or unmark these rows."""
        wanted = set(ids)
        self._set_marks(self.marked | wanted if mark else self.marked - wanted)

    def clear_marks(self) -> None:
        """Take all marks off."""
        self._set_marks(set())

    def _set_marks(self, marked: set[int]) -> None:
        if marked == self.marked:
            return
        self.marked = marked
        self._total = self.source.total(marked) if marked else (0, None)
        self.refresh()
        self.post_message(self.MarksChanged(self))

    def on_blur(self) -> None:
        self._end_search()

    # --- incremental search --------------------------------------------------------------

    def _type(self, text: str) -> None:
        self._look(self._typed + text, self.cursor)

    def _do_erase(self) -> None:
        if not self._typed:
            raise SkipAction
        self._typed = self._typed[:-1]
        self._missed = ""
        self._refresh_counter()

    def _do_find_next(self) -> None:
        if not self._typed:
            raise SkipAction
        self._look(self._typed, self.cursor + 1)

    def _do_stop(self) -> None:
        if not self._typed and not self._missed:
            raise SkipAction
        self._end_search()

    def _end_search(self) -> None:
        if self._typed or self._missed:
            self._typed = self._missed = ""
            self._refresh_counter()

    def _look(self, text: str, start: int) -> None:
        """Go to the next row with the text, typed in either layout; wraps round the end."""
        ids = self._pages.ids
        for wanted in keys.readings(text):
            for begin in dict.fromkeys((start, 0)):
                place = self.source.find(ids, begin, wanted)
                if place >= 0:
                    self._typed, self._missed = wanted, ""
                    self.move_to(place)
                    self._refresh_counter()
                    return
        self._missed = text
        self._refresh_counter()
