"""Criteria: tariffs, КСГ and МЭС."""

from __future__ import annotations

from omstui.domain.criteria.model import ALL, MKSB, Criterion, Param
from omstui.domain.criteria.sql import dmy, listed, money, valid

PARAMS = (
    Param(
        "cut_results",
        "Результаты прерванного лечения (V009)",
        (*("102", "103", "104", "105", "106", "107", "108", "110"), *(str(n) for n in range(202, 209))),
    ),
    Param("short_days", "Сверхкороткий случай: не более стольких дней", 3),
)

_PRICE = (
    "(SELECT q.price FROM price q WHERE q.code = s.code AND q.child = iif(c.age < 18, '1', '0')"
    " AND q.begin_date <= c.day AND q.end_date >= c.day)"
)
#: a КСГ is priced with coefficients (09.010), surgery and teeth within it may cost 0
_PRICED = "NOT (s.tariff = 0 AND (s.is_dental OR s.code GLOB '[Aa]16*')) AND NOT (c.pay_method = '33' AND s.code = c.ksg)"
#: two rows of one level and age group in force on the day
_TWICE = (
    "SELECT 1 FROM tariff t WHERE t.code = s.code AND t.level IN ('', :level)"
    " AND t.child IN ('', iif(c.age < 18, '1', '0')) AND t.begin_date <= c.day"
    " AND (t.end_date = '' OR t.end_date >= c.day) GROUP BY t.level, t.child HAVING count(*) > 1"
)
#: codes that have two rows with a day in common at all: few, so the search above is made for few
_SUSPECT = (
    "s.code IN (SELECT t.code FROM (SELECT DISTINCT code FROM price) q CROSS JOIN tariff t ON t.code = q.code"
    " CROSS JOIN tariff u ON u.code = t.code AND u.level = t.level AND u.child = t.child AND u.id <> t.id"
    " WHERE u.begin_date >= t.begin_date AND (t.end_date = '' OR u.begin_date <= t.end_date))"
)
#: any one row of the book that fits is enough
_FITS = (
    "SELECT 1 FROM mes_rule b WHERE b.mes = c.ksg AND (b.ds = '' OR substr(c.ds_main, 1, length(b.ds)) = b.ds)"
    " AND (b.code = '' OR EXISTS (SELECT 1 FROM s WHERE s.case_id = c.id AND b.code IN (s.code, s.intervention)))"
    " AND (b.criterion = '' OR b.criterion IN (SELECT value FROM json_each(c.crit)))"
    " AND (b.age_min IS NULL OR c.age >= b.age_min) AND (b.age_max IS NULL OR c.age <= b.age_max)"
)
#: КСГ of each SL: a transfer inside the organisation is a new SL with a КСГ of its own (the case holds the last);
#: a code of the region that goes on after the eight signs of a КСГ («st13.001.k12») is of the same КСГ
_OF_PARTS = (
    "(SELECT c.parts AS part, substr(c.ksg, 1, 8) AS g WHERE c.ksg <> '' UNION"
    " SELECT iif(c.parts > 1, s.part, 1), substr(s.code, 1, 8) FROM s WHERE s.case_id = c.id"
    " AND (s.code GLOB 'st[0-9]*.[0-9]*' OR s.code GLOB 'ds[0-9]*.[0-9]*'))"
)
_MANY = f"EXISTS (SELECT 1 FROM {_OF_PARTS} GROUP BY part HAVING count(*) > 1)"
_GROUPS = (
    f"(SELECT group_concat(g, ', ') FROM (SELECT DISTINCT g FROM {_OF_PARTS} GROUP BY part, g ORDER BY g))"
)
#: row b of the book of МЭС and КСГ in force on the day
_MES = (
    "SELECT 1 FROM mes b WHERE b.code = coalesce(nullif(c.mes, ''), c.ksg) AND b.begin_date <= c.day"
    " AND (b.end_date = '' OR b.end_date >= c.day)"
)
_BOUNDS = "SELECT coalesce('от ' || b.min_days, '') || coalesce(' до ' || b.max_days, '')"
_IS_SHORT = (
    "EXISTS (SELECT 1 FROM mes b WHERE b.code = c.ksg AND b.begin_date <= c.day"
    " AND (b.end_date = '' OR b.end_date >= c.day) AND b.is_short)"
)
_CUT = f"(c.result IN {listed('cut_results')} OR (c.bed_days <= :short_days AND NOT {_IS_SHORT}))"
_SHARE = (
    "(SELECT b.short_share FROM mes b WHERE b.code = c.ksg AND b.begin_date <= c.day"
    " AND (b.end_date = '' OR b.end_date >= c.day))"
)


