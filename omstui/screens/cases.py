"""«Случаи» (список случаев): of a month, found over all months (F7), or behind a line of a log."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any, ClassVar

from textual import on
from textual.widget import Widget

from omstui.domain.expertise import titles
from omstui.domain.model import Period
from omstui.domain.store import db, forming
from omstui.front import Front
from omstui.keys import Key
from omstui.screens import columns
from omstui.screens.dialog import Line
from omstui.screens.linked import open_case, open_history, open_registry
from omstui.screens.operating import OperatingScreen
from omstui.screens.sources import Shown, StoreSource
from omstui.widgets.filter_input import FilterInput
from omstui.widgets.lazy_table import LazyTable
from omstui.widgets.sources import Cells

_OPEN = Key("edit", "Случай", "Открыть случай", "открывает случай")
_HISTORY = Key("history", "Истор.", "Путь случая", "показывает весь путь случая")
_LISTS: dict[str, tuple[str, tuple[Shown, ...], Any]] = {
    "cases": ("Случаи", columns.CASES, columns.case_state),
    "accounts": ("Персональные счета", columns.ACCOUNTS, columns.account_state),
    "skips": ("Не попали в реестр", columns.SKIPS, None),
    "refusals": ("Отказы", columns.REFUSALS, None),
    "findings": ("Замечания экспертизы", columns.FINDINGS, None),
    "registries": ("Реестры счетов", columns.REGISTRIES, columns.registry_state),
    "load_problems": ("Записи файла с замечаниями", columns.PROBLEMS, columns.problem_state),
}


class FindingsSource(StoreSource):
    """Findings: one whose title already says everything shows it."""

    def __init__(self, titles_: Mapping[str, str], *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._titles = titles_

    def rows(self, ids: Sequence[int]) -> Mapping[int, Cells]:
        place, code = self.places["message"], self.places["code"]
        return {
            row_id: row if row[place] else (*row[:place], self._titles.get(row[code], ""), *row[place + 1 :])
            for row_id, row in super().rows(ids).items()
        }


class _CaseList(OperatingScreen):
    """A list whose rows lead to cases; the line under it says why the case is not in a registry."""

    KEYS: ClassVar[Sequence[Key]] = (_HISTORY, _OPEN, Key("search"), Key("filter"), Key("sort"))

    def __init__(self, services: Front, name: str, fixed: Mapping[str, Any], search: str = "") -> None:
        self._list = name
        super().__init__(services)
        _, shown, state = _LISTS[name]
        hidden = {
            "skips": ("case_id",),
            "accounts": ("case_id",),
            "refusals": ("case_id",),
            "findings": ("case_id", "finding_of"),
        }
        kind = partial(FindingsSource, titles(services.settings)) if name == "findings" else StoreSource
        source = kind(name, shown, fixed=fixed, hidden=hidden.get(name, ()), state=state)
        self._table = LazyTable(source, marks=False, autoload=False)
        self._table.search = search
        self._entry = FilterInput(text=search, shown=bool(search))
        self._reason = Line("", dim=True)

    def compose_body(self) -> Iterable[Widget]:
        yield self._table
        yield self._reason
        yield self._entry

    def on_mount(self) -> None:
        self._table.focus()
        self._table.load()

    def case_id(self, row_id: int) -> int | None:
        """Return the case behind a row."""
        if self._list == "cases":
            return row_id
        if self._list in ("registries", "load_problems"):
            return None
        source = self._table.source
        assert isinstance(source, StoreSource)
        return source.raw(row_id).get("case_id")

    def unavailable(self, action: str) -> str | None:
        if action == "history" and self._list == "registries":
            return "у реестра свой журнал: откройте его"
        if action in ("history", "edit") and self._list == "load_problems":
            return "запись не стала случаем; её место и причина — в строке"
        return "список пуст" if action in ("edit", "history") and self._table.row_id is None else None

    @on(LazyTable.RowChosen)
    def _chosen(self, event: LazyTable.RowChosen) -> None:
        event.stop()
        self.guard(self.do_edit)

    def do_edit(self) -> None:
        row_id = self._table.row_id
        if row_id is None:
            return
        if self._list == "registries":
            open_registry(self.app, self.services, row_id)
        elif (case_id := self.case_id(row_id)) is not None:
            open_case(self.app, self.services, case_id, self._finding(row_id))

    def _finding(self, row_id: int) -> tuple[int | None, str] | None:
        """Registry and code of the finding of a row: the case opens where it is, and F9 goes on with it."""
        if self._list != "findings":
            return None
        source = self._table.source
        assert isinstance(source, StoreSource)
        row = source.raw(row_id)
        return row.get("finding_of"), str(row.get("code"))

    def do_history(self) -> None:
        row_id = self._table.row_id
        case_id = self.case_id(row_id) if row_id is not None else None
        if case_id is not None:
            open_history(self.app, self.services, case_id)

    @on(LazyTable.CursorMoved)
    def _moved(self, event: LazyTable.CursorMoved) -> None:
        event.stop()
        self.refresh_keys()
        case_id = self.case_id(event.row_id) if event.row_id and self._list == "cases" else None
        if case_id is None:
            self._reason.show("")
            return
        with db.connection():
            skips = forming.case_skips(case_id)
        texts = [f"{Period.parse(p).title}{' (тест)' if t else ''} — {r}" for p, _, r, t in skips]
        self._reason.show(f" Не попал в реестр: {'; '.join(texts)}" if texts else "")


class CasesScreen(_CaseList):
    """Cases of the month, or of all months when a patient is looked for."""

    HEADING = "Случаи"
    ABOUT = "Случаи месяца или всех месяцев. Внизу — почему случай не попал в реестр."
    KEYS = (
        _HISTORY,
        _OPEN,
        Key("main", "Новый", "Новый случай", "открывает пустой случай для ввода вручную"),
        Key("search"),
        Key("period"),
        Key("everywhere", title="Случаи всех месяцев"),
        Key("filter"),
        Key("sort"),
    )

    def __init__(self, services: Front, *, search: str = "", everywhere: bool = False) -> None:
        self._everywhere = everywhere
        super().__init__(services, "cases", {}, search)
        self._table.where = self._where()

    def _where(self) -> dict[str, Any]:
        return {} if self._everywhere else {"period": self.services.period}

    def subject(self) -> str:
        return "все месяцы" if self._everywhere else self.services.period_title

    def unavailable(self, action: str) -> str | None:
        if action == "main":
            return self.why_not("case-save")
        return super().unavailable(action)

    def do_main(self) -> None:
        open_case(self.app, self.services, None)

    def do_everywhere(self) -> None:
        """Show all months, or the chosen one again."""
        self._everywhere = not self._everywhere
        self._table.load(where=self._where())
        self.refresh_head()

    def use_period(self, period: str) -> None:
        self._everywhere = False
        self._table.where = self._where() | {"period": period}
        super().use_period(period)


class LinkedListScreen(_CaseList):
    """The list behind a line of a log."""

    HEADING = "Случаи строки"
    ABOUT = "Список, который стоит за строкой ленты операции."

    def __init__(self, services: Front, link: Mapping[str, Any]) -> None:
        fixed = {key: value for key, value in link.items() if key != "list"}
        self._link = fixed
        super().__init__(services, str(link["list"]), fixed)

    def subject(self) -> str:
        title = _LISTS[self._list][0]
        what = str(self._link.get("reason") or self._link.get("code") or "")
        if self._list == "findings" and what:
            what = f"{what} {titles(self.services.settings).get(what, '')}"
        return f"{title}: {what}" if what else title
