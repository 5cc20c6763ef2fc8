"""Payment registries: golden round trip, schemas, versions, sums, names, hostile values."""

from __future__ import annotations

import re
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from omstui.domain.errors import FormatError
from omstui.formats import fedencode, federalnames
from omstui.formats.fedbills import (
    BillSpec,
    Placed,
    edition,
    letters_by_disp,
    write_bill,
)
from omstui.formats.fedrecord import FedMapper, letters_of
from omstui.formats.layouts import federal as layout
from tests.formats.fedbills.fedkit import (
    bill_zip,
    by_hand,
    flat,
    members,
    pair_at,
    pair_of,
    records,
    spec,
    strangers,
    trees,
)

DEMO = sorted(
    p.relative_to(p.parents[1]).as_posix()
    for p in (Path(__file__).parents[3] / "data" / "demo").glob("2021-0?/*.xml")
    if federalnames.letters_of(p.name)
)
#: letters, reporting period, schema of the cases, schema of the persons
SCHEMAS = (
    ("H", "2019-05", "H_3.1_from_mo", "L_3.1"),
    ("H", "2021-12", "H_3.1_from_mo", "L_3.2"),
    ("H", "2022-01", "H_3.2_from_mo", "L_3.2"),
    ("C", "2021-12", "C_3.1_from_mo", "L_3.2"),
    ("T", "2021-12", "T_3.1_from_mo", "L_3.2"),
    ("DP", "2021-04", "D_3.1_from_mo", "L_3.2"),
    ("DP", "2021-12", "D_3.1_from_mo_2021-08", "L_3.2"),
    ("DO", "2021-12", "D_3.1_from_mo_2021-08", "L_3.2"),
    ("DS", "2021-12", "D_3.1_from_mo_2021-08", "L_3.2"),
    ("DF", "2021-12", "D_3.1_from_mo_2021-08", "L_3.2"),
)


def one(folder: Path, value: dict[str, Any], **changes: Any) -> Any:
    """The ZAP of a file with one record."""
    return trees(bill_zip(folder, spec(**changes), [value]).path)[0].find("ZAP")


def source(repo: Path, letters: str) -> list[dict[str, Any]]:
    return list(records(pair_at(repo / f"data/demo/2021-04/{letters}M760001T76_21041.xml")))


@pytest.mark.parametrize("name", DEMO)
def test_a_federal_file_comes_back_element_for_element(name: str, repo: Path, tmp_path: Path) -> None:
    path = repo / "data" / "demo" / name
    pair = pair_at(path)
    given = list(records(pair))
    sent = etree.parse(str(path)).getroot()
    for value, idcase in zip(given, sent.iter("IDCASE"), strict=True):
        value["account"]["idcase"] = idcase.text
    header = pair.header
    written = bill_zip(
        tmp_path,
        spec(letters=federalnames.letters_of(path.name), period=name[:7], smo="", fund="76",
             disp=header["disp"]),
        given,
    )  # fmt: skip
    cases, persons = trees(written.path)
    assert written.name == path.stem.replace("_21042", "_21041").replace("_21052", "_21051")
    for ours, theirs in zip(cases.iter("ZAP"), sent.iter("ZAP"), strict=True):
        assert flat(ours) == flat(theirs)
    mate = etree.parse(str(path.with_name(federalnames.persons_of(path.name) + ".xml"))).getroot()
    known = {p.findtext("ID_PAC"): flat(p) for p in mate.iter("PERS")}
    assert {p.findtext("ID_PAC"): flat(p) for p in persons.iter("PERS")} == known
    assert cases.findtext("SCHET/SUMMAV") == sent.findtext("SCHET/SUMMAV")
    assert cases.findtext("ZGLV/SD_Z") == str(written.count) == sent.findtext("ZGLV/SD_Z")
    assert not written.dropped


