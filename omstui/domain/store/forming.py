"""Registries (реестры) as forming sees them: read, create, delete, «нужно переформировать», report rows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from omstui.domain.model import KIND_ORDER, KINDS, RegistryStatus
from omstui.domain.store import db
from omstui.domain.store.forming_select import Target
from omstui.domain.store.packages import FORMED_SQL


@dataclass(frozen=True, slots=True)
class RegistryInfo:
    """A registry with what forming, creation and deletion look at."""

    id: int
    period: str
    kind: str
    name: str
    begin: str
    end: str
    pay_type: str
    departments: tuple[str, ...]
    is_test: bool
    status: str
    with_late: bool
    accounts: int
    total: int
    package_name: str

    @property
    def dates(self) -> str:
        """«01.12.2021 - 31.12.2021»."""
        return dates(self.begin, self.end)

    @property
    def title(self) -> str:
        """«поликлиника» or «поликлиника, Терапевты»; with every kind in it its dates say which."""
        kind = KINDS[self.kind].title if self.kind in KINDS else self.kind or self.dates
        return f"{kind}, {self.name}" if self.name else kind


def dates(begin: str, end: str) -> str:
    """«01.12.2021 - 31.12.2021»."""
    return " - ".join(f"{date.fromisoformat(day):%d.%m.%Y}" for day in (begin, end))


_REGISTRY = (
    "SELECT r.id, r.period, r.kind, r.name, r.begin_date, r.end_date, r.pay_type, r.departments,"
    " r.is_test, r.status, r.with_late, r.accounts, r.total, coalesce(k.name, '') FROM registry r"
    " LEFT JOIN package k ON k.id=r.package_id WHERE r.deleted_at IS NULL"
)


def _info(row: Sequence[object]) -> RegistryInfo:
    values = list(row)
    values[7] = tuple(json.loads(str(values[7])))
    values[8], values[10] = bool(values[8]), bool(values[10])
    return RegistryInfo(*values)  # type: ignore[arg-type]


def registries(period: str) -> list[RegistryInfo]:
    """Registries of the month that are not deleted, in the order of kinds."""
    rows = map(_info, db.execute(f"{_REGISTRY} AND r.period=?", (period,)))
    return sorted(rows, key=lambda r: (KIND_ORDER.get(r.kind, 99), r.id))


def registry(registry_id: int) -> RegistryInfo | None:
    row = db.execute(f"{_REGISTRY} AND r.id=?", (registry_id,)).fetchone()
    return _info(row) if row else None


def unknown_departments(codes: Sequence[str]) -> list[str]:
    """Return those that are neither in the book of departments nor in any case; [] without the book."""
    return [
        code
        for (code,) in db.execute(
            "SELECT j.value FROM json_each(?) j WHERE EXISTS (SELECT 1 FROM department)"
            " AND NOT EXISTS (SELECT 1 FROM department d WHERE d.code=j.value)"
            " AND NOT EXISTS (SELECT 1 FROM cases c WHERE j.value IN (c.department, c.specialty))",
            (db.dump(list(codes)),),
        )
    ]


def create_registry(target: Target, *, test: bool, who: str, at: str) -> int:
    """Insert an empty registry «Создан». Inside ``db.write()``."""
    cursor = db.execute(
        "INSERT INTO registry(period, kind, name, begin_date, end_date, pay_type, departments,"
        " is_test, status, with_late, created_at, created_by) VALUES(?,?,?,?,?,?,?,?,?,?,?,?)",
        (
            target.period,
            target.kind,
            target.name,
            target.begin,
            target.end,
            target.pay_type,
            db.dump(list(target.departments)),
            int(test),
            RegistryStatus.CREATED,
            int(target.late),
            at,
            who,
        ),
    )
    return int(cursor.lastrowid or 0)


def delete_registry(registry_id: int, *, at: str) -> None:
    """Mark the registry deleted; its composition, never sent, goes and frees its cases."""
    empty("SELECT ?", (registry_id,))
    db.execute("UPDATE registry SET deleted_at=? WHERE id=?", (at, registry_id))


def empty(registries_sql: str, params: Sequence[int] = (), *, again: bool = False) -> None:
    """Delete the composition and reasons of registries, and what payment registries were made of it.

    Refusals of identification and ФЛК lose their account and become history; ``again``: forming goes on
    and gives them the new account of the case. Bills already written become «заменён»: their bytes stay.
    """
    accounts = f"SELECT id FROM account WHERE registry_id IN ({registries_sql})"
    _drop_bills(registries_sql, params)
    roads = (
        "SELECT d.id FROM answer w CROSS JOIN refusal d ON d.answer_id=w.id CROSS JOIN account a"
        f" ON a.id=d.account_id WHERE w.road IN ('ident', 'flk') AND a.registry_id IN ({registries_sql})"
    )
    state = "" if again else ", state='replaced'"
    db.execute(f"UPDATE refusal SET account_id=NULL{state} WHERE id IN ({roads})", params)
    db.execute(
        "DELETE FROM answer_line WHERE answer_id IN (SELECT id FROM answer WHERE road IN ('ident', 'flk'))"
        f" AND account_id IN ({accounts})",
        params,
    )
    db.execute(
        "UPDATE resubmission SET new_account_id=NULL WHERE new_account_id IS NOT NULL"
        f" AND new_account_id IN ({accounts})",
        params,
    )
    # what «Анализ МЭСов» found was about this composition
    db.execute(f"DELETE FROM mes_finding WHERE registry_id IN ({registries_sql})", params)
    db.execute(f"UPDATE registry SET mes_at=NULL, mes_run_id=NULL WHERE id IN ({registries_sql})", params)
    db.execute(f"DELETE FROM account_service WHERE account_id IN ({accounts})", params)
    db.execute(f"DELETE FROM account WHERE registry_id IN ({registries_sql})", params)
    db.execute(f"DELETE FROM form_skip WHERE registry_id IN ({registries_sql})", params)


def _drop_bills(registries_sql: str, params: Sequence[int]) -> None:
    """Payment registries go; bills written for them and their ФЛК are history."""
    bills = f"SELECT id FROM package WHERE kind='B' AND state='active' AND registry_id IN ({registries_sql})"
    told = f"SELECT id FROM answer WHERE road='flk' AND state='active' AND package_id IN ({bills})"
    db.execute(f"UPDATE refusal SET state='replaced' WHERE state='active' AND answer_id IN ({told})", params)
    db.execute(f"UPDATE answer SET state='replaced' WHERE id IN ({told})", params)
    db.execute(f"UPDATE package SET state='replaced' WHERE id IN ({bills})", params)
    db.execute(f"DELETE FROM pay_registry WHERE registry_id IN ({registries_sql})", params)
    db.execute(
        f"UPDATE registry SET package_id=NULL WHERE package_id IS NOT NULL AND id IN ({registries_sql})",
        params,
    )


def mark_stale(case_ids: Sequence[int]) -> int:
    """«Нужно переформировать» on formed registries that hold these cases; how many registries.

    N of «изменены случаи: N» counts the cases changed since forming. Inside ``db.write()``, after the
    cases have got their ``updated_at``.
    """
    cursor = db.execute(
        "UPDATE registry SET reform_reason='изменены случаи: ' || max(d.given, (SELECT count(*)"
        " FROM account a JOIN cases c ON c.id=a.case_id WHERE a.registry_id=registry.id"
        " AND c.updated_at > coalesce(registry.formed_at, '')))"
        " FROM (SELECT a.registry_id AS id, count(*) AS given FROM account a"
        " WHERE a.case_id IN (SELECT value FROM json_each(?)) GROUP BY a.registry_id) d"
        f" WHERE registry.id=d.id AND registry.status IN {FORMED_SQL} AND registry.deleted_at IS NULL",
        (db.dump(list(case_ids)),),
    )
    return cursor.rowcount


@dataclass(frozen=True, slots=True)
class SkipRow:
    """A case that stays out, as the report shows it."""

    reason: str
    code: str
    key: str
    patient: str
    birth_date: str
    date_in: str
    date_out: str
    doctor: str
    total: int


def case_skips(case_id: int) -> list[tuple[str, str, str, bool]]:
    """Why the case was left out, newest forming first: (period, code, reason, is test)."""
    rows = db.execute(
        "SELECT DISTINCT r.period, s.code, s.reason, r.is_test FROM form_skip s"
        " JOIN registry r ON r.id=s.registry_id WHERE s.case_id=? AND r.deleted_at IS NULL"
        " AND r.status <> 'Восстановлен' ORDER BY r.id DESC",
        (case_id,),
    )
    return [(r[0], r[1], r[2], bool(r[3])) for r in rows]


def skip_rows(registry_ids: Sequence[int], case_type: str, without: Sequence[str]) -> list[SkipRow]:
    """Cases of ``case_type`` kept out of these registries, but for the codes ``without``."""
    rows = db.execute(
        f"SELECT s.reason, s.code, c.key, {db.FIO},"
        " coalesce(p.birth_date, ''), coalesce(c.date_in, ''), coalesce(c.date_out, ''), c.doctor,"
        " s.total FROM form_skip s JOIN cases c ON c.id=s.case_id JOIN patient p"
        " ON p.id=c.patient_id JOIN registry r ON r.id=s.registry_id"
        " WHERE s.registry_id IN (SELECT value FROM json_each(?)) AND s.service_id IS NULL"
        " AND CASE r.kind WHEN '' THEN c.kind ELSE r.kind END IN (SELECT value FROM json_each(?))"
        " AND s.code NOT IN (SELECT value FROM json_each(?)) ORDER BY s.id",
        (
            db.dump(list(registry_ids)),
            db.dump([code for code, kind in KINDS.items() if kind.case_type == case_type]),
            db.dump(list(without)),
        ),
    )
    return [SkipRow(*row) for row in rows]
