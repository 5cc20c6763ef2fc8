"""«Результат экспертизы» (manual B): what a road of control found in a registry, by criterion.

Identification, ФЛК and МЭК leave one kind of rows; here they are counted by code and type of case.
"""

from __future__ import annotations

from dataclasses import dataclass

from omstui.domain.model import KINDS, CaseType
from omstui.domain.store import db


@dataclass(frozen=True, slots=True)
class Road:
    """A type of expertise: kind of the refusals, road of the answers, title."""

    id: str
    title: str


#: in the order they come in a month
ROADS: tuple[Road, ...] = (Road("ident", "идентификация"), Road("flk", "ФЛК"), Road("mek", "МЭК"))


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """A criterion: how many cases and services of each type it names, when it came, its sum."""

    code: str
    name: str
    text: str
    tap: int
    tap_services: int
    mksb: int
    mksb_services: int
    smp: int
    smp_services: int
    at: str  # «YYYY-MM-DD HH:MM:SS» of the newest answer
    seconds: int  # how long the run that brought it took
    total: int  # kopecks
    #: findings that name no case of ours (a person of a request)
    nameless: int


#: МЭК belongs to the registry it was loaded into, the rest to the registry of the case too
_FILTER = (
    "f.state = 'active' AND f.kind = ?2 AND w.road = ?2"
    " AND (w.registry_id = ?1 OR f.kind <> 'mek' AND a.registry_id = ?1)"
)
#: a full refusal bills the whole account, a cut only itself
_SUM = (
    "CASE WHEN f.kind = 'mek' AND f.refuses = 0 THEN"
    " CAST(replace(coalesce(json_extract(f.data, '$.S_SUM'), '0'), '.', '') AS INTEGER)"
    " ELSE coalesce(a.total, 0) END"
)


def _codes(case_type: CaseType) -> str:
    return ", ".join(f"'{kind.code}'" for kind in KINDS.values() if kind.case_type is case_type)


def _counts(case_type: CaseType) -> str:
    mine = f"CASE WHEN kind IN ({_codes(case_type)}) THEN"
    return f"sum({mine} 1 ELSE 0 END), sum({mine} services ELSE 0 END)"


def rows(registry_id: int, road: str) -> list[ReviewRow]:
    """Criteria of a type of expertise in the order of their codes; an account counts once in each."""
    found = db.execute(
        "WITH once AS (SELECT f.code AS code, f.\"text\" AS txt, coalesce(json_extract(f.data, '$.control'),"
        " '') AS control, a.id AS account, c.kind AS kind, max(w.accepted_at) AS at,"
        " CAST(max(round((julianday(r.finished_at) - julianday(r.started_at)) * 86400)) AS INTEGER)"
        " AS seconds,"
        f" max({_SUM}) AS total,"
        " (SELECT count(*) FROM account_service s WHERE s.account_id = a.id) AS services"
        " FROM refusal f JOIN answer w ON w.id = f.answer_id LEFT JOIN run r ON r.id = w.run_id"
        " LEFT JOIN account a ON a.id = f.account_id LEFT JOIN cases c ON c.id = a.case_id"
        f' WHERE {_FILTER} GROUP BY f.code, f."text", control, coalesce(a.id, -f.id))'
        f" SELECT code, txt, control, {_counts(CaseType.TAP)}, {_counts(CaseType.MKSB)},"
        f" {_counts(CaseType.SMP)}, max(at), coalesce(max(seconds), 0), sum(total),"
        " sum(account IS NULL) FROM once GROUP BY code, txt, control",
        (registry_id, road),
    )
    made = [_row(road, tuple(row)) for row in found]
    return sorted(made, key=lambda row: (_places(row.code), row.name))


def _row(road: str, row: tuple[object, ...]) -> ReviewRow:
    code, text, control = str(row[0] or ""), str(row[1] or ""), str(row[2] or "")
    prefix = (control or "МЭК") if road == "mek" else ""
    name = text if not prefix or text.startswith(prefix) else f"{prefix} - {text}"
    tap, taps, mksb, mksbs, smp, smps = (int(str(n or 0)) for n in row[3:9])
    at, seconds, total, nameless = str(row[9] or ""), *(int(str(n or 0)) for n in row[10:])
    return ReviewRow(code, name, text, tap, taps, mksb, mksbs, smp, smps, at, seconds, total, nameless)


def _places(code: str) -> tuple[tuple[int, str], ...]:
    """1.4.4 before 1.10.2."""
    return tuple((int(p), "") if p.isdecimal() else (0, p) for p in code.strip(".").split("."))


def newest(registry_id: int) -> str:
    """The road whose answer came last for this registry, «mek» when none did."""
    return str(
        db.scalar(
            "SELECT road FROM answer WHERE registry_id = ? AND state = 'active' AND road <> ''"
            " ORDER BY accepted_at DESC, id DESC LIMIT 1",
            (registry_id,),
        )
        or "mek"
    )
