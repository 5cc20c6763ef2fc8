"""What a federal file of one letter and structure may carry (состав файла), compiled from the layout."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from omstui.formats.layouts import federal as layout

Tree = dict[str, Any]

#: elements only the payer fills; a bill never carries them
_PAYERS = {
    "Z_SL": frozenset({"OPLATA", "SUMP", "SANK", "SANK_IT"}),
    "SCHET": frozenset({"SUMMAP", "SANK_MEK", "SANK_MEE", "SANK_EKMP"}),
}


@dataclass(frozen=True, slots=True)
class BlockPlan:
    """A block as one kind of file has it."""

    path: str
    #: (element, column) of the elements that are one text and have a column
    columns: tuple[tuple[str, str], ...]
    names: frozenset[str]
    must: frozenset[str]
    simple: frozenset[str]  # one text
    lists: frozenset[str]  # several of them
    nested: Mapping[str, str]  # block inside → its path


@cache
def block_plan(path: str, letter: str, structure: str) -> BlockPlan:
    """The plan of a block for files of ``letter`` (H, C, T, D) and ``structure``."""
    block = layout.BLOCKS[path]
    theirs = _PAYERS.get(path, frozenset())
    here = [e for e in block.elements if e.belongs(letter, structure) and e.name not in theirs]
    nested = {
        e.name: e.name if e.name in layout.BLOCKS else f"{path}/{e.name}" for e in here if e.type == "S"
    }
    return BlockPlan(
        path,
        tuple((e.name, e.column) for e in here if e.column and not e.repeat),
        frozenset(e.name for e in here),
        frozenset(e.name for e in here if letter in e.must),
        frozenset(e.name for e in here if not e.repeat and e.type != "S"),
        frozenset(e.name for e in here if e.repeat),
        nested,
    )


class Leftovers:
    """Gives back what a federal file carried beside the columns, as far as this file may have it."""

    def __init__(self, letter: str, structure: str) -> None:
        self.letter, self.structure = letter, structure
        #: elements the format does not know, by path: said once in the log
        self.dropped: Counter[str] = Counter()

    def of(self, path: str, rest: Mapping[str, Any]) -> Tree:
        """The elements of ``rest`` that belong to the block, by federal names."""
        plan = block_plan(path, self.letter, self.structure)
        found: Tree = {}
        for name, value in rest.items():
            if name in plan.simple:
                if isinstance(value, list):  # repeated against the format: one of them goes
                    value = next((v for v in value if isinstance(v, str)), "")
                if value and isinstance(value, str):
                    found[name] = value
            elif name in plan.names:
                kept = self._several(plan, name, value)
                if kept:
                    found[name] = kept
            elif name not in layout.BLOCKS[path].names:
                self.dropped[f"{path}/{name}"] += 1
        return found

    def _several(self, plan: BlockPlan, name: str, value: Any) -> Any:
        values = value if isinstance(value, list) else [value]
        inner = plan.nested.get(name)
        kept: list[Any]
        if inner is None:
            kept = [v for v in values if v and isinstance(v, str)]
        elif inner in layout.NESTED:
            kept = [made for v in values if isinstance(v, dict) and (made := self.of(inner, v))]
        else:
            return None  # SL, USL: written by themselves
        if name in plan.lists:
            return kept
        return kept[0] if kept else None
