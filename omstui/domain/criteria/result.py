"""Criteria: result and outcome (результат, исход)."""

from __future__ import annotations

from omstui.domain.criteria.model import ALL, MKSB, SMP, TAP, Criterion, Param
from omstui.domain.criteria.sql import dmy, listed, name_of, valid

PARAMS = (
    # sources differ on 109 «лечение продолжено» and on 301 with outcome 306 (criteria.md §8)
    Param("strict_109", "Результат 109 несовместим с исходом «выздоровление»: 1 — да, 0 — нет", 1),
    Param(
        "outcome_306_results",
        "Результаты, допустимые при исходе «осмотр» (306)",
        (
            *("301", "305", "308", "314", "315", "317", "318", "321", "322", "323", "324", "325"),
            *("332", "333", "334", "335", "336", "343", "344", "347", "348", "349", "350", "351"),
            *("353", "355", "356", "357", "358", "361", "362", "363", "364", "365", "366", "367"),
            *("368", "369", "370", "371", "372", "373", "374"),
        ),
    ),
)

_RESULT = f"'результат ' || c.result || {name_of('V009', 'c.result')}"
_OUTCOME = f"'исход ' || c.outcome || {name_of('V012', 'c.outcome')}"
#: what the outcome of a death must be, NULL where nobody died
_AFTER_DEATH = (
    "CASE WHEN c.result IN ('105', '106') THEN '104' WHEN c.result IN ('205', '206') THEN '204'"
    " WHEN c.result = '313' THEN '305' WHEN c.result IN ('405', '406') THEN '403' END"
)
#: a file of examinations gives the result by RSLT_D, and gives none to who refused
_NO_RESULT = "c.result = '' AND NOT (c.from_d AND (c.disp_result <> '' OR c.refused_exam))"
_INTERRUPTED = (
    "(c.outcome = '101' AND (c.result BETWEEN '102' AND '108' OR c.result = '110'"
    " OR (c.result = '109' AND :strict_109))) OR (c.outcome = '201' AND c.result BETWEEN '202' AND '208')"
)

