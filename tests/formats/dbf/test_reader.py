"""Reading DBF: programs that write it differently, damaged and hostile files, dbfread as an oracle."""

from __future__ import annotations

import io
import os
import struct
from datetime import date
from decimal import Decimal
from pathlib import Path

import dbf
import dbfread
import pytest

from omstui.domain.errors import FormatError
from omstui.formats.dbf import Table, read_bytes, read_dbf, write_dbf
from omstui.formats.dbfreader import BadRow
from tests.formats.dbf.dbfkit import DAY, PERSONS, SPEC, put, row866, table

ROWS = [row866("1", "ПЕТРОВА"), row866("2", "Ёлкин", "", "")]
READ = [("1", "ПЕТРОВА", None, "1980-05-17", 123450, None, ""), ("2", "Ёлкин", None, None, None, None, "")]


def opened(data: bytes, **options: object) -> Table:
    return read_bytes(data, PERSONS, name="x.dbf")


# --- programs ----------------------------------------------------------------------------------


@pytest.mark.parametrize("mark", [0x65, 0x26, 0x00, 0x03, 0x57, 0xC9])
def test_cp866_whatever_the_mark(mark: int) -> None:
    found = opened(table(SPEC, ROWS, mark=mark))
    assert list(found.rows()) == READ
    assert found.encoding == "cp866"
    assert bool(found.notes) == (mark == 0xC9)  # a wrong mark is told


@pytest.mark.parametrize("mark", [0xC9, 0x00, 0x65, 0x03])
@pytest.mark.parametrize("surname", ["ПЕТРОВА", "Петрова", "петрова рж"])
def test_1251_whatever_the_mark(mark: int, surname: str) -> None:
    row = [b"1", surname.encode("cp1251"), b"19800517", b"1234.50"]
    found = opened(table(SPEC, [row], mark=mark))
    assert [r[1] for r in found.rows()] == [surname]
    assert found.encoding == "cp1251"


def test_a_mark_alone_decides_where_there_are_no_letters() -> None:
    plain = [[b"1", b"PETROV", b"", b""]]
    assert opened(table(SPEC, plain, mark=0xC9)).encoding == "cp1251"
    assert opened(table(SPEC, plain, mark=0)).encoding == "cp866"


def test_a_number_sign_alone_does_not_turn_the_table_over() -> None:
    found = opened(table(SPEC, [[b"1", "KV. № 5°".encode("cp866"), b"", b""]]))
    assert [r[1] for r in found.rows()] == ["KV. № 5°"]


def test_utf8_written_by_an_office_program() -> None:
    row = [b"1", "Петрова".encode(), b"19800517", b"12.00"]
    found = opened(table(SPEC, [row], mark=0))
    assert found.encoding == "utf-8"
    assert list(found.rows()) == [("1", "Петрова", None, "1980-05-17", 1200, None, "")]


def test_libreoffice_style() -> None:
    """Version 3, no code page, numbers as they fit, a trailing zero after the end mark."""
    rows = [row866("1", "Петрова", "19800517", "5"), row866("2", "", "00000000", "-0.50")]
    found = opened(table(SPEC, rows, mark=0, tail=b"\x1a\0"))
    assert [(r[3], r[4]) for r in found.rows()] == [("1980-05-17", 500), (None, -50)]


def test_foxpro_style(tmp_path: Path) -> None:
    """Version 0x30: backlink of 263 bytes, displacements, hidden marks of empty, no end mark, zeros."""
    spec = [*SPEC, ("_NullFlags", "0", 1, 0)]
    rows = [[*r, b"\0"] for r in (row866("1", "ПЕТРОВА"), [b"2\0\0", b"\x81\0\0\0", b"\0" * 8, b""])]
    data = table(spec, rows, version=0x30, backlink=263, tail=b"", displacements=True)
    found = opened(data)
    assert [r[:5] for r in found.rows()] == [READ[0][:5], ("2", "Б", None, None, None)]
    assert found.notes == ["нет знака конца таблицы (0x1A), записи все на месте"]
    assert [c.name for c in found.columns] == ["RECID", "FAM", "DR", "SUMV"]


def test_binary_columns_of_foxpro() -> None:
    """Integer, currency, double and moment columns come as their plain twins would."""
    spec = [
        ("RECID", "I", 4, 0),
        ("SUMV", "Y", 8, 4),
        ("KOL_USL", "B", 8, 2),
        ("DR", "T", 8, 0),
        ("FAM", "C", 20, 0),
    ]
    moment = struct.pack("<LL", date(1980, 5, 17).toordinal() + 1721425, 0)
    row = [
        struct.pack("<i", 70001), struct.pack("<q", 12_345_000), struct.pack("<d", 1.25), moment,
        "ПЕТРОВА".encode("cp866"),
    ]  # fmt: skip
    empty = [struct.pack("<i", -5), bytes(8), bytes(8), bytes(8), b""]
    found = opened(table(spec, [row, empty], version=0x30, backlink=263))
    assert list(found.rows()) == [
        ("70001", "ПЕТРОВА", None, "1980-05-17", 123450, 125, ""),
        ("-5", "", None, None, 0, 0, ""),
    ]


