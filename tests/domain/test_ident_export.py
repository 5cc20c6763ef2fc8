"""«Выгрузить на идентификацию»: the name, who is asked about, the reminder, what is kept."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from omstui.domain.store import db
from tests.domain import billkit, identkit
from tests.domain.identkit import FIRST, PERIOD, change, export, made, rows


def test_export_writes_one_row_a_patient(tmp_path: Path) -> None:
    from omstui.domain.verify import verify

    services, registry = made(tmp_path, "11-")
    change("UPDATE cases SET patient_id=1, policy_id=1 WHERE id=2")
    outcome = billkit.ok(export(services, tmp_path / "out"))
    assert billkit.texts(outcome)[0] == "Выгружено 2 записи"
    first, second = identkit.asked(tmp_path / "out" / FIRST)
    assert (first["NPP"], first["MCOD"], first["RECID"]) == (1, "470101", "P000001")
    assert (first["FAM"], first["W"], first["DR"]) == ("Иванов", 1, "1980-01-31")
    assert (first["SNILS"], first["DOCTYPE"], first["SMO"]) == ("112-233-445 95", 14, "50001")
    assert (first["DATE_1"], first["DATE_2"]) == ("2021-12-05", "2021-12-07")  # both cases of the person
    assert second["SMO"] == ""
    assert billkit.status(registry) == "Выгружен на идентификацию"
    assert rows("SELECT kind, name, number, date, accounts, registry_id FROM package") == [
        ("Q", FIRST, "1", "2021-12-29", 2, registry)
    ]
    assert rows("SELECT n, recid, answer_id FROM ident_row ORDER BY n") == [
        (1, "P000001", None),
        (2, "P000003", None),
    ]
    with db.connection():
        assert [p.text for p in verify()] == []


def test_export_keeps_the_bytes(tmp_path: Path) -> None:
    from omstui.domain.store import files

    services, _ = made(tmp_path, "12")
    export(services, tmp_path / "out")
    with db.connection():
        file_id = db.scalar("SELECT file_id FROM package")
        assert files.file_row(file_id).sha256 == files.sha256_of(tmp_path / "out" / FIRST)


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("PID_4701012912211", "должно начинаться с QPID_"),
        ("QPID_47010129122", "13 цифр"),
        ("QPID_4701022912211", "Код МО"),
        ("QPID_4701013012211", "Дата в названии"),
        ("QPID_4701012912210", "от 1 до 9"),
        ("QPID_470101291221X", "не цифра"),
    ],
)
def test_export_refuses_every_wrong_name(tmp_path: Path, name: str, part: str) -> None:
    services, _ = made(tmp_path, "1")
    before = identkit.dump()
    outcome = export(services, tmp_path / "out", name=name)
    assert outcome.kind == "refused" and part in " ".join([outcome.message, *outcome.error.details])
    assert identkit.dump() == before and not (tmp_path / "out").exists()


def test_export_last_digit_may_be_chosen_and_is_never_repeated(tmp_path: Path) -> None:
    services, _registry = made(tmp_path, "1")
    billkit.ok(export(services, tmp_path, name="QPID_4701012912213"))
    assert "уже выгружали" in export(services, tmp_path, number=3).message
    billkit.ok(export(services, tmp_path))  # counts on from the last one
    assert sorted(p.name[-5] for p in tmp_path.glob("QPID_*.dbf")) == ["3", "4"]
    billkit.ok(identkit.run(services, "ident-step", step=1))
    billkit.ok(export(services, tmp_path))
    assert (tmp_path / "QPID_4701012912216.dbf").exists()
    # a new day begins with 1
    billkit.ok(export(services, tmp_path, day=datetime(2021, 12, 30)))
    assert (tmp_path / "QPID_4701013012211.dbf").exists()


def test_export_asks_while_the_last_package_has_no_answer(tmp_path: Path) -> None:
    services, _ = made(tmp_path, "12")
    billkit.ok(export(services, tmp_path, yes=False))
    before = identkit.dump()
    outcome = export(services, tmp_path, yes=False)
    assert outcome.kind == "question"
    assert f"Ответ на пакет {FIRST} от 2021-12-29 17:48:26 ещё не загружен." in outcome.message
    assert identkit.dump() == before
    path = identkit.answer(tmp_path / FIRST, identkit.found)
    billkit.ok(identkit.run(services, "ident-load", path=str(path)))
    billkit.ok(export(services, tmp_path, yes=False))


def test_export_reminds_of_findings_and_leaves_out_who_cannot_be_found(tmp_path: Path) -> None:
    services, _ = made(tmp_path, "111")
    change("UPDATE patient SET snils='112-233-445 96' WHERE id=1")
    change("UPDATE patient SET birth_date=NULL WHERE id=2")
    before = identkit.dump()
    outcome = export(services, tmp_path / "out", yes=False)
    assert outcome.kind == "question" and "персональным данным: пациентов 2" in outcome.message
    details = outcome.error.details
    assert "Неверный СНИЛС: 1" in details and "Не заполнена дата рождения: 1" in details
    assert "В пакет не войдут (данных недостаточно): 1" in details
    assert identkit.dump() == before
    outcome = billkit.ok(export(services, tmp_path / "out"))
    assert "Выгружено 2 записи" in billkit.texts(outcome)
    assert [r["RECID"] for r in identkit.asked(tmp_path / "out" / FIRST)] == ["P000001", "P000003"]


def test_export_reminds_of_what_the_expertise_found(tmp_path: Path) -> None:
    services, registry = made(tmp_path, "111")
    for case, code in ((1, "01.003"), (1, "02.002"), (2, "02.002"), (3, "02.013"), (3, "04.002")):
        change(f"INSERT INTO finding(registry_id, case_id, code) VALUES({registry}, {case}, '{code}')")
    outcome = export(services, tmp_path / "out", yes=False)
    assert outcome.kind == "question" and "персональным данным: пациентов 2" in outcome.message
    details = [line for line in outcome.error.details if line.startswith("Экспертиза")]
    assert details == [
        "Экспертиза: 01.003 Не заполнено отчество и не отмечено его отсутствие в документе: 1",
        "Экспертиза: 02.002 Нет полиса, действующего на дату окончания лечения: 2",
    ]
    change("DELETE FROM finding WHERE code IN ('01.003', '02.002')")
    billkit.ok(export(services, tmp_path / "out", yes=False))


def test_export_of_nobody_is_refused(tmp_path: Path) -> None:
    services, _ = made(tmp_path, "1")
    change("UPDATE patient SET surname=''")
    assert "ни у одного пациента" in export(services, tmp_path / "out").message
    change("DELETE FROM account_service")
    change("DELETE FROM account")
    outcome = export(services, tmp_path / "out")
    assert outcome.kind == "refused" and "нет случаев" in outcome.message


def test_export_recid_is_ours_when_id_pac_is_long_or_shared(tmp_path: Path) -> None:
    services, _ = made(tmp_path, "1111")
    change("UPDATE patient SET ext_id='0123456789012345678901234567890' WHERE id=1")
    change("UPDATE patient SET ext_id='77' WHERE id IN (2, 3)")
    change("UPDATE patient SET ext_id='3' WHERE id=4")  # looks like our number of another
    export(services, tmp_path)
    assert [r["RECID"] for r in identkit.asked(tmp_path / FIRST)] == ["1", "2", "P3", "3"]


def test_export_newborn_goes_by_the_representative(tmp_path: Path) -> None:
    services, _ = made(tmp_path, "1")
    change(
        "UPDATE patient SET surname='', name='', patronymic='', rep_surname='Мамина', rep_name='Анна',"
        " rep_sex='2', rep_birth_date='1990-02-03'"
    )
    export(services, tmp_path)
    [row] = identkit.asked(tmp_path / FIRST)
    assert (row["FAM"], row["W"], row["DR"], row["SNILS"]) == ("Мамина", 2, "1990-02-03", "")


def test_export_by_status(tmp_path: Path) -> None:
    services, _registry = made(tmp_path, "1")
    change("UPDATE registry SET status='Создан'")
    assert "ещё не сформирован" in export(services, tmp_path).message
    change("UPDATE registry SET status='Сформированы реестры на оплату в СМО'")
    outcome = export(services, tmp_path, yes=False)
    assert outcome.kind == "question" and "Реестры на оплату уже сформированы" in outcome.message
    billkit.ok(export(services, tmp_path))
    change("UPDATE registry SET status='Выгружен счет на оплату в СМО'")
    assert export(services, tmp_path).kind == "refused"


def test_export_ambiguous_month_is_refused_with_the_list(tmp_path: Path) -> None:
    services, _registry = made(tmp_path, "1")
    with db.connection(), db.write():
        other = billkit.add_registry(name="Второй")
    outcome = export(services, tmp_path)
    assert outcome.kind == "refused" and "несколько реестров" in outcome.message
    billkit.ok(export(services, tmp_path, registry="реестр для инструкции"))
    assert billkit.status(other) == "Сформирован"


def test_export_aborted_at_each_checkpoint_changes_nothing(tmp_path: Path) -> None:
    services, _ = made(tmp_path, "12F-")

    def clean() -> None:
        assert not list((tmp_path / "out").glob("*"))

    assert billkit.aborts(services, "ident-export", clean, period=PERIOD, out=str(tmp_path / "out")) >= 4


def test_export_letters_cp866_lacks_are_refused_with_the_list(tmp_path: Path) -> None:
    services, _ = made(tmp_path, "11")
    change("UPDATE patient SET surname='Иванoв\u0142' WHERE id=1")
    before = identkit.dump()
    outcome = export(services, tmp_path / "out")
    assert outcome.kind == "refused" and "cp866" in outcome.message
    assert identkit.dump() == before and not list((tmp_path / "out").glob("*"))
