"""Screens that do something (экраны с операциями): run, ask, show the refusal, refresh the lists."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from textual.dom import NoScreen
from textual.timer import Timer

from omstui import strings
from omstui.domain.errors import OmsError
from omstui.domain.model import Period, Role
from omstui.domain.ops.table import TABLE
from omstui.domain.runner import Outcome
from omstui.domain.store import db, journal, lists
from omstui.front import Front
from omstui.keys import Key
from omstui.launcher import Follower, Job
from omstui.screens.menu import Item
from omstui.screens.op_panel import OperationPanel, advance
from omstui.screens.operation import LogScreen, OperationScreen
from omstui.widgets.fields import Field

_ROLES = [Role.VIEWER, Role.OPERATOR, Role.SENIOR]
_ROLE_TITLES = {"viewer": "просмотр", "operator": "оператор", "senior": "старший оператор"}
#: every screen has these in F9
EVERYWHERE = (Key("go", title=strings.GO_TITLE), Key("running", title=strings.RUNNING_TITLE))


class OperatingScreen(LogScreen):
    """A screen with ``operate`` for short operations and ``operate_long`` for long ones."""

    services: Front
    _watch: Timer | None = None
    #: what a panel of this screen follows: its lines are the panel's to read
    _in_panel: Follower | None = None

    # --- running -------------------------------------------------------------------------

    async def operate(self, op_id: str, *, quiet: bool = False, **params: Any) -> Outcome | None:
        """Run a short operation; its question is asked; None = the operator said no."""
        outcome = await asyncio.to_thread(self.services.run, op_id, **params)
        if outcome.kind == "question" and outcome.error is not None:
            if not await self.ask(outcome.error.msg, outcome.error.details):
                return None
            outcome = await asyncio.to_thread(self.services.run, op_id, yes=True, **params)
        if outcome.error is not None:
            self.show_error(outcome.error)
        elif outcome.kind not in ("ok", "partial"):
            self.show_error(OmsError(outcome.message))
        else:
            self.on_show_again()
            self.refresh_head()
            if not quiet:
                self.notice(outcome.message, "info" if outcome.kind == "ok" else "warning")
        return outcome

    async def operate_long(
        self,
        op_id: str,
        *,
        panel: OperationPanel | None = None,
        yes: bool = False,
        warned: bool = False,
        **params: Any,
    ) -> Follower | None:
        """Start a long operation in its own process and show its log; its question is asked.

        Returns what is known of it when its screen closes: an empty outcome means it still runs.
        With a ``panel`` the log goes there and the screen is not left. ``warned``: the operator has said
        yes to the question itself, so it is asked again only if it has more to say.
        """
        title = self.services.running_title
        if title:
            raise OmsError(strings.OPERATION_RUNS.format(title=title), hint=strings.OPERATION_RUNS_HINT)
        while True:
            job = self.services.start(op_id, params, yes=yes)
            if panel is None:
                screen = OperationScreen(self.services, TABLE[op_id].title, job.follower, job=job)
                await self.app.push_screen_wait(screen)
            else:
                self.refresh_head()
                await self._follow_in(panel, job)
            if not job.follower.outcome:
                self._watch_job()
                return job.follower
            await self._settled(job)
            if job.follower.outcome != "question":
                if job.follower.outcome in ("ok", "partial"):
                    with suppress(NoScreen):
                        self.notice(job.follower.message)
                return job.follower
            bare = warned and not job.follower.details
            if not bare and not await self.ask(job.follower.message, job.follower.details):
                return None
            yes = True

    async def _follow_in(self, panel: OperationPanel, job: Job) -> None:
        self._in_panel = job.follower
        panel.follow(TABLE[job.operation].title, job.follower, lambda: job.process.poll() is None)
        while panel.is_running and panel.follower is job.follower:
            await asyncio.sleep(0.1)

    async def _settled(self, job: Job) -> None:
        """Wait until the process is gone and its row of the journal is closed; then look again."""
        await asyncio.to_thread(job.process.wait)
        if job.follower.outcome == "crashed":
            await asyncio.to_thread(self.services.running)
        self.services.remember("job", "")
        with suppress(NoScreen):  # the program closed while the process was ending: nothing to draw on
            self.on_show_again()
            self.refresh_head()

    # --- an operation left to itself -----------------------------------------------------

    def on_screen_resume(self) -> None:
        self._watch_job()

    def _watch_job(self) -> None:
        """Look after an operation that was folded away, while this screen is the open one."""
        job = self.services.job
        if job is None or job.follower.outcome or job.follower is self._in_panel:
            return
        if self._watch is None:
            self._watch = self.set_interval(1.0, self._look)
            self.refresh_head()

    def _look(self) -> None:
        job = self.services.job
        if not self.is_current or job is None or job.follower.outcome:
            self._stop_watch()
            return
        advance(job.follower, lambda: job.process.poll() is None)
        if job.follower.outcome:
            self._stop_watch()
            self.guard(lambda: self._ended(job))

    def _stop_watch(self) -> None:
        if self._watch is not None:
            self._watch.stop()
            self._watch = None

    async def _ended(self, job: Job) -> None:
        await self._settled(job)
        follower = job.follower
        if follower.outcome == "question":
            if await self.ask(follower.message, follower.details):
                await self.operate_long(job.operation, yes=True, **job.params)
        elif follower.outcome in ("ok", "partial"):
            self.notice(follower.message, "info" if follower.outcome == "ok" else "warning")
        else:
            self.show_error(OmsError(follower.message, hint=follower.hint, details=follower.details))

    # --- what may be done ----------------------------------------------------------------

    def running_reason(self) -> str | None:
        """Why a long operation cannot be started now, for ``unavailable``."""
        title = self.services.running_title
        return strings.OPERATION_RUNS.format(title=title) if title else None

    def why_not(self, op_id: str) -> str | None:
        """Why this operation cannot be started by this operator now, for ``unavailable``."""
        entry = TABLE[op_id]
        role = self.services.core.operator.role
        if _ROLES.index(role) < _ROLES.index(Role(entry.role)):
            return strings.ROLE_REASON.format(role=_ROLE_TITLES[role], need=_ROLE_TITLES[entry.role])
        return self.running_reason() if entry.long else None

    # --- common to all screens -----------------------------------------------------------

    def _all_keys(self) -> tuple[Key, ...]:
        return (*super()._all_keys(), *EVERYWHERE)

    def refresh_head(self) -> None:
        super().refresh_head()
        title = self.services.running_title
        if title:
            text = strings.GO_SUBJECT.format(subject=self.subject(), title=title)
            self._status.show(subject=text.removeprefix(" · "))

    async def do_running(self) -> None:
        """Show an operation that runs now, whoever started it."""
        job = self.services.job
        if job is not None and self.services.running_title:
            # from the start of the file: the log shall be whole
            job.follower = Follower(job.follower.path)
            screen = OperationScreen(self.services, TABLE[job.operation].title, job.follower, job=job)
            await self.app.push_screen_wait(screen)
            if job.follower.outcome:
                await self._ended(job)
            return
        runs = await asyncio.to_thread(self.services.running)
        if not runs:
            self.notice(strings.NOTHING_RUNS)
            return
        await self.app.push_screen_wait(follow_run(self.services, runs[-1]))
        self.on_show_again()

    async def do_go(self) -> None:
        """Go to another screen; those between it and the first one are closed."""
        from omstui.screens.table import offered

        items = [Item(name, title) for name, title in offered(self.services.profile).items()]
        name = await self.choose(strings.GO_TITLE, items)
        if name and (not self.has_changes or await self.ask(strings.UNSAVED)):
            self.app.call_later(_go, self.app, name)

    async def do_period(self) -> None:
        """Choose the report month."""
        with db.connection():
            known = lists.periods()
        now = Period.parse(self.services.period)
        months = sorted({*map(Period.parse, known), now, now.next}, reverse=True)
        items = [Item(str(month), month.title) for month in months]
        chosen = await self.choose(strings.PERIOD_TITLE, items, current=str(now))
        if chosen:
            self.use_period(chosen)

    def use_period(self, period: str) -> None:
        """Look at another month."""
        self.services.set_period(period)
        self.on_show_again()
        self.refresh_head()

    async def do_search(self) -> None:
        """F7: patients of all months by name, policy or card."""
        field = Field("text", strings.SEARCH_FIELD, width=36, help=strings.SEARCH_HELP, required=True)
        values = await self.ask_params([field], title=strings.SEARCH_TITLE)
        if values:
            from omstui.screens.cases import CasesScreen

            self.app.push_screen(CasesScreen(self.services, search=values["text"], everywhere=True))


def follow_run(services: Front, run: journal.RunRow) -> OperationScreen:
    """Return the screen that follows a run of another process."""
    title = f"{run.title} ({run.who}, с {run.started_at[11:16]})"
    alive: Callable[[], bool] = lambda: journal.alive(run.pid, run.pid_start)  # noqa: E731
    return OperationScreen(services, title, Follower(Path(run.run_file)), alive=alive)


async def _go(app: Any, name: str) -> None:
    while len(app.screen_stack) > 2:
        await app.pop_screen()
    if app.screen_id != name:
        app.open_screen(name)
