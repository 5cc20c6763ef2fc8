"""The line of tabs (вкладки): names in a row, the open one in reverse; Ctrl+← → walk."""

from __future__ import annotations

from collections.abc import Sequence

from rich.style import Style
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from omstui.widgets import cells


class TabLine(Widget):
    """Names of tabs; names that do not fit are cut from the far side of the open one."""

    DEFAULT_CSS = "TabLine { height: 1; width: 100%; }"

    class Changed(Message):
        """Another tab is open."""

        def __init__(self, line: TabLine, tab: str) -> None:
            super().__init__()
            self.line = line
            self.tab = tab

        @property
        def control(self) -> TabLine:
            return self.line

    def __init__(
        self,
        tabs: Sequence[tuple[str, str]],
        current: str = "",
        *,
        id: str | None = None,  # noqa: A002 - Textual's own name
    ) -> None:
        super().__init__(id=id)
        self.tabs = tuple(tabs)
        self.current = current or self.tabs[0][0]

    @property
    def title(self) -> str:
        """The name of the open tab."""
        return dict(self.tabs)[self.current]

    def open(self, tab: str) -> None:
        """Open the tab with this id and post Changed."""
        if tab != self.current:
            self.current = tab
            self.refresh()
            self.post_message(self.Changed(self, tab))

    def step(self, step: int) -> None:
        """Open the next (1) or previous (-1) tab, round the end."""
        ids = [tab for tab, _ in self.tabs]
        self.open(ids[(ids.index(self.current) + step) % len(ids)])

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        parts: list[tuple[str, Style]] = []
        ends: list[int] = []
        at = 0
        for place, (tab, title) in enumerate(self.tabs):
            text = f" {cells.clean(title)} "
            parts.append((text, cells.REVERSE if tab == self.current else cells.PLAIN))
            at += len(text)
            ends.append(at)
            if tab == self.current:
                open_at = place
        first = 0
        while first < open_at and ends[open_at] - (ends[first - 1] if first else 0) > width:
            first += 1
        return cells.strip_of(parts[first:], width)
