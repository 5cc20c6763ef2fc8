"""The card of a case: new, corrected, copied, deleted (product.md §6, §11.26)."""

from __future__ import annotations

from pathlib import Path

import pytest

from omstui.bootstrap import Services
from omstui.domain.store import cases, db
from tests.domain import loadkit as kit
from tests.domain.test_load import dump, query, write
from tests.support import make_services


@pytest.fixture
def services(tmp_path: Path) -> Services:
    made = make_services(tmp_path / "base")
    assert made.run("load", paths=kit.pair(tmp_path / "in", [kit.case(1), kit.case(2)])).kind == "ok"
    return made


def save(made: Services, kind: str = "ok", /, **params):
    outcome = made.run("case-save", **params)
    assert outcome.kind == kind, outcome.message
    return outcome


def test_only_changed_fields_are_written_with_history(services):
    outcome = save(services, case_id=1, case={"ds_main": "J20.9", "doctor": "D-01"})
    assert outcome.result.data["changed"] == ["ds_main"]
    assert query("SELECT entity, field, old, new, origin, who FROM edit") == [
        ("case", "ds_main", "J06.9", "J20.9", "operator", "tester")
    ]
    assert query("SELECT version FROM cases WHERE id=1") == [(2,)]


def test_nothing_changed_writes_nothing(services):
    before = dump()
    assert save(services, case_id=1, case={"ds_main": "J06.9"}).message == "Ничего не изменено."
    assert dump() == before


def test_save_in_between_is_shown_with_both_values_and_can_be_forced(services):
    save(services, case_id=1, version=1, case={"ds_main": "J20.9"})
    before = dump()
    outcome = save(services, "refused", case_id=1, version=1, case={"ds_main": "J18.9"})
    assert "tester" in outcome.message
    assert outcome.error.details == ("основной диагноз: у вас «J18.9», в базе «J20.9»",)
    assert dump() == before
    save(services, case_id=1, version=1, force=True, case={"ds_main": "J18.9"})
    assert query("SELECT ds_main FROM cases WHERE id=1") == [("J18.9",)]


def test_patient_saved_in_between_is_seen_too(services):
    save(services, case_id=1, patient={"surname": "ИНОЙ"})
    save(services, "refused", case_id=1, version=2, patient_version=1, patient={"surname": "ДРУГОЙ"})


def test_corrections_mark_refusals_and_formed_registries(services):
    write("INSERT INTO registry(id, period, kind, status, formed_at) VALUES(1,'2021-04','x','Выгружен','1')")
    write(
        "INSERT INTO registry(id, period, kind, status, formed_at) VALUES(2,'2021-05','x','Сформирован','9')"
    )
    write("INSERT INTO account(registry_id, case_id, xkey, work, stage1) VALUES(1,1,'a','новый',2)")
    write("INSERT INTO account(registry_id, case_id, xkey, work, stage1) VALUES(2,2,'b','',0)")
    save(services, case_id=1, patient={"snils": "112-233-445 95"})
    save(services, case_id=2, case={"result": "302"})
    assert query("SELECT work FROM account ORDER BY id") == [("исправлен",), ("",)]
    assert query("SELECT reform_reason FROM registry ORDER BY id") == [("",), ("изменены случаи: 1",)]


def test_policy_change_makes_a_policy_and_the_payer_follows(services):
    save(services, case_id=1, policy={"smo": "50001", "number": "5000000000000001"})
    assert query("SELECT i.code FROM cases c JOIN insurer i ON i.id=c.payer_id ORDER BY c.id") == [
        ("76",), ("76001",),
    ]  # fmt: skip
    assert query("SELECT region FROM policy WHERE smo='50001'") == [("50",)]
    with db.connection():
        assert cases.read_case(1).policy["number"] == "5000000000000001"


def test_extra_is_corrected_by_path(services):
    save(services, case_id=1, case={"extra.bill.additionals.additional_p.disp_type": "7"})
    with db.connection():
        card = cases.read_case(1)
    assert card.case["extra"]["bill"]["additionals"]["additional_p"]["disp_type"] == "7"
    assert card.history[0]["field"] == "extra.bill.additionals.additional_p.disp_type"


