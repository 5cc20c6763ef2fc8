"""Criteria 10: result and outcome."""

from __future__ import annotations

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


def stay(result: str, outcome: str) -> Made:
    return mksb(result=result, outcome=outcome)


def call(result: str, outcome: str) -> Made:
    return smp(result=result, outcome=outcome)


ROWS = [
    passes("10.001", "есть в V009", tap()),
    fires("10.001", "не указан", tap(result="")),
    fires("10.001", "нет в V009", tap(result="399")),
    boundary("10.001", "закрыт в день окончания", tap(result="391")),
    boundary("10.001", "закрыт накануне", tap(result="392"), fires=True),
    boundary("10.001", "отказ от осмотра в D-файле", from_d_file(result="", refused_exam="1")),
    boundary("10.001", "результат D-файла без кода V009", from_d_file(result="", disp_result="20")),
    boundary("10.001", "в D-файле нет RSLT_D", from_d_file(result=""), fires=True),
    boundary("10.001", "осмотр введён вручную", case("dispensary", result="", disp_result="1"), fires=True),
    passes("10.002", "есть в V012", tap()),
    fires("10.002", "не указан", tap(outcome="")),
    fires("10.002", "нет в V012", mksb(outcome="199")),
    boundary("10.002", "закрыт в день окончания", tap(outcome="391")),
    boundary("10.002", "закрыт накануне", tap(outcome="392"), fires=True),
    boundary("10.002", "D-файл исхода не несёт", from_d_file(outcome="")),
    passes("10.003", "стационарный", mksb()),
    fires("10.003", "амбулаторный в стационаре", stay("301", "101")),
    fires("10.003", "стационарный у СМП", call("101", "401")),
    boundary("10.003", "последний код соседних условий", tap(result="299"), fires=True),
    boundary("10.003", "первый код своих", day_stay(result="201")),
    passes("10.004", "стационарный", mksb()),
    fires("10.004", "амбулаторный в стационаре", stay("101", "301")),
    fires("10.004", "дневной у ТАП", tap(outcome="201")),
    boundary("10.004", "исход пуст — 10.002", tap(outcome=""), also=["10.002"], on=[0]),
    passes("10.005", "умер, ухудшение", stay("105", "104")),
    fires("10.005", "умер, без перемен", stay("105", "103")),
    fires("10.005", "умер в приёмном покое", stay("106", "102")),
    fires("10.005", "дневной", day_stay(result="206", outcome="203")),
    fires("10.005", "амбулаторно", tap(result="313", outcome="304", ds_char="3")),
    fires("10.005", "СМП", call("406", "402")),
    boundary("10.005", "не смерть, без перемен", stay("107", "103")),
    boundary("10.005", "дневной, ухудшение", day_stay(result="205", outcome="204")),
    boundary("10.005", "амбулаторно, ухудшение", tap(result="313", outcome="305")),
    boundary("10.005", "СМП, ухудшение", call("405", "403")),
    passes("10.006", "выписан, выздоровление", stay("101", "101")),
    fires("10.006", "переведён, выздоровление", stay("102", "101")),
    fires("10.006", "прервано в дневном", day_stay(result="208", outcome="201")),
    boundary("10.006", "переведён, улучшение", stay("102", "102")),
    boundary("10.006", "прервано ЛПУ, выздоровление", stay("108", "101"), fires=True),
    boundary("10.006", "самовольно, выздоровление", stay("110", "101"), fires=True),
    boundary("10.006", "лечение продолжено, по умолчанию строго", stay("109", "101"), fires=True),
    passes("10.007", "отказ от помощи, без эффекта", call("408", "402")),
    fires("10.007", "не найден, улучшение", call("407", "401")),
    fires("10.007", "отказ от транспортировки", call("417", "401")),
    boundary("10.007", "смерть в автомобиле", call("406", "403")),
    boundary("10.007", "вызов отменён", call("414", "403"), fires=True),
    boundary("10.007", "практически здоров", call("415", "401")),
    passes("10.008", "диспансеризация, I группа", case("dispensary")),
    fires("10.008", "прервано, осмотр", tap(result="302", outcome="306")),
    fires("10.008", "III группа взрослого", case("checkup", result="345")),
    boundary("10.008", "лечение завершено, осмотр", tap(result="301", outcome="306")),
    boundary("10.008", "последний из промежутка", case("orphans", result="325")),
    boundary("10.008", "за промежутком", case("orphans", result="326"), fires=True),
    boundary("10.008", "другой исход", tap(result="302", outcome="303")),
    passes("10.009", "острое, выздоровление", tap()),
    fires("10.009", "хроническое, выздоровление", tap(ds_char="3")),
    fires("10.009", "впервые хроническое, выздоровление", tap(ds_char="2")),
    fires("10.009", "острое, ремиссия", tap(outcome="302")),
    boundary("10.009", "хроническое, ремиссия", tap(ds_char="2", outcome="302")),
    boundary("10.009", "характера нет", tap(ds_char="", outcome="302")),
]

BOOKS = {
    "V009": [
        *kit.BOOKS["V009"],
        *nsi("V009", "299"),
        *nsi("V009", "391", end_date="2023-03-10"),
        *nsi("V009", "392", end_date="2023-03-09"),
    ],
    "V012": [
        *kit.BOOKS["V012"],
        *nsi("V012", "391", end_date="2023-03-10"),
        *nsi("V012", "392", end_date="2023-03-09"),
    ],
}

test_rows = table(ROWS, books=BOOKS)

#: a region that lets 109 go with recovery and 301 not with 306
REGION = [
    passes("10.006", "лечение продолжено, регион разрешает", stay("109", "101")),
    passes("10.008", "разрешённый результат", case("dispensary")),
    fires("10.008", "301 в этом регионе нельзя", tap(result="301", outcome="306")),
]

test_region = table(REGION, params={"strict_109": "0", "outcome_306_results": "317, 318"})
