"""Cases from a flat DBF (случаи из таблицы DBF): a row per service, the rows of a case together.

Columns may be named as any of the exchanges name them (aliases of the layout). A case is told by
IDCASE, else by patient, card and first day. A wrong value refuses the whole case it stands in.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from itertools import groupby
from pathlib import Path
from typing import Any

from omstui.domain.errors import FormatError, reason_of
from omstui.formats.csvsource import carried, finish_case
from omstui.formats.dbfnames import APID, FLQPID, QPID, parse_ident, parse_mek
from omstui.formats.dbfreader import BadRow, Row, Table, read_dbf
from omstui.formats.identfile import policy_of
from omstui.formats.layouts.dbf_flat import FLAT
from omstui.formats.source import SourceCase, SourcePerson, SourceProblem
from omstui.formats.values import BadValue

Tree = dict[str, Any]
_Line = tuple[int, Row | BadRow]

_LISTS = frozenset({"case.ds2", "case.ds3"})
_AT = {name: place for place, name in enumerate(FLAT.names)}
#: (place in the row, block, column of ours, whether a list)
_TARGETS: list[tuple[int, str, str, bool]] = [
    (_AT[f.name], f.target.partition(".")[0], f.target.partition(".")[2], f.target in _LISTS)
    for f in FLAT.fields
    if f.target
]
_IDCASE, _RECID, _NHISTORY, _DATE_1 = (_AT[n] for n in ("IDCASE", "RECID", "NHISTORY", "DATE_1"))
_CODE_MO, _PLAT = _AT["CODE_MO"], _AT["PLAT"]
_EXCHANGED = {
    QPID: "это запрос идентификации, его отправляют, а не загружают",
    APID: "это ответ на идентификацию: он загружается операцией «Загрузить результат идентификации»",
    FLQPID: "это протокол ФЛК: он загружается операцией «Загрузить ФЛК»",
}


class DbfSource:
    """A flat DBF of cases, as a SourceFile."""

    def __init__(self, path: Path) -> None:
        self.name = path.name
        self._table = read_dbf(path, FLAT)
        self.notes = self._table.notes
        self.sha256 = _digest(path)
        self.unknown: Counter[str] = Counter(dict.fromkeys(self._table.unknown, self._table.count))
        targets = {f.name: f.target for f in FLAT.fields if f.target and self._table.has(f.name)}
        self._payer_is_smo = "SMO" not in targets and self._table.has("PLAT")
        if self._payer_is_smo:
            targets["SMO"] = "policy.smo"
        #: one column with the whole name
        self._whole_name = "FAM" in targets and "IM" not in targets
        if self._whole_name:
            targets |= {"IM": "patient.name", "OT": "patient.patronymic"}
        self.carries = carried(targets)
        self.header: Tree = _header(self._table)
        self._seen: set[Any] = set()

    def persons(self) -> Iterator[SourcePerson | SourceProblem]:
        """Nothing: every case brings its person."""
        yield from ()

    def cases(self) -> Iterator[SourceCase | SourceProblem]:
        """Yield a case per group of rows, or the reason why it cannot be taken."""
        self._seen.clear()
        for key, group in groupby(self._table.numbered(), _key):
            lines = list(group)
            position = f"запись {lines[0][0]}"
            try:
                yield self._case(key, lines, position)
            except BadValue as error:
                yield SourceProblem(position, str(error))

    def _case(self, key: tuple[str, ...], lines: list[_Line], position: str) -> SourceCase:
        if not any(key):
            raise BadValue("IDCASE", "", "нет ни ключа случая, ни номера карты, строка ни к какому случаю")
        shown = " ".join(filter(None, key))
        digest = hash(key)
        if digest in self._seen:
            raise BadValue("случай", shown, "строки случая идут не подряд")
        self._seen.add(digest)
        trees: dict[str, Tree] = {block: {} for block in ("patient", "policy", "case", "service")}
        services: list[Tree] = []
        for number, row in lines:
            if isinstance(row, BadRow):
                raise BadValue(f"запись {number}, {row.field}", row.value, row.reason)
            self._own(row)
            self._fill(trees, row)
            if trees["service"]:
                services.append(trees["service"])
        self._person(trees, lines[0][1])
        return finish_case(self.header, shown, trees, services, position)

    def _own(self, row: Row) -> None:
        if row[_CODE_MO] and self.header["code_mo"] not in ("", row[_CODE_MO]):
            raise BadValue("CODE_MO", row[_CODE_MO], f"строка другой МО, в файле {self.header['code_mo']}")

    def _fill(self, trees: dict[str, Tree], row: Row) -> None:
        trees["service"] = {}
        for place, block, column, several in _TARGETS:
            value = row[place]
            if value is None or value == "":
                continue
            if several:
                value = value.replace(",", " ").replace(";", " ").split()
            trees[block][column] = value

    def _person(self, trees: dict[str, Tree], row: Row | BadRow) -> None:
        patient, policy = trees["patient"], trees["policy"]
        if self._whole_name:
            names = [*patient.get("surname", "").split(None, 2), "", "", ""]
            patient |= {"surname": names[0], "name": names[1], "patronymic": names[2]}
        if self._payer_is_smo and not isinstance(row, BadRow) and row[_PLAT]:
            policy["smo"] = row[_PLAT]
        if not policy.get("type"):
            series, number, enp = (str(policy.get(n, "")) for n in ("series", "number", "enp"))
            guessed = policy_of(None, series, number, enp)
            policy |= {"type": guessed.type, "enp": guessed.enp}


def _key(line: _Line) -> tuple[str, ...]:
    row = line[1].row if isinstance(line[1], BadRow) else line[1]
    if row[_IDCASE]:
        return (row[_IDCASE],)
    return (row[_RECID], row[_NHISTORY], row[_DATE_1] or "") if row[_NHISTORY] else ("",)


def _header(table: Table) -> Tree:
    """What the first row says of the file."""
    header: Tree = {"disp": "", "code_mo": "", "plat": "", "version": "dbf", "encoding": table.encoding}
    for _, line in table.numbered():
        row = dict(zip(FLAT.names, line.row if isinstance(line, BadRow) else line, strict=True))
        header |= {"code_mo": row["CODE_MO"], "mcod": row["MCOD"], "plat": row["PLAT"]}
        header |= {"nschet": row["NSCHET"], "dschet": row["DSCHET"] or ""}
        if row["YEAR"] and row["MONTH"]:
            header |= {"year": row["YEAR"], "month": row["MONTH"]}
        break
    return header


def refused_by_name(name: str) -> str:
    """Why a table is no cases, when its name is that of another exchange; «» otherwise."""
    with suppress(FormatError):
        return _EXCHANGED[parse_ident(name).prefix]
    with suppress(FormatError):
        parse_mek(name)
        return "это возврат МЭК: он загружается операцией «Загрузить МЭК»"
    return ""


def _digest(path: Path) -> str:
    whole = hashlib.sha256()
    try:
        with path.open("rb") as stream:
            while chunk := stream.read(1 << 20):
                whole.update(chunk)
    except OSError as error:
        raise FormatError(f"Файл {path.name} не читается: {reason_of(error)}.") from None
    return whole.hexdigest()
