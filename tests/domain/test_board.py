"""The month board: states of the steps through a month, deadlines, advice."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from omstui.bootstrap import Services
from omstui.domain import board
from omstui.domain.store import db
from tests.domain import month
from tests.domain.answerkit import Told, accept, answer, exported, reform, refused
from tests.support import make_services, settings


@pytest.fixture
def services(tmp_path: Path) -> Services:
    return make_services(tmp_path)


def states(services: Services, today: date | None = None) -> dict[str, str]:
    return {s.id: s.cell.state for s in read(services, today).steps}


def read(services: Services, today: date | None = None) -> board.Board:
    with db.connection():
        return board.read(month.PERIOD, services.profile, services.settings, today)


def test_board_of_an_empty_month(services):
    assert states(services)["load"] == "due"
    made = read(services)
    assert made.next[0].startswith("Загрузить случаи")
    data = made.as_json()
    assert set(data) >= {"period", "profile", "steps", "ledger", "balanced"}
    assert set(data["steps"][0]) >= {"id", "title", "state", "by_smo"}


def test_board_follows_the_month(services, tmp_path):
    month.add_month(6)
    now = states(services)
    assert (now["load"], now["form"], now["export"], now["sent"]) == ("done", "done", "due", "not_yet")
    services.run("export", period=month.PERIOD, out=str(tmp_path))
    now = states(services)
    assert (now["export"], now["sent"], now["answers1"], now["reform"]) == (
        "done", "due", "due", "not_yet",
    )  # fmt: skip
    services.run("sent", period=month.PERIOD)
    assert states(services)["sent"] == "done"


def test_board_by_insurer(services, tmp_path):
    _, keys = exported(services, tmp_path / "out")
    accept(services, answer(tmp_path, "1A", [refused(keys["A"][0]), *map(Told, keys["A"][1:])]))
    made = read(services)
    assert made.step("answers1").as_json()["by_smo"] == {"76001": "done", "76002": "due"}
    assert made.step("reform").as_json()["by_smo"] == {"76001": "due", "76002": "not_yet"}
    assert made.step("sent").cell.state == "done", "an answer to a file says that it was brought"
    assert made.step("return").cell.state == "due"
    assert made.undecided == (3, 60024)
    reform(services, tmp_path, "76001")
    made = read(services)
    assert made.step("reform").by_smo["76001"].state == "done"
    assert made.step("reform").by_smo["76001"].date
    assert made.step("invoices").by_smo["76001"].state == "due"
    assert any("Принять ответы «1»: 76002" in line for line in made.next)


def test_board_test_cycle(services, tmp_path):
    exported(services, tmp_path / "out", test=True)
    now = states(services)
    assert (now["test_export"], now["test_answers"], now["test_restore"], now["form"]) == (
        "done", "due", "due", "not_yet",
    )  # fmt: skip
    assert any("Восстановите тестовые реестры" in line for line in read(services).next)
    services.run("restore-tests", yes=True, period=month.PERIOD)
    now = states(services)
    assert (now["test_restore"], now["form"]) == ("done", "due")


def test_board_late_only_by_deadlines(tmp_path):
    services = make_services(tmp_path, settings(deadlines={"export": 5, "answers1": 31}))
    month.add_month(4)
    assert states(services, date(2021, 5, 5))["export"] == "due"
    assert states(services, date(2021, 5, 6))["export"] == "late"
    assert states(services, date(2021, 6, 1))["reform"] == "not_yet"
    assert states(services, date(2021, 6, 1))["answers1"] == "late"


def test_board_counts_late_cases(services):
    with db.connection(), db.write():
        case = month.add_case(1)
        db.execute("UPDATE cases SET date_out='2021-03-30', source_sum=500 WHERE id=?", (case,))
    assert read(services).late == (1, 500)


def test_expertise_is_due_until_it_went_over_what_is_formed(services, tmp_path):
    assert states(services)["check"] == "not_yet"
    month.add_month(2)
    made = read(services)
    assert made.step("check").cell.state == "due" and made.step("check").optional
    assert "Экспертиза: не проверено реестров 1" in made.next
    assert services.run("check", period=month.PERIOD).kind == "ok"
    assert states(services)["check"] == "done"
    with db.connection(), db.write():
        db.execute("UPDATE registry SET formed_at='2999-01-01 00:00:00'")
    assert states(services)["check"] == "due", "formed anew since"
    with db.connection(), db.write():
        db.execute("UPDATE registry SET formed_at='2021-05-01 09:00:00'")
    assert services.run("export", period=month.PERIOD, out=str(tmp_path)).kind == "ok"
    assert states(services)["check"] == "done"
