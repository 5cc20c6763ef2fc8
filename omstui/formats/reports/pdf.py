"""A report as PDF (печать): drawn on the canvas line by line, 40,000 rows in bounded memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import BinaryIO

from omstui.domain.reports.model import (
    Block,
    Chart,
    Document,
    Lines,
    PageBreak,
    Pairs,
    Signatures,
    Table,
)
from omstui.formats.reports.pdfchart import draw_chart
from omstui.formats.reports.pdffont import BOLD, REGULAR, folded, text_width
from omstui.formats.reports.pdfpage import Pages
from omstui.formats.reports.pdftable import draw_table
from omstui.formats.reports.values import Track, untracked

_SIZE, _LEAD = 9.5, 12.5
_TITLE = 13.0


def write(document: Document, stream: BinaryIO, *, track: Track = untracked) -> None:
    """Write the PDF; the same document gives the same bytes."""
    pages = Pages(stream, document.title, document.landscape)
    _centred(pages, [document.title], BOLD, _TITLE)
    _centred(pages, document.subtitle, REGULAR, _SIZE)
    for block in document.blocks:
        _block(pages, block, track)
    pages.close()


def _block(pages: Pages, block: Block, track: Track) -> None:
    if isinstance(block, PageBreak):
        if not pages.at_top:
            pages.next()
        return
    pages.y -= _LEAD / 2
    if isinstance(block, Table):
        draw_table(pages, block, track)
    elif isinstance(block, Lines):
        _paragraphs(pages, block.lines)
    elif isinstance(block, Pairs):
        _pairs(pages, block)
    elif isinstance(block, Signatures):
        _signatures(pages, block.rows)
    elif isinstance(block, Chart):
        draw_chart(pages, block)


def _centred(pages: Pages, texts: Iterable[str], font: str, size: float) -> None:
    middle = (pages.left + pages.right) / 2
    for text in texts:
        for line in folded(text, font, size, pages.room):
            pages.need(size * 1.3)
            pages.y -= size * 1.3
            pages.text(middle, pages.y, line, font, size, "^")


def _paragraphs(pages: Pages, texts: Iterable[str]) -> None:
    for text in texts:
        if text.startswith("="):
            _centred(pages, [text[1:].strip()], BOLD, _SIZE)
            continue
        heading = text.startswith("#")
        font = BOLD if heading else REGULAR
        if heading:
            pages.need(3 * _LEAD)
        bare = text[1:].strip() if heading else text.lstrip(" ")
        # what is folded stays under its beginning
        indent = 0.0 if heading else text_width(" " * (len(text) - len(bare)), font, _SIZE)
        for line in folded(bare, font, _SIZE, pages.room - indent):
            pages.need(_LEAD)
            pages.y -= _LEAD
            pages.text(pages.left + indent, pages.y, line, font, _SIZE)


def _pairs(pages: Pages, block: Pairs) -> None:
    if block.title:
        _paragraphs(pages, ["# " + block.title])
    widest = max((text_width(name, REGULAR, _SIZE) for name, _ in block.rows), default=0.0)
    name_room = min(widest, pages.room * 0.4)
    at = pages.left + name_room + 10
    for name, value in block.rows:
        left = folded(name, REGULAR, _SIZE, name_room + 0.01)
        right = folded(value, BOLD, _SIZE, pages.right - at)
        for n in range(max(len(left), len(right))):
            pages.need(_LEAD)
            pages.y -= _LEAD
            pages.text(pages.left, pages.y, left[n] if n < len(left) else "", REGULAR, _SIZE)
            pages.text(at, pages.y, right[n] if n < len(right) else "", BOLD, _SIZE)


def _signatures(pages: Pages, rows: Sequence[tuple[str, str]]) -> None:
    rule = pages.left + 200
    name_at = rule + 140
    folds = [
        (folded(post, REGULAR, _SIZE, 190), folded(name, REGULAR, _SIZE, pages.right - name_at))
        for post, name in rows
    ]
    heights = [(1 + max(map(len, both))) * _LEAD for both in folds]
    pages.need(sum(heights))
    for (posts, names), height in zip(folds, heights, strict=True):
        pages.y -= height
        for x, lines in ((pages.left, posts), (name_at, names)):
            for n, line in enumerate(reversed(lines)):  # the last line stands on the rule
                pages.text(x, pages.y + n * _LEAD, line, REGULAR, _SIZE)
        pages.canvas.line(rule, pages.y - 2, rule + 130, pages.y - 2)
