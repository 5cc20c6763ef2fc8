"""Cancel an invoice (отменить счёт на оплату): it stays as history; another may be issued instead."""

from __future__ import annotations

from dataclasses import dataclass

from omstui.domain import invoicing
from omstui.domain.errors import OmsError
from omstui.domain.model import Period
from omstui.domain.money import roubles
from omstui.domain.operation import Context, Result
from omstui.domain.ops.typed import NOTE, line, shown_day
from omstui.domain.store import closing, db, invoices, payments


@dataclass(slots=True)
class Params:
    """The invoice by its number (and year) or by the number of its row."""

    number: str = ""
    year: int = 0
    invoice_id: int | None = None
    reason: str = ""
    period: str = ""  # for the journal: the month of the invoice, if the caller knows it


def run(ctx: Context, params: Params) -> Result:
    """«Отменить счёт»."""
    reason = line(params.reason, "Причина отмены", NOTE)
    if not reason:
        raise OmsError("Не указана причина отмены счёта.", hint="Укажите её: она останется в истории счёта.")
    row = invoicing.found(params.number, params.year, params.invoice_id)
    title = f"Счёт № {row.number} от {shown_day(row.date)} за {Period.parse(row.period).title}"
    if not row.active:
        when = f"{shown_day(row.cancelled_at)} ({row.cancelled_by})"
        raise OmsError(f"{title} уже отменён {when}: {row.reason}.")
    closing.refuse(row.period)
    _refuse_paid(row, title)
    ctx.confirm(f"Отменить: {title}, к оплате {roubles(row.payable)}?", details=[f"Причина: {reason}"])
    ctx.check()
    with db.write():
        now = invoices.invoice(row.id)
        if now is None or not now.active:
            raise OmsError(f"{title} только что отменил другой оператор.")
        _refuse_paid(row, title)
        invoices.cancel(row.id, who=ctx.who, at=ctx.now(), reason=reason)
    ctx.log(f"{title} отменён, причина: {reason}")
    ctx.log("Новый счёт взамен выставляется той же командой, что и первый.")
    return Result(
        f"{title} отменён.", {"invoice": row.id, "number": row.number, "period": row.period, "reason": reason}
    )


def _refuse_paid(row: invoices.InvoiceRow, title: str) -> None:
    paid = payments.received().get(row.id, 0)
    if paid:
        raise OmsError(
            f"{title}: на него отнесены платежи, {roubles(paid)}.",
            hint="Сначала снимите с него платежи («Платежи», разнесение).",
        )
