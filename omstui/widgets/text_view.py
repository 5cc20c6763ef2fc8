"""A text to read (просмотр текста): help, details of an error, a report."""

from __future__ import annotations

from collections.abc import Iterable

from textual import events
from textual.strip import Strip
from textual.widget import Widget

from omstui import keys
from omstui.widgets import cells

_COMMANDS = keys.command_of(keys.TEXT_COMMANDS)


class TextView(Widget, can_focus=True):
    """Lines that scroll. ``wrap`` folds long ones; a line starting with ``#`` is a heading."""

    DEFAULT_CSS = "TextView { height: 1fr; width: 100%; }"

    def __init__(
        self,
        lines: Iterable[str] = (),
        *,
        wrap: bool = True,
        id: str | None = None,  # noqa: A002 - Textual's own name
    ) -> None:
        super().__init__(id=id)
        self._source = list(lines)
        self._wrap = wrap
        self._lines: list[str] = []
        self._top = 0
        self._width = 0

    def show(self, lines: Iterable[str]) -> None:
        """Show another text from its beginning."""
        self._source = list(lines)
        self._top = self._width = 0
        self.refresh()

    @property
    def lines(self) -> list[str]:
        """The text as given."""
        return list(self._source)

    def on_resize(self) -> None:
        self._width = 0
        self._scroll(0)
        self.refresh()

    def _folded(self) -> list[str]:
        width = self.size.width
        if self._width != width:
            self._width = width
            self._lines = []
            for line in self._source:
                if self._wrap:
                    self._lines += cells.wrap(line, width - 1)
                else:
                    self._lines.append(cells.clean(line))
        return self._lines

    def on_key(self, event: events.Key) -> None:
        command = _COMMANDS.get(event.key)
        if command is None:
            return
        page = max(self.size.height - 1, 1)
        steps = {
            "up": -1,
            "down": 1,
            "page_up": -page,
            "page_down": page,
            "first": -len(self._folded()),
            "last": len(self._folded()),
        }
        self._scroll(steps[command])
        event.stop()
        event.prevent_default()

    def _scroll(self, step: int) -> None:
        last = max(len(self._folded()) - self.size.height, 0)
        top = max(0, min(self._top + step, last))
        if top != self._top:
            self._top = top
            self.refresh()

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        lines = self._folded()
        index = self._top + y
        if index >= len(lines):
            return cells.strip_of([], width)
        line = lines[index]
        if line.startswith("#"):
            return cells.strip_of([(line[1:].strip(), cells.BOLD)], width)
        return cells.strip_of([(line, cells.PLAIN)], width)
