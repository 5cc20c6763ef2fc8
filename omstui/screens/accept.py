"""Preview of accepting (что будет принято): a dry run of each file before anything is written."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterable, Sequence
from typing import Any

from textual import on
from textual.widget import Widget

from omstui.domain.money import kopecks, spaced
from omstui.domain.operation import Context, Event, Progress
from omstui.domain.runner import Outcome
from omstui.front import Front
from omstui.keys import Key
from omstui.screens.base import BaseScreen
from omstui.screens.detail import Detail
from omstui.widgets import cells
from omstui.widgets.lazy_table import LazyTable
from omstui.widgets.op_log import progress_text
from omstui.widgets.sources import Cells, Column, MemorySource

_COLUMNS = (
    Column("Файл", 12, key="name"),
    Column("Ст", 2),
    Column("СМО", 5),
    Column("Период", 7),
    Column("Счетов", 6, ">"),
    Column("Отк.", 5, ">"),
    Column("Сумма отк.", 12, ">"),
    Column("Что будет", 16, flex=True),
)
_STATES = {
    "accepted": ("будет принят", "good"),
    "repeated": ("уже принят", "muted"),
    "refused": ("отказ", "error"),
    "ignored": ("не ответ", "muted"),
}


class AcceptScreen(BaseScreen):
    """A row per file; dismisses with True when the operator wants them accepted."""

    HEADING = "Приём ответов: проверка"
    ABOUT = "Что будет, если принять эти файлы. Пока ничего не изменено. Enter показывает причину отказа."
    KEYS = (Key("main", "Принять", "Принять файлы", "принимает то, что можно принять"),)
    services: Front

    def __init__(self, services: Front, paths: Sequence[str]) -> None:
        self._paths = list(paths)
        self._files: list[dict[str, Any]] = []
        self._stop: threading.Event | None = None
        self._left = False
        self.done = False
        super().__init__(services)
        source = MemorySource(_COLUMNS, {}, state=lambda i, _: _STATES[self._files[i]["state"]][1])
        self._table = LazyTable(source, marks=False, autoload=False, empty="Проверка файлов…")
        self._head = Detail(1, ["Проверка файлов…"])
        self._line = Detail(4)

    def compose_body(self) -> Iterable[Widget]:
        yield self._head
        yield self._table
        yield self._line

    def subject(self) -> str:
        return "ничего ещё не изменено"

    def on_mount(self) -> None:
        self._table.focus()
        self.start_reading(self._check)

    async def _check(self) -> None:
        outcome = await asyncio.to_thread(self._dry_run)
        self.done = True
        if self._left:
            return
        self._files = _files(outcome)
        if isinstance(self._table.source, MemorySource):
            self._table.source.replace([_cells(row) for row in self._files])
        self._table.load()
        self._head.show([outcome.message])
        self.refresh_keys()
        if not self._files:
            self.dismiss(False)
            if outcome.error is not None:
                raise outcome.error

    def _dry_run(self) -> Outcome:
        core = self.services.core
        return core.run("accept", sink=self._event, prepare=self._prepare, paths=self._paths, dry_run=True)

    def _prepare(self, ctx: Context) -> None:
        self._stop = ctx.token

    def _event(self, event: Event) -> None:
        if isinstance(event, Progress) and not self._left:
            self.app.call_from_thread(self._head.show, [progress_text(event)])

    def unavailable(self, action: str) -> str | None:
        if action == "main":
            if not self.done:
                return "файлы ещё проверяются"
            if not any(row["state"] in ("accepted", "repeated") for row in self._files):
                return "ни один файл принять нельзя; причины — Enter на строке"
        return None

    def do_main(self) -> None:
        self.dismiss(True)

    async def do_back(self) -> None:
        """Leave without accepting; a check under way is stopped."""
        self._left = True
        if self._stop is not None:
            self._stop.set()
        self.dismiss(False)

    @on(LazyTable.CursorMoved)
    def _moved(self, event: LazyTable.CursorMoved) -> None:
        event.stop()
        if event.row_id is not None and event.row_id < len(self._files):
            row = self._files[event.row_id]
            reason = _reason(row) or _STATES[row["state"]][0]
            self._line.show([row["name"], *cells.wrap(reason, 77)])

    @on(LazyTable.RowChosen)
    async def _chosen(self, event: LazyTable.RowChosen) -> None:
        event.stop()
        row = self._files[event.row_id]
        text = _reason(row) or f"{_STATES[row['state']][0]}: счетов {row['accounts']}."
        self.guard(lambda: self.tell(row["name"], text, details=row["details"]))


def _files(outcome: Outcome) -> list[dict[str, Any]]:
    data = outcome.result.data if outcome.result else getattr(outcome.error, "data", {})
    return list(data.get("files", []))


def _reason(row: dict[str, Any]) -> str:
    """The reason without the name of the file, which stands beside it."""
    text = str(row["reason"]).removeprefix(f"Файл {row['name']}: ")
    return text[:1].upper() + text[1:]


def _cells(row: dict[str, Any]) -> Cells:
    known = row["accounts"] or row["state"] == "accepted"
    return (
        row["name"][-12:],
        str(row["stage"] or ""),
        row["smo"],
        row["period"],
        str(row["accounts"]) if known else "",
        str(row["refused"]) if known else "",
        spaced(kopecks(row["refused_sum"])) if known else "",
        _reason(row) if row["state"] == "refused" else _STATES[row["state"]][0],
    )
