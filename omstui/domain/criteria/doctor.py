"""Criteria: doctor and profile (врач, профиль)."""

from __future__ import annotations

from omstui.domain.criteria.model import ALL, MKSB, SMP, TAP, Criterion, Param
from omstui.domain.criteria.sql import dmy, listed, name_of, valid

PARAMS = (
    Param("child_specialties", "Детские специальности врачей (V021)", ("18", "20", "21", "22", "49", "68")),
    # a child with cancer may stay with his children's doctor up to 21
    Param("child_ds_to_21", "Диагнозы, с которыми детский врач лечит до 21 года (начала кодов МКБ)", ()),
    Param("adult_specialties", "Взрослые специальности врачей (V021)", ("25", "41", "84", "92")),
    Param("therapist_age", "Терапевт амбулаторно: с какого возраста", 15),
    Param("therapist_age_stay", "Терапевт в стационаре и дневном стационаре: с какого возраста", 15),
    Param("any_doctor_profiles", "Профили, которые ведёт врач любой специальности (V002)", ("158", "160")),
    Param("women_profiles", "Профили только для женщин (V002)", ("3", "136", "137", "184")),
    Param("child_profiles", "Детские профили (V002)", ("17", "18", "19", "20", "21", "68", "86")),
    Param("geriatric_profile_age", "Профиль «гериатрия»: с какого возраста", 60),
)

#: what a card may call a doctor by: his code in the book or his СНИЛС, bare or with hyphens
_BARE = "replace(replace({0}, '-', ''), ' ', '')"
_MINE = "(SELECT doctor FROM c WHERE doctor <> '')"
_KEYS = (
    f"(SELECT code AS key, code FROM doctor WHERE code IN {_MINE} UNION SELECT snils, code FROM doctor"
    f" WHERE snils IN {_MINE} UNION SELECT {_BARE.format('snils')}, code FROM doctor"
    f" WHERE {_BARE.format('snils')} IN {_MINE})"
)
_WORKING = (
    f"(SELECT k.key AS key, d.hired AS hired, d.dismissed AS dismissed FROM {_KEYS} k"
    " JOIN doctor d ON d.code = k.code)"
)
#: DISTINCT keeps the sums of digits out of the scan over cases
_WRONG_SNILS = (
    f"(SELECT DISTINCT k.key AS key, x.snils AS snils FROM {_KEYS} k JOIN doctor x ON x.code = k.code"
    " WHERE NOT (snils_form(x.snils) AND snils_sum(x.snils)))"
)
_CERTIFICATES = (
    f"(SELECT doctor AS key, specialty, begin_date, end_date FROM doctor_certificate WHERE doctor IN {_MINE}"
    f" UNION SELECT o.key, h.specialty, h.begin_date, h.end_date FROM {_KEYS} o CROSS JOIN doctor d"
    " ON d.code = o.code CROSS JOIN doctor_certificate h"
    f" ON h.doctor IN (d.code, nullif(d.snils, ''), nullif({_BARE.format('d.snils')}, '')))"
)
_EMPLOYED = (
    "coalesce((SELECT 'врач ' || c.doctor || ': принят ' || iif(d.hired = '', 'без даты', "
    f"{dmy('d.hired')}) || iif(d.dismissed = '', '', ', уволен ' || {dmy('d.dismissed')})"
    " FROM doctor d WHERE d.code = c.doctor), 'врача ' || c.doctor || ' нет в справочнике врачей"
    " или он не работал ' || " + dmy("c.day") + ")"
)
_SPECIALTY = f"'специальность ' || c.specialty || {name_of('V021', 'c.specialty')}"
_PROFILE = f"'профиль ' || c.profile || {name_of('V002', 'c.profile')}"
_AGE = "', полных лет пациенту — ' || c.age"
_LICENSED = (
    "EXISTS (SELECT 1 FROM licence l WHERE l.profile = c.profile"
    " AND instr(',' || replace(l.usl_ok, ' ', '') || ',', ',' || c.usl_ok || ',') > 0"
    " AND l.begin_date <= c.day AND (l.end_date = '' OR l.end_date >= c.day))"
)

