"""Withholdings (удержания): three states (нет, 0.00, сумма) per insurer and month, with their history."""

from __future__ import annotations

from dataclasses import dataclass

from omstui.domain.store import db


@dataclass(frozen=True, slots=True)
class WithheldRow:
    """One entry: ``total`` None = «не внесено» (taken back)."""

    payer_id: int
    total: int | None
    notice_date: str
    note: str
    at: str
    who: str


_ROW = "SELECT payer_id, total, notice_date, note, at, who FROM withholding"


def current(period: str) -> dict[int, WithheldRow]:
    """The entry that counts, by insurer; insurers without any entry are absent."""
    rows = db.execute(_ROW + " WHERE period=? ORDER BY id", (period,))
    return {row[0]: WithheldRow(*row) for row in rows}


def history(period: str, payer_id: int) -> list[WithheldRow]:
    """All entries of an insurer for a month, the newest first."""
    rows = db.execute(_ROW + " WHERE period=? AND payer_id=? ORDER BY id DESC", (period, payer_id))
    return [WithheldRow(*row) for row in rows]


def add(
    period: str, payer_id: int, total: int | None, notice_date: str, note: str, at: str, who: str
) -> None:
    """Add an entry. Call inside ``db.write()``."""
    db.execute(
        "INSERT INTO withholding(period, payer_id, total, notice_date, note, at, who) VALUES(?,?,?,?,?,?,?)",
        (period, payer_id, total, notice_date, note, at, who),
    )
