"""Conditions of «Анализ МЭСов» as sets (yaroslavl.md §6.1): each SELECT says what it found.

A SELECT gives account, service or NULL, МЭС, expected, actual, difference in kopecks, message; it reads the
tables of ``mes_view``. Prices and КСЛП (M06, M08, a part of M09) are judged by ``domain.mes_price``.
"""

from __future__ import annotations

from omstui.domain.criteria.sql import dmy, money
from omstui.domain.criteria.view import tooth_of
from omstui.domain.store.mes_sql import SetCheck, of_case, of_part, of_service
from omstui.domain.store.mes_view import covers

_CODE = "coalesce(nullif(s.code, ''), s.intervention)"
#: a service that stands for the КСГ: its price is judged by the formula
_OF_KSG = "EXISTS (SELECT 1 FROM mes_p q WHERE q.account = s.account AND q.mes IN (s.code, s.intervention))"
_PRICE = (
    "(SELECT t.price FROM mes_price t WHERE t.code = {code} AND t.child = c.child"
    " AND t.begin_date <= c.day AND t.end_date >= c.day)"
)
#: price of a service by the book in force, else what its source says
_RIGHT = f"(coalesce({_PRICE.format(code=_CODE)}, nullif(s.tariff, 0)) * s.quantity + 50) / 100"
_HAS_MES = "EXISTS (SELECT 1 FROM mes b WHERE b.usl_ok IN ('', c.usl_ok))"
#: another live case of the same person
_OTHER = "CROSS JOIN mes_o o ON o.person = c.person AND o.newborn = c.newborn AND o.id <> c.id"
_IN_HOSPITAL = f"{_OTHER} AND o.usl_ok = '1'"
_STAY_TEXT = f"'карта ' || o.card || ', ' || {dmy('o.date_in')} || ' - ' || {dmy('o.date_out')}"
_DATES = f"{dmy('c.date_in')} || ' - ' || {dmy('c.date_out')}"
#: a common boundary day passes; of a pair the later case is marked
_CROSSES = "o.date_in < c.date_out AND c.date_in < o.date_out"
_SAME_DAY = "o.date_in = c.date_in AND o.date_out = c.date_out AND c.date_in = c.date_out"
_LATER = "(o.date_in < c.date_in OR o.date_in = c.date_in AND o.id < c.id)"
#: a mark of the service in the book of services
_BOOK = "coalesce((SELECT b.{} FROM service_book b WHERE b.id = s.book), 0)"
_BESIDE = (
    "EXISTS (SELECT 1 FROM mes_s s JOIN service_book b ON b.id = s.book WHERE s.account = c.account"
    " AND b.beside_stay)"
)
_TWICE = "e.code = s.code AND e.intervention = s.intervention AND e.date_in = s.date_in"
_VISIT = (
    "CASE WHEN EXISTS (SELECT 1 FROM service_book) THEN coalesce((SELECT b.is_visit FROM service_book b"
    " WHERE b.id = s.book), 0) ELSE s.code GLOB '[BВ]0[124]*' OR s.intervention GLOB '[BВ]0[124]*' END"
)

# --- rules of a МЭС --------------------------------------------------------------------------

_AGED = "(r.age_min IS NULL OR c.age >= r.age_min) AND (r.age_max IS NULL OR c.age <= r.age_max)"
_RULE_DS = "(r.ds = '' OR substr(p.ds, 1, length(r.ds)) = r.ds)"
_RULE_DONE = (
    "(r.code = '' OR EXISTS (SELECT 1 FROM mes_s s WHERE s.account = c.account AND r.code IN"
    " (s.code, s.intervention))) AND (r.criterion = '' OR EXISTS (SELECT 1 FROM json_each(p.crit) j"
    " WHERE j.value = r.criterion))"
)
_RULES = "SELECT 1 FROM mes_rule r WHERE r.mes = p.mes"
_NEEDED = "CASE WHEN r.code = '' THEN 'критерий ' || r.criterion ELSE 'услуга ' || r.code END"
_OPEN = f"{_RULES} AND {_RULE_DS} AND {_AGED}"

# --- sex and age -----------------------------------------------------------------------------

_SEX = "CASE {} WHEN '1' THEN 'мужской' WHEN '2' THEN 'женский' ELSE '' END"
_LIMITS = (
    "CASE WHEN b.{0} IS NULL THEN 'до ' || b.{1} WHEN b.{1} IS NULL THEN 'от ' || b.{0}"
    " ELSE b.{0} || '–' || b.{1} END"
)
_AGE_LIMITS, _DAY_LIMITS = _LIMITS.format("age_min", "age_max"), _LIMITS.format("min_days", "max_days")

_OVERLAP = "'Пациент в это время в стационаре: ' || "

