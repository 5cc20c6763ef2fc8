"""Loading of cases: idempotent, three-way, whole or not at all (product.md §6)."""

from __future__ import annotations

import sqlite3
from copy import deepcopy
from pathlib import Path

import pytest

from omstui.bootstrap import Services
from omstui.domain.store import cases, db, loading
from tests.domain import loadkit as kit
from tests.support import make_services


@pytest.fixture
def services(tmp_path: Path) -> Services:
    return make_services(tmp_path / "base")


def load(services: Services, paths: list[str], kind: str = "ok", **params):
    outcome = services.run("load", paths=paths, **params)
    assert outcome.kind == kind, (outcome.message, [x.text for x in outcome.lines])
    return outcome


def counts(outcome) -> tuple[int, int, int, int]:
    data = outcome.result.data
    return tuple(data[n] for n in ("new", "changed", "unchanged", "refused"))


def query(sql: str, *params):
    with db.connection():
        return db.execute(sql, params).fetchall()


def write(sql: str, *params) -> None:
    with db.connection(), db.write():
        db.execute(sql, params)


def dump() -> str:
    """The whole database as text, but for the journal of runs."""
    skip = ("run", "run_line", "run_file", "lock")
    with db.connection():
        tables = [r[0] for r in db.execute("SELECT name FROM sqlite_master WHERE type='table' ORDER BY 1")]
        return "\n".join(
            f"{t}: {row}" for t in tables if t not in skip for row in db.execute(f"SELECT * FROM {t}")
        )


def test_first_load_creates_cases_patients_and_services(services, tmp_path):
    outcome = load(services, kit.pair(tmp_path / "in", [kit.case(n) for n in (1, 2, 3)]))
    assert counts(outcome) == (3, 0, 0, 0)
    assert query("SELECT key, kind, dup FROM cases ORDER BY id")[0] == (
        "H3|760001|N1|2021-04-05", "outpatient", 0,
    )  # fmt: skip
    assert query("SELECT count(*) FROM service") == [(6,)]
    assert query("SELECT fio_key FROM patient WHERE ext_id='P1'") == [("ТЕСТОВ ИВАН НОМЕРОВИЧА",)]
    assert query("SELECT DISTINCT i.code FROM cases c JOIN insurer i ON i.id=c.payer_id") == [("76001",)]


def test_same_file_again_changes_nothing_and_says_so(services, tmp_path):
    paths = kit.pair(tmp_path / "in", [kit.case(n) for n in (1, 2)])
    load(services, paths)
    before = query("SELECT * FROM cases"), query("SELECT * FROM service"), query("SELECT * FROM patient")
    outcome = load(services, paths)
    assert counts(outcome) == (0, 0, 2, 0)
    assert "уже загружен" in " ".join(x.text for x in outcome.lines)
    assert before == (
        query("SELECT * FROM cases"), query("SELECT * FROM service"), query("SELECT * FROM patient")
    )  # fmt: skip


def test_new_numbers_of_the_export_are_no_change(services, tmp_path):
    one = kit.case(1)
    load(services, kit.pair(tmp_path / "a", [one]))
    one["N_ZAP"], one["Z_SL"]["IDCASE"] = "77", "900"
    one["Z_SL"]["SL"][0]["USL"][0]["IDSERV"] = "guid-other"
    assert counts(load(services, kit.pair(tmp_path / "b", [one]))) == (0, 0, 1, 0)


def test_changed_field_is_updated_with_history_and_keeps_service_ids(services, tmp_path):
    one = kit.case(1)
    load(services, kit.pair(tmp_path / "a", [one]))
    ids = query("SELECT id FROM service ORDER BY n")
    one["Z_SL"]["SL"][0]["DS1"] = "J18.9"
    one["Z_SL"]["SL"][0]["USL"][1]["KOL_USL"] = "2.00"
    one["Z_SL"]["SL"][0]["USL"].append(kit.service(3))
    assert counts(load(services, kit.pair(tmp_path / "b", [one]))) == (0, 1, 0, 0)
    assert query("SELECT field, old, new, origin FROM edit WHERE entity='case'") == [
        ("ds_main", "J06.9", "J18.9", "load")
    ]
    assert query("SELECT field, old, new FROM edit WHERE entity='service' ORDER BY id") == [
        ("quantity", "100", "200"), ("+", "", "B01.047.003"),
    ]  # fmt: skip
    assert query("SELECT id FROM service ORDER BY n")[:2] == ids
    assert query("SELECT version FROM cases") == [(2,)]


