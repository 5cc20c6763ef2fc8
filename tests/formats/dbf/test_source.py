"""Cases from a flat DBF, and the flat DBF of a registry that reads back as the same cases."""

from __future__ import annotations

import io
import resource
import zipfile
from pathlib import Path
from typing import Any

import pytest

from omstui.domain.errors import FormatError
from omstui.formats.dbf import read_bytes, write_dbf
from omstui.formats.dbfflat import flat_rows, write_flat
from omstui.formats.dbfheader import looks_like
from omstui.formats.dbfsource import DbfSource
from omstui.formats.identfile import write_apid
from omstui.formats.layouts.dbf_flat import FLAT
from omstui.formats.opening import open_sources
from omstui.formats.source import BadFile, SourceCase, SourceProblem
from tests.formats.dbf.dbfkit import DAY, Spec, put, table

ROW: dict[str, Any] = {
    "CODE_MO": "460001", "YEAR": 2021, "MONTH": 12, "RECID": "P1", "FAM": "Ёлкина", "IM": "Анна",
    "OT": "Ивановна", "W": "2", "DR": "1980-05-17", "VPOLIS": "3", "ENP": "5054910882000015", "SMO": "46003",
    "IDCASE": "77", "NHISTORY": "К-1", "USL_OK": "3", "DATE_1": "2021-12-06", "DATE_2": "2021-12-07",
    "DS1": "I10", "DS2": "E11.9 J06.9", "PROFIL": "97", "IDDOKT": "001", "PRVS": "76", "SUMV": 66430,
    "IDSERV": "1", "CODE_USL": "B01.047.001", "DATE_IN": "2021-12-06", "KOL_USL": 100, "SUMV_USL": 45000,
}  # fmt: skip
SECOND = ROW | {"IDSERV": "2", "CODE_USL": "A05.10.006", "DATE_IN": "2021-12-07", "SUMV_USL": 21430}
OTHER = ROW | {"IDCASE": "78", "NHISTORY": "К-2"}


def source(tmp_path: Path, *rows: dict[str, Any]) -> DbfSource:
    path = tmp_path / "cases.dbf"
    write_dbf(path, FLAT, [FLAT.row(**r) for r in rows], DAY)
    return DbfSource(path)


def test_rows_of_a_case_become_services(tmp_path: Path) -> None:
    found = source(tmp_path, ROW, SECOND, OTHER)
    first, other = (c for c in found.cases() if isinstance(c, SourceCase))
    assert (first.position, other.position) == ("запись 1, 77", "запись 3, 78")
    assert [(s["code"], s["n"], s["date_in"], s["source_sum"], s["quantity"]) for s in first.services] == [
        ("B01.047.001", 1, "2021-12-06", 45000, 100), ("A05.10.006", 2, "2021-12-07", 21430, 100),
    ]  # fmt: skip
    assert [s["doctor"] for s in first.services] == ["001", "001"]
    assert first.case["nhistory"] == "К-1" and first.case["ds2"] == ["E11.9", "J06.9"]
    assert (first.case["source_sum"], first.case["completed"], first.case["mo"]) == (66430, 1, "460001")
    assert first.person is not None
    assert (first.person["surname"], first.person["sex"], first.person["birth_date"]) == (
        "Ёлкина", "2", "1980-05-17",
    )  # fmt: skip
    assert (first.policy["enp"], first.policy["smo"], first.policy["type"]) == (
        "5054910882000015",
        "46003",
        "3",
    )
    assert (found.header["code_mo"], found.header["year"], found.header["month"]) == ("460001", 2021, 12)
    assert {"nhistory", "completed", "surname", "enp"} <= found.carries
    assert list(found.persons()) == []


def test_names_of_other_programs_in_1251(tmp_path: Path) -> None:
    """One column with the whole name, an old policy, numbers as codes, no key of a case."""
    spec: list[Spec] = [
        ("KODP", "N", 6, 0), ("FIO", "C", 40, 0), ("DATR", "C", 10, 0), ("POL", "C", 1, 0),
        ("PLAT", "C", 5, 0), ("SER_POL", "C", 10, 0), ("NUM_POL", "C", 10, 0), ("NHISTORY", "C", 10, 0),
        ("USL_OK", "N", 2, 0), ("DATE_Z_1", "D", 8, 0), ("DATE_Z_2", "D", 8, 0), ("MKB", "C", 6, 0),
        ("CODE_USL", "C", 15, 0), ("SUMV_USL", "N", 10, 2), ("PALATA", "C", 4, 0),
    ]  # fmt: skip
    row = "15|Ли Анна|17.05.1980|Ж|46003|5012345|123456|К-1|3|20211206|20211207|I10|B01.001|450.00|12"
    cells = row.encode("cp1251").split(b"|")
    found = DbfSource(put(tmp_path, table(spec, [cells, cells], mark=0xC9)))
    (case,) = found.cases()
    assert isinstance(case, SourceCase) and case.person is not None
    assert [case.person[n] for n in ("surname", "name", "patronymic", "sex")] == ["Ли", "Анна", "", "2"]
    assert (case.policy["type"], case.policy["smo"], case.policy["series"]) == ("1", "46003", "5012345")
    assert (case.person_ref, case.case["usl_ok"], case.case["ds_main"]) == ("15", "3", "I10")
    assert (len(case.services), case.case["source_sum"]) == (2, 90000)
    assert found.unknown == {"PALATA": 2}
    assert {"surname", "name", "patronymic", "smo"} <= found.carries


