"""Writing an answer of identification: policies, payers, names, history, refusals, the registry.

The decisions stand in the staging tables of ``ident_answers``. ``plan_edits`` reads; ``apply`` writes and
is called inside one ``db.write()``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from omstui.domain.identification import UNIDENTIFIED, UNINSURED
from omstui.domain.model import RegistryStatus, WorkState, fio_key
from omstui.domain.store import db, registries_b
from omstui.domain.store.ident_answers import NAMES, ROAD, STAGE
from omstui.domain.store.identification import UNSENT
from omstui.domain.store.loading import POLICY

#: rows of a statement
_PART = 10_000
_HISTORY = [name for name in POLICY if name != "extra"]


@dataclass(frozen=True, slots=True)
class NewAnswer:
    """What is written about an answer besides the staged decisions."""

    package_id: int
    registry_id: int | None
    period: str
    file_id: int
    name: str
    at: str
    who: str
    run_id: int | None
    accounts: int
    header: dict[str, Any]
    replaces: int | None = None


def plan_edits() -> None:
    """stage.ident_edit: what changes in the policies of the cases, a row per case and column.

    The policies are joined once, for the cases where anything differs; then column after column is read.
    """
    for table in ("ident_pair", "ident_edit"):
        db.execute(f"DROP TABLE IF EXISTS stage.{table}")
    db.execute(
        "CREATE TABLE stage.ident_edit(case_id INTEGER, policy_id INTEGER, field TEXT, old TEXT, new TEXT)"
    )
    old = ", ".join(f"coalesce(o.{name}, '') AS old_{name}" for name in _HISTORY)
    new = ", ".join(f"n.{name} AS new_{name}" for name in _HISTORY)
    differs = " OR ".join(f"coalesce(o.{name}, '')<>n.{name}" for name in _HISTORY)
    db.execute(
        f"CREATE TABLE stage.ident_pair AS SELECT DISTINCT c.case_id, n.id AS policy_id, {old}, {new}"
        " FROM stage.ident_policy n JOIN stage.ident_case c ON c.new_policy=n.id"
        f" AND c.patient_id=n.patient_id LEFT JOIN policy o ON o.id=c.old_policy WHERE {differs}"
    )
    db.execute(
        f"INSERT INTO stage.ident_pair SELECT DISTINCT c.case_id, n.id, {old}, {new} FROM stage.ident_case c"
        " JOIN policy n ON n.id=c.new_policy LEFT JOIN policy o ON o.id=c.old_policy"
        " WHERE c.new_policy IS NOT c.old_policy AND c.new_policy NOT IN (SELECT id FROM stage.ident_policy)"
        f" AND ({differs})"
    )
    for name in _HISTORY:
        db.execute(
            f"INSERT INTO stage.ident_edit SELECT case_id, policy_id, ?, old_{name}, new_{name}"
            f" FROM stage.ident_pair WHERE old_{name}<>new_{name}",
            (name,),
        )
    db.execute("DROP TABLE stage.ident_pair")


def _parts(table: str) -> Iterator[tuple[int, int]]:
    """Ranges of _PART rows of a staging table."""
    source = f"FROM stage.{table} WHERE rowid"
    first = db.scalar(f"SELECT min(rowid) FROM stage.{table}")
    while first is not None:
        last = db.scalar(
            f"SELECT max(k) FROM (SELECT rowid AS k {source}>=? ORDER BY rowid LIMIT ?)", (first, _PART)
        )
        yield first, last
        first = db.scalar(f"SELECT min(rowid) {source}>?", (last,))


def _by_parts(table: str, sql: str, params: Sequence[Any] = ()) -> None:
    """Run a statement that ends with the rowid of the staging table, part by part.

    SQLite keeps what a statement changes in memory until it ends: one over a whole month needs too much.
    """
    for part in _parts(table):
        db.execute(f"{sql} BETWEEN ? AND ?", (*params, *part))


def apply(new: NewAnswer, check: Callable[[], None]) -> int:
    """Write the answer whole; returns its id."""
    answer_id = _answer(new)
    check()
    _history(new)
    _policies()
    check()
    _cases()
    check()
    _names()
    _rows(answer_id, new)
    check()
    _refusals(answer_id)
    check()
    if new.registry_id is not None:
        registries_b.set_status(new.registry_id, RegistryStatus.IDENT_LOADED)
    return answer_id


def _answer(new: NewAnswer) -> int:
    if new.replaces is not None:
        db.execute("UPDATE answer SET state='replaced' WHERE id=?", (new.replaces,))
        db.execute("UPDATE refusal SET state='replaced' WHERE answer_id=?", (new.replaces,))
    cursor = db.execute(
        "INSERT INTO answer(package_id, registry_id, road, period, stage, file_id, name, accepted_at,"
        " accepted_by, run_id, lists_all, accounts, state, header)"
        " VALUES(?,?,?,?,?,?,?,?,?,?,1,?,'active',?)",
        (
            new.package_id, new.registry_id, ROAD, new.period, STAGE, new.file_id, new.name, new.at, new.who,
            new.run_id, new.accounts, db.dump(new.header),
        ),
    )  # fmt: skip
    return int(cursor.lastrowid or 0)


def _history(new: NewAnswer) -> None:
    """Edits of the policies, before they change."""
    head = "INSERT INTO edit(case_id, patient_id, entity, entity_id, field, old, new, at, who, origin) SELECT"
    tail = "?, ?, 'identification' FROM stage."
    who = (new.at, new.who)
    _by_parts(
        "ident_edit",
        f"{head} case_id, NULL, 'policy', policy_id, field, old, new, {tail}ident_edit WHERE rowid",
        who,
    )
    _by_parts(
        "ident_close",
        f"{head} NULL, x.patient_id, 'policy', x.id, 'end_date', coalesce(q.end_date, ''), x.end_date,"
        f" {tail}ident_close x JOIN policy q ON q.id=x.id WHERE x.id",
        who,
    )
    _by_parts(
        "ident_name",
        f"{head} NULL, patient_id, 'patient', patient_id, field, old, new, {tail}ident_name WHERE rowid",
        who,
    )


def _policies() -> None:
    names = ",".join(f'"{name}"' for name in POLICY)
    sets = ", ".join(f'"{name}"=n."{name}"' for name in POLICY)
    _by_parts(
        "ident_policy",
        f"UPDATE policy SET {sets} FROM stage.ident_policy n WHERE n.id=policy.id AND n.new=0 AND n.id",
    )
    _by_parts(
        "ident_policy",
        f"INSERT INTO policy(id, patient_id, {names}) SELECT id, patient_id, {names}"
        " FROM stage.ident_policy WHERE new=1 AND id",
    )
    _by_parts(
        "ident_close",
        "UPDATE policy SET end_date=x.end_date FROM stage.ident_close x WHERE x.id=policy.id AND x.id",
    )


def _cases() -> None:
    """Cases and their accounts take the policy and the payer; re-forming is not needed for it.

    ``updated_at`` stays: it is what makes a registry «нужно переформировать».
    """
    changed = "(c.new_policy IS NOT c.old_policy OR c.new_payer IS NOT c.old_payer)"
    _by_parts(
        "ident_case",
        "UPDATE cases SET policy_id=c.new_policy, payer_id=c.new_payer, version=version+1"
        f" FROM stage.ident_case c WHERE c.case_id=cases.id AND {changed} AND c.account_id",
    )
    _by_parts(
        "ident_case",
        "UPDATE account AS a SET payer_id=c.new_payer FROM stage.ident_case c WHERE c.account_id=a.id"
        f" AND a.payer_id IS NOT c.new_payer AND {UNSENT} AND c.account_id",
    )
    db.execute(
        f"UPDATE account SET work='{WorkState.CORRECTED}' WHERE work='{WorkState.NEW}' AND case_id IN"
        " (SELECT case_id FROM stage.ident_edit UNION SELECT c.case_id FROM stage.ident_case c"
        f" WHERE {changed})"
    )


def _names() -> None:
    """Names by the register, with the key they are searched by."""
    for name in NAMES:
        db.execute(
            f'UPDATE patient SET "{name}"=n.new FROM stage.ident_name n'
            " WHERE n.patient_id=patient.id AND n.field=?",
            (name,),
        )
    patients = db.execute("SELECT DISTINCT patient_id FROM stage.ident_name")
    while batch := patients.fetchmany(_PART):
        keys = db.execute(
            "SELECT surname, name, patronymic, id FROM patient WHERE id IN (SELECT value FROM json_each(?))",
            (db.dump([row[0] for row in batch]),),
        ).fetchall()
        db.executemany(
            "UPDATE patient SET fio_key=?, version=version+1 WHERE id=?",
            ((fio_key(*key[:3]), key[3]) for key in keys),
        )


def _rows(answer_id: int, new: NewAnswer) -> None:
    """What the fund answered about each person of the package; the last answer counts."""
    if new.replaces is not None:
        db.execute(
            "UPDATE ident_row SET answer_id=NULL, result=NULL, error='', found=0, data='{}'"
            " WHERE package_id=?",
            (new.package_id,),
        )
    _by_parts(
        "ident_in",
        "UPDATE ident_row SET answer_id=?, result=i.result, error=i.error, found=i.found, data=i.data"
        " FROM stage.ident_in i WHERE i.row_id=ident_row.id AND i.rowid",
        (answer_id,),
    )


def outdated() -> list[int]:
    """Cases whose findings about the policy the answer may have changed, where the expertise was made."""
    rows = db.execute(
        "SELECT DISTINCT c.case_id FROM stage.ident_case c JOIN account a ON a.id=c.account_id"
        " JOIN registry r ON r.id=a.registry_id WHERE r.checked_at >= r.formed_at AND (c.insured=0 OR EXISTS"
        " (SELECT 1 FROM finding f WHERE f.case_id=c.case_id AND f.code LIKE '02.%'))"
    )
    return [int(row[0]) for row in rows]


def _refusals(answer_id: int) -> None:
    """«Неидентифицированный пациент» on the accounts of the persons not found.

    Older ones of the same cases give way, those of registries the cases stood in before among them.
    """
    db.execute(
        "UPDATE refusal SET state='replaced' WHERE state='active' AND kind='ident' AND answer_id<>?"
        " AND account_id IN (SELECT a.id FROM stage.ident_case c JOIN stage.ident_choice h"
        " ON h.patient_id=c.patient_id JOIN account a ON a.case_id=c.case_id)",
        (answer_id,),
    )
    db.execute(
        "INSERT INTO refusal(answer_id, account_id, stage, kind, code, text, comment, known, refuses, data,"
        " state) SELECT ?, c.account_id, ?, 'ident', CAST(i.result AS TEXT), CASE h.how"
        " WHEN 'unidentified' THEN ? ELSE ? END, i.error, 1, 0, i.data, 'active' FROM stage.ident_case c"
        " JOIN stage.ident_choice h ON h.patient_id=c.patient_id JOIN stage.ident_in i"
        " ON i.patient_id=c.patient_id WHERE c.insured=0 ORDER BY c.account_id",
        (answer_id, STAGE, UNIDENTIFIED, UNINSURED),
    )
