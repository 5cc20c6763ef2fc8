"""Criteria: dates of a case (даты)."""

from __future__ import annotations

from omstui.domain.criteria.model import ALL, TAP, Criterion, Param
from omstui.domain.criteria.sql import dmy, listed, name_of, told

PARAMS: tuple[Param, ...] = (
    Param(
        "single_day_purposes",
        "Цели разового посещения: один день (V025)",
        ("1.0", "1.1", "1.2", "2.1", "2.5", "2.6"),
    ),
    Param(
        "late_accepted", "Случаи прошлых месяцев в счёте («с опоздавшими»): 1 — фонд принимает, 0 — нет", 0
    ),
    Param("treatment_purposes", "Цели обращения по заболеванию (V025)", ("3.0", "3.1")),
    Param(
        "dental_profiles",
        "Стоматологические профили (V002)",
        ("63", "85", "86", "87", "88", "89", "90", "171"),
    ),
    Param(
        "lethal_results", "Результаты «умер» (V009)", ("105", "106", "205", "206", "313", "405", "406", "411")
    ),
)

#: billed once more, or late where the fund takes late cases
_MAY_BE_EARLIER = "c.returned OR :late_accepted"
_TREATMENT = f"c.purpose IN {listed('treatment_purposes')}"
_FIRST_VISIT = "(SELECT min(v.date_in) FROM s v WHERE v.case_id = c.id AND v.is_visit)"
_LAST_VISIT = "(SELECT max(v.date_out) FROM s v WHERE v.case_id = c.id AND v.is_visit)"
_DATES = told("начало {}, окончание {}", dmy("c.date_in"), dmy("c.date_out"))

