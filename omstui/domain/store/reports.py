"""Rows of reports about accounts (отчёты по счетам): registry of an invoice, doctors, cut cases, forecasts.

What was sent is counted as the ledger counts it. Everything is read by generators, one row at a time.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from omstui.domain.model import KINDS, CaseType
from omstui.domain.store import db
from omstui.domain.store.packages import LIVE

POLICY = "CASE WHEN po.enp <> '' THEN po.enp ELSE trim(po.series || ' ' || po.number) END"
#: cells of a case: reports.kit.case_columns
CASE_CELLS = f"c.nhistory, {db.FIO}, p.birth_date, c.department, c.doctor, c.date_in, c.date_out"
#: without its begin: reports.kit.short_columns
SHORT_CELLS = CASE_CELLS.replace("c.date_in, ", "")
CASE_JOIN = "JOIN cases c ON c.id = a.case_id JOIN patient p ON p.id = c.patient_id"
#: accounts of the files of a month that were sent: k = the package, a = the account
_SENT_A = (
    "package k CROSS JOIN account a ON a.package_id = k.id"
    " WHERE k.kind = '3' AND k.state = 'active' AND k.is_test = 0"
)
_SENT_B = (
    "package k CROSS JOIN pay_account x ON x.package_id = k.id CROSS JOIN account a ON a.id = x.account_id"
    " WHERE k.kind = 'B' AND k.state = 'active' AND k.is_test = 0"
)
#: accounts that an invoice is made of: those of a file 7, or of the bills
_BILLED_A = (
    "package k CROSS JOIN account a ON a.package_id = k.parent_id AND a.reform_id = k.id {join}"
    " WHERE k.kind = '7' AND k.state = 'active' AND k.is_test = 0"
)
_BILLED_B = _SENT_B.replace(" WHERE", " {join} WHERE")
_CUTS = "(SELECT account_id, sum(total) AS s FROM cut WHERE state = 'active' GROUP BY account_id)"


def sent(bills: bool) -> str:
    """FROM … WHERE of the accounts sent: package k, account a."""
    return _SENT_B if bills else _SENT_A


# --- registry of an invoice ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Billed:
    """What an invoice of one payer is made of: accounts, kopecks, files."""

    payer_id: int
    accounts: int
    total: int
    files: str


def _billed(bills: bool, join: str = "") -> str:
    return (_BILLED_B if bills else _BILLED_A).format(join=join)


def billed(period: str, bills: bool, registry: int = 0) -> list[Billed]:
    """Payers that have something to pay for in a month."""
    rows = db.execute(
        "SELECT k.payer_id, count(*), sum(a.total), (SELECT group_concat(n.name, ', ') FROM package n"
        " WHERE n.kind = k.kind AND n.state = 'active' AND n.is_test = 0 AND n.period = k.period"
        " AND n.payer_id = k.payer_id AND (?2 = 0 OR n.registry_id IS NULL OR n.registry_id = ?2))"
        f" FROM {_billed(bills)} AND k.period = ?1"
        " AND (?2 = 0 OR a.registry_id = ?2) GROUP BY k.payer_id",
        (period, registry),
    )
    return [Billed(*row) for row in rows]


_MKSB = ", ".join(f"'{k.code}'" for k in KINDS.values() if k.case_type is CaseType.MKSB)
_STAY = "max(1, coalesce(julianday(c.date_out) - julianday(c.date_in), 0))"
_REGISTRY_CELLS = (
    f"{db.FIO}, CASE p.sex WHEN '1' THEN 'М' WHEN '2' THEN 'Ж' ELSE p.sex END, p.birth_date, p.birth_place,"
    " trim(p.doc_type || ' ' || p.doc_series || ' ' || p.doc_number), p.okato_home, p.okato_stay, p.extra,"
    f" p.snils, coalesce({POLICY}, ''), c.help_type, c.ds_main, c.date_in, c.date_out,"
    # volume: days of a stay, else what the services add up to
    f" CASE WHEN c.kind NOT IN ({_MKSB}) THEN (SELECT sum(s.quantity) FROM account_service s"
    " WHERE s.account_id = a.id) WHEN c.bed_days GLOB '[0-9]*' THEN CAST(c.bed_days AS INTEGER) * 100"
    f" ELSE CAST({_STAY} AS INTEGER) * 100 END, c.profile, c.specialty,"
    # a case priced as a whole has one price; so have services that cost the same
    f" CASE WHEN c.kind IN ({_MKSB}) THEN a.total ELSE (SELECT CASE WHEN min(s.tariff) = max(s.tariff)"
    " THEN min(s.tariff) END FROM account_service s WHERE s.account_id = a.id) END, a.total,"
    " CASE c.result WHEN '' THEN c.disp_result ELSE c.result END"
)


def invoice_rows(period: str, payer: int, bills: bool, registry: int = 0) -> Iterator[tuple[Any, ...]]:
    """Cells of the registry of an invoice after the running number, in the order of the files."""
    join = f"{CASE_JOIN} LEFT JOIN policy po ON po.id = c.policy_id"
    order = "k.id, x.n_zap, a.id" if bills else "k.id, a.number, a.id"
    rows = db.execute(
        f"SELECT {_REGISTRY_CELLS} FROM {_billed(bills, join)} AND k.period = ?1 AND k.payer_id = ?2"
        f" AND (?3 = 0 OR a.registry_id = ?3) ORDER BY {order}",
        (period, payer, registry),
    )
    for n, row in enumerate(rows, 1):
        home, stay = _addresses(row[5], row[6], row[7])
        yield (n, *row[:5], home, stay, *row[8:])


def _addresses(okato_home: str, okato_stay: str, extra: str) -> tuple[str, str]:
    """Where the patient is registered and where he lives, as far as the card tells."""
    found = {"1": okato_home, "2": okato_stay}
    if '"address"' in extra:
        given = json.loads(extra).get("bill", {}).get("addresses", {}).get("address", [])
        for item in given:
            place = str(item.get("type_adress") or "1")
            words = [item.get("kladr", "")]
            words += [f"{title} {item[k]}" for k, title in _ADDRESS if item.get(k)]
            found[place] = ", ".join(filter(None, words)) or found.get(place, "")
    return found["1"] or "", found["2"] or ""


_ADDRESS = (("dom", "д."), ("korpus", "корп."), ("kvart", "кв."))


# --- departments and doctors -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DoctorRow:
    """What a doctor of a department brought in a month; sums in kopecks."""

    department: str
    doctor: str
    cases: int
    services: int
    total: int
    sent: int
    refused: int
    refused_total: int
    findings: int


def doctors(period: str) -> list[DoctorRow]:
    """Live accounts of the main registries of a month by department and doctor; cuts count as refused."""
    refused = "(a.stage1 = 2 OR a.stage2 = 2)"
    rows = db.execute(
        "SELECT c.department, c.doctor, count(*), sum((SELECT count(*) FROM account_service s"
        " WHERE s.account_id = a.id)), sum(a.total), sum(CASE WHEN k.id IS NULL THEN 0 ELSE a.total END),"
        f" sum({refused}), sum(CASE WHEN {refused} THEN a.total ELSE coalesce(t.s, 0) END),"
        " sum(EXISTS (SELECT 1 FROM finding f WHERE f.case_id = a.case_id AND f.registry_id = a.registry_id))"
        " FROM registry r CROSS JOIN account a ON a.registry_id = r.id CROSS JOIN cases c ON c.id = a.case_id"
        " LEFT JOIN package k ON k.id = a.package_id AND k.state = 'active'"
        f" LEFT JOIN {_CUTS} t ON t.account_id = a.id"
        f" WHERE r.period = ? AND r.is_test = 0 AND {LIVE} GROUP BY 1, 2 ORDER BY 1, 2",
        (period,),
    )
    return [DoctorRow(*row) for row in rows]


# --- forming --------------------------------------------------------------------------------------


def form_runs(registries: list[int]) -> list[int]:
    """Runs that formed these registries last, in their order."""
    rows = db.execute(
        "SELECT DISTINCT form_run_id FROM registry WHERE form_run_id IS NOT NULL"
        " AND id IN (SELECT value FROM json_each(?)) ORDER BY 1",
        (db.dump(registries),),
    )
    return [row[0] for row in rows]


# --- cases cut by sequestration -------------------------------------------------------------------


def cut_plans(period: str) -> list[tuple[str, int, int]]:
    """Lines of the plan with what was cut by them in a month: cases, kopecks."""
    rows = db.execute(
        "SELECT plan, count(*), sum(total) FROM sequester_cut WHERE period = ? AND undone_at IS NULL"
        " GROUP BY plan ORDER BY min(id)",
        (period,),
    )
    return [(row[0], row[1], row[2]) for row in rows]


def cut_rows(period: str, plan: str) -> Iterator[tuple[Any, ...]]:
    """Cases cut by a line: cells of the case, kind, insurer, sum, when, the month it was billed in since."""
    yield from db.execute(
        f"SELECT {CASE_CELLS}, c.kind, coalesce(i.code, ''), u.total, substr(u.at, 1, 10),"
        " coalesce((SELECT min(r.period) FROM account a JOIN registry r ON r.id = a.registry_id"
        f" WHERE a.case_id = u.case_id AND r.period > u.period AND r.is_test = 0 AND {LIVE}), '')"
        " FROM sequester_cut u JOIN cases c ON c.id = u.case_id JOIN patient p ON p.id = c.patient_id"
        " LEFT JOIN insurer i ON i.id = json_extract(u.data, '$.account.payer_id')"
        " WHERE u.period = ? AND u.plan = ? AND u.undone_at IS NULL ORDER BY c.date_out, c.key, u.id",
        (period, plan),
    )


# --- findings of the expertise --------------------------------------------------------------------


def finding_rows(registries: list[int], codes: list[str]) -> Iterator[tuple[Any, ...]]:
    """Cases with findings by criterion: code, cells of the case, services, sum, what was found.

    A case counts once per criterion: the sum is that of its marked services, or of the whole account.
    """
    yield from db.execute(
        "WITH once AS MATERIALIZED (SELECT f.code AS code, f.case_id AS case_id,"
        " replace(coalesce(group_concat(DISTINCT v.code), ''), ',', ', ') AS services,"
        " group_concat(DISTINCT f.message) AS text, CASE WHEN count(f.service_id)"
        " THEN coalesce(sum(x.total), 0) ELSE max(y.total) END AS total"
        " FROM finding f LEFT JOIN account y ON y.case_id = f.case_id AND +y.registry_id = f.registry_id"
        " LEFT JOIN account_service x ON x.account_id = y.id AND +x.service_id = f.service_id"
        " LEFT JOIN service v ON v.id = f.service_id"
        " WHERE f.registry_id IN (SELECT value FROM json_each(?1)) GROUP BY f.code, f.case_id, f.registry_id)"
        f" SELECT o.code, {SHORT_CELLS}, o.services, coalesce(o.total, c.source_sum), o.text"
        " FROM json_each(?2) q"
        " JOIN once o ON o.code = q.value JOIN cases c ON c.id = o.case_id"
        " JOIN patient p ON p.id = c.patient_id ORDER BY q.key, folded(p.fio_key), c.date_out, c.key",
        (db.dump(registries), db.dump(codes)),
    )
