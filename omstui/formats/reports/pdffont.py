"""The face of a PDF (шрифт): Cyrillic from a package, widths of text without asking the library."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

REGULAR, BOLD = "OmsSans", "OmsSans-Bold"
_BOX = 600
_FILES = {REGULAR: "SourceSansPro-Regular.ttf", BOLD: "SourceSansPro-Bold.ttf"}
#: signs the face has not got → the nearest it has
_NEAREST = str.maketrans({"↔": "-", "█": "#", "\t": " ", "\u202f": "\u00a0", "\u2011": "-"})


class _Widths(dict[str, int]):
    """Widths of the signs of a face; a sign it has not got is drawn as an empty box."""

    def __missing__(self, sign: str) -> int:
        return _BOX


@lru_cache(maxsize=2)
def widths(name: str) -> _Widths:
    """Register the face and return widths of its signs in thousandths of the size."""
    import font_source_sans_pro
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    path = Path(font_source_sans_pro.__file__).with_name("files") / _FILES[name]
    font = TTFont(name, str(path))
    pdfmetrics.registerFont(font)
    return _Widths((chr(code), int(width)) for code, width in font.face.charWidths.items())


#: points: a column made as wide as a word must hold it, whatever the last bit of the arithmetic says
_HAIR = 0.01


def text_width(text: str, name: str, size: float) -> float:
    """Width of a line of text in points."""
    return sum(map(widths(name).__getitem__, text)) * size / 1000


def printable(text: str) -> str:
    """The text with signs the face has."""
    return text.translate(_NEAREST)


def folded(text: str, name: str, size: float, room: float) -> list[str]:
    """The text in lines no wider than ``room``: at spaces, a longer word where it must."""
    text, room = printable(text), room + _HAIR
    if "\n" not in text and text_width(text, name, size) <= room:
        return [text]
    found: list[str] = []
    for raw in text.splitlines() or [""]:
        found += _paragraph(raw, name, size, room)
    return found


def _paragraph(text: str, name: str, size: float, room: float) -> list[str]:
    found, line = [], ""
    for word in text.split(" "):
        longer = f"{line} {word}" if line else word
        if text_width(longer, name, size) <= room:
            line = longer
            continue
        if line:
            found.append(line)
        while text_width(word, name, size) > room and len(word) > 1:
            cut = _fits(word, name, size, room)
            found.append(word[:cut])
            word = word[cut:]
        line = word
    found.append(line)
    return found


def _fits(word: str, name: str, size: float, room: float) -> int:
    """How many signs of a word fit; at least one."""
    cut = 1
    while cut < len(word) and text_width(word[: cut + 1], name, size) <= room:
        cut += 1
    return cut
