"""Payments counted down over invoices; what is owed; parts never exceed the payment or the invoice."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omstui.bootstrap import Services
from omstui.domain import payments
from omstui.domain.payments import Balance, distribute
from omstui.domain.store import db
from tests.domain import invoicekit as kit
from tests.domain import mekkit
from tests.support import make_services


@given(st.integers(0, 10**9), st.lists(st.integers(-(10**6), 10**7), max_size=30))
def test_a_payment_is_spread_to_the_kopeck(total: int, owed: list[int]) -> None:
    debts = list(enumerate(owed))
    parts = distribute(total, debts)
    given_to = dict(parts)
    assert all(0 < part <= owed[key] for key, part in parts)
    assert sum(given_to.values()) == min(total, sum(max(debt, 0) for debt in owed))
    # the oldest first: nobody gets anything while one before him still lacks
    for key, debt in debts:
        if given_to.get(key, 0) < max(debt, 0):
            assert not any(later in given_to for later in range(key + 1, len(owed)))
            break


@pytest.fixture
def services(tmp_path: Path) -> Services:
    made = make_services(tmp_path)
    kit.reformed(made, tmp_path)
    kit.ok(kit.issue(made, tmp_path / "o"))  # № 1: 400.16 of A, № 2: 400.20 of B
    return made


def balance(services: Services, smo: str = "76001") -> Balance:
    with db.connection():
        return next(b for b in payments.balances(services.profile) if b.payer.code == smo)


def test_counted_down_and_the_rest_is_shown(services: Services) -> None:
    first = kit.pay(services, "150.00")
    assert first["parts"] == [{"invoice": 1, "number": "1", "sum": "150.00"}] and first["rest"] == "0.00"
    assert (balance(services).received, balance(services).owed) == (15000, 25016)
    second = kit.pay(services, "300.00", number="16")
    assert (second["parts"][0]["sum"], second["rest"]) == ("250.16", "49.84")
    assert balance(services).owed == 0 and balance(services, "76002").owed == 40020
    kit.healthy()


def test_parts_by_hand_and_spread_anew(services: Services) -> None:
    paid = kit.pay(services, "300.00", parts={"1": "100,00"})
    assert paid["rest"] == "200.00"
    again = services.run("payment-spread", payment_id=paid["payment"])
    assert kit.ok(again)["rest"] == "0.00"
    assert balance(services).received == 30000
    none = services.run("payment-spread", payment_id=paid["payment"], parts={})
    assert kit.ok(none)["rest"] == "300.00" and balance(services).received == 0
    kit.healthy()


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"parts": {"1": "400.17"}}, "не больше 400.16"),
        ({"parts": {"1": "300.00"}, "sum": "200.00"}, "а сумма платежа 200.00"),
        ({"parts": {"2": "1.00"}}, "или он отменён. Счета СМО — на экране"),
        ({"parts": {"99": "1.00"}}, "Счёта на оплату № 99 нет"),
        ({"parts": {"1": "1", "#1": "2"}}, "указан дважды. Оставьте"),
        ({"sum": "0"}, "равна нулю"),
        ({"sum": "-5"}, "Сумма платежа не может быть меньше нуля"),
        ({"sum": "пять"}, "не сумма"),
        ({"number": " "}, "номер платёжного поручения. Он стоит"),
        ({"sum": "٥٠"}, "не сумма"),
        ({"sum": "1_000"}, "не сумма"),
        ({"sum": "999999999999999"}, "слишком много"),
        ({"number": "1" * 51}, "Номер поручения: 51 знаков"),
        ({"number": "5\n6"}, "знаки, которых не видно"),
        ({"note": "\u202eтекст"}, "знаки, которых не видно"),
        ({"date": "2999-01-01"}, "ещё не наступила"),
        ({"date": "0001-01-01"}, "такого года быть не может"),
        ({"date": "٠١.٠١.٢٠٢١"}, "не понята"),
        ({"smo": "99999"}, "нет в настройках"),
    ],
)
def test_what_does_not_fit_is_refused(services: Services, params: dict[str, object], words: str) -> None:
    values = {"smo": "76001", "number": "9", "sum": "500.00", **params}
    said = services.run("payment-add", yes=True, **values)
    assert said.kind == "refused" and words in said.message
    with db.connection():
        assert db.scalar("SELECT count(*) FROM payment") == 0


def test_same_order_twice_is_asked(services: Services) -> None:
    kit.pay(services, "100.00", date="2021-05-20")
    said = services.run("payment-add", smo="76001", number="15", sum="100.00", date="20.05.2021")
    assert said.kind == "question" and "уже внесён" in said.message


def test_deleted_payment_leaves_the_debt_and_its_row(services: Services) -> None:
    paid = kit.pay(services, "100.00")
    assert "отнесены платежи" in services.run("invoice-cancel", yes=True, number="1", reason="x").message
    assert services.run("payment-delete", payment_id=paid["payment"]).kind == "question"
    kit.ok(services.run("payment-delete", yes=True, payment_id=paid["payment"]))
    assert services.run("payment-delete", yes=True, payment_id=paid["payment"]).kind == "refused"
    assert balance(services).owed == 40016
    with db.connection():
        assert db.scalar("SELECT deleted_by FROM payment") == "tester"
    kit.ok(services.run("invoice-cancel", yes=True, number="1", reason="x"))
    kit.healthy()


def test_refused_after_the_invoice_is_not_owed(services: Services, tmp_path: Path) -> None:
    with db.connection():
        keys = {"A": [], "B": []}
        for letter, key in db.execute(
            "SELECT i.letter, a.xkey FROM account a JOIN insurer i ON i.id=a.payer_id ORDER BY a.id"
        ):
            keys[letter].append(key)
    kit.answered(services, tmp_path, keys, refused=1)
    mine = balance(services)
    assert (mine.billed, mine.refused, mine.owed) == (40016, 20006, 20010)
    assert kit.pay(services, "400.16")["rest"] == "200.06"


def test_returns_of_the_second_region_take_off_the_debt(tmp_path: Path) -> None:
    services = mekkit.services_of(tmp_path)
    bill = mekkit.billed()
    kit.ok(services.run("invoices", yes=True, period="2021-10", out=str(tmp_path / "o"), format="txt"))
    mekkit.empty_registry("2021-11", "ноябрь")
    rows = [mekkit.row(bill, bill.accounts[0]), mekkit.row(bill, bill.accounts[2], OPLATA=3, S_SUM=1000)]
    kit.ok(mekkit.load(services, mekkit.table(tmp_path / "b760001112111.dbf", rows), yes=True))
    mine = balance(services)
    assert (mine.refused, mine.cut) == (bill.total[bill.accounts[0]], 1000)
    assert mine.owed == mine.payable - mine.refused - mine.cut
    kit.healthy(files=False)


def test_month_without_an_invoice_is_listed_and_owes_nothing(tmp_path: Path) -> None:
    services = make_services(tmp_path)
    kit.reformed(services, tmp_path)
    kit.ok(services.run("withhold", period=kit.PERIOD, smo="76001", sum="0.16"))
    mine = balance(services)
    assert (mine.invoice, mine.billed, mine.withheld, mine.owed) == (None, 40016, 16, 0)
