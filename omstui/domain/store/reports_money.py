"""Money of a month for reports (деньги месяца): by kind of activity, invoices and what was paid on them."""

from __future__ import annotations

from dataclasses import dataclass

from omstui.domain.store import db
from omstui.domain.store.reports import sent


@dataclass(frozen=True, slots=True)
class KindSum:
    """Bills of an insurer for one kind of activity: accounts and kopecks."""

    payer_id: int
    kind: str
    accounts: int
    total: int
    refused: int
    refused_total: int
    cut_total: int


def kinds(period: str) -> list[KindSum]:
    """Bills of a month (manual B) by insurer and kind; cuts of the refused do not count."""
    from_, _, where = sent(True).partition(" WHERE ")
    rows = db.execute(
        "SELECT k.payer_id, c.kind, count(*), sum(a.total), sum(a.stage2 = 2),"
        " sum(CASE WHEN a.stage2 = 2 THEN a.total ELSE 0 END),"
        " sum(CASE WHEN a.stage2 = 2 THEN 0 ELSE coalesce(t.s, 0) END)"
        f" FROM {from_} CROSS JOIN cases c ON c.id = a.case_id LEFT JOIN (SELECT account_id, sum(total) AS s"
        " FROM cut WHERE state = 'active' GROUP BY account_id) t ON t.account_id = a.id"
        f" WHERE {where} AND k.period = ? GROUP BY 1, 2",
        (period,),
    )
    return [KindSum(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class InvoiceRow:
    """An invoice that counts and what was paid on it, kopecks; ``registry`` where a month has several."""

    payer_id: int
    registry: int | None
    number: str
    date: str
    payable: int
    received: int


def invoices(period: str) -> list[InvoiceRow]:
    """Invoices of a month that are not cancelled."""
    rows = db.execute(
        "SELECT v.payer_id, v.registry_id, v.number, v.date, v.payable,"
        " coalesce((SELECT sum(t.total) FROM payment_part t JOIN payment m"
        " ON m.id = t.payment_id WHERE t.invoice_id = v.id AND m.deleted_at IS NULL), 0)"
        " FROM invoice v WHERE v.period = ? AND v.state = 'active' ORDER BY v.id",
        (period,),
    )
    return [InvoiceRow(*row) for row in rows]


def bill_numbers(period: str, payer: int) -> list[tuple[str, str]]:
    """Numbers and dates of the bills of an insurer (manual B)."""
    rows = db.execute(
        "SELECT number, date FROM package WHERE kind = 'B' AND state = 'active' AND is_test = 0"
        " AND period = ? AND payer_id = ? ORDER BY id",
        (period, payer),
    )
    return [(row[0], row[1]) for row in rows]


def orders(period: str, payer: int) -> list[tuple[str, str, int]]:
    """Payment orders of an insurer on the invoices of a month: number, date, what of them went there."""
    rows = db.execute(
        "SELECT m.number, m.date, sum(t.total) FROM payment m JOIN payment_part t ON t.payment_id = m.id"
        " JOIN invoice v ON v.id = t.invoice_id WHERE v.period = ? AND v.payer_id = ? AND v.state = 'active'"
        " AND m.deleted_at IS NULL GROUP BY m.id ORDER BY m.date, m.id",
        (period, payer),
    )
    return [(row[0], row[1], row[2]) for row in rows]