@pytest.mark.parametrize(("letters", "period", "cases", "persons"), SCHEMAS)
def test_files_pass_the_schemas(
    letters: str, period: str, cases: str, persons: str, repo: Path, shared: Path, tmp_path: Path
) -> None:
    given = source(repo, letters)
    written = bill_zip(tmp_path, spec(letters=letters, period=period, disp=given[0]["case"]["disp"]), given)
    for name, tree in zip((cases, persons), trees(written.path), strict=True):
        schema = etree.XMLSchema(etree.parse(str(shared / "xsd" / f"{name}.xsd")))
        schema.validate(tree)
        assert not [f"{e.path}: {e.message}" for e in schema.error_log][:5], name


@pytest.mark.parametrize("letters", ["H", "C", "T", "DP", "DO", "DS", "DF"])
@pytest.mark.parametrize("period", ["2019-05", "2021-12", "2022-01", "2024-01", "2025-03", "2025-08"])
def test_files_pass_our_own_tables(letters: str, period: str, repo: Path, tmp_path: Path) -> None:
    given = source(repo, letters)
    want = spec(letters=letters, period=period, disp=given[0]["case"]["disp"])
    written = bill_zip(tmp_path, want, given)
    cases, persons = trees(written.path)
    structure = edition(want.letter, period).structure
    found = []
    for path, blocks in (("SCHET", cases.iter("SCHET")), ("ZAP", cases.iter("ZAP"))):
        for block in blocks:
            found += strangers(block, path, want.letter, structure)
    for block in persons.iter("PERS"):
        found += strangers(block, "PERS", want.letter, edition("L", period).structure)
    assert not found[:5]
    assert (cases.findtext("ZGLV/VERSION"), persons.findtext("ZGLV/VERSION")) == (
        written.version, written.persons_version,
    )  # fmt: skip


def test_a_case_entered_by_hand_is_complete(tmp_path: Path, shared: Path) -> None:
    written = bill_zip(tmp_path, spec(period="2022-01"), [by_hand()])
    cases, persons = trees(written.path)
    assert not written.missing
    for name, tree in (("H_3.2_from_mo", cases), ("L_3.2", persons)):
        schema = etree.XMLSchema(etree.parse(str(shared / "xsd" / f"{name}.xsd")))
        schema.validate(tree)
        assert not [e.message for e in schema.error_log]


def test_what_a_hand_made_case_says(tmp_path: Path) -> None:
    path = bill_zip(tmp_path, spec(period="2022-01"), [by_hand()]).path
    cases, persons = trees(path)
    zap = cases.find("ZAP")
    assert zap.findtext("Z_SL/SL/SL_ID") == "76000000-0001"
    sl = ("DATE_1", "DATE_2", "DET", "ED_COL", "TARIF", "SUM_M")
    assert [zap.findtext(f"Z_SL/SL/{n}") for n in sl] == [
        "2021-12-05", "2021-12-15", "0", "1.00", "600.00", "600.00",
    ]  # fmt: skip
    usl = zap.find("Z_SL/SL/USL")
    assert [usl.findtext(n) for n in ("IDSERV", "LPU", "PROFIL", "DS", "KOL_USL", "TARIF", "SUMV_USL")] == [
        "1", "760001", "97", "I11.9", "2", "300.00", "600.00",
    ]  # fmt: skip
    assert flat(usl.find("MR_USL_N")) == [("/MR_N", "1"), ("/PRVS", "76"), ("/CODE_MD", "112-233-445 95")]
    person = persons.find("PERS")
    assert [e.tag for e in person] == ["ID_PAC", "FAM", "IM", "W", "DR", "DOST"]
    assert person.findtext("ID_PAC") == zap.findtext("PACIENT/ID_PAC") == "5"


def test_missing_elements_are_counted_by_name_once_per_account(tmp_path: Path) -> None:
    value = by_hand(result="", profile="")
    value["account"]["services"] *= 2
    value["policy"] = {}
    written = bill_zip(tmp_path, spec(), [value, by_hand(result="")])
    assert written.missing == {
        "Нет результата обращения (Z_SL/RSLT)": 2, "Нет профиля (SL/PROFIL)": 1,
        "Нет профиля услуги (USL/PROFIL)": 1, "Нет вида полиса (PACIENT/VPOLIS)": 1,
        "Нет номера полиса (PACIENT/NPOLIS)": 1, "Нет кода СМО (PACIENT/SMO)": 1,
    }  # fmt: skip


