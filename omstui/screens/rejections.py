"""«Анализ» (отказы): the refusals of a month, marks, grouping by code, F8 «в реестр»."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from textual import on

from omstui.domain.model import WorkState
from omstui.domain.money import spaced
from omstui.domain.store import db, lists
from omstui.front import Front
from omstui.keys import Key
from omstui.screens.coded_list import CodedListScreen
from omstui.screens.menu import Item
from omstui.screens.rejections_source import GROUP_COLUMNS, RefusalSource, filter_fields, filter_text
from omstui.screens.sources import refusal_kind
from omstui.widgets.fields import Field
from omstui.widgets.lazy_table import LazyTable

_OPEN = (WorkState.NEW, WorkState.CORRECTED)
_TEST = "реестр тестовый: в тестовом цикле «в реестр» не нажимают; исправьте случай и восстановите тест"
#: account → (state of work, kopecks)
_Chosen = dict[int, tuple[str, int]]


class RejectionsScreen(CodedListScreen):
    """Refusals one by one or by code; Enter opens the case, F8 sends it into the next registry."""

    HEADING = "Анализ"
    ABOUT = "Отказы: что, почему, что с этим сделано. Стадия 1 — первичные, 2 — повторные."
    KEYS = (
        Key("history", title="Путь случая", help="реестры, файлы, отказы и исправления случая"),
        Key("edit", title="Открыть случай", help="открывает случай для исправления (и Enter)"),
        Key("main", "Карточ", "Карточка отказа", "поданное рядом с тем, что в регистре"),
        Key("search", title="Поиск", help="пациент, полис, карта, код, текст, комментарий"),
        Key("resubmit", title="В реестр", help="возвращает счёт или отмеченные в следующий реестр"),
        Key("undo_return", title="Отменить «в реестр»", help="пока следующий реестр не выгружен"),
        Key("delete", title="Снять отказ с работы", help="счёт больше не ждут; можно вернуть"),
        Key("undrop", title="Вернуть снятый в работу", help="отказ снова ждёт исправления"),
        Key("period"),
        Key("filter", title="Отбор", help="стадия, СМО, вид, код, врач, отделение, только открытые"),
        Key("clear_filter", title="Снять отбор", help="показывает все отказы месяца"),
        Key("sort"),
        Key("tab_prev", title="Отказы / по кодам", help="список отказов или сводка по кодам"),
        Key("tab_next", title="По кодам / отказы", help="сводка по кодам или список отказов"),
    )
    KEPT, LINES, FILTER = "answer", "Отказы", "Отбор отказов"

    def __init__(self, services: Front, where: Mapping[str, Any] | None = None) -> None:
        roads = services.profile.can("mek-load")
        where_from = "в реестре: «Загрузить МЭК»" if roads else "на экране «Приём» (F5)"
        empty = f"Отказов нет. Ответы принимаются {where_from}."
        super().__init__(services, where, RefusalSource, GROUP_COLUMNS, empty)
        self._groups: list[tuple[str, str, str, int, int]] = []

    @property
    def _roads(self) -> bool:
        """The region's refusals come by identification, ФЛК and МЭК, not by two stages."""
        return bool(self.services.profile.can("mek-load"))

    def about(self) -> str:
        if self._roads:
            return "Отказы идентификации, ФЛК и МЭК: что, почему, что с этим сделано."
        return self.ABOUT

    def filter_text(self) -> str:
        return filter_text(self.where)

    def filter_fields(self) -> list[Field]:
        return filter_fields(self._fixed(), roads=self._roads)

    def show_tab(self) -> None:
        self._read()

    def _read(self) -> None:
        if self.by_code:  # grouping a hundred thousand refusals is not for those who do not look
            super()._read()

    async def read_summary(self) -> None:
        filters = {**self._fixed(), **self._filters()}
        self._groups = await asyncio.to_thread(_groups, filters, self._table.search)
        self._summary.replace(
            [(refusal_kind(k), code, title, str(n), spaced(s)) for k, code, title, n, s in self._groups]
        )
        self._codes.load()

    # --- rows ----------------------------------------------------------------------------

    @on(LazyTable.CursorMoved)
    def _moved(self, event: LazyTable.CursorMoved) -> None:
        event.stop()
        if event.table is self._table:
            self.refresh_keys()

    @on(LazyTable.RowChosen)
    def _chosen(self, event: LazyTable.RowChosen) -> None:
        event.stop()
        if event.table is self._table:
            self.action_key("edit")
            return
        name, code, *_ = self._groups[event.row_id]
        self.open_code(kind=name, code=code)

    def unavailable(self, action: str) -> str | None:
        row_actions = ("history", "edit", "main", "resubmit", "undo_return", "delete", "undrop")
        if action not in row_actions:
            return None
        if self.by_code:
            return "это сводка; Enter откроет отказы с этим кодом"
        row = self._row()
        if not row:
            return "в списке нет отказов"
        if not row.get("account_id"):
            return "этот факт ФЛК не назвал счёта"
        if action == "resubmit" and row.get("test") and not self._table.marked:
            return _TEST
        return None

    def do_main(self) -> None:
        row = self._row()
        refusal = self._table.row_id or 0
        from omstui.screens.rejection_card import RejectionCardScreen

        self.app.push_screen(RejectionCardScreen(self.services, row["account_id"], refusal, row["case_id"]))

    # --- what is done with refusals ------------------------------------------------------

    async def _accounts(self) -> _Chosen:
        ids = self._table.chosen_ids()
        return await asyncio.to_thread(_chosen_accounts, ids)

    async def do_resubmit(self) -> None:
        """F8: corrected ones go at once, others only after a question."""
        chosen = await self._accounts()
        waiting = {a: v for a, v in chosen.items() if v[0] in _OPEN} or chosen
        fresh = [a for a, (work, _) in waiting.items() if work == WorkState.NEW]
        ready = [a for a in waiting if a not in set(fresh)]
        if fresh:
            total = spaced(sum(waiting[a][1] for a in fresh))
            text = f"Не исправлено после отказа: {len(fresh)} на сумму {total}"
            if ready:
                items = [
                    Item("ready", f"Только исправленные: {len(ready)}"),
                    Item("all", f"Все {len(waiting)}, в том числе без изменений"),
                ]
                choice = await self.choose(text, items)
                if choice is None:
                    return
                fresh = fresh if choice == "all" else []
            elif not await self.ask(f"{text}. Отправить без изменений?"):
                return
        await self._act("return", [*ready, *fresh], unchanged=bool(fresh))

    async def do_undo_return(self) -> None:
        chosen = await self._accounts()
        await self._act("return-undo", _in_state(chosen, WorkState.RETURNED))

    async def do_delete(self) -> None:
        chosen = await self._accounts()
        ids = _in_state(chosen, *_OPEN)
        total = spaced(sum(chosen[a][1] for a in ids))
        if await self.ask(f"Снять с работы отказы: счетов {len(ids)} на сумму {total}?"):
            await self._act("drop", ids)

    async def do_undrop(self) -> None:
        chosen = await self._accounts()
        await self._act("drop", _in_state(chosen, WorkState.DROPPED), back=True)

    async def _act(self, op_id: str, accounts: list[int], **params: Any) -> None:
        outcome = await self.operate(op_id, account_ids=accounts, **params)
        if outcome is not None and outcome.error is None:
            self._table.clear_marks()


def _in_state(chosen: _Chosen, *works: str) -> list[int]:
    """Accounts in these states; if none is, all: the operation says why it cannot be."""
    return [a for a, (work, _) in chosen.items() if work in works] or list(chosen)


def _chosen_accounts(ids: list[int]) -> _Chosen:
    with db.connection():
        rows = lists.values("refusals", ("account_id", "work", "sum"), ids)
    return {account: (work, total) for account, work, total in rows if account is not None}


def _groups(where: dict[str, Any], search: str) -> list[tuple[str, str, str, int, int]]:
    with db.connection():
        return lists.groups(where, search)
