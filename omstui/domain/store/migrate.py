"""Migrations (обновление базы): numbered steps; a copy of the database is kept before the first."""

from __future__ import annotations

import re
from collections.abc import Callable

from peewee import SqliteDatabase

from omstui.domain.store import db
from omstui.domain.store.guards import TRIGGERS
from omstui.domain.store.tables import EXTRA_INDEXES, TABLES


def upgrade() -> None:
    """Bring the bound database to the newest version, each step in a transaction with its number."""
    version = int(db.scalar("PRAGMA user_version"))
    if version < db.SCHEMA_VERSION:
        db.backup(db.path().with_name(f"{db.path().name}.v{version}.bak"))
    for number in range(version + 1, db.SCHEMA_VERSION + 1):
        with db.write():
            STEPS[number]()
            db.execute(f"PRAGMA user_version={number}")


def add_missing() -> None:
    """Tables, columns and indexes of tables.py that the database lacks; what is there stays as it is.

    A column that moves data, changes meaning or enters ``source_hash`` needs more than this.
    """
    fresh = SqliteDatabase(":memory:")
    with fresh.bind_ctx(TABLES), fresh.connection_context():
        fresh.create_tables(TABLES)
        made = fresh.execute_sql("SELECT type, name, tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL")
        wanted = made.fetchall()
        columns = {name: _columns(fresh.execute_sql, name) for kind, name, _, _ in wanted if kind == "table"}
    have = {row[0] for row in db.execute("SELECT name FROM sqlite_master")}
    for table in (name for name in columns if name in have):
        present = set(_columns(db.execute, table))
        for name, definition in columns[table].items():
            if name not in present:
                db.execute(f'ALTER TABLE "{table}" ADD COLUMN {definition}')
    extra = [("index", _index_name(sql), "", sql) for sql in EXTRA_INDEXES]
    extra += [("trigger", name, "", sql) for name, sql in TRIGGERS.items()]
    for kind in ("table", "index", "trigger"):
        for sql in (row[3] for row in [*wanted, *extra] if row[0] == kind and row[1] not in have):
            db.execute(sql)


def _columns(execute: Callable[[str], object], table: str) -> dict[str, str]:
    """Column → its definition, as ALTER TABLE takes it."""
    rows = execute(f'PRAGMA table_info("{table}")').fetchall()  # type: ignore[attr-defined]
    return {
        name: f'"{name}" {kind}{" NOT NULL" if needed else ""}{"" if value is None else f" DEFAULT {value}"}'
        for _, name, kind, needed, value, _ in rows
    }


def _index_name(sql: str) -> str:
    found = re.search(r"INDEX (\w+) ON", sql)
    assert found, sql
    return found.group(1)


def _to_2() -> None:
    """Reference books with all their columns, expertise, МЭС, sequestration."""
    # a code may now have several rows, told apart by the begin of their validity
    for (name,) in db.execute(
        "SELECT name FROM sqlite_master WHERE type='index' AND tbl_name='service_book' AND sql IS NOT NULL"
    ).fetchall():
        db.execute(f'DROP INDEX "{name}"')
    db.execute("ALTER TABLE visit_type_service RENAME TO visit_type_old")
    add_missing()
    db.execute("INSERT INTO visit_type_service(code) SELECT code FROM visit_type_old")
    db.execute("DROP TABLE visit_type_old")
    # a setting nothing ever read: the limits of archives are those of the formats
    db.execute("DELETE FROM setting WHERE key = 'rules.archive_limit_mb'")
    from omstui.domain.embedded import load_embedded  # it stands above the store

    load_embedded()


#: version → step that brings a database of version-1 to it; never edit one that was released
STEPS: dict[int, Callable[[], None]] = {2: _to_2}