CRITERIA: tuple[Criterion, ...] = (
    Criterion(
        code="10.001",
        group="result",
        title="Не указан результат обращения или его нет в V009",
        severity="error",
        applies=ALL,
        why="Результат обращения обязателен и берётся из V009. Укажите код, действующий на дату окончания.",
        mek="1.4.3",
        source="Q015 001F.00.0210; ЧИП МО",
        condition=(f"({_NO_RESULT}) OR (c.result <> '' AND NOT {valid('V009', 'c.result')})"),
        field="result",
        detail=(
            "iif(c.result = '', 'результат не указан, нужен код V009', 'кода ' || c.result || ' нет в V009 на ' || "
            f"{dmy('c.day')})"
        ),
        books=("V009",),
    ),
    Criterion(
        code="10.002",
        group="result",
        title="Не указан исход заболевания или его нет в V012",
        severity="error",
        applies=ALL,
        why="Исход обязателен и берётся из V012. Укажите код, действующий на дату окончания.",
        mek="1.4.3",
        source="Q015 001F.00.0220; ЧИП МО",
        condition=(
            f"(c.outcome = '' AND NOT c.from_d) OR (c.outcome <> '' AND NOT {valid('V012', 'c.outcome')})"
        ),
        field="outcome",
        detail=(
            "iif(c.outcome = '', 'исход не указан, нужен код V012', 'кода ' || c.outcome || ' нет в V012 на ' || "
            f"{dmy('c.day')})"
        ),
        books=("V012",),
    ),
    Criterion(
        code="10.003",
        group="result",
        title="Результат обращения не соответствует условиям оказания помощи",
        severity="error",
        applies=ALL,
        why=(
            "Первая цифра результата — условия оказания: 1 стационар, 2 дневной, 3 амбулаторно, 4 СМП. "
            "Исправьте результат."
        ),
        mek="1.4.4",
        source="Q016 003K.00.0451-003K.00.0481; ЧИП МО",
        condition="c.result <> '' AND CAST(c.result AS INTEGER) / 100 <> CAST(c.usl_ok AS INTEGER)",
        field="result",
        detail=(
            f"{_RESULT} || ' при условиях ' || c.usl_ok || ': нужен код ' || c.usl_ok || '01–' || "
            f"c.usl_ok || '99'"
        ),
    ),
    Criterion(
        code="10.004",
        group="result",
        title="Исход заболевания не соответствует условиям оказания помощи",
        severity="error",
        applies=ALL,
        why=(
            "Первая цифра исхода — условия оказания: 1 стационар, 2 дневной, 3 амбулаторно, 4 СМП. "
            "Исправьте исход."
        ),
        mek="1.4.4",
        source="ЧИП МО; проверки МЭК (Курск)",
        condition="c.outcome <> '' AND CAST(c.outcome AS INTEGER) / 100 <> CAST(c.usl_ok AS INTEGER)",
        field="outcome",
        detail=(
            f"{_OUTCOME} || ' при условиях ' || c.usl_ok || ': нужен код ' || c.usl_ok || '01–' || "
            f"c.usl_ok || '99'"
        ),
    ),
    Criterion(
        code="10.005",
        group="result",
        title="При летальном результате исход должен быть «ухудшение»",
        severity="error",
        applies=ALL,
        why="После смерти пациента исход — только «ухудшение». Исправьте исход или результат.",
        mek="1.4.4",
        source="Q015 006F.00.1250-006F.00.1270; Q016 003K.00.0331-003K.00.0361",
        condition=f"c.outcome <> '' AND c.outcome <> {_AFTER_DEATH}",
        field="outcome",
        detail=f"{_RESULT} || ', ' || {_OUTCOME} || ': нужен исход ' || {_AFTER_DEATH}",
    ),
    Criterion(
        code="10.006",
        group="result",
        title="При переводе или прерванном лечении исход не может быть «выздоровление»",
        severity="error",
        applies=(MKSB,),
        why="Лечение не закончено, выздоровления быть не может. Исправьте исход или результат.",
        mek="1.4.4",
        source="Q015 006F.00.1130, 006F.00.1140",
        condition=_INTERRUPTED,
        field="outcome",
        detail=(
            f"{_RESULT} || ', ' || {_OUTCOME} || ': нужен исход '"
            f" || coalesce({_AFTER_DEATH}, iif(c.outcome = '201', '202, 203 или 204', '102, 103 или 104'))"
        ),
    ),
    Criterion(
        code="10.007",
        group="result",
        title="Результат вызова СМП не соответствует исходу",
        severity="error",
        applies=(SMP,),
        why="Помощь на вызове не оказана, исход — «без эффекта» (402). Исправьте исход или результат.",
        mek="1.4.4",
        source="Q015 006F.00.1120; Q016 003K.00.0200",
        condition=(
            "(c.result BETWEEN '407' AND '414' OR c.result = '417') AND c.outcome <> '402'"
            " AND c.outcome <> ''"
        ),
        field="outcome",
        detail=f"{_RESULT} || ', ' || {_OUTCOME} || ': нужен исход 402'",
    ),
    Criterion(
        code="10.008",
        group="result",
        title="При исходе «осмотр» (306) недопустимый результат обращения",
        severity="error",
        applies=(TAP,),
        why="С исходом «осмотр» (306) фонд принимает не все результаты. Исправьте результат или исход.",
        mek="1.4.4",
        source="Q015 006F.00.1100",
        condition=(
            f"c.outcome = '306' AND c.result <> '' AND c.result NOT IN {listed('outcome_306_results')}"
        ),
        field="result",
        detail=(
            f"{_RESULT} || ' при исходе 306: нужен другой результат' || coalesce(' (например, '"
            " || (SELECT value FROM json_each(:outcome_306_results) LIMIT 1) || ')', '')"
            " || ' или исход 301–305'"
        ),
    ),
    Criterion(
        code="10.009",
        group="result",
        title="Исход не соответствует характеру заболевания",
        severity="error",
        applies=(TAP,),
        why=(
            "Хроническое не заканчивается выздоровлением, а острое — ремиссией. "
            "Исправьте исход или характер заболевания."
        ),
        mek="1.4.4",
        source="проверки МЭК (Курск)",
        condition=(
            "(c.ds_char IN ('2', '3') AND c.outcome = '301') OR (c.ds_char = '1' AND c.outcome = '302')"
        ),
        field="outcome",
        detail=(
            f"'характер ' || c.ds_char || {name_of('V027', 'c.ds_char')} || ', ' || {_OUTCOME}"
            " || iif(c.ds_char = '1', ': нужен исход 301 или 303–305', ': нужен исход 302–305')"
        ),
    ),
)
