"""Packages made from the layout table: every kind of activity with every block it outputs."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from omstui.domain.model import KINDS
from omstui.domain.money import roubles
from omstui.formats.bill import BillReader, BillWriter, Node, account_sum
from omstui.formats.billmap import Env, from_bill, to_bill
from omstui.formats.billtree import ANSWER_TAGS
from omstui.formats.layouts import bill as layout
from omstui.formats.source import SourceCase

MO = {"ogrn": "1027600099900", "kpp": "760499001", "code": "760001"}
BODY = {
    "version": "6.15",
    "protocol": "Reestr",
    "creator": "omstui",
    "telcreator": "(4852) 00-00-00",
    "ogrn_mo": MO["ogrn"],
    "kpp_mo": MO["kpp"],
    "year": "2021",
    "month": "04",
    "date_1": "2021-04-30",
}
BILL = {"t_opl": "1", "ogrn_smo": "1027600097700"}
_CONDITIONS = {"inpatient": "1", "dayhospital": "2", "ambulance": "4"}
_DISP = {"dispensary": "ДВ4", "orphans": "ДС1", "checkup": "ОПВ", "minors": "ПН1"}
_SERVICE = {"paraclinic": "A09.05.023", "dental": "A16.07.002"}
_BY_KIND = {"D": "2021-04-0{}", "T": "2021-04-0{}T14:05:00", "F": "1.{}5", "I": "{}", "N1": "1"}


def env() -> Env:
    return Env(mo=MO)


def _value(attribute: layout.Attribute, path: str, number: int, kind: str) -> str:
    tag = path.rsplit("/", 1)[-1]
    special = {
        "personal_account/help_cond": _CONDITIONS.get(kind, "3"),
        "additional_p/disp_type": _DISP.get(kind, ""),
        "manipulation/service": _SERVICE.get(kind, "B01.047.001"),
        "manipulation/prof_oms": "85" if kind == "dental" else "97",
        "manipulation/quantity": ("2.50", "10")[number - 1],
        "polis/begin_p": ("2010-01-01", "2020-01-01")[number - 1],
        "polis/end_p": ("2019-12-31", "2029-12-31")[number - 1],
        "patient/birthdate": "14.03.1958" if kind == "inpatient" else "1958-03-14",
        "account/x": "",
    }.get(f"{tag}/{attribute.name}")
    if special is not None:
        return special
    if tag == "diagnose" and attribute.name == "type":
        return str(number)
    if attribute.kind == "K":
        return f"{sum(map(ord, path + attribute.name)) % 10**8:08d}-{number}001-FFFF-FFFF-FFFFFFFFFFFF"
    if attribute.kind in ("N13", "N9", "N4", "N2"):
        return str(number) * int(attribute.kind[1:])
    if attribute.kind in _BY_KIND:
        return _BY_KIND[attribute.kind].format(number)
    return f"{attribute.name} «{number}» №"


def _fill(element: layout.Element, kind: str, number: int) -> Node:
    made = Node(element.tag)
    for attribute in element.attributes:
        made.attrs[attribute.name] = _value(attribute, element.path, number, kind)
    made.attrs = {name: value for name, value in made.attrs.items() if value}
    for child in element.children.values():
        if child.tag in ANSWER_TAGS or not child.allowed(KINDS[kind].bill_type):
            continue
        times = (1, 2) if child.repeated and child.tag != "personal_account" else (1,)
        made.children += [_fill(child, kind, n) for n in times]
    return made


def full_patient(kind: str, number: int) -> Node:
    """A patient with one account of the kind: every element twice where it may repeat."""
    patient = _fill(layout.PATIENT, kind, 1)
    patient.attrs["patientcod"] = f"P{number:06d}"
    account = patient.accounts()[0]
    account.attrs |= {"n_pp": str(number), "curestart": "2021-04-05", "cureend": "2021-04-15"}
    account.attrs["xkey"] = f"7600{number:04d}-0001-FFFF-FFFF-FFFFFFFFFFFF"
    for n, service in enumerate(account.all("manipulations/manipulation"), 1):
        service.attrs["xkey"] = f"8800{number:04d}-000{n}-FFFF-FFFF-FFFFFFFFFFFF"
        service.attrs.pop("main_xkey", None)
        if n == 2:
            service.attrs["main_xkey"] = f"8800{number:04d}-0001-FFFF-FFFF-FFFFFFFFFFFF"
        for part, one in zip(("100.50", "0.25"), service.all("sum/elem"), strict=True):
            one.attrs |= {"sum": part, "suml": "0.00"}
    for part, one in zip(("201.00", "0.50"), account.all("sum/elem"), strict=True):
        one.attrs |= {"sum": part, "suml": "0.00"}
    return patient


def write(patients: list[Node], body: Mapping[str, str] = BODY) -> bytes:
    stream = io.BytesIO()
    writer = BillWriter(stream, body, BILL, account_sum(roubles(20150 * len(patients))))
    for patient in patients:
        writer.patient(patient)
    writer.close()
    return stream.getvalue()


def every_kind() -> bytes:
    """bill.xml with an account of every kind, all optional blocks filled."""
    return write([full_patient(kind, n) for n, kind in enumerate(KINDS, 1)])


def read(data: bytes) -> list[Node]:
    return [item.node for item in BillReader(io.BytesIO(data), "bill.xml").patients()]


def record(source: SourceCase) -> dict[str, Any]:
    """What the export would hand to ``to_bill`` for a loaded account."""
    account = dict(source.account or {})
    account["services"] = [
        line | {"service": service}
        for line, service in zip(account["services"], source.services, strict=True)
    ]
    case = source.case | {"kind": account["kind"]}
    return {"patient": source.person, "policy": source.policy, "case": case, "account": account}


def again(patient: Node, env_: Env | None = None) -> Node:
    """The patient after a trip through our record."""
    used = env_ or env()
    return to_bill(record(from_bill(patient, patient.accounts()[0], used)), used)
