"""Synthetic lists, forms and screens for the tests of the screen parts and for the playground."""

from __future__ import annotations

import sys
from array import array
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from textual import on
from textual.widget import Widget

from omstui.domain.errors import OmsError
from omstui.domain.operation import LogLine, Progress
from omstui.keys import Key
from omstui.screens.base import BaseScreen
from omstui.widgets.fields import Field
from omstui.widgets.filter_input import FilterInput
from omstui.widgets.form import Form
from omstui.widgets.lazy_table import LazyTable
from omstui.widgets.op_log import OpLog
from omstui.widgets.sources import Cells, Column

_NAMES = ("Иванов", "Петрова", "Сидоров", "Кузнецова", "Смирнов", "Попова", "Васильев", "Новикова")
#: text that would break whoever takes it for markup
EVIL = "[/b] [red]x[/] \t\n\x1b[31m 漢字 e\u0301"


class Refusals:
    """A list of refusals computed from the row number: any size without a database."""

    columns = (
        Column("№", 8, ">", key="id"),
        Column("Код", 6, key="code"),
        Column("Фамилия И.О.", 22, key="name"),
        Column("Полис", 16),
        Column("Дата", 10),
        Column("Сумма", 10, ">", key="sum"),
        Column("Причина отказа", 40),
    )

    def __init__(self, count: int, evil: bool = False, gone: Collection[int] = ()) -> None:
        self.count = count
        self.evil = evil
        self.gone = set(gone)
        self.opened = 0
        self.reads = 0

    def open(self, where: Mapping[str, Any], search: str, sort: str | None) -> array[int]:
        self.opened += 1
        if where.get("fail"):
            raise OmsError("Список не прочитан: база занята.", hint="Повторите позже.")
        ids = array("q", range(1, self.count + 1))
        if search:
            ids = array("q", (i for i in ids if search.casefold() in self.name(i).casefold()))
        if sort == "sum":
            ids = array("q", sorted(ids, key=self.kopecks))
        return ids

    def name(self, i: int) -> str:
        return f"{_NAMES[i % len(_NAMES)]} {i % 977} И.И."

    def kopecks(self, i: int) -> int:
        return (i % 9973) * 100 + 50

    def rows(self, ids: Sequence[int]) -> Mapping[int, Cells]:
        self.reads += 1
        return {i: self._row(i) for i in ids if i not in self.gone}

    def _row(self, i: int) -> Cells:
        if self.evil:
            return tuple(f"{EVIL}{i}" for _ in self.columns)
        money = f"{i % 9973},50"
        return (
            str(i),
            str(i % 126),
            self.name(i),
            f"{10**15 + i}",
            f"{1 + i % 28:02d}.01.2025",
            money,
            f"Нарушение порядка {i % 126}",
        )

    def find(self, ids: array[int], start: int, text: str) -> int:
        low = text.casefold()
        for place in range(start, len(ids)):
            if low in self.name(ids[place]).casefold():
                return place
        return -1

    def total(self, ids: Collection[int]) -> tuple[int, int | None]:
        return len(ids), sum(self.kopecks(i) for i in ids)

    def state(self, row_id: int, row: Cells) -> str:
        return ("", "", "", "good", "warn", "error", "muted", "strong")[row_id % 8]


class StubServices:
    """The services of the common parts, with fixed words."""

    mo_title = "ГБУЗ ЯО «Учебная больница» 760001"
    operator_title = "Учебный О.О., поликлиника"
    period = "2021-04"
    running_title = ""


