"""What a federal file says and bill.xml can express is in the …13X: a walk over the table of elements."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from omstui.bootstrap import Services
from omstui.formats.bill import BillReader, Node
from omstui.formats.containers import open_bill
from omstui.formats.layouts import federal as layout
from tests.domain import loadkit as kit
from tests.support import make_services

#: elements bill.xml has no attribute for, or that mean nothing outside their file
NOT_CARRIED = {
    # numbers of the file, decisions of the payer
    "ZAP": "N_ZAP PR_NOV",
    "Z_SL": "IDCASE FIRST_IDCASE SUMV OPLATA SUMP SANK_IT IDSP P_OTK OS_SLUCH",
    "Z_SL/SANK": "S_CODE S_SUM S_TIP SL_ID S_OSN DATE_ACT NUM_ACT CODE_EXP S_COM S_IST",
    # the payer is found by them; categories of 5.x; name of an insurer
    "PACIENT": "SMO SMO_NAM SOC NEXT_D MO_PR VZ",
    # the account has the dates of the whole case, the sums and days of its services; talon of ВМП
    "SL": "SL_ID LPU_1 PROFIL_M TAL_D TAL_NUM TAL_P DATE_1 DATE_2 WEI DS1_PR REAB VERS_SPEC"
    " ED_COL TARIF SUM_M CODE_MES2",
    "SL/KSG_KPG": "VER_KSG KSG_PG N_KPG K_ZP SL_K PR_PR KOEF_PR",
    # medicines and devices are blocks an МО does not fill
    "SL/LEK_PR": "DATA_INJ CODE_SH REGNUM COD_MARK",
    "SL/LEK_PR/LEK_DOSE": "ED_IZM DOSE_INJ METHOD_INJ COL_INJ",
    "SL/ONK_SL/ONK_USL/LEK_PR": "REGNUM_DOP",
    "SL/ONK_SL/ONK_USL/LEK_PR/INJ": "KIZ_INJ S_INJ SV_INJ SIZ_INJ RED_INJ",
    "USL/MED_DEV": "DATE_MED CODE_MEDDEV NUMBER_SER",
    "SL/DS2_N": "DS2_PR",
    # an examination sends no referrals
    "SL/NAZ": "NAZ_N NAZ_SP NAZ_IDDOKT NAZ_V NAZ_USL NAPR_DATE NAPR_MO NAZ_PMP NAZ_PK",
    "USL": "IDSERV LPU_1 TARIF COMENTU",
    "USL/MR_USL_N": "MR_N PRVS CODE_MD",  # the executor stands in PRVS and CODE_MD here
    "PERS": "DOST DOST_P TEL DOCDATE DOCORG OKATOG OKATOP COMENTP",
}
#: elements whose value becomes another one: checked by their own tests
_TRANSLATED = {
    "PACIENT": "ST_OKATO SMO_OK ENP",  # the region; the number of the policy says it
    "Z_SL": "NPR_MO LPU VNOV_M FOR_POM KD_Z",  # ОГРН; one weight only; outpatient only; KD says it
    "SL": "DET PROFIL",  # of the services
    "SL/NAPR": "NAPR_MO",
    "USL": "LPU",
}
_GIVEN = {
    "PACIENT/ID_PAC": "P1", "PACIENT/VPOLIS": "1", "PACIENT/SMO": "76001", "PACIENT/ST_OKATO": "78000",
    "PACIENT/SMO_OK": "78000", "PACIENT/NOVOR": "0", "Z_SL/DATE_Z_1": "2021-04-01",
    "Z_SL/DATE_Z_2": "2021-04-30", "Z_SL/LPU": "760001", "Z_SL/NPR_MO": "760001",
    "SL/DATE_1": "2021-04-01", "SL/DATE_2": "2021-04-30", "USL/LPU": "760001",
    "SL/NAPR/NAPR_MO": "760001", "Z_SL/RSLT_D": "1", "SL/P_CEL": "1.0", "PERS/ID_PAC": "P1",
}  # fmt: skip


class _Filler:
    """Every element of the table with a value of its own."""

    def __init__(self, letter: str, usl_ok: str) -> None:
        self.letter, self.values = letter, {}
        self.given = _GIVEN | {"Z_SL/USL_OK": usl_ok}
        self.number = 0

    def block(self, path: str) -> dict[str, Any]:
        out: dict[str, Any] = {}
        for element in layout.BLOCKS[path].elements:
            if path != "PERS" and self.letter not in element.files:
                continue
            if path == "Z_SL" and element.name in ("FIRST_IDCASE",):
                continue
            if element.type == "S":
                inner = element.name if element.name in layout.BLOCKS else f"{path}/{element.name}"
                value: Any = self.block(inner)
            else:
                value = self._value(path, element)
            out[element.name] = [value] if element.repeat else value
        return out

    def _value(self, path: str, element: layout.Element) -> str:
        self.number += 1
        kinds = {
            "T": f"{element.name}-{self.number}", "N": str(700000 + self.number),
            "M": f"{5000 + self.number}.17", "D": str(date(2001, 1, 1) + timedelta(days=self.number)),
        }  # fmt: skip
        if path == "USL" and element.name == "KOL_USL":
            kinds["N"] = "7.31"
        value = self.given.get(f"{path}/{element.name}", kinds[element.type])
        self.values[f"{path}/{element.name}"] = value
        return value


def _attributes(node: Node) -> Iterator[str]:
    yield from node.attrs.values()
    for child in node.children:
        yield from _attributes(child)


def _listed(table: dict[str, str]) -> set[str]:
    return {f"{path}/{name}" for path, names in table.items() for name in names.split()}


def exported(services: Services, folder: Path, zap: dict[str, Any], person: dict[str, Any], name: str,
             **header: str) -> Node:  # fmt: skip
    """Load, form and export one case; its patient element."""
    for operation, fields in (
        ("load", {"paths": kit.pair(folder / "in", [zap], [person], name, **header)}),
        ("form", {"period": "2021-04"}),
        ("export", {"period": "2021-04", "out": str(folder / "out")}),
    ):
        outcome = services.run(operation, yes=True, **fields)
        assert outcome.kind == "ok", (outcome.message, [line.text for line in outcome.lines])
    [file] = (folder / "out").glob("*.7z")
    with open_bill(file) as stream:
        [item] = BillReader(stream, file.name).patients()
    return item.node


@pytest.mark.parametrize(
    ("letter", "usl_ok", "name", "disp"),
    [
        ("H", "1", "HM760001T76_21041", ""),
        ("H", "3", "HM760001T76_21041", ""),
        ("C", "1", "CM760001T76_21041", ""),
        ("C", "3", "CM760001T76_21041", ""),
        ("T", "1", "TM760001T76_21041", ""),
        ("D", "3", "DPM760001T76_21041", "ДВ4"),
    ],
)
def test_every_element_that_has_an_attribute_reaches_it(
    tmp_path: Path, letter: str, usl_ok: str, name: str, disp: str
) -> None:
    fill = _Filler(letter, usl_ok)
    zap, person = fill.block("ZAP"), fill.block("PERS")
    header = {"DISP": disp} if disp else {}
    node = exported(make_services(tmp_path), tmp_path, zap, person, name, **header)
    there = " | ".join(_attributes(node))
    lost = {path for path, value in fill.values.items() if value not in there}
    unexpected = lost - _listed(NOT_CARRIED) - _listed(_TRANSLATED) - _of_kind(letter, usl_ok)
    assert unexpected == set()


def _of_kind(letter: str, usl_ok: str) -> set[str]:
    """What this type of registry does not output (yaroslavl.md §2, the table of blocks)."""
    out = set()
    if usl_ok == "3" and letter != "D":
        inpatient_only = (
            "SL/P_PER",
            "Z_SL/VB_P",
            "SL/KSG_KPG/CRIT",
            "SL/KSG_KPG/SL_KOEF/",
            "SL/ONK_SL/ONK_USL/",
        )
        out |= {p for p in _paths() if p.startswith(inpatient_only)}
    if usl_ok != "3":
        out |= {"SL/P_CEL"}
    return out


def _paths() -> set[str]:
    return {f"{path}/{e.name}" for path, block in layout.BLOCKS.items() for e in block.elements}


def test_organisations_days_and_region_become_what_the_format_wants(tmp_path: Path) -> None:
    pac = {"VPOLIS": "3", "NPOLIS": "12345678901", "ENP": "7600000000000014", "ST_OKATO": "78000"}
    z = {"USL_OK": "1", "NPR_MO": "760001", "NPR_DATE": "2021-04-01", "VNOV_M": ["1900"], "KD_Z": "5"}
    zap = kit.case(1, pac=pac, z=z, services=[kit.service(1, SUMV_USL="1000.00", TARIF="1000.00")])
    node = exported(make_services(tmp_path), tmp_path, zap, kit.person(1), "HM760001T76_21041")
    polis = node.find("polises/polis")
    assert (polis.get("polisnum"), polis.get("region_oms")) == ("7600000000000014", "76")
    assert node.find("additional_data").get("weight") == "1900"
    account = node.accounts()[0]
    assert account.find("directions/direction").get("ogrn_lpu") == "1027600099900"
    inner = account.find("manipulations/manipulation/additionals/additional")
    assert (inner.get("ogrn_lpu"), inner.get("count_d")) == ("1027600099900", "5")


@pytest.mark.parametrize("own", [{}, {"FAM": "ТЕСТОВА"}])
def test_newborn_twins_go_by_the_representative_and_differ_by_number(
    tmp_path: Path, own: dict[str, str]
) -> None:
    mother = {"FAM_P": "ТЕСТОВА", "IM_P": "МАРИЯ", "OT_P": "ПЕТРОВНА", "W_P": "2", "DR_P": "1990-01-01"}
    services = make_services(tmp_path)
    people, zaps = [], []
    for number in (1, 2):
        child = {"ID_PAC": f"P{number}", "W": str(number), "DR": "2021-04-01", **own, **mother}
        people.append(child)
        novor = f"{number}010421{number}"
        zaps.append(kit.case(number, pac={"NOVOR": novor, "VNOV_D": f"{2000 + number}"}, z={"USL_OK": "1"}))
    paths = kit.pair(tmp_path / "in", zaps, people)
    assert services.run("load", paths=paths).kind == "ok"
    assert services.run("form", period="2021-04").kind == "ok"
    outcome = services.run("export", period="2021-04", out=str(tmp_path / "out"), yes=True)
    assert outcome.kind == "ok", outcome.message
    assert not any(line.text.startswith(("Нет фамилии", "Нет имени")) for line in outcome.lines)
    [file] = (tmp_path / "out").glob("*.7z")
    with open_bill(file) as stream:
        nodes = [item.node for item in BillReader(stream, file.name).patients()]
    said = [
        (n.get("surname"), n.get("name"), n.get("patronymic"), n.get("sex"), n.get("birthdate"))
        for n in nodes
    ]
    assert said == [("ТЕСТОВА", "МАРИЯ", "ПЕТРОВНА", str(sex), "2021-04-01") for sex in (1, 2)]
    children = [
        n.accounts()[0].find("manipulations/manipulation/additionals/additional").get("child") for n in nodes
    ]
    assert children == ["1", "2"]
    assert [n.find("additional_data").get("weight") for n in nodes] == ["2001", "2002"]
