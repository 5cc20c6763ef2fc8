"""Protocols ФЛК (FLK_P): old and new codes, names of the source file, hostile files, the writer."""

from __future__ import annotations

import io
from pathlib import Path
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omstui.domain.errors import FormatError
from omstui.formats.federal import Part
from omstui.formats.flkp import FlkError, FlkProtocol, protocol_name, write_protocol
from omstui.formats.opening import xml_parts

HEAD = "<FNAME>VM760001S76001_21121</FNAME><FNAME_I>HM760001S76001_21121</FNAME_I>"


def part(text: str | bytes, name: str = "VM760001S76001_21121.xml") -> Part:
    if isinstance(text, str):
        text = f'<?xml version="1.0" encoding="windows-1251"?>{text}'.encode("cp1251")
    return Part(name, lambda: io.BytesIO(text))


def opened(body: str, head: str = HEAD) -> FlkProtocol:
    return FlkProtocol(part(f"<FLK_P>{head}{body}</FLK_P>"))


def test_an_old_protocol_speaks_in_codes_of_f012() -> None:
    protocol = opened(
        "<PR><OSHIB>902</OSHIB><IM_POL>DS1</IM_POL><BAS_EL>SL</BAS_EL><N_ZAP>12</N_ZAP>"
        "<IDCASE>5</IDCASE></PR><PR><OSHIB>801</OSHIB></PR>"
    )
    first, second = protocol.errors()
    assert (first.code, first.n_zap, first.idcase, first.field) == ("902", "12", "5", "DS1")
    assert first.text == "Нет обязательного поля" and not first.new_code and first.keyed
    assert first.place == "запись 12, случай 5, поле DS1"
    assert second.whole_file and second.place == "файл целиком" and second.text == "Пакет не упакован в ZIP"


def test_a_new_protocol_has_more_keys() -> None:
    (error,) = opened(
        "<PR><OSHIB>003F.00.0530</OSHIB><IM_POL>NPOLIS</IM_POL><ZN_POL>1</ZN_POL><NSCHET>15</NSCHET>"
        "<BAS_EL>PACIENT</BAS_EL><N_ZAP>1</N_ZAP><ID_PAC>P1</ID_PAC><IDCASE>5</IDCASE><SL_ID>S1</SL_ID>"
        "<IDSERV>U1</IDSERV><COMMENT> Нет номера &amp; серии </COMMENT></PR>"
    ).errors()
    assert error == FlkError(
        "003F.00.0530", "NPOLIS", "1", "15", "PACIENT", "1", "P1", "5", "S1", "U1", "Нет номера & серии"
    )
    assert error.new_code and error.text == "Нет номера & серии"


def test_an_error_of_the_account_has_a_parent_but_no_keys() -> None:
    (error,) = opened("<PR><OSHIB>904</OSHIB><BAS_EL>SCHET</BAS_EL></PR>").errors()
    assert not error.keyed and not error.whole_file


@pytest.mark.parametrize(
    ("name", "source", "persons", "cases"),
    [
        ("HM760001S76001_21121", "HM760001S76001_21121", False, "HM760001S76001_21121"),
        ("HM760001S76001_21121.xml", "HM760001S76001_21121", False, "HM760001S76001_21121"),
        ("hm760001s76001_21121.XML", "HM760001S76001_21121", False, "HM760001S76001_21121"),
        ("LM760001S76001_21121.xml", "LM760001S76001_21121", True, "HM760001S76001_21121"),
        ("LPM760001T76_21121", "LPM760001T76_21121", True, "DPM760001T76_21121"),
    ],
)
def test_the_source_is_told_by_fname_i(name: str, source: str, persons: bool, cases: str) -> None:
    protocol = opened("", f"<FNAME>X</FNAME><FNAME_I>{name}</FNAME_I>")
    assert (protocol.source, protocol.of_persons, protocol.cases_name) == (source, persons, cases)
    assert list(protocol.errors()) == []  # accepted


def test_local_elements_are_counted_not_refused() -> None:
    protocol = opened("<SCHET><CODE>1</CODE></SCHET><PR><OSHIB>904</OSHIB><KOD>1</KOD><OSHIB>2</OSHIB></PR>")
    (error,) = protocol.errors()
    assert error.code == "904" and protocol.unknown == {"PR/KOD": 1}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("<FLK_P/>", "нет имени исходного файла"),
        ("<FLK_P><FNAME>V</FNAME></FLK_P>", "нет имени исходного файла"),
        ("<FLK_P><PR/></FLK_P>", "нет имени исходного файла"),
        ("<ZL_LIST><FNAME_I>H</FNAME_I></ZL_LIST>", "корень <ZL_LIST>"),
        (f"<FLK_P>{HEAD}<PR>", "обрывается"),
        ("", "ни одного элемента"),
        ("<!DOCTYPE FLK_P><FLK_P/>", "DOCTYPE"),
    ],
)
def test_hostile_files_are_refused_in_a_sentence(text: str, reason: str) -> None:
    with pytest.raises(FormatError, match=reason):
        list(FlkProtocol(part(text)).errors())


def test_a_giant_value_is_cut() -> None:
    (error,) = opened(f"<PR><COMMENT>{'я' * 100_000}</COMMENT></PR>").errors()
    assert len(error.comment) == 1000


texts = st.text(
    st.characters(codec="cp1251", exclude_categories=("Cc", "Cf", "Zs")), max_size=20
)  # fmt: skip


@given(st.lists(st.builds(FlkError, *[texts] * 11), max_size=5))
def test_what_is_written_is_read(errors: list[FlkError]) -> None:
    stream = io.BytesIO()
    assert write_protocol(stream, "HM760001S76001_21121", errors) == len(errors)
    protocol = FlkProtocol(part(stream.getvalue()))
    assert (protocol.fname, protocol.source) == ("VM760001S76001_21121", "HM760001S76001_21121")
    assert list(protocol.errors()) == errors


def test_an_old_protocol_is_written_without_the_new_keys() -> None:
    stream = io.BytesIO()
    write_protocol(
        stream, "LM760001S76001_21121", [FlkError("902", n_zap="1", id_pac="P", sl_id="S")], old=True
    )
    (error,) = FlkProtocol(part(stream.getvalue())).errors()
    assert error == FlkError("902", n_zap="1")
    assert protocol_name("LM760001S76001_21121") == "FM760001S76001_21121"


def test_a_protocol_in_a_zip_is_found(tmp_path: Path) -> None:
    path = tmp_path / "V.zip"
    with ZipFile(path, "w") as archive:
        archive.writestr("VM.xml", f"<FLK_P>{HEAD}</FLK_P>")
        archive.writestr("readme.txt", "x")
    (found,) = xml_parts(path)
    assert FlkProtocol(found).source == "HM760001S76001_21121"


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.zip", b"PK\x03\x04xxxx", "испорчен"),
        ("b.zip", None, "нет файлов XML"),
        ("c.xml", b"", "ни одного элемента"),
    ],
)
def test_what_holds_no_answer_is_refused(name: str, data: bytes | None, reason: str, tmp_path: Path) -> None:
    path = tmp_path / name
    if data is None:
        with ZipFile(path, "w") as archive:
            archive.writestr("a.txt", "x")
    else:
        path.write_bytes(data)
    with pytest.raises(FormatError, match=reason):
        for found in xml_parts(path):
            FlkProtocol(found)
    with pytest.raises(FormatError, match="не читается"):
        xml_parts(tmp_path / "нет.xml")
