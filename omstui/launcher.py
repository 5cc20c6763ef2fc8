"""Long operations in a process of their own (длинные операции): started by a screen, followed by any.

The process is the command line itself in its own session, so a broken SSH line or a closed screen does
not touch it; its events are lines of a run file that this module follows.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from omstui.domain import runner
from omstui.domain.operation import Artifact, Event, LogLine, Progress


@dataclass(slots=True)
class Follower:
    """Reads a run file as it grows. ``outcome`` is set when the operation has ended."""

    path: Path
    position: int = 0
    outcome: str = ""
    message: str = ""
    hint: str = ""
    details: list[str] = field(default_factory=list)
    _rest: bytes = field(default=b"", repr=False)

    def poll(self) -> Iterator[Event]:
        """Events written since the last call."""
        try:
            with self.path.open("rb") as stream:
                stream.seek(self.position)
                data = stream.read()
        except FileNotFoundError:
            return
        self.position += len(data)
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            event = self._event(line)
            if event is not None:
                yield event

    def _event(self, line: bytes) -> Event | None:
        try:
            data: dict[str, Any] = json.loads(line)
        except ValueError:
            return None
        kind = data.pop("event", "")
        if kind == "log":
            return LogLine(data["text"], data["level"], data.get("link"), data["at"])
        if kind == "progress":
            return Progress(data["stage"], data["done"], data["total"])
        if kind == "artifact":
            return Artifact(data["path"])
        if kind == "outcome":
            self.outcome, self.message = data["kind"], data["message"]
            self.hint, self.details = data.get("hint", ""), data.get("details", [])
        return None


@dataclass(slots=True)
class Job:
    """A started operation."""

    operation: str
    params: dict[str, Any]
    follower: Follower
    process: subprocess.Popen[bytes]

    def cancel(self) -> None:
        """«Прервать»: ask the process to stop at its next checkpoint."""
        cancel(self.follower.path)

    def died(self) -> bool:
        """True if the process ended without telling its outcome (killed)."""
        return self.process.poll() is not None and not self.follower.outcome


def start(database: Path, operation: str, params: dict[str, Any], *, yes: bool = False) -> Job:
    """Start a long operation on the database in its own process and session."""
    run_file = runner.new_run_file()
    run_file.parent.mkdir(mode=0o770, parents=True, exist_ok=True)
    command = [
        sys.executable,
        "-m",
        "omstui",
        "_run",
        "--db",
        str(database),
        "--run-file",
        str(run_file),
        *(["--yes"] if yes else []),
        operation,
        json.dumps(params, ensure_ascii=False),
    ]
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    return Job(operation, params, Follower(run_file), process)


def cancel(run_file: Path) -> None:
    """Put the cancel mark of a run."""
    runner.cancel_mark(run_file).touch()
