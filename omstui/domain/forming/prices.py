"""Price book flattened (тарифы): for each code and age group, periods that do not overlap, each one price.

A row for the organisation's own level goes before one for any level, then a row for children or adults
before one for anybody, then the later beginning. Flattening it once makes pricing one indexed join.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from itertools import groupby
from typing import NamedTuple

FIRST_DAY, LAST_DAY = "0001-01-01", "9999-12-31"


class TariffRow(NamedTuple):
    """A row of the tariff book; «» = any level, anybody, no limit of dates. ``price`` in kopecks."""

    code: str
    level: str
    child: str
    begin: str
    end: str
    price: int


class Price(NamedTuple):
    """Price of a code for children ('1') or adults ('0') from ``begin`` to ``end``, both inside."""

    code: str
    child: str
    begin: str
    end: str
    price: int


def flatten(rows: Iterable[TariffRow], level: str) -> Iterator[Price]:
    """Yield the periods of each code and age group; ``rows`` come sorted by code."""
    for code, group in groupby(rows, key=lambda row: row.code):
        fitting = [row for row in group if row.level in ("", level)]
        for child in ("0", "1"):
            own = [row for row in fitting if row.child in ("", child)]
            if len(own) == 1:
                row = own[0]
                yield Price(code, child, row.begin or FIRST_DAY, row.end or LAST_DAY, row.price)
            elif own:
                yield from _paint(code, child, own)


def _paint(code: str, child: str, rows: list[TariffRow]) -> Iterator[Price]:
    """Cut the time at every beginning and end; the best row of each piece gives its price."""
    best = sorted(rows, key=lambda row: (row.level != "", row.child != "", row.begin), reverse=True)
    starts = sorted({row.begin or FIRST_DAY for row in rows} | {_after(row.end) for row in rows if row.end})
    for number, start in enumerate(starts):
        last = _before(starts[number + 1]) if number + 1 < len(starts) else LAST_DAY
        for row in best:
            if (row.begin or FIRST_DAY) <= start and start <= (row.end or LAST_DAY):
                yield Price(code, child, start, last, row.price)
                break


def _after(day: str) -> str:
    """The next day as text; the last day of time stays."""
    return day if day >= LAST_DAY else (date.fromisoformat(day) + timedelta(days=1)).isoformat()


def _before(day: str) -> str:
    return (date.fromisoformat(day) - timedelta(days=1)).isoformat()
