"""Writing an answer of identification: policies, payers, names, history, refusals, the registry.

The decisions stand in the temporary tables of ``ident_answers``. ``plan_edits`` reads; ``apply`` writes and
is called inside one ``db.write()``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from omstui.domain.identification import UNIDENTIFIED, UNINSURED
from omstui.domain.model import RegistryStatus, WorkState, fio_key
from omstui.domain.store import db, registries_b
from omstui.domain.store.ident_answers import ROAD, STAGE
from omstui.domain.store.identification import UNSENT
from omstui.domain.store.loading import POLICY

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
    """temp.ident_edit: what changes in the policies of the cases, a row per case and column."""
    db.execute("DROP TABLE IF EXISTS temp.ident_edit")
    db.execute(
        "CREATE TEMP TABLE ident_edit(case_id INTEGER, policy_id INTEGER, field TEXT, old TEXT, new TEXT)"
    )
    for name in _HISTORY:
        old = f"coalesce(o.{name}, '')"
        head = f"INSERT INTO temp.ident_edit SELECT DISTINCT c.case_id, n.id, ?, {old}, n.{name} "
        db.execute(
            f"{head}FROM temp.ident_policy n JOIN temp.ident_case c ON c.new_policy=n.id"
            " AND c.patient_id=n.patient_id LEFT JOIN policy o ON o.id=c.old_policy"
            f" WHERE {old}<>n.{name}",
            (name,),
        )
        db.execute(
            f"{head}FROM temp.ident_case c JOIN policy n ON n.id=c.new_policy LEFT JOIN policy o"
            " ON o.id=c.old_policy WHERE c.new_policy IS NOT c.old_policy AND c.new_policy NOT IN"
            f" (SELECT id FROM temp.ident_policy) AND {old}<>n.{name}",
            (name,),
        )


def apply(new: NewAnswer, check: Callable[[], None]) -> int:
    """Write the answer whole; returns its id."""
    answer_id = _answer(new)
    check()
    _history(new)
    _policies()
    check()
    _cases()
    check()
    _names(new)
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
    head = "INSERT INTO edit(case_id, patient_id, entity, entity_id, field, old, new, at, who, origin) "
    tail = ", ?, ?, 'identification' FROM temp."
    who = (new.at, new.who)
    db.execute(
        f"{head}SELECT case_id, NULL, 'policy', policy_id, field, old, new{tail}ident_edit ORDER BY rowid",
        who,
    )
    db.execute(
        f"{head}SELECT NULL, x.patient_id, 'policy', x.id, 'end_date', coalesce(q.end_date, ''), x.end_date"
        f"{tail}ident_close x JOIN policy q ON q.id=x.id ORDER BY x.id",
        who,
    )
    db.execute(
        f"{head}SELECT NULL, patient_id, 'patient', patient_id, field, old, new{tail}ident_name"
        " ORDER BY rowid",
        who,
    )


def _policies() -> None:
    names = ",".join(f'"{name}"' for name in POLICY)
    sets = ", ".join(f'"{name}"=n."{name}"' for name in POLICY)
    db.execute(f"UPDATE policy SET {sets} FROM temp.ident_policy n WHERE n.id=policy.id AND n.new=0")
    db.execute(
        f"INSERT INTO policy(id, patient_id, {names}) SELECT id, patient_id, {names}"
        " FROM temp.ident_policy WHERE new=1 ORDER BY id"
    )
    db.execute("UPDATE policy SET end_date=x.end_date FROM temp.ident_close x WHERE x.id=policy.id")


def _cases() -> None:
    """Cases and their accounts take the policy and the payer; re-forming is not needed for it.

    ``updated_at`` stays: it is what makes a registry «нужно переформировать».
    """
    changed = "(c.new_policy IS NOT c.old_policy OR c.new_payer IS NOT c.old_payer)"
    db.execute(
        "UPDATE cases SET policy_id=c.new_policy, payer_id=c.new_payer, version=version+1"
        f" FROM temp.ident_case c WHERE c.case_id=cases.id AND {changed}"
    )
    db.execute(
        "UPDATE account AS a SET payer_id=c.new_payer FROM temp.ident_case c WHERE c.account_id=a.id"
        f" AND a.payer_id IS NOT c.new_payer AND {UNSENT}"
    )
    db.execute(
        f"UPDATE account SET work='{WorkState.CORRECTED}' WHERE work='{WorkState.NEW}' AND case_id IN"
        " (SELECT case_id FROM temp.ident_edit UNION SELECT c.case_id FROM temp.ident_case c"
        f" WHERE {changed})"
    )


def _names(new: NewAnswer) -> None:
    """Names by the register, with the key they are searched by."""
    rows = db.execute(
        "SELECT field, new, patient_id FROM temp.ident_name ORDER BY patient_id, rowid"
    ).fetchall()
    for name in {row[0] for row in rows}:
        db.executemany(
            f'UPDATE patient SET "{name}"=? WHERE id=?', ((r[1], r[2]) for r in rows if r[0] == name)
        )
    keys = db.execute(
        "SELECT surname, name, patronymic, id FROM patient WHERE id IN"
        " (SELECT patient_id FROM temp.ident_name)"
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
    db.execute(
        "UPDATE ident_row SET answer_id=?, result=i.result, error=i.error, found=i.found, data=i.data"
        " FROM temp.ident_in i WHERE i.row_id=ident_row.id",
        (answer_id,),
    )


def _refusals(answer_id: int) -> None:
    """«Неидентифицированный пациент» on the accounts of the persons not found; older ones give way."""
    db.execute(
        "UPDATE refusal SET state='replaced' WHERE state='active' AND kind='ident' AND account_id IN"
        " (SELECT c.account_id FROM temp.ident_case c JOIN temp.ident_choice h"
        " ON h.patient_id=c.patient_id)"
    )
    db.execute(
        "INSERT INTO refusal(answer_id, account_id, stage, kind, code, text, comment, known, refuses, data,"
        " state) SELECT ?, c.account_id, ?, 'ident', CAST(i.result AS TEXT), CASE h.how"
        " WHEN 'unidentified' THEN ? ELSE ? END, i.error, 1, 0, i.data, 'active' FROM temp.ident_case c"
        " JOIN temp.ident_choice h ON h.patient_id=c.patient_id JOIN temp.ident_in i"
        " ON i.patient_id=c.patient_id WHERE c.insured=0 ORDER BY c.account_id",
        (answer_id, STAGE, UNIDENTIFIED, UNINSURED),
    )
