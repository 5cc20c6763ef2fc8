"""Criteria: diagnoses (диагнозы)."""

from __future__ import annotations

from omstui.domain.criteria.model import ALL, MKSB, SMP, TAP, Criterion, Param
from omstui.domain.criteria.sql import dmy, listed, valid

PARAMS = (
    Param(
        "z_as_disease",
        "Диагнозы Z, допустимые при обращении по заболеванию (три знака)",
        ("Z03", "Z33", "Z34", "Z35", "Z36", "Z39"),
    ),
    Param(
        "z_as_observed",
        "Диагнозы Z, допустимые при диспансерном наблюдении, цель 1.3 (три знака)",
        ("Z94", "Z95", "Z96", "Z97", "Z98", "Z99"),
    ),
    # other regions use Z00.1 up to 3 and Z00.2 from 3 (criteria.md §8): the bounds touch everywhere
    Param("z00_1_before", "Z00.1: до скольких лет (далее — Z00.2)", 1),
    Param("z00_2_before", "Z00.2: до скольких лет (далее — Z00.3)", 14),
    Param("z00_3_before", "Z00.3: до скольких лет", 18),
)

_HAS_MORE = "(c.ds2 <> '[]' OR c.ds3 <> '[]')"
_FIRST, _SECONDARY, _COMPLICATION = "при поступлении ", "сопутствующий ", "осложнение "
#: secondary diagnoses and complications of a case with what each is called: rows (called, ds)
_MORE = (
    f"(SELECT '{_SECONDARY}' AS called, trim(value) AS ds FROM json_each(c.ds2)"
    f" UNION ALL SELECT '{_COMPLICATION}', trim(value) FROM json_each(c.ds3))"
)
#: all diagnoses of a case, the main one without a word
_EVERY = f"(SELECT '' AS called, c.ds_main AS ds UNION ALL SELECT '{_FIRST}', c.ds_first UNION ALL SELECT * FROM {_MORE})"
#: a diagnosis that is called so stands in its own field of the card
_PLACES = ((_FIRST, "ds_first"), (_SECONDARY, "ds2"), (_COMPLICATION, "ds3"))
_Z_PURPOSES = "('2.1', '2.2', '2.3', '2.5', '2.6', '3.1')"
_ILLNESS = "('1.0', '1.1', '1.2', '1.3', '3.0')"


def _of_other_sex(ds: str) -> str:
    """Return the condition «the diagnosis belongs to the other sex».

    Ranges of one sex do not overlap: the last one that begins at the code or before it decides.
    """
    return (
        f"(({ds} GLOB 'O*' AND c.sex = '1') OR coalesce((SELECT substr({ds}, 1, length(n.a1)) <= n.a1"
        f" FROM nsi n WHERE n.book = 'MKB10_SEX' AND n.code <= {ds} AND n.a2 <> c.sex"
        " AND n.begin_date <= c.day AND (n.end_date = '' OR n.end_date >= c.day)"
        " ORDER BY n.code DESC LIMIT 1), 0)) AND c.sex IN ('1', '2')"
    )


def _named(source: str, where: str) -> str:
    """Return the diagnoses that fit, each with what it is called."""
    return f"(SELECT group_concat(called || ds, ', ') FROM (SELECT DISTINCT called, ds FROM {source} WHERE {where}))"


def _prefixes(ds: str) -> str:
    return ", ".join(f"substr({ds}, 1, {count})" for count in range(1, 8))


_WHOSE = "': бывает только у ' || iif(c.sex = '1', 'женщин', 'мужчин')"
#: the most specific mask decides whether a diagnosis is paid by ОМС: of beginnings of one code it sorts last
_PAID = (
    "(SELECT x.paid FROM oms_excluded_mkb x"
    f" WHERE x.mask IN ({_prefixes('c.ds_main')}) AND x.mask <> ''"
    " AND x.begin_date <= c.day AND (x.end_date = '' OR x.end_date >= c.day)"
    " ORDER BY x.mask DESC, x.begin_date DESC LIMIT 1)"
)
_CHILDREN = (
    "FROM nsi n WHERE n.book = 'M001' AND n.code > c.ds_main || '.' AND n.code < c.ds_main || '/'"
    " AND n.begin_date <= c.day AND (n.end_date = '' OR n.end_date >= c.day)"
)
_DISEASE_CHAR = (
    "c.ds_char = '' AND NOT c.from_d AND c.ds_main <> '' AND"
    " ((c.usl_ok = '3' AND c.ds_main < 'Z00' AND c.ds_main NOT GLOB 'U11*')"
    " OR c.ds_main BETWEEN 'C00' AND 'C97~' OR c.ds_main BETWEEN 'D00' AND 'D09~')"
)

