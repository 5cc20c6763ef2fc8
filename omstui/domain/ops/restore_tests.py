"""«Восстановить все тестовые реестры за период» (R6–R8): the test cycle ends, the main one may begin."""

from __future__ import annotations

from dataclasses import dataclass

from omstui.domain.errors import OmsError
from omstui.domain.model import KINDS, Period
from omstui.domain.operation import Context, Result
from omstui.domain.store import db, packages


@dataclass
class Params:
    period: str


def run(ctx: Context, params: Params) -> Result:
    """Restore all test registries of the period at once; corrections of cases and the history stay."""
    period = Period.parse(params.period)
    waiting = packages.unrestored_tests(str(period))
    if not waiting:
        raise OmsError(
            f"Тестовых реестров за {period.title}, которые надо восстановить, нет.",
            hint="Можно формировать и выгружать основные реестры.",
        )
    accounts, answers, refused = packages.test_figures(str(period))
    names = [r.name or (KINDS[r.kind].title if r.kind in KINDS else r.kind) for r in waiting]
    ctx.confirm(
        f"Восстановить все тестовые реестры за {period.title}: {len(waiting)} шт.?",
        details=[
            f"Реестры: {', '.join(names)}",
            f"Счетов {accounts}, принятых ответов {answers}, отказано {refused}.",
            "Отказы этих реестров уйдут из «Анализа»; исправления в случаях и история останутся.",
        ],
    )
    ctx.check()
    with db.write():
        if packages.unrestored_tests(str(period)) != waiting:
            raise OmsError(
                f"Тестовые реестры за {period.title} только что изменил другой оператор.",
                hint="Повторите восстановление.",
            )
        packages.restore_tests(str(period))
        ctx.check()
    for name, registry in zip(names, waiting, strict=True):
        ctx.log(f"Восстановлен: {name}, счетов {registry.accounts}")
    message = f"Восстановлено тестовых реестров: {len(waiting)}. Можно формировать основные."
    ctx.log(message)
    return Result(
        message,
        {"registries": len(waiting), "accounts": accounts, "answers": answers, "refused": refused},
    )
