"""Save settings of the organisation (настройки МО) with history."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from omstui.domain import expertise
from omstui.domain.caserules import make_env
from omstui.domain.operation import Context, Result
from omstui.domain.setup import check
from omstui.domain.store import cases, config, db
from omstui.settings import Settings, build


@dataclass(frozen=True, slots=True)
class Params:
    """``values`` replace whole sections or single keys: {"mo": {"phone": "…"}, "insurers": […]}."""

    values: dict[str, Any] = field(default_factory=dict)


def run(ctx: Context, params: Params) -> Result:
    """Merge the values over the present settings, check them, store them."""
    if "criteria" in params.values:  # before the transaction: it makes temporary tables of its own
        expertise.refuse_wrong(_merged(params))
    with db.write():
        settings = _merged(params)
        check(settings)
        config.save_settings(settings, who=ctx.who, at=ctx.now())
        moved = 0
        if {"insurers", "fund"} & params.values.keys():
            moved = cases.derive_payers(make_env().payer, ctx.now())
    if moved:
        ctx.log(
            f"Плательщик определён заново: случаев {moved}. Сформированные реестры с ними переформируйте."
        )
    return Result("Настройки сохранены.")


def _merged(params: Params) -> Settings:
    """The present settings with the values over them; UsageError for a key that is not there."""
    present = asdict(config.load_settings())
    for key, value in params.values.items():
        if isinstance(value, dict) and isinstance(present.get(key), dict) and key != "defaults":
            present[key] = {**present[key], **value}
        else:
            present[key] = value
    return build(Settings, present, "Настройки")  # type: ignore[no-any-return]
