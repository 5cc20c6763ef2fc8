"""Refusals (отказы) for «Анализ», the command line and F8; test refusals vanish once restored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from omstui.domain.model import Period, RegistryStatus, folded
from omstui.domain.store import closing, db
from omstui.domain.store.packages import FORMED_SQL


@dataclass(frozen=True, slots=True)
class RefusalRow:
    """One reason of one account; ``account_id`` 0 = a ФЛК fact that names no account."""

    id: int
    account_id: int
    account: str
    case: str
    stage: int
    smo: str
    kind: str
    code: str
    text: str
    comment: str
    sum: int
    state: str
    refuses: bool
    known: bool
    number: int
    patient: str
    birth_date: str
    care: str
    date_in: str
    date_out: str
    doctor: str
    diagnosis: str
    data: str
    service_xkey: str
    answer_id: int
    state_of_answer: str = "active"  # active | replaced | restored


@dataclass(frozen=True, slots=True)
class RefusedAccount:
    """A refused (or not) account as F8 looks at it."""

    id: int
    xkey: str
    case_id: int
    case_key: str
    kind: str
    period: str
    is_test: bool
    package_state: str
    stage1: int
    stage2: int
    work: str
    total: int
    facts: int
    case_deleted: bool
    resubmission: int | None
    accepted_at: str
    #: '' = stages of manual A, 'mek' = ``period`` is the month МЭК was loaded into
    road: str = ""
    billed: str = ""  # month the account was billed in

    @property
    def stage(self) -> int:
        """The stage that refused it, 0 = not refused."""
        return 2 if self.stage2 == 2 else 1 if self.stage1 == 2 else 0


@dataclass(frozen=True, slots=True)
class ResubmissionRow:
    """A waiting or taken return of an account."""

    id: int
    account_id: int
    xkey: str
    kind: str
    target_period: str
    unchanged: bool
    new_account: int | None
    exported: bool
    new_registry: int | None


_FROM = (
    " FROM refusal f JOIN answer w ON w.id = f.answer_id LEFT JOIN package k ON k.id = w.package_id"
    " LEFT JOIN account a ON a.id = f.account_id LEFT JOIN cases c ON c.id = a.case_id"
    " LEFT JOIN patient p ON p.id = c.patient_id LEFT JOIN insurer i ON i.id = f.payer_id"
)
#: a full refusal is about the whole account, a part taken off about that part: «50.00» → 5000
_SUM = (
    "CASE WHEN f.kind = 'mek' AND f.refuses = 0"
    " THEN CAST(replace(coalesce(json_extract(f.data, '$.S_SUM'), '0'), '.', '') AS INTEGER)"
    " ELSE coalesce(a.total, 0) END"
)
_COLUMNS = (
    "f.id, coalesce(a.id, 0), coalesce(a.xkey, ''), coalesce(c.key, ''), f.stage,"
    " coalesce(i.code, ''), f.kind, f.code, f.text, f.comment, " + _SUM + ","
    " coalesce(a.work, ''), f.refuses, f.known, coalesce(a.number, 0),"
    f" {db.FIO},"
    " coalesce(p.birth_date, ''), coalesce(c.kind, ''), coalesce(c.date_in, ''),"
    " coalesce(c.date_out, ''), coalesce(c.doctor, ''), coalesce(c.ds_main, ''), f.data,"
    " f.service_xkey, f.answer_id, f.state"
)
#: filter of the command line → condition
_FILTERS = {
    # МЭК belongs to the month it was loaded into, whatever month it answers
    "period": "CASE w.road WHEN '' THEN k.period ELSE w.period END = ?",
    "stage": "f.stage = ?",
    "smo": "i.code = ?",
    "kind": "f.kind = ?",
    "code": "f.code = ?",
    "state": "a.work = ?",
    "account": "a.xkey = ?",
}


def find(*, text: str = "", only_open: bool = False, **filters: Any) -> list[RefusalRow]:
    """Active refusals by filter (see ``_FILTERS``), in the order of the answers."""
    where, params = ["f.state = 'active'"], []
    for key, value in filters.items():
        if value:
            where.append(_FILTERS[key])
            params.append(value)
    if only_open:
        where.append("a.work IN ('новый', 'исправлен')")
    for word in folded(text).split():
        where.append(
            "(folded(p.fio_key) LIKE ? OR folded(f.text) LIKE ? OR folded(f.comment) LIKE ?"
            " OR folded(c.nhistory) LIKE ? OR f.code LIKE ? OR folded(a.xkey) LIKE ?)"
        )
        params += [f"%{word}%"] * 6
    rows = db.execute(f"SELECT {_COLUMNS}{_FROM} WHERE {' AND '.join(where)} ORDER BY f.stage, f.id", params)
    return [RefusalRow(*row) for row in rows]


def of_account(account_id: int) -> list[RefusalRow]:
    """All reasons of an account, replaced and restored ones too (the path of the case shows them)."""
    rows = db.execute(f"SELECT {_COLUMNS}{_FROM} WHERE f.account_id = ? ORDER BY f.id", (account_id,))
    return [RefusalRow(*row) for row in rows]


_ACCOUNT = (
    "SELECT a.id, a.xkey, a.case_id, c.key, c.kind, coalesce(m.period, k.period, r.period), r.is_test,"
    " CASE WHEN r.status = 'Восстановлен' THEN 'restored' ELSE coalesce(k.state, '') END,"
    " a.stage1, a.stage2, a.work, a.total,"
    " (SELECT count(*) FROM refusal f WHERE f.account_id = a.id AND f.refuses = 0"
    " AND f.state = 'active'), c.deleted_at IS NOT NULL OR c.merged_into IS NOT NULL,"
    " (SELECT max(s.id) FROM resubmission s WHERE s.account_id = a.id AND s.undone_at IS NULL),"
    " coalesce((SELECT max(w.accepted_at) FROM answer w WHERE w.id IN (a.answer1_id, a.answer2_id)), ''),"
    " coalesce(m.road, ''), coalesce(k.period, r.period)"
    " FROM account a JOIN cases c ON c.id = a.case_id JOIN registry r ON r.id = a.registry_id"
    " LEFT JOIN package k ON k.id = a.package_id"
    " LEFT JOIN answer m ON m.id = a.answer2_id AND m.road = 'mek' AND a.stage2 = 2"
)


def accounts(ids: Sequence[int] = (), xkeys: Sequence[str] = ()) -> list[RefusedAccount]:
    """Accounts by id or key, in no particular order."""
    rows = db.execute(
        _ACCOUNT + " WHERE a.id IN (SELECT value FROM json_each(?))"
        " OR a.xkey IN (SELECT value FROM json_each(?)) ORDER BY a.id",
        (db.dump(list(ids)), db.dump(list(xkeys))),
    )
    return [_account(row) for row in rows]


def open_accounts(period: str, stage: int = 0) -> list[RefusedAccount]:
    """Refused accounts of a month (the month of the refusal) that wait for work."""
    rows = db.execute(
        _ACCOUNT + " WHERE (k.period = ?1 AND k.kind = '3' OR m.period = ?1 AND k.kind = 'B')"
        " AND k.state = 'active' AND a.work IN ('новый', 'исправлен')"
        " AND (?2 = 0 OR CASE ?2 WHEN 2 THEN a.stage2 ELSE a.stage1 END = 2) ORDER BY a.id",
        (period, stage),
    )
    return [_account(row) for row in rows]


def _account(row: Any) -> RefusedAccount:
    values = list(row)
    values[6], values[13] = bool(values[6]), bool(values[13])
    return RefusedAccount(*values)


def target_period(after: str) -> str:
    """The first month after ``after`` whose main package is not exported yet (product.md §11.8)."""
    exported = {
        row[0]
        for row in db.execute(
            "SELECT period FROM package WHERE kind = '3' AND is_test = 0 AND state = 'active' AND period > ?",
            (after,),
        )
    } | closing.closed().keys()
    year, month = int(after[:4]), int(after[5:7])
    while True:
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
        period = f"{year:04d}-{month:02d}"
        if period not in exported:
            return period


def target_of(account: RefusedAccount) -> str:
    """The month a returned account goes into.

    What МЭК of December refused, loaded into January, is billed again in January: the first month not
    exported yet from the one it was loaded into, and after the one it was billed in.
    """
    if account.road != "mek":
        return target_period(account.period)
    period = Period.parse(max(account.period, str(Period.parse(account.billed).next)))
    sent = {
        row[0]
        for row in db.execute(
            "SELECT DISTINCT p.period FROM package p WHERE p.kind = 'B' AND p.state = 'active'"
            " AND p.period >= ? AND NOT EXISTS (SELECT 1 FROM registry r WHERE r.period = p.period"
            " AND r.deleted_at IS NULL AND r.is_test = 0 AND r.status <> ?)",
            (str(period), RegistryStatus.BILLED.value),
        )
    } | closing.closed().keys()
    while str(period) in sent:
        period = period.next
    return str(period)


def resubmit(rows: Sequence[tuple[int, int, int, str, int]], at: str, who: str) -> None:
    """Write returns: (account, case, stage, target period, unchanged). Call inside ``db.write()``."""
    db.executemany(
        "INSERT INTO resubmission(account_id, case_id, stage, target_period, unchanged, created_at,"
        " created_by) VALUES(?,?,?,?,?,?,?)",
        ((*row, at, who) for row in rows),
    )
    set_work([row[0] for row in rows], "в реестр")


def set_work(account_ids: Sequence[int], work: str) -> None:
    """Change what was done with refused accounts. Call inside ``db.write()``."""
    db.execute(
        "UPDATE account SET work=? WHERE id IN (SELECT value FROM json_each(?))",
        (work, db.dump(list(account_ids))),
    )


def mark_formed(period: str, kinds: Sequence[str], reason: str) -> int:
    """Registries of the month and kinds that are formed and not exported need forming anew."""
    cursor = db.execute(
        f"UPDATE registry SET reform_reason=? WHERE period=? AND status IN {FORMED_SQL}"
        " AND deleted_at IS NULL AND (kind='' OR kind IN (SELECT value FROM json_each(?)))",
        (reason, period, db.dump(list(kinds))),
    )
    return int(cursor.rowcount)


def mark_registries(registry_ids: Sequence[int], reason: str) -> int:
    """These registries, where formed and not exported, need forming anew."""
    cursor = db.execute(
        f"UPDATE registry SET reform_reason=? WHERE status IN {FORMED_SQL} AND deleted_at IS NULL"
        " AND id IN (SELECT value FROM json_each(?))",
        (reason, db.dump(list(registry_ids))),
    )
    return int(cursor.rowcount)


def returns(account_ids: Sequence[int]) -> list[ResubmissionRow]:
    """Returns of these accounts that were not taken back.

    ``target_period`` is the month of the registry that took the return, if one did. One that was left out
    of the file for want of a payer is not exported.
    """
    rows = db.execute(
        "SELECT s.id, s.account_id, a.xkey, c.kind, coalesce(r.period, s.target_period), s.unchanged,"
        " s.new_account_id, coalesce(b.package_id IS NOT NULL AND r.is_test = 0, 0), b.registry_id"
        " FROM resubmission s"
        " JOIN account a ON a.id = s.account_id JOIN cases c ON c.id = s.case_id"
        " LEFT JOIN account b ON b.id = s.new_account_id LEFT JOIN registry r ON r.id = b.registry_id"
        " WHERE s.undone_at IS NULL AND s.account_id IN (SELECT value FROM json_each(?))"
        " ORDER BY s.id",
        (db.dump(list(account_ids)),),
    )
    return [_return(row) for row in rows]


def _return(row: Any) -> ResubmissionRow:
    values = list(row)
    values[5], values[7] = bool(values[5]), bool(values[7])
    return ResubmissionRow(*values)


def waiting_returns(period: str) -> list[int]:
    """Accounts of a month returned by F8 and not exported yet."""
    rows = db.execute(
        "SELECT s.account_id FROM resubmission s JOIN account a ON a.id = s.account_id"
        " JOIN package k ON k.id = a.package_id LEFT JOIN account b ON b.id = s.new_account_id"
        " LEFT JOIN answer m ON m.id = a.answer2_id AND m.road = 'mek'"
        " LEFT JOIN registry r ON r.id = b.registry_id"
        " WHERE coalesce(m.period, k.period) = ? AND s.undone_at IS NULL"
        " AND (r.id IS NULL OR b.package_id IS NULL OR r.is_test = 1)",
        (period,),
    )
    return [row[0] for row in rows]


def undo_returns(ids: Sequence[int], at: str, who: str) -> None:
    """Take returns back. Call inside ``db.write()``."""
    db.execute(
        "UPDATE resubmission SET undone_at=?, undone_by=?, new_account_id=NULL"
        " WHERE id IN (SELECT value FROM json_each(?))",
        (at, who, db.dump(list(ids))),
    )


def corrected_since(account_ids: Sequence[int]) -> set[int]:
    """Accounts whose case or patient was corrected after the refusal came."""
    rows = db.execute(
        "SELECT a.id FROM account a JOIN cases c ON c.id = a.case_id"
        " WHERE a.id IN (SELECT value FROM json_each(?)) AND EXISTS (SELECT 1 FROM edit e"
        " WHERE (e.case_id = c.id OR e.patient_id = c.patient_id) AND e.at >= (SELECT max(w.accepted_at)"
        " FROM answer w WHERE w.id IN (a.answer1_id, a.answer2_id)))",
        (db.dump(list(account_ids)),),
    )
    return {row[0] for row in rows}
