"""Containers of bill.xml (ZIP под именем .7z, 7-Zip, голый XML): opened by signature, streamed.

Nothing of an archive is held in memory whole: ZIP is decompressed as it is read, 7-Zip goes through
a temporary file. Every refusal names the file and the reason.
"""

from __future__ import annotations

import errno
import hashlib
import io
import lzma
import os
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import IO, Any, BinaryIO

import py7zr
from py7zr.exceptions import ArchiveError
from py7zr.helpers import ArchiveTimestamp
from py7zr.io import Py7zIO, WriterFactory

from omstui.domain.errors import FormatError, reason_of

MEMBER = "bill.xml"
#: unpacked size nobody needs to exceed: a bill of 350 MB is legitimate, 4 GiB is not
SIZE_LIMIT = 4 << 30
#: above this size the ratio of unpacked to packed is looked at; a bill packs 7–40 : 1
RATIO_FROM = 50 << 20
RATIO_LIMIT = 200
_DICTIONARY_LIMIT = 256 << 20
_CHUNK = 1 << 20
_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_SEVEN = b"7z\xbc\xaf\x27\x1c"
_ZIP64_FROM = (1 << 31) - 1
#: what zipfile, zlib and py7zr raise for damaged input; all of them mean «broken archive»
_BROKEN = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, ArchiveError, EOFError, struct.error,
    ValueError, KeyError, IndexError, TypeError, AttributeError, AssertionError,
    NotImplementedError, OverflowError, MemoryError,
)  # fmt: skip


class BillStream(io.RawIOBase):
    """bill.xml as a readable stream. ``size`` is its unpacked size as the archive states it."""

    def __init__(self, source: IO[bytes], name: str, container: str, size: int, limit: int) -> None:
        super().__init__()
        self._source = source
        self.name = name
        self.container = container  # zip | 7z | xml
        self.size = size
        self._left = limit

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        if size is None or size < 0:
            pieces = []
            while piece := self.read(_CHUNK):
                pieces.append(piece)
            return b"".join(pieces)
        try:
            data = self._source.read(size)
        except _BROKEN as error:
            raise _broken(self.name, _reason(error)) from None
        self._left -= len(data)
        if self._left < 0:
            raise _bomb(self.name)
        return data

    def readinto(self, buffer: Any, /) -> int:
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def _broken(name: str, reason: str) -> FormatError:
    return FormatError(
        f"Ошибка при открытии архива «{name}»: {reason}.",
        title="Архив повреждён",
        hint="Попросите прислать файл заново.",
    )


def _bomb(name: str) -> FormatError:
    return FormatError(
        f"Архив «{name}» распаковывается в слишком большой файл "
        f"(больше {SIZE_LIMIT >> 30} ГБ или сжат сильнее {RATIO_LIMIT}:1), он не принимается.",
        title="Небезопасный архив",
        hint="Проверьте, от кого файл.",
    )


def _reason(error: BaseException) -> str:
    if isinstance(error, EOFError):
        return "архив обрывается"
    if isinstance(error, (NotImplementedError, py7zr.UnsupportedCompressionMethodError)):
        return "способ сжатия не поддерживается, нужен ZIP или 7-Zip без пароля"
    if isinstance(error, MemoryError):
        return "для распаковки нужно слишком много памяти"
    if "crc" in str(error).lower():
        return "контрольная сумма не сходится"
    return "содержимое повреждено"


def _encrypted(name: str) -> FormatError:
    return FormatError(
        f"Архив «{name}» закрыт паролем.",
        title="Архив не открыть",
        hint="Попросите прислать его без пароля.",
    )


def _check_members(name: str, members: list[str]) -> None:
    """Exactly one file, and bill.xml is its name (R10, R11 of the acceptance)."""
    if len(members) != 1:
        raise FormatError(
            f"Неверное количество файлов в архиве «{name}»: {len(members)}, должен быть один.",
            title="Не тот архив",
        )
    if members[0] != MEMBER:
        shown = "".join(c if c.isprintable() else "·" for c in members[0])[:80]
        parts = members[0].replace("\\", "/").split("/")
        unsafe = ".." in parts or parts[0] == "" or ":" in parts[0]
        why = "такой путь небезопасен" if unsafe else f"должно быть {MEMBER}"
        raise FormatError(f"Неверное имя файла в архиве «{name}»: «{shown}», {why}.", title="Не тот архив")


def _check_size(name: str, size: int, packed: int) -> None:
    if size > SIZE_LIMIT or (size > RATIO_FROM and size > RATIO_LIMIT * max(packed, 1)):
        raise _bomb(name)