def _price(*, share: bool = True) -> str:
    """Kopecks by the base rate and all coefficients; NULL where one of the obligatory ones is not in the books."""
    part = f"iif({_CUT}, b.short_share, NULL)" if share else "NULL"
    return (
        "(SELECT price_of_ksg(r.base, b.coef_z, b.coef_up, r.coef_d, r.coef_u, c.it_sl, "
        f"{part}) FROM mes b JOIN rate r ON r.usl_ok IN ('', c.usl_ok) AND r.begin_date <= c.day"
        " AND (r.end_date = '' OR r.end_date >= c.day) WHERE b.code = c.ksg AND b.coef_z IS NOT NULL"
        " AND b.begin_date <= c.day AND (b.end_date = '' OR b.end_date >= c.day)"
        " ORDER BY r.usl_ok DESC LIMIT 1)"
    )


CRITERIA: tuple[Criterion, ...] = (
    Criterion(
        code="09.001",
        group="tariff",
        title="Тариф услуги не соответствует справочнику на дату окончания лечения",
        severity="error",
        applies=ALL,
        why="Фонд сверяет цену со своим справочником и снимет счёт по 1.7.2. Исправьте тариф услуги.",
        mek="1.7.2",
        source="ЧИП МО (ошибка в цене услуги); контроль фонда (Волгоград)",
        condition=(f"{_PRICED} AND s.tariff <> {_PRICE}"),
        level="service",
        field="service.tariff",
        detail=(
            f"'услуга ' || s.code || ': тариф ' || {money('s.tariff')} || ', в справочнике ' || {money(_PRICE)}"
        ),
        books=("tariff",),
    ),
    Criterion(
        code="09.002",
        group="tariff",
        title="Для услуги действует больше одного тарифа на дату",
        severity="error",
        applies=ALL,
        why="Какая цена верна, решить нельзя. Исправьте сроки действия строк в справочнике тарифов.",
        mek="1.7.1",
        source="модель данных (сроки действия тарифов)",
        condition=f"{_SUSPECT} AND EXISTS ({_TWICE})",
        level="service",
        field="service.tariff",
        detail=(
            f"'услуга ' || s.code || ': на ' || {dmy('c.day')} || ' цен больше одной, проверьте справочник'"
        ),
        books=("tariff",),
        default=False,
    ),
    Criterion(
        code="09.003",
        group="tariff",
        title="Не указана КСГ при оплате по КСГ",
        severity="error",
        applies=(MKSB,),
        why="Без КСГ стационарный случай не оплачивается. Укажите КСГ.",
        mek="1.4.3",
        source="Q015 003F.00.0800",
        condition="c.pay_method = '33' AND c.ksg = ''",
        field="ksg",
        detail="'способ оплаты 33: укажите КСГ'",
    ),
    Criterion(
        code="09.004",
        group="tariff",
        title="КСГ указана при способе оплаты, отличном от КСГ",
        severity="error",
        applies=ALL,
        why="КСГ бывает только при оплате по КСГ. Уберите КСГ или исправьте способ оплаты.",
        mek="1.4.4",
        source="Q015 003F.00.0810",
        condition="c.pay_method NOT IN ('', '33') AND c.ksg <> ''",
        field="ksg",
        detail="'способ оплаты ' || c.pay_method || ', КСГ ' || c.ksg || ': нужен 33 или случай без КСГ'",
        default=False,
    ),
    Criterion(
        code="09.005",
        group="tariff",
        title="КСГ не найдена в справочнике на дату окончания лечения или не того стационара",
        severity="error",
        applies=(MKSB,),
        why="Фонд примет только КСГ своего стационара, действующую на дату. Исправьте КСГ.",
        mek="1.7.1",
        source="Q015 001F.00.0580; ЧИП МО",
        condition=(
            f"c.ksg <> '' AND (NOT {valid('V023', 'c.ksg')}"
            " OR (c.ksg LIKE 'st%' AND c.usl_ok = '2') OR (c.ksg LIKE 'ds%' AND c.usl_ok = '1'))"
        ),
        field="ksg",
        detail=(
            "CASE WHEN c.ksg LIKE 'st%' AND c.usl_ok = '2' THEN 'КСГ ' || c.ksg || ' круглосуточного"
            " стационара, нужна ds…' WHEN c.ksg LIKE 'ds%' AND c.usl_ok = '1' THEN 'КСГ ' || c.ksg ||"
            " ' дневного стационара, нужна st…' ELSE 'КСГ ' || c.ksg || ' на '"
            f" || {dmy('c.day')} || ' в справочнике нет' END"
        ),
        books=("V023",),
    ),
    Criterion(
        code="09.006",
        group="tariff",
        title="Основной диагноз или операция не соответствуют КСГ",
        severity="warning",
        applies=(MKSB,),
        why="По диагнозу, операции и критериям выходит другая КСГ. Проверьте КСГ и диагноз.",
        mek="1.7.2",
        source="ЧИП МО (стоит КСГ, а должна быть); VistaMed",
        condition=(
            f"c.ksg <> '' AND EXISTS (SELECT 1 FROM mes_rule b WHERE b.mes = c.ksg) AND NOT EXISTS ({_FITS})"
        ),
        field="ksg",
        detail=(
            "'КСГ ' || c.ksg || ' не подходит к диагнозу ' || c.ds_main || ', нужны: '"
            " || coalesce((SELECT group_concat(t, '; ') FROM (SELECT DISTINCT trim(b.ds || ' ' || b.code || ' '"
            " || b.criterion || iif(b.age_min IS NULL, '', ' с ' || b.age_min || ' лет')"
            " || iif(b.age_max IS NULL, '', ' до ' || b.age_max || ' лет')) AS t"
            " FROM mes_rule b WHERE b.mes = c.ksg ORDER BY 1 LIMIT 5)), '')"
        ),
        books=("mes_rule",),
        default=False,
    ),
    Criterion(
        code="09.007",
        group="tariff",
        title="В случае больше одной КСГ (МЭС)",
        severity="error",
        applies=(MKSB,),
        why="Случай оплачивается по одной КСГ. Оставьте одну или разделите случай при переводе.",
        mek="1.10.3",
        source="ЧИП МО",
        condition=f"c.result NOT IN ('104', '204') AND {_MANY}",
        field="ksg",
        detail=f"{_GROUPS} || ': оставьте одну'",
        default=False,
    ),
    Criterion(
        code="09.008",
        group="tariff",
        title="Длительность лечения не соответствует МЭС",
        severity="warning",
        applies=(MKSB,),
        why="Срок лечения вне границ МЭС: случай проверят целевой экспертизой. Сверьте даты и МЭС.",
        mek="1.7.2",
        source="VistaMed (LogicalControlMes); руководство A (Анализ МЭСов)",
        condition=f"EXISTS ({_MES} AND (c.bed_days < b.min_days OR c.bed_days > b.max_days))",
        field="bed_days",
        detail=(f"'дней ' || c.bed_days || ', по МЭС ' || ({_MES.replace('SELECT 1', _BOUNDS)} LIMIT 1)"),
        books=("mes",),
        default=False,
    ),
    Criterion(
        code="09.009",
        group="tariff",
        title="Прерванный или сверхкороткий случай оплачен по полному тарифу",
        severity="warning",
        applies=(MKSB,),
        why="Прерванный или сверхкороткий случай оплачивается частью тарифа. Пересчитайте сумму.",
        mek="1.7.2",
        source="medflk (прерванные случаи); приложение к ПГГ",
        condition=(
            f"c.pay_method = '33' AND c.parts = 1 AND {_CUT} AND abs(c.total - {_price(share=False)}) <= 1"
        ),
        field="source_sum",
        detail=(
            f"'полная цена ' || {money('c.total')} || iif({_SHARE} IS NULL, '', ', с долей ' ||"
            f" {money(_price())})"
        ),
        books=("mes", "rates"),
        default=False,
    ),
    Criterion(
        code="09.010",
        group="tariff",
        title="Стоимость случая по КСГ не соответствует расчётной",
        severity="error",
        applies=(MKSB,),
        why="Цена по КСГ считается из ставки и коэффициентов. Пересчитайте сумму случая.",
        mek="1.7.2",
        source="ЧИП МО",
        condition=(
            # a case of several SL is a sum of several КСГ: the book alone does not tell how they are paid
            "c.pay_method = '33' AND c.parts = 1"
            f" AND ({_SHARE} IS NOT NULL OR NOT {_CUT}) AND abs(c.total - {_price()}) > 1"
        ),
        field="source_sum",
        detail=f"'сумма ' || {money('c.total')} || ', расчётная ' || {money(_price())}",
        books=("mes", "rates"),
        default=False,
    ),
)
