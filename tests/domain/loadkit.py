"""Small federal pairs for the tests of loading: synthetic people, a few lines per case."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

from omstui.formats.federalwriter import FederalRecord, write_pair

HEADER = {
    "VERSION": "3.1", "PERS_VERSION": "3.2", "DATA": "2021-05-03", "CODE": "1", "CODE_MO": "760001",
    "YEAR": "2021", "MONTH": "4", "NSCHET": "4", "DSCHET": "2021-05-03", "PLAT": "76",
}  # fmt: skip


def person(number: int, **changes: str) -> dict[str, Any]:
    values: dict[str, Any] = {
        "ID_PAC": f"P{number}", "FAM": "ТЕСТОВ", "IM": "ИВАН", "OT": f"НОМЕРОВИЧ{'А' * (number % 9)}",
        "W": "1", "DR": f"19{50 + number % 40}-0{1 + number % 9}-{10 + number % 18}",
        "DOCTYPE": "14", "DOCSER": "78 00", "DOCNUM": f"{100000 + number}",
    }  # fmt: skip
    return values | changes


def service(number: int, day: str = "2021-04-05", **changes: str) -> dict[str, Any]:
    values: dict[str, Any] = {
        "IDSERV": str(number), "LPU": "760001", "PROFIL": "97", "DET": "0", "DATE_IN": day,
        "DATE_OUT": day, "DS": "J06.9", "CODE_USL": f"B01.047.00{number}", "KOL_USL": "1.00",
        "TARIF": "500.00", "SUMV_USL": "500.00", "PRVS": "76", "CODE_MD": "D-01",
    }  # fmt: skip
    return values | changes


def case(number: int, person_no: int | None = None, *, services: list[Any] | None = None,
         pac: dict[str, str] | None = None, z: dict[str, str] | None = None,
         sl: dict[str, Any] | None = None) -> dict[str, Any]:  # fmt: skip
    """A ZAP: an outpatient case with two services."""
    usl = services if services is not None else [service(1), service(2)]
    return {
        "N_ZAP": str(number), "PR_NOV": "0",
        "PACIENT": {"ID_PAC": f"P{person_no or number}", "VPOLIS": "3",
                    "NPOLIS": f"76000000000{number:05d}", "SMO": "76001", "NOVOR": "0"} | (pac or {}),
        "Z_SL": {
            "IDCASE": str(number), "USL_OK": "3", "VIDPOM": "12", "FOR_POM": "3", "LPU": "760001",
            "DATE_Z_1": "2021-04-05", "DATE_Z_2": "2021-04-05", "RSLT": "301", "ISHOD": "301",
            "SL": [{
                "SL_ID": f"sl{number}", "PROFIL": "97", "DET": "0", "P_CEL": "1.0",
                "NHISTORY": f"N{number}", "DATE_1": "2021-04-05", "DATE_2": "2021-04-05",
                "DS1": "J06.9", "PRVS": "76", "VERS_SPEC": "V021", "IDDOKT": "D-01",
                "SUM_M": "1000.00", "USL": usl,
            } | (sl or {})],
            "IDSP": "29", "SUMV": "1000.00",
        } | (z or {}),
    }  # fmt: skip


def pair(folder: Path, zaps: list[dict[str, Any]], persons: list[dict[str, Any]] | None = None,
         name: str = "HM760001T76_21041", **header: str) -> list[str]:  # fmt: skip
    """Write the pair; returns the paths to load (the case file)."""
    folder.mkdir(parents=True, exist_ok=True)
    people = (
        persons
        if persons is not None
        else [person(int(i[1:])) for i in dict.fromkeys(z["PACIENT"]["ID_PAC"] for z in zaps)]
    )
    mates = {p["ID_PAC"]: p for p in people}
    records = [FederalRecord(deepcopy(z), mates.pop(z["PACIENT"]["ID_PAC"], None)) for z in zaps]
    write_pair(folder, name, HEADER | header, records)
    return [str(folder)]
