"""A notice over the last rows (сообщение в нижней строке): shown until the next key, no timer."""

from __future__ import annotations

from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from omstui.widgets import cells

_STYLES = {
    "info": cells.REVERSE,
    "warning": Style(reverse=True, bold=True),
    "error": Style(reverse=True, bold=True, color="red"),
}
_SIGNS = {"info": " ", "warning": "?", "error": "!"}


class Notice(Widget):
    """Up to four lines above the key bar, on a layer of its own so nothing under it moves."""

    DEFAULT_CSS = """
    Notice { dock: bottom; layer: notice; margin: 0 0 1 0; height: 1; width: 100%; display: none; }
    """
    _MAX_LINES = 4

    def __init__(self) -> None:
        super().__init__()
        self._lines: list[str] = []
        self._level = "info"
        self.text = ""

    def show(self, text: str, level: str = "info") -> None:
        """Show the sentence until ``hide`` (the next key)."""
        self.text = text
        self._level = level
        width = (self.screen.size.width or 80) - 2
        self._lines = cells.wrap(text, width)[: self._MAX_LINES]
        self.styles.height = len(self._lines)
        self.display = True
        self.refresh()

    def hide(self) -> None:
        """Take the notice away."""
        if self.display:
            self.display = False
            self.text = ""

    def render_line(self, y: int) -> Strip:
        style = _STYLES.get(self._level, cells.REVERSE)
        text = self._lines[y] if y < len(self._lines) else ""
        sign = _SIGNS.get(self._level, " ") if y == 0 else " "
        return cells.strip_of([(f"{sign}{text}", style)], self.size.width, style)
