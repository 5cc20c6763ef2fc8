"""Withholdings (внести удержание): one sum per insurer and month, with history (R32–R34, §11.13)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from omstui.domain import ledger
from omstui.domain.errors import OmsError
from omstui.domain.model import Period
from omstui.domain.money import kopecks, roubles
from omstui.domain.operation import Context, Result
from omstui.domain.store import config, db, withholdings


@dataclass(slots=True)
class Params:
    """``sum`` None or "" takes the entry back («не внесено»); "0" is an entry of 0.00."""

    period: str
    smo: str
    sum: str | None = None
    note: str = ""
    notice_date: str = ""


def run(ctx: Context, params: Params) -> Result:
    """«Внести удержание»."""
    period = Period.parse(params.period)
    payer = config.payer_by_code(params.smo)
    total = _sum(params.sum)
    notice = _day(params.notice_date)
    with db.write():
        row = next(r for r in ledger.read(str(period)).rows if r.payer.id == payer.id)
        if row.has_seven and (total or 0) > row["reformed"].total:
            raise OmsError(
                f"Удержание {roubles(total or 0)} по СМО {payer.code} больше суммы файла 7"
                f" ({roubles(row['reformed'].total)}): сумма счёта стала бы отрицательной.",
                hint="Проверьте уведомление о корректировке.",
            )
        withholdings.add(str(period), payer.id, total, notice, params.note.strip(), ctx.now(), ctx.who)
    shown = "не внесено" if total is None else roubles(total)
    ctx.log(f"Удержание по СМО {payer.code} ({payer.letter}) за {period.title}: {shown}")
    if total is not None and not row.has_seven:
        ctx.warn("Файл «7» ещё не сделан: сумма проверится при F6 и в счёте.")
    payable = row["reformed"].total - (total or 0)
    after = f", к оплате {roubles(payable)}" if row.has_seven else ""
    data = {
        "period": str(period),
        "smo": payer.code,
        "withheld": None if total is None else roubles(total),
        "payable": roubles(payable),
    }
    return Result(f"Удержание по СМО {payer.code}: {shown}{after}.", data)


def _sum(text: str | None) -> int | None:
    if text is None or not text.strip():
        return None
    plain = text.strip().replace("\u00a0", "").replace(" ", "").replace(",", ".")
    try:
        value = Decimal(plain)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or "e" in plain.lower() or len(plain) > 15:
        raise OmsError(f"«{text}» — не сумма.", hint="Нужны рубли и копейки, например 1234.56.")
    if value < 0:
        raise OmsError(f"Удержание не может быть отрицательным: {text}.")
    if value != value.quantize(Decimal("0.01")):
        raise OmsError(f"В сумме {text} больше двух знаков после точки.")
    return kopecks(value)


def _day(text: str) -> str:
    if not text.strip():
        return ""
    try:
        return date.fromisoformat(text.strip()).isoformat()
    except ValueError:
        pass
    try:
        day, month, year = text.strip().split(".")
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        raise OmsError(
            f"Дата уведомления «{text}» не понята.", hint="Нужен вид 2021-05-20 или 20.05.2021."
        ) from None
