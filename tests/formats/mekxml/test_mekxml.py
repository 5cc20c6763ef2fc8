"""Return of the control: both places of SANK, both names of the act, contradictions, the stand's writer."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree

from omstui.domain.errors import FormatError
from omstui.formats.fedbills import edition
from omstui.formats.federal import Part
from omstui.formats.mekwriter import return_name, write_return
from omstui.formats.mekxml import (
    EKMP,
    FULL,
    MEE,
    MEK,
    NONE,
    PART,
    ReturnCase,
    ReturnFile,
    Sanction,
    control_of,
)
from omstui.formats.source import SourceProblem
from tests.formats.fedbills.fedkit import bill_zip, members, pair_at, records, spec

SCHET = (
    "<ZGLV><VERSION>3.1</VERSION><DATA>2022-01-20</DATA><FILENAME>HS76001M760001_21121</FILENAME>"
    "<SD_Z>{count}</SD_Z></ZGLV><SCHET><CODE>1</CODE><CODE_MO>760001</CODE_MO><YEAR>2021</YEAR>"
    "<MONTH>12</MONTH><NSCHET>15</NSCHET><DSCHET>2021-12-31</DSCHET><PLAT>76001</PLAT>"
    "<SUMMAV>{billed}</SUMMAV>{totals}</SCHET>"
)
ZAP = (
    "<ZAP><N_ZAP>12</N_ZAP><PR_NOV>1</PR_NOV><PACIENT><ID_PAC>P1</ID_PAC></PACIENT><Z_SL><IDCASE>5</IDCASE>"
    "<DATE_Z_1>2021-12-01</DATE_Z_1><DATE_Z_2>2021-12-05</DATE_Z_2>"
    "<SL><SL_ID>S1</SL_ID><NHISTORY>A1</NHISTORY>{inside}</SL><SL><SL_ID>S2</SL_ID></SL>"
    "<SUMV>{sumv}</SUMV>{tail}</Z_SL></ZAP>"
)
SANK = (
    "<SANK><S_CODE>a1</S_CODE><S_SUM>{total}</S_SUM><S_TIP>1</S_TIP>{sl}<S_OSN>222</S_OSN>"
    "<{date}>2022-01-20</{date}><{num}>М-15</{num}><S_COM>повтор</S_COM><S_IST>1</S_IST></SANK>"
)


def sank(total: str = "2319.00", sl: str = "<SL_ID>S2</SL_ID>", act: str = "ACT") -> str:
    return SANK.format(total=total, sl=sl, date=f"DATE_{act}", num=f"NUM_{act}")


def zap(tail: str = "", *, inside: str = "", sumv: str = "2319.00") -> str:
    return ZAP.format(tail=tail, inside=inside, sumv=sumv)


def opened(body: str, *, count: int = 1, billed: str = "2319.00", totals: str = "") -> ReturnFile:
    head = SCHET.format(count=count, billed=billed, totals=totals)
    data = f'<?xml version="1.0" encoding="windows-1251"?><ZL_LIST>{head}{body}</ZL_LIST>'.encode("cp1251")
    return ReturnFile(Part("HS76001M760001_21121.xml", lambda: io.BytesIO(data)))


def one(body: str) -> ReturnCase:
    (case,) = opened(body).cases()
    assert isinstance(case, ReturnCase), case
    return case


REFUSED = "<OPLATA>2</OPLATA><SUMP>0.00</SUMP>" + sank() + "<SANK_IT>2319.00</SANK_IT>"


def test_a_refused_case_with_everything_the_domain_needs() -> None:
    file = opened(zap(REFUSED), totals="<SUMMAP>0.00</SUMMAP><SANK_MEK>2319.00</SANK_MEK>")
    (case,) = file.cases()
    assert isinstance(case, ReturnCase)
    assert (case.n_zap, case.idcase, case.id_pac, case.nhistory, case.repeat) == ("12", "5", "P1", "A1", True)
    assert (case.sl_ids, case.date_in, case.date_out) == (("S1", "S2"), "2021-12-01", "2021-12-05")
    assert (case.billed, case.accepted, case.cut, case.decision) == (231900, 0, 231900, NONE)
    assert case.sanctions == (
        Sanction("a1", 231900, "1", "222", ("S2",), "2022-01-20", "М-15", (), "повтор", "1"),
    )  # fmt: skip
    assert (case.sanctions[0].control, case.sanctions[0].point) == (MEK, "1.10.2.")
    assert not case.problems and not file.problems and not case.over
    assert (file.header["year"], file.header["month"], file.header["nschet"]) == (2021, 12, "15")


def test_sank_inside_sl_and_the_other_names_of_the_act() -> None:
    case = one(zap(inside=sank("100.00", sl="", act="AKT")))
    (found,) = case.sanctions
    assert (found.sl_ids, found.act_date, found.act_number) == (("S1",), "2022-01-20", "М-15")
    assert case.decision == PART and case.accepted is None


def test_a_ground_written_as_a_point_is_known_too() -> None:
    case = one(zap(REFUSED.replace("222", "1.10.2")))
    assert case.sanctions[0].point == "1.10.2." and not case.problems


def test_a_sanction_without_sl_concerns_them_all() -> None:
    assert one(zap(REFUSED.replace("<SL_ID>S2</SL_ID>", ""))).sanctions[0].sl_ids == ()


@pytest.mark.parametrize(
    ("tail", "reason"),
    [
        (REFUSED.replace("<SANK_IT>2319", "<SANK_IT>2000"), "итог санкций SANK_IT 2000.00"),
        (REFUSED.replace("<SUMP>0", "<SUMP>1"), "принято SUMP 1.00"),
        (REFUSED.replace("<OPLATA>2", "<OPLATA>1"), "«оплатить полностью», но санкции 2319.00"),
        (REFUSED.replace("<OPLATA>2", "<OPLATA>3"), "«отказать частично», но принято 0.00 из 2319.00"),
        (REFUSED.replace("<OPLATA>2</OPLATA>", ""), "решения OPLATA нет"),
        (REFUSED.replace("<S_OSN>222</S_OSN>", ""), "нет основания S_OSN"),
        (REFUSED.replace("222", "1.99."), "основание «1.99.» — не код F014"),
        (REFUSED.replace(">S2<", ">S9<"), "случая SL_ID S9 в записи нет"),
        (REFUSED.replace("<S_TIP>1", "<S_TIP>65"), "вид контроля «65» неизвестен"),
        (REFUSED.replace("<S_SUM>2319", "<S_SUM>9999"), "санкция a1 9999.00 больше выставленной"),
        (REFUSED + sank("0.00"), "санкция a1 указана дважды"),
        ("<OPLATA>2</OPLATA><SUMP>2319.00</SUMP>", "«отказать полностью», но принято 2319.00"),
    ],
)
def test_contradictions_come_as_sentences(tail: str, reason: str) -> None:
    assert any(reason in p for p in one(zap(tail)).problems)


@pytest.mark.parametrize(
    ("tail", "decision"),
    [("", 0), ("<OPLATA>0</OPLATA>", 0), ("<OPLATA>1</OPLATA><SUMP>2319.00</SUMP>", FULL),
     (sank("0.00"), FULL), (sank("2319.00"), NONE), (sank("1.00"), PART)],
)  # fmt: skip
def test_the_decision_is_said_or_follows_from_the_sums(tail: str, decision: int) -> None:
    assert one(zap(tail)).decision == decision


def test_more_than_was_billed_is_marked() -> None:
    assert one(zap(REFUSED.replace("<S_SUM>2319.00", "<S_SUM>2319.01"))).over


def test_totals_of_the_file_are_compared() -> None:
    file = opened(
        zap(REFUSED), count=2, billed="1.00", totals="<SUMMAP>5.00</SUMMAP><SANK_MEE>7.00</SANK_MEE>"
    )
    assert file.problems == []
    list(file.cases())
    assert file.problems == [
        "в заголовке SD_Z 2, случаев в файле 1",
        "SUMMAV 1.00 не равно выставленной сумме случаев 2319.00",
        "SUMMAP 5.00 не равно принятой сумме случаев 0.00",
        "SANK_MEE 7.00 не равно санкциям МЭЭ случаев 0.00",
    ]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (zap(REFUSED).replace("<IDCASE>5</IDCASE>", ""), "нет номера случая"),
        (zap(REFUSED.replace("<OPLATA>2", "<OPLATA>7")), "решение бывает"),
        (zap(REFUSED.replace("<S_SUM>2319.00", "<S_SUM>-1.00")), "меньше нуля"),
        (zap(REFUSED.replace("<S_SUM>2319.00", "<S_SUM>" + "9" * 5000 + ".00")), "не сумма|не бывает"),
        (zap(REFUSED.replace("2022-01-20", "2022-01-32")), "такого дня нет"),
        ("<ZAP><N_ZAP>1</N_ZAP></ZAP>", "нет случая"),
    ],
)
def test_a_record_that_cannot_be_read_is_one_problem(body: str, reason: str) -> None:
    found = list(opened(body + zap(REFUSED), count=2).cases())
    assert isinstance(found[0], SourceProblem) and re.search(reason, found[0].reason)
    assert isinstance(found[1], ReturnCase)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"<PERS_LIST/>", "корень <PERS_LIST>"),
        (b"<ZL_LIST/>", "нет кода МО"),
        (b"<ZL_LIST><SCHET><CODE_MO>1</CODE_MO><YEAR>\xc2\xb2</YEAR></SCHET></ZL_LIST>", "не число"),
        (
            b"<ZL_LIST><SCHET><CODE_MO>1</CODE_MO><YEAR>%s</YEAR></SCHET></ZL_LIST>" % (b"1" * 5000),
            "не число",
        ),
        (b"<ZL_LIST><SCHET>", "обрывается"),
        (b"<!DOCTYPE a [<!ENTITY b 'c'>]><ZL_LIST/>", "DOCTYPE"),
        (b"\xff\xfe<\0", "UTF-16"),
    ],
)
def test_hostile_files_are_refused_in_a_sentence(data: bytes, reason: str) -> None:
    with pytest.raises(FormatError, match=reason):
        list(ReturnFile(Part("x.xml", lambda: io.BytesIO(data))).cases())


@pytest.mark.parametrize(
    ("tip", "control"),
    [
        ("1", MEK),
        ("10", MEK),
        ("20", MEE),
        ("55", MEE),
        ("34", EKMP),
        ("86", EKMP),
        ("0", ""),
        ("²", ""),
        ("", ""),
    ],
)
def test_the_kind_of_control(tip: str, control: str) -> None:
    assert control_of(tip) == control


# --- the stand ---------------------------------------------------------------------------------


def sent(repo: Path, folder: Path, letters: str = "H", period: str = "2021-12") -> Part:
    """A file of ours as the payer has it."""
    given = list(records(pair_at(repo / f"data/demo/2021-04/{letters}M760001T76_21041.xml")))
    want = spec(letters=letters, period=period, disp=given[0]["case"]["disp"])
    data = next(iter(members(bill_zip(folder, want, given).path).values()))
    return Part(f"{want.name}.xml", lambda: io.BytesIO(data))


def decide(idcase: str, billed: int) -> list[Sanction]:
    base = Sanction(f"s{idcase}", billed, "1", "222", (), "2022-01-20", "М-15", (), "повтор <&>", "1")
    match int(idcase) % 5:
        case 0:
            return [base, replace(base, code=f"t{idcase}", total=0, osn="207")]
        case 1:
            return [replace(base, total=billed // 2, tip="50", osn="240")] if billed else []
    return []


@pytest.mark.parametrize("akt", [False, True])
def test_the_stand_answers_what_the_reader_reads(akt: bool, repo: Path, tmp_path: Path) -> None:
    part = sent(repo, tmp_path)
    name = return_name("HM760001S76001_21121")
    assert name == "HS76001M760001_21121"
    out = io.BytesIO()
    accepted = write_return(part, out, name, decide, akt=akt)
    data = out.getvalue()
    file = ReturnFile(Part(f"{name}.xml", lambda: io.BytesIO(data)))
    cases = [c for c in file.cases() if isinstance(c, ReturnCase)]
    assert file.header["filename"] == name and len(cases) == file.header["sd_z"] > 200
    assert not file.problems and not [p for c in cases for p in c.problems]
    assert sum(c.accepted or 0 for c in cases) == accepted
    for case in cases:
        assert case.sanctions == tuple(decide(case.idcase, case.billed))
    # our bytes are all still there
    plain = etree.tostring(etree.fromstring(part.open().read()).find("ZAP/PACIENT"))
    assert etree.tostring(etree.fromstring(data).find("ZAP/PACIENT")) == plain


@pytest.mark.parametrize(
    ("letters", "period", "schema"),
    [
        ("H", "2021-12", "H_3.1_return_with_sank"),
        ("H", "2022-01", "H_3.2_return_with_sank"),
        ("C", "2021-12", "C_3.1_return_with_sank"),
        ("T", "2021-12", "T_3.1_return_with_sank"),
        ("DP", "2021-12", "D_3.1_return_with_sank_2021-08"),
    ],
)
def test_the_answer_of_the_stand_passes_the_schema(
    letters: str, period: str, schema: str, repo: Path, shared: Path, tmp_path: Path
) -> None:
    assert edition(letters[0], period).version in schema
    out = io.BytesIO()
    write_return(sent(repo, tmp_path, letters, period), out, "X", decide)
    check = etree.XMLSchema(etree.parse(str(shared / "xsd" / f"{schema}.xsd")))
    check.validate(etree.fromstring(out.getvalue()))
    assert not [f"{e.path}: {e.message}" for e in check.error_log][:5]


def test_a_file_without_a_key_cannot_be_answered() -> None:
    part = Part("x.xml", lambda: io.BytesIO(b"<ZL_LIST><ZAP><SUMV>1.00</SUMV></ZAP></ZL_LIST>"))
    with pytest.raises(FormatError, match="нет IDCASE"):
        write_return(part, io.BytesIO(), "X", decide)
