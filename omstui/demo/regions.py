"""Regions of the training data (регионы учебных данных): the same people and cases under other codes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from omstui.demo import catalogue as book
from omstui.demo.people import luhn
from omstui.formats.federalwriter import FederalRecord

HOME = "76"


@dataclass(frozen=True, slots=True)
class Region:
    """Codes that stand in the files of a region; ``codes`` maps those of the first region to its own."""

    profile: str
    fund: str
    code_mo: str
    settings: str  # file beside the training data
    codes: Mapping[str, str] = field(default_factory=dict)

    def file(self, name: str) -> str:
        """Name of a file of the first region in this one."""
        return name.replace(f"M{book.CODE_MO}T{HOME}", f"M{self.code_mo}T{self.fund}")


REGIONS: dict[str, Region] = {
    "yar": Region("yar", HOME, book.CODE_MO, "settings.toml"),
    "mosobl": Region(
        "mosobl",
        "50",
        "500101",
        "settings-mosobl.toml",
        {
            book.CODE_MO: "500101",
            "76001": "50001",
            "76002": "50002",
            "78401000000": "46401000000",
            "78000": "46000",
            "УВД Ярославской области": "ГУ МВД по Московской области",
        },
    ),
}
#: elements whose value is a code of the region
_CODED = frozenset({"LPU", "NPR_MO", "CODE_MO", "LPU_1", "SMO", "OKATOG", "OKATOP", "DOCORG"})


def move(record: FederalRecord, region: Region) -> FederalRecord:
    """The same record as an organisation of ``region`` would have written it."""
    if not region.codes:
        return record
    person = None if record.person is None else _moved(record.person, region)
    return FederalRecord(_moved(record.zap, region), person)


def _moved(tree: Any, region: Region) -> Any:
    if isinstance(tree, Mapping):
        return {name: _value(name, value, region) for name, value in tree.items()}
    if isinstance(tree, list | tuple):
        return [_moved(part, region) for part in tree]
    return tree


def _value(name: str, value: Any, region: Region) -> Any:
    if not isinstance(value, str):
        return _moved(value, region)
    if name in _CODED:
        return region.codes.get(value, value)
    if name in ("ENP", "NPOLIS") and len(value) == 16 and value.startswith(HOME):
        body = region.fund + value[2:15]
        return body + luhn(body)
    return value
