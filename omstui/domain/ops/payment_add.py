"""Enter a payment order of an insurer (внести платёж), spread over its invoices."""

from __future__ import annotations

from dataclasses import dataclass

from omstui.domain.errors import OmsError
from omstui.domain.money import roubles
from omstui.domain.operation import Context, Result
from omstui.domain.ops.payment_parts import parts_json, spread, tell
from omstui.domain.ops.typed import NOTE, iso_day, line, money, shown_day
from omstui.domain.store import config, db
from omstui.domain.store import payments as store


@dataclass(slots=True)
class Params:
    """``parts``: invoice (its number, or «#» and the number of its row) → sum; None = the oldest first."""

    smo: str
    number: str
    sum: str
    date: str = ""
    note: str = ""
    parts: dict[str, str] | None = None


def run(ctx: Context, params: Params) -> Result:
    """«Внести платёж»."""
    payer = config.payer_by_code(params.smo)
    number, total = line(params.number, "Номер поручения"), money(params.sum, "Сумма платежа")
    note = line(params.note, "Примечание", NOTE)
    if not number:
        raise OmsError("Не указан номер платёжного поручения.", hint="Он стоит на поручении СМО.")
    if not total:
        raise OmsError("Сумма платежа не указана или равна нулю.", hint="Нужны рубли и копейки: 1234.56.")
    date = iso_day(params.date, "Дата платежа") or ctx.now()[:10]
    if date > ctx.now()[:10]:
        raise OmsError(f"Дата платежа {shown_day(date)} ещё не наступила.", hint="Проверьте дату поручения.")
    known = store.same(payer.id, number, date)
    if known is not None:
        ctx.confirm(
            f"Платёж № {number} от {shown_day(date)} СМО {payer.code} на {roubles(known.total)} уже внесён."
            " Внести ещё один?"
        )
    ctx.check()
    with db.write():
        parts = spread(payer.id, total, params.parts)
        new = store.NewPayment(payer.id, number, date, total, note)
        payment_id = store.add(new, who=ctx.who, at=ctx.now())
        store.set_parts(payment_id, parts)
        ctx.check()
    ctx.log(f"Платёж № {number} от {shown_day(date)}, СМО {payer.code} ({payer.letter}): {roubles(total)}")
    rest = tell(ctx, total, parts)
    data = {
        "payment": payment_id, "smo": payer.code, "number": number, "date": date, "sum": roubles(total),
        "rest": roubles(rest), "parts": parts_json(parts),
    }  # fmt: skip
    left = f", не разнесено {roubles(rest)}" if rest else ""
    return Result(f"Платёж № {number} на {roubles(total)} внесён: счетов {len(parts)}{left}.", data)
