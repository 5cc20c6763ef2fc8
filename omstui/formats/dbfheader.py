"""Header of a DBF (заголовок таблицы): what it says, and whether the file can be what it says."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from datetime import date
from typing import BinaryIO

from omstui.domain.errors import FormatError

AGAIN = "Попросите прислать файл заново."
#: versions our block codec reads; other readable ones go through dbfread
PLAIN_VERSIONS = frozenset({0x03, 0x30})
ODD_VERSIONS = frozenset({0x02, 0x04, 0x31, 0x32, 0x43, 0x63, 0xFB})
_MEMO_VERSIONS = frozenset({0x83, 0x8B, 0xCB, 0xF5, 0xE5, 0x8C, 0x87})
_FOX = frozenset({0x30, 0x31, 0x32})
#: types kept as text, the only ones the block codec knows
PLAIN_TYPES = frozenset("CNDLF")
_ODD_TYPES = frozenset("IYBTO@+V")
#: language driver of the header → encoding it claims
MARKS = {0x26: "cp866", 0x65: "cp866", 0xC9: "cp1251"}
_DECIDING = 400  # letters outside ASCII that are enough to judge an encoding by
_LOOKED_AT = 1 << 22


@dataclass(frozen=True, slots=True)
class Column:
    """A column as the file has it; ``start`` counts from the beginning of the record."""

    name: str
    type: str
    length: int
    decimals: int
    start: int

    @property
    def slice(self) -> slice:
        return slice(self.start, self.start + self.length)


@dataclass(slots=True)
class Header:
    """What the header says, checked against the size of the file."""

    name: str
    version: int
    changed: date | None
    count: int
    length: int  # of the header
    record: int
    mark: int
    columns: tuple[Column, ...]
    encoding: str = "cp866"
    notes: list[str] = field(default_factory=list)

    @property
    def plain(self) -> bool:
        """Whether the block codec reads it."""
        return (
            self.version in PLAIN_VERSIONS
            and self.encoding != "utf-8"
            and all(c.type in PLAIN_TYPES for c in self.columns)
        )


def looks_like(start: bytes) -> bool:
    """Whether the beginning of a file is a header of a table, of a kind we read or not."""
    if len(start) < 65 or start[0] not in PLAIN_VERSIONS | ODD_VERSIONS | _MEMO_VERSIONS:
        return False
    length, record = struct.unpack_from("<HH", start, 8)
    # zeros of the reserved bytes keep apart a text that begins with «0» or «C», versions as well
    if 0 not in start[12:32] or start[2] > 12 or start[3] > 31:
        return False
    return bool(length >= 65 and record >= 2)


def refusal(name: str, reason: str, hint: str = AGAIN) -> FormatError:
    return FormatError(f"Файл {name}: {reason}.", title="Таблица DBF не прочитана", hint=hint)


def read_header(stream: BinaryIO, name: str) -> Header:
    """Read the header and check it. FormatError says what is wrong and where."""
    start = stream.read(32)
    if len(start) < 32:
        raise refusal(name, f"заголовок обрывается: байт {len(start)}, а нужно хотя бы 32")
    version, yy, mm, dd, count, length, record, mark = struct.unpack("<4BIHH17xB2x", start)
    _check_version(name, version)
    if length < 65 or record < 2:
        raise refusal(name, f"это не таблица DBF (длина заголовка {length}, записи {record})")
    body = stream.read(length - 32)
    if len(body) < length - 32:
        raise refusal(name, f"заголовок обрывается: байт {len(body) + 32}, а должно быть {length}")
    columns = _columns(name, body, record, version)
    header = Header(name, version, _day(yy, mm, dd), count, length, record, mark, columns)
    stream.seek(0, 2)
    _check_size(stream, header)
    _choose_encoding(stream, header)
    return header


def _check_version(name: str, version: int) -> None:
    if version in _MEMO_VERSIONS:
        raise _memo(name, f"версия 0x{version:02X}")
    if version not in PLAIN_VERSIONS and version not in ODD_VERSIONS:
        raise refusal(
            name,
            f"это не таблица DBF или неизвестная её версия (первый байт 0x{version:02X})",
            "Нужна таблица dBase III или FoxPro без примечаний.",
        )


def _memo(name: str, where: str) -> FormatError:
    return refusal(
        name,
        f"таблица с примечаниями (MEMO, {where}), такие не читаются",
        "Попросите прислать её без полей примечаний.",
    )


def _day(yy: int, mm: int, dd: int) -> date | None:
    try:
        return date(yy + (2000 if yy < 80 else 1900), mm, dd)
    except ValueError:
        return None


def _columns(name: str, body: bytes, record: int, version: int) -> tuple[Column, ...]:
    found: list[tuple[str, str, int, int]] = []
    for at in range(0, len(body), 32):
        if body[at] in (0x0D, 0x0A):
            break
        if len(body) - at < 32:
            raise refusal(name, f"описание колонки {at // 32 + 1} в заголовке обрывается")
        title, letter, size, decimals = struct.unpack_from("<11sc4xBB", body, at)
        title = title.split(b"\0")[0].decode("cp866").strip().upper()
        found.append((title, letter.decode("latin-1").upper(), size, decimals))
    else:
        raise refusal(name, "в заголовке нет конца описания колонок (0x0D)")
    return _placed(name, found, record, version)


def _placed(
    name: str, found: list[tuple[str, str, int, int]], record: int, version: int
) -> tuple[Column, ...]:
    if not found:
        raise refusal(name, "в таблице нет ни одной колонки")
    # a text longer than 255 keeps the high byte of its length where decimals stand
    long = [(t, k, n + (d << 8), 0) if k == "C" else (t, k, n, d) for t, k, n, d in found]
    if 1 + sum(f[2] for f in found) != record and 1 + sum(f[2] for f in long) == record:
        found = long
    columns, start = [], 1
    for number, (title, kind, size, decimals) in enumerate(found, 1):
        where = f"колонка {number} «{title}»"
        if kind in "MGP" or (kind == "B" and version not in _FOX):
            raise _memo(name, where)
        if not size or (kind not in PLAIN_TYPES | _ODD_TYPES and kind != "0"):
            raise refusal(name, f"{where}: неизвестный тип «{kind}» или длина {size}")
        if (kind == "D" and size != 8) or (kind == "L" and size != 1) or (kind in "NF" and decimals >= size):
            raise refusal(name, f"{where}: тип {kind} не бывает длины {size}.{decimals}")
        if kind != "0":  # the hidden column of empty marks of Visual FoxPro
            columns.append(Column(title, kind, size, decimals, start))
        start += size
    if start != record:
        raise refusal(
            name, f"в заголовке длина записи {record}, а колонки занимают {start}: таблица испорчена"
        )
    return tuple(columns)


def _check_size(stream: BinaryIO, header: Header) -> None:
    size = stream.tell()
    whole = (size - header.length) // header.record
    if whole < header.count:
        raise refusal(
            header.name,
            f"в заголовке записей {header.count}, а в файле их {max(whole, 0)}: файл обрывается",
        )
    stream.seek(header.length + header.count * header.record)
    rest = stream.read(header.record)
    # whatever follows the end mark is filling; a record without it is one the header forgot
    if len(rest) == header.record and rest[0] in b" *":
        raise refusal(
            header.name,
            f"в заголовке записей {header.count}, но за ними в файле есть ещё ({whole - header.count}):"
            " таблицу не закрыли после записи",
        )
    if rest[:1] != b"\x1a":
        header.notes.append("нет знака конца таблицы (0x1A), записи все на месте")


def _choose_encoding(stream: BinaryIO, header: Header) -> None:
    """Judge by the letters: marks of the code page are often absent or wrong.

    Bytes 80–AF are letters of cp866 only, C0–DF and F2–F7 of windows-1251 only (boxes and letters of
    other languages in cp866).
    """
    claimed = MARKS.get(header.mark, "cp866")
    dos = win = 0
    eight = bytearray()
    stream.seek(header.length)
    left = min(_LOOKED_AT, header.count * header.record)
    while left > 0 and dos + win < _DECIDING:
        block = stream.read(min(left, 1 << 16))
        left -= len(block)
        high = block.translate(None, _ASCII)
        if high and len(eight) < 4096:
            eight += block
        dos += len(high) - len(high.translate(None, _DOS))
        win += len(high) - len(high.translate(None, _WIN))
        if not block:
            break
    if _is_utf8(bytes(eight)):
        header.encoding = "utf-8"
    else:
        header.encoding = "cp1251" if win > dos else "cp866" if dos > win else claimed
    if header.mark in MARKS and header.encoding != claimed:
        header.notes.append(
            f"в заголовке кодировка {claimed}, а текст в {header.encoding}: прочитано как {header.encoding}"
        )


_ASCII = bytes(range(0x80))
_DOS = bytes([*range(0x80, 0xA8), *range(0xA9, 0xB0)])
_WIN = bytes([*range(0xC0, 0xE0), *range(0xF2, 0xF8)])


def _is_utf8(sample: bytes) -> bool:
    """Whether Russian text of the sample is UTF-8: every letter a pair with D0 or D1 before it."""
    high = sample.translate(None, _ASCII)
    leads = high.count(0xD0) + high.count(0xD1)
    if len(high) < 2 or leads * 10 < len(high) * 4:
        return False
    try:
        sample.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start >= len(sample) - 1
    return True
