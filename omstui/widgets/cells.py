"""Cells of a terminal line (знакоместа): cleaning, cutting, wrapping, styles; no markup."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from rich.cells import get_character_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

PLAIN = Style()
BOLD = Style(bold=True)
DIM = Style(dim=True)
REVERSE = Style(reverse=True)
UNDERLINE = Style(underline=True)
HEADER = Style(bold=True, underline=True)

#: state of a row → (letter in the second column, style); the letter speaks without colour
STATES: dict[str, tuple[str, Style]] = {
    "": (" ", PLAIN),
    "good": ("+", Style(color="green")),
    "warn": ("?", Style(color="yellow")),
    "error": ("!", Style(color="red", bold=True)),
    "muted": ("·", DIM),
    "strong": (">", BOLD),
}

_ODD = re.compile(r"[^\x20-\x7e\u0400-\u045f«»№—–…·×→←↑↓│─]")
_SPACES = re.compile(r"[\r\n\t\v\f]+")


def clean(text: str) -> str:
    """Return the text with one cell per character: data must never break the columns.

    Newlines and tabs become a space, other control characters vanish, wide and combining
    characters become «?», so that a width is simply a length.
    """
    if not _ODD.search(text):
        return text
    text = unicodedata.normalize("NFC", _SPACES.sub(" ", text))
    out = []
    for char in text:
        if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co"):
            continue
        out.append(char if get_character_cell_size(char) == 1 else "?")
    return "".join(out)


def one_cell_each(text: str) -> str:
    """Return the text with every character drawn in one cell, the length unchanged (for editing)."""
    if not _ODD.search(text):
        return text
    return "".join(
        char if char.isprintable() and get_character_cell_size(char) == 1 else "?" for char in text
    )


def fit(text: str, width: int, align: str = "<") -> str:
    """Return clean text of exactly ``width`` cells; «…» shows that something was cut."""
    text = clean(text)
    if len(text) > width:
        return text[: max(width - 1, 0)] + "…" if width > 0 else ""
    return text.rjust(width) if align == ">" else text.ljust(width)


#: a space where a line may end; «25 379,10» is one word
_BETWEEN_WORDS = re.compile(r"(?<!\d) | (?!\d{3}(?!\d))")


def wrap(text: str, width: int, indent: int = 0) -> list[str]:
    """Return lines no wider than ``width``; lines after the first start with ``indent`` spaces.

    Newlines of the text are kept. Words longer than a line are broken.
    """
    width = max(width, indent + 8)
    lines: list[str] = []
    for raw in text.split("\n"):
        rest = clean(raw.rstrip())
        pad = " " * indent if lines else ""
        while len(rest) > width - len(pad):
            room = width - len(pad)
            # five signs further: what follows a space says whether it parts a number
            spaces = [m.start() for m in _BETWEEN_WORDS.finditer(rest, 1, room + 5) if m.start() <= room]
            cut = spaces[-1] if spaces and spaces[-1] > room // 3 else room
            lines.append(pad + rest[:cut].rstrip())
            rest = rest[cut:].lstrip()
            pad = " " * indent
        lines.append(pad + rest)
    return lines


def strip_of(parts: Iterable[tuple[str, Style]], width: int, fill: Style = PLAIN) -> Strip:
    """Return a line of exactly ``width`` cells from (clean text, style) parts."""
    segments: list[Segment] = []
    left = width
    for text, style in parts:
        if left <= 0:
            break
        text = text[:left]
        if text:
            segments.append(Segment(text, style))
            left -= len(text)
    if left > 0:
        segments.append(Segment(" " * left, fill))
    return Strip(segments, width)


def join_fitting(parts: Sequence[str], width: int, separator: str = " · ") -> str:
    """Return the parts joined, no wider than ``width``: the last ones are left out."""
    line = ""
    for part in parts:
        if not part:
            continue
        new = line + separator + part if line else part
        if line and len(new) > width:
            break
        line = new
    return fit(line, width).rstrip()
