"""Cases of a line of the plan (случаи строки плана): Space takes one out of the registry or gives it back."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from textual import on
from textual.widget import Widget

from omstui.domain.over_plan import Draft, LineView
from omstui.front import Front
from omstui.keys import Key
from omstui.screens.detail import Detail
from omstui.screens.linked import open_case, open_history
from omstui.screens.operating import OperatingScreen
from omstui.screens.sequester import SAVE, apply
from omstui.screens.sequester_rows import detail_lines
from omstui.screens.sequester_source import CaseSource
from omstui.widgets.filter_input import FilterInput
from omstui.widgets.lazy_table import LazyTable


class SequesterCasesScreen(OperatingScreen):
    """Cases of a line with the running total; a mark «*» = out of the registry."""

    HEADING = "Секвестирование: случаи"
    ABOUT = (
        "Случаи строки плана в порядке зачёта. Пробел снимает случай из реестра и возвращает его; «*» — снят,"
        " «!» — сверх плана. Записывается всё вместе: Ctrl+W."
    )
    KEYS = (
        SAVE,
        Key("history", title="Путь случая", help="показывает весь путь случая"),
        Key("edit", "Случай", "Открыть случай", "открывает случай"),
        Key("main", "Снять", "Снять превышение строки", "выбирает всё, что сверх этой строки плана"),
        Key("resubmit", "Верн.", "Вернуть снятое по строке", "выбирает к возврату всё, что снято"),
        Key("search"),
        Key("filter"),
    )
    services: Front

    def __init__(self, services: Front, draft: Draft, line_id: int) -> None:
        self.draft, self._line_id = draft, line_id
        self._view: LineView | None = None
        self._source = CaseSource(draft, line_id)
        super().__init__(services)
        self._table = LazyTable(self._source, frozen=1, empty="В реестрах месяца таких случаев нет")
        self._detail = Detail(3)
        self._totals = Detail(3)
        self._entry = FilterInput()

    def compose_body(self) -> Iterable[Widget]:
        yield self._table
        yield self._detail
        yield self._totals
        yield self._entry

    def subject(self) -> str:
        return f"{self.services.period_title} · {self._source.line.title}"

    @property
    def has_changes(self) -> bool:
        return False  # the choice goes back to the screen of the lines, which asks

    def on_mount(self) -> None:
        self._table.focus()
        self._settle()

    def on_show_again(self) -> None:
        self._count()  # not the marks: a menu of the list may have changed them just now

    @on(LazyTable.Loaded)
    def _loaded(self, event: LazyTable.Loaded) -> None:
        event.stop()
        self._settle()

    @property
    def _own(self) -> set[int]:
        return {item.case for item in self.draft.sheet.of_line(self._source.line)}

    def _settle(self) -> None:
        """Show the marks, the running totals and the sums as the choice stands."""
        own = self._own
        self._table.mark_ids(self._table.marked - (own & self.draft.out), False)
        self._table.mark_ids(own & self.draft.out)
        self._count()

    def _count(self) -> None:
        self.start_reading(self._counting)

    async def _counting(self) -> None:
        views = await asyncio.to_thread(self.draft.views)
        await asyncio.to_thread(self._source.count_again)
        self._table.refresh_rows()
        self._view = next((view for view in views if view.line.id == self._line_id), None)
        self._detail.show(detail_lines(self._view) if self._view else [])
        self._totals.show(self.draft.totals())
        self.refresh_keys()

    # --- the choice ----------------------------------------------------------------------

    @on(LazyTable.MarksChanged)
    def _marked(self, event: LazyTable.MarksChanged) -> None:
        """Space, Ins, + and -: what was marked leaves, what was unmarked comes back."""
        event.stop()
        own = self._own
        wanted, now = self._table.marked & own, self.draft.out & own
        if wanted == now:
            return
        if reason := self.why_not("sequester"):
            self.notice(reason)
        else:
            self._put(wanted - now, now - wanted)
        self._settle()

    def _put(self, cut: set[int], back: set[int]) -> None:
        for case in back:
            self.draft.put(case, False)
        held = [reason for case in cut if (reason := self.draft.put(case, True))]
        if held:
            self.notice(f"Не снимают: {', '.join(sorted(set(held)))} ({len(held)}).")

    def unavailable(self, action: str) -> str | None:
        if action in ("edit", "history"):
            return "список пуст" if self._table.row_id is None else None
        if action in ("main", "resubmit", "save") and (reason := self.why_not("sequester")):
            return reason
        if action == "main" and not (self._view and self._view.excess):
            return "превышения нет"
        if action == "resubmit" and not (self._view and self._view.cut):
            return "по этой строке ничего не снято"
        if action == "save" and not self.draft.dirty:
            return "ничего не выбрано"
        return None

    def do_main(self) -> None:
        self.draft.cut_excess(self._source.line)
        self._settle()

    def do_resubmit(self) -> None:
        self.draft.give_back(self._source.line)
        self._settle()

    async def do_save(self) -> None:
        await apply(self, self.draft)
        self._table.reload()
        self._settle()

    @on(LazyTable.RowChosen)
    def _chosen(self, event: LazyTable.RowChosen) -> None:
        event.stop()
        self.do_edit()

    def do_edit(self) -> None:
        if self._table.row_id is not None:
            open_case(self.app, self.services, self._table.row_id)

    def do_history(self) -> None:
        if self._table.row_id is not None:
            open_history(self.app, self.services, self._table.row_id)
