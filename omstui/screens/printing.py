"""F9 «Печать того, что на экране» (печать списка): the list as it stands becomes a document."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from omstui import strings
from omstui.domain.money import kopecks, spaced
from omstui.domain.reports.model import Cell, CellKind, Column, Document, Lines, Table
from omstui.screens.menu import Item
from omstui.screens.saving import save_document
from omstui.widgets import sources
from omstui.widgets.lazy_table import LazyTable
from omstui.widgets.list_rows import WIDE
from omstui.widgets.tab_line import TabLine
from omstui.widgets.text_view import TextView

if TYPE_CHECKING:
    from omstui.screens.base import BaseScreen

#: rows read at a time, and looked at to tell what a column holds
_PAGE = 512
_MONEY = re.compile(r"-?\d{1,3}( \d{3})*,\d\d")
_COUNT = re.compile(r"-?\d{1,3}( ?\d{3})*")
_DAY = re.compile(r"(\d\d)\.(\d\d)\.(\d{4})")
#: signs of a column that takes the rest of the screen: on paper it must have a width
_FLEX = 40
_LANDSCAPE = 100


async def print_list(screen: BaseScreen, table: LazyTable) -> None:
    """Ask what of the list is wanted and where to, and write it."""
    ids = list(table.ids)
    if table.marked:
        items = [Item("marked", strings.PRINT_MARKED), Item("all", strings.PRINT_ALL)]
        choice = await screen.choose(strings.PRINT_TITLE, items)
        if choice is None:
            return
        if choice == "marked":
            ids = table.chosen_ids()
    title = _title(screen)
    columns = [(n, c) for n, c in enumerate(table.source.columns) if _usable(c, table.size.width)]
    notes = [*_tab(screen), *_conditions(table), *_totals(table, ids)]

    def make() -> Document:
        return document(title, table.source, columns, ids, notes)

    await save_document(screen, make, _name(screen), "list")


async def print_text(screen: BaseScreen, view: TextView) -> None:
    """A text of the screen as a file; one with columns made of spaces goes to a printer of even letters."""
    title = _title(screen)
    notes = _tab(screen)
    # «=» at the beginning would centre the line, and here it is a rule
    lines = [f" {line}" if line.startswith("=") else line for line in view.lines]

    def make() -> Document:
        return Document(title, title, [Lines(lines)], notes)

    await save_document(
        screen, make, _name(screen), "list", formats=("pdf", "txt") if view.folds else ("txt",)
    )


def _title(screen: BaseScreen) -> str:
    return " · ".join(part for part in (screen.HEADING, screen.subject()) if part)


def _tab(screen: BaseScreen) -> list[str]:
    """The open tab: it chooses the rows as a filter does."""
    return [f"«{line.title}»" for line in screen.query(TabLine)]


def _name(screen: BaseScreen) -> str:
    """The name of the file: papers about two cases or of two tabs must not overwrite each other."""
    return " ".join((screen.paper_name(), *_tab(screen)))


def document(
    title: str,
    source: sources.ListSource,
    columns: Sequence[tuple[int, sources.Column]],
    ids: Sequence[int],
    notes: Sequence[str],
) -> Document:
    """The rows of a list in the order of the screen."""
    first = source.rows(ids[:_PAGE])
    kinds = [_kind(column, [row[n] for row in first.values() if n < len(row)]) for n, column in columns]
    shown = [
        Column(str(n), column.title, _FLEX if column.flex else column.width, kind)
        for (n, column), kind in zip(columns, kinds, strict=True)
    ]
    rows = _rows(source, ids, [n for n, _ in columns], kinds)
    table = Table(shown, rows, totals=False, count=len(ids))
    broad = sum(column.width for column in shown) > _LANDSCAPE
    return Document(title, title, [table], notes, landscape=broad)


def _usable(column: sources.Column, width: int) -> bool:
    return width >= WIDE or not column.wide_only


def _conditions(table: LazyTable) -> list[str]:
    found = []
    if table.search:
        found.append(strings.FILTER_LABEL + table.search)
    by = next((c.title for c in table.sortable if c.key == table.sort), "")
    if by:
        found.append(strings.PRINT_SORTED.format(column=by))
    return found


def _totals(table: LazyTable, ids: Sequence[int]) -> list[str]:
    _, total = table.source.total(ids) if ids else (0, None)
    text = strings.PRINT_ROWS.format(count=len(ids))
    return [text if total is None else strings.PRINT_ROWS_SUM.format(count=len(ids), total=spaced(total))]


def _kind(column: sources.Column, texts: Sequence[str]) -> CellKind:
    """What a column holds, told by what stands in it: figures go to a spreadsheet as figures."""
    said = [text.strip() for text in texts if text.strip()]
    if not said:
        return "text"
    if all(map(_DAY.fullmatch, said)):
        return "day"
    if column.align == ">":
        if all(map(_MONEY.fullmatch, said)):
            return "money"
        if all(map(_COUNT.fullmatch, said)):
            return "count"
    return "text"


def _rows(
    source: sources.ListSource, ids: Sequence[int], places: Sequence[int], kinds: Sequence[CellKind]
) -> Iterator[Sequence[Cell]]:
    for start in range(0, len(ids), _PAGE):
        part = ids[start : start + _PAGE]
        page = source.rows(part)
        for row_id in part:
            row = page.get(row_id)
            if row is not None:
                yield [
                    _value(kind, row[n] if n < len(row) else "")
                    for n, kind in zip(places, kinds, strict=True)
                ]


def _value(kind: CellKind, text: str) -> Cell:
    """A text of the screen as a value; one that does not look like its column stays a text."""
    text = text.strip()
    if kind == "money" and _MONEY.fullmatch(text):
        return kopecks(text)
    if kind == "count" and _COUNT.fullmatch(text):
        return int(text.replace(" ", ""))
    if kind == "day" and (found := _DAY.fullmatch(text)):
        return f"{found[3]}-{found[2]}-{found[1]}"
    return text or None
