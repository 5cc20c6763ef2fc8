"""Criteria 17: volumes."""

from __future__ import annotations

from pathlib import Path

from omstui.domain.criteria.volume import CRITERIA
from tests.criteria.kit import (
    MESSAGES,
    Fields,
    Made,
    boundary,
    day_stay,
    fires,
    from_d_file,
    mksb,
    passes,
    run_rows,
    smp,
    table,
    tap,
)
from tests.criteria.kit import visit as visited


def line(quantity: int, unit: str = "cases", **fields: object) -> Fields:
    return {
        "begin_date": "2023-01-01",
        "end_date": "2023-12-31",
        "unit": unit,
        "quantity": quantity,
        **fields,
    }


def call(day: str, **changes: object) -> Made:
    return smp(days=(f"2023-03-{day}", f"2023-03-{day}"), **changes)


PLAN = [
    line(200, usl_ok="4", kind="ambulance"),  # two calls a month
    line(300, "visits", usl_ok="3", profile="11"),
    line(1000, "days", usl_ok="1", profile="12"),
    line(150000, "roubles", usl_ok="3", profile="13"),
    line(250, "cases", usl_ok="3", profile="14", cumulative=1, used_quantity=50),
    line(1000, "uet", usl_ok="3", profile="15"),
    line(0, usl_ok="3", profile="16"),
    line(100000, usl_ok="3", profile="97"),
    line(100, usl_ok="1", profile="17", ksg="st01.001"),
    line(100000, usl_ok="1", profile="17"),
    line(5000, usl_ok="3", profile="18"),
    line(100, "roubles", usl_ok="3", profile="18", begin_date="2022-01-01", end_date="2022-12-31"),
]


def of(profile: str, day: str = "10", **changes: object) -> Made:
    return tap(days=(f"2023-03-{day}", f"2023-03-{day}"), profile=profile, **changes)


def earlier(profile: str, **changes: object) -> Made:
    return tap(days=("2023-02-10", "2023-02-10"), profile=profile, registry="sent", **changes)


def visits(count: int, profile: str, day: str = "10") -> Made:
    return of(profile, day, services=[visited(f"2023-03-{day}") for _ in range(count)])


ROWS = [
    passes("17.001", "плана много", tap(), tap()),
    boundary("17.001", "третий по дате вызов", call("30"), call("05"), call("10"), fires=True, on=[0]),
    boundary("17.001", "посещения: третье ещё в плане", visits(1, "11"), visits(2, "11", "12")),
    fires("17.001", "дни", mksb(profile="12"), mksb(profile="12", days=("2023-03-21", "2023-03-22"))),
    fires("17.001", "рубли", *(of("13") for _ in range(4))),
    fires("17.001", "нарастающим итогом и использованное", earlier("14"), of("14"), of("14")),
    boundary("17.001", "УЕТ: ровно план", of("15", service={"quantity": 1000})),
    fires("17.001", "план 0", of("16")),
    fires(
        "17.001",
        "строка КСГ уже общей",
        mksb(profile="17"),
        mksb(profile="17", days=("2023-03-21", "2023-03-25")),
    ),
    passes("17.001", "другая КСГ — по общей строке", mksb(profile="17", ksg="st01.002")),
    boundary("17.001", "строка прошлого года не считается", of("18")),
    #
    passes("17.002", "строка есть", tap()),
    fires("17.002", "дневного стационара в плане нет", day_stay()),
    fires("17.002", "профиля в плане нет", of("99")),
    boundary("17.002", "строка только в других условиях", mksb(profile="11"), fires=True),
    boundary("17.002", "в том году плана нет вовсе", tap(days=("2021-03-10", "2021-03-10"), profile="99")),
    passes("17.002", "в файле осмотров профиля нет", from_d_file(profile="")),
]

test_rows = table(ROWS, books={"plan": PLAN})


def test_message_names_the_plan_and_what_it_comes_to(tmp_path: Path) -> None:
    books = {"plan": [line(200, usl_ok="4", name="Вызовы")]}
    run_rows(tmp_path, [fires("17.001", "три вызова", call("05"), call("10"), call("30"))], books)
    texts = [text for (_, _, code), text in MESSAGES.items() if code == "17.001"]
    assert texts == ["план «Вызовы», случаев: 2, с этим случаем 3"]


def test_running_totals_are_left_to_a_run_over_the_registry() -> None:
    assert [c.code for c in CRITERIA if c.whole] == ["17.001"]