def test_an_established_tumour_is_no_suspicion_and_its_stage_is_asked_for(tmp_path: Path) -> None:
    """DS_ONK is «подозрение»: beside C50 it is 0, and what the file lacks then is ONK_SL."""
    lack = "Нет сведений о ЗНО: стадия, TNM (SL/ONK_SL)"
    suspected = {"ds_main": "N60.1", "extra": {"fed": {"sl": {"DS_ONK": "1"}}}}
    staged = {"ds_main": "C50.1", "extra": {"fed": {"sl": {"ONK_SL": {"DS1_T": "0", "STAD": "12"}}}}}
    for case, onko, lacks in (({"ds_main": "C50.1"}, "0", 1), (staged, "0", 0), (suspected, "1", 0)):
        written = bill_zip(tmp_path, spec(letters="C"), [by_hand(**case)])
        cases, _ = trees(written.path)
        assert cases.findtext("ZAP/Z_SL/SL/DS_ONK") == onko
        assert written.missing[lack] == lacks


# --- columns over leftovers, sums --------------------------------------------------------------


def test_corrected_columns_win_over_what_the_file_said(repo: Path, tmp_path: Path) -> None:
    value = source(repo, "H")[0]
    value["case"] |= {"date_in": "2021-04-01", "ds2": '["Z88.0"]', "department": "99"}
    value["policy"] = value["policy"] | {"smo": "76002"}
    zap = one(tmp_path, value)
    assert zap.findtext("Z_SL/DATE_Z_1") == zap.findtext("Z_SL/SL/DATE_1") == "2021-04-01"
    assert [e.text for e in zap.iter("DS2")] == ["Z88.0"]
    assert zap.findtext("Z_SL/SL/PODR") == "99"
    assert zap.findtext("PACIENT/SMO") == "76002"


def test_a_changed_price_keeps_the_sums_in_step(repo: Path, tmp_path: Path) -> None:
    value = next(r for r in source(repo, "H") if len(r["account"]["services"]) > 1)
    line = value["account"]["services"][0]
    line |= {"tariff": 12345, "quantity": 200, "total": 24690}
    total = sum(s["total"] for s in value["account"]["services"])
    value["account"]["total"] = total
    zap = one(tmp_path, value)
    text = f"{total // 100}.{total % 100:02d}"
    assert zap.findtext("Z_SL/SUMV") == zap.findtext("Z_SL/SL/SUM_M") == text
    usl = zap.find("Z_SL/SL/USL")
    assert [usl.findtext(n) for n in ("KOL_USL", "TARIF", "SUMV_USL")] == ["2", "123.45", "246.90"]
    sl = zap.find("Z_SL/SL")
    if sl.findtext("TARIF"):
        assert float(sl.findtext("TARIF")) * float(sl.findtext("ED_COL") or 1) == pytest.approx(total / 100)


def part(n: int, **more: str) -> dict[str, Any]:
    days = {1: ("2021-12-05", "2021-12-07"), 2: ("2021-12-08", "2021-12-15")}[n]
    return {"SL_ID": f"S{n}", "DATE_1": days[0], "DATE_2": days[1], **more}


def several(sums: tuple[str, str], totals: tuple[int, int], **account: Any) -> dict[str, Any]:
    value = by_hand(
        extra={"fed": {"zap": {}, "z": {}, "sl": part(2, SUM_M=sums[1]),
                       "parts": [part(1, SUM_M=sums[0], NHISTORY="A0")]}}
    )  # fmt: skip
    lines = []
    for number, total in enumerate(totals, 1):
        service = value["services"][0] | {"part": number, "source_id": f"U{number}"}
        lines.append({"quantity": 100, "tariff": total, "total": total, "service": service})
    value["account"] |= {"services": lines, "total": sum(totals)} | account
    return value


