"""Values of source files (значения полей): text of a file → the form of the store, checked."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

from omstui.domain.money import hundredths, kopecks

_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:T[\d:.]+)?")
_DOTTED = re.compile(r"(\d\d)\.(\d\d)\.(\d{4})(?: [\d:]+)?")


#: kopecks of N(15.2); the store keeps no more than 64 bits
_DIGITS = 17


class BadValue(ValueError):
    """A value that spoils its record (неверное значение): names the field and the value."""

    def __init__(self, field: str, value: str, reason: str) -> None:
        shown = f" «{value}»" if value else ""
        super().__init__(f"{field}{shown}: {reason}.")
        self.field = field
        self.value = value
        self.reason = reason


@lru_cache(maxsize=1 << 16)
def date_value(text: str, field: str) -> str | None:
    """Return «YYYY-MM-DD» for an ISO or DD.MM.YYYY date, None for blank. Raises BadValue."""
    text = text.strip()
    if not text:
        return None
    if found := _ISO.fullmatch(text):
        year, month, day = found.groups()
    elif found := _DOTTED.fullmatch(text):
        day, month, year = found.groups()
    else:
        raise BadValue(field, text, "не дата, нужен вид ГГГГ-ММ-ДД")
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        raise BadValue(field, text, "такого дня нет в календаре") from None


def money_value(text: str, field: str) -> int:
    """Return kopecks. Raises BadValue."""
    if text[-3:-2] == ".":  # the usual form, several times faster than Decimal
        digits = text[:-3] + text[-2:]
        if digits.isdecimal() and digits.isascii() and len(digits) <= _DIGITS:
            return int(digits)
    try:
        value = kopecks(text)
    except ValueError:
        raise BadValue(field, text.strip()[:40], "не сумма, нужен вид 1234.50") from None
    if abs(value) >= 10**_DIGITS:
        raise BadValue(field, text.strip()[:40], "такой суммы не бывает")
    return value


@lru_cache(maxsize=1 << 12)
def quantity_value(text: str, field: str) -> int:
    """Return hundredths. Raises BadValue."""
    try:
        return hundredths(text)
    except ValueError:
        raise BadValue(field, text.strip(), "не количество, нужно число не точнее сотых") from None
