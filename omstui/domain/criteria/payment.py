"""Criteria: way of payment and returns (оплата)."""

from __future__ import annotations

from omstui.domain.criteria.model import ALL, TAP, Criterion, Param
from omstui.domain.criteria.sql import dmy, listed, name_of, okato5, shown, told, valid

PARAMS: tuple[Param, ...] = (
    Param("pay_stay", "Способы оплаты стационара и дневного стационара (V010)", ("32", "33")),
    Param("pay_outpatient", "Способы оплаты амбулаторной помощи (V010)", ("28", "29", "30")),
    Param("pay_ambulance", "Способы оплаты скорой помощи (V010)", ("24",)),
    Param(
        "visit_purposes",
        "Цели, которые оплачиваются за посещение (V025)",
        ("1.0", "1.1", "1.2", "1.3", "2.1", "2.5", "2.6"),
    ),
    Param("pay_visit", "Способы оплаты посещения (V010)", ("29",)),
    Param("pay_treatment", "Способы оплаты обращения (V010)", ("30",)),
    Param(
        "pay_interregional",
        "Способы оплаты межтерриториальных расчётов (V010)",
        ("24", "28", "29", "30", "32", "33"),
    ),
)

#: which list of ways to pay goes with the conditions of help
_BY_CONDITIONS = (("4", "pay_ambulance"), ("3", "pay_outpatient"), ("1", "pay_stay"), ("2", "pay_stay"))
#: a single study or dental service is paid as a service whatever the purpose is
_BY_SERVICE = "(c.pay_method = '28' AND c.kind IN ('paraclinic', 'dental'))"
#: a D-file has no purpose: what stands in the case was derived
_PURPOSE = "NOT c.from_d AND c.pay_method <> ''"
_VISIT = f"c.purpose IN {listed('visit_purposes')}"
_TREATMENT = f"c.purpose IN {listed('treatment_purposes')}"
_WAY = told("способ оплаты {}{}", "c.pay_method", name_of("V010", "c.pay_method"))
_FOREIGN = (
    f"CASE WHEN c.okato <> '' THEN :home_okato <> '' AND {okato5('c.okato')} <> :home_okato"
    " ELSE :home_region <> '' AND c.region NOT IN ('', :home_region) END"
)
#: refused by МЭК or returned by ФЛК, and neither billed again and accepted, nor dropped, nor edited since
_RETURN = (
    "FROM account a JOIN refusal f ON f.account_id = a.id JOIN answer w ON w.id = f.answer_id"
    " JOIN registry r ON r.id = a.registry_id"
    " WHERE a.case_id = c.id AND f.state = 'active' AND (f.refuses OR w.road = 'flk') AND f.kind <> 'ident'"
    " AND r.is_test = 0 AND a.work <> 'снят' AND coalesce(c.updated_at, '') <= w.accepted_at"
    " AND NOT EXISTS (SELECT 1 FROM account z WHERE z.case_id = c.id AND z.id > a.id"
    " AND z.package_id IS NOT NULL AND z.stage1 <> 2 AND z.stage2 <> 2)"
    " AND NOT EXISTS (SELECT 1 FROM edit e WHERE e.case_id = c.id AND e.at > w.accepted_at)"
    " AND NOT EXISTS (SELECT 1 FROM edit e WHERE e.patient_id = c.patient AND e.at > w.accepted_at)"
)

