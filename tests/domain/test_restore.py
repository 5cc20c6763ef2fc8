"""«Восстановить все тестовые реестры за период», backup and restore of the database."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from omstui.bootstrap import Services
from omstui.domain import backup
from omstui.domain.errors import BusyError, OmsError
from omstui.domain.operation import Context
from omstui.domain.store import db, packages
from omstui.domain.verify import verify
from tests.domain import month
from tests.support import make_services


@pytest.fixture
def services(tmp_path: Path) -> Services:
    return make_services(tmp_path)


def cycle(services: Services, out: Path) -> int:
    """A test cycle: exported, answered by A with one refusal."""
    _, made = month.add_month(4, test=True)
    outcome = services.run("export", period=month.PERIOD, out=str(out), test=True)
    package = outcome.result.data["package"]
    with db.connection():
        month.answer_one(package, "76001", [made[0]])
    return int(package)


def test_restore_hides_answers_and_keeps_history(services: Services, tmp_path: Path) -> None:
    package = cycle(services, tmp_path / "out")
    with db.connection(), db.write():
        db.execute("UPDATE patient SET surname='Исправлен' WHERE id=1")
    question = services.run("restore-tests", period=month.PERIOD)
    assert question.kind == "question" and "1 шт.?" in question.message
    outcome = services.run("restore-tests", period=month.PERIOD, yes=True)
    assert outcome.result.data == {"registries": 1, "accounts": 4, "answers": 1, "refused": 1}
    with db.connection():
        assert packages.package(package).state == "restored"
        assert db.scalar("SELECT count(*) FROM refusal WHERE state='restored'") == 1
        assert db.scalar("SELECT count(*) FROM account WHERE work <> ''") == 0
        assert db.scalar("SELECT count(*) FROM account") == 4
        assert db.scalar("SELECT surname FROM patient WHERE id=1") == "Исправлен"
        assert packages.unrestored_tests(month.PERIOD) == []
        assert [p.text for p in verify()] == []


def test_restore_nothing_to_restore_refused(services: Services) -> None:
    outcome = services.run("restore-tests", period=month.PERIOD, yes=True)
    assert outcome.kind == "refused" and "нет" in outcome.message


def test_restore_covers_registries_not_exported_and_leaves_other_months(
    services: Services, tmp_path: Path
) -> None:
    cycle(services, tmp_path / "out")
    month.add_month(2, test=True, kind="dental", start=20)
    with db.connection(), db.write():
        other = month.add_registry(test=True, period="2021-03")
    assert services.run("restore-tests", period=month.PERIOD, yes=True).result.data["registries"] == 2
    with db.connection():
        assert db.scalar("SELECT status FROM registry WHERE id=?", (other,)) == "Сформирован"


def test_restore_returned_cases_wait_again(services: Services, tmp_path: Path) -> None:
    package = cycle(services, tmp_path / "out")
    with db.connection(), db.write():
        old = month.insert("registry", period="2021-03", kind="outpatient", status="Выгружен")
        account = month.insert("account", registry_id=old, case_id=1, xkey="k", stage1=2)
        new = db.scalar("SELECT id FROM account WHERE package_id=? LIMIT 1", (package,))
        month.insert(
            "resubmission",
            account_id=account,
            case_id=1,
            stage=1,
            target_period=month.PERIOD,
            new_account_id=new,
        )
    services.run("restore-tests", period=month.PERIOD, yes=True)
    with db.connection():
        assert db.scalar("SELECT new_account_id FROM resubmission") is None


def test_restore_aborted_at_each_checkpoint_changes_nothing(services: Services, tmp_path: Path) -> None:
    cycle(services, tmp_path / "out")
    before = month.dump()
    for stop in range(1, 9):
        seen = 0

        def prepare(ctx: Context, stop: int = stop) -> None:
            def count() -> None:
                nonlocal seen
                seen += 1
                if seen == stop:
                    ctx.token.set()

            ctx.on_check = count

        outcome = services.run("restore-tests", period=month.PERIOD, yes=True, prepare=prepare)
        if outcome.kind == "ok":
            break
        assert outcome.kind == "aborted" and month.dump() == before
    assert outcome.kind == "ok"


def test_backup_and_restore_bring_everything_back(services: Services, tmp_path: Path) -> None:
    month.add_month(3)
    before = month.dump()
    copy = backup.backup(tmp_path / "copies" / "a.db")
    with db.connection(), db.write():
        db.execute("UPDATE patient SET surname='Потом'")
    with pytest.raises(OmsError, match="уже есть"):
        backup.backup(copy)
    aside = backup.restore(copy)
    assert month.dump() == before
    assert aside.exists() and aside.parent == tmp_path
    backup.restore(aside)
    with db.connection():
        assert db.scalar("SELECT surname FROM patient LIMIT 1") == "Потом"


def test_restore_database_refuses_foreign_damaged_and_missing(services: Services, tmp_path: Path) -> None:
    before = month.dump()
    (tmp_path / "text.db").write_text("not a database, but long enough to be read as one" * 100)
    import sqlite3

    with sqlite3.connect(tmp_path / "foreign.db") as raw:
        raw.execute("CREATE TABLE t(x)")
    good = backup.backup(tmp_path / "good.db")
    (tmp_path / "cut.db").write_bytes(good.read_bytes()[: 5 * 4096])
    for name, words in (
        ("text.db", "не читается"),
        ("foreign.db", "не база данных omstui"),
        ("cut.db", "поврежден|не читается"),
        ("missing.db", "нет"),
    ):
        with pytest.raises(OmsError, match=words):
            backup.restore(tmp_path / name)
    with pytest.raises(OmsError, match="сама база"):
        backup.restore(db.path())
    with pytest.raises(OmsError, match="сама база"):
        backup.backup(db.path())
    assert month.dump() == before


def test_restore_database_while_an_operation_runs_is_busy(services: Services, tmp_path: Path) -> None:
    import os

    from omstui.domain.store import journal

    copy = backup.backup(tmp_path / "a.db")
    with db.connection():
        journal.begin("form", "Переформировать", "{}", "petrova", "2021-05-01 10:00:00", "", "")
    assert journal.alive(os.getpid(), journal.process_start(os.getpid()))
    with pytest.raises(BusyError, match="petrova"):
        backup.restore(copy)


def test_daily_backup_once_a_day_and_kept_n_days(services: Services, tmp_path: Path) -> None:
    assert backup.daily(0) is None
    for day in (1, 2, 3, 4):
        assert backup.daily(2, datetime(2021, 5, day, 8)) is not None
        assert backup.daily(2, datetime(2021, 5, day, 9)) is None
    kept = sorted(p.name for p in backup.folder().iterdir())
    assert kept == ["omstui-2021-05-03.db", "omstui-2021-05-04.db"]
    assert backup.folder().stat().st_mode & 0o007 == 0


def test_daily_backup_made_by_another_start_is_left_alone(services: Services) -> None:
    backup.folder().mkdir()
    mark = backup.folder() / "omstui-2021-05-01.db.lock"
    mark.touch()
    assert backup.daily(2, datetime(2021, 5, 1, 8)) is None
    import os

    os.utime(mark, (0, 0))
    assert backup.daily(2, datetime(2021, 5, 1, 8)) is not None
    assert not mark.exists()


def test_full_disk_under_the_database_is_a_sentence(services: Services) -> None:
    before = month.dump()
    with db.connection():
        pages = db.scalar("PRAGMA page_count")
        db.execute(f"PRAGMA max_page_count={pages}")
        with pytest.raises(OmsError, match="кончилось место"), db.write():
            for n in range(2000):
                month.insert("setting", key=f"k{n}", value="x" * 1000)
    assert month.dump() == before
