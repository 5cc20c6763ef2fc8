"""A closed month: what must be done before, nothing of it changes, F8 into a later month goes on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from omstui.bootstrap import Services, open_services
from omstui.domain import board, month_close
from omstui.domain.errors import OmsError
from omstui.domain.model import Role
from omstui.domain.store import closing, config, db
from tests.domain import answerkit, mekkit, month
from tests.domain import invoicekit as kit
from tests.support import make_services

PERIOD = kit.PERIOD


@pytest.fixture
def services(tmp_path: Path) -> Services:
    """A month all done, with one refusal of stage 2 to be returned."""
    made = make_services(tmp_path)
    keys = kit.reformed(made, tmp_path)
    kit.ok(kit.issue(made, tmp_path / "o"))
    kit.answered(made, tmp_path, keys, refused=1)
    return made


def close(services: Services) -> None:
    kit.ok(services.run("month-close", yes=True, period=PERIOD))


def test_what_is_not_done_is_named(tmp_path: Path) -> None:
    services = make_services(tmp_path)
    empty = services.run("month-close", yes=True, period=PERIOD)
    assert empty.kind == "refused" and "Сформировать реестры" in " ".join(empty.error.details)
    kit.reformed(services, tmp_path)
    said = services.run("month-close", yes=True, period=PERIOD)
    assert said.error.details == ("Счета на оплату: 76001, 76002", "Принять ответы «2»: 76001, 76002")


def test_what_may_wait_is_asked_and_logged(services: Services) -> None:
    asked = services.run("month-close", period=PERIOD)
    assert asked.kind == "question"
    assert any("F8" in text for text in asked.error.details)
    close(services)
    assert services.run("month-close", yes=True, period=PERIOD).kind == "refused"
    with db.connection():
        data = board.read(PERIOD, services.profile, services.settings)
    assert data.next[0].startswith("Месяц апрель 2021 закрыт") and data.as_json()["closed"]


def test_an_invoice_cancelled_while_it_closes_keeps_it_open(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = month_close.missing, []

    def overtaken(*args: Any) -> Any:
        found = real(*args)
        if not calls:
            db.execute("UPDATE invoice SET state='cancelled' WHERE id=1")
        calls.append(found)
        return found

    monkeypatch.setattr(month_close, "missing", overtaken)
    said = services.run("month-close", yes=True, period=PERIOD)
    assert said.kind == "refused" and "данные изменил другой оператор" in said.message
    with db.connection():
        assert not db.scalar("SELECT count(*) FROM month_close")


@pytest.mark.parametrize(
    ("operation", "params"),
    [
        ("form", {"period": PERIOD}),
        ("check", {"period": PERIOD}),
        ("mes", {"period": PERIOD}),
        ("registry-create", {"period": PERIOD, "kind": "dental"}),
        ("export", {"period": PERIOD, "out": "{o}"}),
        ("reform", {"period": PERIOD, "all": True, "out": "{o}"}),
        ("withhold", {"period": PERIOD, "smo": "76001", "sum": "1"}),
        ("sent", {"period": PERIOD}),
        ("sequester", {"period": PERIOD, "apply": True}),
        ("sequester-undo", {"period": PERIOD}),
        ("restore-tests", {"period": PERIOD}),
        ("invoice-cancel", {"number": "1", "reason": "x"}),
    ],
)
def test_nothing_of_it_changes(
    services: Services, tmp_path: Path, operation: str, params: dict[str, Any]
) -> None:
    close(services)
    before = month.dump()
    filled = {k: str(tmp_path / "x") if v == "{o}" else v for k, v in params.items()}
    said = services.run(operation, yes=True, **filled)
    assert said.kind == "refused" and "закрыт" in said.message
    assert month.dump() == before


def test_an_answer_to_it_is_refused_by_the_store(services: Services, tmp_path: Path) -> None:
    with db.connection():
        (key,) = db.execute("SELECT xkey FROM account ORDER BY id LIMIT 1 OFFSET 2").fetchone()
    close(services)
    before = month.dump()
    path = answerkit.answer(tmp_path / "again", "2A", [answerkit.refused(key, answerkit.MES)])
    said = answerkit.accept(services, path, yes=True)
    assert said.kind == "refused" and month.dump() == before


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE registry SET total = total + 1",
        "UPDATE package SET sent_at = '2021-06-01'",
        "DELETE FROM withholding",
        "UPDATE answer SET state = 'replaced' WHERE stage = 2",
        "UPDATE invoice SET payable = payable + 1",
    ],
)
def test_the_guard_is_the_transaction_itself(services: Services, statement: str) -> None:
    kit.ok(services.run("withhold", period=PERIOD, smo="76002", sum="0"))
    close(services)
    before = month.dump()
    with db.connection(), pytest.raises(OmsError, match="закрытый месяц"), db.write():
        db.execute(statement)
    assert month.dump() == before


def test_what_goes_on_after_the_close(services: Services, tmp_path: Path) -> None:
    close(services)
    kit.ok(services.run("return", yes=True, period=PERIOD, all=True, unchanged=True))
    kit.ok(services.run("return-undo", yes=True, period=PERIOD, all=True))
    kit.ok(services.run("drop", yes=True, account_ids=[1]))
    kit.ok(services.run("case-save", yes=True, case_id=1, case={"ds_main": "J06.9"}))
    kit.pay(services, "100.00")
    out = tmp_path / "again"
    rows = kit.ok(kit.issue(services, out))["invoices"]
    assert not any(r["new"] for r in rows)
    assert kit.paper(out, "1") == kit.paper(tmp_path / "o", "1")
    kit.ok(services.run("export", yes=True, period=PERIOD, out=str(tmp_path / "s"), existing=True))
    kit.healthy()


def test_f8_goes_past_a_closed_month(services: Services) -> None:
    with db.connection(), db.write():
        closing.close("2021-05", who="tester", at="2021-06-20 00:00:00")
    done = services.run("return", yes=True, period=PERIOD, all=True, unchanged=True)
    assert kit.ok(done)["target_periods"] == {"2021-06": 4}


def test_opened_again_by_a_senior_with_a_reason(services: Services) -> None:
    assert services.run("month-reopen", period=PERIOD, reason="x").kind == "refused"
    close(services)
    assert "причина" in services.run("month-reopen", yes=True, period=PERIOD).message
    with db.connection(), db.write():
        config.save_operator("анна", Role.OPERATOR)
    other = open_services(str(services.database), login="анна")
    said = other.run("month-reopen", yes=True, period=PERIOD, reason="ошибка")
    assert said.kind == "refused" and "старший" in said.message
    kit.ok(services.run("month-reopen", yes=True, period=PERIOD, reason="ошибка"))
    kit.ok(services.run("withhold", period=PERIOD, smo="76001", sum="1"))
    with db.connection():
        assert [(r.reason, bool(r.reopened_at)) for r in closing.history(PERIOD)] == [("ошибка", True)]


def test_mek_of_a_closed_month_comes_into_a_later_one(tmp_path: Path) -> None:
    services = mekkit.services_of(tmp_path)
    bill = mekkit.billed()
    mekkit.empty_registry("2021-11", "ноябрь")
    kit.ok(services.run("invoices", yes=True, period="2021-10", out=str(tmp_path / "o"), format="txt"))
    with db.connection(), db.write():
        closing.close("2021-10", who="tester", at="2021-11-20 00:00:00")
    path = mekkit.table(tmp_path / "b760001112111.dbf", [mekkit.row(bill, bill.accounts[0])])
    kit.ok(mekkit.load(services, path, yes=True))
    said = services.run("bills-export", yes=True, period="2021-10", out=str(tmp_path))
    assert said.kind == "refused" and "закрыт" in said.message
