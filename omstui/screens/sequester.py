"""«Секвестирование» (sequestration): lines of the plan volumes; what is over them leaves the registries."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from functools import partial
from typing import Any

from textual import on
from textual.widget import Widget

from omstui.domain import over_plan
from omstui.domain.over_plan import Draft, LineView
from omstui.domain.store import db
from omstui.domain.store import sequester as store
from omstui.front import Front
from omstui.keys import Key
from omstui.screens.detail import Detail
from omstui.screens.operating import OperatingScreen
from omstui.screens.sequester_rows import COLUMNS, cells, detail_lines
from omstui.widgets.lazy_table import LazyTable
from omstui.widgets.sources import Cells, MemorySource

SAVE = Key("save", title="Применить", help="снимает и возвращает выбранное одной операцией, сначала спросив")


class SequesterScreen(OperatingScreen):
    """Lines of the plan; Enter opens the cases of one, F5 chooses the whole excess, Ctrl+W applies."""

    HEADING = "Секвестирование"
    ABOUT = (
        "Плановые объёмы месяца: план, ранее, в реестре, превышение. «!» — есть что снять, «?» — сверх плана"
        " то, что не снимают. Снятые случаи войдут в следующий месяц с «опоздавшими»."
    )
    KEYS = (
        SAVE,
        Key("history", "Журнал", "Журнал месяца", "показывает операции этого месяца"),
        Key("main", "Снять", "Снять всё превышение", "выбирает всё, что сверх плана, по всем строкам"),
        Key("resubmit", "Верн.", "Вернуть снятое по строке", "выбирает к возврату всё, что снято"),
        Key("search"),
        Key("drop", title="Сбросить выбор", help="забывает выбранное и не записанное"),
        Key("undo", title="Отменить последнее секвестирование", help="возвращает снятое последним разом"),
        Key("period"),
        Key("sort"),
    )
    services: Front

    def __init__(self, services: Front) -> None:
        self.draft: Draft | None = None
        self._views: list[LineView] = []
        self._why = ""
        self._read_period = ""
        super().__init__(services)
        self._source = MemorySource(COLUMNS, [], state=self._state)
        empty = "Показывать нечего; причина — под списком."
        self._table = LazyTable(self._source, marks=False, frozen=1, autoload=False, empty=empty)
        self._detail = Detail(4)
        self._totals = Detail(3)

    def compose_body(self) -> Iterable[Widget]:
        yield self._table
        yield self._detail
        yield self._totals

    def subject(self) -> str:
        return self.services.period_title

    def on_mount(self) -> None:
        self._table.focus()
        self.on_show_again()

    @property
    def has_changes(self) -> bool:
        return self.draft is not None and self.draft.dirty

    # --- reading -------------------------------------------------------------------------

    def on_show_again(self) -> None:
        anew = not self.has_changes or self._read_period != self.services.period
        self.start_reading(partial(self._reading, anew))

    async def _reading(self, anew: bool) -> None:
        if anew or self.draft is None:
            self._read_period = self.services.period
            self._why, self.draft = await asyncio.to_thread(read_month, self.services)
        draft = self.draft
        self._views = await asyncio.to_thread(draft.views) if draft else []
        self._source.replace([cells(view) for view in self._views])
        self._table.load()
        self._show()
        self.refresh_keys()

    def _state(self, row_id: int, row: Cells) -> str:
        view = self._views[row_id]
        return "error" if view.excess else "warn" if view.figure.over else "good"

    def _view(self) -> LineView | None:
        row_id = self._table.row_id
        return self._views[row_id] if row_id is not None and row_id < len(self._views) else None

    @on(LazyTable.CursorMoved)
    def _moved(self, event: LazyTable.CursorMoved) -> None:
        event.stop()
        self._show()
        self.refresh_keys()

    def _show(self) -> None:
        view = self._view()
        self._detail.show(detail_lines(view) if view else [self._why])
        self._totals.show(self.draft.totals() if self.draft else [])

    # --- keys ----------------------------------------------------------------------------

    def unavailable(self, action: str) -> str | None:
        if action in ("main", "resubmit", "save", "drop", "undo"):
            if reason := self.why_not("sequester"):
                return reason
            if action != "undo" and self.draft is None:
                return self._why[:1].lower() + self._why[1:].rstrip(".")
        view = self._view()
        if action == "main" and not any(v.excess for v in self._views):
            return "превышения нет"
        if action == "resubmit" and (view is None or not view.cut):
            return "по этой строке ничего не снято"
        if action in ("save", "drop") and not self.has_changes:
            return "ничего не выбрано"
        return None

    @on(LazyTable.RowChosen)
    def _chosen(self, event: LazyTable.RowChosen) -> None:
        event.stop()
        from omstui.screens.sequester_cases import SequesterCasesScreen

        view = self._view()
        if view is not None and self.draft is not None:
            self.app.push_screen(SequesterCasesScreen(self.services, self.draft, view.line.id))

    def do_main(self) -> None:
        if self.draft is not None:
            self.draft.cut_excess()
            self.on_show_again()

    def do_resubmit(self) -> None:
        view = self._view()
        if self.draft is not None and view is not None:
            self.draft.give_back(view.line)
            self.on_show_again()

    def do_drop(self) -> None:
        if self.draft is not None:
            self.draft.reset(self.draft.sheet)
            self.on_show_again()

    async def do_save(self) -> None:
        if self.draft is not None:
            await apply(self, self.draft)
            self.on_show_again()

    async def do_undo(self) -> None:
        await self.operate("sequester-undo", period=self.services.period)

    def do_history(self) -> None:
        from omstui.screens.journal import JournalScreen

        self.app.push_screen(JournalScreen(self.services, period=self.services.period))

    def use_period(self, period: str) -> None:
        self.draft = None
        super().use_period(period)


async def apply(screen: OperatingScreen, draft: Draft) -> None:
    """Run what was chosen as one operation; its question shows what leaves. The draft begins anew."""
    period = screen.services.period
    outcome = await screen.operate("sequester", period=period, apply=True, cut=draft.cut, back=draft.back)
    if outcome is not None and outcome.error is None:
        _, fresh = await asyncio.to_thread(read_month, screen.services)
        if fresh is not None:
            draft.reset(fresh.sheet)


def read_month(services: Any) -> tuple[str, Draft | None]:
    """The month as it stands; without a plan or a registry the reason why there is nothing to do."""
    period, title = services.period, services.period_title
    with db.connection():
        if not store.has_plan(period):
            return f"Плановых объёмов на {title} нет: внесите их в «Справочники».", None
        if not store.registries(period):
            return f"Сформированных и не выгруженных реестров за {title} нет.", None
        return "", Draft(over_plan.read(period, services.settings))
