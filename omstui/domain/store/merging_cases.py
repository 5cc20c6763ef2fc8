"""Merges of cases (объединение случаев): what may join, the writing of a merge, its undoing.

The case that stays gets copies of the services of the others; those stay whole, with ``merged_into``, so
that a load never revives them and an undo has only to let them live again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from omstui.domain.merge import as_text
from omstui.domain.store import db
from omstui.domain.store.corrections import mark_touched
from omstui.domain.store.forming_select import CASE_LIVES
from omstui.domain.store.loading import SERVICE
from omstui.domain.store.packages import LIVE, SENT_SQL
from omstui.domain.store.registries_b import RegistryRow

Check = Callable[[], None]

FREE, ELSEWHERE, SENT = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Item:
    """A case that may join; ``held`` = in another registry or already sent."""

    id: int
    patient_id: int
    patient: str
    birth_date: str
    nhistory: str
    profile: str
    ds: str
    purpose: str
    date_in: str
    date_out: str
    total: int
    services: int
    uncoded: int
    held: int


@dataclass(frozen=True, slots=True)
class Merge:
    """``into`` stays; ``fields`` are its columns with the values before and after."""

    into: Item
    joined: tuple[Item, ...]
    fields: Mapping[str, tuple[Any, Any]]

    @property
    def all(self) -> tuple[Item, ...]:
        """Cases in the order of time as they were found, the one that stays last."""
        return (*self.joined, self.into)


@dataclass(frozen=True, slots=True)
class Undo:
    """A merge in force; ``case`` stays in the list of cases."""

    id: int
    operation: str
    run: int | None
    at: str
    case: int
    key: str
    patient_id: int
    patient: str
    cases: tuple[int, ...]
    services: tuple[int, ...]
    fields: Mapping[str, tuple[Any, Any]]


def _item(alias: str) -> str:
    """Columns of an Item; ``p`` is the patient, the first parameter the number of the registry."""
    a = alias
    held = (
        f"coalesce((SELECT max(CASE WHEN r.status IN {SENT_SQL} THEN {SENT} ELSE {ELSEWHERE} END)"
        f" FROM account a JOIN registry r ON r.id=a.registry_id WHERE a.case_id={a}.id AND {LIVE}"
        " AND r.is_test=0 AND r.id<>?1), 0)"
    )
    count = f"(SELECT count(*) FROM service s WHERE s.case_id={a}.id{{}})"
    every, bare = count.format(""), count.format(" AND s.code='' AND s.intervention=''")
    return (
        f"{a}.id, {a}.patient_id, {db.FIO}, coalesce(p.birth_date, ''), {a}.nhistory, {a}.profile,"
        f" {a}.ds_main, {a}.purpose, {a}.date_in, {a}.date_out, {a}.source_sum, {every}, {bare}, {held}"
    )


def _lives(alias: str) -> str:
    return (
        f"{CASE_LIVES.replace('c.', alias + '.')} AND {alias}.completed=1 AND {alias}.date_in<>''"
        f" AND {alias}.date_out<>'' AND {alias}.family='H' AND {alias}.usl_ok='3'"
    )


def _chosen(alias: str) -> str:
    """The registry's own choice of departments and specialties; parameter ?2 is its JSON list."""
    return (
        f"(?2='[]' OR EXISTS (SELECT 1 FROM json_each(?2) j WHERE j.value IN"
        f" ({alias}.department, {alias}.specialty)))"
    )


def visits(row: RegistryRow, kind: str, purposes: Sequence[str], days: int) -> Iterator[list[Item]]:
    """Visits that may be one обращение: same person, payer, profile and diagnosis, in order of time.

    Only sets of two and more; those of the month of the registry and, before it, of ``days`` days.
    """
    same = "c.patient_id, c.payer_id, c.pay_type, c.mo, c.newborn, c.profile, c.ds_main"
    cursor = db.execute(
        f"WITH v AS (SELECT c.id, dense_rank() OVER (ORDER BY {same}) AS grp,"
        f" count(*) OVER (PARTITION BY {same}) AS size FROM cases c WHERE c.kind=?3"
        " AND c.date_out BETWEEN date(?4, '-' || ?6 || ' days') AND ?5"
        f" AND {_lives('c')} AND {_chosen('c')} AND c.pay_type=?7 AND trim(c.ds_main)<>''"
        " AND trim(c.profile)<>'' AND c.purpose IN (SELECT value FROM json_each(?8)))"
        f" SELECT v.grp, {_item('c')} FROM v JOIN cases c ON c.id=v.id JOIN patient p ON p.id=c.patient_id"
        " WHERE v.size > 1 ORDER BY v.grp, c.date_out, c.date_in, c.id",
        (
            row.id, db.dump(list(row.departments)), kind, row.begin, row.end, days, row.pay_type,
            db.dump(list(purposes)),
        ),
    )  # fmt: skip
    group: int | None = None
    items: list[Item] = []
    for number, *values in cursor:
        if number != group and items:
            yield items
            items = []
        group = number
        items.append(Item(*values))
    if items:
        yield items


