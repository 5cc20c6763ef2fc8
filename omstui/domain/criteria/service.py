"""Criteria: services (услуги)."""

from __future__ import annotations

from omstui.domain.criteria.doctor import CRITERIA as DOCTOR
from omstui.domain.criteria.model import ALL, MKSB, TAP, Criterion, Param
from omstui.domain.criteria.sql import dmy, listed, quantity, valid

PARAMS = (
    Param("single_purposes", "Цели разового посещения (V025)", ("1.0", "1.1", "1.2", "2.1", "2.5", "2.6")),
)

#: a КСГ may stand for the service of a stay: it is looked for in V023, not among services
_NOT_KSG = "NOT (c.ksg <> '' AND s.code = c.ksg)"
_VISIT_DAYS = (
    "(SELECT count(DISTINCT s.date_in || '|' || s.doctor) FROM s WHERE s.case_id = c.id AND s.is_visit)"
)
_VISITS = "(SELECT CAST(total(s.quantity) AS INTEGER) FROM s WHERE s.case_id = c.id AND s.is_visit)"
_TAKEN = (
    "(SELECT CAST(total(t.quantity) AS INTEGER) FROM s t WHERE t.case_id = s.case_id AND t.code = s.code)"
)
_TAKEN_DAY = (
    "(SELECT CAST(total(t.quantity) AS INTEGER) FROM s t WHERE t.case_id = s.case_id AND t.code = s.code"
    " AND t.date_in = s.date_in)"
)
#: 06.006-06.011 of the doctor of a service, with the age on its day
_OF_DOCTOR = " OR ".join(
    f"({c.condition})".replace("c.specialty", "s.specialty").replace("c.age", "s.age")
    for c in DOCTOR
    if "06.006" <= c.code <= "06.011"
)