def test_service_that_left_the_file_is_removed_with_history(services, tmp_path):
    one = kit.case(1)
    load(services, kit.pair(tmp_path / "a", [one]))
    del one["Z_SL"]["SL"][0]["USL"][0]
    load(services, kit.pair(tmp_path / "b", [one]))
    assert query("SELECT code, n FROM service") == [("B01.047.002", 1)]
    assert query("SELECT field, old FROM edit WHERE entity='service'") == [("-", "B01.047.001")]


def test_operators_correction_stays_unless_the_file_changes_that_field(services, tmp_path):
    one = kit.case(1)
    load(services, kit.pair(tmp_path / "a", [one]))
    outcome = services.run("case-save", case_id=1, case={"ds_main": "J20.9", "doctor": "D-77"})
    assert outcome.kind == "ok", outcome.message
    one["Z_SL"]["RSLT"] = "302"  # another field
    assert counts(load(services, kit.pair(tmp_path / "b", [one]))) == (0, 1, 0, 0)
    assert query("SELECT ds_main, doctor, result FROM cases") == [("J20.9", "D-77", "302")]
    one["Z_SL"]["SL"][0]["DS1"] = "J18.1"  # now the file changed the corrected field
    outcome = load(services, kit.pair(tmp_path / "c", [one]))
    assert query("SELECT ds_main, doctor FROM cases") == [("J18.1", "D-77")]
    problems = outcome.result.data["files"][0]["problems"]
    assert [p["level"] for p in problems] == ["conflict"]
    assert "J20.9" in problems[0]["reason"] and "J18.1" in problems[0]["reason"]


def test_file_that_caught_up_with_a_correction_becomes_the_base(services, tmp_path):
    one = kit.case(1)
    load(services, kit.pair(tmp_path / "a", [one]))
    services.run("case-save", case_id=1, case={"ds_main": "J20.9"})
    one["Z_SL"]["SL"][0]["DS1"] = "J20.9"
    assert load(services, kit.pair(tmp_path / "b", [one])).result.data["files"][0]["conflicts"] == 0
    one["Z_SL"]["SL"][0]["DS1"] = "J06.9"  # the source went back: its word again
    load(services, kit.pair(tmp_path / "c", [one]))
    assert query("SELECT ds_main FROM cases") == [("J06.9",)]


def test_patient_correction_is_three_way_too(services, tmp_path):
    one, who = kit.case(1), kit.person(1)
    load(services, kit.pair(tmp_path / "a", [one], [who]))
    services.run("case-save", case_id=1, patient={"surname": "ТЕСТОВА", "sex": "2"})
    who["SNILS"] = "112-233-445 95"
    assert counts(load(services, kit.pair(tmp_path / "b", [one], [who]))) == (0, 1, 0, 0)
    assert query("SELECT surname, sex, snils, fio_key FROM patient") == [
        ("ТЕСТОВА", "2", "112-233-445 95", "ТЕСТОВА ИВАН НОМЕРОВИЧА")
    ]
    who["FAM"] = "ДРУГОВА"
    outcome = load(services, kit.pair(tmp_path / "c", [one], [who]))
    assert query("SELECT surname, sex FROM patient") == [("ДРУГОВА", "2")]
    assert outcome.result.data["files"][0]["conflicts"] == 1


