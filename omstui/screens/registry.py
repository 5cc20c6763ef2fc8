"""Реестр: Свойства · Операции (live log) · Сведения об оказанной мед. помощи · Журнал."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from textual import on
from textual.containers import Vertical
from textual.widget import Widget

from omstui import strings
from omstui.domain.errors import OmsError
from omstui.domain.store import db, journal, lists
from omstui.front import Front
from omstui.keys import Key
from omstui.launcher import Follower
from omstui.screens import columns, registry_ops
from omstui.screens.linked import open_case, open_history, open_link
from omstui.screens.op_panel import OperationPanel
from omstui.screens.registries import export_registries
from omstui.screens.registry_ops import Choice
from omstui.screens.review import ReviewPage
from omstui.screens.sources import StoreSource
from omstui.screens.tabbed import TabbedScreen
from omstui.widgets.filter_input import FilterInput
from omstui.widgets.lazy_table import LazyTable
from omstui.widgets.sources import Column, MemorySource
from omstui.widgets.tab_line import TabLine
from omstui.widgets.text_view import TextView

TABS = (
    ("properties", "Свойства реестра"),
    ("operations", "Операции"),
    ("review", "Результат экспертизы"),
    ("cases", "Сведения об оказанной мед. помощи"),
    ("journal", "Журнал"),
)
_TABS_KEYS = (Key("tab_prev"), Key("tab_next"))
_OPS_KEYS = (
    Key("export", "Выгруз", "Выгрузка реестра", "выгружает этот реестр"),
    Key("main", "Выполн", "Выполнить операцию", "выполняет операцию под курсором"),
    Key("abort", title=strings.ABORT),
    Key("fold", title=strings.FOLD, help="сворачивает панель операций: её строки достаются ленте"),
    Key("save_log", title=strings.SAVE_LOG),
)
_UNFOLD = Key("fold", title=strings.UNFOLD, help="возвращает панель операций")
_REVIEW_KEYS = (
    Key("main", "Тип", "Другой тип экспертизы", "экспертиза, ответы фонда по видам"),
    Key("history", "Критер", "О критерии", "что критерий проверяет, почему и что делать"),
    Key("forecast", title="Прогноз МЭК", help="что из найденного МЭК снимет, по кодам и СМО"),
)
_CASES_KEYS = (
    Key("history", "Истор.", "Путь случая", "показывает весь путь случая"),
    Key("edit", "Случай", "Открыть случай", "открывает случай строки"),
    Key("main", "Другие", "Вошли в реестр / не попали", "счета реестра или случаи, которые не попали"),
    Key("search"),
    Key("filter"),
    Key("sort"),
)


class RegistryScreen(TabbedScreen):
    """One registry; Ctrl+← → walk through its tabs."""

    HEADING = "Реестр"
    OF_ONE = True
    ABOUT = "Один реестр: свойства, операции с живой лентой, его случаи, журнал месяца."
    TABS: ClassVar[Sequence[tuple[str, str]]] = TABS
    #: rows of the list of operations
    MENU_ROWS: ClassVar[int] = 8
    #: the list of operations is longer than its rows: say where in it we are
    MENU_COUNTER: ClassVar[bool] = False

    def __init__(self, services: Front, registry_id: int, *, tab: str = "") -> None:
        self.number = registry_id
        self._row = _read(registry_id)
        if not self._row:
            raise OmsError(f"Реестра {registry_id} нет: его удалили.", hint="Обновите список реестров.")
        self._skipped = False
        #: the operation whose reason was told last
        self._told: int | None = None
        super().__init__(services)
        self._tabs = TabLine(self.TABS, tab or "operations")
        self._properties = TextView()
        self._choices: list[Choice] = []
        self._menu_source = MemorySource([Column("", 40, flex=True)], [], state=self._choice_state)
        self._menu = LazyTable(self._menu_source, marks=False, header=False, counter=self.MENU_COUNTER)
        self._menu.styles.height = self.MENU_ROWS
        self._panel = OperationPanel()
        self._cases = LazyTable(self._accounts(), marks=False, autoload=False)
        self._entry = FilterInput()
        fixed = {"period": self._row["period"], "registry": registry_id}
        runs = StoreSource("runs", columns.RUNS, fixed=fixed, state=columns.run_state)
        self._runs = LazyTable(runs, marks=False, autoload=False)
        self._review = ReviewPage(services, registry_id)
        self._pages: dict[str, Widget] = {
            "properties": self._properties,
            "operations": Vertical(self._menu, self._panel),
            "review": self._review,
            "cases": Vertical(self._cases, self._entry),
            "journal": self._runs,
            **self.more_pages(),
        }

    def more_pages(self) -> dict[str, Widget]:
        """Pages of tabs beside those of every registry."""
        return {}

    def compose_body(self) -> Iterable[Widget]:
        yield self._tabs
        for name, page in self._pages.items():
            page.display = name == self._tabs.current
            yield page

    def on_mount(self) -> None:
        self._fill()
        self._open_tab()
        self.refresh_keys()
        self._show_last_log()

    def subject(self) -> str:
        return registry_ops.subject(self._row)

    def keys_now(self) -> Sequence[Key]:
        own: dict[str, Sequence[Key]] = {
            "operations": _OPS_KEYS,
            "cases": _CASES_KEYS,
            "review": _REVIEW_KEYS,
        }
        if self._tabs.current == "journal":
            return (*_TABS_KEYS, Key("history", "Лента", "Лента операции", "открывает ленту операции"))
        mine = own.get(self._tabs.current, ())
        if not self._menu.display:
            mine = [_UNFOLD if key.id == "fold" else key for key in mine]
        return (*mine, *_TABS_KEYS)

    def unavailable(self, action: str) -> str | None:
        if action == "abort":
            return None if self._panel.is_running else "ничего не выполняется"
        if action == "export":
            return self._reason("export") or self.why_not("export")
        return None

    def on_show_again(self) -> None:
        self._row = _read(self.number) or self._row
        self._fill()
        for table in (self._cases, self._runs):
            if table.count:
                table.reload()
        if self._tabs.current == "review":
            self._review.open()

    # --- tabs ----------------------------------------------------------------------------

    def _open_tab(self) -> None:
        current = self._tabs.current
        for name, page in self._pages.items():
            page.display = name == current
        self.to_focus(current).focus()
        if current in ("cases", "journal"):
            table = self._cases if current == "cases" else self._runs
            table.load()

    def to_focus(self, tab: str) -> Widget:
        """What takes the keys on a tab."""
        if tab == "review":
            self._review.open()
        focus: dict[str, Widget] = {
            "operations": self._menu,
            "review": self._review.table,
            "cases": self._cases,
            "journal": self._runs,
        }
        return focus.get(tab, self._properties)

    def main_table(self) -> LazyTable | None:
        own = {"review": self._review.table, "cases": self._cases, "journal": self._runs}
        return own.get(self._tabs.current, self._menu)

    def _fill(self) -> None:
        self._properties.show(registry_ops.properties(self._row, self.number))
        self._choices = self.make_choices()
        self._menu_source.replace([(_titled(choice),) for choice in self._choices])
        self._menu.load()

    def make_choices(self) -> list[Choice]:
        """Operations of the registry as it stands."""
        return registry_ops.choices(self._row, self.services.profile)

    def _choice_state(self, row_id: int, row: Any) -> str:
        return "muted" if row_id < len(self._choices) and self._choices[row_id].reason else ""

    # --- operations ----------------------------------------------------------------------

    def _show_last_log(self) -> None:
        """Show the log of the last forming until something runs."""
        number = self._row.get("form_run")
        if number and not self._panel.is_running:
            with db.connection():
                lines = journal.lines(int(number))
            self._panel.show(strings.CHOOSE_OPERATION + " · лента последнего формирования:", lines)

    def _reason(self, name: str) -> str:
        return next((choice.reason for choice in self._choices if choice.id == name), "")

    @on(LazyTable.CursorMoved)
    def _moved(self, event: LazyTable.CursorMoved) -> None:
        """A reason the width cuts is told whole under the cursor; a list read again says nothing anew."""
        if event.table is self._menu and event.row_id != self._told:
            self._told = event.row_id
            if self._menu.has_focus and self._menu.cut_text:
                self.notice(self._menu.cut_text)

    @on(LazyTable.RowChosen)
    def _chosen(self, event: LazyTable.RowChosen) -> None:
        event.stop()
        if event.table is self._menu:
            self.guard(self.do_main)
        elif event.table is self._runs:
            self.guard(self.do_history)
        else:
            self.guard(self.do_edit)

    async def do_main(self) -> None:
        """F5: run the operation under the cursor; on the cases: what got in or what did not.

        On the results: another type of expertise.
        """
        if self._tabs.current == "review":
            self._review.next_road()
            return
        if self._tabs.current == "cases":
            self._skipped = not self._skipped
            self._cases.use(self._skips() if self._skipped else self._accounts())
            return
        if not self._menu.display:
            self.do_fold()  # never an operation that is not seen
            return
        if self._menu.row_id is None:
            return
        choice = self._choices[self._menu.row_id]
        reason = choice.reason or (self.why_not(choice.op) if choice.op else None)
        if reason:
            self.notice(strings.KEY_UNAVAILABLE.format(key="", title=choice.title, reason=reason).strip())
            return
        await self.start_choice(choice.id)

    async def start_choice(self, name: str) -> None:
        period, test = self._row["period"], bool(self._row["test"])
        if name == "form":
            await self.follow("form", period=period, test=test, registry_id=self.number)
        elif name == "export":
            await self.do_export()
        elif name == "check":
            await self.follow("check", period=period, test=test, registry_id=self.number)
        elif name == "existing":
            await self._existing()
        elif name == "sent":
            await self.operate("sent", period=period)
        elif name == "restore":
            await self.follow("restore-tests", period=period)
        elif name == "report":
            open_link(self.app, self.services, {"list": "report", "registries": [self.number]})
        elif name == "delete":
            outcome = await self.operate("registry-delete", registry_ids=[self.number])
            if outcome is not None and outcome.result is not None:
                self.dismiss(None)

    async def follow(self, op_id: str, **params: Any) -> Follower | None:
        """Run a long operation with its log in the panel; None = the operator said no."""
        follower = await self.operate_long(op_id, panel=self._panel, **params)
        if follower is None:
            self._panel.show(strings.CHOOSE_OPERATION, [])
        return follower

    async def do_export(self) -> None:
        self.services.set_period(self._row["period"])
        await export_registries(self, [self.number], "1" if self._row["test"] else "")

    async def _existing(self) -> None:
        folder = await self.pick_paths("folder", self.services.folder("out"), title="Папка для файла")
        if folder:
            await self.follow(
                "export",
                period=self._row["period"],
                out=str(folder[0]),
                registry_ids=[self.number],
                test=bool(self._row["test"]),
                existing=True,
            )

    @on(OperationPanel.Finished)
    def _finished(self, event: OperationPanel.Finished) -> None:
        event.stop()
        self.refresh_head()

    def do_fold(self) -> None:
        """«Свернуть»: fold the list of operations, its rows go to the log; again — unfold."""
        self._menu.display = not self._menu.display
        (self._menu if self._menu.display else self._panel.log_view).focus()

    async def do_abort(self) -> None:
        if self._panel.follower is not None:
            await self.abort_run(self.services.running_title, self._panel.follower)

    async def do_back(self) -> None:
        """Esc asks what to do with the operation that runs here."""
        follower = self._panel.follower
        if follower is not None and self._panel.is_running:
            choice = await self.leave_running(self.services.running_title, follower)
            if choice != "fold":
                return
        self.dismiss(None)

    # --- cases, journal ------------------------------------------------------------------

    def do_forecast(self) -> None:
        from omstui.screens.forecast import ForecastScreen

        self.services.set_period(self._row["period"])
        self.app.push_screen(ForecastScreen(self.services, [self.number]))

    def _accounts(self) -> StoreSource:
        return StoreSource(
            "accounts", columns.ACCOUNTS, fixed={"registry": self.number}, hidden=("case_id",),
            state=columns.account_state,
        )  # fmt: skip

    def _skips(self) -> StoreSource:
        return StoreSource("skips", columns.SKIPS, fixed={"registry": self.number}, hidden=("case_id",))

    def _case_id(self) -> int | None:
        source, row_id = self._cases.source, self._cases.row_id
        if row_id is None or not isinstance(source, StoreSource):
            return None
        return source.raw(row_id).get("case_id")

    def do_edit(self) -> None:
        if (case_id := self._case_id()) is not None:
            open_case(self.app, self.services, case_id)

    def do_history(self) -> None:
        """F3: the path of the case, the log of the run, or what a criterion is."""
        if self._tabs.current == "review":
            if why_not := self._review.about():
                self.notice(why_not)
        elif self._tabs.current == "cases":
            if (case_id := self._case_id()) is not None:
                open_history(self.app, self.services, case_id)
        elif self._runs.row_id is not None:
            from omstui.screens.journal import open_run

            open_run(self.app, self.services, self._runs.row_id)


def _read(registry_id: int) -> dict[str, Any]:
    with db.connection():
        rows = lists.rows("registries", registry_ops.KEYS, [registry_id])
    values = rows.get(registry_id)
    return dict(zip(registry_ops.KEYS, values, strict=True)) if values else {}


def _titled(choice: Choice) -> str:
    return f"{choice.title} — {choice.reason}" if choice.reason else choice.title
