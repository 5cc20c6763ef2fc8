"""Findings of the expertise on the screen «Случай» (замечания случая): where they stand, the next case."""

from __future__ import annotations

import asyncio
from typing import Any

from omstui import strings
from omstui.domain.expertise import CaseFinding
from omstui.domain.money import spaced
from omstui.screens.case_data import CaseView, neighbour, service_band
from omstui.screens.detail import Detail
from omstui.screens.tabbed import TabbedScreen
from omstui.widgets.form import Form
from omstui.widgets.lazy_table import LazyTable
from omstui.widgets.tab_line import TabLine


class FoundOnCase(TabbedScreen):
    """What the screen of a case does with findings: marks services, goes to a finding, walks on."""

    case_id: int
    view: CaseView | None
    #: registry and code that brought here; F9 walks by them
    finding: tuple[int | None, str] | None = None
    #: the case is only being opened: go to its finding once it is read
    go_to_it = False
    _copy_of: int
    _rows: list[dict[str, Any]]
    _tabs: TabLine
    _band: Detail
    _form: Form
    _table: LazyTable
    _touched: bool

    async def _reading(self) -> None:
        raise NotImplementedError

    def _open_finding(self, view: CaseView) -> None:
        """Go where the finding that brought here is: to its service, else to its field."""
        found = [row for row in view.found if self.finding and row.code == self.finding[1]]
        service = next((row.service_id for row in found if row.service_id), None)
        if service is not None:
            self._tabs.open("services")
            places = [n for n, row in enumerate(self._rows) if row.get("id") == service]
            self._table.move_to(places[0] if places else 0)
        elif found and found[0].field in [field.name for field in self._form.fields]:
            self._form.go_to(found[0].field)

    def _show_band(self) -> None:
        """One line over the card: what was changed, what the expertise or the fund says."""
        band = (
            "Услуги копии — те же, что у образца." if self._copy_of else self.view.band if self.view else ""
        )
        if self._tabs.current == "services":
            band = service_band(self._found_on(self._table.row_id)) or band
        self._band.show([self._changed_services or band])

    @property
    def _changed_services(self) -> str:
        total = sum(row.get("source_sum") or 0 for row in self._rows if not row.get("delete"))
        return f"Услуги изменены, сумма услуг {spaced(total)}. F5 — сохранить." if self._touched else ""

    def _found_on(self, index: int | None) -> list[CaseFinding]:
        if self.view is None or index is None or index >= len(self._rows) or self._copy_of:
            return []
        return self.view.of_service(self._rows[index].get("id"))

    def _row_state(self, index: int) -> str:
        row, found = self._rows[index], self._found_on(index)
        if row.get("delete") or not found:
            return "muted" if row.get("delete") else "" if row.get("id") else "good"
        return "error" if any(f.severity == "error" for f in found) else "warn"

    # --- the same finding of other cases -------------------------------------------------

    @property
    def _followed(self) -> tuple[int | None, str] | None:
        """Registry and code to walk by: what brought here, else the first finding of the case."""
        if self.finding is None and self.view is not None and self.view.found:
            first = self.view.found[0]
            return first.registry_id, first.code
        return self.finding

    async def do_next_found(self) -> None:
        await self._walk(1)

    async def do_prev_found(self) -> None:
        await self._walk(-1)

    async def _walk(self, step: int) -> None:
        followed = self._followed
        if followed is None or (self.has_changes and not await self.ask(strings.UNSAVED)):
            return
        number = await asyncio.to_thread(neighbour, *followed, self.case_id, step)
        if number is None:
            side = "Дальше" if step > 0 else "Раньше"
            self.notice(f"{side} случаев с замечанием {followed[1]} нет.")
            return
        self.finding, self.go_to_it, self.case_id = followed, True, number
        self._tabs.open("card")
        await self._reading()