def test_policy_and_service_corrections_survive_a_changed_file(services, tmp_path):
    one = kit.case(1)
    load(services, kit.pair(tmp_path / "a", [one]))
    first, second = (r[0] for r in query("SELECT id FROM service ORDER BY n"))
    outcome = services.run(
        "case-save", case_id=1, policy={"number": "7600000000099999", "smo": "76002"},
        services=[
            {"id": first, "quantity": 300}, {"id": second, "delete": True},
            {"code": "A01.01.001", "quantity": 100},
        ],
    )  # fmt: skip
    assert outcome.kind == "ok", outcome.message
    assert query("SELECT i.code FROM cases c JOIN insurer i ON i.id=c.payer_id") == [("76002",)]
    one["Z_SL"]["RSLT"] = "302"
    load(services, kit.pair(tmp_path / "b", [one]))
    assert query("SELECT code, quantity FROM service ORDER BY n") == [
        ("B01.047.001", 300), ("A01.01.001", 100),
    ]  # fmt: skip
    assert query(
        "SELECT o.number, i.code FROM cases c JOIN policy o ON o.id=c.policy_id"
        " JOIN insurer i ON i.id=c.payer_id"
    ) == [("7600000000099999", "76002")]


def test_same_key_twice_is_two_cases_stable_over_reloads(services, tmp_path):
    one, two = kit.case(1), kit.case(2, person_no=1)
    two["Z_SL"]["SL"][0] |= {"NHISTORY": "N1", "PROFIL": "28", "IDDOKT": "D-02"}
    assert counts(load(services, kit.pair(tmp_path / "a", [one, two]))) == (2, 0, 0, 0)
    before = query("SELECT id, dup, profile FROM cases ORDER BY id")
    assert {r[1] for r in before} == {0, 1}
    assert counts(load(services, kit.pair(tmp_path / "b", [two, one]))) == (0, 0, 2, 0)
    two["Z_SL"]["RSLT"] = "304"
    assert counts(load(services, kit.pair(tmp_path / "c", [two, one]))) == (0, 1, 1, 0)
    assert query("SELECT id, dup, profile FROM cases ORDER BY id") == before
    assert query("SELECT profile FROM cases WHERE result='304'") == [("28",)]


def test_the_very_same_record_twice_is_refused_once(services, tmp_path):
    one = kit.case(1)
    again = deepcopy(one)
    outcome = load(services, kit.pair(tmp_path / "a", [one, again]), "partial")
    assert counts(outcome) == (1, 0, 0, 1)
    assert outcome.exit_code == 4


def test_case_moves_from_h_to_c(services, tmp_path):
    one = kit.case(1)
    load(services, kit.pair(tmp_path / "a", [one]))
    outcome = load(services, kit.pair(tmp_path / "b", [one], name="CM760001T76_21041"))
    assert counts(outcome) == (0, 1, 0, 0)
    assert query("SELECT letter FROM cases") == [("C",)]


def test_corrected_begin_date_of_an_unbilled_case_is_its_correction(services, tmp_path):
    one = kit.case(1)
    load(services, kit.pair(tmp_path / "a", [one, kit.case(2)]))
    one["Z_SL"]["DATE_Z_1"] = one["Z_SL"]["SL"][0]["DATE_1"] = "2021-04-02"
    outcome = load(services, kit.pair(tmp_path / "b", [one, kit.case(2)]))
    assert counts(outcome) == (0, 1, 1, 0)
    assert query("SELECT key, date_in FROM cases WHERE id=1") == [("H3|760001|N1|2021-04-02", "2021-04-02")]
    assert "исправление даты начала" in outcome.result.data["files"][0]["problems"][0]["reason"]
    assert ("key", "H3|760001|N1|2021-04-05") in query("SELECT field, old FROM edit")


def test_another_case_of_the_same_card_is_new(services, tmp_path):
    one = kit.case(1)
    load(services, kit.pair(tmp_path / "a", [one]))
    two = kit.case(1)
    two["Z_SL"] |= {"DATE_Z_1": "2021-04-12", "DATE_Z_2": "2021-04-12"}
    assert counts(load(services, kit.pair(tmp_path / "b", [one, two]))) == (1, 0, 1, 0)


