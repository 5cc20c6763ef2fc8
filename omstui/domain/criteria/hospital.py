"""Criteria: stays in hospital (стационар)."""

from __future__ import annotations

from omstui.domain.criteria.model import MKSB, SMP, TAP, Criterion, Param
from omstui.domain.criteria.sql import LATER, OTHERS, RAW_CODE, dmy, span

PARAMS = (
    Param("day_stay_touch", "Дневной стационар: общий пограничный день — пересечение (1 да, 0 нет)", 0),
)

#: strictly inside the stay: the days of admission and of discharge are free
_INSIDE = "s.date_in > o.date_in AND s.date_in < o.date_out"
#: urgent help in another organisation is paid beside a stay (231н)
_URGENT_ELSEWHERE = "(o.mo NOT IN ('', :mo) AND c.help_form IN ('1', '2'))"
#: dialysis and the like are paid beside another stay
_DIALYSIS = "EXISTS (SELECT 1 FROM s WHERE s.case_id = c.id AND s.beside_stay)"
_OTHER_DIALYSIS = (
    "EXISTS (SELECT 1 FROM service sv JOIN service_book b ON b.code = trim("
    f"{RAW_CODE}) AND b.beside_stay = 1 WHERE sv.case_id = o.id)"
)
_OVERLAP = "c.date_in < o.date_out AND o.date_in < c.day"
_SAME_DAY = "(c.date_in = c.day AND o.date_in = c.date_in AND o.date_out = c.date_in)"
#: КСГ of the inner stay may lie inside the outer one
_NESTED = (
    "EXISTS (SELECT 1 FROM mes_nested n WHERE (n.outer_mes = o.ksg AND n.inner_mes = c.ksg"
    " AND c.day <= o.date_out) OR (n.outer_mes = c.ksg AND n.inner_mes = o.ksg AND o.date_in >= c.date_in AND o.date_out <= c.day))"
)

_VISIT = f"""
SELECT c.id, s.id, 'посещение ' || {dmy("s.date_in")} || ' внутри стационара ' || {span()}
 || '; возможны только день поступления и день выписки'
{OTHERS} AND o.usl_ok = '1'
CROSS JOIN s ON s.case_id = c.id AND {_INSIDE} AND s.is_visit
WHERE c.usl_ok = '3' AND NOT c.exam AND c.kind <> 'dental' AND NOT s.is_dental AND NOT s.beside_stay
AND NOT {_URGENT_ELSEWHERE}
"""

_DAY_STAY = f"""
SELECT c.id, NULL, 'дневной стационар пересекается с круглосуточным ' || {span()}
 || '; начало — не раньше выписки'
{OTHERS} AND o.usl_ok = '1' AND {_OVERLAP}
WHERE c.usl_ok = '2' AND NOT {_DIALYSIS}
"""

_STAYS_CROSS = f"""
SELECT c.id, NULL, 'пересекается со стационаром ' || {span()} || '; начало — не раньше выписки'
{OTHERS} AND o.usl_ok = '1' AND {LATER} AND ({_OVERLAP} OR {_SAME_DAY})
WHERE c.usl_ok = '1' AND NOT {_NESTED}
"""

_DAY_STAYS_CROSS = f"""
SELECT c.id, NULL, 'пересекается с дневным стационаром ' || {span()}
 || iif(:day_stay_touch, '; начало — после его окончания', '; начало — не раньше его окончания')
{OTHERS} AND o.usl_ok = '2' AND {LATER}
AND ({_OVERLAP} OR {_SAME_DAY} OR (:day_stay_touch AND c.date_in = o.date_out))
WHERE c.usl_ok = '2' AND NOT {_DIALYSIS} AND NOT {_OTHER_DIALYSIS}
"""

#: what was done earlier (NPL 4, or before the examination) is counted in, what was refused was not done
_EXAMINATION = f"""
SELECT c.id, s.id, 'услуга осмотра ' || {dmy("s.date_in")} || ' внутри стационара ' || {span()}
 || '; нужна дата вне него'
{OTHERS} AND o.usl_ok = '1'
CROSS JOIN s ON s.case_id = c.id AND {_INSIDE} AND s.date_in >= c.date_in AND s.incomplete IN ('', '0')
WHERE c.exam
"""

