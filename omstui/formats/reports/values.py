"""Cells as text and the totals of a table (значения и итоги), the same for every kind of file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from omstui.domain.money import quantity_text, spaced
from omstui.domain.reports.model import Cell, CellKind, Column, Table

#: ``ctx.track`` of an operation: items, stage, how many there are; passes the items on and counts
Track = Callable[[Iterable[Any], str, int], Iterable[Any]]

EMPTY = "Данных нет"
TOTAL = "Итого"
SUBTOTAL = "Итого: "
#: a text that begins so would be run by a spreadsheet as a formula
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def untracked(items: Iterable[Any], stage: str, total: int) -> Iterable[Any]:
    """Progress of nobody: the preview and the tests."""
    return items


def day_text(value: str) -> str:
    """«2021-04-05» → «05.04.2021»; anything else stays."""
    if len(value) == 10 and value[4] == value[7] == "-":
        return f"{value[8:]}.{value[5:7]}.{value[:4]}"
    return value


def harmless(text: str) -> str:
    """The text of a CSV cell, marked as text where a spreadsheet would take it for a formula."""
    return "'" + text if text.startswith(_FORMULA) and len(text) > 1 else text


def grouped(value: int) -> str:
    """«12 345»."""
    return f"{value:,}".replace(",", " ")


def cell_text(kind: CellKind, value: Cell) -> str:
    """A cell as people read it: kopecks «235 180,00», a day «05.04.2021», nothing for None."""
    if value is None:
        return ""
    if isinstance(value, str):
        return day_text(value) if kind == "day" else value
    if kind == "money":
        return spaced(value)
    if kind == "count":
        return grouped(value)
    if kind == "quantity":
        return quantity_text(value).replace(".", ",")
    if kind == "percent":
        return f"{spaced(value)}%"
    return str(value)


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a table: its data, the totals of a group that ended, or of the whole table."""

    kind: Literal["data", "group", "total"]
    cells: Sequence[Cell]
    #: of totals: how many rows of data they add up
    count: int = 0


def walk(table: Table, track: Track = untracked, stage: str = "") -> Iterator[Row]:
    """The rows of a table with group totals and the grand total where they belong, one at a time."""
    summed = [i for i, column in enumerate(table.columns) if column.total]
    place = _group_place(table)
    group, whole = [0] * len(summed), [0] * len(summed)
    name: Cell = None
    inside = count = groups = 0
    for row in track(table.rows, stage, table.count):
        if place is not None and inside and row[place] != name:
            yield _totals(table.columns, summed, group, "group", _group_name(table, place, name), inside)
            group, inside, groups = [0] * len(summed), 0, groups + 1
        if place is not None:
            name = row[place]
        yield Row("data", row)
        for n, index in enumerate(summed):
            value = row[index]
            if isinstance(value, int):
                group[n] += value
                whole[n] += value
        inside += 1
        count += 1
    if place is not None and inside:
        yield _totals(table.columns, summed, group, "group", _group_name(table, place, name), inside)
    if count and summed and table.totals:
        yield _totals(table.columns, summed, whole, "total", TOTAL, count)


def _group_place(table: Table) -> int | None:
    keys = [column.key for column in table.columns]
    return keys.index(table.group) if table.group else None


def _group_name(table: Table, place: int, value: Cell) -> str:
    return SUBTOTAL + cell_text(table.columns[place].kind, value)


def _totals(
    columns: Sequence[Column],
    summed: Sequence[int],
    sums: Sequence[int],
    kind: Literal["group", "total"],
    name: str,
    count: int,
) -> Row:
    cells: list[Cell] = [None] * len(columns)
    for index, value in zip(summed, sums, strict=True):
        cells[index] = value
    first = next((i for i, cell in enumerate(cells) if cell is None), None)
    if first is not None:
        cells[first] = name
    return Row(kind, cells, count)


def label_span(columns: Sequence[Column], cells: Sequence[Cell]) -> tuple[int, int]:
    """Where the name of totals stands and where it ends: it runs on over the empty cells after it."""
    start = next((i for i, c in enumerate(cells) if isinstance(c, str)), 0)
    end = start + 1
    while end < len(columns) and cells[end] is None:
        end += 1
    return start, end
