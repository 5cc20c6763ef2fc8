"""Sequestration (секвестирование): which cases of the month go beyond the plan volumes, and which to cut.

Pure: lines of the plan and cases come as values, nothing is read or written. The order of a line is kept:
cases that may not be cut first, then by the rule of the settings (the earlier end date stays).

**What is cut.** yaroslavl.md §6.2.4 calls excess «the case whose running total passes the remainder and all
that follow»; the issue wants «never more than the plan, never less than it could be by one whole case». Both
hold so: the running total over *all* cases marks the excess (``Row.beyond``, what criterion 17.001 counts),
and what is cut of it is the cases that do not fit into what the kept ones leave. A later, smaller case that
still fits stays. Where all cases weigh the same (unit «случаи») the two are one; otherwise nothing that is
cut could come back alone without breaking the plan. A limit of 0 lets nothing through, whatever it weighs.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from omstui.domain.model import KINDS
from omstui.domain.volumes import (
    ZERO,
    Amounts,
    Earlier,
    Item,
    Limit,
    PlanLine,
    Rules,
    Scope,
    line_of,
    plus,
    protection,
)


@dataclass(frozen=True, slots=True)
class Figure:
    """A limit of a line as things stand: amounts in its unit."""

    limit: Limit
    earlier: int
    current: int

    @property
    def over(self) -> int:
        return max(0, self.earlier + self.current - self.limit.amount)

    @property
    def percent(self) -> int | None:
        """Tenths of a per cent of the plan; None for a plan of 0."""
        if not self.limit.amount:
            return None
        return (self.earlier + self.current) * 1000 // self.limit.amount


@dataclass(frozen=True, slots=True)
class Row:
    """A case of a line with the running total up to it, in the unit of the first limit and in kopecks."""

    item: Item
    reason: str  # why it may not be cut
    running: int
    running_sum: int
    beyond: bool  # the running total passes the plan with it or before it


@dataclass(slots=True)
class _Group:
    """Cases that go or stay together."""

    items: list[Item] = field(default_factory=list)
    reason: str = ""


class Sheet:
    """The month against the plan; ``out`` of its methods = cases that are outside the registry."""

    def __init__(
        self,
        period: str,
        lines: Sequence[PlanLine],
        items: Sequence[Item],
        earlier: Iterable[Earlier] = (),
        rules: Rules | None = None,
    ) -> None:
        self.period, self.rules = period, rules or Rules()
        self._all_lines = lines
        self._known: dict[tuple[str, Scope], PlanLine | None] = {}
        self.lines = [line for line in lines if line.covers(period)]
        self.items = {item.case: item for item in items}
        self.line: dict[int, PlanLine | None] = {i.case: self._line(i.scope, period) for i in items}
        self.earlier: dict[int, Amounts] = {line.id: ZERO for line in self.lines}
        for part in earlier:
            self._count(part)
        self._groups = self._gather()

    def _line(self, scope: Scope, period: str) -> PlanLine | None:
        key = (period, scope)
        if key not in self._known:
            self._known[key] = line_of(self._all_lines, scope, period)
        return self._known[key]

    def _count(self, part: Earlier) -> None:
        line = self._line(part.scope, part.period)
        if line is not None and line.id in self.earlier and (line.cumulative or part.period == self.period):
            self.earlier[line.id] = plus(self.earlier[line.id], part.amounts)

    def _gather(self) -> dict[str, _Group]:
        """Groups in the order of the settings, the protected ones first."""
        found: dict[str, _Group] = {}
        for item in self.items.values():
            group = found.setdefault(self._group_key(item), _Group())
            group.items.append(item)
            group.reason = group.reason or protection(item, self.line[item.case], self.rules)
        for group in found.values():
            if len(group.items) > 1:
                group.items.sort(key=lambda i: (i.day, i.number, i.case))
        ranked = sorted(found.items(), key=lambda pair: self._rank(pair[1]))
        return dict(ranked)

    def _group_key(self, item: Item) -> str:
        kind = KINDS.get(item.scope.kind)
        whole = self.rules.whole
        if item.person and (whole == "patient" or (whole == "stages" and kind and kind.examination)):
            return f"{item.scope.kind}|{item.person}"
        return f"#{item.case}"

    def _rank(self, group: _Group) -> tuple[object, ...]:
        first, weight = group.items[0], 0
        if self.rules.order in ("cheap", "dear"):
            total = sum(i.total for i in group.items)
            weight = total if self.rules.order == "dear" else -total
        return (not group.reason, weight, first.day, first.number, first.case)

    # --- what the operator asks --------------------------------------------------------------

    @cached_property
    def out(self) -> frozenset[int]:
        """Cases cut already."""
        return frozenset(i.case for i in self.items.values() if i.out)

    @cached_property
    def reasons(self) -> dict[int, str]:
        """Case → why it may not be cut, also for the sake of its group."""
        return {i.case: g.reason for g in self._groups.values() for i in g.items}

    def together(self, case: int) -> frozenset[int]:
        """The case and those that go with it."""
        return frozenset(i.case for i in self._groups[self._group_key(self.items[case])].items)

    def used(self, line: PlanLine, limit: Limit) -> int:
        """Billed earlier inside the time of the line, in the unit of the limit."""
        first = line.cumulative or line.begin[:7] == self.period
        return self.earlier[line.id][limit.place] + (limit.used if first else 0)

    def _whole_room(self) -> dict[int, list[int]]:
        """Line → what earlier months left of each limit."""
        return {n.id: [lim.amount - self.used(n, lim) for lim in n.limits] for n in self.lines}

    def room(self, out: Collection[int]) -> dict[int, list[int]]:
        """Line → what is left of each limit when these cases are out; negative = over the plan."""
        left = self._whole_room()
        for item in self.items.values():
            if item.case not in out:
                _take(left, self._of(item), item)
        return left

    def excess(self, out: Collection[int] | None = None, lines: Collection[int] | None = None) -> list[int]:
        """Cases to cut beside those that are ``out`` already; of these lines only, if given."""
        gone = self.out if out is None else set(out)
        left = self._whole_room()
        cut: list[int] = []
        for group in self._groups.values():
            inside = [i for i in group.items if i.case not in gone]
            if not inside:
                continue
            asked = lines is None or any(n is not None and n.id in lines for n in map(self._of, inside))
            if group.reason or not asked or self._fits(left, inside):
                for item in inside:
                    _take(left, self._of(item), item)
            else:
                cut += [item.case for item in inside]
        return cut

    def returnable(self, out: Collection[int], among: Collection[int] | None = None) -> list[int]:
        """Cases ``among`` those that are out that fit into what is left, in the order of the lines."""
        asked = out if among is None else among
        if not asked:
            return []
        left: dict[int, list[int]] = self.room(out)
        back: list[int] = []
        for group in self._groups.values():
            inside = [i for i in group.items if i.case in asked]
            if inside and self._fits(left, inside):
                back += [item.case for item in inside]
                for item in inside:
                    _take(left, self._of(item), item)
        return back

    def _of(self, item: Item) -> PlanLine | None:
        return self.line[item.case]

    def _fits(self, left: Mapping[int, list[int]], items: Sequence[Item]) -> bool:
        """All of the items find room in all the limits of their lines."""
        if len(items) == 1:  # nearly always: a case goes by itself
            line = self._of(items[0])
            return line is None or _room_for(left[line.id], line, items[0].amounts)
        need: dict[int, tuple[PlanLine, Amounts]] = {}
        for item in items:
            line = self._of(item)
            if line is not None:
                need[line.id] = (line, plus(need.get(line.id, (line, ZERO))[1], item.amounts))
        return all(_room_for(left[line.id], line, amounts) for line, amounts in need.values())

    def figures(self, line: PlanLine, out: Collection[int]) -> list[Figure]:
        """The limits of a line when these cases are out."""
        current = ZERO
        for item in self.of_line(line):
            if item.case not in out:
                current = plus(current, item.amounts)
        return [Figure(lim, self.used(line, lim), current[lim.place]) for lim in line.limits]

    @cached_property
    def _by_line(self) -> dict[int, list[Item]]:
        found: dict[int, list[Item]] = {}
        for group in self._groups.values():
            for item in group.items:
                line = self._of(item)
                found.setdefault(line.id if line else 0, []).append(item)
        return found

    def of_line(self, line: PlanLine | None) -> list[Item]:
        """Cases of a line in its order; None = those without a plan."""
        return self._by_line.get(line.id if line else 0, [])

    def rows(self, line: PlanLine, out: Collection[int]) -> list[Row]:
        """Cases of a line with the running total; those outside stand where they would count."""
        limits = line.limits
        running = [self.used(line, lim) for lim in limits]
        money, found = 0, []
        for item in self.of_line(line):
            beyond = False
            if item.case not in out:
                running = [r + item.amounts[lim.place] for r, lim in zip(running, limits, strict=True)]
                money += item.total
                beyond = any(r > lim.amount for r, lim in zip(running, limits, strict=True))
            found.append(Row(item, self.reasons[item.case], running[0] if running else 0, money, beyond))
        return found


def _room_for(left: Sequence[int], line: PlanLine, amounts: Amounts) -> bool:
    for rest, limit in zip(left, line.limits, strict=True):
        if limit.amount <= 0 or amounts[limit.place] > rest:
            return False
    return True


def _take(left: Mapping[int, list[int]], line: PlanLine | None, item: Item) -> None:
    if line is not None:
        rest = left[line.id]
        for place, limit in enumerate(line.limits):
            rest[place] -= item.amounts[limit.place]
