"""Criteria: attributes of a case (признаки случая)."""

from __future__ import annotations

from omstui.domain.criteria.model import ALL, MKSB, SMP, TAP, Criterion, Param
from omstui.domain.criteria.sql import dmy, listed, valid
from omstui.domain.model import KINDS

PARAMS = (
    # a study is paid as a service whatever it is for; where the fund wants its purpose, the list is empty
    Param("no_purpose_kinds", "Виды деятельности, где цель посещения не нужна", ("paraclinic",)),
)

#: kind of activity → conditions it goes in; all the others are outpatient
_CONDITIONS = (
    "CASE c.kind WHEN 'inpatient' THEN '1' WHEN 'dayhospital' THEN '2' WHEN 'ambulance' THEN '4' ELSE '3' END"
)
_TYPE_NEEDS = (
    "CASE c.type WHEN 'ТАП' THEN '3 (амбулаторно)' WHEN 'СМП' THEN '4 (вне МО)'"
    " ELSE '1 или 2 (стационар)' END"
)
_KIND_NAME = "CASE c.kind {} END".format(
    " ".join(f"WHEN '{kind.code}' THEN '{kind.title}'" for kind in KINDS.values())
)
_IN_DEPARTMENT = (
    "EXISTS (SELECT 1 FROM department d WHERE d.code = c.department"
    " AND d.begin_date <= c.day AND (d.end_date = '' OR d.end_date >= c.day))"
)

