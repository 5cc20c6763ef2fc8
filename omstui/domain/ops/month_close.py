"""Close a month (закрыть месяц): nothing of it changes any more, until a senior operator reopens it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from omstui.domain import month_close
from omstui.domain.errors import OmsError
from omstui.domain.model import Period
from omstui.domain.operation import Context, Result
from omstui.domain.ops.payment_parts import region
from omstui.domain.ops.typed import shown_day
from omstui.domain.store import closing, config, db


@dataclass(slots=True)
class Params:
    """``period``: the month to close, «2021-04»."""

    period: str


def run(ctx: Context, params: Params) -> Result:
    """«Закрыть месяц»; refused while a step that must be done is not."""
    period = Period.parse(params.period)
    known = closing.closing(str(period))
    if known is not None:
        raise OmsError(f"Месяц {period.title} уже закрыт {shown_day(known.closed_at)} ({known.closed_by}).")
    today = date.fromisoformat(ctx.now()[:10])
    left = month_close.missing(str(period), region(), config.load_settings(), today)
    if left.required:
        raise OmsError(
            f"Месяц {period.title} закрыть нельзя: не всё сделано.",
            hint="Сделайте это и повторите.",
            details=left.required,
        )
    details = [*left.told, "После закрытия реестры, файлы, ответы, удержания и счета месяца не меняются"]
    ctx.confirm(f"Закрыть месяц {period.title}?", details=details)
    for text in left.told:
        ctx.warn(f"Закрывается без этого: {text}")
    ctx.check()
    with db.write():
        if closing.closing(str(period)) is not None:
            raise OmsError(f"Месяц {period.title} только что закрыл другой оператор.")
        if month_close.missing(str(period), region(), config.load_settings(), today) != left:
            raise OmsError(
                f"{period.title}: пока месяц закрывался, данные изменил другой оператор.",
                hint="Повторите: ничего не записано.",
            )
        closing.close(str(period), who=ctx.who, at=ctx.now())
        ctx.check()
    ctx.log(f"Месяц {period.title} закрыт")
    return Result(f"Месяц {period.title} закрыт.", {"period": str(period), "without": left.told})
