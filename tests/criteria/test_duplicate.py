"""Criteria 11: duplicates."""

from __future__ import annotations

from typing import Any

from omstui.domain.store import db
from tests.criteria.kit import (
    BOOKS,
    Fields,
    Made,
    boundary,
    case,
    day_stay,
    enp,
    fires,
    mksb,
    passes,
    smp,
    table,
    tap,
    tariffs,
    visit,
)
from tests.domain.formkit import insert

OURS, THEIRS, LEFT, ON_LAST_DAY = (enp(810000 + n) for n in range(4))

EXTRA = {
    "services": [
        *BOOKS["services"],
        {"code": "A11.12.003", "name": "Укол", "repeatable": 1},
        {"code": "A18.05.002", "name": "Гемодиализ", "beside_stay": 1},
        {"code": "A06.09.006", "name": "Флюорография"},
        {"code": "B03.016.002", "name": "Общий анализ крови"},
    ],
    "inclusions": [{"parent": "B03.016.002", "child": "A09.05.023"}],
    "exclusions": [{"code1": "A06.09.006", "code2": "A06.09.007"}],
    "disp_program": [
        {"kind": "dispensary", "stage": "1", "code": "A09.05.023", "sex": "1", "age_min": 18, "age_max": 99},
        {"kind": "dispensary", "stage": "1", "code": "A06.09.006", "sex": "2"},
    ],
    "attachments": [
        {"enp": OURS, "mo": "760001", "begin_date": "2020-01-01"},
        {"enp": THEIRS, "mo": "760002", "begin_date": "2020-01-01"},
        {"enp": LEFT, "mo": "760001", "begin_date": "2020-01-01", "end_date": "2023-03-09"},
        {"enp": ON_LAST_DAY, "mo": "760001", "begin_date": "2020-01-01", "end_date": "2023-03-10"},
    ],
    "tariff": [row | {"capitation": int(row["code"] == "A09.05.023")} for row in tariffs()],
}


def appeal(first: str, last: str, **changes: Any) -> Made:
    """Обращение: the first visit and the last one."""
    listed = [visit(f"2023-03-{first}"), visit(f"2023-03-{last}")]
    return tap(
        **{"purpose": "3.0", "days": (f"2023-03-{first}", f"2023-03-{last}"), "services": listed} | changes
    )


def lab(day: str = "10", code: str = "A09.05.023", **changes: Any) -> Made:
    return case("paraclinic", days=(f"2023-03-{day}", f"2023-03-{day}"), service={"code": code}, **changes)


def stay(first: str, last: str, code: str = "st01.001", **changes: Any) -> Made:
    days = (f"2023-{first}", f"2023-{last}")
    return mksb(days=days, service={"code": code}, ksg=code, **changes)


def item(code: str, day: str = "10", **changes: Any) -> Fields:
    return visit(f"2023-03-{day}", code=code, **changes)


def sent_too(case_id: int, patient: int) -> None:
    """The case stands in the exported registry of February as well."""
    number = db.scalar("SELECT id FROM registry WHERE package_id IS NOT NULL")
    package = db.scalar("SELECT package_id FROM registry WHERE id = ?", (number,))
    insert("account", registry_id=number, case_id=case_id, xkey=f"два{case_id}", number=1, package_id=package)


