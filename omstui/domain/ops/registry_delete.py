"""Delete a registry that was never exported (удаление реестра): its cases are free again."""

from __future__ import annotations

from dataclasses import dataclass, field

from omstui.domain.errors import OmsError
from omstui.domain.model import RegistryStatus
from omstui.domain.money import roubles
from omstui.domain.operation import Context, Result
from omstui.domain.store import db, forming, registries_b
from omstui.domain.store.forming import RegistryInfo


@dataclass(frozen=True, slots=True)
class Params:
    registry_ids: list[int] = field(default_factory=list)


def run(ctx: Context, params: Params) -> Result:
    """Ask, then delete all of them or none."""
    rows = [_deletable(number) for number in params.registry_ids]
    if not rows:
        raise OmsError("Не выбран реестр для удаления.", hint="Отметьте реестры в списке.")
    ctx.confirm(
        f"Удалить реестры: {len(rows)}?",
        details=[f"{r.title}: счетов {r.accounts} на сумму {roubles(r.total)}" for r in rows],
    )
    with db.write():
        for row in rows:
            ctx.check()
            _deletable(row.id)
            forming.delete_registry(row.id, at=ctx.now())
    for row in rows:
        ctx.log(f"Удалён реестр «{row.title}»: счетов {row.accounts} на сумму {roubles(row.total)}")
    return Result(f"Удалено реестров: {len(rows)}.", {"registries": params.registry_ids})


def _deletable(number: int) -> RegistryInfo:
    row = forming.registry(number)
    if row is None:
        raise OmsError(f"Реестра {number} нет: его уже удалили.", hint="Обновите список.")
    if not row.kind:  # every kind in one registry: «Удалить данные» comes first (manual B)
        whole = registries_b.get(number)
        if whole is not None:
            registries_b.require(whole, "registry-delete")
    if row.status not in (RegistryStatus.CREATED, RegistryStatus.FORMED):
        raise OmsError(
            f"Реестр «{row.title}» — {row.status}: удалить можно только не выгруженный.",
            hint="Выгруженный реестр остаётся в истории; тестовый восстановите.",
        )
    return row
