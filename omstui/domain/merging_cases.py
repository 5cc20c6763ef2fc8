"""Merges of cases (объединение случаев) of manual B: which cases become one, in words, and the course.

«Объединить стомат. посещения в обращение» / «Объединить амб. случаи»: visits of one patient, payer, profile
and diagnosis within N days become one case. The header is that of the last, it begins with the first, has
the services and the sum of all. «Добавить услуги стомат. рентгена»: x-ray services recorded as a case of
their own join the dental case of that time. Nothing that was sent is touched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from omstui.domain.errors import OmsError
from omstui.domain.model import Period
from omstui.domain.money import roubles
from omstui.domain.operation import Context, Result
from omstui.domain.store import config, db, registries_b
from omstui.domain.store import merging_cases as store
from omstui.domain.store.merging_cases import FREE, SENT, Item, Merge
from omstui.domain.store.registries_b import RegistryRow
from omstui.settings import Rules

#: rows of the preview; the rest is counted
_SHOWN = 100
#: longest window, days
_LONGEST = 366


@dataclass(frozen=True, slots=True)
class Params:
    """The registry by month, number or name; ``dry_run`` shows the rows and changes nothing."""

    period: str = ""
    registry: str = ""
    registry_id: int | None = None
    dry_run: bool = False


@dataclass(slots=True)
class Plan:
    """What an operation would do; ``notes`` say what stays out and why, ``sought`` what was looked for."""

    merges: list[Merge] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    sought: str = ""

    @property
    def cases(self) -> int:
        return sum(len(m.all) for m in self.merges)

    @property
    def total(self) -> int:
        return sum(i.total for m in self.merges for i in m.all)

    @property
    def services(self) -> int:
        return sum(i.services for m in self.merges for i in m.all)


Planner = Callable[[RegistryRow, Rules], Plan]


# --- what joins --------------------------------------------------------------------------------


def plan_visits(row: RegistryRow, rules: Rules, kind: str) -> Plan:
    """Visits of a kind that become cases."""
    if not 0 <= rules.merge_days <= _LONGEST or not rules.merge_purposes:
        raise OmsError(
            f"Правила объединения случаев не заданы: нет целей посещений или срок не 0–{_LONGEST} дней.",
            hint="Настройки, «Правила»: цели посещений и срок в днях.",
        )
    plan = Plan(
        sought=f"Искали посещения одного пациента (цели {', '.join(rules.merge_purposes)}) с одним"
        f" плательщиком, профилем и диагнозом, в пределах {rules.merge_days} дней"
    )
    left = {SENT: 0, store.ELSEWHERE: 0}
    one_day = 0
    for items in store.visits(row, kind, rules.merge_purposes, rules.merge_days):
        free = [i for i in items if i.held == FREE]
        for item in items:
            if item.held and free:
                left[item.held] += 1
        for group in gather(free, rules.merge_days, row.begin):
            if group[0].date_in == group[-1].date_out:
                one_day += 1
            else:
                plan.merges.append(visit_merge(group, rules.merge_into_purpose))
    plan.notes += _left(left)
    if one_day:
        plan.notes.append(
            f"Посещения одного дня обращением не становятся: пациентов {one_day}. Проверьте, нет ли повторов."
        )
    plan.notes += _uncoded(plan)
    return plan


def gather(items: Sequence[Item], days: int, begin: str) -> list[list[Item]]:
    """Sets of two and more within ``days`` from the first beginning to the last end, the latest first.

    ``items`` in order of time. The last case of a set ends in the month, ``begin`` or later; what begins
    inside the last case joins it however long that is.
    """
    rest, groups = list(items), []
    while rest and rest[-1].date_out >= begin:
        last = rest[-1]
        first = min(last.date_in, (date.fromisoformat(last.date_out) - timedelta(days)).isoformat())
        group = [i for i in rest if i.date_in >= first]
        rest = [i for i in rest if i.date_in < first]
        if len(group) > 1:
            groups.append(group)
    return groups


def visit_merge(group: Sequence[Item], purpose: str) -> Merge:
    """The last of the visits takes the others in."""
    return _merge(group[-1], group[:-1], {"purpose": (group[-1].purpose, purpose)})


def _merge(into: Item, joined: Sequence[Item], fields: dict[str, tuple[Any, Any]]) -> Merge:
    every = (*joined, into)
    fields = fields | {
        "date_in": (into.date_in, min(i.date_in for i in every)),
        "date_out": (into.date_out, max(i.date_out for i in every)),
        "source_sum": (into.total, sum(i.total for i in every)),
    }
    return Merge(into, tuple(joined), {n: pair for n, pair in fields.items() if pair[0] != pair[1]})


def plan_xray(row: RegistryRow, rules: Rules) -> Plan:
    """X-ray cases and the dental cases they join: the nearest in time, then of the same diagnosis."""
    prefixes = [p.strip() for p in rules.dental_xray_services if p.strip()]
    if not 0 <= rules.dental_xray_days <= _LONGEST or not prefixes:
        raise OmsError(
            f"Правила рентгена в стоматологии не заданы: нет кодов услуг или срок не 0–{_LONGEST} дней.",
            hint="Настройки, «Правила»: начала кодов услуг рентгена и срок в днях.",
        )
    best: dict[int, tuple[tuple[Any, ...], Item, Item]] = {}
    left: dict[int, set[int]] = {SENT: set(), store.ELSEWHERE: set()}
    mixed: set[int] = set()
    for xray, dental, same, alone in store.xray_pairs(row, prefixes, rules.dental_xray_days):
        held = max(xray.held, dental.held)
        if not alone:
            mixed.add(xray.id)
        elif held:
            left[held].add(xray.id)
        else:
            order = (_distance(xray, dental), not same, dental.date_in, dental.id)
            if xray.id not in best or order < best[xray.id][0]:
                best[xray.id] = (order, xray, dental)
    joined: dict[int, list[Item]] = {}
    into: dict[int, Item] = {}
    for _, xray, dental in best.values():
        into[dental.id] = dental
        joined.setdefault(dental.id, []).append(xray)
    plan = Plan([_merge(d, sorted(joined[d.id], key=_time), {}) for d in sorted(into.values(), key=_time)])
    days = rules.dental_xray_days
    when = f"не дальше {days} дней от стоматологического" if days else "во время стоматологического"
    plan.sought = (
        f"Искали случаи только из услуг рентгена ({', '.join(prefixes)}) {when} случая того же пациента"
    )
    plan.notes += _left({held: len(found - best.keys()) for held, found in left.items()})
    if mixed:
        plan.notes.append(
            f"В случаях вместе с рентгеном есть другие услуги: {len(mixed)}. Они не присоединяются,"
            " разделите их в карточке случая."
        )
    return plan


def _time(item: Item) -> tuple[str, str, int]:
    return item.date_in, item.date_out, item.id


def _distance(xray: Item, dental: Item) -> int:
    """Days between the two, 0 when the x-ray was taken during the dental case."""
    days = [date.fromisoformat(d) for d in (xray.date_in, xray.date_out, dental.date_in, dental.date_out)]
    return max((days[2] - days[0]).days, (days[1] - days[3]).days, 0)


def _left(counts: dict[int, int]) -> list[str]:
    notes = []
    if counts[SENT]:
        notes.append(f"Уже выгружены на оплату и не объединяются: случаев {counts[SENT]}.")
    if counts[store.ELSEWHERE]:
        notes.append(
            f"Входят в другой реестр и не объединяются: случаев {counts[store.ELSEWHERE]}."
            " Удалите данные того реестра или выполните операцию в нём."
        )
    return notes


def _uncoded(plan: Plan) -> list[str]:
    bare = sum(i.uncoded for m in plan.merges for i in m.all)
    return [f"Услуг без кода: {bare}. В объединённом случае код услуги нужен каждой."] if bare else []


# --- words -------------------------------------------------------------------------------------


def _day(text: str) -> str:
    return ".".join(reversed(text.split("-")))


def line(merge: Merge) -> str:
    """A row of the preview: who, what, when, which cards become which, services and sum."""
    begin, end = min(i.date_in for i in merge.all), max(i.date_out for i in merge.all)
    cards = ", ".join(i.nhistory for i in merge.joined)
    total, services = (sum(getattr(i, n) for i in merge.all) for n in ("total", "services"))
    into = merge.into
    return (
        f"{into.patient} {_day(into.birth_date)}, {into.ds}, {_day(begin)} - {_day(end)}: карты {cards}"
        f" в {into.nhistory}, случаев {len(merge.all)} услуг {services} на сумму {roubles(total)}"
    )


def _rows(merges: Iterable[Merge]) -> list[dict[str, Any]]:
    return [
        {
            "case": m.into.nhistory,
            "patient": m.into.patient,
            "diagnosis": m.into.ds,
            "begin": min(i.date_in for i in m.all),
            "end": max(i.date_out for i in m.all),
            "joined": [i.nhistory for i in m.joined],
            "services": sum(i.services for i in m.all),
            "sum": roubles(sum(i.total for i in m.all)),
        }
        for m in merges
    ]


def shown(lines: Sequence[str]) -> list[str]:
    """The first lines, and how many more there are."""
    more = len(lines) - _SHOWN
    return [*lines[:_SHOWN], *([f"… и ещё {more}"] if more > 0 else [])]


# --- the course --------------------------------------------------------------------------------


def perform(ctx: Context, params: Params, op: str, planner: Planner) -> Result:
    """Preview, question, one transaction; nothing to join is no error."""
    row = registries_b.resolve(params.period, params.registry, params.registry_id)
    registries_b.require(row, op)
    rules = config.load_settings().rules
    ctx.progress("Отбор случаев", 0)
    plan = planner(row, rules)
    ctx.check()
    if not plan.merges:
        ctx.log(f"{plan.sought}. Правила меняют в настройках, «Правила».")
    for note in plan.notes:
        ctx.warn(note)
    data = {
        "registry": row.id, "period": row.period, "dry_run": params.dry_run, "made": len(plan.merges),
        "cases": plan.cases, "services": plan.services, "sum": roubles(plan.total),
        "rows": _rows(plan.merges), "notes": plan.notes,
    }  # fmt: skip
    if not plan.merges:
        return Result(f"Реестр «{row.title}»: объединять нечего.", data)
    what = f"случаев: {plan.cases} в {len(plan.merges)}, услуг {plan.services} на сумму {roubles(plan.total)}"
    lines = [line(m) for m in plan.merges]
    if params.dry_run:
        _tell(ctx, plan, lines)
        return Result(f"Будет объединено {what}. Ничего не изменено.", data)
    ctx.confirm(
        f"Объединить {what}? Реестр «{row.title}» нужно будет переформировать; до выгрузки"
        " объединение можно отменить.",
        details=shown([*plan.notes, *lines]),
    )
    with db.write():
        ctx.check()
        now = registries_b.get(row.id)
        if now is None or (now.status, planner(row, rules)) != (row.status, plan):
            raise OmsError(
                "Пока вы смотрели, случаи изменил другой оператор. Ничего не объединено.",
                hint="Повторите операцию.",
            )
        store.apply(
            plan.merges, registry=row.id, operation=op, run=ctx.run_id, at=ctx.now(), who=ctx.who,
            check=ctx.check,
        )  # fmt: skip
        ctx.check()
    _tell(ctx, plan, lines)
    return Result(
        f"Объединено {what}. Переформируйте реестр «{row.title}» за {Period.parse(row.period).title}.", data
    )


def _tell(ctx: Context, plan: Plan, lines: Sequence[str]) -> None:
    for merge, text in zip(plan.merges[:_SHOWN], lines, strict=False):
        ctx.log(text, link={"list": "cases", "patient": merge.into.patient_id})
    for text in shown(lines)[_SHOWN:]:
        ctx.log(text)