@pytest.mark.parametrize(
    ("sums", "totals", "account", "expected"),
    [
        (("100.00", "200.00"), (10000, 20000), {}, ["100.00", "200.00"]),
        (("300.00", "0.00"), (10000, 20000), {}, ["300.00", "0.00"]),
        (("1.00", "2.00"), (10000, 20000), {}, ["100.00", "200.00"]),
        (("1.00", "2.00"), (10000, 20000), {"total": 50000}, ["100.00", "400.00"]),
        (("1.00", "2.00"), (10000, 20000), {"total": 5000}, ["0.00", "50.00"]),
    ],
)
def test_the_sums_of_several_sl_make_the_account(
    sums: tuple[str, str], totals: tuple[int, int], account: Any, expected: list[str], tmp_path: Path
) -> None:
    zap = one(tmp_path, several(sums, totals, **account))
    assert [e.text for e in zap.iter("SUM_M")] == expected
    assert [e.text for e in zap.iter("IDSERV")] == ["U1", "U2"]
    assert [e.text for e in zap.iter("NHISTORY")] == ["A0", "A1"]


def test_several_sl_keep_their_dates_and_follow_the_case(tmp_path: Path) -> None:
    value = several(("100.00", "200.00"), (10000, 20000))
    value["case"] |= {"date_in": "2021-12-01", "date_out": "2021-12-20"}
    zap = one(tmp_path, value)
    assert [(s.findtext("DATE_1"), s.findtext("DATE_2")) for s in zap.iter("SL")] == [
        ("2021-12-01", "2021-12-07"), ("2021-12-08", "2021-12-20"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("repeat", "said", "expected"),
    [("repeat", "0", "1"), ("primary", "1", "0"), ("", "1", "1"), ("", "0", "0"), ("", "", "0")],
)
def test_pr_nov_tells_a_repeated_account(repeat: str, said: str, expected: str, tmp_path: Path) -> None:
    value = by_hand(extra={"fed": {"zap": {"PR_NOV": said}, "z": {}, "sl": {}}})
    value["account"]["repeat"] = repeat
    assert one(tmp_path, value).findtext("PR_NOV") == expected


def test_decisions_of_the_payer_never_go_back_to_him(tmp_path: Path) -> None:
    fed = {"zap": {}, "sl": {"SL_ID": "1"}, "z": {"OPLATA": "2", "SUMP": "0.00", "SANK_IT": "1.00",
           "SANK": [{"S_CODE": "1", "S_SUM": "1.00"}], "SLUCH_Z_ID": "9"}}  # fmt: skip
    written = bill_zip(tmp_path, spec(), [by_hand(extra={"fed": fed})])
    names = {path for path, _ in flat(trees(written.path)[0].find("ZAP"))}
    assert not {n for n in names if re.search("OPLATA|SUMP|SANK|SLUCH", n)}
    assert written.dropped == {"Z_SL/SLUCH_Z_ID": 1}


def test_a_newborn_goes_with_the_representative(tmp_path: Path) -> None:
    value = by_hand(newborn="105122121")
    value["patient"] = {
        "id": 6, "ext_id": "N", "birth_date": "2021-12-05", "sex": "1", "rep_surname": "Ёлкина",
        "rep_name": "Анна", "rep_sex": "2", "rep_birth_date": "1980-05-17",
    }  # fmt: skip
    written = bill_zip(tmp_path, spec(), [value])
    cases, persons = trees(written.path)
    assert cases.findtext("ZAP/PACIENT/NOVOR") == "105122121"
    assert cases.findtext("ZAP/Z_SL/SL/DET") == cases.findtext("ZAP/Z_SL/SL/USL/DET") == "1"
    assert [e.tag for e in persons.find("PERS")] == ["ID_PAC", "W", "DR", "FAM_P", "IM_P", "W_P", "DR_P"]
    assert not written.missing


def test_an_sl_that_was_its_own_service_gets_no_usl(tmp_path: Path) -> None:
    sl = {"SL_ID": "7", "CODE_MES1": ["M1"], "ED_COL": "3.00", "TARIF": "1.00"}
    value = by_hand(extra={"fed": {"zap": {}, "z": {}, "sl": sl}})
    service = {"source_id": "7", "code": "M1", "part": 1, "n": 1, "extra": {}}
    value["account"] |= {"total": 3000, "services": [
        {"quantity": 300, "tariff": 1000, "total": 3000, "service": service}]}  # fmt: skip
    zap = one(tmp_path, value)
    assert zap.find("Z_SL/SL/USL") is None
    assert [zap.findtext(f"Z_SL/SL/{n}") for n in ("ED_COL", "TARIF", "SUM_M")] == ["3.00", "10.00", "30.00"]


# --- which file a case goes to -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ({"family": "H", "letter": "H", "ds_main": "I11.9"}, ("H", "")),
        ({"family": "H", "letter": "H", "ds_main": "C50.1"}, ("C", "")),
        ({"family": "H", "letter": "H", "ds_main": "D46.9"}, ("C", "")),
        ({"family": "H", "letter": "H", "ds_main": "D10.0"}, ("H", "")),
        ({"family": "H", "letter": "C", "ds_main": "I11.9"}, ("H", "")),
        (
            {"family": "H", "letter": "C", "ds_main": "N60", "extra": {"fed": {"sl": {"DS_ONK": "1"}}}},
            ("C", ""),
        ),
        ({"family": "H", "letter": "T", "ds_main": "C50.1"}, ("T", "")),
        ({"family": "D", "letter": "D", "disp": "ДВ4"}, ("DP", "ДВ4")),
        ({"family": "D", "letter": "D", "disp": "ОПВ"}, ("DO", "ОПВ")),
        ({"family": "D", "letter": "D", "disp": "ПН1"}, ("DF", "ПН1")),
    ],
)
def test_the_letters_of_a_case(case: dict[str, Any], expected: tuple[str, str]) -> None:
    assert letters_of(case, letters_by_disp()) == expected


