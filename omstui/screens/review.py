"""«Результат экспертизы»: criteria of a type of expertise with counts of cases and services."""

from __future__ import annotations

import asyncio
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical

from omstui.domain.money import spaced
from omstui.domain.store import db, review
from omstui.domain.store.review import ROADS, ReviewRow
from omstui.screens.columns import duration
from omstui.screens.detail import Detail
from omstui.screens.dialog import Line
from omstui.screens.linked import open_link
from omstui.screens.sources import day
from omstui.widgets.lazy_table import LazyTable
from omstui.widgets.sources import Cells, Column, MemorySource

COLUMNS = (
    Column("Код крит.", 9, key="code"),
    Column("Наименование критерия", 33),
    Column("ТАП", 5, ">"),
    Column("Услуг ТАП", 9, ">"),
    Column("МКСБ", 5, ">"),
    Column("Услуг МКСБ", 10, ">"),
    Column("СМП", 5, ">"),
    Column("Услуг СМП", 9, ">"),
    Column("Дата и время", 16),
    Column("Длит.", 12),
    Column("Сумма ошибок", 14, ">"),
)
_TITLES = {road.id: road.title for road in ROADS}


class ReviewPage(Vertical):
    """The tab of a registry; Enter on a criterion opens its cases."""

    DEFAULT_CSS = "ReviewPage { height: 1fr; }"

    def __init__(self, services: Any, registry_id: int) -> None:
        super().__init__()
        self._services = services
        self._number = registry_id
        self.road = ""
        self._rows: list[ReviewRow] = []
        self._head = Line("", bold=True)
        self._source = MemorySource(COLUMNS, [])
        self._detail = Detail(2)
        self.table = LazyTable(self._source, autoload=False, empty="Ошибок этого типа в реестре нет")

    def compose(self) -> ComposeResult:
        yield self._head
        yield self.table
        yield self._detail

    def open(self) -> None:
        """Read the results of the type that came last, or of the chosen one again."""
        self.run_worker(self._reading(), exclusive=True, group="read")

    def next_road(self) -> None:
        """Show the next type of expertise."""
        ids = [road.id for road in ROADS]
        self.road = ids[(ids.index(self.road) + 1) % len(ids)] if self.road else ids[0]
        self.open()

    async def _reading(self) -> None:
        self.road, self._rows = await asyncio.to_thread(_read, self._number, self.road)
        sums = {place: row.total for place, row in enumerate(self._rows)}
        self._source = MemorySource(COLUMNS, [_cells(row) for row in self._rows], kopecks=sums)
        self.table.use(self._source)
        self._show_detail(0)
        total = spaced(sum(row.total for row in self._rows))
        head = f"Тип экспертизы: {_TITLES[self.road]} (F5 — другой). Записей: {len(self._rows)}"
        self._head.show(f" {head}, сумма ошибок {total}" if self._rows else f" {head}")

    @on(LazyTable.CursorMoved)
    def _moved(self, event: LazyTable.CursorMoved) -> None:
        event.stop()
        self._show_detail(event.row_id)

    def _show_detail(self, row_id: int | None) -> None:
        """The whole name of the criterion, which a narrow screen cuts."""
        if row_id is None or row_id >= len(self._rows):
            self._detail.show([])
            return
        row = self._rows[row_id]
        self._detail.show([f"{row.code} {row.name}", f"{day(row.at)}, сумма ошибок {spaced(row.total)} руб."])

    @on(LazyTable.RowChosen)
    def _chosen(self, event: LazyTable.RowChosen) -> None:
        event.stop()
        row = self._rows[event.row_id]
        link = {"list": "refusals", "review": self._number, "kind": self.road, "text": row.text}
        open_link(self.app, self._services, link | ({"code": row.code} if row.code else {}))


def _read(registry_id: int, road: str) -> tuple[str, list[ReviewRow]]:
    with db.connection():
        road = road or review.newest(registry_id)
        return road, review.rows(registry_id, road)


def _cells(row: ReviewRow) -> Cells:
    counts = (row.tap, row.tap_services, row.mksb, row.mksb_services, row.smp, row.smp_services)
    nameless = f" (без случая: {row.nameless})" if row.nameless else ""
    return (
        row.code,
        row.name + nameless,
        *map(str, counts),
        day(row.at),
        duration(row.seconds),
        spaced(row.total),
    )
