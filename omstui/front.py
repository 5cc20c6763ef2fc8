"""What the screens are given (службы экранов): the core's services and what one operator's screen keeps.

The period being looked at, the folders last used and the long operation this screen started are the
operator's, not the organisation's: they live here and in a small file of his own.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from omstui import launcher
from omstui.bootstrap import Services
from omstui.domain import runner
from omstui.domain.errors import OmsError, UsageError
from omstui.domain.model import Period
from omstui.domain.store import db, journal, lists, places


@dataclass(slots=True)
class Front:
    """Services of the screens; satisfies ``omstui.screens.services.Services``."""

    core: Services
    period: str = ""
    job: launcher.Job | None = None
    memory: dict[str, str] = field(default_factory=dict)
    memory_path: Path | None = None

    @property
    def now(self) -> Callable[[], datetime]:
        return self.core.now

    @property
    def settings(self) -> Any:
        return self.core.settings

    @property
    def profile(self) -> Any:
        return self.core.profile

    @property
    def mo_title(self) -> str:
        mo = self.core.settings.mo
        return f"{mo.code} {mo.name}".strip()

    @property
    def operator_title(self) -> str:
        who = self.core.operator
        return ", ".join(part for part in (who.name, *who.departments) if part)

    @property
    def period_title(self) -> str:
        return Period.parse(self.period).title

    @property
    def running_title(self) -> str:
        job = self.job
        if job is None or job.follower.outcome or job.process.poll() is not None:
            return ""
        from omstui.domain.ops.table import TABLE

        return TABLE[job.operation].title

    def run(self, op_id: str, *, yes: bool = False, **params: Any) -> runner.Outcome:
        """Run a short operation here (in a thread of the caller's choice)."""
        return self.core.run(op_id, yes=yes, **params)

    def start(self, op_id: str, params: dict[str, Any], *, yes: bool = False) -> launcher.Job:
        """Start a long operation in a process of its own and remember it."""
        self.job = launcher.start(self.core.database, op_id, params, yes=yes)
        self.remember("job", str(self.job.follower.path))
        return self.job

    def reload(self) -> None:
        """Read settings and operator again (after «Настройки»)."""
        self.core.reload()

    def running(self) -> list[journal.RunRow]:
        """Operations of anybody that run now; those whose process died are closed first."""
        with db.connection():
            journal.recover(self.now().strftime("%Y-%m-%d %H:%M:%S"))
            return journal.running()

    def folder(self, purpose: str) -> str:
        """Folder last used for a purpose («out», «in», …), else the one of the settings."""
        files = self.core.settings.files
        default = {"out": files.folder_out, "in": files.folder_in}.get(purpose, "")
        return self.memory.get(f"folder.{purpose}") or default or str(Path.home())

    def place(self, kind: str) -> str:
        """Folder this operator saved files of a kind in last time, else that of the outgoing files."""
        with db.connection():
            found = places.folder(self.core.operator.login, kind)
        return found or self.folder("out")

    def keep_place(self, kind: str, folder: str) -> None:
        """Remember the folder for files of this kind; a database that is busy must not stop the work."""
        try:
            with db.connection():
                places.keep(self.core.operator.login, kind, folder)
        except OmsError:
            return

    def remember(self, key: str, value: str) -> None:
        """Keep a word of this operator's screen for the next start."""
        self.memory[key] = value
        if self.memory_path is not None:
            try:
                self.memory_path.parent.mkdir(parents=True, exist_ok=True)
                self.memory_path.write_text(json.dumps(self.memory, ensure_ascii=False), encoding="utf-8")
            except OSError:
                return  # a read-only home must not stop the work

    def set_period(self, period: str) -> None:
        self.period = period
        self.remember("period", period)


def make_front(core: Services, *, memory_path: Path | None = None) -> Front:
    """Front of an operator: remembered period, else the newest month that has cases or registries."""
    memory: dict[str, str] = {}
    if memory_path is not None and memory_path.is_file():
        try:
            memory = {str(k): str(v) for k, v in json.loads(memory_path.read_text(encoding="utf-8")).items()}
            Period.parse(memory.get("period") or "2021-01")
        except (OSError, ValueError, AttributeError, UsageError):
            memory = {}
    front = Front(core, memory=memory, memory_path=memory_path)
    with db.connection():
        front.period = memory.get("period") or lists.current_period() or str(Period.of(core.now().date()))
    return front
