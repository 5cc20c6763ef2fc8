"""The pure algorithm of sequestration: never more than the plan, never less than could be by a whole case."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omstui.domain.sequester import Sheet
from omstui.domain.volumes import ROUBLES, UNITS, Earlier, Item, Limit, PlanLine, Rules, Scope, line_of

P = "2021-04"
VISIT = Scope("outpatient", "3", "97", "", "76001")


def item(case: int, day: int = 1, scope: Scope = VISIT, **values: Any) -> Item:
    kopecks = values.pop("kopecks", 10000)
    visits = values.pop("visits", 100)
    amounts = (100, visits, 0, 0, kopecks)
    return Item(case, scope, f"2021-04-{day:02d}", f"{case:06d}", amounts, **values)


def line(*limits: Limit, number: int = 1, **values: Any) -> PlanLine:
    return PlanLine(number, "", "2021-04-01", "2021-04-30", limits=limits, **values)


# --- random months -----------------------------------------------------------------------------

_KINDS = {"outpatient": "3", "dental": "3", "dispensary": "3", "inpatient": "1", "ambulance": "4"}


@st.composite
def months(draw: st.DrawFn) -> Sheet:
    """Lines of several scopes and units, cases of all weights, protected ones, stages, other months."""
    scopes = [Scope(kind, usl_ok, profile, "", smo) for kind, usl_ok in _KINDS.items()
              for profile in ("97", "112") for smo in ("76001", "76002")]  # fmt: skip
    lines = []
    for number in range(1, draw(st.integers(1, 4)) + 1):
        units = draw(st.lists(st.sampled_from(UNITS), min_size=1, max_size=3, unique=True))
        limits = tuple(
            Limit(unit, draw(st.integers(0, 60000 if unit == "roubles" else 800)), draw(st.integers(0, 100)))
            for unit in units
        )
        lines.append(
            line(
                *limits,
                number=number,
                kind=draw(st.sampled_from(["", *_KINDS])),
                profile=draw(st.sampled_from(["", "97"])),
                smo=draw(st.sampled_from(["", "76002"])),
                cumulative=draw(st.booleans()),
                protected=draw(st.integers(0, 9)) == 0,
            )
        )
    cases = [
        Item(
            case,
            draw(st.sampled_from(scopes)),
            f"2021-04-{draw(st.integers(1, 30)):02d}",
            f"{case:06d}",
            (100, draw(st.integers(0, 3)) * 100, draw(st.integers(0, 300)), draw(st.integers(0, 5)) * 100,
             draw(st.integers(0, 20000))),
            person=draw(st.sampled_from(["", "А", "Б"])),
            help_form=draw(st.sampled_from(["", "3", "3", "2", "1"])),
            returned=draw(st.integers(0, 9)) == 0,
        )
        for case in range(1, draw(st.integers(0, 14)) + 1)
    ]  # fmt: skip
    earlier = [
        Earlier(P, draw(st.sampled_from(scopes)), (100, 100, 50, 100, 9000))
        for _ in range(draw(st.integers(0, 3)))
    ]
    rules = Rules(
        order=draw(st.sampled_from(["date", "cheap", "dear"])),
        keep_emergency=draw(st.booleans()),
        whole=draw(st.sampled_from(["case", "stages", "patient"])),
    )
    return Sheet(P, lines, cases, earlier, rules)


def weight(sheet: Sheet, cases: set[int]) -> dict[int, list[int]]:
    """Line → amounts of these cases, in the units of its limits; told apart from the program's way."""
    return {
        n.id: [
            sum(i.amounts[lim.place] for c, i in sheet.items.items() if c in cases and sheet.line[c] is n)
            for lim in n.limits
        ]
        for n in sheet.lines
    }


def fits(sheet: Sheet, inside: set[int]) -> bool:
    """No limit of any line that has cases to give is passed."""
    return all(
        sheet.used(n, lim) + got <= lim.amount
        for n in sheet.lines
        for lim, got in zip(n.limits, weight(sheet, inside)[n.id], strict=True)
    )


@given(months())
def test_never_more_than_the_plan(sheet: Sheet) -> None:
    """What stays is inside the plan, but for what may not be cut and what was billed before."""
    cut = set(sheet.excess())
    stay = set(sheet.items) - cut
    fixed = {case for case in sheet.items if sheet.reasons[case]}
    assert not cut & fixed
    left, forced = weight(sheet, stay), weight(sheet, fixed)
    for plan in sheet.lines:
        for limit, got, must in zip(plan.limits, left[plan.id], forced[plan.id], strict=True):
            used = sheet.used(plan, limit)
            assert used + got <= max(limit.amount, used + must)


