"""Lines of «Анализ МЭСов» for a file, for the command line and as JSON (строки результата)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from omstui.domain.mes import ERROR
from omstui.domain.model import KINDS, SEVERITY_TITLES
from omstui.domain.money import roubles
from omstui.domain.store import lists
from omstui.formats.reports.values import harmless

Line = dict[str, Any]

#: key of the list → title, in the order of yaroslavl.md §6.1; the card follows the number of the account
COLUMNS: dict[str, str] = {
    "code": "Код",
    "severity": "Важность",
    "kind": "Вид деятельности",
    "number": "№ счёта",
    "nhistory": "№ карты",
    "fio": "Пациент",
    "ds": "МКБ",
    "mes": "МЭС/КСГ",
    "service": "Услуга",
    "expected": "Ожидалось",
    "actual": "В счёте",
    "difference": "Разница",
    "doctor": "Врач",
    "message": "Текст",
}
_KEYS = (*COLUMNS, "key", "xkey")
_PAGE = 500


def read(where: Mapping[str, Any], search: str = "", sort: str = "") -> Iterator[Line]:
    """Raw lines in the order of the list, page by page."""
    ids = lists.ids("mes", where, search, sort)
    for start in range(0, len(ids), _PAGE):
        page = ids[start : start + _PAGE]
        rows = lists.rows("mes", _KEYS, page)
        yield from (dict(zip(_KEYS, rows[one], strict=True)) for one in page if one in rows)


def shown(line: Line) -> Line:
    """A line in words: the kind and the severity by their names, no empty number, kopecks as roubles."""
    kind = line["kind"]
    return line | {
        "severity": SEVERITY_TITLES[line["severity"]],
        "kind": KINDS[kind].title if kind in KINDS else kind,
        "number": line["number"] or "",
        "difference": roubles(line["difference"]) if line["difference"] else "",
    }


def as_csv(lines: Iterable[Line]) -> str:
    """The lines for a table program: semicolons, decimal comma, marked as UTF-8."""
    made = io.StringIO()
    writer = csv.writer(made, delimiter=";", lineterminator="\r\n")
    writer.writerow(COLUMNS.values())
    for line in map(shown, lines):
        writer.writerow([_cell(key, line[key]) for key in COLUMNS])
    return "\ufeff" + made.getvalue()


def _cell(key: str, value: Any) -> str:
    text = "" if value is None else str(value)
    if key == "difference":
        return text.replace(".", ",")
    return harmless(text)


def as_rows(lines: Iterable[Line]) -> Iterator[list[str]]:
    """Header and rows of a plain table; the kind and the doctor are left to the file and to --json."""
    keys = [key for key in COLUMNS if key not in ("kind", "number", "doctor")]
    yield [COLUMNS[key] for key in keys]
    for line in lines:
        words = shown(line) | {"severity": "ош." if line["severity"] == ERROR else "пр."}
        yield [str(words[key]) for key in keys]


def as_json(line: Line) -> dict[str, Any]:
    """A line of ``mes --json``; ``account`` is the xkey, ``case`` the key of the case."""
    return {
        "case": line["key"],
        "account": line["xkey"],
        "code": line["code"],
        "severity": line["severity"],
        "kind": line["kind"],
        "card": line["nhistory"],
        "patient": line["fio"],
        "diagnosis": line["ds"],
        "mes": line["mes"],
        "service": line["service"],
        "expected": line["expected"],
        "actual": line["actual"],
        "difference": roubles(line["difference"]),
        "doctor": line["doctor"],
        "message": line["message"],
    }
