"""F8 «в реестр» (вернуть отказанные счета): refused accounts go into the next registry (R37–R44)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from omstui.domain import rejections
from omstui.domain.errors import OmsError
from omstui.domain.model import Period, WorkState
from omstui.domain.money import roubles
from omstui.domain.operation import Context, Result
from omstui.domain.store import db
from omstui.domain.store import rejections as store

_SHOWN = 20
_MEK = 4


@dataclass(slots=True)
class Params:
    """``period`` is the month of the refusals; accounts by id or xkey, or all of them."""

    account_ids: list[int] = field(default_factory=list)
    xkeys: list[str] = field(default_factory=list)
    period: str = ""
    all: bool = False
    stage: int = 0
    unchanged: bool = False


def run(ctx: Context, params: Params) -> Result:
    """«В реестр»."""
    if params.period:
        Period.parse(params.period)
    if params.stage == _MEK:  # decides the column of stage 2
        params.stage = 2
    if params.stage not in (0, 1, 2):
        raise OmsError(f"Стадии {params.stage} нет: есть 1 и 2, у МЭК — {_MEK}.")
    with db.write():
        found = _all(ctx, params) if params.all else _chosen(params)
        ready = [a for a in found if params.unchanged or a.work == WorkState.CORRECTED]
        kept = [a for a in found if not (params.unchanged or a.work == WorkState.CORRECTED)]
        if kept and (not ready or not params.all):
            raise _uncorrected(kept)
        ctx.check()
        targets = _targets(ready)
        rows = [
            (a.id, a.case_id, a.stage, targets[_month(a)], int(a.work != WorkState.CORRECTED)) for a in ready
        ]
        store.resubmit(rows, ctx.now(), ctx.who)
        marked = _mark(ready, targets, f"возвращены по F8: {len(ready)}")
        ctx.check()
    return _report(ctx, ready, kept, targets, marked)


#: (month of the refusal, month billed, road): accounts alike in it go into one month
_Month = tuple[str, str, str]


def _month(account: store.RefusedAccount) -> _Month:
    return (account.period, account.billed, account.road)


def _targets(accounts: list[store.RefusedAccount]) -> dict[_Month, str]:
    samples = {_month(a): a for a in accounts}
    return {key: store.target_of(a) for key, a in samples.items()}


def _mark(accounts: list[store.RefusedAccount], targets: dict[_Month, str], reason: str) -> int:
    marked = 0
    for period in sorted(set(targets.values())):
        kinds = sorted({a.kind for a in accounts if targets[_month(a)] == period})
        marked += store.mark_formed(period, kinds, reason)
    return marked


def _all(ctx: Context, params: Params) -> list[store.RefusedAccount]:
    if not params.period:
        raise OmsError("Не указан период отказов.", hint="Укажите --period, например 2021-04.")
    every = store.open_accounts(params.period, params.stage)
    main = [a for a in every if not a.is_test]
    gone = [a for a in main if a.case_deleted]
    # of a test package alone the first is refused below with the reason (R4)
    found = [a for a in main or every if not a.case_deleted]
    if gone:
        ctx.warn(f"Не возвращаются: случай удалён или объединён с другим: {len(gone)}")
    if not found:
        raise OmsError(
            f"За {Period.parse(params.period).title} нет отказов, которые ждут возврата в реестр.",
            hint="Отказы видны в «Анализе» (omstui rejections).",
        )
    return [_returnable(account) for account in found]


def _chosen(params: Params) -> list[store.RefusedAccount]:
    if not params.account_ids and not params.xkeys:
        raise OmsError("Не отмечен ни один счёт.", hint="Укажите --account КЛЮЧ или --all.")
    found = rejections.chosen(params.account_ids, params.xkeys)
    for account in found:
        _returnable(account)
        if params.period and account.period != params.period:
            said = "отказан МЭК, загруженным в" if account.road == "mek" else "подан за"
            raise OmsError(
                f"Счёт {account.xkey} {said} {Period.parse(account.period).title},"
                f" а не за {Period.parse(params.period).title}.",
                hint="--period — месяц отказа.",
            )
        if params.stage and account.stage != params.stage:
            raise OmsError(f"Счёт {account.xkey} отказан на стадии {account.stage}.")
    return found


def _returnable(account: store.RefusedAccount) -> store.RefusedAccount:
    """Refuse what F8 does not concern, saying why."""
    where = f"Счёт {account.xkey} (случай {account.case_key})"
    month = Period.parse(account.period).title
    if account.package_state == "restored":
        raise OmsError(
            f"{where}: тестовый реестр за {month} восстановлен, его отказы не возвращаются.",
            hint="Случай войдёт в основной реестр при формировании.",
        )
    if account.is_test:
        raise OmsError(
            f"{where}: в тестовом цикле «F8 — в реестр» не нажимают, данные не изменены.",
            hint="Исправьте случай и восстановите тестовые реестры: он войдёт в основной сам.",
        )
    if account.resubmission is not None or account.work == WorkState.RETURNED:
        raise OmsError(
            f"{where} уже возвращён в реестр.", hint="Отменить можно до выгрузки следующего реестра."
        )
    if account.work == WorkState.DROPPED:
        raise OmsError(f"{where} снят с работы.", hint="Сначала верните его в работу.")
    if not account.stage:
        if account.facts:
            raise OmsError(
                f"{where} не отказан: есть только замечание ФЛК или частичное снятие,"
                " само по себе оно не исключает счёт.",
                hint="Дождитесь решений «1» и «2».",
            )
        raise OmsError(f"{where} не отказан, возвращать нечего.")
    if account.package_state != "active":
        raise OmsError(f"{where}: его выгрузка заменена другой.")
    if account.case_deleted:
        raise OmsError(
            f"{where}: случай удалён или объединён с другим.", hint="Восстановите или создайте случай."
        )
    return account


def _uncorrected(kept: list[store.RefusedAccount]) -> OmsError:
    total = sum(a.total for a in kept)
    return OmsError(
        f"Не исправлены после отказа: счетов {len(kept)} на сумму {roubles(total)}.",
        title="Случаи не исправлены",
        hint="Исправьте случаи или подтвердите отправку без изменений (--unchanged).",
        details=[f"{a.xkey} — {a.case_key}" for a in kept[:_SHOWN]],
    )


def _report(
    ctx: Context,
    ready: list[store.RefusedAccount],
    kept: list[store.RefusedAccount],
    targets: dict[_Month, str],
    marked: int,
) -> Result:
    primary = [a for a in ready if a.stage == 1]
    repeated = [a for a in ready if a.stage == 2]
    for title, part in (("первичными", primary), ("повторными", repeated)):
        if part:
            ctx.log(
                f"В реестр {title}: счетов {len(part)} на сумму {roubles(sum(a.total for a in part))}",
                link={"list": "accounts", "ids": [a.id for a in part]},
            )
    months = Counter(targets[_month(a)] for a in ready)
    for period, count in sorted(months.items()):
        ctx.log(f"Войдут в реестры за {Period.parse(period).title}: {count}")
    if marked:
        ctx.warn(f"Нужно переформировать реестров: {marked}")
    if kept:
        error = _uncorrected(kept)
        ctx.warn(f"{error.msg} Они оставлены в «Анализе». {error.hint}")
        for line in error.details:
            ctx.warn("  " + line)
    data: dict[str, Any] = {
        "returned": [a.xkey for a in ready],
        "primary": len(primary),
        "repeated": len(repeated),
        "sum": roubles(sum(a.total for a in ready)),
        "target_periods": dict(sorted(months.items())),
        "not_corrected": [a.xkey for a in kept],
    }
    message = f"В реестр возвращено счетов: {len(ready)} на сумму {data['sum']}."
    if kept:
        message += f" Не исправлено и оставлено: {len(kept)}."
    return Result(message, data, partial=bool(kept))
