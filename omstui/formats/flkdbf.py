"""ФЛК of a request (протокол ФЛК, FLQPID): the report on the screen and the records behind it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO

from omstui.formats.dbfreader import Table, read_dbf
from omstui.formats.dbfwriter import Written, write_dbf
from omstui.formats.layouts.dbf_ident import FLQPID

#: columns of the report as the operators know them
REPORT_COLUMNS = ("Источник", "Код ошибки", "Описание ошибки", "Количество ошибок")
_FIELD = re.compile(r"Значение поля (\w+) не соответствует")


@dataclass(frozen=True, slots=True)
class FlkLine:
    """A line of the report (строка отчёта): the same errors counted together."""

    source: str
    code: str
    text: str
    count: int

    def __str__(self) -> str:
        return " ".join(filter(None, (self.source, self.code, self.text, "-", str(self.count))))


@dataclass(frozen=True, slots=True)
class FlkLink:
    """One record of the file: an error, and the record of QPID and the patient it is about, if told."""

    record: int
    source: str
    code: str
    text: str
    count: int
    number: int | None  # NPP of QPID
    ref: str  # RECID of QPID
    field: str


class FlqpidFile:
    """A protocol of ФЛК, read as a stream. No records = no errors."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.name = table.name
        self.notes = table.notes

    def links(self) -> Iterator[FlkLink]:
        """Yield the errors one by one."""
        for record, row in enumerate(self.table.rows(), 1):
            source, code, text, count, number, ref, field = row
            if not field and (found := _FIELD.search(text)):
                field = found[1]
            # a file without CNT has a record per error; an empty number is one too
            yield FlkLink(record, source, code, text, 1 if count is None else count, number, ref, field)

    def report(self) -> list[FlkLine]:
        """The errors collapsed by source, code and text, in the order of the file."""
        counts: Counter[tuple[str, str, str]] = Counter()
        for link in self.links():
            counts[link.source, link.code, link.text] += link.count
        return [FlkLine(*key, count) for key, count in counts.items()]


def read_flqpid(source: Path | BinaryIO, *, name: str = "") -> FlqpidFile:
    """Open a protocol; FormatError when it is another table."""
    return FlqpidFile(read_dbf(source, FLQPID, name=name))


def write_flqpid(target: Path | BinaryIO, rows: Iterable[Sequence[Any]], day: date) -> Written:
    """Write a protocol; rows in the order of ``FLQPID.names``."""
    return write_dbf(target, FLQPID, rows, day)
