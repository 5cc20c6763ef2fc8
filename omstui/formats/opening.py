"""Finding the sources among files, folders and ZIPs (пары H+L, CSV, …13X), in a fixed order.

Files are told apart by content (root element, signature), names only pair them. Nothing is unpacked
to the disk: a member of a ZIP is read as a stream, so its name can do no harm, yet a name that tries
to is refused.
"""

from __future__ import annotations

import os
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any

from omstui.domain.errors import FormatError, OmsError, reason_of
from omstui.formats import federalnames
from omstui.formats.csvsource import CsvSource, mapping_beside
from omstui.formats.dbfheader import looks_like as looks_dbf
from omstui.formats.federal import FederalPair, Part
from omstui.formats.source import BadFile, SourceFile

#: a legitimate month of a regional hospital is some 2 GB unpacked; more members are no exchange
SIZE_LIMIT = 8 << 30
MEMBER_LIMIT = 5000
RATIO_FROM = 50 << 20
RATIO_LIMIT = 300
_HEAD = 1 << 16
_ROOT = re.compile(rb"<(?![?!])(?:\w+:)?(\w+)")
_SKIPPED = re.compile(rb"<!--.*?-->|<\?.*?\?>", re.DOTALL)
_FILENAME = re.compile(rb"<FILENAME>\s*([^<\s]+)\s*</FILENAME>")
_FILENAME1 = re.compile(rb"<FILENAME1>\s*([^<\s]+)\s*</FILENAME1>")
_BROKEN = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError)


@dataclass(frozen=True, slots=True)
class BillPath:
    """A bill file (…13X, .7z) found among the input: the domain knows what to do with it."""

    name: str
    path: Path


Found = SourceFile | BadFile | BillPath


@dataclass(frozen=True, slots=True)
class _Item:
    """A file or a member of a ZIP, looked at but not read."""

    name: str
    place: str  # folder or archive: pairs are looked for inside one
    root: str
    head: bytes
    part: Part


def open_sources(paths: Iterable[Path], mapping: Path | None = None) -> Iterator[Found]:
    """Yield every source of the paths, and what is no source with the reason."""
    files, beside = _files(paths)
    items: list[_Item] = []
    for path in files:
        yield from _look(path, mapping, items)
    yield from _pairs(items, beside)


def _files(paths: Iterable[Path]) -> tuple[list[Path], set[Path]]:
    """Files in order, and the folders beside single files, where the other of a pair may lie."""
    found: dict[Path, None] = {}
    beside: set[Path] = set()
    for path in paths:
        if path.is_dir():
            for folder, names, files in os.walk(path):
                names[:] = sorted(n for n in names if not n.startswith("."))
                for name in sorted(files, key=str.upper):
                    if not name.startswith(".") and not name.endswith(".mapping.toml"):
                        found[Path(folder, name)] = None
        else:
            found[path] = None
            beside.add(path.parent)
    return list(found), beside


def _look(path: Path, mapping: Path | None, items: list[_Item]) -> Iterator[Found]:
    try:
        if path.exists() and not path.is_file():  # a pipe: reading it would wait without end
            yield BadFile(path.name, "это не обычный файл")
            return
        with path.open("rb") as stream:
            head = stream.read(_HEAD)
    except OSError as error:
        yield BadFile(path.name, f"файл не читается: {reason_of(error)}")
        return
    root = _root(head)
    if path.suffix.lower() == ".7z" or root == "package":
        yield BillPath(path.name, path)
    elif head.startswith(b"PK"):
        yield from _archive(path, items)
    elif root in ("ZL_LIST", "PERS_LIST"):
        part = _file(path)
        items.append(_Item(path.name, str(path.parent), root, head, part))
    elif looks_dbf(head):
        yield _dbf(path)
    elif path.suffix.lower() in (".csv", ".txt"):
        yield _csv(path, mapping)
    else:
        yield _foreign(path.name, root)


def _file(path: Path) -> Part:
    return Part(path.name, lambda: path.open("rb"))


