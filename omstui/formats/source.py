"""What a source of cases gives (источник случаев): the neutral shape between a file and the store.

A reader of any format (federal XML, CSV, an earlier …13X) yields SourcePerson, SourceCase and
SourceProblem. Field names are the column names of the tables patient, policy, cases and service;
values are already in the form of the store (text, kopecks, hundredths, «YYYY-MM-DD»). What has no
column travels in ``extra``: {"fed": {…federal names…}, "bill": {…names of bill.xml…},
"raw": {field: text}} so that a format able to express it loses nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(slots=True)
class SourcePerson:
    """A patient as an L file gives it; ``ref`` is ID_PAC."""

    ref: str
    position: str
    fields: dict[str, Any]


@dataclass(slots=True)
class SourceCase:
    """A case with its policy and services; ``person`` is None when it comes from the paired L file.

    ``case`` has no key, kind or payer: omstui.domain derives them. ``account`` is set by a 3X only:
    {"xkey", "number", "total", "offset", "length", "services": [{"xkey", "quantity", "total"}]}.
    """

    position: str  # «ZAP 12», «строка 7»: what the operator can find in the file
    person_ref: str
    policy: dict[str, Any]
    case: dict[str, Any]
    services: list[dict[str, Any]]
    person: dict[str, Any] | None = None
    account: dict[str, Any] | None = None


@dataclass(slots=True)
class SourceProblem:
    """A record that cannot be taken; only this record is refused."""

    position: str
    reason: str


class SourceFile(Protocol):
    """A file (or pair of files) of cases, read as a stream."""

    name: str  # file names as the operator knows them, «HM760001T76_21041.xml + LM…»
    sha256: str  # of the content, so that a renamed file is recognised
    header: dict[str, Any]  # code_mo, year, month, version, disp, nschet, plat … (filled on opening)
    unknown: Counter[str]  # element path → how often; filled while reading

    def persons(self) -> Iterator[SourcePerson | SourceProblem]: ...

    def cases(self) -> Iterator[SourceCase | SourceProblem]: ...


@dataclass(slots=True)
class BadFile:
    """A file in the input that is no source at all, with the reason."""

    name: str
    reason: str
    details: list[str] = field(default_factory=list)
