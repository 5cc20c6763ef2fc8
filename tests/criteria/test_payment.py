"""Criteria 20: payment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from omstui.domain.store import db
from tests.criteria.kit import (
    Made,
    boundary,
    case,
    fires,
    from_bill,
    from_d_file,
    mksb,
    nsi,
    passes,
    smp,
    table,
    tap,
    visit,
)
from tests.domain.formkit import insert

AT, BEFORE, LATER = "2023-04-02 09:00:00", "2023-04-01 09:00:00", "2023-04-02 09:00:01"
FOREIGN = {"smo": "77001", "okato": "45000", "region": "77"}
MANY = {"purpose": "3.0", "pay_method": "30"}


def refused(
    road: str = "mek",
    refuses: int = 1,
    *,
    edited: str = "",
    patient_edited: str = "",
    work: str = "новый",
    is_test: int = 0,
    accepted: bool = False,
) -> Callable[[int, int], None]:
    """The case was billed in an earlier registry and came back."""  # fmt: skip

    def after(case_id: int, patient_id: int) -> None:
        file = insert("stored_file", name="a", sha256=f"m{case_id}", size=0, created_at="")
        earlier = insert(
            "registry", period="2023-02", begin_date="2023-02-01", end_date="2023-02-28", is_test=is_test
        )
        answer = insert("answer", road=road, stage=6, file_id=file, name="a", accepted_at=AT)
        number = db.scalar("SELECT max(id) + 1 FROM account")
        account = insert("account", registry_id=earlier, case_id=case_id, xkey=f"r{case_id}", work=work,
                         stage2=2 if refuses else 1, answer2_id=answer)  # fmt: skip
        assert account == number
        insert("refusal", answer_id=answer, account_id=account, stage=6, kind=road, code="1.4.4", text="поля",
               refuses=refuses)  # fmt: skip
        if edited:
            insert("edit", case_id=case_id, entity="case", field="result", at=edited)
        if patient_edited:
            insert("edit", patient_id=patient_id, entity="patient", field="name", at=patient_edited)
        if accepted:
            package = db.scalar("SELECT max(id) FROM package")
            insert(
                "account",
                registry_id=earlier,
                case_id=case_id,
                xkey=f"s{case_id}",
                stage2=1,
                package_id=package,
            )

    return after


def back(updated_at: str = BEFORE, **answer: Any) -> Made:
    return tap(updated_at=updated_at, after=refused(**answer))


def paid(*services: str, **more: Any) -> Made:
    return tap(services=[visit("2023-03-10", code=code) for code in services], **more)


ROWS = [
    passes("20.001", "есть в V010", tap()),
    fires("20.001", "не указан", tap(pay_method="")),
    fires("20.001", "нет в V010", tap(pay_method="99"), also=["20.002", "20.003"]),
    boundary("20.001", "закрыт в день окончания", case("paraclinic", pay_method="25"), also=["20.002", "20.003"], on=[0]),
    boundary("20.001", "закрыт накануне", case("paraclinic", pay_method="26"), fires=True, also=["20.002", "20.003"]),
    *(passes("20.002", kind, case(kind)) for kind in ("outpatient", "dental", "inpatient", "dayhospital", "ambulance")),
    fires("20.002", "стационар за посещение", mksb(pay_method="29")),
    fires("20.002", "скорая за случай", smp(pay_method="32")),
    fires("20.002", "амбулаторно КСГ", tap(pay_method="33"), also=["20.003"]),
    boundary("20.002", "подушевая скорая 36: пока не в настройке", smp(pay_method="36"), fires=True),
    boundary("20.002", "не указан — это 20.001", mksb(pay_method=""), also=["20.001"], on=[0]),
    passes("20.003", "посещение", tap()),
    passes("20.003", "обращение", tap(**MANY)),
    passes("20.001", "в …13X способа оплаты нет", from_bill()),
    fires("20.001", "в …13X неверный", from_bill(pay_method="99"), also=["20.002", "20.003"]),
    passes("20.003", "услуга параклиники", case("paraclinic")),
    passes("20.003", "услуга стоматологии", case("dental", pay_method="28")),
    fires("20.003", "посещение как обращение", tap(pay_method="30")),
    fires("20.003", "обращение как посещение", tap(purpose="3.0", pay_method="29")),
    boundary("20.003", "услуга вне параклиники и стоматологии", tap(purpose="2.3", pay_method="28"), fires=True),
    boundary("20.003", "из D-файла: цель выведена", from_d_file("checkup", purpose="2.1")),
    boundary("20.003", "не из D-файла", case("checkup", purpose="2.1"), fires=True),
    boundary("20.003", "цели нет в списках", tap(purpose="2.3", pay_method="30")),
    passes("20.004", "одним способом", paid("B01.047.001", "B01.047.002")),
    fires("20.004", "двумя способами", paid("B01.047.001", "A09.05.023")),
    boundary("20.004", "вторая услуга бесплатна",
             tap(services=[visit("2023-03-10"), visit("2023-03-10", code="A09.05.023", tariff=0)])),
    boundary("20.004", "тариф второй услуги закрыт", paid("B01.047.001", "A09.05.024")),
    boundary("20.004", "другой способ только у детского тарифа", paid("B01.047.001", "A09.05.025")),
    passes("20.005", "свой регион, любой способ", tap(pay_method="25")),
    passes("20.005", "другой регион, за посещение", tap(policy=FOREIGN)),
    fires("20.005", "другой регион, подушевой", tap(policy=FOREIGN, pay_method="25")),
    boundary("20.005", "регион виден по СМО", tap(policy=FOREIGN | {"okato": ""}, pay_method="25"), fires=True),
    boundary("20.005", "ОКАТО своего региона подробнее", tap(policy={"okato": "78000401"}, pay_method="25")),
    passes("20.006", "отказов нет", tap()),
    passes("20.006", "исправлен потом", back(LATER)),
    fires("20.006", "снят МЭК и не исправлен", back()),
    fires("20.006", "вернулся с ошибкой ФЛК", back(road="flk", refuses=0)),
    boundary("20.006", "исправлен в ту же секунду", back(AT), fires=True),
    boundary("20.006", "исправлен пациент", back(patient_edited=LATER)),
    boundary("20.006", "правка случая записана в историю", back(edited=LATER)),
    boundary("20.006", "правка была до отказа", back(edited=BEFORE), fires=True),
    boundary("20.006", "снята часть суммы", back(refuses=0)),
    boundary("20.006", "оператор снял случай", back(work="снят")),
    boundary("20.006", "проверочный реестр", back(is_test=1)),
    boundary("20.006", "подан снова и принят", back(accepted=True)),
]  # fmt: skip
#: rows of 20.005 and of V010 in another way break rules of their neighbours: told where they are shown
for row in ROWS:
    if row.code == "20.005" and row.cases[0].case["pay_method"] == "25":
        row.expect |= {"20.002", "20.003"}
        row.on = (0,)

BOOKS = {
    "V010": [
        *nsi("V010", "24", "28", "29", "30", "32", "33", "36"),
        *nsi("V010", "25", end_date="2023-03-10"),
        *nsi("V010", "26", end_date="2023-03-09"),
    ],
    "tariff": [
        {"code": "B01.047.001", "price": 50000, "pay_method": "29"},
        {"code": "B01.047.002", "price": 50000, "pay_method": "29"},
        {"code": "A09.05.023", "price": 50000, "pay_method": "28"},
        {"code": "A09.05.024", "price": 50000, "pay_method": "28", "end_date": "2023-03-09"},
        {"code": "A09.05.025", "price": 50000, "pay_method": "29", "child": "0"},
        {"code": "A09.05.025", "price": 50000, "pay_method": "28", "child": "1"},
    ],
}  # fmt: skip

test_rows = table(ROWS, books=BOOKS)
