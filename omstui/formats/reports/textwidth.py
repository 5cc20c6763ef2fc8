"""Widths of a text page (ширина столбцов): shares of columns, folding, cells in their places."""

from __future__ import annotations

from collections.abc import Sequence

from omstui.domain.reports.model import Column

#: a column of text is never narrower
_LEAST = 4


def fitted(columns: Sequence[Column], width: int) -> list[int]:
    """Widths of columns on a page: too many signs are taken from the widest text columns."""
    widths = [max(column.width, 1) for column in columns]
    over = sum(widths) + len(widths) - 1 - width
    elastic = [i for i, column in enumerate(columns) if column.kind == "text"]
    while over > 0 and elastic:
        widest = max(elastic, key=lambda i: widths[i])
        if widths[widest] <= _LEAST:
            break
        widths[widest] -= 1
        over -= 1
    return widths


def wrapped(text: str, width: int) -> list[str]:
    """The text folded at spaces; a word longer than a line is cut."""
    width = max(width, 1)
    found: list[str] = []
    for raw in text.splitlines() or [""]:
        rest = raw.rstrip()
        while len(rest) > width:
            cut = rest.rfind(" ", 1, width + 1)
            cut = cut if cut > 0 and rest[:cut].strip() else width
            found.append(rest[:cut].rstrip())
            rest = rest[cut:].lstrip()
        found.append(rest)
    return found


def placed(texts: Sequence[str], widths: Sequence[int], aligns: Sequence[str]) -> str:
    """One line of cells. A number too long for its column loses its spaces, then takes room on the left."""
    line, end = "", -1
    for text, width, align in zip(texts, widths, aligns, strict=True):
        end += width + 1
        if align == ">":
            if len(text) > width:
                text = text.replace(" ", "")
            line = line.rstrip(" ") if len(line) + 1 + len(text) > end else line
            gap = " " if line else ""
            line += gap + text.rjust(max(end - len(line) - len(gap), 0))
        else:
            start = end - width
            line = line.ljust(start) if len(line) <= start else line + " "
            line += text.ljust(width)
    return line.rstrip()
