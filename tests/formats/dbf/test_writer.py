"""Writing DBF: exact bytes, what does not fit, whole or not at all, speed."""

from __future__ import annotations

import codecs
import encodings.cp866
import io
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import dbf
import dbfread
import pytest
from hypothesis import given
from hypothesis import strategies as st

from omstui.domain.errors import OmsError
from omstui.formats.dbf import Layout, read_bytes, read_dbf, write_dbf
from tests.formats.dbf.dbfkit import DAY, PERSONS

ROW = ("1", "Петрова", 2, "1980-05-17", 123450, 125, "г. Клин")


def written(*rows: tuple[Any, ...], layout: Layout = PERSONS) -> bytes:
    stream = io.BytesIO()
    write_dbf(stream, layout, rows, DAY)
    return stream.getvalue()


def test_exact_bytes() -> None:
    data = written(ROW, ("2", "", None, None, -5, None, ""))
    assert data[:32] == bytes([3, 121, 12, 29, 2, 0, 0, 0, 1, 1, 70, 0]) + bytes(17) + b"\x65\0\0"
    assert data[32:64] == b"RECID" + bytes(6) + b"C" + bytes(4) + bytes([10, 0]) + bytes(14)
    assert data[160:192] == b"SUMV" + bytes(7) + b"N" + bytes(4) + bytes([12, 2]) + bytes(14)
    assert data[256:257] == b"\r"
    first = " " + "1".ljust(10) + "Петрова".ljust(20) + "2" + "19800517" + "1234.50".rjust(12) + "  1.25"
    second = " " + "2".ljust(10) + " " * 20 + " " + " " * 8 + "-0.05".rjust(12) + " " * 6
    assert data[257:].decode("cp866") == first + "г. Клин".ljust(12) + second + " " * 12 + "\x1a"


def test_the_same_rows_give_the_same_bytes_and_another_day_only_its_date() -> None:
    again = io.BytesIO()
    write_dbf(again, PERSONS, [ROW], date(2022, 1, 3))
    assert written(ROW) == written(ROW)
    assert again.getvalue()[1:4] == bytes([122, 1, 3])
    assert again.getvalue()[4:] == written(ROW)[4:]


def test_no_rows() -> None:
    data = written()
    assert data[4:8] == bytes(4) and data.endswith(b"\r\x1a")
    assert list(read_bytes(data, PERSONS, name="x").rows()) == []


def test_both_packages_read_it(tmp_path: Path) -> None:
    path = tmp_path / "x.dbf"
    done = write_dbf(path, PERSONS, [ROW, ("2", "", None, None, None, None, "")], DAY)
    assert (done.count, done.size, done.notes) == (2, path.stat().st_size, [])
    first, second = dbfread.DBF(str(path))
    assert tuple(first.values()) == ("1", "Петрова", 2, date(1980, 5, 17), 1234.5, 1.25, "г. Клин")
    assert (second["DR"], second["SUMV"]) == (None, None)
    with dbf.Table(str(path), codepage="cp866").open(mode=dbf.READ_ONLY) as table:
        assert [r.fam.strip() for r in table] == ["Петрова", ""]


LETTERS = "".join(c for c in encodings.cp866.decoding_table if c.isprintable())
WORDS = st.text(LETTERS, max_size=20).map(str.strip)
DAYS = st.none() | st.dates(date(1850, 1, 1), date(2099, 12, 31)).map(date.isoformat)


@given(
    st.lists(
        st.tuples(
            WORDS.map(lambda t: t[:10].strip()),
            WORDS,
            st.none() | st.integers(1, 2),
            DAYS,
            st.none() | st.integers(-(10**9), 10**10),
            st.none() | st.integers(-9999, 99999),
            WORDS.map(lambda t: t[:12].strip()),
        ),
        max_size=8,
    )
)
def test_round_trip(rows: list[tuple[Any, ...]]) -> None:
    read = list(read_bytes(written(*rows), PERSONS, name="x").rows())
    # without letters above ASCII and without a mark all is alike; boxes alone may look like 1251
    text = "".join(r[1] + r[0] + r[6] for r in rows)
    if not any("─" <= c <= "▟" or c in "ЄєЇїЎў" for c in text):
        assert read == rows
    else:
        assert [r[2:6] for r in read] == [r[2:6] for r in rows]


# --- what does not fit -------------------------------------------------------------------------


def change(**values: Any) -> tuple[Any, ...]:
    named = dict(zip(PERSONS.names, ROW, strict=True))
    return PERSONS.row(**(named | values))


@pytest.mark.parametrize(
    ("values", "what"),
    [
        ({"FAM": "Žižek"}, "запись 2, FAM «Žižek»: знаков «Ž», «ž» нет в кодировке cp866"),
        ({"FAM": "Ли\u200b"}, "U\\+200B нет в кодировке"),
        ({"FAM": "А" * 21}, "длиннее поля: знаков 21, помещается 20"),
        ({"RECID": "12345678901"}, "запись 2, RECID «12345678901»: длиннее поля"),
        ({"SUMV": 10**12}, "SUMV «10000000000.00»: длиннее поля"),
        ({"SUMV": -(10**11)}, "SUMV «-1000000000.00»: длиннее поля"),
        ({"W": 12}, "W «12»: длиннее поля"),
        ({"W": "х"}, "W «х»: не число"),
        ({"SUMV": 12.5}, "SUMV «12.5»: не число"),
        ({"DR": "17.05.1980"}, "DR «17.05.1980»: не дата"),
        ({"DR": "1980-02-30"}, "DR «1980-02-30»: не дата"),
    ],
)
def test_a_value_that_cannot_be_written_refuses_the_file(
    tmp_path: Path, values: dict[str, Any], what: str
) -> None:
    path = tmp_path / "QPID.dbf"
    with pytest.raises(OmsError, match=what) as refused:
        write_dbf(path, PERSONS, [ROW, change(**values)], DAY)
    assert refused.value.msg.startswith("Файл QPID.dbf не записан: запись 2, ")
    assert list(tmp_path.glob("QPID*")) == []