def test_correction_of_what_xml_cannot_carry_survives_the_next_load(services, tmp_path):
    path = "extra.bill.additionals.additional_f.occasion"
    save(services, case_id=1, case={path: "5", "pay_type": "ДМС"}, patient={"social_status": "4"})
    one = kit.case(1, z={"RSLT": "302"})
    assert services.run("load", paths=kit.pair(tmp_path / "b", [one, kit.case(2)])).kind == "ok"
    with db.connection():
        card = cases.read_case(1)
    assert card.case["extra"]["bill"]["additionals"]["additional_f"]["occasion"] == "5"
    assert (card.case["pay_type"], card.patient["social_status"], card.case["result"]) == ("ДМС", "4", "302")


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"case": {"date_out": "2021-02-30"}}, "не дата"),
        ({"case": {"nhistory": ""}}, "номер карты"),
        ({"case": {"source_hash": "x"}}, "такого поля нет"),
        ({"services": [{"id": 999, "quantity": 100}]}, "уже нет"),
        ({"services": [{"quantity": 100}]}, "нет кода"),
        ({"case_id": 77, "case": {"result": "1"}}, "№ 77"),
    ],
)
def test_refusals_are_sentences_and_change_nothing(services, params, words):
    before = dump()
    outcome = save(services, "refused", **({"case_id": 1} | params))
    assert words in outcome.message and dump() == before


def test_new_case_by_hand(services):
    outcome = save(
        services,
        case={"usl_ok": "3", "nhistory": "РУЧ-1", "date_in": "2021-04-10", "date_out": "2021-04-10",
              "profile": "97", "purpose": "1.0", "ds_main": "J06.9"},
        patient={"surname": "Новый", "name": "Пётр", "birth_date": "1980-01-01", "sex": "1"},
        policy={"type": "3", "number": "7600000000000777", "smo": "76002"},
        services=[{"code": "B01.047.001", "quantity": 100, "source_sum": 50000}],
    )  # fmt: skip
    case_id = outcome.result.data["case_id"]
    with db.connection():
        card = cases.read_case(case_id)
    assert card.case["key"] == "H3|760001|РУЧ-1|2021-04-10" and card.case["kind"] == "outpatient"
    assert card.patient["fio_key"] == "НОВЫЙ ПЕТР" and card.payer == "СМО «Бета»"
    assert [s["code"] for s in card.services] == ["B01.047.001"]
    save(services, case_id=case_id, case={"date_in": "2021-04-09"})
    assert query("SELECT key FROM cases WHERE id=?", case_id) == [("H3|760001|РУЧ-1|2021-04-09",)]


def test_copy_of_a_case_asks_about_the_same_key(services):
    save(services, "question", copy_of=1)
    outcome = save(services, copy_of=1, case={"nhistory": "N1-К"})
    with db.connection():
        copy, model = cases.read_case(outcome.result.data["case_id"]), cases.read_case(1)
    assert copy.patient["id"] == model.patient["id"] and copy.case["nhistory"] == "N1-К"
    assert [s["code"] for s in copy.services] == [s["code"] for s in model.services]


def test_deleting_asks_and_keeps_history(services):
    assert services.run("case-delete", case_ids=[1]).kind == "question"
    assert services.run("case-delete", case_ids=[1], yes=True).kind == "ok"
    save(services, "refused", case_id=1, case={"result": "302"})
    assert services.run("case-delete", case_ids=[1], undo=True, yes=True).kind == "ok"
    assert query("SELECT deleted_at FROM cases WHERE id=1") == [(None,)]


def test_sent_case_cannot_be_deleted(services):
    write("INSERT INTO stored_file(id, name) VALUES(1,'f')")
    write("INSERT INTO package(id, name, period, file_id) VALUES(1,'1027….7z','2021-04',1)")
    write("INSERT INTO registry(id, period, kind, status, package_id) VALUES(1,'2021-04','x','Выгружен',1)")
    write("INSERT INTO account(registry_id, case_id, xkey, package_id) VALUES(1,1,'a',1)")
    outcome = services.run("case-delete", case_ids=[1, 2], yes=True)
    assert outcome.kind == "refused" and "удалить их нельзя" in outcome.message
    assert query("SELECT count(*) FROM cases WHERE deleted_at IS NULL") == [(2,)]


def test_abort_at_each_checkpoint_changes_nothing(services):
    before = dump()
    for stop in range(1, 10):
        passed = 0

        def prepare(ctx, limit=stop):
            def check():
                nonlocal passed
                passed += 1
                if passed == limit:
                    ctx.token.set()

            ctx.on_check = check

        outcome = services.run("case-save", case_id=1, case={"result": "302"}, prepare=prepare)
        if outcome.kind == "ok":
            break
        assert outcome.kind == "aborted" and dump() == before
    assert stop > 1
