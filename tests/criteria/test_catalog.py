"""The catalog of criteria: complete, documented, the profile of 126."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from omstui.domain.bookspecs import CLASSIFIERS, LOCAL
from omstui.domain.criteria.catalog import all_criteria, all_params
from omstui.domain.mek import titles


def test_all_209_are_there_with_a_profile_of_126() -> None:
    criteria = all_criteria().values()
    assert len(criteria) == 209
    default = [c for c in criteria if c.default]
    assert len(default) == 126
    assert {c.severity for c in default} == {"error"}
    assert Counter(c.severity for c in criteria) == {"error": 177, "warning": 32}


def test_each_is_a_condition_with_its_documentation() -> None:
    for c in all_criteria().values():
        assert bool(c.condition) != bool(c.select), c.code
        assert c.why.endswith(".") and not re.search(r"[A-Za-z]{6,}", c.why), c.code
        assert c.title and c.source and c.applies, c.code
        assert not c.mek or f"{c.mek}." in titles(), c.code
        known = LOCAL.keys() | CLASSIFIERS.keys()
        assert {b for wanted in c.books for b in wanted.split("|")} <= known, c.code


def test_every_parameter_is_used_and_every_name_is_known() -> None:
    text = " ".join(f"{c.condition} {c.select} {c.detail}" for c in all_criteria().values())
    used = set(re.findall(r":([a-z_0-9]+)", text))
    given = {"today", "mo", "home_okato", "home_region", "level", "has_services"}
    assert used - given == set(all_params())


def test_each_has_rows_that_pass_fire_and_stand_at_the_boundary() -> None:
    """The tables of the groups speak of every criterion three times at least."""
    text = "".join(p.read_text(encoding="utf-8") for p in Path(__file__).parent.glob("test_*.py"))
    said = Counter(re.findall(r'(?:passes|fires|boundary)\(\s*"(\d\d\.\d{3})"', text))
    fired = set(re.findall(r'fires\(\s*"(\d\d\.\d{3})"', text))
    assert {code for code in all_criteria() if said[code] < 3} == set()
    assert set(all_criteria()) <= fired
