"""Staged rows of corrected records (исправленные записи в промежуточной базе): read and overwritten.

The three-way merge itself is pure (``omstui.domain.merge``); only records that an operator has
corrected come here, so they are read one by one.
"""

from __future__ import annotations

import json
from typing import Any

from omstui.domain.merge import FieldEdit
from omstui.domain.store import db
from omstui.domain.store.loading import SERVICE, digest, policy_row, service_row
from omstui.domain.store.matching import row_dict, rows_dict

Edits = dict[tuple[str, int], list[FieldEdit]]


def case_edits(case_id: int) -> Edits:
    """(entity, entity id) → history of a case; policy edits are gathered under id 0."""
    found: Edits = {}
    for entity, entity_id, *rest in db.execute(
        "SELECT entity, entity_id, field, old, new, origin FROM edit WHERE case_id=? ORDER BY id",
        (case_id,),
    ):
        number = entity_id if entity == "service" else 0
        found.setdefault((entity, number), []).append(FieldEdit(*rest))
    return found


def patient_edits(patient_id: int) -> list[FieldEdit]:
    rows = db.execute(
        "SELECT field, old, new, origin FROM edit WHERE patient_id=? AND entity='patient' ORDER BY id",
        (patient_id,),
    )
    return [FieldEdit(*row) for row in rows]


def staged_case(seq: int) -> dict[str, Any]:
    return row_dict("SELECT * FROM stage.zcase WHERE seq=?", (seq,))


def staged_policy(seq: int) -> dict[str, Any]:
    return row_dict("SELECT q.* FROM stage.policy q JOIN stage.zcase z ON z.pol=q.hash WHERE z.seq=?", (seq,))


def staged_person(ref: str) -> dict[str, Any]:
    return row_dict("SELECT * FROM stage.person WHERE ref=?", (ref,))


def staged_services(seq: int) -> list[dict[str, Any]]:
    return rows_dict("SELECT * FROM stage.zservice WHERE seq=? ORDER BY n", (seq,))


def stored_services(case_id: int) -> list[dict[str, Any]]:
    return rows_dict("SELECT * FROM service WHERE case_id=? ORDER BY n, id", (case_id,))


def rewrite_case(seq: int, values: dict[str, Any]) -> None:
    """Overwrite columns of a staged case."""
    if values:
        names = ",".join(f'"{n}"=?' for n in values)
        db.execute(f"UPDATE stage.zcase SET {names} WHERE seq=?", (*values.values(), seq))


def rewrite_person(ref: str, values: dict[str, Any]) -> None:
    if values:
        names = ",".join(f'"{n}"=?' for n in values)
        db.execute(f"UPDATE stage.person SET {names} WHERE ref=?", (*values.values(), ref))


def rewrite_policy(seq: int, values: dict[str, Any]) -> None:
    """Give a staged case another policy."""
    row = policy_row({k: v for k, v in values.items() if k != "hash"})
    number = digest(row)
    marks = ",".join("?" * (len(row) + 1))
    db.execute(f"INSERT OR IGNORE INTO stage.policy VALUES({marks})", (number, *row))
    db.execute("UPDATE stage.zcase SET pol=? WHERE seq=?", (number, seq))


def rewrite_services(seq: int, rows: list[tuple[dict[str, Any], int | None]]) -> None:
    """Replace the services of a staged case; each with the stored row it updates, if any."""
    db.execute("DELETE FROM stage.zservice WHERE seq=?", (seq,))
    marks = ",".join("?" * (len(SERVICE) + 1))
    for n, (values, target) in enumerate(rows, 1):
        row = service_row({k: v for k, v in values.items() if k in SERVICE} | {"n": n})
        db.execute(f"INSERT INTO stage.zservice VALUES({marks})", (seq, *row))
        if target is not None:
            db.execute("INSERT INTO temp.l_target VALUES(?,?,?)", (seq, n, target))
    db.execute("INSERT INTO temp.l_settled VALUES(?)", (seq,))


def confirm(entity: str, entity_id: int, case_id: int | None, patient_id: int | None,
            field: str, value: str, at: str, who: str) -> None:  # fmt: skip
    """The file caught up with a correction: from now on the file's value is the base."""
    db.execute(
        "INSERT INTO edit(case_id, patient_id, entity, entity_id, field, old, new, at, who, origin)"
        " VALUES(?,?,?,?,?,?,?,?,?,'load')",
        (case_id, patient_id, entity, entity_id, field, value, value, at, who),
    )


def stage_problem(level: str, position: str, reason: str) -> None:
    db.execute("INSERT INTO stage.problem VALUES(?,?,?)", (level, position, reason))


def tree(text: str | None) -> dict[str, Any]:
    value = json.loads(text or "{}")
    return value if isinstance(value, dict) else {}
