"""Payments (платежи СМО) counted down over invoices, and what is billed, received and owed.

A payment order comes with one sum; it is spread over the invoices of its payer, the oldest first, and what
fits nowhere stays on it as a rest. Owed of an invoice = к оплате − refused after it − cut − received.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from omstui.domain.errors import OmsError
from omstui.domain.model import Period
from omstui.domain.money import roubles
from omstui.domain.profile import Profile
from omstui.domain.store import closing, config, invoices, withholdings
from omstui.domain.store import payments as store
from omstui.domain.store.invoices import InvoiceRow
from omstui.domain.store.payments import PaymentRow


@dataclass(slots=True)
class Balance:
    """What a payer was billed for a month and what came of it; ``invoice`` None = not issued yet."""

    period: str
    registry: int | None
    registry_title: str
    payer: config.Payer
    invoice: InvoiceRow | None
    billed: int
    withheld: int
    refused: int = 0
    cut: int = 0
    received: int = 0
    #: what the files 7 or the bills say now
    filed: int = 0

    @property
    def stale(self) -> bool:
        """The invoice says another sum than its files do now."""
        return self.invoice is not None and self.billed != self.filed

    @property
    def payable(self) -> int:
        return self.billed - self.withheld

    @property
    def owed(self) -> int:
        """Долг; negative = paid too much. Nothing is owed before the invoice."""
        return self.payable - self.refused - self.cut - self.received if self.invoice else 0


def distribute(total: int, owed: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spread a sum over (id, owed) in their order: each gets what it lacks. Pure."""
    parts = []
    for key, debt in owed:
        part = min(total, max(debt, 0))
        if part:
            parts.append((key, part))
            total -= part
    return parts


def balances(profile: Profile, *, year: int = 0, period: str = "", without: int = 0) -> list[Balance]:
    """Every month and payer with an invoice or a file to bill, the oldest first.

    ``without``: a payment whose parts do not count (it is being spread anew).
    """
    by_bills = profile.can("bills-export")
    payers = {p.id: p for p in config.payers()}
    refused = store.refused_bills() if by_bills else store.refused_sevens()
    cut = store.cut_bills() if by_bills else {}
    received = store.received(without=without)
    found: dict[tuple[str, int | None, int], Balance] = {}
    for month, registry, payer, total, title in invoices.files_total("B" if by_bills else "7"):
        row = Balance(month, registry, title, payers[payer], None, total, 0, filed=total)
        found[month, registry, payer] = row
    for issued in invoices.active():
        key = (issued.period, issued.registry, issued.payer)
        known = found.get(key)
        title = known.registry_title if known else str(issued.data.get("registry", ""))
        row = Balance(issued.period, issued.registry, title, payers[issued.payer], issued, issued.billed, 0)
        row.withheld, row.received = issued.withheld, received.get(issued.id, 0)
        row.filed = known.filed if known else 0
        found[key] = row
    rows = [b for b in found.values() if _asked(b, year, period)]
    _held(rows)
    for key, balance in found.items():
        balance.refused, balance.cut = refused.get(key, 0), cut.get(key, 0)
    order = list(payers)
    rows.sort(key=lambda b: (b.period, order.index(b.payer.id), b.registry or 0))
    return rows


def _asked(balance: Balance, year: int, period: str) -> bool:
    return (not year or balance.period.startswith(f"{year:04d}-")) and (
        not period or balance.period == period
    )


def _held(rows: Sequence[Balance]) -> None:
    """Withholdings of those without an invoice, as they stand now."""
    entries = {month: withholdings.current(month) for month in {b.period for b in rows if not b.invoice}}
    for balance in rows:
        if balance.invoice is None and (entry := entries[balance.period].get(balance.payer.id)):
            balance.withheld = entry.total or 0


def proposed(profile: Profile, payer: int, total: int, *, without: int = 0) -> list[tuple[int, int]]:
    """Parts of a payment by default: invoices of the payer, the oldest month first."""
    rows = [b for b in balances(profile, without=without) if b.payer.id == payer and b.invoice]
    return distribute(total, ((b.invoice.id, b.owed) for b in rows if b.invoice))


def checked(payer: int, total: int, given: Mapping[int, int], *, without: int = 0) -> list[tuple[int, int]]:
    """Parts an operator entered: (invoice, kopecks); OmsError says what does not fit."""
    received = store.received(without=without)
    parts = []
    for invoice_id, part in given.items():
        row = invoices.invoice(invoice_id)
        if row is None or not row.active or row.payer != payer:
            raise OmsError(
                "Счёта, на который отнесён платёж, нет среди счетов этой СМО, или он отменён.",
                hint="Счета СМО — на экране «Счета и платежи»: обновите его и разнесите платёж снова.",
            )
        left = row.payable - received.get(row.id, 0)
        if part < 0 or part > left:
            raise OmsError(
                f"На счёт № {row.number} за {Period.parse(row.period).title} отнесено {roubles(part)},"
                f" а по нему можно не больше {roubles(max(left, 0))}.",
                hint="Исправьте разнесение платежа.",
            )
        if part:
            parts.append((row.id, part))
    if sum(part for _, part in parts) > total:
        raise OmsError(
            f"Разнесено {roubles(sum(p for _, p in parts))}, а сумма платежа {roubles(total)}.",
            hint="Исправьте разнесение платежа.",
        )
    return parts


def found(payment_id: int) -> PaymentRow:
    """The payment; OmsError if there is none."""
    row = store.payment(payment_id)
    if row is None:
        raise OmsError(f"Платежа с записью {payment_id} нет.", hint="Список: omstui payment list.")
    return row


# --- for the screens ---------------------------------------------------------------------------


@dataclass(slots=True)
class Overview:
    """«Счета и платежи»: rows, payments of each invoice, cancelled invoices, what is not spread."""

    rows: list[Balance]
    paid: dict[int, list[tuple[PaymentRow, int]]]
    cancelled: list[InvoiceRow]
    rest: dict[int, int]
    closed: frozenset[str]

    @property
    def owed(self) -> int:
        return sum(max(row.owed, 0) for row in self.rows)

    @property
    def overpaid(self) -> int:
        return sum(max(-row.owed, 0) for row in self.rows)

    def history(self, row: Balance) -> list[InvoiceRow]:
        """Cancelled invoices of the same month, registry and payer."""
        key = (row.period, row.registry, row.payer.id)
        return [i for i in self.cancelled if (i.period, i.registry, i.payer) == key]


def overview(profile: Profile, *, year: int = 0) -> Overview:
    """Everything the screen shows. Call in ``connection()``."""
    orders = {order.id: order for order in store.payments()}
    paid: dict[int, list[tuple[PaymentRow, int]]] = {}
    for part in store.parts():
        paid.setdefault(part.invoice, []).append((orders[part.payment], part.total))
    rest: dict[int, int] = {}
    for order in orders.values():
        if order.rest:
            rest[order.payer] = rest.get(order.payer, 0) + order.rest
    rows = balances(profile, year=year)
    months = {row.period for row in rows}
    cancelled = [i for month in sorted(months) for i in invoices.of_period(month) if not i.active]
    return Overview(rows, paid, cancelled, rest, frozenset(closing.closed()))
