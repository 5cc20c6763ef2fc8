"""The bottom key bar (строка клавиш): ten cells of eight columns, as in Midnight Commander."""

from __future__ import annotations

from collections.abc import Mapping

from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from omstui.widgets import cells


class FKeyBar(Widget):
    """Number and label of F1–F10. Dimmed = not now; without a label = not on this screen."""

    DEFAULT_CSS = "FKeyBar { dock: bottom; height: 1; width: 100%; }"

    def __init__(self, labels: Mapping[int, tuple[str, bool]] | None = None) -> None:
        super().__init__()
        self._labels = dict(labels or {})

    def show_keys(self, labels: Mapping[int, tuple[str, bool]]) -> None:
        """Set slot → (label, available); repaints only if something changed."""
        if dict(labels) != self._labels:
            self._labels = dict(labels)
            self.refresh()

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        cell = max(width // 10, 3)
        parts: list[tuple[str, Style]] = []
        for slot in range(1, 11):
            label, available = self._labels.get(slot, ("", False))
            number = str(slot)
            room = cell - len(number)
            if not label:
                parts.append((number + " " * room, cells.DIM))
                continue
            style = cells.REVERSE if available else cells.DIM
            parts.append((number, cells.PLAIN))
            parts.append((cells.fit(label, room - 1), style))
            parts.append((" ", cells.PLAIN))
        return cells.strip_of(parts, width)
