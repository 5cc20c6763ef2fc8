"""«Просмотр файла» (view): any file of the exchange without accepting it; changes nothing."""

from __future__ import annotations

import asyncio
import time
from array import array
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from textual import on
from textual.widget import Widget

from omstui.domain.errors import OmsError
from omstui.domain.money import spaced
from omstui.formats.view import View, ViewRow, info_lines, open_view, row_text
from omstui.front import Front
from omstui.keys import Key
from omstui.screens.detail import Detail
from omstui.screens.sources import refusal_kind, short_day
from omstui.screens.tabbed import TabbedScreen
from omstui.widgets.filter_input import FilterInput
from omstui.widgets.lazy_table import LazyTable
from omstui.widgets.sources import Cells, Column, MemorySource
from omstui.widgets.tab_line import TabLine
from omstui.widgets.text_view import TextView

_COLUMNS = (
    Column("Пациент", 16, flex=True),
    Column("Родился", 8),
    Column("Вид", 7),
    Column("Код", 8),
    Column("Сумма", 12, ">"),
    Column("Текст", 26, flex=True),
    Column("Полис", 16),
    Column("Начало", 8),
    Column("Конец", 8),
    Column("Комментарий", 30),
    Column("Счёт", 36),
)
_GROUPS = (
    Column("Вид", 8),
    Column("Код", 10),
    Column("Текст", 30, flex=True),
    Column("Счетов", 7, ">"),
    Column("Сумма", 14, ">"),
    Column("", 9),
)


class Stopped(OmsError):
    """The screen was left while the file was read."""


class ViewSource:
    """Rows of a file in memory as they are read; cells are made when they are shown."""

    instant = True
    columns: Sequence[Column] = _COLUMNS

    def __init__(self) -> None:
        self.items: list[ViewRow] = []

    def open(self, where: Mapping[str, Any], search: str, sort: str | None) -> array[int]:
        code = where.get("group")
        words = search.casefold().split()
        if not code and not words:
            return array("q", range(len(self.items)))
        found = (i for i, row in enumerate(self.items) if not code or (row.kind, row.code) == code)
        return array("q", (i for i in found if self._has(i, words)))

    def _has(self, index: int, words: Sequence[str]) -> bool:
        text = row_text(self.items[index]).casefold() if words else ""
        return all(word in text for word in words)

    def rows(self, ids: Sequence[int]) -> Mapping[int, Cells]:
        return {i: _cells(self.items[i]) for i in ids if i < len(self.items)}

    def find(self, ids: array[int], start: int, text: str) -> int:
        words = [text.casefold()]
        return next((p for p in range(start, len(ids)) if self._has(ids[p], words)), -1)

    def total(self, ids: Collection[int]) -> tuple[int, int | None]:
        return len(ids), sum(self.items[i].total or 0 for i in ids)

    def state(self, row_id: int, row: Cells) -> str:
        item = self.items[row_id]
        return "" if item.refuses or not item.kind else "muted"


