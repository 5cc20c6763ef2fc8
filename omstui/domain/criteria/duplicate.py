"""Criteria: duplicates (дублирование)."""

from __future__ import annotations

from omstui.domain.criteria.model import ALL, MKSB, TAP, Criterion, Param
from omstui.domain.criteria.sql import (  # fmt: skip
    LATER,
    OTHERS,
    RAW_CODE,
    days_between,
    dmy,
    fits_program,
    listed,
    program,
    span,
)
from omstui.domain.criteria.view import tooth_of

PARAMS = (
    Param("single_visits", "Цели разового посещения (V025)", ("1.0", "1.1", "1.2", "2.1", "2.5", "2.6")),
    Param("inside_appeal", "Цели посещений, входящих в обращение (V025)", ("1.0", "1.2", "1.3")),
    Param("appeal_overlap_free", "Профили, чьи обращения могут пересекаться (V002)", ("60", "122")),
    Param("repeat_appeal_days", "Повторное обращение: в течение скольких дней", 14),
    Param("repeat_stay_days", "Повторная госпитализация: в течение скольких дней", 30),
    Param("transfer_results", "Результаты «переведён» (V009)", ("102", "103", "104")),
    Param("capitated_methods", "Способы оплаты, входящие в подушевой норматив (V010)", ("28", "29", "30")),
)

#: o stands in the registry of c
_SAME_REGISTRY = (
    "(o.reg = c.reg OR EXISTS (SELECT 1 FROM account a WHERE a.case_id = o.id AND a.registry_id = c.reg))"
)
#: paid by service (tests, КТ, МРТ): not the same case while no code is the same
_OTHER_TESTS = (
    "(c.pay_method = '28' AND o.pay_method = '28' AND NOT EXISTS (SELECT 1 FROM s JOIN service sv"
    f" ON sv.case_id = o.id AND {RAW_CODE} = s.code WHERE s.case_id = c.id))"
)
_ONE_DAY_VISIT = "(c.usl_ok = '3' AND c.date_in = c.day AND c.pay_method <> '28' AND c.purpose NOT LIKE '3%')"

_SAME_CASE = f"""
SELECT c.id, NULL, 'такой же случай уже есть в реестре: ' || {span()} || '; оставьте один'
{OTHERS} AND o.usl_ok = c.usl_ok AND o.date_in = c.date_in AND o.date_out = c.day
AND o.profile = c.profile AND o.specialty = c.specialty AND o.id < c.id
WHERE c.usl_ok <> '4' AND NOT {_ONE_DAY_VISIT} AND NOT {_OTHER_TESTS} AND {_SAME_REGISTRY}
"""

_SAME_VISIT = f"""
SELECT c.id, NULL, 'в этот день уже есть посещение специалиста с диагнозом ' || o.ds_main || ' (карта '
 || o.card || '); оставьте одно'
{OTHERS} AND o.usl_ok = '3' AND o.date_out = c.day AND o.profile = c.profile
AND o.specialty = c.specialty AND o.id < c.id AND substr(o.ds_main, 1, 3) = substr(c.ds_main, 1, 3)
WHERE c.usl_ok = '3' AND c.kind <> 'paraclinic' AND o.kind <> 'paraclinic'
AND c.purpose IN {listed("single_visits")} AND o.purpose IN {listed("single_visits")} AND {_SAME_REGISTRY}
"""

#: the case itself may have been sent in another registry, too
_SENT_BEFORE = f"""
SELECT c.id, NULL, iif(o.id = c.id, 'этот случай', 'такой же случай (карта ' || o.card || ')')
 || ' подан в реестре за ' || substr(r.period, 6, 2) || '.' || substr(r.period, 1, 4)
 || ' и не отклонён; исключите его'
FROM c CROSS JOIN o ON o.person = c.person AND o.novor = c.novor AND o.usl_ok = c.usl_ok
AND o.date_in = c.date_in AND iif(c.usl_ok = '4', o.card = c.card, o.date_out = c.day
 AND o.profile = c.profile AND o.specialty = c.specialty)
CROSS JOIN account a ON a.case_id = o.id AND a.package_id IS NOT NULL AND a.stage1 <> 2 AND a.stage2 <> 2
CROSS JOIN registry r ON r.id = a.registry_id AND r.is_test = 0 AND r.deleted_at IS NULL
AND r.status <> 'Восстановлен'
WHERE NOT c.returned AND (a.registry_id <> c.reg OR (c.reg IS NULL AND o.id <> c.id))
AND a.package_id < coalesce((SELECT m.package_id FROM account m WHERE m.id = c.account), a.package_id + 1)
AND NOT {_OTHER_TESTS}
"""