# --- versions ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("letter", "period", "version", "structure"),
    [
        ("H", "2018-05", "3.0", "3.0"), ("H", "2019-01", "3.1", "3.1"), ("H", "2021-12", "3.1", "3.1"),
        ("H", "2022-01", "3.2", "3.2"), ("H", "2024-02", "4.0", "4.0"), ("H", "2025-07", "5.1", "5.1"),
        ("C", "2022-01", "3.1", "3.1"), ("T", "2024-02", "3.1", "3.1"), ("D", "2021-07", "3.1", "3.1"),
        ("D", "2021-08", "3.1", "3.2"), ("L", "2019-10", "3.1", "3.1"), ("L", "2019-11", "3.2", "3.2"),
    ],
)  # fmt: skip
def test_the_version_follows_the_period(letter: str, period: str, version: str, structure: str) -> None:
    found = edition(letter, period)
    assert (found.version, found.structure, found.warning) == (version, structure, "")


def test_a_setting_names_the_version() -> None:
    assert edition("H", "2022-01", "3.1").version == "3.1"
    assert edition("D", "2021-12", "3.1").structure == "3.2"
    newer = edition("H", "2022-01", "6.0")
    assert newer.version == "5.1" and "новее известных" in newer.warning
    assert "не известна" in edition("H", "2031-01").warning and edition("H", "2031-01").version == "5.1"
    with pytest.raises(FormatError, match=r"Версия «три»"):
        edition("H", "2022-01", "три")


def test_c_and_d_in_versions_of_their_own(repo: Path, tmp_path: Path) -> None:
    value = source(repo, "C")[0]
    old = one(tmp_path, value, letters="C", period="2021-12")
    new = one(tmp_path, value, letters="C", period="2025-01")
    assert old.find("Z_SL/SL/USL/CODE_MD") is not None and old.find("PACIENT/ENP") is None
    assert new.find("Z_SL/SL/USL/CODE_MD") is None and new.find("Z_SL/SL/USL/MR_USL_N/CODE_MD") is not None
    assert new.find("PACIENT/ENP") is not None


# --- the archive -------------------------------------------------------------------------------


