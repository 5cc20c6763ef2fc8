"""The stand for the second exchange: QPID → APID, FLQPID; payment registries → ФЛК and МЭК."""

from __future__ import annotations

import argparse
import json
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from omstui.domain.errors import FormatError, OmsError, UsageError
from omstui.formats.federal import Part
from omstui.formats.flkdbf import read_flqpid
from omstui.formats.flkp import FlkProtocol
from omstui.formats.identfile import ApidRow, read_apid
from omstui.formats.identify import identify
from omstui.formats.mekdbf import MekRow, read_mek
from omstui.formats.mekxml import EKMP, MEE, MEK, ReturnCase, ReturnFile
from omstui.stand import cli
from omstui.stand.answers import answer
from omstui.stand.written import Written
from tests.stand.mosobl_files import ENP, bill, case, person, request, settings
from tests.stand.packages import cases, write

SMO = settings()


def run(path: Path, out: Path, **options: Any) -> list[Written]:
    return answer([path], out, SMO, **options)


def apid(out: Path) -> dict[str, ApidRow]:
    return {row.ref: row for row in read_apid(out / "APID_4701012912211.dbf").rows()}


def protocol(path: Path) -> FlkProtocol:
    return FlkProtocol(Part(path.name, lambda: path.open("rb")))


def mek(path: Path) -> list[MekRow]:
    return list(read_mek(path).rows())


def returned(path: Path) -> tuple[ReturnFile, dict[str, ReturnCase]]:
    found = ReturnFile(Part(path.name, lambda: path.open("rb")))
    rows = {}
    for row in found.cases():
        assert isinstance(row, ReturnCase), row
        rows[row.idcase] = row
    return found, rows


# --- identification ----------------------------------------------------------------------------


def test_apid_every_kind_by_plan(tmp_path: Path) -> None:
    kinds = ("found", "renewed", "insurer", "region", "missing", "poor", "uninsured", "died")
    path = request(tmp_path, [person(n) for n in range(1, 10)])
    plan = {f"P{n}": {"kind": kind} for n, kind in enumerate(kinds, 1)}
    answered, flqpid = run(path, tmp_path / "out", plan=plan)
    rows = apid(tmp_path / "out")
    assert [rows[f"P{n}"].result for n in range(1, 10)] == [1, 1, 1, 2, 0, 9, 3, 1, 1]
    assert rows["P1"].policy.enp == rows["P9"].policy.enp == rows["P3"].policy.enp == ENP
    assert (rows["P1"].policy.smo, rows["P3"].policy.smo) == ("50001", "50002")
    assert rows["P1"].policy.begin == "2012-06-01" and rows["P2"].policy.begin == "2021-12-01"
    assert rows["P2"].policy.enp not in ("", ENP) and rows["P2"].policy.okato == "46000"
    assert rows["P4"].policy.okato != "46000" and rows["P4"].policy.enp[:2] != "50"
    assert [rows[f"P{n}"].unidentified for n in range(1, 10)] == [n in (5, 6) for n in range(1, 10)]
    assert rows["P7"].uninsured and (rows["P7"].policy.end or "") < "2021-12-05"
    assert rows["P8"].death_date and rows["P8"].death_date > "2021-12-15"
    assert rows["P9"].sent["FAM"] == "Ёлкина" and rows["P9"].sent["NPP"] == 9
    assert (answered.accounts, answered.refused, answered.moved_in) == (9, 3, 2)
    assert answered.line.endswith(
        "пациентов 9, найден 2, новый полис 1, другая СМО 1, другой субъект 1, не найден 1, "
        "данных недостаточно 1, не застрахован 1, умер 1"
    )
    assert flqpid.facts == 0 and list(read_flqpid(flqpid.path).links()) == []


