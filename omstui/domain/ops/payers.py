"""«Сформировать реестры на оплату»: the accounts of a registry by payer and type of case.

The payer is the one the case has now: policies of an answer to identification count without re-forming.
"""

from __future__ import annotations

from dataclasses import dataclass

from omstui.domain.bills import pay_title
from omstui.domain.errors import OmsError
from omstui.domain.model import RegistryStatus
from omstui.domain.money import roubles
from omstui.domain.operation import Context, Result
from omstui.domain.store import bills, db, registries_b
from omstui.domain.store.bills import PayRow


@dataclass
class Params:
    """The registry by row, or by month and number or name."""

    period: str = ""
    registry: str = ""
    registry_id: int | None = None


def run(ctx: Context, params: Params) -> Result:
    row = registries_b.resolve(params.period, params.registry, params.registry_id)
    registries_b.require(row, "payers")
    if row.reform_reason:
        raise OmsError(f"Нужно переформировать реестр: {row.reform_reason}.", hint="Переформируйте его (F5).")
    if not row.accounts:
        raise OmsError(
            f"В реестре «{row.title}» нет случаев: реестры на оплату формировать не из чего.",
            hint="Загрузите случаи и переформируйте реестр.",
        )
    ctx.check()
    with db.write():
        registries_b.require(registries_b.resolve("", row.id), "payers")
        dropped = bills.drop_pay_registries(row.id)
        ctx.check()
        moved = bills.refresh_payers(row.id)
        ctx.check()
        rows = bills.form_pay_registries(row.id, pay_title)
        ctx.check()
        registries_b.set_status(row.id, RegistryStatus.PAYERS_FORMED)
    ctx.log("Реестры успешно сформированы")
    for item in rows:
        ctx.log(line(item), link={"list": "accounts", "pay_registry": item.id})
    if dropped:
        ctx.log(f"Прежние реестры на оплату заменены: {dropped}")
    if moved:
        ctx.log(f"Сменился плательщик: случаев {moved} (полис уточнён после формирования)")
    nobody = sum(r.accounts for r in rows if r.section == bills.NONE)
    if nobody:
        ctx.warn(
            f"Неидентифицированные в счета не войдут: случаев {nobody}."
            " Исправьте полисы или выгрузите их на идентификацию."
        )
    total = sum(r.total for r in rows)
    return Result(
        f"Реестры на оплату сформированы: {len(rows)}, случаев {sum(r.accounts for r in rows)}"
        f" на сумму {roubles(total)}.",
        {"registry": row.id, "registries": [_json(r) for r in rows], "moved": moved},
    )


def line(row: PayRow) -> str:
    """«ОМС счета в АО МАКС (амбулатория) случаев 13 услуг 13 на сумму 5300.00»."""
    return f"{row.title} случаев {row.accounts} услуг {row.services} на сумму {roubles(row.total)}"


def _json(row: PayRow) -> dict[str, object]:
    return {
        "id": row.id,
        "section": row.section,
        "payer": row.payer_name,
        "case_type": row.case_type,
        "title": row.title,
        "accounts": row.accounts,
        "services": row.services,
        "sum": roubles(row.total),
    }
