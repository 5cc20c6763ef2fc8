"""«Счета и платежи»: every month and insurer of a year: billed, refused, withheld, received, owed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from textual import on
from textual.widget import Widget

from omstui.domain import payments
from omstui.domain.model import Period
from omstui.domain.money import spaced
from omstui.domain.payments import Balance, Overview
from omstui.domain.store import db
from omstui.front import Front
from omstui.keys import Key
from omstui.screens import invoice_ops
from omstui.screens.detail import Detail
from omstui.screens.operating import OperatingScreen
from omstui.screens.sources import day, short_day
from omstui.widgets.filter_input import FilterInput
from omstui.widgets.lazy_table import LazyTable
from omstui.widgets.sources import Cells, Column, MemorySource

_COLUMNS = (
    Column("Месяц", 7),
    Column("СМО", 5, key="code"),
    Column("Счёт №", 10, flex=True, key="number"),
    Column("К оплате", 14, ">"),
    Column("Получено", 14, ">"),
    Column("Долг", 14, ">"),
    Column("Выставлено", 14, ">"),
    Column("Удержано", 12, ">"),
    Column("Отказано", 13, ">"),
    Column("Снято", 12, ">"),
    Column("Дата счёта", 10),
    Column("Название СМО", 20),
)
_NONE = "не выставлен"


class PaymentsScreen(OperatingScreen):
    """Rows of the year of the month looked at; the invoice, the payments and the month from here."""

    HEADING = "Счета и платежи"
    ABOUT = (
        "Счета по месяцам и СМО: выставлено, удержано, отказано, снято, получено, долг."
        " Enter — счёт, каким он напечатан."
    )
    KEYS = (
        Key("export", "Счета", "Выставить и напечатать счета", "счета месяца строки, всем СМО"),
        Key("history", "Платеж", "Платежи", "список платёжных поручений, разнесение"),
        Key("edit", "Счёт", "Показать счёт", "показывает счёт, каким он напечатан"),
        Key("main", "Внести", "Внести платёж", "вносит поручение и разносит его по счетам"),
        Key("delete", title="Отменить счёт", help="счёт остаётся в истории, взамен выставляется новый"),
        Key("filter"),
        Key("sort"),
        Key("period"),
        Key("close", title="Закрыть месяц", help="в месяце больше ничего не изменится"),
        Key("reopen", title="Открыть закрытый месяц", help="старший оператор, с причиной"),
    )
    services: Front

    def __init__(self, services: Front) -> None:
        self.data: Overview | None = None
        #: the month the cursor was put on when it was chosen
        self._month = ""
        super().__init__(services)
        source = MemorySource(_COLUMNS, [], state=lambda i, _: self._state(i))
        self._table = LazyTable(source, marks=False, frozen=3, autoload=False, empty="Счетов за год нет.")
        self._detail = Detail(8)

    def compose_body(self) -> Iterable[Widget]:
        yield self._table
        yield self._detail
        yield FilterInput()

    def subject(self) -> str:
        title = self.services.period_title
        shut = self.data is not None and self.services.period in self.data.closed
        return f"{title}{' · закрыт' if shut else ''} · счета за {self.services.period[:4]} год"

    def on_mount(self) -> None:
        self._table.focus()
        self.on_show_again()

    def on_show_again(self) -> None:
        self.start_reading(self._reading)

    async def _reading(self) -> None:
        self.data = await asyncio.to_thread(_read, self.services)
        source = self._table.source
        if isinstance(source, MemorySource):
            source.replace([_cells(row) for row in self.data.rows])
        self._table.load()
        if self._month != self.services.period:
            self._month = self.services.period
            self._table.move_to_id(
                next((n for n, r in enumerate(self.data.rows) if r.period == self._month), -1)
            )
        self._show()
        self.refresh_head()

    def _row(self, row_id: int | None = None) -> Balance | None:
        wanted = self._table.row_id if row_id is None else row_id
        rows = self.data.rows if self.data else []
        return rows[wanted] if wanted is not None and wanted < len(rows) else None

    def _state(self, row_id: int) -> str:
        row = self._row(row_id)
        if row is None or row.invoice is None:
            return "warn"
        return "error" if row.owed < 0 or row.stale else "" if row.owed else "good"

    @on(LazyTable.CursorMoved)
    def _moved(self, event: LazyTable.CursorMoved) -> None:
        event.stop()
        self._show()
        self.refresh_keys()

    def _show(self) -> None:
        row = self._row()
        self._detail.show(_details(self.data, row) if self.data and row else [])

    # --- what can be done ----------------------------------------------------------------

    def unavailable(self, action: str) -> str | None:
        row = self._row()
        if action in ("edit", "delete") and (row is None or row.invoice is None):
            return "счёт этой СМО ещё не выставлен (F2)"
        if action == "delete" and row and row.invoice and self.data and self.data.paid.get(row.invoice.id):
            return "на счёт отнесены платежи, сначала снимите их (F3, разнесение)"
        if action in ("close", "reopen"):
            shut = self.data is not None and self.services.period in self.data.closed
            if shut == (action == "close"):
                return "месяц уже закрыт" if shut else "месяц не закрыт"
            return self.why_not(f"month-{action}")
        return None

    @on(LazyTable.RowChosen)
    def _chosen(self, event: LazyTable.RowChosen) -> None:
        event.stop()
        self.action_key("edit")

    async def do_export(self) -> None:
        row = self._row()  # rows of the whole year are seen: «не выставлен (F2)» is said of this one
        await invoice_ops.issue_invoices(self, row.period if row else self.services.period)

    def do_history(self) -> None:
        from omstui.screens.payment_list import PaymentListScreen

        self.app.push_screen(PaymentListScreen(self.services))

    def do_edit(self) -> None:
        from omstui.screens.invoice_view import InvoiceScreen

        row = self._row()
        if row is not None and row.invoice is not None:
            self.app.push_screen(InvoiceScreen(self.services, row.invoice))

    async def do_main(self) -> None:
        row = self._row()
        await invoice_ops.add_payment(self, row.payer.code if row else "")

    async def do_delete(self) -> None:
        row = self._row()
        if row is not None and row.invoice is not None:
            title = f"счёт № {row.invoice.number} от {day(row.invoice.date)}"
            await invoice_ops.cancel_invoice(self, row.invoice.id, title)

    async def do_close(self) -> None:
        await invoice_ops.close_month(self)

    async def do_reopen(self) -> None:
        await invoice_ops.reopen_month(self)


def _read(services: Front) -> Overview:
    # one state: a payment entered meanwhile must not be half seen
    with db.connection(), db.snapshot():
        return payments.overview(services.profile, year=int(services.period[:4]))


def _cells(row: Balance) -> Cells:
    invoice = row.invoice
    month = Period.parse(row.period)
    return (
        f"{month.month:02d}.{month.year}",
        row.payer.code,
        invoice.number if invoice else _NONE,
        spaced(row.payable),
        spaced(row.received) if invoice else "",
        spaced(row.owed) if invoice else "",
        spaced(row.billed),
        spaced(row.withheld) if row.withheld else "",
        spaced(row.refused) if row.refused else "",
        spaced(row.cut) if row.cut else "",
        day(invoice.date) if invoice else "",
        row.payer.name,
    )


def _details(data: Overview, row: Balance) -> list[str]:
    """All that is known of the row, for eighty columns."""
    invoice = row.invoice
    head = f"Счёт № {invoice.number} от {day(invoice.date)}" if invoice else f"Счёт {_NONE} (F2)"
    shut = ", месяц закрыт" if row.period in data.closed else ""
    lines = [f"#{head} · {row.payer.code} ({row.payer.letter}) · {Period.parse(row.period).title}{shut}"]
    if row.registry_title:
        lines.append(f"Реестр «{row.registry_title}»")
    lines.append(_pair("Выставлено", row.billed, "удержано", row.withheld))
    lines.append(_pair("Отказано после счёта", row.refused, "снято частично", row.cut))
    if invoice:
        lines.append(_pair("Получено", row.received, "долг" if row.owed >= 0 else "переплата", abs(row.owed)))
        paid = data.paid.get(invoice.id, [])
        said = "; ".join(f"№ {p.number} от {short_day(p.date)} — {spaced(part)}" for p, part in paid)
        lines.append(f"Платежи: {said or 'нет'}")
    gone = data.history(row)
    if gone:
        said = "; ".join(f"№ {i.number} ({short_day(i.cancelled_at)}: {i.reason})" for i in gone)
        lines.append(f"Отменены: {said}")
    if row.stale:
        lines.append(f"!В файлах теперь {spaced(row.filed)}: отмените счёт (Del) и выставите новый")
    rest = data.rest.get(row.payer.id, 0)
    if rest:
        lines.append(f"!Не разнесено платежей этой СМО: {spaced(rest)} (F3)")
    over = f", переплата {spaced(data.overpaid)}" if data.overpaid else ""
    lines.append(f"По всем СМО за год: долг {spaced(data.owed)}{over}.")
    return lines


def _pair(left: str, first: int, right: str, second: int) -> str:
    return f"{left:<22}{spaced(first):>16}   {right:<16}{spaced(second):>16}"