def test_odd_version_is_read() -> None:
    assert list(opened(table(SPEC, ROWS, version=0x02)).rows()) == READ


def test_table_made_by_the_dbf_package(tmp_path: Path) -> None:
    path = tmp_path / "made.dbf"
    made = dbf.Table(
        str(path), "recid C(10); fam C(20); dr D; sumv N(12,2)", codepage="cp866", dbf_type="db3"
    )
    with made.open(mode=dbf.READ_WRITE):
        made.append(("1", "ПЕТРОВА", dbf.Date(1980, 5, 17), 1234.5))
        made.append(("2", "Ёлкин", None, None))
    assert list(read_dbf(path, PERSONS).rows()) == READ
    plain = list(read_dbf(path).records())
    assert plain[0] == {"RECID": "1", "FAM": "ПЕТРОВА", "DR": "1980-05-17", "SUMV": Decimal("1234.50")}


def test_dbfread_agrees(tmp_path: Path) -> None:
    rows = [
        (str(n), f"Фамилия{n}", 1 + n % 2, f"19{n % 100:02d}-01-31", n * 7 - 3, n, "") for n in range(300)
    ]
    path = tmp_path / "x.dbf"
    write_dbf(path, PERSONS, rows, DAY)
    oracle = [tuple(r.values()) for r in dbfread.DBF(str(path))]
    ours = [
        (*r[:3], date.fromisoformat(r[3]), r[4] / 100, r[5] / 100, r[6])
        for r in read_dbf(path, PERSONS).rows()
    ]
    assert ours == oracle


# --- columns -----------------------------------------------------------------------------------


def test_names_other_programs_give() -> None:
    spec = [
        ("ID_PAC", "N", 20, 0),
        ("FIO", "C", 20, 0),
        ("POL", "C", 1, 0),
        ("DATR", "C", 10, 0),
        ("EXTRA", "C", 3, 0),
    ]
    found = read_bytes(
        table(spec, [[b"15", "Ли".encode("cp866"), "Ж".encode("cp866"), b"17.05.1980", b"?"]]),
        PERSONS,
        name="x",
    )
    assert list(found.rows()) == [("15", "Ли", 2, "1980-05-17", None, None, "")]
    assert found.unknown == ("EXTRA",)
    assert found.has("FAM") and not found.has("MR")


def test_numbers_in_text_columns() -> None:
    spec = [("RECID", "C", 5, 0), ("SUMV", "C", 12, 0), ("KOL_USL", "N", 4, 1)]
    found = opened(table(spec, [[b"1", b"1 234,5".replace(b" ", b""), b"1.5"]]))
    assert [(r[4], r[5]) for r in found.rows()] == [(123450, 150)]


def test_foreign_columns_are_refused_by_name() -> None:
    with pytest.raises(FormatError, match=r"не список для проверки: нет колонок RECID \(в файле: A, B\)"):
        opened(table([("A", "C", 1, 0), ("B", "C", 1, 0)], []))


def test_long_text_columns_of_clipper() -> None:
    data = bytearray(table([("RECID", "C", 44, 1)], [], record=301, count=1, tail=b""))
    data += b" " + b"1".ljust(300) + b"\x1a"
    assert [r[0] for r in opened(bytes(data)).rows()] == ["1"]


# --- records -----------------------------------------------------------------------------------


def test_deleted_records_are_passed_by() -> None:
    rows = [row866(str(n), "А") for n in range(1, 6)]
    found = opened(table(SPEC, rows, flags=b"* *  "))
    assert [(n, r[0]) for n, r in found.numbered() if not isinstance(r, BadRow)] == [
        (2, "2"),
        (4, "4"),
        (5, "5"),
    ]


def test_rows_can_be_walked_twice_and_in_blocks() -> None:
    rows = [row866(str(n), "А") for n in range(4100)]
    found = opened(table(SPEC, rows))
    assert [r[0] for r in found.rows()] == [str(n) for n in range(4100)] == [r[0] for r in found.rows()]


@pytest.mark.parametrize(
    ("cell", "value", "what"),
    [
        (2, b"19800532", "DR «19800532»: не дата вида ГГГГММДД"),
        (2, b"17051980", "DR «17051980»: не дата"),
        (3, b"12,5,0", "SUMV «12,5,0»: не число"),
        (3, b"************", "SUMV «************»: число не поместилось"),
        (3, b"1.005", "SUMV «1.005»: точнее 2 знаков"),
        (3, b"1_000.00", "SUMV «1_000.00»: не число"),
        (3, b"1E900", "SUMV «1E900»: не число"),
        (3, b"NaN", "SUMV «NaN»: не число"),
    ],
)
def test_wrong_value_names_record_and_column(cell: int, value: bytes, what: str) -> None:
    rows = [row866("1", "А"), row866("2", "Б"), row866("3", "В")]
    rows[1][cell] = value
    found = opened(table(SPEC, rows))
    with pytest.raises(FormatError, match=f"запись 2, {what}".replace("*", r"\*")):
        list(found.rows())
    kept = list(found.numbered())
    assert [isinstance(r, BadRow) for _, r in kept] == [False, True, False]
    assert isinstance(kept[1][1], BadRow) and kept[1][1].row[0] == "2"


