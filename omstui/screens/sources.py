"""Lists of the screens over the store (источники списков): which columns, how a value is shown.

The SQL of a list is in ``omstui.domain.store.lists``; here stand its titles, widths and formats for 80
columns. Rows come in pages, the search of typed letters asks the database once per text.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from omstui.domain.model import KINDS, REFUSAL_KIND_TITLES
from omstui.domain.money import spaced
from omstui.domain.store import db, lists
from omstui.widgets.sources import Cells, Column

#: how many rows after the cursor typed letters look at before the whole list
_NEAR = 1000

Group = tuple[str, Callable[[], Iterable[int]]]


@dataclass(frozen=True, slots=True)
class Shown:
    """A column of a list: key in the store, title, width, how the raw value is written."""

    key: str
    title: str
    width: int
    show: Callable[[Any], str] = str
    align: str = "<"
    wide_only: bool = False
    flex: bool = False
    sortable: bool = True

    @property
    def column(self) -> Column:
        return Column(
            self.title,
            self.width,
            self.align,
            self.wide_only,
            self.key if self.sortable else "",
            self.flex,
        )


def text(value: Any) -> str:
    return "" if value is None else str(value)


def day(value: Any) -> str:
    """«2021-04-05» → «05.04.2021»; a moment keeps its hours and minutes."""
    if not value:
        return ""
    head, _, time = str(value).partition(" ")
    parts = head.split("-")
    shown = ".".join(reversed(parts)) if len(parts) == 3 else head
    return f"{shown} {time[:5]}".strip()


def short_day(value: Any) -> str:
    """«2021-04-05» → «05.04.21», for 80 columns."""
    shown = day(value).split(" ")[0]
    return shown[:6] + shown[8:] if len(shown) == 10 else shown


def money(value: Any) -> str:
    return spaced(int(value or 0))


def kind(value: Any) -> str:
    found = KINDS.get(str(value))
    return found.title if found else text(value)


def refusal_kind(value: Any) -> str:
    return REFUSAL_KIND_TITLES.get(str(value), text(value))


def refusal_road(stage: int, kind: str) -> str:
    """«, стадия 1: полис», or «: ФЛК»: only the roads of manual A have stages."""
    return f", стадия {stage}: {refusal_kind(kind)}" if stage in (1, 2) else f": {refusal_kind(kind)}"


class StoreSource:
    """A ListSource over one query of the store, with a fixed part of the filter."""

    def __init__(
        self,
        name: str,
        columns: Sequence[Shown],
        *,
        fixed: Mapping[str, Any] | None = None,
        hidden: Sequence[str] = (),
        state: Callable[[Mapping[str, Any]], str] | None = None,
        groups: Callable[[], Sequence[Group]] | None = None,
    ) -> None:
        self.name = name
        self.shown = tuple(columns)
        self.fixed = dict(fixed or {})
        self._keys = [c.key for c in columns] + list(hidden)
        self._state = state
        self._groups = groups
        self._raw: dict[int, dict[str, Any]] = {}
        self._found: tuple[str, frozenset[int]] = ("", frozenset())
        self._last: tuple[dict[str, Any], str] = ({}, "")

    @property
    def columns(self) -> Sequence[Column]:
        return [c.column for c in self.shown]

    def open(self, where: Mapping[str, Any], search: str, sort: str | None) -> array[int]:
        filters = {**self.fixed, **where}
        with db.connection():
            ids = lists.ids(self.name, filters, search, sort or "")
        self._last = (filters, search)
        self._found = ("", frozenset())
        return ids

    def rows(self, ids: Sequence[int]) -> Mapping[int, Cells]:
        with db.connection():
            raw = lists.rows(self.name, self._keys, ids)
        if len(self._raw) > 5000:
            self._raw.clear()
        cells: dict[int, Cells] = {}
        for row_id, values in raw.items():
            self._raw[row_id] = dict(zip(self._keys, values, strict=True))
            cells[row_id] = tuple(c.show(v) for c, v in zip(self.shown, values, strict=False))
        return cells

    def raw(self, row_id: int) -> dict[str, Any]:
        """Raw values of a row by key (kopecks, dates as stored); read again if not in the cache."""
        if row_id not in self._raw:
            self.rows([row_id])
        return self._raw.get(row_id, {})

    def find(self, ids: array[int], start: int, text: str) -> int:
        if lists.has_typed(self.name):
            return self._find_typed(ids, start, text)
        if self._found[0] != text:
            filters, search = self._last
            with db.connection():
                match = lists.ids(self.name, filters, f"{search} {text}".strip())
            self._found = (text, frozenset(match))
        wanted = self._found[1]
        return next((n for n in range(start, len(ids)) if ids[n] in wanted), -1)

    def _find_typed(self, ids: array[int], start: int, text: str) -> int:
        """The rows near the cursor first, then the whole list; a longer text narrows what was found."""
        before, known = self._found
        with db.connection():
            near = ids[start : start + _NEAR]
            match = frozenset(lists.typed(self.name, {}, text, near))
            if not match and before != text:
                narrowing = before and text.startswith(before)
                known = frozenset(
                    lists.typed(self.name, self._last[0], text, list(known) if narrowing else None)
                )
                self._found = (text, known)
        if match:
            return next(start + n for n, row_id in enumerate(near) if row_id in match)
        return next((n for n in range(start, len(ids)) if ids[n] in known), -1)

    def total(self, ids: Collection[int]) -> tuple[int, int | None]:
        with db.connection():
            return lists.total(self.name, list(ids))

    @property
    def places(self) -> dict[str, int]:
        """Key → its place among the cells."""
        return {column.key: place for place, column in enumerate(self.shown)}

    def state(self, row_id: int, row: Cells) -> str:
        return self._state(self._raw.get(row_id, {})) if self._state else ""

    def groups(self) -> Sequence[Group]:
        return self._groups() if self._groups else ()
