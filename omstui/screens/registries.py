"""Реестры счетов (журнал реестров счетов): marks, F2 export, F5 form, load, restore, delete."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any, ClassVar

from textual import on
from textual.widget import Widget

from omstui import strings
from omstui.domain.model import FORMED_STATUSES, SENT_STATUSES, RegistryStatus
from omstui.front import Front
from omstui.keys import Key
from omstui.screens import columns
from omstui.screens.check_step import check_registries
from omstui.screens.linked import open_registry
from omstui.screens.menu import Item
from omstui.screens.operating import OperatingScreen
from omstui.screens.sources import Group, StoreSource
from omstui.widgets.fields import Field
from omstui.widgets.filter_input import FilterInput
from omstui.widgets.lazy_table import LazyTable

MODES = (("", "основной реестр"), ("1", "тестовый реестр"))
#: what «+» offers where there are no test registries
WHOLE_STATUSES = (RegistryStatus.CREATED, *FORMED_STATUSES, SENT_STATUSES[-1])
MODE_TITLES = {"": "режим: основной", "1": "режим: ТЕСТОВЫЙ"}


class RegistriesScreen(OperatingScreen):
    """Registries of the month; what is formed and exported is main or test by the mode."""

    HEADING = "Реестры счетов"
    ABOUT = (
        "Реестры счетов месяца: сформировать, выгрузить отмеченные, открыть."
        " «?» слева — нужно переформировать, «+» — выгружен, «·» — восстановлен."
    )
    #: test registries, marks for export and the like are not of every region
    NEEDS: ClassVar[dict[str, str]] = {
        "export": "export",
        "main": "form",
        "load": "load",
        "check": "check",
        "mes": "mes",
        "sequester": "sequester",
        "books": "nsi-load",
        "mode": "restore-tests",
        "restore": "restore-tests",
        "delete": "registry-delete",
    }
    KEYS = (
        Key("export", "Выгруз", "Выгрузка отмеченных в файл", "выгружает отмеченные реестры периода"),
        Key("history", "Журнал", "Журнал месяца", "показывает операции этого месяца"),
        Key("edit", "Открыт", "Открыть реестр", "открывает реестр"),
        Key("main", "Сформ.", "Сформировать, создать реестр", "создаёт и формирует реестры"),
        Key("search"),
        Key(
            "check", title="Провести экспертизу", help="отмеченных реестров или всех сформированных за месяц"
        ),
        Key("mes", title="Анализ МЭСов", help="отмеченных реестров или всех сформированных"),
        Key("sequester", title="Секвестирование", help="плановые объёмы месяца и что сверх них"),
        Key("load", title="Загрузить случаи (файлы, папка, архив)"),
        Key("books", title="Загрузить справочник"),
        Key("mode", title="Режим: основной или тестовый"),
        Key("restore", title="Восстановить все тестовые реестры за период"),
        Key("period"),
        Key("whole", title="Реестры всех месяцев"),
        Key("filter"),
        Key("sort"),
        Key("delete", title="Удалить реестр"),
    )

    def __init__(self, services: Front) -> None:
        self._whole = False
        super().__init__(services)
        shown = columns.REGISTRIES_WHOLE if services.profile.one_registry else columns.REGISTRIES
        source = StoreSource("registries", shown, state=columns.registry_state, groups=self._groups)
        empty = strings.NO_REGISTRIES if services.profile.one_registry else strings.EMPTY
        self._table = LazyTable(source, where={"period": services.period}, empty=empty)
        self._entry = FilterInput()

    def compose_body(self) -> Iterable[Widget]:
        yield self._table
        yield self._entry

    def on_mount(self) -> None:
        self._table.focus()

    def subject(self) -> str:
        period = "все месяцы" if self._whole else self.services.period_title
        return f"{period} · {MODE_TITLES[self.mode]}" if self._has_tests else period

    def about(self) -> str:
        if self.services.profile.one_registry:
            return "Реестры счетов месяца: создать, сформировать, открыть. «?» слева — нужно переформировать."
        return self.ABOUT

    @property
    def _has_tests(self) -> bool:
        return self.services.profile.can("restore-tests")

    def keys_now(self) -> Sequence[Key]:
        can = self.services.profile.can
        return [key for key in self.KEYS if can(self.NEEDS.get(key.id, "form"))]

    @property
    def mode(self) -> str:
        """ "1" = test registries are formed and exported, "" = main ones."""
        return self.services.memory.get("mode", "") if self._has_tests else ""

    def _groups(self) -> Sequence[Group]:
        ids, source = self._table.ids, self._table.source

        def such(**wanted: Any) -> list[int]:
            assert isinstance(source, StoreSource)
            return [i for i in ids if all(source.raw(i).get(k) == v for k, v in wanted.items())]

        formed = RegistryStatus.FORMED.value
        if not self._has_tests:
            return [(str(s), partial(such, status=s.value)) for s in WHOLE_STATUSES]
        return [
            ("Сформированные основные", lambda: such(status=formed, test=0)),
            ("Сформированные тестовые", lambda: such(status=formed, test=1)),
        ]

    def unavailable(self, action: str) -> str | None:
        if action in ("edit", "delete") and self._table.row_id is None:
            return "список пуст"
        needed = "" if action == "mode" else self.NEEDS.get(action, "")
        return self.why_not(needed) if needed else None

    # --- list ----------------------------------------------------------------------------

    @on(LazyTable.RowChosen)
    def _chosen(self, event: LazyTable.RowChosen) -> None:
        event.stop()
        self.guard(self.do_edit)

    @on(LazyTable.Loaded)
    def _loaded(self, event: LazyTable.Loaded) -> None:
        event.stop()
        self._table.mark_ids(self._table.marked - set(self._table.ids), False)
        self.refresh_keys()

    def use_period(self, period: str) -> None:
        self._whole = False
        self._table.where = {"period": period}
        super().use_period(period)

    def do_whole(self) -> None:
        """Show the registries of all months, or of the chosen one again."""
        self._whole = not self._whole
        self._table.load(where={} if self._whole else {"period": self.services.period})
        self.refresh_head()

    def do_mode(self) -> None:
        """Switch between main and test registries."""
        self.services.remember("mode", "" if self.mode else "1")
        self.refresh_head()
        self.notice(f"Формирование и выгрузка — {MODE_TITLES[self.mode]}.")

    def do_edit(self) -> None:
        if self._table.row_id is not None:
            open_registry(self.app, self.services, self._table.row_id)

    def do_history(self) -> None:
        from omstui.screens.journal import JournalScreen

        self.app.push_screen(JournalScreen(self.services, period=self.services.period))

    # --- operations ----------------------------------------------------------------------

    async def do_check(self) -> None:
        """The expertise of the marked registries, or of all formed ones; where one is all, of that one."""
        ids = self._table.chosen_ids() if self.services.profile.one_registry else sorted(self._table.marked)
        await check_registries(self, ids, bool(self.mode))

    async def do_mes(self) -> None:
        """«Анализ МЭСов» of the marked registries, or of all formed ones, then its result."""
        marked = sorted(self._table.marked)
        done = await self.operate_long("mes", period=self.services.period, registry_ids=marked)
        if done is not None and done.outcome == "ok":
            self.app.open_screen("mes")  # type: ignore[attr-defined]

    def do_sequester(self) -> None:
        self.app.open_screen("sequester")  # type: ignore[attr-defined]

    async def do_export(self) -> None:
        """F2: the marked registries, or every formed one of the mode; asks the folder."""
        if await export_registries(self, sorted(self._table.marked), self.mode):
            self._table.clear_marks()

    async def do_main(self) -> None:
        """F5: all kinds of the month, or a registry with its own dates."""
        if self.services.profile.one_registry:
            await self._main_whole()
            return
        what = f"{self.services.period_title}, {MODE_TITLES[self.mode]}"
        items = [
            Item("all", f"Сформировать все виды за период ({what})"),
            Item("create", "Создание реестра счетов (вид, даты, отделения)"),
        ]
        choice = await self.choose("Формирование реестров", items)
        if choice == "all":
            await self._form_all()
        elif choice == "create":
            self._create()

    def _create(self) -> None:
        from omstui.screens.registry_form import RegistryFormScreen

        self.app.push_screen(RegistryFormScreen(self.services, test=self.mode))

    async def _main_whole(self) -> None:
        """One registry holds all kinds: re-form the one under the cursor, or create another."""
        row_id = self._table.row_id
        if row_id is None:
            self._create()
            return
        source = self._table.source
        row = source.raw(row_id) if isinstance(source, StoreSource) else {}
        name = row.get("name") or f"реестр {row_id}"
        items = [
            Item("form", f"Переформировать: {name}, {columns.whole_dates(row)}"),
            Item("create", "Создание реестра счетов (имя, даты, отделения)"),
        ]
        choice = await self.choose("Формирование реестров", items)
        if choice == "form":
            await self.operate_long("form", period=row["period"], registry_id=row_id)
        elif choice == "create":
            self._create()

    async def _form_all(self) -> None:
        fields = [
            Field("test", "Реестр", "choice", 18, choices=MODES),
            Field("late", "С опоздавшими случаями", "bool", help="закончены раньше, но не выставлены"),
        ]
        values = {"test": self.mode, "late": self.services.settings.rules.with_late}
        chosen = await self.ask_params(fields, values, title="Сформировать все виды за период")
        if chosen:
            test, late = bool(chosen["test"]), bool(chosen["late"])
            await self.operate_long("form", period=self.services.period, test=test, late=late)

    async def do_load(self) -> None:
        """Load cases: federal XML, archives, folders, CSV."""
        start = self.services.folder("in")
        paths = await self.pick_paths("any", start, title="Загрузить случаи", remember=self._keep_in)
        if not paths:
            return
        mapping = ""
        if any(path.suffix.lower() == ".csv" for path in paths):
            mapping = await self._mapping(paths[0].parent) or ""
        await self.operate_long("load", paths=[str(path) for path in paths], mapping=mapping)
        await self._new_month()

    async def _mapping(self, folder: Any) -> str | None:
        if not await self.ask("Выбрать файл соответствия столбцов CSV?", ["Без него берётся лежащий рядом."]):
            return None
        found = await self.pick_paths("file", folder, title="Файл соответствия", patterns=["*.toml"])
        return str(found[0]) if found else None

    async def _new_month(self) -> None:
        """After the first load show the month that was loaded."""
        from omstui.domain.store import db, lists

        def known() -> list[str]:
            with db.connection():
                return lists.periods()

        months = await asyncio.to_thread(known)
        if months and self.services.period not in months:
            self.use_period(months[0])

    async def do_books(self) -> None:
        """Load reference books: what would change is shown first."""
        from omstui.screens.books_load import load_books

        await load_books(self)

    def _keep_in(self, folder: Any) -> None:
        self.services.remember("folder.in", str(folder))

    async def do_restore(self) -> None:
        await self.operate_long("restore-tests", period=self.services.period)

    async def do_delete(self) -> None:
        await self.operate("registry-delete", registry_ids=self._table.chosen_ids())
        self._table.clear_marks()


async def export_registries(screen: OperatingScreen, ids: Sequence[int], mode: str) -> bool:
    """Ask for mode and folder and export these registries (none = every formed one); True = done."""
    services = screen.services
    which = f"отмеченные: {len(ids)}" if ids else "все сформированные за период"
    fields = [
        Field("which", "Реестры", readonly=True, width=34),
        Field("test", "Тип", "choice", 18, choices=MODES),
        Field("existing", "Взять имеющийся файл", "bool", help="файл уже выгруженных, как был"),
    ]
    values = {"which": which, "test": mode}
    title = f"Выгрузка за {services.period_title}"
    chosen = await screen.ask_params(fields, values, title=title)
    if not chosen:
        return False
    folder = await screen.pick_paths("folder", services.folder("out"), title="Папка для файла …13X")
    if not folder:
        return False
    services.remember("folder.out", str(folder[0]))
    follower = await screen.operate_long(
        "export",
        period=services.period,
        out=str(folder[0]),
        registry_ids=list(ids),
        test=bool(chosen["test"]),
        existing=bool(chosen["existing"]),
    )
    return follower is not None and follower.outcome in ("ok", "partial")