@contextmanager
def open_bill(source: str | Path | BinaryIO, name: str = "") -> Iterator[BillStream]:
    """Open a file of the exchange and give bill.xml in it as a stream.

    ``source`` is a path or a seekable binary file; ``name`` is shown in refusals. Raises
    FormatError for anything that is not exactly one readable bill.xml.
    """
    if isinstance(source, (str, Path)):
        path = Path(source)
        try:
            opened = path.open("rb")
        except OSError as error:
            raise FormatError(
                f"Файл «{path}» не открыть: {reason_of(error)}.", title="Файл не открыть"
            ) from None
        with opened, open_bill(opened, name or path.name) as stream:
            yield stream
        return
    name = name or str(getattr(source, "name", "") or "файл")
    size = source.seek(0, os.SEEK_END)
    source.seek(0)
    head = source.read(8)
    source.seek(0)
    if head[:4] in _ZIP:
        with _open_zip(source, name, size) as stream:
            yield stream
    elif head[:6] == _SEVEN:
        with _open_7z(source, name, size) as stream:
            yield stream
    elif head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<":
        if size > SIZE_LIMIT:
            raise _bomb(name)
        yield BillStream(source, name, "xml", size, SIZE_LIMIT)
    elif not size:
        raise _broken(name, "файл пуст")
    else:
        raise _broken(name, "это не ZIP, не 7-Zip и не XML")


Pick = Callable[[str, list[zipfile.ZipInfo]], zipfile.ZipInfo]


def _bill_member(name: str, members: list[zipfile.ZipInfo]) -> zipfile.ZipInfo:
    _check_members(name, [m.filename for m in members])
    return members[0]


@contextmanager
def open_zip(source: BinaryIO, name: str, pick: Pick) -> Iterator[BillStream]:
    """The member of a ZIP that ``pick`` chooses, as a stream; FormatError for damaged and hostile ones."""
    size = source.seek(0, os.SEEK_END)
    source.seek(0)
    with _open_zip(source, name, size, pick) as stream:
        yield stream


@contextmanager
def _open_zip(source: BinaryIO, name: str, packed: int, pick: Pick = _bill_member) -> Iterator[BillStream]:
    try:
        archive = zipfile.ZipFile(source)
    except _BROKEN as error:
        text = str(error).lower()
        cut = "not a zip" in text or "truncated" in text or "end" in text
        raise _broken(name, "архив обрывается" if cut else _reason(error)) from None
    with archive:
        member = pick(name, archive.infolist())
        if member.flag_bits & 1:
            raise _encrypted(name)
        _check_size(name, member.file_size, packed)
        try:
            opened = archive.open(member)
        except (*_BROKEN, OSError) as error:
            if isinstance(error, OSError) and error.errno != errno.EINVAL:
                raise
            # EINVAL: the directory points before the beginning of the file
            raise _broken(name, _reason(error)) from None
        with opened:
            # the size the directory states may lie; ZipExtFile stops at it, and we at ours
            yield BillStream(opened, name, "zip", member.file_size, SIZE_LIMIT)


class _Sink(Py7zIO):
    """Takes what py7zr unpacks into a temporary file, no more than announced."""

    def __init__(self, file: IO[bytes], name: str, limit: int) -> None:
        self._file = file
        self._name = name
        self._limit = limit
        self._size = 0

    def write(self, s: bytes | bytearray) -> int:
        self._size += len(s)
        if self._size > self._limit:
            raise _bomb(self._name)
        return self._file.write(s)

    def read(self, size: int | None = None) -> bytes:
        return self._file.read(-1 if size is None else size)

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def flush(self) -> None:
        self._file.flush()

    def size(self) -> int:
        return self._size


class _SinkFactory(WriterFactory):
    def __init__(self, sink: _Sink) -> None:
        self._sink = sink

    def create(self, filename: str) -> Py7zIO:
        return self._sink


@contextmanager
def _open_7z(source: BinaryIO, name: str, packed: int) -> Iterator[BillStream]:
    with tempfile.TemporaryFile(prefix="omstui-") as unpacked:
        try:
            size = _unpack_7z(source, name, packed, unpacked)
        except _BROKEN as error:
            if isinstance(error, py7zr.PasswordRequired):
                raise _encrypted(name) from None
            raise _broken(name, _reason(error)) from None
        unpacked.seek(0)
        yield BillStream(unpacked, name, "7z", size, SIZE_LIMIT)