def test_apid_plan_data_overrides_columns(tmp_path: Path) -> None:
    path = request(tmp_path, [person(1), person(2)])
    plan = {
        "P1": {"kind": "found", "code": "50002", "data": {"RFAM": "Ёлкина-Палкина", "RDEND": "2022-01-31"}},
        "P2": {"kind": "missing", "comment": "Нет в регистре"},
    }
    run(path, tmp_path / "out", plan=plan)
    rows = apid(tmp_path / "out")
    one = rows["P1"]
    assert (one.surname, one.policy.end, one.policy.smo) == ("Ёлкина-Палкина", "2022-01-31", "50002")
    assert rows["P2"].error == "Нет в регистре" and not rows["P2"].policy


def test_apid_old_policy_confirmed_and_missing_policy_found(tmp_path: Path) -> None:
    old = person(1, VPOLIS=1, SPOLIS="46-01", NPOLIS="123456", ENP="")
    none = person(2, VPOLIS=None, NPOLIS="", ENP="", SMO="")
    run(request(tmp_path, [old, none]), tmp_path / "out", refuse=0, move=0)
    rows = apid(tmp_path / "out")
    assert (rows["P1"].policy.type, rows["P1"].policy.series, rows["P1"].policy.number) == (
        "1", "46-01", "123456",
    )  # fmt: skip
    found = rows["P2"].policy
    assert found.type == "3" and found.enp.startswith("50") and len(found.enp) == 16
    assert found.smo in ("50001", "50002")


def test_apid_shares_are_kept_and_seeded(tmp_path: Path) -> None:
    people = [person(n) for n in range(1, 201)]
    path = request(tmp_path, people)
    one, _ = run(path, tmp_path / "a", refuse=0.2, move=0.1)
    again, _ = run(path, tmp_path / "b", refuse=0.2, move=0.1)
    other, _ = run(path, tmp_path / "c", refuse=0.2, move=0.1, seed=2)
    assert one.path.read_bytes() == again.path.read_bytes() != other.path.read_bytes()
    counts = Counter(row.result for row in apid(tmp_path / "a").values())
    assert set(counts) == {0, 1, 2, 3, 9}
    changed = [row for row in apid(tmp_path / "a").values() if row.result != 1 or row.death_date]
    assert len(changed) >= 40
    plain, errors = run(path, tmp_path / "d")
    assert 0 < plain.refused <= 10 and plain.moved_in and errors.facts == 4


def test_flqpid_finds_wrong_fields_itself_and_takes_the_plan(tmp_path: Path) -> None:
    people = [
        person(1), person(2, SNILS="11223344595"), person(3, DR="2022-01-05"), person(4),
        person(5, SNILS="1"),
    ]  # fmt: skip
    path = request(tmp_path, people)
    plan = {"P4": {"kind": "flk", "code": "77", "comment": "Так нельзя", "data": {"field": "DOCNUM"}}}
    _, errors = run(path, tmp_path / "out", plan=plan)
    found = read_flqpid(errors.path)
    assert [str(line) for line in found.report()] == [
        "файл QPID_D1 Значение поля SNILS не соответствует формату. - 2",
        "файл QPID_D1 Значение поля DR не соответствует формату. - 1",
        "файл QPID_D1 77 Так нельзя - 1",
    ]
    assert [(k.ref, k.number, k.field) for k in found.links()][3] == ("P5", 5, "SNILS")


def test_apid_too_little_to_search_by(tmp_path: Path) -> None:
    poor = person(1, SNILS="", NPOLIS="", ENP="")
    run(request(tmp_path, [poor, person(2)]), tmp_path / "out", refuse=0, move=0)
    assert [row.result for row in apid(tmp_path / "out").values()] == [9, 1]


