"""Creation and deletion of registries (R14, only what was not exported)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from omstui.bootstrap import Services
from omstui.domain.store import db, forming
from tests.domain import formkit as kit
from tests.support import make_services


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    made = make_services(tmp_path)
    with db.connection():
        yield made


def test_created_registry_takes_its_month_from_the_end_date(services: Services) -> None:
    outcome = services.run(
        "registry-create",
        kind="поликлиника",
        name="Терапевты",
        begin_date="2021-04-05",
        end_date="2021-04-20",
        departments=["Терапевты"],
    )
    assert outcome.kind == "ok", outcome.message
    row = forming.registries(kit.APRIL)[0]
    assert (row.kind, row.begin, row.end, row.status) == (
        "outpatient",
        "2021-04-05",
        "2021-04-20",
        "Создан",
    )
    assert row.departments == ("Терапевты",)
    with db.write():
        inside = kit.case(department="Терапевты")
        kit.case(department="Терапевты", day="2021-04-25")
    kit.form(services)
    assert list(kit.formed()) == [inside]


REFUSED = {
    "раньше даты начала": {"begin_date": "2021-04-20", "end_date": "2021-04-10"},
    "относится к периоду май": {"period": "2021-04", "end_date": "2021-05-10"},
    "не понята": {"end_date": "10.04.2021"},
    "Не указан период": {},
}


@pytest.mark.parametrize("words", sorted(REFUSED))
def test_wrong_dates_are_refused(services: Services, words: str) -> None:
    outcome = services.run("registry-create", kind="dental", **REFUSED[words])
    assert outcome.kind == "refused" and words in outcome.message
    assert forming.registries(kit.APRIL) == []


def test_two_months_are_asked_about(services: Services) -> None:
    dates = {"begin_date": "2021-03-20", "end_date": "2021-04-30"}
    assert services.run("registry-create", kind="dental", **dates).kind == "question"
    assert services.run("registry-create", kind="dental", yes=True, **dates).kind == "ok"


def test_same_registry_twice_is_refused(services: Services) -> None:
    services.run("registry-create", kind="dental", period=kit.APRIL)
    again = services.run("registry-create", kind="dental", period=kit.APRIL)
    assert again.kind == "refused" and "уже есть" in again.message


def test_deleted_registry_frees_its_cases_and_returns(services: Services) -> None:
    with db.write():
        case = kit.case(day="2021-02-10")
        kit.returned(case, kit.account(case, kit.registry(), kit.package(), stage1=2))
    kit.form(services)
    number = forming.registries(kit.APRIL)[0].id
    assert services.run("registry-delete", registry_ids=[number]).kind == "question"
    assert services.run("registry-delete", yes=True, registry_ids=[number]).kind == "ok"
    assert kit.formed() == {} and db.scalar("SELECT new_account_id FROM resubmission") is None
    kit.form(services)
    assert list(kit.formed()) == [case]


def test_exported_registry_is_not_deleted(services: Services) -> None:
    with db.write():
        number = kit.registry()
    outcome = services.run("registry-delete", yes=True, registry_ids=[number])
    assert outcome.kind == "refused" and "только не выгруженный" in outcome.message


def test_a_registry_is_named_by_its_number_or_name(services: Services) -> None:
    for name in ("Терапевты", "Хирурги"):
        outcome = services.run(
            "registry-create", kind="outpatient", period=kit.APRIL, name=name, departments=[name]
        )
        assert outcome.kind == "ok", outcome.message
    with db.write():
        mine = kit.case(department="Хирурги")
        kit.case(department="Терапевты")
    assert kit.form(services, registry="хирурги").kind == "ok"
    assert list(kit.formed()) == [mine]
    unknown = kit.form(services, registry="Окулисты")
    assert unknown.kind == "refused" and "Реестра «Окулисты» за апрель 2021 нет" in unknown.message