def test_the_archive_is_named_and_dated(tmp_path: Path) -> None:
    written = bill_zip(tmp_path, spec(number=42), [by_hand()])
    assert written.path == tmp_path / "HM760001S76001_211242.zip"
    files = members(written.path)
    assert list(files) == ["HM760001S76001_211242.xml", "LM760001S76001_211242.xml"]
    assert all(data.startswith(b'<?xml version="1.0" encoding="windows-1251"?>') for data in files.values())
    cases, persons = trees(written.path)
    assert [e.tag for e in cases.find("SCHET")] == [
        "CODE", "CODE_MO", "YEAR", "MONTH", "NSCHET", "DSCHET", "PLAT", "SUMMAV",
    ]  # fmt: skip
    assert persons.findtext("ZGLV/FILENAME1") == cases.findtext("ZGLV/FILENAME") == written.name
    assert written.size == written.path.stat().st_size and written.total == 60000
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith((".", "HM"))] == [written.path.name]


def test_the_fund_and_examinations_have_names_of_their_own() -> None:
    fund = BillSpec("H", "760001", "2021-04", 1, 1, "1", "2021-04-30", "2021-04-30", fund="76")
    assert fund.name == "HM760001T76_21041"
    assert replace(fund, letters="DP", smo="76001").name == "DPM760001S76001_21041"


def test_the_same_records_give_the_same_bytes(repo: Path, tmp_path: Path) -> None:
    given = source(repo, "H")
    first = bill_zip(tmp_path, spec(), given)
    data = first.path.read_bytes()
    second = bill_zip(tmp_path, spec(), given)
    assert first.sha256 == second.sha256 and data == second.path.read_bytes()


def test_every_account_learns_its_place(tmp_path: Path) -> None:
    placed: list[Placed] = []
    values = [by_hand(), by_hand(nhistory="A2")]
    values[1]["account"] |= {"id": 78, "idcase": "900"}
    bill_zip(tmp_path, spec(), values, placed.append)
    assert placed == [Placed(77, 1, "1", "5"), Placed(78, 2, "900", "5")]


def test_a_person_is_written_once_and_never_taken_for_another(tmp_path: Path) -> None:
    values = [by_hand(), by_hand(), by_hand()]
    values[0]["patient"] = values[0]["patient"] | {"ext_id": "P1"}
    values[1]["patient"] = values[1]["patient"] | {"ext_id": "P1", "id": 6, "surname": "Другая"}
    values[2]["patient"] = values[0]["patient"]
    written = bill_zip(tmp_path, spec(), values)
    cases, persons = trees(written.path)
    assert [e.text for e in cases.iter("ID_PAC")] == ["P1", "P1.6", "P1"]
    assert [e.text for e in persons.iter("FAM")] == ["Ёлкина", "Другая"]


# --- what cannot be written --------------------------------------------------------------------


@pytest.mark.parametrize("value", ["Ли Ჯонг", "а\x01б", "\u2002"])
def test_a_character_outside_the_encoding_names_patient_and_field(value: str, tmp_path: Path) -> None:
    with pytest.raises(FormatError) as caught:
        bill_zip(tmp_path, spec(), [by_hand(), by_hand(comment=value, nhistory="A9")])
    assert "пациент Ёлкина Анна (код 5, карта A9), поле ZAP/Z_SL/SL/COMENTSL" in caught.value.msg
    assert not list(tmp_path.glob("*.zip*"))


def test_markup_in_a_value_is_escaped(tmp_path: Path) -> None:
    zap = one(tmp_path, by_hand(comment="<USL>&amp; «ё» №5\nдва"))
    assert zap.findtext("Z_SL/SL/COMENTSL") == "<USL>&amp; «ё» №5\nдва"


def test_an_abort_leaves_nothing(tmp_path: Path) -> None:
    def broken() -> Any:
        yield by_hand()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bill_zip(tmp_path, spec(), broken())
    assert [p for p in tmp_path.iterdir() if p.is_file()] == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"mo": "7600"}, {"smo": "76"}, {"smo": "", "fund": ""}, {"period": "2021-13"}, {"number": 0},
        {"number": 100_000}, {"nschet": ""}, {"nschet": "1" * 16}, {"dschet": "31.12.2021"},
        {"date": "2021-02-30"}, {"letters": "Q"}, {"letters": "DP"}, {"code": 0},
    ],
)  # fmt: skip
def test_wrong_parameters_are_refused(wrong: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"указан|не от"):
        write_bill(tmp_path / "x.zip", spec(**wrong), [])
    assert not list(tmp_path.glob("*.zip"))


