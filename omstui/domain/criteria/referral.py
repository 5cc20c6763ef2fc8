"""Criteria: referrals (направления)."""

from __future__ import annotations

from omstui.domain.criteria.model import MKSB, TAP, Criterion, Param
from omstui.domain.criteria.sql import days_between, dmy, told, valid

PARAMS: tuple[Param, ...] = (
    Param("referral_days", "Направление действует, дней", 60),
    Param("referral_days_ivf", "Направление на ВРТ (профиль 137) действует, дней", 90),
)

_PLANNED = "((c.usl_ok = '1' AND c.help_form = '3') OR c.usl_ok = '2')"
_AGE = days_between("c.ref_date", "c.date_in")
_LIMIT = "iif(c.profile = '137', :referral_days_ivf, :referral_days)"
#: the day the referral was given; without it the day of the case
_DAY = "coalesce(nullif(c.ref_date, ''), c.day)"

CRITERIA: tuple[Criterion, ...] = (
    Criterion(
        code="16.001",
        group="referral",
        title="Не указана направившая организация при плановой госпитализации",
        severity="error",
        applies=(MKSB,),
        why="В дневной стационар и планово в стационар ложатся по направлению; без направившей МО счёт"
        " вернут по 1.4.3. Укажите её код.",
        mek="1.4.3",
        source="Q015 003F.00.0400; ЧИП МО",
        condition=f"{_PLANNED} AND c.ref_mo = ''",
        field="ref_mo",
    ),
    Criterion(
        code="16.002",
        group="referral",
        title="Не указана дата направления на госпитализацию",
        severity="error",
        applies=(MKSB,),
        why="В дневной стационар и планово в стационар ложатся по направлению; без его даты счёт вернут по"
        " 1.4.3. Укажите дату.",
        mek="1.4.3",
        source="Q015 003F.00.0410; ЧИП МО",
        condition=f"{_PLANNED} AND c.ref_date = ''",
        field="ref_date",
    ),
    Criterion(
        code="16.003",
        group="referral",
        title="Указана дата направления без организации (или наоборот)",
        severity="error",
        applies=(TAP, MKSB),
        why="Направление указывают целиком: МО и дату; половину вернут по 1.4.4. Допишите недостающее или"
        " уберите лишнее.",
        mek="1.4.4",
        source="Q015 003F.00.0401, 003F.00.0402",
        condition="NOT c.from_d AND (c.ref_mo = '') <> (c.ref_date = '')",
        field="ref_mo",
        detail="iif(c.ref_mo = '', "
        + told("дата {}, а МО не указана", dmy("c.ref_date"))
        + ", "
        + told("МО {}, а даты нет", "c.ref_mo")
        + ")",
    ),
    Criterion(
        code="16.004",
        group="referral",
        title="Дата направления позже даты начала лечения",
        severity="error",
        applies=(TAP, MKSB),
        why="Направление не могли дать после начала лечения: одна из дат ошибочна, счёт вернут по 1.4.4."
        " Исправьте её.",
        mek="1.4.4",
        source="Q015 006F.00.0310; ЧИП МО",
        condition="c.ref_date > c.date_in",
        field="ref_date",
        detail=told("дата направления {}, лечение начато {}", dmy("c.ref_date"), dmy("c.date_in")),
    ),
    Criterion(
        code="16.005",
        group="referral",
        title="Дата направления раньше даты рождения пациента",
        severity="error",
        applies=(TAP, MKSB),
        why="Направление не могли дать до рождения: одна из дат ошибочна, счёт вернут по 1.4.4. Исправьте"
        " её.",
        mek="1.4.4",
        source="Q015 006F.00.0311",
        condition="c.ref_date <> '' AND c.ref_date < c.birth",
        field="ref_date",
        detail=told("дата направления {}, дата рождения {}", dmy("c.ref_date"), dmy("c.birth")),
        default=False,
    ),
    Criterion(
        code="16.006",
        group="referral",
        title="Направлению больше двух месяцев",
        severity="warning",
        applies=(TAP, MKSB),
        why="Направление к началу лечения устарело, счёт могут вернуть по 1.4.4. Проверьте дату направления.",
        mek="1.4.4",
        source="ЧИП МО",
        condition=f"c.ref_date <> '' AND {_AGE} > {_LIMIT}",
        field="ref_date",
        detail=told(
            "дата направления {}, прошло дней: {}, можно не больше {}", dmy("c.ref_date"), _AGE, _LIMIT
        ),
        default=False,
    ),
    Criterion(
        code="16.007",
        group="referral",
        title="Направившая организация не найдена в справочнике МО",
        severity="error",
        applies=(TAP, MKSB),
        why="Кода направившей МО нет в справочнике на день направления, счёт вернут по 1.4.4. Исправьте"
        " код или загрузите новую редакцию справочника МО.",
        mek="1.4.4",
        source="Q015 001F.00.0031, 001F.00.0371; ЧИП МО",
        condition=f"c.ref_mo <> '' AND NOT {valid('F003', 'c.ref_mo', _DAY)} AND NOT"
        f" {valid('F032', 'c.ref_mo', _DAY)}",
        field="ref_mo",
        books=("F003|F032",),
        detail=told("МО «{}» нет в F003 и F032 или она не действует {}", "c.ref_mo", dmy(_DAY)),
        default=False,
    ),
    Criterion(
        code="16.008",
        group="referral",
        title="Для диагностической услуги не указано направление",
        severity="error",
        applies=(TAP,),
        why="Дорогое исследование оплачивают по направлению; без него счёт вернут по 1.4.3. Укажите"
        " направившую МО и дату направления.",
        mek="1.4.3",
        source="ЧИП МО",
        condition="s.needs_referral AND NOT c.from_d AND (c.ref_mo = '' OR c.ref_date = '')",
        level="service",
        field="ref_mo",
        detail="'услуге ' || s.code || iif(c.ref_mo = '', ' нужна направившая МО', ' нужна дата"
        " направления')",
        books=("services",),
        default=False,
    ),
)
