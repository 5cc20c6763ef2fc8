"""Form registries of a month (формирование, «Переформировать»)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from omstui.domain import over_plan
from omstui.domain.errors import OmsError
from omstui.domain.forming import log
from omstui.domain.forming.log import NOTHING, Figure, Formed, Reason, Summary
from omstui.domain.model import KINDS, CaseType, Period, RegistryStatus, kind_of
from omstui.domain.money import roubles
from omstui.domain.operation import Context, Result
from omstui.domain.ops import form_whole
from omstui.domain.profile import profile
from omstui.domain.store import (
    config,
    db,
    forming,
    forming_reasons,
    forming_select,
    forming_write,
    registries_b,
)
from omstui.domain.store.forming import RegistryInfo
from omstui.domain.store.forming_select import Rules, Target
from omstui.settings import Settings


@dataclass(frozen=True, slots=True)
class Params:
    """Without ``kinds``: every kind that has cases. ``late`` None = as the registry or the setting says.

    ``registry`` (number or name) or ``registry_id`` choose among several registries of a month.
    """

    period: str
    kinds: list[str] = field(default_factory=list)
    test: bool = False
    late: bool | None = None
    registry_id: int | None = None
    name: str = ""
    registry: str = ""


def run(ctx: Context, params: Params) -> Result:
    """Work everything out, ask if need be, write it in one transaction, print the log."""
    settings = config.load_settings()
    period = Period.parse(params.period)
    lost = ""
    if profile(settings.profile).one_registry:
        whole, lost = _whole(ctx, period, params, settings)
        targets = [whole]
    else:
        targets = _targets(period, params, settings)
    rules = Rules(params.test, settings.rules.tariff_level, settings.rules.diagnosis_doctor_required_mksb)
    ctx.log(log.START)
    waves = _waves(targets)
    total = Summary()
    registries: list[Formed] = []
    try:
        if len(waves) == 1:
            total, registries = _one_wave(ctx, params, period, waves[0], rules, settings)
        else:  # registries of one kind share its cases: each must see what the one before took
            with db.write():
                for wave in waves:
                    part = _prepare(ctx, params, period, wave, rules)
                    registries += _write(ctx, wave, params.test)
                    total = _add(total, part)
                ctx.check()
                over_plan.note(str(period), settings)
    finally:
        forming_select.clear()
    ctx.log(log.PREPARED)
    if lost:
        ctx.warn(lost)
    for text, link, level in log.lines(total, registries):
        ctx.log(text, link=link, level=level)
    _say_empty(ctx, params, period, registries)
    return _result(params, period, total, registries)


def _one_wave(
    ctx: Context, params: Params, period: Period, targets: list[Target], rules: Rules, settings: Settings
) -> tuple[Summary, list[Formed]]:
    """Prepare while others may work, write shortly; prepare again if somebody wrote meanwhile."""
    seen = db.data_version()
    with db.snapshot():
        summary = _prepare(ctx, params, period, targets, rules)
    with db.write():
        if db.data_version() != seen:
            summary = _prepare(ctx, params, period, targets, rules)
        registries = _write(ctx, targets, params.test)
        over_plan.note(str(period), settings)
        return summary, registries


def _prepare(ctx: Context, params: Params, period: Period, targets: list[Target], rules: Rules) -> Summary:
    forming_select.begin(targets)
    steps = forming_reasons.STEPS
    for number, step in enumerate(steps):
        ctx.progress("Подготовка данных", number, len(steps))
        step(rules)
    _drop_idle(ctx, params, period, targets)
    return forming_write.summary()


def _drop_idle(ctx: Context, params: Params, period: Period, targets: list[Target]) -> None:
    """A kind without cases makes no registry; a second package of the month is asked about."""
    busy = forming_write.busy_targets()
    idle, second = [], []
    for number, target in enumerate(targets):
        candidates, payable = busy.get(number, (0, 0))
        if target.second and payable:
            second.append((target, payable))
        elif target.registry is None and (target.second or not candidates):
            idle.append(number)
    if len(idle) == len(targets):
        raise _nothing(period, params, any(t.second for t in targets))
    if second:
        names = ", ".join(f"{KINDS[t.kind].title} ({n})" for t, n in second)
        ctx.confirm(
            f"Реестры за {period.title} уже выгружены, а новые случаи есть: {names}."
            " Сформировать второй реестр для ещё одной выгрузки месяца?"
        )
    forming_write.drop_targets(idle)


def _nothing(period: Period, params: Params, exported: bool) -> OmsError:
    sent = [r for r in forming.registries(str(period)) if r.status == RegistryStatus.EXPORTED]
    if params.test and any(r.is_test for r in sent):
        return OmsError(
            f"Тестовые реестры за {period.title} уже выгружены.",
            hint="Сначала восстановите их (omstui restore-tests), затем формируйте снова.",
        )
    if exported:
        return OmsError(
            f"Реестры за {period.title} уже выгружены, новых случаев для них нет.",
            hint="Исправленные отказы верните в следующий месяц: F8 «в реестр».",
        )
    return OmsError(
        f"За {period.title} нет случаев для реестра.",
        hint="Загрузите случаи месяца (omstui load) или проверьте период и вид деятельности.",
    )


def _write(ctx: Context, targets: list[Target], test: bool) -> list[Formed]:
    stamp = forming_write.Stamp(targets, test, ctx.who, ctx.now(), ctx.run_id)
    steps = forming_write.STEPS
    for number, step in enumerate(steps):
        ctx.progress("Запись реестров", number, len(steps))
        step(stamp)
    ctx.check()
    return forming_write.formed()


# --- which registries ------------------------------------------------------------------------


def _whole(ctx: Context, period: Period, params: Params, settings: Settings) -> tuple[Target, str]:
    """The one registry of every kind (manual B), and what goes with its old composition."""
    region = profile(settings.profile)
    form_whole.refuse_kinds(region, params.kinds, params.test)
    return form_whole.target(
        ctx,
        region,
        period,
        registry=params.registry,
        registry_id=params.registry_id,
        name=params.name,
        late=params.late,
        late_default=settings.rules.with_late,
    )


def _targets(period: Period, params: Params, settings: Settings) -> list[Target]:
    """The registries to form; refuses what rule R8 and exported registries forbid."""
    if params.registry:
        row = registries_b.resolve(str(period), params.registry)
        params = replace(params, registry_id=row.id)
    rows = [r for r in forming.registries(str(period)) if r.status != RegistryStatus.RESTORED]
    waiting = [r for r in rows if r.is_test]
    if waiting and not params.test:
        raise OmsError(
            f"Сначала восстановите тестовые реестры за {period.title}: {len(waiting)} шт.",
            title="Основной реестр не формируется",
            hint="«Восстановить все тестовые реестры за период» (omstui restore-tests).",
        )
    late = settings.rules.with_late if params.late is None else params.late
    if params.registry_id is not None:
        return [_own(_chosen(params, rows), params)]
    rows = [r for r in rows if r.is_test == params.test]
    kinds = _kinds(params, settings)
    targets: list[Target] = []
    for kind in kinds:
        mine = [r for r in rows if r.kind == kind]
        open_ones = [r for r in mine if r.status != RegistryStatus.EXPORTED]
        if open_ones:
            targets += [_own(r, params) for r in open_ones]
        elif not (mine and params.test):
            begin, end = period.begin.isoformat(), period.end.isoformat()
            targets.append(
                Target(kind, str(period), begin, end, name=params.name, late=late, second=bool(mine))
            )
    if not targets:
        raise _nothing(period, params, True)
    return targets


def _kinds(params: Params, settings: Settings) -> list[str]:
    """Kinds asked for (or all of the profile) in the order of the lists."""
    asked = {kind_of(k).code for k in params.kinds} or set(profile(settings.profile).kinds)
    return [code for code in KINDS if code in asked]


def _chosen(params: Params, rows: Sequence[RegistryInfo]) -> RegistryInfo:
    for row in rows:
        if row.id == params.registry_id:
            if row.is_test != params.test:
                mode = "тестовый" if row.is_test else "основной"
                raise OmsError(f"Реестр {row.id} «{row.title}» — {mode}.", hint="Проверьте --test.")
            if row.status == RegistryStatus.EXPORTED:
                raise OmsError(
                    f"Реестр «{row.title}» уже выгружен (файл {row.package_name}):"
                    " переформировать его нельзя.",
                    hint="Новые случаи месяца войдут во второй реестр: сформируйте вид деятельности"
                    " без номера реестра.",
                )
            return row
    raise OmsError(
        f"Реестра {params.registry_id} за {params.period} нет.",
        hint="Обновите список реестров: его удалили или восстановили.",
    )


def _own(row: RegistryInfo, params: Params) -> Target:
    late = row.with_late if params.late is None else params.late
    return Target(
        row.kind,
        row.period,
        row.begin,
        row.end,
        row.id,
        row.name,
        row.pay_type,
        row.departments,
        late,
    )


def _waves(targets: Sequence[Target]) -> list[list[Target]]:
    """Groups with different kinds: usually one."""
    waves: list[list[Target]] = []
    for target in targets:
        for wave in waves:
            if all(t.kind != target.kind for t in wave):
                wave.append(target)
                break
        else:
            waves.append([target])
    return waves


# --- what is said ----------------------------------------------------------------------------


def _say_empty(ctx: Context, params: Params, period: Period, registries: Sequence[Formed]) -> None:
    formed = {r.kind for r in registries}
    for kind in (kind_of(k) for k in params.kinds):
        if kind.code not in formed:
            ctx.warn(f"Вид деятельности «{kind.title}»: случаев за {period.title} нет, реестр не создан.")


def _add(one: Summary, other: Summary) -> Summary:
    """Figures of two groups of registries together."""

    def both(get: Callable[[Summary], Figure]) -> Figure:
        a, b = get(one), get(other)
        return Figure(a.number + b.number, a.total + b.total)

    types = list(CaseType)
    return Summary(
        formed={t: both(lambda s, t=t: s.formed.get(t, NOTHING)) for t in types},  # type: ignore[misc]
        no_services={t: one.no_services.get(t, 0) + other.no_services.get(t, 0) for t in types},
        excluded=[*one.excluded, *other.excluded],
        skipped=[*one.skipped, *other.skipped],
        primary=both(lambda s: s.primary),
        repeat=both(lambda s: s.repeat),
        late=max(one.late, other.late),  # each wave counts the late cases of its kinds
        late_cut=max(one.late_cut, other.late_cut),
        late_formed=both(lambda s: s.late_formed),
        late_open=max(one.late_open, other.late_open),
        no_payer=both(lambda s: s.no_payer),
        filtered=one.filtered + other.filtered,
        source_sums=one.source_sums or other.source_sums,
        differing=(both(lambda s: s.differing[0]), one.differing[1] + other.differing[1]),
    )


def _result(params: Params, period: Period, summary: Summary, registries: Sequence[Formed]) -> Result:
    accounts = sum(r.accounts for r in registries)
    total = sum(r.total for r in registries)
    data: dict[str, Any] = {
        "period": str(period),
        "test": params.test,
        "accounts": accounts,
        "total": roubles(total),
        "registries": [
            {"id": r.id, "kind": r.kind, "accounts": r.accounts, "total": roubles(r.total)}
            for r in registries
        ],
        "services": {t: _figure(f) for t, f in summary.formed.items()},
        "without_services": dict(summary.no_services),
        "excluded": [_reason(r) for r in summary.excluded],
        "skipped": [_reason(r) for r in summary.skipped],
        "returned": {"primary": _figure(summary.primary), "repeat": _figure(summary.repeat)},
        "late": _figure(summary.late),
        "late_cut": _figure(summary.late_cut),
        "late_included": _figure(summary.late_formed),
        "late_open": _figure(summary.late_open),
        "no_payer": _figure(summary.no_payer),
        "filtered": summary.filtered,
    }
    return Result(
        f"Сформировано {'тестовых ' if params.test else ''}реестров: {len(registries)}, счетов {accounts}"
        f" на сумму {roubles(total)}.",
        data,
    )


def _figure(figure: Figure) -> dict[str, Any]:
    return {"count": figure.number, "sum": roubles(figure.total)}


def _reason(row: Reason) -> dict[str, Any]:
    return {
        "code": row.code,
        "reason": row.text,
        "type": row.case_type,
        "count": row.number,
        "sum": roubles(row.total),
    }