def test_leftovers_against_the_format_do_no_harm(tmp_path: Path) -> None:
    sl = {"SL_ID": ["1", "2"], "CODE_MES1": "M1", "KSG_KPG": "пусто", "REAB": {"A": "1"}, "DS2": "x",
          "CODE_MES2": "", "USL": [{"IDSERV": "9"}], "НЕТ": "1"}  # fmt: skip
    value = by_hand(extra={"fed": {"zap": {}, "z": {"VNOV_M": ["2000"], "SL": "x"}, "sl": sl}})
    zap = one(tmp_path, value)
    assert zap.findtext("Z_SL/SL/SL_ID") == "1" and zap.findtext("Z_SL/SL/CODE_MES1") == "M1"
    assert zap.find("Z_SL/SL/KSG_KPG") is None and zap.find("Z_SL/SL/REAB") is None
    assert not strangers(zap, "ZAP", "H", "3.1")


def test_the_tables_know_what_is_required() -> None:
    must = {e.name for e in layout.SL.elements if "D" in e.must}
    assert must == {"SL_ID", "NHISTORY", "DATE_1", "DATE_2", "DS_ONK", "SUM_M"}
    assert not [e.name for b in layout.BLOCKS.values() for e in b.elements if not set(e.must) <= set(e.files)]


words = st.text(st.characters(codec="cp1251", exclude_categories=("Cc",)), max_size=20).map(str.strip)


@given(words, words, words, st.lists(st.tuples(st.integers(1, 9999), st.integers(0, 10**9)), max_size=4))
def test_what_is_written_is_read_by_our_reader(
    surname: str, comment: str, code: str, prices: list[tuple[int, int]]
) -> None:
    value = by_hand(comment=comment)
    value["patient"]["surname"] = surname
    service = value["services"][0] | {"code": code}
    value["account"]["services"] = [
        {"quantity": quantity, "tariff": tariff, "total": quantity * tariff // 100, "service": service}
        for quantity, tariff in prices
    ]
    value["account"]["total"] = total = sum(line["total"] for line in value["account"]["services"])
    with tempfile.TemporaryDirectory() as folder:
        written = bill_zip(Path(folder), spec(), [value])
        (back,) = records(pair_of(*members(written.path).values()))
    assert back["patient"]["surname"] == surname and back["case"]["comment"] == comment
    assert back["case"]["source_sum"] == written.total == total
    lines = [
        (s["quantity"], s["source_sum"], s["code"])
        for s in back["services"]
        if s["source_id"] != "76000000-0001"
    ]
    assert lines == [(q, q * t // 100, code) for q, t in prices]


def test_writing_keeps_pace_with_a_bare_template(repo: Path) -> None:
    """The goal is 2.5 of a template without checks; the test leaves room for a busy machine."""
    mapper = FedMapper("H", "3.2", "3.2", plat="76001", year="2022")
    zaps = [mapper.zap(r, n, str(n), "P") for n, r in enumerate(source(repo, "H") * 4)]
    ready = []
    for tree in zaps:
        shape: list[str] = []
        values: list[str] = []
        fedencode._emit(tree, fedencode._PLANS["ZAP"], shape, values)
        ready.append(("".join(shape), tuple(values)))

    def bare() -> bytes:
        return "".join([shape % values for shape, values in ready]).encode("cp1251")

    def ours() -> bytes:
        return b"".join([fedencode.encode("ZAP", tree) for tree in zaps])

    assert ours() == bare()
    best = [min(_seconds(job) for _ in range(5)) for job in (ours, bare)]
    assert best[0] < 4 * best[1]


def _seconds(job: Callable[[], bytes]) -> float:
    begin = time.process_time()
    job()
    return time.process_time() - begin
