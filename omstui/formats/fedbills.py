"""Payment registries as ZIPs (реестры на оплату): H, C, T or D with its L, streamed in one pass.

The bodies are spooled beside the target, because the header tells the count and the sum; memory grows
only with the number of persons. The same records give the same bytes.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
import tomllib
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache, partial
from pathlib import Path
from typing import IO, Any

from omstui.domain.errors import FormatError
from omstui.domain.money import roubles
from omstui.formats import federalnames
from omstui.formats.fedencode import ENCODING, encode
from omstui.formats.fedrecord import FedMapper
from omstui.resources import data_dir

_DECLARATION = f'<?xml version="1.0" encoding="{ENCODING}"?>\n'.encode("ascii")
_BUFFER = 1 << 18
_ZIP64_FROM = (1 << 31) - 1
_VERSION = re.compile(r"\d\.\d")


# --- versions ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Edition:
    """Number written as VERSION, and which elements the file has; ``warning`` is for the log."""

    version: str
    structure: str
    warning: str = ""


@cache
def _table() -> Mapping[str, Any]:
    return tomllib.loads((data_dir() / "federal_versions.toml").read_text(encoding="utf-8"))


def letters_by_disp() -> Mapping[str, str]:
    """V016 → letters of the file, for ``fedrecord.letters_of``."""
    letters: Mapping[str, str] = _table()["letters"]
    return letters


def edition(letter: str, period: str, version: str = "") -> Edition:
    """The version of files H, C, T, D or L of a period «YYYY-MM»; ``version`` is the setting's.

    A version or a period newer than the newest known gives the newest known, with a warning.
    """
    rows: list[Mapping[str, str]] = _table()[letter]
    newest = rows[-1]
    if version:
        row = next((r for r in reversed(rows) if r["version"] == version and r["from"] <= period), None)
        row = row or next((r for r in rows if r["version"] == version), None)
        if row is None and not _VERSION.fullmatch(version):
            raise FormatError(
                f"Версия «{version}» файла {letter} записана неверно.",
                hint="Нужен вид «3.2»; пустое значение — по таблице версий.",
            )
        if row is None:
            known = version < newest["version"]
            row = max(
                (r for r in rows if r["version"] < version), key=lambda r: r["version"], default=rows[0]
            )
            reason = "нет в таблице версий" if known else "новее известных программе"
            return _edition(row, f"Версия {version} файла {letter} {reason}: записано в {row['version']}.")
        return _edition(row, "")
    row = next((r for r in reversed(rows) if r["from"] <= period), rows[0])
    warning = ""
    if period > _table()["known_until"]:
        warning = f"Версия файла {letter} за {period} программе не известна: записано в {row['version']}."
    elif period < row["from"]:
        warning = f"Файл {letter} за {period} записан в самой ранней известной версии {row['version']}."
    return _edition(row, warning)


def _edition(row: Mapping[str, str], warning: str) -> Edition:
    return Edition(row["version"], row.get("structure", row["version"]), warning)


# --- what is written ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class BillSpec:
    """One invoice (счёт): one file of cases for one payer."""

    letters: str  # H, C, T, DP, DO …
    mo: str  # F003, six digits
    period: str  # YYYY-MM
    number: int  # package number n of the name
    code: int  # SCHET/CODE, never used twice in a year
    nschet: str
    dschet: str  # YYYY-MM-DD
    date: str  # YYYY-MM-DD, ZGLV/DATA
    smo: str = ""  # F002 of the insurer; «» = the fund pays
    fund: str = ""  # two digits, when the fund pays
    disp: str = ""  # V016, D files only
    comment: str = ""
    version: str = ""  # the setting for H, C, T, D; «» = by the table
    persons_version: str = ""  # the setting for L

    @property
    def letter(self) -> str:
        return "D" if self.letters[0] in "DX" else self.letters[0]

    @property
    def name(self) -> str:
        """Stem of the file of cases."""
        receiver = f"S{self.smo}" if self.smo else f"T{self.fund}"
        return federalnames.build(self.letters, f"M{self.mo}", receiver, self.period, self.number)


@dataclass(frozen=True, slots=True)
class Placed:
    """Where an account stands in the file: what answers will name it by."""

    account: Any  # account["id"]
    n_zap: int
    idcase: str
    id_pac: str


@dataclass(slots=True)
class Written:
    """A written ZIP (записанный счёт) with its totals and what was left unsaid."""

    path: Path
    name: str  # stem of the file of cases
    persons_name: str
    count: int
    persons: int
    total: int  # kopecks
    version: str
    persons_version: str
    size: int = 0
    sha256: str = ""
    missing: Counter[str] = field(default_factory=Counter)  # «Нет профиля услуги (USL/PROFIL)» → accounts
    dropped: Counter[str] = field(default_factory=Counter)  # elements the format does not know
    warnings: list[str] = field(default_factory=list)


Note = Callable[[Placed], None]
Records = Iterable[Mapping[str, Any]]


def write_bill(path: Path, spec: BillSpec, records: Records, note: Note | None = None) -> Written:
    """Write the ZIP at ``path`` as it is (for ``atomicfile.prepare``); returns the totals.

    Raises FormatError for a character windows-1251 has not and for a wrong ``spec``.
    """
    check_spec(spec)
    cases, people = (
        edition(spec.letter, spec.period, spec.version),
        edition("L", spec.period, spec.persons_version),
    )
    mapper = FedMapper(spec.letter, cases.structure, people.structure, plat=spec.smo, year=spec.period[:4])
    written = Written(
        path, spec.name, federalnames.persons_of(spec.name), 0, 0, 0, cases.version, people.version,
        missing=mapper.missing, dropped=mapper.dropped,
        warnings=[e.warning for e in (cases, people) if e.warning],
    )  # fmt: skip
    with _spool(path) as body, _spool(path) as persons:
        _write_bodies(body, persons, mapper, records, written, note)
        with path.open("w+b") as target:
            _pack(target, spec, written, body, persons)
            target.flush()
            written.size = target.seek(0, os.SEEK_END)
            target.seek(0)
            written.sha256 = hashlib.file_digest(target, "sha256").hexdigest()
    return written


def _spool(path: Path) -> IO[bytes]:
    """A nameless file beside the target: the folder of the target has the room, /tmp may not."""
    return tempfile.TemporaryFile(prefix=f".{path.name}.", dir=path.parent, buffering=_BUFFER)


def _write_bodies(
    body: IO[bytes],
    persons: IO[bytes],
    mapper: FedMapper,
    records: Records,
    written: Written,
    note: Note | None,
) -> None:
    keys = _Persons()
    write, zap, person = body.write, mapper.zap, mapper.person
    for n, record in enumerate(records, 1):
        account = record["account"]
        id_pac, new = keys.key(record["patient"])
        idcase = str(account.get("idcase") or account.get("number") or n)
        who = partial(_who, record, id_pac)
        if new:
            persons.write(encode("PERS", person(record, id_pac), who))
        write(encode("ZAP", zap(record, n, idcase, id_pac), who))
        written.count = n
        written.total += int(account.get("total") or 0)
        if note is not None:
            note(Placed(account.get("id"), n, idcase, id_pac))
    written.persons = keys.count


class _Persons:
    """ID_PAC of every person of the file: the number of the source, unless another person has it."""

    def __init__(self) -> None:
        self._taken: dict[str, Any] = {}

    @property
    def count(self) -> int:
        return len(self._taken)

    def key(self, row: Mapping[str, Any]) -> tuple[str, bool]:
        """ID_PAC and whether the person is met for the first time."""
        ours = row.get("id")
        ext = str(row.get("ext_id") or ("" if ours is None else ours))
        own = ext if ours is None else ours
        for key in (ext, f"{ext[:20]}.{own}", f"{own}.{ext[:20]}"):
            holder = self._taken.setdefault(key, _NOBODY)
            if holder is _NOBODY:
                self._taken[key] = own
                return key, True
            if holder == own:
                return key, False
        raise FormatError(
            f"Код пациента {ext} занят в этом файле другими пациентами.",
            hint="Исправьте код пациента в карте и повторите выгрузку.",
        )


_NOBODY = object()


def _who(record: Mapping[str, Any], id_pac: str) -> str:
    """«пациент Иванова Анна (код P1, карта 77)» for a sentence."""
    patient = record["patient"]
    fio = " ".join(filter(None, (patient.get(c) for c in ("surname", "name", "patronymic"))))
    number = record["case"].get("nhistory")
    return f"пациент {fio or '(без имени)'} (код {id_pac}" + (f", карта {number})" if number else ")")


# --- the archive -------------------------------------------------------------------------------


def _pack(target: IO[bytes], spec: BillSpec, written: Written, body: IO[bytes], persons: IO[bytes]) -> None:
    """Both files into one ZIP; the date of the members is the date of the file, so bytes repeat."""
    head = {"VERSION": written.version, "DATA": spec.date, "FILENAME": written.name}
    cases = _DECLARATION + b"<ZL_LIST>\n" + encode("ZGLV", head | {"SD_Z": str(written.count)})
    cases += encode("SCHET", _schet(spec, written.total))
    people = _DECLARATION + b"<PERS_LIST>\n" + encode(
        "ZGLV",
        {"VERSION": written.persons_version, "DATA": spec.date, "FILENAME": written.persons_name,
         "FILENAME1": written.name},
    )  # fmt: skip
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        _member(archive, written.name, spec.date, cases, body, b"</ZL_LIST>\n")
        _member(archive, written.persons_name, spec.date, people, persons, b"</PERS_LIST>\n")


def _member(archive: zipfile.ZipFile, name: str, day: str, head: bytes, body: IO[bytes], end: bytes) -> None:
    when = date.fromisoformat(day)
    member = zipfile.ZipInfo(f"{name}.xml", (when.year, when.month, when.day, 0, 0, 0))
    member.compress_type = zipfile.ZIP_DEFLATED
    member.create_system = 0
    member.external_attr = 0x20
    size = body.seek(0, os.SEEK_END) + len(head) + len(end)
    body.seek(0)
    with archive.open(member, "w", force_zip64=size >= _ZIP64_FROM) as stream:
        stream.write(head)
        shutil.copyfileobj(body, stream, _BUFFER)
        stream.write(end)


def _schet(spec: BillSpec, total: int) -> dict[str, str]:
    found = {
        "CODE": str(spec.code),
        "CODE_MO": spec.mo,
        "YEAR": spec.period[:4],
        "MONTH": str(int(spec.period[5:7])),
        "NSCHET": spec.nschet,
        "DSCHET": spec.dschet,
        "PLAT": spec.smo,
        "SUMMAV": roubles(total),
        "COMENTS": spec.comment,
        "DISP": spec.disp if spec.letter == "D" else "",
    }
    return {name: value for name, value in found.items() if value}


_SPEC = (
    ("mo", re.compile(r"\d{6}"), "код МО", "шесть цифр реестрового номера"),
    ("smo", re.compile(r"(\d{5})?"), "код СМО", "пять цифр"),
    ("fund", re.compile(r"(\d\d)?"), "код ТФОМС", "две цифры"),
    ("period", re.compile(r"\d{4}-(0[1-9]|1[0-2])"), "отчётный период", "год и месяц, 2021-12"),
    ("nschet", re.compile(r".{1,15}"), "номер счёта", "от 1 до 15 знаков"),
    ("letters", re.compile(r"[HCTX]|D[A-Z]"), "тип файла", "H, C, T или D с буквой"),
)


def check_spec(spec: BillSpec) -> None:
    """Refuse parameters the name or the header of the file cannot hold."""
    for name, pattern, title, need in _SPEC:
        value = getattr(spec, name)
        if not pattern.fullmatch(value):
            raise FormatError(f"Неверно указан {title} «{value}»: нужно {need}.", title="Параметры счёта")
    for title, value in (("дата счёта", spec.dschet), ("дата файла", spec.date)):
        try:
            date.fromisoformat(value)
        except ValueError:
            raise FormatError(f"Неверно указана {title} «{value}».", title="Параметры счёта") from None
    if not spec.smo and not spec.fund:
        raise FormatError(
            "Не указан плательщик счёта: нет ни кода СМО, ни кода ТФОМС.", title="Параметры счёта"
        )
    if not 0 < spec.number < 100_000:
        raise FormatError(f"Номер пакета {spec.number} не от 1 до 99999.", title="Параметры счёта")
    if not 0 < spec.code < 100_000_000:
        raise FormatError(f"Код счёта {spec.code} не от 1 до 99999999.", title="Параметры счёта")
    if spec.letter == "D" and not spec.disp:
        raise FormatError(f"Для файла {spec.letters} не указан тип диспансеризации.", title="Параметры счёта")
