"""Migrations: a copy first, each step with its number in one transaction, a failing one changes nothing."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from omstui.bootstrap import open_services
from omstui.domain.errors import OmsError
from omstui.domain.store import config, db, migrate
from tests.domain.formkit import APRIL, case, form, tariff
from tests.support import make_services, settings


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


def _shape(path: Path) -> tuple[dict[str, list[object]], list[str]]:
    """Columns of every table, names of all indexes and triggers."""
    with sqlite3.connect(path) as raw:
        tables = [row[0] for row in raw.execute("SELECT name FROM sqlite_master WHERE type='table'")]
        others = "SELECT name FROM sqlite_master WHERE type<>'table' ORDER BY name"
        return (
            {name: sorted(row[1:] for row in raw.execute(f'PRAGMA table_info("{name}")')) for name in tables},
            [row[0] for row in raw.execute(others)],
        )


@pytest.mark.parametrize("script", sorted((Path(__file__).parent / "data").glob("version_*.sql")), ids=str)
def test_database_an_earlier_program_made_becomes_as_a_new_one_and_works(
    script: Path, tmp_path: Path
) -> None:
    path = tmp_path / "old.db"
    with sqlite3.connect(path) as raw:
        raw.executescript(script.read_text(encoding="utf-8"))
        raw.execute("INSERT INTO visit_type_service(code) VALUES ('B01.047.001')")
        raw.execute("INSERT INTO patient(ext_id, surname) VALUES ('П1', 'СТАРОВА')")
        raw.execute("INSERT INTO setting(key, value) VALUES ('rules.archive_limit_mb', '4096')")
    open_services(str(path), login="tester")
    (tmp_path / "new").mkdir()
    assert _shape(path) == _shape(make_services(tmp_path / "new").database)
    db.bind(path)
    with db.connection(), db.write():
        assert db.scalar("SELECT surname FROM patient WHERE ext_id = 'П1'") == "СТАРОВА"
        assert db.scalar("SELECT count(*) FROM visit_type_service WHERE code = 'B01.047.001'") == 1
        config.save_settings(settings(), who="tester", at="2021-05-01 00:00:00")
        tariff("B01.047.001", 10000)
        case(services=(("B01.047.001", 10000),))
    services = open_services(str(path), login="tester")
    assert form(services).kind == "ok"
    assert services.run("check", period=APRIL).kind == "ok"


def test_every_earlier_version_has_its_script() -> None:
    kept = {script.stem for script in (Path(__file__).parent / "data").glob("version_*.sql")}
    assert kept == {f"version_{number}" for number in range(1, db.SCHEMA_VERSION)}
