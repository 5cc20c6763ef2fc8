"""Answers of identification (APID): staging, the cases concerned, policies and payers they change.

Staged rows, cases and decisions stand in temporary tables, so that a file of any size takes bounded memory
and the write is a handful of set statements. Everything that writes is called inside ``db.write()``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Any

from omstui.domain.identification import Told
from omstui.domain.model import KINDS, CaseType
from omstui.domain.store import db
from omstui.domain.store.identification import UNSENT
from omstui.domain.store.loading import POLICY

ROAD = "ident"
STAGE = 5
Row = dict[str, Any]

_TYPE = "CASE c.kind {} END".format(
    " ".join(f"WHEN '{kind.code}' THEN '{kind.case_type.value}'" for kind in KINDS.values())
)
_TABLES = (
    *("ident_raw", "ident_pkg", "ident_in", "ident_case", "ident_policy", "ident_close", "ident_choice"),
    *("ident_name", "ident_edit"),
)
_NAMES = ("surname", "name", "patronymic", "birth_date", "snils")
_COLUMNS = ",".join(f'"{name}"' for name in POLICY)


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


def by_sha(package_id: int, sha256: str) -> LoadedRow | None:
    """The answer to this package with these bytes that still counts.

    Two packages with the same persons may well get the same bytes.
    """
    return _loaded(
        db.execute(
            _ANSWER + " AND w.package_id=? AND f.sha256=? AND w.state='active' ORDER BY w.id DESC",
            (package_id, sha256),
        ).fetchone()
    )


def active_of(package_id: int) -> LoadedRow | None:
    """The answer to this package that counts now."""
    return _loaded(
        db.execute(
            _ANSWER + " AND w.package_id=? AND w.state='active' ORDER BY w.id DESC", (package_id,)
        ).fetchone()
    )


# --- staging -----------------------------------------------------------------------------------

RAW = (
    "record", "npp", "ref", "result", "found", "error", "type", "series", "number", "enp", "smo", "okato",
    "begin_date", "end_date", *_NAMES, "death", "data",
)  # fmt: skip


def start(package_id: int, registry_id: int | None) -> None:
    """Make the staging tables; the cases concerned are those of the registry, or all unsent ones."""
    forget()
    db.execute(f"CREATE TEMP TABLE ident_raw({', '.join(RAW)}, row_id INTEGER, PRIMARY KEY(record))")
    db.execute(
        "CREATE TEMP TABLE ident_pkg(id INTEGER, n INTEGER PRIMARY KEY, recid TEXT COLLATE NOCASE,"
        " patient_id INTEGER)"
    )
    db.execute(
        "INSERT OR IGNORE INTO temp.ident_pkg SELECT id, n, recid, patient_id FROM ident_row"
        " WHERE package_id=? ORDER BY n",
        (package_id,),
    )
    db.execute("CREATE INDEX temp.ident_pkg_recid ON ident_pkg(recid)")
    _cases(registry_id)


def _cases(registry_id: int | None) -> None:
    db.execute(
        "CREATE TEMP TABLE ident_case(account_id INTEGER PRIMARY KEY, case_id INTEGER, patient_id INTEGER,"
        " type TEXT, first_day TEXT, last_day TEXT, old_policy INTEGER, old_payer INTEGER,"
        " new_policy INTEGER, new_payer INTEGER, insured INTEGER NOT NULL DEFAULT 1)"
    )
    where = "a.registry_id=?" if registry_id is not None else f"{UNSENT} AND ? IS NULL AND c.payer_id IS NULL"
    db.execute(
        "INSERT INTO temp.ident_case(account_id, case_id, patient_id, type, first_day, last_day, old_policy,"
        f" old_payer) SELECT a.id, c.id, c.patient_id, {_TYPE}, c.date_in, coalesce(c.date_out, c.date_in),"
        " c.policy_id, c.payer_id FROM temp.ident_pkg k CROSS JOIN cases c ON c.patient_id=k.patient_id"
        " CROSS JOIN account a ON a.case_id=c.id CROSS JOIN registry r ON r.id=a.registry_id"
        f" WHERE r.deleted_at IS NULL AND c.deleted_at IS NULL AND {where}",
        (registry_id,),
    )
    db.execute("CREATE INDEX temp.ident_case_patient ON ident_case(patient_id)")


def restart(registry_id: int | None) -> None:
    """Take the cases concerned anew: somebody wrote since they were staged."""
    db.execute("DROP TABLE temp.ident_case")
    _cases(registry_id)


def stage(rows: Sequence[tuple[Any, ...]]) -> None:
    db.executemany(f"INSERT INTO temp.ident_raw({','.join(RAW)}) VALUES({','.join('?' * len(RAW))})", rows)


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
        "UPDATE temp.ident_raw SET row_id=(SELECT k.id FROM temp.ident_pkg k WHERE k.n=ident_raw.npp"
        " AND (ident_raw.ref='' OR k.recid=ident_raw.ref)) WHERE npp IS NOT NULL"
    )
    db.execute(
        "UPDATE temp.ident_raw SET row_id=(SELECT CASE count(*) WHEN 1 THEN max(k.id) END"
        " FROM temp.ident_pkg k WHERE k.recid=ident_raw.ref) WHERE npp IS NULL"
    )
    unknown = db.execute(
        "SELECT record, npp, ref FROM temp.ident_raw WHERE row_id IS NULL ORDER BY record LIMIT 20"
    ).fetchall()
    lost = int(db.scalar("SELECT count(*) FROM temp.ident_raw WHERE row_id IS NULL"))
    # of several records of a person the last one counts
    db.execute(
        "CREATE TEMP TABLE ident_in AS SELECT k.patient_id, r.* FROM temp.ident_raw r"
        " JOIN temp.ident_pkg k ON k.id=r.row_id WHERE r.record=(SELECT max(record) FROM temp.ident_raw x"
        " WHERE x.row_id=r.row_id)"
        if _doubled()
        else "CREATE TEMP TABLE ident_in AS SELECT k.patient_id, r.* FROM temp.ident_raw r"
        " JOIN temp.ident_pkg k ON k.id=r.row_id"
    )
    db.execute("CREATE UNIQUE INDEX temp.ident_in_patient ON ident_in(patient_id)")
    records = int(db.scalar("SELECT count(*) FROM temp.ident_raw"))
    answered = int(db.scalar("SELECT count(*) FROM temp.ident_in"))
    whole = int(db.scalar("SELECT count(*) FROM temp.ident_pkg"))
    return Matched(unknown, lost, records - lost - answered, answered, whole - answered)


def _doubled() -> bool:
    doubled = db.scalar(
        "SELECT 1 FROM temp.ident_raw WHERE row_id IS NOT NULL GROUP BY row_id HAVING count(*)>1 LIMIT 1"
    )
    if doubled:
        db.execute("CREATE INDEX temp.ident_raw_row ON ident_raw(row_id, record)")
    return bool(doubled)


# --- decisions ---------------------------------------------------------------------------------


@dataclass(slots=True)
class Asked:
    """A person with the answer, the policies of ours and what the card says of the names."""

    patient_id: int
    found: bool
    error: str
    told: Told
    named: Row  # names by the register, «» = as they were
    ours: Row  # names in the card
    own: bool  # asked by the patient's own name, not the representative's
    treated: str | None
    policies: list[Row]


def people() -> Iterator[Asked]:
    """The answered persons one by one, each with all policies of ours."""
    told = ", ".join(f"coalesce(i.{n}, '')" for n in (
        "type", "series", "number", "enp", "smo", "okato", "begin_date", "end_date", *_NAMES))  # fmt: skip
    rows = db.execute(
        f"SELECT i.patient_id, i.found, i.error, {told}, p.surname='' AND p.rep_surname<>'',"
        " (SELECT min(c.first_day) FROM temp.ident_case c WHERE c.patient_id=i.patient_id),"
        " p.surname, p.name, p.patronymic, p.birth_date, p.snils,"
        " EXISTS (SELECT 1 FROM temp.ident_case c WHERE c.patient_id=i.patient_id AND c.old_policy=q.id),"
        " EXISTS (SELECT 1 FROM cases c WHERE c.patient_id=i.patient_id AND c.policy_id=q.id AND c.id"
        " NOT IN (SELECT case_id FROM temp.ident_case)), q.id,"
        f" {', '.join(f'q.{name}' for name in POLICY)} FROM temp.ident_in i"
        " JOIN patient p ON p.id=i.patient_id LEFT JOIN policy q ON q.patient_id=i.patient_id"
        " ORDER BY i.patient_id, q.id"
    )
    for patient_id, group in groupby(rows, itemgetter(0)):
        found = list(group)
        first = found[0]
        policies = [
            dict(zip(("used", "elsewhere", "id", *POLICY), row[23:], strict=True))
            for row in found
            if row[25] is not None
        ]
        yield Asked(
            patient_id, bool(first[1]), first[2], Told(*first[3:11]),
            dict(zip(_NAMES, first[11:16], strict=True)), dict(zip(_NAMES, first[18:23], strict=True)),
            not first[16], first[17], policies,
        )  # fmt: skip


def start_plan() -> int:
    """Make the tables of decisions; returns the first free number of a policy."""
    for table in _TABLES[4:]:
        db.execute(f"DROP TABLE IF EXISTS temp.{table}")
    db.execute("CREATE TEMP TABLE ident_name(patient_id INTEGER, field TEXT, old TEXT, new TEXT)")
    db.execute(
        f"CREATE TEMP TABLE ident_policy(id INTEGER PRIMARY KEY, patient_id INTEGER, new INTEGER, {_COLUMNS})"
    )
    db.execute("CREATE TEMP TABLE ident_close(id INTEGER PRIMARY KEY, patient_id INTEGER, end_date TEXT)")
    db.execute(
        "CREATE TEMP TABLE ident_choice(patient_id INTEGER PRIMARY KEY, how TEXT, policy_id INTEGER,"
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
        db.executemany(f"INSERT INTO temp.ident_policy VALUES({marks})", self.policies)
        db.executemany("INSERT OR REPLACE INTO temp.ident_close VALUES(?,?,?)", self.closed)
        db.executemany("INSERT INTO temp.ident_choice VALUES(?,?,?,?,?,?)", self.choices)
        db.executemany("INSERT INTO temp.ident_name VALUES(?,?,?,?)", self.names)
        for rows in (self.policies, self.closed, self.choices, self.names):
            rows.clear()


def decide_cases() -> None:
    """New policy and payer of each case: that of the choice, where its dates allow."""
    db.execute("UPDATE temp.ident_case SET new_policy=old_policy, new_payer=old_payer, insured=1")
    db.execute(
        "UPDATE temp.ident_case SET new_policy=h.policy_id, new_payer=h.payer_id FROM temp.ident_choice h"
        " WHERE h.patient_id=ident_case.patient_id AND h.how IN ('same', 'updated', 'added')"
        " AND (h.how<>'added' OR old_policy IS NULL OR h.begin_date='' OR last_day>=h.begin_date)"
    )
    db.execute(
        "UPDATE temp.ident_case SET new_payer=NULL, insured=0 FROM temp.ident_choice h"
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
        f" count(DISTINCT CASE WHEN {tap} AND c.patient_id IN (SELECT patient_id FROM temp.ident_close)"
        " THEN c.patient_id END),"
        f" count(CASE WHEN c.type='{CaseType.MKSB.value}' AND {changed} THEN 1 END),"
        f" count(CASE WHEN c.type='{CaseType.SMP.value}' AND {changed} THEN 1 END)"
        " FROM temp.ident_case c JOIN temp.ident_choice h ON h.patient_id=c.patient_id"
    ).fetchone()
    dead = db.scalar(
        "SELECT count(DISTINCT i.patient_id) FROM temp.ident_in i JOIN temp.ident_case c"
        " ON c.patient_id=i.patient_id WHERE i.death<>'' AND c.first_day>i.death"
    )
    values: list[Any] = [*row, _without("='unidentified'"), _without("<>'unidentified'"), int(dead)]
    return Counts(*values)


def _without(how: str) -> tuple[int, int, int]:
    row = db.execute(
        f"SELECT count(DISTINCT CASE WHEN c.type='{CaseType.TAP.value}' THEN c.patient_id END),"
        f" count(CASE WHEN c.type='{CaseType.MKSB.value}' THEN 1 END),"
        f" count(CASE WHEN c.type='{CaseType.SMP.value}' THEN 1 END) FROM temp.ident_case c"
        f" JOIN temp.ident_choice h ON h.patient_id=c.patient_id WHERE c.insured=0 AND h.how{how}"
    ).fetchone()
    return int(row[0]), int(row[1]), int(row[2])


def forget() -> None:
    """Drop the temporary tables."""
    for table in _TABLES:
        db.execute(f"DROP TABLE IF EXISTS temp.{table}")
