"""«Удалить данные» (удаление данных из реестра) of manual B: the registry is «Создан» again."""

from __future__ import annotations

from dataclasses import dataclass, field

from omstui.domain.errors import OmsError
from omstui.domain.model import Period, kind_of
from omstui.domain.money import roubles
from omstui.domain.operation import Context, Result
from omstui.domain.ops import form_whole
from omstui.domain.store import db, registries_b


@dataclass(frozen=True, slots=True)
class Params:
    """The registry by month, number or name."""

    period: str = ""
    registry: str = ""
    registry_id: int | None = None
    kinds: list[str] = field(default_factory=list)


def run(ctx: Context, params: Params) -> Result:
    """Ask, then take the composition, payment registries and findings away in one transaction."""
    if params.kinds:
        names = ", ".join(kind_of(k).title for k in params.kinds)
        raise OmsError(
            f"Реестр включает все виды деятельности: удалить из него одни ({names}) нельзя.",
            hint="Удалите данные целиком, без --kind.",
        )
    row = registries_b.resolve(params.period, params.registry, params.registry_id)
    registries_b.require(row, "delete-data")
    lost = form_whole.ask_loss(ctx, row, "При удалении данных", "Удалить данные?")
    ctx.confirm(f"Удалить данные реестра «{row.title}»: счетов {row.accounts} на сумму {roubles(row.total)}?")
    ctx.check()
    with db.write():
        ctx.check()
        registries_b.delete_data(row.id)
        ctx.check()
    if lost:
        ctx.warn(lost)
    ctx.log(
        f"Данные удалены: счетов {row.accounts} на сумму {roubles(row.total)}",
        link={"list": "registries", "period": row.period},
    )
    return Result(
        f"Данные реестра «{row.title}» за {Period.parse(row.period).title} удалены,"
        " реестр в статусе «Создан».",
        {"registry": row.id, "period": row.period, "accounts": row.accounts, "sum": roubles(row.total)},
    )
