"""The training data: deterministic, every kind, consistent sums, planted reasons, valid by the schemas."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from pathlib import Path

import pytest

from omstui.demo.catalogue import BOOK, EXPIRED, UNPRICED
from omstui.demo.generator import generate
from omstui.demo.people import enp, luhn, make_person, snils
from omstui.domain.kinds import derive_kind
from omstui.domain.model import KINDS
from omstui.formats.opening import open_sources
from omstui.formats.source import BadFile, SourceCase, SourceFile, SourcePerson, SourceProblem
from omstui.settings import Rules, read_settings

REASONS = {
    *("90.001", "90.003", "90.004", "90.005", "90.006", "90.007", "90.008", "90.009", "90.010"),
    *("90.011", "90.012", "90.013", "90.014", "90.015", "90.016", "90.017", "90.018", "90.019"),
    "90.022",
}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    generate(folder)
    return folder


@pytest.fixture(scope="module")
def cases(demo: Path) -> list[SourceCase]:
    found: list[SourceCase] = []
    for source in sources(demo):
        for case in source.cases():
            assert not isinstance(case, SourceProblem), case
            found.append(case)
        assert not source.unknown
    return found


def sources(folder: Path) -> list[SourceFile]:
    found: list[SourceFile] = []
    for source in open_sources(sorted(folder.glob("2021-*"))):
        assert not isinstance(source, BadFile), source
        found.append(source)  # type: ignore[arg-type]
    return found


def digest(folder: Path) -> dict[str, str]:
    return {
        str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(folder.rglob("*"))
        if p.is_file()
    }


def test_same_arguments_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        generate(tmp_path / name, cases=120)
    generate(tmp_path / "c", cases=120, seed=2)
    assert digest(tmp_path / "a") == digest(tmp_path / "b")
    assert digest(tmp_path / "a") != digest(tmp_path / "c")


def test_shipped_data_are_what_the_generator_makes(demo: Path, repo: Path) -> None:
    assert digest(demo) == digest(repo / "data" / "demo"), "запустите: python -m omstui.demo --out data/demo"


def test_every_kind_is_there(cases: list[SourceCase]) -> None:
    dental = Rules().dental_profiles
    kinds = Counter(derive_kind(c.case, c.services, dental_profiles=dental) for c in cases)
    assert set(kinds) == set(KINDS) and len(cases) >= 300
    assert min(kinds.values()) >= 10


def test_sums_are_tariff_times_quantity_by_the_book(cases: list[SourceCase]) -> None:
    planted = {EXPIRED.code, UNPRICED.code}
    for case in cases:
        assert case.case["source_sum"] == sum(s["source_sum"] for s in case.services)
        for service in case.services:
            assert service["source_sum"] == service["tariff"] * service["quantity"] // 100
            if service["code"] not in planted:
                assert service["tariff"] == BOOK[service["code"]].price


def test_every_case_has_its_person(demo: Path) -> None:
    for source in sources(demo):
        refs = [p.ref for p in source.persons() if isinstance(p, SourcePerson)]
        assert len(refs) == len(set(refs))
        for case in source.cases():
            assert isinstance(case, SourceCase)
            assert case.person is not None or case.person_ref in refs


def test_a_person_is_the_same_in_every_file(demo: Path) -> None:
    known: dict[str, dict[str, object]] = {}
    for source in sources(demo):
        for person in source.persons():
            assert isinstance(person, SourcePerson)
            assert known.setdefault(person.ref, person.fields) == person.fields


def test_payers_guests_and_unidentified(cases: list[SourceCase]) -> None:
    smo = Counter(c.policy["smo"] for c in cases)
    regions = Counter(c.policy["region"] for c in cases)
    assert smo["76001"] > 100 and smo["76002"] > 80
    assert len(set(regions) - {"76", ""}) >= 2 and regions[""] >= 3


def test_specials_are_there(cases: list[SourceCase]) -> None:
    fed = [c.case["extra"].get("fed", {}) for c in cases]
    assert sum("parts" in f for f in fed) == 4
    newborn = [c for c in cases if c.case["newborn"] != "0"]
    cards = Counter(c.case["nhistory"] for c in newborn)
    assert sorted(cards.values()) == [1, 1, 2]
    assert any(f.get("sl", {}).get("ONK_SL") for f in fed)
    assert any(c.case["letter"] == "T" for c in cases)
    assert any((f.get("sl", {}).get("KSG_KPG") or {}).get("SL_KOEF") for f in fed)
    assert sum(c.case["date_out"] is not None and c.case["date_out"] < "2021-04" for c in cases) == 3


def test_manifest_lists_every_planted_reason(demo: Path, cases: list[SourceCase]) -> None:
    text = (demo / "README.md").read_text(encoding="utf-8")
    found = dict(re.findall(r"^\| (90\.\d+) \| (\w+) \|", text, re.MULTILINE))
    assert set(found) == REASONS
    cards = {c.case["nhistory"] for c in cases}
    assert set(found.values()) <= cards


def test_settings_and_books_can_be_read(demo: Path) -> None:
    settings = read_settings(demo / "settings.toml")
    assert settings.mo.code == "760001" and [i.letter for i in settings.insurers] == ["A", "B", "I"]
    tariffs = (demo / "books/tariffs.csv").read_text(encoding="utf-8").splitlines()
    assert tariffs[0] == "code;level;child;begin;end;price;name"
    assert {t.split(";")[0] for t in tariffs[1:]} == set(BOOK) | {EXPIRED.code}


def test_shipped_size_is_modest(demo: Path) -> None:
    assert sum(p.stat().st_size for p in demo.rglob("*") if p.is_file()) < 1_500_000


def test_people_have_valid_control_digits() -> None:
    from datetime import date

    assert enp("50", date(1980, 5, 17), "1", 1) == "5054910832000016"
    assert enp("50", date(1949, 12, 31), "2", 7) == "5067050868000070"
    assert enp("77", date(2000, 1, 1), "1", 0) == "7758999748000009"
    assert snils(112233445) == "112-233-445 95" and snils(900000059) == "900-000-059 00"
    person = make_person(1, 77, "2", (20, 30), date(2021, 1, 1))
    assert person.enp[-1] == luhn(person.enp[:15])
    assert person == make_person(1, 77, "2", (20, 30), date(2021, 1, 1))


def test_pairs_are_valid_by_the_published_schemas(demo: Path, shared: Path) -> None:
    from lxml import etree

    names = {
        "H": "H_3.1_from_mo", "C": "C_3.1_from_mo", "T": "T_3.1_from_mo", "D": "D_3.1_from_mo",
        "L": "L_3.2",
    }  # fmt: skip
    schemas = {k: etree.XMLSchema(etree.parse(str(shared / "xsd" / f"{n}.xsd"))) for k, n in names.items()}
    files = [p for p in demo.rglob("*.xml") if not re.match(r"(H|D)\w+_\d{4}2$", p.stem)]
    assert len(files) > 25
    for path in files:
        schema = schemas[path.name[0]]
        assert schema.validate(etree.parse(str(path))), f"{path.name}: {schema.error_log}"
