"""Containers of bill.xml: by signature, streamed, hostile and damaged ones refused in words."""

from __future__ import annotations

import hashlib
import io
import os
import random
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import IO

import py7zr
import pytest

from omstui.domain.errors import FormatError
from omstui.formats import containers
from omstui.formats.containers import open_bill, write_7z, write_bill, write_zip

DAY = date(2021, 4, 30)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder (the home of the test stands beside it)."""
    made = tmp_path / "files"
    made.mkdir()
    return made


XML = '<?xml version="1.0" encoding="windows-1251" ?>\r\n<package><body/></package>\r\n'.encode("cp1251")
NAME = "1027600099900760499001210413X.7z"


def _produce(stream: IO[bytes]) -> int:
    for n in range(500):
        stream.write(b"<!-- %d -->" % n + XML)
    return 7


def _unpacked() -> bytes:
    buffer = io.BytesIO()
    _produce(buffer)
    return buffer.getvalue()


def _zip(path: Path, *members: tuple[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return path


def _seven(path: Path, *members: tuple[str, bytes], password: str | None = None) -> Path:
    with py7zr.SevenZipFile(path, "w", password=password) as archive:
        for name, data in members:
            archive.writestr(data, name)
    return path


def _read(path: Path) -> tuple[str, bytes]:
    with open_bill(path) as stream:
        return stream.container, stream.read()


@pytest.mark.parametrize("container", ["zip", "7z"])
def test_written_archive_is_read_by_its_signature(folder: Path, container: str) -> None:
    done = write_bill(folder / NAME, _produce, DAY, container)
    assert done.result == 7
    assert _read(done.path) == (container, _unpacked())
    data = done.path.read_bytes()
    assert (done.size, done.sha256) == (len(data), hashlib.sha256(data).hexdigest())
    assert os.listdir(folder) == [NAME]


@pytest.mark.parametrize("write", [write_zip, write_7z])
def test_same_data_same_bytes(folder: Path, write: object) -> None:
    assert callable(write)
    first = write(folder / "a.7z", _produce, DAY)
    os.utime(folder, (0, 0))
    second = write(folder / "b.7z", _produce, DAY)
    other = write(folder / "c.7z", _produce, date(2021, 5, 31))
    assert first.sha256 == second.sha256 != other.sha256


def test_other_programs_open_the_zip(folder: Path) -> None:
    done = write_zip(folder / NAME, _produce, DAY)
    with zipfile.ZipFile(done.path) as archive:
        member = archive.getinfo("bill.xml")
        assert archive.testzip() is None
        assert member.date_time == (2021, 4, 30, 0, 0, 0)
        assert not member.flag_bits & 0x8  # sizes stand in front, as simple unpackers want


def test_a_failing_producer_leaves_nothing(folder: Path) -> None:
    def fail(stream: IO[bytes]) -> None:
        stream.write(XML)
        raise OSError(28, "No space left on device")

    (folder / NAME).write_bytes(b"old")
    for write in (write_zip, write_7z):
        with pytest.raises(OSError, match="No space"):
            write(folder / NAME, fail, DAY)
    assert os.listdir(folder) == [NAME]
    assert (folder / NAME).read_bytes() == b"old"


def test_bare_xml_and_file_objects(folder: Path) -> None:
    path = folder / "bill.xml"
    for start in (b"", b"\xef\xbb\xbf", b"\r\n "):
        path.write_bytes(start + XML)
        assert _read(path) == ("xml", start + XML)
    done = write_zip(folder / NAME, _produce, DAY)
    with open_bill(io.BytesIO(done.path.read_bytes()), "из базы") as stream:
        assert (stream.name, stream.size) == ("из базы", len(_unpacked()))


def _refused(path: Path) -> str:
    with pytest.raises(FormatError) as refused, open_bill(path) as stream:
        while stream.read(1 << 16):
            pass
    return str(refused.value)


def test_missing_empty_and_foreign_files(folder: Path) -> None:
    path = folder / NAME
    assert "не открыть" in _refused(path)
    for data, says in ((b"", "файл пуст"), (b"Rar!\x1a\x07", "это не ZIP"), (b"abc", "это не ZIP")):
        path.write_bytes(data)
        text = _refused(path)
        assert says in text and NAME in text


@pytest.mark.parametrize("make", [_zip, _seven])
def test_members_other_than_one_bill(folder: Path, make: object) -> None:
    assert callable(make)
    path = folder / NAME
    two = _refused(make(path, ("bill.xml", XML), ("readme.txt", b"x")))
    assert "Неверное количество файлов" in two and ": 2," in two
    path.unlink()
    assert "«Bill.xml», должно быть bill.xml" in _refused(make(path, ("Bill.xml", XML)))
    path.unlink()
    assert "«a/bill.xml»" in _refused(make(path, ("a/bill.xml", XML)))


def test_empty_zip_and_path_escapes(folder: Path) -> None:
    path = folder / NAME
    assert ": 0," in _refused(_zip(path))
    for name in ("../bill.xml", "/etc/bill.xml", "..\\bill.xml", "C:\\bill.xml"):
        assert "небезопасен" in _refused(_zip(path, (name, XML)))
    assert sorted(os.listdir(folder)) == [NAME]


def test_passwords(folder: Path) -> None:
    path = _zip(folder / NAME, ("bill.xml", XML))
    data = bytearray(path.read_bytes())
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    assert "закрыт паролем" in _refused(path)
    path.unlink()
    assert "закрыт паролем" in _refused(_seven(path, ("bill.xml", XML), password="x"))


@pytest.mark.parametrize("container", ["zip", "7z"])
def test_truncated_and_damaged_archives(folder: Path, container: str) -> None:
    whole = write_bill(folder / NAME, _produce, DAY, container).path.read_bytes()
    path = folder / "x.7z"
    for share in (2, 50, 99):
        path.write_bytes(whole[: max(8, len(whole) * share // 100)])
        assert "Ошибка при открытии архива" in _refused(path)
    random_ = random.Random(1)
    refused = 0
    for _ in range(60):
        data = bytearray(whole)
        for _ in range(3):
            data[random_.randrange(6, len(data))] ^= 1 << random_.randrange(8)
        path.write_bytes(data)
        try:
            with open_bill(path) as stream:
                while stream.read(1 << 16):
                    pass
        except FormatError:
            refused += 1
    assert refused > 20


class _Zeros:
    def __init__(self, size: int) -> None:
        self.size = size

    def __call__(self, stream: IO[bytes]) -> None:
        for piece in self.pieces():
            stream.write(piece)

    def pieces(self) -> Iterator[bytes]:
        left = self.size
        while left > 0:
            yield b" " * min(left, 1 << 20)
            left -= 1 << 20


@pytest.mark.parametrize("container", ["zip", "7z"])
def test_bombs_are_refused_before_unpacking(folder: Path, container: str) -> None:
    path = write_bill(folder / NAME, _Zeros(containers.RATIO_FROM + (1 << 20)), DAY, container).path
    assert "слишком большой" in _refused(path)


@pytest.mark.parametrize("container", ["zip", "7z"])
def test_size_limit(folder: Path, container: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_bill(folder / NAME, _produce, DAY, container).path
    monkeypatch.setattr(containers, "SIZE_LIMIT", 1000)
    assert "слишком большой" in _refused(path)


def test_a_zip_that_lies_about_its_size(folder: Path) -> None:
    path = write_zip(folder / NAME, _produce, DAY).path
    data = bytearray(path.read_bytes())
    place = data.index(b"PK\x01\x02") + 24
    data[place : place + 4] = (100).to_bytes(4, "little")
    path.write_bytes(data)
    assert "Ошибка при открытии архива" in _refused(path)


def test_a_zip_of_an_unknown_method(folder: Path) -> None:
    path = _zip(folder / NAME, ("bill.xml", XML))
    data = bytearray(path.read_bytes())
    data[8] = 97
    data[data.index(b"PK\x01\x02") + 10] = 97
    path.write_bytes(data)
    assert "способ сжатия не поддерживается" in _refused(path)


def test_a_7z_with_a_huge_dictionary(folder: Path) -> None:
    filters = [{"id": py7zr.FILTER_LZMA2, "preset": 1, "dict_size": 1 << 29}]
    path = folder / NAME
    archive = py7zr.SevenZipFile(path, "w", filters=filters)
    archive.writestr(XML, "bill.xml")
    archive.close()
    assert "слишком много памяти" in _refused(path)


def test_samples_of_both_kinds(shared: Path) -> None:
    samples = shared / "samples" / "yaroslavl"
    kinds = {}
    for path in sorted(samples.rglob("*.7z")):
        kinds[path.relative_to(samples).as_posix()] = _read(path)
    assert kinds[NAME][0] == "zip"
    seven = kinds["true7z/1027600099900760499001210412A.7z"]
    assert seven == ("7z", kinds["1027600099900760499001210412A.7z"][1])
