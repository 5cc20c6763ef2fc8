"""Migrations: a copy first, each step with its number in one transaction, a failing one changes nothing."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from omstui.bootstrap import open_services
from omstui.domain.errors import OmsError
from omstui.domain.store import db, migrate
from tests.support import make_services


def _version(path: Path) -> int:
    with sqlite3.connect(path) as raw:
        return int(raw.execute("PRAGMA user_version").fetchone()[0])


def test_database_of_an_earlier_version_is_copied_and_brought_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make_services(tmp_path).database
    old = db.SCHEMA_VERSION
    monkeypatch.setattr(db, "SCHEMA_VERSION", old + 1)
    monkeypatch.setitem(
        migrate.STEPS, old + 1, lambda: db.execute("ALTER TABLE book ADD COLUMN publisher TEXT")
    )
    open_services(str(path), login="tester")
    assert _version(path) == old + 1
    copy = path.with_name(f"{path.name}.v{old}.bak")
    assert _version(copy) == old
    with db.connection():
        assert "publisher" in [row[1] for row in db.execute("PRAGMA table_info(book)")]


def test_failing_step_leaves_the_database_at_its_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make_services(tmp_path).database
    old = db.SCHEMA_VERSION

    def step() -> None:
        db.execute("ALTER TABLE book ADD COLUMN publisher TEXT")
        raise OmsError("Шаг не удался.")

    monkeypatch.setattr(db, "SCHEMA_VERSION", old + 1)
    monkeypatch.setitem(migrate.STEPS, old + 1, step)
    with pytest.raises(OmsError, match="Шаг не удался"):
        open_services(str(path), login="tester")
    assert _version(path) == old
    with db.connection():
        assert "publisher" not in [row[1] for row in db.execute("PRAGMA table_info(book)")]


def test_database_of_a_newer_program_is_refused(tmp_path: Path) -> None:
    path = make_services(tmp_path).database
    with sqlite3.connect(path) as raw:
        raw.execute(f"PRAGMA user_version={db.SCHEMA_VERSION + 1}")
    with pytest.raises(OmsError, match="более новой версией"):
        open_services(str(path))


def test_every_version_has_its_step() -> None:
    assert set(migrate.STEPS) == set(range(2, db.SCHEMA_VERSION + 1))
