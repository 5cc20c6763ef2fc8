"""Lists of the screens (списки): ordered ids for a filter, a search and an order, then rows by id.

A list is data: its FROM, its columns by key, its filters. A screen opens the ids once (8 bytes a row) and
fetches only the rows it shows, so a list of 100 000 rows opens as fast as a short one. Row values are raw
(kopecks, «YYYY-MM-DD»); the screen formats them.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from omstui.domain.model import KINDS, folded
from omstui.domain.store import db

Filter = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Query:
    """One list. ``filters`` maps a filter key to SQL with one ``?`` (or none for a flag)."""

    id: str
    base: str  # FROM … that is enough to filter and order most of the time
    full: str  # FROM … that all columns need
    columns: Mapping[str, str]
    filters: Mapping[str, str]
    order: str
    search: Sequence[str] = ()
    money: str = "0"
    #: filters that need the full FROM
    wide: frozenset[str] = field(default_factory=frozenset)


_FIO = db.FIO
_POLICY = "CASE WHEN po.enp <> '' THEN po.enp ELSE trim(po.series || ' ' || po.number) END"
_KIND_TITLE = "CASE r.kind {} END".format(
    " ".join(f"WHEN '{kind.code}' THEN '{kind.title}'" for kind in KINDS.values())
)
_CASE_FULL = (
    "cases c JOIN patient p ON p.id = c.patient_id LEFT JOIN policy po ON po.id = c.policy_id"
    " LEFT JOIN insurer i ON i.id = c.payer_id"
)
_CASE_COLUMNS = {
    "key": "c.key",
    "nhistory": "c.nhistory",
    "fio": _FIO,
    "birth": "p.birth_date",
    "policy": _POLICY,
    "smo": "coalesce(i.code, '')",
    "kind": "c.kind",
    "date_in": "c.date_in",
    "date_out": "c.date_out",
    "ds": "c.ds_main",
    "doctor": "c.doctor",
    "department": "c.department",
    "sum": "c.source_sum",
    "state": (
        "CASE WHEN c.deleted_at IS NOT NULL THEN 'удалён' WHEN c.merged_into IS NOT NULL THEN 'объединён'"
        " WHEN c.completed = 0 OR c.date_out IS NULL THEN 'открыт' ELSE '' END"
    ),
}
_PERIOD = "c.date_out >= ? || '-01' AND c.date_out <= ? || '-31'"

QUERIES: dict[str, Query] = {
    q.id: q
    for q in (
        Query(
            "registries",
            "registry r",
            "registry r LEFT JOIN package k ON k.id = r.package_id",
            {
                "kind": "r.kind",
                "period": "r.period",
                "name": "r.name",
                "begin": "r.begin_date",
                "end": "r.end_date",
                "departments": "r.departments",
                "status": "r.status",
                "accounts": "r.accounts",
                "sum": "r.total",
                "test": "r.is_test",
                "reform": "r.reform_reason",
                "formed": "r.formed_at",
                "package": "coalesce(k.name, '')",
                "pay_type": "r.pay_type",
                "late": "r.with_late",
                "form_run": "r.form_run_id",
                "created": "r.created_at",
                "by": "r.created_by",
                "sent": "coalesce(k.sent_at, '')",
                # cases with findings; «?» = the registry was formed anew since, '' = never checked
                "findings": (
                    "CASE WHEN r.checked_at IS NULL THEN '' ELSE (SELECT count(DISTINCT f.case_id)"
                    " FROM finding f WHERE f.registry_id = r.id)"
                    " || CASE WHEN r.checked_at < r.formed_at THEN '?' ELSE '' END END"
                ),
                "checked": "coalesce(r.checked_at, '')",
                # cases over the plan; «?» = the plan was changed since they were counted, '' = no plan
                "over": (
                    "CASE WHEN r.over_plan IS NOT NULL THEN r.over_plan WHEN r.formed_at IS NULL OR r.is_test"
                    " THEN '' WHEN EXISTS (SELECT 1 FROM plan n WHERE substr(n.begin_date, 1, 7) <= r.period"
                    " AND substr(n.end_date, 1, 7) >= r.period) THEN '?' ELSE '' END"
                ),
            },
            {
                "period": "r.period = ?",
                "kind": "r.kind = ?",
                "test": "r.is_test = ?",
                "status": "r.status = ?",
            },
            "r.period DESC, r.is_test, r.id",
            ("r.name", _KIND_TITLE, "r.status", "r.period"),
            "r.total",
        ),
        Query(
            "cases",
            "cases c",
            _CASE_FULL,
            _CASE_COLUMNS,
            {
                "period": _PERIOD,
                "kind": "c.kind = ?",
                "smo": "i.code = ?",
                "doctor": "c.doctor = ?",
                "department": "c.department = ?",
                "ds": "c.ds_main LIKE ? || '%'",
                "patient": "c.patient_id = ?",
                "registry": "c.id IN (SELECT case_id FROM account WHERE registry_id = ?)",
                "unpaid_by": "c.payer_id IS NULL",
                "open": "c.completed = 0",
                "deleted": "c.deleted_at IS NOT NULL",
                "load_file": "c.load_file_id = ?",
                "ids": "c.id IN (SELECT value FROM json_each(?))",
            },
            "c.date_out, c.id",
            ("p.fio_key", "p.rep_surname", "c.nhistory", "po.enp", "po.number"),
            "c.source_sum",
            frozenset({"smo"}),
        ),
        Query(
            "accounts",
            "account a",
            "account a JOIN cases c ON c.id = a.case_id JOIN patient p ON p.id = c.patient_id"
            " LEFT JOIN policy po ON po.id = c.policy_id LEFT JOIN insurer i ON i.id = a.payer_id",
            {
                "number": "a.number",
                "xkey": "a.xkey",
                **{k: v for k, v in _CASE_COLUMNS.items() if k not in ("sum", "state")},
                "sum": "a.total",
                "stage1": "a.stage1",
                "stage2": "a.stage2",
                "work": "a.work",
                "repeat": "a.repeat",
                "case_id": "a.case_id",
            },
            {
                "registry": "a.registry_id = ?",
                "registries": "a.registry_id IN (SELECT value FROM json_each(?))",
                "returned": "a.repeat <> ''",
                "late": (
                    "a.repeat = '' AND c.date_out <"
                    " (SELECT g.begin_date FROM registry g WHERE g.id = a.registry_id)"
                ),
                "package": "a.package_id = ?",
                "pay_registry": "a.id IN (SELECT account_id FROM pay_account WHERE pay_registry_id = ?)",
                "reform": "a.reform_id = ?",
                "payer": "a.payer_id = ?",
                "smo": "i.code = ?",
                "no_payer": "a.payer_id IS NULL",
                "kind": "c.kind = ?",
                "repeat": "a.repeat = ?",
                "stage1": "a.stage1 = ?",
                "stage2": "a.stage2 = ?",
                "undecided": "a.stage1 = 0 AND a.package_id IS NOT NULL",
                "pending": "a.reform_id IS NOT NULL AND a.stage2 = 0",
                "services_of": ("c.kind IN (SELECT value FROM json_each(?))"),
                "period": "a.registry_id IN (SELECT id FROM registry WHERE period = ?)",
                "doctor": "c.doctor = ?",
                "ds": "c.ds_main LIKE ? || '%'",
                "ids": "a.id IN (SELECT value FROM json_each(?))",
            },
            "a.number, a.id",
            ("p.fio_key", "p.rep_surname", "c.nhistory", "po.enp", "a.xkey"),
            "a.total",
            frozenset({"smo", "kind", "services_of", "doctor", "ds", "late"}),
        ),
        Query(
            "skips",
            "form_skip s",
            "form_skip s JOIN cases c ON c.id = s.case_id JOIN patient p ON p.id = c.patient_id"
            " LEFT JOIN policy po ON po.id = c.policy_id LEFT JOIN insurer i ON i.id = c.payer_id"
            " LEFT JOIN service v ON v.id = s.service_id",
            {
                "code": "s.code",
                "reason": "s.reason",
                "service": "coalesce(v.code, '')",
                "case_id": "s.case_id",
                **{k: v for k, v in _CASE_COLUMNS.items() if k not in ("sum", "state")},
                "sum": "s.total",
            },
            {
                "registry": "s.registry_id = ?",
                "registries": "s.registry_id IN (SELECT value FROM json_each(?))",
                "code": "s.code = ?",
                "codes": "s.code IN (SELECT value FROM json_each(?))",
                "reason": "s.reason = ?",
                "period": "s.registry_id IN (SELECT id FROM registry WHERE period = ?)",
            },
            "s.code, s.reason, s.id",
            ("p.fio_key", "p.rep_surname", "c.nhistory", "s.reason"),
            "s.total",
        ),
        Query(
            "findings",
            "finding f",
            "finding f JOIN cases c ON c.id = f.case_id JOIN patient p ON p.id = c.patient_id"
            " LEFT JOIN policy po ON po.id = c.policy_id LEFT JOIN insurer i ON i.id = c.payer_id"
            " LEFT JOIN service v ON v.id = f.service_id"
            " LEFT JOIN account a ON a.registry_id = f.registry_id AND a.case_id = f.case_id",
            {
                "code": "f.code",
                "message": "f.message",
                "service": "coalesce(v.code, '')",
                "number": "coalesce(a.number, 0)",
                "case_id": "f.case_id",
                "finding_of": "f.registry_id",
                "service_id": "f.service_id",
                **{k: v for k, v in _CASE_COLUMNS.items() if k not in ("sum", "state")},
                "sum": "coalesce(a.total, c.source_sum)",
                "at": "f.at",
            },
            {
                "registry": "f.registry_id = ?",
                "registries": "f.registry_id IN (SELECT value FROM json_each(?))",
                "code": "f.code = ?",
                "codes": "f.code IN (SELECT value FROM json_each(?))",
                "case": "f.case_id = ?",
                "kind": "c.kind = ?",
                "smo": "i.code = ?",
                "doctor": "c.doctor = ?",
                "department": "c.department = ?",
            },
            # as «the next case with this finding» walks: a case saved meanwhile keeps its place
            "f.code, f.case_id, f.id",
            ("p.fio_key", "p.rep_surname", "c.nhistory", "f.code", "f.message"),
            "coalesce(a.total, c.source_sum)",
            frozenset({"kind", "smo", "doctor", "department"}),
        ),
        Query(
            "refusals",
            "refusal f",
            # a fact of ФЛК may name no account: its row stays, with empty cells
            "refusal f LEFT JOIN account a ON a.id = f.account_id LEFT JOIN cases c ON c.id = a.case_id"
            " LEFT JOIN patient p ON p.id = c.patient_id LEFT JOIN policy po ON po.id = c.policy_id"
            " LEFT JOIN insurer i ON i.id = f.payer_id LEFT JOIN registry r ON r.id = a.registry_id",
            {
                "stage": "f.stage",
                "smo": "coalesce(i.code, '')",
                "number": "a.number",
                "fio": _FIO,
                "birth": "p.birth_date",
                "policy": _POLICY,
                "kind_of_care": "c.kind",
                "date_in": "c.date_in",
                "date_out": "c.date_out",
                "doctor": "c.doctor",
                "department": "c.department",
                "ds": "c.ds_main",
                "sum": "a.total",
                "kind": "f.kind",
                "code": "f.code",
                "text": 'f."text"',
                "comment": "f.comment",
                "work": "a.work",
                "refuses": "f.refuses",
                "known": "f.known",
                "account_id": "f.account_id",
                "case_id": "a.case_id",
                "xkey": "a.xkey",
                "nhistory": "c.nhistory",
                "test": "coalesce(r.is_test, 0)",
            },
            {
                # an answer of manual A belongs to the month of its file, one of manual B to the month
                # it was loaded into
                "period": (
                    "f.state = 'active' AND f.answer_id IN (SELECT w.id FROM answer w"
                    " LEFT JOIN package k ON k.id = w.package_id"
                    " WHERE CASE w.road WHEN '' THEN k.period ELSE w.period END = ?)"
                ),
                "review": (
                    "f.state = 'active' AND (f.answer_id IN (SELECT id FROM answer WHERE registry_id = ?)"
                    " OR f.kind <> 'mek' AND a.registry_id = ?)"
                ),
                "answer": "f.answer_id = ?",
                "stage": "f.stage = ?",
                "smo": "i.code = ?",
                "kind": "f.kind = ?",
                "code": "f.code = ?",
                "text": 'f."text" = ?',
                "kind_of_care": "c.kind = ?",
                "doctor": "c.doctor = ?",
                "department": "c.department = ?",
                "work": "a.work = ?",
                "open": "a.work IN ('новый', 'исправлен')",
                "account": "f.account_id = ?",
                "registry": "a.registry_id = ?",
                "refuses": "f.refuses = ?",
                "shown_only": "f.refuses = 0",
            },
            "f.id",
            (
                *("p.fio_key", "p.rep_surname", "c.nhistory", "po.enp"),
                *("f.code", 'f."text"', "f.comment", "a.xkey"),
            ),
            "CASE WHEN f.refuses THEN a.total ELSE 0 END",
            frozenset({"smo", "kind_of_care", "doctor", "department", "work", "open", "review", "registry"}),
        ),
        Query(
            "mes",
            "mes_finding f",
            "mes_finding f JOIN cases c ON c.id = f.case_id JOIN patient p ON p.id = c.patient_id"
            " LEFT JOIN policy po ON po.id = c.policy_id LEFT JOIN service v ON v.id = f.service_id"
            " LEFT JOIN account a ON a.case_id = f.case_id AND +a.registry_id = f.registry_id",
            {
                "code": "f.code",
                "severity": "f.severity",
                "kind": "c.kind",
                "number": "a.number",
                "nhistory": "c.nhistory",
                "fio": _FIO,
                "ds": "c.ds_main",
                "mes": "f.mes",
                "service": "coalesce(nullif(v.code, ''), v.intervention, '')",
                "expected": "f.expected",
                "actual": "f.actual",
                "difference": "f.difference",
                "doctor": "coalesce(nullif(v.doctor, ''), c.doctor)",
                "message": "f.message",
                "sum": "coalesce(a.total, 0)",
                "case_id": "f.case_id",
                "key": "c.key",
                "xkey": "coalesce(a.xkey, '')",
                "date_out": "c.date_out",
            },
            # a case that left its registry (секвестирование) takes its findings along
            {
                "period": (
                    "EXISTS (SELECT 1 FROM account h JOIN registry r ON r.id = h.registry_id"
                    " WHERE h.case_id = f.case_id AND +r.id = f.registry_id AND r.period = ?"
                    " AND r.deleted_at IS NULL AND r.status <> 'Восстановлен')"
                ),
                "registry": "f.registry_id = ?",
                "registries": (
                    "f.registry_id IN (SELECT value FROM json_each(?)) AND EXISTS (SELECT 1 FROM account h"
                    " WHERE h.case_id = f.case_id AND +h.registry_id = f.registry_id)"
                ),
                "code": "f.code = ?",
                "severity": "f.severity = ?",
                "kind": "c.kind = ?",
                "doctor": "coalesce(nullif(v.doctor, ''), c.doctor) = ?",
            },
            "f.id",
            ("p.fio_key", "p.rep_surname", "c.nhistory", "f.code", "f.mes", "f.message"),
            "coalesce(a.total, 0)",
            frozenset({"kind", "doctor"}),
        ),
        Query(
            "answers",
            "answer w",
            "answer w LEFT JOIN package k ON k.id = w.package_id LEFT JOIN insurer i ON i.id = w.payer_id",
            {
                "name": "w.name",
                "stage": "w.stage",
                "smo": "coalesce(i.code, '')",
                "smo_name": "coalesce(i.name, '')",
                "at": "w.accepted_at",
                "accounts": "w.accounts",
                "refused": "w.refused",
                "sum": "w.refused_sum",
                "flk": "w.flk",
                "test": "coalesce(k.is_test, 0)",
                "state": "w.state",
                "by": "w.accepted_by",
            },
            # a МЭК file has no package: its month is the one it was loaded into
            {
                "period": "coalesce(nullif(w.period, ''), k.period) = ?",
                "stage": "w.stage = ?",
                "smo": "i.code = ?",
            },
            "w.accepted_at DESC, w.id DESC",
            ("w.name", "i.code", "i.name"),
            "w.refused_sum",
            frozenset({"period", "smo"}),
        ),
        Query(
            "runs",
            "run r",
            "run r",
            {
                "at": "r.started_at",
                "who": "r.who",
                "title": "r.title",
                "period": "r.period",
                "outcome": "r.outcome",
                "message": "r.message",
                "finished": "r.finished_at",
                "seconds": "round((julianday(r.finished_at) - julianday(r.started_at)) * 86400)",
                "operation": "r.operation",
            },
            {
                "period": "r.period = ?",
                "who": "r.who = ?",
                "outcome": "r.outcome = ?",
                "operation": "r.operation = ?",
                # of one registry: its own operations and those of the whole month
                "registry": "coalesce(json_extract(r.params, '$.registry_id'), 0) IN (0, ?)",
            },
            "r.id DESC",
            ("r.title", "r.who", "r.message"),
        ),
        Query(
            "load_files",
            "load_file f",
            "load_file f",
            {
                "name": "f.name",
                "at": "f.loaded_at",
                "new": "f.new",
                "changed": "f.changed",
                "unchanged": "f.unchanged",
                "refused": "f.refused",
            },
            {"run": "f.run_id = ?"},
            "f.id DESC",
            ("f.name",),
        ),
        Query(
            "load_problems",
            "load_problem b",
            "load_problem b JOIN load_file f ON f.id = b.load_file_id",
            {
                "level": "b.level",
                "position": "b.position",
                "reason": "b.reason",
                "case_key": "b.case_key",
                "file": "f.name",
            },
            {"file": "b.load_file_id = ?", "run": "f.run_id = ?", "level": "b.level = ?"},
            "b.id",
            ("b.reason", "b.position", "b.case_key"),
            wide=frozenset({"run"}),
        ),
    )
}


def ids(name: str, where: Filter, search: str = "", sort: str = "") -> array[int]:
    """Ids of the list in order. ``sort`` is a column key, «-key» descends."""
    query = QUERIES[name]
    clause, params = _where(query, where, search)
    key = sort.lstrip("-")
    need_full = bool(search) or bool(key) or any(k in query.wide for k in where)
    source = query.full if need_full else query.base
    order = f"{query.columns[key]} {'DESC' if sort.startswith('-') else 'ASC'}, " if key else ""
    alias = source.split()[1]
    sql = f"SELECT {alias}.id FROM {source}{clause} ORDER BY {order}{query.order}"
    return array("q", (row[0] for row in db.execute(sql, params)))


#: what typed letters look at, without a function call per row: name, card, policy, code of a refusal
_TYPED = {
    "p.fio_key": "p.fio_key LIKE ? || '%'",
    "c.nhistory": "c.nhistory LIKE '%' || ? || '%'",
    "po.enp": "po.enp LIKE ? || '%'",
    "f.code": "f.code LIKE ? || '%'",
}


def has_typed(name: str) -> bool:
    """True if ``typed`` can serve the incremental search of this list."""
    return "p.fio_key" in QUERIES[name].search


def typed(name: str, where: Filter, text: str, within: Sequence[int] | None = None) -> array[int]:
    """Ids that typed letters mean («иван пет», a card, a policy), in no order; ``within`` narrows."""
    query = QUERIES[name]
    conditions = [_TYPED[column] for column in query.search if column in _TYPED]
    wanted = folded(text).upper().replace("%", "").replace("_", "")
    clause, params = _where(query, where, "") if within is None else (" WHERE 1", [])
    alias = query.full.split()[1]
    if within is not None:
        clause += f" AND {alias}.id IN (SELECT value FROM json_each(?))"
        params.append(db.dump(list(within)))
    params += ["% ".join(wanted.split())] * len(conditions)
    joint = " AND " if clause else " WHERE "
    sql = f"SELECT {alias}.id FROM {query.full}{clause}{joint}({' OR '.join(conditions)})"
    return array("q", (row[0] for row in db.execute(sql, params)))


def rows(name: str, keys: Sequence[str], wanted: Sequence[int]) -> dict[int, tuple[Any, ...]]:
    """Values of the columns ``keys`` for these ids; a missing id was removed meanwhile."""
    query = QUERIES[name]
    alias = query.full.split()[1]
    columns = ", ".join(query.columns[k] for k in keys)
    marks = ",".join("?" * len(wanted))
    sql = f"SELECT {alias}.id, {columns} FROM {query.full} WHERE {alias}.id IN ({marks})"
    return {row[0]: tuple(row[1:]) for row in db.execute(sql, list(wanted))}


def total(name: str, wanted: Sequence[int]) -> tuple[int, int]:
    """How many of these ids exist and their money, kopecks."""
    query = QUERIES[name]
    alias = query.full.split()[1]
    sql = (
        f"SELECT count(*), coalesce(sum({query.money}), 0) FROM {query.full}"
        f" WHERE {alias}.id IN (SELECT value FROM json_each(?))"
    )
    row = db.execute(sql, (db.dump(list(wanted)),)).fetchone()
    return int(row[0]), int(row[1])


def values(name: str, keys: Sequence[str], wanted: Sequence[int]) -> list[tuple[Any, ...]]:
    """Values of columns for any number of ids (the marked rows), in no particular order."""
    query = QUERIES[name]
    alias = query.full.split()[1]
    columns = ", ".join(query.columns[k] for k in keys)
    sql = f"SELECT {columns} FROM {query.full} WHERE {alias}.id IN (SELECT value FROM json_each(?))"
    return [tuple(row) for row in db.execute(sql, (db.dump(list(wanted)),))]


def refused_total(wanted: Sequence[int]) -> tuple[int, int]:
    """Rows among these refusals and the kopecks of their refused accounts, each account once."""
    sql = (
        "SELECT count(*), coalesce((SELECT sum(total) FROM account WHERE id IN (SELECT account_id FROM"
        " refusal WHERE refuses = 1 AND id IN (SELECT value FROM json_each(?1)))), 0)"
        " FROM refusal WHERE id IN (SELECT value FROM json_each(?1))"
    )
    row = db.execute(sql, (db.dump(list(wanted)),)).fetchone()
    return int(row[0]), int(row[1])


def distinct(name: str, key: str, where: Filter) -> list[tuple[Any, int]]:
    """Values of a column with their counts, for the choices of a filter."""
    query = QUERIES[name]
    clause, params = _where(query, where, "")
    column = query.columns[key]
    sql = f"SELECT {column}, count(*) FROM {query.full}{clause} GROUP BY 1 ORDER BY 1"
    return [(row[0], row[1]) for row in db.execute(sql, params)]


def groups(where: Filter, search: str = "") -> list[tuple[str, str, str, int, int]]:
    """Refusals grouped: (kind, code, text, accounts, kopecks), dearest first."""
    query = QUERIES["refusals"]
    clause, params = _where(query, where, search)
    sql = (
        # a code met twice on one account bills it once
        "SELECT kind, code, min(txt), count(*), sum(total) FROM (SELECT f.kind AS kind, f.code AS code,"
        ' min(f."text") AS txt, coalesce(max(a.total), 0) AS total'
        f" FROM {query.full}{clause} GROUP BY f.kind, f.code, coalesce(f.account_id, -f.id))"
        " GROUP BY kind, code ORDER BY 5 DESC, 1, 2"
    )
    return [tuple(row) for row in db.execute(sql, params)]


def _where(query: Query, where: Filter, search: str) -> tuple[str, list[Any]]:
    parts: list[str] = []
    params: list[Any] = []
    if query.id in ("registries", "cases") and not where.get("deleted"):
        parts.append(f"{query.full.split()[1]}.deleted_at IS NULL")
    for key, value in where.items():
        # 0 is a value: «нет решения» is stage 0
        if value is None or value is False or value == "" or key == "list":
            continue
        condition = query.filters[key]
        parts.append(f"({condition})")
        stored = db.dump(list(value)) if isinstance(value, list | tuple | set) else value
        params.extend([stored] * condition.count("?"))
    # one call of the function per row, not one per column: it is the price of a search
    joined = " || char(10) || ".join(f"coalesce({column}, '')" for column in query.search)
    for word in folded(search).split():
        parts.append(f"folded({joined}) LIKE ?")
        params.append(f"%{word}%")
    return (" WHERE " + " AND ".join(parts)) if parts else "", params


def current_period() -> str:
    """The month to open first: the newest with a registry, else the first month that has cases; or ''."""
    found = db.scalar("SELECT max(period) FROM registry WHERE deleted_at IS NULL")
    if found:
        return str(found)
    found = db.scalar(
        "SELECT substr(date_out, 1, 7) FROM cases WHERE deleted_at IS NULL AND date_out IS NOT NULL"
        " GROUP BY 1 ORDER BY count(*) DESC LIMIT 1"
    )
    return str(found or "")


def periods() -> list[str]:
    """Months with registries or with cases, newest first."""
    rows = db.execute(
        "SELECT period FROM registry WHERE deleted_at IS NULL UNION"
        " SELECT DISTINCT substr(date_out, 1, 7) FROM cases WHERE date_out IS NOT NULL ORDER BY 1 DESC"
    )
    return [row[0] for row in rows]
