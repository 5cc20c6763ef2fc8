"""The path of a case (путь случая): registries, files, decisions, refusals, corrections, by key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from omstui.domain.errors import OmsError
from omstui.domain.store import db


@dataclass(frozen=True, slots=True)
class CaseHead:
    """A case with its patient."""

    id: int
    key: str
    dup: int
    nhistory: str
    kind: str
    patient: str
    birth_date: str
    patient_id: int
    date_in: str
    date_out: str
    created_at: str
    deleted_at: str | None
    merged_into: int | None
    completed: bool
    sequestered: str = ""  # period it was cut from


@dataclass(frozen=True, slots=True)
class PathAccount:
    """An account of the case with where it went and what was decided."""

    id: int
    xkey: str
    number: int
    total: int
    repeat: str
    prev_xkey: str
    payer: str
    decided_payer: str
    registry_id: int
    registry_period: str
    registry_kind: str
    registry_name: str
    registry_status: str
    is_test: bool
    registry_deleted: str | None
    formed_at: str
    formed_by: str
    package: str
    package_state: str
    exported_at: str
    exported_by: str
    sent_at: str
    sent_by: str
    stage1: int
    stage2: int
    reform: str
    reform_at: str
    reform_by: str
    work: str
    road2: str = ""  # mek = МЭК of manual B made decision 2


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to the case."""

    at: str
    who: str
    what: str
    detail: str


_HEAD = (
    "SELECT c.id, c.key, c.dup, c.nhistory, c.kind,"
    f" {db.FIO}, coalesce(p.birth_date, ''), p.id,"
    " coalesce(c.date_in, ''), coalesce(c.date_out, ''), c.created_at, c.deleted_at, c.merged_into,"
    " c.completed, c.sequestered FROM cases c JOIN patient p ON p.id = c.patient_id"
)


def find(key: str, xkey: str = "") -> CaseHead:
    """The case of a key («H3|760001|…|2021-04-05», «…#1» for its twin), a unique NHISTORY, or an xkey.

    ``xkey`` is the usual form of the key, tried as well.
    """
    plain, _, twin = key.strip().partition("#")
    rows = db.execute(_HEAD + " WHERE c.key = ? ORDER BY c.dup", (plain,)).fetchall()
    if not rows:
        rows = db.execute(_HEAD + " WHERE c.nhistory = ? ORDER BY c.key, c.dup", (plain,)).fetchall()
    if not rows:
        rows = db.execute(
            _HEAD + " WHERE c.id = (SELECT case_id FROM account WHERE xkey IN (?, ?))", (plain, xkey)
        ).fetchall()
    heads = [_head(row) for row in rows if not twin or str(row[2]) == twin]
    if not heads:
        raise OmsError(
            f"Случай «{key}» не найден.",
            hint="Ключ вида H3|760001|S0000000123|2021-04-05, номер карты или ключ счёта.",
        )
    if len(heads) > 1:
        names = [h.key + (f"#{h.dup}" if h.dup or h.key == plain else "") for h in heads]
        raise OmsError(
            f"По «{key}» найдено случаев: {len(heads)}.",
            hint="Укажите полный ключ.",
            details=names[:20],
        )
    return heads[0]


def by_id(case_id: int) -> CaseHead:
    """The case by its row id."""
    row = db.execute(_HEAD + " WHERE c.id = ?", (case_id,)).fetchone()
    if row is None:
        raise OmsError(f"Случая № {case_id} нет в базе данных.")
    return _head(row)


def _head(row: Any) -> CaseHead:
    values = list(row)
    values[13] = bool(values[13])
    return CaseHead(*values)


_ACCOUNT = (
    "SELECT a.id, a.xkey, a.number, a.total, a.repeat, coalesce(o.xkey, ''), coalesce(i.code, ''),"
    " coalesce(d.code, ''), r.id, r.period, r.kind, r.name, r.status, r.is_test, r.deleted_at,"
    " coalesce(r.formed_at, ''), coalesce(q.who, ''), coalesce(k.name, ''), coalesce(k.state, ''),"
    " coalesce(k.created_at, ''), coalesce(k.created_by, ''), coalesce(k.sent_at, ''),"
    " coalesce(k.sent_by, ''), a.stage1, a.stage2, coalesce(v.name, ''), coalesce(v.created_at, ''),"
    " coalesce(v.created_by, ''), a.work, coalesce(w.road, '')"
    " FROM account a JOIN registry r ON r.id = a.registry_id"
    " LEFT JOIN run q ON q.id = r.form_run_id"
    " LEFT JOIN account o ON o.id = a.prev_id LEFT JOIN insurer i ON i.id = a.payer_id"
    " LEFT JOIN insurer d ON d.id = a.decided_payer_id LEFT JOIN package k ON k.id = a.package_id"
    " LEFT JOIN package v ON v.id = a.reform_id LEFT JOIN answer w ON w.id = a.answer2_id"
)


