"""F2: composition, names, questions, refusals, places of accounts."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from omstui.bootstrap import Services
from omstui.domain.ops import export
from omstui.domain.package_bytes import account_bytes
from omstui.domain.store import db, packages
from omstui.domain.verify import verify
from omstui.formats.bill import BillReader
from omstui.formats.containers import open_bill
from tests.domain import month
from tests.support import make_services

NAME = "1027600099900760499001210413X.7z"


@pytest.fixture
def services(tmp_path: Path) -> Services:
    return make_services(tmp_path)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def export_month(services: Services, out: Path, **options):
    return services.run("export", period=month.PERIOD, out=str(out), **options)


def problems() -> list[str]:
    with db.connection():
        return [p.text for p in verify()]


def test_export_formed_registries_writes_one_file(services: Services, out: Path) -> None:
    month.add_month(4, kind="outpatient")
    month.add_month(2, kind="inpatient", start=11)
    result = export_month(services, out)
    assert result.kind == "ok", result.message
    assert [p.name for p in out.iterdir()] == [NAME]
    with open_bill(out / NAME) as stream:
        reader = BillReader(stream, NAME)
        patients = list(reader.patients())
        body, bill = reader.header.body, reader.header.bill
    assert body["date_1"] == "2021-04-30"
    assert (body["year"], body["month"]) == ("2021", "04")
    assert bill == {"t_opl": "1", "ogrn_smo": "1027600097700"}
    accounts = [a for p in patients for a in p.node.accounts()]
    assert [a.get("n_pp") for a in accounts] == [str(n) for n in range(1, 7)]
    # стационар before поликлиника, then by the end of the case
    assert [a.get("n_card")[-2:] for a in accounts] == ["11", "12", "01", "02", "03", "04"]
    assert reader.header.total() == result.result.data["sum"]
    with db.connection():
        [package] = packages.packages(month.PERIOD)
        assert (package.accounts, package.name, package.service_digit) == (6, NAME, "1")
        assert {r.status for r in packages.registries(month.PERIOD)} == {"Выгружен"}
    assert problems() == []


def test_export_account_bytes_are_those_sent(services: Services, out: Path) -> None:
    _, accounts = month.add_month(3)
    export_month(services, out)
    with db.connection():
        for account in accounts:
            xkey = db.scalar("SELECT xkey FROM account WHERE id=?", (account,))
            data = account_bytes(account)
            assert data.startswith(b"<patient ") and data.endswith(b"</patient>")
            assert xkey.encode() in data


def test_export_same_data_gives_same_bytes(services: Services, tmp_path: Path) -> None:
    month.add_month(5)
    export_month(services, tmp_path / "a")
    outcome = export_month(services, tmp_path / "b", yes=True)
    assert outcome.kind == "ok"
    assert (tmp_path / "a" / NAME).read_bytes() == (tmp_path / "b" / NAME).read_bytes()
    with db.connection():
        assert len(packages.packages(month.PERIOD)) == 1
        assert packages.packages(month.PERIOD, state="replaced") == []


def test_export_log_tells_insurers_and_missing_attributes(services: Services, out: Path) -> None:
    month.add_month(4)
    lines = [line.text for line in export_month(services, out).lines]
    assert any("СМО «Альфа» (A): счетов 2 на сумму" in t for t in lines)
    assert "Нет даты начала полиса: 4 счёта" in lines


def test_export_without_payer_stays_out_and_free(services: Services, out: Path) -> None:
    registry, _ = month.add_month(2)
    with db.connection(), db.write():
        lone = month.add_account(registry, month.add_case(50, smo=""))
    outcome = export_month(services, out)
    assert outcome.result.data["without_payer"] == 1
    assert outcome.result.data["accounts"] == 2
    with db.connection():
        assert db.scalar("SELECT package_id FROM account WHERE id=?", (lone,)) is None
        live = db.scalar(
            f"SELECT count(*) FROM account a JOIN registry r ON r.id=a.registry_id WHERE {packages.LIVE}"
        )
        assert live == 2
    assert problems() == []


def test_export_nothing_formed_refused(services: Services, out: Path) -> None:
    outcome = export_month(services, out)
    assert outcome.kind == "refused" and outcome.exit_code == 1
    assert "Сформированных реестров за апрель 2021 нет" in outcome.message
    assert not out.exists()


def test_export_only_unidentified_refused(services: Services, out: Path) -> None:
    with db.connection(), db.write():
        month.add_account(month.add_registry(), month.add_case(1, smo=""))
    before = month.dump()
    outcome = export_month(services, out)
    assert "нет плательщика" in outcome.message
    assert month.dump() == before and not list(out.glob("*"))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("UPDATE registry SET reform_reason='изменены случаи: 1'", "Нужно переформировать"),
        ("UPDATE cases SET deleted_at='2021-05-01' WHERE id=1", "удалённые"),
        ("DELETE FROM service WHERE case_id=1", "Услуги некоторых случаев"),
    ],
)
def test_export_stale_registry_refused(services: Services, out: Path, change: str, words: str) -> None:
    month.add_month(2)
    with db.connection(), db.write():
        db.execute(change)
    before = month.dump()
    outcome = export_month(services, out)
    assert outcome.kind == "refused" and words in outcome.message
    assert month.dump() == before and not list(out.glob("*"))


def test_export_main_blocked_by_unrestored_test(services: Services, out: Path) -> None:
    month.add_month(2, test=True)
    month.add_month(2, start=11)
    outcome = export_month(services, out)
    assert "Сначала восстановите тестовые реестры за апрель 2021: 1 шт." in outcome.message
    assert services.run("restore-tests", period=month.PERIOD, yes=True).kind == "ok"
    assert export_month(services, out).kind == "ok"


def test_export_marked_registries_checks_statuses(services: Services, out: Path) -> None:
    formed, _ = month.add_month(2)
    with db.connection(), db.write():
        created = month.add_registry("dental")
        db.execute("UPDATE registry SET status='Создан', formed_at=NULL WHERE id=?", (created,))
    outcome = export_month(services, out, registry_ids=[formed, created])
    assert "ещё не сформированы" in outcome.message
    assert export_month(services, out, registry_ids=[formed]).kind == "ok"
    assert "Реестра № 99" in export_month(services, out, registry_ids=[99]).message


def test_export_kinds_select(services: Services, out: Path) -> None:
    month.add_month(2)
    month.add_month(3, kind="dental", start=11)
    outcome = export_month(services, out, kinds=["стоматология"])
    assert outcome.result.data["accounts"] == 3


def test_export_repeated_asks_and_keeps_keys(services: Services, out: Path) -> None:
    month.add_month(3)
    export_month(services, out)
    with db.connection(), db.write():
        keys = db.execute("SELECT xkey FROM account ORDER BY number").fetchall()
        db.execute("UPDATE patient SET surname='Ёлкин' WHERE id=1")
    before = month.dump()
    question = export_month(services, out)
    assert question.kind == "question" and "уже выгружен" in question.message
    assert month.dump() == before
    assert export_month(services, out, yes=True).kind == "ok"
    with db.connection():
        assert db.execute("SELECT xkey FROM account ORDER BY number").fetchall() == keys
        [new] = packages.packages(month.PERIOD)
        [old] = packages.packages(month.PERIOD, state="replaced")
        assert new.name == old.name and new.file != old.file
    assert problems() == []


def test_export_existing_takes_stored_file(services: Services, out: Path, tmp_path: Path) -> None:
    month.add_month(3)
    assert "ещё ничего не выгружено" in export_month(services, out, existing=True).message
    export_month(services, out)
    outcome = export_month(services, tmp_path / "again", existing=True)
    assert outcome.kind == "ok", outcome.message
    assert (tmp_path / "again" / NAME).read_bytes() == (out / NAME).read_bytes()


def test_export_repeated_after_answer_refused(services: Services, out: Path) -> None:
    month.add_month(3)
    package = export_month(services, out).result.data["package"]
    with db.connection():
        month.answer_one(package, "76001")
    outcome = export_month(services, out, yes=True)
    assert outcome.kind == "refused" and "уже приняты ответы" in outcome.message


def test_export_second_package_asks_and_takes_next_digit(services: Services, out: Path) -> None:
    month.add_month(2)
    export_month(services, out)
    month.add_month(2, kind="dental", start=11)
    question = export_month(services, out)
    assert question.kind == "question" and "служебной цифрой 2" in question.message
    assert export_month(services, out, yes=True).kind == "ok"
    assert (out / "1027600099900760499001210423X.7z").exists()
    assert problems() == []


def test_export_foreign_file_in_folder_asks(services: Services, out: Path) -> None:
    month.add_month(2)
    out.mkdir()
    (out / NAME).write_bytes(b"somebody's")
    assert "Заменить его?" in export_month(services, out).message
    assert (out / NAME).read_bytes() == b"somebody's"
    assert export_month(services, out, yes=True).kind == "ok"


def test_export_file_of_restored_test_is_replaced_silently(services: Services, out: Path) -> None:
    month.add_month(2, test=True)
    assert export_month(services, out, test=True).kind == "ok"
    services.run("restore-tests", period=month.PERIOD, yes=True)
    month.add_month(2, start=11)
    assert export_month(services, out).kind == "ok"
    assert problems() == []


def test_export_character_outside_cp1251_names_patient_and_field(services: Services, out: Path) -> None:
    month.add_month(3)
    with db.connection(), db.write():
        db.execute("UPDATE patient SET surname='Иванов☃' WHERE id=2")
    before = month.dump()
    outcome = export_month(services, out)
    assert outcome.kind == "refused"
    assert "Иванов☃" in outcome.message and "фамилия" in outcome.message
    assert month.dump() == before and not list(out.iterdir())


def test_export_hostile_text_is_escaped(services: Services, out: Path) -> None:
    month.add_month(1)
    with db.connection(), db.write():
        db.execute("UPDATE patient SET surname='Ив<а>&\"нов'")
    export_month(services, out)
    with open_bill(out / NAME) as stream:
        [patient] = BillReader(stream, NAME).patients()
    assert patient.node.get("surname") == 'Ив<а>&"нов'


def test_export_full_disk_is_a_sentence(
    services: Services, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    month.add_month(2)
    before = month.dump()

    def full(*args: object, **kwargs: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(export, "write_bill", full)
    outcome = export_month(services, out)
    assert outcome.kind == "refused" and "кончилось место" in outcome.message
    assert month.dump() == before and not list(out.iterdir())


def test_export_no_right_to_folder_is_a_sentence(
    services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    month.add_month(2)
    (tmp_path / "file").write_text("x")
    outcome = export_month(services, tmp_path / "file" / "sub")
    assert outcome.kind == "refused" and "не записан" in outcome.message


def test_export_killed_between_commit_and_rename_is_reported(
    services: Services, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    month.add_month(2)

    def dies(pending: object) -> None:
        raise SystemExit(9)

    monkeypatch.setattr("omstui.domain.atomicfile.Pending.place", dies)
    with pytest.raises(SystemExit):
        export_month(services, out)
    assert (out / (NAME + ".part")).exists() and not (out / NAME).exists()
    with db.connection():
        [text] = packages.unplaced()
        assert NAME in text and ".part" in text
        assert [p.level for p in verify()] == ["warning"]
    monkeypatch.undo()
    with db.connection(), db.write():
        db.execute("DELETE FROM lock")  # its process, this one, still lives
    assert export_month(services, out, existing=True).kind == "ok"
    with db.connection():
        assert packages.unplaced() == []


def test_export_rename_failure_is_told(
    services: Services, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    month.add_month(2)
    real = os.replace

    def fails(source: object, target: object) -> None:
        if str(target).endswith(".7z"):
            raise OSError(errno.EACCES, "нельзя")
        real(source, target)

    monkeypatch.setattr(os, "replace", fails)
    outcome = export_month(services, out)
    assert outcome.kind == "partial" and outcome.exit_code == 4
    assert "не встал на место" in outcome.message


def test_export_registry_changed_meanwhile_refused(
    services: Services, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    month.add_month(2)
    real = export._settle

    def settle(*args):
        with db.write():
            db.execute("UPDATE registry SET reform_reason='изменены случаи: 1'")
        return real(*args)

    monkeypatch.setattr(export, "_settle", settle)
    outcome = export_month(services, out)
    assert outcome.kind == "refused" and "изменил другой оператор" in outcome.message
    assert not list(out.iterdir())


def test_export_aborted_at_each_checkpoint_changes_nothing(services: Services, out: Path) -> None:
    month.add_month(4)
    before = month.dump()
    for stop in range(1, 50):
        seen = 0

        def prepare(ctx, stop=stop):
            def count() -> None:
                nonlocal seen
                seen += 1
                if seen == stop:
                    ctx.token.set()

            ctx.on_check = count

        outcome = export_month(services, out, prepare=prepare)
        if outcome.kind == "ok":
            break
        assert outcome.kind == "aborted"
        assert month.dump() == before and not list(out.glob("*"))
    assert stop > 3 and outcome.kind == "ok"
    assert problems() == []


def test_export_real_seven_zip_by_setting(tmp_path: Path) -> None:
    from tests.support import settings

    services = make_services(tmp_path, settings(files={"container": "7z"}))
    month.add_month(3)
    assert export_month(services, tmp_path / "out").kind == "ok"
    assert (tmp_path / "out" / NAME).read_bytes()[:2] == b"7z"
    assert problems() == []
