"""Closed months (закрытые месяцы): what is closed, since when and by whom.

The guard itself stands in the schema: triggers of ``guards.TRIGGERS`` refuse a row of a closed month, and
``db.write()`` says it in words. ``refuse`` says the same before any work is done.
"""

from __future__ import annotations

from dataclasses import dataclass

from omstui.domain.store import db


@dataclass(frozen=True, slots=True)
class CloseRow:
    """One closing of a month; ``reopened_at`` "" = it is closed."""

    period: str
    closed_at: str
    closed_by: str
    reopened_at: str
    reopened_by: str
    reason: str


_ROW = "SELECT period, closed_at, closed_by, coalesce(reopened_at, ''), reopened_by, reason FROM month_close"


def closed() -> dict[str, CloseRow]:
    """The months that are closed now."""
    rows = db.execute(_ROW + " WHERE reopened_at IS NULL ORDER BY period")
    return {row[0]: CloseRow(*row) for row in rows}


def closing(period: str) -> CloseRow | None:
    """How the month was closed, None while it is open."""
    row = db.execute(_ROW + " WHERE reopened_at IS NULL AND period=?", (period,)).fetchone()
    return CloseRow(*row) if row else None


def history(period: str) -> list[CloseRow]:
    """Every closing of a month, the newest first."""
    return [CloseRow(*row) for row in db.execute(_ROW + " WHERE period=? ORDER BY id DESC", (period,))]


def close(period: str, *, who: str, at: str) -> None:
    """Close the month. Call inside ``db.write()``."""
    db.execute("INSERT INTO month_close(period, closed_at, closed_by) VALUES(?,?,?)", (period, at, who))


def reopen(period: str, *, who: str, at: str, reason: str) -> None:
    """Open the month again; the closing stays as history. Call inside ``db.write()``."""
    db.execute(
        "UPDATE month_close SET reopened_at=?, reopened_by=?, reason=?"
        " WHERE period=? AND reopened_at IS NULL",
        (at, who, reason, period),
    )


def refuse(period: str) -> None:
    """OmsError if the month is closed: said before any work is done."""
    row = closing(period.strip())
    if row is not None:
        day = ".".join(reversed(row.closed_at[:10].split("-")))
        raise db.closed_error(row.period, f" {day} ({row.closed_by})")