@pytest.mark.parametrize(
    ("rows", "reasons"),
    [
        ([ROW, OTHER, SECOND], ["запись 3: случай «77»: строки случая идут не подряд."]),
        ([ROW | {"IDCASE": "", "NHISTORY": ""}], ["запись 1: IDCASE: нет ни ключа случая, ни номера карты"]),
        ([ROW | {"USL_OK": ""}], ["запись 1: условия оказания (USL_OK): не заполнено"]),
        (
            [ROW, ROW | {"CODE_MO": "460002"}],
            ["запись 1: CODE_MO «460002»: строка другой МО, в файле 460001."],
        ),
    ],
)
def test_a_record_that_cannot_be_taken(
    tmp_path: Path, rows: list[dict[str, Any]], reasons: list[str]
) -> None:
    problems = [p for p in source(tmp_path, *rows).cases() if isinstance(p, SourceProblem)]
    assert [f"{p.position}: {p.reason}"[: len(r)] for p, r in zip(problems, reasons, strict=True)] == reasons


def test_a_wrong_value_refuses_its_case_whole_and_no_other(tmp_path: Path) -> None:
    spec: list[Spec] = [
        ("IDCASE", "C", 5, 0), ("FAM", "C", 9, 0), ("IM", "C", 9, 0), ("NHISTORY", "C", 5, 0),
        ("USL_OK", "C", 1, 0), ("DATE_1", "D", 8, 0), ("CODE_USL", "C", 5, 0),
    ]  # fmt: skip
    rows = [f"{n}|A|B|{n}|3|{day}|X".encode().split(b"|") for n, day in
            ((1, "20211201"), (1, "20211299"), (2, "20211201"))]  # fmt: skip
    bad, good = DbfSource(put(tmp_path, table(spec, rows))).cases()
    assert isinstance(bad, SourceProblem) and isinstance(good, SourceCase)
    assert (bad.position, bad.reason) == ("запись 1", "запись 2, DATE_1 «20211299»: не дата вида ГГГГММДД.")
    assert good.case["nhistory"] == "2"


# --- opening -----------------------------------------------------------------------------------


def test_tables_are_told_apart_when_a_folder_is_loaded(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    write_dbf(folder / "cases.DBF", FLAT, [FLAT.row(**ROW)], DAY)
    write_apid(folder / "APID_4600012912211.dbf", [], DAY)
    write_apid(folder / "b46000171221.dbf", [], DAY)
    put(folder, table([("A", "C", 1, 0)], []), "чужая.dbf")
    put(folder, table([("A", "C", 1, 0)], [], count=7), "обрыв.dbf")
    with zipfile.ZipFile(folder / "zip.zip", "w") as archive:
        archive.write(folder / "cases.DBF", "cases.dbf")
    found = {s.name: getattr(s, "reason", "случаи") for s in open_sources([folder])}
    assert "«Загрузить результат идентификации»" in found["APID_4600012912211.dbf"]
    assert "«Загрузить МЭК»" in found["b46000171221.dbf"]
    assert found["cases.DBF"] == "случаи"
    assert "нет колонок DATE_1, IDCASE или NHISTORY" in found["чужая.dbf"]
    assert "файл обрывается" in found["обрыв.dbf"]
    assert "распакуйте её" in found["zip.zip/cases.dbf"]


def test_not_a_table_under_its_name_is_a_bad_file(tmp_path: Path) -> None:
    (found,) = open_sources([put(tmp_path, b"PDF, not a table at all", "x.dbf")])
    assert isinstance(found, BadFile) and "не DBF" in found.reason
    with pytest.raises(FormatError, match="не таблица DBF"):
        read_bytes(b"GIF89a" + bytes(100), FLAT, name="x.dbf")


@pytest.mark.parametrize("first", ["Case;Номер", "0;\n\n;1", "1;2", "cat"])
def test_a_text_is_no_table_whatever_letter_it_begins_with(first: str) -> None:
    assert not looks_like((first + "\n" + "x;y\n" * 40).encode("cp1251"))


# --- the flat DBF of a registry ----------------------------------------------------------------


def test_what_is_written_reads_back_as_the_same_cases(tmp_path: Path) -> None:
    cases = [c for c in source(tmp_path, ROW, SECOND, OTHER).cases() if isinstance(c, SourceCase)]
    records = [
        {"patient": c.person, "policy": c.policy, "case": c.case, "services": c.services,
         "given": {"IDCASE": str(n)}}
        for n, c in enumerate(cases, 1)
    ]  # fmt: skip
    path = tmp_path / "flat.dbf"
    done = write_flat(path, records, DAY, {"CODE_MO": "460001", "MCOD": "470101", "YEAR": 2021, "MONTH": 12})
    assert (done.count, done.notes) == (3, [])
    again = [c for c in DbfSource(path).cases() if isinstance(c, SourceCase)]
    for ours, back in zip(cases, again, strict=True):
        assert (back.person, back.policy, back.case, back.services) == (
            ours.person, ours.policy, ours.case, ours.services,
        )  # fmt: skip


def test_case_without_services_has_a_row() -> None:
    record = {"patient": {}, "policy": {}, "case": {"nhistory": "К"}, "services": []}
    (row,) = flat_rows([record], {"MCOD": "470101"})
    assert dict(zip(FLAT.names, row, strict=True))["NHISTORY"] == "К"


def test_memory_does_not_grow_with_the_table(tmp_path: Path) -> None:
    rows = (FLAT.row(**(ROW | {"IDCASE": str(n), "NHISTORY": str(n)})) for n in range(10_000))
    path = tmp_path / "big.dbf"
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    write_dbf(path, FLAT, rows, DAY)
    assert sum(1 for _ in DbfSource(path).cases()) == 10_000
    assert path.stat().st_size > 15 << 20
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 60 << 10


def test_stream_target_is_written_in_place() -> None:
    stream = io.BytesIO()
    done = write_flat(stream, [], DAY)
    assert (done.count, done.size) == (0, len(stream.getvalue()))
