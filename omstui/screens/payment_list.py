"""«Платежи»: payment orders with what is spread of them; enter, spread by hand, delete."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from textual import on
from textual.widget import Widget

from omstui.domain import payments
from omstui.domain.model import Period
from omstui.domain.money import roubles, spaced
from omstui.domain.payments import Balance
from omstui.domain.store import config, db
from omstui.domain.store import payments as store
from omstui.front import Front
from omstui.keys import Key
from omstui.screens import invoice_ops
from omstui.screens.detail import Detail
from omstui.screens.operating import OperatingScreen
from omstui.screens.sources import day
from omstui.widgets.fields import Field
from omstui.widgets.filter_input import FilterInput
from omstui.widgets.lazy_table import LazyTable
from omstui.widgets.sources import Cells, Column, MemorySource

_COLUMNS = (
    Column("Дата", 10, key="date"),
    Column("№", 10, key="number"),
    Column("СМО", 6, key="code"),
    Column("Сумма", 15, ">"),
    Column("Не разнесено", 15, ">"),
    Column("Примечание", 14, flex=True),
    Column("Внёс", 12, wide_only=True),
)
#: invoices one form offers: the oldest that are owed, and those the payment is on
_OFFERED = 40


@dataclass(slots=True)
class _Data:
    orders: dict[int, store.PaymentRow]
    codes: dict[int, str]
    balances: dict[int, Balance]
    parts: list[store.PartRow]


class PaymentListScreen(OperatingScreen):
    """All payments, the newest first."""

    HEADING = "Платежи"
    ABOUT = "Платёжные поручения СМО: сумма, что разнесено по счетам и что ещё нет."
    KEYS = (
        Key("edit", "Разнес", "Разнести по счетам", "сколько из платежа на какой счёт"),
        Key("main", "Внести", "Внести платёж", "вносит поручение и разносит его по счетам"),
        Key("auto", title="Разнести заново с самого старого счёта"),
        Key("delete", title="Удалить платёж", help="снимает его со счетов; запись остаётся в истории"),
        Key("filter"),
        Key("sort"),
    )
    services: Front

    def __init__(self, services: Front) -> None:
        self.data: _Data | None = None
        super().__init__(services)
        source = MemorySource(_COLUMNS, {}, state=lambda i, _: self._state(i))
        self._table = LazyTable(source, marks=False, autoload=False, empty="Платежей нет. F5 — внести.")
        self._detail = Detail(7)

    def compose_body(self) -> Iterable[Widget]:
        yield self._table
        yield self._detail
        yield FilterInput()

    def on_mount(self) -> None:
        self._table.focus()
        self.on_show_again()

    def on_show_again(self) -> None:
        self.start_reading(self._reading)

    async def _reading(self) -> None:
        self.data = await asyncio.to_thread(_read, self.services)
        source = self._table.source
        if isinstance(source, MemorySource):
            source.replace({key: self._cells(order) for key, order in self.data.orders.items()})
        self._table.load()
        self._show()
        self.refresh_keys()

    def _cells(self, order: store.PaymentRow) -> Cells:
        code = self.data.codes[order.payer] if self.data else ""
        sums = (spaced(order.total), spaced(order.rest) if order.rest else "")
        return (day(order.date), order.number, code, *sums, order.note, order.created_by)

    def _state(self, row_id: int) -> str:
        order = self.data.orders.get(row_id) if self.data else None
        return "warn" if order is not None and order.rest else ""

    def _order(self) -> store.PaymentRow | None:
        row_id = self._table.row_id
        return self.data.orders.get(row_id) if self.data and row_id is not None else None

    @on(LazyTable.CursorMoved)
    def _moved(self, event: LazyTable.CursorMoved) -> None:
        event.stop()
        self._show()

    @on(LazyTable.RowChosen)
    def _chosen(self, event: LazyTable.RowChosen) -> None:
        event.stop()
        self.action_key("edit")

    def _show(self) -> None:
        order, data = self._order(), self.data
        if order is None or data is None:
            self._detail.show([])
            return
        lines = [f"#Платёж № {order.number} от {day(order.date)} на {spaced(order.total)}"]
        for part in data.parts:
            balance = data.balances.get(part.invoice)
            if part.payment == order.id and balance is not None and balance.invoice is not None:
                title = f"Счёт № {balance.invoice.number} за {Period.parse(balance.period).title}"
                lines.append(f"{title:<44}{spaced(part.total):>16}")
        if order.rest:
            lines.append(f"{'!Не разнесено':<45}{spaced(order.rest):>16}")
        self._detail.show(lines)

    # --- what can be done ----------------------------------------------------------------

    def unavailable(self, action: str) -> str | None:
        return (
            "платежей нет (F5 — внести)"
            if action in ("edit", "auto", "delete") and not self._order()
            else None
        )

    async def do_main(self) -> None:
        await invoice_ops.add_payment(self)

    async def do_auto(self) -> None:
        order = self._order()
        if order is not None:
            await self.operate("payment-spread", payment_id=order.id)

    async def do_delete(self) -> None:
        order = self._order()
        if order is not None:
            await self.operate("payment-delete", payment_id=order.id)

    async def do_edit(self) -> None:
        """A field per invoice of the payer: what of the payment goes to it."""
        order, data = self._order(), self.data
        if order is None or data is None:
            return
        mine = {p.invoice: p.total for p in data.parts if p.payment == order.id}
        offered = [
            (key, b)
            for key, b in data.balances.items()
            if b.payer.id == order.payer and (b.owed > 0 or key in mine)
        ][:_OFFERED]
        if not offered:
            self.notice("Счетов этой СМО с долгом нет: выставьте счета (F2 на экране «Счета и платежи»).")
            return
        fields = [_field(key, balance) for key, balance in offered]
        values = {f"#{key}": mine.get(key) for key, _ in offered}
        title = f"Платёж № {order.number}: {spaced(order.total)}"

        def check(found: dict[str, Any]) -> dict[str, str]:
            below = next((name for name, value in found.items() if (value or 0) < 0), "")
            if below:
                return {below: "меньше нуля разнести нельзя"}
            extra = sum(v or 0 for v in found.values()) - order.total
            return {fields[0].name: f"разнесено больше платежа на {spaced(extra)}"} if extra > 0 else {}

        found = await self.ask_params(fields, values, title=title, check=check)
        if found is not None:
            parts = {name: roubles(value) for name, value in found.items() if value}
            await self.operate("payment-spread", payment_id=order.id, parts=parts)


def _field(key: int, balance: Balance) -> Field:
    number = balance.invoice.number if balance.invoice else ""
    label = f"№ {number} за {Period.parse(balance.period).title}"[:36]
    return Field(f"#{key}", label, "money", 15, f"долг {spaced(balance.owed)}")


def _read(services: Front) -> _Data:
    # one state: a payment entered meanwhile must not be half seen
    with db.connection(), db.snapshot():
        rows = payments.balances(services.profile)
        return _Data(
            {order.id: order for order in store.payments()},
            {p.id: p.code for p in config.payers()},
            {b.invoice.id: b for b in rows if b.invoice},
            store.parts(),
        )
