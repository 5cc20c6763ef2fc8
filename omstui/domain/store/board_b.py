"""What the month board of manual B is judged by (рабочий стол): registries, packages, answers of a month."""

from __future__ import annotations

from dataclasses import dataclass

from omstui.domain.store import db

_MONTH = "SELECT id FROM registry WHERE period=? AND deleted_at IS NULL"


@dataclass(frozen=True, slots=True)
class Done:
    """When a step was last done for the month: «» never."""

    ident_sent: str
    ident_loaded: str
    flk: str


def done(period: str) -> Done:
    """Dates of identification and ФЛК over the registries of the month."""
    sent = db.scalar(
        "SELECT max(created_at) FROM package WHERE kind='Q' AND state='active'"
        f" AND registry_id IN ({_MONTH})",
        (period,),
    )
    loaded = (
        "SELECT max(w.accepted_at) FROM answer w LEFT JOIN package p ON p.id=w.package_id WHERE w.road=?"
        f" AND w.state='active' AND coalesce(w.registry_id, p.registry_id) IN ({_MONTH})"
    )
    return Done(
        sent or "", db.scalar(loaded, ("ident", period)) or "", db.scalar(loaded, ("flk", period)) or ""
    )


def expected(period: str) -> dict[str, int]:
    """Insurers that payment registries of the month name: code → payment registries."""
    return dict(
        db.execute(
            "SELECT i.code, count(*) FROM pay_registry g JOIN insurer i ON i.id=g.payer_id"
            f" WHERE g.registry_id IN ({_MONTH}) GROUP BY i.code ORDER BY i.out_of_region, i.code",
            (period,),
        ).fetchall()
    )


def bills(period: str) -> dict[str, str]:
    """Insurer → when the bills of the month for him were written."""
    return dict(
        db.execute(
            "SELECT i.code, max(p.created_at) FROM package p JOIN insurer i ON i.id=p.payer_id"
            f" WHERE p.kind='B' AND p.state='active' AND p.registry_id IN ({_MONTH}) GROUP BY i.code",
            (period,),
        ).fetchall()
    )


def mek(period: str) -> dict[str, str]:
    """Insurer → when a МЭК on bills of the month was last loaded."""
    named = " UNION ".join(
        f"SELECT w.accepted_at, a.package_id FROM answer w CROSS JOIN {table} d ON d.answer_id=w.id"
        " CROSS JOIN account a ON a.id=d.account_id WHERE w.road='mek' AND w.state='active'"
        for table in ("refusal", "cut", "answer_line")
    )
    return dict(
        db.execute(
            f"SELECT i.code, max(n.accepted_at) FROM ({named}) n JOIN package p ON p.id=n.package_id"
            " JOIN insurer i ON i.id=p.payer_id WHERE p.kind='B' AND p.period=? GROUP BY i.code",
            (period,),
        ).fetchall()
    )


def work_states(period: str) -> dict[str, tuple[int, int]]:
    """Accounts that МЭК loaded into the month refused, by what was done with them: (count, kopecks)."""
    rows = db.execute(
        "SELECT a.work, count(*), sum(a.total) FROM answer w CROSS JOIN account a ON a.id IN"
        " (SELECT f.account_id FROM refusal f WHERE f.answer_id=w.id AND f.refuses=1) AND a.answer2_id=w.id"
        " WHERE w.road='mek' AND w.state='active' AND w.period=? AND a.work <> '' GROUP BY a.work",
        (period,),
    )
    return {row[0]: (row[1], row[2]) for row in rows}