ROWS = [
    passes(
        "11.001",
        "другой профиль",
        stay("03-01", "03-10"),
        stay("03-01", "03-10", "st01.002", of=0, profile="68"),
    ),
    fires("11.001", "тот же стационар", stay("03-01", "03-10"), stay("03-01", "03-10", "st01.002", of=0)),
    boundary(
        "11.001", "выписан днём позже", stay("03-01", "03-10"), stay("03-01", "03-11", "st01.002", of=0)
    ),
    passes("11.001", "разные исследования за услугу", lab(), lab(code="A06.09.007", of=0)),
    fires("11.001", "одно исследование дважды", lab(), lab(of=0), also=["11.006"]),
    passes("11.001", "разовые посещения с другим диагнозом", tap(), tap(of=0, ds_main="I10")),
    passes("11.001", "двойня на полисе матери", mksb(newborn="1010320231"), mksb(of=0, newborn="1010320232")),
    passes("11.001", "новорождённый и мать", mksb(), mksb(of=0, newborn="1010320231")),
    #
    passes("11.002", "другое заболевание", tap(ds_main="I10"), tap(of=0)),
    fires("11.002", "тот же терапевт в тот же день", tap(), tap(of=0, ds_main="J06.0")),
    boundary("11.002", "на следующий день", tap(), tap(of=0, days=("2023-03-11", "2023-03-11"))),
    passes("11.002", "другой специалист", tap(), tap(of=0, specialty="69")),
    passes("11.002", "случай в другом реестре", tap(registry=False), tap(of=0)),
    #
    passes("11.003", "прошлый отклонён", tap(registry="sent", account={"stage1": 2}), tap(of=0)),
    passes("11.003", "подан повторно", tap(registry="sent"), tap(of=0, account={"repeat": "repeat"})),
    fires("11.003", "подан в феврале", tap(registry="sent"), tap(of=0)),
    fires("11.003", "этот же случай в феврале", tap(after=sent_too)),
    boundary(
        "11.003", "начат днём раньше", tap(registry="sent"), tap(of=0, days=("2023-03-09", "2023-03-10"))
    ),
    fires("11.003", "тот же вызов", smp(registry="sent", nhistory="В1"), smp(of=0, nhistory="В1")),
    boundary(
        "11.003", "вызов с другой картой", smp(registry="sent", nhistory="В2"), smp(of=0, nhistory="В3")
    ),
    #
    passes("11.004", "карты разные", stay("03-01", "03-05"), stay("03-10", "03-15")),
    fires(
        "11.004",
        "одна карта у двух",
        stay("03-01", "03-05", nhistory="Н1"),
        stay("03-10", "03-15", nhistory="Н1"),
    ),
    boundary(
        "11.004",
        "тот же номер прошлым годом",
        mksb(days=("2022-12-31", "2023-01-05"), nhistory="Н2", registry=False),
        stay("01-01", "03-05", nhistory="Н2"),
    ),
    passes(
        "11.004",
        "перевод внутри организации",
        stay("03-01", "03-05", nhistory="Н3"),
        stay("03-05", "03-15", of=0, nhistory="Н3", ds_main="E11"),
    ),
    passes(
        "11.004",
        "двойня на карте матери",
        mksb(nhistory="Н4", newborn="1010320231"),
        mksb(of=0, nhistory="Н4", newborn="1010320232"),
    ),
    #
    passes("11.005", "другой врач", tap(services=[item("A09.05.023"), item("A09.05.023", doctor="D2")])),
    passes("11.005", "повторяемая", tap(services=[item("A11.12.003"), item("A11.12.003")])),
    passes(
        "11.005", "другой зуб", tap(services=[item("A16.07.002", tooth="11"), item("A16.07.002", tooth="12")])
    ),
    fires("11.005", "дважды", tap(services=[item("A09.05.023"), item("A09.05.023")])),
    boundary("11.005", "в разные дни", tap(services=[item("A09.05.023"), item("A09.05.023", "09")])),
    #
    passes(
        "11.006",
        "вторая без суммы",
        tap(services=[item("A09.05.023")]),
        tap(of=0, ds_main="I10", services=[item("A09.05.023", tariff=0)]),
    ),
    passes("11.006", "посещения не считаются", tap(), tap(of=0, ds_main="I10")),
    fires(
        "11.006",
        "анализ в двух случаях",
        tap(services=[item("A09.05.023")]),
        tap(of=0, ds_main="I10", services=[item("A09.05.023")]),
    ),
    fires(
        "11.006",
        "тот же зуб",
        tap(services=[item("A16.07.002", tooth="11")]),
        tap(of=0, ds_main="I10", services=[item("A16.07.002", tooth="11")]),
    ),
    boundary(
        "11.006",
        "соседний зуб",
        tap(services=[item("A16.07.002", tooth="11")]),
        tap(of=0, ds_main="I10", services=[item("A16.07.002", tooth="12")]),
    ),
    boundary(
        "11.006",
        "на другой день",
        tap(services=[item("A09.05.023")]),
        tap(of=0, ds_main="I10", services=[item("A09.05.023", "11")]),
    ),
    #
    passes(
        "11.007", "другой профиль", appeal("02", "09"), appeal("05", "15", of=0, ds_main="I10", profile="29")
    ),
    passes(
        "11.007",
        "онкология",
        appeal("02", "09", profile="60"),
        appeal("05", "15", of=0, ds_main="I10", profile="60"),
    ),
    fires("11.007", "внахлёст", appeal("02", "09"), appeal("05", "15", of=0, ds_main="I10")),
    boundary(
        "11.007", "в день окончания", appeal("02", "09"), appeal("09", "15", of=0, ds_main="I10"), fires=True
    ),
    boundary("11.007", "на следующий день", appeal("02", "09"), appeal("10", "15", of=0, ds_main="I10")),
    fires(
        "11.007",
        "раньше начато позже внесённое",
        appeal("05", "15"),
        appeal("02", "09", of=0, ds_main="I10"),
        on=[0],
    ),
    #
    passes(
        "11.008",
        "неотложное",
        appeal("02", "09"),
        tap(of=0, purpose="1.1", help_form="2", days=("2023-03-05",) * 2),
    ),
    passes(
        "11.008", "другое заболевание", appeal("02", "09"), tap(of=0, ds_main="I10", days=("2023-03-05",) * 2)
    ),
    fires("11.008", "внутри обращения", appeal("02", "09"), tap(of=0, days=("2023-03-05",) * 2)),
    boundary(
        "11.008", "в день окончания", appeal("02", "09"), tap(of=0, days=("2023-03-09",) * 2), fires=True
    ),
    boundary("11.008", "на следующий день", appeal("02", "09"), tap(of=0, days=("2023-03-10",) * 2)),
    #
    passes("11.009", "входящая без суммы", tap(services=[item("B03.016.002"), item("A09.05.023", tariff=0)])),
    fires("11.009", "обе с суммой", tap(services=[item("B03.016.002"), item("A09.05.023")])),
    boundary(
        "11.009", "основная без суммы", tap(services=[item("B03.016.002", tariff=0), item("A09.05.023")])
    ),
    #
    passes("11.010", "диализ", stay("03-10", "03-20"), lab("15", "A18.05.002", of=0)),
    passes("11.010", "оплата за посещение", stay("03-10", "03-20"), lab("15", of=0, pay_method="29")),
    passes(
        "11.010",
        "направил другой стационар",
        mksb(mo="760002", days=("2023-03-10", "2023-03-20")),
        lab("15", of=0, ref_mo="760002"),
    ),
    fires("11.010", "внутри стационара", stay("03-10", "03-20"), lab("15", of=0)),
    boundary("11.010", "в день поступления", stay("03-10", "03-20"), lab("10", of=0)),
    boundary("11.010", "в день выписки", stay("03-10", "03-20"), lab("20", of=0)),
    #
    passes("11.011", "без суммы", case("dispensary"), tap(of=0, services=[item("A09.05.023", tariff=0)])),
    passes("11.011", "не для этого пола", case("dispensary"), tap(of=0, services=[item("A06.09.006")])),
    fires("11.011", "анализ осмотра отдельно", case("dispensary"), tap(of=0, services=[item("A09.05.023")])),
    boundary(
        "11.011", "на следующий день", case("dispensary"), tap(of=0, services=[item("A09.05.023", "11")])
    ),
    #
    passes("11.012", "прикреплён к другой", lab(policy={"enp": THEIRS})),
    passes("11.012", "не прикреплён", lab()),
    fires("11.012", "прикреплён к нам", lab(policy={"enp": OURS})),
    boundary("11.012", "откреплён днём раньше", lab(policy={"enp": LEFT})),
    boundary("11.012", "последний день прикрепления", lab(policy={"enp": ON_LAST_DAY}), fires=True),
    #
    passes(
        "11.013", "отказ от одной", tap(services=[item("A06.09.006", incomplete="1"), item("A06.09.007")])
    ),
    fires("11.013", "в одном случае", tap(services=[item("A06.09.006"), item("A06.09.007")])),
    fires(
        "11.013",
        "в двух случаях",
        tap(services=[item("A06.09.007")]),
        tap(of=0, ds_main="I10", services=[item("A06.09.006")]),
    ),
    boundary("11.013", "в разные дни", tap(services=[item("A06.09.006"), item("A06.09.007", "11")])),
    #
    passes("11.014", "другой диагноз", appeal("02", "03"), appeal("17", "20", of=0, ds_main="J06.0")),
    fires("11.014", "через неделю", appeal("02", "03"), appeal("10", "20", of=0)),
    boundary("11.014", "через 14 дней", appeal("02", "03"), appeal("17", "20", of=0), fires=True),
    boundary("11.014", "через 15 дней", appeal("02", "03"), appeal("18", "20", of=0)),
    #
    passes("11.015", "прошлая — перевод", stay("03-01", "03-05", result="102"), stay("03-05", "03-20", of=0)),
    passes(
        "11.015", "другое заболевание", stay("02-01", "02-05"), stay("03-05", "03-20", of=0, ds_main="E11")
    ),
    fires("11.015", "через неделю", stay("03-01", "03-05"), stay("03-12", "03-20", of=0)),
    fires("11.015", "дневной стационар", day_stay(days=("2023-03-01", "2023-03-05")), day_stay(of=0)),
    boundary("11.015", "через 30 дней", stay("02-01", "02-05"), stay("03-07", "03-20", of=0), fires=True),
    boundary("11.015", "через 31 день", stay("02-01", "02-05"), stay("03-08", "03-20", of=0)),
]

test_rows = table(ROWS, books=EXTRA)
