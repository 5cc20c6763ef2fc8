"""Reading pairs H/C/T/D + L: columns, leftovers, versions, problems, hostile files."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from omstui.domain.errors import FormatError
from omstui.formats.federal import FederalPair, Part
from omstui.formats.source import SourceCase, SourcePerson, SourceProblem

HEAD = (
    "<ZGLV><VERSION>3.1</VERSION><DATA>2021-04-30</DATA><FILENAME>HM760001T76_21041</FILENAME>"
    "<SD_Z>1</SD_Z></ZGLV><SCHET><CODE>1</CODE><CODE_MO>760001</CODE_MO><YEAR>2021</YEAR>"
    "<MONTH>4</MONTH><NSCHET>1</NSCHET><DSCHET>2021-04-30</DSCHET>{disp}<SUMMAV>1.00</SUMMAV></SCHET>"
)
PACIENT = (
    "<PACIENT><ID_PAC>P1</ID_PAC><VPOLIS>3</VPOLIS><NPOLIS>5054910832000016</NPOLIS><SMO>76001</SMO>"
    "<INV>2</INV><NOVOR>0</NOVOR></PACIENT>"
)
SL = (
    "<SL><SL_ID>S{n}</SL_ID><LPU_1>1</LPU_1><PODR>12</PODR><PROFIL>{profile}</PROFIL><DET>0</DET>"
    "<P_CEL>3.0</P_CEL><NHISTORY>A1</NHISTORY><DATE_1>2021-04-05</DATE_1><DATE_2>2021-04-15</DATE_2>"
    "<DS1>I11.9</DS1><DS2>E11.9</DS2><DS2>E66.0</DS2><PRVS>76</PRVS><VERS_SPEC>V021</VERS_SPEC>"
    "<IDDOKT>112-233-445 95</IDDOKT><SUM_M>900.50</SUM_M>{inside}{usl}</SL>"
)
USL = (
    "<USL><IDSERV>{n}</IDSERV><LPU>760001</LPU><PODR>12</PODR><PROFIL>97</PROFIL><DET>0</DET>"
    "<DATE_IN>2021-04-05</DATE_IN><DATE_OUT>2021-04-06</DATE_OUT><DS>I11.9</DS>"
    "<CODE_USL>B01.047.001</CODE_USL><KOL_USL>1.50</KOL_USL><TARIF>300.00</TARIF>"
    "<SUMV_USL>450.00</SUMV_USL><PRVS>76</PRVS><CODE_MD>112-233-445 95</CODE_MD>{more}</USL>"
)
Z_SL = (
    "<Z_SL><IDCASE>{idcase}</IDCASE><USL_OK>3</USL_OK><VIDPOM>12</VIDPOM><FOR_POM>3</FOR_POM>"
    "<LPU>760001</LPU><DATE_Z_1>{begin}</DATE_Z_1>{end}<RSLT>301</RSLT><ISHOD>303</ISHOD>{sl}"
    "<IDSP>30</IDSP><SUMV>900.50</SUMV></Z_SL>"
)
PERS = (
    "<PERS><ID_PAC>P1</ID_PAC><FAM>Ёлкина</FAM><IM>Анна</IM><W>2</W><DR>1980-05-17</DR>"
    "<DOST>1</DOST><DOST>5</DOST><SNILS>112-233-445 95</SNILS><COMENTP>да</COMENTP></PERS>"
)
END = "<DATE_Z_2>2021-04-15</DATE_Z_2>"


def sl(n: int = 1, *, profile: str = "97", usl: str = USL.format(n=1, more=""), inside: str = "") -> str:
    return SL.format(n=n, profile=profile, usl=usl, inside=inside)


def zap(parts: str = "", *, begin: str = "2021-04-05", end: str = END, idcase: int = 5) -> str:
    z_sl = Z_SL.format(idcase=idcase, begin=begin, end=end, sl=parts or sl())
    return f"<ZAP><N_ZAP>12</N_ZAP><PR_NOV>1</PR_NOV>{PACIENT}{z_sl}</ZAP>"


def pair(
    body: str, persons: str = PERS, *, name: str = "HM760001T76_21041.xml", disp: str = "",
    encoding: str = "windows-1251", prolog: str = "",
) -> FederalPair:  # fmt: skip
    declared = f'<?xml version="1.0" encoding="{encoding}"?>{prolog}'
    cases = f"{declared}<ZL_LIST>{HEAD.format(disp=disp)}{body}</ZL_LIST>".encode(encoding)
    people = f"{declared}<PERS_LIST>{persons}</PERS_LIST>".encode(encoding)
    return FederalPair(
        Part(name, lambda: io.BytesIO(cases)),
        Part("L" + name[1:], lambda: io.BytesIO(people)),
    )


def one(body: str, **options: Any) -> SourceCase:
    (found,) = pair(body, **options).cases()
    assert isinstance(found, SourceCase), found
    return found


def problem(body: str) -> SourceProblem:
    (found,) = pair(body).cases()
    assert isinstance(found, SourceProblem), found
    return found


def test_outpatient_case_fills_columns_and_keeps_the_rest() -> None:
    found = one(zap())
    case = found.case
    assert (found.position, found.person_ref, found.person) == ("ZAP 12, IDCASE 5", "P1", None)
    assert case["usl_ok"] == "3" and case["nhistory"] == "A1" and case["mo"] == "760001"
    assert (case["date_in"], case["date_out"], case["completed"]) == ("2021-04-05", "2021-04-15", 1)
    assert case["ds2"] == ["E11.9", "E66.0"] and case["ds3"] == []
    assert case["source_sum"] == 90050 and case["pay_type"] == "ОМС" and case["newborn"] == "0"
    assert case["department"] == "12"
    assert case["extra"]["fed"] == {
        "zap": {"N_ZAP": "12", "PR_NOV": "1"},
        "pac": {"INV": "2"},
        "z": {"IDCASE": "5"},
        "sl": {
            "SL_ID": "S1", "LPU_1": "1", "DATE_1": "2021-04-05", "DATE_2": "2021-04-15",
            "VERS_SPEC": "V021", "SUM_M": "900.50",
        },
    }  # fmt: skip
    assert found.policy["enp"] == found.policy["number"] == "5054910832000016"
    assert found.policy["region"] == "76"


def test_service_is_in_kopecks_and_hundredths() -> None:
    service = one(zap()).services[0]
    assert (service["quantity"], service["tariff"], service["source_sum"]) == (150, 30000, 45000)
    assert (service["part"], service["n"], service["source_id"]) == (1, 1, "1")
    assert service["extra"] == {}


def test_person_with_reliability_codes_and_leftovers() -> None:
    (person,) = pair(zap()).persons()
    assert isinstance(person, SourcePerson)
    assert person.ref == "P1" and person.fields["surname"] == "Ёлкина"
    assert person.fields["reliability"] == "1,5" and person.fields["patronymic"] == ""
    assert person.fields["extra"] == {"fed": {"COMENTP": "да"}}


@pytest.mark.parametrize("encoding", ["windows-1251", "utf-8"])
def test_both_encodings_are_read(encoding: str) -> None:
    (person,) = pair(zap(), encoding=encoding).persons()
    assert isinstance(person, SourcePerson) and person.fields["surname"] == "Ёлкина"


def test_several_sl_take_the_header_from_the_last_and_services_of_all() -> None:
    found = one(zap(sl(1, profile="97") + sl(2, profile="29", usl=USL.format(n=1, more="") * 2)))
    assert found.case["profile"] == "29"
    assert found.case["extra"]["fed"]["sl"]["SL_ID"] == "S2"
    (earlier,) = found.case["extra"]["fed"]["parts"]
    assert earlier["SL_ID"] == "S1" and earlier["PROFIL"] == "97" and "USL" not in earlier
    assert earlier["DS2"] == ["E11.9", "E66.0"]
    assert [(s["part"], s["n"]) for s in found.services] == [(1, 1), (2, 2), (2, 3)]


def test_nested_blocks_stay_whole_and_repeatable_ones_are_lists() -> None:
    inside = (
        "<CODE_MES1>76</CODE_MES1><NAPR><NAPR_DATE>2021-04-05</NAPR_DATE><NAPR_V>1</NAPR_V></NAPR>"
        "<ONK_SL><DS1_T>0</DS1_T><ONK_USL><USL_TIP>2</USL_TIP><LEK_PR><REGNUM>000764</REGNUM>"
        "<CODE_SH>sh0001</CODE_SH><DATE_INJ>2021-04-05</DATE_INJ></LEK_PR></ONK_USL></ONK_SL>"
        "<KSG_KPG><N_KSG>st19.063</N_KSG><CRIT>sh0001</CRIT><SL_KOEF><IDSL>1</IDSL><Z_SL>1.2</Z_SL>"
        "</SL_KOEF></KSG_KPG>"
    )
    found = one(zap(sl(inside=inside)), name="CM760001T76_21041.xml")
    fed = found.case["extra"]["fed"]["sl"]
    assert found.case["ksg"] == "st19.063" and found.case["letter"] == "C"
    assert fed["CODE_MES1"] == ["76"]
    assert fed["NAPR"] == [{"NAPR_DATE": "2021-04-05", "NAPR_V": "1"}]
    assert fed["ONK_SL"]["ONK_USL"][0]["LEK_PR"][0]["DATE_INJ"] == ["2021-04-05"]
    assert fed["KSG_KPG"]["SL_KOEF"] == [{"IDSL": "1", "Z_SL": "1.2"}]


def test_version_32_executors_and_medicines() -> None:
    service = USL.format(
        n=1,
        more="<MR_USL_N><MR_N>1</MR_N><PRVS>25</PRVS><CODE_MD>087-654-303 00</CODE_MD></MR_USL_N>",
    ).replace("<PRVS>76</PRVS><CODE_MD>112-233-445 95</CODE_MD>", "")
    source = pair(zap(sl(usl=service)))
    (found,) = source.cases()
    assert isinstance(found, SourceCase)
    assert found.services[0]["doctor"] == "087-654-303 00"
    assert found.services[0]["specialty"] == "25"
    assert found.services[0]["extra"]["fed"]["MR_USL_N"][0]["MR_N"] == "1"
    assert not source.unknown


def test_unknown_elements_are_kept_and_counted() -> None:
    source = pair(zap(sl(inside="<NEW_ONE>7</NEW_ONE><BOX><A>1</A><A>2</A></BOX>")))
    (found,) = source.cases()
    assert isinstance(found, SourceCase)
    fed = found.case["extra"]["fed"]["sl"]
    assert fed["NEW_ONE"] == "7" and fed["BOX"] == {"A": ["1", "2"]}
    assert source.unknown["SL/NEW_ONE"] == 1 and source.unknown["SL/BOX"] == 1


def test_d_file_derives_what_it_cannot_carry() -> None:
    part = (
        "<SL><SL_ID>S1</SL_ID><NHISTORY>W1</NHISTORY><DATE_1>2021-04-05</DATE_1><DS1>Z00.0</DS1>"
        "<DS2_N><DS2>E66.0</DS2><PR_DS2_N>3</PR_DS2_N></DS2_N><SUM_M>900.00</SUM_M>"
        "<USL><IDSERV>1</IDSERV><DATE_IN>2021-04-05</DATE_IN><P_OTK>0</P_OTK>"
        "<CODE_USL>B04.047.001</CODE_USL><TARIF>900.00</TARIF><SUMV_USL>900.00</SUMV_USL>"
        "<PRVS>76</PRVS><CODE_MD>112-233-445 95</CODE_MD></USL></SL>"
    )
    z_sl = (
        "<Z_SL><IDCASE>1</IDCASE><VIDPOM>12</VIDPOM><LPU>760001</LPU><VBR>0</VBR>"
        f"<DATE_Z_1>2021-04-05</DATE_Z_1>{END}<P_OTK>0</P_OTK><RSLT_D>2</RSLT_D>{part}"
        "<IDSP>30</IDSP><SUMV>900.00</SUMV></Z_SL>"
    )
    body = f"<ZAP><N_ZAP>1</N_ZAP>{PACIENT}{z_sl}</ZAP>"
    found = one(body, name="DPM760001T76_21041.xml", disp="<DISP>ДВ1</DISP>")
    case = found.case
    assert (case["family"], case["letter"], case["disp"]) == ("D", "D", "ДВ1")
    assert (case["usl_ok"], case["help_form"], case["outcome"]) == ("3", "3", "306")
    assert (case["purpose"], case["result"], case["disp_result"]) == ("2.2", "318", "2")
    assert (case["doctor"], case["specialty"]) == ("112-233-445 95", "76")
    assert case["ds2"] == ["E66.0"] and found.services[0]["quantity"] == 100


def test_family_is_known_by_disp_whatever_the_name() -> None:
    found = one(zap(), name="выгрузка.xml", disp="<DISP>ОПВ</DISP>")
    assert found.case["family"] == "D" and found.case["purpose"] == "3.0"


def test_sl_without_usl_gives_its_own_service() -> None:
    bare = sl(usl="", inside="<CODE_MES1>s97</CODE_MES1><ED_COL>2.00</ED_COL><TARIF>450.25</TARIF>")
    (service,) = one(zap(bare)).services
    assert service["code"] == "s97" and service["source_id"] == "S1"
    assert (service["quantity"], service["tariff"], service["source_sum"]) == (200, 45025, 90050)
    (visit,) = one(zap(sl(usl=""))).services
    assert (visit["code"], visit["name"], visit["tariff"]) == ("", "Посещение", 90050)


def test_case_without_anything_billable_has_no_services() -> None:
    bare = sl(usl="").replace("<SUM_M>900.50</SUM_M>", "<SUM_M>0.00</SUM_M>")
    assert one(zap(bare)).services == []


def test_open_case_is_read() -> None:
    case = one(zap(end="")).case
    assert case["date_out"] is None and case["completed"] == 0


def test_newborn_and_representative() -> None:
    body = zap().replace("<NOVOR>0</NOVOR>", "<NOVOR>21504211</NOVOR><VNOV_D>2100</VNOV_D>")
    child = "<PERS><ID_PAC>P1</ID_PAC><W>2</W><DR>2021-04-15</DR><FAM_P>Ёлкина</FAM_P><W_P>2</W_P></PERS>"
    source = pair(body, child)
    (found,), (person,) = source.cases(), source.persons()
    assert isinstance(found, SourceCase) and isinstance(person, SourcePerson)
    assert found.case["newborn"] == "21504211"
    assert found.case["extra"]["fed"]["pac"]["VNOV_D"] == "2100"
    assert person.fields["surname"] == "" and person.fields["rep_surname"] == "Ёлкина"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (zap(begin="2021-02-30"), "DATE_Z_1 «2021-02-30»"),
        (zap(begin="05-04-2021"), "нужен вид ГГГГ-ММ-ДД"),
        (zap().replace("900.50</SUMV>", "много</SUMV>"), "SUMV «много»: не сумма"),
        (zap().replace("1.50<", "1.555<"), "KOL_USL «1.555»"),
        (zap().replace("<ID_PAC>P1</ID_PAC>", ""), "нет кода пациента"),
        (zap().replace("<NHISTORY>A1</NHISTORY>", ""), "NHISTORY"),
        (zap().replace("<USL_OK>3</USL_OK>", ""), "USL_OK"),
        (zap(begin=""), "DATE_Z_1"),
    ],
)
def test_bad_record_is_a_problem_with_its_place(body: str, said: str) -> None:
    found = problem(body)
    assert found.position == "ZAP 12, IDCASE 5"
    assert said in found.reason


def test_bad_record_spoils_only_itself() -> None:
    found = list(pair(zap(begin="x") + zap(idcase=6)).cases())
    assert [type(f) for f in found] == [SourceProblem, SourceCase]


def test_bad_person_is_a_problem_with_his_code() -> None:
    (found,) = pair(zap(), PERS.replace("1980-05-17", "17.05.80")).persons()
    assert isinstance(found, SourceProblem) and found.position == "PERS 1, ID_PAC P1"


def test_damaged_file_names_file_and_line() -> None:
    source = pair(zap() + "\n<ZAP><N_ZAP>2</ZAP>")
    with pytest.raises(FormatError, match=r"HM760001T76_21041\.xml.*строка 2"):
        list(source.cases())


def test_truncated_file_is_refused() -> None:
    text = b"<ZL_LIST><SCHET><CODE_MO>760001</CODE_MO></SCHET><ZAP>"
    part = Part("HM760001T76_21041.xml", lambda: io.BytesIO(text))
    with pytest.raises(FormatError, match="обрывается"):
        list(FederalPair(part, part).cases())


@pytest.mark.parametrize(
    "prolog",
    [
        '<!DOCTYPE ZL_LIST [<!ENTITY a "b">]>',
        '<!DOCTYPE ZL_LIST SYSTEM "file:///etc/passwd">',
    ],
)
def test_entities_are_refused(prolog: str) -> None:
    with pytest.raises(FormatError, match="DOCTYPE"):
        pair(zap(), prolog=prolog)


def test_foreign_root_is_refused() -> None:
    text = b"<OTHER><ZGLV/><SCHET><CODE_MO>760001</CODE_MO></SCHET></OTHER>"
    part = Part("HM760001T76_21041.xml", lambda: io.BytesIO(text))
    with pytest.raises(FormatError, match="корень <OTHER>, нужен <ZL_LIST>"):
        FederalPair(part, part)


def test_no_code_of_organisation_is_refused() -> None:
    text = b"<ZL_LIST><ZGLV/><ZAP/></ZL_LIST>"
    part = Part("HM760001T76_21041.xml", lambda: io.BytesIO(text))
    with pytest.raises(FormatError, match="CODE_MO"):
        FederalPair(part, part)


def test_digest_depends_on_content_only() -> None:
    assert pair(zap()).sha256 == pair(zap(), name="TM760001T76_21041.xml").sha256
    assert pair(zap()).sha256 != pair(zap(idcase=6)).sha256


def test_header_is_read_on_opening(tmp_path: Path) -> None:
    header = pair(zap()).header
    assert (header["code_mo"], header["year"], header["month"]) == ("760001", 2021, 4)
    assert (header["version"], header["family"], header["letter"]) == ("3.1", "H", "H")


@pytest.mark.parametrize(
    "inside",
    [
        "<KSG_KPG>1</KSG_KPG><KSG_KPG>2</KSG_KPG>",
        "<KSG_KPG><N_KSG>st1</N_KSG></KSG_KPG><KSG_KPG><N_KSG>st2</N_KSG></KSG_KPG>",
        "<DS2_N>I10</DS2_N><NAZ>1</NAZ>",
        "<SL_ID>again</SL_ID><LPU_1>7</LPU_1>",
        "<KD><A>1</A></KD><NHISTORY>A1</NHISTORY>",
    ],
)
def test_elements_in_a_form_nobody_expects_do_no_harm(inside: str) -> None:
    service = USL.format(n=1, more="<MR_USL_N>1</MR_USL_N><MR_USL_N/>").replace("<CODE_MD>", "<X>")
    service = service.replace("</CODE_MD>", "</X>").replace("<PODR>12</PODR>", "")
    for usl in (service, ""):
        found = one(zap(sl(usl=usl, inside=inside)), disp="<DISP>ДВ1</DISP>")
        texts = [v for k, v in found.case.items() if k not in ("extra", "ds2", "ds3")]
        assert found.case["nhistory"] == "A1"
        assert all(v is None or isinstance(v, str | int) for v in texts)


def test_repeated_simple_element_keeps_both() -> None:
    fed = one(zap(sl(inside="<LPU_1>7</LPU_1>"))).case["extra"]["fed"]["sl"]
    assert fed["LPU_1"] == ["1", "7"]


def test_endless_nesting_is_a_problem_of_the_record() -> None:
    deep = "<A>" * 1500 + "</A>" * 1500
    assert "вложенность" in problem(zap(sl(inside=deep))).reason
