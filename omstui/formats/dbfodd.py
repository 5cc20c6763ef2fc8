"""Odd DBF tables (таблицы необычного вида): binary columns of FoxPro, rare versions, UTF-8.

Values are parsed by dbfread and become the texts a plain table would have, so that the rest of the
reader need not know. Slower than the block codec.
"""

from __future__ import annotations

import struct
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from dbfread import FieldParser

from omstui.formats.dbfheader import Column, Header

#: type of a binary column → the plain type and width its text takes
_PLAIN = {"I": ("N", 11, 0), "+": ("N", 11, 0), "Y": ("N", 24, 4), "B": ("N", 40, 6), "O": ("N", 40, 6),
          "T": ("D", 8, 0), "@": ("D", 8, 0)}  # fmt: skip


class OddRecords:
    """Turns records of an odd table into texts; ``columns`` say where a value stands in them."""

    def __init__(self, header: Header) -> None:
        table: Any = SimpleNamespace(
            header=SimpleNamespace(dbversion=header.version),
            encoding=header.encoding,
            char_decode_errors="ignore",
        )
        self._parser: Any = FieldParser(table)
        self._encoding = header.encoding
        self._raw = header.columns
        placed, start = [], 1
        for c in header.columns:
            kind, size, decimals = _PLAIN.get(c.type, (c.type, c.length, c.decimals))
            placed.append(Column(c.name, "C" if kind == "V" else kind, size, decimals, start))
            start += size
        self.columns = tuple(placed)

    def cell(self, record: bytes) -> str:
        """The record as text; a value that cannot be read is left to the converter as «?»."""
        texts = [chr(record[0])]
        for raw, column in zip(self._raw, self.columns, strict=True):
            data = record[raw.slice]
            try:
                text = self._text(raw, data)
            except (ValueError, OverflowError, struct.error):
                text = "?"
            texts.append(text[: column.length].ljust(column.length))
        return "".join(texts)

    def _text(self, column: Column, data: bytes) -> str:
        if column.type not in _PLAIN:
            return data.decode(self._encoding, "ignore")
        value = self._parser.parse(column, data)
        if value is None:
            return ""
        if isinstance(value, float):
            return format(Decimal(repr(round(value, 6))), "f")
        if isinstance(value, Decimal):
            return format(value, "f")
        return value.strftime("%Y%m%d") if isinstance(value, date) else str(value)
