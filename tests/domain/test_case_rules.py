"""Pure rules of loading: keys, twins, three-way merge, payers (product.md §6)."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from omstui.domain.casekeys import Came, Known, case_key, pair_twins
from omstui.domain.merge import FieldEdit, corrected, leaf, put_leaf, three_way
from omstui.domain.payers import PayerRule

marks = st.lists(
    st.builds("|".join, st.tuples(*[st.sampled_from(["", "a", "b", "c"])] * 4)), max_size=5, unique=True
)


def test_key_is_written_as_the_contract_says():
    assert case_key("H", "3", "760001", "S0000000123", "2021-04-05") == "H3|760001|S0000000123|2021-04-05"


@given(marks, st.randoms(use_true_random=False))
def test_reload_of_twins_in_any_order_pairs_each_with_itself(twins, random):
    first = pair_twins([Came(n, t) for n, t in enumerate(twins)], [])
    dups = {twins[p.seq]: p.dup for p in first}
    assert sorted(dups.values()) == list(range(len(twins)))
    known = [Known(100 + dup, dup, twin) for twin, dup in dups.items()]
    mixed = list(twins)
    random.shuffle(mixed)
    again = pair_twins([Came(n, t) for n, t in enumerate(mixed)], known)
    assert {mixed[p.seq]: p.case_id for p in again} == {t: 100 + d for t, d in dups.items()}


@given(marks, marks)
def test_every_record_gets_one_outcome_and_no_case_is_taken_twice(came, known):
    pairs = pair_twins(
        [Came(n, t) for n, t in enumerate(came)], [Known(100 + n, n, t) for n, t in enumerate(known)]
    )
    assert sorted(p.seq for p in pairs) == list(range(len(came)))
    taken = [p.case_id for p in pairs if p.case_id is not None]
    assert len(taken) == len(set(taken))
    new = [p.dup for p in pairs if p.case_id is None]
    assert len(new) == len(set(new)) and all(n >= len(known) for n in new)


def test_one_to_one_is_an_update_whatever_changed():
    assert pair_twins([Came(1, "x|2021|1|d")], [Known(7, 0, "y|2020|2|e")])[0].case_id == 7


values = st.sampled_from(["", "1", "2", "3"])


@given(base=values, mine=values, theirs=values)
def test_three_way_of_one_field(base, mine, theirs):
    merged = three_way({"f": theirs}, {"f": (base, mine)})
    final = merged.values.get("f", theirs)
    if theirs == base:
        assert final == mine and not merged.conflicts
    else:
        assert final == theirs
        assert bool(merged.conflicts) == (theirs != mine)


@given(st.lists(st.tuples(st.sampled_from(["operator", "load"]), values, values), max_size=8))
def test_base_is_what_the_last_load_gave(steps):
    edits = [FieldEdit("f", old, new, origin) for origin, old, new in steps]
    found = corrected(edits)
    after = steps[max((n for n, s in enumerate(steps) if s[0] == "load"), default=-1) + 1 :]
    assert found == ({"f": (after[0][1], after[-1][2])} if after else {})


def test_field_the_file_does_not_carry_stays():
    assert three_way({}, {"pay_type": ("ОМС", "ДМС")}).values == {"pay_type": "ДМС"}


@given(st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=3), st.text(min_size=1, max_size=3))
def test_leaf_put_is_leaf_got(steps, value):
    tree: dict = {}
    put_leaf(tree, ".".join(steps), value)
    assert leaf(tree, ".".join(steps)) == value
    put_leaf(tree, ".".join(steps), "")
    assert leaf(tree, ".".join(steps)) is None


@dataclass
class _Payer:
    id: int
    code: str
    ogrn: str
    out_of_region: bool


def test_payer_of_a_policy():
    rule = PayerRule({"76001": 1}, {"1027700091100": 1}, 3, "76")
    assert rule.of({"smo": "76001"}) == (1, "")
    assert rule.of({"smo": "50010"}) == (3, "")
    assert rule.of({"smo": "", "okato": "46000"}) == (3, "")
    assert rule.of({"smo_ogrn": "1027700091100", "smo_ok": "78000"}) == (1, "")
    assert rule.of({"smo_ogrn": "1027700091100", "smo_ok": "46000"}) == (3, "")
    assert rule.of({}) == (None, "")
    payer, why = rule.of({"smo": "76055"})
    assert payer is None and "76055" in why
