"""«Секвестирование» (sequestration): cases over the plan volumes leave the registries of the month."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from omstui.domain import over_plan
from omstui.domain.errors import OmsError
from omstui.domain.model import KINDS, Period, kind_of
from omstui.domain.money import roubles
from omstui.domain.operation import Context, Result
from omstui.domain.over_plan import LineView
from omstui.domain.sequester import Sheet
from omstui.domain.store import config, db, registries_b
from omstui.domain.store import sequester as store
from omstui.domain.store import sequester_cuts as cuts
from omstui.domain.store.sequester_cuts import Leaving
from omstui.settings import Settings

_TITLE = "Секвестирование"
_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Params:
    """Without ``apply`` it only shows. ``cut`` None = the whole excess; ``back``: cases given back first."""

    period: str
    kinds: list[str] = field(default_factory=list)
    registry: str = ""
    registry_ids: list[int] = field(default_factory=list)
    apply: bool = False
    cut: list[int] | None = None
    back: list[int] = field(default_factory=list)


@dataclass(slots=True)
class _Plan:
    """What one run does, with the state of the month it was worked out for."""

    sheet: Sheet
    cut: list[int]
    back: list[int]
    state: tuple[tuple[object, ...], ...]

    @property
    def out(self) -> set[int]:
        """Cases outside the registries after the run."""
        return (set(self.sheet.out) - set(self.back)) | set(self.cut)


def run(ctx: Context, params: Params) -> Result:
    """Show the month against its plan; with ``apply`` ask and do it in one transaction."""
    period = Period.parse(params.period)
    settings = config.load_settings()
    over_plan.require(str(period))
    with db.snapshot():
        plan = _plan(ctx, period, params, settings)
    before = over_plan.views(plan.sheet, plan.sheet.out - set(plan.back), plan.cut)
    _say(ctx, period, plan, before)
    if not params.apply:
        return Result(_told(plan, done=False), _data(period, plan, before, applied=False))
    _refuse_stale(period, plan)
    if plan.cut or plan.back:
        ctx.confirm(_question(period, plan), details=_details(plan, before))
    with db.write():
        ctx.check()
        if store.state(str(period)) != plan.state:
            raise OmsError(
                "Пока вы смотрели, реестры или ответы месяца изменил другой оператор. Ничего не снято.",
                title=_TITLE,
                hint="Повторите операцию.",
            )
        _write(ctx, period, plan, settings)
        ctx.check()
    return Result(_told(plan, done=True), _data(period, plan, before, applied=True))


def _plan(ctx: Context, period: Period, params: Params, settings: Settings) -> _Plan:
    """Work out what leaves and what comes back."""
    ids = list(params.registry_ids)
    if params.registry:
        ids.append(registries_b.resolve(str(period), params.registry).id)
    kinds = [kind_of(kind).code for kind in params.kinds]
    sheet = over_plan.read(str(period), settings, kinds, ids)
    ctx.check()
    back = _together(sheet, params.back)
    _refuse_back(period, sheet, back)
    gone = set(sheet.out) - set(back)
    if params.cut is None:
        given = set(back)
        cut = [case for case in sheet.excess(gone) if case not in given]
    else:
        cut = [case for case in _together(sheet, params.cut) if case not in gone]
        _refuse_cut(sheet, cut)
    if both := set(cut) & set(back):
        raise OmsError(f"Случаи сразу и снимаются, и возвращаются: {len(both)}.", title=_TITLE)
    ctx.check()
    return _Plan(sheet, cut, back, store.state(str(period)))


def _together(sheet: Sheet, cases: Sequence[int]) -> list[int]:
    """The cases and those that go whole with them."""
    lost = [case for case in cases if case not in sheet.items]
    if lost:
        raise OmsError(
            f"Случаев нет в сформированных реестрах месяца: {len(lost)}.",
            title=_TITLE,
            hint="Список устарел: откройте «Секвестирование» снова.",
        )
    return list(dict.fromkeys(i for case in cases for i in sorted(sheet.together(case))))


def _refuse_cut(sheet: Sheet, cases: Collection[int]) -> None:
    held = [case for case in cases if sheet.reasons[case]]
    if held:
        words = store.words(held[:_SHOWN])
        raise OmsError(
            f"Снять нельзя, случаев: {len(held)}.",
            title=_TITLE,
            hint="Какие случаи не снимают, говорят план и настройки.",
            details=[f"{w.key}: {sheet.reasons[case]}" for case, w in words.items()],
        )


def _refuse_back(period: Period, sheet: Sheet, cases: list[int]) -> None:
    cases[:] = [case for case in cases if case in sheet.out]
    refuse_blocked(cuts.cuts(str(period), cases))


def refuse_blocked(rows: Sequence[cuts.CutRow]) -> None:
    """A case billed since, or one whose registry was sent, stays cut."""
    blocked = [row for row in rows if row.blocked]
    if blocked:
        raise OmsError(
            f"Вернуть в реестр нельзя, случаев: {len(blocked)}.",
            title=_TITLE,
            details=[f"{row.key}: {row.blocked}" for row in blocked[:_SHOWN]],
        )


def _refuse_stale(period: Period, plan: _Plan) -> None:
    touched = {plan.sheet.items[case].registry for case in plan.cut}
    stale = [r for r in store.registries(str(period)) if r.id in touched and r.reform_reason]
    if stale:
        names = "; ".join(f"{_name(r)} ({r.reform_reason})" for r in stale)
        raise OmsError(
            f"Нужно переформировать: {names}.",
            title=_TITLE,
            hint="Переформируйте эти реестры (F5) и повторите.",
        )


def _name(row: store.OpenRegistry) -> str:
    return row.name or (KINDS[row.kind].title if row.kind in KINDS else row.kind)


def _write(ctx: Context, period: Period, plan: _Plan, settings: Settings) -> None:
    at, sheet = ctx.now(), plan.sheet
    if plan.back:
        rows = cuts.cuts(str(period), plan.back)
        say_back(ctx, *cuts.give_back([row.id for row in rows], at=at, who=ctx.who, run=ctx.run_id))
        ctx.check()
    cuts.cut(str(period), [leaving(sheet, case) for case in plan.cut], run=ctx.run_id, at=at, who=ctx.who)
    ctx.check()
    asked = {item.registry for item in sheet.items.values() if not item.fixed}
    done = [r for r in store.registries(str(period)) if r.id in asked]
    cuts.mark_done([r.id for r in done], at)
    over_plan.note(str(period), settings)


def leaving(sheet: Sheet, case: int) -> Leaving:
    """A case with the words of its line, as the history keeps them."""
    item, line = sheet.items[case], sheet.line[case]
    if line is None or not line.limits:
        return Leaving(item, line.title if line else "", "", 0)
    first = line.limits[0]
    return Leaving(item, line.title, first.unit, item.amounts[first.place])


def say_back(ctx: Context, exact: int, waiting: int) -> None:
    """Log how many cases came back as they were, and how many wait for a new forming."""
    if exact:
        ctx.log(f"Возвращено в реестры счетов: {exact}")
    if waiting:
        ctx.warn(f"Реестр или случай с тех пор изменились, нужно переформировать: случаев {waiting}")


# --- what is said ----------------------------------------------------------------------------


def _say(ctx: Context, period: Period, plan: _Plan, views: Sequence[LineView]) -> None:
    sheet = plan.sheet
    ctx.log(f"Секвестирование за {period.title}, строк плана: {len(sheet.lines)}")
    for view in views:
        ctx.log(view.text(), level="warning" if view.figure.over else "info")
        if view.stuck:
            more = over_plan.amount(view.unit, view.stuck)
            ctx.warn(f"{view.line.title}: сверх плана {more} остаётся — эти случаи не снимают")
    free = over_plan.unplanned(sheet)
    if free.cases:
        ctx.warn(f"Без строки плана, не снимаются: случаев {free}")
    if fitting := sheet.returnable(plan.out, set(sheet.out) - set(plan.back)):
        ctx.log(f"Снятые прежде помещаются в план, их можно вернуть: {over_plan.total(sheet, fitting)}")


def _told(plan: _Plan, *, done: bool) -> str:
    cut, back = over_plan.total(plan.sheet, plan.cut), over_plan.total(plan.sheet, plan.back)
    if not done:
        return f"Превышение: случаев {cut}. Ничего не изменено." if cut.cases else "Превышения плана нет."
    parts = [f"Снято случаев {cut}"] if cut.cases else []
    parts += [f"возвращено {back}"] if back.cases else []
    text = ", ".join(parts) or "Превышения плана нет: ничего не снято"
    return text[:1].upper() + text[1:] + "."


def _question(period: Period, plan: _Plan) -> str:
    cut, back = over_plan.total(plan.sheet, plan.cut), over_plan.total(plan.sheet, plan.back)
    parts = [f"снять случаев {cut}"] if cut.cases else []
    parts += [f"вернуть {back}"] if back.cases else []
    return f"Секвестирование за {period.title}: {', '.join(parts)}?"


def _details(plan: _Plan, views: Sequence[LineView]) -> list[str]:
    """What leaves, by line, and what is left in the registries."""
    lines = [
        f"{v.line.title}: {v.excess} на {roubles(v.excess_sum)}"
        for n, v in enumerate(views)
        if v.excess and (n == 0 or views[n - 1].line is not v.line)
    ]
    out = plan.out
    stay = over_plan.total(plan.sheet, [case for case in plan.sheet.items if case not in out])
    end = "Снятые останутся в базе и войдут в следующий месяц с «опоздавшими»." if plan.cut else ""
    return list(filter(None, [*lines[:_SHOWN], f"Останется в реестрах: {stay}.", end]))


def _data(period: Period, plan: _Plan, views: Sequence[LineView], *, applied: bool) -> dict[str, Any]:
    sheet = plan.sheet
    cut, back, free = (
        over_plan.total(sheet, cases)
        for cases in (plan.cut, plan.back, [i.case for i in sheet.of_line(None) if not i.out])
    )
    words = store.words(plan.cut)
    cases = [
        {
            "case": words[case].key,
            "id": case,
            "line": line.id if (line := sheet.line[case]) else None,
            "date_out": words[case].date_out,
            "sum": roubles(sheet.items[case].total),
        }
        for case in plan.cut
    ]
    return {
        "period": str(period),
        "applied": applied,
        "lines": [view.as_json(str(period)) for view in views],
        "cases": cases,
        "cut": {"count": cut.cases, "sum": roubles(cut.total)},
        "back": {"count": back.cases, "sum": roubles(back.total)},
        "unplanned": {"count": free.cases, "sum": roubles(free.total)},
    }