CRITERIA: tuple[Criterion, ...] = (
    Criterion(
        code="05.001",
        group="diagnosis",
        title="Не заполнен основной диагноз",
        severity="error",
        applies=(MKSB, SMP),
        why="Без основного диагноза счёт вернут по 1.4.3. Укажите код МКБ-10, по которому оказана помощь.",
        mek="1.4.3",
        source="ЧИП МО; проверки МЭК (Курск)",
        condition="c.ds_main = ''",
        field="ds_main",
    ),
    Criterion(
        code="05.002",
        group="diagnosis",
        title="Диагноз не найден в МКБ-10 или не действует на дату окончания лечения",
        severity="error",
        applies=ALL,
        why=(
            "Фонд принимает только коды МКБ-10, действующие на дату окончания лечения. "
            "Исправьте код или загрузите новый справочник M001."
        ),
        mek="1.4.4",
        source="Q015 005F.00.0040, 005F.00.0050; ЧИП МО",
        condition=(
            f"(c.ds_main <> '' AND NOT {valid('M001', 'c.ds_main')})"
            f" OR (c.ds_first <> '' AND NOT {valid('M001', 'c.ds_first')})"
            f" OR ({_HAS_MORE} AND EXISTS (SELECT 1 FROM {_MORE} WHERE ds <> ''"
            f" AND NOT {valid('M001', 'ds')}))"
        ),
        field="ds_main",
        detail=(
            f"(SELECT json_group_array(called || ds || ': нужен код МКБ-10, действующий ' || {dmy('c.day')})"
            f" FROM (SELECT DISTINCT called, ds FROM {_EVERY} WHERE ds <> '' AND NOT {valid('M001', 'ds')}))"
        ),
        several=True,
        places=_PLACES,
        books=("M001",),
    ),
    Criterion(
        code="05.003",
        group="diagnosis",
        title="Основной диагноз указан без подрубрики",
        severity="error",
        applies=(TAP, MKSB),
        why="У рубрики есть подрубрики, фонд требует точный диагноз. Укажите код с четвёртым знаком.",
        mek="1.4.4",
        source="ЧИП МО (проверка полноты диагноза)",
        condition=f"length(c.ds_main) = 3 AND EXISTS (SELECT 1 {_CHILDREN})",
        field="ds_main",
        detail=(
            "c.ds_main || ': укажите подрубрику, например ' || (SELECT group_concat(code, ', ')"
            f" FROM (SELECT n.code AS code {_CHILDREN} ORDER BY n.code LIMIT 3))"
        ),
        books=("M001",),
        default=False,
    ),
    Criterion(
        code="05.004",
        group="diagnosis",
        title="Основной диагноз не соответствует полу пациента",
        severity="error",
        applies=ALL,
        why=(
            "Такой диагноз бывает только у другого пола, фонд вернёт счёт по 1.4.4. "
            "Исправьте диагноз или пол пациента."
        ),
        mek="1.4.4",
        source="Q016 003K.00.0620; ЧИП МО",
        condition=_of_other_sex("c.ds_main"),
        field="ds_main",
        detail=f"c.ds_main || {_WHOSE}",
        books=("MKB10_SEX",),
    ),
    Criterion(
        code="05.005",
        group="diagnosis",
        title="Сопутствующий диагноз или осложнение не соответствует полу пациента",
        severity="error",
        applies=ALL,
        why=(
            "Сопутствующий диагноз или осложнение бывает только у другого пола. "
            "Исправьте диагноз или пол пациента."
        ),
        mek="1.4.4",
        source="Q016 003K.00.0630, 003K.00.0640",
        condition=f"{_HAS_MORE} AND EXISTS (SELECT 1 FROM {_MORE} WHERE {_of_other_sex('ds')})",
        field="ds2",
        detail=f"{_named(_MORE, _of_other_sex('ds'))} || {_WHOSE}",
        places=_PLACES,
        books=("MKB10_SEX",),
    ),
    Criterion(
        code="05.006",
        group="diagnosis",
        title="Диагноз перинатального периода (P00-P96) у пациента старше года",
        severity="error",
        applies=ALL,
        why="Диагнозы P00–P96 применяют до первого дня рождения. Исправьте диагноз или дату рождения.",
        mek="1.4.4",
        source="Q016 003K.00.0590-003K.00.0610; ЧИП МО",
        condition=(
            "c.age >= 1 AND (c.ds_main GLOB 'P*' OR c.ds_first GLOB 'P*'"
            f" OR ({_HAS_MORE} AND EXISTS (SELECT 1 FROM {_MORE} WHERE ds GLOB 'P*')))"
        ),
        field="ds_main",
        detail=_named(_EVERY, "ds GLOB 'P*'")
        + " || ': полных лет на начало лечения — ' || c.age || ', нужно меньше года'",
        places=_PLACES,
    ),
    Criterion(
        code="05.007",
        group="diagnosis",
        title="Сопутствующий диагноз или осложнение совпадает с основным",
        severity="error",
        applies=ALL,
        why=(
            "Один и тот же код не может быть и основным, и сопутствующим. "
            "Уберите повтор из сопутствующих или осложнений."
        ),
        mek="1.4.4",
        source="Q015 006F.00.0430; ЧИП МО",
        condition=f"c.ds_main <> '' AND {_HAS_MORE} AND EXISTS (SELECT 1 FROM {_MORE} WHERE ds = c.ds_main)",
        field="ds2",
        detail=_named(_MORE, "ds = c.ds_main") + " || ' — он же основной: оставьте его только основным'",
        places=_PLACES,
    ),
    Criterion(
        code="05.008",
        group="diagnosis",
        title="Диагноз повторяется среди сопутствующих и осложнений",
        severity="error",
        applies=ALL,
        why=(
            "Фонд не принимает один код дважды. Оставьте диагноз один раз: в сопутствующих или в осложнениях."
        ),
        mek="1.4.4",
        source="Q015 006F.00.0440; ЧИП МО",
        condition=(f"{_HAS_MORE} AND (SELECT count(ds) > count(DISTINCT ds) FROM {_MORE} WHERE ds <> '')"),
        field="ds2",
        detail=(
            f"(SELECT group_concat(ds, ', ') FROM (SELECT ds FROM {_MORE} WHERE ds <> ''"
            " GROUP BY ds HAVING count(*) > 1)) || ': оставьте один раз'"
        ),
        default=False,
    ),
    Criterion(
        code="05.009",
        group="diagnosis",
        title="Основной диагноз не входит в программу ОМС",
        severity="error",
        applies=ALL,
        why=(
            "Это заболевание по программе вашего региона ОМС не оплачивает, случай снимут по 1.6.1. "
            "Исправьте диагноз или вид оплаты."
        ),
        mek="1.6.1",
        source="проверки МЭК (Курск) (1.6.1, M001_oplata_status); ЧИП МО",
        condition=f"NOT c.exam AND c.ds_main <> '' AND {_PAID} = 0",
        field="ds_main",
        detail="c.ds_main || ' не входит в программу ОМС'",
        books=("oms_excluded",),
    ),
    Criterion(
        code="05.010",
        group="diagnosis",
        title="Внешняя причина (V01-Y98) указана основным диагнозом",
        severity="error",
        applies=ALL,
        why=(
            "Внешняя причина (V01–Y98) бывает только сопутствующим диагнозом. "
            "Основным укажите саму травму или отравление."
        ),
        mek="1.4.4",
        source="правило МКБ-10; ЧИП МО (допустимые основные A00-T98, U, Z)",
        condition="c.ds_main GLOB '[VWXY]*'",
        field="ds_main",
        detail="c.ds_main || ': перенесите в сопутствующие, основным нужен диагноз A00–T98'",
    ),
    Criterion(
        code="05.011",
        group="diagnosis",
        title="Для цели «по заболеванию» основной диагноз не может быть профилактическим (Z)",
        severity="error",
        applies=(TAP,),
        why=(
            "При обращении по заболеванию основным должно быть заболевание. "
            "Исправьте диагноз или цель посещения."
        ),
        mek="1.4.4",
        source="ЧИП МО; проверки МЭК (Курск) (код МКБ10 не соответствует цели посещения)",
        condition=(
            f"c.purpose IN {_ILLNESS} AND c.ds_main GLOB 'Z*'"
            f" AND substr(c.ds_main, 1, 3) NOT IN {listed('z_as_disease')}"
            f" AND NOT (c.purpose = '1.3' AND substr(c.ds_main, 1, 3) IN {listed('z_as_observed')})"
            # Z01.2 of a dentist has a check of its own, 14.006
            " AND NOT (c.kind = 'dental' AND c.ds_main = 'Z01.2')"
        ),
        field="ds_main",
        detail=(
            "c.ds_main || ' при цели ' || c.purpose || ': нужен диагноз заболевания"
            " или профилактическая цель'"
        ),
    ),
    Criterion(
        code="05.012",
        group="diagnosis",
        title="Для профилактической цели основной диагноз должен быть Z00-Z99",
        severity="error",
        applies=(TAP,),
        why=(
            "При профилактической цели основной диагноз — из класса Z00–Z99. "
            "Исправьте диагноз или цель посещения."
        ),
        mek="1.4.4",
        source="ЧИП МО; проверки МЭК (Курск)",
        condition=(
            f"c.purpose IN {_Z_PURPOSES} AND NOT c.exam AND c.ds_main <> '' AND c.ds_main NOT GLOB 'Z*'"
        ),
        field="ds_main",
        detail=(
            "c.ds_main || ' при цели ' || c.purpose || ': нужен диагноз Z00–Z99"
            " или цель по заболеванию (1.0, 3.0)'"
        ),
    ),
    Criterion(
        code="05.013",
        group="diagnosis",
        title="Диагноз Z00.1 / Z00.2 / Z00.3 не соответствует возрасту ребёнка",
        severity="error",
        applies=(TAP,),
        why=(
            "Код осмотра здорового ребёнка зависит от возраста: Z00.1, затем Z00.2, затем Z00.3. "
            "Исправьте диагноз."
        ),
        mek="1.4.4",
        source="ЧИП МО; проверки МЭК (Курск) (региональные границы отличаются)",
        condition=(
            "(c.ds_main = 'Z00.1' AND c.age >= :z00_1_before)"
            " OR (c.ds_main = 'Z00.2' AND (c.age < :z00_1_before OR c.age >= :z00_2_before))"
            " OR (c.ds_main = 'Z00.3' AND (c.age < :z00_2_before OR c.age >= :z00_3_before))"
        ),
        field="ds_main",
        detail=(
            "c.ds_main || ', полных лет — ' || c.age || ': нужен ' || CASE WHEN c.age < :z00_1_before"
            " THEN 'Z00.1' WHEN c.age < :z00_2_before THEN 'Z00.2' WHEN c.age < :z00_3_before"
            " THEN 'Z00.3' ELSE 'диагноз взрослого осмотра' END"
        ),
        default=False,
    ),
    Criterion(
        code="05.014",
        group="diagnosis",
        title="Диагноз Z00.0 / Z00.8 применяется только для взрослых",
        severity="error",
        applies=(TAP,),
        why="Z00.0 и Z00.8 — осмотры взрослых. Ребёнку укажите Z00.1, Z00.2 или Z00.3 по возрасту.",
        mek="1.4.4",
        source="проверки МЭК (Курск)",
        condition="c.ds_main IN ('Z00.0', 'Z00.8') AND c.age < 18",
        field="ds_main",
        detail="c.ds_main || ', полных лет — ' || c.age || ': нужен Z00.1, Z00.2 или Z00.3 по возрасту'",
        default=False,
    ),
    Criterion(
        code="05.015",
        group="diagnosis",
        title="Не указан характер заболевания",
        severity="error",
        applies=(TAP,),
        why="При заболевании фонд требует характер: острое или хроническое. Без него счёт вернут по 1.4.3.",
        mek="1.4.3",
        source="Q015 003F.00.0761, 003F.00.0772",
        condition=_DISEASE_CHAR,
        field="ds_char",
        detail=(
            "'диагноз ' || c.ds_main || ': укажите 1 (острое), 2 (впервые хроническое) или 3 (ранее "
            "хроническое)'"
        ),
    ),
    Criterion(
        code="05.016",
        group="diagnosis",
        title="Характер заболевания указан при профилактическом диагнозе",
        severity="warning",
        applies=(TAP,),
        why="У профилактического диагноза Z нет характера заболевания. Очистите поле.",
        mek="1.4.4",
        source="проверки МЭК (Курск)",
        condition="c.ds_main GLOB 'Z*' AND c.ds_char <> ''",
        field="ds_char",
        detail="'при ' || c.ds_main || ' характер ' || c.ds_char || ' не нужен'",
        default=False,
    ),
    Criterion(
        code="05.017",
        group="diagnosis",
        title="Не указан диагноз при поступлении",
        severity="warning",
        applies=(MKSB,),
        why=(
            "В карте стационара нужен диагноз при поступлении. "
            "Укажите код МКБ-10, с которым пациент поступил."
        ),
        mek="1.4.3",
        source="ProMed; формат Q018 (DS0)",
        condition="c.usl_ok IN ('1', '2') AND c.ds_first = '' AND NOT c.from_bill",
        field="ds_first",
        default=False,
    ),
    Criterion(
        code="05.018",
        group="diagnosis",
        title="При основном диагнозе Z92.9 не указан сопутствующий",
        severity="warning",
        applies=(TAP,),
        why="Z92.9 говорит лишь о прошлом лечении. Укажите сопутствующим заболевание, которое лечили.",
        mek="1.4.4",
        source="ЧИП МО",
        condition=(
            "c.ds_main = 'Z92.9' AND NOT EXISTS (SELECT 1 FROM json_each(c.ds2) WHERE trim(value) <> '')"
        ),
        field="ds2",
        default=False,
    ),
)
