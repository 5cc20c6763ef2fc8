"""Small requests and payment registries for the tests of the stand, and settings of its exchange."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from omstui.formats.fedbills import BillSpec
from omstui.formats.identfile import write_qpid
from omstui.formats.layouts.dbf_ident import QPID
from omstui.settings import Settings, build
from tests.formats.fedbills.fedkit import Record, bill_zip, by_hand

SETTINGS: dict[str, Any] = {
    "profile": "mosobl",
    "mo": {"code": "500101", "code_local": "470101"},
    "fund": {"code": "50", "okato": "46000"},
    "insurers": [
        {"code": "50001", "letter": "7", "ogrn": "1027700091100"},
        {"code": "50002", "letter": "B", "ogrn": "1027700092200"},
        {"code": "50", "letter": "I", "out_of_region": True},
    ],
}
QPID_NAME = "QPID_4701012912211.dbf"
ENP = "5054910882000015"


def settings() -> Settings:
    return build(Settings, SETTINGS, "tests")  # type: ignore[no-any-return]


def person(number: int, **changes: Any) -> tuple[Any, ...]:
    values = {
        "NPP": number, "MCOD": "470101", "RECID": f"P{number}", "FAM": "Ёлкина", "IM": "Анна",
        "OT": "Игоревна", "W": 2, "DR": "1980-05-17", "SNILS": "112-233-445 95", "VPOLIS": 3,
        "NPOLIS": ENP, "ENP": ENP, "SMO": "50001", "DATE_1": "2021-12-05", "DATE_2": "2021-12-15",
    }  # fmt: skip
    return QPID.row(**(values | changes))


def request(folder: Path, people: Sequence[tuple[Any, ...]], name: str = QPID_NAME) -> Path:
    path = folder / name
    write_qpid(path, people, date(2021, 12, 29))
    return path


def case(number: int, *, card: str = "", total: int = 60000, person: int = 0) -> Record:
    """A visit; every case has a patient of its own unless ``person`` is given."""
    record = by_hand(nhistory=card or f"ТАП-{number}", date_in="2021-12-05")
    record["patient"] |= {"id": person or number, "snils": "112-233-445 95"}
    record["account"] |= {"total": total, "idcase": str(1000 + number)}
    record["services"][0]["source_sum"] = total
    record["account"]["services"][0] |= {"total": total, "tariff": total // 2}
    return record


def bill(folder: Path, records: Sequence[Record], **changes: Any) -> Path:
    values: dict[str, Any] = {
        "letters": "H", "mo": "500101", "period": "2021-12", "number": 1, "code": 7, "nschet": "15",
        "dschet": "2021-12-31", "date": "2022-01-10", "smo": "50001",
    }  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    return bill_zip(folder, BillSpec(**(values | changes)), records).path
