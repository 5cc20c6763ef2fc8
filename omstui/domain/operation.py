"""The protocol of operations (операции): events, context, abort, table of operations. Pure.

An operation is ``def run(ctx: Context, params: P) -> Result``; it reads and writes through
``omstui.domain.store``, reports through ``ctx`` and raises OmsError when it refuses. The runner
(``omstui.domain.runner``) gives it the lock, the journal and the outcome; screens and the command line
call the runner, never the operation.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from omstui.domain.errors import NeedsConfirmation

T = TypeVar("T")


class Aborted(Exception):
    """The operator pressed «Прервать»: everything is rolled back."""


@dataclass(frozen=True, slots=True)
class LogLine:
    """A line of the log. ``link`` opens its cases: a filter of store.queries as JSON-able dict."""

    text: str
    level: str = "info"  # info | warning | error
    link: Mapping[str, Any] | None = None
    at: str = field(default_factory=lambda: datetime.now().strftime("%H:%M:%S"))


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a stage is; ``total`` 0 = unknown."""

    stage: str
    done: int
    total: int = 0


@dataclass(frozen=True, slots=True)
class Artifact:
    """A file the operation wrote."""

    path: str


Event = LogLine | Progress | Artifact
Sink = Callable[[Event], None]


@dataclass(slots=True)
class Result:
    """What came of an operation. ``data`` is JSON-able and goes to stdout with --json."""

    message: str
    data: dict[str, Any] = field(default_factory=dict)
    #: a part of the input was refused while the rest was done (exit code 4)
    partial: bool = False


class Context:
    """What an operation may use of the world: log, progress, abort, confirmation, clock, who."""

    def __init__(
        self,
        sink: Sink,
        *,
        who: str = "",
        yes: bool = False,
        run_id: int | None = None,
        cancelled: Callable[[], bool] | None = None,
        now: Callable[[], datetime] = datetime.now,
    ) -> None:
        self._sink = sink
        self.who = who
        self.yes = yes
        self.run_id = run_id
        self.token = threading.Event()
        self._cancelled = cancelled
        self.now_fn = now
        self._last_progress = 0.0
        self._last_poll = 0.0
        #: parts that are committed already (operations over several files, each atomic by itself)
        self.committed: list[str] = []
        #: tests set it to count or to abort at the k-th checkpoint
        self.on_check: Callable[[], None] | None = None

    def now(self) -> str:
        """This moment as stored: «YYYY-MM-DD HH:MM:SS»."""
        return self.now_fn().strftime("%Y-%m-%d %H:%M:%S")

    def log(self, text: str, *, level: str = "info", link: Mapping[str, Any] | None = None) -> None:
        self._sink(LogLine(text, level, link, self.now_fn().strftime("%H:%M:%S")))

    def warn(self, text: str, *, link: Mapping[str, Any] | None = None) -> None:
        self.log(text, level="warning", link=link)

    def artifact(self, path: Path) -> None:
        self._sink(Artifact(str(path)))

    def done(self, text: str) -> None:
        """Say that a part is committed: what the runner says of an abort or a failure counts on it."""
        self.committed.append(text)

    def check(self) -> None:
        """Checkpoint: raises Aborted if the operator pressed «Прервать» (polls 4 times a second)."""
        if self.on_check is not None:
            self.on_check()
        if self.token.is_set():
            raise Aborted
        now = time.monotonic()
        if self._cancelled is not None and now - self._last_poll > 0.25:
            self._last_poll = now
            if self._cancelled():
                self.token.set()
                raise Aborted

    def progress(self, stage: str, done: int, total: int = 0) -> None:
        """Checkpoint and, at most 4 times a second, a progress event."""
        self.check()
        now = time.monotonic()
        if now - self._last_progress > 0.25 or (total and done >= total):
            self._last_progress = now
            self._sink(Progress(stage, done, total))

    def track(self, items: Iterable[T], stage: str, total: int = 0, every: int = 500) -> Iterator[T]:
        """Yield the items with a checkpoint each ``every`` of them."""
        done = 0
        for done, item in enumerate(items, 1):
            if done % every == 0:
                self.progress(stage, done, total)
            yield item
        self.progress(stage, done, total or done)

    def confirm(self, question: str, *, details: Iterable[str] = ()) -> None:
        """Ask before anything is written: --yes passes, otherwise NeedsConfirmation is raised."""
        if not self.yes:
            raise NeedsConfirmation(question, details=tuple(details))


@dataclass(frozen=True, slots=True)
class Operation:
    """An entry of the table of operations; ``id`` is the command of the command line."""

    id: str
    title: str  # Russian, as in «Выполняется операция "…"»
    run: Callable[[Context, Any], Result]
    #: dataclass of parameters, built from JSON by the runner: Params(**json)
    params: type[Any]
    long: bool = True  # runs in a process of its own when started from a screen
    writes: bool = True  # takes the writer's lock
    role: str = "operator"  # least role that may run it
    month: bool = False  # works on the month ``params.period``: not when it is closed
