"""Criteria 19: sums."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from omstui.domain.store import db
from tests.criteria.kit import Made, boundary, fires, mksb, passes, table, tap, visit
from tests.domain.formkit import insert

CHEAP = "A09.05.023"  # paid per head


def served(*services: dict[str, Any], **more: Any) -> Made:
    """A case of services with these tariffs, quantities and sums."""
    return tap(services=[visit("2023-03-10", **service) for service in services], **more)


def billed(difference: int = 0) -> Callable[[int, int], None]:
    """The account stands in a payment registry whose total is off by so many kopecks."""

    def after(case_id: int, patient_id: int) -> None:
        account, registry, total = db.execute(
            "SELECT id, registry_id, total FROM account WHERE case_id = ?", (case_id,)
        ).fetchone()
        pay = insert("pay_registry", registry_id=registry, section="smo", case_type="ТАП", title="ТАП", accounts=1,
                     total=total + difference)  # fmt: skip
        db.execute("INSERT INTO pay_account(pay_registry_id, account_id) VALUES(?,?)", (pay, account))

    return after


ROWS = [
    passes("19.001", "одна услуга", tap()),
    passes("19.001", "две услуги", served({"tariff": 10000}, {"tariff": 12345, "quantity": 200})),
    fires("19.001", "сумма больше", tap(source_sum=60000)),
    boundary("19.001", "на копейку меньше", tap(source_sum=49999), fires=True),
    boundary("19.001", "КСГ: цена не из услуг", mksb(source_sum=1234567)),
    boundary("19.001", "законченный случай 32", mksb(pay_method="32", source_sum=1234567)),
    boundary("19.001", "услуг нет", tap(services=[], source_sum=50000)),
    passes("19.002", "тариф на количество", served({"tariff": 15000, "quantity": 200})),
    fires("19.002", "сумма меньше", served({"tariff": 15000, "quantity": 200, "source_sum": 28000})),
    fires("19.002", "сумма не указана", served({"tariff": 15000, "source_sum": 0}, {"tariff": 100})),
    boundary("19.002", "полкопейки вверх", served({"tariff": 333, "quantity": 150, "source_sum": 500})),
    boundary("19.002", "полкопейки вниз", served({"tariff": 333, "quantity": 150, "source_sum": 499}), fires=True),
    boundary("19.002", "цена КСГ по дням", mksb(service={"tariff": 272109, "quantity": 1000, "source_sum": 2721091})),
    boundary("19.002", "больше полкопейки в день", mksb(
        service={"tariff": 272109, "quantity": 1000, "source_sum": 2721096}), fires=True),
    boundary("19.002", "тарифа в файле нет", served({"tariff": 0, "source_sum": 28000})),
    passes("19.003", "больше нуля", tap()),
    fires("19.003", "ноль", served({"tariff": 0})),
    fires("19.003", "меньше нуля", served({"tariff": 0, "source_sum": -100})),
    boundary("19.003", "одна копейка", served({"tariff": 1})),
    boundary("19.003", "ноль у подушевой услуги", served({"tariff": 0, "code": CHEAP})),
    boundary("19.003", "услуга меньше нуля в положительном случае",
             served({"tariff": 50000}, {"tariff": 0, "source_sum": -1, "code": CHEAP}), fires=True),
    passes("19.004", "сходится", tap(after=billed())),
    fires("19.004", "больше", tap(after=billed(100))),
    boundary("19.004", "на копейку меньше", tap(after=billed(-1)), fires=True),
    boundary("19.004", "счетов на оплату нет", tap()),
]  # fmt: skip

BOOKS = {
    "tariff": [
        {"code": "B01.047.001", "price": 50000},
        {"code": "st01.001", "price": 50000},
        {"code": CHEAP, "price": 12000, "capitation": 1},
    ]
}

test_rows = table(ROWS, books=BOOKS)