SETS: tuple[SetCheck, ...] = (
    SetCheck(
        "M01",
        of_part(
            "p.book IS NULL AND NOT p.federal AND (p.ksg <> '' OR " + _HAS_MES + ")"
            f" AND {_PRICE.format(code='p.mes')} IS NULL",
            "''",
            "p.mes",
            "CASE WHEN p.ksg <> '' THEN 'КСГ ' ELSE 'МЭС ' END || p.mes || ' нет в справочнике на ' || "
            + dmy("c.day")
            + " || ' для этих условий оказания.'",
        ),
        ("mes|V023",),
        "МЭС и КСГ",
    ),
    SetCheck(
        "M01",
        of_case(
            "c.pay_method = '33' AND NOT EXISTS (SELECT 1 FROM mes_p p WHERE p.account = c.account)",
            "'КСГ'",
            "''",
            "'Оплата по КСГ (способ 33), а КСГ не указана.'",
        ),
        what="КСГ не указана",
    ),
    SetCheck(
        "M01",
        of_service(
            f"NOT {_OF_KSG} AND {_PRICE.format(code=_CODE)} IS NULL",
            "''",
            _CODE,
            f"'Нет тарифа услуги ' || {_CODE} || ' на ' || {dmy('c.day')} || '.'",
        ),
        ("tariff",),
        "тарифы",
    ),
    SetCheck(
        "M02",
        of_case("c.ds_main = ''", "'диагноз'", "''", "'Основной диагноз не указан.'"),
        what="диагноз указан",
    ),
    SetCheck(
        "M02",
        # a rule without a diagnosis lets any in, once its service or criterion is there
        of_part(
            f"p.ds <> '' AND EXISTS ({_RULES} AND r.ds <> '') AND NOT EXISTS ({_RULES} AND {_RULE_DS}"
            f" AND (r.ds <> '' OR {_RULE_DONE}))",
            "(SELECT group_concat(d, ', ') FROM (SELECT DISTINCT r.ds AS d FROM mes_rule r"
            " WHERE r.mes = p.mes AND r.ds <> '' ORDER BY 1 LIMIT 8))",
            "p.ds",
            "'Диагноз ' || p.ds || ' не входит в перечень ' || p.mes || '.'",
        ),
        ("mes_rule",),
        "перечень МЭС",
    ),
    SetCheck(
        "M03",
        of_part(
            f"r.mandatory AND {_RULE_DS} AND {_AGED} AND (r.code <> '' OR r.criterion <> '')"
            f" AND NOT ({_RULE_DONE})",
            _NEEDED,
            "''",
            "'Для ' || p.mes || ' обязательна ' || " + _NEEDED + " || ', в счёте её нет.'",
            "JOIN mes_rule r ON r.mes = p.mes",
        ),
        ("mes_rule",),
        "обязательные",
    ),
    SetCheck(
        "M03",
        # every rule that fits asks for a service or a criterion, and none of them is there
        of_part(
            f"EXISTS ({_OPEN}) AND NOT EXISTS ({_OPEN} AND ({_RULE_DONE} OR r.mandatory))",
            f"(SELECT group_concat(d, ', ') FROM (SELECT DISTINCT {_NEEDED} AS d FROM mes_rule r"
            f" WHERE r.mes = p.mes AND {_RULE_DS} AND {_AGED} ORDER BY 1 LIMIT 5))",
            "''",
            "'Нет ни одной услуги (критерия), по которым случай относится к ' || p.mes || '.'",
        ),
        ("mes_rule",),
        "одна из перечня",
    ),
    SetCheck(
        "M04",
        of_part(
            "b.sex <> '' AND c.sex <> '' AND b.sex <> c.sex",
            _SEX.format("b.sex"),
            _SEX.format("c.sex"),
            "'Пол пациента не подходит к ' || p.mes || '.'",
            "JOIN mes b ON b.id = p.book",
        ),
        ("mes",),
        "пол по МЭС",
    ),
    SetCheck(
        "M04",
        of_part(
            "c.age < b.age_min OR c.age > b.age_max",
            _AGE_LIMITS,
            "c.age",
            "'Возраст ' || c.age || ' не подходит к ' || p.mes || ' (лет: ' || " + _AGE_LIMITS + " || ').'",
            "JOIN mes b ON b.id = p.book",
        ),
        ("mes",),
        "возраст по МЭС",
    ),
    SetCheck(
        "M04",
        of_case(
            "c.sex <> '' AND EXISTS (SELECT 1 FROM nsi n WHERE n.book = 'MKB10_SEX' AND n.code <= c.ds_main"
            " AND substr(c.ds_main, 1, length(coalesce(nullif(n.a1, ''), n.code))) <="
            " coalesce(nullif(n.a1, ''), n.code) AND n.a2 IN ('1', '2') AND n.a2 <> c.sex)"
            " AND NOT (c.sex = '1' AND c.ds_main LIKE 'O%')",
            _SEX.format("CASE c.sex WHEN '1' THEN '2' ELSE '1' END"),
            _SEX.format("c.sex"),
            "'Диагноз ' || c.ds_main || ' не бывает у пациента этого пола.'",
        ),
        ("MKB10_SEX",),
        "пол по диагнозу",
    ),
    SetCheck(
        "M04",
        of_case(
            "c.sex = '1' AND c.ds_main LIKE 'O%'",
            "'женский'",
            "'мужской'",
            "'Диагноз ' || c.ds_main || ' (беременность, роды) у пациента мужского пола.'",
        ),
        what="роды",
    ),
    SetCheck(
        "M05",
        of_service(
            f"NOT {_OF_KSG} AND abs(s.billed - {_RIGHT}) > 1",
            money(_RIGHT),
            money("s.billed"),
            f"'Услуга ' || {_CODE} || ': тариф × количество = ' || {money(_RIGHT)} || ', в счёте ' || "
            f"{money('s.billed')} || '.'",
            f"s.billed - {_RIGHT}",
        ),
    ),
    SetCheck(
        "M07",
        "SELECT c.account, NULL, '', " + money("d.total") + ", " + money("c.billed") + ","
        " c.billed - d.total, 'Сумма счёта ' || "
        + money("c.billed")
        + " || ', а сумма услуг ' || "
        + money("d.total")
        + " || '.' FROM mes_c c CROSS JOIN (SELECT m.account, coalesce(sum(s.billed), 0)"
        " AS total FROM mes_c m LEFT JOIN mes_s s ON s.account = m.account GROUP BY m.account) d"
        " ON d.account = c.account WHERE d.total <> c.billed",
        what="счёт",
    ),
    SetCheck(
        "M07",
        of_case(
            "c.source_sum > 0 AND c.source_sum <> c.billed AND c.pay_method NOT IN ('32', '33')",
            money("c.billed"),
            money("c.source_sum"),
            f"'В карте сумма случая ' || {money('c.source_sum')} || ', а сумма услуг ' || {money('c.billed')}"
            " || '.'",
            "c.source_sum - c.billed",
        ),
        what="сумма карты",
        without="tariff",
    ),
    SetCheck(
        "M09",
        of_part(
            "p.days < b.min_days OR p.days > b.max_days",
            _DAY_LIMITS,
            "p.days",
            "'Лечение ' || p.days || ' дн., по ' || p.mes || ': ' || " + _DAY_LIMITS + " || '.'",
            "JOIN mes b ON b.id = p.book",
        ),
        ("mes",),
        "границы МЭС",
    ),
    SetCheck(
        "M10",
        of_service(
            "s.date_out > c.date_out OR s.date_in < c.date_in AND NOT c.exam",
            f"{dmy('c.date_in')} || ' - ' || {dmy('c.date_out')}",
            f"{dmy('s.date_in')} || ' - ' || {dmy('s.date_out')}",
            f"'Услуга ' || {_CODE} || ' вне дат лечения.'",
        ),
        what="даты услуг",
    ),
    SetCheck(
        "M10",
        of_case("NOT c.completed OR c.date_out IS NULL", "'закрыт'", "'открыт'", "'Случай не завершён.'"),
        what="случай завершён",
    ),
    SetCheck(
        "M11",
        of_service(
            "EXISTS (SELECT 1 FROM service_specialty b WHERE b.code IN (s.code, s.intervention))"
            " AND NOT EXISTS (SELECT 1 FROM service_specialty b WHERE b.code IN (s.code, s.intervention)"
            " AND b.specialty = coalesce(nullif(s.specialty, ''), c.specialty))",
            "(SELECT group_concat(b.specialty, ', ') FROM service_specialty b WHERE b.code IN"
            " (s.code, s.intervention))",
            "coalesce(nullif(s.specialty, ''), c.specialty)",
            f"'Услугу ' || {_CODE} || ' не оказывает врач специальности ' ||"
            " coalesce(nullif(s.specialty, ''), c.specialty) || '.'",
        ),
        ("service_specialty",),
        "услуга",
    ),
    SetCheck(
        "M11",
        of_case(
            "c.profile NOT IN ('158', '160') AND EXISTS (SELECT 1 FROM profile_specialty b"
            " WHERE b.profile = c.profile) AND NOT EXISTS (SELECT 1 FROM profile_specialty b"
            " WHERE b.profile IN ('*', c.profile) AND b.specialty = c.specialty)",
            "(SELECT group_concat(b.specialty, ', ') FROM profile_specialty b WHERE b.profile = c.profile)",
            "c.specialty",
            "'Профиль ' || c.profile || ' не соответствует специальности врача ' || c.specialty || '.'",
        ),
        ("profile_specialty",),
        "профиль",
    ),
    # 12.001, 12.005: the day of admission and the day of discharge are free
    SetCheck(
        "M12",
        of_service(
            f"(c.exam OR c.usl_ok = '3' AND {_VISIT} AND NOT {_BOOK.format('is_dental')})"
            f" AND NOT {_BOOK.format('beside_stay')} AND o.date_in < s.date_in AND s.date_in < o.date_out",
            "'вне стационара'",
            dmy("s.date_in"),
            f"{_OVERLAP}{_STAY_TEXT} || '; услуга ' || {_CODE} || ' — ' || {dmy('s.date_in')} || '.'",
            join=_IN_HOSPITAL,
        ),
        what="посещение",
    ),
    SetCheck(
        "M12",
        of_case(
            f"c.usl_ok = '2' AND {_CROSSES} AND NOT {_BESIDE}",
            "'вне стационара'",
            _DATES,
            f"{_OVERLAP}{_STAY_TEXT} || '.'",
            join=_IN_HOSPITAL,
        ),
        what="дневной стационар",
    ),
    SetCheck(
        "M12",
        of_case(
            f"c.usl_ok IN ('1', '2') AND o.usl_ok = c.usl_ok AND ({_CROSSES} OR {_SAME_DAY}) AND {_LATER}"
            f" AND NOT (c.usl_ok = '2' AND {_BESIDE}) AND NOT EXISTS (SELECT 1 FROM mes_nested b"
            " WHERE (b.outer_mes, b.inner_mes) IN (VALUES (o.ksg, c.ksg), (c.ksg, o.ksg)))",
            "'без пересечения'",
            _DATES,
            f"'Случай пересекается с другим: ' || {_STAY_TEXT} || '.'",
            join=_OTHER,
        ),
        what="два стационара",
    ),
    SetCheck(
        "M12",
        of_service(
            f"{_BOOK.format('repeatable')} = 0 AND NOT {_OF_KSG} AND EXISTS (SELECT 1 FROM mes_s e"
            f" WHERE e.account = s.account AND e.id < s.id AND {_TWICE} AND e.doctor = s.doctor)",
            "'1'",
            "'повтор'",
            f"'Услуга ' || {_CODE} || ' повторена в счёте за ' || {dmy('s.date_in')} || '.'",
        ),
        ("services",),
        "повтор в случае",
    ),
    SetCheck(
        "M12",
        of_service(
            f"{_BOOK.format('repeatable')} = 0 AND NOT {_VISIT} AND NOT {_OF_KSG} AND s.billed > 0"
            " AND o.id < c.id"
            " AND o.date_in <= s.date_in AND o.date_out >= s.date_in AND EXISTS (SELECT 1 FROM service e"
            f" WHERE e.case_id = o.id AND {_TWICE} AND e.source_sum > 0"
            f" AND {tooth_of('e')} = s.tooth)",
            "'1'",
            "'повтор'",
            f"'Услуга ' || {_CODE} || ' за ' || {dmy('s.date_in')} || ' есть и в другом случае: ' ||"
            f" {_STAY_TEXT} || '.'",
            join=_OTHER,
        ),
        ("services",),
        "повтор в другом случае",
    ),
    SetCheck(
        "M13",
        of_case(
            "NOT EXISTS (SELECT 1 FROM policy q WHERE q.patient_id = c.patient AND q.number || q.enp <> '')",
            "'полис'",
            "''",
            "'У пациента нет полиса.'",
        ),
        what="полис есть",
    ),
    SetCheck(
        "M13",
        of_case(
            "EXISTS (SELECT 1 FROM policy q WHERE q.patient_id = c.patient AND q.number || q.enp <> '')"
            " AND NOT EXISTS (SELECT 1 FROM policy q WHERE q.patient_id = c.patient AND"
            f" q.number || q.enp <> '' AND {covers('q', 'c.day')})",
            "'действует ' || " + dmy("c.day"),
            f"(SELECT 'с ' || iif(coalesce(q.begin_date, '') = '', '…', {dmy('q.begin_date')}) || ' по ' ||"
            f" iif(coalesce(q.end_date, '') = '', '…', {dmy('q.end_date')}) FROM policy q"
            " WHERE q.patient_id = c.patient ORDER BY q.begin_date DESC LIMIT 1)",
            "'Полис не действовал на ' || " + dmy("c.day") + " || '.'",
        ),
        what="срок полиса",
    ),
    SetCheck(
        "M13",
        of_case(
            "c.payer IS NULL",
            "'СМО'",
            "''",
            "'У счёта нет плательщика: СМО пациента не определена.'",
        ),
        what="СМО",
    ),
)
