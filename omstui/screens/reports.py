"""«Отчёты»: the papers of the region; Enter asks for the parameters and shows the report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from textual import on
from textual.app import App
from textual.widget import Widget

from omstui import strings
from omstui.domain.reports import catalog, kit
from omstui.domain.reports.model import Param, ReportDef
from omstui.domain.store import config, db
from omstui.front import Front
from omstui.keys import Key
from omstui.screens.detail import Detail
from omstui.screens.operating import OperatingScreen
from omstui.widgets import cells
from omstui.widgets.fields import Field
from omstui.widgets.filter_input import FilterInput
from omstui.widgets.lazy_table import LazyTable
from omstui.widgets.sources import Column, MemorySource

_COLUMNS = (Column("Отчёт", 60, flex=True, key="title"), Column("Имя", 18, key="id", wide_only=True))
#: these are asked for where their registry or operation is open
_ELSEWHERE = ("log", "skips")


class ReportsScreen(OperatingScreen):
    """The list of reports with what each is for."""

    HEADING = "Отчёты"
    ABOUT = "Все отчёты и бумаги месяца. Enter спрашивает параметры и показывает отчёт; оттуда его сохраняют."
    KEYS = (
        Key("main", "Открыт", "Показать отчёт", "спрашивает параметры и показывает отчёт"),
        Key("period"),
        Key("filter"),
        Key("sort"),
    )

    def __init__(self, services: Front) -> None:
        super().__init__(services)
        self._reports = [r for r in catalog.offered(services.profile) if r.id not in _ELSEWHERE]
        rows = [(r.title, r.id) for r in self._reports]
        self._table = LazyTable(MemorySource(_COLUMNS, rows), marks=False)
        self._about = Detail(2)
        self._entry = FilterInput()

    def compose_body(self) -> Iterable[Widget]:
        yield self._table
        yield self._about
        yield self._entry

    def on_mount(self) -> None:
        self._table.focus()

    def subject(self) -> str:
        return self.services.period_title

    @on(LazyTable.CursorMoved)
    def _moved(self, event: LazyTable.CursorMoved) -> None:
        event.stop()
        about = "" if event.row_id is None else self._reports[event.row_id].about
        self._about.show(cells.wrap(about, 78))

    @on(LazyTable.RowChosen)
    def _chosen(self, event: LazyTable.RowChosen) -> None:
        event.stop()
        self.guard(self.do_main)

    async def do_main(self) -> None:
        if self._table.row_id is not None:
            report = self._reports[self._table.row_id]
            values = await ask_values(self, report, {"period": self.services.period})
            if values is not None:
                show_report(self.app, self.services, report.id, values)


async def ask_values(
    screen: OperatingScreen, report: ReportDef, given: Mapping[str, str]
) -> dict[str, str] | None:
    """Ask for what the report takes beside what is known; None = given up."""
    rest = [param for param in report.params if not given.get(param.name)]
    known = {param.name: given[param.name] for param in report.params if given.get(param.name)}
    if not rest:
        return known
    fields = [_field(param, known.get("period", "")) for param in rest]
    values = await screen.ask_params(fields, {p.name: p.default for p in rest}, title=report.title)
    return None if values is None else known | {name: str(value or "") for name, value in values.items()}


def _field(param: Param, period: str) -> Field:
    if param.name == "period":
        return Field("period", param.title, "month", 8, required=param.required)
    if param.name == "smo":
        with db.connection():
            payers = [(payer.code, f"{payer.code} {payer.name}".strip()) for payer in config.payers()]
        first = [] if param.required else [("", strings.ALL_PAYERS)]
        return Field("smo", param.title, "choice", 30, choices=[*first, *payers], required=param.required)
    if param.name == "registry" and period:
        with db.connection():
            rows = kit.Month.read(period).registries()
        known = [("", "все"), *((str(r.id), f"{r.id} {kit.registry_title(r)}") for r in rows)]
        return Field("registry", param.title, "choice", 40, choices=known, required=param.required)
    return Field(param.name, param.title, width=24, required=param.required)


def show_report(app: App[Any], services: Front, name: str, values: Mapping[str, str]) -> None:
    """Open a report with these parameters."""
    from omstui.screens.report_view import ReportViewScreen

    app.push_screen(ReportViewScreen(services, catalog.report(name), values))
