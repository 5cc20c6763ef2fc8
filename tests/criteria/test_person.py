"""Criteria 01: patient."""

from __future__ import annotations

from typing import Any

from tests.criteria.kit import Made, boundary, case, fires, passes, smp, snils, table, tap


def man(**patient: Any) -> Made:
    return tap(patient=patient)


def two(first: dict[str, Any], second: dict[str, Any], **more: Any) -> tuple[Made, Made]:
    return tap(patient=first), tap(patient=second, **more)


def bare(number: str) -> str:
    return number.replace("-", "").replace(" ", "")


TWIN = {"surname": "Двойников", "name": "Олег", "patronymic": "Петрович", "birth_date": "1970-01-02"}
CHILD = {"rep_surname": "Мамина", "rep_name": "Анна", "rep_sex": "2", "rep_birth_date": "1995-01-02"}
NEWBORN = {"birth_date": "2023-03-01", **CHILD}

ROWS = [
    *(
        passes("00.000", f"верный случай: {kind}", case(kind))
        for kind in (
            "outpatient",
            "dental",
            "paraclinic",
            "inpatient",
            "dayhospital",
            "ambulance",
            "dispensary",
            "checkup",
            "minors",
            "orphans",
        )
    ),
    passes("01.001", "фамилия из одной буквы", man(surname="О")),
    passes("01.001", "фамилии нет в документе", man(surname="", reliability="2", birth_date="1973-05-01")),
    passes("01.001", "новорождённый без фамилии", tap(patient=NEWBORN | {"surname": ""}, newborn="110323")),
    fires("01.001", "пусто", man(surname="", birth_date="1973-05-02")),
    fires("01.001", "отмечено отсутствие отчества, а не фамилии", man(surname="", reliability="1", birth_date="1973-05-03"),
          also=["01.003"]),
    boundary("01.001", "одни пробелы, точки и дефисы", man(surname=" .- ", birth_date="1973-05-04"), fires=True),
    passes("01.002", "имя есть", man(name="Я")),
    passes("01.002", "имени нет в документе", man(name="", reliability="3")),
    fires("01.002", "пусто", man(name="")),
    boundary("01.002", "один дефис", man(name="-"), fires=True),
    passes("01.003", "отчество есть", man(patronymic="Ильич")),
    passes("01.003", "отчества нет в документе", man(patronymic="", reliability="1")),
    passes("01.003", "коды достоверности списком", man(patronymic="", reliability="1,5")),
    fires("01.003", "пусто и не отмечено", man(patronymic="")),
    fires("01.003", "слово вместо отчества", man(patronymic="НЕТ", reliability="1")),
    fires("01.003", "отмечено, что отчества нет, а оно есть", man(reliability="1")),
    boundary("01.003", "код 11 — не код 1", man(patronymic="", reliability="11"), fires=True),
    passes("01.004", "Ё, пробел, дефис, точка, апостроф, цифра", man(surname="О'Ёлкин-Палкин 2-й", name="Ян.")),
    fires("01.004", "латинская C", man(surname="Cидоров")),
    fires("01.004", "дефис в конце", man(name="Анна-")),
    fires("01.004", "скобка в отчестве", man(patronymic="Иль(ич")),
    boundary("01.004", "40 знаков", man(surname="Я" * 40)),
    boundary("01.004", "41 знак", man(surname="Я" * 41), fires=True),
    passes("01.005", "дата есть", man(birth_date="1980-01-01")),
    fires("01.005", "даты нет", man(birth_date=None)),
    fires("01.005", "новорождённому она нужна", tap(patient=CHILD | {"birth_date": None}, newborn="110323")),
    boundary("01.005", "пустой текст — тоже нет", man(birth_date=""), fires=True),
    passes("01.006", "родился раньше", man(birth_date="1980-01-01")),
    fires("01.006", "родился после", man(birth_date="2023-03-11")),
    boundary("01.006", "в день лечения", man(birth_date="2023-03-10")),
    passes("01.007", "1980 год", man(birth_date="1980-01-01")),
    fires("01.007", "1899 год", man(birth_date="1899-12-31")),
    fires("01.007", "завтра", man(birth_date="2023-04-06"), also=["01.006"]),
    boundary("01.007", "120 лет", man(birth_date="1902-03-11")),
    boundary("01.007", "121 год", man(birth_date="1902-03-10"), fires=True),
    boundary("01.007", "сегодня", man(birth_date="2023-04-05"), also=["01.006"], on=[0]),
    passes("01.008", "мужчина", man(sex="1")),
    passes("01.008", "женщина", man(sex="2")),
    fires("01.008", "не указан", man(sex="")),
    boundary("01.008", "3", man(sex="3"), fires=True),
    passes("01.009", "пусто", man(snils="")),
    passes("01.009", "11 цифр без знаков", man(snils=bare(snils(700001)))),
    fires("01.009", "10 цифр", man(snils="112-233-44 95")),
    fires("01.009", "буква", man(snils="112-233-445 9О")),
    boundary("01.009", "12 цифр", man(snils="112233445950"), fires=True),
    boundary("01.009", "печатный вид", man(snils=snils(700002))),
    passes("01.010", "верный", man(snils="087-654-303 00")),
    passes("01.010", "сумма 100 — 00", man(snils="900-000-059 00")),
    fires("01.010", "опечатка", man(snils="112-233-445 96")),
    fires("01.010", "опечатка без знаков", man(snils="11223344597")),
    boundary("01.010", "последний номер без контроля", man(snils="001-001-998 77")),
    boundary("01.010", "первый с контролем", man(snils="001-001-999 77"), fires=True),
    passes("01.011", "разные СНИЛС", *two({"snils": snils(700003)}, {"snils": snils(700004)})),
    fires(
        "01.011",
        "один СНИЛС в разном виде у двух карточек",
        *two({"snils": snils(700005)}, {"snils": bare(snils(700005))}),
        on=[0, 1],
    ),
    fires("01.011", "вторая карточка не в реестре", *two({"snils": snils(700006)}, {"snils": snils(700006)},
          registry=False), on=[0]),
    boundary("01.011", "у двоих пусто", *two({"snils": ""}, {"snils": ""})),
    passes("01.012", "тёзки разного года", *two(TWIN, TWIN | {"birth_date": "1971-01-02"})),
    fires("01.012", "Ё и Е, лишние пробелы", *two(
        TWIN | {"surname": "Берёзов"}, TWIN | {"surname": "Березов", "name": " Олег "}), on=[0, 1]),
    boundary("01.012", "близнецы", *two(TWIN | {"name": "Иван"}, TWIN | {"name": "Илья"})),
    boundary("01.012", "второй — новорождённый", *two(
        NEWBORN | {"surname": "Мамина", "name": "Ия"}, NEWBORN | {"surname": "Мамина", "name": "Ия"},
        newborn="201032301")),
    passes("01.012", "два случая одной карточки", tap(), smp(of=0)),
]  # fmt: skip

test_rows = table(ROWS)
