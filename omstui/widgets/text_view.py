"""A text to read (просмотр текста): help, details of an error, a report."""

from __future__ import annotations

from collections.abc import Iterable

from textual import events
from textual.strip import Strip
from textual.widget import Widget

from omstui import keys
from omstui.widgets import cells

#: columns of a step sideways
_SIDE = 10
_COMMANDS = keys.command_of(keys.TEXT_COMMANDS)


class TextView(Widget, can_focus=True):
    """Lines that scroll. ``wrap`` folds long ones; a line starting with ``#`` is a heading.

    ``indent``: spaces before what is folded; without it those of the line itself.
    """

    DEFAULT_CSS = "TextView { height: 1fr; width: 100%; }"

    def __init__(
        self,
        lines: Iterable[str] = (),
        *,
        wrap: bool = True,
        indent: int = 0,
        id: str | None = None,  # noqa: A002 - Textual's own name
    ) -> None:
        super().__init__(id=id)
        self._source = list(lines)
        self._wrap = wrap
        self._indent = indent
        self._lines: list[str] = []
        self._top = 0
        self._width = 0
        self._left = 0
        self._found = -1
        self._wanted = ""

    def show(self, lines: Iterable[str]) -> None:
        """Show another text from its beginning."""
        self._source = list(lines)
        self._top = self._width = self._left = 0
        self._found = -1
        self.refresh()

    @property
    def lines(self) -> list[str]:
        """The text as given."""
        return list(self._source)

    @property
    def folds(self) -> bool:
        """Whether long lines are folded; a text that is not has columns made of spaces."""
        return self._wrap

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
                    own = min(len(line) - len(line.lstrip(" ")), width // 2)
                    self._lines += cells.wrap(line, width - 1, self._indent or own)
                else:
                    self._lines.append(cells.clean(line))
        return self._lines

    def on_key(self, event: events.Key) -> None:
        command = _COMMANDS.get(event.key)
        if command is None:
            return
        if command in ("left", "right"):
            if not self._shift(-_SIDE if command == "left" else _SIDE):
                return
            self._took(event)
            return
        if command == "find_next":
            if self._wanted:
                self.find(self._wanted)
                self._took(event)
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
        self._took(event)

    @staticmethod
    def _took(event: events.Key) -> None:
        event.stop()
        event.prevent_default()

    def _shift(self, step: int) -> bool:
        """Move sideways; False when the text is folded to the width or ends here."""
        if self._wrap:
            return False
        # the longest of what is on the screen: a long text is not measured whole at each key
        shown = self._folded()[self._top : self._top + self.size.height]
        most = max(max((len(line) for line in shown), default=0) - self.size.width, 0)
        left = max(0, min(self._left + step, max(most, self._left if step > 0 else most)))
        if left == self._left:
            return False
        self._left = left
        self.refresh()
        return True

    def find(self, text: str) -> bool:
        """Go to the next line with the text, from the top again after the last; False = there is none."""
        self._wanted = text
        lines = self._folded()
        for wanted in keys.readings(text):
            low = wanted.casefold()
            for n in (*range(self._found + 1, len(lines)), *range(self._found + 1)):
                place = lines[n].casefold().find(low)
                if place >= 0:
                    self._found = n
                    self._show_place(n, place, len(low))
                    return True
        return False

    def _show_place(self, line: int, place: int, length: int) -> None:
        height, width = self.size.height, self.size.width
        if not self._top <= line < self._top + height:
            self._scroll(line - height // 3 - self._top)
        if not self._wrap and not self._left <= place <= self._left + width - length:
            self._left = max(place - width // 2, 0)
        self.refresh()

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
        style = cells.REVERSE if index == self._found else cells.PLAIN
        return cells.strip_of([(line[self._left :], style)], width)
