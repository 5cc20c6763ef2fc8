"""The two lines at the top (заголовок): whose data, which screen, which registry, who works."""

from __future__ import annotations

from textual.strip import Strip
from textual.widget import Widget

from omstui.widgets import cells


class StatusLine(Widget):
    """First line: МО and, at the right, operator with departments; second: screen and registry."""

    DEFAULT_CSS = "StatusLine { dock: top; height: 2; width: 100%; }"

    def __init__(self, mo: str = "", operator: str = "", screen: str = "", subject: str = "") -> None:
        super().__init__()
        self._parts = (mo, operator, screen, subject)

    def show(
        self,
        *,
        mo: str | None = None,
        operator: str | None = None,
        screen: str | None = None,
        subject: str | None = None,
    ) -> None:
        """Change what is named; ``subject`` = registry with period, type and status."""
        new = tuple(
            old if given is None else given
            for old, given in zip(self._parts, (mo, operator, screen, subject), strict=True)
        )
        if new != self._parts:
            self._parts = (new[0], new[1], new[2], new[3])
            self.refresh()

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        mo, operator, screen, subject = (cells.clean(part) for part in self._parts)
        if y == 0:
            right = cells.fit(operator, min(len(operator), width // 2))
            left = cells.fit(mo, max(width - len(right) - 3, 0))
            return cells.strip_of([(f" {left} {right} ", cells.PLAIN)], width)
        text = cells.fit(f" {screen}", min(len(screen) + 1, width))
        if subject:
            rest = f" · {subject}"
            text = text + cells.fit(rest, max(width - len(text), 0))
        return cells.strip_of([(text, cells.REVERSE)], width, cells.REVERSE)
