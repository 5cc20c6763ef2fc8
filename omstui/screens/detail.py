"""A panel of details under a list (подробности строки): a few lines about the row under the cursor."""

from __future__ import annotations

from collections.abc import Sequence

from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from omstui.widgets import cells


class Detail(Widget):
    """Fixed lines, never markup, not focused; only lines that changed are painted again."""

    DEFAULT_CSS = "Detail { width: 100%; }"

    def __init__(self, height: int, lines: Sequence[str] = ()) -> None:
        super().__init__()
        self.styles.height = height
        self.lines: list[str] = list(lines)

    def show(self, lines: Sequence[str]) -> None:
        """Show other lines; one starting with ``#`` is bold, with ``!`` is an alarm.

        Of more than there is room for the last one seen ends with «…».
        """
        old, self.lines = self.lines, list(lines)
        longest = max(len(old), len(self.lines))
        rows = [
            y
            for y in range(longest)
            if (old[y] if y < len(old) else None) != (self.lines[y] if y < len(self.lines) else None)
        ]
        last = self.size.height - 1
        if rows and self.size.width:
            self.refresh(*(Region(0, y, self.size.width, 1) for y in {min(y, last) for y in rows}))

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        text = self.lines[y] if y < len(self.lines) else ""
        if y == self.size.height - 1 and any(self.lines[y + 1 :]):
            text += " …"
        style = cells.PLAIN
        if text.startswith("#"):
            text, style = text[1:], cells.BOLD
        elif text.startswith("!"):
            style = cells.STATES["error"][1]
        return cells.strip_of([(cells.fit(" " + text, width), style)], width)
