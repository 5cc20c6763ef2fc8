"""Invoices (счета на оплату): what is to be billed to whom, the invoices issued, their history."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from omstui.domain.store import db


@dataclass(frozen=True, slots=True)
class InvoiceRow:
    """An invoice; ``data`` is everything its paper shows. ``registry`` only where a month has several."""

    id: int
    period: str
    registry: int | None
    payer: int
    year: int
    number: str
    date: str
    billed: int
    withheld: int
    payable: int
    state: str
    replaces: int | None
    created_at: str
    created_by: str
    cancelled_at: str
    cancelled_by: str
    reason: str
    data: Mapping[str, Any]

    @property
    def active(self) -> bool:
        return self.state == "active"


@dataclass(frozen=True, slots=True)
class KindTotal:
    """Accounts of one payer and kind of activity that go into its invoice; ``files``: where they stand."""

    registry: int | None
    payer: int
    kind: str
    count: int
    total: int


@dataclass(frozen=True, slots=True)
class BilledFile:
    """A file 7 or a bill the invoice is made by; of a bill ``number`` and ``date`` are NSCHET and DSCHET."""

    registry: int | None
    payer: int
    name: str
    number: str
    date: str
    created_at: str


_ROW = (
    "SELECT id, period, registry_id, payer_id, year, number, date, billed, withheld, payable, state,"
    " replaces_id, created_at, created_by, coalesce(cancelled_at, ''), cancelled_by, reason, data"
    " FROM invoice"
)


def _row(row: Any) -> InvoiceRow:
    values = list(row)
    values[-1] = json.loads(values[-1])
    return InvoiceRow(*values)


def invoice(invoice_id: int) -> InvoiceRow | None:
    """The invoice of a row, a cancelled one too."""
    row = db.execute(_ROW + " WHERE id=?", (invoice_id,)).fetchone()
    return _row(row) if row else None


def of_period(period: str) -> list[InvoiceRow]:
    """Invoices of a month, cancelled ones too, in the order they were issued."""
    return [_row(row) for row in db.execute(_ROW + " WHERE period=? ORDER BY id", (period,))]


def fingerprint() -> list[tuple[int, str]]:
    """Equal as long as no invoice of any month was issued or cancelled."""
    return [tuple(row) for row in db.execute("SELECT id, state FROM invoice ORDER BY id")]


def active() -> list[InvoiceRow]:
    """Every invoice in force, the oldest month first."""
    return [_row(row) for row in db.execute(_ROW + " WHERE state='active' ORDER BY period, date, id")]


def by_number(number: str, year: int = 0) -> list[InvoiceRow]:
    """Invoices with this number, in force first."""
    sql = _ROW + " WHERE number=?" + (" AND year=?" if year else "") + " ORDER BY state='cancelled', id DESC"
    return [_row(row) for row in db.execute(sql, (number, year) if year else (number,))]


def numbers(year: int) -> dict[str, int]:
    """Numbers of a year, of cancelled invoices too: number → id of the newest."""
    rows = db.execute("SELECT number, max(id) FROM invoice WHERE year=? GROUP BY number", (year,))
    return {row[0]: row[1] for row in rows}


def latest_n(year: int) -> int:
    """The greatest {n} given in a year by the pattern, 0 if none."""
    found = db.scalar("SELECT max(json_extract(data, '$.n')) FROM invoice WHERE year=?", (year,))
    return int(found or 0)


def sevens(period: str) -> list[KindTotal]:
    """What the files 7 of a month hold, by payer and kind (manual A)."""
    rows = db.execute(
        "SELECT NULL, k.payer_id, r.kind, count(*), sum(a.total) FROM package k"
        " CROSS JOIN account a ON a.package_id = k.parent_id AND a.reform_id = k.id"
        " JOIN registry r ON r.id = a.registry_id WHERE k.kind = '7' AND k.state = 'active'"
        " AND k.is_test = 0 AND k.period = ? GROUP BY 2, 3",
        (period,),
    )
    return [KindTotal(*row) for row in rows]


def bills(period: str) -> list[KindTotal]:
    """What the bills of a month hold, by registry, payer and kind of the case (manual B)."""
    rows = db.execute(
        "SELECT p.registry_id, p.payer_id, c.kind, count(*), sum(a.total) FROM package p"
        " CROSS JOIN pay_account x ON x.package_id = p.id JOIN account a ON a.id = x.account_id"
        " JOIN cases c ON c.id = a.case_id WHERE p.kind = 'B' AND p.state = 'active' AND p.is_test = 0"
        " AND p.period = ? AND p.payer_id IS NOT NULL GROUP BY 1, 2, 3",
        (period,),
    )
    return [KindTotal(*row) for row in rows]


def billed_files(period: str, kind: str) -> list[BilledFile]:
    """Files 7 («7») or bills («B») of a month in the order they were made."""
    registry = "registry_id" if kind == "B" else "NULL"
    rows = db.execute(
        f"SELECT {registry}, payer_id, name, number, date, created_at FROM package WHERE kind = ?"
        " AND state = 'active' AND is_test = 0 AND period = ? AND payer_id IS NOT NULL ORDER BY id",
        (kind, period),
    )
    return [BilledFile(*row) for row in rows]


def files_total(kind: str) -> list[tuple[str, int | None, int, int, str]]:
    """(month, registry, payer, kopecks, name of the registry) of all files 7 («7») or bills («B»)."""
    registry = "p.registry_id" if kind == "B" else "NULL"
    rows = db.execute(
        f"SELECT p.period, {registry}, p.payer_id, sum(p.total), coalesce(r.name, '') FROM package p"
        f" LEFT JOIN registry r ON r.id = {registry} WHERE p.kind = ? AND p.state = 'active'"
        " AND p.is_test = 0 AND p.payer_id IS NOT NULL GROUP BY 1, 2, 3 HAVING sum(p.total) > 0",
        (kind,),
    )
    return [(row[0], row[1], row[2], row[3], row[4]) for row in rows]


def registry_titles(period: str) -> dict[int, str]:
    """Registry → its name, of a month."""
    rows = db.execute("SELECT id, name FROM registry WHERE period=?", (period,))
    return {row[0]: row[1] for row in rows}


# --- writing (inside db.write()) -------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NewInvoice:
    """What a new invoice needs."""

    period: str
    registry: int | None
    payer: int
    number: str
    date: str
    billed: int
    withheld: int
    payable: int
    data: Mapping[str, Any]
    replaces: int | None = None


def add(new: NewInvoice, *, who: str, at: str) -> int:
    """Store an invoice; returns its id."""
    names = (
        "period", "registry_id", "payer_id", "year", "number", "date", "billed", "withheld", "payable",
        "data", "replaces_id", "created_at", "created_by",
    )  # fmt: skip
    values = (
        new.period, new.registry, new.payer, int(new.date[:4]), new.number, new.date, new.billed,
        new.withheld, new.payable, db.dump(new.data), new.replaces, at, who,
    )  # fmt: skip
    return int(db.execute(db.insert_sql("invoice", names), values).lastrowid or 0)


def cancel(invoice_id: int, *, who: str, at: str, reason: str) -> None:
    """Mark the invoice cancelled; it stays in the history."""
    db.execute(
        "UPDATE invoice SET state='cancelled', cancelled_at=?, cancelled_by=?, reason=? WHERE id=?",
        (at, who, reason, invoice_id),
    )
