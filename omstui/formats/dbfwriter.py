"""Writer of DBF tables (запись таблиц DBF): dBase III, cp866, one ``%`` a record, whole or not at all.

What does not fit is never cut in silence. Names, keys and codes: a value too long or with a letter
cp866 lacks refuses the file, and the refusal lists every such record. Free text (``~`` in the layout):
quotes and dashes become plain ones, other letters «?», the tail is cut, and the notes say so.
"""

from __future__ import annotations

import codecs
import encodings.cp866
import os
import re
import struct
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from omstui.domain.errors import OmsError, reason_of
from omstui.formats.layouts.dbf_base import Field, Layout

BLOCK = 2000
_LISTED = 20
#: more bad values than this are counted, not kept
_KEPT = 1000
# Python's own cp866 encoder walks a dict; the map of charmap_build is six times faster
_MAP: Any = codecs.charmap_build(encodings.cp866.decoding_table)
_BLANK = frozenset("\u00a0\u2009\u202f\t\r\n")
_PLAIN = str.maketrans(
    {
        **dict.fromkeys("«»“”„‟″", '"'),
        **dict.fromkeys("‘’‚‛′`", "'"),
        **dict.fromkeys("—–−‐‑‒―", "-"),
        **dict.fromkeys(_BLANK, " "),
        **dict.fromkeys("\u00ad\u200b\ufeff", ""),
        "…": "...",
    }
)
_SPACES = str.maketrans(dict.fromkeys(_BLANK, " "))
_WHOLE = re.compile(r"\s*[0-9]+\s*")


@dataclass(slots=True)
class Written:
    """What was written: records, bytes, and what had to be changed in free text."""

    count: int = 0
    size: int = 0
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Bad:
    record: int
    field: str
    value: str
    reason: str

    def __str__(self) -> str:
        return f"запись {self.record}, {self.field} «{self.value}»: {self.reason}"


def write_dbf(target: Path | BinaryIO, layout: Layout, rows: Iterable[Sequence[Any]], day: date) -> Written:
    """Write a table; ``rows`` follow the order of the layout (see its docstring for the values).

    ``day`` goes to the header, so the same rows give the same bytes. A path is written as ``.part``,
    synced and renamed; a stream must be seekable. OmsError lists the values that cannot be written, and
    nothing is left behind.
    """
    if not isinstance(target, Path):
        return _Writer(layout, getattr(target, "name", layout.name)).write(target, rows, day)
    part = target.with_name(target.name + ".part")
    try:
        with part.open("wb") as stream:
            done = _Writer(layout, target.name).write(stream, rows, day)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(target)
    except OSError as error:
        _remove(part)
        raise OmsError(
            f"Файл {target} не записан: {reason_of(error)}.",
            hint="Проверьте место на диске и право писать в папку или выберите другую.",
        ) from error
    except BaseException:  # an abort too: no stray .part
        _remove(part)
        raise
    return done


def _remove(part: Path) -> None:
    with suppress(OSError):
        part.unlink(missing_ok=True)


