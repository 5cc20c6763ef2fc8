"""SQL and parameters of the criteria of examinations (диспансеризация, осмотры)."""

from __future__ import annotations

from omstui.domain.criteria.model import Param
from omstui.domain.criteria.sql import LATER, OTHERS, dmy, fits_program, listed, program, shown, span, starts

MONTHS = (*(str(n) for n in range(13)), "15", "18")

PARAMS = (
    Param("disp_yearly_age", "Диспансеризация ежегодно: с какого возраста", 40),
    Param("disp_every_years", "Диспансеризация до этого возраста: раз в сколько лет", 3),
    Param("disp_privileged", "Социальные статусы тех, кто проходит диспансеризацию ежегодно", ()),
    Param("minors_months", "Осмотры до двух лет: в каком возрасте, месяцев", MONTHS),
    Param("disp_share", "I этап: выполнено не меньше, %", 85),
    Param("disp_back_adult", "Срок давности исследований взрослых, месяцев", 12),
    Param("disp_back_long", "Срок давности долгих исследований, месяцев", 24),
    Param("disp_long_codes", "Долгие исследования: флюорография, маммография", ("A06.09.006", "A06.20.004")),
    Param("disp_back_child", "Срок давности исследований детей от двух лет, месяцев", 3),
    Param("disp_back_infant", "Срок давности исследований детей до двух лет, месяцев", 1),
    Param("disp_back_tb", "Срок давности проб на туберкулёз у сирот, месяцев", 12),
    Param("disp_tb_codes", "Пробы на туберкулёз: начала кодов", ()),
    Param("orphans_days", "I этап диспансеризации сирот: рабочих дней", 10),
    Param("minors_days", "I этап осмотра несовершеннолетних: рабочих дней", 20),
    Param("stages_days", "Оба этапа осмотра детей: рабочих дней", 45),
    Param(
        "disp_results_adult",
        "Результаты диспансеризации взрослых (V009)",
        ("317", "318", "352", "353", "355", "356", "357", "358"),
    ),
    Param("disp_results_checkup", "Результаты профосмотра взрослых (V009)", ("343", "344", "373", "374")),
    Param(
        "disp_results_orphans",
        "Результаты диспансеризации сирот (V009)",
        tuple(str(n) for n in (*range(321, 326), *range(347, 352), *range(365, 373))),
    ),
    Param(
        "disp_results_minors",
        "Результаты осмотра несовершеннолетних (V009)",
        tuple(str(n) for n in (*range(332, 337), *range(361, 365))),
    ),
    Param(
        "disp_results_fertility",
        "Результаты оценки репродуктивного здоровья (V009)",
        ("375", "376", "377", "378", "379"),
    ),
    Param(
        "disp_group1",
        "Результаты с I группой здоровья (V009, V017)",
        ("317", "321", "332", "343", "347", "352", "1", "11"),
    ),
    Param(
        "disp_group3",
        "Результаты с IIIа и IIIб группой здоровья (V009, V017)",
        ("355", "356", "357", "358", "373", "374", "31", "32", "33", "34"),
    ),
)

ADULT = "c.kind IN ('dispensary', 'checkup')"
PROGRAM_C, PROGRAM_O = program("c"), program("o")
#: the same examination: УД and ДР go beside the others
SAME = f"o.exam AND o.kind = c.kind AND {PROGRAM_O} = {PROGRAM_C}"
YEAR_C, YEAR_O = "substr(c.day, 1, 4)", "substr(o.date_out, 1, 4)"
#: refused, contraindicated and undone services are not done; those done earlier (4) are
DONE = "s.incomplete IN ('', '0', '4')"
#: rows p of the book for the case
FITS = f"p.kind = {PROGRAM_C} AND p.stage IN ('', c.stage) AND {fits_program('c.sex', 'c.age_year')}"


def period(case: str) -> str:
    """Which of the examinations of a child under two it is."""
    return (
        "(SELECT max(CAST(value AS INTEGER)) FROM json_each(:minors_months)"
        f" WHERE CAST(value AS INTEGER) <= full_months(c.birth, {case}.date_in))"
    )


DONE_BEFORE = f"""
SELECT c.id, NULL, 'уже проведён осмотр этого вида: ' || {span()}
{OTHERS} AND {SAME} AND o.stage = c.stage AND (o.date_out < c.day OR (o.date_out = c.day AND o.id < c.id))
WHERE c.exam AND CASE
 WHEN c.kind = 'minors' AND full_months(c.birth, c.date_in) < 24 THEN {period("c")} = {period("o")}
 WHEN c.kind = 'minors' THEN {YEAR_O} = {YEAR_C}
  AND coalesce(full_months(c.birth, o.date_in) >= 24, 1)
 WHEN {PROGRAM_C} = 'dispensary' AND c.stage = '1' AND c.age_year < :disp_yearly_age
  THEN CAST({YEAR_O} AS INTEGER) > {YEAR_C} - :disp_every_years
 ELSE {YEAR_O} = {YEAR_C} END
"""

