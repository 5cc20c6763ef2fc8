"""QPID, APID, FLQPID, b…: what the operations and the stand get from them and write."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path
from typing import Any

import dbfread
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omstui.domain.errors import FormatError, OmsError
from omstui.domain.model import Period
from omstui.formats import flkdbf, identfile, mekdbf
from omstui.formats.dbf import Field, Layout, read_dbf, write_dbf
from omstui.formats.flkdbf import FlkLine
from omstui.formats.identfile import policy_of
from omstui.formats.layouts.dbf_flat import FLAT
from omstui.formats.layouts.dbf_ident import APID, FLQPID, QPID
from omstui.formats.layouts.dbf_mek import MEK, POINT_OF_NUMBER
from tests.formats.dbf.dbfkit import DAY, Spec, table

ASKED: dict[str, Any] = {
    "NPP": 1, "MCOD": "470101", "RECID": "P-17", "FAM": "ПЕТРОВА", "IM": "АННА", "OT": "ИВАНОВНА",
    "W": 2, "DR": "1980-05-17", "SNILS": "112-233-445 95", "VPOLIS": 3, "NPOLIS": "5054910882000015",
    "ENP": "5054910882000015", "MR": "г. Клин", "DATE_1": "2021-12-01", "DATE_2": "2021-12-14",
}  # fmt: skip


def apid(**answer: Any) -> identfile.ApidRow:
    stream = io.BytesIO()
    identfile.write_apid(stream, [APID.row(**ASKED, **answer)], DAY)
    (row,) = identfile.read_apid(stream, name="APID_4701012912211.dbf").rows()
    return row


@pytest.mark.parametrize("layout", [QPID, APID, FLQPID, MEK, FLAT])
def test_layouts_are_tables_dbase_can_hold(layout: Layout) -> None:
    assert len(set(layout.names)) == len(layout.names) <= 128
    assert layout.record_length <= 4000
    for field in layout.fields:
        assert len(field.name) <= 10 and field.name.isascii() and field.title
        assert field.length <= 254 and (field.type != "D" or field.length == 8)
        assert field.name not in field.aliases


LETTERS = "АЯаяЁё№ bZ09.-"


def value(field: Field) -> st.SearchStrategy[Any]:
    if field.type == "D":
        return st.none() | st.dates(date(1850, 1, 1), date(2099, 12, 31)).map(date.isoformat)
    if field.sex:
        return st.sampled_from(["", "1", "2"] if field.type == "C" else [None, 1, 2])
    if field.type == "N":
        digits = field.length - (1 if field.decimals else 0)
        return st.none() | st.integers(1 - 10 ** max(digits - 1, 0), 10**digits - 1)
    return st.text(LETTERS, max_size=min(field.length, 12)).map(str.strip)


@pytest.mark.parametrize("layout", [QPID, APID, FLQPID, MEK, FLAT])
@settings(max_examples=10)
@given(data=st.data())
def test_every_layout_makes_the_round_trip(layout: Layout, data: st.DataObject) -> None:
    rows = data.draw(st.lists(st.tuples(*map(value, layout.fields)), max_size=2))
    stream = io.BytesIO()
    write_dbf(stream, layout, rows, DAY)
    assert list(read_dbf(stream, layout, name="x").rows()) == rows


def test_request_as_the_specification_lays_it_out(tmp_path: Path) -> None:
    path = tmp_path / "QPID_4701012912211.dbf"
    identfile.write_qpid(path, [QPID.row(**ASKED)], DAY)
    read = dbfread.DBF(str(path))
    assert " ".join(f"{f.name}{f.type}{f.length}" for f in read.fields) == (
        "NPPN8 MCODC6 RECIDC20 FAMC40 IMC40 OTC40 WN1 DRD8 SNILSC14 DOCTYPEN2 DOCSERC10 DOCNUMC20"
        " VPOLISN1 SPOLISC10 NPOLISC20 ENPC16 SMOC5 MRC100 DATE_1D8 DATE_2D8"
    )
    (row,) = read
    assert (row["FAM"], row["DOCTYPE"], row["SMO"]) == ("ПЕТРОВА", None, "")
    assert next(identfile.read_qpid(path).records())["SNILS"] == "112-233-445 95"


def test_key_longer_than_the_field_is_refused() -> None:
    long = ASKED | {"RECID": "3f2504e0-4f89-11d3-9a0c-0305e82c3301"}
    with pytest.raises(OmsError, match=r"запись 1, RECID .*длиннее поля: знаков 36, помещается 20"):
        identfile.write_qpid(io.BytesIO(), [QPID.row(**long)], DAY)


def test_answer_found() -> None:
    row = apid(
        RES=1, RSMO="46003", ROKATO="46000", RVPOL=3, RENP="5054910882000015", RDBEG="2021-06-01",
        RDEND="1900-01-01", RFAM="СИДОРОВА", RDS="2021-12-20",
    )  # fmt: skip
    assert (row.record, row.number, row.ref, row.sent["FAM"]) == (1, 1, "P-17", "ПЕТРОВА")
    assert row.policy == identfile.Policy(
        "3", "", "5054910882000015", "5054910882000015", "46003", "46000", "2021-06-01", None
    )
    assert (row.surname, row.name, row.death_date) == ("СИДОРОВА", "", "2021-12-20")
    assert (row.unidentified, row.uninsured, row.reason) == (False, False, "")


@pytest.mark.parametrize(
    ("answer", "state", "reason"),
    [
        ({"RES": 0}, (True, False), "не найден"),
        ({"RES": 9}, (True, False), "данных недостаточно"),
        ({"RES": 1, "EERP": "дубль"}, (True, False), "дубль"),
        ({"RES": 1}, (False, True), "найден, на дату лечения не застрахован"),
        ({"RES": 3, "RENP": "5054910882000015"}, (False, True), "найден, на дату лечения не застрахован"),
        ({"RES": 2, "RNPOL": "123456789", "ROKATO": "45000"}, (False, False), ""),
        ({"RENP": "5054910882000015"}, (False, False), ""),
        ({}, (True, False), "не найден"),
    ],
)
def test_answer_states(answer: dict[str, Any], state: tuple[bool, bool], reason: str) -> None:
    row = apid(**answer)
    assert ((row.unidentified, row.uninsured), row.reason) == (state, reason)


@pytest.mark.parametrize(
    ("series", "number", "enp", "kind", "wanted"),
    [
        ("", "5054910882000015", "", "3", "5054910882000015"),
        ("", "12345678901", "5054910882000015", "3", "5054910882000015"),
        ("", "123456789", "", "2", "123456789"),
        ("5012345", "123456", "", "1", "123456"),
        ("", "", "5054910882000015", "3", "5054910882000015"),
        ("", "", "", "", ""),
    ],
)
def test_type_of_policy_by_its_number(series: str, number: str, enp: str, kind: str, wanted: str) -> None:
    policy = policy_of(None, series, number, enp)
    assert (policy.type, policy.number, bool(policy)) == (kind, wanted, bool(kind))


def test_answer_of_another_region_by_its_own_names() -> None:
    """Columns of the Crimea: no RES, a policy under other names, keys as a number."""
    spec: list[Spec] = [
        ("NREC", "N", 8, 0), ("FAM", "C", 60, 0), ("IM", "C", 60, 0), ("DR", "D", 8, 0), ("W", "N", 1, 0),
        ("SS", "C", 14, 0), ("EERP", "C", 100, 0), ("RQ", "C", 5, 0), ("ROKATO", "C", 5, 0),
        ("ROPDOC", "N", 1, 0), ("RSPOL", "C", 10, 0), ("RNPOL", "C", 19, 0), ("RENP", "C", 16, 0),
        ("RDBEG", "D", 8, 0), ("RDEND", "D", 8, 0),
    ]  # fmt: skip
    petrov = "7|ПЕТРОВ|ПЁТР|19800517|1|||90001|35000|3|||9154910832000016|20200101|"
    lost = "8|ИВАНОВ||19800517|1||нет в ЕРЗ||||||||"
    cells = [row.encode("cp1251").split(b"|") for row in (petrov, lost)]
    file = identfile.read_apid(io.BytesIO(table(spec, cells, mark=0)), name="x.dbf")
    found, missed = file.rows()
    assert (found.number, found.ref, found.result, found.policy.smo) == (7, "", identfile.FOUND, "90001")
    assert (found.policy.type, found.policy.number, found.sent["IM"]) == ("3", "9154910832000016", "ПЁТР")
    assert (missed.unidentified, missed.reason) == (True, "нет в ЕРЗ")


def test_another_table_is_no_answer() -> None:
    stream = io.BytesIO()
    identfile.write_qpid(stream, [QPID.row(**ASKED)], DAY)
    with pytest.raises(
        FormatError, match="это не ответ на идентификацию: нет колонок RES или RNPOL или RENP"
    ):
        identfile.read_apid(stream, name="APID_4701012912211.dbf")


# --- ФЛК ---------------------------------------------------------------------------------------

SNILS = "Значение поля SNILS не соответствует формату."


def flqpid(*rows: tuple[Any, ...]) -> flkdbf.FlqpidFile:
    stream = io.BytesIO()
    flkdbf.write_flqpid(stream, rows, DAY)
    return flkdbf.read_flqpid(stream, name="FLQPID_7777772810211.dbf")


def test_report_of_the_manual() -> None:
    found = flqpid(
        *(FLQPID.row(SRC="файл QPID_D1", ERR_TEXT=SNILS, NPP=n, RECID=f"P{n}") for n in range(1, 19)),
        FLQPID.row(SRC="файл QPID_D1", ERR_CODE="904", ERR_TEXT="Нет в F011.", CNT=3, FLD="DOCTYPE"),
    )
    report = found.report()
    assert report == [
        FlkLine("файл QPID_D1", "", SNILS, 18),
        FlkLine("файл QPID_D1", "904", "Нет в F011.", 3),
    ]
    assert str(report[0]) == f"файл QPID_D1 {SNILS} - 18"
    links = list(found.links())
    assert (links[1].number, links[1].ref, links[1].field) == (2, "P2", "SNILS")
    assert (links[-1].number, links[-1].ref, links[-1].field) == (None, "", "DOCTYPE")


def test_empty_protocol_is_no_errors() -> None:
    assert flqpid().report() == []


def test_protocol_without_its_optional_columns() -> None:
    spec: list[Spec] = [("SRC", "C", 20, 0), ("ERR_TEXT", "C", 60, 0)]
    row = [b"QPID_D1", SNILS.encode("cp866")]
    found = flkdbf.read_flqpid(io.BytesIO(table(spec, [row, row])), name="x")
    assert found.report() == [FlkLine("QPID_D1", "", SNILS, 2)]


# --- МЭК ---------------------------------------------------------------------------------------

CUT: dict[str, Any] = {
    "NPP": 1, "MCOD": "470101", "PLAT": "46003", "YEAR": 2021, "MONTH": 10, "NSCHET": "12",
    "DSCHET": "2021-11-03", "IDCASE": "123456", "IDSERV": "9", "FAM": "ПЕТРОВА", "CODE_USL": "B01.047.001",
    "DS1": "I10", "SUMV": 231900, "OPLATA": 2, "S_OSN": "1.10.2.", "S_SUM": 231900, "S_COM": "дубль",
    "NUM_ACT": "М-15", "DATE_ACT": "2021-11-12",
}  # fmt: skip


def mek(*rows: dict[str, Any], codes: dict[str, str] | None = None) -> list[mekdbf.MekRow]:
    stream = io.BytesIO()
    mekdbf.write_mek(stream, [MEK.row(**r) for r in rows], DAY)
    return list(mekdbf.read_mek(stream, codes=codes, name="b77777771021.dbf").rows())


def test_refusal_is_read_by_names() -> None:
    (row,) = mek(CUT)
    assert (row.record, row.number, row.period, row.invoice, row.invoice_date) == (
        1, 1, Period(2021, 10), "12", "2021-11-03",
    )  # fmt: skip
    assert (row.case_ref, row.service_ref, row.service_code) == ("123456", "9", "B01.047.001")
    assert (row.billed, row.cut, row.full, row.act, row.act_date) == (
        231900,
        231900,
        True,
        "М-15",
        "2021-11-12",
    )
    assert row.grounds == (mekdbf.Ground("1.10.2.", "222"),)
    assert (row.comment, row.place) == ("дубль", "запись 1, случай 123456")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("1.10.2.", ["1.10.2. 222 True"]),
        ("1.10.2", ["1.10.2. 222 True"]),
        ("222", ["1.10.2. 222 True"]),
        ("207 211", ["1.4.4. 207 True", "1.6.1. 211 True"]),
        ("1.4.4.,1.6.1.", ["1.4.4. 207 True", "1.6.1. 211 True"]),
        ("207_225;207", ["1.4.4. 207 True", "1.10.5. 225 True"]),
        ("5.1.4", ["5.1.4.  False"]),
        ("999", [" 999 False"]),
        ("дубль", ["дубль  False"]),
        ("", []),
    ],
)
def test_grounds_by_point_and_by_number(text: str, wanted: list[str]) -> None:
    (row,) = mek(CUT | {"S_OSN": text})
    assert [f"{g.point} {g.number} {g.known}" for g in row.grounds] == wanted


def test_codes_of_a_book_add_to_the_small_table() -> None:
    (row,) = mek(CUT | {"S_OSN": "53 5.1.4"}, codes={"53": "5.1.4"})
    assert row.grounds == (mekdbf.Ground("5.1.4.", "53"),)


def test_small_table_of_points_agrees_with_the_published_one(shared: Path) -> None:
    lines = (shared / "spec" / "f014.tsv").read_text(encoding="utf-8").splitlines()
    names, *rows = [line.split("\t") for line in lines]
    at, number = names.index("code"), names.index("kod_f014")
    assert {r[number]: r[at] for r in rows} == POINT_OF_NUMBER


def test_full_and_partial_refusals() -> None:
    rows = mek(
        CUT | {"OPLATA": 3, "S_SUM": 100}, CUT | {"OPLATA": None}, CUT | {"OPLATA": None, "S_SUM": 5},
        CUT | {"OPLATA": None, "S_SUM": None}, CUT | {"YEAR": 21, "MONTH": 1}, CUT | {"MONTH": 13},
    )  # fmt: skip
    assert [r.full for r in rows] == [False, True, False, True, True, True]
    assert [r.period for r in rows[-2:]] == [Period(2021, 1), None]


def test_return_with_names_of_another_region() -> None:
    spec: list[Spec] = [
        ("SN", "N", 12, 0),
        ("PV", "C", 20, 0),
        ("ER_MESSAGE", "C", 40, 0),
        ("DVOZVRAT", "D", 8, 0),
    ]
    file = mekdbf.read_mek(
        io.BytesIO(table(spec, [[b"123456", b"207 211", "Неверно".encode("cp866"), b"20211112"]])), name="x"
    )
    (row,) = file.rows()
    assert (row.case_ref, row.comment, row.act_date, len(row.grounds)) == (
        "123456",
        "Неверно",
        "2021-11-12",
        2,
    )
    first = file.first()
    assert first is not None and first.billed is None


def test_another_table_is_no_return() -> None:
    with pytest.raises(FormatError, match="это не возврат МЭК: нет колонок S_OSN, IDCASE или NHISTORY"):
        mekdbf.read_mek(io.BytesIO(table([("FAM", "C", 5, 0)], [])), name="b77777771021.dbf")