def test_every_bad_value_is_listed_at_once() -> None:
    rows = [change(FAM="Žižek") if n % 1000 == 999 else ROW for n in range(30_000)]
    with pytest.raises(OmsError) as refused:
        written(*rows)
    assert refused.value.msg.endswith("(и ещё 29).")
    assert refused.value.details[0].startswith("запись 1000, FAM")
    assert refused.value.details[-1] == "… всего таких значений 30."


def test_free_text_is_cleaned_and_told() -> None:
    stream = io.BytesIO()
    rows = [ROW, change(MR="«Клин» — №1"), change(MR="город Клин Московской обл."), change(MR="Ōsaka")]
    done = write_dbf(stream, PERSONS, rows, DAY)
    read = [r[6] for r in read_bytes(stream.getvalue(), PERSONS, name="x").rows()]
    assert read == ["г. Клин", '"Клин" - №1', "город Клин М", "?saka"]
    assert done.notes == [
        "MR: заменены знаки, которых нет в cp866, записей 2 (первая 2)",
        "MR: текст обрезан до 12 знаков, записей 1 (первая 3)",
    ]


def test_spaces_of_another_kind_become_plain() -> None:
    stream = io.BytesIO()
    done = write_dbf(stream, PERSONS, [change(FAM="Де\u00a0Ла\tКруа")], DAY)
    assert next(read_bytes(stream.getvalue(), PERSONS, name="x").rows())[1] == "Де Ла Круа"
    assert done.notes == ["FAM: особые пробелы заменены обычными, записей 1 (первая 1)"]


def test_values_of_kin_types_are_taken() -> None:
    row = change(RECID=15, W="2", DR=date(1980, 5, 17), SUMV=True, KOL_USL=None, MR=None)
    assert next(read_bytes(written(row), PERSONS, name="x").rows()) == (
        "15", "Петрова", 2, "1980-05-17", 1, None, "",
    )  # fmt: skip


def test_an_error_half_way_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "x.dbf"
    write_dbf(path, PERSONS, [ROW], DAY)
    before = path.read_bytes()

    def rows() -> Any:
        yield ROW
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_dbf(path, PERSONS, rows(), DAY)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.glob("x*")] == ["x.dbf"]


def test_no_folder_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(OmsError, match="не записан: ") as refused:
        write_dbf(tmp_path / "нет" / "x.dbf", PERSONS, [ROW], DAY)
    assert refused.value.hint


# --- speed -------------------------------------------------------------------------------------


def best(job: Callable[[], object], times: int = 3) -> float:
    def once() -> float:
        start = time.process_time()
        job()
        return time.process_time() - start

    return min(once() for _ in range(times))


def test_speed_against_the_bare_writer_and_the_packages(tmp_path: Path) -> None:
    """Goals ≤ 2× the bare writer, ≥ 15× dbf, ≥ 2.5× dbfread, in processor time and with slack."""
    first = date(1950, 1, 1)
    rows = [
        (str(n), "ПЕТРОВА", 2, (first + timedelta(n % 9000)).isoformat(), n * 100, 100, "Г. КЛИН")
        for n in range(12_000)
    ]
    path = tmp_path / "x.dbf"
    form = " %-10s%-20s%1d%s%12.2f%6.2f%-12s"
    table = codecs.charmap_build(encodings.cp866.decoding_table)

    def bare() -> None:
        with (tmp_path / "bare.dbf").open("wb") as stream:
            stream.write(bytes(257))
            for at in range(0, len(rows), 2000):
                made = [
                    form % (r[0], r[1], r[2], r[3].replace("-", ""), r[4] / 100, r[5] / 100, r[6])
                    for r in rows[at : at + 2000]
                ]
                stream.write(codecs.charmap_encode("".join(made), "replace", table)[0])
            stream.write(b"\x1a")

    def package() -> None:
        (tmp_path / "pkg.dbf").unlink(missing_ok=True)
        spec = "recid C(10); fam C(20); w N(1,0); dr D; sumv N(12,2); kol_usl N(6,2); mr C(12)"
        made = dbf.Table(str(tmp_path / "pkg.dbf"), spec, codepage="cp866", dbf_type="db3")
        with made.open(mode=dbf.READ_WRITE):
            for r in rows[:400]:
                made.append((*r[:3], date.fromisoformat(r[3]), r[4] / 100, r[5] / 100, r[6]))

    ours = best(lambda: write_dbf(path, PERSONS, rows, DAY))
    assert ours < 2 * 1.5 * best(bare) + 0.02  # fsync and rename beside the rows
    assert ours * 15 / 1.5 < best(package, 2) * len(rows) / 400
    read = best(lambda: sum(1 for _ in read_dbf(path, PERSONS).rows()))
    assert read * 2.5 / 1.5 < best(lambda: sum(1 for _ in dbfread.DBF(str(path), encoding="cp866")))
