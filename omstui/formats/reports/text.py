"""A report as plain text (текст для матричного принтера): 80 or 132 signs, form feeds, blocks as bars."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO

from omstui.domain.reports.model import (
    Block,
    Cell,
    Chart,
    Column,
    Document,
    Lines,
    PageBreak,
    Pairs,
    Signatures,
    Table,
)
from omstui.formats.reports.textchart import chart_lines
from omstui.formats.reports.textwidth import fitted, placed, wrapped
from omstui.formats.reports.values import EMPTY, Row, Track, cell_text, label_span, untracked, walk

#: signs of a line: a narrow carriage, the same with condensed letters, a wide carriage with condensed letters
NARROW, BROAD, BROADEST = 80, 132, 233
#: a table may lose so much of its text columns before it goes to wider paper
_SQUEEZE = 1.25
#: lines of a page of a matrix printer: eleven or twelve inches of six lines, less the margins
PAGE = 60
FEED = "\f"
_STAGE = "Текст"


def write(document: Document, stream: BinaryIO, *, track: Track = untracked) -> None:
    """Write the report for a matrix printer, UTF-8, pages of 60 lines."""
    for line in paged(document, track=track):
        stream.write(line.encode("utf-8") + b"\n")


def paper_width(document: Document) -> int:
    """80 signs if every table fits, else 132; very wide tables take 233."""
    tables = [block for block in document.blocks if isinstance(block, Table)]
    need = max((sum(c.width for c in t.columns) + len(t.columns) - 1 for t in tables), default=0)
    if need > BROAD * _SQUEEZE:
        return BROADEST
    return BROAD if document.landscape or need > NARROW else NARROW


def lines(document: Document, *, width: int = 0, track: Track = untracked) -> Iterator[str]:
    """The report as one long page: the preview, the golden files."""
    width = width or paper_width(document)
    for text, _ in _stream(document, width, track):
        if text != FEED:
            yield text


def paged(document: Document, *, width: int = 0, page: int = PAGE, track: Track = untracked) -> Iterator[str]:
    """The lines with form feeds: each page has its number and the headings of the table it goes on with."""
    width = width or paper_width(document)
    number, used, fresh = 1, 0, True
    for text, heads in _stream(document, width, track):
        if text == FEED and fresh:
            continue
        if text == FEED or used >= page:
            number += 1
            top = [FEED + f"{f'стр. {number}':>{width}}", *(heads if text != FEED else ())]
            yield from top
            used, fresh = len(top), True
        if text != FEED:
            yield text
            used, fresh = used + 1, False


def _stream(document: Document, width: int, track: Track) -> Iterator[tuple[str, Sequence[str]]]:
    """Each line with the headings to repeat when a page ends before it."""
    for line in wrapped(document.title.upper(), width):
        yield line.center(width).rstrip(), ()
    for text in document.subtitle:
        for line in wrapped(text, width):
            yield line.center(width).rstrip(), ()
    for block in document.blocks:
        if isinstance(block, PageBreak):
            yield FEED, ()
            continue
        yield "", ()
        if isinstance(block, Table):
            yield from _table(block, width, track)
        else:
            for line in _block(block, width):
                yield line, ()


def _block(block: Block, width: int) -> Iterator[str]:
    if isinstance(block, Lines):
        yield from _paragraphs(block.lines, width)
    elif isinstance(block, Pairs):
        yield from _pairs(block, width)
    elif isinstance(block, Chart):
        # values stand at the ends of bars: on a screen of 80 signs they must be seen, too
        yield from chart_lines(block, min(width, NARROW))
    elif isinstance(block, Signatures):
        for post, name in block.rows:
            yield ""
            yield f"{post:<30} {'_' * 20} {f'/ {name} /' if name else ''}".rstrip()


def _paragraphs(texts: Iterable[str], width: int) -> Iterator[str]:
    for text in texts:
        if text.startswith("="):
            for line in wrapped(text[1:].strip(), width):
                yield line.center(width).rstrip()
        elif text.startswith("#"):
            yield from wrapped(text[1:].strip().upper(), width)
        else:
            bare = text.lstrip(" ")
            pad = " " * (len(text) - len(bare))  # what is folded stays under its beginning
            yield from ((pad + line).rstrip() for line in wrapped(bare, width - len(pad)))


def _pairs(block: Pairs, width: int) -> Iterator[str]:
    if block.title:
        yield block.title.upper()
    name_width = min(max((len(name) for name, _ in block.rows), default=0), width // 2)
    for name, value in block.rows:
        left, right = wrapped(name, name_width), wrapped(value, width - name_width - 2)
        for n in range(max(len(left), len(right))):
            start = left[n] if n < len(left) else ""
            end = right[n] if n < len(right) else ""
            yield f"{start:<{name_width}}  {end}".rstrip()


def _table(table: Table, width: int, track: Track) -> Iterator[tuple[str, Sequence[str]]]:
    columns = table.columns
    widths = fitted(columns, width)
    rule = "-" * (sum(widths) + len(widths) - 1)
    heads = [*_cells(columns, widths, [c.title for c in columns]), rule]
    if table.title:
        for line in wrapped(table.title, width):
            yield line, ()
    yield rule, ()
    for line in heads:
        yield line, ()
    empty = True
    for row in walk(table, track, _STAGE):
        empty = False
        if row.kind == "total":
            yield rule, heads
        for line in _row(columns, widths, row):
            yield line, heads
        if row.kind == "group":
            yield rule, heads
    if empty:
        yield EMPTY, ()


def _row(columns: Sequence[Column], widths: Sequence[int], row: Row) -> Iterator[str]:
    texts = [_shown(column, cell) for column, cell in zip(columns, row.cells, strict=True)]
    if row.kind == "data":
        yield from _cells(columns, widths, texts)
        return
    start, end = label_span(columns, row.cells)
    span = sum(widths[start:end]) + end - start - 1
    label = wrapped(texts[start], span)
    for line in label[:-1]:
        yield " " * (sum(widths[:start]) + start) + line
    yield placed(
        [*texts[:start], label[-1], *texts[end:]],
        [*widths[:start], span, *widths[end:]],
        [*(c.align for c in columns[:start]), "<", *(c.align for c in columns[end:])],
    )


def _shown(column: Column, cell: Cell) -> str:
    return cell_text(column.kind, cell)


def _cells(columns: Sequence[Column], widths: Sequence[int], texts: Sequence[str]) -> Iterator[str]:
    aligns = [column.align for column in columns]
    folded = [
        wrapped(text, w) if a == "<" or any(map(str.isalpha, text)) else [text]
        for text, w, a in zip(texts, widths, aligns, strict=True)
    ]
    for n in range(max(len(cell) for cell in folded)):
        yield placed([cell[n] if n < len(cell) else "" for cell in folded], widths, aligns)