_VISIT_IN_DAY_STAY = f"""
SELECT c.id, s.id, 'посещение ' || {dmy("s.date_in")} || ' внутри дневного стационара того же профиля '
 || {span()} || '; возможны только первый и последний день'
{OTHERS} AND o.usl_ok = '2' AND o.profile = c.profile
CROSS JOIN s ON s.case_id = c.id AND {_INSIDE} AND s.is_visit
WHERE c.usl_ok = '3'
"""

_CALL = f"""
SELECT c.id, NULL, 'вызов ' || {dmy("c.date_in")} || ' внутри стационара ' || {span()}
 || '; возможны только день поступления и день выписки'
{OTHERS} AND o.usl_ok = '1' AND c.date_in > o.date_in AND c.date_in < o.date_out
WHERE c.usl_ok = '4'
"""

#: day of admission and day of discharge are one
_DAYS = "max(c.days, 1)"

CRITERIA: tuple[Criterion, ...] = (
    Criterion(
        code="12.001",
        group="hospital-overlap",
        title="Амбулаторное посещение в период стационарного лечения",
        severity="error",
        applies=(TAP,),
        why="Пока пациент лежит в стационаре, амбулаторное посещение не оплатят (1.10.5). Проверьте дату"
        " посещения и даты стационара.",
        mek="1.10.5",
        source="руководство B МЭК 1.10.5; F014 1.10.5; ЧИП МО; проверки МЭК (Курск) (77)",
        select=_VISIT,
        level="service",
        field="service.date_in",
    ),
    Criterion(
        code="12.002",
        group="hospital-overlap",
        title="Дневной стационар в период круглосуточного стационара",
        severity="error",
        applies=(MKSB,),
        why="Круглосуточный и дневной стационар одновременно не оплатят (1.10.6). Исправьте даты.",
        mek="1.10.6",
        source="F014 1.10.6; ЧИП МО",
        select=_DAY_STAY,
        field="date_in",
    ),
    Criterion(
        code="12.003",
        group="hospital-overlap",
        title="Пересечение случаев круглосуточного стационара",
        severity="error",
        applies=(MKSB,),
        why="Два стационара у пациента одновременно не оплатят (1.10.6). Исправьте даты; при переводе день"
        " выписки — день поступления.",
        mek="1.10.6",
        source="ЧИП МО (пересечение); проверки МЭК (Курск)",
        select=_STAYS_CROSS,
        field="date_in",
    ),
    Criterion(
        code="12.004",
        group="hospital-overlap",
        title="Пересечение случаев дневного стационара",
        severity="error",
        applies=(MKSB,),
        why="Два дневных стационара у пациента одновременно не оплатят (1.10.6). Исправьте даты.",
        mek="1.10.6",
        source="ЧИП МО (пересечение, стационар и дневной стационар)",
        select=_DAY_STAYS_CROSS,
        field="date_in",
    ),
    Criterion(
        code="12.005",
        group="hospital-overlap",
        title="Диспансеризация или профосмотр в период стационарного лечения",
        severity="error",
        applies=(TAP,),
        why="Пока пациент лежит в стационаре, осмотр не оплатят (1.10.5). Проверьте дату услуги; зачтённую"
        " ранее отметьте неполным объёмом 4.",
        mek="1.10.5",
        source="ProMed (в период диспансеризации госпитализирован)",
        select=_EXAMINATION,
        level="service",
        field="service.date_in",
    ),
    Criterion(
        code="12.006",
        group="hospital-overlap",
        title="Амбулаторное посещение того же профиля в период дневного стационара",
        severity="warning",
        applies=(TAP,),
        why="Посещение того же профиля во время дневного стационара фонд может снять (1.10.5). Проверьте"
        " даты.",
        mek="1.10.5",
        source="приказ 231н 1.10.5 (региональная практика)",
        select=_VISIT_IN_DAY_STAY,
        level="service",
        field="service.date_in",
        default=False,
    ),
    Criterion(
        code="12.007",
        group="hospital-overlap",
        title="Вызов СМП в период стационарного лечения",
        severity="warning",
        applies=(SMP,),
        why="Вызов скорой во время стационара вызовет вопросы экспертизы. Проверьте дату вызова и даты"
        " стационара.",
        mek="",
        source="проверки МЭК (Курск) (поликлиника или скорая во время стационара)",
        select=_CALL,
        field="date_in",
        default=False,
    ),
    Criterion(
        code="12.008",
        group="hospital",
        title="Не указаны койко-дни",
        severity="error",
        applies=(MKSB,),
        why="Без койко-дней счёт вернут (1.4.3). Укажите их число.",
        mek="1.4.3",
        source="Q015 003F.00.0430, 003F.00.0740; Q016 003K.00.0430",
        condition="c.usl_ok IN ('1', '2') AND coalesce(c.bed_days, 0) = 0",
        field="bed_days",
        detail="iif(c.usl_ok = '1', 'по датам нужно ', 'по датам можно не больше ') || max(c.days + (c.usl_ok = '2'), 1)",
    ),
    Criterion(
        code="12.009",
        group="hospital",
        title="Койко-дни не соответствуют длительности стационарного лечения",
        severity="error",
        applies=(MKSB,),
        why="Койко-дни считают по датам: день поступления и день выписки — один день. Иначе счёт вернут"
        " (1.4.4).",
        mek="1.4.4",
        source="Q016 003K.00.0430, 003K.00.0440; ЧИП МО",
        condition=f"c.usl_ok = '1' AND c.days >= 0 AND c.bed_days <> 0 AND c.bed_days <> {_DAYS}",
        field="bed_days",
        detail=f"'койко-дней ' || c.bed_days || ', по датам нужно ' || {_DAYS}",
    ),
    Criterion(
        code="12.010",
        group="hospital",
        title="Пациенто-дни дневного стационара превышают длительность лечения",
        severity="error",
        applies=(MKSB,),
        why="Дней лечения не может быть больше, чем дней от начала до окончания: счёт вернут (1.4.4).",
        mek="1.4.4",
        source="ЧИП МО; проверки МЭК (Курск)",
        condition="c.usl_ok = '2' AND c.days >= 0 AND c.bed_days > c.days + 1",
        field="bed_days",
        detail="'дней лечения ' || c.bed_days || ', по датам не больше ' || (c.days + 1)",
        default=False,
    ),
    Criterion(
        code="12.011",
        group="hospital",
        title="Койко-дни указаны не для стационара",
        severity="error",
        applies=(TAP, SMP),
        why="Койко-дни бывают только в стационаре, иначе счёт вернут (1.4.4). Очистите поле или исправьте"
        " условия оказания.",
        mek="1.4.4",
        source="Q015 003F.00.0440, 003F.00.0750",
        condition="c.usl_ok IN ('3', '4') AND c.bed_days > 0",
        field="bed_days",
        detail="'койко-дней ' || c.bed_days || ' при условиях ' || c.usl_ok || ', поле должно быть пустым'",
    ),
    Criterion(
        code="12.012",
        group="hospital",
        title="Реабилитация (профиль 158) указана при неплановой форме или у новорождённого",
        severity="error",
        applies=(TAP, MKSB),
        why="Реабилитация бывает только плановой и не у новорождённого до регистрации: счёт вернут (1.4.4)."
        " Исправьте форму или профиль.",
        mek="1.4.4",
        source="Q015 003F.00.0820, 006F.00.0390",
        condition="c.profile = '158' AND (c.help_form NOT IN ('', '3') OR c.newborn)",
        field="help_form",
        detail="iif(c.newborn, 'профиль 158 у новорождённого, нужен другой',"
        " 'форма помощи ' || c.help_form || ', для профиля 158 нужна 3')",
        default=False,
    ),
)
