"""What a file of the exchange is (опознание файла): by name and content, from its beginning only."""

from __future__ import annotations

import io
import os
import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from omstui.domain.errors import FormatError, reason_of
from omstui.domain.model import Period
from omstui.formats import federalnames, filenames
from omstui.formats.containers import MEMBER, open_bill
from omstui.formats.peek import HEAD, Head, beginning_of_7z, read_head

_ZIP = b"PK"
_SEVEN = b"7z\xbc\xaf\x27\x1c"
_DBF_VERSIONS = {0x03: "dBase III", 0x83: "dBase III с примечаниями", 0x30: "Visual FoxPro",
                 0x31: "Visual FoxPro", 0xF5: "FoxPro с примечаниями", 0x04: "dBase IV"}  # fmt: skip
_DBF_NAMES = (
    (re.compile(r"QPID_(\d{6})(\d{6})(\d)", re.I), "запрос идентификации (QPID)"),
    (re.compile(r"APID_(\d{6})(\d{6})(\d)", re.I), "ответ на идентификацию (APID)"),
    (re.compile(r"FLQPID_(\d{6})(\d{6})(\d)", re.I), "протокол ФЛК идентификации (FLQPID)"),
    (re.compile(r"b(\d{6})([0-9a-z])(0[1-9]|1[0-2])(\d{2})", re.I), "возврат МЭК (b…)"),
)
_FEDERAL = {
    "H": "счёт за медицинскую помощь",
    "C": "счёт за помощь при онкологии",
    "T": "счёт за высокотехнологичную помощь",
    "D": "счёт за диспансеризацию и профосмотры",
}
_SENDERS = {"M": "МО", "S": "СМО", "T": "ТФОМС"}
_BILLS = {
    "3X": "основной файл МО (…3X)",
    "1": "ответ стадии 1 (проверка полисной части)",
    "7": "переформированный файл МО (…7)",
    "2": "окончательный ответ (МЭК, стадия 2)",
}


@dataclass(slots=True)
class Identified:
    """What a file is. ``sure`` = name and content agree; ``reason`` tells what it was judged by."""

    kind: str  # 3X | 1 | 7 | 2 | H | C | T | D | L | FLK | DBF | CSV | ZIP | unknown
    title: str
    name: str
    size: int
    from_whom: str = ""
    period: str = ""
    letter: str = ""
    sure: bool = False
    reason: str = ""
    container: str = ""  # zip | 7z | xml | «»
    members: list[str] = field(default_factory=list)
    head: Head = field(default_factory=Head)

    @property
    def is_bill(self) -> bool:
        return self.kind in _BILLS


def identify(path: Path) -> Identified:
    """Tell what ``path`` is, reading only its beginning. FormatError when it cannot be read at all."""
    try:
        size = path.stat().st_size
        if path.is_dir():
            raise FormatError(f"«{path}» — папка, а не файл.", hint="Укажите файл в ней.")
        if not path.is_file():  # a pipe: reading it would wait without end
            raise FormatError(f"«{path}» — не обычный файл.", hint="Укажите файл обмена.")
        with path.open("rb") as stream:
            start = stream.read(HEAD)
            stream.seek(0)
            return _identify(path, size, start, stream)
    except OSError as error:
        raise FormatError(f"Файл «{path}» не открыть: {reason_of(error)}.", title="Файл не открыть") from None


def _identify(path: Path, size: int, start: bytes, stream: BinaryIO) -> Identified:
    name = path.name
    if not start:
        raise FormatError(f"Файл «{name}» пуст.", hint="Попросите прислать его заново.")
    if start[:2] == _ZIP:
        return _zip(name, size, stream)
    if start[:6] == _SEVEN:
        return _seven(name, size, stream)
    if start.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<":
        return _document(name, size, read_head(stream, name), "xml")
    if (dbf := _dbf(name, size, start)) is not None:
        return dbf
    if _looks_csv(start):
        columns = decoded(start).splitlines()[0]
        return Identified("CSV", "таблица CSV", name, size, reason=f"первая строка: {columns[:120]}")
    return Identified(
        "unknown", "неизвестный файл", name, size,
        reason="это не ZIP, не 7-Zip, не XML, не DBF и не CSV",
    )  # fmt: skip


# --- containers -------------------------------------------------------------------------------