#: cases of anybody, so not in o; what is live is said anew. Twins may lie on one card, that of the mother
_SAME_CARD = f"""
SELECT c.id, NULL, 'карта ' || c.card || ' в этом году уже есть: начало ' || {dmy("x.date_in")}
 || '; нужен свой номер'
FROM c CROSS JOIN cases x ON x.nhistory = c.card AND x.id <> c.id
WHERE c.card <> '' AND x.kind IN ('inpatient', 'dayhospital') AND x.mo IN (:mo, '')
AND substr(x.date_in, 1, 4) = substr(c.date_in, 1, 4)
AND (x.date_in < c.date_in OR (x.date_in = c.date_in AND x.id < c.id))
AND x.deleted_at IS NULL AND x.merged_into IS NULL AND x.sequestered = ''
AND coalesce((SELECT max((a.stage1 <> 2 AND a.stage2 <> 2) OR EXISTS (SELECT 1 FROM resubmission b
 WHERE b.account_id = a.id AND b.undone_at IS NULL)) FROM account a WHERE a.case_id = x.id), 1)
AND NOT (c.newborn AND x.newborn NOT IN ('', '0', c.novor))
AND NOT ((x.date_out = c.date_in OR x.date_in = c.date_out) AND (x.patient_id = c.patient
 OR EXISTS (SELECT 1 FROM o WHERE o.id = x.id AND o.person = c.person)))
"""

_SAME_SERVICE = f"""
SELECT s.case_id, s.id, 'услуга ' || s.code || ' от ' || {dmy("s.date_in")} || ' уже есть в случае (строка '
 || x.n || '); оставьте одну'
FROM s CROSS JOIN s x ON x.case_id = s.case_id AND x.id < s.id AND x.code = s.code
AND x.date_in = s.date_in AND x.doctor = s.doctor AND x.tooth = s.tooth
WHERE s.known AND NOT s.repeatable
"""

_RAW_SUM = (
    "(sv.source_sum > 0 OR (sv.tariff = 0 AND EXISTS (SELECT 1 FROM account a JOIN account_service q"
    " ON q.account_id = a.id AND q.service_id = sv.id AND q.total > 0 WHERE a.case_id = o.id)))"
)
#: «+» keeps SQLite from making an index of all services for the day
_SERVICE_ELSEWHERE = f"""
SELECT c.id, s.id, 'услуга ' || s.code || ' от ' || {dmy("s.date_in")} || ' есть и в другом случае: '
 || {span()} || '; оставьте одну'
{OTHERS} AND o.id < c.id
CROSS JOIN s ON s.case_id = c.id
CROSS JOIN service sv ON sv.case_id = o.id AND +sv.date_in = s.date_in
WHERE s.known AND NOT s.is_visit AND NOT s.repeatable AND s.total > 0 AND {RAW_CODE} = s.code
AND {tooth_of("sv")} = s.tooth AND {_RAW_SUM}
"""

_APPEALS_CROSS = f"""
SELECT c.id, NULL, 'обращение пересекается с другим: ' || {span()} || '; объедините их или исправьте даты'
{OTHERS} AND o.usl_ok = '3' AND o.purpose = '3.0' AND o.profile = c.profile
AND c.date_in <= o.date_out AND o.date_in <= c.day AND {LATER}
WHERE c.purpose = '3.0' AND c.profile NOT IN {listed("appeal_overlap_free")}
"""

_VISIT_IN_APPEAL = f"""
SELECT c.id, NULL, 'посещение ' || {dmy("c.date_in")} || ' внутри обращения ' || {span()}
 || '; внесите его в обращение'
{OTHERS} AND o.usl_ok = '3' AND o.purpose = '3.0' AND o.profile = c.profile
AND c.date_in BETWEEN o.date_in AND o.date_out AND substr(o.ds_main, 1, 3) = substr(c.ds_main, 1, 3)
WHERE c.purpose IN {listed("inside_appeal")} AND c.help_form <> '2'
"""

