"""Criteria 03: identity document."""

from __future__ import annotations

from itertools import count
from typing import Any

from tests.criteria.kit import Made, boundary, fires, passes, smp, table, tap

_NUMBERS = count(100001)
OLD = {"type": "1", "series": "АБ", "enp": ""}
PASSPORT = {"doc_type": "14", "doc_series": "12 34", "doc_date": "2018-05-06"}
CERTIFICATE = {"doc_type": "3", "doc_series": "IV-ЖА", "doc_date": "2014-01-02", "birth_date": "2013-12-31"}


def holder(policy: dict[str, Any] | None = None, make: Any = tap, **patient: Any) -> Made:
    """A patient with a passport, the policy of the single form unless said."""
    if policy is not None:
        policy = {"number": f"Н{next(_NUMBERS)}"} | policy
    return make(patient={"doc_number": str(next(_NUMBERS))} | PASSPORT | patient, policy=policy)


def child(**patient: Any) -> Made:
    return tap(patient=CERTIFICATE | {"doc_number": str(next(_NUMBERS))} | patient)


ROWS = [
    passes("03.001", "ЕНП без документа", tap()),
    passes("03.001", "старый полис с паспортом", holder(OLD, birth_place="г. Ярославль")),
    fires("03.001", "старый полис без документа", tap(policy=OLD | {"number": "Н1"})),
    fires("03.001", "вида документа 99 нет", holder(doc_type="99")),
    fires("03.001", "вид документа не указан", holder(doc_type="")),
    fires("03.001", "нет ни полиса, ни документа", tap(policies=[])),
    boundary("03.001", "ЕНП из 15 цифр — это 02.004", tap(policy={"number": "790000000000001", "enp": ""})),
    boundary("03.001", "единый полис без номера", tap(policy={"number": "", "enp": ""}), fires=True),
    boundary("03.001", "ЕНП был, но кончился — это 02.002", tap(policy={"end_date": "2023-03-09"})),
    passes("03.002", "паспорт", holder()),
    passes("03.002", "свидетельство", child()),
    passes("03.002", "у иных документов серии нет", holder(doc_type="18", doc_series="")),
    fires("03.002", "буквы в серии паспорта", holder(doc_series="АБ 34")),
    fires("03.002", "не римское число", child(doc_series="41-ЖА")),
    fires("03.002", "серия там, где её нет", holder(doc_type="18", doc_series="1")),
    boundary("03.002", "серия паспорта без пробела", holder(doc_series="1234"), fires=True),
    passes("03.003", "паспорт", holder()),
    fires("03.003", "буква", holder(doc_number="12345О")),
    boundary("03.003", "7 цифр: последняя необязательна", holder(doc_number="1234567")),
    boundary("03.003", "8 цифр", holder(doc_number="12345678"), fires=True),
    boundary("03.003", "5 цифр", holder(doc_number="12345"), fires=True),
    passes("03.004", "дата есть", holder(OLD, birth_place="г. Ярославль")),
    fires("03.004", "даты нет", holder(OLD, birth_place="г. Ярославль", doc_date="")),
    boundary("03.004", "даты нет, но полис единый", holder(doc_date="")),
    passes("03.005", "между рождением и лечением", holder()),
    fires("03.005", "до рождения", holder(doc_type="18", doc_series="", doc_date="1973-05-04")),
    fires("03.005", "после лечения", holder(doc_date="2023-03-11")),
    boundary("03.005", "в день рождения", holder(doc_type="18", doc_series="", doc_date="1973-05-05")),
    boundary("03.005", "в последний день лечения", holder(doc_date="2023-03-10")),
    passes("03.006", "место рождения есть", holder(OLD, birth_place="г. Ярославль")),
    fires("03.006", "места рождения нет", holder(OLD)),
    boundary("03.006", "одни пробелы", holder(OLD, birth_place="  "), fires=True),
    boundary("03.006", "полис единый", holder()),
    passes("03.006", "скорая", holder(OLD, make=smp)),
    passes("03.006", "другой документ", holder(OLD, doc_type="18", doc_series="")),
    passes("03.007", "паспорт взрослого", holder()),
    fires("03.007", "паспорт в 13 лет", holder(birth_date="2000-05-06", doc_date="2013-12-31")),
    boundary("03.007", "паспорт в день 14-летия", holder(birth_date="2000-05-06", doc_date="2014-05-06")),
    boundary("03.007", "паспорт накануне 14-летия", holder(birth_date="2000-05-06", doc_date="2014-05-05"), fires=True),
    boundary("03.007", "свидетельство, накануне 15 лет", child(birth_date="2008-03-11", doc_date="2008-04-01")),
    boundary("03.007", "свидетельство, 15 лет", child(birth_date="2008-03-10", doc_date="2008-04-01"), fires=True),
    passes("03.008", "разные документы", holder(), holder()),
    fires("03.008", "один документ у двоих", holder(doc_number="900001"), holder(doc_number="900001"), on=[0, 1]),
    fires("03.008", "в номере пробел", holder(doc_type="18", doc_series="", doc_number="900 002"),
          holder(doc_type="18", doc_series="", doc_number="900002"), on=[0, 1]),
    boundary("03.008", "другая серия", holder(doc_number="900003"), holder(doc_number="900003", doc_series="12 35")),
    boundary("03.008", "номера нет", holder(doc_type="18", doc_series="", doc_number=""),
             holder(doc_type="18", doc_series="", doc_number="")),
]  # fmt: skip

test_rows = table(ROWS)