def _zip(name: str, size: int, stream: BinaryIO) -> Identified:
    try:
        with zipfile.ZipFile(stream) as archive:
            members = [m.filename for m in archive.infolist() if not m.is_dir()]
            if members != [MEMBER]:
                return _pairs(name, size, archive, members)
    except (zipfile.BadZipFile, zlib.error, struct.error, NotImplementedError, EOFError) as error:
        raise FormatError(
            f"Ошибка при открытии архива «{name}»: архив повреждён или обрывается.",
            hint="Попросите прислать файл заново.",
        ) from error
    stream.seek(0)
    with open_bill(stream, name) as bill:
        return _document(name, size, read_head(bill, name), "zip")


def _pairs(name: str, size: int, archive: zipfile.ZipFile, members: list[str]) -> Identified:
    """A ZIP that is no bill: the pair of an invoice, or something else."""
    federal = sorted(m for m in members if m.lower().endswith(".xml"))
    heads: list[tuple[str, Head]] = []
    for member in federal[:4]:
        # behind a password a member is known by its name only
        with suppress(RuntimeError), archive.open(member) as part:
            heads.append((member, read_head(part, member)))
    found = Identified("ZIP", "архив", name, size, container="zip", members=members)
    inside = [_document(Path(member).name, 0, head, "zip") for member, head in heads]
    cases = [i for i in inside if i.kind in _FEDERAL]
    if cases:
        found.title = f"архив счёта: {cases[0].title}"
        found.from_whom, found.period, found.head = (
            cases[0].from_whom, cases[0].period, cases[0].head
        )  # fmt: skip
        found.sure = True
    found.reason = f"в архиве файлов {len(members)}: " + ", ".join(members[:4])
    return found


def _seven(name: str, size: int, stream: BinaryIO) -> Identified:
    """A true 7-Zip: only the beginning of bill.xml is unpacked."""
    members, beginning = beginning_of_7z(stream, name)
    if members != [MEMBER]:
        return Identified(
            "unknown",
            "архив 7-Zip",
            name,
            size,
            container="7z",
            members=members,
            reason=f"в архиве файлов {len(members)}, а должен быть один {MEMBER}",
        )
    return _document(name, size, read_head(io.BytesIO(beginning), name), "7z")


# --- documents --------------------------------------------------------------------------------


def _document(name: str, size: int, head: Head, container: str) -> Identified:
    makers: dict[str, Callable[[str, int, Head], Identified]] = {
        "package": _bill, "ZL_LIST": _cases, "PERS_LIST": _persons, "FLK_P": _flk
    }  # fmt: skip
    make = makers.get(head.root)
    if make is None:
        found = Identified(
            "unknown", "неизвестный файл XML", name, size,
            reason=f"корень «{head.root}» не из файлов обмена",
        )  # fmt: skip
    else:
        found = make(name, size, head)
    found.head = head
    found.container = container
    return found


def _period(year: str, month: str) -> str:
    if year.isdigit() and month.isdigit() and 1 <= int(month) <= 12 and len(year) == 4:
        return str(Period(int(year), int(month)))
    return ""


def _bill(name: str, size: int, head: Head) -> Identified:
    body, bill = head.attrs.get("body", {}), head.attrs.get("bill", {})
    answered = any(bill.get(a) for a in ("date_2", "date_in", "n_out"))
    period = _period(body.get("year", ""), body.get("month", ""))
    mo = f"МО ОГРН {body.get('ogrn_mo', '?')}"
    try:
        parts = filenames.parse(name)
    except FormatError as error:
        kind = ("2" if bill.get("number_mek") else "1") if answered else "3X"
        return Identified(
            kind, _BILLS[kind], name, size, mo if kind == "3X" else "ТФОМС или СМО", period,
            reason=f"имя не по правилам ({_lower(error.msg)}), стадия угадана по содержанию",
        )  # fmt: skip
    kind = "3X" if parts.stage == "3" else parts.stage
    whom = {"3X": mo, "7": mo, "1": f"ТФОМС по СМО {parts.letter}", "2": f"СМО {parts.letter}"}
    found = Identified(kind, _BILLS[kind], name, size, whom[kind], period or str(parts.period), parts.letter)
    wrong = []
    if period and period != str(parts.period):
        wrong.append(f"период в имени {parts.period}, внутри {period}")
    for title, inside, outside in (
        ("ОГРН", body.get("ogrn_mo", "").zfill(13), parts.ogrn),
        ("КПП", body.get("kpp_mo", "").zfill(9), parts.kpp),
    ):
        if inside.strip("0") and inside != outside:
            wrong.append(f"{title} МО в имени {outside}, внутри {inside}")
    if parts.is_answer and not answered:
        wrong.append("по имени ответ, но отметок плательщика в нём нет")
    elif answered and not parts.is_answer:
        wrong.append("по имени файл МО, но в нём отметки плательщика")
    found.sure = not wrong
    found.reason = "; ".join(wrong) or "имя и содержание согласны"
    return found


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:].rstrip(".")