def xray_pairs(row: RegistryRow, prefixes: Sequence[str], days: int) -> list[tuple[Item, Item, bool, bool]]:
    """(x-ray case, dental case of its time, same diagnosis, x-ray alone); a pair per dental case."""
    is_xray = (
        "EXISTS (SELECT 1 FROM json_each(?3) j WHERE substr(s.code, 1, length(j.value))=j.value"
        " OR substr(s.intervention, 1, length(j.value))=j.value)"
    )
    some = f"EXISTS (SELECT 1 FROM service s WHERE s.case_id={{}}.id AND {is_xray})"
    other = f"EXISTS (SELECT 1 FROM service s WHERE s.case_id={{}}.id AND NOT {is_xray})"
    none = "NOT EXISTS (SELECT 1 FROM service s WHERE s.case_id=d.id)"
    cursor = db.execute(
        f"SELECT {_item('x')}, {_item('d')}, x.ds_main=d.ds_main, NOT {other.format('x')}"
        " FROM cases d CROSS JOIN cases x ON x.patient_id=d.patient_id AND x.id<>d.id"
        " CROSS JOIN patient p ON p.id=d.patient_id"
        f" WHERE d.kind='dental' AND d.date_out BETWEEN ?4 AND ?5 AND d.pay_type=?7 AND {_lives('d')}"
        f" AND {_chosen('d')} AND {_lives('x')} AND x.payer_id IS d.payer_id AND x.pay_type=d.pay_type"
        " AND x.mo=d.mo AND x.newborn=d.newborn AND x.date_in >= date(d.date_in, '-' || ?6 || ' days')"
        " AND x.date_out <= date(d.date_out, '+' || ?6 || ' days')"
        f" AND ({other.format('d')} OR {none}) AND {some.format('x')}"
        f" AND (x.kind='paraclinic' OR NOT {other.format('x')}) ORDER BY x.id, d.date_in, d.id",
        (
            row.id, db.dump(list(row.departments)), db.dump(list(prefixes)), row.begin, row.end, days,
            row.pay_type,
        ),
    )  # fmt: skip
    width = len(Item.__slots__)
    return [
        (Item(*r[:width]), Item(*r[width : 2 * width]), bool(r[-2]), bool(r[-1])) for r in cursor.fetchall()
    ]


# --- writing -----------------------------------------------------------------------------------

_STAMPED = "INSERT INTO edit(case_id, entity, entity_id, field, old, new, at, who, origin) "


def apply(
    merges: Sequence[Merge],
    *,
    registry: int,
    operation: str,
    run: int | None,
    at: str,
    who: str,
    check: Check,
) -> None:
    """Write the merges with their history. Inside ``db.write()``."""
    _stage(merges)
    check()
    _copy_services(at, who)
    check()
    _set_fields([(m.into.id, m.fields) for m in merges], at, who)
    check()
    db.execute(
        "UPDATE cases SET merged_into=t.into_id, version=version+1 FROM temp.m_case t WHERE cases.id=t.id"
    )
    db.execute(
        f"{_STAMPED} SELECT t.id, 'case', t.id, 'merged_into', '', v.key, ?, ?, 'operator'"
        " FROM temp.m_case t CROSS JOIN cases v ON v.id=t.into_id ORDER BY t.place",
        (at, who),
    )
    check()
    copies: dict[int, list[int]] = {}
    for case_id, copy in db.execute("SELECT case_id, id FROM temp.m_copy ORDER BY id"):
        copies.setdefault(case_id, []).append(copy)
    db.executemany(
        "INSERT INTO case_merge(run_id, operation, registry_id, case_id, at, who, data)"
        " VALUES(?,?,?,?,?,?,?)",
        [
            (run, operation, registry, m.into.id, at, who, db.dump({
                "fields": {n: list(pair) for n, pair in m.fields.items()},
                "cases": [i.id for i in m.joined],
                "services": copies.get(m.into.id, []),
            }))
            for m in merges
        ],
    )  # fmt: skip
    check()
    _consequences([i.id for m in merges for i in m.all], registry, len(merges), at)


