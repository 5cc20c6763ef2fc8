"""Writer of federal pairs (запись пар H+L): templates from the table of elements, streamed.

A block is a dict by federal names: a text, a dict (nested block), or a list of either. The order of the
file comes from the layout, whatever the order of the dict. Used by the generator of training data and
by the benchmarks; totals of the header are computed while the cases go by.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from omstui.domain.money import roubles
from omstui.formats import federalnames
from omstui.formats.layouts import federal as layout
from omstui.formats.values import money_value

Tree = Mapping[str, Any]
ENCODING = "windows-1251"
_DECLARATION = f'<?xml version="1.0" encoding="{ENCODING}"?>\n'


@dataclass(frozen=True, slots=True)
class FederalRecord:
    """One ZAP and, when he was not written yet, its person."""

    zap: Tree
    person: Tree | None = None


@dataclass(frozen=True, slots=True)
class WrittenPair:
    """What was written (записанная пара)."""

    cases: Path
    persons: Path
    count: int
    total: int  # kopecks


def write_pair(folder: Path, name: str, header: Tree, records: Iterable[FederalRecord]) -> WrittenPair:
    """Write ``name``.xml and its file of persons into ``folder``; memory does not depend on size.

    ``header``: VERSION (of cases), PERS_VERSION, DATA, and the elements of SCHET except SUMMAV.
    Raises UnicodeEncodeError for a character windows-1251 does not have.
    """
    mate = federalnames.persons_of(name)
    cases, persons = folder / f"{name}.xml", folder / f"{mate}.xml"
    body = folder / f".{name}.part"
    count = total = 0
    zap, pers = _writer("ZAP"), _writer("PERS")
    with _text(body) as out, _text(persons) as people:
        people.write(
            _DECLARATION + "<PERS_LIST>\n" + render("ZGLV", {
                "VERSION": header.get("PERS_VERSION", "3.2"), "DATA": header["DATA"],
                "FILENAME": mate, "FILENAME1": name,
            })
        )  # fmt: skip
        for record in records:
            count += 1
            total += money_value(record.zap["Z_SL"]["SUMV"], "SUMV")
            out.write(zap(record.zap))
            if record.person is not None:
                people.write(pers(record.person))
        people.write("</PERS_LIST>\n")
    with _text(cases) as out:
        zglv = {k: header[k] for k in ("VERSION", "DATA") if k in header}
        out.write(
            _DECLARATION
            + "<ZL_LIST>\n"
            + render("ZGLV", zglv | {"FILENAME": name, "SD_Z": str(count)})
            + render("SCHET", {k: v for k, v in header.items() if k in layout.SCHET.names}
                     | {"SUMMAV": roubles(total)})
        )  # fmt: skip
        with body.open(encoding=ENCODING, newline="") as written:
            shutil.copyfileobj(written, out, 1 << 20)
        out.write("</ZL_LIST>\n")
    body.unlink()
    return WrittenPair(cases, persons, count, total)


def _text(path: Path) -> TextIO:
    return path.open("w", encoding=ENCODING, newline="\n", buffering=1 << 20)


def render(block: str, tree: Tree) -> str:
    """XML of one block: «ZAP», «SCHET», «PERS» … on a line of its own."""
    return _writer(block)(tree)


_writers: dict[str, Callable[[Tree], str]] = {}


def _writer(path: str) -> Callable[[Tree], str]:
    if path not in _writers:
        _writers[path] = _make(path)
    return _writers[path]


def _make(path: str) -> Callable[[Tree], str]:
    """A function for one block: one template per set of names, filled by one ``%``."""
    block = layout.BLOCKS[path]
    nested = {
        e.name: e.name if e.name in layout.BLOCKS else f"{path}/{e.name}"
        for e in block.elements
        if e.type == "S"
    }
    known = block.names
    templates: dict[tuple[str, ...], tuple[str, tuple[str, ...]]] = {}
    end = "\n" if path in ("ZAP", "PERS", "ZGLV", "SCHET") else ""

    def template(names: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
        unknown = [n for n in names if n not in known]
        if unknown:
            raise KeyError(f"{path}: в формате нет {', '.join(unknown)}")
        ordered = tuple(e.name for e in block.elements if e.name in names)
        marks = "".join(
            "%s" if e.repeat or e.name in nested else f"<{e.name}>%s</{e.name}>"
            for e in block.elements
            if e.name in names
        )
        templates[names] = f"<{block.name}>{marks}</{block.name}>{end}", ordered
        return templates[names]

    def one(name: str, value: Any) -> str:
        inner = nested.get(name)
        if isinstance(value, list):
            return "".join([one(name, v) for v in value])
        if inner is not None:
            return _writer(inner)(value)
        return f"<{name}>{_escape(value)}</{name}>"

    plain = frozenset(e.name for e in block.elements if not e.repeat and e.name not in nested)

    def write(tree: Tree) -> str:
        names = tuple(tree)
        text, ordered = templates.get(names) or template(names)
        values = [tree[n] if n in plain else one(n, tree[n]) for n in ordered]
        flat = "".join([v for n, v in zip(ordered, values, strict=True) if n in plain])
        if "&" in flat or "<" in flat or ">" in flat:
            values = [_escape(v) if n in plain else v for n, v in zip(ordered, values, strict=True)]
        return text % tuple(values)

    return write


def _escape(value: str) -> str:
    return value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
