"""Numbers of the ledger and of the month board (сверка и рабочий стол), read from the accounts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from omstui.domain.store import db
from omstui.domain.store.packages import LIVE


@dataclass(frozen=True, slots=True)
class Slice:
    """Accounts of a month that share their fate; ``sevens`` is the insurer of the 7 they went into."""

    payer_id: int | None
    decided_payer_id: int | None
    stage1: int
    seven_payer_id: int | None
    stage2: int
    kind: str
    count: int
    total: int
    package_id: int = 0


@dataclass(frozen=True, slots=True)
class PackageTotal:
    """A package with the totals it was written with and those of its accounts now."""

    id: int
    kind: str
    name: str
    payer_id: int | None
    accounts: int
    total: int
    real_accounts: int
    real_total: int
    created_at: str
    sent_at: str | None
    is_test: int
    parent_id: int | None = None  # of a 7: the 3X it was cut from


@dataclass(frozen=True, slots=True)
class AnswerTotal:
    """An active answer with its own totals and those its accounts show now."""

    id: int
    package_id: int
    stage: int
    payer_id: int
    name: str
    accepted_at: str
    accounts: int
    refused: int
    refused_sum: int
    real_refused: int
    real_refused_sum: int
    is_test: int


def slices(period: str, *, test: bool = False, by_kind: bool = False) -> list[Slice]:
    """Accounts of the active packages of a month grouped by fate (and kind of activity)."""
    kind = "r.kind" if by_kind else "''"
    rows = db.execute(
        f"SELECT a.payer_id, a.decided_payer_id, a.stage1, k.payer_id, a.stage2, {kind}, count(*),"
        " sum(a.total), p.id FROM package p CROSS JOIN account a ON a.package_id = p.id"
        " JOIN registry r ON r.id = a.registry_id"
        " LEFT JOIN package k ON k.id = a.reform_id AND k.state = 'active'"
        " WHERE p.kind = '3' AND p.state = 'active' AND p.period = ? AND p.is_test = ?"
        " GROUP BY p.id, 1, 2, 3, 4, 5, 6",
        (period, int(test)),
    )
    return [Slice(*row) for row in rows]


def packages(period: str) -> list[PackageTotal]:
    """Active packages of a month, 3 and 7, main and test."""
    rows = db.execute(
        "SELECT p.id, p.kind, p.name, p.payer_id, p.accounts, p.total,"
        " (SELECT count(*) FROM account a WHERE a.package_id = coalesce(p.parent_id, p.id)"
        " AND (p.kind = '3' OR a.reform_id = p.id)),"
        " (SELECT coalesce(sum(a.total), 0) FROM account a"
        " WHERE a.package_id = coalesce(p.parent_id, p.id) AND (p.kind = '3' OR a.reform_id = p.id)),"
        " p.created_at, p.sent_at, p.is_test, p.parent_id FROM package p"
        " WHERE p.state = 'active' AND p.period = ? ORDER BY p.id",
        (period,),
    )
    return [PackageTotal(*row) for row in rows]


def answers(period: str) -> list[AnswerTotal]:
    """Active answers of a month; the real totals count accounts that carry this answer's refusal."""
    rows = db.execute(
        "SELECT w.id, w.package_id, w.stage, w.payer_id, w.name, w.accepted_at, w.accounts, w.refused,"
        " w.refused_sum, coalesce(t.n, 0), coalesce(t.s, 0), p.is_test FROM answer w"
        " JOIN package p ON p.id = w.package_id LEFT JOIN ("
        "SELECT a.answer1_id AS id, count(*) AS n, sum(a.total) AS s FROM package q"
        " CROSS JOIN account a ON a.package_id = q.id WHERE q.period = ?1 AND a.stage1 = 2 GROUP BY 1"
        " UNION ALL SELECT a.answer2_id, count(*), sum(a.total) FROM package q"
        " CROSS JOIN account a ON a.package_id = q.id WHERE q.period = ?1 AND a.stage2 = 2 GROUP BY 1"
        ") t ON t.id = w.id WHERE w.state = 'active' AND p.state = 'active' AND p.period = ?1"
        " ORDER BY w.stage, w.id",
        (period,),
    )
    return [AnswerTotal(*row) for row in rows]


def late_cases(begin: str) -> tuple[int, int]:
    """Completed cases of earlier months never billed: count and source sum (product.md §11.19)."""
    row = db.execute(
        "SELECT count(*), coalesce(sum(c.source_sum), 0) FROM cases c WHERE c.date_out < ?"
        " AND c.completed = 1 AND c.deleted_at IS NULL AND c.merged_into IS NULL"
        " AND NOT EXISTS (SELECT 1 FROM account a JOIN registry r ON r.id = a.registry_id"
        f" WHERE a.case_id = c.id AND r.is_test = 0 AND {LIVE})",
        (begin,),
    ).fetchone()
    return int(row[0]), int(row[1])


def cases_of(begin: str, end: str) -> int:
    """Cases that ended in the month."""
    return int(
        db.scalar(
            "SELECT count(*) FROM cases WHERE date_out BETWEEN ? AND ? AND deleted_at IS NULL",
            (begin, end),
        )
    )


def last_load() -> str:
    """When a file was loaded last, «» if never."""
    return str(db.scalar("SELECT max(loaded_at) FROM load_file") or "")


def registries(period: str) -> list[dict[str, Any]]:
    """Registries of a month that are not deleted."""
    rows = db.execute(
        "SELECT id, kind, is_test, status, reform_reason, formed_at, accounts, total, mes_at, package_id"
        " FROM registry WHERE period = ? AND deleted_at IS NULL ORDER BY id",
        (period,),
    )
    names = ("id", "kind", "is_test", "status", "reform_reason", "formed_at", "accounts", "total", "mes_at")
    return [dict(zip((*names, "package_id"), row, strict=True)) for row in rows]


def no_payer(period: str) -> tuple[int, int]:
    """Accounts of the month's main registries that no insurer pays: count and sum.

    Not those whose case was billed since by a later registry.
    """
    row = db.execute(
        "SELECT count(*), coalesce(sum(n.total), 0) FROM account n"
        " JOIN registry q ON q.id = n.registry_id WHERE q.period = ? AND q.is_test = 0"
        " AND q.deleted_at IS NULL AND n.payer_id IS NULL AND NOT EXISTS (SELECT 1 FROM account a"
        " JOIN registry r ON r.id = a.registry_id WHERE a.case_id = n.case_id AND a.id > n.id"
        f" AND r.is_test = 0 AND {LIVE})",
        (period,),
    ).fetchone()
    return int(row[0]), int(row[1])


def work_states(period: str, *, test: bool = False) -> dict[str, tuple[int, int]]:
    """Refused accounts of a month by what was done with them: state → (count, kopecks)."""
    rows = db.execute(
        "SELECT a.work, count(*), sum(a.total) FROM package p CROSS JOIN account a"
        " ON a.package_id = p.id WHERE p.kind = '3' AND p.state = 'active' AND p.period = ?"
        " AND p.is_test = ? AND a.work <> '' GROUP BY a.work",
        (period, int(test)),
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def last_run(operation: str, period: str) -> str:
    """When an operation last succeeded for a month, «» if never."""
    return str(
        db.scalar(
            "SELECT max(started_at) FROM run WHERE operation = ? AND period = ?"
            " AND outcome IN ('ok', 'partial')",
            (operation, period),
        )
        or ""
    )
