"""«Результат экспертизы» (manual B): what a road of control found in a registry, by criterion.

Identification, ФЛК and МЭК leave one kind of rows; here they are counted by code and type of case.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from omstui.domain.model import KINDS, CaseType, code_order
from omstui.domain.store import db, findings


@dataclass(frozen=True, slots=True)
class Road:
    """A type of expertise: id, title; of manual A the stage of the answers that bring it."""

    id: str
    title: str
    stage: int = 0


CHECK = Road("check", "экспертиза")
#: in the order they come in a month
ROADS: tuple[Road, ...] = (
    CHECK,
    Road("ident", "идентификация"),
    Road("flk", "ФЛК"),
    Road("mek", "МЭК"),
    Road("stage1", "стадия 1", 1),
    Road("stage2", "стадия 2", 2),
)


def roads(one_registry: bool) -> tuple[Road, ...]:
    """The types a region knows: those of manual B, or the stages of manual A."""
    return tuple(r for r in ROADS if r is CHECK or bool(r.stage) is not one_registry)


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
    seconds: float  # how long the run that brought it took
    total: int  # kopecks
    #: findings that name no case of ours (a person of a request)
    nameless: int
    #: of the expertise: done, skipped (no book) or failed
    state: str = "done"
    #: why it was not evaluated
    reason: str = ""


#: МЭК belongs to the registry it was loaded into, the rest to the registry of the case too
_FILTER = (
    "f.state = 'active' AND f.kind = ?2 AND w.road = ?2"
    " AND (w.registry_id = ?1 OR f.kind <> 'mek' AND a.registry_id = ?1)"
)
_FILTER_STAGE = (
    "f.state = 'active' AND f.refuses = 1 AND f.stage = CAST(substr(?2, 6) AS INTEGER) AND a.registry_id = ?1"
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


_STATES = ("done", "failed", "skipped")
_NOT_DONE = {"failed": "не выполнен", "skipped": "не выполнялся"}


def rows(registry_id: int, road: str, titles: Mapping[str, str] | None = None) -> list[ReviewRow]:
    """Criteria of a type of expertise in the order of their codes; an account counts once in each.

    Of the expertise itself those criteria that found something, then those that could not be evaluated;
    ``titles`` names them.
    """
    if road == CHECK.id:
        found_rows = [r for r in findings.criteria([registry_id]) if r.cases or r.state != "done"]
        found_rows.sort(key=lambda r: (_STATES.index(r.state), r.code))
        return [_checked(row, titles or {}) for row in found_rows]
    chosen = _FILTER_STAGE if road.startswith("stage") else _FILTER
    found = db.execute(
        "WITH once AS (SELECT f.code AS code, f.\"text\" AS txt, coalesce(json_extract(f.data, '$.control'),"
        " '') AS control, a.id AS account, c.kind AS kind, max(w.accepted_at) AS at,"
        " CAST(max(round((julianday(r.finished_at) - julianday(r.started_at)) * 86400)) AS INTEGER)"
        " AS seconds,"
        f" max({_SUM}) AS total,"
        " (SELECT count(*) FROM account_service s WHERE s.account_id = a.id) AS services"
        " FROM refusal f JOIN answer w ON w.id = f.answer_id LEFT JOIN run r ON r.id = w.run_id"
        " LEFT JOIN account a ON a.id = f.account_id LEFT JOIN cases c ON c.id = a.case_id"
        f' WHERE {chosen} GROUP BY f.code, f."text", control, coalesce(a.id, -f.id))'
        f" SELECT code, txt, control, {_counts(CaseType.TAP)}, {_counts(CaseType.MKSB)},"
        f" {_counts(CaseType.SMP)}, max(at), coalesce(max(seconds), 0), sum(total),"
        " sum(account IS NULL) FROM once GROUP BY code, txt, control",
        (registry_id, road),
    )
    made = [_row(road, tuple(row)) for row in found]
    return sorted(made, key=lambda row: (code_order(row.code), row.name))


def _checked(row: findings.CriterionRow, titles: Mapping[str, str]) -> ReviewRow:
    name = titles.get(row.code, "")
    if row.state != "done":
        name = f"{_NOT_DONE[row.state]}: {name}"
    return ReviewRow(
        row.code,
        name,
        "",
        row.tap,
        row.tap_services,
        row.mksb,
        row.mksb_services,
        row.smp,
        row.smp_services,
        row.at,
        row.milliseconds / 1000,
        row.total,
        0,
        row.state,
        row.reason,
    )


def _row(road: str, row: tuple[object, ...]) -> ReviewRow:
    code, text, control = str(row[0] or ""), str(row[1] or ""), str(row[2] or "")
    prefix = (control or "МЭК") if road == "mek" else ""
    name = text if not prefix or text.startswith(prefix) else f"{prefix} - {text}"
    tap, taps, mksb, mksbs, smp, smps = (int(str(n or 0)) for n in row[3:9])
    at, seconds, total, nameless = str(row[9] or ""), *(int(str(n or 0)) for n in row[10:])
    return ReviewRow(code, name, text, tap, taps, mksb, mksbs, smp, smps, at, seconds, total, nameless)


def came(registry_id: int, road: str) -> bool:
    """Tell whether an answer of this road was loaded into the registry."""
    where = "registry_id = ? AND road = ? AND state = 'active'"
    return bool(db.scalar(f"SELECT EXISTS (SELECT 1 FROM answer WHERE {where})", (registry_id, road)))


def newest(registry_id: int) -> str:
    """The road that came last for this registry: an answer, or the expertise."""
    return str(
        db.scalar(
            "SELECT road FROM (SELECT road, accepted_at AS at, id FROM answer WHERE registry_id = ?1"
            " AND state = 'active' AND road <> '' UNION ALL SELECT 'check', checked_at, 0 FROM registry"
            " WHERE id = ?1 AND checked_at IS NOT NULL) ORDER BY at DESC, id DESC LIMIT 1",
            (registry_id,),
        )
        or CHECK.id
    )
