"""The beginning of a file of the exchange (начало файла): enough to tell what it is, within a moment."""

from __future__ import annotations

import lzma
import struct
from dataclasses import dataclass, field
from typing import BinaryIO
from xml.parsers import expat

import py7zr
from py7zr.exceptions import ArchiveError
from py7zr.io import Py7zIO, WriterFactory

from omstui.domain.errors import FormatError
from omstui.formats.containers import MEMBER
from omstui.formats.xmlsafe import Guarded, Readable, expat_failure, expat_parser

HEAD = 1 << 16
#: the head of a document ends where its records begin
_RECORDS = {"patient", "ZAP", "PERS", "PR", "flk"}


@dataclass(slots=True)
class Head:
    """The beginning of an XML document: root, attributes and texts before the first record."""

    root: str = ""
    attrs: dict[str, dict[str, str]] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    amounts: list[str] = field(default_factory=list)  # of account_elem_t
    tags: set[str] = field(default_factory=set)


def read_head(stream: Readable, name: str) -> Head:
    """Read the beginning of a document up to its first record; refuse DTDs and damaged XML."""
    source = Guarded(stream, name)
    head = Head()
    parser = expat_parser(name)
    path: list[str] = []
    text: list[str] = []
    done = False

    def start(tag: str, attrs: dict[str, str]) -> None:
        nonlocal done
        if done:
            return
        if not path:
            head.root = tag
        path.append(tag)
        head.tags.add(tag)
        text.clear()
        if tag in _RECORDS:
            done = True
        elif tag == "account_elem":
            if path[-2] == "account_elem_t":
                head.amounts.append(attrs.get("amount", ""))
        elif attrs:
            head.attrs.setdefault(tag, attrs)

    def end(tag: str) -> None:
        if done:
            return
        path.pop()
        value = "".join(text).strip()
        text.clear()
        if value:
            head.texts.setdefault(tag, value)

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text.append
    try:
        read = 0
        while not done and read < 4 * HEAD:
            chunk = source.read(HEAD)
            if not chunk:
                break
            read += len(chunk)
            parser.Parse(chunk, False)
    except expat.ExpatError as error:
        if not done:
            raise expat_failure(name, error) from None
    return head


#: what py7zr raises for damaged input
_BROKEN = (
    ArchiveError, lzma.LZMAError, ValueError, EOFError, struct.error, MemoryError, KeyError, IndexError,
    AttributeError, TypeError, AssertionError, OSError, NotImplementedError, OverflowError,
)  # fmt: skip


class _Enough(Exception):
    """The beginning is unpacked, the rest is not wanted."""


class _Beginning(Py7zIO):
    def __init__(self) -> None:
        self.data = bytearray()

    def write(self, s: bytes | bytearray) -> int:
        self.data += s
        if len(self.data) >= HEAD:
            raise _Enough
        return len(s)

    def read(self, size: int | None = None) -> bytes:
        return b""

    def seek(self, offset: int, whence: int = 0) -> int:
        return 0

    def flush(self) -> None:
        return None

    def size(self) -> int:
        return len(self.data)


class _Factory(WriterFactory):
    def __init__(self, product: _Beginning) -> None:
        self._product = product

    def create(self, filename: str) -> Py7zIO:
        return self._product


def beginning_of_7z(stream: BinaryIO, name: str) -> tuple[list[str], bytes]:
    """(names of members, beginning of bill.xml) of a true 7-Zip; the rest is not unpacked.

    The bytes are empty unless bill.xml is the only member. FormatError for a damaged archive.
    """
    beginning = _Beginning()
    members: list[str] = []
    try:
        with py7zr.SevenZipFile(stream, "r") as archive:
            members = archive.getnames()
            if members == [MEMBER]:
                if archive.needs_password():
                    raise FormatError(
                        f"Архив «{name}» закрыт паролем.", hint="Попросите прислать его без пароля."
                    )
                archive.extract(targets=[MEMBER], factory=_Factory(beginning))
    except _Enough:
        pass
    except _BROKEN as error:
        raise FormatError(
            f"Ошибка при открытии архива «{name}»: содержимое повреждено.",
            hint="Попросите прислать файл заново.",
        ) from error
    return members, bytes(beginning.data)
