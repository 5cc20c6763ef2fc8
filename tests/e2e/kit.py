"""The command line in this process and a plain reader of bill.xml that shares no code with the program."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from omstui.cli.main import run

FIRST, SECOND = "2021-04", "2021-05"
PREFIX = "102760009990076049900121041"


@dataclass
class Said:
    """What a command printed and returned."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        return json.loads(self.out)

    @property
    def text(self) -> str:
        return self.out + self.err


@dataclass
class Shell:
    """Runs commands on one database. Calling it checks the exit code."""

    db: Path
    said: list[Said] = field(default_factory=list)

    def __call__(self, *argv: object, code: int = 0) -> Said:
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            got = run(["--db", str(self.db), *map(str, argv)])
        said = Said(got, out.getvalue(), err.getvalue())
        self.said.append(said)
        assert said.code == code, f"{argv}: код {said.code}\n{said.out}\n{said.err}"
        plain_russian(said.err)
        return said

    def json(self, *argv: object, code: int = 0) -> Any:
        return self(*argv, "--json", code=code).data


_ENGLISH = re.compile(
    r"Traceback|Error\b|Exception|Errno|No such file|not well-formed|invalid token|database is locked"
    r"|Expected|expected|unexpected|must be|cannot|failed|is not|object has"
)


def plain_russian(text: str) -> None:
    """The words of the program: no traceback, no text of a library."""
    found = _ENGLISH.search(text)
    assert found is None, f"не по-русски: …{text[max(0, found.start() - 80) : found.end() + 80]}…"


@dataclass
class Account:
    """A personal account as a file has it."""

    xkey: str
    card: str
    start: str
    end: str
    type_r: str
    x_key2: str
    total: int
    person: str
    element: ElementTree.Element

    @property
    def case(self) -> tuple[str, str, str]:
        return self.card, self.start, self.person


def kopecks(text: str) -> int:
    return round(float(text) * 100)


def root(path: Path) -> ElementTree.Element:
    with zipfile.ZipFile(path) as archive:
        assert archive.namelist() == ["bill.xml"]
        return ElementTree.fromstring(archive.read("bill.xml"))


def accounts(path: Path) -> list[Account]:
    """Accounts of a ZIP named .7z."""
    return list(_accounts(root(path)))


def _accounts(package: ElementTree.Element) -> Iterator[Account]:
    for patient in package.iter("patient"):
        for a in patient.iter("personal_account"):
            sums = [e.get("sum", "0") for e in a.iterfind("sum/elem")]
            more = a.find("additionals/additional")
            marks = {} if more is None else more.attrib
            yield Account(
                a.get("xkey", ""), a.get("n_card", ""), a.get("curestart", ""), a.get("cureend", ""),
                marks.get("type_r", ""), a.get("x_key2", ""), sum(map(kopecks, sums)),
                patient.get("patientcod", ""), a,
            )  # fmt: skip


def refused_keys(path: Path, stage: int) -> set[str]:
    """Keys an answer refuses, by the rules of the exchange read anew."""
    found = set()
    for patient in root(path).iter("patient"):
        bad = any(e.get("an_p") == "1" for e in patient.iterfind("an_p"))
        for a in patient.iter("personal_account"):
            pay = [e.get("pay") for e in a.iterfind("smo")]
            reasons = list(a.iterfind("smo/an_pss/an_ps"))
            if bad or "4" in pay or (stage == 1 and reasons):
                found.add(a.get("xkey", ""))
    return found


def only(folder: Path, pattern: str) -> Path:
    (found,) = folder.glob(pattern)
    return found
