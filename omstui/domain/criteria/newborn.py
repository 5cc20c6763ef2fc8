"""Criteria: newborns (новорождённые)."""

from __future__ import annotations

from omstui.domain.criteria.model import ALL, Criterion
from omstui.domain.criteria.sql import days_between, dmy, told
from omstui.domain.criteria.view import full_years

_SIGNS = "' .-–—'"
_NO_SURNAME = f"(trim(c.rep_surname, {_SIGNS}) = '' AND NOT c.rep_no_surname)"
_NO_NAME = f"(trim(c.rep_name, {_SIGNS}) = '' AND NOT c.rep_no_name)"
_NO_SEX = "(c.rep_sex NOT IN ('1', '2'))"
_NO_BIRTH = "(c.rep_birth = '')"
_GAPS = ((_NO_SURNAME, "фамилия"), (_NO_NAME, "имя"), (_NO_SEX, "пол"), (_NO_BIRTH, "дата рождения"))

CRITERIA: tuple[Criterion, ...] = (
    Criterion(
        code="18.001",
        group="newborn",
        title="Не заполнены данные представителя новорождённого",
        severity="error",
        applies=ALL,
        why="До регистрации ребёнка фонд ищет по представителю; без его данных счёт вернут по 1.4.3."
        " Внесите фамилию, имя, пол и дату рождения матери или другого представителя.",
        mek="1.4.3",
        source="Q015 003F.00.1550, 003F.00.1590, 003F.00.1670, 003F.00.1690",
        condition=f"c.newborn AND ({' OR '.join(gap for gap, _ in _GAPS)})",
        field="patient.rep_surname",
        detail="'не заполнено: ' || substr("
        + " || ".join(f"iif({gap}, ', {title}', '')" for gap, title in _GAPS)
        + ", 3)",
        places=(
            ("не заполнено: имя", "patient.rep_name"),
            ("не заполнено: пол", "patient.rep_sex"),
            ("не заполнено: дата рождения", "patient.rep_birth_date"),
        ),
    ),
    Criterion(
        code="18.002",
        group="newborn",
        title="Данные представителя заполнены не для новорождённого",
        severity="error",
        applies=ALL,
        why="Представителя указывают только новорождённому: иначе фонд примет его за пациента и вернёт"
        " счёт по 1.4.4. Уберите данные представителя или отметьте новорождённого.",
        mek="1.4.4",
        source="Q015 003F.00.1560, 003F.00.1600, 003F.00.1680, 003F.00.1700",
        # a …13X names the representative of any child
        condition="NOT c.newborn AND NOT c.from_bill AND c.rep_surname || c.rep_name || c.rep_patronymic || c.rep_sex ||"
        " c.rep_birth <> ''",
        field="patient.rep_surname",
        detail=told(
            "представитель «{}», а случай не новорождённого",
            "trim(c.rep_surname || ' ' || c.rep_name || ' ' || c.rep_patronymic)",
        ),
        default=False,
    ),
    Criterion(
        code="18.003",
        group="newborn",
        title="Признак новорождённого у ребёнка старше двух месяцев",
        severity="error",
        applies=ALL,
        why="Новорождённым до регистрации считают ребёнка не старше двух месяцев; позже счёт вернут по"
        " 1.4.4. Оформите случай на полис ребёнка.",
        mek="1.4.4",
        source="ЧИП МО; контроль фонда (Волгоград)",
        condition=f"c.newborn AND {days_between('c.birth', 'c.date_in')} > 60",
        field="newborn",
        detail=told(
            "дата рождения {}, на начало лечения дней: {}, можно не больше 60",
            dmy("c.birth"),
            days_between("c.birth", "c.date_in"),
        ),
    ),
    Criterion(
        code="18.004",
        group="newborn",
        title="Признак новорождённого у пациента с собственным полисом",
        severity="warning",
        applies=ALL,
        why="У ребёнка уже есть свой полис: признак новорождённого и полис матери не нужны, фонд может"
        " отказать по 1.5. Уберите признак.",
        mek="1.5",
        source="регламент признака NOVOR (вывод)",
        condition="c.newborn AND enp_birth(c.enp) = c.birth",
        field="newborn",
        detail=told("ЕНП {} выдан на дату рождения ребёнка {}", "c.enp", dmy("c.birth")),
        default=False,
    ),
    Criterion(
        code="18.005",
        group="newborn",
        title="Представитель моложе 14 лет на дату рождения ребёнка",
        severity="error",
        applies=ALL,
        why="Представителю на день рождения ребёнка должно быть 14 лет; иначе ошибка в одной из дат, счёт"
        " вернут по 1.4.4. Сверьте даты рождения.",
        mek="1.4.4",
        source="Q015 006F.00.0690",
        condition=f"c.newborn AND c.rep_birth <> '' AND {full_years('c.rep_birth', 'c.birth')} < 14",
        field="patient.rep_birth_date",
        detail=told("дата рождения представителя {}, ребёнка {}", dmy("c.rep_birth"), dmy("c.birth")),
        default=False,
    ),
)
