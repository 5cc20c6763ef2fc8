"""Rules of F2 over the whole road: file → cases → registries → …13X (product.md §6, §11.15, .17, .18)."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from omstui.bootstrap import Services
from omstui.domain.errors import FormatError
from omstui.domain.model import KINDS
from omstui.domain.store import db
from omstui.domain.verify import verify
from omstui.formats.bill import BillReader, BillWriter, Node
from omstui.formats.containers import open_bill
from tests.domain import loadkit as kit
from tests.domain import month
from tests.formats.bill import billkit
from tests.support import make_services, settings


def run(services: Services, operation: str, **params: Any):
    outcome = services.run(operation, yes=True, **params)
    assert outcome.kind == "ok", (outcome.message, [x.text for x in outcome.lines])
    return outcome


def sent(folder: Path) -> list[Node]:
    [file] = folder.glob("*.7z")
    with open_bill(file) as stream:
        return [item.node for item in BillReader(stream, file.name).patients()]


def texts(outcome) -> list[str]:
    return [line.text for line in outcome.lines]


# --- persons of one code -----------------------------------------------------------------------


def test_persons_of_two_files_with_one_number_have_two_codes(tmp_path: Path) -> None:
    """Each file numbers its persons from one; an_p of the fund must not refuse a namesake of number."""
    services = make_services(tmp_path)
    adult, child = kit.person(1), kit.person(1, FAM="ИНАЯ", DR="1999-09-09", W="2")
    run(services, "load", paths=kit.pair(tmp_path / "a", [kit.case(1), kit.case(2)], [adult, kit.person(2)]))
    other = kit.case(3, 1, pac={"NPOLIS": "7600000000009999"})
    run(services, "load", paths=kit.pair(tmp_path / "b", [other], [child]))
    run(services, "form", period="2021-04")
    run(services, "export", period="2021-04", out=str(tmp_path / "out"))
    codes = {n.accounts()[0].get("n_card"): n.get("patientcod") for n in sent(tmp_path / "out")}
    assert codes["N2"] == "P2"
    assert codes["N1"] != codes["N3"] and codes["N1"].startswith("P1-") and codes["N3"].startswith("P1-")


def test_cases_of_one_person_have_one_code(tmp_path: Path) -> None:
    services = make_services(tmp_path)
    cases = [kit.case(n, 1) for n in (1, 2)]
    run(services, "load", paths=kit.pair(tmp_path / "a", cases, [kit.person(1)]))
    run(services, "form", period="2021-04")
    run(services, "export", period="2021-04", out=str(tmp_path / "out"))
    assert {n.get("patientcod") for n in sent(tmp_path / "out")} == {"P1"}


# --- nothing is lost between the file and the …13X ---------------------------------------------


def mixed() -> list[dict[str, Any]]:
    zaps = [kit.case(n) for n in range(1, 9)]
    zaps[1]["Z_SL"]["SL"][0]["DS1"] = ""  # 90.003
    del zaps[2]["Z_SL"]["DATE_Z_2"]  # 90.009
    zaps[3]["PACIENT"] |= {"SMO": "", "NPOLIS": ""}  # nobody pays
    zaps[4]["Z_SL"] |= {"DATE_Z_1": "2021-03-02", "DATE_Z_2": "2021-03-05"}  # late
    zaps[5]["Z_SL"]["SL"][0]["USL"], zaps[5]["Z_SL"]["SL"][0]["SUM_M"] = [], "0"  # 90.013
    zaps[6]["PACIENT"]["ID_PAC"] = "P99"  # no person
    return zaps


def test_every_case_of_the_file_is_sent_or_said(tmp_path: Path) -> None:
    services = make_services(tmp_path)
    people = [kit.person(n) for n in range(1, 9)]
    loaded = services.run("load", paths=kit.pair(tmp_path / "in", mixed(), people))
    formed = run(services, "form", period="2021-04")
    exported = run(services, "export", period="2021-04", out=str(tmp_path / "out"))
    assert loaded.result.data["refused"] == 1 and any("P99" in t for t in texts(loaded))
    data = formed.result.data
    assert [s["code"] for s in data["skipped"]] == ["90.003", "90.009"]
    assert data["without_services"] == {"ТАП": 1}
    assert data["late"]["count"] == 1 and data["no_payer"]["count"] == 1
    assert len(sent(tmp_path / "out")) == exported.result.data["accounts"] == 2
    assert exported.result.data["without_payer"] == 1
    assert 8 == 2 + 1 + 1 + 1 + 1 + 1 + 1
    with db.connection():
        assert verify() == []


def test_same_files_in_two_databases_give_the_same_bytes(tmp_path: Path) -> None:
    bytes_of = []
    for name in ("one", "two"):
        services = make_services(tmp_path / name)
        zaps = [kit.case(n, sl={"DS2": ["I10", "E11.9"]}) for n in range(1, 6)]
        run(services, "load", paths=kit.pair(tmp_path / name / "in", zaps))
        run(services, "form", period="2021-04")
        run(services, "export", period="2021-04", out=str(tmp_path / name / "out"))
        [file] = (tmp_path / name / "out").iterdir()
        bytes_of.append((file.name, hashlib.sha256(file.read_bytes()).hexdigest()))
    assert bytes_of[0] == bytes_of[1]


def test_keys_of_a_test_a_main_and_a_second_forming_are_never_the_same(tmp_path: Path) -> None:
    services = make_services(tmp_path)
    run(services, "load", paths=kit.pair(tmp_path / "in", [kit.case(n) for n in (1, 2)]))
    keys: list[str] = []
    run(services, "form", period="2021-04", test=True)
    run(services, "export", period="2021-04", out=str(tmp_path / "test"), test=True)
    keys += [a.get("xkey") for n in sent(tmp_path / "test") for a in n.accounts()]
    run(services, "restore-tests", period="2021-04")
    run(services, "form", period="2021-04")
    with db.connection():
        keys += [r[0] for r in db.execute("SELECT xkey FROM account WHERE package_id IS NULL")]
    run(services, "form", period="2021-04")
    run(services, "export", period="2021-04", out=str(tmp_path / "out"))
    nodes = sent(tmp_path / "out")
    keys += [a.get("xkey") for n in nodes for a in n.accounts()]
    assert len(set(keys)) == 6
    lines = [s.get("xkey") for n in nodes for s in n.accounts()[0].all("manipulations/manipulation")]
    assert len({*lines, *keys}) == 6 + 4
    assert all(k.startswith("76") and len(k) == 36 for k in keys) and all(k.startswith("88") for k in lines)


def test_order_of_the_file_is_kind_then_end_then_key(tmp_path: Path) -> None:
    services = make_services(tmp_path)
    with db.connection(), db.write():
        for kind in ("ambulance", "outpatient", "inpatient"):
            registry = month.add_registry(kind)
            for number in (3, 1, 2):
                case = month.add_case(number + 10 * list(KINDS).index(kind), kind=kind)
                db.execute("UPDATE cases SET date_out='2021-04-20' WHERE id=?", (case,))
                month.add_account(registry, case)
        db.execute("UPDATE registry SET accounts=3")
    run(services, "export", period="2021-04", out=str(tmp_path / "out"))
    accounts = [n.accounts()[0] for n in sent(tmp_path / "out")]
    assert [a.get("n_pp") for a in accounts] == [str(n) for n in range(1, 10)]
    assert [a.get("n_card")[-2:] for a in accounts] == ["01", "02", "03", "21", "22", "23", "41", "42", "43"]


# --- what is said of the file ------------------------------------------------------------------


def test_insurer_not_in_force_at_the_end_of_a_case_is_told(tmp_path: Path) -> None:
    insurers = deepcopy(settings().insurers)
    changed = [
        {"code": i.code, "letter": i.letter, "ogrn": i.ogrn, "name": i.name, "out_of_region": i.out_of_region}
        for i in insurers
    ]
    changed[0]["end"] = "2021-03-31"
    services = make_services(tmp_path, settings(insurers=changed))
    run(services, "load", paths=kit.pair(tmp_path / "in", [kit.case(1), kit.case(2, pac={"SMO": "76002"})]))
    run(services, "form", period="2021-04")
    said = texts(run(services, "export", period="2021-04", out=str(tmp_path / "out")))
    [line] = [t for t in said if "действует" in t]
    assert "«Альфа» действует по 31.03.2021, а случаев, оконченных в другое время: 1" in line


def test_missing_attributes_are_counted_and_defaults_fill_them(tmp_path: Path) -> None:
    given = {"polis": {"begin_p": "2011-05-01"}, "kladr": "76000001000"}
    said = []
    for name, defaults in (("bare", {}), ("filled", given)):
        services = make_services(tmp_path / name, settings(defaults=defaults))
        run(services, "load", paths=kit.pair(tmp_path / name / "in", [kit.case(n) for n in (1, 2)]))
        run(services, "form", period="2021-04")
        said.append(texts(run(services, "export", period="2021-04", out=str(tmp_path / name / "out"))))
    assert {"Нет даты начала полиса: 2 счёта", "Нет кода КЛАДР адреса: 2 счёта"} <= set(said[0])
    assert not {t for t in said[1] if t.startswith(("Нет даты начала полиса", "Нет кода КЛАДР"))}
    patient = sent(tmp_path / "filled" / "out")[0]
    assert patient.find("polises/polis").get("begin_p") == "2011-05-01"
    assert patient.find("addresses/address").get("kladr") == "76000001000"


def _nodes(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from _nodes(child)


@pytest.mark.parametrize("kind", list(KINDS))
def test_character_outside_cp1251_is_named_in_every_attribute(kind: str) -> None:
    patient = billkit.full_patient(kind, 1)
    patient.attrs |= {"surname": "Тестова", "name": "Анна"}
    for node in _nodes(patient):
        for name, value in list(node.attrs.items()):
            node.attrs[name] = value + "☃"
            writer = BillWriter(io.BytesIO(), billkit.BODY, billkit.BILL)
            with pytest.raises(FormatError) as error:
                writer.patient(patient)
            assert f"({node.tag}/@{name})" in str(error.value) and "Анна" in str(error.value)
            node.attrs[name] = value


def test_default_of_an_attribute_nobody_knows_is_refused_with_the_nearest(tmp_path: Path) -> None:
    from omstui.domain import setup
    from omstui.domain.errors import UsageError

    with pytest.raises(UsageError, match=r"«polis\.begn_p» \(возможно, «polis\.begin_p»\)"):
        setup.check(settings(defaults={"polis": {"begn_p": "2011-05-01"}}))
