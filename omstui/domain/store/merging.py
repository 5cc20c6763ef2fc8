"""Merge of a staged file into the database (слияние): set statements only, after ``matching``.

Everything here runs inside one write transaction with the staging file attached as ``stage``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from omstui.domain.store import db
from omstui.domain.store.corrections import mark_touched
from omstui.domain.store.loading import CASE, PERSON, POLICY, SERVICE
from omstui.domain.store.service_pairs import pair_services

Check = Callable[[], None]

#: identity or derived columns that no history line is written for
_SILENT = frozenset({"twin", "source_hash", "family", "fio_key"})
#: what a federal file cannot say of a policy
_POLICY_ALSO = frozenset({"begin_date", "end_date", "extra"})


@dataclass(frozen=True, slots=True)
class Origin:
    """Who loads what, when; which columns the file is able to say something about."""

    run_id: int | None
    name: str
    sha256: str
    header: str
    at: str
    who: str
    case: frozenset[str]
    person: frozenset[str]
    policy: frozenset[str]


@dataclass(frozen=True, slots=True)
class Counts:
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: int = 0


def _names(names: Iterable[str]) -> str:
    return ",".join(f'"{n}"' for n in names)


def _in_order(all_names: Sequence[str], wanted: frozenset[str]) -> list[str]:
    return [n for n in all_names if n in wanted]


def apply(origin: Origin, check: Check) -> tuple[int, Counts]:
    """Write the file into the database; returns the id of load_file and the counts."""
    load_id = int(
        db.execute(
            "INSERT INTO load_file(run_id, name, sha256, loaded_at, header) VALUES(?,?,?,?,?)",
            (origin.run_id, origin.name, origin.sha256, origin.at, origin.header),
        ).lastrowid
        or 0
    )
    _patients(origin)
    check()
    _policies(origin)
    check()
    _changed_cases(origin, load_id)
    check()
    _changed_services(origin)
    check()
    _new_cases(origin, load_id)
    check()
    _new_services()
    check()
    _consequences(origin.at)
    counts = _count()
    _records(load_id, counts)
    return load_id, counts


# --- patients ----------------------------------------------------------------------------------


def _patients(origin: Origin) -> None:
    """New patients, corrected ones with history; cases of corrected ones get the state «patient»."""
    names = _in_order(PERSON, origin.person)
    db.execute(
        "CREATE TEMP TABLE l_new_person AS SELECT ref, (SELECT coalesce(max(id),0) FROM patient)"
        " + row_number() OVER (ORDER BY first) AS id FROM (SELECT p.ref AS ref, min(z.seq) AS first"
        " FROM temp.l_person p JOIN stage.zcase z ON z.ref=p.ref JOIN temp.l_case l ON l.seq=z.seq"
        " WHERE p.patient_id IS NULL AND l.state IN ('new','changed') GROUP BY p.ref)"
    )
    db.execute(
        f"INSERT INTO patient(id, {_names(PERSON)}) SELECT n.id, {_prefixed('s', PERSON)}"
        " FROM temp.l_new_person n JOIN stage.person s ON s.ref=n.ref ORDER BY n.id"
    )
    said = [n for n in names if n != "ext_id"]  # a number given anew by an export is no correction
    db.execute(
        "CREATE TEMP TABLE l_changed_person AS SELECT l.patient_id AS id, min(l.ref) AS ref"
        " FROM temp.l_person l JOIN stage.person s ON s.ref=l.ref JOIN patient p ON p.id=l.patient_id"
        f" WHERE ({_prefixed('p', said)}) IS NOT ({_prefixed('s', said)}) GROUP BY l.patient_id"
    )
    _history(
        "patient", names, "FROM temp.l_changed_person h JOIN patient o ON o.id=h.id"
        " JOIN stage.person s ON s.ref=h.ref", "NULL, o.id", origin,
    )  # fmt: skip
    db.execute(
        f"UPDATE patient SET {_assign(names)}, version=version+1 FROM temp.l_changed_person h"
        " JOIN stage.person s ON s.ref=h.ref WHERE patient.id=h.id"
    )
    db.execute("UPDATE temp.l_person SET patient_id=n.id FROM temp.l_new_person n WHERE n.ref=l_person.ref")
    db.execute(
        "UPDATE temp.l_case SET state='patient' WHERE state='unchanged' AND case_id IN"
        " (SELECT c.id FROM cases c JOIN temp.l_changed_person h ON h.id=c.patient_id)"
    )


def _prefixed(alias: str, names: Iterable[str]) -> str:
    return ",".join(f'{alias}."{n}"' for n in names)


def _assign(names: Iterable[str]) -> str:
    return ",".join(f'"{n}"=s."{n}"' for n in names)


def _history(entity: str, names: Iterable[str], tables: str, owner: str, origin: Origin) -> None:
    """Lines of history for the columns that differ between the stored row ``o`` and the staged ``s``."""
    names = [n for n in names if n not in _SILENT]
    if not names or not db.scalar(f"SELECT 1 {tables} LIMIT 1"):
        return
    pairs = {n: (_said(entity, "o", n), _said(entity, "s", n)) for n in names}
    sums = db.execute(
        f"SELECT {','.join(f'sum({old} IS NOT {new})' for old, new in pairs.values())} {tables}"
    ).fetchone()
    for (name, (old, new)), differing in zip(pairs.items(), sums, strict=True):
        if differing:
            db.execute(
                "INSERT INTO edit(case_id, patient_id, entity, entity_id, field, old, new, at, who, origin)"
                f" SELECT {owner}, '{entity}', o.id, '{name}', coalesce({old},''),"
                f" coalesce({new},''), ?, ?, 'load' {tables} WHERE {old} IS NOT {new}",
                (origin.at, origin.who),
            )


def _said(entity: str, alias: str, name: str) -> str:
    """What a column says, without the numbers that every export gives anew."""
    if (entity, name) != ("case", "extra"):
        return f"{alias}.{name}"
    numbers = "'$.fed.zap','$.fed.z.IDCASE','$.fed.z.FIRST_IDCASE','$.fed.sl.SL_ID'"
    return f"json_remove({alias}.extra,{numbers})"


# --- policies ----------------------------------------------------------------------------------


def _policies(origin: Origin) -> None:
    """l_policy(patient_id, pol, policy_id): equal ones are reused, the others made."""
    names = _in_order(POLICY, origin.policy)
    db.execute(
        "CREATE TEMP TABLE l_policy(patient_id INTEGER, pol INTEGER, policy_id INTEGER,"
        " PRIMARY KEY(patient_id, pol)) WITHOUT ROWID"
    )
    db.execute(
        "INSERT INTO temp.l_policy(patient_id, pol) SELECT DISTINCT p.patient_id, z.pol"
        " FROM temp.l_case l JOIN stage.zcase z ON z.seq=l.seq JOIN temp.l_person p ON p.ref=z.ref"
        " WHERE l.state IN ('new','changed') AND z.pol<>0"
    )
    equal = " AND ".join(f'o."{n}"=q."{n}"' for n in names)
    db.execute(
        "UPDATE temp.l_policy SET policy_id=(SELECT max(o.id) FROM policy o JOIN stage.policy q"
        f" ON q.hash=l_policy.pol WHERE o.patient_id=l_policy.patient_id AND {equal})"
        " WHERE patient_id NOT IN (SELECT id FROM temp.l_new_person)"
    )
    db.execute(
        "CREATE TEMP TABLE l_new_policy AS SELECT patient_id, pol, (SELECT coalesce(max(id),0)"
        " FROM policy) + row_number() OVER (ORDER BY patient_id, pol) AS id"
        " FROM temp.l_policy WHERE policy_id IS NULL"
    )
    db.execute(
        f"INSERT INTO policy(id, patient_id, {_names(POLICY)}) SELECT n.id, n.patient_id,"
        f" {_prefixed('q', POLICY)} FROM temp.l_new_policy n JOIN stage.policy q ON q.hash=n.pol"
        " ORDER BY n.id"
    )
    db.execute(
        "UPDATE temp.l_policy SET policy_id=n.id FROM temp.l_new_policy n"
        " WHERE n.patient_id=l_policy.patient_id AND n.pol=l_policy.pol"
    )


def federal_policy_columns() -> frozenset[str]:
    """Columns of a policy that a federal file can say something about."""
    return frozenset(POLICY) - _POLICY_ALSO


# --- cases -------------------------------------------------------------------------------------

_OWNERS = (
    " JOIN stage.zcase s ON s.seq=h.seq JOIN temp.l_person p ON p.ref=s.ref"
    " LEFT JOIN temp.l_policy q ON q.patient_id=p.patient_id AND q.pol=s.pol"
)


def _changed_cases(origin: Origin, load_id: int) -> None:
    """Corrections of the file with their history."""
    db.execute("CREATE TEMP TABLE l_changed(id INTEGER PRIMARY KEY, seq INTEGER, dup INTEGER, note TEXT)")
    db.execute(
        "INSERT INTO temp.l_changed SELECT case_id, seq, dup, note FROM temp.l_case WHERE state='changed'"
    )
    if not db.scalar("SELECT 1 FROM temp.l_changed LIMIT 1"):
        return
    _keep_other_extra()
    names = _in_order(CASE, origin.case)
    tables = "FROM temp.l_changed h JOIN cases o ON o.id=h.id JOIN stage.zcase s ON s.seq=h.seq"
    _history("case", names, tables, "o.id, NULL", origin)
    _policy_history(origin)
    db.execute(
        f"UPDATE cases SET {_assign(names)}, dup=h.dup, patient_id=p.patient_id,"
        " policy_id=q.policy_id, load_file_id=?, updated_at=?, version=version+1"
        f" FROM temp.l_changed h {_OWNERS} WHERE cases.id=h.id",
        (load_id, origin.at),
    )


def _keep_other_extra() -> None:
    """What another kind of source gave (bill beside fed) stays when this one does not speak of it."""
    for space in ("bill", "fed"):
        db.execute(
            f"UPDATE stage.zcase SET extra=json_set(zcase.extra, '$.{space}',"
            f" json_extract(c.extra, '$.{space}')) FROM temp.l_changed h JOIN cases c ON c.id=h.id"
            f" WHERE h.seq=zcase.seq AND json_extract(c.extra, '$.{space}') IS NOT NULL"
            f" AND json_extract(zcase.extra, '$.{space}') IS NULL"
        )


def _policy_history(origin: Origin) -> None:
    """Another policy or another person: what a case had and has now."""
    for name in _in_order(POLICY, origin.policy - {"extra"}):
        db.execute(
            "INSERT INTO edit(case_id, entity, entity_id, field, old, new, at, who, origin)"
            f" SELECT o.id, 'policy', coalesce(q.policy_id,0), '{name}', coalesce(a.{name},''),"
            f" coalesce(b.{name},''), ?, ?, 'load' FROM temp.l_changed h JOIN cases o ON o.id=h.id"
            f" {_OWNERS} LEFT JOIN policy a ON a.id=o.policy_id LEFT JOIN policy b ON b.id=q.policy_id"
            f" WHERE o.policy_id IS NOT q.policy_id AND coalesce(a.{name},'')<>coalesce(b.{name},'')",
            (origin.at, origin.who),
        )
    db.execute(
        "INSERT INTO edit(case_id, entity, entity_id, field, old, new, at, who, origin)"
        " SELECT o.id, 'case', o.id, 'patient_id', o.patient_id, p.patient_id, ?, ?, 'load'"
        f" FROM temp.l_changed h JOIN cases o ON o.id=h.id {_OWNERS} WHERE o.patient_id<>p.patient_id",
        (origin.at, origin.who),
    )


def _new_cases(origin: Origin, load_id: int) -> None:
    base = int(db.scalar("SELECT coalesce(max(id),0) FROM cases"))
    db.execute("CREATE TEMP TABLE l_new(seq INTEGER PRIMARY KEY, id INTEGER, dup INTEGER)")
    db.execute(
        "INSERT INTO temp.l_new SELECT seq, ? + row_number() OVER (ORDER BY seq), dup"
        " FROM temp.l_case WHERE state='new'",
        (base,),
    )
    db.execute(
        f"INSERT INTO cases(id, dup, {_names(CASE)}, patient_id, policy_id, load_file_id, created_at,"
        f" updated_at) SELECT h.id, h.dup, {_prefixed('s', CASE)}, p.patient_id, q.policy_id, ?, ?, ?"
        f" FROM temp.l_new h {_OWNERS} ORDER BY h.seq",
        (load_id, origin.at, origin.at),
    )


# --- services ----------------------------------------------------------------------------------


def _new_services() -> None:
    db.execute(
        f"INSERT INTO service(case_id, {_names(SERVICE)}) SELECT h.id, {_prefixed('z', SERVICE)}"
        " FROM temp.l_new h CROSS JOIN stage.zservice z ON z.seq=h.seq"
    )


def make_targets() -> None:
    """l_target(seq, n, id): which stored service a staged one updates; corrected cases fill it first."""
    db.execute(
        "CREATE TEMP TABLE l_target(seq INTEGER, n INTEGER, id INTEGER, PRIMARY KEY(seq, n)) WITHOUT ROWID"
    )
    db.execute("CREATE TEMP TABLE l_settled(seq INTEGER PRIMARY KEY)")


def _changed_services(origin: Origin) -> None:
    """Replace the services of changed cases; rows that go on keep their ids."""
    if not db.scalar("SELECT 1 FROM temp.l_changed LIMIT 1"):
        return
    pair_services()
    db.execute("CREATE TEMP TABLE l_kept AS SELECT id FROM temp.l_target")
    db.execute("CREATE INDEX temp.l_kept_id ON l_kept(id)")
    pair = "FROM temp.l_target t JOIN service o ON o.id=t.id JOIN stage.zservice s ON s.seq=t.seq AND s.n=t.n"
    names = [n for n in SERVICE if n not in ("n", "source_id")]
    _history("service", names, pair, "o.case_id, NULL", origin)
    edit = "INSERT INTO edit(case_id, entity, entity_id, field, old, new, at, who, origin) SELECT "
    gone = (
        "FROM temp.l_changed h JOIN service o ON o.case_id=h.id"
        " WHERE o.id NOT IN (SELECT id FROM temp.l_kept)"
    )
    stamp = (origin.at, origin.who)
    db.execute(f"{edit} h.id, 'service', o.id, '-', o.code, '', ?, ?, 'load' {gone}", stamp)
    db.execute(f"DELETE FROM service WHERE id IN (SELECT o.id {gone})")
    db.execute(
        f"UPDATE service SET {_assign(SERVICE)} FROM temp.l_target t"
        " JOIN stage.zservice s ON s.seq=t.seq AND s.n=t.n WHERE service.id=t.id"
    )
    base = int(db.scalar("SELECT coalesce(max(id),0) FROM service"))
    came = (
        "FROM temp.l_changed h JOIN stage.zservice s ON s.seq=h.seq WHERE NOT EXISTS"
        "(SELECT 1 FROM temp.l_target t WHERE t.seq=s.seq AND t.n=s.n)"
    )
    db.execute(
        f"INSERT INTO service(case_id, {_names(SERVICE)}) SELECT h.id, {_prefixed('s', SERVICE)} {came}"
    )
    db.execute(
        f"{edit} case_id, 'service', id, '+', '', code, ?, ?, 'load' FROM service WHERE id>?",
        (*stamp, base),
    )


# --- consequences and records ------------------------------------------------------------------


def _consequences(at: str) -> None:
    """Changed cases: their refusals are «исправлен», their formed registries «переформировать»."""
    db.execute("CREATE TEMP TABLE l_touched(id INTEGER PRIMARY KEY)")
    db.execute(
        "INSERT INTO temp.l_touched SELECT id FROM temp.l_changed UNION"
        " SELECT c.id FROM cases c JOIN temp.l_changed_person h ON h.id=c.patient_id"
    )
    if db.scalar("SELECT 1 FROM temp.l_touched LIMIT 1"):
        mark_touched("temp.l_touched", at)


def _count() -> Counts:
    found = dict(db.execute("SELECT state, count(*) FROM temp.l_case GROUP BY state").fetchall())
    problems = int(db.scalar("SELECT count(*) FROM stage.problem WHERE level='refused'"))
    return Counts(
        found.get("new", 0),
        found.get("changed", 0) + found.get("patient", 0),
        found.get("unchanged", 0),
        found.get("refused", 0) + problems,
    )


def _records(load_id: int, counts: Counts) -> None:
    db.execute(
        "UPDATE load_file SET new=?, changed=?, unchanged=?, refused=? WHERE id=?",
        (counts.new, counts.changed, counts.unchanged, counts.refused, load_id),
    )
    insert = "INSERT INTO load_problem(load_file_id, level, position, reason, case_key) "
    db.execute(f"{insert} SELECT ?, level, position, reason, '' FROM stage.problem", (load_id,))
    db.execute(
        f"{insert} SELECT ?, 'refused', z.position, l.reason, z.key FROM temp.l_case l"
        " JOIN stage.zcase z ON z.seq=l.seq WHERE l.state='refused' ORDER BY l.seq",
        (load_id,),
    )
    db.execute(
        f"{insert} SELECT ?, 'warning', z.position, 'принято как исправление даты начала: был ключ '"
        " || (SELECT e.old FROM edit e WHERE e.case_id=l.case_id AND e.field='key' ORDER BY e.id DESC"
        " LIMIT 1) || '.', z.key FROM temp.l_case l JOIN stage.zcase z ON z.seq=l.seq"
        " WHERE l.note='date' ORDER BY l.seq",
        (load_id,),
    )


def problems(load_id: int, limit: int = 1000) -> list[dict[str, Any]]:
    """Problems of a loaded file, refused records first."""
    rows = db.execute(
        "SELECT level, position, reason, case_key FROM load_problem WHERE load_file_id=? ORDER BY"
        " instr('refused conflict warning unknown', level), id LIMIT ?",
        (load_id, limit),
    )
    return [dict(zip(("level", "position", "reason", "case"), r, strict=True)) for r in rows]


def already_loaded(sha256: str) -> str:
    """When the identical file was loaded before, «» if never."""
    return str(
        db.scalar("SELECT loaded_at FROM load_file WHERE sha256=? ORDER BY id DESC LIMIT 1", (sha256,)) or ""
    )
