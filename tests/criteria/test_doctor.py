"""Criteria 06: doctor and profile."""

from __future__ import annotations

from typing import Any

from tests.criteria import kit
from tests.criteria.kit import (
    Made,
    boundary,
    case,
    day_stay,
    fires,
    from_d_file,
    mksb,
    nsi,
    passes,
    smp,
    table,
    tap,
)

WOMAN = {"sex": "2"}
#: days of birth: tomorrow and today the age comes (the case begins on 10.03.2023)
BEFORE_18, NOW_18 = "2005-03-11", "2005-03-10"
BEFORE_15, NOW_15 = "2008-03-11", "2008-03-10"
BEFORE_1, NOW_1 = "2022-03-11", "2022-03-10"


def born(birth: str, **fields: Any) -> Made:
    return tap(patient={"birth_date": birth}, **fields)


DOCTOR = [
    passes("06.001", "указан", mksb()),
    fires("06.001", "не указан в МКСБ", mksb(doctor="")),
    boundary("06.001", "не указан в СМП", smp(doctor=""), fires=True),
    boundary("06.001", "ТАП без врача не формируется (90.004)", tap(doctor="")),
    passes("06.002", "работает", tap()),
    passes("06.002", "врач записан СНИЛС", tap(doctor="112-233-445 95")),
    passes("06.002", "врач записан СНИЛС без дефисов", tap(doctor="11223344595")),
    fires("06.002", "кода нет в справочнике", tap(doctor="0"), also=["06.004"]),
    boundary("06.002", "последний день работы", tap(doctor="LAST")),
    boundary("06.002", "уволен накануне", tap(doctor="GONE"), fires=True),
    boundary("06.002", "принят в этот день", tap(doctor="FIRST")),
    boundary("06.002", "принят на следующий день", tap(doctor="NEXT"), fires=True),
    passes("06.003", "есть в V021", tap()),
    fires("06.003", "не указана", tap(specialty="")),
    fires("06.003", "нет в V021", tap(specialty="999"), also=["06.004"]),
    boundary("06.003", "закрыта в день окончания", tap(specialty="301")),
    boundary("06.003", "закрыта накануне", tap(specialty="302"), fires=True),
    boundary("06.003", "D-файл специальности не несёт", from_d_file(specialty="")),
    boundary("06.003", "осмотр введён вручную", case("dispensary", specialty=""), fires=True),
    passes("06.004", "сертификат есть", tap()),
    fires("06.004", "сертификата нет", tap(doctor="BARE")),
    fires("06.004", "по другой специальности", tap(doctor="OTHER")),
    boundary("06.004", "последний день", tap(doctor="C-LAST")),
    boundary("06.004", "кончился накануне", tap(doctor="C-GONE"), fires=True),
    boundary("06.004", "первый день", tap(doctor="C-FIRST")),
    boundary("06.004", "начнётся завтра", tap(doctor="C-NEXT"), fires=True),
    boundary("06.004", "врача нет — говорит 06.001", mksb(doctor=""), also=["06.001"], on=[0]),
    passes("06.005", "верный", tap()),
    fires("06.005", "пуст", tap(doctor="S-NONE")),
    fires("06.005", "10 цифр", tap(doctor="S-SHORT")),
    boundary("06.005", "контрольное число на единицу больше", tap(doctor="S-SUM"), fires=True),
    boundary("06.005", "без дефисов", tap(doctor="S-BARE")),
]

