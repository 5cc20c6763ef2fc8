"""Encodings and dates of reference books (кодировки и даты справочников, nsi.md §2.1)."""

from __future__ import annotations

import codecs
from collections.abc import Iterable
from datetime import date, timedelta
from functools import lru_cache

from omstui.domain.bookvalues import read_day
from omstui.formats.xmlsafe import Readable

CHUNK = 1 << 20
#: what loaders write for «no date»
_NO_DATE = "1900-01-01"
#: days Excel counts from, and numbers that may be days: 1954 … 2119
_EXCEL_DAY = date(1899, 12, 30)
_EXCEL_RANGE = range(20_000, 80_000)


@lru_cache(maxsize=1 << 14)
def book_date(text: str) -> str:
    """Return «YYYY-MM-DD» for a date of a book, '' for none or 1900-01-01; ValueError for anything else.

    Known forms: 13.04.2018, 2018-04-13, 2018-04-13T00:00:00, 20180413, a number of days of Excel.
    """
    text = text.strip()
    if not text:
        return ""
    if text.isdecimal() and text.isascii():
        if len(text) == 8:
            text = f"{text[:4]}-{text[4:6]}-{text[6:]}"
        elif int(text) in _EXCEL_RANGE:
            return (_EXCEL_DAY + timedelta(int(text))).isoformat()
    day = read_day(text)
    return "" if day == _NO_DATE else day


class Judge:
    """Tells the encoding of bytes it is fed: declared ones lie (V002 said windows-1251 and was UTF-8)."""

    def __init__(self) -> None:
        self.plain = True  # nothing outside ASCII so far
        self.binary = False
        self._fits = dict.fromkeys(("utf-8", "cp1251"), True)
        self._decoders = {name: codecs.getincrementaldecoder(name)() for name in self._fits}

    def feed(self, data: bytes, *, final: bool = False) -> None:
        self.plain = self.plain and data.isascii()
        self.binary = self.binary or b"\0" in data
        for name, decoder in self._decoders.items():
            if self._fits[name]:
                try:
                    decoder.decode(data, final)
                except UnicodeDecodeError:
                    self._fits[name] = False

    def verdict(self, declared: str = "") -> tuple[str, str]:
        """Return (encoding to read with, note for the operator or '')."""
        if self.plain or self._fits["utf-8"]:
            # Russian text in windows-1251 is never valid UTF-8
            lied = not self.plain and declared == "windows-1251"
            return "utf-8", "объявлена windows-1251, а текст в UTF-8: прочитан как UTF-8" if lied else ""
        note = "объявлена UTF-8, а текст в windows-1251: прочитан как windows-1251"
        if self._fits["cp1251"]:
            return "cp1251", note if declared == "utf-8" else ""
        return "cp1251", "часть знаков не читается ни в UTF-8, ни в windows-1251: заменены знаком �"


def judge(chunks: Iterable[bytes]) -> Judge:
    """Feed a judge with everything."""
    made = Judge()
    for chunk in chunks:
        made.feed(chunk)
    made.feed(b"", final=True)
    return made


class Recoded:
    """A stream of bytes in another encoding read as UTF-8; what does not decode becomes «�»."""

    def __init__(self, source: Readable, encoding: str) -> None:
        self._source = source
        self._decoder = codecs.getincrementaldecoder(encoding)("replace")
        self._ready = b""
        self._ended = False

    def read(self, size: int = -1, /) -> bytes:
        while not self._ended and (size < 0 or len(self._ready) < size):
            data = self._source.read(CHUNK)
            self._ended = not data
            self._ready += self._decoder.decode(data, self._ended).encode("utf-8")
        if size < 0:
            size = len(self._ready)
        data, self._ready = self._ready[:size], self._ready[size:]
        return data
