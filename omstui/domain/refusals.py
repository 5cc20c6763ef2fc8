"""Dictionary of refusal codes (справочник кодов отказов): both numberings, small, in data/."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache

from omstui.domain.model import RefusalKind
from omstui.formats.answers import NO_REASON
from omstui.resources import data_dir

UNKNOWN = "нет в справочнике"


@dataclass(frozen=True, slots=True)
class RefusalCode:
    """A code of refusal; ``same`` is the same ground in the other numbering (yaroslavl.md §3.5)."""

    code: str
    title: str
    begin: str
    end: str
    same: str


@cache
def codes() -> dict[tuple[str, str], RefusalCode]:
    """(kind, code) → entry, from data/refusal_codes.toml."""
    text = (data_dir() / "refusal_codes.toml").read_text(encoding="utf-8")
    found: dict[tuple[str, str], RefusalCode] = {}
    for row in tomllib.loads(text)["codes"]:
        entry = RefusalCode(
            row["code"], row["title"], row.get("begin", ""), row.get("end", ""), row.get("same", "")
        )
        for kind in row["kinds"]:
            found[kind, entry.code] = entry
    return found


def describe(kind: str, code: str) -> tuple[str, bool]:
    """Title of a code and whether it is known; funds write «5.1.4» and «5.1.4.» alike."""
    if kind == RefusalKind.PAY:
        return NO_REASON, True
    entry = codes().get((kind, code)) or codes().get((kind, code.rstrip(".")))
    return (entry.title, True) if entry else (UNKNOWN, False)


def earlier() -> dict[str, str]:
    """Codes of the earlier numbering (5.x, with an end) → the same ground in that of 231н."""
    return {entry.code: entry.same for entry in codes().values() if entry.end and entry.same}