def _foreign(name: str, root: str) -> BadFile:
    what = f"корень XML <{root}>" if root else "не XML, не ZIP, не CSV и не DBF"
    return BadFile(
        name, f"не похож на файл случаев ({what}): нужны пары H/C/T/D и L, ZIP с ними, CSV или DBF"
    )


def _csv(path: Path, mapping: Path | None) -> Found:
    if mapping is None and not mapping_beside(path).is_file():
        return BadFile(
            path.name,
            f"нет файла соответствия {mapping_beside(path).name} рядом с CSV: "
            "положите его рядом или укажите --mapping",
        )
    try:
        return CsvSource(path, mapping)
    except OmsError as error:
        return BadFile(path.name, str(error))


def _dbf(path: Path) -> Found:
    from omstui.formats.dbfsource import DbfSource, refused_by_name  # only a DBF pays for the import

    if reason := refused_by_name(path.name):
        return BadFile(path.name, reason)
    try:
        return DbfSource(path)
    except OmsError as error:
        return BadFile(path.name, str(error))


def _root(head: bytes) -> str:
    found = _ROOT.search(_SKIPPED.sub(b"", head))
    return found[1].decode("ascii", "replace") if found else ""


# --- archives --------------------------------------------------------------------------------


def _archive(path: Path, items: list[_Item]) -> Iterator[Found]:
    try:
        with zipfile.ZipFile(path) as archive:
            members = [m for m in archive.infolist() if not m.is_dir()]
            if [m.filename for m in members] == ["bill.xml"]:
                yield BillPath(path.name, path)
                return
            reason = _refused(members, path.stat().st_size)
            if reason:
                yield BadFile(path.name, reason)
                return
            for member in sorted(members, key=lambda m: m.filename.upper()):
                with archive.open(member) as stream:
                    head = stream.read(_HEAD)
                yield from _member(path, member.filename, head, items)
    except _BROKEN:
        yield BadFile(path.name, "архив ZIP испорчен: попросите прислать его заново")


def _member(path: Path, member: str, head: bytes, items: list[_Item]) -> Iterator[Found]:
    name = f"{path.name}/{member}"
    root = _root(head)
    if root in ("ZL_LIST", "PERS_LIST"):
        place = f"{path}/{PurePosixPath(member).parent}"
        items.append(_Item(member, place, root, head, Part(name, _opener(path, member, name))))
    elif looks_dbf(head):
        yield BadFile(name, "таблица DBF внутри архива: распакуйте её и загрузите отдельно")
    elif head.startswith((b"PK", b"7z\xbc\xaf")):
        yield BadFile(name, "архив внутри архива: распакуйте его и загрузите отдельно")
    else:
        yield _foreign(name, root)


def _refused(members: list[zipfile.ZipInfo], packed: int) -> str:
    """The reason not to touch an archive, «» if there is none."""
    size = sum(m.file_size for m in members)
    if not members:
        return "архив пуст"
    if len(members) > MEMBER_LIMIT:
        return f"в архиве {len(members)} файлов, допустимо не больше {MEMBER_LIMIT}"
    if size > SIZE_LIMIT or (size > RATIO_FROM and size > RATIO_LIMIT * packed):
        return f"архив распаковывается в {size >> 20} МБ: похоже на «бомбу», не открываем"
    for member in members:
        parts = PurePosixPath(member.filename.replace("\\", "/")).parts
        if ".." in parts or parts[0] == "/" or ":" in parts[0]:
            return f"опасное имя файла внутри архива: «{member.filename[:80]}»"
        if member.flag_bits & 1:
            return "архив зашифрован: попросите прислать его без пароля"
    return ""


class _Member:
    """A member of a ZIP as a stream; broken data raise FormatError naming the file."""

    def __init__(self, path: Path, member: str, name: str) -> None:
        self._name = name
        self._archive = zipfile.ZipFile(path)
        self._stream = self._archive.open(member)

    def read(self, size: int = -1, /) -> bytes:
        try:
            return self._stream.read(size)
        except _BROKEN:
            raise FormatError(
                f"Файл {self._name}: архив испорчен.", hint="Попросите прислать заново."
            ) from None

    def __enter__(self) -> _Member:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()
        self._archive.close()