CRITERIA: tuple[Criterion, ...] = (
    Criterion(
        code="04.001",
        group="dates",
        title="Дата начала лечения больше даты окончания",
        severity="error",
        applies=ALL,
        why="Лечение не может закончиться раньше, чем началось: счёт вернут по 1.4.4. Исправьте одну из дат.",
        mek="1.4.4",
        source="ЧИП МО; проверки МЭК (Курск)",
        condition="c.date_in > c.date_out",
        field="date_out",
        detail=_DATES,
    ),
    Criterion(
        code="04.002",
        group="dates",
        title="Дата окончания лечения не входит в отчётный период",
        severity="error",
        applies=ALL,
        why="В счёт месяца входят случаи, законченные в этом месяце; случай другого месяца вернут по"
        " 1.4.6. Исправьте дату окончания или перенесите случай в реестр его месяца.",
        mek="1.4.6",
        source="проверки МЭК (Курск) (дата случая не соответствует периоду счёта)",
        condition=f"iif({_MAY_BE_EARLIER}, c.date_out > c.reg_end, c.date_out NOT BETWEEN c.reg_begin AND c.reg_end)",
        field="date_out",
        detail=f"iif({_MAY_BE_EARLIER}, "
        + told("окончание {}, позже периода, который кончается {}", dmy("c.date_out"), dmy("c.reg_end"))
        + ", "
        + told("окончание {}, период {}–{}", dmy("c.date_out"), dmy("c.reg_begin"), dmy("c.reg_end"))
        + ")",
    ),
    Criterion(
        code="04.003",
        group="dates",
        title="Дата окончания лечения больше текущей даты",
        severity="error",
        applies=ALL,
        why="День окончания лечения ещё не наступил, счёт вернут по 1.4.4. Исправьте дату или подайте"
        " случай, когда лечение закончится.",
        mek="1.4.4",
        source="ЧИП МО",
        condition="c.date_out > :today",
        field="date_out",
        detail=told("окончание {}, сегодня {}", dmy("c.date_out"), dmy(":today")),
    ),
    Criterion(
        code="04.004",
        group="dates",
        title="Длительность лечения больше года",
        severity="warning",
        applies=ALL,
        why="Лечение дольше года бывает редко, чаще в одной из дат не тот год (1.4.4). Проверьте даты.",
        mek="1.4.4",
        source="ЧИП МО",
        condition="c.days > 365",
        field="date_in",
        detail=told("{}, дней: {}", _DATES, "c.days"),
        default=False,
    ),
    Criterion(
        code="04.005",
        group="dates",
        title="Разовое посещение должно начинаться и заканчиваться в один день",
        severity="error",
        applies=(TAP,),
        why="Разовое посещение — один день; разные даты вернут по 1.4.4. Исправьте даты или цель:"
        " несколько посещений по поводу болезни — обращение (3.0).",
        mek="1.4.4",
        source="проверки МЭК (Курск) (цель не соответствует периоду лечения)",
        condition=f"c.usl_ok = '3' AND NOT c.exam AND NOT c.from_d AND c.date_in <> c.date_out"
        f" AND c.purpose IN {listed('single_day_purposes')}",
        field="purpose",
        detail=told("{}, цель {}{}", _DATES, "c.purpose", name_of("V025", "c.purpose")),
    ),
    Criterion(
        code="04.006",
        group="dates",
        title="Обращение по заболеванию начато и закончено в один день",
        severity="warning",
        applies=(TAP,),
        why="Обращение — не меньше двух посещений, за один день его обычно не закончить (1.4.4). Проверьте"
        " даты или цель: одно посещение — 1.0.",
        mek="1.4.4",
        source="проверки МЭК (Курск) (цель не соответствует периоду лечения)",
        condition=f"{_TREATMENT} AND c.date_in = c.date_out AND c.kind <> 'dental'"
        f" AND c.profile NOT IN {listed('dental_profiles')}",
        field="purpose",
        detail=told("цель {}{}, всё лечение {}", "c.purpose", name_of("V025", "c.purpose"), dmy("c.date_in")),
        default=False,
    ),
    Criterion(
        code="04.007",
        group="dates",
        title="Первое посещение обращения не в день начала лечения",
        severity="error",
        applies=(TAP,),
        why="Обращение начинается первым посещением; с другой датой счёт вернут по 1.4.4. Исправьте начало"
        " лечения или внесите пропущенное посещение.",
        mek="1.4.4",
        source="ЧИП МО",
        condition=f"{_TREATMENT} AND {_FIRST_VISIT} <> c.date_in",
        field="date_in",
        detail=told("начало {}, первое посещение {}", dmy("c.date_in"), dmy(_FIRST_VISIT)),
    ),
    Criterion(
        code="04.008",
        group="dates",
        title="Последнее посещение обращения не в день окончания лечения",
        severity="error",
        applies=(TAP,),
        why="Обращение заканчивается последним посещением; с другой датой счёт вернут по 1.4.4. Исправьте"
        " окончание лечения или внесите пропущенное посещение.",
        mek="1.4.4",
        source="ЧИП МО",
        condition=f"{_TREATMENT} AND {_LAST_VISIT} <> c.date_out",
        field="date_out",
        detail=told("окончание {}, последнее посещение {}", dmy("c.date_out"), dmy(_LAST_VISIT)),
    ),
    Criterion(
        code="04.009",
        group="dates",
        title="Помощь оказана после даты смерти пациента",
        severity="error",
        applies=ALL,
        why="По другому случаю этот человек к тому дню умер: счёт вернут по 1.4.4. Исправьте дату или"
        " результат в том случае, где ошибка; исследования после смерти отмечаются в справочнике услуг.",
        mek="1.4.4",
        source="проверки МЭК (Курск) (посещение умершего)",
        select="WITH d AS MATERIALIZED (SELECT id, person, novor, card, result, date_out FROM o"
        f" WHERE result IN {listed('lethal_results')}) SELECT c.id, NULL, "
        + told(
            "начало {}, а по карте {} умер {} (результат {})",
            dmy("c.date_in"),
            "d.card",
            dmy("d.date_out"),
            "d.result",
        )
        + " FROM d CROSS JOIN c ON c.person = d.person AND c.novor = d.novor AND c.id <> d.id"
        " WHERE c.date_in > d.date_out AND NOT (EXISTS (SELECT 1 FROM s v WHERE v.case_id = c.id)"
        " AND NOT EXISTS (SELECT 1 FROM s v WHERE v.case_id = c.id AND NOT v.after_death))",
        field="date_in",
    ),
)
