"""Cases of a line of the plan as a list (источник списка): order and sums come from the sheet."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from omstui.domain.money import spaced
from omstui.domain.over_plan import Draft
from omstui.domain.sequester import Row
from omstui.domain.store import db
from omstui.domain.store import sequester as store
from omstui.domain.volumes import PlanLine
from omstui.screens.sequester_rows import amount
from omstui.screens.sources import short_day
from omstui.widgets.sources import Cells, Column

_COLUMNS = (
    Column("Пациент", 22),
    Column("Рожд.", 8),
    Column("Конец", 8),
    Column("Сумма", 11, ">"),
    Column("Нараст. итог", 12, ">"),
    Column("Пометка", 12),
    Column("№ карты", 14),
    Column("Отделение", 12),
    Column("Врач", 16),
    Column("Начало", 8),
    Column("Итог, руб.", 14, ">"),
)


class CaseSource:
    """Cases of one line in its order; the words come by pages, the rest from the sheet."""

    additive = True

    def __init__(self, draft: Draft, line_id: int) -> None:
        self._draft, self._line_id = draft, line_id
        self._rows: dict[int, Row] = {}
        self._excess: frozenset[int] = frozenset()
        self._found: tuple[str, frozenset[int]] = ("", frozenset())

    @property
    def columns(self) -> Sequence[Column]:
        return _COLUMNS

    @property
    def line(self) -> PlanLine:
        return next(line for line in self._draft.sheet.lines if line.id == self._line_id)

    def count_again(self) -> None:
        """Running totals and the excess as the choice stands."""
        draft = self._draft
        self._rows = {row.item.case: row for row in draft.sheet.rows(self.line, draft.out)}
        self._excess = frozenset(draft.excess())

    def open(self, where: Mapping[str, Any], search: str, sort: str | None) -> array[int]:
        self.count_again()
        self._found = ("", frozenset())
        wanted = self._search(search, list(self._rows)) if search else None
        return array("q", [case for case in self._rows if wanted is None or case in wanted])

    @staticmethod
    def _search(text: str, ids: Sequence[int]) -> set[int]:
        with db.connection():
            return store.search(ids, text)

    def rows(self, ids: Sequence[int]) -> Mapping[int, Cells]:
        with db.connection():
            words = store.words(ids)
        unit = limits[0].unit if (limits := self.line.limits) else "roubles"
        found: dict[int, Cells] = {}
        for case, told in words.items():
            row = self._rows[case]
            found[case] = (
                told.patient,
                short_day(told.birth),
                short_day(told.date_out),
                spaced(row.item.total),
                amount(unit, row.running),
                self.mark(row),
                told.nhistory,
                told.department,
                told.doctor,
                short_day(told.date_in),
                spaced(row.running_sum),
            )
        return found

    def mark(self, row: Row) -> str:
        """What becomes of the case, in a word."""
        case, draft = row.item.case, self._draft
        if case in draft.out:
            return "снят" if case in draft.sheet.out else "снять"
        if case in draft.sheet.out:
            return "вернуть"
        if case in self._excess:
            return "превышение"
        return row.reason

    def find(self, ids: array[int], start: int, text: str) -> int:
        if self._found[0] != text:
            self._found = (text, frozenset(self._search(text, list(ids))))
        return next((n for n in range(start, len(ids)) if ids[n] in self._found[1]), -1)

    def total(self, ids: Collection[int]) -> tuple[int, int | None]:
        items = self._draft.sheet.items
        return len(ids), sum(items[case].total for case in ids)

    def state(self, row_id: int, row: Cells) -> str:
        if row_id in self._draft.out:
            return "muted"
        return "error" if row_id in self._excess else ""

    def groups(self) -> Sequence[tuple[str, Callable[[], Iterable[int]]]]:
        free = [case for case, row in self._rows.items() if not row.reason]
        return [("Превышение", lambda: self._excess & set(self._rows)), ("Всё, что снимают", lambda: free)]
