"""Scenarios of manual B: identification, payment registries, bills, ФЛК, МЭК."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from omstui.bootstrap import Services
from omstui.domain.store import db
from omstui.formats.flkp import FlkError
from tests.domain import billkit, identkit, mekkit
from tests.domain import test_merge_cases as merges

if TYPE_CHECKING:
    from tests.robust.kit import Bases

P, NEXT, APRIL = billkit.PERIOD, "2022-01", "2021-04"
_H = "HM500101S50001_21121"
#: the clock of the scenarios stands at 20.05.2021
_QPID = "QPID_4701012005211.dbf"
_APID, _MEK = _QPID.replace("QPID", "APID"), "b47010111221.dbf"
#: name → operation, base, parameters, inputs
SCENARIOS: dict[str, tuple[Any, ...]] = {
    "ident-export": ("ident-export", "b-formed", {"period": P, "out": "{w}/out"}),
    "ident-load": ("ident-load", "b-asked", {"period": P, "path": f"{{w}}/in/{_APID}"}, ("apid",)),
    "ident-overdue": ("ident-overdue", "b-overdue", {"period": P, "out": "{w}/out"}),
    "ident-step": ("ident-step", "b-formed", {"period": P, "step": 1}),
    "common-dbf": ("common-dbf", "b-formed", {"period": P, "out": "{w}/out"}),
    "b-check": ("check", "b-formed", {"period": P}),
    "payers": ("payers", "b-formed", {"period": P}),
    "payers-again": ("payers", "b-payers", {"period": P}),
    "bills-export": ("bills-export", "b-payers", {"period": P, "out": "{w}/out"}),
    "bills-export-again": ("bills-export", "b-billed", {"period": P, "out": "{w}/out"}),
    "b-invoices": ("invoices", "b-billed", {"period": P, "out": "{w}/out", "format": "txt"}),
    "flk-load": ("flk-load", "b-billed", {"period": P, "path": "{w}/in/flk.xml"}, ("flk",)),
    "flk-load-replace": ("flk-load", "b-flk", {"period": P, "path": "{w}/in/flk.xml"}, ("flk-other",)),
    "mek-load": ("mek-load", "b-next", {"period": NEXT, "path": f"{{w}}/in/{_MEK}"}, ("mek",)),
    "delete-data": ("delete-data", "b-flk", {"period": P}),
    "dental-xray": ("dental-xray", "b-visits", {"period": APRIL}),
    "merge-dental": ("merge-dental", "b-visits", {"period": APRIL}),
    "merge-outpatient": ("merge-outpatient", "b-visits", {"period": APRIL}),
    "merge-undo": ("merge-undo", "b-merged", {"period": APRIL}),
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
    _returned(bases, services)
    _asked(bases)
    _visits(bases)


def _visits(bases: Bases) -> None:
    """Visits of one patient that may become one case: dental with an x-ray apart, and a therapist's."""
    folder = bases.folder / "wv"
    folder.mkdir()
    services = bases.clocked(
        merges.start(
            folder,
            merges.visit(1, "2021-04-05"),
            merges.visit(2, "2021-04-12"),
            merges.xray(3, "2021-04-12"),
            merges.visit(4, "2021-04-06", patient=2, codes=("B01.047.001",), profile="97", ds="J06.9"),
            merges.visit(5, "2021-04-13", patient=2, codes=("B01.047.001",), profile="97", ds="J06.9"),
        )
    )
    bases.save("b-visits", services)
    bases.run(services, "merge-dental", period=APRIL)
    bases.save("b-merged", services)


def _returned(bases: Bases, services: Services) -> None:
    with db.connection(), db.write():
        billkit.add_registry(NEXT, "январь")
    bases.save("b-next", services)
    ((idcase, total),) = billkit.query(
        "SELECT x.idcase, a.total FROM pay_account x JOIN account a ON a.id=x.account_id WHERE a.id=1"
    )
    record = {
        "MCOD": "470101", "PLAT": "50001", "YEAR": 2021, "MONTH": 12, "NSCHET": "1", "IDCASE": str(idcase),
        "SUMV": total, "OPLATA": 2, "S_OSN": "1.10.2.", "S_SUM": total, "NUM_ACT": "М-15",
    }  # fmt: skip
    mekkit.table(bases.inputs / "mek" / _MEK, [record])


def _asked(bases: Bases) -> None:
    """Identification: asked, and answered long ago."""
    folder = bases.folder / "wi"
    folder.mkdir()
    services = bases.clocked(billkit.services(folder))
    billkit.add_month("1122F-")
    bases.run(services, "ident-export", period=P, out=str(folder / "out"))
    bases.save("b-asked", services)
    _answer(folder / "out" / _QPID, bases.inputs / "apid")
    bases.run(services, "ident-load", period=P, path=str(bases.inputs / "apid" / _APID))
    with db.connection(), db.write():
        db.execute("UPDATE answer SET accepted_at='2021-03-01 00:00:00'")
        db.execute("UPDATE package SET name='QPID_4701010103211.dbf', date='2021-03-01' WHERE kind='Q'")
    bases.save("b-overdue", services)


def _answer(request: Path, folder: Path) -> None:
    """The first is insured elsewhere, the second is not found, the others are as asked."""
    told = {1: {"RSMO": "50002", "RENP": "5050000000000001"}, 2: identkit.NOT_FOUND}

    def say(row: dict[str, Any]) -> dict[str, Any]:
        special = told.get(row["NPP"], {})
        return dict(special) if special is identkit.NOT_FOUND else identkit.found(row, **special)

    identkit.answer(request, say, folder)
