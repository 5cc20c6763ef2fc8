"""The month board of manual B: states of its steps through a month."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from omstui.bootstrap import Services
from omstui.domain import board
from omstui.domain.model import RegistryStatus
from omstui.domain.store import db, registries_b
from tests.domain import formkit as kit
from tests.support import make_services, settings

MONTH = "2021-12"


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    made = make_services(tmp_path, settings(profile="mosobl"))
    with db.connection():
        yield made


def read(services: Services) -> board.Board:
    return board.read(MONTH, services.profile, services.settings)


def states(services: Services) -> dict[str, str]:
    return {s.id: s.cell.state for s in read(services).steps}


def formed(services: Services) -> int:
    with db.write():
        kit.case(day="2021-12-10")
    assert kit.form(services, period=MONTH).kind == "ok"
    return registries_b.resolve(MONTH).id


def test_an_empty_month_asks_for_cases(services: Services) -> None:
    made = read(services)
    assert made.next[0] == "Загрузить случаи месяца"
    assert [s.id for s in made.steps] == [
        "load", "form", "check", "ident_export", "ident_load", "payers", "bills", "invoices", "flk", "mek",
        "return",
    ]  # fmt: skip
    assert made.as_json()["profile"] == "mosobl"


def test_steps_follow_the_status_of_the_registry(services: Services) -> None:
    with db.write():
        kit.case(day="2021-12-10")
    assert states(services)["form"] == "due"
    number = formed(services)
    now = states(services)
    assert (now["form"], now["ident_export"], now["payers"], now["bills"]) == (
        "done",
        "due",
        "due",
        "not_yet",
    )
    with db.write():
        pay = kit.insert("pay_registry", registry_id=number, payer_id=kit.payer(), title="Альфа")
        registries_b.set_status(number, RegistryStatus.PAYERS_FORMED)
    made = read(services)
    bills = made.step("bills")
    assert bills is not None and {c: cell.state for c, cell in bills.by_smo.items()} == {"76001": "due"}
    assert states(services)["payers"] == "done"
    assert "Выгрузить реестры на оплату: 76001" in made.next
    with db.write():
        package = kit.package(
            period=MONTH, kind="B", registry_id=number, payer_id=kit.payer(), created_at="2021-12-30"
        )
        db.execute("UPDATE account SET package_id=?", (package,))
        db.execute("UPDATE pay_account SET package_id=? WHERE pay_registry_id=?", (package, pay))
        registries_b.set_status(number, RegistryStatus.BILLED)
    now = states(services)
    assert (now["bills"], now["mek"], now["return"]) == ("done", "due", "not_yet")


def test_a_stale_registry_is_said_in_words(services: Services) -> None:
    number = formed(services)
    with db.write():
        db.execute("UPDATE registry SET reform_reason='изменены случаи: 1' WHERE id=?", (number,))
    made = read(services)
    assert made.next[0] == "Переформируйте реестры: 1 (изменены случаи: 1)"


def test_an_answer_still_out_is_due(services: Services) -> None:
    number = formed(services)
    with db.write():
        kit.package(period=MONTH, kind="Q", registry_id=number, created_at="2021-12-20 10:00:00")
    assert (states(services)["ident_export"], states(services)["ident_load"]) == ("done", "due")
    with db.write():
        file = kit.insert("stored_file", name="APID", sha256="2")
        kit.insert(
            "answer", road="ident", registry_id=number, file_id=file, accepted_at="2021-12-21 10:00:00"
        )
    assert states(services)["ident_load"] == "done"
    assert registries_b.resolve(MONTH).facts.ident_answered
