"""Values of DBF columns (значения колонок): texts of a column of a block → values of the layout.

A converter takes the texts of one column for many records at once; it raises BadValue or ValueError
when any of them is wrong, and the reader then looks for the guilty record one by one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from omstui.formats.dbfheader import Column
from omstui.formats.layouts.dbf_base import Field
from omstui.formats.values import BadValue, date_value

Converter = Callable[[Sequence[str]], list[Any]]

_PAD = " \0"
_DIGITS = re.compile(r"-?\d+")
_SEX = {"М": "1", "M": "1", "Ж": "2", "F": "2", "1": "1", "2": "2"}
#: digits the store keeps: 64 bits
_SAFE = 18
#: days before this are a wrong century, not a birth
_FIRST_DAY = "1800-01-01"


class Dates(dict[str, str | None]):
    """«ГГГГММДД» → «YYYY-MM-DD», each text converted once."""

    def __missing__(self, text: str) -> str | None:
        digits = text.strip(_PAD)
        if not digits.strip("0"):
            self[text] = None
            return None
        try:
            day = date(int(digits[:4]), int(digits[4:6]), int(digits[6:])).isoformat()
        except ValueError:
            raise BadValue("", digits, "не дата вида ГГГГММДД") from None
        if len(digits) != 8 or day < _FIRST_DAY:
            raise BadValue("", digits, "не дата вида ГГГГММДД")
        self[text] = day
        return day


def converter(column: Column, field: Field | None, dates: Dates) -> Converter:
    """The converter of a column into the field of a layout, or into plain values without one."""
    kind = field.type if field else column.type
    if field is not None and field.sex:
        return _sexes(field.type)
    if kind == "D":
        return (lambda texts: [dates[t] for t in texts]) if column.type == "D" else _dates(dates)
    if kind == "L":
        return lambda texts: [_flag(t) for t in texts]
    if kind in "NF":
        if field is None and column.decimals:
            return lambda texts: [_decimal(t) for t in texts]
        decimals = field.decimals if field else 0
        if column.length > _SAFE:
            return lambda texts: [_scaled_one(t, decimals) for t in texts]
        return _scaled(decimals, column) if decimals else _whole
    if column.type in "NF" and column.decimals:
        return lambda texts: [_shortest(t) for t in texts]
    return _texts


def _texts(texts: Sequence[str]) -> list[str]:
    if not "".join(texts).strip(_PAD):  # half the columns of an answer are empty
        return [""] * len(texts)
    return [t.strip(_PAD) for t in texts]


def _dates(dates: Dates) -> Converter:
    def convert(text: str) -> str | None:
        text = text.strip(_PAD)
        if len(text) == 8 and text.isdigit():
            return dates[text]
        return date_value(text, "")

    return lambda texts: [convert(t) for t in texts]


def _sexes(kind: str) -> Converter:
    def convert(text: str) -> Any:
        text = text.strip(_PAD).upper()
        code = _SEX.get(text[:1], "") if text not in ("", "0") else ""
        if text and not code and text != "0":
            raise BadValue("", text, "не пол: нужно 1 (М) или 2 (Ж)")
        return (int(code) if code else None) if kind == "N" else code

    return lambda texts: [convert(t) for t in texts]


def _whole(texts: Sequence[str]) -> list[int | None]:
    try:
        if "_" not in "".join(texts):  # int() takes 1_000, we do not
            return list(map(int, texts))
    except ValueError:
        pass
    return [_scaled_one(t, 0) for t in texts]


def _scaled(decimals: int, column: Column) -> Converter:
    """Numbers in units of their last decimal: the point of a column stands at one place."""
    point = column.length - decimals - 1

    def convert(texts: Sequence[str]) -> list[int | None]:
        if column.decimals == decimals and {t[point : point + 1] for t in texts} == {"."}:
            try:
                numbers = [t[:point] + t[point + 1 :] for t in texts]
                if "_" not in "".join(numbers):
                    return list(map(int, numbers))
            except ValueError:
                pass
        return [_scaled_one(t, decimals) for t in texts]

    return convert


def _scaled_one(text: str, decimals: int) -> int | None:
    value = _decimal(text)
    if value is None:
        return None
    scaled = value.scaleb(decimals)
    if scaled != scaled.to_integral_value():
        more = f"точнее {decimals} знаков после точки" if decimals else "не целое число"
        raise BadValue("", text.strip(_PAD), more)
    if abs(scaled) >= 10**_SAFE:
        raise BadValue("", text.strip(_PAD), "такого числа не бывает")
    return int(scaled)


def _decimal(text: str) -> Decimal | None:
    text = text.strip(_PAD).replace(",", ".")
    if not text:
        return None
    if not text.strip("*"):
        raise BadValue("", text, "число не поместилось в колонку у того, кто писал таблицу")
    if _DIGITS.fullmatch(text) and text.isascii():
        return Decimal(text)
    try:
        value = Decimal(text) if text.isascii() and "_" not in text else Decimal("nan")
    except InvalidOperation:
        raise BadValue("", text, "не число") from None
    if not value.is_finite() or abs(value.adjusted()) > 40:
        raise BadValue("", text, "не число")
    return value


def _shortest(text: str) -> str:
    """A number in a column of codes: «12.00» → «12»."""
    text = text.strip(_PAD)
    return text.rstrip("0").rstrip(".") if "." in text else text


def _flag(text: str) -> bool | None:
    if text in "TtYyДд1":
        return True
    if text in "FfNnНн0":
        return False
    if text in "? \0":
        return None
    raise BadValue("", text, "не логическое значение: нужно T или F")
