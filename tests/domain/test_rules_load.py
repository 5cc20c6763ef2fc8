"""Rules of loading beyond the everyday: who is who, which service is which, nothing lost (product.md §6)."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from omstui.bootstrap import Services
from omstui.domain.store import db
from tests.domain import loadkit as kit
from tests.support import make_services


@pytest.fixture
def services(tmp_path: Path) -> Services:
    return make_services(tmp_path / "base")


def load(services: Services, paths: list[str], kind: str = "ok", **params: Any):
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


def save(base: Services, case_id: int = 1, **fields: Any) -> None:
    outcome = base.run("case-save", case_id=case_id, **fields)
    assert outcome.kind == "ok", outcome.message


# --- persons -----------------------------------------------------------------------------------


def doubled(folder: Path, second: dict[str, Any], zaps: list[dict[str, Any]]) -> list[str]:
    """A pair whose file of persons has a second record of P1."""
    kit.pair(folder, zaps)
    persons = next(folder.glob("LM*.xml"))
    more = "".join(f"<{name}>{value}</{name}>" for name, value in second.items())
    text = persons.read_text("cp1251").replace("</PERS_LIST>", f"<PERS>{more}</PERS></PERS_LIST>")
    persons.write_text(text, "cp1251")
    return [str(folder)]


def test_two_persons_of_one_code_refuse_the_cases_of_that_code(services, tmp_path):
    other = kit.person(1, FAM="ПРОБНЫЙ", DR="1981-01-01")
    outcome = load(services, doubled(tmp_path / "in", other, [kit.case(1), kit.case(2)]), "partial")
    assert counts(outcome) == (1, 0, 0, 1)
    [reason] = query("SELECT reason FROM load_problem WHERE level='refused'")
    assert "ID_PAC P1" in reason[0]


def test_the_same_person_written_twice_is_one(services, tmp_path):
    outcome = load(services, doubled(tmp_path / "in", kit.person(1), [kit.case(1), kit.case(2)]))
    assert counts(outcome) == (2, 0, 0, 0)


# --- services that move in the file ------------------------------------------------------------


def moved(number: int, code: str, **changes: str) -> dict[str, str]:
    return kit.service(number, CODE_USL=code, **changes)


def test_corrected_service_is_found_when_the_file_numbers_services_anew(services, tmp_path):
    one = kit.case(1, services=[moved(1, "A"), moved(2, "B")])
    load(services, kit.pair(tmp_path / "a", [one]))
    [[second]] = query("SELECT id FROM service WHERE code='B'")
    save(services, services=[{"id": second, "quantity": 300}])
    one["Z_SL"]["SL"][0]["USL"] = [moved(1, "C"), moved(2, "A"), moved(3, "B")]
    load(services, kit.pair(tmp_path / "b", [one]))
    assert query("SELECT code, quantity FROM service ORDER BY n") == [("C", 100), ("A", 100), ("B", 300)]
    assert query("SELECT id FROM service WHERE code='B'") == [(second,)]


def test_corrected_day_of_a_repeated_service_stays_with_its_day(services, tmp_path):
    days = ["2021-04-01", "2021-04-02", "2021-04-03"]
    one = kit.case(1, services=[moved(n, "A", DATE_IN=d, DATE_OUT=d) for n, d in enumerate(days[1:], 1)])
    load(services, kit.pair(tmp_path / "a", [one]))
    save(services, services=[{"id": 2, "quantity": 300}])
    one["Z_SL"]["SL"][0]["USL"] = [moved(n, "A", DATE_IN=d, DATE_OUT=d) for n, d in enumerate(days, 1)]
    load(services, kit.pair(tmp_path / "b", [one]))
    assert query("SELECT date_in, quantity FROM service ORDER BY n") == [
        (days[0], 100), (days[1], 100), (days[2], 300),
    ]  # fmt: skip


def test_corrected_service_that_left_the_file_is_gone_and_told(services, tmp_path):
    one = kit.case(1, services=[moved(1, "A"), moved(2, "B")])
    load(services, kit.pair(tmp_path / "a", [one]))
    save(services, services=[{"id": 2, "quantity": 300}])
    one["Z_SL"]["SL"][0]["USL"] = [moved(1, "A")]
    load(services, kit.pair(tmp_path / "b", [one]))
    assert query("SELECT code FROM service") == [("A",)]
    assert query("SELECT field, old FROM edit WHERE entity='service' AND origin='load'") == [("-", "B")]


def test_reordered_services_keep_their_rows_and_make_no_history(services, tmp_path):
    rows = [moved(n, c, IDSERV="") for n, c in enumerate("AABC", 1)]
    one = kit.case(1, services=rows)
    load(services, kit.pair(tmp_path / "a", [one]))
    ids = dict(query("SELECT code, group_concat(id) FROM service GROUP BY code"))
    one["Z_SL"]["SL"][0]["USL"] = [rows[3], rows[1], rows[2], rows[0]]
    load(services, kit.pair(tmp_path / "b", [one]))
    assert dict(query("SELECT code, group_concat(id) FROM service GROUP BY code")) == ids
    assert query("SELECT count(*) FROM edit WHERE entity='service'") == [(0,)]
    assert [r[0] for r in query("SELECT code FROM service ORDER BY n")] == ["C", "A", "B", "A"]


def test_field_corrected_twice_and_a_file_that_returns_to_the_base(services, tmp_path):
    one = kit.case(1)
    load(services, kit.pair(tmp_path / "a", [one]))
    save(services, case={"ds_main": "J18.9"})
    save(services, case={"ds_main": "J20.9"})
    one["Z_SL"]["RSLT"] = "302"  # the file changed another field: the base is still J06.9
    load(services, kit.pair(tmp_path / "b", [one]))
    assert query("SELECT ds_main, result FROM cases") == [("J20.9", "302")]
    one["Z_SL"]["SL"][0]["DS1"] = "I10"
    load(services, kit.pair(tmp_path / "c", [one]))
    assert query("SELECT ds_main FROM cases") == [("I10",)]
    assert query("SELECT count(*) FROM load_problem WHERE level='conflict'") == [(1,)]
    one["Z_SL"]["SL"][0]["DS1"] = "J06.9"
    load(services, kit.pair(tmp_path / "d", [one]))
    assert query("SELECT ds_main FROM cases") == [("J06.9",)]


# --- the person of a case ----------------------------------------------------------------------


def test_numbers_of_persons_given_anew_are_no_correction(services, tmp_path):
    load(services, kit.pair(tmp_path / "a", [kit.case(1)]))
    write(
        "INSERT INTO registry(id, period, kind, begin_date, end_date, status, formed_at)"
        " VALUES(1, '2021-04', 'outpatient', '2021-04-01', '2021-04-30', 'Сформирован', '2099-01-01')"
    )
    write("INSERT INTO account(registry_id, case_id, xkey, work) VALUES(1, 1, 'x', 'новый')")
    anew = kit.case(1, pac={"ID_PAC": "G-77"})
    outcome = load(services, kit.pair(tmp_path / "b", [anew], [kit.person(1, ID_PAC="G-77")]))
    assert counts(outcome) == (0, 0, 1, 0)
    assert query("SELECT work FROM account") == [("новый",)]
    assert query("SELECT reform_reason FROM registry") == [("",)]
    assert query("SELECT count(*) FROM patient") == [(1,)]


def test_person_whose_name_and_birth_an_operator_corrected_is_the_same_person(services, tmp_path):
    """The wrong man stood in the ticket: the correction survives a file that still has him."""
    one = kit.case(1)
    load(services, kit.pair(tmp_path / "a", [one]))
    write("UPDATE policy SET enp='', number='old'")
    save(services, patient={"surname": "ИНОЙ", "name": "ПЁТР", "birth_date": "1977-07-07"})
    one["Z_SL"]["RSLT"] = "302"
    load(services, kit.pair(tmp_path / "b", [one]))
    assert query("SELECT surname, name, birth_date FROM patient") == [("ИНОЙ", "ПЁТР", "1977-07-07")]
    assert query("SELECT result FROM cases") == [("302",)]


def test_second_load_of_the_month_with_changed_persons(services, tmp_path):
    people = [kit.person(n) for n in (1, 2)]
    load(services, kit.pair(tmp_path / "a", [kit.case(1), kit.case(2)], people))
    people[0]["SNILS"], people[1]["FAM"] = "112-233-445 95", "ИНАЯ"
    outcome = load(services, kit.pair(tmp_path / "b", [kit.case(1), kit.case(2)], people))
    assert counts(outcome) == (0, 2, 0, 0)
    assert query("SELECT snils, surname FROM patient ORDER BY id") == [
        ("112-233-445 95", "ТЕСТОВ"), ("", "ИНАЯ"),
    ]  # fmt: skip


def test_insurer_added_reaches_a_case_whose_diagnosis_was_corrected(services, tmp_path):
    paths = kit.pair(tmp_path / "a", [kit.case(1, pac={"SMO": "76003"})])
    load(services, paths)
    save(services, case={"ds_main": "I10"})
    write("INSERT INTO insurer(code, letter, name) VALUES('76003', 'C', 'СМО «Гамма»')")
    load(services, paths)
    assert query("SELECT i.code, c.ds_main FROM cases c JOIN insurer i ON i.id=c.payer_id") == [
        ("76003", "I10")
    ]


def test_policy_an_operator_gave_keeps_its_payer_at_the_next_load(services, tmp_path):
    paths = kit.pair(tmp_path / "a", [kit.case(1, pac={"SMO": "", "NPOLIS": ""})])
    load(services, paths)
    assert query("SELECT payer_id FROM cases") == [(None,)]
    save(services, policy={"type": "3", "number": "7600000000000001", "smo": "76002"})
    assert counts(load(services, paths)) == (0, 0, 1, 0)
    assert query("SELECT i.code FROM cases c JOIN insurer i ON i.id=c.payer_id") == [("76002",)]
    assert query("SELECT max(enp) FROM policy") == [("7600000000000001",)]


def test_corrected_number_of_a_policy_corrects_the_enp_made_of_it(services, tmp_path):
    load(services, kit.pair(tmp_path / "a", [kit.case(1)]))
    save(services, policy={"number": "7600000000000077"})
    assert query("SELECT q.number, q.enp FROM cases c JOIN policy q ON q.id=c.policy_id") == [
        ("7600000000000077", "7600000000000077")
    ]


# --- cases -------------------------------------------------------------------------------------


def part(number: int, begin: str, end: str, profile: str, usl: list[Any], **more: Any) -> dict[str, Any]:
    return {
        "SL_ID": f"sl{number}", "PROFIL": profile, "DET": "0", "NHISTORY": "N1", "DATE_1": begin,
        "DATE_2": end, "DS1": f"I1{number}", "PRVS": "76", "IDDOKT": f"D-0{number}", "USL": usl,
    } | more  # fmt: skip


def test_header_of_a_transfer_is_of_the_last_part_by_date(services, tmp_path):
    late = part(2, "2021-04-05", "2021-04-09", "68", [kit.service(1, "2021-04-09")])
    early = part(1, "2021-04-01", "2021-04-05", "97", [kit.service(1, "2021-04-01")])
    z = {"USL_OK": "1", "DATE_Z_1": "2021-04-01", "DATE_Z_2": "2021-04-09", "SL": [late, early]}
    load(services, kit.pair(tmp_path / "a", [kit.case(1, z=z)]))
    assert query("SELECT profile, doctor, ds_main FROM cases") == [("68", "D-02", "I12")]
    assert query("SELECT part, date_in FROM service ORDER BY n") == [(1, "2021-04-01"), (2, "2021-04-09")]
    swapped = deepcopy(z) | {"SL": [early, late]}
    assert counts(load(services, kit.pair(tmp_path / "b", [kit.case(1, z=swapped)]))) == (0, 0, 1, 0)


def test_case_that_closes_and_one_that_moves_to_another_month_are_updates(services, tmp_path):
    open_one = kit.case(1)
    del open_one["Z_SL"]["DATE_Z_2"]
    load(services, kit.pair(tmp_path / "a", [open_one, kit.case(2)]))
    assert query("SELECT date_out, completed FROM cases ORDER BY id") == [(None, 0), ("2021-04-05", 1)]
    moved_on = kit.case(2, z={"DATE_Z_2": "2021-05-02"})
    assert counts(load(services, kit.pair(tmp_path / "b", [kit.case(1), moved_on]))) == (0, 2, 0, 0)
    assert query("SELECT date_out, completed FROM cases ORDER BY id") == [
        ("2021-04-05", 1), ("2021-05-02", 1),
    ]  # fmt: skip


def test_twin_that_comes_in_another_file_is_told_apart(services, tmp_path):
    first, second = kit.case(1), kit.case(1, sl={"SL_ID": "other", "PROFIL": "68", "IDDOKT": "D-09"})
    load(services, kit.pair(tmp_path / "a", [first]))
    outcome = load(services, kit.pair(tmp_path / "b", [first, second]))
    assert counts(outcome) == (1, 0, 1, 0)
    assert counts(load(services, kit.pair(tmp_path / "c", [second, first]))) == (0, 0, 2, 0)
    assert query("SELECT dup, profile FROM cases ORDER BY dup") == [(0, "97"), (1, "68")]


def test_deleted_case_in_a_file_is_told_with_its_key(services, tmp_path):
    load(services, kit.pair(tmp_path / "a", [kit.case(1), kit.case(2)]))
    write("UPDATE cases SET deleted_at='2021-05-01 10:00:00' WHERE id=1")
    outcome = load(
        services, kit.pair(tmp_path / "b", [kit.case(1, z={"RSLT": "302"}), kit.case(2)]), "partial"
    )
    assert counts(outcome) == (0, 0, 1, 1)
    assert query("SELECT case_key, reason LIKE '%удалён (2021-05-01)%' FROM load_problem") == [
        ("H3|760001|N1|2021-04-05", 1)
    ]


def test_foreign_organisation_by_setting(tmp_path):
    from tests.support import settings

    base = make_services(tmp_path / "base", settings(rules={"accept_foreign_mo": True}))
    load(base, kit.pair(tmp_path / "a", [kit.case(1)], CODE_MO="500101"))
    assert query("SELECT key FROM cases") == [("H3|500101|N1|2021-04-05",)]


@pytest.mark.parametrize("version", ["3.0", "3.2", "4.0", "5.1", "9.9"])
def test_version_and_fields_of_later_formats_do_not_matter(services, tmp_path, version):
    later = {"SOC": "035", "NEXT_D": "5", "MO_PR": "760001", "VZ": "10"}
    one = kit.case(1, pac=later, z={"NPR_NUM": "77"}, sl={"PROFIL_M": "12"})
    outcome = load(services, kit.pair(tmp_path / "a", [one], VERSION=version))
    assert counts(outcome) == (1, 0, 0, 0)
    kept = "SELECT json_extract(extra,'$.fed.pac.SOC'), json_extract(extra,'$.fed.z.NPR_NUM') FROM cases"
    assert query(kept) == [("035", "77")]
    assert query("SELECT count(*) FROM load_problem") == [(0,)]


# --- an earlier month and its corrections in one call ------------------------------------------


def test_old_bill_and_the_corrected_pair_in_one_call(tmp_path):
    """The pair says what is true now, wherever it stands among the files."""
    folder = tmp_path / "all"
    first = make_services(tmp_path / "old")
    load(first, kit.pair(tmp_path / "was", [kit.case(1), kit.case(2)]))
    for operation, fields in (("form", {}), ("export", {"out": str(folder)})):
        assert first.run(operation, period="2021-04", yes=True, **fields).kind == "ok"
    kit.pair(folder, [kit.case(1, sl={"DS1": "I10"}), kit.case(3)])
    second = make_services(tmp_path / "new")
    outcome = load(second, [str(folder)])
    assert query("SELECT nhistory, ds_main FROM cases ORDER BY nhistory") == [
        ("N1", "I10"), ("N2", "J06.9"), ("N3", "J06.9"),
    ]  # fmt: skip
    assert outcome.result.data["changed"] == 1
    assert query("SELECT count(*), sum(total) FROM account") == [(2, 200000)]


# --- what a file says wrongly ------------------------------------------------------------------


def test_russian_letters_in_diagnoses_become_latin_and_are_told(services, tmp_path):
    one = kit.case(1, sl={"DS1": "А09.0", "DS2": ["Е11.9", "I10"]}, services=[kit.service(1, DS="А09.0")])
    outcome = load(services, kit.pair(tmp_path / "a", [one, kit.case(2)]))
    assert query("SELECT ds_main, ds2 FROM cases WHERE id=1") == [("A09.0", '["E11.9","I10"]')]
    assert query("SELECT ds FROM service WHERE case_id=1") == [("A09.0",)]
    said = " ".join(x.text for x in outcome.lines)
    assert "русскими буквами" in said and "случаев 1" in said
    assert counts(load(services, kit.pair(tmp_path / "b", [one, kit.case(2)]))) == (0, 0, 2, 0)


def test_header_that_promises_more_than_the_file_has_is_told(services, tmp_path):
    paths = kit.pair(tmp_path / "a", [kit.case(1), kit.case(2)])
    file = tmp_path / "a" / "HM760001T76_21041.xml"
    text = file.read_text("cp1251")
    text = text.replace("<SD_Z>2<", "<SD_Z>3<").replace("<SUMMAV>2000.00<", "<SUMMAV>3500.00<")
    file.write_text(text, "cp1251")
    said = " ".join(x.text for x in load(services, paths).lines)
    assert "SD_Z = 3, а записей 2" in said
    assert "SUMMAV = 3500.00, а по случаям 2000.00" in said
