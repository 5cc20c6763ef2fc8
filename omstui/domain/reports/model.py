"""What a report is (отчёт): one definition gives the screen, PDF, XLSX, CSV and plain text. Pure.

A definition has parameters and a query that builds a ``Document``: headings, tables and lines. Cells are
values, not text (kopecks, ISO days): each renderer writes them its own way, so a sum in the spreadsheet is a
number and the same sum on paper is «235 180,00».
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

#: text | day «YYYY-MM-DD» | money kopecks | count | quantity hundredths | percent hundredths of a percent
CellKind = Literal["text", "day", "money", "count", "quantity", "percent"]
Cell = str | int | None


@dataclass(frozen=True, slots=True)
class Column:
    """A column: key, heading, width in signs on paper; ``total``: summed in group and grand totals."""

    key: str
    title: str
    width: int
    kind: CellKind = "text"
    total: bool = False

    @property
    def align(self) -> str:
        return "<" if self.kind in ("text", "day") else ">"


@dataclass(slots=True)
class Table:
    """Rows under columns. ``rows`` may be a generator (40,000 rows are never held at once).

    ``group``: key of the column whose change of value closes a group with its totals; rows come sorted by it.
    """

    columns: Sequence[Column]
    rows: Iterable[Sequence[Cell]]
    title: str = ""
    group: str = ""
    totals: bool = True
    #: how many rows there are, for the progress; 0 = not known
    count: int = 0


@dataclass(slots=True)
class Lines:
    """Paragraphs; one starting with «#» is a heading, «=» is centred."""

    lines: Sequence[str]


@dataclass(slots=True)
class Pairs:
    """Requisites: name and value."""

    rows: Sequence[tuple[str, str]]
    title: str = ""


@dataclass(slots=True)
class Chart:
    """Bars over labels (динамика): one or more series of whole numbers; drawn in PDF and with blocks."""

    title: str
    labels: Sequence[str]
    series: Mapping[str, Sequence[int]]
    kind: CellKind = "money"


@dataclass(slots=True)
class Signatures:
    """Lines for signatures: post and name."""

    rows: Sequence[tuple[str, str]]


@dataclass(slots=True)
class PageBreak:
    """The next block starts a page."""


Block = Table | Lines | Pairs | Chart | Signatures | PageBreak


@dataclass(slots=True)
class Document:
    """A filled report. ``name`` is the proposed file name without a suffix."""

    title: str
    name: str
    blocks: list[Block] = field(default_factory=list)
    subtitle: Sequence[str] = ()
    landscape: bool = False


@dataclass(frozen=True, slots=True)
class Param:
    """A parameter of a report: «period», «smo», «registry», «kind», «group»."""

    name: str
    title: str
    required: bool = False
    default: str = ""


@dataclass(frozen=True, slots=True)
class ReportDef:
    """A report of the list: ``build`` takes parameters by name and returns the document, in a connection.

    ``needs``: operation the region must have for the report to make sense, '' = any.
    """

    id: str
    title: str
    about: str
    build: Callable[..., Document]
    params: tuple[Param, ...] = (Param("period", "Отчётный месяц", required=True),)
    needs: str = ""


def values(given: Mapping[str, Any], report: ReportDef) -> dict[str, Any]:
    """The parameters the report takes, with defaults; others are left out."""
    return {p.name: given.get(p.name) or p.default for p in report.params}