BOTH_KINDS = f"""
SELECT c.id, NULL, iif(o.kind IN ('checkup', 'minors'), 'профосмотр', 'диспансеризация')
 || ' в этом году: ' || {span()} || '; оставьте что-то одно'
{OTHERS} AND {YEAR_O} = {YEAR_C} AND {LATER}
AND o.kind = CASE c.kind WHEN 'dispensary' THEN 'checkup' WHEN 'checkup' THEN 'dispensary'
 WHEN 'orphans' THEN 'minors' WHEN 'minors' THEN 'orphans' END
WHERE c.exam AND {PROGRAM_C} = c.kind AND {PROGRAM_O} = o.kind
"""

NO_FIRST = f"""
SELECT c.id, NULL, 'в ' || {YEAR_C} || ' году I этапа этого вида у пациента нет'
FROM c WHERE c.exam AND c.stage = '2' AND NOT EXISTS (SELECT 1 FROM o WHERE o.person = c.person
AND o.novor = c.novor AND {SAME} AND o.stage = '1' AND {YEAR_O} = {YEAR_C} AND o.mo IN ('', :mo))
"""

BEFORE_FIRST = f"""
SELECT c.id, NULL, 'II этап с ' || {dmy("c.date_in")} || ', I этап окончен ' || {dmy("min(o.date_out)")}
 || '; начало II этапа — не раньше этого дня'
{OTHERS} AND {SAME} AND o.stage = '1' AND {YEAR_O} = {YEAR_C} AND o.mo IN ('', :mo)
WHERE c.exam AND c.stage = '2' GROUP BY c.id HAVING min(o.date_out) > c.date_in
"""


def no_service(mark: str, day: str) -> str:
    """The program has a marked service for the case, and on the day it was not done."""
    return (
        f"NOT EXISTS (SELECT 1 FROM s CROSS JOIN disp_program p ON p.code = s.code AND {FITS} AND p.{mark} = 1"
        f" WHERE s.case_id = c.id AND {day} AND {DONE})"
        f" AND EXISTS (SELECT 1 FROM disp_program p WHERE {FITS} AND p.{mark} = 1)"
    )


def when(mark: str, day: str) -> str:
    """«а стоит 10.03.2023» or «в случае этой услуги нет»."""
    return (
        f"coalesce((SELECT 'а стоит ' || {dmy(f'max({day})')} FROM s JOIN disp_program p ON p.code = s.code"
        f" AND {FITS} AND p.{mark} = 1 WHERE s.case_id = c.id AND {DONE} HAVING count(*) > 0),"
        " 'в случае этой услуги нет')"
    )


#: how many services of the program are wanted, counted once for those alike
NEED = f"""
WITH alike AS MATERIALIZED (SELECT DISTINCT kind, disp, stage, sex, age_year FROM c WHERE exam),
need AS MATERIALIZED (SELECT c.*, count(DISTINCT p.code) AS needed FROM alike c JOIN disp_program p
 ON {FITS} AND p.mandatory = 1 GROUP BY 1, 2, 3, 4, 5),
did AS MATERIALIZED (SELECT c.id, count(DISTINCT s.code) AS done FROM c CROSS JOIN s ON s.case_id = c.id
 CROSS JOIN disp_program p ON p.code = s.code AND {FITS} AND p.mandatory = 1
 WHERE c.exam AND %s GROUP BY c.id)
"""
ALIKE = (
    "need.kind = c.kind AND need.disp = c.disp AND need.stage = c.stage AND need.sex = c.sex"
    " AND need.age_year = c.age_year"
)
LITTLE = (
    NEED % DONE
    + f"""
SELECT c.id, NULL, 'выполнено ' || coalesce(did.done, 0) || ' из ' || need.needed || ', нужно не меньше '
 || ((need.needed * :disp_share + 99) / 100)
FROM c JOIN need ON {ALIKE} LEFT JOIN did ON did.id = c.id
WHERE c.exam AND c.stage = '1' AND coalesce(did.done, 0) * 100 < need.needed * :disp_share
AND (c.pay_method NOT IN ('28', '29')
 OR EXISTS (SELECT 1 FROM s WHERE s.case_id = c.id AND s.is_closed_case AND s.total > 0))
"""
)
COVERED = f"({DONE} OR (s.incomplete IN ('1', '2', '3') AND p.no_refusal = 0))"
MISSING = (
    NEED % COVERED
    + f"""
SELECT c.id, NULL, 'нет обязательных услуг: ' || (SELECT group_concat(code, ', ') FROM (SELECT DISTINCT p.code
 FROM disp_program p WHERE {FITS} AND p.mandatory = 1 AND NOT EXISTS (SELECT 1 FROM s
 WHERE s.case_id = c.id AND s.code = p.code AND {COVERED}) ORDER BY p.code))
FROM c JOIN need ON {ALIKE} LEFT JOIN did ON did.id = c.id
WHERE c.exam AND coalesce(did.done, 0) < need.needed
"""
)

