"""Identification files (QPID, APID): the request as we write it, the answer as rows of typed values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO

from omstui.formats.dbfreader import Table, read_dbf
from omstui.formats.dbfwriter import Written, write_dbf
from omstui.formats.layouts.dbf_ident import APID, QPID

#: results of a search (RES)
NOT_FOUND, FOUND, ELSEWHERE, UNINSURED, TOO_LITTLE = 0, 1, 2, 3, 9
RESULTS = {
    NOT_FOUND: "не найден",
    FOUND: "найден",
    ELSEWHERE: "застрахован в другом субъекте",
    UNINSURED: "найден, на дату лечения не застрахован",
    TOO_LITTLE: "данных недостаточно",
}
#: «no date» of programs that cannot leave a date empty
_NO_DATE = frozenset({"1900-01-01", "1899-12-30", "1899-12-31"})
_OWN = len(QPID.fields)
_NPP, _RECID = QPID.index("NPP"), QPID.index("RECID")


@dataclass(frozen=True, slots=True)
class Policy:
    """Policy as the register has it (полис по регистру): type F008, series, number, ЕНП."""

    type: str = ""
    series: str = ""
    number: str = ""
    enp: str = ""
    smo: str = ""
    okato: str = ""
    begin: str | None = None
    end: str | None = None

    def __bool__(self) -> bool:
        return bool(self.series or self.number or self.enp)


@dataclass(frozen=True, slots=True)
class ApidRow:
    """One answer (ответ по пациенту)."""

    record: int
    number: int | None  # NPP of our request
    ref: str  # RECID of our request
    echo: tuple[Any, ...]  # the fields of our request, in the order of QPID
    result: int
    policy: Policy
    surname: str  # corrected names, «» = as they were
    name: str
    patronymic: str
    birth_date: str | None
    snils: str
    mo: str
    mo_date: str | None
    death_date: str | None
    error: str

    @property
    def sent(self) -> dict[str, Any]:
        """The echo of our request by names of QPID."""
        return dict(zip(QPID.names, self.echo, strict=True))

    @property
    def unidentified(self) -> bool:
        """Whether the person's cases get the error «Неидентифицированный пациент»."""
        return bool(self.error) or self.result in (NOT_FOUND, TOO_LITTLE)

    @property
    def uninsured(self) -> bool:
        """Whether the person was found, yet has no policy for the dates of the treatment."""
        return not self.unidentified and (self.result == UNINSURED or not self.policy)

    @property
    def reason(self) -> str:
        """What is wrong, in words; «» when a policy was found."""
        if not (self.unidentified or self.uninsured):
            return ""
        if self.uninsured:
            return RESULTS[UNINSURED]
        return self.error or RESULTS.get(self.result, f"ответ {self.result}")


class ApidFile:
    """An answer to our request, read as a stream."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.name = table.name
        self.notes = table.notes

    @property
    def count(self) -> int:
        return self.table.count

    def rows(self) -> Iterator[ApidRow]:
        """Yield the answers; FormatError names the record and the column that are wrong."""
        for record, row in enumerate(self.table.rows(), 1):
            yield _answer(record, row)


def write_qpid(target: Path | BinaryIO, rows: Iterable[Sequence[Any]], day: date) -> Written:
    """Write a request; rows in the order of ``QPID.names`` (``QPID.row(FAM=…)`` makes one)."""
    return write_dbf(target, QPID, rows, day)


def read_qpid(source: Path | BinaryIO, *, name: str = "") -> Table:
    """Open a request, as the stand does; rows in the order of ``QPID.names``."""
    return read_dbf(source, QPID, name=name)


def write_apid(target: Path | BinaryIO, rows: Iterable[Sequence[Any]], day: date) -> Written:
    """Write an answer; rows in the order of ``APID.names``, which begin with those of QPID."""
    return write_dbf(target, APID, rows, day)


def read_apid(source: Path | BinaryIO, *, name: str = "") -> ApidFile:
    """Open an answer; FormatError when the table has no key of ours or no result."""
    return ApidFile(read_dbf(source, APID, name=name))


def _answer(record: int, row: tuple[Any, ...]) -> ApidRow:
    (
        result, smo, okato, kind, series, number, enp, begin, end, surname, name, patronymic,
        birth_date, snils, mo, mo_date, death_date, error,
    ) = row[_OWN:]  # fmt: skip
    policy = policy_of(kind, series, number, enp, smo, okato, _day(begin), _day(end))
    if result is None:  # files that tell a success by the policy alone
        result = FOUND if policy and not error else NOT_FOUND
    return ApidRow(
        record, row[_NPP], row[_RECID], row[:_OWN], result, policy, surname, name, patronymic,
        _day(birth_date), snils, mo, _day(mo_date), _day(death_date), error,
    )  # fmt: skip


def policy_of(
    kind: int | None,
    series: str,
    number: str,
    enp: str,
    smo: str = "",
    okato: str = "",
    begin: str | None = None,
    end: str | None = None,
) -> Policy:
    """The policy with its type told by the length of the number where the answer does not tell it."""
    digits = len(number) if number.isdigit() else 0
    if not series and digits == 16:
        kind, enp = kind or 3, enp or number
    elif not series and digits == 11:  # the number of the paper, not the ЕНП
        kind = kind or 3
    elif not series and digits == 9:
        kind = kind or 2
    elif series and digits:
        kind = kind or 1
    elif enp:
        kind = kind or 3
    if kind == 3 and enp:
        number = enp
    return Policy(str(kind or ""), series, number, enp, smo, okato, begin, end)


def _day(value: str | None) -> str | None:
    return None if value in _NO_DATE else value
