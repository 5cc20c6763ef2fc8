"""Criteria 05: diagnoses."""

from __future__ import annotations

from typing import Any

from tests.criteria.kit import (
    DIAGNOSES,
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


def child(birth: str, **fields: Any) -> Made:
    """A healthy child brought to the paediatrician on 10.03.2023."""
    return tap(patient={"birth_date": birth}, **{"purpose": "2.5", "ds_char": "", **fields})


def preventive(ds: str, **fields: Any) -> Made:
    return tap(**{"purpose": "2.6", "ds_main": ds, "ds_char": "", **fields})


FILLED = [
    passes("05.001", "заполнен", mksb()),
    fires("05.001", "пуст", mksb(ds_main="")),
    boundary("05.001", "одни пробелы", smp(ds_main="  "), fires=True),
    boundary("05.001", "ТАП без диагноза не формируется (90.003)", tap(ds_main="")),
    passes("05.002", "все коды есть", mksb(ds2=["E11.9"], ds3=["J18.9"])),
    fires("05.002", "основного нет в МКБ", tap(ds_main="J06.7")),
    fires("05.002", "нет диагноза поступления", mksb(ds_first="I11.7")),
    fires("05.002", "нет сопутствующего", tap(ds2=["J06.7"])),
    fires("05.002", "нет осложнения", mksb(ds3=["Q99.Z"])),
    boundary("05.002", "закрыт в день окончания", tap(ds_main="J01.0")),
    boundary("05.002", "закрыт накануне", tap(ds_main="J01.1"), fires=True),
    boundary("05.002", "действует с дня окончания", tap(ds_main="J01.2")),
    boundary("05.002", "действует с завтра", tap(ds_main="J01.3"), fires=True),
    passes("05.003", "с подрубрикой", tap(ds_main="J06.9")),
    fires("05.003", "рубрика, у которой есть подрубрики", tap(ds_main="J06")),
    boundary("05.003", "рубрика без подрубрик", mksb(ds_main="I10", ds_first="I10")),
    boundary("05.003", "СМП не проверяется", smp(ds_main="I11")),
    passes("05.017", "указан", mksb()),
    fires("05.017", "пуст в стационаре", mksb(ds_first="")),
    fires("05.017", "пуст в дневном стационаре", day_stay(ds_first="")),
    boundary("05.017", "условия не стационарные", mksb(ds_first="", usl_ok="3")),
    passes("05.018", "указан", preventive("Z92.9", ds2=["I10"])),
    fires("05.018", "не указан", preventive("Z92.9")),
    boundary("05.018", "только осложнение", preventive("Z92.9", ds3=["I10"]), fires=True),
]

PERSON = [
    passes("05.004", "подходит мужчине", tap(ds_main="N40")),
    passes("05.004", "подходит женщине", mksb(ds_main="O80.0", ds_first="O80.0", patient=WOMAN)),
    fires("05.004", "роды у мужчины", mksb(ds_main="O80.0", ds_first="O80.0")),
    fires("05.004", "простата у женщины", tap(ds_main="N40", patient=WOMAN)),
    boundary("05.004", "последний код промежутка", tap(ds_main="N98.9"), fires=True),
    boundary("05.004", "за промежутком", tap(ds_main="N99.0")),
    boundary("05.004", "пол не указан", tap(ds_main="N40", patient={"sex": ""})),
    passes("05.005", "подходит", tap(ds2=["N40"])),
    fires("05.005", "сопутствующий другого пола", tap(ds2=["E11.9", "N70.1"])),
    fires("05.005", "осложнение другого пола", mksb(ds3=["N40"], patient=WOMAN)),
    boundary(
        "05.005", "основной другого пола — 05.004", tap(ds_main="O80.0"), fires=False, also=["05.004"], on=[0]
    ),
    passes(
        "05.006",
        "новорождённый",
        mksb(ds_main="P23.9", ds_first="P23.9", patient={"birth_date": "2023-03-01"}),
    ),
    fires("05.006", "взрослый", tap(ds2=["P23.9"])),
    fires("05.006", "диагноз при поступлении", mksb(ds_first="P23.9")),
    boundary(
        "05.006", "завтра год", mksb(ds_main="P23.9", ds_first="P23.9", patient={"birth_date": "2022-03-11"})
    ),
    boundary(
        "05.006",
        "сегодня год",
        mksb(ds_main="P23.9", ds_first="P23.9", patient={"birth_date": "2022-03-10"}),
        fires=True,
    ),
    passes("05.007", "разные рубрики", tap(ds2=["E11.9"], ds3=["I10"])),
    fires("05.007", "повтор в сопутствующих", tap(ds2=["E11.9", "J06.9"])),
    fires("05.007", "повтор в осложнениях", mksb(ds3=["I11.9"])),
    boundary("05.007", "другая подрубрика", mksb(ds2=["I11.0"])),
    passes("05.008", "все разные", mksb(ds2=["E11.9", "I10"], ds3=["J18.9"])),
    fires("05.008", "дважды в сопутствующих", mksb(ds2=["E11.9", "E11.9"])),
    fires("05.008", "дважды в осложнениях", mksb(ds3=["J18.9", "J18.9"])),
    boundary("05.008", "в обоих списках", mksb(ds2=["E11.9"], ds3=["E11.9"]), fires=True),
    boundary("05.008", "разные подрубрики", mksb(ds2=["I11.0"], ds3=["I11"])),
    passes("05.009", "оплачивается", tap()),
    fires("05.009", "рубрика не оплачивается", tap(ds_main="F20.0")),
    boundary("05.009", "более точная маска оплачивается", tap(ds_main="A50.9")),
    boundary("05.009", "запрет закрыт в день окончания", tap(ds_main="K05.1"), fires=True),
    boundary("05.009", "запрет закрыт накануне", tap(ds_main="K02.1")),
    boundary("05.009", "диспансеризация", case("dispensary", ds_main="F20.0", ds_char="1")),
    passes("05.010", "травма", tap(ds_main="S00.0", ds2=["W01"])),
    fires("05.010", "внешняя причина", tap(ds_main="W01")),
    boundary("05.010", "U не внешняя", tap(ds_main="U11.9", ds_char="")),
    boundary("05.010", "первая внешняя", tap(ds_main="V01.0"), fires=True),
    boundary("05.010", "последняя внешняя", tap(ds_main="Y98"), fires=True),
]

PURPOSE = [
    passes("05.011", "заболевание", tap(purpose="3.0")),
    fires("05.011", "осмотр", tap(ds_main="Z00.0", ds_char="")),
    fires("05.011", "обращение", tap(ds_main="Z01.2", ds_char="", purpose="3.0")),
    boundary("05.011", "Z34 допускается", tap(ds_main="Z34.0", ds_char="", patient=WOMAN)),
    boundary("05.011", "Z95 при наблюдении", tap(ds_main="Z95.0", ds_char="", purpose="1.3")),
    boundary("05.011", "Z95 без наблюдения", tap(ds_main="Z95.0", ds_char="", purpose="1.0"), fires=True),
    boundary("05.011", "Z01.2 у стоматолога — 14.006", case("dental", ds_main="Z01.2", ds_char="")),
    passes("05.012", "профилактика", preventive("Z00.0")),
    fires("05.012", "заболевание", preventive("J06.9", ds_char="1")),
    fires("05.012", "обращение с профилактической целью", preventive("J06.9", ds_char="1", purpose="3.1")),
    boundary("05.012", "Y не Z", preventive("Y98", ds_char="1"), fires=True, also=["05.010"]),
    boundary("05.012", "на осмотре нашли болезнь", case("checkup", ds_main="I10", ds_char="2")),
    passes("05.013", "младенец", child("2022-09-10", ds_main="Z00.1")),
    passes("05.013", "дошкольник", child("2018-03-10", ds_main="Z00.2")),
    passes("05.013", "подросток", child("2008-03-10", ds_main="Z00.3")),
    fires("05.013", "Z00.1 взрослому", child("1990-03-10", ds_main="Z00.1")),
    fires("05.013", "Z00.2 младенцу", child("2022-09-10", ds_main="Z00.2")),
    fires("05.013", "Z00.3 дошкольнику", child("2018-03-10", ds_main="Z00.3")),
    boundary("05.013", "Z00.1 завтра год", child("2022-03-11", ds_main="Z00.1")),
    boundary("05.013", "Z00.1 сегодня год", child("2022-03-10", ds_main="Z00.1"), fires=True),
    boundary("05.013", "Z00.2 сегодня год", child("2022-03-10", ds_main="Z00.2")),
    boundary("05.013", "Z00.2 завтра 14", child("2009-03-11", ds_main="Z00.2")),
    boundary("05.013", "Z00.2 сегодня 14", child("2009-03-10", ds_main="Z00.2"), fires=True),
    boundary("05.013", "Z00.3 завтра 18", child("2005-03-11", ds_main="Z00.3")),
    boundary("05.013", "Z00.3 сегодня 18", child("2005-03-10", ds_main="Z00.3"), fires=True),
    passes("05.014", "взрослый", preventive("Z00.8")),
    fires("05.014", "ребёнок", child("2018-03-10", ds_main="Z00.0")),
    boundary("05.014", "завтра 18", child("2005-03-11", ds_main="Z00.8"), fires=True),
    boundary("05.014", "сегодня 18", child("2005-03-10", ds_main="Z00.8")),
    passes("05.015", "указан", tap()),
    fires("05.015", "не указан", tap(ds_char="")),
    fires("05.015", "на осмотре нашли болезнь", case("checkup", ds_main="I10")),
    boundary("05.015", "профилактический диагноз", preventive("Z00.0")),
    boundary("05.015", "COVID U11", tap(ds_main="U11.9", ds_char="")),
    boundary("05.015", "D-файл характера не несёт", from_d_file("checkup", ds_main="I10")),
    boundary("05.015", "ЗНО при любых условиях", tap(ds_main="C50.9", ds_char="", usl_ok="1"), fires=True),
    boundary("05.015", "D10 не ЗНО", tap(ds_main="D10.0", ds_char="", usl_ok="1")),
    boundary("05.015", "D09.9 ЗНО", tap(ds_main="D09.9", ds_char="", usl_ok="1"), fires=True),
    passes("05.016", "не указан", preventive("Z00.0")),
    fires("05.016", "указан", preventive("Z00.0", ds_char="1")),
    boundary("05.016", "у заболевания", tap(ds_char="1")),
]

EXTRA = ("D09.9", "D10.0", "N98.9", "N99.0", "V01.0", "Y98", "Z95.0")
BOOKS = {
    "M001": [
        *nsi("M001", *DIAGNOSES, *EXTRA),
        *nsi("M001", "J01.0", end_date="2023-03-10"),
        *nsi("M001", "J01.1", end_date="2023-03-09"),
        *nsi("M001", "J01.2", begin_date="2023-03-10"),
        *nsi("M001", "J01.3", begin_date="2023-03-11"),
    ],
    "oms_excluded": [
        {"mask": "F", "name": "психические расстройства"},
        {"mask": "A50", "name": "сифилис"},
        {"mask": "A50.9", "paid": 1},
        {"mask": "K05", "end_date": "2023-03-10"},
        {"mask": "K02", "end_date": "2023-03-09"},
    ],
}

test_rows = table(FILLED + PERSON + PURPOSE, books=BOOKS)

#: a region where Z00.1 goes up to three years and Z00.3 begins at 15
REGION = [
    passes("05.013", "Z00.1 до трёх", child("2020-03-11", ds_main="Z00.1")),
    fires("05.013", "Z00.1 в три", child("2020-03-10", ds_main="Z00.1")),
    boundary("05.013", "Z00.2 завтра 15", child("2008-03-11", ds_main="Z00.2")),
    boundary("05.013", "Z00.3 завтра 15", child("2008-03-11", ds_main="Z00.3"), fires=True),
    passes("05.011", "Z01.2 разрешён регионом", tap(ds_main="Z01.2", ds_char="", purpose="3.0")),
]

test_region = table(
    REGION,
    books=BOOKS,
    params={"z00_1_before": "3", "z00_2_before": "15", "z_as_disease": "Z01, Z03, Z34"},
)
