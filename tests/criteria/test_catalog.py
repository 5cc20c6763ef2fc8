"""The catalog of criteria: complete, documented, the profile of 126."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from omstui.domain.bookspecs import CLASSIFIERS, LOCAL
from omstui.domain.criteria.catalog import all_criteria, all_params
from omstui.domain.mek import titles
from omstui.screens.case_fields import FIELDS, SERVICE


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
    """The tables of the groups speak of every criterion in each of the three ways."""
    text = "".join(p.read_text(encoding="utf-8") for p in Path(__file__).parent.glob("test_*.py"))
    for verdict in ("passes", "fires", "boundary"):
        said = set(re.findall(rf'\b{verdict}\(\s*"(\d\d\.\d{{3}})"', text))
        assert set(all_criteria()) - said == set(), verdict


def test_every_field_a_finding_stands_beside_is_on_the_card() -> None:
    card = {f.name for f in FIELDS if f.name} | {f"service.{f.name}" for f in SERVICE}
    for c in all_criteria().values():
        for field in filter(None, (c.field, *(place for _, place in c.places))):
            assert (field if "." in field else f"case.{field}") in card, (c.code, field)


def test_titles_types_codes_and_the_profile_are_those_of_the_table(shared: Path) -> None:
    lines = (shared / "spec" / "criteria.tsv").read_text(encoding="utf-8").splitlines()[1:]
    rows = [row for row in (line.split("\t") for line in lines) if row[4] == "expertise"]
    wanted = {r[0]: (r[1], r[2], r[3], tuple(r[5].split(",")), r[7]) for r in rows}
    ours = {c.code: (c.group, c.title, c.severity, c.applies, c.mek) for c in all_criteria().values()}
    assert ours == wanted
    text = (shared / "spec" / "criteria.md").read_text(encoding="utf-8")
    text = text.partition("Proposed default profile")[2].partition("The other 83")[0]
    profile = {
        f"{group}.{number:03d}"
        for group, first, last in re.findall(r"(\d\d)\.(\d{3})(?:-\d\d\.(\d{3}))?", text)
        for number in range(int(first), int(last or first) + 1)
    }
    assert {c.code for c in all_criteria().values() if c.default} == profile
