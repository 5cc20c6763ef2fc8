"""Criteria: patient (пациент)."""

from __future__ import annotations

from omstui.domain.criteria.model import ALL, Criterion
from omstui.domain.criteria.sql import card, dmy, of_newborn, told

#: signs that alone make no name: spaces, dots, hyphens and dashes
_SIGNS = "' .-–—'"
_NO_PATRONYMIC = "('НЕТ', 'Нет', 'нет', 'ОТСУТСТВУЕТ', 'Отсутствует', 'отсутствует', '-')"
_FOREIGN = "'*[^А-Яа-яЁё0-9 .''’-]*'"


def _bad_name(column: str) -> str:
    """A name that is not empty and that the format of exchange refuses."""
    return (
        f"(({column} GLOB {_FOREIGN} OR length({column}) > 40 OR substr({column}, 1, 1) = '-'"
        f" OR substr({column}, -1) = '-') AND trim({column}, {_SIGNS}) <> '')"
    )


_DIGIT = "[0-9]"
_SNILS_FORM = (
    f"(c.snils GLOB '{_DIGIT * 3}-{_DIGIT * 3}-{_DIGIT * 3} {_DIGIT * 2}' OR c.snils GLOB '{_DIGIT * 11}')"
)
#: the number of a card as other cards may have it: with signs and without them
_SNILS_BARE = "replace(replace(snils, '-', ''), ' ', '')"
_SNILS_SIGNED = (
    "substr({0}, 1, 3) || '-' || substr({0}, 4, 3) || '-' || substr({0}, 7, 3) || ' ' || substr({0}, 10)"
)

