"""Sequestration (секвестирование), what is read: the plan and what of the month counts against it.

Candidates are the accounts of formed main registries that go into a file (they have a payer). How they leave
and come back is in store.sequester_cuts.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from omstui.domain.model import KINDS, CaseType, RegistryStatus
from omstui.domain.store import db
from omstui.domain.store.packages import FORMED_SQL, LIVE, SENT_SQL
from omstui.domain.volumes import UNITS, Earlier, Item, Limit, PlanLine, Scope

# --- the plan --------------------------------------------------------------------------------


def plan_lines() -> list[PlanLine]:
    """All lines of the plan; rows that differ in the unit only are one line with several limits."""
    rows = db.execute(
        "SELECT id, name, begin_date, end_date, usl_ok, kind, profile, ksg, service, smo, unit, quantity,"
        " total, cumulative, coalesce(used_quantity, 0), coalesce(used_total, 0), protected FROM plan"
        " ORDER BY id"
    )
    groups: dict[tuple[str, ...], list[Sequence[Any]]] = {}
    for row in rows:
        groups.setdefault(tuple(row[2:10]), []).append(row)
    return [_line(scope, found) for scope, found in groups.items()]


def _line(scope: tuple[str, ...], rows: Sequence[Sequence[Any]]) -> PlanLine:
    limits = []
    for row in rows:
        unit, quantity, total, used, used_total = row[10], row[11], row[12], row[14], row[15]
        if quantity is not None and unit in UNITS:
            limits.append(Limit(unit, quantity, used))
        if total is not None:
            limits.append(Limit("roubles", total, used_total))
    begin, end, usl_ok, kind, profile, ksg, service, smo = scope
    return PlanLine(
        id=rows[0][0],
        name=next((row[1] for row in rows if row[1]), ""),
        begin=begin,
        end=end,
        usl_ok=usl_ok,
        kind=kind,
        profile=profile,
        ksg=ksg,
        service=service,
        smo=smo,
        limits=tuple(limits),
        cumulative=any(row[13] for row in rows),
        protected=any(row[16] for row in rows),
    )


def has_plan(period: str) -> bool:
    """The plan has a line for this month."""
    return bool(
        db.scalar(
            "SELECT EXISTS (SELECT 1 FROM plan WHERE substr(begin_date, 1, 7) <= ?1"
            " AND substr(end_date, 1, 7) >= ?1)",
            (period,),
        )
    )


# --- what counts -----------------------------------------------------------------------------

_TAP = "(" + ", ".join(f"'{k.code}'" for k in KINDS.values() if k.case_type == CaseType.TAP) + ")"
_MKSB = "(" + ", ".join(f"'{k.code}'" for k in KINDS.values() if k.case_type == CaseType.MKSB) + ")"
_KIND = "CASE r.kind WHEN '' THEN c.kind ELSE r.kind END"
_SERVICES = "account_service s JOIN service v ON v.id=s.service_id WHERE s.account_id=a.id"
_PERSON = "p.fio_key || '|' || coalesce(p.birth_date, '')"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the lines of the plan ask of the cases: counting the rest would only cost time."""

    units: frozenset[str]
    codes: frozenset[str]

    @classmethod
    def of(cls, lines: Iterable[PlanLine]) -> Wanted:
        given = list(lines)
        units = frozenset(limit.unit for line in given for limit in line.limits)
        return cls(units, frozenset(line.service for line in given if line.service))


def _run(sql: str, **params: Any) -> sqlite3.Cursor:
    """A statement with named parameters; those it does not name are ignored."""
    return db.raw().execute(sql, params)


def _amounts(wanted: Wanted) -> str:
    """Columns visits, uet, days of account a, case c, registry r; cases and roubles are known."""
    if db.scalar("SELECT EXISTS (SELECT 1 FROM service_book)"):
        visit = (
            "EXISTS (SELECT 1 FROM service_book k WHERE k.code IN (v.code, v.intervention) AND k.is_visit=1)"
        )
    else:
        visit = "(v.code GLOB '[BВ]0[124]*' OR v.intervention GLOB '[BВ]0[124]*')"
    stay = "coalesce(julianday(c.date_out) - julianday(c.date_in), 0)"
    expressions = {
        # an outpatient case is one visit at the least
        "visits": f"CASE WHEN {_KIND} IN {_TAP} THEN max(100, coalesce((SELECT sum(s.quantity)"
        f" FROM {_SERVICES} AND {visit}), 0)) ELSE 0 END",
        "uet": f"coalesce((SELECT sum(s.quantity) FROM {_SERVICES}), 0)",
        "days": f"CASE WHEN {_KIND} NOT IN {_MKSB} THEN 0 WHEN c.bed_days GLOB '[0-9]*'"
        f" THEN CAST(c.bed_days AS INTEGER) * 100 ELSE CAST(max(1, {stay}) AS INTEGER) * 100 END",
    }
    return ", ".join(f"{sql if unit in wanted.units else 0} AS {unit}" for unit, sql in expressions.items())