def _unpack_7z(source: BinaryIO, name: str, packed: int, target: IO[bytes]) -> int:
    with py7zr.SevenZipFile(source, "r") as archive:
        if archive.needs_password():
            raise _encrypted(name)
        members = archive.list()
        _check_members(name, [m.filename for m in members])
        size = int(members[0].uncompressed)
        _check_size(name, size, packed)
        _check_dictionaries(archive)
        # a full disk is the operator's to mend and no fault of the archive: OSError passes
        archive.extract(targets=[MEMBER], factory=_SinkFactory(_Sink(target, name, size)))
    if target.seek(0, os.SEEK_END) != size:
        raise EOFError
    return size


def _check_dictionaries(archive: py7zr.SevenZipFile) -> None:
    """Refuse coders that would take gigabytes of memory for their dictionary."""
    streams = archive.header.main_streams
    for folder in streams.unpackinfo.folders if streams else ():
        for coder in folder.coders:
            properties = coder.get("properties") or b""
            if coder["method"] == b"\x21" and len(properties) == 1:  # LZMA2
                bits = properties[0]
                dictionary = (2 | bits & 1) << (bits // 2 + 11)
            elif coder["method"] == b"\x03\x01\x01" and len(properties) == 5:  # LZMA
                dictionary = int.from_bytes(properties[1:], "little")
            else:
                continue
            if dictionary > _DICTIONARY_LIMIT:
                raise MemoryError


# --- writing ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Written:
    """A file that was written whole: what it is and what the producer returned."""

    path: Path
    sha256: str
    size: int
    result: Any = None


Producer = Callable[[IO[bytes]], Any]


def write_zip(path: Path, producer: Producer, when: date, *, level: int = 6, expected: int = 0) -> Written:
    """Write a ZIP with bill.xml; the producer writes into the stream it is given.

    ``when`` dates the member, so the same data give the same bytes; ``expected`` is the unpacked
    size in bytes if it may pass 2 GiB. Appears under its name whole or not at all.
    """

    def fill(target: IO[bytes]) -> Any:
        member = zipfile.ZipInfo(MEMBER, (when.year, when.month, when.day, 0, 0, 0))
        member.compress_type = zipfile.ZIP_DEFLATED
        member.create_system = 0
        member.external_attr = 0x20
        with (
            zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as archive,
            archive.open(member, "w", force_zip64=expected >= _ZIP64_FROM) as stream,
        ):
            buffered = io.BufferedWriter(_Raw(stream), _CHUNK)
            result = producer(buffered)
            buffered.flush()
            return result

    return _write_whole(path, fill)


class _Raw(io.RawIOBase):
    """Lets a BufferedWriter gather small pieces before the compressor without closing it."""

    def __init__(self, stream: IO[bytes]) -> None:
        super().__init__()
        self._stream = stream

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        return self._stream.write(data)


def write_7z(path: Path, producer: Producer, when: date, *, preset: int = 1) -> Written:
    """Write a real 7-Zip (LZMA2) with bill.xml, through a temporary file beside the target."""

    def fill(target: IO[bytes]) -> Any:
        with tempfile.TemporaryFile(prefix=".omstui-", dir=path.parent) as plain:
            result = producer(plain)
            plain.seek(0)
            filters = [{"id": py7zr.FILTER_LZMA2, "preset": preset}]
            with py7zr.SevenZipFile(target, "w", filters=filters) as archive:
                archive.writef(plain, MEMBER)
                moment = datetime(when.year, when.month, when.day, tzinfo=UTC).timestamp()
                for member in archive.header.files_info.files:
                    for key in ("creationtime", "lastwritetime", "lastaccesstime"):
                        member[key] = ArchiveTimestamp.from_datetime(moment)
            return result

    return _write_whole(path, fill)


def write_bill(path: Path, producer: Producer, when: date, container: str, *, expected: int = 0) -> Written:
    """Write bill.xml in the container the settings name («zip» or «7z»)."""
    if container == "7z":
        return write_7z(path, producer, when)
    return write_zip(path, producer, when, expected=expected)


def _write_whole(path: Path, fill: Producer) -> Written:
    """Write beside the target, sync, rename: an abort or a full disk leaves nothing behind."""
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "w+b") as target:
            result = fill(target)
            target.flush()
            target.seek(0)
            digest = hashlib.file_digest(target, "sha256").hexdigest()
            size = target.tell()
            os.fsync(target.fileno())
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(temporary, 0o666 & ~mask)
        os.replace(temporary, path)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(temporary)
        raise
    return Written(path, digest, size, result)
