"""Worked examples of the specification by their numbers: group 12."""

from __future__ import annotations

from typing import Any

from tests.criteria.kit import Made, boundary, day_stay, fires, mksb, passes, table, tap


def stay(first: str, last: str, **changes: Any) -> Made:
    return mksb(days=(f"2023-03-{first}", f"2023-03-{last}"), **changes)


def another(first: str, last: str) -> Made:
    """Another stay of the same man: main diagnosis, profile and КСГ differ."""
    return stay(first, last, of=0, ds_main="E11.9", ds_first="E11.9", profile="29", ksg="st01.002",
                service={"code": "st01.002", "ds": "E11.9", "profile": "29"})  # fmt: skip


def beside(day: str) -> tuple[Made, Made]:
    """A stay 10.03–20.03 and a visit to the therapist on a day."""
    return stay("10", "20"), tap(of=0, days=(f"2023-03-{day}", f"2023-03-{day}"))


ROWS = [
    boundary("12.001", "пример 7: в день поступления", *beside("10")),
    fires("12.001", "пример 7: внутри", *beside("15")),
    boundary("12.001", "пример 7: в день выписки", *beside("20")),
    boundary("12.003", "пример 8: выписка и поступление в один день", stay("01", "10"), another("10", "15")),
    fires("12.003", "пример 8: внахлёст", stay("01", "10"), another("09", "15")),
    fires("12.003", "пример 8: один день внутри", stay("01", "10"), another("05", "05")),
    passes("12.009", "пример 9: 4 койко-дня", stay("01", "05", bed_days="4")),
    fires("12.009", "пример 9: 5 койко-дней", stay("01", "05", bed_days="5")),
    passes("12.009", "пример 9: один день", stay("01", "01", bed_days="1")),
    fires("12.008", "пример 9: не указаны", stay("01", "01", bed_days="")),
    passes("12.010", "пример 10: 5 дней", day_stay(days=("2023-03-01", "2023-03-05"), bed_days="5")),
    fires("12.010", "пример 10: 6 дней", day_stay(days=("2023-03-01", "2023-03-05"), bed_days="6")),
]

test_rows = table(ROWS, whole=True)
