"""Scenarios of manual B: payment registries, bills, ФЛК. Other operations of it join here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omstui.formats.flkp import FlkError
from tests.domain import billkit

if TYPE_CHECKING:
    from tests.robust.kit import Bases

P = billkit.PERIOD
_H = "HM500101S50001_21121"
#: name → operation, base, parameters, inputs
SCENARIOS: dict[str, tuple[Any, ...]] = {
    "payers": ("payers", "b-formed", {"period": P}),
    "payers-again": ("payers", "b-payers", {"period": P}),
    "bills-export": ("bills-export", "b-payers", {"period": P, "out": "{w}/out"}),
    "bills-export-again": ("bills-export", "b-billed", {"period": P, "out": "{w}/out"}),
    "flk-load": ("flk-load", "b-billed", {"period": P, "path": "{w}/in/flk.xml"}, ("flk",)),
    "flk-load-replace": ("flk-load", "b-flk", {"period": P, "path": "{w}/in/flk.xml"}, ("flk-other",)),
}


def make(bases: Bases) -> None:
    """The databases of a month of manual B, step by step."""
    folder = bases.folder / "wb"
    folder.mkdir()
    services = bases.clocked(billkit.services(folder))
    billkit.add_month("1122F-")
    bases.save("b-formed", services)
    bases.run(services, "payers", period=P)
    bases.save("b-payers", services)
    bases.run(services, "bills-export", period=P, out=str(folder / "out"))
    bases.save("b-billed", services)
    for name, code in (("flk", "904"), ("flk-other", "905")):
        (bases.inputs / name).mkdir()
        errors = [FlkError(code, n_zap="1"), FlkError(code, id_pac="P000002"), FlkError("801")]
        billkit.protocol(bases.inputs / name, _H, errors, "flk.xml")
    bases.run(services, "flk-load", period=P, path=str(bases.inputs / "flk" / "flk.xml"))
    bases.save("b-flk", services)
