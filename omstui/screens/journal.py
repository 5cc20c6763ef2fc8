"""Журнал: every run of an operation: when, who, what, result, duration, log, files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from textual import on
from textual.app import App
from textual.widget import Widget

from omstui.domain.operation import LogLine
from omstui.domain.store import db, journal, lists
from omstui.front import Front
from omstui.keys import Key
from omstui.screens import columns
from omstui.screens.dialog import Line
from omstui.screens.operating import OperatingScreen, follow_run
from omstui.screens.sources import StoreSource, day
from omstui.widgets.filter_input import FilterInput
from omstui.widgets.lazy_table import LazyTable
from omstui.widgets.op_log import OpLog


class JournalScreen(OperatingScreen):
    """Runs of all months, or of one; Enter or F3 opens the log."""

    HEADING = "Журнал"
    ABOUT = "Все операции: когда, кто, что, итог, сколько длилась. F3 или Enter — лента и файлы."
    KEYS = (
        Key("history", "Лента", "Лента операции", "открывает ленту операции"),
        Key("period", title="Операции одного месяца"),
        Key("whole", title="Операции всех месяцев"),
        Key("search"),
        Key("filter"),
        Key("sort"),
    )

    def __init__(self, services: Front, *, period: str = "") -> None:
        self._period = period
        super().__init__(services)
        source = StoreSource("runs", columns.RUNS, state=columns.run_state)
        self._table = LazyTable(source, where={"period": period}, marks=False)
        self._result = Line("", dim=True)
        self._entry = FilterInput()

    def compose_body(self) -> Iterable[Widget]:
        yield self._table
        yield self._result
        yield self._entry

    def on_mount(self) -> None:
        self._table.focus()
        with db.connection():
            crashed = lists.ids("runs", {"outcome": "crashed"})
        if crashed:
            self.services.remember("seen_crash", str(crashed[0]))
        if not self.services.running_title:
            self.services.remember("job", "")

    def subject(self) -> str:
        return self.services.period_title if self._period else "все операции"

    def unavailable(self, action: str) -> str | None:
        return "журнал пуст" if action == "history" and self._table.row_id is None else None

    @on(LazyTable.Loaded)
    def _loaded(self, event: LazyTable.Loaded) -> None:
        event.stop()
        self.refresh_keys()

    @on(LazyTable.CursorMoved)
    def _moved(self, event: LazyTable.CursorMoved) -> None:
        event.stop()
        source = self._table.source
        assert isinstance(source, StoreSource)
        message = source.raw(event.row_id).get("message", "") if event.row_id else ""
        self._result.show(f" {message}" if message else "")

    @on(LazyTable.RowChosen)
    def _chosen(self, event: LazyTable.RowChosen) -> None:
        event.stop()
        self.guard(self.do_history)

    def do_history(self) -> None:
        if self._table.row_id is not None:
            open_run(self.app, self.services, self._table.row_id)

    def do_whole(self) -> None:
        self._period = ""
        self._table.load(where={})
        self.refresh_head()

    def use_period(self, period: str) -> None:
        self._period = period
        self._table.where = {"period": period}
        super().use_period(period)


class RunLogScreen(OperatingScreen):
    """The stored log of a run; lines marked » open their cases."""

    HEADING = "Лента операции"
    ABOUT = "Запись операции. Enter на строке со знаком » открывает её случаи."
    KEYS = (Key("save_log", title="Сохранить ленту в файл"),)

    def __init__(self, services: Front, run: journal.RunRow) -> None:
        self._shown_run = run
        super().__init__(services)
        self._log = OpLog()

    def compose_body(self) -> Iterable[Widget]:
        yield self._log

    def subject(self) -> str:
        run = self._shown_run
        return f"«{run.title}» · {day(run.started_at)} · {run.who} · {columns.outcome(run.outcome)}"

    def log_title(self) -> str:
        return self._shown_run.title

    def log_pairs(self) -> Sequence[tuple[str, str]]:
        run = self._shown_run
        return [("Оператор", run.who), ("Начало", run.started_at), ("Итог", columns.outcome(run.outcome))]

    def on_mount(self) -> None:
        with db.connection():
            lines = journal.lines(self._shown_run.id)
            files = journal.files(self._shown_run.id)
        at = (self._shown_run.finished_at or self._shown_run.started_at)[11:19]
        ends = [*(f"Файл: {path}" for path in files), self._shown_run.message]
        self._log.add([*lines, *(LogLine(text, at=at) for text in ends if text)])
        self._log.focus()


def open_run(app: App[Any], services: Front, run_id: int) -> None:
    """Open the log of a run: stored, or live while it runs."""
    with db.connection():
        run = journal.run(run_id)
    if run is None:
        return
    if run.outcome == "running" and journal.alive(run.pid, run.pid_start):
        app.push_screen(follow_run(services, run))
    else:
        app.push_screen(RunLogScreen(services, run))