@given(months())
def test_never_less_than_could_be_by_a_whole_case(sheet: Sheet) -> None:
    """No case that was cut (with those that go with it) fits back."""
    cut = set(sheet.excess())
    room = sheet.room(cut)
    for case in cut:
        group = set(sheet.together(case))
        assert group <= cut
        need = weight(sheet, group)
        lines = {n.id: n for n in map(sheet.line.get, group) if n is not None}
        assert any(
            limit.amount == 0 or need[n.id][place] > room[n.id][place]
            for n in lines.values()
            for place, limit in enumerate(n.limits)
        )


@given(months())
def test_same_month_gives_the_same_cut_and_a_second_run_nothing(sheet: Sheet) -> None:
    cut = sheet.excess()
    mixed = sorted(sheet.items.values(), key=lambda i: (i.amounts, -i.case))
    again = Sheet(P, sheet._all_lines, mixed, [], sheet.rules)
    again.earlier = sheet.earlier
    assert again.excess() == cut
    assert sheet.excess(cut) == [] and sheet.returnable(cut) == []


@given(months())
def test_cut_and_back_is_the_original_sum(sheet: Sheet) -> None:
    cut = set(sheet.excess())
    whole = sum(i.total for i in sheet.items.values())
    for plan in sheet.lines:
        full, less = sheet.figures(plan, ()), sheet.figures(plan, cut)
        gone = weight(sheet, cut)[plan.id]
        assert [f.current - c for f, c in zip(full, gone, strict=True)] == [f.current for f in less]
    parts = [sum(i.total for i in sheet.of_line(n)) for n in (*sheet.lines, None)]
    assert sum(parts) == whole


@given(months())
def test_cases_before_the_limit_is_passed_stay(sheet: Sheet) -> None:
    """§6.2.4: only what the running total over all cases puts beyond the plan can be excess."""
    if sheet.rules.whole != "case":
        return
    cut = set(sheet.excess())
    for plan in sheet.lines:
        if any(limit.amount == 0 for limit in plan.limits):
            continue
        beyond = {row.item.case for row in sheet.rows(plan, ()) if row.beyond}
        assert {i.case for i in sheet.of_line(plan)} & cut <= beyond


# --- boundaries ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("limit", "cut"),
    [(Limit("cases", 0), [1, 2, 3]), (Limit("cases", 299), [3]), (Limit("cases", 300), []),
     (Limit("cases", 300, 100), [3]), (Limit("roubles", 29999), [3]), (Limit("roubles", 30000), []),
     (Limit("visits", 200), [3]), (Limit("days", 0), [1, 2, 3])],
)  # fmt: skip
def test_limits(limit: Limit, cut: list[int]) -> None:
    sheet = Sheet(P, [line(limit)], [item(n, n) for n in (1, 2, 3)])
    assert sheet.excess() == cut


def test_order_of_the_source_does_not_matter() -> None:
    for order in permutations([item(1, 9), item(2, 3), item(3, 3)]):
        assert Sheet(P, [line(Limit("cases", 200))], order).excess() == [1]


def test_most_specific_line() -> None:
    plain, kind, profile, ksg, service, smo = (
        line(number=1), line(number=2, kind="inpatient"), line(number=3, profile="112"),
        line(number=4, ksg="st32.002"), line(number=5, service="A16.1"), line(number=6, smo="76001"),
    )  # fmt: skip
    every = [plain, kind, profile, ksg, service, smo]
    scope = Scope("inpatient", "1", "112", "st32.002", "76001", frozenset({"A16.1"}))
    for place in (4, 3, 2, 1, 5, 0):
        assert line_of(every, scope, P) is every[place]
        every[place] = PlanLine(9, "", "2020-01-01", "2020-12-31")
    assert line_of(every, scope, P) is None


def test_used_before_counts_in_the_first_month_of_a_monthly_line_only() -> None:
    year = PlanLine(1, "", "2021-01-01", "2021-12-31", limits=(Limit("cases", 100, 100),))
    assert Sheet("2021-01", [year], [item(1)]).excess() == [1]
    assert Sheet("2021-02", [year], [item(1)]).excess() == []
    total = PlanLine(1, "", "2021-01-01", "2021-12-31", limits=(Limit("cases", 100, 100),), cumulative=True)
    assert Sheet("2021-02", [total], [item(1)]).excess() == [1]


def test_running_total_and_what_is_beyond() -> None:
    sheet = Sheet(P, [line(Limit("roubles", 25000))], [item(1, 1), item(2, 2), item(3, 3, kopecks=5000)])
    rows = sheet.rows(sheet.lines[0], ())
    assert [(r.running, r.running_sum, r.beyond) for r in rows] == [
        (10000, 10000, False), (20000, 20000, False), (25000, 25000, False),
    ]  # fmt: skip
    assert sheet.items[1].amounts[ROUBLES] == 10000