CRITERIA: tuple[Criterion, ...] = (
    Criterion(
        code="20.001",
        group="payment",
        title="Не указан способ оплаты или его нет в V010",
        severity="error",
        applies=ALL,
        why="Без способа оплаты фонд не посчитает случай и вернёт счёт по 1.4.3. Укажите способ оплаты по"
        " V010.",
        mek="1.4.3",
        source="Q015 001F.00.0230; ЧИП МО",
        condition=f"NOT {valid('V010', 'c.pay_method')} AND NOT (c.from_bill AND c.pay_method = '')",
        field="pay_method",
        detail=f"iif(c.pay_method = '', 'способ оплаты не указан',"
        f" {told('способа оплаты {} нет в V010 или он не действует {}', 'c.pay_method', dmy('c.day'))})",
        books=("V010",),
    ),
    Criterion(
        code="20.002",
        group="payment",
        title="Способ оплаты не соответствует условиям оказания помощи",
        severity="error",
        applies=ALL,
        why="У каждых условий помощи свои способы оплаты; чужой вернут по 1.4.4. Исправьте способ оплаты"
        " или условия.",
        mek="1.4.4",
        source="проверки МЭК (Курск); ЧИП МО",
        condition="c.pay_method <> '' AND CASE c.usl_ok "
        + " ".join(
            f"WHEN '{code}' THEN c.pay_method NOT IN {listed(param)}" for code, param in _BY_CONDITIONS
        )
        + " END",
        field="pay_method",
        detail=told("{}, для условий {}{} нужен: ", _WAY, "c.usl_ok", name_of("V006", "c.usl_ok"))
        + " || CASE c.usl_ok "
        + " ".join(f"WHEN '{code}' THEN {shown(param)}" for code, param in _BY_CONDITIONS)
        + " END",
    ),
    Criterion(
        code="20.003",
        group="payment",
        title="Способ оплаты не соответствует цели посещения",
        severity="error",
        applies=(TAP,),
        why="Посещение оплачивают за посещение (29), обращение — за обращение (30), услугу (28) — только в"
        " параклинике и стоматологии; иначе счёт вернут по 1.4.4. Исправьте цель или способ оплаты.",
        mek="1.4.4",
        source="проверки МЭК (Курск) (способ оплаты не соответствует цели)",
        condition=f"{_PURPOSE} AND NOT {_BY_SERVICE} AND (c.pay_method = '28'"
        f" OR ({_VISIT} AND c.pay_method NOT IN {listed('pay_visit')})"
        f" OR ({_TREATMENT} AND c.pay_method NOT IN {listed('pay_treatment')}))",
        field="pay_method",
        detail=_WAY + f" || CASE WHEN {_VISIT} THEN ', для посещения с целью ' || c.purpose || ' нужен: ' ||"
        f" {shown('pay_visit')}"
        f" WHEN {_TREATMENT} THEN ', для обращения с целью ' || c.purpose || ' нужен: ' ||"
        f" {shown('pay_treatment')} ELSE ' бывает только в параклинике и стоматологии' END",
    ),
    Criterion(
        code="20.004",
        group="payment",
        title="В случае смешаны способы оплаты",
        severity="error",
        applies=ALL,
        why="Случай оплачивают одним способом, а у его услуг в тарифах способы разные; счёт вернут по"
        " 1.4.4. Разнесите услуги по разным случаям.",
        mek="1.4.4",
        source="ЧИП МО",
        select="WITH t AS MATERIALIZED (SELECT DISTINCT t.code, t.child, t.begin_date, t.end_date,"
        " pay_method FROM (SELECT DISTINCT code FROM price) p CROSS JOIN tariff t ON t.code = p.code"
        " WHERE pay_method <> '' AND level IN ('', :level)) SELECT s.case_id, NULL,"
        " 'способы оплаты услуг: ' || min(t.pay_method) || ' и ' || max(t.pay_method)"
        " || ', нужен один' FROM s CROSS JOIN t"
        " ON t.code = s.code AND t.begin_date <= s.date_out AND (t.end_date = '' OR t.end_date >= s.date_out)"
        " AND (t.child = '' OR t.child = (s.age < 18))"
        " WHERE s.total > 0 GROUP BY s.case_id HAVING min(t.pay_method) <> max(t.pay_method)",
        field="service.code",
        books=("tariff",),
        default=False,
    ),
    Criterion(
        code="20.005",
        group="payment",
        title="Способ оплаты не применяется для межтерриториальных расчётов",
        severity="error",
        applies=ALL,
        why="Фонд другого региона платит только принятыми между регионами способами; иначе счёт вернут по"
        " 1.4.4. Исправьте способ оплаты или территорию страхования.",
        mek="1.4.4",
        source="Q016 003K.00.0400",
        condition=f"c.pay_method <> '' AND {_FOREIGN} AND c.pay_method NOT IN {listed('pay_interregional')}",
        field="pay_method",
        detail=told(
            "территория {}, {}, нужен: {}",
            "coalesce(nullif(c.okato, ''), c.region)",
            _WAY,
            shown("pay_interregional"),
        ),
        default=False,
    ),
    Criterion(
        code="20.006",
        group="payment",
        title="Случай вернулся с ошибкой МЭК или ФЛК и ещё не исправлен",
        severity="error",
        applies=ALL,
        why="Фонд уже вернул этот случай, и с тех пор в нём ничего не меняли: откажут снова. Исправьте"
        " случай по причине отказа или снимите его.",
        mek="1.4.4",
        source="ЧИП МО (вернулся из ТФОМС и не отредактирован); руководство B",
        condition=f"EXISTS (SELECT 1 {_RETURN})",
        detail=f"(SELECT 'отказ ' || {dmy('w.accepted_at')} || ': ' || trim(f.code || ' ' || f.text)"
        f" {_RETURN} ORDER BY f.id DESC LIMIT 1)",
    ),
)
