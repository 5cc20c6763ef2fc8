"""Findings of the expertise as they are read (замечания): by criterion, by case, what МЭК would cut."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from omstui.domain.model import KINDS, CaseType
from omstui.domain.store import db
from omstui.domain.store.packages import FORMED_SQL


@dataclass(frozen=True, slots=True)
class CriterionRow:
    """A criterion of the last check: what it came to. Sums in kopecks."""

    code: str
    state: str  # done | skipped | failed
    reason: str
    tap: int = 0
    tap_services: int = 0
    mksb: int = 0
    mksb_services: int = 0
    smp: int = 0
    smp_services: int = 0
    at: str = ""
    milliseconds: int = 0
    total: int = 0

    @property
    def cases(self) -> int:
        return self.tap + self.mksb + self.smp


@dataclass(frozen=True, slots=True)
class Totals:
    """Of the registries that were checked: all cases, those with findings, those with errors."""

    cases: int
    total: int
    found: int
    found_total: int


@dataclass(frozen=True, slots=True)
class FindingRow:
    """A finding of a case; ``service`` is the number of the service inside it, None = the case itself."""

    case_id: int
    key: str
    code: str
    service_id: int | None
    service: int | None
    message: str
    registry_id: int | None = None


def _in(registries: Sequence[int]) -> str:
    return ",".join(str(int(number)) for number in registries) or "NULL"


def _type(case_type: CaseType) -> str:
    codes = ", ".join(f"'{kind.code}'" for kind in KINDS.values() if kind.case_type is case_type)
    return f"kind IN ({codes})"


def _counts() -> str:
    parts = []
    for case_type in (CaseType.TAP, CaseType.MKSB, CaseType.SMP):
        mine = _type(case_type)
        parts.append(f"sum({mine}), sum(CASE WHEN {mine} THEN services ELSE 0 END)")
    return ", ".join(parts)


#: a criterion on a case: marked services with their sum, or all services and the sum of the case
_ONCE = (
    "SELECT f.code AS code, c.kind AS kind,"
    " CASE WHEN count(f.service_id) THEN count(f.service_id) ELSE"
    " (SELECT count(*) FROM service v WHERE v.case_id = f.case_id) END AS services,"
    " CASE WHEN count(f.service_id) THEN (SELECT coalesce(sum(x.total), 0) FROM account_service x"
    " WHERE x.account_id = a.id AND x.service_id IN (SELECT g.service_id FROM finding g"
    " WHERE g.case_id = f.case_id AND g.code = f.code AND +g.registry_id = f.registry_id))"
    " ELSE coalesce(a.total, c.source_sum) END AS total"
    " FROM finding f JOIN cases c ON c.id = f.case_id"
    " LEFT JOIN account a ON a.registry_id = f.registry_id AND a.case_id = f.case_id"
)


def criteria(registries: Sequence[int]) -> list[CriterionRow]:
    """Every criterion of the last check of these registries, fired or not, in the order of codes."""
    where = _in(registries)
    fired = {
        row[0]: tuple(int(n or 0) for n in row[1:])
        for row in db.execute(
            f"WITH once AS ({_ONCE} WHERE f.registry_id IN ({where}) GROUP BY f.code, f.case_id)"
            f" SELECT code, {_counts()}, sum(total) FROM once GROUP BY code"
        )
    }
    rows = db.execute(
        "SELECT code, min(state), max(reason), max(at), max(milliseconds) FROM check_result"
        f" WHERE registry_id IN ({where}) GROUP BY code ORDER BY code"
    )
    empty = (0, 0, 0, 0, 0, 0, 0)
    out = []
    for code, state, reason, at, milliseconds in rows:
        tap, taps, mksb, mksbs, smp, smps, total = fired.get(code, empty)
        out.append(
            CriterionRow(
                code, state, reason, tap, taps, mksb, mksbs, smp, smps, at or "", milliseconds or 0, total
            )
        )
    return out


def totals(registries: Sequence[int]) -> Totals:
    """«Всего случаев», «Случаев с замечаниями»: a case counts once whatever was found."""
    where = _in(registries)
    row = db.execute(
        "SELECT count(*), coalesce(sum(a.total), 0), coalesce(sum(f.case_id IS NOT NULL), 0),"
        " coalesce(sum(CASE WHEN f.case_id IS NOT NULL THEN a.total ELSE 0 END), 0) FROM account a"
        f" LEFT JOIN (SELECT DISTINCT registry_id, case_id FROM finding WHERE registry_id IN ({where})) f"
        f" ON f.registry_id = a.registry_id AND f.case_id = a.case_id WHERE a.registry_id IN ({where})"
    ).fetchone()
    return Totals(*row)


def patients(registry_id: int, codes: Sequence[str]) -> Iterator[tuple[str, int]]:
    """Code and patient of the findings of these criteria in a registry, each pair once."""
    places = ",".join("?" * len(codes))
    rows = db.execute(
        "SELECT DISTINCT f.code, c.patient_id FROM finding f JOIN cases c ON c.id = f.case_id"
        f" WHERE f.registry_id = ? AND f.code IN ({places}) AND c.patient_id IS NOT NULL ORDER BY f.code",
        [registry_id, *codes],
    )
    for code, patient_id in rows:
        yield str(code), int(patient_id)


def at_risk(registries: Sequence[int], codes: Sequence[str]) -> tuple[int, int]:
    """Cases and kopecks of these registries that at least one of these criteria marks."""
    places = ",".join("?" * len(codes))
    row = db.execute(
        "SELECT count(*), coalesce(sum(a.total), 0) FROM account a WHERE a.registry_id IN"
        f" ({_in(registries)}) AND a.case_id IN (SELECT f.case_id FROM finding f"
        f" WHERE f.registry_id = a.registry_id AND f.code IN ({places}))",
        list(codes),
    ).fetchone()
    return int(row[0]), int(row[1])


def each(registries: Sequence[int]) -> Iterator[FindingRow]:
    """All findings of the registries, by case key and code."""
    rows = db.execute(
        "SELECT f.case_id, c.key, f.code, f.service_id, v.n, f.message FROM finding f"
        " JOIN cases c ON c.id = f.case_id LEFT JOIN service v ON v.id = f.service_id"
        f" WHERE f.registry_id IN ({_in(registries)}) ORDER BY c.key, f.case_id, f.code, v.n, f.id"
    )
    for row in rows:
        yield FindingRow(*row)


def of_case(case_id: int) -> list[FindingRow]:
    """Findings of a case: of the newest check of it, in a registry or by itself.

    What was found in a registry that is sent stays there as history: a case saved since is not blamed for it.
    """
    rows = db.execute(
        "SELECT f.case_id, c.key, f.code, f.service_id, v.n, f.message, f.registry_id FROM finding f"
        " JOIN cases c ON c.id = f.case_id LEFT JOIN service v ON v.id = f.service_id"
        " LEFT JOIN registry r ON r.id = f.registry_id"
        " WHERE f.case_id = ?1 AND coalesce(f.registry_id, 0) = (SELECT coalesce(registry_id, 0)"
        " FROM finding WHERE case_id = ?1 ORDER BY at DESC, id DESC LIMIT 1)"
        f" AND (f.registry_id IS NULL OR r.status IN {FORMED_SQL} OR f.at >= coalesce(c.updated_at, ''))"
        " ORDER BY f.code, v.n, f.id",
        (case_id,),
    )
    return [FindingRow(*row) for row in rows]


def neighbour(registry_id: int | None, code: str, case_id: int, step: int) -> int | None:
    """The next (1) or previous (-1) case of a registry with this finding; None = there is none."""
    sign, order = (">", "ASC") if step > 0 else ("<", "DESC")
    found = db.scalar(
        f"SELECT case_id FROM finding WHERE registry_id IS ? AND code = ? AND case_id {sign} ?"
        f" ORDER BY case_id {order} LIMIT 1",
        (registry_id, code, case_id),
    )
    return None if found is None else int(found)


def homes(case_ids: Sequence[int]) -> dict[int | None, list[int]]:
    """The main registry, formed and not exported, that holds each case now; None for the others."""
    out: dict[int | None, list[int]] = {}
    for case_id in case_ids:
        number = db.scalar(
            "SELECT r.id FROM account a JOIN registry r ON r.id = a.registry_id WHERE a.case_id = ?"
            f" AND r.is_test = 0 AND r.deleted_at IS NULL AND r.status IN {FORMED_SQL}"
            " ORDER BY r.id DESC LIMIT 1",
            (case_id,),
        )
        out.setdefault(number, []).append(case_id)
    return out


def unchecked(registries: Sequence[int]) -> list[int]:
    """Of these registries those no expertise went over since they were formed."""
    rows = db.execute(
        f"SELECT id FROM registry WHERE id IN ({_in(registries)}) AND formed_at IS NOT NULL"
        " AND (checked_at IS NULL OR checked_at < formed_at) ORDER BY id"
    )
    return [row[0] for row in rows]


def last_checked(registry_id: int) -> tuple[str, bool]:
    """When the registry was checked last, '' = never; True = it was formed anew since."""
    row = db.execute(
        "SELECT coalesce(checked_at, ''), checked_at < formed_at FROM registry WHERE id = ?", (registry_id,)
    ).fetchone()
    return (str(row[0]), bool(row[1])) if row else ("", False)


def progress(period: str) -> tuple[int, str]:
    """Of a month: main registries formed and not sent that wait for the expertise; when one was made last."""
    row = db.execute(
        f"SELECT coalesce(sum(status IN {FORMED_SQL} AND accounts > 0 AND (checked_at IS NULL"
        " OR checked_at < formed_at)), 0), coalesce(max(checked_at), '') FROM registry"
        " WHERE period = ? AND is_test = 0 AND deleted_at IS NULL",
        (period,),
    ).fetchone()
    return int(row[0]), str(row[1])


def formed(period: str) -> list[int]:
    """Main registries of the month that are formed and not sent yet."""
    rows = db.execute(
        f"SELECT id FROM registry WHERE period = ? AND is_test = 0 AND deleted_at IS NULL"
        f" AND status IN {FORMED_SQL} ORDER BY id",
        (period,),
    )
    return [row[0] for row in rows]
