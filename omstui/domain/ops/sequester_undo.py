"""«Отменить секвестирование»: what the last run cut comes back, what it gave back is cut, until F2."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from omstui.domain import over_plan
from omstui.domain.errors import OmsError
from omstui.domain.model import Period
from omstui.domain.money import roubles
from omstui.domain.operation import Context, Result
from omstui.domain.ops.sequester import refuse_blocked, say_back
from omstui.domain.store import config, db
from omstui.domain.store import sequester_cuts as store


@dataclass(frozen=True, slots=True)
class Params:
    """``all``: every cut of the month, not only those of the last run."""

    period: str
    all: bool = False


def run(ctx: Context, params: Params) -> Result:
    """Undo whole or not at all; a case that was billed or sent since refuses it."""
    period = Period.parse(params.period)
    cut, again = found = _rows(period, params)
    refuse_blocked(cut)
    _refuse_lost(again)
    back, out = _figure(cut), _figure(again)
    parts = [f"вернуть случаев {back}"] if cut else []
    parts += [f"снять снова {out}"] if again else []
    ctx.confirm(f"Отменить секвестирование за {period.title}: {', '.join(parts)}?")
    with db.write():
        ctx.check()
        if _rows(period, params) != found:
            raise OmsError(
                "Пока вы смотрели, снятые случаи изменил другой оператор. Ничего не возвращено.",
                hint="Повторите операцию.",
            )
        exact, waiting = store.give_back([row.id for row in cut], at=ctx.now(), who=ctx.who)
        store.cut_again(str(period), again, at=ctx.now(), who=ctx.who)
        over_plan.note(str(period), config.load_settings())
        ctx.check()
    say_back(ctx, exact, waiting)
    told = [f"возвращено случаев {back}"] if cut else []
    told += [f"снято снова {out}"] if again else []
    text = ", ".join(told)
    data = {"period": str(period), "back": len(cut), "cut": len(again), "reform": waiting}
    return Result(f"{text[:1].upper()}{text[1:]}.", data)


def _figure(rows: Sequence[store.CutRow] | Sequence[store.Returned]) -> str:
    return f"{len(rows)} на сумму {roubles(sum(row.total for row in rows))}"


def _refuse_lost(rows: Sequence[store.Returned]) -> None:
    lost = [row.key for row in rows if row.registry is None]
    if lost:
        raise OmsError(
            f"Снять снова нельзя: случаев нет в сформированных реестрах: {len(lost)}.",
            title="Отменить секвестирование",
            hint="Переформируйте реестры и повторите.",
            details=lost[:20],
        )


def _rows(period: Period, params: Params) -> tuple[list[store.CutRow], list[store.Returned]]:
    """What the last run cut, and what it gave back."""
    last = store.last_run(str(period))
    cut = store.cuts(str(period))
    if params.all:
        again: list[store.Returned] = []
    else:
        cut = [row for row in cut if (row.run or 0) == last]
        again = [] if last is None else store.returned(str(period), last)
    if not cut and not again:
        raise OmsError(
            f"За {period.title} ничего не снято секвестированием: отменять нечего.",
            title="Отменить секвестирование",
        )
    return cut, again