def _codes(wanted: Wanted) -> str:
    """Codes of services of the account that lines of the plan name, joined by «;»."""
    if not wanted.codes:
        return "''"
    named = "SELECT value FROM json_each(:codes)"
    return (
        f"coalesce((SELECT group_concat(code, ';') FROM (SELECT DISTINCT x.code FROM (SELECT v.code FROM"
        f" {_SERVICES} UNION ALL SELECT v.intervention FROM {_SERVICES}) x WHERE x.code IN ({named})"
        " ORDER BY 1)), '')"
    )


@lru_cache(4096)  # a month has few of them: the cases share one value
def _scope(kind: str, usl_ok: str, profile: str, ksg: str, smo: str, codes: str) -> Scope:
    return Scope(kind, usl_ok, profile, ksg, smo, frozenset(filter(None, codes.split(";"))))


#: condition for ``registry r``: formed, main, of the month ``:period``, not sent yet
_OPEN = f"r.period=:period AND r.is_test=0 AND r.deleted_at IS NULL AND r.status='{RegistryStatus.FORMED}'"


def items(
    period: str, wanted: Wanted, kinds: Collection[str] = (), registry_ids: Collection[int] = ()
) -> list[Item]:
    """Cases of the formed registries of the month and those cut from them; others than asked are fixed."""
    rows = _run(
        f"SELECT a.case_id, r.id, {_KIND}, c.usl_ok, c.profile, c.ksg, i.code, {_codes(wanted)},"
        f" coalesce(c.date_out, ''), c.key || '#' || c.dup, {_PERSON}, c.help_form, a.repeat, a.total,"
        f" {_amounts(wanted)} FROM registry r CROSS JOIN account a ON a.registry_id=r.id"
        " CROSS JOIN cases c ON c.id=a.case_id CROSS JOIN patient p ON p.id=c.patient_id"
        f" JOIN insurer i ON i.id=a.payer_id WHERE {_OPEN} ORDER BY a.id",
        period=period,
        codes=db.dump(sorted(wanted.codes)),
    )

    def fixed(registry: int, kind: str) -> bool:
        return bool((registry_ids and registry not in registry_ids) or (kinds and kind not in kinds))

    found = [
        Item(
            case=row[0],
            scope=_scope(row[2], row[3], row[4], row[5], row[6], row[7]),
            day=row[8],
            number=row[9],
            amounts=(100, row[14], row[15], row[16], row[13]),
            registry=row[1],
            person=row[10],
            help_form=row[11],
            returned=row[12] != "",
            fixed=fixed(row[1], row[2]),
        )
        for row in rows
    ]
    return found + _cut_items(period, fixed)


def _cut_items(period: str, fixed: Any) -> list[Item]:
    """Cases cut from registries of the month that are not sent yet."""
    rows = _run(
        f"SELECT u.case_id, r.id, {_KIND}, c.usl_ok, c.profile, c.ksg, coalesce(i.code, ''),"
        f" coalesce(c.date_out, ''), c.key || '#' || c.dup, {_PERSON}, c.help_form, u.data"
        " FROM sequester_cut u JOIN registry r ON r.id=u.registry_id JOIN cases c ON c.id=u.case_id"
        " JOIN patient p ON p.id=c.patient_id"
        " LEFT JOIN insurer i ON i.id=json_extract(u.data, '$.account.payer_id')"
        f" WHERE u.period=:period AND u.undone_at IS NULL AND {_OPEN} ORDER BY u.id",
        period=period,
    )
    found = []
    for case, registry, kind, usl_ok, profile, ksg, smo, day, number, person, form, text in rows:
        data = json.loads(text)
        a, b, c, d, e = data["amounts"]
        found.append(
            Item(
                case=case,
                scope=_scope(kind, usl_ok, profile, ksg, smo, ";".join(data["codes"])),
                day=day,
                number=number,
                amounts=(a, b, c, d, e),
                registry=registry,
                person=person,
                help_form=form,
                returned=data["account"]["repeat"] != "",
                out=True,
                fixed=fixed(registry, kind),
            )
        )
    return found


def earlier(period: str, lines: Sequence[PlanLine], wanted: Wanted) -> list[Earlier]:
    """What was sent and not refused inside the time of the lines of this month, by month and scope."""
    begins = [line.begin[:7] for line in lines if line.covers(period) and line.cumulative]
    condition = (
        f"r.period BETWEEN :first AND :period AND r.is_test=0 AND {LIVE} AND r.status IN {SENT_SQL}"
        " AND a.stage1 <> 2 AND a.stage2 <> 2"
    )
    return _grouped(condition, min([period, *begins]), period, wanted)


