"""«omstui mes»: a table on stdout, the log on stderr, everything as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from omstui.cli.main import run
from omstui.domain.runner import current_user
from omstui.domain.store import db
from tests.domain import meskit as kit
from tests.support import SETTINGS, make_services, settings


@pytest.fixture
def base(tmp_path: Path) -> str:
    services = make_services(tmp_path, login=current_user())
    with db.connection(), db.write():
        kit.books()
        stay = kit.ksg_case(bill=kit.PRICE + 100, nhistory="К1")
        kit.visit(kit.patient_of(stay), day="2021-04-05", nhistory="К2")
        kit.visit(payer_id=None, nhistory="К3")
    assert kit.form(services).kind == "ok"
    return str(tmp_path / "omstui.db")


def test_a_table_and_the_final_sentence(base: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--db", base, "mes", "--period", kit.APRIL]) == 0
    said = capsys.readouterr()
    lines = said.out.splitlines()
    assert lines[0].split() == [
        "Код", "Важность", "№", "карты", "Пациент", "МКБ", "МЭС/КСГ", "Услуга", "Ожидалось", "В", "счёте",
        "Разница", "Текст",
    ]  # fmt: skip
    assert [line.split()[:3] for line in lines[1:4]] == [
        ["M06", "ош.", "К1"], ["M12", "ош.", "К2"], ["M13", "пр.", "К3"]
    ]  # fmt: skip
    assert lines[4] == "Анализ МЭСов за апрель 2021: счетов всего 3, с ошибками 2 на сумму 27311.91."
    assert "С ошибками: 2 на сумму 27311.91" in said.err


def test_json_has_the_checks_and_the_findings(base: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--db", base, "mes", "--period", kit.APRIL, "--kind", "стационар", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert (data["total_accounts"], data["accounts_with_errors"]) == (1, 1)
    assert len(data["checks"]) == 13
    (found,) = data["findings"]
    assert found["case"].startswith("H3|760001|") and found["account"].startswith("76")
    assert {k: found[k] for k in ("code", "severity", "card", "mes", "expected", "actual", "difference")} == {
        "code": "M06", "severity": "error", "card": "К1", "mes": "st23.004", "expected": "27210.91",
        "actual": "27211.91", "difference": "1.00",
    }  # fmt: skip


def test_nothing_found_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    services = make_services(tmp_path, login=current_user())
    with db.connection(), db.write():
        kit.visit()
    kit.form(services)
    assert run(["--db", str(tmp_path / "omstui.db"), "mes", "--period", kit.APRIL]) == 0
    assert capsys.readouterr().out == (
        "Анализ МЭСов за апрель 2021: счетов всего 1, с ошибками 0 на сумму 0.00.\n"
    )


def test_a_region_without_it_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make_services(tmp_path, settings(**{**SETTINGS, "profile": "mosobl"}), login=current_user())
    assert run(["--db", str(tmp_path / "omstui.db"), "mes", "--period", kit.APRIL]) != 0
    assert "«Анализа МЭСов» в порядке работы региона нет" in capsys.readouterr().err