LOOKBACK = f"""coalesce((SELECT max(p.lookback) FROM disp_program p WHERE p.code = s.code AND {FITS}), CASE
 WHEN {ADULT} THEN iif({starts("s.code", "disp_long_codes")}, :disp_back_long, :disp_back_adult)
 WHEN c.kind = 'orphans' AND {starts("s.code", "disp_tb_codes")} THEN :disp_back_tb
 WHEN c.age >= 2 THEN :disp_back_child ELSE :disp_back_infant END)"""
TOO_OLD = f"""
c.exam AND s.date_in < c.date_in AND {DONE} AND s.date_in < months_before(c.date_in, {LOOKBACK})
"""

#: a group of V017 is judged where it has no result of V009: the embedded V016 is older than the groups IIIа, IIIб
RESULT = f"""
c.exam AND ((c.result <> '' AND CASE
 WHEN EXISTS (SELECT 1 FROM disp_result d WHERE d.kind = {PROGRAM_C}) THEN NOT EXISTS (SELECT 1
  FROM disp_result d WHERE d.kind = {PROGRAM_C} AND d.stage IN ('', c.stage) AND d.result = c.result)
 WHEN {PROGRAM_C} = 'ДР' THEN c.result NOT IN {listed("disp_results_fertility")}
 WHEN c.kind = 'dispensary' THEN c.result NOT IN {listed("disp_results_adult")}
 WHEN c.kind = 'checkup' THEN c.result NOT IN {listed("disp_results_checkup")}
 WHEN c.kind = 'orphans' THEN c.result NOT IN {listed("disp_results_orphans")}
 ELSE c.result NOT IN {listed("disp_results_minors")} END)
OR (c.result = '' AND c.disp_result <> '' AND EXISTS (SELECT 1 FROM nsi n WHERE n.book = 'V016' AND n.code = c.disp
 AND n.a1 <> '' AND n.begin_date <= c.day AND (n.end_date = '' OR n.end_date >= c.day)
 AND instr(',' || replace(n.a1, ' ', '') || ',', ',' || c.disp_result || ',') = 0)))
"""

#: what suits instead
RESULTS = f"""CASE
 WHEN EXISTS (SELECT 1 FROM disp_result d WHERE d.kind = {PROGRAM_C}) THEN (SELECT group_concat(d.result, ', ')
  FROM disp_result d WHERE d.kind = {PROGRAM_C} AND d.stage IN ('', c.stage))
 WHEN {PROGRAM_C} = 'ДР' THEN {shown("disp_results_fertility")}
 WHEN c.kind = 'dispensary' THEN {shown("disp_results_adult")}
 WHEN c.kind = 'checkup' THEN {shown("disp_results_checkup")}
 WHEN c.kind = 'orphans' THEN {shown("disp_results_orphans")}
 ELSE {shown("disp_results_minors")} END"""


def in_group(name: str) -> str:
    return f"(c.result IN {listed(name)} OR c.disp_result IN {listed(name)})"


ALSO = "(SELECT value FROM json_each(c.ds2) UNION ALL SELECT value FROM json_each(c.ds3))"
WATCHED = (
    f"EXISTS (SELECT 1 FROM (SELECT c.ds_main AS value UNION ALL SELECT value FROM {ALSO}) d"
    " JOIN observation_mkb m ON substr(d.value, 1, length(m.mask)) = m.mask)"
)
GROUP = f"""
c.exam AND c.ds_main <> '' AND (({in_group("disp_group1")} AND (c.ds_main NOT LIKE 'Z%' OR {WATCHED}))
 OR ({in_group("disp_group3")} AND c.ds_main LIKE 'Z%'
 AND NOT EXISTS (SELECT 1 FROM {ALSO} d WHERE d.value NOT LIKE 'Z%')))
"""

#: of two stages the days are counted from the begin of the first
BEGIN = f"""iif(c.stage = '2', coalesce((SELECT min(o.date_in) FROM o WHERE o.person = c.person
 AND o.novor = c.novor AND {SAME} AND o.stage = '1' AND {YEAR_O} = {YEAR_C}), c.date_in), c.date_in)"""
WORKDAYS = f"""(weekdays({BEGIN}, c.date_out) + coalesce((SELECT sum(iif(d.working,
 strftime('%w', d.day) IN ('0', '6'), -(strftime('%w', d.day) NOT IN ('0', '6')))) FROM calendar_day d
 WHERE d.day BETWEEN {BEGIN} AND c.date_out), 0))"""
LIMIT = "iif(c.stage = '2', :stages_days, iif(c.kind = 'orphans', :orphans_days, :minors_days))"
