"""The flat DBF of a registry (доп. выгрузка общего ДБФ): a row per service, as the load reads it back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO

from omstui.formats.dbfwriter import Written, write_dbf
from omstui.formats.layouts.dbf_flat import FLAT

_BLOCKS = ("patient", "policy", "case", "service")
_PLAN = [(f.name, *f.target.partition(".")[::2], f.type) for f in FLAT.fields]


def flat_rows(
    records: Iterable[Mapping[str, Any]], head: Mapping[str, Any] | None = None
) -> Iterator[tuple[Any, ...]]:
    """Yield a row per service, one for a case without any.

    A record is {"patient", "policy", "case": columns, "services": [columns], "given": {…}}; ``head`` and
    ``given`` fill MCOD, YEAR, MONTH, NSCHET, PLAT, IDCASE … by their names. NPP counts the rows.
    """
    number = 0
    for record in records:
        given = {**(head or {}), **record.get("given", {})}
        services: Sequence[Mapping[str, Any]] = record["services"] or ({},)
        for service in services:
            number += 1
            blocks = {**record, "service": service}
            yield tuple(_value(blocks, given | {"NPP": number}, *place) for place in _PLAN)


def _value(
    blocks: Mapping[str, Any], given: Mapping[str, Any], name: str, block: str, column: str, kind: str
) -> Any:
    value = blocks[block].get(column) if block else given.get(name)
    if isinstance(value, list | tuple):
        value = " ".join(value)
    if kind == "C":
        return "" if value is None else str(value)
    return None if value == "" else value


def write_flat(
    target: Path | BinaryIO,
    records: Iterable[Mapping[str, Any]],
    day: date,
    head: Mapping[str, Any] | None = None,
) -> Written:
    """Write the table; see ``flat_rows`` for the records."""
    return write_dbf(target, FLAT, flat_rows(records, head), day)