CRITERIA: tuple[Criterion, ...] = (
    Criterion(
        code="06.001",
        group="doctor",
        title="Не указан лечащий врач",
        severity="error",
        applies=(MKSB, SMP),
        why="Без лечащего врача счёт вернут по 1.4.3. Укажите врача, который закрыл случай.",
        mek="1.4.3",
        source="ЧИП МО; проверки МЭК (Курск)",
        condition="c.doctor = ''",
        field="doctor",
    ),
    Criterion(
        code="06.002",
        group="doctor",
        title="Врач не работал в организации на дату окончания лечения",
        severity="error",
        applies=ALL,
        why=(
            "Случай закрыл тот, кто в этот день у вас не работал. "
            "Исправьте врача в карте или его даты в справочнике врачей."
        ),
        mek="1.4.4",
        source="VistaMed (нет врача, код врача 0); справочник врачей",
        select=(
            f"SELECT c.id, NULL, {_EMPLOYED} FROM c LEFT JOIN {_WORKING} w ON w.key = c.doctor"
            " AND w.hired <= c.day AND (w.dismissed = '' OR w.dismissed >= c.day)"
            " WHERE c.doctor <> '' AND w.key IS NULL"
        ),
        field="doctor",
        books=("doctors",),
        default=False,
    ),
    Criterion(
        code="06.003",
        group="doctor",
        title="Не указана специальность врача или её нет в V021",
        severity="error",
        applies=ALL,
        why="Специальность врача обязательна и берётся из V021. Укажите её код.",
        mek="1.4.3",
        source="Q015 001F.00.0310; ЧИП МО",
        condition=(
            "(c.specialty = '' AND NOT c.from_d)"
            f" OR (c.specialty <> '' AND NOT {valid('V021', 'c.specialty')})"
        ),
        field="specialty",
        detail=(
            "iif(c.specialty = '', 'специальность не указана, нужен код V021', 'кода ' || c.specialty"
            f" || ' нет в V021 на ' || {dmy('c.day')})"
        ),
        books=("V021",),
    ),
    Criterion(
        code="06.004",
        group="doctor",
        title="У врача нет действующего сертификата или аккредитации по специальности",
        severity="error",
        applies=ALL,
        why=(
            "Помощь без сертификата или аккредитации фонд снимает по 1.9. "
            "Исправьте врача или специальность либо внесите документ в справочник."
        ),
        mek="1.9",
        source="приказ 231н 1.9; справочник врачей (модель данных)",
        select=(
            f"SELECT c.id, NULL, 'врач ' || c.doctor || ', ' || {_SPECIALTY} || ': нет документа,"
            f" действующего ' || {dmy('c.day')} FROM c LEFT JOIN {_CERTIFICATES} h ON h.key = c.doctor"
            " AND h.specialty = c.specialty AND h.begin_date <= c.day"
            " AND (h.end_date = '' OR h.end_date >= c.day)"
            " WHERE c.doctor <> '' AND c.specialty <> '' AND h.key IS NULL"
        ),
        field="doctor",
        books=("certificates",),
    ),
    Criterion(
        code="06.005",
        group="doctor",
        title="СНИЛС врача не заполнен или неверен",
        severity="error",
        applies=ALL,
        why="СНИЛС врача фонд сверяет с регистром медработников. Исправьте его в справочнике врачей.",
        mek="1.4.4",
        source="ЧИП МО",
        select=(
            "SELECT c.id, NULL, 'врач ' || c.doctor || iif(trim(d.snils) = '', ': СНИЛС не указан',"
            " ': СНИЛС ' || d.snils || iif(snils_form(d.snils), ' — неверное контрольное число',"
            f" ' — нужно 11 цифр')) FROM c CROSS JOIN {_WRONG_SNILS} d ON d.key = c.doctor"
        ),
        field="doctor",
        books=("doctors",),
        default=False,
    ),
    Criterion(
        code="06.006",
        group="doctor",
        title="Детский специалист указан для пациента 18 лет и старше",
        severity="error",
        applies=(TAP, MKSB),
        why="Детские врачи лечат до 18 лет. Исправьте врача, специальность или дату рождения.",
        mek="1.4.4",
        source="Q016 003K.00.0830; проверки МЭК (Курск)",
        condition=(
            f"c.specialty IN {listed('child_specialties')} AND c.age >= 18 AND NOT (c.age < 21 AND EXISTS"
            " (SELECT 1 FROM json_each(:child_ds_to_21)"
            " WHERE substr(c.ds_main, 1, length(value)) = value))"
        ),
        field="specialty",
        detail=f"{_SPECIALTY} || {_AGE} || ': нужна взрослая специальность'",
    ),
    Criterion(
        code="06.007",
        group="doctor",
        title="Взрослый специалист указан для пациента младше 18 лет",
        severity="error",
        applies=(TAP, MKSB),
        why="До 18 лет принимает детский специалист. Исправьте врача, специальность или дату рождения.",
        mek="1.4.4",
        source="Q016 003K.00.0860",
        condition=f"c.specialty IN {listed('adult_specialties')} AND c.age < 18",
        field="specialty",
        detail=f"{_SPECIALTY} || {_AGE} || ': нужна детская специальность'",
    ),
    Criterion(
        code="06.008",
        group="doctor",
        title="Терапевт указан для пациента младше 15 лет",
        severity="error",
        applies=(TAP, MKSB),
        why=(
            "Терапевт принимает не с рождения: младших ведёт педиатр. "
            "Исправьте врача, специальность или дату рождения."
        ),
        mek="1.4.4",
        source="Q016 003K.00.0870; проверки МЭК (Курск)",
        condition="c.specialty = '76' AND c.age < iif(c.usl_ok = '3', :therapist_age, :therapist_age_stay)",
        field="specialty",
        detail=(
            f"{_SPECIALTY} || {_AGE} || ', терапевт — с '"
            " || iif(c.usl_ok = '3', :therapist_age, :therapist_age_stay) || ': нужен педиатр (49)'"
        ),
    ),
    Criterion(
        code="06.009",
        group="doctor",
        title="Гериатр указан для пациента младше 65 лет",
        severity="error",
        applies=(TAP, MKSB),
        why="Гериатр лечит с 65 лет. Исправьте врача, специальность или дату рождения.",
        mek="1.4.4",
        source="Q016 003K.00.0880",
        condition="c.specialty = '11' AND c.age < 65",
        field="specialty",
        detail=f"{_SPECIALTY} || {_AGE} || ', нужно не меньше 65'",
        default=False,
    ),
    Criterion(
        code="06.010",
        group="doctor",
        title="Акушер-гинеколог указан для пациента мужского пола",
        severity="error",
        applies=(TAP, MKSB),
        why="Акушер-гинеколог не ведёт мужчин. Исправьте специальность врача или пол пациента.",
        mek="1.4.4",
        source="Q016 003K.00.0840",
        condition="c.specialty IN ('2', '207') AND c.sex = '1'",
        field="specialty",
        detail=f"{_SPECIALTY} || ', пол пациента мужской, нужен женский'",
    ),
    Criterion(
        code="06.011",
        group="doctor",
        title="Неонатолог указан для пациента старше года",
        severity="error",
        applies=(TAP, MKSB),
        why="Неонатолог лечит детей до года. Исправьте врача, специальность или дату рождения.",
        mek="1.4.4",
        source="Q016 003K.00.0850",
        condition="c.specialty = '37' AND c.age >= 1",
        field="specialty",
        detail=f"{_SPECIALTY} || {_AGE} || ': нужно меньше года'",
        default=False,
    ),
    Criterion(
        code="06.012",
        group="profile",
        title="Не указан профиль медицинской помощи или его нет в V002",
        severity="error",
        applies=ALL,
        why="Профиль помощи обязателен и берётся из V002. Укажите код, действующий на дату окончания.",
        mek="1.4.3",
        source="Q015 001F.00.0270; ЧИП МО",
        condition=(
            f"(c.profile = '' AND NOT c.from_d) OR (c.profile <> '' AND NOT {valid('V002', 'c.profile')})"
        ),
        field="profile",
        detail=(
            "iif(c.profile = '', 'профиль не указан, нужен код V002', 'кода ' || c.profile"
            f" || ' нет в V002 на ' || {dmy('c.day')})"
        ),
        books=("V002",),
    ),
    Criterion(
        code="06.013",
        group="profile",
        title="Профиль медицинской помощи не соответствует специальности врача",
        severity="error",
        applies=(TAP, MKSB),
        why=(
            "Врач этой специальности не может вести этот профиль, фонд вернёт счёт по 1.4.4. "
            "Исправьте профиль или специальность."
        ),
        mek="1.4.4",
        source="проверки МЭК (Курск); ЧИП МО",
        condition=(
            "c.specialty <> '' AND c.profile <> ''"
            f" AND c.profile NOT IN {listed('any_doctor_profiles')}"
            " AND EXISTS (SELECT 1 FROM profile_specialty x WHERE x.profile = c.profile)"
            " AND NOT EXISTS (SELECT 1 FROM profile_specialty x WHERE x.profile IN (c.profile, '*')"
            " AND x.specialty = c.specialty)"
        ),
        field="profile",
        detail=(
            f"{_PROFILE} || ', ' || {_SPECIALTY} || '; подходят специальности: ' || (SELECT"
            " group_concat(specialty, ', ') FROM (SELECT x.specialty AS specialty FROM profile_specialty x"
            " WHERE x.profile = c.profile ORDER BY CAST(x.specialty AS INTEGER) LIMIT 6))"
        ),
        books=("profile_specialty",),
        default=False,
    ),
    Criterion(
        code="06.014",
        group="profile",
        title="Профиль медицинской помощи не соответствует полу пациента",
        severity="error",
        applies=(TAP, MKSB),
        why="Акушерство и гинекология — только для женщин. Исправьте профиль или пол пациента.",
        mek="1.4.4",
        source="Q016 003K.00.0740",
        condition=f"c.profile IN {listed('women_profiles')} AND c.sex = '1'",
        field="profile",
        detail=f"{_PROFILE} || ', пол пациента мужской, нужен женский'",
    ),
    Criterion(
        code="06.015",
        group="profile",
        title="Профиль медицинской помощи не соответствует возрасту пациента",
        severity="error",
        applies=(TAP, MKSB),
        why=(
            "Профиль рассчитан на другой возраст, фонд вернёт счёт по 1.4.4. "
            "Исправьте профиль или дату рождения."
        ),
        mek="1.4.4",
        source="Q016 003K.00.0750, 003K.00.0760; проверки МЭК (Курск)",
        condition=(
            "(c.profile = '55' AND c.age > 0) OR (c.profile = '14' AND c.age < :geriatric_profile_age)"
            f" OR (c.profile IN {listed('child_profiles')} AND c.age >= 18)"
        ),
        field="profile",
        detail=(
            f"{_PROFILE} || {_AGE} || CASE c.profile WHEN '55' THEN ', нужно меньше года' WHEN '14'"
            " THEN ', нужно не меньше ' || :geriatric_profile_age ELSE ', нужно меньше 18' END"
        ),
    ),
    Criterion(
        code="06.016",
        group="profile",
        title="Профиль отсутствует в лицензии организации",
        severity="error",
        applies=ALL,
        why="Помощь вне лицензии снимают по 1.8.1. Исправьте профиль или внесите действующую лицензию.",
        mek="1.8.1",
        source="проверки МЭК (Курск) (нет лицензии на профиль); приказ 231н",
        condition=f"c.profile <> '' AND NOT {_LICENSED}",
        field="profile",
        detail=(f"{_PROFILE} || ', условия ' || c.usl_ok || ': нет в лицензии на ' || {dmy('c.day')}"),
        books=("licence",),
        default=False,
    ),
)
