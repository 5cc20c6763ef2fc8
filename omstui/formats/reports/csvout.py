"""A report as CSV (таблица для другой программы): rows of data without totals, as spreadsheets take it.

Semicolons, a decimal comma, UTF-8 with the mark: a Russian spreadsheet opens it by a double click.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from omstui.domain.money import quantity_text, roubles
from omstui.domain.reports.model import Block, Cell, CellKind, Chart, Document, Lines, Pairs, Table
from omstui.formats.reports.values import Track, day_text, harmless, untracked

_STAGE = "CSV"


def write(document: Document, stream: BinaryIO, *, track: Track = untracked) -> None:
    """Write every block that holds data; the title and the headings stand above the tables."""
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="", write_through=False)
    out = csv.writer(text, delimiter=";", lineterminator="\r\n")
    only = len(document.blocks) == 1 and isinstance(document.blocks[0], Table)
    if not only:
        out.writerow([document.title])
        out.writerows([line] for line in document.subtitle)
    for block in document.blocks:
        if not only:
            out.writerow([])
        out.writerows(_block(block, track))
    text.flush()
    text.detach()


def _block(block: Block, track: Track) -> Iterator[Sequence[str]]:
    if isinstance(block, Table):
        if block.title:
            yield [harmless(block.title)]
        yield [column.title for column in block.columns]
        kinds = [column.kind for column in block.columns]
        for row in track(block.rows, _STAGE, block.count):
            yield [_cell(kind, cell) for kind, cell in zip(kinds, row, strict=True)]
    elif isinstance(block, Pairs):
        yield from ([harmless(name), harmless(value)] for name, value in block.rows)
    elif isinstance(block, Lines):
        yield from ([harmless(line.lstrip("#=").strip())] for line in block.lines)
    elif isinstance(block, Chart):
        yield [harmless(block.title), *block.series]
        for place, label in enumerate(block.labels):
            yield [harmless(label), *(_cell(block.kind, values[place]) for values in block.series.values())]


def _cell(kind: CellKind, value: Cell) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return day_text(value) if kind == "day" else harmless(value)
    if kind in ("money", "percent"):
        return roubles(value).replace(".", ",")
    if kind == "quantity":
        return quantity_text(value).replace(".", ",")
    return str(value)
