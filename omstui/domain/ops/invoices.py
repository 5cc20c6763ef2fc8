"""«Суммы для счетов» as a file (R28, R31, R32, R34, R36); printed forms of invoices come later."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from omstui.domain import atomicfile, invoice_sums
from omstui.domain.errors import OmsError, UsageError
from omstui.domain.model import Period
from omstui.domain.money import roubles
from omstui.domain.operation import Context, Result
from omstui.domain.store import config, packages
from omstui.settings import Settings

FORMATS = ("txt",)


@dataclass(slots=True)
class Params:
    period: str
    smo: list[str] = field(default_factory=list)
    out: str = "."
    format: str = "txt"


def run(ctx: Context, params: Params) -> Result:
    """«Суммы для счетов»: writes the text report, asks where a step is still missing."""
    period = Period.parse(params.period)
    if params.format not in FORMATS:
        raise UsageError(f"Формат «{params.format}» пока не готов.", hint=f"Есть: {', '.join(FORMATS)}.")
    settings = config.load_settings()
    sums = invoice_sums.read(str(period), params.smo)
    if not sums.insurers:
        raise _nothing_sent(period)
    _refuse_negative(sums)
    questions = _questions(sums, settings)
    if questions:
        ctx.confirm("Составить «Суммы для счетов» всё равно?", details=questions)
        for question in questions:
            ctx.warn(question)
    ctx.check()
    target = Path(params.out) / f"Суммы для счетов {period}.txt"
    text = invoice_sums.as_text(sums, settings.mo.name)
    data = text.encode("utf-8")
    atomicfile.write_file(target, lambda stream: stream.write(data), overwrite=True)
    for smo in sums.insurers:
        mark = "" if smo.controlled or not smo.seven else " — контроль не сходится"
        ctx.log(
            f"СМО {smo.payer.code} ({smo.payer.letter}): в файле 7 {smo.total['reformed'].count} на"
            f" {roubles(smo.total['reformed'].total)}, удержано {roubles(smo.total.withheld or 0)},"
            f" к оплате {roubles(smo.payable)}{mark}"
        )
    for problem in sums.problems:
        ctx.warn(f"Не сходится: {problem}")
    ctx.artifact(target)
    ctx.log(f"Файл: {target}")
    return Result(
        f"«Суммы для счетов» за {period.title}: к оплате {roubles(sums.payable)}, файл {target}.",
        {
            "file": str(target),
            "payable": roubles(sums.payable),
            "insurers": [s.total.as_json() for s in sums.insurers],
        },
    )


def _nothing_sent(period: Period) -> OmsError:
    if packages.packages(str(period), test=True) and not packages.packages(str(period), test=False):
        return OmsError(
            f"За {period.title} выгружены только тестовые реестры: счетов по ним не бывает.",
            hint="Восстановите тестовые реестры, сформируйте и выгрузите основные.",
        )
    return OmsError(f"За {period.title} нет выгруженных счетов этих СМО.", hint="Выгрузите реестры (F2).")


def _refuse_negative(sums: invoice_sums.InvoiceSums) -> None:
    for smo in sums.insurers:
        if smo.seven and smo.total.payable < 0:
            raise OmsError(
                f"СМО {smo.payer.code}: удержание {roubles(smo.total.withheld or 0)} больше суммы"
                f" файла 7 {roubles(smo.total['reformed'].total)}, счёт стал бы отрицательным.",
                hint="Исправьте удержание.",
            )


def _questions(sums: invoice_sums.InvoiceSums, settings: Settings) -> list[str]:
    found = []
    missing = invoice_sums.not_reformed(str(sums.period))
    if missing:
        found.append(f"Файл «7» ещё не сделан по СМО: {', '.join(missing)} (F6 обязательна для всех)")
    waiting = [s.payer.code for s in sums.insurers if not s.answer1]
    if waiting:
        found.append(f"Ответ «1» ещё не принят по СМО: {', '.join(waiting)}")
    if settings.mo.interorg_settlements:
        empty = [s.payer.code for s in sums.insurers if s.total.withheld is None]
        if empty:
            found.append(
                f"Удержания не внесены по СМО: {', '.join(empty)} (МО участвует в межучрежденческих"
                " расчётах, дождитесь уведомления ТФОМС)"
            )
    return found
