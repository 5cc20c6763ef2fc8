"""«Критерии экспертизы» (criteria): which are on, how grave, parameters of the region, own criteria."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from textual import on
from textual.widget import Widget

from omstui.domain.criteria.catalog import all_params, read_param
from omstui.domain.criteria.model import Criterion
from omstui.domain.errors import OmsError
from omstui.domain.expertise import choice, known_criteria, read_own
from omstui.front import Front
from omstui.keys import Key
from omstui.screens.criterion import CriterionScreen, shown
from omstui.screens.detail import Detail
from omstui.screens.tabbed import TabbedScreen
from omstui.widgets.fields import Field
from omstui.widgets.filter_input import FilterInput
from omstui.widgets.lazy_table import LazyTable
from omstui.widgets.sources import Cells, Column, MemorySource
from omstui.widgets.tab_line import TabLine

_TABS = (("list", "Критерии"), ("params", "Параметры"))
_COLUMNS = (
    Column("Вкл", 3),
    Column("Код", 6, key="code"),
    Column("Важность", 9),
    Column("МЭК", 7),
    Column("Наименование критерия", 30, flex=True),
)
_PARAMS = (Column("Параметр", 36, flex=True), Column("Значение", 26), Column("По умолч.", 12))
_ON_SAVE = {True: "Не проверять случай при сохранении", False: "Проверять случай при сохранении"}
_SHORT = {"error": "ошибка", "warning": "предупр."}


class CriteriaScreen(TabbedScreen):
    """F4 switches a criterion on or off, F5 makes it an error or a warning; saved at once."""

    HEADING = "Критерии экспертизы"
    ABOUT = "Какие критерии включены и насколько важны, параметры региона, свои критерии из файла."

    def __init__(self, services: Front) -> None:
        self._criteria: list[Criterion] = []
        self._names: list[str] = []
        super().__init__(services)
        self._tabs = TabLine(_TABS)
        self._list = LazyTable(MemorySource(_COLUMNS, [], state=self._state), marks=False, autoload=False)
        self._params = LazyTable(MemorySource(_PARAMS, []), marks=False, autoload=False)
        self._detail = Detail(2)
        self._entry = FilterInput()

    def compose_body(self) -> Iterable[Widget]:
        yield self._tabs
        yield self._list
        yield self._params
        yield self._detail
        yield self._entry

    def subject(self) -> str:
        active = len(choice(self.services.settings).criteria)
        return f"включено {active} из {len(self._criteria)}" if self._criteria else ""

    def keys_now(self) -> Sequence[Key]:
        search = Key("search", "Поиск", "Поиск по названию", "оставляет строки с этими словами (и Ctrl+F)")
        tabs = (search, Key("filter"), Key("tab_prev"), Key("tab_next"))
        if self._tabs.current == "params":
            edit = Key("edit", "Правка", "Изменить параметр", "меняет значение параметра")
            return (edit, Key("delete", title="Вернуть значение по умолчанию"), *tabs)
        return (
            Key("history", "Критер", "О критерии", "что критерий проверяет, почему и что делать"),
            Key("edit", "Вкл", "Включить или выключить", "включает критерий под курсором или выключает"),
            Key("main", "Важн.", "Ошибка или предупреждение", "меняет важность критерия"),
            Key(
                "load_own",
                title="Свои критерии из файла…",
                help="заменяет свои критерии теми, что в файле TOML",
            ),
            Key("drop_own", title="Убрать свои критерии"),
            Key("on_save", title=_ON_SAVE[self.services.settings.criteria.check_on_save]),
            *tabs,
        )

    def unavailable(self, action: str) -> str | None:
        saves = action in ("edit", "main", "delete", "load_own", "drop_own", "on_save")
        if saves and (reason := self.why_not("settings-save")):
            return reason
        if action == "drop_own" and not self.services.settings.criteria.own:
            return "своих критериев нет"
        return None

    def on_mount(self) -> None:
        self._open_tab()
        self.refresh_keys()

    def on_show_again(self) -> None:
        self._fill()

    # --- lists -----------------------------------------------------------------------------

    def _open_tab(self) -> None:
        wanted = self._tabs.current
        self._list.display = wanted == "list"
        self._params.display = wanted == "params"
        self._fill()
        kept = (self._list if wanted == "list" else self._params).search
        self._entry.put(kept)
        self._entry.display = bool(kept)
        (self._list if wanted == "list" else self._params).focus()
        self._show_detail()

    async def do_search(self) -> None:
        self.do_filter()

    def main_table(self) -> LazyTable | None:
        return self._list if self._tabs.current == "list" else self._params

    def _fill(self) -> None:
        settings = self.services.settings
        chosen = choice(settings)
        active = {c.code for c in chosen.criteria}
        self._criteria = list(known_criteria(settings).values())
        self._names = list(all_params())
        _replace(self._list, [_row(c, c.code in active) for c in self._criteria])
        _replace(self._params, [self._param_row(n, chosen.params) for n in self._names])
        self.refresh_head()

    def _param_row(self, name: str, values: Mapping[str, Any]) -> Cells:
        param = all_params()[name]
        changed = name in self.services.settings.criteria.params
        return (param.title, shown(values[name]), shown(param.default) if changed else "")

    def _state(self, row_id: int, row: Cells) -> str:
        return "" if row and row[0] else "muted"

    @on(LazyTable.CursorMoved)
    def _moved(self, event: LazyTable.CursorMoved) -> None:
        event.stop()
        self._show_detail()

    def _show_detail(self) -> None:
        """The whole of what the row under the cursor has no room for."""
        table = self.main_table()
        row_id = table.row_id if table is not None else None
        if row_id is None:
            self._detail.show([])
        elif table is self._list:
            criterion = self._criteria[row_id]
            self._detail.show([criterion.title, criterion.why])
        else:
            name = self._names[row_id]
            value = choice(self.services.settings).params[name]
            self._detail.show([all_params()[name].title, f"Значение: {shown(value) or 'пусто'}"])

    @on(LazyTable.RowChosen)
    def _chosen(self, event: LazyTable.RowChosen) -> None:
        event.stop()
        self.press(Key("history" if event.table is self._list else "edit"))

    # --- what is done ----------------------------------------------------------------------

    def _current(self) -> Criterion | None:
        return None if self._list.row_id is None else self._criteria[self._list.row_id]

    def do_history(self) -> None:
        if (criterion := self._current()) is not None:
            self.app.push_screen(CriterionScreen(self.services, criterion.code))

    async def do_edit(self) -> None:
        """F4: on or off; on the parameters — another value."""
        if self._tabs.current == "params":
            await self._edit_param()
            return
        criterion = self._current()
        if criterion is None:
            return
        mine = self.services.settings.criteria
        switched_on = {c.code for c in choice(self.services.settings).criteria}
        on_codes, off_codes = set(mine.on) - {criterion.code}, set(mine.off) - {criterion.code}
        if criterion.code in switched_on:
            off_codes |= {criterion.code} if criterion.default or criterion.own else set()
        else:
            on_codes |= set() if criterion.default or criterion.own else {criterion.code}
        await self._save({"on": sorted(on_codes), "off": sorted(off_codes)})

    async def do_main(self) -> None:
        """F5: the other severity."""
        criterion = self._current()
        if criterion is None:
            return
        graded = dict(self.services.settings.criteria.severity)
        graded[criterion.code] = "warning" if criterion.severity == "error" else "error"
        await self._save({"severity": graded})

    async def _edit_param(self) -> None:
        if self._params.row_id is None:
            return
        name = self._names[self._params.row_id]
        param = all_params()[name]
        field = Field("value", param.title, width=46, help=_param_help(param.default))
        present = {"value": shown(choice(self.services.settings).params[name])}

        def wrong(values: Mapping[str, Any]) -> Mapping[str, str]:
            """A value the parameter cannot have is told in the form: nothing typed is lost."""
            try:
                read_param(param, str(values["value"] or ""))
            except OmsError as error:
                return {"value": error.msg.partition(": ")[2]}
            return {}

        given = await self.ask_params([field], present, title="Параметр экспертизы", check=wrong)
        if given is None:
            return
        text = str(given["value"] or "")
        await self._save({"params": {**self.services.settings.criteria.params, name: text}})

    async def do_delete(self) -> None:
        if self._params.row_id is None:
            return
        name = self._names[self._params.row_id]
        left = {k: v for k, v in self.services.settings.criteria.params.items() if k != name}
        await self._save({"params": left})

    async def do_load_own(self) -> None:
        paths = await self.pick_paths("file", self.services.folder("in"), title="Файл своих критериев (TOML)")
        if not paths:
            return
        try:
            rows = read_own(paths[0])
        except OmsError as error:
            self.show_error(error)
            return
        codes = ", ".join(str(row.get("code", "")) for row in rows) or "нет"
        if await self.ask(f"Взять свои критерии из файла {paths[0].name}: {codes}? Прежние свои уйдут."):
            await self._save({"own": rows})

    async def do_drop_own(self) -> None:
        own = [asdict(item) for item in self.services.settings.criteria.own]
        if await self.ask(f"Убрать свои критерии: {len(own)}?"):
            await self._save({"own": []})

    async def do_on_save(self) -> None:
        """The silent expertise after each save of a case, on or off."""
        await self._save({"check_on_save": not self.services.settings.criteria.check_on_save})

    async def _save(self, values: Mapping[str, Any]) -> None:
        outcome = await self.operate("settings-save", quiet=True, values={"criteria": dict(values)})
        if outcome is not None and outcome.result is not None:
            self.services.reload()
            self._fill()


def _row(criterion: Criterion, active: bool) -> Cells:
    return (
        "да" if active else "",
        criterion.code,
        _SHORT[criterion.severity],
        criterion.mek,
        criterion.title,
    )


def _param_help(default: Any) -> str:
    if isinstance(default, tuple):
        return "коды через запятую"
    return "целое число" if isinstance(default, int) else ""


def _replace(table: LazyTable, rows: list[Cells]) -> None:
    source = table.source
    assert isinstance(source, MemorySource)
    source.replace(rows)
    table.reload() if table.count else table.load()
