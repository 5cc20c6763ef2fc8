"""Criteria 04: dates of a case."""

from __future__ import annotations

from typing import Any

from tests.criteria.kit import (
    Made,
    boundary,
    case,
    day_stay,
    fires,
    from_d_file,
    mksb,
    passes,
    smp,
    table,
    tap,
    visit,
)


def once(*days: str, **more: Any) -> Made:
    """A single visit of the purpose 1.0 with these dates of the case."""
    return tap(date_in=f"2023-03-{days[0]}", date_out=f"2023-03-{days[-1]}", **more)


def treated(first: str, last: str, *visits: str, **more: Any) -> Made:
    """An обращение with visits on these days of March."""
    services = [visit(f"2023-03-{day}") for day in visits]
    return tap(purpose="3.0", pay_method="30", date_in=f"2023-03-{first}", date_out=f"2023-03-{last}",
               services=services, **more)  # fmt: skip


def ended(day: str, **more: Any) -> Made:
    return tap(days=(day, day), **more)


DIED = {"result": "313", "outcome": "306"}
AUTOPSY = [{"code": "A08.30.019", "date": "2023-03-12"}]

ROWS = [
    passes("04.001", "окончание позже", mksb()),
    fires("04.001", "начало позже окончания", mksb(date_in="2023-03-21")),
    boundary("04.001", "один день", tap()),
    passes("04.002", "внутри периода", ended("2023-03-15")),
    fires("04.002", "февраль", ended("2023-02-28")),
    fires("04.002", "апрель", ended("2023-04-01")),
    boundary("04.002", "первый день", ended("2023-03-01")),
    boundary("04.002", "последний день", ended("2023-03-31")),
    passes("04.002", "повторный случай февраля", ended("2023-02-28", account={"repeat": "repeat"})),
    boundary("04.002", "повторный случай апреля", ended("2023-04-01", account={"repeat": "repeat"}), fires=True),
    passes("04.003", "вчера", ended("2023-03-30")),
    fires("04.003", "завтра", ended("2023-04-06"), also=["04.002"]),
    boundary("04.003", "сегодня", ended("2023-04-05"), also=["04.002"], on=[0]),
    passes("04.004", "десять дней", mksb()),
    fires("04.004", "два года", mksb(days=("2021-03-20", "2023-03-20"))),
    boundary("04.004", "365 дней", mksb(days=("2022-03-20", "2023-03-20"))),
    boundary("04.004", "366 дней", mksb(days=("2022-03-19", "2023-03-20")), fires=True),
    passes("04.005", "один день", once("10")),
    fires("04.005", "два дня подряд", once("09", "10")),
    boundary("04.005", "обращение", treated("09", "10", "09", "10")),
    boundary("04.005", "диспансерное наблюдение 1.3", once("09", "10", purpose="1.3")),
    passes("04.005", "диспансеризация с целью 2.1", case("dispensary", purpose="2.1", date_in="2023-03-01")),
    passes("04.005", "из D-файла: цели в нём нет", from_d_file(purpose="1.0", date_in="2023-03-09", kind="outpatient")),
    passes("04.005", "стационар", mksb(purpose="1.0")),
    passes("04.006", "два дня", treated("09", "10", "09", "10")),
    fires("04.006", "один день", treated("10", "10", "10")),
    boundary("04.006", "стоматология", case("dental", purpose="3.0", pay_method="30")),
    boundary("04.006", "ортодонтия 171", treated("10", "10", "10", profile="171")),
    boundary("04.006", "разовое посещение", once("10")),
    passes("04.007", "посещение в первый день", treated("02", "09", "02", "09")),
    fires("04.007", "первое посещение днём позже", treated("02", "09", "03", "09")),
    boundary("04.007", "посещений нет", treated("02", "09")),
    boundary("04.007", "раньше начала", treated("02", "09", "01", "09"), fires=True),
    passes("04.007", "не обращение", once("10", services=[visit("2023-03-09")])),
    passes("04.008", "посещение в последний день", treated("02", "09", "02", "05", "09")),
    fires("04.008", "последнее посещение днём раньше", treated("02", "09", "02", "08")),
    boundary("04.008", "посещений нет", treated("02", "09")),
    boundary("04.008", "позже окончания", treated("02", "09", "02", "10"), fires=True),
    passes("04.009", "умер потом", tap(), smp(of=0, **{**DIED, "result": "405"}, days=("2023-03-12", "2023-03-12"))),
    fires("04.009", "пришёл после смерти", ended("2023-03-11"), smp(of=0, result="405"), on=[0]),
    fires("04.009", "случай смерти в прошлом реестре",
          mksb(result="105", outcome="104", days=("2023-02-01", "2023-02-10"), registry="sent"),
          tap(of=0)),
    boundary("04.009", "в день смерти", tap(), smp(of=0, result="405")),
    boundary("04.009", "вскрытие", case("paraclinic", services=AUTOPSY, days=("2023-03-12", "2023-03-12")),
             mksb(of=0, result="105", outcome="104", days=("2023-03-01", "2023-03-11"))),
    boundary("04.009", "вскрытие и посещение", tap(services=[*AUTOPSY, visit("2023-03-12")], days=("2023-03-12", "2023-03-12")),
             mksb(of=0, result="105", outcome="104", days=("2023-03-01", "2023-03-11")), fires=True, on=[0]),
    passes("04.009", "другой человек", tap(), smp(result="405", days=("2023-03-01", "2023-03-01"))),
    passes("04.009", "умер новорождённый на том же полисе", tap(), day_stay(of=0, newborn="101032301", result="205",
           outcome="204", days=("2023-03-01", "2023-03-05"))),
]  # fmt: skip

BOOKS = {
    "services": [
        {"code": "B01.047.001", "name": "Приём терапевта", "is_visit": 1},
        {"code": "B01.065.001", "name": "Приём стоматолога", "is_visit": 1, "is_dental": 1},
        {"code": "B04.047.002", "name": "Профилактический приём", "is_visit": 1},
        {"code": "B01.044.001", "name": "Вызов", "is_call": 1},
        {"code": "A08.30.019", "name": "Вскрытие", "after_death": 1},
        *({"code": code, "name": code} for code in ("st01.001", "ds01.001")),
    ]
}

test_rows = table(ROWS, books=BOOKS)

test_late_cases_accepted = table(
    [
        boundary("04.002", "февраль, опоздавшие принимаются", ended("2023-02-28")),
        boundary("04.002", "апрель, опоздавшие принимаются", ended("2023-04-01"), fires=True),
    ],
    params={"late_accepted": "1"},
)
