"""What goes into a …13X (состав выгрузки): accounts in the order of the file, streamed with all their data.

The composition is written down once as a temporary table (number in the file → account); the data then come
from two cursors walking it in step, accounts and services, so that memory does not grow with the month.
Use inside ``db.snapshot()``: both cursors and the totals see one state of the database.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from omstui.domain.model import KIND_ORDER
from omstui.domain.store import db
from omstui.domain.store.tables import Case, Patient, Policy, Service, columns

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class PayerSum:
    """Accounts and sum sent for one payer."""

    payer: int
    accounts: int
    total: int


@dataclass(frozen=True, slots=True)
class Composition:
    """The figures of what goes into the file and of what stays out for want of a payer."""

    accounts: int
    total: int
    by_payer: tuple[PayerSum, ...]
    without_payer: int
    without_payer_sum: int


def collect(registry_ids: Sequence[int], package: int | None) -> Composition:
    """Fix the composition: accounts with a payer, or, for a repeated F2, those of ``package``.

    Order: kind of activity, end of the case, key (product.md §11.17); a repeated F2 keeps the numbers.
    """
    marks = ",".join("?" * len(registry_ids))
    rank = " ".join(f"WHEN '{code}' THEN {n}" for code, n in KIND_ORDER.items())
    chosen = "a.package_id=?" if package is not None else "a.payer_id IS NOT NULL"
    values = [*registry_ids, *([package] if package is not None else [])]
    first = "a.number," if package is not None else ""
    make_tables()
    db.execute(
        "INSERT INTO temp.export_order(account_id, kind) SELECT a.id, r.kind FROM account a"
        " JOIN registry r ON r.id=a.registry_id JOIN cases c ON c.id=a.case_id"
        f" WHERE r.id IN ({marks}) AND {chosen}"
        f" ORDER BY {first} CASE r.kind {rank} ELSE 99 END, c.date_out, c.key, c.dup, a.id",
        values,
    )
    _tell_apart()
    sums = db.execute(
        "SELECT a.payer_id, count(*), sum(a.total) FROM temp.export_order e"
        " CROSS JOIN account a ON a.id=e.account_id JOIN insurer i ON i.id=a.payer_id"
        " GROUP BY a.payer_id ORDER BY i.out_of_region, i.code"
    ).fetchall()
    left = db.execute(
        "SELECT count(*), coalesce(sum(total), 0) FROM account"
        f" WHERE registry_id IN ({marks}) AND payer_id IS NULL",
        registry_ids,
    ).fetchone()
    by_payer = tuple(PayerSum(*row) for row in sums)
    return Composition(
        sum(p.accounts for p in by_payer),
        sum(p.total for p in by_payer),
        by_payer,
        left[0],
        left[1],
    )


def open_tables() -> None:
    """Empty temporary tables for a composition that is not a …13X (the bills of store.bills)."""
    make_tables()


def make_tables() -> None:
    """The temporary tables of a composition, empty."""
    forget()
    db.execute(
        "CREATE TEMP TABLE export_order(n INTEGER PRIMARY KEY, account_id INTEGER NOT NULL,"
        " kind TEXT NOT NULL)"
    )
    db.execute("CREATE TEMP TABLE export_code(patient_id INTEGER PRIMARY KEY, code TEXT NOT NULL)")
    db.execute(
        "CREATE TEMP TABLE export_place(account_id INTEGER PRIMARY KEY, n INTEGER, place INTEGER,"
        " length INTEGER)"
    )


def _tell_apart() -> None:
    """Codes of patients whose ID_PAC several persons of the file have: an answer refuses persons by code.

    Files of one month often number their persons each from one. The code then takes our number too;
    several rows of one person keep one code.
    """
    db.execute(
        "INSERT INTO temp.export_code SELECT id, ext_id || '-' || min(id) OVER"
        " (PARTITION BY ext_id, fio_key, birth_date) FROM (SELECT id, ext_id, fio_key, birth_date,"
        " min(person) OVER (PARTITION BY ext_id) <> max(person) OVER (PARTITION BY ext_id) AS several"
        " FROM (SELECT p.id, p.ext_id, p.fio_key, p.birth_date, p.fio_key || coalesce(p.birth_date, '')"
        " AS person FROM patient p WHERE p.ext_id <> '' AND p.id IN (SELECT c.patient_id"
        " FROM temp.export_order e CROSS JOIN account a ON a.id=e.account_id"
        " CROSS JOIN cases c ON c.id=a.case_id))) WHERE several"
    )


def gone_cases() -> list[str]:
    """Keys of up to 10 cases of the composition that were deleted or merged since forming (R17)."""
    rows = db.execute(
        "SELECT c.key FROM temp.export_order e JOIN account a ON a.id=e.account_id"
        " JOIN cases c ON c.id=a.case_id"
        " WHERE c.deleted_at IS NOT NULL OR c.merged_into IS NOT NULL LIMIT 10"
    )
    return [row[0] for row in rows]


def outside_validity() -> list[tuple[int, str, str, int]]:
    """(payer, begin, end, accounts) of the composition that ended when the payer was not in force."""
    rows = db.execute(
        "SELECT i.id, coalesce(i.begin_date, ''), coalesce(i.end_date, ''), count(*)"
        " FROM temp.export_order e CROSS JOIN account a ON a.id=e.account_id"
        " CROSS JOIN insurer i ON i.id=a.payer_id AND (i.begin_date <> '' OR i.end_date <> '')"
        " CROSS JOIN cases c ON c.id=a.case_id WHERE c.date_out < i.begin_date"
        " OR (i.end_date <> '' AND c.date_out > i.end_date) GROUP BY i.id ORDER BY i.code"
    )
    return [tuple(row) for row in rows]


def not_formed(period: str, begin: str, end: str) -> list[tuple[str, int, int]]:
    """(kind, cases, kopecks of the source) that ended in the month and whose kind was never formed in it."""
    rows = db.execute(
        "SELECT c.kind, count(*), sum(c.source_sum) FROM cases c WHERE c.date_out BETWEEN ? AND ?"
        " AND c.completed=1 AND c.deleted_at IS NULL AND c.merged_into IS NULL AND c.kind NOT IN"
        " (SELECT r.kind FROM registry r WHERE r.period=? AND r.is_test=0 AND r.deleted_at IS NULL"
        " AND r.formed_at IS NOT NULL) GROUP BY c.kind ORDER BY c.kind",
        (begin, end, period),
    )
    return [tuple(row) for row in rows]


def waiting_returns(period: str) -> tuple[int, int]:
    """Accounts returned by F8 for this month or before that no registry has taken: (count, kopecks)."""
    row = db.execute(
        "SELECT count(*), coalesce(sum(a.total), 0) FROM resubmission r JOIN account a ON a.id=r.account_id"
        " WHERE r.undone_at IS NULL AND r.new_account_id IS NULL AND r.target_period <= ?",
        (period,),
    ).fetchone()
    return int(row[0]), int(row[1])


def lost_services() -> list[str]:
    """Keys of up to 10 cases whose billed services were replaced by a later load."""
    rows = db.execute(
        "SELECT DISTINCT c.key FROM temp.export_order e"
        " CROSS JOIN account_service s ON s.account_id=e.account_id"
        " LEFT JOIN service v ON v.id=s.service_id"
        " JOIN account a ON a.id=e.account_id JOIN cases c ON c.id=a.case_id"
        " WHERE v.id IS NULL LIMIT 10"
    )
    return [row[0] for row in rows]


_PATIENT = columns(Patient)
_POLICY = columns(Policy)
_CASE = columns(Case)
_SERVICE = columns(Service)
_ACCOUNT = ("id", "xkey", "total", "repeat", "payer_id")
_BILLED = ("xkey", "quantity", "tariff", "total")


def _listed(alias: str, names: Sequence[str]) -> str:
    return ", ".join(f'{alias}."{name}"' for name in names)


#: SQLite numbers rows up to here
_LAST = 2**63 - 1


def records(first: int = 1, last: int = _LAST) -> Iterator[Record]:
    """Yield the accounts in the order of the file, each with patient, policy, case and services.

    ``first`` and ``last`` bound the running numbers: one bill of several.
    """
    accounts = db.execute(
        f"SELECT e.n, e.kind, o.xkey, k.code, {_listed('a', _ACCOUNT)}, {_listed('p', _PATIENT)},"
        f" {_listed('c', _CASE)}, {_listed('q', _POLICY)} FROM temp.export_order e"
        " CROSS JOIN account a ON a.id=e.account_id CROSS JOIN cases c ON c.id=a.case_id"
        " CROSS JOIN patient p ON p.id=c.patient_id LEFT JOIN policy q ON q.id=c.policy_id"
        " LEFT JOIN account o ON o.id=a.prev_id LEFT JOIN temp.export_code k ON k.patient_id=p.id"
        " WHERE e.n BETWEEN ? AND ? ORDER BY e.n",
        (first, last),
    )
    services = _services(first, last)
    pending = next(services, None)
    for row in accounts:
        number = row[0]
        billed: list[Record] = []
        while pending is not None and pending[0] == number:
            billed.append(pending[1])
            pending = next(services, None)
        yield _record(row, billed)


def _record(row: Sequence[Any], billed: list[Record]) -> Record:
    at = 4
    parts = []
    for names in (_ACCOUNT, _PATIENT, _CASE, _POLICY):
        parts.append(dict(zip(names, row[at : at + len(names)], strict=True)))
        at += len(names)
    account, patient, case, policy = parts
    for part in (patient, case, policy):
        part["extra"] = _extra(part["extra"])
    if row[3] and not case["extra"].get("native"):
        patient["ext_id"] = row[3]
    case["kind"] = row[1]  # the registry it stands in decides what the file may carry
    account["number"] = row[0]
    account["prev_xkey"] = row[2] or ""
    account["services"] = billed
    return {
        "patient": patient,
        "policy": policy if policy["id"] is not None else {},
        "case": case,
        "services": [s["service"] for s in billed],
        "account": account,
    }


def _extra(text: str | None) -> Record:
    return json.loads(text) if text and text != "{}" else {}


def _services(first: int, last: int) -> Iterator[tuple[int, Record]]:
    cursor = db.execute(
        f"SELECT e.n, {_listed('s', _BILLED)}, {_listed('v', _SERVICE)} FROM temp.export_order e"
        " CROSS JOIN account_service s ON s.account_id=e.account_id"
        " CROSS JOIN service v ON v.id=s.service_id WHERE e.n BETWEEN ? AND ? ORDER BY e.n, s.id",
        (first, last),
    )
    width = len(_BILLED) + 1
    for row in cursor:
        service = dict(zip(_SERVICE, row[width:], strict=True))
        service["extra"] = _extra(service["extra"])
        billed: Record = dict(zip(_BILLED, row[1:width], strict=True))
        billed["service"] = service
        yield row[0], billed


def keep_places(rows: Sequence[tuple[int, int, int, int]]) -> None:
    """Remember (account, number in the file, offset, length) until the write transaction."""
    db.executemany("INSERT INTO temp.export_place VALUES(?,?,?,?)", rows)


def settle(package: int) -> None:
    """Give the accounts of the composition their package, number and place. Inside ``db.write()``."""
    db.execute(
        "UPDATE account SET package_id=?, number=p.n, offset=p.place, length=p.length"
        " FROM temp.export_place p WHERE account.id=p.account_id",
        (package,),
    )


def forget() -> None:
    """Drop the temporary tables."""
    db.execute("DROP TABLE IF EXISTS temp.export_order")
    db.execute("DROP TABLE IF EXISTS temp.export_place")
    db.execute("DROP TABLE IF EXISTS temp.export_code")
