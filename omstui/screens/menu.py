"""A menu (меню): F9 of every screen, groups of marks, sorting, values of a field."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from textual import on
from textual.widget import Widget

from omstui import strings
from omstui.screens.dialog import Dialog
from omstui.widgets.lazy_table import LazyTable
from omstui.widgets.sources import Column, MemorySource


@dataclass(frozen=True, slots=True)
class Item:
    """A line of a menu. ``reason`` says why it cannot be chosen now; "" = it can."""

    id: str
    title: str
    key: str = ""
    reason: str = ""


class MenuScreen(Dialog[str]):
    """Choose one line; dismisses with its id. A dimmed line says why it is dimmed."""

    def __init__(
        self,
        title: str,
        items: Sequence[Item],
        *,
        keys_line: str = strings.MENU_KEYS,
        current: str = "",
        width: int = 60,
    ) -> None:
        super().__init__(title, keys_line, width=width)
        self._items = list(items)
        self._current = current
        columns = [Column("", 20, flex=True)]
        if any(item.key for item in items):
            columns.append(Column("", 8))
        self._table = LazyTable(
            MemorySource(
                columns,
                {i: (item.title, item.key) for i, item in enumerate(self._items)},
                state=lambda i, _: "muted" if self._items[i].reason else "",
            ),
            marks=False,
            header=False,
            autoload=False,
        )

    def compose_body(self) -> Iterable[Widget]:
        self._table.styles.height = min(len(self._items) + 1, self.room)
        yield self._table

    def on_mount(self) -> None:
        self._table.load()
        self._table.focus()
        for place, item in enumerate(self._items):
            if item.id == self._current:
                self._table.move_to(place)

    @on(LazyTable.RowChosen)
    def _chosen(self, event: LazyTable.RowChosen) -> None:
        event.stop()
        item = self._items[event.row_id]
        if item.reason:
            self.notice(f"«{item.title}» сейчас нельзя: {item.reason}")
        else:
            self.dismiss(item.id)