def formed(period: str, wanted: Wanted) -> list[Earlier]:
    """What the formed registries of the month hold, by scope: a quick look before each case is read."""
    condition = f"r.period=:period AND r.is_test=0 AND r.deleted_at IS NULL AND r.status IN {FORMED_SQL}"
    return _grouped(condition, period, period, wanted)


def _grouped(condition: str, first: str, period: str, wanted: Wanted) -> list[Earlier]:
    rows = _run(
        "SELECT q.period, q.kind, q.usl_ok, q.profile, q.ksg, q.smo, q.codes, count(*) * 100, sum(visits),"
        f" sum(uet), sum(days), sum(q.total) FROM (SELECT r.period AS period, {_KIND} AS kind, c.usl_ok,"
        f" c.profile, c.ksg, i.code AS smo, {_codes(wanted)} AS codes, a.total, {_amounts(wanted)}"
        " FROM registry r CROSS JOIN account a ON a.registry_id=r.id CROSS JOIN cases c ON c.id=a.case_id"
        f" JOIN insurer i ON i.id=a.payer_id WHERE {condition}) q GROUP BY 1, 2, 3, 4, 5, 6, 7",
        first=first,
        period=period,
        codes=db.dump(sorted(wanted.codes)),
    )
    return [Earlier(row[0], _scope(*row[1:7]), (row[7], row[8], row[9], row[10], row[11])) for row in rows]


def state(period: str) -> tuple[tuple[object, ...], ...]:
    """All that a sequestration of the month relies on: equal when it was shown and inside its transaction."""
    rows = _run(
        "SELECT r.id, r.status, r.formed_at, r.reform_reason, r.accounts, r.total, r.package_id,"
        " r.sequestered_at FROM registry r WHERE r.period <= :period AND r.is_test=0"
        " AND r.deleted_at IS NULL ORDER BY r.id",
        period=period,
    )
    return tuple(tuple(row) for row in rows)


@dataclass(frozen=True, slots=True)
class OpenRegistry:
    """A formed main registry of the month that is not sent."""

    id: int
    kind: str
    name: str
    reform_reason: str
    formed_at: str
    sequestered_at: str


def registries(period: str) -> list[OpenRegistry]:
    """Registries of a month that cases can still be cut from."""
    rows = _run(
        "SELECT r.id, r.kind, r.name, r.reform_reason, coalesce(r.formed_at, ''),"
        f" coalesce(r.sequestered_at, '') FROM registry r WHERE {_OPEN} ORDER BY r.id",
        period=period,
    )
    return [OpenRegistry(*row) for row in rows]


def note_over(period: str, over: Mapping[int, int] | None) -> None:
    """Keep for the list of registries how many cases of each are over the plan; None = no plan."""
    db.execute(
        "UPDATE registry SET over_plan = CASE WHEN ?2 THEN coalesce((SELECT j.value FROM json_each(?3) j"
        " WHERE CAST(j.key AS INTEGER) = registry.id), 0) END WHERE id IN"
        " (SELECT value FROM json_each(?1))",
        (db.dump([r.id for r in registries(period)]), over is not None, db.dump(over or {})),
    )


def last_done(period: str) -> str:
    """When a main registry of the month was sequestered last, «» if never."""
    return str(
        db.scalar(
            "SELECT max(sequestered_at) FROM registry WHERE period=? AND is_test=0 AND deleted_at IS NULL",
            (period,),
        )
        or ""
    )


# --- words for the screens -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CaseWords:
    """A case as a list shows it."""

    key: str
    nhistory: str
    patient: str
    birth: str
    department: str
    doctor: str
    date_in: str
    date_out: str


def words(case_ids: Collection[int]) -> dict[int, CaseWords]:
    """Case → what tells an operator which it is."""
    rows = db.execute(
        f"SELECT c.id, c.key, c.nhistory, {db.FIO}, coalesce(p.birth_date, ''), c.department, c.doctor,"
        " coalesce(c.date_in, ''), coalesce(c.date_out, '') FROM cases c JOIN patient p ON p.id=c.patient_id"
        " WHERE c.id IN (SELECT value FROM json_each(?))",
        (db.dump(list(case_ids)),),
    )
    return {row[0]: CaseWords(*row[1:]) for row in rows}


def search(case_ids: Collection[int], text: str) -> set[int]:
    """Those of the cases whose patient, card or doctor has the text."""
    rows = db.execute(
        "SELECT c.id FROM cases c JOIN patient p ON p.id=c.patient_id WHERE c.id IN"
        f" (SELECT value FROM json_each(?1)) AND instr(folded({db.FIO} || ' ' || c.nhistory || ' ' ||"
        " c.doctor), folded(?2)) > 0",
        (db.dump(list(case_ids)), text),
    )
    return {row[0] for row in rows}
