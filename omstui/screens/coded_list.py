"""A list of lines beside its summary by code: tabs «строки» and «по кодам», filter, search."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar

from textual.widget import Widget

from omstui.front import Front
from omstui.screens.linked import open_case, open_history
from omstui.screens.sources import StoreSource
from omstui.screens.tabbed import TabbedScreen
from omstui.widgets.fields import Field
from omstui.widgets.filter_input import FilterInput
from omstui.widgets.lazy_table import LazyTable
from omstui.widgets.sources import Column, MemorySource
from omstui.widgets.tab_line import TabLine


class CodedListScreen(TabbedScreen):
    """What «Анализ» and «Анализ МЭСов» share; Enter on a code shows its lines."""

    #: the condition another screen opened this one with; it stands for the month
    KEPT: ClassVar[str]
    #: titles of the tab of lines and of the window of Ctrl+F
    LINES: ClassVar[str]
    FILTER: ClassVar[str]
    services: Front

    def __init__(
        self,
        services: Front,
        where: Mapping[str, Any] | None,
        source: Callable[[dict[str, Any]], StoreSource],
        codes: Sequence[Column],
        empty: str,
    ) -> None:
        self.where = dict(where or {})
        super().__init__(services)
        self._source = source(self._fixed())
        self._table = LazyTable(self._source, where=self._filters(), empty=empty)
        self._summary = MemorySource(codes, {})
        self._codes = LazyTable(self._summary, marks=False, autoload=False)
        self._codes.display = False
        self._tabs = TabLine([("list", self.LINES), ("codes", "По кодам")])

    # --- what the screen of its own says -------------------------------------------------

    def filter_text(self) -> str:
        """The filter in words, for the header."""
        raise NotImplementedError

    def filter_fields(self) -> list[Field]:
        """The fields of Ctrl+F with the values that occur; reads the database, off the UI thread."""
        raise NotImplementedError

    async def read_summary(self) -> None:
        """Fill ``_summary`` and what stands around the lists."""
        raise NotImplementedError

    # --- lists ---------------------------------------------------------------------------

    def compose_body(self) -> Iterable[Widget]:
        yield self._tabs
        yield self._table
        yield self._codes
        yield FilterInput()

    def _fixed(self) -> dict[str, Any]:
        return {} if self.KEPT in self.where else {"period": self.services.period}

    def _filters(self) -> dict[str, Any]:
        return {key: value for key, value in self.where.items() if value}

    def subject(self) -> str:
        chosen = self.filter_text()
        return self.services.period_title + (f" · {chosen}" if chosen else "")

    @property
    def by_code(self) -> bool:
        """Whether the summary is shown."""
        return self._tabs.current == "codes"

    def _row(self) -> dict[str, Any]:
        row_id = self._table.row_id
        return self._source.raw(row_id) if row_id is not None else {}

    def on_mount(self) -> None:
        self._table.focus()

    def on_show_again(self) -> None:
        self._source.fixed = self._fixed()
        self._table.load(where=self._filters())
        self._read()

    def _read(self) -> None:
        self.start_reading(self.read_summary)

    # --- tabs, filter, search ------------------------------------------------------------

    def _open_tab(self) -> None:
        self._codes.display, self._table.display = self.by_code, not self.by_code
        (self._codes if self.by_code else self._table).focus()
        self.show_tab()

    def show_tab(self) -> None:
        """The other tab is shown now."""

    def open_code(self, **where: Any) -> None:
        """Show the lines of one code of the summary."""
        self._tabs.open("list")
        self._set_where({**self.where, **where})

    async def do_filter(self) -> None:  # type: ignore[override]
        """Ctrl+F: the fields of the filter; empty ones let everything through."""
        fields = await asyncio.to_thread(self.filter_fields)
        values = await self.ask_params(fields, self.where, title=self.FILTER)
        if values is not None:
            kept = {k: v for k, v in self.where.items() if k == self.KEPT}
            self._set_where({**kept, **values})

    def _set_where(self, where: dict[str, Any]) -> None:
        self.where = where
        self._table.clear_marks()
        self.on_show_again()
        self.refresh_head()

    def do_clear_filter(self) -> None:
        self._table.search = ""
        entry = self.query_one(FilterInput)
        entry.put("")
        entry.display = False
        self._set_where({})

    async def do_search(self) -> None:
        self.query_one(FilterInput).ask()

    def do_history(self) -> None:
        open_history(self.app, self.services, self._row()["case_id"])

    def do_edit(self) -> None:
        open_case(self.app, self.services, self._row()["case_id"])
