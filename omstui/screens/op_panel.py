"""The running operation on a screen (ход операции): its title, live log and progress."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.timer import Timer

from omstui import strings
from omstui.domain.operation import LogLine, Progress
from omstui.launcher import Follower
from omstui.screens.dialog import Line
from omstui.widgets.op_log import OpLog

#: seconds between looks at the run file
POLL = 0.25
_LEVELS = {"partial": "warning", "crashed": "error", "failed": "error"}
_ENDS = {
    "partial": strings.OPERATION_PARTIAL,
    "refused": strings.OPERATION_REFUSED,
    "aborted": strings.OPERATION_ABORTED,
    "crashed": strings.OPERATION_FELL,
    "failed": strings.OPERATION_FELL,
}


def advance(follower: Follower, alive: Callable[[], bool]) -> list[LogLine | Progress]:
    """Return what is new in the run file; a process that died silently becomes «crashed»."""
    was_alive = alive()
    events = [event for event in follower.poll() if isinstance(event, LogLine | Progress)]
    if not follower.outcome and not was_alive:
        # it wrote its last lines before it went, and they were read after
        follower.outcome, follower.message = "crashed", strings.OPERATION_CRASHED
    return events


class OperationPanel(Vertical):
    """«Выполняется операция "…"» with the log under it; «Выберите операцию» while nothing runs."""

    DEFAULT_CSS = "OperationPanel { height: 1fr; width: 100%; }"

    class Finished(Message):
        """The operation that was followed has ended; ``follower`` knows how."""

        def __init__(self, panel: OperationPanel, follower: Follower) -> None:
            super().__init__()
            self.panel = panel
            self.follower = follower

    def __init__(self, idle: str = strings.CHOOSE_OPERATION) -> None:
        super().__init__()
        self._line = Line(idle, bold=True)
        self.log_view = OpLog()
        self._follower: Follower | None = None
        self._alive: Callable[[], bool] = lambda: False
        self._title = ""
        self._timer: Timer | None = None

    def compose(self) -> ComposeResult:
        yield self._line
        yield self.log_view

    @property
    def follower(self) -> Follower | None:
        """What is followed or was followed last."""
        return self._follower

    @property
    def is_running(self) -> bool:
        """Whether the operation shown has not ended yet."""
        return self._follower is not None and not self._follower.outcome

    @property
    def title(self) -> str:
        """Title of the operation followed here, "" before the first one."""
        return self._title

    def show(self, title: str, lines: Iterable[LogLine]) -> None:
        """Show the log of a run that ended earlier."""
        self._line.show(title)
        self.log_view.clear()
        self.log_view.add(lines)

    def follow(self, title: str, follower: Follower, alive: Callable[[], bool]) -> None:
        """Show the log of this run as it grows."""
        self._title, self._follower, self._alive = title, follower, alive
        self._line.show(strings.OPERATION_NOW.format(title=title))
        self.log_view.clear()
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_interval(POLL, self._poll)
        self._poll()

    def _poll(self) -> None:
        follower = self._follower
        if follower is None or self._timer is None:
            return
        lines: list[LogLine] = []
        for event in advance(follower, self._alive):
            if isinstance(event, LogLine):
                lines.append(event)
            else:
                self.log_view.show_progress(event)
        if lines:
            self.log_view.add(lines)
        if follower.outcome:
            self._timer.stop()
            self._timer = None
            self._line.show(_ENDS.get(follower.outcome, strings.OPERATION_DONE).format(title=self._title))
            self.log_view.show_progress("")
            if follower.outcome not in ("question", "refused", "aborted"):
                # what was refused or aborted says so in the log already
                self.log_view.add(LogLine(follower.message, _LEVELS.get(follower.outcome, "info")))
            self.post_message(self.Finished(self, follower))
