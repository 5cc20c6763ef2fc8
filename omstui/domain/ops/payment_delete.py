"""Take a payment back (удалить платёж): its invoices are owed again, the entry stays as history."""

from __future__ import annotations

from dataclasses import dataclass

from omstui.domain import payments
from omstui.domain.money import roubles
from omstui.domain.operation import Context, Result
from omstui.domain.ops.typed import shown_day
from omstui.domain.store import db
from omstui.domain.store import payments as store


@dataclass(slots=True)
class Params:
    """``payment_id``: row of the payment."""

    payment_id: int


def run(ctx: Context, params: Params) -> Result:
    """«Удалить платёж»."""
    row = payments.found(params.payment_id)
    title = f"№ {row.number} от {shown_day(row.date)} на {roubles(row.total)}"
    details = [f"Со счетов снимется {roubles(row.spread)}"] if row.spread else []
    ctx.confirm(f"Удалить платёж {title}?", details=details)
    ctx.check()
    with db.write():
        payments.found(row.id)
        store.delete(row.id, who=ctx.who, at=ctx.now())
        ctx.check()
    ctx.log(f"Платёж {title} удалён")
    return Result(f"Платёж {title} удалён.", {"payment": row.id})