def _stage(merges: Sequence[Merge]) -> None:
    """m_case(id, into_id): who goes into whom, in the order of time."""
    db.execute("DROP TABLE IF EXISTS temp.m_case")
    db.execute("CREATE TEMP TABLE m_case(place INTEGER PRIMARY KEY, id INTEGER, into_id INTEGER)")
    db.executemany(
        "INSERT INTO temp.m_case(id, into_id) VALUES(?,?)",
        ((i.id, m.into.id) for m in merges for i in m.joined),
    )


#: what a service takes of its case when it says nothing: its new case may say another thing
_OF_CASE = {
    "profile": "profile", "child_profile": "child_profile", "ds": "ds_main", "doctor": "doctor",
    "specialty": "specialty", "department": "department", "lpu": "lpu", "date_in": "date_in",
    "date_out": "date_out",
}  # fmt: skip


def _copy_services(at: str, who: str) -> None:
    """Services of the joined cases once more, in the case that stays; m_copy(id, case_id, source)."""
    db.execute("DROP TABLE IF EXISTS temp.m_copy")
    db.execute(
        "CREATE TEMP TABLE m_copy AS SELECT (SELECT coalesce(max(id), 0) FROM service)"
        " + row_number() OVER (ORDER BY t.place, s.n, s.id) AS id, t.into_id AS case_id, s.id AS source,"
        " row_number() OVER (PARTITION BY t.into_id ORDER BY t.place, s.n, s.id)"
        " + (SELECT coalesce(max(o.n), 0) FROM service o WHERE o.case_id=t.into_id) AS n"
        " FROM temp.m_case t CROSS JOIN service s ON s.case_id=t.id"
    )
    values = {name: f"s.{name}" for name in SERVICE}
    values |= {n: f"coalesce(nullif(s.{n}, ''), c.{of})" for n, of in _OF_CASE.items()}
    # a number of another file would be taken for a service of this one when it is loaded again
    values |= {
        "n": "m.n",
        "source_id": "''",
        "part": "1 + coalesce(json_array_length(v.extra, '$.fed.parts'), 0)",
    }
    db.execute(
        f"INSERT INTO service(id, case_id, {','.join(values)}) SELECT m.id, m.case_id,"
        f" {','.join(values.values())} FROM temp.m_copy m JOIN service s ON s.id=m.source"
        " JOIN cases c ON c.id=s.case_id JOIN cases v ON v.id=m.case_id ORDER BY m.id"
    )
    db.execute(
        f"{_STAMPED} SELECT m.case_id, 'service', m.id, '+', '', s.code, ?, ?, 'operator'"
        " FROM temp.m_copy m JOIN service s ON s.id=m.id ORDER BY m.id",
        (at, who),
    )


#: columns of the case that stays which a merge may change; none of them is ever NULL here
_FIELDS = ("purpose", "date_in", "date_out", "source_sum")


def _set_fields(cases: Sequence[tuple[int, Mapping[str, tuple[Any, Any]]]], at: str, who: str) -> None:
    """Give the cases the second of each pair of values, with history."""
    assigned = ", ".join(f"{n}=coalesce(?, {n})" for n in _FIELDS)
    db.executemany(
        f"UPDATE cases SET {assigned}, version=version+1 WHERE id=?",
        ((*(fields[n][1] if n in fields else None for n in _FIELDS), case_id) for case_id, fields in cases),
    )
    db.executemany(
        f"{_STAMPED} VALUES(?, 'case', ?, ?, ?, ?, ?, ?, 'operator')",
        (
            (case_id, case_id, name, as_text(old), as_text(new), at, who)
            for case_id, fields in cases
            for name, (old, new) in fields.items()
        ),
    )


def _consequences(case_ids: Sequence[int], registry: int, count: int, at: str) -> None:
    """The registries that hold the cases, and the one worked in, have to be formed anew."""
    db.execute("DROP TABLE IF EXISTS temp.m_touched")
    db.execute("CREATE TEMP TABLE m_touched(id INTEGER PRIMARY KEY)")
    db.executemany("INSERT OR IGNORE INTO temp.m_touched VALUES(?)", ((i,) for i in case_ids))
    mark_touched("temp.m_touched", at)
    db.execute(
        "UPDATE registry SET reform_reason=? WHERE id=? AND reform_reason=''",
        (f"объединены случаи: {count}", registry),
    )


# --- undoing -----------------------------------------------------------------------------------


