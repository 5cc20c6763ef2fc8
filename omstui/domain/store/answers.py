"""Accepted answers (принятые файлы): finding packages and answers, applying a staged answer.

Everything here that writes is called inside one ``db.write()`` of the operation «Принять ответы».
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from omstui.domain.model import Decision, RegistryStatus, WorkState
from omstui.domain.store import db


@dataclass(frozen=True, slots=True)
class PackageRow:
    """An outgoing file."""

    id: int
    kind: str
    period: str
    is_test: bool
    state: str
    name: str
    payer_id: int | None


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """An accepted answer with what its protocol needs."""

    id: int
    package_id: int
    stage: int
    payer_id: int
    smo: str
    period: str
    name: str
    accepted_at: str
    accepted_by: str
    accounts: int
    refused: int
    refused_sum: int
    flk: int
    state: str
    sha256: str
    header: dict[str, Any]


@dataclass(frozen=True, slots=True)
class NewAnswer:
    """What ``apply`` writes about an answer besides the staged accounts."""

    package_id: int
    stage: int
    payer_id: int
    file_id: int
    name: str
    at: str
    who: str
    run_id: int | None
    lists_all: bool
    header: dict[str, Any]
    replaces: int | None = None


_PACKAGE = "SELECT p.id, p.kind, p.period, p.is_test, p.state, p.name, p.payer_id FROM package p"
_ANSWER = (
    "SELECT w.id, w.package_id, w.stage, w.payer_id, s.code, p.period, w.name, w.accepted_at,"
    " w.accepted_by, w.accounts, w.refused, w.refused_sum, w.flk, w.state, f.sha256, w.header"
    " FROM answer w JOIN package p ON p.id = w.package_id JOIN insurer s ON s.id = w.payer_id"
    " JOIN stored_file f ON f.id = w.file_id"
)


def _package(row: Any) -> PackageRow | None:
    if row is None:
        return None
    values: list[Any] = [*row[:3], bool(row[3]), *row[4:]]
    return PackageRow(*values)


def _answer(row: Any) -> AnswerRow | None:
    if row is None:
        return None
    values: list[Any] = [*row[:15], json.loads(row[15])]
    return AnswerRow(*values)


def packages_of(period: str) -> list[PackageRow]:
    """Packages «3» of a month in every state, the active ones first, of them the main ones."""
    rows = db.execute(
        _PACKAGE + " WHERE p.kind='3' AND p.period=? ORDER BY p.state <> 'active', p.is_test, p.id DESC",
        (period,),
    )
    return [package for row in rows if (package := _package(row)) is not None]


def seven_of(package_id: int, payer_id: int) -> PackageRow | None:
    """The active «7» of this insurer cut from this package."""
    return _package(
        db.execute(
            _PACKAGE + " WHERE p.kind='7' AND p.parent_id=? AND p.payer_id=? AND p.state='active'"
            " ORDER BY p.id DESC LIMIT 1",
            (package_id, payer_id),
        ).fetchone()
    )


def package_by_sha(sha256: str) -> PackageRow | None:
    """Our own file with these bytes."""
    return _package(
        db.execute(
            _PACKAGE + " JOIN stored_file f ON f.id = p.file_id WHERE f.sha256=? LIMIT 1", (sha256,)
        ).fetchone()
    )


def answer_by_sha(sha256: str) -> AnswerRow | None:
    """The newest accepted answer with these bytes, an active one before the others."""
    return _answer(
        db.execute(
            _ANSWER + " WHERE f.sha256=? ORDER BY w.state <> 'active', w.id DESC LIMIT 1", (sha256,)
        ).fetchone()
    )


def answer_by_id(answer_id: int) -> AnswerRow | None:
    """The answer with this id, for its protocol."""
    return _answer(db.execute(_ANSWER + " WHERE w.id=?", (answer_id,)).fetchone())


def active_answer(package_id: int, stage: int, payer_id: int) -> AnswerRow | None:
    """The answer of this insurer and stage that counts now."""
    return _answer(
        db.execute(
            _ANSWER + " WHERE w.package_id=? AND w.stage=? AND w.payer_id=? AND w.state='active' LIMIT 1",
            (package_id, stage, payer_id),
        ).fetchone()
    )


def exported_returns(answer_id: int, stage: int) -> list[str]:
    """Keys of accounts this answer refused that were returned by F8 and exported already."""
    column = "answer1_id" if stage == 1 else "answer2_id"
    rows = db.execute(
        "SELECT a.xkey FROM account a JOIN resubmission s ON s.account_id = a.id"
        " JOIN account b ON b.id = s.new_account_id"
        " JOIN registry r ON r.id = b.registry_id"
        f" WHERE a.{column} = ? AND s.undone_at IS NULL AND b.package_id IS NOT NULL"
        " AND r.is_test = 0 LIMIT 10",
        (answer_id,),
    )
    return [row[0] for row in rows]


def apply(new: NewAnswer) -> int:
    """Write the staged answer whole; returns its id."""
    if new.replaces is not None:
        _forget(new.replaces, new.package_id, new.stage)
    cursor = db.execute(
        "INSERT INTO answer(package_id, stage, payer_id, file_id, name, accepted_at, accepted_by,"
        " run_id, lists_all, state, header) VALUES(?,?,?,?,?,?,?,?,?,'active',?)",
        (
            new.package_id,
            new.stage,
            new.payer_id,
            new.file_id,
            new.name,
            new.at,
            new.who,
            new.run_id,
            int(new.lists_all),
            db.dump(new.header),
        ),
    )
    answer_id = int(cursor.lastrowid or 0)
    db.execute(
        "INSERT INTO answer_line(answer_id, account_id, pay, refused)"
        " SELECT ?, account_id, max(pay), max(refused) FROM temp.answer_in GROUP BY account_id",
        (answer_id,),
    )
    _decide(answer_id, new)
    _take_unlisted(new)
    _refusals(answer_id, new)
    _work(answer_id, new)
    _totals(answer_id)
    return answer_id


def _forget(answer_id: int, package_id: int, stage: int) -> None:
    """Take back an answer that is being replaced: its decisions and refusals, nothing else."""
    db.execute("UPDATE answer SET state='replaced' WHERE id=?", (answer_id,))
    db.execute("UPDATE refusal SET state='replaced' WHERE answer_id=?", (answer_id,))
    sets = f"stage{stage}=0, answer{stage}_id=NULL"
    if stage == 1:
        sets += ", decided_payer_id=NULL"
    db.execute(
        f"UPDATE account SET {sets} WHERE package_id=? AND answer{stage}_id=?", (package_id, answer_id)
    )


def _decide(answer_id: int, new: NewAnswer) -> None:
    payer = ", decided_payer_id = ?" if new.stage == 1 else ""
    db.execute(
        f"UPDATE account SET stage{new.stage} = 1 + l.refused, answer{new.stage}_id = ?{payer}"
        " FROM answer_line l WHERE l.answer_id = ? AND l.account_id = account.id",
        (answer_id, *([new.payer_id] if payer else []), answer_id),
    )


def _take_unlisted(new: NewAnswer) -> None:
    """Accounts an «only refused» answer does not list are accepted; whoever came first.

    At stage 1 only until the insurer's «7» is written: an account that another insurer's replaced answer
    set free later is not in it and stays without a decision.
    """
    rows = db.execute(
        "SELECT w.id, w.payer_id, k.id FROM answer w LEFT JOIN package k ON k.parent_id = w.package_id"
        " AND k.kind='7' AND k.payer_id = w.payer_id AND k.state = 'active'"
        " WHERE w.package_id=? AND w.stage=? AND w.state='active' AND w.lists_all=0",
        (new.package_id, new.stage),
    ).fetchall()
    for answer_id, payer_id, seven_id in rows:
        if new.stage == 1 and seven_id is not None:
            continue
        if new.stage == 1:
            db.execute(
                "UPDATE account SET stage1=1, answer1_id=?, decided_payer_id=?"
                " WHERE package_id=? AND payer_id=? AND stage1=0",
                (answer_id, payer_id, new.package_id, payer_id),
            )
        else:
            db.execute(
                "UPDATE account SET stage2=1, answer2_id=? WHERE package_id=? AND reform_id=? AND stage2=0",
                (answer_id, new.package_id, seven_id),
            )


def _refusals(answer_id: int, new: NewAnswer) -> None:
    head = (
        'INSERT INTO refusal(answer_id, account_id, stage, payer_id, kind, code, "text", comment,'
        " known, refuses, service_xkey, data, state) "
    )
    db.execute(
        head + "SELECT ?, i.account_id, ?, ?, r.kind, r.code, r.text, r.comment, r.known, 1, '',"
        " r.data, 'active' FROM temp.answer_reason r JOIN temp.answer_in i ON i.n = r.n"
        " ORDER BY r.rowid",
        (answer_id, new.stage, new.payer_id),
    )
    db.execute(
        head + "SELECT ?, account_id, ?, ?, 'flk', code, text, comment, 1, 0, service, data, 'active'"
        " FROM temp.answer_fact ORDER BY rowid",
        (answer_id, new.stage, new.payer_id),
    )


def _work(answer_id: int, new: NewAnswer) -> None:
    """Refused accounts get work; one whose refusal a replacement withdrew is free again."""
    stage = new.stage
    db.execute(
        f"UPDATE account SET work=? WHERE work='' AND stage{stage}=? AND id IN"
        " (SELECT account_id FROM answer_line WHERE answer_id=? AND refused=1)",
        (WorkState.NEW.value, int(Decision.REFUSED), answer_id),
    )
    _already_returned(answer_id, new)
    if new.replaces is None:
        return
    freed = (
        "SELECT l.account_id FROM answer_line l JOIN account a ON a.id = l.account_id"
        " WHERE l.answer_id = ? AND l.refused = 1 AND a.stage1 <> 2 AND a.stage2 <> 2"
    )
    db.execute(
        "UPDATE registry SET reform_reason='отказ отозван заменой ответа' WHERE status=? AND id IN"
        " (SELECT b.registry_id FROM resubmission s JOIN account b ON b.id = s.new_account_id"
        f" WHERE s.undone_at IS NULL AND s.account_id IN ({freed}))",
        (RegistryStatus.FORMED.value, new.replaces),
    )
    db.execute(
        "UPDATE resubmission SET undone_at=?, undone_by=?, new_account_id=NULL WHERE undone_at IS NULL"
        f" AND account_id IN ({freed})",
        (new.at, new.who, new.replaces),
    )
    db.execute(f"UPDATE account SET work='' WHERE id IN ({freed})", (new.replaces,))


def _already_returned(answer_id: int, new: NewAnswer) -> None:
    """Refusals that come late: a package loaded before names the account that replaced theirs."""
    db.execute(
        "INSERT INTO resubmission(account_id, case_id, stage, target_period, created_at, created_by,"
        " new_account_id) SELECT a.id, a.case_id, ?, p.period, ?, ?, max(n.id) FROM answer_line l"
        " JOIN account a ON a.id = l.account_id JOIN account n ON n.prev_id = a.id"
        " JOIN package p ON p.id = n.package_id WHERE l.answer_id = ? AND l.refused = 1"
        " AND p.state = 'active' AND p.is_test = 0 AND NOT EXISTS (SELECT 1 FROM resubmission s"
        " WHERE s.account_id = a.id AND s.undone_at IS NULL) GROUP BY a.id",
        (new.stage, new.at, new.who, answer_id),
    )
    db.execute(
        "UPDATE account SET work=? WHERE work=? AND id IN (SELECT l.account_id FROM answer_line l"
        " JOIN resubmission s ON s.account_id = l.account_id AND s.undone_at IS NULL"
        " WHERE l.answer_id = ? AND l.refused = 1)",
        (WorkState.RETURNED.value, WorkState.NEW.value, answer_id),
    )


def _totals(answer_id: int) -> None:
    db.execute(
        "UPDATE answer SET (accounts, refused, refused_sum) = (SELECT count(*),"
        " coalesce(sum(l.refused), 0), coalesce(sum(l.refused * a.total), 0) FROM answer_line l"
        " JOIN account a ON a.id = l.account_id WHERE l.answer_id = answer.id),"
        " flk = (SELECT count(*) FROM refusal f WHERE f.answer_id = answer.id AND f.kind = 'flk')"
        " WHERE id = ?",
        (answer_id,),
    )


def save_protocol(answer_id: int, lines: list[str]) -> None:
    """Keep the log of an answer with it, to be shown when the same file comes again."""
    row = db.execute("SELECT header FROM answer WHERE id=?", (answer_id,)).fetchone()
    header = {**json.loads(row[0]), "protocol": lines}
    db.execute("UPDATE answer SET header=? WHERE id=?", (db.dump(header), answer_id))


def undecided(package_id: int) -> tuple[int, int, int]:
    """(accounts without decision of stage 1, their kopecks, insurers whose «1» did not come yet)."""
    row = db.execute(
        "SELECT count(*), coalesce(sum(total), 0) FROM account WHERE package_id=? AND stage1=0",
        (package_id,),
    ).fetchone()
    waiting = db.scalar(
        "SELECT count(DISTINCT payer_id) FROM account WHERE package_id=? AND payer_id NOT IN"
        " (SELECT payer_id FROM answer WHERE package_id=? AND stage=1 AND state='active')",
        (package_id, package_id),
    )
    return row[0], row[1], int(waiting or 0)


def pending(seven_id: int, package_id: int) -> tuple[int, int]:
    """Accounts of a «7» without decision of stage 2 and their kopecks."""
    row = db.execute(
        "SELECT count(*), coalesce(sum(total), 0) FROM account"
        " WHERE package_id=? AND reform_id=? AND stage2=0",
        (package_id, seven_id),
    ).fetchone()
    return row[0], row[1]
