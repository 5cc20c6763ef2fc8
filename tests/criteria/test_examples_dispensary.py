"""Worked examples of the specification by their numbers: group 13."""

from __future__ import annotations

from typing import Any

from tests.criteria.kit import BOOKS, Made, boundary, case, fires, passes, table, visit


def exam(first: str, last: str = "", **changes: Any) -> Made:
    return case("dispensary", days=(f"2023-{first}", f"2023-{last or first}"), **changes)


def born(day: str) -> Made:
    return exam("03-10", patient={"birth_date": day})


def two_stages(closed: str) -> tuple[Made, Made]:
    """The first stage closed on a day of March, the second from 20.03."""
    closing = [visit(f"2023-03-{closed}", code="B04.047.002")]
    return exam("03-10", f"03-{closed}", services=closing), second()


def second(**changes: Any) -> Made:
    return exam("03-20", "03-25", disp="ДВ2", **{"of": 0} | changes)


def with_fluorography(day: str) -> Made:
    done = visit(day, code="A06.09.006", tariff=0)
    return exam("03-15", services=[done, visit("2023-03-15", code="B04.047.002")])


ROWS = [
    passes("13.006", "пример 15: 33 года", born("1990-05-05")),
    fires("13.006", "пример 15: 32 года", born("1991-05-05")),
    passes("13.006", "пример 15: 43 года", born("1980-05-05")),
    boundary("13.004", "пример 16: I этап закрыт 20.03", *two_stages("20")),
    fires("13.004", "пример 16: I этап закрыт 21.03", *two_stages("21")),
    fires("13.003", "пример 16: I этапа нет", second(of=None)),
    boundary("13.010", "пример 17: флюорография 15.03.2021", with_fluorography("2021-03-15")),
    boundary("13.010", "пример 17: флюорография 14.03.2021", with_fluorography("2021-03-14"), fires=True),
]

test_rows = table(
    ROWS, books={"services": [*BOOKS["services"], {"code": "A06.09.006", "name": "Флюорография"}]}, whole=True
)
