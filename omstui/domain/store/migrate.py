"""Migrations (обновление базы): numbered steps; a copy of the database is kept before the first."""

from __future__ import annotations

from collections.abc import Callable

from omstui.domain.store import db

#: version → step that brings a database of version-1 to it; never edit one that was released
STEPS: dict[int, Callable[[], None]] = {}


def upgrade() -> None:
    """Bring the bound database to the newest version, each step in a transaction with its number."""
    version = int(db.scalar("PRAGMA user_version"))
    if version < db.SCHEMA_VERSION:
        db.backup(db.path().with_name(f"{db.path().name}.v{version}.bak"))
    for number in range(version + 1, db.SCHEMA_VERSION + 1):
        with db.write():
            STEPS[number]()
            db.execute(f"PRAGMA user_version={number}")
