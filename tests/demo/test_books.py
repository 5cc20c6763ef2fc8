"""Training books: everything the training cases use is there, and a clean case draws no finding."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from omstui.bootstrap import Services, open_services
from omstui.demo.generator import generate
from omstui.demo.month import prepare
from omstui.demo.regions import REGIONS
from omstui.demo.steps import FIRST
from omstui.domain.setup import create_database
from omstui.domain.store import books, db
from omstui.settings import read_settings

#: element of the files → book of codes
CODES = {
    "DS1": "M001", "DS2": "M001", "PROFIL": "V002", "PROFIL_K": "V020", "PRVS": "V021", "RSLT": "V009",
    "ISHOD": "V012", "RSLT_D": "V017", "N_KSG": "V023", "P_CEL": "V025", "IDSP": "V010", "VIDPOM": "V008",
    "SMO": "F002", "NPR_MO": "F003", "SMO_OK": "F010", "ST_OKATO": "F010", "DOCTYPE": "F011", "DISP": "V016",
    "VPOLIS": "F008", "FOR_POM": "V014", "C_ZAB": "V027", "NAPR_V": "V028", "MET_ISSL": "V029",
}  # fmt: skip


@pytest.fixture(scope="module", params=sorted(REGIONS))
def services(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """A training database of a region, its first month formed."""
    folder = tmp_path_factory.mktemp(request.param)
    source = folder / "input"
    generate(source, cases=200, profile=request.param)
    create_database(folder / "omstui.db", read_settings(source / "settings.toml"), request.param)
    made = open_services(str(folder / "omstui.db"))
    prepare(made, source, lambda text: None)
    with db.connection():
        yield made


def source_of(services: Services) -> Path:
    return services.database.parent / "input"


def test_every_code_of_the_files_is_in_its_book(services: Services) -> None:
    text = "".join(p.read_text(encoding="cp1251") for p in source_of(services).glob("2021-*/*1.xml"))
    known: dict[str, set[str]] = {}
    for book, code in db.execute("SELECT book, code FROM nsi"):
        known.setdefault(book, set()).add(code)
    for tag, book in CODES.items():
        used = set(re.findall(rf"<{tag}>([^<]+)</{tag}>", text))
        assert used and used <= known[book], (tag, book, used - known.get(book, set()))
    doctors = {row[0] for row in db.execute("SELECT code FROM doctor")}
    assert set(re.findall(r"<IDDOKT>([^<]+)<", text)) <= doctors
    departments = {row[0] for row in db.execute("SELECT code FROM department")}
    assert set(re.findall(r"<PODR>([^<]+)<", text)) <= departments


def test_extracts_are_no_official_books(services: Services) -> None:
    known = {book.code: book for book in books.books()}
    for code in ("M001", "V002", "V009", "V020", "V021", "V023", "F002", "F003"):
        assert known[code].rows and not known[code].official, code
    for code in ("tariff", "services", "doctors", "certificates", "departments", "plan", "mes", "mes_rule"):
        assert known[code].rows, code


def test_a_month_of_the_demo_has_few_findings(services: Services) -> None:
    services.run("form", yes=True, period=FIRST)
    outcome = services.run("check", yes=True, period=FIRST)
    assert outcome.kind == "ok", outcome.message
    cases = db.scalar("SELECT count(*) FROM account")
    found = db.scalar("SELECT count(DISTINCT case_id) FROM finding")
    assert 0 < found < cases * 0.1, (found, cases)


def test_one_line_of_the_plan_is_a_little_too_small(services: Services) -> None:
    services.run("form", yes=True, period=FIRST)
    plan = dict(
        db.execute(
            "SELECT kind, quantity / 100 FROM plan WHERE substr(begin_date, 1, 7)=?", (FIRST,)
        ).fetchall()
    )
    done = dict(db.execute(
        "SELECT c.kind, count(*) FROM account a JOIN cases c ON c.id=a.case_id GROUP BY 1"
    ).fetchall())  # fmt: skip
    over = {kind: done[kind] - plan[kind] for kind in plan if done.get(kind, 0) > plan[kind]}
    assert list(over) == ["outpatient"] and over["outpatient"] < plan["outpatient"] * 0.3


def test_books_of_a_region_carry_its_codes(tmp_path: Path) -> None:
    generate(tmp_path, cases=40, profile="mosobl")
    read = {p.stem: p.read_text(encoding="utf-8") for p in (tmp_path / "books").glob("*.csv")}
    assert "50001;46000" in read["F002_sample"] and "500101;46000" in read["F003_sample"]
    assert not re.search(r"\b(76001|760001)\b", "".join(read.values()))
    assert all(line.startswith("50") for line in read["attachments"].splitlines()[1:])
