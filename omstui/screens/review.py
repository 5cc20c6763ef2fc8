"""«Результат экспертизы»: criteria of a type of expertise with counts of cases and services."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical

from omstui.domain.expertise import titles
from omstui.domain.money import spaced
from omstui.domain.store import db, findings, review
from omstui.domain.store.findings import Totals
from omstui.domain.store.review import ROADS, ReviewRow, roads
from omstui.screens.columns import duration
from omstui.screens.detail import Detail
from omstui.screens.linked import open_link
from omstui.screens.sources import day
from omstui.settings import Settings
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
_STATES = {"skipped": "muted", "failed": "error"}
_NEVER = "Экспертиза этого реестра не проводилась: «Операции» — «Провести экспертизу»."
_STALE = "!Реестр переформирован после экспертизы: проведите её заново."


@dataclass(frozen=True, slots=True)
class _Review:
    """What the tab shows: rows of a type; of the expertise also how many cases have findings."""

    road: str
    rows: list[ReviewRow]
    totals: Totals | None
    at: str
    stale: bool
    came: bool = True

    @property
    def nothing(self) -> str:
        """What stands in the place of the rows when there are none."""
        if self.totals is None:
            return (
                "Ошибок этого типа в реестре нет" if self.came else "Ответов этого типа в реестр не загружали"
            )
        return "Замечаний нет" if self.at else "Нет результата"

    @property
    def head(self) -> list[str]:
        first = f"#Тип экспертизы: {_TITLES[self.road]} (F5 — другой)"
        if self.totals is None:
            total = spaced(sum(row.total for row in self.rows))
            return [f"{first}. Записей: {len(self.rows)}" + (f", сумма {total}" if self.rows else "")]
        if not self.at:
            return [first, _NEVER]
        t = self.totals
        found = f"Случаев с замечаниями: {t.found} из {t.cases} на сумму {spaced(t.found_total)} руб."
        return [f"{first}. Проведена {day(self.at)}", _STALE if self.stale else found]


class ReviewPage(Vertical):
    """The tab of a registry; Enter on a criterion opens its cases."""

    DEFAULT_CSS = "ReviewPage { height: 1fr; }"

    def __init__(self, services: Any, registry_id: int) -> None:
        super().__init__()
        self._services = services
        self._number = registry_id
        self.road = self._shown = ""
        self._rows: list[ReviewRow] = []
        self._head = Detail(1)
        self._sums: dict[int, int] = {}
        self._source = MemorySource(COLUMNS, [], kopecks=self._sums, state=self._state)
        self._detail = Detail(2)
        self.table = LazyTable(self._source, autoload=False, empty="Чтение…")

    def compose(self) -> ComposeResult:
        yield self._head
        yield self.table
        yield self._detail

    def open(self) -> None:
        """Read the results of the type that came last, or of the chosen one again."""
        self.run_worker(self._reading(), exclusive=True, group="read")

    def next_road(self) -> None:
        """Show the next type of expertise."""
        ids = [road.id for road in roads(self._services.profile.one_registry)]
        self.road = ids[(ids.index(self.road) + 1) % len(ids)] if self.road else ids[0]
        self.open()

    def about(self) -> str:
        """Open what the criterion under the cursor checks, or return why there is nothing to open."""
        row_id = self.table.row_id
        if row_id is None or row_id >= len(self._rows):
            return "Критериев в списке нет: описывать нечего."
        if self.road != "check":
            return "Описания есть у критериев экспертизы; текст ответа — под списком целиком."
        from omstui.screens.criterion import CriterionScreen

        self.app.push_screen(CriterionScreen(self._services, self._rows[row_id].code))
        return ""

    async def _reading(self) -> None:
        found = await asyncio.to_thread(_read, self._services.settings, self._number, self.road)
        same = found.road == self._shown
        self.road = self._shown = found.road
        self._rows = found.rows
        self._sums.clear()
        self._sums.update((place, row.total) for place, row in enumerate(self._rows))
        self._source.replace([_cells(row) for row in self._rows])
        self.table.empty = found.nothing
        self._head.styles.height = len(found.head)
        self._head.show(found.head)
        if same:
            self.table.reload()  # a case was looked at: the cursor stays
        else:
            self.table.use(self._source)
        self._show_detail(self.table.row_id)

    def _state(self, row_id: int, _: Cells) -> str:
        return _STATES.get(self._rows[row_id].state, "") if row_id < len(self._rows) else ""

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
        when = f"{day(row.at)}, сумма ошибок {spaced(row.total)} руб."
        self._detail.show([f"{row.code} {row.name}", when if row.state == "done" else _sentence(row.reason)])

    @on(LazyTable.RowChosen)
    def _chosen(self, event: LazyTable.RowChosen) -> None:
        event.stop()
        row = self._rows[event.row_id]
        if self.road == "check":
            if row.tap + row.mksb + row.smp:
                link: dict[str, Any] = {"list": "findings", "registry": self._number, "code": row.code}
                open_link(self.app, self._services, link)
            return
        if self.road.startswith("stage"):
            stage = int(self.road.removeprefix("stage"))
            link = {"list": "refusals", "registry": self._number, "stage": stage, "code": row.code}
            open_link(self.app, self._services, link | {"text": row.text})
            return
        link = {"list": "refusals", "review": self._number, "kind": self.road, "text": row.text}
        open_link(self.app, self._services, link | ({"code": row.code} if row.code else {}))


def _read(settings: Settings, registry_id: int, road: str) -> _Review:
    with db.connection():
        road = road or review.newest(registry_id)
        if road != review.CHECK.id:
            came = road.startswith("stage") or review.came(registry_id, road)
            return _Review(road, review.rows(registry_id, road), None, "", False, came)
        at, stale = findings.last_checked(registry_id)
        rows = review.rows(registry_id, road, titles(settings))
        return _Review(road, rows, findings.totals([registry_id]), at, stale)


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}. F3 — о критерии."


def _cells(row: ReviewRow) -> Cells:
    if row.state != "done":
        return (row.code, row.name, *[""] * 6, day(row.at), "", "")
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
