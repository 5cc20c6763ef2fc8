"""Worked examples of the specification by their numbers: group 11."""

from __future__ import annotations

from typing import Any

from tests.criteria.kit import Made, case, enp, fires, passes, table, tap, tariffs

OURS, THEIRS = enp(820001), enp(820002)


def on_3(**changes: Any) -> Made:
    return tap(days=("2023-03-03", "2023-03-03"), **changes)


def lab(**changes: Any) -> Made:
    return case("paraclinic", service={"tariff": 12000}, **changes)


BOOKS = {
    "tariff": [
        row | {"capitation": int(row["code"] == "A09.05.023")} for row in tariffs(**{"A09.05.023": 12000})
    ],
    "attachments": [
        {"enp": OURS, "mo": "760001", "begin_date": "2020-01-01"},
        {"enp": THEIRS, "mo": "760002", "begin_date": "2020-01-01"},
    ],
}
ROWS = [
    fires("11.002", "пример 13: I10 и I10", on_3(ds_main="I10"), on_3(of=0, ds_main="I10")),
    passes("11.002", "пример 13: I10 и J06.9", on_3(ds_main="I10"), on_3(of=0, ds_main="J06.9")),
    fires("11.012", "пример 14: прикреплён к нам", lab(policy={"enp": OURS})),
    passes("11.012", "пример 14: прикреплён к другой", lab(policy={"enp": THEIRS})),
    passes("11.012", "пример 14: не прикреплён", lab()),
]

test_rows = table(ROWS, books=BOOKS, whole=True)
