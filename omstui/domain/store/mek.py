"""Returns of МЭК applied (возвраты МЭК): acts, refusals, cuts, decisions. Inside one ``db.write()``.

Files add up. An act is known by insurer, number and date (without a number: by the name of the file); only
the same act replaces itself. A federal return answers one bill, and one act may come as several of them:
there the bill stands for the insurer. A full refusal of МЭК makes the account refused at stage 2, so that
«Анализ», F8 and forming treat it as any other; a part taken off, МЭЭ and ЭКМП are cuts for the ledger.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from omstui.domain.model import WorkState
from omstui.domain.store import db
from omstui.domain.store.packages import FORMED_SQL

#: Answer.stage and Refusal.stage of this road
STAGE = 4


@dataclass(frozen=True, slots=True)
class LoadedRow:
    """A return loaded before."""

    id: int
    name: str
    period: str
    accepted_at: str
    accepted_by: str
    state: str
    accounts: int
    refused: int
    refused_sum: int
    header: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Act:
    """An act that this return holds anew: what of it is in the database."""

    number: str
    date: str
    answer: str  # name of the file it came by
    accepted_at: str
    rows: int


@dataclass(frozen=True, slots=True)
class NewReturn:
    """What ``apply`` writes besides the staged records."""

    period: str
    registry_id: int
    payer_id: int | None
    file_id: int
    name: str
    stem: str
    at: str
    who: str
    run_id: int | None
    lists_all: bool
    header: dict[str, Any]


_LOADED = (
    "SELECT w.id, w.name, w.period, w.accepted_at, w.accepted_by, w.state, w.accounts, w.refused,"
    " w.refused_sum, w.header FROM answer w JOIN stored_file f ON f.id = w.file_id WHERE w.road = 'mek'"
)


def loaded_before(sha256: str, stem: str, content: str = "") -> LoadedRow | None:
    """The newest return with these bytes, or with the same records, an active one before the others.

    Tables without a record are alike whatever they answer: there the name counts too.
    """
    row = db.execute(
        _LOADED + " AND (f.sha256 = ?1 OR (?2 <> '' AND json_extract(w.header, '$.content') = ?2))"
        " AND (json_extract(w.header, '$.empty') IS NOT 1 OR json_extract(w.header, '$.stem') = ?3)"
        " ORDER BY w.state <> 'active', w.id DESC LIMIT 1",
        (sha256, content, stem),
    ).fetchone()
    values: list[Any] = [*row[:9], json.loads(row[9])] if row else []
    return LoadedRow(*values) if values else None


def own_package(sha256: str) -> str:
    """Name of our own outgoing file with these bytes, «» if it is none."""
    return str(
        db.scalar(
            "SELECT p.name FROM package p JOIN stored_file f ON f.id = p.file_id WHERE f.sha256 = ?",
            (sha256,),
        )
        or ""
    )


# --- acts --------------------------------------------------------------------------------------


def _act(number: str, date: str, stem: str, scope: str) -> str:
    """The key of an act as an expression of SQL; ``scope`` is the insurer, or the bill."""
    return (
        f"coalesce({scope}, 0) || '|' || CASE WHEN {number} <> '' THEN {number} || '|' || {date}"
        f" ELSE 'file:' || {stem} END"
    )


_OLD_STEM = "json_extract(w.header, '$.stem')"
_OLD_SCOPE = "CASE WHEN w.lists_all THEN 'B' || o.package_id ELSE o.payer_id END"
#: ?1 = name of the file without extension, ?2 = it is a federal return
_NEW_SCOPE = "CASE WHEN ?2 THEN 'B' || m.package_id ELSE m.payer_id END"
_NEW_ACTS = (
    f"SELECT DISTINCT {_act('q.act', 'q.act_date', '?1', _NEW_SCOPE)} FROM temp.mek_reason q"
    " JOIN temp.mek_in i ON i.n = q.n JOIN temp.mek_case m ON m.account_id = i.account_id"
)
_OLD_REFUSALS = (
    " FROM refusal f JOIN answer w ON w.id = f.answer_id JOIN account o ON o.id = f.account_id"
    " WHERE w.road = 'mek' AND f.state = 'active' AND "
    + _act("json_extract(f.data, '$.NUM_ACT')", "json_extract(f.data, '$.DATE_ACT')", _OLD_STEM, _OLD_SCOPE)
    + f" IN ({_NEW_ACTS})"
)


def same_acts(stem: str, xml: bool) -> list[Act]:
    """Acts of this return that were loaded before."""
    rows = db.execute(
        "SELECT json_extract(f.data, '$.NUM_ACT'), json_extract(f.data, '$.DATE_ACT'), w.name,"
        f" w.accepted_at, count(*){_OLD_REFUSALS} GROUP BY 1, 2, w.id ORDER BY w.id",
        (stem, int(xml)),
    )
    return [Act(*row) for row in rows]


def old_cuts(stem: str, xml: bool) -> list[int]:
    """Cuts of those acts: each stands beside its refusal row."""
    rows = db.execute(
        "SELECT u.id FROM cut u JOIN answer w ON w.id = u.answer_id JOIN account o ON o.id = u.account_id"
        f" WHERE u.state = 'active' AND {_act('u.act_number', 'u.act_date', _OLD_STEM, _OLD_SCOPE)}"
        f" IN ({_NEW_ACTS})",
        (stem, int(xml)),
    )
    return [row[0] for row in rows]


_FREED = (
    f"SELECT f.account_id{_OLD_REFUSALS} AND f.refuses = 1"
    " AND f.account_id NOT IN (SELECT account_id FROM temp.mek_case WHERE refused = 1)"
)


def freed_and_sent(stem: str, xml: bool) -> list[str]:
    """Keys of accounts the same act no longer refuses, whose cases were returned and billed anew."""
    rows = db.execute(
        "SELECT DISTINCT a.xkey FROM account a JOIN resubmission s ON s.account_id = a.id"
        " AND s.undone_at IS NULL JOIN pay_account x ON x.account_id = s.new_account_id"
        f" WHERE x.package_id IS NOT NULL AND a.id IN ({_FREED}) LIMIT 10",
        (stem, int(xml)),
    )
    return [row[0] for row in rows]


def _replace(new: NewReturn) -> None:
    """Take back the acts that this return holds anew: their refusals and cuts, nothing else."""
    cuts = old_cuts(new.stem, new.lists_all)
    found = db.execute(f"SELECT f.id, f.account_id, f.answer_id{_OLD_REFUSALS}", (new.stem, new.lists_all))
    rows = found.fetchall()
    if not rows and not cuts:
        return
    refusals, accounts, answers = (db.dump(sorted({r[i] for r in rows})) for i in range(3))
    listed = "(SELECT value FROM json_each(?))"
    db.execute(f"UPDATE refusal SET state='replaced' WHERE id IN {listed}", (refusals,))
    db.execute(f"UPDATE cut SET state='replaced' WHERE id IN {listed}", (db.dump(cuts),))
    # another act may refuse the account as well
    left = (
        "SELECT max(f.answer_id) FROM refusal f WHERE f.account_id = account.id AND f.kind = 'mek'"
        " AND f.state = 'active' AND f.refuses = 1"
    )
    db.execute(
        f"UPDATE account SET answer2_id = ({left}), stage2 = CASE WHEN ({left}) IS NULL THEN 0 ELSE 2 END"
        f" WHERE stage2 = 2 AND id IN {listed}",
        (accounts,),
    )
    db.execute(
        f"UPDATE answer SET state='replaced' WHERE id IN {listed} AND NOT EXISTS (SELECT 1 FROM refusal f"
        " WHERE f.answer_id = answer.id AND f.state = 'active')",
        (answers,),
    )
    db.execute(
        "UPDATE account SET stage2 = 0, answer2_id = NULL WHERE stage2 = 1 AND answer2_id IN"
        f" (SELECT id FROM answer WHERE state='replaced' AND id IN {listed})",
        (answers,),
    )
    db.execute(
        "UPDATE answer_line SET refused = EXISTS (SELECT 1 FROM refusal f WHERE f.answer_id ="
        " answer_line.answer_id AND f.account_id = answer_line.account_id AND f.refuses = 1"
        " AND f.state = 'active') WHERE answer_id IN (SELECT id FROM answer WHERE state = 'active'"
        f" AND id IN {listed})",
        (answers,),
    )
    # what is left of the old returns still names the account, and no longer refuses it
    named = (
        "SELECT max(l.answer_id) FROM answer_line l JOIN answer w ON w.id = l.answer_id"
        " WHERE l.account_id = account.id AND w.road = 'mek' AND w.state = 'active'"
    )
    db.execute(
        f"UPDATE account SET stage2 = 1, answer2_id = ({named}) WHERE stage2 = 0 AND ({named}) IS NOT NULL"
        f" AND id IN {listed}",
        (accounts,),
    )
    for answer in json.loads(answers):
        _totals(answer)


# --- applying ----------------------------------------------------------------------------------


def apply(new: NewReturn) -> int:
    """Write the staged return whole; returns the id of its answer."""
    freed = [r[0] for r in db.execute(f"SELECT DISTINCT * FROM ({_FREED})", (new.stem, new.lists_all))]
    _replace(new)
    cursor = db.execute(
        "INSERT INTO answer(road, period, registry_id, stage, payer_id, file_id, name, accepted_at,"
        " accepted_by, run_id, lists_all, state, header) VALUES('mek',?,?,?,?,?,?,?,?,?,?,'active',?)",
        (
            *(new.period, new.registry_id, STAGE, new.payer_id, new.file_id, new.name, new.at, new.who),
            *(new.run_id, int(new.lists_all), db.dump({**new.header, "stem": new.stem})),
        ),
    )
    answer = int(cursor.lastrowid or 0)
    db.execute(
        "INSERT INTO answer_line(answer_id, account_id, pay, refused)"
        " SELECT ?, account_id, decision, refused FROM temp.mek_case WHERE decision <> 0 ORDER BY n",
        (answer,),
    )
    _reasons(answer)
    _decide(answer, new)
    _release(freed, new)
    _totals(answer)
    return answer


#: what is not refused whole says how much was taken off
_COMMENT = (
    "CASE WHEN m.refused OR q.total = 0 THEN q.comment ELSE trim(printf('снято %d.%02d из %d.%02d. ',"
    " coalesce(q.total, m.total) / 100, coalesce(q.total, m.total) % 100, m.total / 100, m.total % 100)"
    " || q.comment) END"
)


def _reasons(answer: int) -> None:
    """Refusals of every reason; what is cut without a full refusal is a cut of the ledger too."""
    rows = (
        " FROM temp.mek_reason q JOIN temp.mek_in i ON i.n = q.n"
        " JOIN temp.mek_case m ON m.account_id = i.account_id"
    )
    db.execute(
        'INSERT INTO refusal(answer_id, account_id, stage, payer_id, kind, code, "text", comment, known,'
        " refuses, service_xkey, data, state) SELECT ?, m.account_id, ?, m.payer_id, 'mek', q.code, q.text,"
        f" {_COMMENT}, q.known, m.refused AND q.control = 'МЭК', '', json_object('NUM_ACT', q.act,"
        " 'DATE_ACT', q.act_date, 'S_SUM', printf('%d.%02d', coalesce(q.total, m.total) / 100,"
        " coalesce(q.total, m.total) % 100), 'S_TIP', q.tip, 'control', q.control, 'service', q.service),"
        f" 'active'{rows} ORDER BY q.rowid",
        (answer, STAGE),
    )
    # a record without a ground refuses all the same
    db.execute(
        'INSERT INTO refusal(answer_id, account_id, stage, payer_id, kind, code, "text", comment, known,'
        " refuses, service_xkey, data, state) SELECT ?, m.account_id, ?, m.payer_id, 'mek', '',"
        " 'без указания причины', '', 1, 1, '', json_object('NUM_ACT', '', 'DATE_ACT', ''), 'active'"
        " FROM temp.mek_case m WHERE m.refused = 1 AND NOT EXISTS (SELECT 1 FROM refusal f"
        " WHERE f.answer_id = ? AND f.account_id = m.account_id AND f.refuses = 1) ORDER BY m.n",
        (answer, STAGE, answer),
    )
    db.execute(
        "INSERT INTO cut(answer_id, account_id, control, code, total, act_number, act_date, comment, state)"
        " SELECT ?, m.account_id, q.tip, q.code, coalesce(q.total, m.total), q.act, q.act_date, q.comment,"
        f" 'active'{rows} WHERE m.refused = 0 AND m.cut > 0 AND coalesce(q.total, m.total) > 0"
        " ORDER BY q.rowid",
        (answer,),
    )


def _decide(answer: int, new: NewReturn) -> None:
    """A full refusal stays whatever a later act says; what is not refused is paid."""
    db.execute(
        "UPDATE account SET stage2 = 2, answer2_id = ? WHERE stage2 <> 2"
        " AND id IN (SELECT account_id FROM temp.mek_case WHERE refused = 1)",
        (answer,),
    )
    db.execute(
        "UPDATE account SET stage2 = 1, answer2_id = ? WHERE stage2 = 0"
        " AND id IN (SELECT account_id FROM temp.mek_case WHERE refused = 0 AND decision <> 0)",
        (answer,),
    )
    if not new.lists_all:
        # a table lists refusals only: the rest of the same registry's bills of that insurer is paid,
        # unless it is an act of МЭЭ or ЭКМП, which looks at chosen cases
        db.execute(
            "UPDATE account SET stage2 = 1, answer2_id = ? WHERE stage2 = 0 AND id IN ("
            "SELECT x.account_id FROM (SELECT DISTINCT p.registry_id, p.payer_id FROM temp.mek_case m"
            " JOIN package p ON p.id = m.package_id WHERE m.account_id IN"
            " (SELECT account_id FROM temp.mek_in WHERE has_mek)) d"
            " JOIN package b ON b.registry_id = d.registry_id"
            " AND b.payer_id = d.payer_id AND b.kind = 'B' AND b.state = 'active'"
            " JOIN pay_account x ON x.package_id = b.id)",
            (answer,),
        )
    db.execute(
        "UPDATE account SET work = ? WHERE work = ''"
        " AND id IN (SELECT account_id FROM temp.mek_case WHERE refused = 1)",
        (WorkState.NEW.value,),
    )


def _release(freed: list[int], new: NewReturn) -> None:
    """Accounts whose refusal the same act withdrew: no work, no return waiting."""
    accounts = db.dump(freed)
    free = (
        "SELECT a.id FROM account a WHERE a.stage2 <> 2 AND a.stage1 <> 2"
        " AND a.id IN (SELECT value FROM json_each(?))"
    )
    db.execute(
        f"UPDATE registry SET reform_reason='отказ отозван заменой акта МЭК' WHERE status IN {FORMED_SQL}"
        " AND id IN (SELECT b.registry_id FROM resubmission s"
        f" JOIN account b ON b.id = s.new_account_id WHERE s.undone_at IS NULL AND s.account_id IN ({free}))",
        (accounts,),
    )
    db.execute(
        "UPDATE resubmission SET undone_at=?, undone_by=?, new_account_id=NULL WHERE undone_at IS NULL"
        f" AND account_id IN ({free})",
        (new.at, new.who, accounts),
    )
    db.execute(f"UPDATE account SET work='' WHERE id IN ({free})", (accounts,))


def _totals(answer: int) -> None:
    db.execute(
        "UPDATE answer SET (accounts, refused, refused_sum) = (SELECT count(*),"
        " coalesce(sum(l.refused), 0), coalesce(sum(l.refused * a.total), 0) FROM answer_line l"
        " JOIN account a ON a.id = l.account_id WHERE l.answer_id = answer.id) WHERE id = ?",
        (answer,),
    )