AGE = [
    passes("06.006", "ребёнок", born("2015-03-10", specialty="49")),
    fires("06.006", "взрослый", tap(specialty="68")),
    boundary("06.006", "завтра 18", born(BEFORE_18, specialty="21")),
    boundary("06.006", "сегодня 18", born(NOW_18, specialty="21"), fires=True),
    boundary("06.006", "детский онколог не в списке", tap(specialty="19")),
    boundary("06.006", "СМП не проверяется", smp()),
    passes("06.007", "взрослый", tap(specialty="25")),
    fires("06.007", "ребёнок", born("2015-03-10", specialty="92")),
    boundary("06.007", "завтра 18", born(BEFORE_18, specialty="25"), fires=True),
    boundary("06.007", "сегодня 18", born(NOW_18, specialty="25")),
    passes("06.008", "взрослый", tap()),
    fires("06.008", "ребёнок", born("2015-03-10")),
    fires("06.008", "ребёнок в стационаре", mksb(patient={"birth_date": "2015-03-10"})),
    boundary("06.008", "завтра 15", born(BEFORE_15), fires=True),
    boundary("06.008", "сегодня 15", born(NOW_15)),
    passes("06.009", "пожилой", born("1940-03-10", specialty="11")),
    fires("06.009", "средних лет", tap(specialty="11")),
    boundary("06.009", "завтра 65", born("1958-03-11", specialty="11"), fires=True),
    boundary("06.009", "сегодня 65", born("1958-03-10", specialty="11")),
    passes("06.010", "женщина", tap(specialty="2", patient=WOMAN)),
    fires("06.010", "мужчина", tap(specialty="2")),
    fires("06.010", "мужчина у акушерки", tap(specialty="207")),
    boundary("06.010", "пол не указан", tap(specialty="2", patient={"sex": ""})),
    passes("06.011", "новорождённый", born("2023-03-01", specialty="37")),
    fires("06.011", "взрослый", tap(specialty="37")),
    boundary("06.011", "завтра год", born(BEFORE_1, specialty="37")),
    boundary("06.011", "сегодня год", born(NOW_1, specialty="37"), fires=True),
]

PROFILE = [
    passes("06.012", "есть в V002", tap()),
    fires("06.012", "не указан", tap(profile="")),
    fires("06.012", "нет в V002", tap(profile="999"), also=["06.016"]),
    boundary("06.012", "закрыт в день окончания", tap(profile="301")),
    boundary("06.012", "закрыт накануне", tap(profile="302"), fires=True),
    boundary("06.012", "D-файл профиля не несёт", from_d_file(profile="")),
    boundary("06.012", "осмотр введён вручную", case("dispensary", profile=""), fires=True),
    passes("06.013", "подходит", tap(profile="29", specialty="25")),
    fires("06.013", "не подходит", tap(profile="29")),
    boundary("06.013", "специальность для всех профилей", tap(profile="29", specialty="39")),
    boundary("06.013", "профиля нет в справочнике", tap(profile="28")),
    boundary("06.013", "реабилитация свободна", tap(profile="158")),
    boundary("06.013", "неотложная помощь свободна", tap(profile="160")),
    passes("06.014", "женщина", tap(profile="136", patient=WOMAN)),
    fires("06.014", "мужчина", tap(profile="136")),
    fires("06.014", "мужчина, акушерское дело", mksb(profile="3")),
    boundary("06.014", "другой профиль", tap(profile="135")),
    passes("06.015", "новорождённый", born("2023-03-01", profile="55", specialty="37")),
    fires("06.015", "неонатология взрослому", tap(profile="55")),
    fires("06.015", "гериатрия ребёнку", born("2015-03-10", profile="14", specialty="49")),
    fires("06.015", "педиатрия взрослому", tap(profile="68")),
    boundary("06.015", "неонатология, завтра год", born(BEFORE_1, profile="55", specialty="37")),
    boundary("06.015", "неонатология, сегодня год", born(NOW_1, profile="55", specialty="49"), fires=True),
    boundary("06.015", "гериатрия, завтра 60", born("1963-03-11", profile="14"), fires=True),
    boundary("06.015", "гериатрия, сегодня 60", born("1963-03-10", profile="14")),
    boundary("06.015", "детская хирургия, завтра 18", born(BEFORE_18, profile="20", specialty="21")),
    boundary("06.015", "детская хирургия, сегодня 18", born(NOW_18, profile="20"), fires=True),
    passes("06.016", "есть в лицензии", tap()),
    fires("06.016", "профиля нет", tap(profile="60")),
    fires("06.016", "есть, но для стационара", tap(profile="61")),
    boundary("06.016", "последний день лицензии", tap(profile="62")),
    boundary("06.016", "кончилась накануне", tap(profile="63"), fires=True),
    boundary("06.016", "несколько условий в одной строке", day_stay(profile="64")),
]

