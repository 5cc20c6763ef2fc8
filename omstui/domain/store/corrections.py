"""What a correction of cases means for accounts and registries (последствия исправлений)."""

from __future__ import annotations

from omstui.domain.model import WorkState
from omstui.domain.store import db
from omstui.domain.store.packages import FORMED_SQL


def mark_touched(table: str, at: str) -> None:
    """What a correction of the cases in ``table(id)`` means for accounts and registries.

    Accounts refused and not yet worked on become «исправлен»; a formed registry not yet exported that
    holds such a case must be formed again. Exported registries keep what was sent.
    """
    db.execute(
        f"UPDATE account SET work='{WorkState.CORRECTED}' WHERE work='{WorkState.NEW}'"
        f" AND case_id IN (SELECT id FROM {table})"
    )
    # a policy mended after the register did not find the person: its finding no longer stands (02.013)
    db.execute(
        "UPDATE refusal SET state='replaced' WHERE kind='ident' AND state='active' AND account_id IN"
        f" (SELECT a.id FROM account a JOIN {table} t ON t.id=a.case_id) AND EXISTS (SELECT 1 FROM account b"
        " JOIN edit e ON e.case_id=b.case_id JOIN answer w ON w.id=refusal.answer_id"
        " WHERE b.id=refusal.account_id AND e.entity='policy' AND e.origin<>'identification'"
        " AND e.at>=w.accepted_at)"
    )
    db.execute(f"UPDATE cases SET updated_at=? WHERE id IN (SELECT id FROM {table})", (at,))
    rows = db.execute(
        "SELECT r.id, count(DISTINCT a.case_id) FROM account a JOIN registry r ON r.id=a.registry_id"
        f" JOIN cases c ON c.id=a.case_id WHERE r.status IN {FORMED_SQL}"
        " AND r.deleted_at IS NULL AND r.package_id IS NULL AND (c.updated_at > r.formed_at"
        f" OR c.id IN (SELECT id FROM {table})) AND r.id IN (SELECT registry_id FROM account"
        f" WHERE case_id IN (SELECT id FROM {table})) GROUP BY r.id"
    ).fetchall()
    db.executemany(
        "UPDATE registry SET reform_reason=? WHERE id=?",
        [(f"изменены случаи: {count}", registry) for registry, count in rows],
    )