def _opener(path: Path, member: str, name: str) -> Callable[[], IO[bytes]]:
    def opened() -> Any:
        return _Member(path, member, name)

    return opened


# --- pairs -----------------------------------------------------------------------------------


def _pairs(items: list[_Item], beside: set[Path]) -> Iterator[Found]:
    persons: dict[tuple[str, str], _Item] = {}
    for item in items:
        if item.root == "PERS_LIST":
            for stem in _case_stems(item):
                persons.setdefault((item.place, stem), item)
    used: set[int] = set()
    for item in items:
        if item.root != "ZL_LIST":
            continue
        stems = [federalnames.stem(item.name), *_named(_FILENAME, item.head)]
        mate = next((m for s in stems if (m := persons.get((item.place, s)))), None)
        if mate is None and Path(item.place) in beside:
            mate = _sibling(item, "PERS_LIST", federalnames.persons_of(item.name))
        if mate is None:
            wanted = federalnames.persons_of(item.name) or "L…"
            yield BadFile(item.part.name, f"нет парного файла персон {wanted}.xml")
            continue
        used.add(id(mate))
        yield _pair(item, mate)
    for item in items:
        if item.root == "PERS_LIST" and id(item) not in used:
            yield from _lonely(item, beside)


def _lonely(item: _Item, beside: set[Path]) -> Iterator[Found]:
    for stem in _case_stems(item):
        mate = _sibling(item, "ZL_LIST", stem) if Path(item.place) in beside else None
        if mate is not None:
            yield _pair(mate, item)
            return
    wanted = next(iter(_case_stems(item)), "H…")
    yield BadFile(item.part.name, f"нет парного файла случаев {wanted}.xml")


def _pair(cases: _Item, persons: _Item) -> Found:
    try:
        return FederalPair(cases.part, persons.part)
    except OmsError as error:
        return BadFile(cases.part.name, str(error))


def _case_stems(item: _Item) -> list[str]:
    """Names of the case file a file of persons belongs to, by its name and by FILENAME1."""
    return [s for s in (federalnames.cases_of(item.name), *_named(_FILENAME1, item.head)) if s]


def _named(pattern: re.Pattern[bytes], head: bytes) -> list[str]:
    found = pattern.search(head)
    return [federalnames.stem(found[1].decode("cp1251", "replace") + ".xml")] if found else []


def _sibling(item: _Item, root: str, stem: str) -> _Item | None:
    """The other file of a pair in the same folder, when only one was named."""
    folder = Path(item.place)
    if not stem or not folder.is_dir():
        return None
    for path in sorted(folder.iterdir()):
        if federalnames.stem(path.name) == stem and path.suffix.lower() == ".xml":
            with path.open("rb") as stream:
                head = stream.read(_HEAD)
            if _root(head) == root:
                part = _file(path)
                return _Item(path.name, item.place, root, head, part)
    return None


# --- answers ---------------------------------------------------------------------------------


def xml_parts(path: Path) -> list[Part]:
    """The XML files of an answer (протокол ФЛК, возврат МЭК): the file itself, or those inside a ZIP.

    Raises FormatError for what cannot be opened or holds no XML.
    """
    try:
        if path.exists() and not path.is_file():
            raise FormatError(f"«{path.name}» — не обычный файл.")
        with path.open("rb") as stream:
            head = stream.read(_HEAD)
        if not head.startswith(b"PK"):
            return [_file(path)]
        with zipfile.ZipFile(path) as archive:
            members = [m for m in archive.infolist() if not m.is_dir()]
            reason = _refused(members, path.stat().st_size)
    except OSError as error:
        raise FormatError(f"Файл «{path.name}» не читается: {reason_of(error)}.") from None
    except _BROKEN as error:
        raise FormatError(
            f"Файл «{path.name}»: архив ZIP испорчен.", hint="Попросите прислать его заново."
        ) from error
    names = sorted((m.filename for m in members if m.filename.lower().endswith(".xml")), key=str.upper)
    if reason or not names:
        raise FormatError(f"Файл «{path.name}»: {reason or 'в архиве нет файлов XML'}.")
    return [Part(name, _opener(path, name, f"{path.name}/{name}")) for name in names]
