"""A month against its plan volumes (превышение плановых объёмов): for the operation, the screen and F2."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from omstui.domain.errors import OmsError
from omstui.domain.model import Period
from omstui.domain.money import quantity_text, roubles, spaced
from omstui.domain.sequester import Figure, Sheet
from omstui.domain.store import sequester as store
from omstui.domain.volumes import ROUBLES, UNIT_TITLES, PlanLine, Rules
from omstui.settings import Settings


def rules_of(settings: Settings) -> Rules:
    """The rules of sequestration as the settings have them."""
    own = settings.rules
    return Rules(
        order=own.sequester_order,
        keep_emergency=own.sequester_keep_emergency,
        keep_ambulance=own.sequester_keep_ambulance,
        keep_returned=own.sequester_keep_returned,
        whole=own.sequester_whole,
    )


def read(
    period: str, settings: Settings, kinds: Collection[str] = (), registry_ids: Collection[int] = ()
) -> Sheet:
    """The formed registries of the month against the plan; those not asked for count and stay."""
    lines = store.plan_lines()
    wanted = store.Wanted.of(lines)
    items = store.items(period, wanted, kinds, registry_ids)
    return Sheet(period, lines, items, store.earlier(period, lines, wanted), rules_of(settings))


def require(period: str) -> None:
    """Refuse a month that has nothing to be sequestered, or nothing to measure it by."""
    title = Period.parse(period).title
    if not store.has_plan(period):
        raise OmsError(
            f"Плановых объёмов на {title} нет.",
            title="Секвестирование",
            hint="Загрузите справочник «Плановые объёмы» (omstui nsi load) или внесите его на экране"
            " «Справочники».",
        )
    if not store.registries(period):
        raise OmsError(
            f"Сформированных и не выгруженных реестров за {title} нет: снимать не с чего.",
            title="Секвестирование",
            hint="Сначала сформируйте реестры (F5); из выгруженного реестра случаи не снимают.",
        )


def amount(unit: str, value: int) -> str:
    """«12.5» of a unit, «1186.00» of roubles."""
    return roubles(value) if unit == "roubles" else quantity_text(value)


@dataclass(frozen=True, slots=True)
class LineView:
    """A limit of a line of the plan as it is shown: amounts in ``unit``, sums in kopecks."""

    line: PlanLine
    figure: Figure
    #: cases of the line that are to be cut and their sum: how far it is over the plan, in whole cases
    excess: int
    excess_sum: int
    #: cases of the line that are out already
    cut: int
    cut_sum: int
    #: what stays over the plan after the cut, because it may not be cut; in the unit
    stuck: int

    @property
    def unit(self) -> str:
        return self.figure.limit.unit

    @property
    def percent(self) -> str:
        found = self.figure.percent
        return "" if found is None else f"{found // 10},{found % 10}"

    def text(self) -> str:
        """«Поликлиника, посещения: план 100, ранее 40, в реестре 65, превышение 5 на 1200.00 (105,0 %)»."""
        unit, figure = self.unit, self.figure
        words = [
            f"{self.line.title}, {UNIT_TITLES[unit]}: план {amount(unit, figure.limit.amount)}",
            f"ранее {amount(unit, figure.earlier)}",
            f"в реестре {amount(unit, figure.current)}",
            f"превышение {amount(unit, figure.over)}",
        ]
        text = ", ".join(words) + (f" ({self.percent} %)" if self.percent else "")
        if self.excess:
            text += f", снять случаев {self.excess} на {roubles(self.excess_sum)}"
        if self.cut:
            text += f", снято {self.cut} на {roubles(self.cut_sum)}"
        return text

    def as_json(self, period: str) -> dict[str, Any]:
        unit, figure = self.unit, self.figure
        return {
            "line": self.line.id,
            "title": self.line.title,
            "period": period,
            "begin": self.line.begin,
            "end": self.line.end,
            "cumulative": self.line.cumulative,
            "unit": unit,
            "plan": amount(unit, figure.limit.amount),
            "earlier": amount(unit, figure.earlier),
            "in_registry": amount(unit, figure.current),
            "over": amount(unit, figure.over),
            "percent": self.percent,
            "over_cases": self.excess,
            "over_sum": roubles(self.excess_sum),
            "cut_cases": self.cut,
            "cut_sum": roubles(self.cut_sum),
            "protected_over": amount(unit, self.stuck),
        }


def views(sheet: Sheet, out: Collection[int], excess: Collection[int]) -> list[LineView]:
    """Lines of the month, a row per limit, when ``out`` are outside and ``excess`` are to follow."""
    gone, follow = set(out), set(excess)
    after = sheet.room(gone | follow)
    found = []
    for line in sheet.lines:
        own = sheet.of_line(line)
        over = [item for item in own if item.case in follow]
        cut = [item for item in own if item.case in gone]
        for figure, rest in zip(sheet.figures(line, gone), after[line.id], strict=True):
            found.append(
                LineView(
                    line,
                    figure,
                    len(over),
                    sum(item.total for item in over),
                    len(cut),
                    sum(item.total for item in cut),
                    max(0, -rest),
                )
            )
    return found


@dataclass(frozen=True, slots=True)
class Total:
    """Cases and kopecks."""

    cases: int
    total: int

    def __str__(self) -> str:
        return f"{self.cases} на сумму {roubles(self.total)}"

    @property
    def shown(self) -> str:
        """The same as screens write sums."""
        return f"{self.cases} на {spaced(self.total)}"


def total(sheet: Sheet, cases: Collection[int]) -> Total:
    """How many these cases are and what they cost."""
    return Total(len(cases), sum(sheet.items[case].amounts[ROUBLES] for case in cases))


def unplanned(sheet: Sheet) -> Total:
    """Cases without a line of the plan: they are not cut."""
    return total(sheet, [item.case for item in sheet.of_line(None) if not item.out])


def _over(period: str) -> bool:
    """Some line of the plan is passed: told by sums, without looking at each case."""
    if not store.has_plan(period):
        return False
    lines = store.plan_lines()
    wanted = store.Wanted.of(lines)
    parts = [*store.earlier(period, lines, wanted), *store.formed(period, wanted)]
    sums = Sheet(period, lines, [], parts)
    return any(sums.used(line, limit) > limit.amount for line in sums.lines for limit in line.limits)


def unsolved(period: str, settings: Settings, registry_ids: Collection[int]) -> list[str]:
    """Warnings of F2: what of these registries is over the plan and was not cut."""
    if not _over(period):
        return []
    sheet = read(period, settings, registry_ids=registry_ids)
    excess = sheet.excess()
    if not excess:
        return []
    lines = [view.text() for view in views(sheet, sheet.out, excess) if view.excess]
    return [
        f"Сверх плановых объёмов: случаев {total(sheet, excess)}. Оплатить их могут отказать;"
        " «Секвестирование» снимет их до следующего месяца.",
        *lines,
    ]


def note(period: str, settings: Settings) -> None:
    """Count the excess of each open registry of the month, for the list; inside the caller's transaction."""
    if not store.has_plan(period):
        store.note_over(period, None)
        return
    over: Counter[int] = Counter()
    if _over(period):
        sheet = read(period, settings)
        over.update(sheet.items[case].registry for case in sheet.excess())
    store.note_over(period, over)