CRITERIA: tuple[Criterion, ...] = (
    Criterion(
        code="01.001",
        group="person",
        title="Не заполнена фамилия пациента",
        severity="error",
        applies=ALL,
        why="Без фамилии фонд не найдёт человека в регистре и вернёт счёт по 1.4.3. Внесите фамилию из"
        " документа; если её в документе нет, отметьте это (код достоверности 2).",
        mek="1.4.3",
        source="Q015 003F.00.1530",
        condition=f"NOT c.newborn AND NOT c.no_surname AND trim(c.surname, {_SIGNS}) = ''",
        field="patient.surname",
    ),
    Criterion(
        code="01.002",
        group="person",
        title="Не заполнено имя пациента",
        severity="error",
        applies=ALL,
        why="Без имени фонд не найдёт человека в регистре и вернёт счёт по 1.4.3. Внесите имя из"
        " документа; если его в документе нет, отметьте это (код достоверности 3).",
        mek="1.4.3",
        source="Q015 003F.00.1570",
        condition=f"NOT c.newborn AND NOT c.no_name AND trim(c.name, {_SIGNS}) = ''",
        field="patient.name",
    ),
    Criterion(
        code="01.003",
        group="person",
        title="Не заполнено отчество и не отмечено его отсутствие в документе",
        severity="error",
        applies=ALL,
        why="Пустое отчество без отметки об его отсутствии счёт вернёт по 1.4.4. Внесите отчество из"
        " документа или отметьте, что его нет (код достоверности 1); слова «нет» вместо отчества не пишут.",
        mek="1.4.4",
        source="Q015 003F.00.0460, 003F.00.0480; 002F.00.0540",
        condition=f"NOT c.newborn AND (c.patronymic IN {_NO_PATRONYMIC}"
        f" OR (trim(c.patronymic, {_SIGNS}) = '') <> c.no_patronymic)",
        field="patient.patronymic",
        detail=f"CASE WHEN c.patronymic IN {_NO_PATRONYMIC} THEN 'вместо отчества стоит «' || c.patronymic"
        " || '», нужно пусто и код достоверности 1'"
        " WHEN c.no_patronymic THEN 'отчество «' || c.patronymic || '» заполнено, хотя отмечено, что его нет'"
        " ELSE 'нужно отчество или код достоверности 1' END",
    ),
    Criterion(
        code="01.004",
        group="person",
        title="Недопустимые символы в фамилии, имени или отчестве",
        severity="error",
        applies=ALL,
        why="ФИО с латинскими буквами или лишними знаками не пройдёт ФЛК и не совпадёт с регистром"
        " (1.4.4). Наберите ФИО русскими буквами, как в документе.",
        mek="1.4.4",
        source="Q015 004F.00.1580-004F.00.1600; ЧИП МО",
        condition=" OR ".join(map(_bad_name, ("c.surname", "c.name", "c.patronymic"))),
        field="patient.surname",
        detail="trim("
        + " || ".join(
            f"CASE WHEN {_bad_name(column)} THEN '{title} «' || {column} || '» ' ELSE '' END"
            for column, title in (("c.surname", "фамилия"), ("c.name", "имя"), ("c.patronymic", "отчество"))
        )
        + ") || ': допустимы русские буквы, цифры, пробел, точка, апостроф и дефис внутри, до 40 знаков'",
        places=(("имя «", "patient.name"), ("отчество «", "patient.patronymic")),
    ),
    Criterion(
        code="01.005",
        group="person",
        title="Не заполнена дата рождения пациента",
        severity="error",
        applies=ALL,
        why="Без даты рождения человека не найти в регистре, счёт вернут по 1.4.3. Внесите дату из"
        " документа; у новорождённого — дату рождения ребёнка.",
        mek="1.4.3",
        source="Q015 003F.00.3100, 004F.00.1610",
        condition="c.birth IS NULL",
        field="patient.birth_date",
    ),
    Criterion(
        code="01.006",
        group="person",
        title="Дата рождения пациента позже даты начала лечения",
        severity="error",
        applies=ALL,
        why="Лечить до рождения нельзя: одна из дат ошибочна, счёт вернут по 1.4.4. Сверьте дату рождения"
        " с документом.",
        mek="1.4.4",
        source="Q015 006F.00.0680; ЧИП МО",
        condition="c.birth > c.date_in",
        field="patient.birth_date",
        detail=told("дата рождения {}, лечение начато {}", dmy("c.birth"), dmy("c.date_in")),
    ),
    Criterion(
        code="01.007",
        group="person",
        title="Дата рождения вне допустимого диапазона",
        severity="error",
        applies=ALL,
        why="Такой даты рождения не бывает: она раньше 1900 года, позже сегодняшнего дня или даёт возраст"
        " больше 120 лет. Сверьте её с документом, иначе счёт вернут по 1.4.4.",
        mek="1.4.4",
        source="ЧИП МО (year limits); Q015 006F.00.0670",
        condition="c.birth < '1900-01-01' OR c.birth > :today OR c.age > 120",
        field="patient.birth_date",
        detail=told("дата рождения {}", dmy("c.birth"))
        + " || iif(c.age > 120, ', полных лет на начало лечения: ' || c.age || ', можно не больше 120',"
        f" ': нужна с 01.01.1900 по ' || {dmy(':today')})",
        default=False,
    ),
    Criterion(
        code="01.008",
        group="person",
        title="Не указан пол пациента",
        severity="error",
        applies=ALL,
        why="Без пола человека не найти в регистре, счёт вернут по 1.4.3. Укажите пол: 1 — мужской, 2 —"
        " женский.",
        mek="1.4.3",
        source="Q015 003F.00.3090, 001F.00.0700",
        condition="c.sex NOT IN ('1', '2')",
        field="patient.sex",
    ),
    Criterion(
        code="01.009",
        group="person",
        title="Значение поля SNILS не соответствует формату",
        severity="error",
        applies=ALL,
        why="СНИЛС не по формату отклонит ФЛК (1.4.4). Наберите 11 цифр с карточки СНИЛС или оставьте поле"
        " пустым.",
        mek="1.4.4",
        source="руководство B (ФЛК message); Q015 004F.00.1720",
        condition=f"c.snils <> '' AND NOT {_SNILS_FORM}",
        field="patient.snils",
        detail=told("СНИЛС «{}», нужно 11 цифр вида 112-233-445 95", "c.snils"),
    ),
    Criterion(
        code="01.010",
        group="person",
        title="Неверное контрольное число СНИЛС пациента",
        severity="error",
        applies=ALL,
        why="Контрольное число СНИЛС не сходится: в номере опечатка, счёт вернут по 1.4.4. Сверьте номер с"
        " карточкой СНИЛС.",
        mek="1.4.4",
        source="ЧИП МО; VistaMed",
        condition="snils_sum(c.snils) = 0",
        field="patient.snils",
        detail=told("СНИЛС {}: две последние цифры не сходятся с остальными", "c.snils"),
    ),
    Criterion(
        code="01.011",
        group="person",
        title="Один СНИЛС указан у разных пациентов",
        severity="warning",
        applies=ALL,
        why="Один СНИЛС не бывает у двух людей: фонд отнесёт случай к другому человеку (1.5). Исправьте"
        " чужой СНИЛС или объедините карточки, если это один человек.",
        mek="1.5",
        source="VistaMed",
        select="WITH w AS MATERIALIZED (SELECT id, patient, snils,"
        f" {_SNILS_BARE} AS bare FROM c WHERE snils <> ''), x AS MATERIALIZED (SELECT id, patient, snils,"
        f" bare AS text"
        f" FROM w UNION ALL SELECT id, patient, snils, {_SNILS_SIGNED.format('bare')} FROM w WHERE"
        f" length(bare) = 11)"
        f" SELECT x.id, NULL, 'СНИЛС ' || x.snils || ' и у пациента ' || {card('p')} FROM x"
        " CROSS JOIN patient p ON p.snils = x.text AND p.id <> x.patient WHERE p.snils <> ''",
        field="patient.snils",
        default=False,
    ),
    Criterion(
        code="01.012",
        group="person",
        title="В картотеке есть двойник пациента (совпали ФИО и дата рождения)",
        severity="warning",
        applies=ALL,
        why="Две карточки одного человека дают двойные случаи и спорную идентификацию (1.5). Если это один"
        " человек, объедините карточки; если однофамильцы, ничего не меняйте.",
        mek="1.5",
        source="VistaMed; проверки МЭК (Курск)",
        condition="NOT c.newborn AND trim(c.fio_key) <> '' AND EXISTS (SELECT 1 FROM patient p"
        f" WHERE p.fio_key = c.fio_key AND p.birth_date = c.birth AND p.id <> c.patient AND NOT"
        f" {of_newborn('p.id')})",
        field="patient.surname",
        detail=f"(SELECT 'есть карточка ' || {card('p')} FROM patient p WHERE p.fio_key = c.fio_key"
        " AND p.birth_date = c.birth AND p.id <> c.patient LIMIT 1)",
        default=False,
    ),
)
