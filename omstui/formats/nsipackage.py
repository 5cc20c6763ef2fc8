"""Files of reference books (файлы справочников): official packages and tables, opened and recognised.

``opened`` gives a file as records (upper-case name of a field → text) whatever it is: XML or DBF, CSV, XLSX,
bare or alone in a ZIP. ``Package`` is what a classifier is loaded from, ``booksource`` reads local books.
"""

from __future__ import annotations

import hashlib
import io
import json
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import IO, BinaryIO, cast

from omstui.domain.bookspecs import CLASSIFIERS, Classifier
from omstui.domain.errors import FormatError, reason_of
from omstui.formats import nsirecognise as recognise
from omstui.formats import nsitable
from omstui.formats.containers import open_zip
from omstui.formats.dbfheader import looks_like as looks_dbf
from omstui.formats.nsitext import CHUNK, Recoded, book_date, judge
from omstui.formats.nsixml import Fields, XmlBook
from omstui.formats.xmlsafe import check_prolog

Records = Iterator[tuple[int, Fields]]
#: (code, begin, end, name, a1, a2, JSON of the other tags)
NsiRow = tuple[str, str, str, str, str, str, str]

_HEAD = 1 << 16
#: books of the fund have at most some 40 MB
LIMIT = 1 << 30
#: what operators bring and we do not read, by the first bytes
_OTHERS = {
    b"\xd0\xcf\x11\xe0": "это старый формат Excel (.xls)",
    b"7z\xbc\xaf": "это архив 7-Zip",
    b"Rar!": "это архив RAR",
    b"%PDF": "это PDF",
}
_AGAIN = "Попросите прислать файл заново."


@dataclass(slots=True)
class Source:
    """A file of a reference book, opened: ``records`` may be walked once.

    ``columns``: upper-case name → name as the file has it; of XML those of its first record. ``head``: what
    ``zglv`` says (TYPE, VERSION, DATE).
    """

    name: str
    inner: str  # name of the member of a ZIP, else that of the file
    xml: bool
    columns: dict[str, str]
    records: Records
    head: Fields = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


@contextmanager
def opened(path: Path) -> Iterator[Source]:
    """Open a file of a reference book; FormatError says why it cannot be one."""
    if path.exists() and not path.is_file():  # a pipe would be waited for
        raise FormatError(f"{path.name}: это не файл.", title="Справочник не прочитан")
    with ExitStack() as stack:
        try:
            stream: BinaryIO = stack.enter_context(path.open("rb"))
        except OSError as error:
            raise FormatError(
                f"Файл «{path}» не открыть: {reason_of(error)}.", title="Файл не открыть"
            ) from None
        inner = path.name
        if stream.read(4) == b"PK\x03\x04" and not nsitable.is_workbook(_members(stream, path.name)):
            unpacked = stack.enter_context(tempfile.TemporaryFile(prefix="omstui-"))
            inner = _unpack(stream, path.name, unpacked)
            stream = cast(BinaryIO, unpacked)
        yield _source(stream, path.name, inner)


