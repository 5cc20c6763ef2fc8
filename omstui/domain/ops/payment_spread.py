"""Spread a payment over invoices anew (разнести платёж): what was spread before is taken back."""

from __future__ import annotations

from dataclasses import dataclass

from omstui.domain import payments
from omstui.domain.money import roubles
from omstui.domain.operation import Context, Result
from omstui.domain.ops.payment_parts import parts_json, spread, tell
from omstui.domain.ops.typed import shown_day
from omstui.domain.store import db
from omstui.domain.store import payments as store


@dataclass(slots=True)
class Params:
    """``parts`` as of «Внести платёж»; None = the oldest first, {} = nothing is spread."""

    payment_id: int
    parts: dict[str, str] | None = None


def run(ctx: Context, params: Params) -> Result:
    """«Разнести платёж»."""
    row = payments.found(params.payment_id)
    ctx.check()
    with db.write():
        parts = spread(row.payer, row.total, params.parts, without=row.id)
        store.set_parts(row.id, parts)
        ctx.check()
    ctx.log(f"Платёж № {row.number} от {shown_day(row.date)} на {roubles(row.total)} разнесён заново")
    rest = tell(ctx, row.total, parts)
    left = f", не разнесено {roubles(rest)}" if rest else ""
    data = {"payment": row.id, "rest": roubles(rest), "parts": parts_json(parts)}
    return Result(f"Платёж № {row.number} разнесён: счетов {len(parts)}{left}.", data)
