"""Payment orders (платёжные поручения) and their parts; what the fund refused of the invoices."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from omstui.domain.store import db


@dataclass(frozen=True, slots=True)
class PaymentRow:
    """A payment order with what of it went to invoices."""

    id: int
    payer: int
    number: str
    date: str
    total: int
    note: str
    created_at: str
    created_by: str
    spread: int

    @property
    def rest(self) -> int:
        """Не разнесено."""
        return self.total - self.spread


@dataclass(frozen=True, slots=True)
class PartRow:
    """What of a payment went to an invoice."""

    payment: int
    invoice: int
    total: int


_ROW = (
    "SELECT p.id, p.payer_id, p.number, p.date, p.total, p.note, p.created_at, p.created_by,"
    " (SELECT coalesce(sum(t.total), 0) FROM payment_part t WHERE t.payment_id = p.id) FROM payment p"
    " WHERE p.deleted_at IS NULL"
)


def payment(payment_id: int) -> PaymentRow | None:
    """The payment of a row, unless it is deleted."""
    row = db.execute(_ROW + " AND p.id=?", (payment_id,)).fetchone()
    return PaymentRow(*row) if row else None


def payments(*, payer: int = 0) -> list[PaymentRow]:
    """Payments that are not deleted, the newest first."""
    sql = _ROW + (" AND p.payer_id=?" if payer else "") + " ORDER BY p.date DESC, p.id DESC"
    return [PaymentRow(*row) for row in db.execute(sql, (payer,) if payer else ())]


def same(payer: int, number: str, date: str) -> PaymentRow | None:
    """A payment of this payer with the same number and date."""
    row = db.execute(_ROW + " AND p.payer_id=? AND p.number=? AND p.date=?", (payer, number, date)).fetchone()
    return PaymentRow(*row) if row else None


def parts(*, payment: int = 0) -> list[PartRow]:
    """Parts of payments that are not deleted."""
    sql = (
        "SELECT t.payment_id, t.invoice_id, t.total FROM payment_part t JOIN payment p ON p.id = t.payment_id"
        " WHERE p.deleted_at IS NULL" + (" AND p.id=?" if payment else "") + " ORDER BY t.id"
    )
    return [PartRow(*row) for row in db.execute(sql, (payment,) if payment else ())]


def received(*, without: int = 0) -> dict[int, int]:
    """Invoice → kopecks received; ``without``: a payment whose parts do not count."""
    found: dict[int, int] = {}
    for part in parts():
        if part.payment != without:
            found[part.invoice] = found.get(part.invoice, 0) + part.total
    return found


#: (period, registry or None, payer) → kopecks
Totals = dict[tuple[str, int | None, int], int]


def refused_sevens() -> Totals:
    """What the answers «2» refused, by month and payer (manual A)."""
    rows = db.execute(
        "SELECT p.period, w.payer_id, sum(w.refused_sum) FROM answer w JOIN package p ON p.id = w.package_id"
        " WHERE w.stage = 2 AND w.state = 'active' AND w.payer_id IS NOT NULL AND p.state = 'active'"
        " AND p.is_test = 0 AND p.kind IN ('3', '7') AND w.road NOT IN ('ident', 'flk', 'mek') GROUP BY 1, 2"
    )
    return {(row[0], None, row[1]): row[2] for row in rows if row[2]}


_OF_BILLS = (
    "JOIN pay_account x ON x.account_id = a.id JOIN package p ON p.id = x.package_id"
    " WHERE p.kind = 'B' AND p.state = 'active' AND p.is_test = 0 AND p.payer_id IS NOT NULL"
)


def refused_bills() -> Totals:
    """Accounts МЭК refused whole, by the month, registry and payer they were billed to (manual B)."""
    rows = db.execute(
        "SELECT p.period, p.registry_id, p.payer_id, sum(a.total) FROM (SELECT DISTINCT l.account_id AS id"
        " FROM answer w CROSS JOIN answer_line l ON l.answer_id = w.id AND l.refused = 1"
        " WHERE w.road = 'mek' AND w.state = 'active') t JOIN account a ON a.id = t.id AND a.stage2 = 2"
        f" {_OF_BILLS} GROUP BY 1, 2, 3"
    )
    return {(row[0], row[1], row[2]): row[3] for row in rows}


def cut_bills() -> Totals:
    """What МЭК, МЭЭ and ЭКМП cut from accounts they did not refuse, by month, registry and payer."""
    rows = db.execute(
        "SELECT p.period, p.registry_id, p.payer_id, sum(t.s) FROM (SELECT account_id AS id, sum(total) AS s"
        " FROM cut WHERE state = 'active' GROUP BY account_id) t"
        f" JOIN account a ON a.id = t.id AND a.stage2 <> 2 {_OF_BILLS} GROUP BY 1, 2, 3"
    )
    return {(row[0], row[1], row[2]): row[3] for row in rows}


# --- writing (inside db.write()) -------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NewPayment:
    """What a new payment order needs."""

    payer: int
    number: str
    date: str
    total: int
    note: str = ""


def add(new: NewPayment, *, who: str, at: str) -> int:
    """Store a payment; returns its id."""
    names = ("payer_id", "number", "date", "total", "note", "created_at", "created_by")
    values = (new.payer, new.number, new.date, new.total, new.note, at, who)
    return int(db.execute(db.insert_sql("payment", names), values).lastrowid or 0)


def set_parts(payment_id: int, given: Iterable[tuple[int, int]]) -> None:
    """Replace the parts of a payment: (invoice, kopecks)."""
    db.execute("DELETE FROM payment_part WHERE payment_id=?", (payment_id,))
    db.executemany(
        "INSERT INTO payment_part(payment_id, invoice_id, total) VALUES(?,?,?)",
        [(payment_id, invoice, total) for invoice, total in given],
    )


def delete(payment_id: int, *, who: str, at: str) -> None:
    """Take a payment back: its invoices are owed again, the row stays as history."""
    db.execute("DELETE FROM payment_part WHERE payment_id=?", (payment_id,))
    db.execute("UPDATE payment SET deleted_at=?, deleted_by=? WHERE id=?", (at, who, payment_id))
