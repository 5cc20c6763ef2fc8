"""Undo of F8 (отмена «в реестр»): possible until the next registry is exported (R42)."""

from __future__ import annotations

from dataclasses import dataclass, field

from omstui.domain import rejections
from omstui.domain.errors import OmsError
from omstui.domain.model import Period, WorkState
from omstui.domain.operation import Context, Result
from omstui.domain.store import db
from omstui.domain.store import rejections as store


@dataclass(slots=True)
class Params:
    account_ids: list[int] = field(default_factory=list)
    xkeys: list[str] = field(default_factory=list)
    period: str = ""  # month of the refusals, with ``all``
    all: bool = False


def run(ctx: Context, params: Params) -> Result:
    """«Отменить «В реестр»»."""
    with db.write():
        rows = _rows(params)
        ctx.check()
        store.undo_returns([r.id for r in rows], ctx.now(), ctx.who)
        corrected = store.corrected_since([r.account_id for r in rows])
        corrected |= {r.account_id for r in rows if not r.unchanged}
        store.set_work(sorted(corrected), WorkState.CORRECTED.value)
        store.set_work([r.account_id for r in rows if r.account_id not in corrected], WorkState.NEW.value)
        taken = {r.new_registry for r in rows if r.new_registry is not None}
        marked = store.mark_registries(sorted(taken), f"отменён возврат по F8: {len(rows)}")
        ctx.check()
    for row in rows:
        ctx.log(f"Возврат отменён: счёт {row.xkey}")
    if marked:
        ctx.warn(f"Нужно переформировать реестров: {marked}")
    return Result(f"Отменён возврат счетов: {len(rows)}.", {"undone": [r.xkey for r in rows]})


def _rows(params: Params) -> list[store.ResubmissionRow]:
    if params.all:
        month = Period.parse(params.period)
        ids = store.waiting_returns(str(month))
        if not ids:
            raise OmsError(f"Возвратов за {month.title}, которые можно отменить, нет.")
        return store.returns(ids)
    found = rejections.chosen(params.account_ids, params.xkeys)
    rows = store.returns([a.id for a in found])
    by_account = {r.account_id: r for r in rows}
    for account in found:
        row = by_account.get(account.id)
        if row is None:
            raise OmsError(f"Счёт {account.xkey} в реестр не возвращён, отменять нечего.")
        if row.exported:
            raise OmsError(
                f"Счёт {account.xkey} уже выгружен в реестре"
                f" за {Period.parse(row.target_period).title}: отменить возврат нельзя.",
                hint="Дождитесь ответа на новый счёт.",
            )
    return rows
