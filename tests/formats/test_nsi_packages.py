"""Official files of reference books: every layout, container and encoding gives the same rows."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omstui.domain.classifiers import CLASSIFIERS, version_key
from omstui.domain.errors import FormatError
from omstui.formats import nsipackage
from omstui.formats.nsirecognise import parse_name
from omstui.formats.nsitext import book_date
from tests.formats import nsikit as kit


def read(folder: Path, name: str, data: bytes, wanted: str = "") -> tuple[nsipackage.Package, list[tuple]]:
    """The package in a file and its rows."""
    path = folder / name
    path.write_bytes(data)
    with nsipackage.opened(path) as source:
        package = nsipackage.find_classifier(source, wanted)
        assert package is not None
        return package, list(package.rows())


def plain(rows: list[tuple]) -> list[tuple]:
    return [row[:5] for row in rows]


XML = kit.declared(kit.layout_a())
SAME = {
    "A": ("a.xml", XML),
    "A, capitals": ("a.xml", kit.declared(kit.layout_a(case="upper"))),
    "A in a ZIP of the portal": ("V009_3.1_XML.zip", kit.zipped(XML)),
    "A in a ZIP with a folder": ("a.zip", kit.zipped(XML, "V009/V009.xml")),
    "A, UTF-8": ("a.xml", kit.declared(kit.layout_a(), "UTF-8")),
    "A, says windows-1251, is UTF-8": ("a.xml", kit.declared(kit.layout_a(), really="utf-8")),
    "A, says UTF-8, is windows-1251": ("a.xml", kit.declared(kit.layout_a(), "UTF-8", really="cp1251")),
    "A, nothing declared, with BOM": ("a.xml", kit.layout_a().encode("utf-8-sig")),
    "A, unknown mnemonic, name of the file": ("V009.xml", kit.declared(kit.layout_a(mnemonic="что-то"))),
    "A, unknown mnemonic, fields": ("x.xml", kit.declared(kit.layout_a(mnemonic=""))),
    "C": ("x.xml", kit.declared(kit.layout_c())),
    "CSV of the portal": ("x.csv", kit.as_csv()),
    "CSV with commas, windows-1251": ("x.csv", kit.as_csv(",", "cp1251")),
    "TSV": ("V009.tsv", kit.as_csv("\t", "utf-8")),
    "CSV in a ZIP": ("x.zip", kit.zipped(kit.as_csv(), "V009.csv")),
    "XLSX": ("x.xlsx", kit.as_xlsx()),
}


@pytest.mark.parametrize("name", SAME)
def test_every_layout_gives_the_same_rows(tmp_path: Path, name: str) -> None:
    package, rows = read(tmp_path, *SAME[name])
    assert package.book.code == "V009"
    assert plain(rows) == kit.READ
    if "A" in name.split(",")[0].split()[:1]:
        assert (package.version, package.date) == ("3.1", "2018-04-13")
    assert json.loads(rows[0][6]) == {"IDRMP": "101", "RMPNAME": "Выписан", "DL_USLOV": "1"}


@pytest.mark.parametrize("encoding", ["cp866", "cp1251"])
def test_dbf_in_both_encodings(tmp_path: Path, encoding: str) -> None:
    package, rows = read(tmp_path, "x.dbf", kit.as_dbf(tmp_path, encoding))
    assert package.book.code == "V009" and plain(rows) == kit.READ
    package, rows = read(tmp_path, "V009.zip", kit.zipped(kit.as_dbf(tmp_path, encoding), "V009.DBF"))
    assert plain(rows) == kit.READ


def test_what_lies_about_its_encoding_is_said(tmp_path: Path) -> None:
    package, _ = read(tmp_path, "a.xml", kit.declared(kit.layout_a(), really="utf-8"))
    assert any("прочитан как UTF-8" in note for note in package.notes)
    broken = kit.declared(kit.layout_a()).replace("Выписан".encode("cp1251"), b"\x98\x98")
    package, rows = read(tmp_path, "a.xml", broken)
    assert rows[0][3] == "��" and any("заменены" in note for note in package.notes)


def test_layout_b_reads_nested_blocks(tmp_path: Path) -> None:
    package, rows = read(
        tmp_path, "F002_1.2701_XML.zip", kit.zipped(kit.declared(kit.layout_b()), "F002.xml")
    )
    assert (package.book.code, package.version, package.date) == ("F002", "1.2701", "2021-04-01")
    assert [row[:6] for row in rows] == [
        (code, "2012-01-01", "", "СМО «Альфа»", "78000", "1027700091100") for code in ("76001", "76002")
    ]
    assert json.loads(rows[0][6])["ADDR_J"] == "г. Учебный"


def test_layout_d_of_the_ministry(tmp_path: Path) -> None:
    package, rows = read(tmp_path, "1.2.643_2.5.xml", kit.declared(kit.layout_d(), "UTF-8"), "V001")
    assert package.version == "2.5"
    assert [(row[0], row[2], row[3]) for row in rows] == [
        ("A01.01.001", "", "Сбор анамнеза"),
        ("A01.01.002", "2020-12-31", "Осмотр"),
    ]


def test_repeated_elements_are_joined_and_unknown_tags_kept(tmp_path: Path) -> None:
    text = (
        "<packet><zglv><type>FLK_MPF</type><version>5.2</version></zglv><zap><ID_TEST>001F.00.0010</ID_TEST>"
        "<ID_EL>ZL_LIST</ID_EL><TYPE_MD><TYPE_D>C</TYPE_D><TYPE_D>H</TYPE_D></TYPE_MD><NEW>1</NEW></zap></packet>"
    )
    package, rows = read(tmp_path, "x.xml", kit.declared(text))
    assert package.book.code == "Q015"
    assert json.loads(rows[0][6]) == {
        "ID_TEST": "001F.00.0010", "ID_EL": "ZL_LIST", "TYPE_MD": "C,H", "NEW": "1",
    }  # fmt: skip


def test_mkb_of_the_ministry_can_fill_m001(tmp_path: Path) -> None:
    text = (
        "ID;REC_CODE;MKB_CODE;MKB_NAME;ID_PARENT;ADDL_CODE;ACTUAL;DATE\n1;01;I;Класс;;;1;\n"
        "2;0101;A00-A09;Блок;1;;1;\n3;0101A00;A00;Холера;2;;1;\n4;0101A90;A90;Денге;2;;0;2020-10-07\n"
    )
    _, own = read(tmp_path, "MKB10.csv", text.encode())
    assert [row[0] for row in own] == ["I", "A00-A09", "A00", "A90"]
    package, rows = read(tmp_path, "MKB10.csv", text.encode(), "M001")
    assert package.book.code == "M001"
    assert plain(rows) == [("A00", "", "", "Холера", ""), ("A90", "", "2020-10-07", "Денге", "")]


# --- refusals ----------------------------------------------------------------------------------

HOSTILE = {
    "cut": (XML[:-40], "обрывается"),
    "cut ZIP": (kit.zipped(XML)[:-30], "повреждён"),
    "two files": (kit.zipped(XML, "V009.xml", "V010.xml"), "в архиве файлов: 2"),
    "empty ZIP": (kit.zipped(b"", "a/"), "в архиве файлов: 0"),
    "DOCTYPE": (
        b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><packet>&b;</packet>',
        "DOCTYPE",
    ),
    "bomb": (kit.zipped(b"<packet>" + b" " * (60 << 20)), "слишком большой"),
    "empty": (b"", "файл пуст"),
    "old Excel": (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "старый формат Excel"),
    "7-Zip": (b"7z\xbc\xaf\x27\x1c" + b"\0" * 600, "архив 7-Zip"),
    "binary": (b"\x01\x00\xff" * 900, "не текст"),
    "ragged": (kit.as_csv() + "\r\n9;лишнее;1;;;ещё;и ещё\r\n".encode(), "строка 5: заполненных полей"),
    "a date": (kit.as_csv().replace(b"31.12.2020", b"31.02.2020"), "строка 3: «31.02.2020»"),
    "backwards": (kit.as_csv().replace(b"31.12.2020", b"31.12.2000"), "строка 3: код 102: окончание"),
    "same column twice": (b"IDRMP;RMPNAME;idrmp\n1;a;2\n", "повторяется"),
    "columns without end": (b";".join(b"c%d" % n for n in range(501)) + b"\n", "столбцов: 501"),
    "a heading without end": (b"IDRMP;" + b"x" * (1 << 18) + b"\n", "заголовок не читается"),
    "attributes without end": (
        b"<packet " + b" ".join(b'a%d=""' % n for n in range(2001)) + b"/>",
        "атрибутов больше 2000",
    ),
    "a value without end": (
        kit.declared(kit.layout_a().replace("Выписан", "ы" * (1 << 17) + "!")),
        "в поле больше 65536 знаков",
    ),
    "no workbook": (kit.as_xlsx()[:-200], "повреждён"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_damaged_and_hostile_files_are_refused_with_a_reason(tmp_path: Path, name: str) -> None:
    data, words = HOSTILE[name]
    with pytest.raises(FormatError) as caught:
        read(tmp_path, "V009.bin", data)
    assert words in str(caught.value) and "V009.bin" in str(caught.value)


def spoilt_sheet(change: Callable[[bytes], bytes]) -> bytes:
    source, target = zipfile.ZipFile(io.BytesIO(kit.as_xlsx())), io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for member in source.namelist():
            data = source.read(member)
            archive.writestr(member, change(data) if member == "xl/worksheets/sheet1.xml" else data)
    return target.getvalue()


def test_a_workbook_with_a_doctype_is_refused(tmp_path: Path) -> None:
    data = spoilt_sheet(lambda sheet: b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "y">]>' + sheet)
    with pytest.raises(FormatError, match="DOCTYPE"):
        read(tmp_path, "x.xlsx", data)


def test_a_row_of_a_million_cells_is_not_unpacked(tmp_path: Path) -> None:
    row = b"<row>" + b"<c><v>1</v></c>" * 1_000_000 + b"</row></sheetData>"
    data = spoilt_sheet(lambda sheet: sheet.replace(b"</sheetData>", row))
    assert len(data) < 200_000
    with pytest.raises(FormatError, match="слишком большой файл"):
        read(tmp_path, "x.xlsx", data)


def test_a_foreign_package_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"не справочник V012 .*нет поля IDIZ"):
        read(tmp_path, "x.xml", XML, "V012")
    path = tmp_path / "V012.csv"
    path.write_bytes(b"a;b\n1;2\n")
    with nsipackage.opened(path) as source, pytest.raises(FormatError, match="нет поля IDIZ"):
        nsipackage.find_classifier(source)


def test_name_of_the_file_against_its_content(tmp_path: Path) -> None:
    package, _ = read(tmp_path, "V012_2.0_XML.zip", kit.zipped(XML, "V012.xml"))
    assert (package.book.code, package.named, package.version) == ("V009", "V012", "3.1")


@pytest.mark.parametrize(
    ("name", "code", "version", "unofficial"),
    [
        ("V009_3.6_XML.zip", "V009", "3.6", False),
        ("v009.XML", "V009", "", False),
        ("F014_2021.tsv", "F014_2021", "", False),
        ("F010_addendum.tsv", "F010", "", True),
        ("Q019_TYPE_D.tsv", "Q019", "", True),
        ("MKB10_SEX.tsv", "MKB10_SEX", "", False),
        ("V0099.xml", "", "", False),
        ("тарифы.csv", "", "", False),
    ],
)
def test_what_the_name_of_a_file_says(name: str, code: str, version: str, unofficial: bool) -> None:
    found = parse_name(name)
    assert (found.code, found.version, found.unofficial) == (code, version, unofficial)


def test_every_book_of_the_public_set_is_recognised(shared: Path) -> None:
    """By its name or its fields; what is no book is said to be none."""
    for path in sorted((shared / "nsi").glob("*.tsv")):
        with nsipackage.opened(path) as source:
            package = nsipackage.find_classifier(source)
        if path.stem == "SOURCES":
            assert package is None
            continue
        assert package is not None and package.book.code in CLASSIFIERS, path.name
        code = package.book.code
        assert path.stem.startswith(code)


# --- dates and versions ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("", ""),
        (" 13.04.2018 ", "2018-04-13"),
        ("2018-04-13T00:00:00+03:00", "2018-04-13"),
        ("20180413", "2018-04-13"),
        ("43203", "2018-04-13"),
        ("19000101", ""),
        ("1900-01-01T00:00:00", ""),
        ("01.01.1900", ""),
    ],
)
def test_dates_of_books(text: str, day: str) -> None:
    assert book_date(text) == day


@pytest.mark.parametrize("text", ["31.02.2020", "вчера", "2020-13-01", "123", "99999999"])
def test_wrong_dates_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"дат|формат|невозможн"):
        book_date(text)


@given(st.dates(min_value=date(1901, 1, 1)))
def test_any_day_is_read_in_every_form(day: date) -> None:
    iso = day.isoformat()
    for form in ("%d.%m.%Y", "%Y-%m-%d", "%Y-%m-%dT00:00:00", "%Y%m%d"):
        assert book_date(day.strftime(form)) == iso


_VERSIONS = st.lists(st.integers(0, 9999), min_size=1, max_size=4)


@given(_VERSIONS, _VERSIONS)
def test_versions_compare_as_numbers(left: list[int], right: list[int]) -> None:
    one, two = (".".join(map(str, v)) for v in (left, right))
    width = max(len(left), len(right))
    padded = [tuple(v + [0] * (width - len(v))) for v in (left, right)]
    first, second = version_key(one), version_key(two)
    assert (first == second) == (padded[0] == padded[1])
    assert (first < second) == (padded[0] < padded[1])


@pytest.mark.parametrize("text", ["", "на 2021 год", "1.x", "..", "1..2"])
def test_what_is_no_version(text: str) -> None:
    assert version_key(text) == ()
    assert version_key("2.14") > version_key("2.9") and version_key("2.0") == version_key("2")