_INCLUDED = """
SELECT s.case_id, s.id, 'услуга ' || s.code || ' входит в ' || i.parent || '; уберите её или сумму'
FROM s CROSS JOIN s x ON x.case_id = s.case_id AND x.id <> s.id AND x.total > 0
CROSS JOIN service_inclusion i ON i.parent = x.code AND i.child = s.code
WHERE s.total > 0 AND s.code IN (SELECT child FROM service_inclusion)
"""

_TEST_IN_STAY = f"""
SELECT c.id, s.id, 'услуга ' || {dmy("s.date_in")} || ' внутри стационара ' || {span()}
 || '; она входит в его тариф'
{OTHERS} AND o.usl_ok = '1'
CROSS JOIN s ON s.case_id = c.id AND s.date_in > o.date_in AND s.date_in < o.date_out
WHERE c.pay_method = '28' AND NOT s.beside_stay
AND NOT (o.mo NOT IN ('', :mo) AND c.ref_mo = o.mo)
"""

_IN_EXAMINATION = f"""
SELECT c.id, s.id, 'услуга ' || s.code || ' от ' || {dmy("s.date_in")} || ' входит в осмотр ' || {span()}
 || '; уберите её или сумму'
{OTHERS} AND o.exam
CROSS JOIN s ON s.case_id = c.id AND s.date_in BETWEEN o.date_in AND o.date_out AND s.total > 0
CROSS JOIN disp_program p ON p.kind = {program("o")} AND p.code = s.code
AND {fits_program("c.sex", "CAST(substr(o.date_out, 1, 4) AS INTEGER) - substr(c.birth, 1, 4)")}
WHERE NOT c.exam
"""

_CAPITATED = f"""
c.pay_method IN {listed("capitated_methods")} AND s.total > 0
AND s.code IN (SELECT t.code FROM tariff t WHERE t.capitation = 1)
AND EXISTS (SELECT 1 FROM tariff t WHERE t.code = s.code AND t.capitation = 1
 AND t.begin_date <= c.day AND (t.end_date = '' OR t.end_date >= c.day))
AND EXISTS (SELECT 1 FROM attachment t WHERE t.enp = coalesce(nullif(c.enp, ''), c.pol_number)
 AND t.enp <> '' AND t.mo = :mo AND t.begin_date <= c.date_in
 AND (t.end_date = '' OR t.end_date >= c.date_in))
"""

_EXCLUDING = f"""
WITH mine(code) AS MATERIALIZED (SELECT DISTINCT code FROM s), pair(one, other) AS MATERIALIZED (
 SELECT code1, code2 FROM service_exclusion WHERE code1 IN (SELECT code FROM mine)
 UNION SELECT code2, code1 FROM service_exclusion WHERE code2 IN (SELECT code FROM mine))
SELECT s.case_id, s.id, 'в этот день есть и услуга ' || x.code || ' этого же случая; оставьте одну'
FROM s CROSS JOIN s x ON x.case_id = s.case_id AND x.id < s.id AND x.date_in = s.date_in
CROSS JOIN pair ON pair.one = s.code AND pair.other = x.code
WHERE s.incomplete <> '1' AND x.incomplete <> '1' AND s.code IN (SELECT one FROM pair)
UNION ALL
SELECT c.id, s.id, 'в этот день есть и услуга ' || pair.other || ' в случае ' || {span()} || '; оставьте одну'
{OTHERS} AND {LATER}
CROSS JOIN s ON s.case_id = c.id
CROSS JOIN pair ON pair.one = s.code
CROSS JOIN service sv ON sv.case_id = o.id AND +sv.date_in = s.date_in
WHERE s.incomplete <> '1' AND {RAW_CODE} = pair.other AND sv.incomplete <> '1'
"""

_REPEATED_APPEAL = f"""
SELECT c.id, NULL, 'прошлое обращение ' || {span()} || ', через ' || {days_between("o.date_out", "c.date_in")}
 || ' дн.'
{OTHERS} AND o.usl_ok = '3' AND o.purpose = '3.0' AND o.profile = c.profile AND o.ds_main = c.ds_main
AND {LATER} AND {days_between("o.date_out", "c.date_in")} BETWEEN 0 AND :repeat_appeal_days
WHERE c.usl_ok = '3' AND c.purpose = '3.0' AND c.ds_main <> ''
"""

