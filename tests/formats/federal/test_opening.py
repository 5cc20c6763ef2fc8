"""Finding pairs among files, folders and ZIPs."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from omstui.domain.errors import FormatError
from omstui.formats import federalnames
from omstui.formats.federal import FederalPair
from omstui.formats.opening import BillPath, open_sources
from omstui.formats.source import BadFile

CASES = b"<ZL_LIST><SCHET><CODE_MO>760001</CODE_MO></SCHET></ZL_LIST>"
PERSONS = b"<PERS_LIST></PERS_LIST>"


def found(*paths: Path) -> list[str]:
    return [
        f"{type(s).__name__}: {s.name}" + (f": {s.reason}" if isinstance(s, BadFile) else "")
        for s in open_sources(paths)
    ]


@pytest.mark.parametrize(
    ("cases", "persons"),
    [("HM", "LM"), ("CM", "LCM"), ("TM", "LTM"), ("DPM", "LPM"), ("DOM", "LOM"), ("XM", "LXM")],
)
def test_names_of_pairs(cases: str, persons: str) -> None:
    tail = "760001T76_21041"
    assert federalnames.persons_of(f"{cases}{tail}.xml") == persons + tail
    assert federalnames.cases_of(f"dir/{persons.lower()}{tail}.XML") == cases + tail


def test_folder_is_walked_in_a_fixed_order(tmp_path: Path) -> None:
    for folder in ("b", "a/deep"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "b/HM760001T76_21041.xml").write_bytes(CASES)
    (tmp_path / "b/lm760001t76_21041.XML").write_bytes(PERSONS)
    (tmp_path / "a/deep/TM760001T76_21041.xml").write_bytes(CASES)
    (tmp_path / "a/deep/LTM760001T76_21041.xml").write_bytes(PERSONS)
    assert found(tmp_path) == [
        "FederalPair: TM760001T76_21041.xml + LTM760001T76_21041.xml",
        "FederalPair: HM760001T76_21041.xml + lm760001t76_21041.XML",
    ]


def test_lonely_files_are_refused_with_the_name_of_the_other(tmp_path: Path) -> None:
    (tmp_path / "HM760001T76_21041.xml").write_bytes(CASES)
    (tmp_path / "LTM760001T76_21042.xml").write_bytes(PERSONS)
    assert found(tmp_path) == [
        "BadFile: HM760001T76_21041.xml: нет парного файла персон LM760001T76_21041.xml",
        "BadFile: LTM760001T76_21042.xml: нет парного файла случаев TM760001T76_21042.xml",
    ]


def test_one_file_of_a_pair_finds_the_other_beside(tmp_path: Path) -> None:
    (tmp_path / "HM760001T76_21041.xml").write_bytes(CASES)
    (tmp_path / "LM760001T76_21041.xml").write_bytes(PERSONS)
    expected = ["FederalPair: HM760001T76_21041.xml + LM760001T76_21041.xml"]
    assert found(tmp_path / "HM760001T76_21041.xml") == expected
    assert found(tmp_path / "LM760001T76_21041.xml") == expected


def test_renamed_pair_is_joined_by_its_content(tmp_path: Path) -> None:
    (tmp_path / "случаи.xml").write_bytes(
        CASES.replace(b"<SCHET>", b"<ZGLV><FILENAME>HM760001T76_21041</FILENAME></ZGLV><SCHET>")
    )
    (tmp_path / "люди.xml").write_bytes(
        b"<PERS_LIST><ZGLV><FILENAME1>HM760001T76_21041</FILENAME1></ZGLV></PERS_LIST>"
    )
    assert found(tmp_path) == ["FederalPair: случаи.xml + люди.xml"]


def make_zip(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def test_zip_with_folders_inside(tmp_path: Path) -> None:
    path = make_zip(
        tmp_path / "апрель.zip",
        {
            "x/HM760001T76_21041.xml": CASES,
            "x/LM760001T76_21041.xml": PERSONS,
            "y/HM760001T76_21041.xml": CASES,
            "readme.txt": b"hello",
        },
    )
    assert found(path) == [
        "BadFile: апрель.zip/readme.txt: не похож на файл случаев (не XML, не ZIP, не CSV и не DBF): "
        "нужны пары H/C/T/D и L, ZIP с ними, CSV или DBF",
        "FederalPair: апрель.zip/x/HM760001T76_21041.xml + апрель.zip/x/LM760001T76_21041.xml",
        "BadFile: апрель.zip/y/HM760001T76_21041.xml: нет парного файла персон LM760001T76_21041.xml",
    ]


@pytest.mark.parametrize("name", ["../HM760001T76_21041.xml", "/etc/passwd", "c:\\x.xml"])
def test_hostile_names_in_a_zip_are_refused(tmp_path: Path, name: str) -> None:
    (line,) = found(make_zip(tmp_path / "a.zip", {name: CASES}))
    assert "опасное имя" in line


def test_bomb_is_refused_before_it_is_read(tmp_path: Path) -> None:
    (line,) = found(make_zip(tmp_path / "a.zip", {"HM760001T76_21041.xml": b" " * (60 << 20)}))
    assert "бомб" in line


def test_archive_in_archive_and_broken_archive(tmp_path: Path) -> None:
    inner = make_zip(tmp_path / "in.zip", {"a.xml": CASES}).read_bytes()
    (line,) = found(make_zip(tmp_path / "a.zip", {"b.zip": inner}))
    assert "архив внутри архива" in line
    broken = tmp_path / "c.zip"
    broken.write_bytes(inner[:40])
    (line,) = found(broken)
    assert "испорчен" in line


def test_damaged_member_is_a_sentence(tmp_path: Path) -> None:
    members = {"HM760001T76_21041.xml": CASES + b"<!-- " + bytes(range(256)) * 900 + b"-->"}
    path = make_zip(tmp_path / "a.zip", members | {"LM760001T76_21041.xml": PERSONS})
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 40] = b"\0" * 40
    path.write_bytes(bytes(data))
    with pytest.raises(FormatError, match=r"a\.zip"):
        for source in open_sources([path]):
            if isinstance(source, BadFile):
                raise FormatError(source.name + source.reason)
            assert isinstance(source, FederalPair)
            list(source.cases())


def test_bills_are_passed_on(tmp_path: Path) -> None:
    path = tmp_path / "1027600099900760499001210413X.7z"
    make_zip(path, {"bill.xml": b"<package/>"})
    other = make_zip(tmp_path / "bill.zip", {"bill.xml": b"<package/>"})
    plain = tmp_path / "bill.xml"
    plain.write_bytes(b"<package/>")
    sources = list(open_sources([path, other, plain]))
    assert [s.path for s in sources if isinstance(s, BillPath)] == [path, other, plain]


def test_missing_mapping_and_foreign_files(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x;y\n1;2\n")
    (tmp_path / "b.dat").write_bytes(b"\x00\x01")
    (tmp_path / "c.xml").write_bytes(b"<FLK_P/>")
    lines = found(tmp_path)
    assert "a.mapping.toml" in lines[0]
    assert "не XML" in lines[1] and "<FLK_P>" in lines[2]
    assert found(tmp_path / "нет.xml")[0].startswith("BadFile: нет.xml: файл не читается")