def in_force(registry: int) -> list[Undo]:
    """Merges of the registry that are not undone, the newest first."""
    rows = db.execute(
        f"SELECT m.id, m.operation, m.run_id, m.at, c.id, c.key, p.id, {db.FIO}, m.data"
        " FROM case_merge m JOIN cases c ON c.id=m.case_id JOIN patient p ON p.id=c.patient_id"
        " WHERE m.registry_id=? AND m.undone_at IS NULL ORDER BY m.id DESC",
        (registry,),
    ).fetchall()
    return [_undo(row[:-1], json.loads(row[-1])) for row in rows]


def _undo(head: Sequence[Any], tree: Mapping[str, Any]) -> Undo:
    number, operation, run, at, case, key, patient_id, patient = head
    fields = {name: (old, new) for name, (old, new) in tree["fields"].items()}
    cases, services = tuple(tree["cases"]), tuple(tree["services"])
    return Undo(number, operation, run, at, case, key, patient_id, patient, cases, services, fields)


def sent(case_ids: Sequence[int]) -> list[str]:
    """Keys of the cases that stand in a bill sent out."""
    rows = db.execute(
        "SELECT DISTINCT c.key FROM cases c JOIN account a ON a.case_id=c.id JOIN registry r"
        f" ON r.id=a.registry_id WHERE c.id IN (SELECT value FROM json_each(?)) AND {LIVE}"
        f" AND r.is_test=0 AND r.status IN {SENT_SQL} ORDER BY c.key",
        (db.dump(list(case_ids)),),
    )
    return [r[0] for r in rows]


def values(case_ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """What the fields a merge may change say now."""
    rows = db.execute(
        f"SELECT id, {', '.join(_FIELDS)} FROM cases WHERE id IN (SELECT value FROM json_each(?))",
        (db.dump(list(case_ids)),),
    )
    return {row[0]: dict(zip(_FIELDS, row[1:], strict=True)) for row in rows}


def edited_services(undos: Sequence[Undo]) -> dict[int, int]:
    """Case → how many of the services it got were corrected since."""
    rows = db.execute(
        "SELECT case_id, count(DISTINCT entity_id) FROM edit WHERE entity='service' AND field <> '+'"
        " AND field <> '-'"
        " AND case_id IN (SELECT value FROM json_each(?)) AND entity_id IN (SELECT value FROM json_each(?))"
        " GROUP BY case_id",
        (db.dump([u.case for u in undos]), db.dump([i for u in undos for i in u.services])),
    )
    return {row[0]: row[1] for row in rows}


def take_back(
    undos: Sequence[Undo],
    fields: Mapping[int, Mapping[str, tuple[Any, Any]]],
    *,
    registry: int,
    at: str,
    who: str,
    check: Check,
) -> None:
    """Undo the merges; ``fields`` of the cases that stay go back. Inside ``db.write()``."""
    for table, pairs in (
        ("m_case", ((i, u.case) for u in undos for i in u.cases)),
        ("m_copy", ((i, u.case) for u in undos for i in u.services)),
    ):
        db.execute(f"DROP TABLE IF EXISTS temp.{table}")
        db.execute(f"CREATE TEMP TABLE {table}(id INTEGER PRIMARY KEY, into_id INTEGER)")
        db.executemany(f"INSERT OR IGNORE INTO temp.{table} VALUES(?,?)", pairs)
    check()
    _set_fields(list(fields.items()), at, who)
    check()
    # «old» stays empty: a «-» with a value would keep an equal service of a file out (reconcile)
    copies = "FROM temp.m_copy t CROSS JOIN service s ON s.id=t.id AND s.case_id=t.into_id"
    db.execute(
        f"{_STAMPED} SELECT s.case_id, 'service', s.id, '-', '', s.code, ?, ?, 'operator' {copies}",
        (at, who),
    )
    db.execute(f"DELETE FROM service WHERE id IN (SELECT s.id {copies})")
    check()
    joined = "FROM temp.m_case t CROSS JOIN cases c ON c.id=t.id AND c.merged_into=t.into_id"
    db.execute(
        f"{_STAMPED} SELECT c.id, 'case', c.id, 'merged_into', v.key, '', ?, ?, 'operator' {joined}"
        " CROSS JOIN cases v ON v.id=t.into_id",
        (at, who),
    )
    db.execute(f"UPDATE cases SET merged_into=NULL, version=version+1 WHERE id IN (SELECT c.id {joined})")
    check()
    db.executemany(
        "UPDATE case_merge SET undone_at=?, undone_by=? WHERE id=?", ((at, who, u.id) for u in undos)
    )
    _consequences([i for u in undos for i in (u.case, *u.cases)], registry, len(undos), at)
