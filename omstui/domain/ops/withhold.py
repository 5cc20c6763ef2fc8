"""Withholdings (внести удержание): one sum per insurer and month, with history (R32–R34, §11.13)."""

from __future__ import annotations

from dataclasses import dataclass

from omstui.domain import ledger
from omstui.domain.errors import OmsError
from omstui.domain.model import Period
from omstui.domain.money import roubles
from omstui.domain.operation import Context, Result
from omstui.domain.ops.typed import NOTE, iso_day, line, money
from omstui.domain.store import config, db, invoices, withholdings


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
    total = money(params.sum, "Удержание")
    notice = iso_day(params.notice_date, "Дата уведомления")
    note = line(params.note, "Примечание", NOTE)
    with db.write():
        row = next(r for r in ledger.read(str(period)).rows if r.payer.id == payer.id)
        if row.has_seven and (total or 0) > row["reformed"].total:
            raise OmsError(
                f"Удержание {roubles(total or 0)} по СМО {payer.code} больше суммы файла 7"
                f" ({roubles(row['reformed'].total)}): сумма счёта стала бы отрицательной.",
                hint="Проверьте уведомление о корректировке.",
            )
        withholdings.add(str(period), payer.id, total, notice, note, ctx.now(), ctx.who)
    shown = "не внесено" if total is None else roubles(total)
    ctx.log(f"Удержание по СМО {payer.code} ({payer.letter}) за {period.title}: {shown}")
    if total is not None and not row.has_seven:
        ctx.warn("Файл «7» ещё не сделан: сумма проверится при F6 и в счёте.")
    for old in invoices.of_period(str(period)):
        if old.active and old.payer == payer.id and old.withheld != (total or 0):
            ctx.warn(
                f"Счёт № {old.number} этой СМО уже выставлен на {roubles(old.payable)}:"
                " отмените его и выставите новый."
            )
    payable = row["reformed"].total - (total or 0)
    after = f", к оплате {roubles(payable)}" if row.has_seven else ""
    data = {
        "period": str(period),
        "smo": payer.code,
        "withheld": None if total is None else roubles(total),
        "payable": roubles(payable),
    }
    return Result(f"Удержание по СМО {payer.code}: {shown}{after}.", data)
