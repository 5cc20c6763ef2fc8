"""A case built valid fires nothing, whatever its kind, person, dates, insurer, doctor and diagnosis."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from omstui.domain.criteria.catalog import all_criteria
from omstui.domain.store import db
from tests.criteria import kit
from tests.criteria.kit import VALID, Made, Row
from tests.criteria.validkit import EVERY_BOOK, VALID_CASES
from tests.support import make_services


@pytest.fixture(scope="module")
def registries(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, int]]:
    make_services(tmp_path_factory.mktemp("valid"))
    with db.connection():
        with db.write():
            kit.load_books(EVERY_BOOK)
            made = kit._registries()
        yield made


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(cases=st.lists(VALID_CASES, min_size=10, max_size=40))
def test_valid_cases_fire_nothing(registries: dict[str, int], cases: list[Made]) -> None:
    with db.write():
        rows = {
            kit._insert_row(Row(VALID, "passes", "", (made,), frozenset(), ()), registries)[0]: made
            for made in cases
        }
    found = kit.fired(registries["main"])
    assert set(kit.OUTCOMES.values()) == {"done"}, "каждый критерий должен выполняться"
    assert len(kit.OUTCOMES) == len(all_criteria())
    wrong = {
        (code, kit.MESSAGES.get((case, None, code), ""), str(rows[case]))
        for case, codes in found.items()
        if case in rows
        for code in codes
    }
    with db.write():
        db.execute("DELETE FROM account WHERE registry_id = ?", (registries["main"],))
        db.execute("UPDATE cases SET deleted_at = '2023-04-01'")
    assert not wrong


def test_case_of_an_earlier_13x_is_not_blamed_for_its_format(registries: dict[str, int]) -> None:
    child = {"birth_date": "2015-03-01", "rep_surname": "Травина", "rep_name": "Анна", "rep_sex": "2"}
    paediatric = {"doctor": "D4", "specialty": "49", "profile": "68"}
    made = [
        kit.from_bill("inpatient", ds_first="", ref_mo="", ref_date=""),
        kit.from_bill("outpatient"),
        kit.from_bill("paraclinic", purpose="", patient=child, service=paediatric, **paediatric),
        kit.from_bill("ambulance"),
    ]
    with db.write():
        cases = [
            kit._insert_row(Row(VALID, "passes", "", (one,), frozenset(), ()), registries)[0] for one in made
        ]
    found = kit.fired(registries["main"])
    assert not {case: found[case] for case in cases if case in found}
