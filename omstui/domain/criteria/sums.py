"""Criteria: sums (суммы)."""

from __future__ import annotations

from omstui.domain.criteria.model import ALL, Criterion, Param
from omstui.domain.criteria.sql import listed, money, quantity, told

PARAMS: tuple[Param, ...] = (
    Param("whole_case_methods", "Способы оплаты с ценой за весь случай, а не за услуги (V010)", ("32", "33")),
)

#: half up; a price or a quantity below zero is not rounded towards it by mistake: such sums are 19.003
_PRODUCT = "((s.tariff * s.quantity + 50) / 100)"
#: a price of a КСГ spread over bed-days: half a kopeck of each day is rounded away
_BY_DAYS = f"(c.ksg <> '' AND abs(s.total - {_PRODUCT}) <= s.quantity / 200)"
_CAPITATION = (
    "EXISTS (SELECT 1 FROM s v CROSS JOIN tariff t ON t.code = v.code WHERE v.case_id = c.id AND t.capitation"
    " AND t.level IN ('', :level) AND t.begin_date <= v.date_out AND (t.end_date = '' OR t.end_date >="
    " v.date_out))"
)

CRITERIA: tuple[Criterion, ...] = (
    Criterion(
        code="19.001",
        group="sum",
        title="Сумма случая не равна сумме его услуг",
        severity="error",
        applies=ALL,
        why="Сумма случая складывается из сумм услуг; если они расходятся, счёт вернут по 1.4.5. Исправьте"
        " сумму случая или тариф и количество услуг.",
        mek="1.4.5",
        source="проверки МЭК (Курск); контроль фонда (Волгоград)",
        select="SELECT c.id, NULL, "
        + told("сумма случая {}, сумма услуг {}", money("c.total"), money("v.total"))
        + " FROM (SELECT case_id, CAST(total(total) AS INTEGER) AS total FROM s GROUP BY case_id) v CROSS JOIN c ON c.id ="
        f" v.case_id WHERE v.total <> c.total AND c.pay_method NOT IN {listed('whole_case_methods')}",
        field="source_sum",
    ),
    Criterion(
        code="19.002",
        group="sum",
        title="Сумма услуги не равна произведению тарифа на количество",
        severity="error",
        applies=ALL,
        why="Сумма услуги — тариф, умноженный на количество; иначе счёт вернут по 1.4.5. Исправьте тариф,"
        " количество или сумму.",
        mek="1.4.5",
        source="ЧИП МО",
        condition=f"s.tariff <> 0 AND s.total <> {_PRODUCT} AND NOT {_BY_DAYS}",
        level="service",
        field="service.source_sum",
        detail=told(
            "{}: {} × {} = {}, а сумма {}",
            "s.code",
            money("s.tariff"),
            quantity("s.quantity"),
            money(_PRODUCT),
            money("s.total"),
        ),
    ),
    Criterion(
        code="19.003",
        group="sum",
        title="Сумма случая должна быть больше нуля",
        severity="error",
        applies=ALL,
        why="Случай без цены фонд не оплатит и вернёт по 1.4.5. Проверьте тарифы услуг на день лечения;"
        " ноль бывает только у услуг подушевого норматива.",
        mek="1.4.5",
        source="Q015 003F.00.0070; проверки МЭК (Курск) (нулевой тариф в осмотрах)",
        select="SELECT c.id, NULL, "
        + told("сумма случая {}, нужна больше нуля", money("c.total"))
        + f" FROM c WHERE c.total <= 0 AND NOT {_CAPITATION}"
        " UNION ALL SELECT s.case_id, NULL, "
        + told("сумма услуги {} меньше нуля: {}", "s.code", money("s.total"))
        + " FROM s WHERE s.total < 0",
        field="source_sum",
    ),
    Criterion(
        code="19.004",
        group="sum",
        title="Сумма счёта на оплату не равна сумме случаев",
        severity="error",
        applies=ALL,
        why="Сумма счёта плательщика не сходится с суммой его случаев, счёт вернут целиком по 1.4.2."
        " Сформируйте счета на оплату заново.",
        mek="1.4.2",
        source="Q016 003K.00.0130",
        select="SELECT c.id, NULL, "
        + told("счёт «{}»: {}, сумма случаев {}", "x.title", money("x.total"), money("x.cases"))
        + " FROM (SELECT y.id, y.title, y.total, CAST(total(a.total) AS INTEGER) AS cases FROM pay_registry y JOIN pay_account m"
        " ON m.pay_registry_id = y.id JOIN account a ON a.id = m.account_id"
        " WHERE y.registry_id IN (SELECT reg FROM c) GROUP BY y.id HAVING total(a.total) <> y.total) x"
        " CROSS JOIN pay_account m ON m.pay_registry_id = x.id CROSS JOIN c ON c.account = m.account_id",
        field="source_sum",
        default=False,
    ),
)