def accounts(case_id: int) -> list[PathAccount]:
    """All accounts the case ever had, oldest first."""
    rows = db.execute(_ACCOUNT + " WHERE a.case_id = ? ORDER BY a.id", (case_id,))
    found = []
    for row in rows:
        values = list(row)
        values[13] = bool(values[13])
        found.append(PathAccount(*values))
    return found


#: a return of МЭК has no stage
_ROAD = (
    "CASE WHEN EXISTS (SELECT 1 FROM account a JOIN answer w ON w.id = a.answer2_id"
    " WHERE a.id = resubmission.account_id AND w.road = 'mek') THEN 'МЭК' ELSE 'стадия ' || stage END"
)


#: invoices by the file 7 or the bill an account of the case stands in
_INVOICED = (
    "FROM account a JOIN package k ON k.id = a.reform_id OR (k.id = a.package_id AND k.kind = 'B')"
    " JOIN invoice i ON i.period = k.period AND i.payer_id = k.payer_id"
    " AND i.registry_id IS k.registry_id AND EXISTS (SELECT 1 FROM json_each(i.data, '$.files') f"
    " WHERE json_extract(f.value, '$.name') = k.name) WHERE a.case_id = :case"
)


#: what happened to a case: when, who, what, more; each in the order of its rows
_EVENTS = (
    "SELECT l.loaded_at, coalesce(r.who, ''), 'загружен', l.name FROM cases c"
    " JOIN load_file l ON l.id = c.load_file_id LEFT JOIN run r ON r.id = l.run_id"
    " WHERE c.id = :case",
    "SELECT e.at, e.who, CASE e.origin WHEN 'load' THEN 'изменён загрузкой' WHEN"
    " 'identification' THEN 'изменён идентификацией' ELSE 'исправлен' END,"
    " e.field || ': ' || e.old || ' → ' || e.new FROM edit e"
    " WHERE e.case_id = :case OR e.patient_id = :patient ORDER BY e.id",
    "SELECT w.accepted_at, w.accepted_by, CASE WHEN l.refused THEN 'отказан' ELSE 'принят' END"
    " || CASE w.road WHEN 'mek' THEN ', МЭК' ELSE ', стадия ' || w.stage END,"
    " w.name || CASE w.state WHEN 'replaced' THEN ' (заменён)'"
    " WHEN 'restored' THEN ' (тест восстановлен)' ELSE '' END FROM answer_line l"
    " JOIN account a ON a.id = l.account_id JOIN answer w ON w.id = l.answer_id"
    " WHERE a.case_id = :case ORDER BY w.id",
    "SELECT w.accepted_at, w.accepted_by, CASE w.road WHEN 'flk' THEN 'ошибки ФЛК' ELSE"
    " 'не идентифицирован' END, w.name || CASE w.state WHEN 'replaced' THEN ' (заменён)' ELSE ''"
    " END || ': ' || group_concat(ltrim(f.code || ' ' || f.\"text\"), '; ') FROM account a"
    " JOIN refusal f ON f.account_id = a.id JOIN answer w ON w.id = f.answer_id"
    " WHERE a.case_id = :case AND w.road IN ('flk', 'ident') GROUP BY w.id ORDER BY w.id",
    f"SELECT created_at, created_by, 'в реестр (F8)', {_ROAD} || ', в ' ||"
    " target_period || CASE WHEN unchanged THEN ', без изменений' ELSE '' END"
    " FROM resubmission WHERE case_id = :case ORDER BY id",
    f"SELECT undone_at, undone_by, 'отмена F8', {_ROAD} FROM resubmission"
    " WHERE case_id = :case AND undone_at IS NOT NULL ORDER BY id",
    "SELECT at, who, 'снят секвестированием', plan || '|' || period || '|' || total"
    " FROM sequester_cut WHERE case_id = :case ORDER BY id",
    "SELECT undone_at, undone_by, 'возвращён в реестр после секвестирования', '' FROM sequester_cut"
    " WHERE case_id = :case AND undone_at IS NOT NULL ORDER BY id",
    f"SELECT i.created_at, i.created_by, 'вошёл в счёт на оплату', '№ ' || i.number {_INVOICED}",
    "SELECT i.cancelled_at, i.cancelled_by, 'счёт на оплату отменён',"
    f" '№ ' || i.number || ', ' || i.reason {_INVOICED} AND i.cancelled_at IS NOT NULL",
)


def events(case_id: int, patient_id: int) -> list[Event]:
    """Loads, corrections, answers and returns of the case, as they are stored with their times."""
    params = {"case": case_id, "patient": patient_id}
    rows = (row for sql in _EVENTS for row in db.execute(sql, params))
    return [Event(*(str(value or "") for value in row)) for row in rows]


def returned(case_id: int) -> dict[int, str]:
    """Accounts with a return that waits or was taken: account → month it goes into."""
    rows = db.execute(
        "SELECT s.account_id, coalesce(r.period, s.target_period) FROM resubmission s"
        " LEFT JOIN account b ON b.id = s.new_account_id LEFT JOIN registry r ON r.id = b.registry_id"
        " WHERE s.case_id = ? AND s.undone_at IS NULL",
        (case_id,),
    )
    return {row[0]: row[1] for row in rows}
