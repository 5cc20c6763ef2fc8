"""Open a closed month again (открыть месяц): a senior operator, with a reason that stays."""

from __future__ import annotations

from dataclasses import dataclass

from omstui.domain.errors import OmsError
from omstui.domain.model import Period
from omstui.domain.operation import Context, Result
from omstui.domain.ops.typed import NOTE, line
from omstui.domain.store import closing, db


@dataclass(slots=True)
class Params:
    """``reason`` must be given: it stays in the history of the month."""

    period: str
    reason: str = ""


def run(ctx: Context, params: Params) -> Result:
    """«Открыть месяц»."""
    period, reason = Period.parse(params.period), line(params.reason, "Причина", NOTE)
    if closing.closing(str(period)) is None:
        raise OmsError(f"Месяц {period.title} не закрыт, открывать нечего.")
    if not reason:
        raise OmsError("Не указана причина открытия месяца.", hint="Укажите её: она останется в истории.")
    ctx.confirm(f"Открыть месяц {period.title}?", details=[f"Причина: {reason}"])
    ctx.check()
    with db.write():
        if closing.closing(str(period)) is None:
            raise OmsError(f"Месяц {period.title} только что открыл другой оператор.")
        closing.reopen(str(period), who=ctx.who, at=ctx.now(), reason=reason)
        ctx.check()
    ctx.log(f"Месяц {period.title} открыт, причина: {reason}")
    return Result(f"Месяц {period.title} открыт.", {"period": str(period), "reason": reason})
