"""Writer of federal pairs (запись пар H+L) as a MIS would send them, streamed.

A block is a dict by federal names: a text, a dict (nested block), or a list of either. The order of the
file comes from the layout, whatever the order of the dict. Used by the generator of training data and
by the benchmarks; totals of the header are computed while the cases go by. What we send ourselves is
``fedbills``.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from omstui.domain.money import roubles
from omstui.formats import federalnames
from omstui.formats.fedencode import ENCODING, encode
from omstui.formats.layouts import federal as layout
from omstui.formats.values import money_value

Tree = Mapping[str, Any]
_DECLARATION = f'<?xml version="1.0" encoding="{ENCODING}"?>\n'.encode("ascii")
_BUFFER = 1 << 20


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
    Raises FormatError for a character windows-1251 does not have.
    """
    mate = federalnames.persons_of(name)
    cases, persons = folder / f"{name}.xml", folder / f"{mate}.xml"
    body = folder / f".{name}.part"
    count = total = 0
    with body.open("wb", _BUFFER) as out, persons.open("wb", _BUFFER) as people:
        zglv = {"VERSION": header.get("PERS_VERSION", "3.2"), "DATA": header["DATA"],
                "FILENAME": mate, "FILENAME1": name}  # fmt: skip
        people.write(_DECLARATION + b"<PERS_LIST>\n" + encode("ZGLV", zglv))
        for record in records:
            count += 1
            total += money_value(record.zap["Z_SL"]["SUMV"], "SUMV")
            out.write(encode("ZAP", record.zap))
            if record.person is not None:
                people.write(encode("PERS", record.person))
        people.write(b"</PERS_LIST>\n")
    with cases.open("wb", _BUFFER) as out:
        zglv = {k: header[k] for k in ("VERSION", "DATA") if k in header}
        schet = {k: v for k, v in header.items() if k in layout.SCHET.names}
        out.write(
            _DECLARATION
            + b"<ZL_LIST>\n"
            + encode("ZGLV", zglv | {"FILENAME": name, "SD_Z": str(count)})
            + encode("SCHET", schet | {"SUMMAV": roubles(total)})
        )
        with body.open("rb") as written:
            shutil.copyfileobj(written, out, _BUFFER)
        out.write(b"</ZL_LIST>\n")
    body.unlink()
    return WrittenPair(cases, persons, count, total)
