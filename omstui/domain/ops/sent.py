"""«Отправлен в ТФОМС» (отметка): the 3X or a 7 was carried to the fund. It informs and never blocks."""

from __future__ import annotations

from dataclasses import dataclass

from omstui.domain.errors import OmsError
from omstui.domain.model import Period
from omstui.domain.operation import Context, Result
from omstui.domain.store import config, db, packages
from omstui.domain.store.packages import PackageRow


@dataclass
class Params:
    """``smo`` empty = the 3X; ``undo`` takes the mark away; ``package`` names one package by number."""

    period: str
    smo: str = ""
    undo: bool = False
    package: int | None = None


def run(ctx: Context, params: Params) -> Result:
    period = Period.parse(params.period)
    found = _packages(period, params)
    pending = [p for p in found if bool(p.sent_at) == params.undo]
    if not pending:
        last = found[-1]
        if params.undo:
            raise OmsError(f"{last.name} не отмечен отправленным: снимать нечего.")
        raise OmsError(
            f"{last.name} уже отмечен отправленным {last.sent_at} ({last.sent_by}).",
            hint="Отметку можно снять (--undo).",
        )
    ctx.check()
    with db.write():
        for package in pending:
            packages.mark_sent(package.id, who=ctx.who, at=None if params.undo else ctx.now())
    names = ", ".join(p.name for p in pending)
    message = (
        f"Отметка «отправлен в ТФОМС» снята: {names}."
        if params.undo
        else f"Отмечен отправленным в ТФОМС: {names}."
    )
    ctx.log(message)
    return Result(message, {"files": [p.name for p in pending], "sent": not params.undo})


def _packages(period: Period, params: Params) -> list[PackageRow]:
    if params.smo:
        payer = config.payer_by_code(params.smo)
        found = [p for p in packages.packages(str(period), kind="7") if p.payer == payer.id]
        missing = f"Файла «7» по {payer.name or payer.code} за {period.title} ещё нет."
        hint = "Сначала переформируйте (F6)."
    else:
        found = packages.packages(str(period))
        missing = f"За {period.title} ещё ничего не выгружено."
        hint = "Сначала выгрузите реестры (F2)."
    if params.package is not None:
        found = [p for p in found if p.id == params.package]
    if not found:
        raise OmsError(missing, hint=hint)
    return found
