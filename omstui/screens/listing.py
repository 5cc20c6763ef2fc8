"""Keys that work on the list of a screen (список на экране): filter, sort, groups of marks, copy."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from textual import on

from omstui import strings
from omstui.screens.asking import AskingScreen
from omstui.screens.menu import Item, MenuScreen
from omstui.widgets.filter_input import FilterInput
from omstui.widgets.lazy_table import LazyTable


class ListingScreen(AskingScreen):
    """The part of every screen that serves its lists."""

    def notice(self, text: str, level: str = "info") -> None:
        """Show a sentence until the next key; the screen says where."""

    def do_copy_row(self) -> None:
        """Put the row under the cursor into the clipboard of the operator's terminal (OSC 52)."""
        table = self.main_table()
        row = table.row_cells if table is not None else None
        if row is None:
            self.notice(strings.NOTHING_TO_COPY)
            return
        self.app.copy_to_clipboard("\t".join(row))
        self.notice(strings.COPIED)

    def main_table(self) -> LazyTable | None:
        """Return the list that Ctrl+F and Ctrl+S work on: the focused one, else the first."""
        if isinstance(self.focused, LazyTable):
            return self.focused
        tables = self.query(LazyTable)
        return tables.first() if tables else None

    def do_filter(self) -> None:
        """Show the entry line of the screen (a FilterInput must stand in it)."""
        self.query(FilterInput).first().ask()

    @on(FilterInput.Applied)
    def _filter_applied(self, event: FilterInput.Applied) -> None:
        event.stop()
        event.entry.display = bool(event.text)
        if (table := self.main_table()) is not None:
            table.focus()
            table.load(search=event.text)

    @on(FilterInput.Left)
    def _filter_left(self, event: FilterInput.Left) -> None:
        event.stop()
        if (table := self.main_table()) is not None:
            event.entry.put(table.search)
            event.entry.display = bool(table.search)
            table.focus()

    async def do_sort(self) -> None:
        table = self.main_table()
        if table is None or not table.sortable:
            self.notice(strings.NO_SORT)
            return
        items = [Item("", strings.SORT_DEFAULT)]
        items += [Item(column.key, column.title) for column in table.sortable]
        name = await self.choose(strings.SORT_TITLE, items, current=table.sort or "")
        if name is not None:
            table.load(sort=name)

    @on(LazyTable.GroupAsked)
    def _group_asked(self, event: LazyTable.GroupAsked) -> None:
        event.stop()
        table, mark = event.table, event.mark
        offered: Callable[[], Sequence[tuple[str, Callable[[], Iterable[int]]]]]
        offered = getattr(table.source, "groups", tuple)
        groups = offered()
        if not groups:
            table.mark_ids(table.ids, mark)
            return
        titles = [strings.MARK_ALL, *(title for title, _ in groups)]
        items = [Item(str(i), title) for i, title in enumerate(titles)]

        def chosen(name: str | None) -> None:
            if name is not None:
                number = int(name)
                table.mark_ids(groups[number - 1][1]() if number else table.ids, mark)

        title = strings.MARK_TITLE if mark else strings.UNMARK_TITLE
        self.app.push_screen(MenuScreen(title, items), chosen)

    @on(LazyTable.LoadFailed)
    def _load_failed(self, event: LazyTable.LoadFailed) -> None:
        event.stop()
        self.show_error(event.error)