def test_operators_date_correction_does_not_double_the_case(services, tmp_path):
    one = kit.case(1)
    load(services, kit.pair(tmp_path / "a", [one]))
    services.run("case-save", case_id=1, case={"date_in": "2021-04-03"})
    assert counts(load(services, kit.pair(tmp_path / "b", [one]))) == (0, 0, 1, 0)
    one["Z_SL"]["DATE_Z_1"] = "2021-04-03"
    assert counts(load(services, kit.pair(tmp_path / "c", [one]))) == (0, 1, 0, 0)
    assert query("SELECT key FROM cases") == [("H3|760001|N1|2021-04-03",)]


def test_deleted_case_is_never_revived(services, tmp_path):
    paths = kit.pair(tmp_path / "a", [kit.case(1), kit.case(2)])
    load(services, paths)
    assert services.run("case-delete", case_ids=[1], yes=True).kind == "ok"
    outcome = load(services, paths, "partial")
    assert counts(outcome) == (0, 0, 1, 1)
    assert "удалён" in outcome.result.data["files"][0]["problems"][0]["reason"]
    assert query("SELECT deleted_at IS NULL FROM cases WHERE id=1") == [(0,)]


def test_person_without_record_refuses_only_his_cases(services, tmp_path):
    paths = kit.pair(tmp_path / "a", [kit.case(1), kit.case(2)], [kit.person(2)])
    outcome = load(services, paths, "partial")
    assert counts(outcome) == (1, 0, 0, 1)
    problem = outcome.result.data["files"][0]["problems"][0]
    assert problem["position"].startswith("ZAP 1") and "P1" in problem["reason"]


def test_file_of_another_organisation_is_refused_whole(services, tmp_path):
    outcome = load(services, kit.pair(tmp_path / "a", [kit.case(1)], CODE_MO="500101"), "refused")
    assert "500101" in outcome.message and outcome.exit_code == 1
    assert query("SELECT count(*) FROM cases") == [(0,)]


def test_payers_own_foreign_and_nobody(services, tmp_path):
    zaps = [
        kit.case(1, pac={"SMO": "76002"}),
        kit.case(2, pac={"SMO": "50001"}),
        kit.case(3, pac={"SMO": "", "ST_OKATO": "46000"}),
        kit.case(4, pac={"SMO": ""}),
        kit.case(5, pac={"SMO": "76099"}),
        kit.case(6, pac={"SMO": "", "SMO_OGRN": "1027700091100", "SMO_OK": "78000"}),
        kit.case(7, pac={"SMO": "", "SMO_OGRN": "1027700091100", "SMO_OK": "46000"}),
    ]
    outcome = load(services, kit.pair(tmp_path / "a", zaps))
    assert [r[0] for r in query(
        "SELECT i.code FROM cases c LEFT JOIN insurer i ON i.id=c.payer_id ORDER BY c.id"
    )] == ["76002", "76", "76", None, None, "76001", "76"]  # fmt: skip
    assert "76099" in outcome.result.data["files"][0]["problems"][0]["reason"]


def test_refused_account_becomes_corrected_and_registry_stale(services, tmp_path):
    one, two = kit.case(1), kit.case(2)
    load(services, kit.pair(tmp_path / "a", [one, two]))
    registry = "INSERT INTO registry(id, period, kind, status, formed_at) VALUES(?,?,'outpatient',?,?)"
    write(registry, 1, "2021-04", "Выгружен", "2021-05-01 00:00:00")
    write(registry, 2, "2021-05", "Сформирован", "9999")
    write("INSERT INTO account(registry_id, case_id, xkey, work, stage1) VALUES(1,1,'a','новый',2)")
    write("INSERT INTO account(registry_id, case_id, xkey, work) VALUES(2,2,'b','')")
    for zap in (one, two):
        zap["Z_SL"]["RSLT"] = "302"
    load(services, kit.pair(tmp_path / "b", [one, two]))
    assert query("SELECT work FROM account ORDER BY id") == [("исправлен",), ("",)]
    assert query("SELECT reform_reason FROM registry ORDER BY id") == [("",), ("изменены случаи: 1",)]