CRITERIA: tuple[Criterion, ...] = (
    Criterion(
        code="07.001",
        group="case-attributes",
        title="Не заполнен номер карты",
        severity="error",
        applies=ALL,
        why="По номеру карты фонд находит случай. Впишите номер талона или истории болезни.",
        mek="1.4.3",
        source="ЧИП МО",
        condition="trim(c.card, ' 0') = ''",
        field="nhistory",
        detail="iif(trim(c.card) = '', 'номер пуст', 'номер из одних нулей: ' || c.card)",
    ),
    Criterion(
        code="07.002",
        group="case-attributes",
        title="Недопустимые символы в номере карты",
        severity="error",
        applies=ALL,
        why=(
            "Номер с лишними знаками фонд не примет по 1.4.4. Оставьте до 50 букв, цифр и знаков . "
            "/ \\ - | _ +."
        ),
        mek="1.4.4",
        source="Q015 004F.00.0750; ЧИП МО",
        condition="NOT card_form(c.card)",
        field="nhistory",
        detail=(
            "'номер «' || c.card || '»: ' || iif(length(c.card) > 50, 'знаков ' || length(c.card)"
            " || ', нужно не больше 50', 'уберите лишние знаки')"
        ),
        default=False,
    ),
    Criterion(
        code="07.003",
        group="case-attributes",
        title="Условия оказания помощи не соответствуют виду карты",
        severity="error",
        applies=ALL,
        why=(
            "Каждому виду карты — свои условия оказания (V006). "
            "Исправьте условия или оформите карту другого вида."
        ),
        mek="1.4.4",
        source="Q015 001F.00.0160; ЧИП МО",
        condition=(
            "(c.type = 'ТАП' AND c.usl_ok <> '3') OR (c.type = 'МКСБ' AND c.usl_ok NOT IN ('1', '2'))"
            f" OR (c.type = 'СМП' AND c.usl_ok <> '4') OR NOT {valid('V006', 'c.usl_ok')}"
        ),
        field="usl_ok",
        detail=f"c.type || ' с условиями «' || c.usl_ok || '», нужно ' || {_TYPE_NEEDS}",
        books=("V006",),
    ),
    Criterion(
        code="07.004",
        group="case-attributes",
        title="Вид деятельности не соответствует виду карты или условиям",
        severity="error",
        applies=ALL,
        why=(
            "Вид деятельности и условия оказания расходятся, случай попадёт не в тот реестр. "
            "Исправьте условия."
        ),
        mek="1.4.4",
        source="модель данных; руководство A (реестры по видам деятельности)",
        condition=f"c.usl_ok <> {_CONDITIONS}",
        field="usl_ok",
        detail=f"{_KIND_NAME} || ' с условиями «' || c.usl_ok || '», нужно ' || {_CONDITIONS}",
    ),
    Criterion(
        code="07.005",
        group="case-attributes",
        title="Форма помощи не указана или не соответствует условиям оказания",
        severity="error",
        applies=ALL,
        why=(
            "Форма помощи — экстренная (1), неотложная (2) или плановая (3), и не всякая возможна в этих "
            "условиях. Исправьте её."
        ),
        mek="1.4.4",
        source="Q016 003K.00.0371-003K.00.0391; Q015 006F.00.1280-006F.00.1300",
        condition=(
            "(c.help_form = '' AND NOT c.from_d AND NOT c.from_bill) OR (c.help_form <> '' AND ("
            f"NOT {valid('V014', 'c.help_form')}"
            " OR (c.usl_ok IN ('2', '3') AND c.help_form NOT IN ('2', '3'))"
            " OR (c.usl_ok = '4' AND c.help_form NOT IN ('1', '2'))))"
        ),
        field="help_form",
        detail=(
            "iif(c.help_form = '', 'форма не указана', 'форма ' || c.help_form) || ', нужна '"
            " || CASE c.usl_ok WHEN '1' THEN '1, 2 или 3' WHEN '4' THEN '1 или 2' ELSE '2 или 3' END"
        ),
        books=("V014",),
    ),
    Criterion(
        code="07.006",
        group="case-attributes",
        title="Форма помощи не соответствует цели посещения",
        severity="error",
        applies=(TAP,),
        why=(
            "Неотложная форма (2) и цель 1.1 бывают только вместе. Исправьте форму помощи или цель посещения."
        ),
        mek="1.4.4",
        source="проверки МЭК (Курск)",
        condition=(
            "c.usl_ok = '3' AND c.purpose <> '' AND c.help_form <> ''"
            " AND (c.help_form = '2') <> (c.purpose = '1.1')"
        ),
        field="help_form",
        detail=(
            "'форма ' || c.help_form || ', цель ' || c.purpose || iif(c.help_form = '2',"
            " ': при форме 2 нужна цель 1.1', ': при цели 1.1 нужна форма 2')"
        ),
    ),
    Criterion(
        code="07.007",
        group="case-attributes",
        title="Не заполнена цель посещения или её нет в V025",
        severity="error",
        applies=(TAP,),
        why="Цель посещения обязательна в поликлинике и берётся из V025. Укажите её код.",
        mek="1.4.3",
        source="Q015 003F.00.0660, 001F.00.0290",
        condition=(
            f"c.usl_ok = '3' AND ((c.purpose = '' AND NOT c.from_d AND c.kind NOT IN {listed('no_purpose_kinds')})"
            f" OR (c.purpose <> '' AND NOT {valid('V025', 'c.purpose')}))"
        ),
        field="purpose",
        detail=(
            "iif(c.purpose = '', 'цель не указана, нужен код V025', 'кода ' || c.purpose || ' нет в V025 на ' || "
            f"{dmy('c.day')})"
        ),
        books=("V025",),
    ),
    Criterion(
        code="07.008",
        group="case-attributes",
        title="Цель посещения указана не для амбулаторного случая",
        severity="error",
        applies=(MKSB, SMP),
        why="Цель посещения бывает только в амбулаторной карте. Очистите поле.",
        mek="1.4.4",
        source="Q015 003F.00.0670",
        condition="c.usl_ok <> '3' AND c.purpose <> ''",
        field="purpose",
        detail="'цель ' || c.purpose || ' при условиях ' || c.usl_ok || ': поле должно быть пустым'",
    ),
    Criterion(
        code="07.009",
        group="case-attributes",
        title="Не указано отделение или оно не действовало на дату окончания лечения",
        severity="error",
        applies=ALL,
        why=(
            "Отделение обязательно и должно действовать на дату окончания. "
            "Исправьте его в карте или даты в справочнике отделений."
        ),
        mek="1.4.3",
        source="ЧИП МО",
        condition=f"(c.department = '' AND NOT c.from_d) OR (c.department <> '' AND NOT {_IN_DEPARTMENT})",
        field="department",
        detail=(
            "iif(c.department = '', 'отделение не указано', 'отделение ' || c.department"
            f" || ' не действовало ' || {dmy('c.day')})"
        ),
        books=("departments",),
        default=False,
    ),
)
