"""A quick look into any file of the exchange (просмотр файла), without accepting it.

``open_view`` tells at once what the file is; its rows come as a stream. Nothing is written and no
database is needed.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from omstui.domain.errors import FormatError
from omstui.domain.model import REFUSAL_KIND_TITLES
from omstui.domain.money import roubles
from omstui.formats.identify import identify
from omstui.formats.viewbase import Info, Progress, SummaryRow, View, ViewRow
from omstui.formats.viewbill import BillView, bill_info
from omstui.formats.viewfederal import CasesView, FlkView, PersonsView, cases_info, flk_info
from omstui.formats.viewtable import CsvView, dbf_view
from omstui.resources import data_dir

__all__ = [
    "Info", "Progress", "SummaryRow", "View", "ViewRow", "info_lines", "open_view", "row_text",
    "view_json", "view_text",
]  # fmt: skip


def open_view(path: Path, titles: Mapping[tuple[str, str], str] | None = None) -> View:
    """Open a file for looking; reads its beginning only. FormatError when it cannot be read.

    ``titles`` names codes by (kind, code); by default the dictionary shipped with the program.
    """
    what = identify(path)
    known = titles if titles is not None else _shipped_titles()
    if what.is_bill:
        return BillView(path, bill_info(what), known)
    if what.kind in ("H", "C", "T", "D", "ZIP"):
        return CasesView(path, cases_info(what), known)
    if what.kind == "L":
        return PersonsView(path, cases_info(what), known)
    if what.kind == "FLK":
        return FlkView(path, flk_info(what), known)
    if what.kind == "DBF":
        return dbf_view(path, what, known)
    if what.kind == "CSV":
        return CsvView(path, Info(what), known)
    raise FormatError(
        f"Файл «{path.name}» не опознан: {what.reason}.",
        title="Неизвестный файл",
        hint="Посмотреть можно файлы …3X, …1, …7, …2, H/C/T/D, L, FLK, DBF и CSV.",
    )


@cache
def _shipped_titles() -> dict[tuple[str, str], str]:
    """Names of codes from the dictionary shipped with the program; none when it is absent."""
    try:
        data = tomllib.loads((data_dir() / "refusal_codes.toml").read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError):
        return {}
    return {
        (kind, entry["code"]): entry["title"]
        for entry in data.get("codes", [])
        for kind in entry.get("kinds", [])
    }


# --- output -----------------------------------------------------------------------------------


def view_json(path: Path, progress: Progress | None = None) -> dict[str, Any]:
    """Everything a look shows, for ``omstui view FILE --json``; sums are strings."""
    view = open_view(path)
    what = view.info.what
    rows = [_json_row(row) for row in view.rows(progress)]
    refused, refused_total = view.refused()
    return {
        "file": what.name,
        "kind": what.kind,
        "title": what.title,
        "from": what.from_whom,
        "period": what.period,
        "letter": what.letter,
        "container": what.container,
        "sure": what.sure,
        "reason": what.reason,
        "head": dict(view.info.lines),
        "sum": _money(view.info.total),
        "count": view.accounts,
        "refused": refused,
        "refused_sum": roubles(refused_total),
        "remarks": list(view.remarks),
        "summary": [
            {
                "kind": s.kind, "code": s.code, "text": s.text, "accounts": s.accounts,
                "sum": roubles(s.total), "refuses": s.refuses,
            }
            for s in view.summary()
        ],
        "rows": rows,
    }  # fmt: skip


def _money(total: int | None) -> str | None:
    return None if total is None else roubles(total)


def _json_row(row: ViewRow) -> dict[str, Any]:
    return {
        "account": row.xkey, "patient": row.patient, "birth": row.birth, "policy": row.policy,
        "begin": row.begin, "end": row.end, "sum": _money(row.total), "kind": row.kind,
        "code": row.code, "text": row.text, "comment": row.comment, "refuses": row.refuses,
        "data": row.data,
    }  # fmt: skip


def info_lines(view: View) -> list[str]:
    """What the file is, as lines of text."""
    what = view.info.what
    head = [
        ("Файл", what.name),
        ("Что это", what.title),
        ("От кого", what.from_whom),
        ("Период", what.period),
        ("Опознан", ("точно" if what.sure else "предположительно") + f": {what.reason}"),
        *view.info.lines,
        ("Сумма", "" if view.info.total is None else roubles(view.info.total)),
        ("Записей в заголовке", "" if view.info.count is None else str(view.info.count)),
    ]
    return [f"{title}: {value}" for title, value in head if value]


def view_text(path: Path, out: Any, progress: Progress | None = None) -> None:
    """Write the look as plain text to ``out`` (a text stream)."""
    view = open_view(path)
    for line in info_lines(view):
        out.write(_plain(line) + "\n")
    out.write("\n")
    for row in view.rows(progress):
        out.write(_plain(row_text(row)) + "\n")
    refused, total = view.refused()
    out.write(f"\nПрочитано: {view.accounts} ({view.rows_title})\n")
    if refused or view.info.what.kind in ("1", "2"):
        out.write(f"Отказано: {refused} на {roubles(total)}\n")
    for group in view.summary():
        kind = REFUSAL_KIND_TITLES.get(group.kind, group.kind)
        mark = "" if group.refuses else ", не отказ"
        out.write(
            _plain(
                f"  {kind} {group.code} {group.text}: счетов {group.accounts} на {roubles(group.total)}{mark}"
            )
            + "\n"
        )
    for remark in view.remarks:
        out.write(f"Внимание: {remark}\n")


def row_text(row: ViewRow) -> str:
    """A row as one line."""
    kind = REFUSAL_KIND_TITLES.get(row.kind, row.kind)
    parts = [
        row.xkey, row.patient, row.birth, row.policy,
        "–".join(filter(None, (row.begin, row.end))),
        "" if row.total is None else roubles(row.total),
        " ".join(filter(None, (kind, row.code))), row.text, row.comment,
    ]  # fmt: skip
    if not any(parts[1:]):
        parts += [f"{name}={value}" for name, value in row.data.items() if value]
    return " | ".join(filter(None, parts))


def _plain(text: str) -> str:
    """Control characters of a foreign file must not reach the terminal."""
    return "".join(c if c.isprintable() else "·" for c in text)
