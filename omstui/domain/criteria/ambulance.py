"""Criteria: ambulance (скорая помощь)."""

from __future__ import annotations

from omstui.domain.criteria.model import SMP, Criterion, Param
from omstui.domain.criteria.sql import dmy, listed, money, name_of, quantity, shown

PARAMS = (
    Param("smp_specialties", "Специальности скорой помощи (V021)", ("4", "49", "66", "283")),
    # refused call, nobody found, …: by region; 411 «смерть до приезда» always counts
    Param("smp_no_result", "Результаты безрезультатного вызова СМП (V009)", ()),
)

#: an earlier call of the pair: the later one is marked
_EARLIER = "o.kind = 'ambulance' AND o.id <> c.id AND (o.date_in, o.id) < (c.date_in, c.id)"
_CALLS = "(SELECT CAST(total(s.quantity) AS INTEGER) FROM s WHERE s.case_id = c.id AND s.is_call)"

CRITERIA: tuple[Criterion, ...] = (
    Criterion(
        code="15.001",
        group="ambulance",
        title="Дата начала и окончания вызова СМП должны совпадать",
        severity="error",
        applies=(SMP,),
        why=(
            "Вызов — один день, даже если он перешёл за полночь: обе даты — день приёма вызова. "
            "Исправьте дату."
        ),
        mek="1.4.4",
        source="ЧИП МО",
        condition="c.date_in <> c.date_out",
        field="date_out",
        detail=(
            f"'начало ' || {dmy('c.date_in')} || ', окончание ' || {dmy('c.date_out')} || ': нужно ' || "
            f"{dmy('c.date_in')}"
        ),
    ),
    Criterion(
        code="15.002",
        group="ambulance",
        title="Количество вызовов в карте СМП должно быть равно 1",
        severity="error",
        applies=(SMP,),
        why="Карта СМП — это ровно один вызов. Исправьте количество или оформите на второй вызов свою карту.",
        mek="1.4.4",
        source="ЧИП МО",
        condition=f"{_CALLS} <> 100",
        field="service.quantity",
        detail=f"'вызовов ' || {quantity(_CALLS)} || ', нужен 1'",
    ),
    Criterion(
        code="15.003",
        group="ambulance",
        title="Кроме вызова в карте СМП есть другие оплачиваемые услуги",
        severity="error",
        applies=(SMP,),
        why=(
            "В тариф вызова входит всё, что сделала бригада; отдельную услугу снимут по 1.10.3. "
            "Обнулите её сумму или уберите услугу."
        ),
        mek="1.10.3",
        source="ЧИП МО",
        condition="s.total > 0 AND NOT s.is_call",
        level="service",
        field="service.code",
        detail=f"'услуга ' || s.code || ' на ' || {money('s.total')} || ' руб.: должна быть без оплаты'",
        default=False,
    ),
    Criterion(
        code="15.004",
        group="ambulance",
        title="Повтор номера карты вызова",
        severity="error",
        applies=(SMP,),
        why=(
            "Номер карты вызова в один день повторяться не может, второй вызов снимут по 1.10.2. "
            "Удалите повтор или исправьте номер."
        ),
        mek="1.10.2",
        source="ЧИП МО",
        select=(
            "SELECT c.id, NULL, 'карта ' || c.card || ' от ' || "
            f"{dmy('c.date_out')} || iif(o.person = c.person AND o.novor = c.novor,"
            " ' у этого пациента уже есть: удалите повтор', ' есть у другого пациента: исправьте номер')"
            " FROM c JOIN o ON o.card = c.card AND o.date_out = c.date_out"
            f" WHERE c.type = 'СМП' AND trim(c.card, ' 0') <> '' AND {_EARLIER}"
        ),
        field="nhistory",
    ),
    Criterion(
        code="15.005",
        group="ambulance",
        title="Повторный вызов по тому же поводу в течение суток",
        severity="warning",
        applies=(SMP,),
        why=(
            "Фонд проверит, не один ли это вызов: диагноз тот же, прошло не больше суток. "
            "Убедитесь, что вызовов было два."
        ),
        mek="",
        source="ЧИП МО (менее 2 дней)",
        select=(
            "SELECT c.id, NULL, 'предыдущий вызов ' || "
            f"{dmy('o.date_out')} || ', карта ' || o.card || ', диагноз ' || o.ds_main"
            " FROM c JOIN o ON o.person = c.person AND o.novor = c.novor"
            f" WHERE c.type = 'СМП' AND {_EARLIER} AND c.ds_main <> ''"
            " AND substr(o.ds_main, 1, 3) = substr(c.ds_main, 1, 3)"
            " AND julianday(c.date_in) - julianday(o.date_out) BETWEEN 0 AND 1"
        ),
        field="date_in",
        default=False,
    ),
    Criterion(
        code="15.006",
        group="ambulance",
        title="Специальность медработника не соответствует скорой помощи",
        severity="error",
        applies=(SMP,),
        why="Вызов ведёт медик скорой помощи. Исправьте специальность медработника.",
        mek="1.4.4",
        source="Q016 003K.00.0510",
        condition=f"c.specialty <> '' AND c.specialty NOT IN {listed('smp_specialties')}",
        field="specialty",
        detail=(
            f"'специальность ' || c.specialty || {name_of('V021', 'c.specialty')}"
            f" || ', нужна одна из: ' || {shown('smp_specialties')}"
        ),
        default=False,
    ),
    Criterion(
        code="15.007",
        group="ambulance",
        title="Профиль вызова должен быть «скорая медицинская помощь»",
        severity="error",
        applies=(SMP,),
        why="Профиль вызова — только «скорая медицинская помощь». Укажите 84.",
        mek="1.4.4",
        source="проверки МЭК (Курск)",
        condition="c.profile <> '' AND c.profile <> '84'",
        field="profile",
        detail=f"'профиль ' || c.profile || {name_of('V002', 'c.profile')} || ', нужен 84'",
        default=False,
    ),
    Criterion(
        code="15.008",
        group="ambulance",
        title="Предъявлен безрезультатный вызов или смерть до приезда бригады",
        severity="warning",
        applies=(SMP,),
        why=(
            "Вызов без помощи ОМС не оплачивает, его снимут по 1.6.1. "
            "Проверьте результат или не предъявляйте сумму."
        ),
        mek="1.6.1",
        source="проверки МЭК (Курск) (56. Смерть до приезда СМП)",
        condition=f"c.total > 0 AND (c.result = '411' OR c.result IN {listed('smp_no_result')})",
        field="result",
        detail=(
            f"'результат ' || c.result || {name_of('V009', 'c.result')}"
            f" || ', предъявлено ' || {money('c.total')} || ' руб.: нужно 0.00'"
        ),
        default=False,
    ),
)
