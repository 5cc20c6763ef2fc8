"""«Провести экспертизу»: all criteria that are on over the formed registries of a month (manual B)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from omstui.domain import expertise
from omstui.domain.errors import OmsError, UsageError
from omstui.domain.model import Period, kind_of
from omstui.domain.money import roubles
from omstui.domain.operation import Context, Result
from omstui.domain.profile import profile
from omstui.domain.store import config, findings, packages, registries_b
from omstui.domain.store.expertise import Outcome

#: the log says how far it is each time so many criteria are passed
_STEP = 20


@dataclass
class Params:
    """Without ``kinds`` every formed registry of the month; ``registry`` is a number or name (manual B)."""

    period: str = ""
    registry: str = ""
    registry_id: int | None = None
    #: some registries of the month
    registry_ids: list[int] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    test: bool = False


def run(ctx: Context, params: Params) -> Result:
    registries = _registries(params)
    count = len(expertise.choice(config.load_settings()).criteria)
    passed = 0

    def tick(done: int) -> None:
        nonlocal passed
        ctx.progress("Проверка критериев", done, count)
        if done // _STEP > passed // _STEP or done == count:
            ctx.log(f"Пройдено {done} критериев из {count}")
        passed = done

    ctx.log("Подготовка данных, дождитесь окончания операции")
    ctx.check()
    outcomes = expertise.check_registries(registries, at=ctx.now(), run=ctx.run_id or 0, tick=tick)
    ctx.done("Результат экспертизы записан.")
    _say_missed(ctx, outcomes)
    totals = findings.totals(registries)
    ctx.log("-----")
    ctx.log("Экспертиза завершена успешно")
    ctx.log(f"Всего случаев - {totals.cases} на сумму {roubles(totals.total)}")
    ctx.log(
        f"Случаев с замечаниями - {totals.found} на сумму {roubles(totals.found_total)}",
        link={"list": "findings", "registries": registries},
    )
    message = (
        f"Экспертиза завершена: случаев {totals.cases}, с замечаниями {totals.found}"
        f" на сумму {roubles(totals.found_total)}."
    )
    return Result(
        message,
        {
            "registries": registries,
            "total_cases": totals.cases,
            "total_sum": roubles(totals.total),
            "cases_with_findings": totals.found,
            "sum_with_findings": roubles(totals.found_total),
        },
    )


def _say_missed(ctx: Context, outcomes: dict[str, Outcome]) -> None:
    skipped = [o for o in outcomes.values() if o.state == "skipped"]
    if skipped:
        books = sorted({o.reason for o in skipped})
        ctx.log(f"Не выполнялись критерии: {len(skipped)}")
        for reason in books:
            codes = ", ".join(o.code for o in skipped if o.reason == reason)
            ctx.log(f"{reason} — {codes}")
    for outcome in outcomes.values():
        if outcome.state == "failed":
            ctx.warn(f"Критерий {outcome.code}: {outcome.reason}")


def _registries(params: Params) -> list[int]:
    """Numbers of the registries to check; OmsError when there are none."""
    settings = config.load_settings()
    chosen = [*params.registry_ids, *([params.registry_id] if params.registry_id is not None else [])]
    if profile(settings.profile).one_registry:
        wanted: list[int | None] = [*chosen] or [None]
        rows_b = [registries_b.resolve(params.period, params.registry, number) for number in wanted]
        for row in rows_b:
            registries_b.require(row, "check")
        return [row.id for row in rows_b]
    if chosen:
        return _formed([r for r in _of_period(params) if r.id in chosen], params)
    kinds = {kind_of(k).code for k in params.kinds}
    rows = [r for r in _of_period(params) if not kinds or r.kind in kinds]
    return _formed(rows, params)


def _of_period(params: Params) -> list[packages.RegistryRow]:
    if not params.period:
        raise UsageError("Не указан период.", hint="Укажите отчётный месяц: --period 2021-04.")
    return packages.registries(str(Period.parse(params.period)), test=params.test)


def _formed(rows: Sequence[packages.RegistryRow], params: Params) -> list[int]:
    formed = [r.id for r in rows if r.formed_at and r.accounts]
    if not formed:
        what = "тестовых реестров" if params.test else "реестров"
        raise OmsError(
            f"Сформированных {what} за {Period.parse(params.period).title} нет: проверять нечего.",
            hint="Сначала сформируйте реестры (F5, omstui form).",
        )
    return formed
