"""Criteria 12: stays in hospital."""

from __future__ import annotations

from typing import Any

from tests.criteria.kit import (
    BOOKS,
    Made,
    boundary,
    case,
    day_stay,
    fires,
    mksb,
    passes,
    smp,
    table,
    tap,
    visit,
)

EXTRA = {
    "services": [
        *BOOKS["services"],
        {"code": "A18.05.002", "name": "Гемодиализ", "is_visit": 1, "beside_stay": 1},
    ],
    "mes_nested": [{"outer_mes": "st01.001", "inner_mes": "st01.002"}],
}


def on(day: str, kind: str = "outpatient", **changes: Any) -> Made:
    """A one-day case on a day of March beside the first case of the row."""
    return case(kind, of=0, **{"days": (f"2023-03-{day}", f"2023-03-{day}")} | changes)


def stay(first: str, last: str, ksg: str = "st01.001", **changes: Any) -> Made:
    return mksb(days=(f"2023-03-{first}", f"2023-03-{last}"), ksg=ksg, service={"code": ksg}, **changes)


def day(first: str, last: str, **changes: Any) -> Made:
    return day_stay(**{"days": (f"2023-03-{first}", f"2023-03-{last}")} | changes)


HOME = stay("10", "20")
DIALYSIS = [{"code": "ds01.001", "date": "2023-03-10"}, {"code": "A18.05.002", "date": "2023-03-12"}]

ROWS = [
    passes("12.001", "стоматолог", HOME, on("15", "dental")),
    passes("12.001", "диализ", HOME, on("15", service={"code": "A18.05.002"})),
    passes("12.001", "другой человек", HOME, tap(days=("2023-03-15", "2023-03-15"))),
    passes("12.001", "новорождённый", HOME, on("15", newborn="1010320231")),
    passes(
        "12.001",
        "неотложно, стационар другой организации",
        mksb(mo="760002"),
        on("15", help_form="2", purpose="1.1"),
    ),
    fires("12.001", "плановое, стационар другой организации", mksb(mo="760002"), on("15")),
    fires("12.001", "внутри стационара", HOME, on("15")),
    fires("12.001", "неотложное внутри своего стационара", HOME, on("15", help_form="2", purpose="1.1")),
    boundary("12.001", "в день поступления", HOME, on("10")),
    boundary("12.001", "на второй день", HOME, on("11"), fires=True),
    boundary("12.001", "в день выписки", HOME, on("20")),
    #
    passes("12.002", "после выписки", stay("01", "05"), day("10", "15", of=0)),
    passes("12.002", "диализ", HOME, day("12", "15", of=0, services=DIALYSIS)),
    fires("12.002", "внутри стационара", HOME, day("12", "15", of=0)),
    boundary("12.002", "со дня выписки", HOME, day("20", "25", of=0)),
    boundary("12.002", "с кануна выписки", HOME, day("19", "25", of=0), fires=True),
    #
    passes("12.003", "вложенная КСГ", HOME, stay("12", "15", "st01.002", of=0)),
    fires("12.003", "вложенная КСГ выходит наружу", HOME, stay("12", "25", "st01.002", of=0)),
    fires("12.003", "внахлёст", stay("01", "10"), stay("09", "15", of=0)),
    fires("12.003", "один день внутри", stay("01", "10"), stay("05", "05", of=0)),
    fires("12.003", "два в один день", stay("05", "05"), stay("05", "05", of=0)),
    fires("12.003", "отметка на позднем по началу", stay("09", "15"), stay("01", "10", of=0), on=[0]),
    boundary("12.003", "в день выписки", stay("01", "10"), stay("10", "15", of=0)),
    #
    passes("12.004", "диализ", day("01", "14", services=DIALYSIS), day("09", "15", of=0)),
    fires("12.004", "внахлёст", day("01", "10"), day("09", "15", of=0)),
    boundary("12.004", "в день окончания", day("01", "10"), day("10", "15", of=0)),
    #
    passes(
        "12.005",
        "зачтено ранее",
        HOME,
        on("22", "dispensary", services=[visit("2023-03-15"), visit("2023-03-22", code="B04.047.002")]),
    ),
    passes("12.005", "отказ", HOME, on("15", "dispensary", service={"incomplete": "1"})),
    fires("12.005", "осмотр внутри стационара", HOME, on("15", "dispensary")),
    fires("12.005", "мобильная бригада", HOME, on("15", "checkup", mobile_team="1")),
    boundary("12.005", "в день выписки", HOME, on("20", "dispensary")),
    boundary("12.005", "накануне выписки", HOME, on("19", "minors"), fires=True),
    #
    passes("12.006", "другой профиль", day("10", "20"), on("15", profile="29")),
    fires("12.006", "тот же профиль", day("10", "20"), on("15")),
    boundary("12.006", "в день окончания", day("10", "20"), on("20")),
    #
    passes("12.007", "после выписки", HOME, smp(of=0, days=("2023-03-25", "2023-03-25"))),
    fires("12.007", "внутри стационара", HOME, smp(of=0, days=("2023-03-15", "2023-03-15"))),
    boundary("12.007", "в день поступления", HOME, smp(of=0)),
    #
    passes("12.008", "указаны", mksb()),
    fires("12.008", "не указаны", mksb(bed_days=None)),
    fires("12.008", "дневной стационар, пусто", day_stay(bed_days="")),
    boundary("12.008", "ноль", mksb(bed_days="0"), fires=True),
    boundary("12.008", "один", stay("01", "01")),
    #
    passes("12.009", "по датам", stay("01", "05")),
    passes("12.009", "дневной стационар", day("01", "05", bed_days="2")),
    fires("12.009", "на день больше", stay("01", "05", bed_days="5")),
    fires("12.009", "на день меньше", stay("01", "05", bed_days="3")),
    boundary("12.009", "один день", stay("01", "01", bed_days="1")),
    boundary("12.009", "один день, две койки", stay("01", "01", bed_days="2"), fires=True),
    #
    passes("12.010", "с выходными", day("01", "08", bed_days="6")),
    fires("12.010", "больше дней лечения", day("01", "05", bed_days="8")),
    boundary("12.010", "каждый день", day("01", "05", bed_days="5")),
    boundary("12.010", "на один больше", day("01", "05", bed_days="6"), fires=True),
    #
    passes("12.011", "пусто", tap(bed_days="")),
    fires("12.011", "у поликлиники", tap(bed_days="3")),
    fires("12.011", "у вызова", smp(bed_days="1")),
    boundary("12.011", "ноль", tap(bed_days="0")),
    #
    boundary(
        "12.003", "двойня на полисе матери", mksb(newborn="1010320231"), mksb(of=0, newborn="1010320232")
    ),
    boundary(
        "12.003",
        "один из двойни дважды",
        mksb(newborn="1010320231"),
        mksb(of=0, newborn="1010320231"),
        fires=True,
    ),
    #
    passes("12.012", "плановая", mksb(profile="158")),
    passes("12.012", "форма не указана", mksb(profile="158", help_form="")),
    fires("12.012", "экстренная", mksb(profile="158", help_form="1")),
    fires("12.012", "новорождённый", mksb(profile="158", newborn="1010320231")),
    boundary("12.012", "неотложная", tap(profile="158", help_form="2"), fires=True),
    boundary("12.012", "другой профиль", mksb(profile="97", help_form="1")),
]

test_rows = table(ROWS, books=EXTRA)

test_touching_day_stays = table(
    [fires("12.004", "по настройке общий день — пересечение", day("01", "10"), day("10", "15", of=0))],
    params={"day_stay_touch": "1"},
)
