"""What every look into a file has (строки, итоги, сводка отказов): the common part of the views."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from omstui.domain.model import RefusalKind
from omstui.domain.money import kopecks
from omstui.formats.identify import Identified
from omstui.formats.xmlsafe import Readable

#: done and whole size in bytes of the unpacked document
Progress = Callable[[int, int], None]
_STEP = 1 << 20


@dataclass(slots=True)
class ViewRow:
    """A line of the list: a refusal, a ФЛК fact or, in a file of the МО, an account.

    ``kind`` is empty for an account nobody objects to; ``refuses`` is False for what is only shown.
    """

    xkey: str = ""
    patient: str = ""
    birth: str = ""
    policy: str = ""
    begin: str = ""
    end: str = ""
    total: int | None = None
    kind: str = ""
    code: str = ""
    text: str = ""
    comment: str = ""
    refuses: bool = False
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class SummaryRow:
    """Refusals of one code: how many accounts and what they are worth."""

    kind: str
    code: str
    text: str
    accounts: int
    total: int
    refuses: bool


@dataclass(slots=True)
class Info:
    """What the head of the file tells."""

    what: Identified
    lines: list[tuple[str, str]] = field(default_factory=list)
    total: int | None = None  # kopecks the file declares
    count: int | None = None  # records the file declares


class Counting:
    """Counts what is read, for the progress."""

    def __init__(self, stream: Readable, total: int, progress: Progress | None) -> None:
        self._stream = stream
        self._total = total
        self._progress = progress
        self._done = 0
        self._told = 0

    def read(self, size: int = -1, /) -> bytes:
        # lxml asks for 32 KB at a time; bigger pieces cost fewer calls
        data = self._stream.read(size)
        self._done += len(data)
        if self._progress and (self._done - self._told >= _STEP or not data):
            self._told = self._done
            self._progress(self._done, self._total)
        return data


class View:
    """A file opened for looking. ``info`` is there at once; totals fill while rows are read."""

    #: what a row is, in words
    rows_title = "записи"

    def __init__(self, path: Path, info: Info, titles: Mapping[tuple[str, str], str]) -> None:
        self.path = path
        self.info = info
        self.titles = titles
        self.accounts = 0  # accounts or records read
        self.accounts_total: int | None = None
        self.remarks: list[str] = []
        self._groups: dict[tuple[str, str, bool], tuple[str, dict[str, int]]] = {}
        self._whole = False

    def rows(self, progress: Progress | None = None) -> Iterator[ViewRow]:
        """The list from its beginning; each call reads the file anew."""
        self.accounts = 0
        self.accounts_total = None
        self.remarks.clear()
        self._groups.clear()
        self._whole = False
        for row in self._rows(progress):
            if row.kind:
                self._note(row)
            yield row
        self._whole = True

    def summary(self, progress: Progress | None = None) -> list[SummaryRow]:
        """Refusals by code, the most expensive first; reads the file if nobody did."""
        if not self._whole:
            for _ in self.rows(progress):
                pass
        rows = [
            SummaryRow(kind, code, text, len(found), sum(found.values()), refuses)
            for (kind, code, refuses), (text, found) in self._groups.items()
        ]
        return sorted(rows, key=lambda r: (not r.refuses, -r.total, r.kind, r.code))

    def refused(self) -> tuple[int, int]:
        """(accounts, kopecks) refused among the rows read so far; an account counts once."""
        found: dict[str, int] = {}
        for (_, _, refuses), (_, accounts) in self._groups.items():
            if refuses:
                found.update(accounts)
        return len(found), sum(found.values())

    def title_of(self, kind: str, code: str) -> str:
        """Name of a code, «код не из справочника» when it is not known."""
        return self.titles.get((kind, code)) or ("" if kind == RefusalKind.PAY else "нет в справочнике")

    def _note(self, row: ViewRow) -> None:
        key = row.kind, row.code, row.refuses
        group = self._groups.get(key)
        if group is None:
            group = self._groups[key] = (row.text, {})
        group[1][row.xkey or str(len(group[1]))] = row.total or 0

    def _rows(self, progress: Progress | None) -> Iterator[ViewRow]:
        raise NotImplementedError


def optional_kopecks(text: str | None) -> int | None:
    try:
        return kopecks(text) if text else None
    except ValueError:
        return None


def filled(pairs: tuple[tuple[str, str], ...]) -> list[tuple[str, str]]:
    return [(title, value) for title, value in pairs if value]


def drop(element: Any) -> None:
    """Free an element and those before it, so that memory stays level."""
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]
