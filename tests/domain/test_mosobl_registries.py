"""Registries of manual B: every kind in one, several a month, re-forming by status, «Удалить данные»."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from omstui.bootstrap import Services
from omstui.domain.errors import OmsError
from omstui.domain.model import RegistryStatus
from omstui.domain.operation import Aborted, Context
from omstui.domain.store import db, lists, registries_b
from omstui.domain.store.forming import RegistryInfo, registries
from tests.domain import formkit as kit
from tests.support import make_services, settings

DECEMBER = "2021-12"


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    made = make_services(tmp_path, settings(profile="mosobl"))
    with db.connection():
        yield made


def case(kind: str = "outpatient", **values: Any) -> int:
    return kit.case(kind, day=values.pop("day", "2021-12-10"), date_in="2021-12-01", **values)


def form(services: Services, **params: Any) -> Any:
    return kit.form(services, **{"period": DECEMBER, **params})


def the_one() -> RegistryInfo:
    rows = registries(DECEMBER)
    assert len(rows) == 1
    return rows[0]


def create(services: Services, name: str = "", **params: Any) -> int:
    outcome = services.run("registry-create", **{"period": DECEMBER, "name": name, **params})
    assert outcome.kind == "ok" and outcome.result is not None, outcome.message
    return int(outcome.result.data["registry"])


def set_status(number: int, status: RegistryStatus) -> None:
    with db.write():
        registries_b.set_status(number, status)


def bill(number: int, *, mek: bool = False) -> int:
    """A payment registry and its bill over all accounts of the registry; returns the package."""
    with db.write():
        pay = kit.insert("pay_registry", registry_id=number, payer_id=kit.payer(), title="Альфа")
        package = kit.package(
            period=DECEMBER, kind="B", registry_id=number, name="HM1.zip", total=10000, number="1"
        )
        for (account,) in db.execute("SELECT id FROM account WHERE registry_id=?", (number,)).fetchall():
            kit.insert("pay_account", pay_registry_id=pay, account_id=account, package_id=package)
            db.execute("UPDATE account SET package_id=? WHERE id=?", (package, account))
        db.execute("UPDATE registry SET package_id=? WHERE id=?", (package, number))
        registries_b.set_status(number, RegistryStatus.BILLED)
        if mek:
            refuse(db.scalar("SELECT min(id) FROM account WHERE registry_id=?", (number,)), "mek")
    return package


def refuse(account: int, road: str) -> int:
    file = kit.insert("stored_file", name=road, sha256="1")
    answer = kit.insert("answer", road=road, file_id=file, period=DECEMBER)
    return kit.insert("refusal", answer_id=answer, account_id=account, stage=5, kind=road, refuses=0)


# --- every kind in one -----------------------------------------------------------------------


def test_one_registry_takes_every_kind(services: Services) -> None:
    with db.write():
        mine = {case(kind) for kind in ("inpatient", "outpatient", "ambulance", "dental", "dispensary")}
        case(day="2021-11-10")  # late: counted
    outcome = form(services)
    assert outcome.kind == "ok", outcome.message
    row = the_one()
    assert (row.kind, row.accounts, row.total, row.status) == ("", 5, 50000, "Сформирован")
    assert set(kit.formed()) == mine
    texts = kit.texts(outcome)
    assert texts[0] == "Подготовка данных, дождитесь окончания операции"
    assert texts[2:4] == [
        "Сформировано 3 услуг амбулатории на сумму 300.00",
        "Сформировано 1 услуг скорой помощи на сумму 100.00",
    ]
    assert "Сформировано 1 услуг стационара на сумму 100.00" in texts
    link = kit.line(outcome, "Сформировано 1 услуг скорой").link
    assert link == {"list": "accounts", "registries": [row.id], "services_of": ["ambulance"]}
    assert outcome.result is not None
    assert outcome.result.data["registries"] == [{"id": row.id, "kind": "", "accounts": 5, "total": "500.00"}]
    order = [
        kind
        for (kind,) in db.execute("SELECT c.kind FROM account a JOIN cases c ON c.id=a.case_id ORDER BY a.id")
    ]
    assert order == ["inpatient", "outpatient", "dental", "ambulance", "dispensary"]


def test_forming_again_takes_the_same_registry_and_tells_what_goes(services: Services) -> None:
    with db.write():
        gone, kept = case("inpatient"), case("outpatient")
    form(services)
    first = the_one().id
    with db.write():
        db.execute("UPDATE cases SET deleted_at='2021-12-20' WHERE id=?", (gone,))
        db.execute("UPDATE cases SET kind='dental' WHERE id=?", (kept,))
        new = case("ambulance")
    outcome = form(services)
    assert the_one().id == first and set(kit.formed()) == {kept, new}
    assert [code for _, code, _, _ in kit.skips()] == ["91.005"]
    assert any(t.startswith("Стационарные услуги - 1 на сумму 100.00 - ") for t in kit.texts(outcome))


def test_own_dates_departments_and_name(services: Services) -> None:
    number = create(
        services, "Терапевты", period="", begin_date="2021-11-20", end_date="2021-12-15", departments=["17"]
    )
    with db.write():
        inside = [case(department="17"), case(department="17", day="2021-11-25")]
        case(department="18")
        case(department="17", day="2021-12-20")
    assert form(services).kind == "ok"
    row = registries_b.resolve(DECEMBER)
    assert row.id == number and sorted(kit.formed()) == inside
    assert row.header == "Реестр: 20.11.2021 - 15.12.2021, Терапевты, ОМС, Сформирован"
    assert row.protocol == "Терапевты 2021/12"


def test_a_department_nobody_has_is_asked_about(services: Services) -> None:
    with db.write():
        kit.insert("department", code="17")
        case(department="18")
    asked = {"period": DECEMBER, "departments": ["17", "18", "xx"]}
    outcome = services.run("registry-create", yes=False, **asked)
    assert outcome.kind == "question" and "ни в случаях: xx. По этим" in outcome.message
    assert registries(DECEMBER) == [] and services.run("registry-create", yes=True, **asked).kind == "ok"


def test_several_a_month_are_told_apart_by_number_or_name(services: Services) -> None:
    one, two = create(services, "Первый"), create(services, "Второй")
    with db.write():
        first = case()
    outcome = form(services)
    assert outcome.kind == "refused" and "несколько реестров" in outcome.message
    assert f"{one} — 01.12.2021 - 31.12.2021, Первый (Создан)" in outcome.message
    assert form(services, registry="первый").kind == "ok"
    with db.write():
        second = case()
    again = form(services, registry=str(two))
    assert again.kind == "ok" and set(kit.formed()) == {first, second}
    assert [code for _, code, _, _ in kit.skips()] == ["90.002"]
    assert "Реестра «Третий» за декабрь 2021 нет" in form(services, registry="Третий").message
    assert form(services, registry_id=one).kind == "ok"
    titles = [lists.ids("runs", {"period": DECEMBER, "registry": number}) for number in (one, two)]
    assert len(titles[0]) == len(titles[1]) + 1  # the last one was of the first registry alone


def test_what_the_region_has_not_is_refused(services: Services) -> None:
    with db.write():
        case()
    assert "все виды деятельности" in form(services, kinds=["outpatient"]).message
    assert "тестовых реестров нет" in form(services, test=True).message
    outcome = services.run("registry-create", kind="dental", period=DECEMBER)
    assert outcome.kind == "refused" and "все виды деятельности" in outcome.message
    create(services, "Один")
    twin = services.run("registry-create", name="один", period=DECEMBER)
    assert twin.kind == "refused" and "уже есть" in twin.message


def test_an_empty_month_makes_no_registry(services: Services) -> None:
    assert "нет случаев" in form(services).message
    assert registries(DECEMBER) == []


# --- re-forming by status --------------------------------------------------------------------


def test_reforming_keeps_identification_and_drops_payment_registries(services: Services) -> None:
    with db.write():
        known, moved = case(), case()
    form(services)
    number = the_one().id
    accounts = dict(db.execute("SELECT case_id, id FROM account").fetchall())
    with db.write():
        kit.insert("pay_registry", registry_id=number, payer_id=kit.payer(), title="Альфа")
        stays, goes = refuse(accounts[known], "ident"), refuse(accounts[moved], "ident")
        db.execute("UPDATE cases SET deleted_at='2021-12-20' WHERE id=?", (moved,))
    set_status(number, RegistryStatus.PAYERS_FORMED)
    outcome = form(services)
    assert outcome.kind == "ok"
    assert "При переформировании удалены реестры на оплату: 1 шт." in kit.texts(outcome)
    assert the_one().status == "Сформирован" and db.scalar("SELECT count(*) FROM pay_registry") == 0
    rows = {r[0]: r[1:] for r in db.execute("SELECT id, account_id, state FROM refusal")}
    assert rows[stays] == (db.scalar("SELECT id FROM account WHERE case_id=?", (known,)), "active")
    assert rows[goes] == (None, "replaced")


def test_reforming_after_the_bills_asks_what_is_lost(services: Services) -> None:
    with db.write():
        case()
    form(services)
    number = the_one().id
    package = bill(number)
    asked = form(services)
    assert asked.kind == "question" and "счета уже выгружены на оплату (1 шт. на сумму 100.00)" in (
        asked.message
    )
    assert the_one().status == "Выгружен счет на оплату в СМО"
    assert form(services, yes=True).kind == "ok"
    row = the_one()
    assert (row.status, row.accounts, row.package_name) == ("Сформирован", 1, "")
    assert db.scalar("SELECT state FROM package WHERE id=?", (package,)) == "replaced"


def test_findings_of_a_bill_that_is_no_more_are_history(services: Services) -> None:
    with db.write():
        case()
    form(services)
    number = the_one().id
    package = bill(number)
    account = db.scalar("SELECT id FROM account")
    with db.write():
        of_bill, of_request = refuse(account, "flk"), refuse(account, "flk")
        whole = refuse(account, "flk")
        db.execute("UPDATE refusal SET account_id=NULL WHERE id=?", (whole,))  # of the file as such
        db.execute(
            "UPDATE answer SET package_id=? WHERE id=(SELECT answer_id FROM refusal WHERE id=?)",
            (package, of_bill),
        )
    assert form(services, yes=True).kind == "ok"
    states = dict(db.execute("SELECT id, state FROM refusal").fetchall())
    assert states == {of_bill: "replaced", of_request: "active", whole: "active"}


def test_abort_of_reforming_changes_nothing(services: Services) -> None:
    with db.write():
        case()
        gone = case("inpatient")
    form(services)
    number = the_one().id
    with db.write():
        for (account,) in db.execute("SELECT id FROM account").fetchall():
            refuse(account, "ident")
    bill(number)
    with db.write():
        db.execute("UPDATE cases SET ds_main='' WHERE id=?", (gone,))
    before, at, kind = dump(), 0, "aborted"
    while kind == "aborted":
        at += 1
        kind = form(services, yes=True, prepare=aborting(at)).kind
        assert kind == "ok" or dump() == before, at
    assert kind == "ok" and at > 20 and dump() != before


def test_nothing_is_formed_or_deleted_once_mek_came(services: Services) -> None:
    with db.write():
        case()
    form(services)
    number = the_one().id
    bill(number, mek=True)
    for name in ("form", "delete-data"):
        outcome = services.run(name, yes=True, period=DECEMBER)
        assert outcome.kind == "refused" and "уже загружен МЭК" in outcome.message
    assert registries_b.resolve(DECEMBER).facts.mek_loaded


def test_a_correction_makes_any_unbilled_registry_stale(services: Services) -> None:
    from omstui.domain.store import forming

    with db.write():
        mine = case()
    form(services)
    number = the_one().id
    for status in RegistryStatus:
        with db.write():
            db.execute("UPDATE registry SET status=?, reform_reason='' WHERE id=?", (status.value, number))
            forming.mark_stale([mine])
        stale = bool(db.scalar("SELECT reform_reason FROM registry"))
        assert stale == (status in ("Сформирован", *list(RegistryStatus)[4:7])), status


def test_unidentified_cases_of_a_billed_registry_are_free_again(services: Services) -> None:
    with db.write():
        case()
        nobody = case(payer_id=None)
    form(services)
    number = the_one().id
    bill(number)
    with db.write():
        db.execute("UPDATE account SET package_id=NULL WHERE case_id=?", (nobody,))
        db.execute("UPDATE cases SET payer_id=? WHERE id=?", (kit.payer(), nobody))
    create(services, "Дополнительный")
    outcome = form(services, registry="Дополнительный")
    assert outcome.kind == "ok", outcome.message
    assert list(kit.formed()) == [nobody]


# --- delete data -----------------------------------------------------------------------------


def dump() -> list[Any]:
    names = ("registry", "account", "account_service", "form_skip", "refusal", "package", "pay_registry")
    return [db.execute(f"SELECT * FROM {name} ORDER BY 1").fetchall() for name in names]


def test_delete_data_asks_and_leaves_a_created_registry(services: Services) -> None:
    with db.write():
        case()
    form(services)
    number = the_one().id
    with db.write():
        finding = refuse(db.scalar("SELECT id FROM account"), "ident")
    before = dump()
    asked = services.run("delete-data", period=DECEMBER)
    assert asked.kind == "question" and "счетов 1 на сумму 100.00" in asked.message
    assert dump() == before
    refused = services.run("registry-delete", yes=True, registry_ids=[number])
    assert refused.kind == "refused" and "сначала «Удалить данные»" in refused.message
    assert services.run("delete-data", yes=True, period=DECEMBER).kind == "ok"
    row = the_one()
    assert (row.status, row.accounts, row.total) == ("Создан", 0, 0)
    assert db.scalar("SELECT count(*) FROM account") == 0
    assert db.scalar("SELECT state FROM refusal WHERE id=?", (finding,)) == "replaced"
    again = services.run("delete-data", yes=True, period=DECEMBER)
    assert again.kind == "refused" and "ещё не сформирован" in again.message
    assert services.run("registry-delete", yes=True, registry_ids=[number]).kind == "ok"
    assert registries(DECEMBER) == []


def test_delete_data_of_a_billed_registry(services: Services) -> None:
    with db.write():
        case()
    form(services)
    package = bill(the_one().id)
    asked = services.run("delete-data", period=DECEMBER)
    assert asked.kind == "question" and "пропадут реестры на оплату и эти счета" in asked.message
    assert services.run("delete-data", yes=True, period=DECEMBER).kind == "ok"
    assert db.scalar("SELECT state FROM package WHERE id=?", (package,)) == "replaced"
    assert form(services).kind == "ok"  # the case is free again
    outcome = services.run("delete-data", yes=True, period=DECEMBER, kinds=["dental"])
    assert outcome.kind == "refused" and "все виды деятельности" in outcome.message


def test_abort_of_delete_data_changes_nothing(services: Services) -> None:
    with db.write():
        case()
    form(services)
    bill(the_one().id)
    before, at, kind = dump(), 0, "aborted"
    while kind == "aborted":
        at += 1
        kind = services.run("delete-data", yes=True, period=DECEMBER, prepare=aborting(at)).kind
        assert kind == "ok" or dump() == before, at
    assert kind == "ok" and at > 2


def aborting(at: int) -> Callable[[Context], None]:
    left = [at]

    def stop() -> None:
        left[0] -= 1
        if left[0] == 0:
            raise Aborted

    def prepare(ctx: Context) -> None:
        ctx.on_check = stop

    return prepare


# --- the number of the package ---------------------------------------------------------------


def test_ident_step_moves_the_digit_within_one_and_nine(services: Services) -> None:
    with db.write():
        case()
    form(services)
    down = services.run("ident-step", period=DECEMBER, step=-1)
    assert down.kind == "refused" and "1–9" in down.message
    for wanted in range(2, 10):
        outcome = services.run("ident-step", period=DECEMBER, step=1)
        assert outcome.result is not None and outcome.result.data["number"] == wanted
    assert services.run("ident-step", period=DECEMBER, step=1).kind == "refused"
    assert services.run("ident-step", period=DECEMBER, step=-1).kind == "ok"
    assert registries_b.resolve(DECEMBER).ident_number == 8


def test_the_month_being_worked_on_is_the_newest_with_a_registry(services: Services) -> None:
    create(services, "Декабрь")
    assert not registries_b.resolve(DECEMBER).facts.current_month
    create(services, "Январь", period="2022-01")
    assert registries_b.resolve(DECEMBER).facts.current_month == "январь 2022"
    with pytest.raises(OmsError, match="текущий период: январь 2022"):
        registries_b.require(registries_b.resolve(DECEMBER), "mek-load")


def test_mek_may_come_before_the_registry_of_its_month(services: Services) -> None:
    """The month gets an empty registry; forming takes it up."""
    proposed = registries_b.current(DECEMBER)
    assert (proposed.id, proposed.status) == (0, "Создан") and registries(DECEMBER) == []
    registries_b.require(proposed, "mek-load")
    with db.write():
        made = registries_b.create(proposed, who="tester", at="2021-12-31 10:00:00")
        mine = case()
    assert registries_b.current(DECEMBER).id == made.id
    assert form(services).kind == "ok" and list(kit.formed()) == [mine]
    assert the_one().id == made.id
