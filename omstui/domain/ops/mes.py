"""«Анализ МЭСов»: formed registries of a month against МЭС, tariffs and dates, before they are sent.

It reads and judges under a snapshot and replaces the earlier result in one short transaction. It never
blocks anything (product.md §11.23); a check without its book is not run and is named.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from omstui.domain.errors import OmsError
from omstui.domain.mes import CHECKS, WARNING
from omstui.domain.model import FORMED_STATUSES, KINDS, Period, kind_of
from omstui.domain.money import roubles
from omstui.domain.operation import Context, Result
from omstui.domain.profile import profile
from omstui.domain.store import config, db, mes, packages, registries_b
from omstui.domain.store.packages import RegistryRow


@dataclass(slots=True)
class Params:
    """Which registries: by number, by kind, one by ``registry`` (number or name), or every formed one."""

    period: str
    kinds: list[str] = field(default_factory=list)
    registry_ids: list[int] = field(default_factory=list)
    registry: str = ""


def run(ctx: Context, params: Params) -> Result:
    """Check, then write the result in place of the earlier one."""
    period = Period.parse(params.period)
    settings = config.load_settings()
    region = profile(settings.profile)
    if not region.can("mes"):
        raise OmsError(
            f"«Анализа МЭСов» в порядке работы региона нет: {region.title}.",
            hint="Проведите экспертизу (omstui check).",
        )
    rows = _chosen(period, params)
    for row in rows:
        if row.reform_reason:
            ctx.warn(f"{_title(row)}: нужно переформировать ({row.reform_reason}), состав прежний.")
    ids = [row.id for row in rows]
    steps = 0

    def step(name: str) -> None:
        nonlocal steps
        steps += 1
        ctx.progress(name, steps)

    seen = db.data_version()
    with mes.tables():
        with db.snapshot():
            states = mes.find(ids, settings.rules.tariff_level, step)
        ctx.check()
        with db.write():
            _refuse_changed(period, rows)
            if db.data_version() != seen:
                states = mes.find(ids, settings.rules.tariff_level, step)
            mes.save(ids, at=ctx.now(), run=ctx.run_id)
            ctx.check()
    return _report(ctx, period, rows, states)


def _chosen(period: Period, params: Params) -> list[RegistryRow]:
    rows = [r for r in packages.registries(str(period)) if r.status in FORMED_STATUSES]
    if params.registry:
        wanted = [registries_b.resolve(str(period), params.registry).id]
    else:
        wanted = params.registry_ids
    if wanted:
        rows = [r for r in rows if r.id in set(wanted)]
    kinds = {kind_of(kind).code for kind in params.kinds}
    rows = [r for r in rows if not kinds or r.kind in kinds]
    if not rows:
        of_kinds = f" видов {', '.join(KINDS[k].title for k in sorted(kinds))}" if kinds else ""
        raise OmsError(
            f"Сформированных и ещё не выгруженных реестров{of_kinds} за {period.title} нет:"
            " анализировать нечего.",
            hint="Сначала сформируйте реестры (F5 или omstui form).",
        )
    return rows


def _refuse_changed(period: Period, rows: Sequence[RegistryRow]) -> None:
    """Another operator may have formed, sent or deleted a registry meanwhile."""
    now = {r.id: r for r in packages.registries(str(period))}
    if any(now.get(row.id) != row for row in rows):
        raise OmsError(
            f"Пока шёл анализ, реестры за {period.title} изменил другой оператор. Прежний результат остался.",
            hint="Повторите анализ.",
        )


def _title(row: RegistryRow) -> str:
    kind = KINDS[row.kind].title if row.kind in KINDS else row.kind
    return f"Реестр № {row.id} «{row.name or kind}»"


# --- what is said ----------------------------------------------------------------------------


def _report(ctx: Context, period: Period, rows: Sequence[RegistryRow], states: Sequence[mes.State]) -> Result:
    ids = [row.id for row in rows]
    totals = mes.totals(registries=ids)
    by_code = {one.code: one for one in totals.codes}
    for state in states:
        _say(ctx.log, ctx.warn, ids, state, by_code.get(state.code))
    done = sum(not state.is_skipped for state in states)
    ctx.log(f"Выполнено проверок {done} из {len(CHECKS)}")
    ctx.log(f"Счетов всего: {totals.all.accounts} на сумму {roubles(totals.all.total)}")
    ctx.log(f"С ошибками: {totals.errors.accounts} на сумму {roubles(totals.errors.total)}")
    only = totals.marked.accounts - totals.errors.accounts
    ctx.log(
        f"Только с предупреждениями: {only} на сумму {roubles(totals.marked.total - totals.errors.total)}"
    )
    return Result(
        f"Анализ МЭСов за {period.title}: счетов всего {totals.all.accounts}, с ошибками"
        f" {totals.errors.accounts} на сумму {roubles(totals.errors.total)}.",
        as_json(str(period), ids, totals, states),
    )


def _say(
    log: Callable[..., None],
    warn: Callable[..., None],
    ids: Sequence[int],
    state: mes.State,
    found: mes.CodeTotal | None,
) -> None:
    title = f"{state.code} {CHECKS[state.code].title}"
    if state.missing:
        warn(f"{title} — {state.text}")
    if found is not None:
        text = f"{title}: счетов {found.accounts} на сумму {roubles(found.total)}"
        if found.difference:
            text += f", разница {roubles(found.difference)}"
        link = {"list": "mes", "registries": list(ids), "code": state.code}
        (log if found.severity == WARNING else warn)(text, link=link)


def as_json(
    period: str, ids: Sequence[int], totals: mes.Totals, states: Sequence[mes.State]
) -> dict[str, Any]:
    """Figures of the result, as --json prints them; the lines themselves are read by ``mes_lines``."""
    by_code = {one.code: one for one in totals.codes}
    checks = []
    for state in states:
        found = by_code.get(state.code, mes.CodeTotal(state.code, "", 0, 0, 0, 0))
        checks.append(
            asdict(CHECKS[state.code])
            | {
                "state": "skipped" if state.is_skipped else "partial" if state.missing else "done",
                "reason": state.reason,
                "findings": found.findings,
                "accounts": found.accounts,
                "sum": roubles(found.total),
                "difference": roubles(found.difference),
            }
        )
    return {
        "period": period,
        "registries": list(ids),
        "total_accounts": totals.all.accounts,
        "total_sum": roubles(totals.all.total),
        "accounts_with_errors": totals.errors.accounts,
        "sum_with_errors": roubles(totals.errors.total),
        "accounts_with_findings": totals.marked.accounts,
        "sum_with_findings": roubles(totals.marked.total),
        "checks": checks,
    }
