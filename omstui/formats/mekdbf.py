"""Return of the medical-economic control (возврат МЭК, файл b…): refusals with their grounds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO

from omstui.domain.model import Period
from omstui.formats.dbfreader import Table, read_dbf
from omstui.formats.dbfwriter import Written, write_dbf
from omstui.formats.layouts.dbf_mek import MEK, NUMBER_OF_POINT, POINT_OF_NUMBER

PAID, REFUSED, PARTLY = 1, 2, 3
_POINT = re.compile(r"\d+(?:\.\d+)+\.?")


@dataclass(frozen=True, slots=True)
class Ground:
    """A ground of refusal (основание отказа): point of 231н «1.10.2.» and number of F014 «222».

    What neither table knows is kept as it came, with ``known`` False.
    """

    point: str
    number: str
    known: bool = True

    def __str__(self) -> str:
        return self.point or self.number


@dataclass(frozen=True, slots=True)
class MekRow:
    """One refusal: a case or a service of it, and why. Sums in kopecks, None where the file has none."""

    record: int
    number: int | None
    mo: str
    payer: str
    year: int | None
    month: int | None
    invoice: str
    invoice_date: str | None
    case_ref: str  # IDCASE
    card: str  # NHISTORY
    service_ref: str  # IDSERV
    surname: str
    name: str
    patronymic: str
    birth_date: str | None
    enp: str
    service_code: str
    date_in: str | None
    date_out: str | None
    diagnosis: str
    billed: int | None
    decision: int | None  # OPLATA
    grounds: tuple[Ground, ...]
    cut: int | None
    comment: str
    act: str
    act_date: str | None

    @property
    def period(self) -> Period | None:
        """Report month of the invoice, None when the file does not tell it."""
        if not self.year or not 1 <= (self.month or 0) <= 12:
            return None
        year = self.year + 2000 if self.year < 100 else self.year
        return Period(year, self.month or 0)

    @property
    def place(self) -> str:
        """«запись 12, случай 123456» for the operator."""
        return f"запись {self.record}" + (
            f", случай {self.case_ref or self.card}" if self.case_ref or self.card else ""
        )

    @property
    def full(self) -> bool:
        """Whether the whole sum is refused; told by the sums where OPLATA is empty."""
        if self.decision is not None:
            return self.decision == REFUSED
        return self.cut is None or self.billed is None or self.cut >= self.billed


class MekFile:
    """A return, read as a stream; ``codes`` = number of F014 → point, beside the small table here."""

    def __init__(self, table: Table, codes: Mapping[str, str] | None = None) -> None:
        self.table = table
        self.name = table.name
        self.notes = table.notes
        self._points = POINT_OF_NUMBER | dict(codes or {})
        self._numbers = NUMBER_OF_POINT | {_dotted(p): n for n, p in (codes or {}).items()}
        self._known: dict[str, tuple[Ground, ...]] = {}
        at = MEK.index("S_OSN")
        self._order = (slice(at), at, slice(at + 1, None))

    @property
    def count(self) -> int:
        return self.table.count

    def rows(self) -> Iterator[MekRow]:
        """Yield the refusals; FormatError names the record and the column that are wrong."""
        before, at, after = self._order
        for record, row in enumerate(self.table.rows(), 1):
            values: list[Any] = [record, *row[before], self.grounds(row[at]), *row[after]]
            yield MekRow(*values)

    def first(self) -> MekRow | None:
        """The first record: its number and date of the invoice must be those of ours."""
        return next(self.rows(), None)

    def grounds(self, text: str) -> tuple[Ground, ...]:
        """Grounds of «1.10.2.», «222» or several of them, each once, in the order of the file."""
        found = self._known.get(text)
        if found is None:
            words = re.split(r"[\s,;_/]+", text)
            found = self._known[text] = tuple(dict.fromkeys(self._ground(w) for w in words if w.strip(".")))
        return found

    def _ground(self, word: str) -> Ground:
        if word.isdigit():
            number = word.lstrip("0")
            point = self._points.get(number, "")
            return Ground(_dotted(point), number, bool(point))
        if _POINT.fullmatch(word):
            point = _dotted(word)
            return Ground(point, self._numbers.get(point, ""), point in self._numbers)
        return Ground(word, "", False)


def _dotted(point: str) -> str:
    """«1.10.2» → «1.10.2.», as 231н and the screen write it."""
    return f"{point.rstrip('.')}." if point else ""


def read_mek(source: Path | BinaryIO, *, codes: Mapping[str, str] | None = None, name: str = "") -> MekFile:
    """Open a return; FormatError when the table has no key of a case or no ground."""
    return MekFile(read_dbf(source, MEK, name=name), codes)


def write_mek(target: Path | BinaryIO, rows: Iterable[Sequence[Any]], day: date) -> Written:
    """Write a return; rows in the order of ``MEK.names``."""
    return write_dbf(target, MEK, rows, day)
