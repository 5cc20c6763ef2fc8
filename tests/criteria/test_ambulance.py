"""Criteria 15: ambulance."""

from __future__ import annotations

from typing import Any

from omstui.domain.store import db
from tests.criteria.kit import Fields, Made, boundary, fires, passes, smp, table

CALL: Fields = {
    "code": "B01.044.001",
    "date": "2023-03-10",
    "doctor": "D3",
    "specialty": "49",
    "profile": "84",
}


def on(day: str, **fields: Any) -> Made:
    return smp(days=(day, day), **fields)


def study(**fields: Any) -> Fields:
    return CALL | {"code": "A09.05.023"} | fields


def refused(case_id: int, patient: int) -> None:
    db.execute("UPDATE account SET stage1 = 2 WHERE case_id = ?", (case_id,))


def deleted(case_id: int, patient: int) -> None:
    db.execute("UPDATE cases SET deleted_at = '2023-03-12' WHERE id = ?", (case_id,))


ROWS = [
    passes("15.001", "один день", smp()),
    fires("15.001", "разные дни", smp(date_out="2023-03-12")),
    boundary("15.001", "через полночь", smp(date_out="2023-03-11"), fires=True),
    passes("15.002", "один вызов", smp()),
    fires("15.002", "вызова нет", smp(services=[study(tariff=0)])),
    fires("15.002", "два вызова", smp(services=[CALL, CALL])),
    boundary("15.002", "количество 1,01", smp(service={"quantity": 101}), fires=True),
    boundary("15.002", "две половины", smp(services=[CALL | {"quantity": 50}] * 2)),
    passes("15.003", "только вызов", smp()),
    fires("15.003", "оплачиваемая услуга", smp(services=[CALL, study()])),
    boundary("15.003", "услуга без оплаты", smp(services=[CALL, study(tariff=0)])),
    boundary("15.003", "услуга на копейку", smp(services=[CALL, study(tariff=1)]), fires=True),
    passes("15.004", "разные номера", smp(nhistory="С1"), smp(nhistory="С2")),
    fires("15.004", "тот же номер у другого пациента", smp(nhistory="С3"), smp(nhistory="С3")),
    fires(
        "15.004", "повтор у того же пациента",
        smp(nhistory="С4"), smp(nhistory="С4", of=0, ds_main="S00.0"),
    ),
    fires("15.004", "первый подан раньше", smp(nhistory="С5", registry="sent"), smp(nhistory="С5")),
    fires("15.004", "первый вне реестра", smp(nhistory="С6", registry=False), smp(nhistory="С6")),
    boundary("15.004", "на следующий день", on("2023-03-10", nhistory="С7"), on("2023-03-11", nhistory="С7")),
    boundary("15.004", "первый отклонён", smp(nhistory="С8", registry="sent", after=refused), smp(nhistory="С8")),
    boundary("15.004", "первый удалён", smp(nhistory="С9", registry=False, after=deleted), smp(nhistory="С9")),
    boundary("15.004", "номер не заполнен", smp(nhistory=""), smp(nhistory="")),
    passes("15.005", "разные поводы", smp(), smp(of=0, ds_main="S00.0")),
    fires("15.005", "второй в тот же день", smp(), smp(of=0)),
    boundary("15.005", "назавтра, та же рубрика", smp(ds_main="I11.0"), on("2023-03-11", of=0, ds_main="I11.9"), fires=True),
    boundary("15.005", "через день", smp(), on("2023-03-12", of=0)),
    boundary("15.005", "другой пациент", smp(), smp()),
    boundary("15.005", "первый позже второго по номеру", on("2023-03-11"), on("2023-03-10", of=0), fires=True, on=[0]),
    passes("15.006", "педиатр", smp()),
    fires("15.006", "терапевт", smp(specialty="76")),
    *(boundary("15.006", f"допускается {code}", smp(specialty=code)) for code in ("4", "66", "283")),
    boundary("15.006", "специальности нет — 06.003", smp(specialty="")),
    passes("15.007", "84", smp()),
    fires("15.007", "терапия", smp(profile="97")),
    boundary("15.007", "профиля нет — 06.012", smp(profile="")),
    passes("15.008", "помощь оказана", smp()),
    fires("15.008", "смерть до приезда", smp(result="411", outcome="402")),
    boundary("15.008", "без суммы", smp(result="411", outcome="402", service={"tariff": 0})),
    boundary("15.008", "отказ: список региона пуст", smp(result="408", outcome="402")),
]  # fmt: skip

test_rows = table(ROWS)

#: a region that does not pay refused calls and lets a nurse of V021 206 go
REGION = [
    fires("15.008", "отказ от помощи", smp(result="408", outcome="402")),
    passes("15.006", "фельдшер", smp(specialty="206")),
    boundary("15.006", "прежний список заменён", smp(specialty="66"), fires=True),
]

test_region = table(REGION, params={"smp_no_result": "407, 408", "smp_specialties": "49 206"})