_REPEATED_STAY = f"""
SELECT c.id, NULL, 'прошлая госпитализация ' || {span()} || ', диагноз ' || o.ds_main || ', через '
 || {days_between("o.date_out", "c.date_in")} || ' дн.'
{OTHERS} AND o.usl_ok = c.usl_ok AND substr(o.ds_main, 1, 3) = substr(c.ds_main, 1, 3)
AND {LATER} AND {days_between("o.date_out", "c.date_in")} BETWEEN 0 AND :repeat_stay_days
WHERE c.usl_ok IN ('1', '2') AND c.ds_main <> '' AND o.result NOT IN {listed("transfer_results")}
"""

CRITERIA: tuple[Criterion, ...] = (
    Criterion(
        code="11.001",
        group="duplicate",
        title="Дублирование случая в одном реестре",
        severity="error",
        applies=(TAP, MKSB),
        why="Второй такой же случай фонд не оплатит (1.10.2). Оставьте в реестре один, лишний удалите.",
        mek="1.10.2",
        source="Q016 003K.00.0410; проверки МЭК (Курск) 1.10.2",
        select=_SAME_CASE,
        field="date_in",
    ),
    Criterion(
        code="11.002",
        group="duplicate",
        title="Повторное посещение того же специалиста в тот же день",
        severity="error",
        applies=(TAP,),
        why="Два посещения одного специалиста в день по одному заболеванию фонд считает дублем (1.10.2)."
        " Оставьте одно.",
        mek="1.10.2",
        source="проверки МЭК (Курск) (Дублирование случаев в поликлинике)",
        select=_SAME_VISIT,
        field="date_out",
    ),
    Criterion(
        code="11.003",
        group="duplicate",
        title="Случай уже выставлялся в ранее сданном реестре",
        severity="error",
        applies=ALL,
        why="Поданный и не отклонённый случай второй раз не оплатят (1.10.1). Исключите его; если фонд его"
        " отклонил, загрузите ответ и отметьте отказ «в реестр».",
        mek="1.10.1",
        source="проверки МЭК (Курск) 1.10.1; ЧИП МО",
        select=_SENT_BEFORE,
        field="date_out",
    ),
    Criterion(
        code="11.004",
        group="duplicate",
        title="Одинаковый номер карты у разных случаев",
        severity="error",
        applies=(MKSB,),
        why="Номер истории болезни в году не повторяется: по нему фонд отличает случаи (1.4.4). Исправьте"
        " номер карты.",
        mek="1.4.4",
        source="ЧИП МО; контроль фонда (Волгоград) (дубликаты идентификаторов)",
        select=_SAME_CARD,
        field="nhistory",
        default=False,
    ),
    Criterion(
        code="11.005",
        group="duplicate",
        title="Повтор услуги в одном случае",
        severity="error",
        applies=(TAP, MKSB),
        why="Неповторяемая услуга того же врача в тот же день записана дважды: вторую не оплатят (1.10.2)."
        " Удалите лишнюю.",
        mek="1.10.2",
        source="проверки МЭК (Курск); контроль фонда (Волгоград) (дубликаты услуг)",
        select=_SAME_SERVICE,
        level="service",
        field="service.code",
        books=("services",),
    ),
    Criterion(
        code="11.006",
        group="duplicate",
        title="Одна и та же оплачиваемая услуга у пациента в один день в разных случаях",
        severity="error",
        applies=(TAP, MKSB),
        why="Одну услугу за день фонд оплатит один раз (1.10.2). Оставьте её в одном из случаев.",
        mek="1.10.2",
        source="ЧИП МО; проверки МЭК (Курск) (перекрест случай с услугой)",
        select=_SERVICE_ELSEWHERE,
        level="service",
        field="service.code",
        books=("services",),
    ),
    Criterion(
        code="11.007",
        group="duplicate",
        title="Пересекаются обращения по заболеванию одного профиля",
        severity="error",
        applies=(TAP,),
        why="Обращения одного профиля не могут идти одновременно: второе вернут как дубль (1.10.2)."
        " Объедините их или исправьте даты.",
        mek="1.10.2",
        source="ЧИП МО (пересечение амбулаторных случаев); проверки МЭК (Курск)",
        select=_APPEALS_CROSS,
        field="date_in",
    ),
    Criterion(
        code="11.008",
        group="duplicate",
        title="Разовое посещение внутри обращения того же профиля",
        severity="error",
        applies=(TAP,),
        why="Посещение по тому же заболеванию оплачено обращением (1.10.3). Перенесите его в обращение.",
        mek="1.10.3",
        source="проверки МЭК (Курск)",
        select=_VISIT_IN_APPEAL,
        field="date_in",
    ),
    Criterion(
        code="11.009",
        group="duplicate",
        title="Услуга входит в состав другой услуги этого же случая",
        severity="error",
        applies=(TAP, MKSB),
        why="Стоимость входящей услуги уже в тарифе основной (1.10.3). Уберите входящую или подайте её без"
        " суммы.",
        mek="1.10.3",
        source="руководство B МЭК 1.10.3; приказ 231н",
        select=_INCLUDED,
        level="service",
        field="service.code",
        books=("inclusions",),
    ),
    Criterion(
        code="11.010",
        group="duplicate",
        title="Диагностическая услуга предъявлена отдельно в период стационарного лечения",
        severity="error",
        applies=(TAP,),
        why="В стационаре обследования входят в его тариф (1.10.3). Исправьте дату или снимите с оплаты.",
        mek="1.10.3",
        source="руководство B МЭК 1.10.3; ЧИП МО (исключения диализ)",
        select=_TEST_IN_STAY,
        level="service",
        field="service.date_in",
    ),
    Criterion(
        code="11.011",
        group="duplicate",
        title="Услуга, входящая в диспансеризацию, предъявлена отдельно",
        severity="error",
        applies=(TAP,),
        why="Услуга программы осмотра оплачена вместе с ним (1.10.3). Уберите её из отдельного случая или"
        " подайте без суммы.",
        mek="1.10.3",
        source="ProMed (в период диспансеризации получена помощь); руководство B МЭК 1.10.3",
        select=_IN_EXAMINATION,
        level="service",
        field="service.code",
        books=("disp_program",),
    ),
    Criterion(
        code="11.012",
        group="duplicate",
        title="Услуга входит в подушевой норматив на прикреплённое население",
        severity="error",
        applies=(TAP,),
        why="Пациент прикреплён к нам: услуга оплачена подушевым нормативом (1.10.4). Подайте её без суммы.",
        mek="1.10.4",
        source="руководство B МЭК 1.10.4; приказ 231н",
        condition=_CAPITATED,
        level="service",
        field="service.source_sum",
        detail="'услуга ' || s.code || ' входит в подушевой норматив, сумма должна быть 0.00'",
        books=("tariff", "attachments"),
    ),
    Criterion(
        code="11.013",
        group="duplicate",
        title="Взаимоисключающие услуги в один день",
        severity="warning",
        applies=(TAP, MKSB),
        why="Вместе в один день их не назначают: одну могут снять (1.10.3). Оставьте одну или исправьте дату.",
        mek="1.10.3",
        source="ЧИП МО",
        select=_EXCLUDING,
        level="service",
        field="service.code",
        books=("exclusions",),
        default=False,
    ),
    Criterion(
        code="11.014",
        group="duplicate",
        title="Повторное амбулаторное обращение по тому же заболеванию в течение 14 дней",
        severity="warning",
        applies=(TAP,),
        why="Повторное обращение фонд отправит на целевую экспертизу. Проверьте, не одно ли это обращение.",
        source="проверки МЭК (Курск) (52. Повторные обращения в АПП)",
        select=_REPEATED_APPEAL,
        field="date_in",
        default=False,
    ),
    Criterion(
        code="11.015",
        group="duplicate",
        title="Повторная госпитализация по тому же заболеванию в течение 30 дней",
        severity="warning",
        applies=(MKSB,),
        why="Скорую повторную госпитализацию фонд отправит на целевую экспертизу. Проверьте даты и результат"
        " прошлой: был ли перевод.",
        source="ЧИП МО (<31 дня); проверки МЭК (Курск) (52)",
        select=_REPEATED_STAY,
        field="date_in",
        default=False,
    ),
)
