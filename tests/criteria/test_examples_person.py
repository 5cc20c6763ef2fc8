"""Worked examples of the specification by their numbers: groups 01–04, 16, 19."""

from __future__ import annotations

from typing import Any

from tests.criteria.kit import Made, boundary, case, fires, mksb, passes, table, tap, visit


def man(snils: str) -> Made:
    return tap(patient={"snils": snils})


def united(number: str) -> Made:
    return tap(policy={"number": number, "enp": number})


def until_14(day: str) -> Made:
    """A visit on a day, the policy ends on 14 March."""
    return tap(days=(day, day), policy={"begin_date": "2022-01-01", "end_date": "2023-03-14"})


def treated(*days: str) -> Made:
    """An обращение 02.03–09.03 with these visits."""
    return tap(purpose="3.0", pay_method="30", date_in="2023-03-02", date_out="2023-03-09",
               services=[visit(f"2023-03-{day}", tariff=25000) for day in days])  # fmt: skip


def priced(tariff: int, total: int) -> Made:
    return case("paraclinic", service={"quantity": 200, "tariff": tariff, "source_sum": total})


def planned(date_in: str) -> Made:
    return mksb(days=(date_in, "2023-03-20"), ref_date="2023-01-01")


OLD: dict[str, Any] = {"type": "1", "series": "АБ", "number": "123456", "enp": ""}
ROWS = [
    passes("01.010", "пример 1: СНИЛС верный", man("112-233-445 95")),
    fires("01.010", "пример 1: неверное контрольное число", man("112-233-445 96")),
    fires("01.009", "пример 1: не хватает цифры", man("112-233-44 95")),
    passes("01.009", "пример 1: пусто", man("")),
    passes("02.005", "пример 2: ЕНП верный", united("4790000000000014")),
    fires("02.005", "пример 2: неверная контрольная цифра", united("4790000000000015")),
    fires("02.004", "пример 2: 15 цифр", united("479000000000001")),
    boundary("02.002", "пример 3: последний день полиса", until_14("2023-03-14")),
    boundary("02.002", "пример 3: на другой день", until_14("2023-03-15"), fires=True),
    passes("04.008", "пример 11: посещения 02.03 и 09.03", treated("02", "09")),
    fires("04.008", "пример 11: только 02.03", treated("02"), also=["08.011"]),
    fires("04.007", "пример 11: 03.03 и 09.03", treated("03", "09")),
    fires("03.001", "пример 19: не ЕНП и нет документа", tap(policy=OLD)),
    passes("03.001", "пример 19: ЕНП и нет документа", tap()),
    passes("19.002", "пример 20: 150.00 × 2 = 300.00", priced(15000, 30000)),
    fires("19.002", "пример 20: 150.00 × 2, сумма 280.00", priced(15000, 28000)),
    boundary("16.006", "пример 21: 60 дней", planned("2023-03-02")),
    boundary("16.006", "пример 21: 61 день", planned("2023-03-03"), fires=True),
]

test_rows = table(ROWS, whole=True)
