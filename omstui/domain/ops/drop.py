"""Drop a refusal for good (снять отказ с работы), or take it back to work."""

from __future__ import annotations

from dataclasses import dataclass, field

from omstui.domain import rejections
from omstui.domain.errors import OmsError
from omstui.domain.model import WorkState
from omstui.domain.money import roubles
from omstui.domain.operation import Context, Result
from omstui.domain.store import db
from omstui.domain.store import rejections as store


@dataclass(slots=True)
class Params:
    account_ids: list[int] = field(default_factory=list)
    xkeys: list[str] = field(default_factory=list)
    back: bool = False


def run(ctx: Context, params: Params) -> Result:
    """«Снять отказ с работы»: the account is not expected back; ``back`` undoes it."""
    with db.write():
        found = rejections.chosen(params.account_ids, params.xkeys)
        for account in found:
            _check(account, params.back)
        ctx.check()
        ids = [a.id for a in found]
        if params.back:
            corrected = store.corrected_since(ids)
            store.set_work(sorted(corrected), WorkState.CORRECTED.value)
            store.set_work([i for i in ids if i not in corrected], WorkState.NEW.value)
        else:
            store.set_work(ids, WorkState.DROPPED.value)
    verb = "Возвращено в работу" if params.back else "Снято с работы"
    total = roubles(sum(a.total for a in found))
    ctx.log(f"{verb}: счетов {len(found)} на сумму {total}", link={"list": "accounts", "ids": ids})
    return Result(f"{verb}: счетов {len(found)}.", {"accounts": [a.xkey for a in found]})


def _check(account: store.RefusedAccount, back: bool) -> None:
    if back:
        if account.work != WorkState.DROPPED:
            raise OmsError(f"Счёт {account.xkey} не снят с работы.")
        return
    if not account.stage or account.package_state == "restored":
        raise OmsError(f"Счёт {account.xkey} не отказан, снимать нечего.")
    if account.work == WorkState.RETURNED:
        raise OmsError(f"Счёт {account.xkey} возвращён в реестр.", hint="Сначала отмените возврат.")
    if account.work == WorkState.DROPPED:
        raise OmsError(f"Счёт {account.xkey} уже снят с работы.")