def sha256(path: Path) -> str:
    """SHA-256 of the file as it is on the disk."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _members(stream: BinaryIO, name: str) -> list[str]:
    try:
        with zipfile.ZipFile(stream) as archive:
            return archive.namelist()
    except (zipfile.BadZipFile, ValueError, OSError, EOFError, NotImplementedError) as error:
        raise _damaged(name, "архив повреждён или обрывается") from error


def _unpack(stream: BinaryIO, name: str, target: IO[bytes]) -> str:
    """Unpack the only file of an archive; returns its name."""
    chosen: list[str] = []

    def only(name: str, members: list[zipfile.ZipInfo]) -> zipfile.ZipInfo:
        files = [
            m for m in members if not m.filename.endswith("/") and not m.filename.startswith("__MACOSX/")
        ]
        if len(files) != 1:
            raise FormatError(
                f"{name}: в архиве файлов: {len(files)}, а у справочника должен быть один.",
                title="Справочник не прочитан",
                hint="Распакуйте архив и загрузите нужный файл." if files else _AGAIN,
            )
        chosen.append(files[0].filename.replace("\\", "/").rpartition("/")[2])
        return files[0]

    size = 0
    with open_zip(stream, name, only) as member:
        while chunk := member.read(CHUNK):
            size += len(chunk)
            if size > LIMIT:
                raise FormatError(
                    f"{name}: распаковывается больше чем в {LIMIT >> 30} ГБ, это не справочник.",
                    title="Небезопасный архив",
                )
            target.write(chunk)
    target.seek(0)
    return chosen[0]


def _source(stream: BinaryIO, name: str, inner: str) -> Source:
    stream.seek(0)
    head = stream.read(_HEAD)
    if not head:
        raise _damaged(name, "файл пуст")
    stream.seek(0)
    if head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<":
        return _xml(stream, head, name, inner)
    if head[:4] == b"PK\x03\x04":
        return _table(nsitable.xlsx_table(stream, inner), name, inner)
    for start, words in _OTHERS.items():
        if head.startswith(start):
            raise _damaged(
                name, words, "Сохраните его в одном из видов, которые читаются: XML, ZIP, CSV, XLSX."
            )
    if looks_dbf(head):
        return _table(nsitable.dbf_table(stream, inner), name, inner)
    return _table(nsitable.text_table(stream, inner), name, inner)


def _xml(stream: BinaryIO, head: bytes, name: str, inner: str) -> Source:
    declared = check_prolog(head, name)
    encoding, note = judge(iter(lambda: stream.read(CHUNK), b"")).verdict(declared)
    stream.seek(0)
    reader = XmlBook(Recoded(stream, encoding) if encoding != "utf-8" else stream, name)
    records = reader.records()
    first = next(records, None)
    columns = {tag: tag for tag in first[1]} if first else {}
    walk = chain([first], records) if first else records
    return Source(name, inner, True, columns, walk, reader.head, [note] if note else [])


def _table(table: nsitable.Table, name: str, inner: str) -> Source:
    columns = {title.upper(): title for title in table.header if title}
    return Source(name, inner, False, columns, _records(table, name), {}, table.notes)


def _records(table: nsitable.Table, name: str) -> Records:
    titles = [title.upper() for title in table.header]
    width = len(titles)
    for number, cells in table.rows:
        if len(cells) > width and any(cells[width:]):
            raise _damaged(
                name,
                f"строка {number}: заполненных полей {len(cells)}, а столбцов {width}",
                "Проверьте разделитель столбцов и кавычки.",
            )
        yield number, {title: cell for title, cell in zip(titles, cells, strict=False) if title}


def _damaged(name: str, reason: str, hint: str = _AGAIN) -> FormatError:
    return nsitable.damaged(name, reason, hint)


# --- classifiers ---------------------------------------------------------------------------------


@dataclass(slots=True)
class Package:
    """A classifier in a file: what it is and its rows, which may be walked once."""

    book: Classifier
    source: Source
    mnemonic: str = ""
    version: str = ""
    date: str = ""
    #: the text is not official: it only fills what the book lacks
    unofficial: bool = False
    #: another book the name of the file speaks of
    named: str = ""
    skipped: int = 0
    notes: list[str] = field(default_factory=list)

    def rows(self) -> Iterator[NsiRow]:
        """Yield rows as the table ``nsi`` keeps them; FormatError names the row that is wrong."""
        read = _row_reader(self.book, self.source.columns)
        for number, record in self.source.records:
            try:
                row = read(record)
            except ValueError as error:
                raise FormatError(
                    f"{self.source.name}, строка {number}: {error}.",
                    title="Справочник не загружен",
                    hint="Прежний справочник не изменён. " + _AGAIN,
                ) from None
            if row is None:
                self.skipped += 1
            else:
                yield row


def find_classifier(source: Source, wanted: str = "") -> Package | None:
    """Recognise a classifier: ``wanted`` → mnemonic → name of the file → set of fields; None if it is none.

    FormatError when what is asked for or named is not in the file, or several books fit.
    """
    named = _named(source)
    mnemonic = source.head.get("TYPE", "")
    fields = source.columns
    code = wanted or recognise.by_mnemonic(mnemonic, fields)
    if not code and named.code and recognise.has_key(CLASSIFIERS[named.code], fields):
        code = named.code
    if not code:
        code = _by_fields(source, named.code)
    if not code:
        if named.code and fields:
            raise _foreign(source, CLASSIFIERS[named.code])
        return None
    book = CLASSIFIERS[code]
    if fields and not recognise.has_key(book, fields) and not _other_mkb(book, fields):
        raise _foreign(source, book)
    package = Package(book, source, mnemonic, notes=list(source.notes))
    same = named.code == code
    package.version = source.head.get("VERSION", "") or (named.version if same else "")
    package.date = _package_date(source)
    package.unofficial = same and named.unofficial and book.official
    package.named = named.code if named.code and not same and not wanted else ""
    return package


def _named(source: Source) -> recognise.FileName:
    named = recognise.parse_name(source.name)
    return named if named.code else recognise.parse_name(source.inner)


def _by_fields(source: Source, named: str) -> str:
    found = recognise.by_fields(source.columns)
    if named in found:
        return named
    if len(found) > 1:
        raise FormatError(
            f"{source.name}: по набору полей подходит несколько справочников: {', '.join(found)}.",
            title="Справочник не узнан",
            hint="Укажите, какой это справочник (--book КОД), или назовите файл его кодом.",
        )
    return found[0] if found else ""


def _foreign(source: Source, book: Classifier) -> FormatError:
    there = ", ".join(list(source.columns.values())[:8])
    return FormatError(
        f"{source.name}: это не справочник {book.code} «{book.title}»: нет поля {book.key} (есть: {there}).",
        title="Не тот справочник",
        hint="Проверьте, тот ли файл выбран. Прежний справочник не изменён.",
    )


def _package_date(source: Source) -> str:
    try:
        return book_date(source.head.get("DATE", ""))
    except ValueError:
        source.notes.append(f"дата пакета «{source.head['DATE'][:20]}» не читается")
        return ""


def _other_mkb(book: Classifier, fields: Mapping[str, str]) -> bool:
    """M001 can be filled from the МКБ-10 of НСИ Минздрава."""
    return book.code == "M001" and recognise.has_key(CLASSIFIERS["MKB10"], fields)


class _RowReader:
    """Turns records of a file into rows; which tag holds what is found once."""

    def __init__(self, book: Classifier, fields: Mapping[str, str]) -> None:
        source = book
        if _other_mkb(book, fields) and not recognise.has_key(book, fields):
            source = CLASSIFIERS["MKB10"]
        self._codes_only = source is not book  # no classes and blocks
        key, self._name, self._begin, self._end = (
            recognise.tag_of(tag, fields) or tag.upper()
            for tag in (source.key, source.name, source.begin, source.end)
        )
        self._key = key
        attributes = [] if self._codes_only else source.attributes[:2]
        tags = [recognise.tag_of(tag, fields) or tag.upper() for tag in attributes]
        self._a1, self._a2 = (*tags, "", "")[:2]
        self._dates = frozenset((self._begin, self._end))

    def __call__(self, record: Fields) -> NsiRow | None:
        get = record.get
        code = get(self._key, "")
        if not code or (self._codes_only and ("-" in code or not code[1:2].isdigit())):
            return None
        begin, end = self._day(get(self._begin, "")), self._day(get(self._end, ""))
        if get("ACTUAL") == "0" and not end:  # НСИ Минздрава: excluded since DATE
            end = self._day(get("DATE", "")) or begin or "1900-01-02"
        if begin and end and end < begin:
            raise ValueError(f"код {code}: окончание {end} раньше начала {begin}")
        rest = {tag: text for tag, text in record.items() if text and tag not in self._dates}
        data = json.dumps(rest, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        return code, begin, end, get(self._name, ""), get(self._a1, ""), get(self._a2, ""), data

    @staticmethod
    def _day(text: str) -> str:
        return book_date(text) if text else ""


def _row_reader(book: Classifier, fields: Mapping[str, str]) -> _RowReader:
    return _RowReader(book, fields)


def read_bytes(data: bytes, name: str) -> Source:
    """A source of bytes that are in memory (tests, embedded books)."""
    return _source(io.BytesIO(data), name, name)
