"""``report NAME`` and ``report list`` from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from omstui.cli.main import run
from omstui.domain.reports import catalog
from tests.domain import month
from tests.support import make_services


@pytest.fixture
def database(tmp_path: Path) -> list[str]:
    make_services(tmp_path)
    month.add_month(3)
    return ["--db", str(tmp_path / "omstui.db")]


def test_list_names_every_report(database: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*database, "report", "list", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["id"] for row in rows] == list(catalog.IDS)
    assert run([*database, "report", "list"]) == 0
    assert "Сводка месяца" in capsys.readouterr().out


def test_a_report_is_written(database: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "а.csv"
    words = ["report", "month", "--period", month.PERIOD, "--out", str(target)]
    assert run([*database, *words, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"file": str(target), "format": "csv"}
    assert run([*database, *words]) == 1
    assert "Заменить?" in capsys.readouterr().err
    assert run([*database, *words, "--yes"]) == 0


def test_what_is_missing_is_said(database: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*database, "report", "month", "--period", month.PERIOD]) == 2
    assert "--out" in capsys.readouterr().err
    assert run([*database, "report", "month", "--out", "/tmp/а.pdf"]) == 2
    assert "Отчётный месяц" in capsys.readouterr().err
    assert run([*database, "report", "mnth"]) == 2
    assert "Отчёта «mnth» нет. Есть: month" in " ".join(capsys.readouterr().err.split())