class ViewScreen(TabbedScreen):
    """What the file is, its refusals one by one and by code."""

    HEADING = "Просмотр файла"
    ABOUT = "Любой файл обмена (…3X, 1, 7, 2, H/L, ФЛК, DBF): что это и какие отказы. Ничего не меняет."
    KEYS = (
        Key("main", "Открыть", "Открыть файл", "выбирает другой файл"),
        Key("search", title="Поиск", help="оставляет строки с этими словами (и Ctrl+F)"),
        Key("filter"),
        Key("tab_prev"),
        Key("tab_next"),
    )
    services: Front

    def __init__(self, services: Front, path: Path | str | None = None) -> None:
        self.path = Path(path) if path else None
        self._view: View | None = None
        self._stop = False
        self._number = 0
        super().__init__(services)
        self._rows = ViewSource()
        self._tabs = TabLine([("info", "Файл"), ("rows", "Отказы"), ("codes", "По кодам")])
        self._info = TextView(["F5 — выбрать файл."])
        self._table = LazyTable(self._rows, autoload=False, empty="Отказов нет.")
        self._codes = LazyTable(MemorySource(_GROUPS, {}), marks=False, autoload=False)
        self._line = Detail(1)
        self._table.display = self._codes.display = False

    def compose_body(self) -> Iterable[Widget]:
        yield self._tabs
        yield self._info
        yield self._table
        yield self._codes
        yield self._line
        yield FilterInput()

    def subject(self) -> str:
        return self.path.name if self.path else ""

    def on_mount(self) -> None:
        self._info.focus()
        if self.path:
            self._open(self.path)
        else:
            self.guard(self.do_main)

    def on_show_again(self) -> None:
        """Nothing of the database is shown."""

    async def do_main(self) -> None:
        paths = await self.pick_paths("file", self.services.folder("in"), title="Какой файл посмотреть")
        if paths:
            self.services.remember("folder.in", str(paths[0].parent))
            self._open(paths[0])

    def _open(self, path: Path) -> None:
        self.path = path
        self._number += 1
        self.start_reading(partial(self._load_file, self._number))

    async def _load_file(self, number: int) -> None:
        """The head at once, then the rows with progress; another file stops this one."""
        assert self.path is not None
        self._view = view = await asyncio.to_thread(open_view, self.path)
        self._rows.items = []
        self._info.show(info_lines(view))
        self._tabs.open("info")
        self._line.show(["Чтение…"])
        self.refresh_head()
        self._table.load(where={}, search="")
        try:
            await asyncio.to_thread(self._read, view, number)
        except Stopped:
            return
        self._finish(view)

    def _read(self, view: View, number: int) -> None:
        told = time.monotonic()

        def progress(done: int, total: int) -> None:
            nonlocal told
            if self._stop or number != self._number:
                raise Stopped("")
            if time.monotonic() - told > 0.5:
                told = time.monotonic()
                percent = f" ({done * 100 // total} %)" if total else ""
                text = f"Чтение: строк {len(self._rows.items)}{percent}"
                self.app.call_from_thread(self._tell, text)

        items = self._rows.items
        for row in view.rows(progress):
            items.append(row)

    def _tell(self, text: str) -> None:
        self._line.show([text])
        if not self._table.count and self._rows.items:
            self._table.load()

    def _finish(self, view: View) -> None:
        self._table.load()
        groups = view.summary()
        self._groups = [(g.kind, g.code) for g in groups]
        if isinstance(self._codes.source, MemorySource):
            self._codes.source.replace(
                [
                    (refusal_kind(g.kind), g.code, g.text, str(g.accounts), spaced(g.total),
                     "" if g.refuses else "не отказ")
                    for g in groups
                ]
            )  # fmt: skip
        self._codes.load()
        count, total = view.refused()
        lines = [*info_lines(view), "", f"Прочитано: {view.accounts} ({view.rows_title})"]
        if groups:
            lines.append(_refused(count, total))
        lines += [f"Внимание: {remark}" for remark in view.remarks]
        self._info.show(lines)
        self._line.show([f"Прочитано {view.accounts}. {_refused(count, total)}. Ctrl+→ — список."])

    # --- tabs and lists ------------------------------------------------------------------

    def _open_tab(self) -> None:
        for tab, widget in (("info", self._info), ("rows", self._table), ("codes", self._codes)):
            widget.display = tab == self._tabs.current
            if widget.display:
                widget.focus()

    async def do_search(self) -> None:
        self._tabs.open("rows")
        self.query_one(FilterInput).ask()

    def do_filter(self) -> None:
        self._tabs.open("rows")
        super().do_filter()

    @on(LazyTable.RowChosen)
    def _chosen(self, event: LazyTable.RowChosen) -> None:
        event.stop()
        if event.table is self._codes:
            self._tabs.open("rows")
            self._table.load(where={"group": self._groups[event.row_id]})
            return
        row = self._rows.items[event.row_id]
        lines = [f"{name}: {value}" for name, value in row.data.items() if value]
        self.guard(lambda: self.tell("Строка файла", row_text(row), details=lines))

    async def do_back(self) -> None:
        """Esc takes the choice of a code away first, then leaves; reading stops."""
        if self._table.where:
            self._table.load(where={})
            return
        depth = len(self.app.screen_stack)
        await super().do_back()
        self._stop = len(self.app.screen_stack) < depth

    def on_unmount(self) -> None:
        self._stop = True


def _refused(count: int, total: int) -> str:
    """Answers carry no sums of accounts: then only the number is said."""
    return f"Отказано: {count}" + (f" на {spaced(total)}" if total else "")


def _cells(row: ViewRow) -> Cells:
    return (
        row.patient,
        short_day(row.birth),
        refusal_kind(row.kind),
        row.code,
        "" if row.total is None else spaced(row.total),
        row.text,
        row.policy,
        short_day(row.begin),
        short_day(row.end),
        row.comment,
        row.xkey,
    )