@pytest.mark.parametrize(
    ("people", "why"),
    [
        ([person(1), person(2, RECID="P1")], "RECID повторяется"),
        ([person(1), person(1, RECID="P2")], "NPP пуст или повторяется"),
        ([person(1, RECID="")], "нет кода пациента RECID"),
        ([person(1, MCOD="777777")], "код МО MCOD не 470101"),
        ([], "нет ни одного пациента"),
    ],
)
def test_request_the_fund_does_not_take(tmp_path: Path, people: list[Any], why: str) -> None:
    with pytest.raises(FormatError, match=why):
        run(request(tmp_path, people), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_request_of_another_organisation(tmp_path: Path) -> None:
    path = request(tmp_path, [person(1, MCOD="777777")], "QPID_7777772912211.dbf")
    with pytest.raises(FormatError, match="стенд настроен на «470101»"):
        run(path, tmp_path / "out")


# --- ФЛК ---------------------------------------------------------------------------------------


def test_flk_by_plan_of_cases_and_persons(tmp_path: Path) -> None:
    path = bill(tmp_path, [case(n) for n in range(1, 5)])
    plan = {
        "1001": {"kind": "flk", "code": "904", "data": {"field": "DS1", "value": "J99"}},
        "ТАП-2": {"kind": "flk_l"},
        "ТАП-3": [{"kind": "flk", "comment": "Своё"}, {"kind": "full"}],
    }
    one, two, _ = run(path, tmp_path / "out", plan=plan)
    assert (one.path.name, two.path.name) == ("VM500101S50001_21121.xml", "FM500101S50001_21121.xml")
    found = protocol(one.path)
    assert (found.source, found.of_persons) == ("HM500101S50001_21121", False)
    first, second = found.errors()
    assert (first.code, first.field, first.value, first.idcase, first.n_zap) == (
        "904", "DS1", "J99", "1001", "1",
    )  # fmt: skip
    assert (second.idcase, second.comment) == ("1003", "Своё")
    persons = protocol(two.path)
    assert (persons.cases_name, persons.of_persons) == ("HM500101S50001_21121", True)
    assert [(e.id_pac, e.base) for e in persons.errors()] == [("2", "PERS")]
    assert identify(one.path).kind == "FLK"


def test_flk_whole_file_by_its_name(tmp_path: Path) -> None:
    path = bill(tmp_path, [case(1)])
    plan = {
        "HM500101S50001_21121": {"kind": "flk", "code": "805"},
        "LM500101S50001_21121": {"kind": "flk", "code": "803"},
    }
    one, two, _ = run(path, tmp_path / "out", plan=plan)
    assert [(e.code, e.whole_file) for e in protocol(one.path).errors()] == [("805", True)]
    assert [(e.code, e.text) for e in protocol(two.path).errors()] == [("803", "В ZIP не все файлы")]


def test_flk_finds_wrong_snils_and_policy_itself(tmp_path: Path) -> None:
    records = [case(1), case(2)]
    records[0]["patient"]["snils"] = "123"
    records[1]["policy"] = dict(records[1]["policy"], enp="12")
    one, two, _ = run(bill(tmp_path, records), tmp_path / "out", refuse=0)
    assert [(e.idcase, e.value) for e in protocol(one.path).errors()] == [("1002", "12")]
    assert [(e.id_pac, e.field) for e in protocol(two.path).errors()] == [("1", "SNILS")]


def test_flk_names_of_cases_and_oncology_differ(tmp_path: Path) -> None:
    bill(tmp_path / "in", [case(1)])
    bill(tmp_path / "in", [case(2)], letters="C")
    bill(tmp_path / "in", [case(3)], letters="DP", disp="ДВ1")
    written = run(tmp_path / "in", tmp_path / "out", refuse=0)
    names = [w.path.name for w in written if w.stage == 3]
    assert len(set(names)) == len(names) == 6


# --- МЭК ---------------------------------------------------------------------------------------

PLAN = {
    "1001": {"kind": "full", "code": "1.4.4.", "comment": "Не то"},
    "ТАП-2": {"kind": "part", "code": "223", "data": {"sum": "100.50", "service": "1"}},
    "HM500101S50001_21121/1003": {"kind": "mee"},
    "1004": [{"kind": "full", "code": "1.6.1"}, {"kind": "full", "code": "1.10.2."}],
    "1005": {"kind": "ekmp", "data": {"act": "Э-1", "act_date": "2022-03-01"}},
}


def test_mek_table_by_plan(tmp_path: Path) -> None:
    path = bill(tmp_path, [case(n) for n in range(1, 8)])
    *_, made = run(path, tmp_path / "out", plan=PLAN)
    assert made.path.name == "b47010171221.dbf"
    rows = mek(made.path)
    assert [(r.case_ref, r.decision, r.cut) for r in rows[:2]] == [("1001", 2, 60000), ("1002", 3, 10050)]
    assert [str(g) for r in rows for g in r.grounds][:2] == ["1.4.4.", "1.10.3."]
    first = rows[0]
    assert (first.invoice, first.invoice_date, str(first.period)) == ("15", "2021-12-31", "2021-12")
    assert (first.card, first.surname, first.birth_date, first.enp, first.comment) == (
        "ТАП-1", "Ёлкина", "1980-05-17", ENP, "Не то",
    )  # fmt: skip
    assert (first.payer, first.mo, first.service_code, first.billed) == (
        "50001", "470101", "B01.047.001", 60000,
    )  # fmt: skip
    assert rows[1].service_ref == "1"
    assert [(r.decision, r.cut) for r in rows if r.case_ref == "1004"] == [(2, 60000), (2, 0)]
    assert all(0 < (r.cut or 0) < 60000 for r in rows if r.case_ref in ("1003", "1005"))
    assert (rows[-1].act, rows[-1].act_date) == ("Э-1", "2022-03-01")
    assert first.act.startswith("М-") and first.act_date == "2022-01-12"
    assert (made.accounts, made.refused, made.listed) == (7, 5, 6)
    assert made.refused_total == sum(r.cut or 0 for r in rows)
    assert made.detail == "полностью 2, частично 3"


def test_mek_xml_by_plan_is_the_file_sent_with_decisions(tmp_path: Path) -> None:
    path = bill(tmp_path, [case(n) for n in range(1, 8)])
    *_, made = run(path, tmp_path / "out", plan=PLAN, fmt="xml")
    assert made.path.name == "HS50001M500101_21121.xml"
    found, rows = returned(made.path)
    assert found.problems == [] and [r.problems for r in rows.values()] == [[]] * 7
    assert {k: r.decision for k, r in rows.items()} == {
        "1001": 2, "1002": 3, "1003": 3, "1004": 2, "1005": 3, "1006": 1, "1007": 1,
    }  # fmt: skip
    assert {k: [s.control for s in r.sanctions] for k, r in rows.items() if r.sanctions} == {
        "1001": [MEK], "1002": [MEK], "1003": [MEE], "1004": [MEK, MEK], "1005": [EKMP],
    }  # fmt: skip
    assert rows["1001"].sanctions[0].point == "1.4.4." and rows["1002"].sanctions[0].osn == "223"
    assert rows["1005"].sanctions[0].experts
    assert rows["1001"].sl_ids == rows["1001"].sanctions[0].sl_ids
    with zipfile.ZipFile(path) as archive:
        sent = archive.read("HM500101S50001_21121.xml").decode("cp1251")
    got = made.path.read_text("cp1251")
    assert sent.count("<USL>") == got.count("<USL>") and "<FILENAME>HS50001M500101_21121" in got


@pytest.mark.parametrize("fmt", ["dbf", "xml"])
def test_mek_share_is_kept_and_seeded(tmp_path: Path, fmt: str) -> None:
    path = bill(tmp_path, [case(n) for n in range(1, 101)])
    files = [
        {w.path.name: w.path.read_bytes() for w in run(path, tmp_path / name, refuse=0.3, seed=seed, fmt=fmt)}
        for name, seed in (("a", 1), ("b", 1), ("c", 2))
    ]
    assert files[0] == files[1]
    assert files[0].keys() == files[2].keys() and files[0] != files[2]
    one, two, made = run(path, tmp_path / "d", refuse=0.3, fmt=fmt)
    assert made.refused == 30 and one.facts + two.facts == 8  # 12 % of the 70 left
    assert run(path, tmp_path / "e", refuse=0, fmt=fmt)[-1].refused == 0


def test_mek_both_formats_decide_alike(tmp_path: Path) -> None:
    path = bill(tmp_path, [case(n) for n in range(1, 61)])
    table = run(path, tmp_path / "a", refuse=0.3)[-1]
    document = run(path, tmp_path / "b", refuse=0.3, fmt="xml")[-1]
    assert {r.case_ref: r.cut for r in mek(table.path)} == {
        k: r.cut for k, r in returned(document.path)[1].items() if r.sanctions
    }


def test_mek_one_table_a_payer_over_several_months(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    bill(folder / "50001", [case(1)], period="2021-11", nschet="14", dschet="2021-11-30")
    bill(folder / "50001", [case(2)])
    bill(folder / "50001", [case(3)], letters="C", nschet="16")
    bill(folder / "50002", [case(4)], smo="50002")
    bill(folder / "50", [case(5)], smo="", fund="50")
    tables = [w for w in run(folder, tmp_path / "out", refuse=1) if w.stage == 4]
    assert [t.path.name for t in tables] == ["b470101i1221.dbf", "b47010171221.dbf", "b470101b1221.dbf"]
    rows = mek(tables[1].path)
    assert {(str(r.period), r.invoice, r.case_ref) for r in rows} == {
        ("2021-11", "14", "1001"), ("2021-12", "15", "1002"), ("2021-12", "16", "1003"),
    }  # fmt: skip
    assert [r.number for r in rows] == [1, 2, 3]
    assert mek(tables[0].path)[0].payer == "50"


def test_mek_table_of_a_registry_without_refusals_lists_it_as_accepted(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    bill(folder, [case(1), case(2)])
    bill(folder, [case(3), case(4)], letters="C", nschet="16")
    plan = {"1003": {"kind": "full"}}
    made = run(folder, tmp_path / "out", plan=plan)[-1]
    assert [(r.case_ref, r.decision, r.cut, r.grounds != ()) for r in mek(made.path)] == [
        ("1003", 2, 60000, True), ("1001", 1, 0, False), ("1002", 1, 0, False),
    ]  # fmt: skip
    assert (made.listed, made.refused) == (3, 1)


def test_mek_acts_of_xml_differ_by_registry_and_month(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    bill(folder, [case(1)], period="2021-11", nschet="14", dschet="2021-11-30")
    bill(folder, [case(2)])
    bill(folder, [case(3)], letters="C", nschet="16")
    written = [w for w in run(folder, tmp_path / "out", refuse=1, fmt="xml") if w.stage == 4]
    acts = {s.act_number for w in written for r in returned(w.path)[1].values() for s in r.sanctions}
    assert len(acts) == 3


def test_mek_case_without_a_price_is_refused_whole(tmp_path: Path) -> None:
    path = bill(tmp_path, [case(1, total=0), case(2, total=1)])
    plan = {"1001": {"kind": "part"}, "1002": {"kind": "part"}}
    made = run(path, tmp_path / "out", plan=plan, fmt="xml")[-1]
    _, rows = returned(made.path)
    assert [(r.decision, r.cut, r.problems) for r in rows.values()] == [(2, 0, []), (2, 1, [])]


# --- the plan and the files --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        ({"kind": "an_p"}, "вид an_p здесь не бывает"),
        ({"kind": "full", "data": {"sum": "600.01"}}, "снять можно от 0 до 600.00"),
        ({"kind": "part", "data": {"sum": "много"}}, "не сумма"),
        ({"kind": "full", "data": {"act_date": "вчера"}}, "не дата"),
        ({"kind": "full", "data": {"summa": "1"}}, "неизвестное поле data «summa»"),
        ({"kind": "чудо"}, "неизвестный вид «чудо»"),
    ],
)
def test_plan_of_cases_refused_with_a_sentence(tmp_path: Path, entry: Any, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        run(bill(tmp_path, [case(1)]), tmp_path / "out", plan={"1001": entry})
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        ({"kind": "full"}, "вид full здесь не бывает"),
        ({"kind": "insurer", "code": "99999"}, "СМО 99999 нет в настройках"),
        ({"kind": "found", "data": {"FAM": "Я"}}, "неизвестное поле data «FAM»"),
        ({"kind": "died", "data": {"RDS": "скоро"}}, "дата ГГГГ-ММ-ДД"),
        ({"kind": "found", "data": {"RES": "много"}}, "нужно целое число"),
        ({"kind": "flk", "data": {"RES": "1"}}, "неизвестное поле data «RES»"),
    ],
)
def test_plan_of_persons_refused_with_a_sentence(tmp_path: Path, entry: Any, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        run(request(tmp_path, [person(1)]), tmp_path / "out", plan={"P1": entry})
    assert not (tmp_path / "out").exists()


def test_plan_another_insurer_where_there_is_one_only(tmp_path: Path) -> None:
    alone = replace(SMO, insurers=SMO.insurers[:1])
    path = request(tmp_path, [person(1), person(2, SMO="")])
    with pytest.raises(UsageError, match="меньше двух СМО"):
        answer([path], tmp_path / "out", alone, plan={"P1": {"kind": "insurer"}})
    answer([path], tmp_path / "out", alone, move=1, refuse=0)
    assert {row.policy.smo for row in apid(tmp_path / "out").values()}


def test_answers_not_written_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("файл")
    with pytest.raises(OmsError, match="не записаны"):
        run(bill(tmp_path, [case(1)]), tmp_path / "out")


def test_plan_unused_and_ambiguous_keys_are_told(tmp_path: Path) -> None:
    said: list[str] = []
    path = bill(tmp_path, [case(1, card="1002"), case(2)])
    plan = {"1002": {"kind": "full"}, "нет": {"kind": "full"}}
    *_, made = run(path, tmp_path / "out", plan=plan, note=said.append)
    assert [r.case_ref for r in mek(made.path)] == ["1002"]
    assert said == [
        "План: 1002 — и IDCASE, и номер карты другого случая; взят IDCASE.", "План: ключа нет нет в файлах.",
    ]  # fmt: skip


def _spoiled(path: Path, was: str, now: str) -> Path:
    with zipfile.ZipFile(path) as archive:
        data = {name: archive.read(name).decode("cp1251") for name in archive.namelist()}
    assert any(was in text for text in data.values())
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in data.items():
            archive.writestr(name, text.replace(was, now).encode("cp1251"))
    return path


@pytest.mark.parametrize(
    ("was", "now", "why"),
    [
        ("<SUMMAV>1200.00", "<SUMMAV>1200.01", "SUMMAV 1200.01, а сумма случаев 1200.00"),
        ("<SD_Z>2", "<SD_Z>3", "SD_Z 3, а записей в файле 2"),
        ("<IDCASE>1002", "<IDCASE>1001", "IDCASE повторяется"),
        ("<PERS><ID_PAC>2<", "<PERS><ID_PAC>9<", "нет записи в файле персон"),
        ("<CODE_MO>500101", "<CODE_MO>500102", "код МО внутри файла «500102»"),
        ("<PLAT>50001", "<PLAT>50002", "PLAT внутри «50002»"),
        ("<MONTH>12", "<MONTH>11", "месяц внутри файла «2021-11»"),
        ("<SUMV>600.00", "<SUMV>шесть", "SUMV не число"),
        ("</SUMV>", "</SUMV><OPLATA>1</OPLATA>", "уже содержит решение"),
    ],
)
def test_bill_the_payer_does_not_take(tmp_path: Path, was: str, now: str, why: str) -> None:
    path = _spoiled(bill(tmp_path, [case(1), case(2)]), was, now)
    with pytest.raises(FormatError, match=why):
        run(path, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def _hostile(folder: Path) -> Iterator[tuple[Path, str]]:
    name = "HM500101S50001_21121.zip"
    good = bill(folder, [case(1)]).read_bytes()
    for data, why in (
        (b"PK\x03\x04", "испорчен|архив"),
        (good[:-200], "испорчен|архив"),
        (b"", "внутри|XML"),
    ):
        path = folder / name
        path.write_bytes(data)
        yield path, why
    with zipfile.ZipFile(folder / name, "w") as archive:
        archive.writestr("../HM500101S50001_21121.xml", "<ZL_LIST/>")
    yield folder / name, "опасное имя"
    with zipfile.ZipFile(folder / name, "w") as archive:
        archive.writestr("HM500101S50001_21121.xml", "<ZL_LIST/>")
    yield folder / name, "внутри должны быть"
    with zipfile.ZipFile(folder / name, "w") as archive:
        archive.writestr("HM500101S50001_21121.xml", "<ZL_LIST><SCHET>")
        archive.writestr("LM500101S50001_21121.xml", "<PERS_LIST>")
    yield folder / name, "HM500101S50001_21121"
    yield bill(folder, [case(1)], smo="50009"), "плательщика 50009 нет в настройках"
    yield bill(folder, [case(1)], mo="500109"), "стенд настроен на «500101»"
    yield folder / "HM500101S50001_21129.zip", "не найден"


def test_bill_hostile_files_refused_with_a_sentence(tmp_path: Path) -> None:
    for path, why in _hostile(tmp_path):
        with pytest.raises(OmsError, match=why):
            run(path, tmp_path / "out")
        assert not (tmp_path / "out").exists()


def test_files_of_two_exchanges_refused(tmp_path: Path) -> None:
    files = [request(tmp_path, [person(1)]), write(tmp_path, cases(1))]
    with pytest.raises(UsageError, match="разных обменов"):
        answer(files, tmp_path / "out", SMO)


# --- command line ------------------------------------------------------------------------------


def test_command_answers_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "in"
    bill(folder / "50001", [case(n) for n in range(1, 4)])
    request(folder, [person(1), person(2)])
    toml = tmp_path / "settings.toml"
    toml.write_text(
        'profile = "mosobl"\n[mo]\ncode = "500101"\ncode_local = "470101"\n[fund]\ncode = "50"\n'
        '[[insurers]]\ncode = "50001"\nletter = "7"\n',
        encoding="utf-8",
    )
    plan = tmp_path / "plan.json"
    plan.write_text(json.dumps({"1001": {"kind": "full"}, "P1": {"kind": "missing"}}), encoding="utf-8")
    parser = argparse.ArgumentParser()
    cli.add_arguments(parser)
    common = ["answer", str(folder), "--out", str(tmp_path / "out"), "--settings", str(toml)]
    assert cli.main(parser.parse_args([*common, "--plan", str(plan), "--json"])) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [(Path(r["path"]).name, r["stage"], r["refused"]) for r in rows] == [
        ("APID_4701012912211.dbf", 5, 1), ("FLQPID_4701012912211.dbf", 5, 0),
        ("VM500101S50001_21121.xml", 3, 0), ("FM500101S50001_21121.xml", 3, 0), ("b47010171221.dbf", 4, 1),
    ]  # fmt: skip
    assert rows[-1]["refused_sum"] == "600.00"
    assert cli.main(parser.parse_args([*common, "--format", "xml"])) == 0
    assert "HS50001M500101_21121.xml: счетов 3 на 1800.00" in capsys.readouterr().out
