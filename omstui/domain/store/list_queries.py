"""Lists of the screens as data (запросы списков): FROM, columns by key, filters, order, search.

Row values are raw (kopecks, «YYYY-MM-DD»); ``store.lists`` reads them, the screen formats them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from omstui.domain.model import KINDS
from omstui.domain.store import db


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