def test_a_number_beyond_the_store_is_refused() -> None:
    found = opened(table([("RECID", "C", 5, 0), ("SUMV", "N", 40, 2)], [[b"1", b"9" * 30 + b".00"]]))
    with pytest.raises(FormatError, match=r"запись 1, SUMV «9{30}\.00»: такого числа не бывает"):
        list(found.rows())


def test_wrong_sex_and_fractional_whole_number() -> None:
    for value, what in ((b"7", "не пол"), (b"X", "не пол")):
        found = opened(table([("RECID", "C", 5, 0), ("SEX", "C", 1, 0)], [[b"1", value]]))
        with pytest.raises(FormatError, match=f"запись 1, SEX .*{what}"):
            list(found.rows())


# --- damaged and hostile -----------------------------------------------------------------------

GOOD = table(SPEC, ROWS)


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "заголовок обрывается: байт 0"),
        (GOOD[:20], "заголовок обрывается: байт 20"),
        (GOOD[:100], "заголовок обрывается: байт 100, а должно быть 161"),
        (GOOD[:-20], "в заголовке записей 2, а в файле их 1: файл обрывается"),
        (table(SPEC, ROWS, count=5), "в заголовке записей 5, а в файле их 2"),
        (table(SPEC, ROWS, count=0xFFFFFFFF), "в заголовке записей 4294967295, а в файле их 2"),
        (table(SPEC, ROWS, count=1), r"за ними в файле есть ещё \(1\): таблицу не закрыли"),
        (table(SPEC, ROWS, count=0, tail=b""), r"в заголовке записей 0, но за ними в файле есть ещё \(2\)"),
        (table(SPEC, ROWS, record=60), "длина записи 60, а колонки занимают 51"),
        (table(SPEC, ROWS, version=0x83), "таблица с примечаниями"),
        (table(SPEC, ROWS, version=0xF5), "таблица с примечаниями"),
        (table([*SPEC, ("PRIM", "M", 10, 0)], []), r"с примечаниями \(MEMO, колонка 5 «PRIM»\)"),
        (table([*SPEC, ("PRIM", "M", 4, 0)], [], version=0x30), r"с примечаниями \(MEMO, колонка 5"),
        (table(SPEC, ROWS, version=0x50), "неизвестная её версия"),
        (b"%PDF-1.7" + bytes(100), "это не таблица DBF"),
        (table([("A", "?", 5, 0)], []), "колонка 1 «A»: неизвестный тип"),
        (table([("A", "C", 0, 0), ("B", "C", 5, 0)], []), "колонка 1 «A»: неизвестный тип «C» или длина 0"),
        (table([("A", "D", 6, 0)], []), "тип D не бывает длины 6"),
        (table(SPEC, ROWS, flags=b" \x07"), "запись 2: вместо признака записи байт 0x07"),
        (GOOD[:8] + b"\xff\xff" + GOOD[10:], "заголовок обрывается"),
        (GOOD[:160] + b"X" + GOOD[161:], "нет конца описания колонок|обрывается"),
    ],
)  # fmt: skip
def test_damaged_table_is_refused_in_words(data: bytes, what: str) -> None:
    with pytest.raises(FormatError, match=f"Файл x.dbf: .*(?:{what})") as refused:
        list(opened(data).rows())
    assert refused.value.hint


def test_every_cut_and_every_spoiled_byte_of_a_header_is_a_refusal_or_a_table() -> None:
    head = 161
    for end in range(0, len(GOOD), 3):
        with pytest.raises(FormatError):
            list(opened(GOOD[:end]).rows()) if end < len(GOOD) - 1 else opened(b"")
    for place in range(head):
        for value in (0, 0x0D, 0xFF):
            spoiled = GOOD[:place] + bytes([value]) + GOOD[place + 1 :]
            try:
                list(opened(spoiled).rows())
            except FormatError as error:
                assert "x.dbf" in error.msg


def test_missing_file_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"Файл нет\.dbf не открыть"):
        read_dbf(tmp_path / "нет.dbf")


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.dbf")
    with pytest.raises(FormatError, match="это не обычный файл"):
        read_dbf(tmp_path / "pipe.dbf")


def test_stream_is_read_too(tmp_path: Path) -> None:
    assert list(read_dbf(io.BytesIO(GOOD), PERSONS, name="x").rows()) == READ
    assert list(read_dbf(put(tmp_path, GOOD), PERSONS).rows()) == READ
