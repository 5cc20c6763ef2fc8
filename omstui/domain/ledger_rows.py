"""Rows of a ledger (строки сверки): amounts per insurer, whatever chain of files they come from. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from omstui.domain.money import roubles
from omstui.domain.store import config

#: (count, kopecks) columns of a row, in the order of ``status --json``
COLUMNS = (
    "sent",
    "refused1",
    "undecided",
    "accepted1",
    "moved_in",
    "moved_out",
    "reformed",
    "refused2",
    "paid",
    "pending",
)
TITLES = {
    "sent": "подано (3X)",
    "refused1": "отказано на стадии 1",
    "undecided": "нет решения",
    "accepted1": "принято на стадии 1",
    "moved_in": "пришло от других СМО",
    "moved_out": "ушло к другим СМО",
    "reformed": "в файле 7",
    "refused2": "отказано на стадии 2",
    "paid": "оплачено",
    "pending": "ждёт решения «2»",
}


@dataclass(slots=True)
class Amount:
    """A number of accounts and their kopecks."""

    count: int = 0
    total: int = 0

    def add(self, count: int, total: int) -> None:
        self.count += count
        self.total += total

    def __add__(self, other: Amount) -> Amount:
        return Amount(self.count + other.count, self.total + other.total)

    def __sub__(self, other: Amount) -> Amount:
        return Amount(self.count - other.count, self.total - other.total)


@dataclass(slots=True)
class Row:
    """The line of one insurer."""

    #: what this chain of files counts and how a table names it
    columns: ClassVar[tuple[str, ...]] = COLUMNS
    titles: ClassVar[dict[str, str]] = TITLES
    #: whether withholdings are entered at all in this order of work
    withholds: ClassVar[bool] = True

    payer: config.Payer
    amounts: dict[str, Amount] = field(default_factory=lambda: {c: Amount() for c in COLUMNS})
    withheld: int | None = None  # None = «не внесено»
    #: packages 3X of the month that concern the insurer, and those whose 7 is made
    packages: set[int] = field(default_factory=set)
    sevens: set[int] = field(default_factory=set)

    @property
    def has_seven(self) -> bool:
        """Whether F6 is done for every package of the month that concerns the insurer."""
        return bool(self.sevens) and self.packages <= self.sevens

    def __getitem__(self, column: str) -> Amount:
        # a column of the other order of work is nothing here
        return self.amounts.get(column) or Amount()

    @property
    def payable(self) -> int:
        """К оплате: sum of the 7 less the withholding (§5)."""
        return self["reformed"].total - (self.withheld or 0)

    def as_json(self) -> dict[str, Any]:
        """The row of ``status --json``."""
        data: dict[str, Any] = {
            "smo": self.payer.code,
            "letter": self.payer.letter,
            "name": self.payer.name,
        }
        for column in self.columns:
            data[f"{column}_count"] = self[column].count
            data[f"{column}_sum"] = roubles(self[column].total)
        return data | self._payable_json()

    def _payable_json(self) -> dict[str, Any]:
        return {
            "withheld": roubles(self.withheld or 0),
            "withheld_entered": self.withheld is not None,
            "payable": roubles(self.payable),
        }


@dataclass(slots=True)
class Ledger:
    """Rows per insurer and the lines that do not balance."""

    period: str
    rows: list[Row]
    problems: list[str]
    columns: tuple[str, ...] = COLUMNS
    titles: dict[str, str] = field(default_factory=lambda: TITLES)
    withholds: bool = True

    @property
    def balanced(self) -> bool:
        return not self.problems

    def total(self, column: str) -> Amount:
        return sum((row[column] for row in self.rows), Amount())

    @property
    def withheld(self) -> int:
        return sum(row.withheld or 0 for row in self.rows)

    @property
    def payable(self) -> int:
        return sum(row.payable for row in self.rows)