def _sender(stem: str) -> str:
    found = re.match(r"(?:[CHTX]|D[A-Z]|L[A-Z]?)([MST])(\d{2,6})(?=[MST]\d)", stem)
    return f"{_SENDERS[found[1]]} {found[2]}" if found else ""


def _cases(name: str, size: int, head: Head) -> Identified:
    inside = head.texts.get("FILENAME", "")
    letters = federalnames.letters_of(name) or federalnames.letters_of(inside)
    kind = {"X": "D"}.get(letters[:1], letters[:1]) if letters else ""
    guessed = not kind
    if guessed:
        kind = "D" if head.texts.get("DISP") else "H"
    texts = head.texts
    found = Identified(
        kind, _FEDERAL[kind], name, size,
        _sender(federalnames.stem(name)) or f"МО {texts.get('CODE_MO', '?')}",
        _period(texts.get("YEAR", ""), texts.get("MONTH", "")),
    )  # fmt: skip
    found.sure = not guessed
    found.reason = "имя не по правилам, вид угадан по содержанию" if guessed else "имя и содержание согласны"
    return found


def _persons(name: str, size: int, head: Head) -> Identified:
    pair = head.texts.get("FILENAME1", "")
    return Identified(
        "L", "персональные данные к счёту", name, size, _sender(federalnames.stem(name)),
        sure=True, reason=f"к файлу {pair}" if pair else "корень PERS_LIST",
    )  # fmt: skip


def _flk(name: str, size: int, head: Head) -> Identified:
    checked = head.texts.get("FNAME_I", "")
    return Identified(
        "FLK", "протокол ФЛК счёта", name, size,
        period=_period(head.texts.get("YEAR", ""), head.texts.get("MONTH", "")),
        sure=True, reason=f"к файлу {checked}" if checked else "корень FLK_P",
    )  # fmt: skip


# --- tables -----------------------------------------------------------------------------------


def _dbf(name: str, size: int, start: bytes) -> Identified | None:
    if len(start) < 32 or start[0] not in _DBF_VERSIONS:
        return None
    records, header, length = struct.unpack_from("<IHH", start, 4)
    month, day = start[2], start[3]
    if header < 65 or length < 2 or not (month <= 12 and day <= 31) or header > max(size, 1):
        return None
    found = Identified("DBF", "таблица DBF", name, size, reason=_DBF_VERSIONS[start[0]])
    found.sure = header + records * length <= size + 1
    if not found.sure:
        found.reason += ", файл короче, чем сказано в заголовке"
    stem = os.path.splitext(name)[0]
    for pattern, title in _DBF_NAMES:
        parts = pattern.fullmatch(stem)
        if parts:
            found.title = title
            found.from_whom = f"МО {parts[1]}" if "QPID_" in stem.upper()[:5] else "ТФОМС"
            if stem[:1].lower() == "b":
                found.period = _period("20" + parts[4], parts[3])
            break
    return found


def encoding_of(start: bytes) -> str:
    """Encoding of a table by its beginning: UTF-8 or windows-1251."""
    try:
        start.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # a letter may be cut in two where the piece ends
        if error.start < len(start) - 3:
            return "cp1251"
    return "utf-8-sig"


def decoded(start: bytes) -> str:
    """Text of the beginning of a table."""
    return start.decode(encoding_of(start), "replace")


def _looks_csv(start: bytes) -> bool:
    if b"\0" in start:
        return False
    lines = decoded(start).splitlines()[:3]
    return bool(lines) and any(
        all(mark in line for line in lines if line.strip()) for mark in (";", "\t", ",")
    )
