"""What a file is, told from its name and its beginning."""

from __future__ import annotations

import struct
import time
import zipfile
from datetime import date
from pathlib import Path

import pytest

from omstui.domain.errors import FormatError
from omstui.formats.containers import write_7z
from omstui.formats.identify import identify
from tests.stand.packages import ALPHA, STEM, cases, write

CASES = (
    '<?xml version="1.0" encoding="windows-1251"?><ZL_LIST><ZGLV><VERSION>3.1</VERSION>'
    "<DATA>2021-05-01</DATA><FILENAME>{name}</FILENAME><SD_Z>1</SD_Z></ZGLV><SCHET>"
    "<CODE_MO>760001</CODE_MO><YEAR>2021</YEAR><MONTH>4</MONTH><NSCHET>7</NSCHET>"
    "<SUMMAV>100.50</SUMMAV>{more}</SCHET><ZAP><N_ZAP>1</N_ZAP></ZAP></ZL_LIST>"
)
DECLARED = '<?xml version="1.0" encoding="windows-1251"?>'
PERSONS = (
    f"{DECLARED}<PERS_LIST><ZGLV><FILENAME>LM760001T76_21041</FILENAME>"
    "<FILENAME1>HM760001T76_21041</FILENAME1></ZGLV><PERS/></PERS_LIST>"
)


def dbf(path: Path, records: int = 2) -> Path:
    """A table of two character fields."""
    fields = b"".join(
        name.ljust(11, b"\0") + b"C" + bytes(4) + bytes([size]) + bytes(15)
        for name, size in ((b"ERR_CODE", 4), (b"ERR_TEXT", 20))
    )
    head = struct.pack("<BBBBIHH20x", 3, 121, 4, 30, records, 32 + len(fields) + 1, 25)
    rows = b"".join(b" " + b"E1".ljust(4) + "Нет СНИЛС".encode("cp866").ljust(20) for _ in range(records))
    path.write_bytes(head + fields + b"\r" + rows + b"\x1a")
    return path


def put(path: Path, text: str) -> Path:
    path.write_bytes(text.encode("cp1251"))
    return path


def test_identify_bill_by_name_and_content(tmp_path: Path) -> None:
    found = identify(write(tmp_path, cases(1)))
    assert (found.kind, found.period, found.letter, found.sure) == ("3X", "2021-04", "X", True)
    assert found.from_whom == "МО ОГРН 1027600099900"
    found = identify(write(tmp_path, cases(1), "7A", ogrn=ALPHA))
    assert (found.kind, found.letter, found.sure) == ("7", "A", True)


def test_identify_answer_by_name_own_content_is_doubted(tmp_path: Path) -> None:
    found = identify(write(tmp_path, cases(1), "1A"))
    assert (found.kind, found.sure) == ("1", False)
    assert "отметок плательщика в нём нет" in found.reason


def test_identify_renamed_bill_is_guessed_by_content(tmp_path: Path) -> None:
    path = write(tmp_path, cases(1)).rename(tmp_path / "отчёт.bin")
    found = identify(path)
    assert (found.kind, found.sure, found.period) == ("3X", False, "2021-04")
    assert "имя не по правилам" in found.reason


def test_identify_month_of_name_differs_from_content(tmp_path: Path) -> None:
    found = identify(write(tmp_path, cases(1), body={"month": "05"}))
    assert not found.sure
    assert "внутри 2021-05" in found.reason


def test_identify_true_7z_reads_its_beginning_only(tmp_path: Path) -> None:
    with zipfile.ZipFile(write(tmp_path, cases(1))) as archive:
        data = archive.read("bill.xml")
    at = data.index(b"                <patient ")
    path = tmp_path / f"{STEM}1A.7z"
    body = data[:at] + b" " * (20 << 20) + b"<oops"  # broken far behind the beginning
    write_7z(path, lambda stream: stream.write(body), date(2021, 5, 1))
    started = time.process_time()
    found = identify(path)
    assert time.process_time() - started < 1
    assert (found.kind, found.container) == ("1", "7z")


@pytest.mark.parametrize(
    ("name", "more", "kind"),
    [
        ("HM760001T76_21041", "", "H"),
        ("CM760001T76_21041", "", "C"),
        ("TM760001S76001_21041", "", "T"),
        ("DPM760001T76_21041", "<DISP>ДВ1</DISP>", "D"),
    ],
)
def test_identify_federal_cases(tmp_path: Path, name: str, more: str, kind: str) -> None:
    found = identify(put(tmp_path / f"{name}.xml", CASES.format(name=name, more=more)))
    assert (found.kind, found.from_whom, found.period, found.sure) == (
        kind, "МО 760001", "2021-04", True,
    )  # fmt: skip
    found = identify(put(tmp_path / "x.xml", CASES.format(name=name, more=more)))
    assert found.kind == kind  # by FILENAME inside


def test_identify_persons_protocol_and_archive(tmp_path: Path) -> None:
    persons = put(tmp_path / "LM760001T76_21041.xml", PERSONS)
    assert (identify(persons).kind, identify(persons).from_whom) == ("L", "МО 760001")
    flk = put(tmp_path / "VM760001T76_21041.xml", "<FLK_P><FNAME_I>HM760001T76_21041</FNAME_I></FLK_P>")
    assert (identify(flk).kind, identify(flk).reason) == ("FLK", "к файлу HM760001T76_21041")
    pair = tmp_path / "HM760001T76_21041.zip"
    with zipfile.ZipFile(pair, "w") as archive:
        archive.writestr("HM760001T76_21041.xml", CASES.format(name="", more="").encode("cp1251"))
        archive.write(persons, persons.name)
    found = identify(pair)
    assert (found.kind, found.period) == ("ZIP", "2021-04")
    assert found.title == "архив счёта: счёт за медицинскую помощь"


def test_identify_tables(tmp_path: Path) -> None:
    found = identify(dbf(tmp_path / "FLQPID_7777772810211.dbf"))
    assert (found.kind, found.title) == ("DBF", "протокол ФЛК идентификации (FLQPID)")
    found = identify(dbf(tmp_path / "b77777771021.dbf"))
    assert (found.title, found.period) == ("возврат МЭК (b…)", "2021-10")
    assert identify(put(tmp_path / "x.csv", "код;цена\n1;2\n")).kind == "CSV"


def test_identify_foreign_files(tmp_path: Path) -> None:
    assert identify(put(tmp_path / "x.xml", "<html></html>")).kind == "unknown"
    assert identify(put(tmp_path / "x.txt", "просто письмо")).kind == "unknown"
    (tmp_path / "x.bin").write_bytes(bytes(range(256)) * 10)
    assert identify(tmp_path / "x.bin").kind == "unknown"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "пуст"),
        (b"PK\x03\x04" + b"\0" * 40, "повреждён"),
        (b"7z\xbc\xaf\x27\x1c" + b"\0" * 40, "повреждено"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><package/>', "DOCTYPE"),
        (b"<package><body></bill>", "не разобран"),
    ],
)
def test_identify_hostile_files_give_sentences(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / f"{STEM}1A.7z"
    path.write_bytes(content)
    with pytest.raises(FormatError, match=words):
        identify(path)


def test_identify_absent_file_and_folder(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="не открыть"):
        identify(tmp_path / "нет")
    with pytest.raises(FormatError, match="папка"):
        identify(tmp_path)
