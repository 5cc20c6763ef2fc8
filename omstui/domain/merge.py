"""Three-way merge (трёхстороннее слияние) of a file with the corrections of operators. Pure.

The base of a corrected field is what the last load gave: ``old`` of the first operator's edit of that
field after the last edit by a load. If the file still says the base, the operator's value stays; if
the file says something else, the file wins and the clash is reported.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class FieldEdit:
    """A row of history of one record, in the order it was written."""

    field: str
    old: str
    new: str
    origin: str  # operator | load | identification


@dataclass(frozen=True, slots=True)
class Conflict:
    """A field that both an operator and the file changed: the file's value was taken."""

    field: str
    base: str
    ours: str
    theirs: str


@dataclass(slots=True)
class Merged:
    """``values`` = fields to overwrite in what the file gave; ``confirmed`` = the file caught up."""

    values: dict[str, str] = field(default_factory=dict)
    conflicts: list[Conflict] = field(default_factory=list)
    confirmed: list[str] = field(default_factory=list)


def corrected(edits: Iterable[FieldEdit]) -> dict[str, tuple[str, str]]:
    """Fields with a correction of ours in force → (base, our value)."""
    found: dict[str, tuple[str, str]] = {}
    for edit in edits:
        if edit.origin == "load":
            found.pop(edit.field, None)
        elif edit.field in found:
            found[edit.field] = (found[edit.field][0], edit.new)
        else:
            found[edit.field] = (edit.old, edit.new)
    return found


def three_way(file: Mapping[str, str], ours: Mapping[str, tuple[str, str]]) -> Merged:
    """Merge the texts of the fields a file gives with our corrections of them.

    A field the file does not carry is not in ``file``: our value stays without a word.
    """
    merged = Merged()
    for name, (base, mine) in ours.items():
        theirs = file.get(name)
        if theirs is None or theirs == base:
            merged.values[name] = mine
        elif theirs == mine:
            merged.confirmed.append(name)
        else:
            merged.conflicts.append(Conflict(name, base, mine, theirs))
    return merged


def as_text(value: Any) -> str:
    """A value as history keeps it: «» for none, JSON for lists and trees."""
    if value is None:
        return ""
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return str(value)


def leaf(tree: Any, path: str) -> Any:
    """The value at «bill.patient.kladr» of a nested tree, None when nothing is there."""
    for step in path.split("."):
        if not isinstance(tree, dict):
            return None
        tree = tree.get(step)
    return tree


def put_leaf(tree: dict[str, Any], path: str, value: Any) -> None:
    """Set (or, with «» or None, remove) the value at a dotted path."""
    *steps, last = path.split(".")
    for step in steps:
        inner = tree.get(step)
        if not isinstance(inner, dict):
            inner = tree[step] = {}
        tree = inner
    if value in ("", None):
        tree.pop(last, None)
    else:
        tree[last] = value
