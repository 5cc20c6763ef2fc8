"""Names of federal files (имена файлов H/C/T/D и L): letters, pairs, building."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from omstui.formats.layouts.federal import PAIRS

_CASES = re.compile(r"([CHTX]|D[A-Z])([MST]\d{2,6}[MST]\d{2,6}_\d{4}\d{1,5}.*)", re.IGNORECASE)
_LETTERS = {persons: cases for cases, persons in PAIRS.items()}


def stem(name: str) -> str:
    """File name without folders and extension, upper case."""
    return PurePosixPath(name.replace("\\", "/")).stem.upper()


def letters_of(name: str) -> str:
    """Return the letters of a case file («H», «DP»), «» if the name is no such name."""
    found = _CASES.fullmatch(stem(name))
    return found[1] if found else ""


def persons_of(name: str) -> str:
    """Return the stem of the file of persons that belongs to a case file, «» if unknown."""
    found = _CASES.fullmatch(stem(name))
    return PAIRS[found[1]] + found[2] if found else ""


def cases_of(name: str) -> str:
    """Return the stem of the case file that belongs to a file of persons, «» if unknown."""
    # L alone may be the letter of the pair H or the first of two: the longest reading wins
    text = stem(name)
    for size in (2, 1):
        if text[:size] in _LETTERS and _CASES.fullmatch(_LETTERS[text[:size]] + text[size:]):
            return _LETTERS[text[:size]] + text[size:]
    return ""


def build(letters: str, sender: str, receiver: str, period: str, number: int) -> str:
    """Return the stem of a case file: build("H", "M760001", "T76", "2021-04", 1) → HM760001T76_21041."""
    return f"{letters}{sender}{receiver}_{period[2:4]}{period[5:7]}{number}"
