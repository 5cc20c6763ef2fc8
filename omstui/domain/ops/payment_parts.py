"""What the operations of payments share (части платежа): parts by number of the invoice, what is left."""

from __future__ import annotations

from collections.abc import Mapping

from omstui.domain import invoicing, payments
from omstui.domain.errors import OmsError
from omstui.domain.money import roubles
from omstui.domain.operation import Context
from omstui.domain.ops.typed import money, shown_day
from omstui.domain.profile import Profile, profile
from omstui.domain.store import config, invoices


def region() -> Profile:
    """The profile of the database."""
    return profile(config.load_settings().profile)


def spread(
    payer: int, total: int, given: Mapping[str, str] | None, *, without: int = 0
) -> list[tuple[int, int]]:
    """(invoice, kopecks): as given by id «#12» or number of the invoice, else the oldest first."""
    if given is None:
        return payments.proposed(region(), payer, total, without=without)
    wanted: dict[int, int] = {}
    for name, text in given.items():
        by_id = int(name[1:]) if name.startswith("#") and name[1:].isdigit() else None
        row = invoicing.found(name, invoice_id=by_id)
        if row.id in wanted:
            raise OmsError(f"Счёт № {row.number} указан дважды.", hint="Оставьте его один раз.")
        wanted[row.id] = money(text, "Часть платежа") or 0
    return payments.checked(payer, total, wanted, without=without)


def tell(ctx: Context, total: int, parts: list[tuple[int, int]]) -> int:
    """Log where the sum went; returns the rest."""
    for invoice_id, part in parts:
        row = invoices.invoice(invoice_id)
        if row is not None:
            ctx.log(f"Счёт № {row.number} от {shown_day(row.date)}: отнесено {roubles(part)}")
    rest = total - sum(part for _, part in parts)
    if rest:
        ctx.warn(f"Не разнесено по счетам: {roubles(rest)}")
    return rest


def parts_json(parts: list[tuple[int, int]]) -> list[dict[str, str | int]]:
    """Parts as ``--json`` shows them."""
    rows = [(invoices.invoice(invoice_id), part) for invoice_id, part in parts]
    return [{"invoice": r.id, "number": r.number, "sum": roubles(part)} for r, part in rows if r is not None]
