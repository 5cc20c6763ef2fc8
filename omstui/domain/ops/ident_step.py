"""«Увеличить / Уменьшить пакет идент. (+1 / −1)»: the last digit of the next QPID name (manual B)."""

from __future__ import annotations

from dataclasses import dataclass

from omstui.domain.errors import OmsError
from omstui.domain.operation import Context, Result
from omstui.domain.store import db, registries_b

LOWEST, HIGHEST = 1, 9


@dataclass(frozen=True, slots=True)
class Params:
    """``step`` is 1 or -1."""

    period: str = ""
    registry: str = ""
    registry_id: int | None = None
    step: int = 1


def run(ctx: Context, params: Params) -> Result:
    """Move the digit within 1–9."""
    if params.step not in (1, -1):
        raise OmsError(f"Шаг {params.step} не годится: номер пакета меняют на +1 или −1.")
    row = registries_b.resolve(params.period, params.registry, params.registry_id)
    registries_b.require(row, "ident-step")
    old = row.ident_number or LOWEST
    new = old + params.step
    if not LOWEST <= new <= HIGHEST:
        raise OmsError(
            f"Номер пакета идентификации {old}: дальше менять некуда, допустимы {LOWEST}–{HIGHEST}.",
            hint="В новый день счёт пакетов начинается с 1.",
        )
    with db.write():
        registries_b.set_ident_number(row.id, new)
    ctx.log(f"Номер пакета идентификации: {new} (был {old})")
    return Result(f"Номер пакета идентификации: {new}.", {"registry": row.id, "number": new})
