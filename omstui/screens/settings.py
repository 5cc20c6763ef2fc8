"""Настройки: МО, files, rules, deadlines, insurers, operators, history; only a senior one saves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from textual import on
from textual.widget import Widget

from omstui.domain.model import Role
from omstui.domain.store import config, db
from omstui.front import Front
from omstui.keys import Key
from omstui.screens import settings_fields as shown
from omstui.screens.sources import day
from omstui.screens.tabbed import TabbedScreen
from omstui.widgets.fields import Field
from omstui.widgets.form import Form
from omstui.widgets.lazy_table import LazyTable
from omstui.widgets.sources import Cells, Column, MemorySource
from omstui.widgets.tab_line import TabLine

TABS = (
    *((name, title) for name, title, _ in shown.SECTIONS),
    ("insurers", "СМО"),
    ("operators", "Операторы"),
    ("defaults", "Умолчания"),
    ("history", "История"),
)
_LISTS: Mapping[str, Sequence[Column]] = {
    "insurers": (
        Column("Код", 6),
        Column("Литера", 6),
        Column("Наименование", 24, flex=True),
        Column("ОГРН", 15),
        Column("Иногор.", 7),
        Column("С", 10),
        Column("По", 10),
    ),
    "operators": (Column("Логин", 20), Column("Имя", 24, flex=True), Column("Роль", 18)),
    "defaults": (Column("Атрибут", 26), Column("Значение", 24, flex=True)),
    "history": (
        Column("Когда", 16),
        Column("Кто", 10),
        Column("Настройка", 24),
        Column("Было", 14, flex=True),
        Column("Стало", 14, flex=True),
    ),
}


class SettingsScreen(TabbedScreen):
    """A tab per section: forms are saved with Ctrl+W, lists are edited by F4 and F5."""

    HEADING = "Настройки"
    ABOUT = "Реквизиты МО, файлы, правила, сроки, СМО, операторы. Сохраняет старший оператор."

    def __init__(self, services: Front, tab: str = "") -> None:
        super().__init__(services)
        self._tabs = TabLine(TABS, tab)
        values = asdict(services.settings)
        self._forms = {
            name: Form(fields, shown.form_values(fields, values[name])) for name, _, fields in shown.SECTIONS
        }
        self._lists = {
            name: LazyTable(MemorySource(columns, []), marks=False, autoload=False)
            for name, columns in _LISTS.items()
        }
        self._pages: dict[str, Widget] = {**self._forms, **self._lists}

    def compose_body(self) -> Iterable[Widget]:
        yield self._tabs
        for name, page in self._pages.items():
            page.display = name == self._tabs.current
            yield page

    def on_mount(self) -> None:
        self._open_tab()
        self.refresh_keys()

    def subject(self) -> str:
        return self.services.profile.title

    def keys_now(self) -> Sequence[Key]:
        current = self._tabs.current
        own: list[Key] = [Key("tab_prev"), Key("tab_next")]
        if current in self._forms:
            own.append(Key("save"))
        if current in ("insurers", "operators", "defaults"):
            own.append(Key("edit", "Правка", "Изменить", "изменяет строку под курсором"))
            own.append(Key("main", "Новый", "Добавить", "добавляет строку"))
        if current == "defaults":
            own.append(Key("delete"))
        return [*own, Key("criteria", title="Критерии экспертизы", help="какие включены, их параметры, свои")]

    def unavailable(self, action: str) -> str | None:
        if action in ("save", "edit", "main", "delete"):
            reason = self.why_not("settings-save")
            if reason is None and action in ("edit", "delete"):
                table = self._lists.get(self._tabs.current)
                reason = "список пуст" if table is not None and table.row_id is None else None
            return reason
        return None

    # --- tabs ----------------------------------------------------------------------------

    def _open_tab(self) -> None:
        current = self._tabs.current
        for name, page in self._pages.items():
            page.display = name == current
        self._pages[current].focus()
        self._fill_list(current)

    def _fill_list(self, name: str) -> None:
        table = self._lists.get(name)
        if table is None:
            return
        source = table.source
        assert isinstance(source, MemorySource)
        source.replace(self._rows(name))
        table.load()

    def _rows(self, name: str) -> list[Cells]:
        settings = self.services.settings
        if name == "insurers":
            return [shown.insurer_row(item) for item in settings.insurers]
        if name == "defaults":
            return sorted((str(k), str(v)) for k, v in settings.defaults.items())
        with db.connection():
            if name == "operators":
                return [(o.login, o.name, shown.ROLES[o.role]) for o in config.operators()]
            return [
                (day(at), who, shown.key_title(key), shown.plain(old), shown.plain(new))
                for at, who, key, old, new in config.history()
            ]

    def on_show_again(self) -> None:
        self._fill_list(self._tabs.current)

    # --- saving --------------------------------------------------------------------------

    def do_save(self) -> None:
        self._forms[self._tabs.current].save()

    @on(Form.SaveAsked)
    def _save_asked(self, event: Form.SaveAsked) -> None:
        event.stop()
        name = next(key for key, form in self._forms.items() if form is event.form)
        reason = self.why_not("settings-save")
        if reason:
            self.notice(f"Сохранить нельзя: {reason}")
            return
        fields = shown.fields_of(name)
        values = shown.stored_values(fields, event.values)
        self.guard(lambda: self._save({name: values}, event.form))

    async def _save(self, values: Mapping[str, Any], form: Form | None = None) -> None:
        outcome = await self.operate("settings-save", values=dict(values))
        if outcome is not None and outcome.result is not None:
            self.services.reload()
            if form is not None:
                form.accept_changes()
            self._fill_list(self._tabs.current)
            self.refresh_head()

    @on(LazyTable.RowChosen)
    def _chosen(self, event: LazyTable.RowChosen) -> None:
        event.stop()
        if self._tabs.current != "history":
            self.press(Key("edit"))

    async def do_edit(self) -> None:
        row_id = self._lists[self._tabs.current].row_id
        if row_id is not None:
            await self._edit(self._tabs.current, row_id)

    async def do_main(self) -> None:
        await self._edit(self._tabs.current, None)

    def do_criteria(self) -> None:
        from omstui.screens.criteria import CriteriaScreen

        self.app.push_screen(CriteriaScreen(self.services))

    async def _edit(self, name: str, row_id: int | None) -> None:
        if name == "insurers":
            await self._edit_insurer(row_id)
        elif name == "operators":
            await self._edit_operator(row_id)
        else:
            await self._edit_default(row_id)

    async def _edit_insurer(self, row_id: int | None) -> None:
        rows = [asdict(item) for item in self.services.settings.insurers]
        present = {} if row_id is None else rows[row_id]
        fields = shown.insurer_fields(new=row_id is None)
        values = await self.ask_params(fields, present, title="СМО (плательщик)")
        if values is None:
            return
        if row_id is None:
            rows.append(values)
        else:
            rows[row_id] = {**present, **values}
        await self._save({"insurers": rows})

    async def _edit_operator(self, row_id: int | None) -> None:
        rows = self._rows("operators")
        login = "" if row_id is None else rows[row_id][0]
        titles = {title: role for role, title in shown.ROLES.items()}
        role = Role.OPERATOR if row_id is None else titles[rows[row_id][2]]
        fields = [
            Field("login", "Логин (вход в систему)", width=20, required=True, readonly=bool(login)),
            Field("role", "Роль", "choice", 18, choices=list(shown.ROLES.items()), required=True),
        ]
        values = await self.ask_params(fields, {"login": login, "role": role}, title="Оператор")
        if values is None:
            return
        outcome = await self.operate("operator-set", login=values["login"], role=str(values["role"]))
        if outcome is not None and outcome.result is not None:
            self.services.reload()
            self.on_show_again()
            self.refresh_head()

    async def _edit_default(self, row_id: int | None) -> None:
        name, value = ("", "") if row_id is None else self._rows("defaults")[row_id]
        fields = [
            Field("name", "Атрибут", width=26, required=True, readonly=bool(name)),
            Field("value", "Значение", width=36),
        ]
        values = await self.ask_params(fields, {"name": name, "value": value}, title="Умолчание")
        if values is not None:
            present = dict(self.services.settings.defaults)
            await self._save({"defaults": {**present, values["name"]: values["value"]}})

    async def do_delete(self) -> None:
        row_id = self._lists["defaults"].row_id
        if row_id is None:
            return
        name = self._rows("defaults")[row_id][0]
        if await self.ask(f"Удалить значение по умолчанию «{name}»?"):
            left = {k: v for k, v in self.services.settings.defaults.items() if k != name}
            await self._save({"defaults": left})
