"""Records for the payment registries: from a federal pair as the store would give them, or by hand."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lxml import etree

from omstui.domain import atomicfile
from omstui.formats import federalnames
from omstui.formats.fedbills import BillSpec, Note, Records, Written, write_bill
from omstui.formats.federal import FederalPair, Part
from omstui.formats.layouts import federal as layout
from omstui.formats.source import SourceCase, SourcePerson

Record = dict[str, Any]


def spec(**changes: Any) -> BillSpec:
    values: dict[str, Any] = {
        "letters": "H", "mo": "760001", "period": "2021-12", "number": 1, "code": 7, "nschet": "15",
        "dschet": "2021-12-31", "date": "2022-01-10", "smo": "76001",
    }  # fmt: skip
    return BillSpec(**(values | changes))


def bill_zip(folder: Path, spec: BillSpec, records: Records, note: Note | None = None) -> Written:
    """Write NAME.zip into ``folder`` the way «Выгрузить реестры на оплату» does."""
    written: list[Written] = []
    target = folder / f"{spec.name}.zip"
    atomicfile.prepare(
        target, lambda part: written.append(write_bill(part, spec, records, note)), overwrite=True
    ).place()
    written[0].path = target
    return written[0]


def pair_of(cases: bytes, persons: bytes, name: str = "HM760001T76_21041.xml") -> FederalPair:
    return FederalPair(
        Part(name, lambda: io.BytesIO(cases)), Part("L" + name[1:], lambda: io.BytesIO(persons))
    )


def pair_at(path: Path) -> FederalPair:
    mate = path.with_name(federalnames.persons_of(path.name) + ".xml")
    return FederalPair(Part(path.name, lambda: path.open("rb")), Part(mate.name, lambda: mate.open("rb")))


def records(pair: FederalPair) -> Iterator[Record]:
    """The cases of a pair as an account each, priced as the source priced them."""
    people = {p.ref: p.fields for p in pair.persons() if isinstance(p, SourcePerson)}
    for case in pair.cases():
        assert isinstance(case, SourceCase), case
        yield record(people[case.person_ref], case.policy, case.case, case.services)


def record(patient: Record, policy: Record, case: Record, services: list[Record], **account: Any) -> Record:
    lines = [
        {"quantity": s["quantity"], "tariff": s["tariff"], "total": s["source_sum"], "service": s}
        for s in services
    ]
    total = {"total": case.get("source_sum", sum(line["total"] for line in lines)), "services": lines}
    return {
        "patient": patient, "policy": policy, "case": case, "services": services, "account": total | account,
    }  # fmt: skip


def by_hand(**case: Any) -> Record:
    """A visit entered by an operator: columns only."""
    service = {
        "code": "B01.047.001", "quantity": 200, "tariff": 30000, "source_sum": 60000, "n": 1, "part": 1,
        "department": "12",
    }  # fmt: skip
    return record(
        {"id": 5, "ext_id": "", "surname": "Ёлкина", "name": "Анна", "birth_date": "1980-05-17", "sex": "2",
         "rep_surname": "Лишняя", "phone": "4852000000"},
        {"type": "3", "number": "", "enp": "5054910882000015", "smo": "76001"},
        {"family": "H", "letter": "H", "usl_ok": "3", "help_type": "12", "help_form": "3", "lpu": "760001",
         "department": "12", "date_in": "2021-12-05", "date_out": "2021-12-15", "result": "301",
         "outcome": "303", "profile": "97", "purpose": "3.0", "nhistory": "A1", "ds_main": "I11.9",
         "ds2": '["E11.9"]', "specialty": "76", "doctor": "112-233-445 95", "pay_method": "30"} | case,
        [service], id=77, xkey="76000000-0001", repeat="",
        total=60000,
    )  # fmt: skip


def members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {m: archive.read(m) for m in archive.namelist()}


def trees(path: Path) -> tuple[Any, Any]:
    """Roots of the file of cases and of the file of persons."""
    cases, persons = members(path).values()
    return etree.fromstring(cases), etree.fromstring(persons)


def flat(node: Any, path: str = "") -> list[tuple[str, str]]:
    """Every element with its text, in the order of the file."""
    found = []
    for child in node:
        here = f"{path}/{child.tag}"
        found.append((here, "" if len(child) else (child.text or "").strip()))
        found += flat(child, here)
    return found


def strangers(node: Any, path: str, letter: str, structure: str) -> list[str]:
    """What a block has against the tables of elements: strange, out of order, repeated, missing."""
    block = layout.BLOCKS[path]
    here = [e for e in block.elements if e.belongs(letter, structure)]
    order = {e.name: n for n, e in enumerate(here)}
    names = [c.tag for c in node]
    found = [f"{path}/{n}: чужой" for n in names if n not in order]
    known = [n for n in names if n in order]
    if known != sorted(known, key=order.__getitem__):
        found.append(f"{path}: порядок {known}")
    found += [f"{path}/{e.name}: повтор" for e in here if not e.repeat and names.count(e.name) > 1]
    found += [f"{path}/{e.name}: нет" for e in here if letter in e.must and e.name not in names]
    for child in node:
        if len(child):
            inner = child.tag if child.tag in layout.BLOCKS else f"{path}/{child.tag}"
            found += strangers(child, inner, letter, structure)
    return found
