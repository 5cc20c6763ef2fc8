"""«Выгрузить неидент. более месяца»: persons long not found, over all registries, asked once more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from omstui.domain.errors import OmsError
from omstui.domain.identification import OVERDUE_DAYS
from omstui.domain.model import Period
from omstui.domain.operation import Context, Result
from omstui.domain.ops import ident_export
from omstui.domain.store import config, db, registries_b
from omstui.domain.store import identification as store


@dataclass(slots=True)
class Params(ident_export.Params):
    """Those of ident-export; the registry, where given, only allows the operation by its status."""


def run(ctx: Context, params: Params) -> Result:
    """A package of its own; no registry changes its status."""
    row = None
    if params.registry or params.registry_id is not None:
        row = registries_b.resolve(params.period, params.registry, params.registry_id)
        registries_b.require(row, "ident-overdue")
    period = row.period if row else str(Period.parse(params.period))
    settings = config.load_settings()
    day = ctx.now_fn().date()
    name = ident_export.chosen_name(settings, None, day, params.name, params.number)
    target = ident_export.folder(settings, params.out) / str(name)
    try:
        with db.snapshot():
            if not store.collect_overdue((day - timedelta(days=OVERDUE_DAYS)).isoformat()):
                raise OmsError(
                    f"Пациентов, не идентифицированных более {OVERDUE_DAYS} дней, нет: выгружать некого.",
                    hint="В пакет входят те, чей последний ответ — «не найден»"
                    f" и получен больше {OVERDUE_DAYS} дней назад.",
                )
            ident_export.remind(ctx, target, [])
            pending, written = ident_export.write(ctx, name, target)
        new = store.NewQpid(None, period, str(name), day.isoformat(), name.number, written.count)
        package_id = ident_export.settle(ctx, pending, new, None)
    finally:
        store.forget()
    return ident_export.placed(ctx, pending, written, package_id, {"registry": None, "period": period})