class ListScreen(BaseScreen):
    """A list with a filter line."""

    HEADING = "Анализ"
    ABOUT = "Отказы фонда: почему счёт не оплачен и что с ним делать."
    KEYS = (
        Key("history"),
        Key("edit"),
        Key("main", "Сформ", "Сформировать", "формирует реестр за период"),
        Key("resubmit"),
        Key("filter"),
        Key("sort"),
        Key("form", title="Форма", help="открывает пример формы"),
        Key("log", title="Лента", help="открывает пример ленты"),
        Key("pick", title="Выбор файла", help="открывает выбор файла"),
    )

    def __init__(self, services: Any, source: Refusals | None = None) -> None:
        self.source = source or Refusals(100)
        super().__init__(services)
        self.done: list[str] = []

    def compose_body(self) -> Iterable[Widget]:
        yield FilterInput()
        yield LazyTable(self.source, id="list")

    def subject(self) -> str:
        return "поликлиника, апрель 2021, основной, сформирован"

    def unavailable(self, action: str) -> str | None:
        return "реестр тестовый" if action == "resubmit" else None

    def do_history(self) -> None:
        self.done.append("history")

    async def do_main(self) -> None:
        if await self.ask("Сформировать реестр за апрель 2021?", ["случаев: 12"]):
            self.done.append("main")

    async def do_edit(self) -> None:
        values = await self.ask_params(list(FIELDS), {"born": "1980-02-01"})
        self.done.append(repr(values))

    def do_form(self) -> None:
        self.app.push_screen(FormScreen(self.services))

    def do_log(self) -> None:
        self.app.push_screen(LogScreen(self.services))

    async def do_pick(self) -> None:
        self.done.append(repr(await self.pick_paths("any")))

    @on(LazyTable.RowChosen)
    def chosen(self, event: LazyTable.RowChosen) -> None:
        self.done.append(f"row {event.row_id}")


FIELDS = (
    Field("family", "Фамилия", required=True, help="как в документе, без сокращений"),
    Field("born", "Дата рождения", "date", 10),
    Field("month", "Период", "month", 8),
    Field("sum", "Сумма", "money", 12),
    Field("count", "Количество", "int", 6),
    Field("sex", "Пол", "choice", 12, choices=(("1", "мужской"), ("2", "женский"))),
    Field("dead", "Умер", "bool", 4),
    *(Field(f"f{i}", f"Поле {i}") for i in range(8, 13)),
)


class FormScreen(BaseScreen):
    """A form of twelve fields."""

    HEADING = "Случай"
    KEYS = (Key("save"),)

    def compose_body(self) -> Iterable[Widget]:
        self.form = Form(FIELDS, {field.name: "" for field in FIELDS} | {"family": "Иванов"})
        yield self.form

    def do_save(self) -> None:
        self.form.save()

    @on(Form.SaveAsked)
    def saved(self, event: Form.SaveAsked) -> None:
        event.form.accept_changes()
        self.notice("Сохранено")


class LogScreen(BaseScreen):
    """A log of an operation."""

    HEADING = "Операции"

    def compose_body(self) -> Iterable[Widget]:
        self.log_view = OpLog()
        yield self.log_view

    def on_mount(self) -> None:
        self.log_view.add(
            [
                LogLine("Подготовка данных, дождитесь окончания операции", at="10:00:00"),
                LogLine("Подготовка данных прошла успешно", at="10:00:01"),
                LogLine("Тарифа нет: 2 услуги", "warning", {"reason": "90.011"}, "10:00:02"),
                LogLine("Будут исключены из реестра:\n5 случаев", "info", {"r": 1}, "10:00:03"),
                LogLine(EVIL, "error", None, "10:00:04"),
            ]
        )
        self.log_view.show_progress(Progress("Запись", 1200, 100000))


def screens(count: int = 100) -> dict[str, Any]:
    """Return the screens by name, as the launcher wants them."""
    return {
        "list": lambda services: ListScreen(services, Refusals(count)),
        "form": FormScreen,
        "log": LogScreen,
    }


def run(name: str = "list", count: str = "100000") -> int:
    """Run one of the screens in this terminal."""
    from omstui import tui

    return tui.main(StubServices(), name, screens=screens(int(count)), start="list")


if __name__ == "__main__":
    sys.exit(run(*sys.argv[1:]))