GOOD = "112-233-445 95"
FULL = [
    ("LAST", "", "2023-03-10"),
    ("GONE", "", "2023-03-09"),
    ("FIRST", "2023-03-10", ""),
    ("NEXT", "2023-03-11", ""),
]
BARE = ("BARE", "OTHER", "C-LAST", "C-GONE", "C-FIRST", "C-NEXT")
NUMBERS = {"S-NONE": "", "S-SHORT": "112-233-44 95", "S-SUM": "112-233-445 96", "S-BARE": "11223344595"}
FREE = ("62", "63", "61", "60", "64")
BOOKS = {
    "V021": [
        *nsi("V021", *map(str, range(1, 300))),
        *nsi("V021", "301", end_date="2023-03-10"),
        *nsi("V021", "302", end_date="2023-03-09"),
    ],
    "V002": [
        *nsi("V002", *map(str, range(1, 300))),
        *nsi("V002", "301", end_date="2023-03-10"),
        *nsi("V002", "302", end_date="2023-03-09"),
    ],
    "doctors": [
        *kit.BOOKS["doctors"],
        *({"code": code, "snils": GOOD, "hired": hired, "dismissed": gone} for code, hired, gone in FULL),
        *({"code": code, "snils": kit.snils(n)} for n, code in enumerate(BARE)),
        *({"code": code, "snils": number} for code, number in NUMBERS.items()),
    ],
    # D1 may do anything, so that rows about ages and profiles say only what they are about
    "certificates": [
        *({"doctor": "D1", "specialty": str(n)} for n in (*range(1, 300), 301, 302)),
        *kit.BOOKS["certificates"][1:],
        *({"doctor": code, "specialty": "76"} for code in ("LAST", "GONE", "FIRST", "NEXT", *NUMBERS)),
        {"doctor": "OTHER", "specialty": "39"},
        {"doctor": "C-LAST", "specialty": "76", "end_date": "2023-03-10"},
        {"doctor": "C-GONE", "specialty": "76", "end_date": "2023-03-09"},
        {"doctor": "C-FIRST", "specialty": "76", "begin_date": "2023-03-10"},
        {"doctor": "C-NEXT", "specialty": "76", "begin_date": "2023-03-11"},
    ],
    "profile_specialty": [
        {"profile": "29", "specialty": "25"},
        {"profile": "*", "specialty": "39"},
        {"profile": "158", "specialty": "32"},
        {"profile": "160", "specialty": "66"},
    ],
    "licence": [
        *(
            {"profile": str(n), "usl_ok": usl_ok}
            for n in (*range(1, 300), 301, 302)
            for usl_ok in "1234"
            if str(n) not in FREE
        ),
        {"profile": "61", "usl_ok": "1"},
        {"profile": "62", "usl_ok": "3", "end_date": "2023-03-10"},
        {"profile": "63", "usl_ok": "3", "end_date": "2023-03-09"},
        {"profile": "64", "usl_ok": "1, 2"},
    ],
}

test_rows = table(DOCTOR + AGE + PROFILE, books=BOOKS)

#: a region where a therapist of a polyclinic begins at 18, and cancer is treated by children's doctors to 21
REGION = [
    passes("06.008", "поликлиника с 18", born(NOW_18)),
    fires("06.008", "поликлиника в 17", born(BEFORE_18)),
    boundary("06.008", "стационар с 15", mksb(patient={"birth_date": NOW_15})),
    passes("06.006", "ЗНО, завтра 21", born("2002-03-11", specialty="21", ds_main="C50.9")),
    fires("06.006", "ЗНО, сегодня 21", born("2002-03-10", specialty="21", ds_main="C50.9")),
    boundary("06.006", "не ЗНО", born("2002-03-11", specialty="21"), fires=True),
]

test_region = table(REGION, books=BOOKS, params={"therapist_age": "18", "child_ds_to_21": "C D0"})