def test_unknown_elements_are_kept_and_reported(services, tmp_path):
    folder = tmp_path / "a"
    paths = kit.pair(folder, [kit.case(1)])
    path = folder / "HM760001T76_21041.xml"
    text = path.read_text("cp1251").replace("<IDSP>", "<NOVOE>5</NOVOE><IDSP>")
    path.write_text(text, "cp1251")
    outcome = load(services, paths)
    assert "NOVOE" in outcome.result.data["files"][0]["problems"][0]["position"]
    assert "NOVOE" in query("SELECT extra FROM cases")[0][0]


def test_damaged_file_is_refused_and_the_other_is_loaded(services, tmp_path):
    folder = tmp_path / "a"
    kit.pair(folder, [kit.case(1)])
    paths = kit.pair(folder, [kit.case(2)], name="CM760001T76_21041")
    broken = folder / "CM760001T76_21041.xml"
    broken.write_bytes(broken.read_bytes()[:-200])
    outcome = load(services, paths, "partial")
    assert counts(outcome)[0] == 1
    assert [f["state"] for f in outcome.result.data["files"]].count("refused") == 1


def test_missing_path_is_a_sentence(services):
    outcome = load(services, ["/нет/такого"], "refused")
    assert "Не найдено" in outcome.message


def test_abort_at_each_checkpoint_leaves_the_database_as_before(services, tmp_path):
    load(services, kit.pair(tmp_path / "a", [kit.case(n) for n in (1, 2, 3)]))
    services.run("case-save", case_id=1, case={"ds_main": "J20.9"})
    changed = [kit.case(n, z={"RSLT": "302"}) for n in (1, 2, 4)]
    paths = kit.pair(tmp_path / "b", changed)
    before = dump()
    stop = 0
    while True:
        stop += 1
        passed = 0

        def check(ctx=None, limit=stop):
            nonlocal passed
            passed += 1
            if passed == limit:
                ctx.token.set()

        def prepare(ctx):
            ctx.on_check = lambda: check(ctx)

        outcome = services.run("load", paths=paths, prepare=prepare)
        if outcome.kind == "ok":
            break
        assert outcome.kind == "aborted"
        assert dump() == before, stop
    assert stop > 8
    assert not list((tmp_path / "base").glob("*.stage-*"))


def test_leftover_of_a_killed_load_is_removed(services, tmp_path):
    dead = tmp_path / "base" / "omstui.db.stage-999999-1-abcd"
    dead.write_bytes(b"x")
    load(services, kit.pair(tmp_path / "a", [kit.case(1)]))
    assert not dead.exists()


def test_full_disk_is_a_sentence(services, tmp_path, monkeypatch):
    def full(self):
        raise db._plain(sqlite3.OperationalError("database or disk is full"))

    monkeypatch.setattr(loading.Stage, "_flush", full)
    outcome = load(services, kit.pair(tmp_path / "a", [kit.case(1)]), "refused")
    assert "кончилось место" in outcome.message


def test_a_case_is_kept_under_its_key_and_read_as_a_card(services, tmp_path):
    load(services, kit.pair(tmp_path / "a", [kit.case(1), kit.case(2)]))
    with db.connection():
        keys = db.execute("SELECT id, nhistory FROM cases WHERE key='H3|760001|N2|2021-04-05'").fetchall()
        assert [tuple(row) for row in keys] == [(2, "N2")]
        card = cases.read_case(2)
    assert card.case["kind"] == "outpatient" and len(card.services) == 2 and card.payer


def test_newborn_with_mothers_policy_and_twins(services, tmp_path):
    zaps = [
        kit.case(1, pac={"NOVOR": "105042021"}), kit.case(2, pac={"NOVOR": "205042022"}),
    ]  # fmt: skip
    people = [
        kit.person(
            n, FAM="", IM="", OT="", DR="2021-04-05", FAM_P="ТЕСТОВА", IM_P="АННА", W_P="2", DR_P="1990-01-01"
        )
        for n in (1, 2)
    ]
    load(services, kit.pair(tmp_path / "a", zaps, people))
    assert query("SELECT newborn FROM cases ORDER BY id") == [("105042021",), ("205042022",)]
    assert query("SELECT count(*) FROM patient") == [(2,)]


