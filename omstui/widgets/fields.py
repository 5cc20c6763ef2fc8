"""Fields of a form (поля): what each kind accepts, how it is shown, what a screen gets back."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from omstui import strings
from omstui.domain.money import kopecks, roubles

KINDS = ("text", "date", "month", "money", "int", "choice", "bool", "title")


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a form.

    kind → value: text → str; date → 'YYYY-MM-DD' or ""; month → 'YYYY-MM' or ""; money → kopecks
    (int) or None; int → int or None; choice → code (str); bool → bool; title → a heading, no value.
    """

    name: str
    label: str
    kind: str = "text"
    width: int = 24
    help: str = ""
    #: (code, text) pairs of a choice
    choices: Sequence[tuple[str, str]] = ()
    required: bool = False
    max_length: int = 0
    readonly: bool = False

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"{self.name}: unknown kind {self.kind!r}")

    def show(self, value: Any) -> str:
        """Return the text an operator edits for a stored value."""
        if value is None or value == "":
            return ""
        if self.kind == "date":
            parts = str(value).split("-")
            return ".".join(reversed(parts)) if len(parts) == 3 else str(value)
        if self.kind == "month":
            parts = str(value).split("-")
            return ".".join(reversed(parts)) if len(parts) == 2 else str(value)
        if self.kind == "money":
            return roubles(int(value))
        if self.kind == "bool":
            return "1" if value and value != "0" else ""
        return str(value)

    def read(self, text: str) -> Any:
        """Return the value of what an operator typed; ValueError carries the Russian reason."""
        text = text.strip()
        if self.kind == "bool":
            return bool(text)
        if not text:
            if self.required:
                raise ValueError(strings.REQUIRED)
            return None if self.kind in ("money", "int") else ""
        if self.kind == "date":
            return read_date(text)
        if self.kind == "month":
            return read_month(text)
        if self.kind == "money":
            try:
                return kopecks(text)
            except ValueError:
                raise ValueError(strings.BAD_MONEY) from None
        if self.kind == "int":
            if not re.fullmatch(r"[-+]?\d{1,18}", text, re.ASCII):
                raise ValueError(strings.BAD_INT)
            return int(text)
        return text

    def choice_title(self, code: str) -> str:
        """Return the text of a code of a choice; the code itself if it is unknown."""
        return dict(self.choices).get(code, code)


def read_date(text: str) -> str:
    """Return 'YYYY-MM-DD' for «01.04.2021», «1.4.21», «01042021»; ValueError says what is needed."""
    match = re.fullmatch(r"(\d{1,2})[.,/ -](\d{1,2})[.,/ -](\d{4}|\d{2})", text) or re.fullmatch(
        r"(\d\d)(\d\d)(\d{4}|\d\d)", text
    )
    if iso := re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)", text):
        year, month, day = (int(part) for part in iso.groups())
    elif match:
        day, month, year = (int(part) for part in match.groups())
        year += _century(match[3])
    else:
        raise ValueError(strings.BAD_DATE)
    if not (1 <= month <= 12 and 1900 <= year <= 2200 and 1 <= day <= monthrange(year, month)[1]):
        raise ValueError(strings.BAD_DATE)
    return date(year, month, day).isoformat()


def read_month(text: str) -> str:
    """Return 'YYYY-MM' for «04.2021», «4.21», «2021-04», «042021»."""
    if iso := re.fullmatch(r"(\d{4})[-/](\d{1,2})", text):
        year, month = int(iso[1]), int(iso[2])
    elif match := re.fullmatch(r"(\d{1,2})[.,/ ](\d{4}|\d\d)|(\d\d)(\d{4})", text):
        month, tail = int(match[1] or match[3]), match[2] or match[4]
        year = int(tail) + _century(tail)
    else:
        raise ValueError(strings.BAD_MONTH)
    if not (1 <= month <= 12 and 1900 <= year <= 2200):
        raise ValueError(strings.BAD_MONTH)
    return f"{year:04d}-{month:02d}"


def _century(year: str) -> int:
    """Two digits mean the last hundred years: births are typed as well as visits."""
    if len(year) == 4:
        return 0
    return 2000 if int(year) <= date.today().year % 100 + 1 else 1900
