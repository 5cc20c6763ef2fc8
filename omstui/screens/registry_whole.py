"""Реестр of manual B (все виды деятельности): seven tabs, the panel of operations with its windows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from textual import on
from textual.widget import Widget

from omstui import strings
from omstui.domain.money import spaced
from omstui.front import Front
from omstui.keys import Key
from omstui.screens import registry_panel as panel
from omstui.screens.base import BaseScreen
from omstui.screens.ident_params import IdentParamsScreen
from omstui.screens.linked import open_link
from omstui.screens.registry import RegistryScreen
from omstui.screens.registry_ops import Choice
from omstui.widgets.lazy_table import LazyTable
from omstui.widgets.sources import Column, MemorySource
from omstui.widgets.text_view import TextView

_FILES = {
    "ident-load": "Файл результата идентификации (APID)",
    "flk-load": "Файл ФЛК (FLQPID, FLK_P) или папка",
    "mek-load": "Файл МЭК (b….dbf или XML)",
}
#: operations that write into a folder without other parameters
_FOLDERS = {"common-dbf": "Папка для общего DBF"}
_REPORTS = (Column("Отчёт", 40, flex=True), Column("Случаев", 8, ">"), Column("Сумма", 14, ">"))


class _Reports(LazyTable):
    """The list of the tab «Отчёты»; Enter opens the report."""

    def __init__(self, services: Front) -> None:
        super().__init__(MemorySource(_REPORTS, []), marks=False, autoload=False)
        self._services = services
        self._reports: list[panel.Report] = []

    def show(self, reports: list[panel.Report]) -> None:
        """Show these reports."""
        self._reports = reports
        rows = [(r.title, *((str(r.count), spaced(r.total)) if r.count else ("", ""))) for r in reports]
        if isinstance(self.source, MemorySource):
            self.source.replace(rows)
        self.load()

    @on(LazyTable.CursorMoved)
    def _report_under_cursor(self) -> None:
        self.call_after_refresh(self._tell)

    def on_focus(self) -> None:
        self.call_after_refresh(self._tell)

    def _tell(self) -> None:
        """A title the width cuts is told whole under the cursor."""
        if self.has_focus and self.cut_text and isinstance(self.screen, BaseScreen):
            self.screen.notice(self.cut_text)

    @on(LazyTable.RowChosen)
    def _report_chosen(self, event: LazyTable.RowChosen) -> None:
        event.stop()
        open_link(self.app, self._services, self._reports[event.row_id].link)


class WholeRegistryScreen(RegistryScreen):
    """One registry with every kind; what may be done is the table of statuses."""

    ABOUT = (
        "Один реестр: операции с живой лентой, результат экспертизы, случаи, отчёты."
        " Недоступные операции показаны с причиной."
    )
    TABS = (
        ("properties", "Свойства реестра"),
        ("operations", "Операции"),
        ("review", "Результат экспертизы"),
        ("cases", "Сведения об оказанной мед. помощи"),
        ("journal", "Журнал"),
        ("reports", "Отчёты"),
        ("settings", "Настройки"),
    )
    MENU_ROWS = 9
    MENU_COUNTER = True

    def __init__(self, services: Front, registry_id: int, *, tab: str = "") -> None:
        self._whole = panel.read(registry_id)
        super().__init__(services, registry_id, tab=tab)

    def more_pages(self) -> dict[str, Widget]:
        self._reports = _Reports(self.services)
        self._settings = TextView()
        return {"reports": self._reports, "settings": self._settings}

    def on_mount(self) -> None:
        self.refresh_head()

    def on_resize(self) -> None:
        self.refresh_head()

    # --- header, keys, tabs ----------------------------------------------------------------

    def subject(self) -> str:
        return ""

    def refresh_head(self) -> None:
        """The second line is the registry itself, in the words of manual B."""
        super().refresh_head()
        self._status.show(screen=panel.header(self._whole, (self.size.width or 80) - 2))

    def keys_now(self) -> Sequence[Key]:
        keys = [key for key in super().keys_now() if key.id != "export"]
        if self._tabs.current == "settings":
            keys = [Key("edit", "Настр.", "Настройки организации", "открывает настройки"), *keys]
        return keys

    def to_focus(self, tab: str) -> Widget:
        own = {"reports": self._reports, "settings": self._settings}
        return own.get(tab) or super().to_focus(tab)

    def main_table(self) -> LazyTable | None:
        return self._reports if self._tabs.current == "reports" else super().main_table()

    def make_choices(self) -> list[Choice]:
        return panel.choices(self._whole, self.services.profile)

    def _fill(self) -> None:
        self._whole = panel.read(self.number)
        super()._fill()
        self._properties.show(panel.properties(self._whole))
        self._reports.show([*panel.reports(self._whole), *panel.papers(self._whole, self.services.profile)])
        lines = panel.settings_lines(self._whole, self.services.settings, self.services.profile)
        self._settings.show(lines)

    def do_edit(self) -> None:
        if self._tabs.current != "settings":
            super().do_edit()
            return
        from omstui.screens.settings import SettingsScreen

        self.app.push_screen(SettingsScreen(self.services))

    # --- operations --------------------------------------------------------------------------

    async def start_choice(self, name: str) -> None:
        if name == panel.REPORT:
            self._tabs.open("reports")
        elif name.startswith("ident-step"):
            await self._short("ident-step", step=int(name.removeprefix("ident-step")))
        elif name == "delete-data":
            await self._short(name)
        elif name in ("ident-export", "ident-overdue"):
            await self._package(name)
        elif name in _FILES:
            await self._load(name)
        elif name == "bills-export":
            await self._bills()
        elif name in _FOLDERS:
            await self._with_folder(name, _FOLDERS[name])
        else:
            await self.follow(name, **self._which)

    @property
    def _which(self) -> dict[str, Any]:
        return {"period": self._whole.period, "registry_id": self.number}

    async def _short(self, op_id: str, **params: Any) -> None:
        outcome = await self.operate(op_id, quiet=True, **self._which, **params)
        if outcome is not None and outcome.error is None:
            self._panel.show(strings.OPERATION_DONE.format(title=self._title(op_id)), outcome.lines)

    def _title(self, op_id: str) -> str:
        return next((choice.title for choice in self._choices if choice.op == op_id), op_id)

    async def _package(self, op_id: str) -> None:
        """«Укажите параметры операции»: «Название пакета», then the folder."""
        row = self._whole if op_id == "ident-export" else None
        settings, today = self.services.settings, self.services.now().date()
        proposed = panel.proposed_name(settings, row, today)
        window = IdentParamsScreen(proposed, lambda name: panel.name_problems(settings, row, today, name))
        name = await self.app.push_screen_wait(window)
        if name:
            await self._with_folder(op_id, "Папка для пакета QPID", name=name)

    async def _with_folder(self, op_id: str, title: str, *, warned: bool = False, **params: Any) -> None:
        folder = await self.pick_paths("folder", self.services.folder("out"), title=title)
        if folder:
            self.services.remember("folder.out", str(folder[0]))
            await self.follow(op_id, warned=warned, out=str(folder[0]), **self._which, **params)

    async def _load(self, op_id: str) -> None:
        start = self.services.folder("in")
        mode = "any" if op_id == "flk-load" else "file"  # the fund answers every bill with two protocols
        paths = await self.pick_paths(mode, start, title=_FILES[op_id], remember=self._keep_in)
        done = 0
        for path in paths or ():
            follower = await self.follow(op_id, path=str(path), **self._which)
            if follower is None or follower.outcome not in ("ok", "partial"):
                break  # the next file waits until the operator has seen why
            done += 1
        if paths and len(paths) > 1:
            level = "info" if done == len(paths) else "warning"
            self.notice(f"Загружено файлов: {done} из {len(paths)}. Ленты — на вкладке «Журнал».", level)

    def _keep_in(self, folder: Any) -> None:
        self.services.remember("folder.in", str(folder))

    async def _bills(self) -> None:
        """The warning, the parameters, the folder; files of a registry with МЭК are only repeated."""
        title = "Папка для счетов"
        if self._whole.facts.mek_loaded:
            await self._with_folder("bills-export", title, existing=True)
            return
        question, details = panel.warning(self._whole)
        if not await self.ask(question, details):
            return
        today = self.services.now().date().isoformat()
        fields, values = panel.bill_fields(self._whole, today)
        chosen = await self.ask_params(fields, values)
        if chosen is not None:
            await self._with_folder("bills-export", title, warned=True, **chosen)