class _Writer:
    """One table on its way out."""

    def __init__(self, layout: Layout, name: str) -> None:
        self._layout = layout
        self._name = Path(str(name)).name
        self._width = layout.record_length
        self._format = " " + "".join(f"%{'-' if f.type in 'CL' else ''}{f.length}s" for f in layout.fields)
        self._bad: list[_Bad] = []
        self._more = 0
        self._days = _Days()
        self._cleaned: Counter[tuple[str, str]] = Counter()
        self._first: dict[tuple[str, str], int] = {}

    def write(self, stream: BinaryIO, rows: Iterable[Sequence[Any]], day: date) -> Written:
        start = stream.tell()
        stream.write(_header(self._layout, 0, day))
        walk, count = iter(rows), 0
        while block := list(islice(walk, BLOCK)):
            data = self._block(block, count)
            count += len(block)
            if not self._bad:  # a table that is refused anyway need not be written further
                stream.write(data)
        if self._bad:
            raise self._refusal()
        stream.write(b"\x1a")
        end = stream.tell()
        stream.seek(start)
        stream.write(_header(self._layout, count, day))
        stream.seek(end)
        return Written(count, end - start, self._notes())

    def _block(self, block: list[Sequence[Any]], before: int) -> bytes:
        """The bytes of a block; the checks of a clean block are one for all its records."""
        columns = list(zip(*block, strict=True))
        if len(columns) != len(self._layout.fields):
            raise ValueError(f"{self._layout.name}: в строке {len(columns)} значений")
        texts = [self._texts(f, c, before) for f, c in zip(self._layout.fields, columns, strict=True)]
        joined = self._join(texts)
        if len(joined) == self._width * len(block) and joined.isprintable():
            with suppress(UnicodeEncodeError):
                return codecs.charmap_encode(joined, "strict", _MAP)[0]
        texts = [self._mended(f, c, before) for f, c in zip(self._layout.fields, texts, strict=True)]
        return codecs.charmap_encode(self._join(texts), "replace", _MAP)[0]

    def _join(self, texts: list[Sequence[str]]) -> str:
        form = self._format
        return "".join([form % row for row in zip(*texts, strict=True)])

    def _texts(self, spec: Field, values: Sequence[Any], before: int) -> Sequence[str]:
        """Values of a column as they stand in the file, not yet padded."""
        kinds = set(map(type, values))
        if spec.type == "C" and kinds == {str}:
            return values
        if spec.type == "N" and kinds <= {int, type(None)}:
            if spec.decimals:
                return [_point(v, spec.decimals) for v in values]
            return values if kinds == {int} else ["" if v is None else str(v) for v in values]
        if spec.type == "D":
            try:
                days = self._days
                return [days[v] for v in values]
            except (ValueError, TypeError):
                pass
        return [self._odd_value(spec, value, n) for n, value in enumerate(values, before + 1)]

    def _odd_value(self, spec: Field, value: Any, record: int) -> str:
        """A value of another type than usual, or one that cannot be."""
        if value is None or value == "":
            return ""
        if spec.type == "C" and isinstance(value, str | int) and not isinstance(value, bool):
            return str(value)
        if spec.type == "L" and isinstance(value, bool | int):
            return "T" if value else "F"
        if spec.type == "N" and isinstance(value, int):
            return _point(int(value), spec.decimals) if spec.decimals else str(int(value))
        if spec.type == "N" and isinstance(value, str) and not spec.decimals and _WHOLE.fullmatch(value):
            return value.strip()
        if spec.type == "D":
            try:
                return self._days[value]
            except (ValueError, TypeError):
                return self._refuse(record, spec, value, "не дата")
        return self._refuse(record, spec, value, "не число" if spec.type == "N" else "не то значение")

    def _mended(self, spec: Field, texts: Sequence[str], before: int) -> Sequence[str]:
        """The column with free text cleaned; what cannot be mended is noted for the refusal."""
        kept = []
        for record, value in enumerate(texts, before + 1):
            text = str(value)
            if spec.type == "C" and not (text.isascii() and text.isprintable()):
                text = self._letters(record, spec, text)
            if len(text) > spec.length:
                text = self._cut(record, spec, text)
            kept.append(text)
        return kept

    def _letters(self, record: int, spec: Field, text: str) -> str:
        lacking = "".join(dict.fromkeys(c for c in text if c not in _KNOWN))
        if not lacking:
            return text
        if not spec.free:
            if set(lacking) <= _BLANK:
                self._note(spec, record, "особые пробелы заменены обычными")
                return text.translate(_SPACES)
            shown = ", ".join(f"«{c}»" if c.isprintable() else f"U+{ord(c):04X}" for c in lacking[:5])
            self._refuse(record, spec, text, f"знаков {shown} нет в кодировке cp866")
            return ""
        self._note(spec, record, "заменены знаки, которых нет в cp866")
        return "".join(c if c in _KNOWN else "?" for c in text.translate(_PLAIN))

    def _cut(self, record: int, spec: Field, text: str) -> str:
        if not spec.free:
            self._refuse(record, spec, text, f"длиннее поля: знаков {len(text)}, помещается {spec.length}")
            return ""
        self._note(spec, record, f"текст обрезан до {spec.length} знаков")
        return text[: spec.length]

    def _note(self, spec: Field, record: int, what: str) -> None:
        self._cleaned[spec.name, what] += 1
        self._first.setdefault((spec.name, what), record)

    def _refuse(self, record: int, spec: Field, value: Any, reason: str) -> str:
        if len(self._bad) < _KEPT:
            self._bad.append(_Bad(record, spec.name, str(value)[:60], reason))
        else:
            self._more += 1
        return ""

    def _notes(self) -> list[str]:
        return [
            f"{name}: {what}, записей {count} (первая {self._first[name, what]})"
            for (name, what), count in self._cleaned.items()
        ]

    def _refusal(self) -> OmsError:
        total = len(self._bad) + self._more
        bad = sorted(self._bad, key=lambda b: b.record)
        lines = [f"{b}." for b in bad[:_LISTED]]
        if total > _LISTED:
            lines.append(f"… всего таких значений {total}.")
        return OmsError(
            f"Файл {self._name} не записан: {bad[0]}" + (f" (и ещё {total - 1})." if total > 1 else "."),
            title="Таблица DBF не записана",
            hint="Исправьте эти данные и повторите.",
            details=lines if total > 1 else (),
        )


#: what cp866 has, control characters and the non-breaking space left out
_KNOWN = frozenset(c for c in encodings.cp866.decoding_table if c.isprintable())


class _Days(dict[Any, str]):
    """date or «YYYY-MM-DD» → «ГГГГММДД», each converted once."""

    def __missing__(self, value: Any) -> str:
        if value is None or value == "":
            text = ""
        else:
            day = value if isinstance(value, date) else date.fromisoformat(value)
            text = f"{day.year:04d}{day.month:02d}{day.day:02d}"
        self[value] = text
        return text


def _point(value: int | None, decimals: int) -> str:
    """123450 → «1234.50»."""
    if value is None:
        return ""
    if value < 0:
        return "-" + _point(-value, decimals)
    digits = str(value).zfill(decimals + 1)
    return f"{digits[:-decimals]}.{digits[-decimals:]}"


def _header(layout: Layout, count: int, day: date) -> bytes:
    length = 33 + 32 * len(layout.fields)
    parts: Iterator[bytes] = (
        struct.pack("<11sc4xBB14x", f.name.encode("ascii"), f.type.encode("ascii"), f.length, f.decimals)
        for f in layout.fields
    )
    # 0x03 dBase III without memo, 0x65 the Russian DOS code page
    start = struct.pack(
        "<4BIHH17xB2x", 3, day.year - 1900, day.month, day.day, count, length, layout.record_length, 0x65
    )
    return start + b"".join(parts) + b"\r"
