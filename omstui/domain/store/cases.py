"""Cases one by one (случаи): the card of a case, its search, its saving and deletion."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from omstui.domain.errors import OmsError
from omstui.domain.merge import as_text
from omstui.domain.model import RegistryStatus
from omstui.domain.store import db
from omstui.domain.store.corrections import mark_touched
from omstui.domain.store.forming import mark_stale
from omstui.domain.store.loading import CASE, PERSON, POLICY, SERVICE
from omstui.domain.store.matching import row_dict, rows_dict

_JSON = frozenset({"extra", "ds2", "ds3"})
Row = dict[str, Any]


@dataclass(slots=True)
class CaseCard:
    """Everything the screen «Случай» shows; JSON columns are trees and lists.

    ``version`` and ``patient_version`` go back with a save: somebody else's save in between is seen.
    """

    case: Row
    patient: Row
    policy: Row
    services: list[Row]
    version: int
    patient_version: int
    payer: str = ""
    locked: str = ""  # why it cannot be deleted
    history: list[Row] = field(default_factory=list)


def visit_codes() -> frozenset[str] | None:
    """Codes of visits of the service book; None when the book is empty."""
    if not db.scalar("SELECT 1 FROM service_book LIMIT 1"):
        return None
    return frozenset(r[0] for r in db.execute("SELECT code FROM service_book WHERE is_visit=1"))


def read_case(case_id: int) -> CaseCard:
    """The card of a case; OmsError when there is none."""
    case = _tree(row_dict("SELECT * FROM cases WHERE id=?", (case_id,)))
    if not case:
        raise OmsError(f"Случая № {case_id} нет.", hint="Обновите список.")
    patient = _tree(row_dict("SELECT * FROM patient WHERE id=?", (case["patient_id"],)))
    policy = _tree(row_dict("SELECT * FROM policy WHERE id=?", (case["policy_id"],)))
    rows = rows_dict("SELECT * FROM service WHERE case_id=? ORDER BY n, id", (case_id,))
    services = [_tree(r) for r in rows]
    payer = db.scalar("SELECT name FROM insurer WHERE id=?", (case["payer_id"],))
    return CaseCard(
        case, patient, policy, services, case["version"], patient["version"], str(payer or ""),
        sent_in(case_id), history(case_id, patient["id"]),
    )  # fmt: skip


def _tree(row: Row) -> Row:
    for name in _JSON & row.keys():
        row[name] = json.loads(row[name] or ("{}" if name == "extra" else "[]"))
    return row


def history(case_id: int, patient_id: int) -> list[Row]:
    """Edits of a case and of its patient, the newest first (F3)."""
    return rows_dict(
        "SELECT id, entity, entity_id, field, old, new, at, who, origin FROM edit WHERE case_id=?"
        " OR (patient_id=? AND entity='patient') ORDER BY id DESC",
        (case_id, patient_id),
    )


def sent_in(case_id: int) -> str:
    """Where the case stands in a package that went out («апрель…13X»), «» if nowhere."""
    row = db.execute(
        "SELECT p.name, r.period FROM account a JOIN registry r ON r.id=a.registry_id"
        " JOIN package p ON p.id=a.package_id WHERE a.case_id=? AND r.deleted_at IS NULL"
        f" AND r.status<>'{RegistryStatus.RESTORED}' ORDER BY a.id DESC LIMIT 1",
        (case_id,),
    ).fetchone()
    return f"{row[0]} (период {row[1]})" if row else ""


#: the register did not know the person: his policy does not tell who pays
_KNOWN = (
    "({case}.payer_id IS NOT NULL OR NOT EXISTS (SELECT 1 FROM account a JOIN refusal f ON f.account_id=a.id"
    " WHERE a.case_id={case}.id AND f.kind='ident' AND f.state='active'))"
)
_OF_PAYER = ("smo", "smo_ogrn", "smo_ok", "okato", "region")


def derive_payers(payer: Callable[[Mapping[str, Any]], int | None], at: str) -> int:
    """Give the cases the payer their policies mean now (other insurers in the settings); how many changed.

    Accounts keep the payer they were formed with; a formed registry of such a case must be formed anew.
    """
    names = ", ".join(f"q.{n}" for n in _OF_PAYER)
    same = " AND ".join(f"q.{n}=?" for n in _OF_PAYER)
    changed: list[int] = []
    for row in db.execute(f"SELECT DISTINCT {names} FROM policy q").fetchall():
        found = payer(dict(zip(_OF_PAYER, row, strict=True)))
        changed += [
            r[0]
            for r in db.execute(
                f"SELECT c.id FROM policy q JOIN cases c ON c.policy_id=q.id WHERE {same}"
                f" AND c.payer_id IS NOT ? AND {_KNOWN.format(case='c')}",
                (*row, found),
            )
        ]
        db.execute(
            f"UPDATE cases SET payer_id=?, updated_at=? FROM policy q WHERE q.id=cases.policy_id AND {same}"
            f" AND cases.payer_id IS NOT ? AND {_KNOWN.format(case='cases')}",
            (found, at, *row, found),
        )
    if changed:
        mark_stale(changed)
    return len(changed)


# --- saving ------------------------------------------------------------------------------------


def insert(table: str, values: Mapping[str, Any]) -> int:
    """Insert one row of patient, policy, cases or service; lists and trees become JSON."""
    stored = {n: as_text(v) if n in _JSON else v for n, v in values.items()}
    return int(db.execute(db.insert_sql(table, list(stored)), list(stored.values())).lastrowid or 0)


def update(table: str, row_id: int, values: Mapping[str, Any]) -> None:
    stored = {n: as_text(v) if n in _JSON else v for n, v in values.items()}
    names = ",".join(f'"{n}"=?' for n in stored)
    db.execute(f"UPDATE {table} SET {names} WHERE id=?", (*stored.values(), row_id))


def delete_service(service_id: int) -> None:
    db.execute("DELETE FROM service WHERE id=?", (service_id,))


def bump(table: str, row_id: int) -> None:
    """One more version of a case or patient."""
    db.execute(f"UPDATE {table} SET version=version+1 WHERE id=?", (row_id,))


def add_edit(
    entity: str, entity_id: int, name: str, old: Any, new: Any, at: str, who: str, *,
    case_id: int | None = None, patient_id: int | None = None,
) -> None:  # fmt: skip
    """A line of history by an operator."""
    db.execute(
        "INSERT INTO edit(case_id, patient_id, entity, entity_id, field, old, new, at, who, origin)"
        " VALUES(?,?,?,?,?,?,?,?,?,'operator')",
        (case_id, patient_id, entity, entity_id, name, as_text(old), as_text(new), at, who),
    )


def equal_policy(patient_id: int, values: Mapping[str, Any]) -> int | None:
    """Policy of the patient that says the same, if there is one."""
    names = [n for n in POLICY if n != "extra"]
    condition = " AND ".join(f'"{n}"=?' for n in names)
    found = db.scalar(
        f"SELECT max(id) FROM policy WHERE patient_id=? AND {condition}",
        (patient_id, *(values.get(n, "") for n in names)),
    )
    return int(found) if found else None


def next_dup(key: str) -> int:
    return int(db.scalar("SELECT coalesce(max(dup)+1, 0) FROM cases WHERE key=?", (key,)))


def touched(case_ids: list[int], at: str) -> None:
    """Accounts and registries learn that these cases were corrected."""
    db.execute("CREATE TEMP TABLE IF NOT EXISTS c_touched(id INTEGER PRIMARY KEY)")
    db.execute("DELETE FROM temp.c_touched")
    db.executemany("INSERT OR IGNORE INTO temp.c_touched VALUES(?)", ((i,) for i in case_ids))
    mark_touched("temp.c_touched", at)


def cases_of_patient(patient_id: int) -> list[int]:
    return [r[0] for r in db.execute("SELECT id FROM cases WHERE patient_id=?", (patient_id,))]


def cases_with_policy(patient_id: int, policy_id: int) -> list[int]:
    """Live cases of a patient that have this policy."""
    rows = db.execute(
        "SELECT id FROM cases WHERE patient_id=? AND policy_id=? AND deleted_at IS NULL",
        (patient_id, policy_id),
    )
    return [r[0] for r in rows]


def last_save(case_id: int) -> tuple[str, str]:
    """(who, when) of the last edit of a case."""
    row = db.execute(
        "SELECT who, at FROM edit WHERE case_id=? ORDER BY id DESC LIMIT 1", (case_id,)
    ).fetchone()
    return (row[0], row[1]) if row else ("", "")


FIELDS: dict[str, frozenset[str]] = {
    "case": frozenset(CASE) - {"key", "twin", "source_hash", "kind", "payer_id", "family"},
    "patient": frozenset(PERSON) - {"fio_key"},
    "policy": frozenset(POLICY),
    "service": frozenset(SERVICE),
}
