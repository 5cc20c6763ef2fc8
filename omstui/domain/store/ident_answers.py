"""Answers of identification (APID): staging, the cases concerned, policies and payers they change.

Staged rows, cases and decisions stand in a throw-away file (``staging``), so that an answer of any size takes
bounded memory and the write is a handful of set statements.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Any

from omstui.domain.identification import Told
from omstui.domain.model import KINDS, CaseType
from omstui.domain.store import db, scratch
from omstui.domain.store.identification import UNSENT
from omstui.domain.store.loading import POLICY
from omstui.domain.store.tables import database

ROAD = "ident"
STAGE = 5
Row = dict[str, Any]

_TYPE = "CASE c.kind {} END".format(
    " ".join(f"WHEN '{kind.code}' THEN '{kind.case_type.value}'" for kind in KINDS.values())
)
#: what ``start_plan`` makes anew
_PLAN = ("ident_policy", "ident_close", "ident_choice", "ident_name")
#: of the patient, by the register
NAMES = ("surname", "name", "patronymic", "birth_date", "snils")
_COLUMNS = ",".join(f'"{name}"' for name in POLICY)
_POLICY = ("used", "elsewhere", "id", *POLICY)


@dataclass(frozen=True, slots=True)
class LoadedRow:
    """An answer of identification loaded before, with the protocol kept of it."""

    id: int
    package_id: int
    name: str
    accepted_at: str
    accepted_by: str
    state: str
    header: dict[str, Any] = field(default_factory=dict)


_ANSWER = (
    "SELECT w.id, w.package_id, w.name, w.accepted_at, w.accepted_by, w.state, w.header FROM answer w"
    " JOIN stored_file f ON f.id=w.file_id WHERE w.road='ident'"
)


def _loaded(row: Any) -> LoadedRow | None:
    if row is None:
        return None
    values: list[Any] = [*row[:6], json.loads(row[6])]
    return LoadedRow(*values)


def by_sha(sha256: str, package_id: int | None = None) -> LoadedRow | None:
    """The answer with these bytes, one that counts before the others.

    Two packages with the same persons may well get the same bytes: ``package_id`` is the one its name tells.
    """
    return _loaded(
        db.execute(
            _ANSWER + " AND f.sha256=?1 AND (?2 IS NULL OR w.package_id=?2)"
            " ORDER BY w.state<>'active', w.id DESC LIMIT 1",
            (sha256, package_id),
        ).fetchone()
    )


def active_of(package_id: int) -> LoadedRow | None:
    """The answer to this package that counts now."""
    return _loaded(
        db.execute(
            _ANSWER + " AND w.package_id=? AND w.state='active' ORDER BY w.id DESC", (package_id,)
        ).fetchone()
    )


def later_than(package_id: int, registry_id: int) -> LoadedRow | None:
    """The answer that counts to a later package of the same registry."""
    return _loaded(
        db.execute(
            _ANSWER + " AND w.state='active' AND w.package_id>? AND w.package_id IN"
            " (SELECT id FROM package WHERE kind='Q' AND registry_id=?) ORDER BY w.package_id DESC LIMIT 1",
            (package_id, registry_id),
        ).fetchone()
    )


# --- staging -----------------------------------------------------------------------------------

RAW = (
    "record", "npp", "ref", "result", "found", "error", "type", "series", "number", "enp", "smo", "okato",
    "begin_date", "end_date", *NAMES, "death", "data",
)  # fmt: skip


def staging() -> AbstractContextManager[None]:
    """The place of the staging tables: a file beside the database, gone afterwards."""
    return scratch.attached()


def start(package_id: int, registry_id: int | None) -> None:
    """Make the staging tables; the cases concerned are those of the registry, or all unsent ones."""
    db.execute(f"CREATE TABLE stage.ident_raw({', '.join(RAW)}, row_id INTEGER, PRIMARY KEY(record))")
    db.execute(
        "CREATE TABLE stage.ident_pkg(id INTEGER, n INTEGER PRIMARY KEY, recid TEXT COLLATE NOCASE,"
        " patient_id INTEGER)"
    )
    db.execute(
        "INSERT OR IGNORE INTO stage.ident_pkg SELECT id, n, recid, patient_id FROM ident_row"
        " WHERE package_id=? ORDER BY n",
        (package_id,),
    )
    db.execute("CREATE INDEX stage.ident_pkg_recid ON ident_pkg(recid)")
    _cases(registry_id)


def _cases(registry_id: int | None) -> None:
    db.execute(
        "CREATE TABLE stage.ident_case(account_id INTEGER PRIMARY KEY, case_id INTEGER, patient_id INTEGER,"
        " type TEXT, first_day TEXT, last_day TEXT, old_policy INTEGER, old_payer INTEGER,"
        " new_policy INTEGER, new_payer INTEGER, insured INTEGER NOT NULL DEFAULT 1)"
    )
    where = "a.registry_id=?" if registry_id is not None else f"{UNSENT} AND ? IS NULL AND c.payer_id IS NULL"
    db.execute(
        "INSERT INTO stage.ident_case(account_id, case_id, patient_id, type, first_day, last_day, old_policy,"
        f" old_payer) SELECT a.id, c.id, c.patient_id, {_TYPE}, c.date_in, coalesce(c.date_out, c.date_in),"
        " c.policy_id, c.payer_id FROM stage.ident_pkg k CROSS JOIN cases c ON c.patient_id=k.patient_id"
        " CROSS JOIN account a ON a.case_id=c.id CROSS JOIN registry r ON r.id=a.registry_id"
        f" WHERE r.deleted_at IS NULL AND c.deleted_at IS NULL AND {where}",
        (registry_id,),
    )
    db.execute("CREATE INDEX stage.ident_case_patient ON ident_case(patient_id)")


def restart(registry_id: int | None) -> None:
    """Take the cases concerned anew: somebody wrote since they were staged."""
    db.execute("DROP TABLE stage.ident_case")
    _cases(registry_id)


def stage(rows: Sequence[tuple[Any, ...]]) -> None:
    """Stage a batch; one transaction, or every row would be one of its own."""
    with database.atomic():
        db.executemany(
            f"INSERT INTO stage.ident_raw({','.join(RAW)}) VALUES({','.join('?' * len(RAW))})", rows
        )


@dataclass(frozen=True, slots=True)
class Matched:
    """How the records of the file meet those of the package."""

    unknown: list[tuple[int, Any, str]]  # record, NPP, RECID: up to 20 of them
    unknown_count: int
    doubled: int
    answered: int
    silent: int  # persons of the package the file says nothing about


def match() -> Matched:
    """Give the records their persons: by NPP and RECID, by the one of them that is there."""
    db.execute(
        "UPDATE stage.ident_raw SET row_id=(SELECT k.id FROM stage.ident_pkg k WHERE k.n=ident_raw.npp"
        " AND (ident_raw.ref='' OR k.recid=ident_raw.ref)) WHERE npp IS NOT NULL"
    )
    db.execute(
        "UPDATE stage.ident_raw SET row_id=(SELECT CASE count(*) WHEN 1 THEN max(k.id) END"
        " FROM stage.ident_pkg k WHERE k.recid=ident_raw.ref) WHERE npp IS NULL"
    )
    unknown = db.execute(
        "SELECT record, npp, ref FROM stage.ident_raw WHERE row_id IS NULL ORDER BY record LIMIT 20"
    ).fetchall()
    lost = int(db.scalar("SELECT count(*) FROM stage.ident_raw WHERE row_id IS NULL"))
    # of several records of a person the last one counts
    last = (
        " WHERE r.record=(SELECT max(record) FROM stage.ident_raw x WHERE x.row_id=r.row_id)"
        if _doubled()
        else ""
    )
    db.execute(
        "CREATE TABLE stage.ident_in AS SELECT k.patient_id, r.* FROM stage.ident_raw r"
        f" JOIN stage.ident_pkg k ON k.id=r.row_id{last}"
    )
    db.execute("CREATE UNIQUE INDEX stage.ident_in_patient ON ident_in(patient_id)")
    records = int(db.scalar("SELECT count(*) FROM stage.ident_raw"))
    answered = int(db.scalar("SELECT count(*) FROM stage.ident_in"))
    whole = int(db.scalar("SELECT count(*) FROM stage.ident_pkg"))
    db.execute("DROP TABLE stage.ident_raw")
    return Matched(unknown, lost, records - lost - answered, answered, whole - answered)


def _doubled() -> bool:
    doubled = db.scalar(
        "SELECT 1 FROM stage.ident_raw WHERE row_id IS NOT NULL GROUP BY row_id HAVING count(*)>1 LIMIT 1"
    )
    if doubled:
        db.execute("CREATE INDEX stage.ident_raw_row ON ident_raw(row_id, record)")
    return bool(doubled)


# --- decisions ---------------------------------------------------------------------------------


@dataclass(slots=True)
class Asked:
    """A person with the answer, the policies of ours and what the card says of the names."""

    patient_id: int
    found: bool
    error: str
    told: Told
    named: Row  # names by the register, «» = as they were; empty where nothing is to be corrected
    ours: Row  # names in the card
    treated: str | None
    policies: list[Row]


#: another spell with the former insurer matters only where the answer names another one
_ELSEWHERE = (
    "i.smo<>'' AND q.smo<>'' AND i.smo<>q.smo AND EXISTS (SELECT 1 FROM cases c"
    " WHERE c.patient_id=i.patient_id AND c.policy_id=q.id AND c.id NOT IN"
    " (SELECT case_id FROM stage.ident_case))"
)
#: nothing of the card differs from the register
_SAME = " AND ".join(f"(coalesce(i.{name}, '')='' OR i.{name}=p.{name})" for name in NAMES)


def people() -> Generator[Asked, None, None]:
    """The answered persons one by one, each with all policies of ours. Close it: it holds a cursor."""
    told = ", ".join(f"coalesce(i.{name}, '')" for name in (*Told._fields[:6], "begin_date", "end_date"))
    names = ", ".join(f"coalesce(i.{name}, '')" for name in NAMES)
    rows = db.execute(
        f"SELECT i.patient_id, i.found, i.error, {told}, p.surname='' AND p.rep_surname<>'' OR {_SAME},"
        " (SELECT min(c.first_day) FROM stage.ident_case c WHERE c.patient_id=i.patient_id),"
        f" {names}, {', '.join(f'p.{name}' for name in NAMES)},"
        " EXISTS (SELECT 1 FROM stage.ident_case c WHERE c.patient_id=i.patient_id AND c.old_policy=q.id),"
        f" {_ELSEWHERE}, q.id, {', '.join(f'q.{name}' for name in POLICY)} FROM stage.ident_in i"
        " JOIN patient p ON p.id=i.patient_id LEFT JOIN policy q ON q.patient_id=i.patient_id"
        " ORDER BY i.patient_id, q.id"
    )
    for patient_id, group in groupby(rows, itemgetter(0)):
        found = list(group)
        first = found[0]
        policies = [dict(zip(_POLICY, row[23:], strict=True)) for row in found if row[25] is not None]
        named, ours = ({}, {}) if first[11] else (_named(first[13:18]), _named(first[18:23]))
        yield Asked(
            patient_id, bool(first[1]), first[2], Told(*first[3:11]), named, ours, first[12], policies
        )


def _named(values: Sequence[Any]) -> Row:
    return dict(zip(NAMES, values, strict=True))


def start_plan() -> int:
    """Make the tables of decisions; returns the first free number of a policy."""
    for table in _PLAN:
        db.execute(f"DROP TABLE IF EXISTS stage.{table}")
    db.execute("CREATE TABLE stage.ident_name(patient_id INTEGER, field TEXT, old TEXT, new TEXT)")
    db.execute(
        "CREATE TABLE stage.ident_policy(id INTEGER PRIMARY KEY, patient_id INTEGER, new INTEGER,"
        f" {_COLUMNS})"
    )
    db.execute("CREATE TABLE stage.ident_close(id INTEGER PRIMARY KEY, patient_id INTEGER, end_date TEXT)")
    db.execute(
        "CREATE TABLE stage.ident_choice(patient_id INTEGER PRIMARY KEY, how TEXT, policy_id INTEGER,"
        " payer_id INTEGER, begin_date TEXT, end_date TEXT)"
    )
    return int(db.scalar("SELECT coalesce(max(id), 0)+1 FROM policy"))


@dataclass(slots=True)
class Plan:
    """Decisions waiting for their tables; see ``start_plan``."""

    policies: list[tuple[Any, ...]] = field(default_factory=list)
    closed: list[tuple[int, int, str]] = field(default_factory=list)
    choices: list[tuple[Any, ...]] = field(default_factory=list)
    names: list[tuple[int, str, str, str]] = field(default_factory=list)  # patient, column, old, new

    def policy(self, number: int, patient_id: int, new: bool, values: Row) -> None:
        self.policies.append((number, patient_id, int(new), *(values[name] for name in POLICY)))

    def flush(self) -> None:
        marks = ",".join("?" * (3 + len(POLICY)))
        with database.atomic():
            db.executemany(f"INSERT INTO stage.ident_policy VALUES({marks})", self.policies)
            db.executemany("INSERT OR REPLACE INTO stage.ident_close VALUES(?,?,?)", self.closed)
            db.executemany("INSERT INTO stage.ident_choice VALUES(?,?,?,?,?,?)", self.choices)
            db.executemany("INSERT INTO stage.ident_name VALUES(?,?,?,?)", self.names)
        for rows in (self.policies, self.closed, self.choices, self.names):
            rows.clear()


def decide_cases() -> None:
    """New policy and payer of each case: that of the choice, where its dates allow."""
    db.execute("UPDATE stage.ident_case SET new_policy=old_policy, new_payer=old_payer, insured=1")
    db.execute(
        "UPDATE stage.ident_case SET new_policy=h.policy_id, new_payer=h.payer_id FROM stage.ident_choice h"
        " WHERE h.patient_id=ident_case.patient_id AND h.how IN ('same', 'updated', 'added')"
        " AND (h.how<>'added' OR old_policy IS NULL OR h.begin_date='' OR last_day>=h.begin_date)"
    )
    db.execute(
        "UPDATE stage.ident_case SET new_payer=NULL, insured=0 FROM stage.ident_choice h"
        " WHERE h.patient_id=ident_case.patient_id AND (h.how IN ('unidentified', 'uninsured')"
        " OR new_policy IS h.policy_id AND h.end_date<>'' AND first_day>h.end_date)"
    )


@dataclass(frozen=True, slots=True)
class Counts:
    """The figures of the protocol; three numbers = МКАБ (patients with ТАП), МКСБ, СМП."""

    updated: int
    added: int
    closed: int
    inpatient: int
    ambulance: int
    unidentified: tuple[int, int, int]
    uninsured: tuple[int, int, int]
    dead: int
    names: int = 0  # patients whose names the register corrected


def counts() -> Counts:
    """Count what the decisions mean; before they are applied."""
    tap = f"c.type='{CaseType.TAP.value}'"
    changed = "h.how IN ('updated', 'added') AND c.new_policy IS h.policy_id"
    row = db.execute(
        f"SELECT count(DISTINCT CASE WHEN {tap} AND h.how='updated' THEN c.patient_id END),"
        f" count(DISTINCT CASE WHEN {tap} AND h.how='added' THEN c.patient_id END),"
        f" count(DISTINCT CASE WHEN {tap} AND c.patient_id IN (SELECT patient_id FROM stage.ident_close)"
        " THEN c.patient_id END),"
        f" count(CASE WHEN c.type='{CaseType.MKSB.value}' AND {changed} THEN 1 END),"
        f" count(CASE WHEN c.type='{CaseType.SMP.value}' AND {changed} THEN 1 END)"
        " FROM stage.ident_case c JOIN stage.ident_choice h ON h.patient_id=c.patient_id"
    ).fetchone()
    dead = db.scalar(
        "SELECT count(DISTINCT i.patient_id) FROM stage.ident_in i JOIN stage.ident_case c"
        " ON c.patient_id=i.patient_id WHERE i.death<>'' AND c.first_day>i.death"
    )
    values: list[Any] = [*row, _without("='unidentified'"), _without("<>'unidentified'"), int(dead)]
    return Counts(*values)


def _without(how: str) -> tuple[int, int, int]:
    row = db.execute(
        f"SELECT count(DISTINCT CASE WHEN c.type='{CaseType.TAP.value}' THEN c.patient_id END),"
        f" count(CASE WHEN c.type='{CaseType.MKSB.value}' THEN 1 END),"
        f" count(CASE WHEN c.type='{CaseType.SMP.value}' THEN 1 END) FROM stage.ident_case c"
        f" JOIN stage.ident_choice h ON h.patient_id=c.patient_id WHERE c.insured=0 AND h.how{how}"
    ).fetchone()
    return int(row[0]), int(row[1]), int(row[2])
