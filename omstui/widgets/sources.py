"""Where a list takes its rows from (источник списка): the protocol and one kept in memory."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

Cells = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A column (столбец): title, width in cells, «<» or «>», key to sort by (empty = cannot).

    ``flex`` takes the room that is left; ``wide_only`` is shown from 100 columns up.
    """

    title: str
    width: int
    align: str = "<"
    wide_only: bool = False
    key: str = ""
    flex: bool = False


@runtime_checkable
class ListSource(Protocol):
    """Rows by id. ``open`` runs in a thread (it may take long), the rest on the screen's thread.

    Optional attributes a source may add:

    * ``instant = True`` — ``open`` is quick and runs without a thread;
    * ``state(row_id, cells) -> str`` — "", "good", "warn", "error", "muted" or "strong";
    * ``groups() -> Sequence[tuple[title, callable -> ids]]`` — what «+» and «-» offer.
    """

    @property
    def columns(self) -> Sequence[Column]: ...

    def open(self, where: Mapping[str, Any], search: str, sort: str | None) -> array[int]:
        """Return the ids of the list in order, for this filter, search text and sort key."""
        ...

    def rows(self, ids: Sequence[int]) -> Mapping[int, Cells]:
        """Return the cells of these rows; an id that is gone is simply not there."""
        ...

    def find(self, ids: array[int], start: int, text: str) -> int:
        """Return the position ≥ ``start`` in ids of the next row with the text, or -1."""
        ...

    def total(self, ids: Collection[int]) -> tuple[int, int | None]:
        """Return (count, kopecks) of these rows; None = sums make no sense here."""
        ...


class MemorySource:
    """A small list kept in memory (справочник, меню, доска)."""

    instant = True

    def __init__(
        self,
        columns: Sequence[Column],
        rows: Mapping[int, Cells] | Sequence[Cells],
        *,
        state: Callable[[int, Cells], str] | None = None,
        kopecks: Mapping[int, int] | None = None,
    ) -> None:
        self._columns = tuple(columns)
        self._state = state
        self._kopecks = kopecks
        self._rows: dict[int, Cells] = {}
        self.replace(rows)

    @property
    def columns(self) -> Sequence[Column]:
        return self._columns

    def replace(self, rows: Mapping[int, Cells] | Sequence[Cells]) -> None:
        """Set other rows; the list must be told to load again."""
        self._rows = dict(rows) if isinstance(rows, Mapping) else dict(enumerate(rows))

    def open(self, where: Mapping[str, Any], search: str, sort: str | None) -> array[int]:
        low = search.casefold()
        found = [
            row_id
            for row_id, row in self._rows.items()
            if not low or any(low in cell.casefold() for cell in row)
        ]
        keys = [column.key for column in self._columns]
        if sort and sort in keys:
            place = keys.index(sort)
            found.sort(key=lambda row_id: self._rows[row_id][place].casefold())
        return array("q", found)

    def rows(self, ids: Sequence[int]) -> Mapping[int, Cells]:
        return {row_id: self._rows[row_id] for row_id in ids if row_id in self._rows}

    def find(self, ids: array[int], start: int, text: str) -> int:
        low = text.casefold()
        for place in range(start, len(ids)):
            if any(low in cell.casefold() for cell in self._rows.get(ids[place], ())):
                return place
        return -1

    def total(self, ids: Collection[int]) -> tuple[int, int | None]:
        if self._kopecks is None:
            return len(ids), None
        return len(ids), sum(self._kopecks.get(row_id, 0) for row_id in ids)

    def state(self, row_id: int, row: Cells) -> str:
        """Return the state of a row, for its letter and style."""
        return self._state(row_id, row) if self._state else ""
