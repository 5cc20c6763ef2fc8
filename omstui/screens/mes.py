"""«Анализ МЭСов»: what the formed registries have against МЭС, tariffs and dates, before they are sent."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

from textual import on
from textual.widget import Widget

from omstui.domain import mes_lines
from omstui.domain.mes import CHECKS
from omstui.domain.money import spaced
from omstui.domain.store import db
from omstui.front import Front
from omstui.keys import Key
from omstui.screens.coded_list import CodedListScreen
from omstui.screens.detail import Detail
from omstui.screens.dialog import Line
from omstui.screens.mes_source import CODE_COLUMNS, MesSource, code_rows, filter_fields, filter_text
from omstui.screens.sources import day, kind
from omstui.widgets.fields import Field
from omstui.widgets.lazy_table import LazyTable

_DETAIL = 4


class MesScreen(CodedListScreen):
    """Findings one by one or by check; Enter opens the case, F5 runs the analysis again."""

    HEADING = "Анализ МЭСов"
    ABOUT = "Сформированные реестры против МЭС, тарифов, дат и пересечений — до отправки."
    KEYS = (
        Key("history", title="Путь случая", help="реестры, файлы, отказы и исправления случая"),
        Key("edit", title="Открыть случай", help="открывает случай для исправления (и Enter)"),
        Key("main", "Анализ", "Провести анализ", "проверяет сформированные реестры месяца заново"),
        Key("search", title="Поиск", help="пациент, карта, код, МЭС, текст"),
        Key("save_csv", title="Экспорт в файл", help="строки списка таблицей CSV"),
        Key("period"),
        Key("filter", title="Отбор", help="проверка, важность, вид деятельности, врач"),
        Key("clear_filter", title="Снять отбор", help="показывает всё, что найдено за месяц"),
        Key("sort"),
        Key("tab_prev", title="Строки / по кодам", help="список замечаний или сводка по проверкам"),
        Key("tab_next", title="По кодам / строки", help="сводка по проверкам или список замечаний"),
    )
    KEPT, LINES, FILTER = "registries", "Замечания", "Отбор замечаний"

    def __init__(self, services: Front, where: Mapping[str, Any] | None = None) -> None:
        super().__init__(services, where, MesSource, CODE_COLUMNS, "Замечаний нет")
        self._lacking: dict[str, str] = {}
        self._head = Line("", bold=True)
        self._detail = Detail(_DETAIL)

    def compose_body(self) -> Iterable[Widget]:
        tabs, *lists, entry = super().compose_body()
        yield from (tabs, self._head, *lists, self._detail, entry)

    def filter_text(self) -> str:
        return filter_text(self.where)

    def filter_fields(self) -> list[Field]:
        return filter_fields(self._fixed())

    def on_mount(self) -> None:
        super().on_mount()
        self._read()

    # --- figures -------------------------------------------------------------------------

    async def read_summary(self) -> None:
        found = await asyncio.to_thread(code_rows, self.services.period)
        totals, standing, self._lacking, rows = found
        self._summary.replace(rows)
        self._codes.load()
        if not standing.last:
            text = "Анализ не проводился: F5" if standing.formed else "Сформированных реестров нет"
        else:
            text = (
                f"Счетов {totals.all.accounts} · с ошибками {totals.errors.accounts} на"
                f" {spaced(totals.errors.total)} · {day(standing.last)}"
            )
            if standing.waiting:
                text += f" · ещё не проведён: {standing.waiting}"
        self._head.show(f" {text}")
        self._show_detail()

    @on(LazyTable.CursorMoved)
    def _moved(self, event: LazyTable.CursorMoved) -> None:
        event.stop()
        self._show_detail()
        self.refresh_keys()

    def _show_detail(self) -> None:
        if self.by_code:
            self._show_check()
            return
        row = self._row()
        if not row:
            self._detail.show([])
            return
        service = f" · услуга {row['service']}" if row["service"] else ""
        self._detail.show(
            [
                f"#{row['code']} {CHECKS[row['code']].title}",
                *_folded(row["message"]),
                f"{kind(row['kind'])} · карта {row['nhistory']} по {day(row['date_out'])} · врач"
                f" {row['doctor']}{service} · счёт {spaced(row['sum'])}",
            ]
        )

    def _show_check(self) -> None:
        code = self._code()
        said = _folded(self._lacking.get(code, ""))
        same = ", ".join(CHECKS[code].same_as) if code else ""
        lines = [f"#{code} {CHECKS[code].title}", *said] if code else []
        if same:
            lines.append(f"То же проверяет экспертиза: {same}")
        self._detail.show(lines)

    def _code(self) -> str:
        """The check under the cursor of the summary."""
        row_id = self._codes.row_id
        return "" if row_id is None else list(CHECKS)[row_id]

    def show_tab(self) -> None:
        self._show_detail()

    def use_period(self, period: str) -> None:
        self.where.pop("registries", None)
        super().use_period(period)

    # --- what can be done ----------------------------------------------------------------

    @on(LazyTable.RowChosen)
    def _chosen(self, event: LazyTable.RowChosen) -> None:
        event.stop()
        if event.table is self._table:
            self.action_key("edit")
            return
        self.open_code(code=self._code())

    def unavailable(self, action: str) -> str | None:
        if action == "main":
            return self.why_not("mes")
        if action in ("history", "edit") and self.by_code:
            return "это сводка; Enter откроет замечания этой проверки"
        if action in ("history", "edit", "save_csv") and not self._row():
            return "в списке нет замечаний"
        return None

    async def do_main(self) -> None:
        """F5: analyse every formed registry of the month."""
        await self.operate_long("mes", period=self.services.period)

    async def do_save_csv(self) -> None:
        """The lines as they are filtered and sorted, for a table program."""
        where = {**self._fixed(), **self._filters()}
        data = await asyncio.to_thread(_csv, where, self._table.search, self._table.sort or "")
        await self.save_text(data, "анализ_мэсов", "Куда сохранить замечания", ".csv")


def _csv(where: Mapping[str, Any], search: str, sort: str) -> str:
    with db.connection():
        return mes_lines.as_csv(mes_lines.read(where, search, sort))


def _folded(message: str, width: int = 77) -> list[str]:
    """A long sentence over two lines, at a space."""
    if len(message) <= width:
        return [message] if message else []
    place = message.rfind(" ", 0, width)
    place = place if place > 0 else width
    return [message[:place], message[place:].strip()]
