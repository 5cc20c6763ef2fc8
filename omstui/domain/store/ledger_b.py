"""Numbers of the ledger of manual B (сверка), read from the bills, the accounts and the cuts."""

from __future__ import annotations

from dataclasses import dataclass

from omstui.domain.store import db


@dataclass(frozen=True, slots=True)
class Slice:
    """Billed accounts of a month that share insurer and decision; cuts of the refused do not count."""

    payer_id: int | None
    stage2: int
    count: int
    total: int
    cut_count: int = 0
    cut: int = 0
    over: int = 0  # accounts with more cut than billed


@dataclass(frozen=True, slots=True)
class Bill:
    """An exported bill with the totals it was written with and those of its accounts now."""

    id: int
    name: str
    payer_id: int | None
    accounts: int
    total: int
    real_accounts: int
    real_total: int


_BILLS = "p.kind = 'B' AND p.state = 'active' AND p.is_test = 0 AND p.period = ?1"


def slices(period: str) -> list[Slice]:
    """Accounts of the active bills of a month grouped by insurer and decision."""
    cuts = "SELECT account_id, sum(total) AS s FROM cut WHERE state = 'active' GROUP BY account_id"
    rows = db.execute(
        "SELECT p.payer_id, a.stage2, count(*), sum(a.total), coalesce(sum(t.s > 0), 0),"
        " coalesce(sum(t.s), 0), coalesce(sum(t.s > a.total), 0) FROM package p"
        " CROSS JOIN pay_account x ON x.package_id = p.id CROSS JOIN account a ON a.id = x.account_id"
        f" LEFT JOIN ({cuts}) t ON t.account_id = a.id WHERE {_BILLS} GROUP BY 1, 2",
        (period,),
    )
    return [Slice(*row) for row in rows]


def bills(period: str) -> list[Bill]:
    """Active bills of a month."""
    rows = db.execute(
        "SELECT p.id, p.name, p.payer_id, p.accounts, p.total, count(a.id), coalesce(sum(a.total), 0)"
        " FROM package p LEFT JOIN pay_account x ON x.package_id = p.id LEFT JOIN account a"
        f" ON a.id = x.account_id WHERE {_BILLS} GROUP BY p.id ORDER BY p.id",
        (period,),
    )
    return [Bill(*row) for row in rows]


def answers(period: str) -> list[tuple[str, int, int, int, int]]:
    """(name, refused and kopecks as loaded, the same by the accounts now) of returns on these bills."""
    rows = db.execute(
        "SELECT w.name, w.refused, w.refused_sum, coalesce(sum(l.refused AND a.stage2 = 2), 0),"
        " coalesce(sum(CASE WHEN l.refused AND a.stage2 = 2 THEN a.total END), 0) FROM answer w"
        " JOIN answer_line l ON l.answer_id = w.id JOIN account a ON a.id = l.account_id"
        " WHERE w.road = 'mek' AND w.state = 'active' AND w.id IN (SELECT m.answer_id FROM package p"
        " CROSS JOIN pay_account x ON x.package_id = p.id CROSS JOIN answer_line m"
        f" ON m.account_id = x.account_id WHERE {_BILLS}) GROUP BY w.id ORDER BY w.id",
        (period,),
    )
    return [(r[0], r[1], r[2], r[3], r[4]) for r in rows]