def test_insurer_added_to_the_settings_reaches_cases_at_the_next_load(services, tmp_path):
    paths = kit.pair(tmp_path / "a", [kit.case(1, pac={"SMO": "76003"})])
    load(services, paths)
    write("INSERT INTO insurer(code, letter, ogrn, name) VALUES('76003','C','1','СМО «Гамма»')")
    assert counts(load(services, paths)) == (0, 1, 0, 0)
    assert query("SELECT i.code FROM cases c JOIN insurer i ON i.id=c.payer_id") == [("76003",)]
    assert counts(load(services, paths)) == (0, 0, 1, 0)


def test_numbers_of_persons_given_anew_find_the_same_patients(services, tmp_path):
    """Some systems number persons afresh at every export."""
    load(services, kit.pair(tmp_path / "a", [kit.case(1), kit.case(2)]))
    first, second = kit.case(1), kit.case(2)
    first["PACIENT"]["ID_PAC"], second["PACIENT"]["ID_PAC"] = "P2", "P1"
    people = [kit.person(1, ID_PAC="P2"), kit.person(2, ID_PAC="P1")]
    load(services, kit.pair(tmp_path / "b", [first, second], people))
    assert query("SELECT count(*) FROM patient") == [(2,)]
    assert query("SELECT p.birth_date FROM cases c JOIN patient p ON p.id=c.patient_id ORDER BY c.id") == [
        (kit.person(1)["DR"],), (kit.person(2)["DR"],),
    ]  # fmt: skip


def test_readme_in_a_folder_is_passed_by_and_named_alone_refused(services, tmp_path):
    folder = tmp_path / "a"
    kit.pair(folder, [kit.case(1)])
    (folder / "README.md").write_text("x")
    outcome = load(services, [str(folder)])
    assert [f["state"] for f in outcome.result.data["files"]] == ["loaded", "ignored"]
    load(services, [str(folder / "README.md")], "refused")


def test_kinds_by_conditions_profile_purpose_and_examination(services, tmp_path):
    zaps = [
        kit.case(1, z={"USL_OK": "1"}), kit.case(2, z={"USL_OK": "2"}), kit.case(3, z={"USL_OK": "4"}),
        kit.case(4, sl={"PROFIL": "89"}),
        kit.case(5, sl={"P_CEL": ""}, services=[kit.service(1, CODE_USL="A05.10.006")]),
        kit.case(6, sl={"P_CEL": ""}),
    ]  # fmt: skip
    load(services, kit.pair(tmp_path / "a", zaps))
    assert [r[0] for r in query("SELECT kind FROM cases ORDER BY id")] == [
        "inpatient", "dayhospital", "ambulance", "dental", "paraclinic", "outpatient",
    ]  # fmt: skip
    for number, (disp, kind) in enumerate(
        (("ДВ4", "dispensary"), ("ОПВ", "checkup"), ("ДС1", "orphans"), ("ПН1", "minors")), 10
    ):
        zap = kit.case(number)
        for name in ("USL_OK", "FOR_POM", "RSLT", "ISHOD"):
            del zap["Z_SL"][name]
        zap["Z_SL"]["RSLT_D"] = "1"
        load(services, kit.pair(tmp_path / disp, [zap], name="DPM760001T76_21041", DISP=disp))
        assert query("SELECT kind, substr(key,1,2) FROM cases ORDER BY id DESC LIMIT 1") == [(kind, "D3")]


@pytest.mark.slow
def test_memory_and_speed_at_five_thousand_cases(services, tmp_path):
    zaps = (kit.case(n) for n in range(1, 5001))
    paths = kit.pair(tmp_path / "a", list(zaps))
    assert counts(load(services, paths)) == (5000, 0, 0, 0)
    assert counts(load(services, paths)) == (0, 0, 5000, 0)
