"""«Выполняется операция» (ход операции): the live log of a run, Прервать, Свернуть, Сохранить."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from textual import on
from textual.widget import Widget

from omstui import launcher, strings
from omstui.domain import atomicfile
from omstui.domain.errors import OmsError
from omstui.front import Front
from omstui.keys import Key
from omstui.launcher import Follower, Job
from omstui.screens.base import BaseScreen
from omstui.screens.linked import open_link
from omstui.screens.menu import Item
from omstui.screens.op_panel import OperationPanel
from omstui.widgets.op_log import OpLog

#: paper first: that is what the button of the manual was for
_LOG_FORMATS = ("pdf", "txt", "xlsx", "csv")


class LogScreen(BaseScreen):
    """A screen with a log: its lines open their cases, the whole is saved as text."""

    services: Front

    async def do_save_log(self) -> None:
        """«Сохранить»: the log as PDF, a text or a table."""
        # papers are imported when first asked for: the program must start fast
        from omstui.domain.reports import log
        from omstui.screens.saving import save_document

        lines = self.query_one(OpLog).lines
        title, pairs = self.log_title(), self.log_pairs()
        stamp = self.services.now().strftime("%Y-%m-%d_%H%M%S")
        name = f"{strings.LOG_FILE}_{stamp}"
        await save_document(
            self, lambda: log.document(title, lines, pairs), name, "log", formats=_LOG_FORMATS
        )

    def log_title(self) -> str:
        """What the log on this screen is of."""
        for panel in self.query(OperationPanel):
            if panel.title:
                return panel.title
        return self.subject().strip("«»") or self.HEADING

    def log_pairs(self) -> Sequence[tuple[str, str]]:
        """What is known of the run beside its lines."""
        return ()

    async def save_text(self, text: str, name: str, title: str, suffix: str = ".txt") -> None:
        """Ask for a folder and write the text there under a name with this moment."""
        folder = await self.pick_paths("folder", self.services.folder("log"), title=title)
        if not folder:
            return
        self.services.remember("folder.log", str(folder[0]))
        stamp = self.services.now().strftime("%Y-%m-%d_%H%M%S")
        target = Path(folder[0]) / f"{name}_{stamp}{suffix}"
        data = text.encode("utf-8")
        atomicfile.write_file(target, lambda stream: stream.write(data))
        self.notice(strings.SAVED.format(path=target))

    @on(OpLog.LineChosen)
    def _line_chosen(self, event: OpLog.LineChosen) -> None:
        event.stop()
        open_link(self.app, self.services, event.link)

    async def leave_running(self, title: str, follower: Follower) -> str:
        """Ask what to do with a running operation: "stay", "fold" or "abort"."""
        items = [
            Item("stay", strings.OPERATION_STAY),
            Item("fold", strings.OPERATION_FOLD),
            Item("abort", strings.OPERATION_ABORT),
        ]
        choice = await self.choose(title, items) or "stay"
        if choice == "abort":
            await self.abort_run(title, follower)
        return choice

    async def abort_run(self, title: str, follower: Follower) -> None:
        """«Прервать», after a question."""
        if not follower.outcome and await self.ask(strings.ABORT_QUESTION.format(title=title)):
            launcher.cancel(follower.path)
            self.query_one(OpLog).show_progress(strings.ABORTING)


class OperationScreen(LogScreen):
    """Follows a run file; leaving it does not stop the operation. Dismisses with None."""

    HEADING = "Ход операции"
    ABOUT = "Ход операции. Экран можно свернуть: операция продолжится и без него."

    def __init__(
        self,
        services: Front,
        title: str,
        follower: Follower,
        *,
        job: Job | None = None,
        alive: Callable[[], bool] | None = None,
    ) -> None:
        self._title = title
        self._follower = follower
        self._alive = alive or (lambda: job is not None and job.process.poll() is None)
        super().__init__(services)
        self._panel = OperationPanel()

    def compose_body(self) -> Iterable[Widget]:
        yield self._panel

    def subject(self) -> str:
        return f"«{self._title}»"

    def keys_now(self) -> Sequence[Key]:
        save = Key("save_log", title=strings.SAVE_LOG)
        if self._follower.outcome:
            return (save,)
        return (Key("abort", title=strings.ABORT), Key("fold", title=strings.FOLD), save)

    def on_mount(self) -> None:
        self._panel.log_view.focus()
        self._panel.follow(self._title, self._follower, self._alive)

    @on(OperationPanel.Finished)
    async def _finished(self, event: OperationPanel.Finished) -> None:
        event.stop()
        follower = event.follower
        if follower.outcome == "question":
            self.dismiss(None)
            return
        self._panel.log_view.show_progress(strings.OPERATION_CLOSE)
        self.refresh_head()
        if follower.outcome == "refused":
            self.show_error(OmsError(follower.message, hint=follower.hint, details=follower.details))

    async def do_back(self) -> None:
        """Esc: close a finished operation; ask what to do with a running one."""
        if self._follower.outcome or await self.leave_running(self._title, self._follower) == "fold":
            self.dismiss(None)

    def do_fold(self) -> None:
        """Leave the operation running and go back."""
        self.dismiss(None)

    async def do_abort(self) -> None:
        await self.abort_run(self._title, self._follower)
