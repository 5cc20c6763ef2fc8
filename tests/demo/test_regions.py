"""The training data of the second region: its codes, valid numbers, and two months worked through."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from omstui.bootstrap import open_services
from omstui.demo import month
from omstui.demo.generator import generate
from omstui.demo.people import luhn
from omstui.demo.regions import REGIONS, move
from omstui.domain import board
from omstui.domain.store import db
from omstui.formats.federalwriter import FederalRecord
from omstui.resources import data_dir
from omstui.settings import read_settings


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("mosobl")
    generate(folder, cases=60, profile="mosobl")
    return folder


def test_files_carry_the_codes_of_the_region(demo: Path) -> None:
    names = [p.name for p in demo.glob("2021-*/*.xml")]
    assert names and all("500101T50_21" in name for name in names)
    text = "".join(p.read_text(encoding="cp1251") for p in demo.glob("2021-*/*.xml"))
    assert not re.search(r">(760001|76001|76002|78401000000)<", text)
    assert {"50001", "50002"} <= set(re.findall(r"<SMO>(\d+)</SMO>", text))
    numbers = [n for n in re.findall(r"<(?:NPOLIS|ENP)>(\d{16})<", text) if n.startswith("50")]
    assert numbers and all(luhn(n[:15]) == n[15] for n in numbers)
    assert 'code_mo = "500101"' in (demo / "2021-04/cases.mapping.toml").read_text(encoding="utf-8")
    assert "760001" not in (demo / "README.md").read_text(encoding="utf-8")


def test_settings_of_the_region_are_beside_the_data(demo: Path) -> None:
    settings = read_settings(demo / "settings.toml")
    assert settings == read_settings(data_dir() / "demo" / REGIONS["mosobl"].settings)
    assert (settings.profile, settings.mo.code, settings.mo.code_local) == ("mosobl", "500101", "470101")
    assert [(i.code, i.out_of_region) for i in settings.insurers] == [
        ("50001", False),
        ("50002", False),
        ("50", True),
    ]


def test_the_first_region_is_left_as_it_is() -> None:
    record = FederalRecord({"PACIENT": {"SMO": "76001"}}, None)
    assert move(record, REGIONS["yar"]) is record


def test_two_months_against_the_stand(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Identification, bills, ФЛК, МЭК a month later, the refused billed again: everything balances."""
    database = str(tmp_path / "mo.db")
    assert month.main(database, "mosobl", 300, True) == 0, capsys.readouterr().out[-3000:]
    said = capsys.readouterr().out
    for words in (
        "Выгружено", "Подготовка данных выполнена успешно", "Реестры успешно сформированы",
        "ФЛК успешно загружен, посмотрите результаты экспертизы", "Возвраты сформированы",
        "Сверка сходится.", "База данных в порядке.",
    ):  # fmt: skip
        assert words in said, words
    services = open_services(database)
    with db.connection():
        data = board.read("2021-04", services.profile, services.settings).as_json()
    states = {step["id"]: step["state"] for step in data["steps"]}
    assert states["form"] == states["ident_load"] == states["payers"] == states["bills"] == "done"
    assert data["balanced"] and set(data["steps"][5]["by_smo"]) <= {"50001", "50002", "50"}