CRITERIA: tuple[Criterion, ...] = (
    Criterion(
        code="08.001",
        group="service",
        title="Дата услуги не попадает в период лечения",
        severity="error",
        applies=ALL,
        why="Услуга вне срока лечения в счёт не идёт. Исправьте дату услуги или даты случая.",
        mek="1.4.4",
        source="ЧИП МО; проверки МЭК (Курск)",
        condition="s.date_out > c.day OR (s.date_in < c.date_in AND NOT c.exam)",
        level="service",
        field="service.date_in",
        detail=(
            f"'услуга ' || s.code || ' ' || {dmy('s.date_in')} || ', лечение с ' || {dmy('c.date_in')}"
            f" || ' по ' || {dmy('c.day')}"
        ),
    ),
    Criterion(
        code="08.002",
        group="service",
        title="Дата начала услуги больше даты окончания услуги",
        severity="error",
        applies=ALL,
        why="Окончание услуги раньше её начала: счёт не пройдёт ФЛК. Исправьте даты услуги.",
        mek="1.4.4",
        source="проверки МЭК (Курск) (некорректная дата в услуге)",
        condition="s.date_in > s.date_out",
        level="service",
        field="service.date_in",
        detail=f"'услуга ' || s.code || ': начало ' || {dmy('s.date_in')} || ', окончание ' || {dmy('s.date_out')}",
    ),
    Criterion(
        code="08.003",
        group="service",
        title="Не указано количество услуг",
        severity="error",
        applies=ALL,
        why="Без количества услуга не оплачивается. Укажите, сколько раз она оказана.",
        mek="1.4.3",
        source="ЧИП МО; Q016 003K.00.0550",
        condition="s.quantity IS NULL OR s.quantity <= 0",
        level="service",
        field="service.quantity",
        detail="'услуга ' || s.code || ': количество должно быть больше нуля'",
    ),
    Criterion(
        code="08.004",
        group="service",
        title="Код услуги не найден в номенклатуре или не действует на дату услуги",
        severity="error",
        applies=ALL,
        why="Фонд знает только услуги справочника. Исправьте код или загрузите новый справочник услуг.",
        mek="1.4.4",
        source="Q015 001F.00.0640; ЧИП МО; проверки МЭК (Курск)",
        condition=(
            f"NOT s.known AND {_NOT_KSG} AND NOT {valid('V001', 's.code', 's.date_out')}"
            f" AND NOT {valid('V001', 's.intervention', 's.date_out')}"
        ),
        level="service",
        field="service.code",
        detail=(
            "CASE WHEN s.code GLOB '*[АВ]*' THEN 'код ' || s.code || ' набран русскими буквами, нужен '"
            " || replace(replace(s.code, 'А', 'A'), 'В', 'B') ELSE 'кода ' || s.code || ' на '"
            f" || {dmy('s.date_out')} || ' в справочнике нет' END"
        ),
        books=("services|V001",),
    ),
    Criterion(
        code="08.005",
        group="service",
        title="Не указан врач, оказавший услугу",
        severity="error",
        applies=ALL,
        why="У такой услуги должен быть исполнитель. Укажите врача, который её оказал.",
        mek="1.4.3",
        source="ЧИП МО",
        condition="s.doctor = '' AND s.needs_doctor",
        level="service",
        field="service.doctor",
        detail="'услуга ' || s.code || ': укажите врача'",
        books=("services",),
    ),
    Criterion(
        code="08.006",
        group="service",
        title="Специальность врача услуги не соответствует полу или возрасту пациента",
        severity="error",
        applies=(TAP, MKSB),
        why="Специальность исполнителя услуги не подходит пациенту. Проверьте врача услуги и её дату.",
        mek="1.4.4",
        source="Q016 003K.00.0890-003K.00.0940",
        condition=_OF_DOCTOR,
        level="service",
        field="service.specialty",
        detail=(
            "'услуга ' || s.code || ', специальность ' || s.specialty"
            " || ', пациенту полных лет — ' || s.age || CASE c.sex WHEN '1' THEN ', мужчина' WHEN '2' THEN ', женщина' ELSE '' END"
            " || ': нужен другой специалист'"
        ),
        default=False,
    ),
    Criterion(
        code="08.007",
        group="service",
        title="Услугу не может оказывать врач этой специальности",
        severity="error",
        applies=(TAP, MKSB),
        why="Эту услугу оказывают врачи других специальностей. Исправьте код услуги или врача.",
        mek="1.4.4",
        source="проверки МЭК (Курск); контроль фонда (Волгоград)",
        condition=(
            "NOT EXISTS"
            " (SELECT 1 FROM service_specialty b WHERE b.code = s.code AND b.specialty = s.specialty)"
            " AND EXISTS (SELECT 1 FROM service_specialty b WHERE b.code = s.code)"
        ),
        level="service",
        field="service.specialty",
        detail=(
            "'услуга ' || s.code || ': специальность ' || s.specialty || ', возможны '"
            " || (SELECT group_concat(b.specialty, ', ') FROM service_specialty b WHERE b.code = s.code)"
        ),
        books=("service_specialty",),
        default=False,
    ),
    Criterion(
        code="08.008",
        group="service",
        title="Услуга не соответствует возрасту пациента",
        severity="error",
        applies=ALL,
        why="Услуга оплачивается только в своём возрасте. Проверьте код услуги и дату рождения.",
        mek="1.4.4",
        source="ЧИП МО; контроль фонда (Волгоград)",
        condition="s.age < s.age_min OR s.age > s.age_max",
        level="service",
        field="service.code",
        detail=(
            "'услуга ' || s.code || iif(s.age_min IS NULL, '', ' с ' || s.age_min)"
            " || iif(s.age_max IS NULL, '', ' до ' || s.age_max) || ' лет, пациенту ' || s.age"
        ),
        books=("services",),
    ),
    Criterion(
        code="08.009",
        group="service",
        title="Услуга не соответствует полу пациента",
        severity="error",
        applies=ALL,
        why="Услуга бывает только у другого пола. Исправьте код услуги или пол пациента.",
        mek="1.4.4",
        source="ЧИП МО; проверки МЭК (Курск) (женские болезни у мужчин)",
        condition="s.sex_only IN ('1', '2') AND s.sex_only <> c.sex",
        level="service",
        field="service.code",
        detail="'услуга ' || s.code || iif(s.sex_only = '1', ' только для мужчин', ' только для женщин')",
        books=("services",),
    ),
    Criterion(
        code="08.010",
        group="service",
        title="Услуга не применяется при данных условиях оказания помощи",
        severity="error",
        applies=ALL,
        why="Услуга не оплачивается в этих условиях. Исправьте код услуги или условия оказания.",
        mek="1.4.4",
        source="ЧИП МО (услугу нельзя вводить для амбулаторной/скорой помощи)",
        condition=(
            "s.allowed_usl_ok <> ''"
            " AND instr(',' || replace(s.allowed_usl_ok, ' ', '') || ',', ',' || c.usl_ok || ',') = 0"
        ),
        level="service",
        field="service.code",
        detail="'услуга ' || s.code || ': условия ' || c.usl_ok || ', возможны ' || s.allowed_usl_ok",
        books=("services",),
    ),
    Criterion(
        code="08.011",
        group="service",
        title="В обращении по заболеванию менее двух посещений",
        severity="error",
        applies=(TAP,),
        why="Обращение — не менее двух посещений, одно оплачивается как разовое. Добавьте посещение или смените цель.",
        mek="1.4.4",
        source="проверки МЭК (Курск) (в обращении менее двух посещений, МЭК); ProMed",
        condition=f"c.purpose = '3.0' AND c.kind <> 'dental' AND {_VISIT_DAYS} < 2",
        field="purpose",
        detail=f"'посещений ' || {_VISIT_DAYS} || ', нужно не менее 2'",
    ),
    Criterion(
        code="08.012",
        group="service",
        title="В разовом посещении указано больше одного посещения",
        severity="error",
        applies=(TAP,),
        why="Разовое посещение — одно. Оставьте одно посещение или оформите обращение (цель 3.0).",
        mek="1.4.4",
        source="ProMed; ЧИП МО",
        condition=f"c.purpose IN {listed('single_purposes')} AND c.kind <> 'dental' AND NOT c.exam AND {_VISITS} > 100",
        field="purpose",
        detail=f"'посещений ' || {quantity(_VISITS)} || ', при цели ' || c.purpose || ' нужно одно'",
    ),
    Criterion(
        code="08.013",
        group="service",
        title="Диагноз услуги не найден в МКБ-10",
        severity="error",
        applies=ALL,
        why="Фонд примет только код МКБ-10, действующий на дату услуги. Исправьте диагноз услуги.",
        mek="1.4.4",
        source="ЧИП МО",
        condition=f"s.ds <> '' AND NOT {valid('M001', 's.ds', 's.date_out')}",
        level="service",
        field="service.ds",
        detail="'услуга ' || s.code || ': диагноза ' || s.ds || ' в МКБ-10 нет'",
        books=("M001",),
        default=False,
    ),
    Criterion(
        code="08.014",
        group="service",
        title="Основной диагноз случая не встречается ни в одной услуге",
        severity="warning",
        applies=(TAP, MKSB),
        why="Основной диагноз должен быть поводом хотя бы одной услуги. Сверьте диагнозы случая и услуг.",
        mek="1.4.4",
        source="ЧИП МО",
        condition=(
            "EXISTS (SELECT 1 FROM s WHERE s.case_id = c.id AND s.ds <> '')"
            " AND NOT EXISTS (SELECT 1 FROM s WHERE s.case_id = c.id AND s.ds = c.ds_main)"
        ),
        field="ds_main",
        detail=(
            "'диагноз случая ' || c.ds_main || ', в услугах '"
            " || (SELECT group_concat(ds, ', ') FROM (SELECT DISTINCT s.ds AS ds FROM s WHERE s.case_id = c.id"
            " AND s.ds <> ''))"
        ),
        default=False,
    ),
    Criterion(
        code="08.015",
        group="service",
        title="Количество услуги превышает допустимое",
        severity="error",
        applies=ALL,
        why="Сверх допустимого количества услугу не оплатят. Уменьшите количество или проверьте код.",
        mek="1.4.4",
        source="ЧИП МО (количество не должно быть больше 1)",
        condition=(
            "s.max_qty IS NOT NULL"
            " AND s.id = (SELECT max(t.id) FROM s t WHERE t.case_id = s.case_id AND t.code = s.code)"
            f" AND {_TAKEN} > s.max_qty * 100 OR s.max_qty_day IS NOT NULL"
            " AND s.id = (SELECT max(t.id) FROM s t WHERE t.case_id = s.case_id AND t.code = s.code"
            f" AND t.date_in = s.date_in) AND {_TAKEN_DAY} > s.max_qty_day * 100"
        ),
        level="service",
        field="service.quantity",
        detail=(
            f"'услуга ' || s.code || ': всего ' || {quantity(_TAKEN)} || iif(s.max_qty IS NULL, '',"
            f" ', за случай не более ' || s.max_qty) || iif(s.max_qty_day IS NULL, '',"
            f" ', за день ' || {quantity(_TAKEN_DAY)} || ' — не более ' || s.max_qty_day)"
        ),
        books=("services",),
        default=False,
    ),
    Criterion(
        code="08.016",
        group="service",
        title="В случае больше одной услуги «законченный случай»",
        severity="error",
        applies=(TAP, MKSB),
        why="Случай оплачивается одной услугой «законченный случай». Оставьте одну.",
        mek="1.10.3",
        source="ЧИП МО",
        condition="(SELECT count(*) FROM s WHERE s.case_id = c.id AND s.is_closed_case) > 1",
        field="service.code",
        detail=(
            "'законченных случаев ' || (SELECT count(*) || ': ' || group_concat(s.code, ', ') FROM s"
            " WHERE s.case_id = c.id AND s.is_closed_case)"
        ),
        books=("services",),
        default=False,
    ),
    Criterion(
        code="08.017",
        group="service",
        title="Услуга не разрешена к применению организации",
        severity="error",
        applies=ALL,
        why="Услуги нет среди разрешённых организации на эту дату. Исправьте код или обновите перечень.",
        mek="1.7.1",
        source="ЧИП МО (работа с услугой запрещена в вашей МО); контроль фонда (Волгоград)",
        condition=(
            f"{_NOT_KSG} AND NOT EXISTS (SELECT 1 FROM mo_service b"
            " WHERE substr(s.code, 1, length(b.mask)) = b.mask AND b.begin_date <= s.date_out"
            " AND (b.end_date = '' OR b.end_date >= s.date_out))"
            # a list of another year says nothing of this one
            " AND EXISTS (SELECT 1 FROM mo_service b WHERE substr(b.begin_date, 1, 4) <= substr(s.date_out, 1, 4)"
            " AND (b.end_date = '' OR substr(b.end_date, 1, 4) >= substr(s.date_out, 1, 4)))"
        ),
        level="service",
        field="service.code",
        detail=f"'услуга ' || s.code || ' на ' || {dmy('s.date_out')} || ' не разрешена'",
        books=("mo_service",),
        default=False,
    ),
)
