"""The patient's part of an account in bill.xml (пациент, полис, документ, адрес)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from omstui.formats.bill import Node
from omstui.formats.billrecord import Out
from omstui.formats.billtree import (
    DOC_TEXTS,
    PATIENT_TEXTS,
    POLIS_TEXTS,
    REPRESENTATIVE_TEXTS,
    Row,
    branch,
    card,
    columns,
    dated,
    filled,
    many,
    node,
    others,
    own,
    raw_of,
)
from omstui.formats.layouts import bill as layout

_ENP = 16
_NO_DOCUMENT = "Нет документа, удостоверяющего личность"
_NO_ADDRESS = "Нет кода КЛАДР адреса"
_PATIENT_DONE = frozenset({"lawful_repr", "polises", "docs", "addresses", "additional_data"})
_BIRTH = {"birthdate": "birth_date"}
_REP_BIRTH = {"birthdate_p": "rep_birth_date"}
_POLIS_DATES = {"begin_p": "begin_date", "end_p": "end_date"}


def patient_node(out: Out) -> Node:
    """The patient element without the account; unknown elements of the card come last."""
    row, raw = out.patient, raw_of(out.patient)
    newborn = str(out.case.get("newborn") or "0")
    tree = card(row)
    attrs = own(tree)
    attrs |= filled((("patientcod", row.get("ext_id") or row.get("id")),))
    attrs |= columns(row, PATIENT_TEXTS)
    dated(attrs, row, raw, _BIRTH)
    if newborn != "0" and not out.native:
        _newborn(row, newborn, attrs)
    made = out.complete(Node("patient", attrs), layout.PATIENT)
    made.children = [
        *_representative(row, raw, tree),
        Node("polises", children=_polises(out)),
        Node("docs", children=_docs(out, tree)),
        Node("addresses", children=_addresses(out, tree)),
        _additional_data(out, tree),
        *others(row, _PATIENT_DONE),
    ]
    return made


def _newborn(row: Row, newborn: str, attrs: dict[str, str]) -> None:
    """A child without a name goes by the representative's; sex and date are its own (§11.18)."""
    if not (attrs.get("surname") and attrs.get("name")) and row.get("rep_surname"):
        for name in ("surname", "name", "patronymic"):
            attrs.pop(name, None)
        names = (("surname", "rep_surname"), ("name", "rep_name"), ("patronymic", "rep_patronymic"))
        for name, column in names:
            if row.get(column) and not attrs.get(name):
                attrs[name] = row[column]
    for name, value in (("sex", newborn[:1]), ("birthdate", _birth_of(newborn))):
        if value:
            attrs.setdefault(name, value)


def _birth_of(newborn: str) -> str:
    """Birth date in NOVOR ПДДММГГН; a newborn was born in this century."""
    if len(newborn) < 8 or not newborn.isdigit():
        return ""
    return f"20{newborn[5:7]}-{newborn[3:5]}-{newborn[1:3]}"


def _representative(row: Row, raw: Mapping[str, str], tree: Mapping[str, Any]) -> list[Node]:
    attrs = own(branch(tree, "lawful_repr"))
    attrs |= columns(row, REPRESENTATIVE_TEXTS)
    dated(attrs, row, raw, _REP_BIRTH)
    return [Node("lawful_repr", attrs)] if attrs else []


_POLIS = layout.PATIENT.find("polises/polis")
_DOC = layout.PATIENT.find("docs/doc")
_ADDRESS = layout.PATIENT.find("addresses/address")
_DATA = layout.PATIENT.find("additional_data")


def _polises(out: Out) -> list[Node]:
    row, raw = out.policy, raw_of(out.policy)
    tree = card(row)
    attrs = own(branch(tree, "own"))
    attrs |= columns(row, POLIS_TEXTS)
    dated(attrs, row, raw, _POLIS_DATES)
    if not out.native:
        ogrn = out.env.insurers.get(str(row.get("smo") or ""))
        if ogrn:
            attrs.setdefault("ogrn_smo", ogrn)
        enp, number = str(row.get("enp") or ""), attrs.get("polisnum", "")
        # a policy of the single form goes by its ЕНП, not by the number of its blank
        if enp and (not number or (row.get("type") == "3" and len(number) != _ENP)):
            attrs["polisnum"] = enp
    made = [node("polis", one) for one in many(tree.get("polis"))]
    if attrs or not out.native:
        at = int(tree.get("at") or 0)
        made.insert(at, out.complete(Node("polis", attrs), _POLIS))
    return made


def _docs(out: Out, tree: Mapping[str, Any]) -> list[Node]:
    row = out.patient
    docs = branch(tree, "docs")
    attrs = own(branch(docs, "own"))
    attrs |= columns(row, DOC_TEXTS)
    more = [node("doc", one) for one in many(docs.get("doc"))]
    if not attrs:
        if not more and not out.native:
            out.lack.add(_NO_DOCUMENT)
        return more
    return [out.complete(Node("doc", attrs), _DOC), *more]


def _addresses(out: Out, tree: Mapping[str, Any]) -> list[Node]:
    found = [node("address", one) for one in many(branch(tree, "addresses").get("address"))]
    if not found and not out.native:
        if out.env.default("address", "kladr"):
            found = [Node("address")]
        else:
            out.lack.add(_NO_ADDRESS)
    return [out.complete(one, _ADDRESS) for one in found]


def _additional_data(out: Out, tree: Mapping[str, Any]) -> Node:
    pac = out.fed.get("pac") or {}
    attrs = own(branch(tree, "additional_data"))
    born = many((out.fed.get("z") or {}).get("VNOV_M"))  # of one child; of several none can be said
    weight = attrs.get("weight") or pac.get("VNOV_D") or (born[0] if len(born) == 1 else "")
    attrs |= filled((("socialstat", out.patient.get("social_status")), ("weight", weight)))
    made = Node("additional_data", attrs)
    return made if out.native else out.complete(made, _DATA)