class Draft:
    """What an operator chose and has not applied yet: which cases shall be out."""

    def __init__(self, sheet: Sheet) -> None:
        self.reset(sheet)

    def reset(self, sheet: Sheet) -> None:
        """Begin anew with the month as it stands."""
        self.sheet = sheet
        self.out: set[int] = set(sheet.out)

    @property
    def cut(self) -> list[int]:
        return sorted(self.out - self.sheet.out)

    @property
    def back(self) -> list[int]:
        return sorted(self.sheet.out - self.out)

    @property
    def dirty(self) -> bool:
        return self.out != self.sheet.out

    def put(self, case: int, out: bool) -> str:
        """Take the case and those that go with it out, or back in; a reason when it may not be."""
        group = self.sheet.together(case)
        if out and (reason := self.sheet.reasons[case]):
            return reason
        self.out = self.out | group if out else self.out - group
        return ""

    def excess(self, line: PlanLine | None = None) -> list[int]:
        """What is over the plan now, of one line or of all."""
        return self.sheet.excess(self.out, None if line is None else [line.id])

    def cut_excess(self, line: PlanLine | None = None) -> int:
        found = self.excess(line)
        self.out |= set(found)
        return len(found)

    def give_back(self, line: PlanLine) -> int:
        """Everything of the line comes back."""
        found = {i.case for i in self.sheet.of_line(line)} & self.out
        for case in found:
            self.out -= self.sheet.together(case)
        return len(found)

    def views(self) -> list[LineView]:
        return views(self.sheet, self.out, self.excess())

    def totals(self) -> list[str]:
        """What the bottom of the screens says: the registries now, and what the choice changes."""
        sheet = self.sheet
        stay = total(sheet, [case for case in sheet.items if case not in self.out])
        free = unplanned(sheet)
        lines = [f"#Останется в реестрах: {stay.shown}; снято: {total(sheet, self.out).shown}"]
        if free.cases:
            lines.append(f"Без строки плана, не снимаются: {free.shown}")
        if self.dirty:
            cut, back = total(sheet, self.cut), total(sheet, self.back)
            parts = [f"снять {cut.shown}"] if cut.cases else []
            parts += [f"вернуть {back.shown}"] if back.cases else []
            lines.append(f"!Не записано: {', '.join(parts)} — Ctrl+W")
        return lines
