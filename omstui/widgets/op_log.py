"""The live log of an operation (лента операции): «HH:MM:SS text», lines that open their cases."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from rich.style import Style
from textual import events
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from omstui import keys, strings
from omstui.domain.operation import LogLine, Progress
from omstui.widgets import cells

_COMMANDS = keys.command_of(keys.LOG_COMMANDS)
_INDENT = 10
_LEVELS: dict[str, tuple[str, Style]] = {
    "info": (" ", cells.PLAIN),
    "warning": ("?", Style(color="yellow")),
    "error": ("!", Style(color="red", bold=True)),
}


@dataclass(frozen=True, slots=True)
class _Row:
    text: str
    level: str
    link: Mapping[str, Any] | None
    first: bool


class OpLog(Widget, can_focus=True):
    """Lines of one run, the newest in sight until the operator walks up; progress in the last row."""

    DEFAULT_CSS = "OpLog { height: 1fr; width: 100%; }"

    class LineChosen(Message):
        """Enter on a line that knows its cases; ``link`` is the filter that opens them."""

        def __init__(self, log: OpLog, link: Mapping[str, Any]) -> None:
            super().__init__()
            self.log_widget = log
            self.link = link

        @property
        def control(self) -> OpLog:
            return self.log_widget

    def __init__(
        self,
        max_lines: int = 5000,
        *,
        empty: str = "",
        id: str | None = None,  # noqa: A002 - Textual's own name
    ) -> None:
        super().__init__(id=id)
        self._events: list[LogLine] = []
        self._max = max_lines
        self._rows: list[_Row] = []
        self._dropped = False
        self._width = 0
        self._top = 0
        self._cursor = 0
        self._follow = True
        self._empty = empty
        self._progress = ""

    # --- what screens ask ----------------------------------------------------------------

    def add(self, lines: LogLine | Iterable[LogLine]) -> None:
        """Append a line or many; the oldest go when there are too many."""
        for line in [lines] if isinstance(lines, LogLine) else lines:
            self._events.append(line)
            self._rows += self._fold(line)
        # some room above the limit: cutting at each line would fold the whole log each time
        if len(self._events) > self._max * 5 // 4:
            del self._events[: -self._max]
            self._dropped = True
            self._refold()
        if self._follow:
            self._cursor = max(len(self._rows) - 1, 0)
        self._keep_visible()
        self.refresh()

    def show_progress(self, progress: Progress | str | None) -> None:
        """Set the last row: a stage with its numbers, any sentence, or nothing."""
        text = progress_text(progress) if isinstance(progress, Progress) else progress or ""
        if text != self._progress:
            self._progress = text
            self.refresh(Region(0, self.size.height - 1, self.size.width, 1))

    def clear(self) -> None:
        """Empty the log for another run."""
        self._events.clear()
        self._rows.clear()
        self._dropped = False
        self._top = self._cursor = 0
        self._follow = True
        self._progress = ""
        self.refresh()

    @property
    def lines(self) -> list[LogLine]:
        """The lines of the log as they came."""
        return list(self._events)

    def as_text(self) -> str:
        """Return the log as text, to be saved."""
        return "\n".join(f"{line.at} {line.text}" for line in self._events) + "\n"

    # --- keys ----------------------------------------------------------------------------

    def on_key(self, event: events.Key) -> None:
        command = _COMMANDS.get(event.key)
        if command is None:
            return
        if command == "choose":
            link = self._rows[self._cursor].link if self._rows else None
            if link is None:
                return
            self.post_message(self.LineChosen(self, link))
        else:
            page = self._height
            last = len(self._rows) - 1
            targets = {
                "up": self._cursor - 1,
                "down": self._cursor + 1,
                "page_up": self._cursor - page,
                "page_down": self._cursor + page,
                "first": 0,
                "last": last,
            }
            self._go(targets[command])
        event.stop()
        event.prevent_default()

    def _go(self, place: int) -> None:
        old, top = self._cursor, self._top
        self._cursor = max(0, min(place, len(self._rows) - 1))
        self._follow = self._cursor >= len(self._rows) - 1
        self._keep_visible()
        if top != self._top:
            self.refresh()
        elif old != self._cursor:
            width = self.size.width
            self.refresh(*(Region(0, i - top, width, 1) for i in (old, self._cursor)))

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def on_resize(self) -> None:
        if self._width != self.size.width:
            self._refold()
        if self._follow:
            self._cursor = max(len(self._rows) - 1, 0)
        self._keep_visible()
        self.refresh()

    # --- inside --------------------------------------------------------------------------

    def _fold(self, line: LogLine) -> list[_Row]:
        width = max(self._width - 3, 40) if self._width else 77
        folded = cells.wrap(f"{line.at:<8} {line.text}", width, _INDENT - 1)
        return [_Row(text, line.level, line.link, i == 0) for i, text in enumerate(folded)]

    def _refold(self) -> None:
        self._width = self.size.width
        before = len(self._rows)
        rows: list[_Row] = []
        if self._dropped:
            rows.append(_Row(strings.LOG_CUT, "info", None, False))
        for line in self._events:
            rows += self._fold(line)
        self._rows = rows
        self._cursor = max(0, min(self._cursor + len(rows) - before, len(rows) - 1))

    @property
    def _height(self) -> int:
        return max(self.size.height - 1, 1)

    def _keep_visible(self) -> None:
        top = min(self._top, max(len(self._rows) - self._height, 0))
        if self._cursor < top:
            top = self._cursor
        elif self._cursor >= top + self._height:
            top = self._cursor - self._height + 1
        self._top = top

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if y == self.size.height - 1:
            return cells.strip_of([(cells.fit(" " + self._progress, width), cells.BOLD)], width)
        index = self._top + y
        if index >= len(self._rows):
            text = f" {cells.clean(self._empty)}" if y == 0 and not self._rows else ""
            return cells.strip_of([(text, cells.DIM)], width)
        row = self._rows[index]
        letter, style = _LEVELS.get(row.level, _LEVELS["info"])
        mark = letter + ("»" if row.link is not None else " ") if row.first else "  "
        if index == self._cursor and self.has_focus:
            style = cells.REVERSE
        return cells.strip_of([(f"{mark}{row.text}", style)], width)


def progress_text(progress: Progress) -> str:
    """Return «Чтение файла: 1200 из 100000 (1 %)»."""
    if progress.total:
        percent = min(progress.done * 100 // progress.total, 100)
        return strings.PROGRESS.format(
            stage=progress.stage, done=progress.done, total=progress.total, percent=percent
        )
    return strings.PROGRESS_OPEN.format(stage=progress.stage, done=progress.done)
