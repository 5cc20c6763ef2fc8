"""Criteria 07: attributes of a case."""

from __future__ import annotations

from tests.criteria import kit
from tests.criteria.kit import (
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

ROWS = [
    passes("07.001", "заполнен", tap(nhistory="00120")),
    fires("07.001", "пуст", tap(nhistory=" ")),
    boundary("07.001", "из одних нулей", mksb(nhistory="0000"), fires=True),
    boundary("07.001", "ноль и буква", tap(nhistory="0А")),
    passes("07.002", "все разрешённые знаки", tap(nhistory="А1 z.2/3\\4-5|6_7+8")),
    fires("07.002", "номер со знаком №", tap(nhistory="№12")),
    fires("07.002", "запятая", smp(nhistory="12,3")),
    boundary("07.002", "50 знаков", tap(nhistory="7" * 50)),
    boundary("07.002", "51 знак", tap(nhistory="7" * 51), fires=True),
    passes("07.003", "ТАП амбулаторно", tap()),
    passes("07.003", "МКСБ в дневном стационаре", day_stay()),
    passes("07.003", "СМП вне МО", smp()),
    fires("07.003", "ТАП в стационаре", tap(usl_ok="1"), also=["07.004"]),
    fires("07.003", "МКСБ амбулаторно", mksb(usl_ok="3"), also=["07.004"]),
    fires("07.003", "СМП амбулаторно", smp(usl_ok="3", help_form="2"), also=["07.004"]),
    fires("07.003", "кода нет в V006", mksb(usl_ok="5"), also=["07.004"]),
    boundary("07.003", "МКСБ с условиями соседнего вида — 07.004", mksb(usl_ok="2"), also=["07.004"], on=[0]),
    *(
        passes("07.004", f"верно: {kind}", case(kind))
        for kind in ("inpatient", "dayhospital", "outpatient", "dental", "paraclinic", "ambulance", "orphans")
    ),
    fires("07.004", "стационар с условиями дневного", mksb(usl_ok="2")),
    fires("07.004", "дневной с условиями стационара", day_stay(usl_ok="1")),
    boundary("07.004", "осмотр с условиями СМП", case("checkup", usl_ok="4", help_form="2"), fires=True,
             also=["07.003"]),
    passes("07.005", "плановая", tap()),
    fires("07.005", "не указана", mksb(help_form="")),
    fires("07.005", "нет в V014", mksb(help_form="4")),
    fires("07.005", "экстренная амбулаторно", tap(help_form="1")),
    fires("07.005", "экстренная в дневном стационаре", day_stay(help_form="1")),
    fires("07.005", "плановая СМП", smp(help_form="3")),
    boundary("07.005", "экстренная в стационаре", mksb(help_form="1")),
    boundary("07.005", "неотложная СМП", smp(help_form="2")),
    boundary("07.005", "неотложная амбулаторно", tap(help_form="2", purpose="1.1")),
    boundary("07.005", "D-файл формы не несёт", from_d_file(help_form="")),
    passes("07.006", "неотложная, 1.1", tap(help_form="2", purpose="1.1")),
    fires("07.006", "неотложная, 1.0", tap(help_form="2")),
    fires("07.006", "плановая, 1.1", tap(purpose="1.1")),
    boundary("07.006", "плановая, 1.2", tap(purpose="1.2")),
    boundary("07.006", "цели нет — 07.007", tap(help_form="2", purpose=""), also=["07.007"], on=[0]),
    boundary("07.006", "формы нет — 07.005", tap(help_form="", purpose="1.1"), also=["07.005"], on=[0]),
    passes("07.007", "есть в V025", tap()),
    fires("07.007", "не указана", tap(purpose="")),
    fires("07.007", "нет в V025", tap(purpose="9.9")),
    boundary("07.007", "закрыта в день окончания", tap(purpose="8.1")),
    boundary("07.007", "закрыта накануне", tap(purpose="8.2"), fires=True),
    boundary("07.007", "параклинике не нужна", case("paraclinic", purpose="")),
    boundary("07.007", "а неверная не годится и ей", case("paraclinic", purpose="9.9"), fires=True),
    boundary("07.007", "D-файл цели не несёт", from_d_file(purpose="")),
    boundary("07.007", "осмотр введён вручную", case("checkup", purpose=""), fires=True),
    passes("07.008", "не указана", mksb()),
    fires("07.008", "указана в стационаре", mksb(purpose="1.0")),
    fires("07.008", "указана в СМП", smp(purpose="1.1")),
    boundary("07.008", "у ТАП", tap(purpose="3.0")),
    passes("07.009", "действует", tap()),
    fires("07.009", "не указано", tap(department="")),
    fires("07.009", "нет в справочнике", mksb(department="Z9")),
    boundary("07.009", "последний день", tap(department="LAST")),
    boundary("07.009", "закрыто накануне", tap(department="GONE"), fires=True),
    boundary("07.009", "первый день", tap(department="FIRST")),
    boundary("07.009", "откроется завтра", tap(department="NEXT"), fires=True),
    boundary("07.009", "D-файл отделения не несёт", from_d_file(department="")),
]  # fmt: skip

BOOKS = {
    "V025": [
        *kit.BOOKS["V025"],
        *nsi("V025", "8.1", end_date="2023-03-10"),
        *nsi("V025", "8.2", end_date="2023-03-09"),
    ],
    "departments": [
        *kit.BOOKS["departments"],
        {"code": "LAST", "end_date": "2023-03-10"},
        {"code": "GONE", "end_date": "2023-03-09"},
        {"code": "FIRST", "begin_date": "2023-03-10"},
        {"code": "NEXT", "begin_date": "2023-03-11"},
    ],
}

test_rows = table(ROWS, books=BOOKS)
