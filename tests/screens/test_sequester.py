"""«Секвестирование» by keys: lines of the plan, their cases with the running total, one operation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from omstui.domain.store import db
from omstui.front import Front
from omstui.screens.sequester import SequesterScreen
from tests.domain import month
from tests.domain.seqkit import inside, out
from tests.screens.monthkit import golden, make_front, said, shown, text_of, type_text, until_text
from tests.ui.helpers import press


@pytest.fixture
def front(tmp_path: Path) -> Front:
    return make_front(tmp_path)


def planned(quantity: int = 400, **values: Any) -> None:
    """Six accounts of 200.02…200.12 against a plan of four cases; one of another kind has no line."""
    month.add_month(6)
    month.add_month(1, kind="inpatient", start=7)
    with db.connection(), db.write():
        db.execute("UPDATE patient SET surname='Петров[/b]' WHERE ext_id='P000001'")
        fields = {"unit": "cases", "quantity": quantity, "name": "Поликлиника", "kind": "outpatient"}
        month.insert("plan", begin_date="2021-04-01", end_date="2021-04-30", **{**fields, **values})
        month.insert(
            "plan", begin_date="2021-01-01", end_date="2021-12-31", unit="roubles", quantity=500000,
            usl_ok="3", profile="97", cumulative=1, name="Терапия, год[/b]", used_quantity=100000,
            smo="76002", kind="dental",
        )  # fmt: skip


async def test_lines_of_the_plan(front):
    planned()
    async with shown(front, SequesterScreen) as (app, pilot):
        await until_text(pilot, "Останется в реестрах: 7")
        golden(app, "sequester")


async def test_whole_excess_by_keys_asks_and_cuts(front):
    planned()
    async with shown(front, SequesterScreen) as (app, pilot):
        await until_text(pilot, "Снять: 2")
        await press(pilot, "f5")
        await until_text(pilot, "Не записано: снять 2 на 400,22")
        assert out() == set()
        await press(pilot, "ctrl+w")
        await until_text(pilot, "снять случаев 2 на сумму 400.22?")
        assert "Останется в реестрах: 5" in said(app)
        await press(pilot, "escape")
        await until_text(pilot, "Не записано")
        assert out() == set()
        await press(pilot, "ctrl+w")
        await until_text(pilot, "снять случаев 2")
        await type_text(pilot, "д")
        await until_text(pilot, "Снято случаев 2 на сумму 400.22.")
        assert out() == {5, 6} and len(inside()) == 5
        assert "Не записано" not in said(app)
        await press(pilot, "f8")
        await until_text(pilot, "Не записано: вернуть 2")
        await press(pilot, "ctrl+w")
        await until_text(pilot, "вернуть 2 на сумму 400.22?")
        await type_text(pilot, "д")
        await until_text(pilot, "Возвращено 2")
    assert out() == set() and len(inside()) == 7


async def test_one_case_by_space_with_live_totals(front):
    planned()
    async with shown(front, SequesterScreen) as (app, pilot):
        await until_text(pilot, "Снять: 2")
        await press(pilot, "enter")
        await until_text(pilot, "превышение 2")
        golden(app, "sequester_cases")
        await press(pilot, "space")
        await until_text(pilot, "Не записано: снять 1")
        assert "превышение 1" in said(app) and "снять" in text_of(app)
        await press(pilot, "f5")
        await until_text(pilot, "Не записано: снять 2 на 400,14")
        assert "превышение 0" in said(app)
        await press(pilot, "ctrl+w")
        await until_text(pilot, "снять случаев 2")
        await type_text(pilot, "д")
        await until_text(pilot, "Снято случаев 2")
        assert out() == {1, 6}
        await press(pilot, "space")
        await until_text(pilot, "Не записано: вернуть 1")
        await press(pilot, "escape")
        await until_text(pilot, "Ед.")
        assert app.screen.has_changes


async def test_protected_case_says_why(front):
    planned()
    with db.connection(), db.write():
        db.execute("UPDATE cases SET help_form='1' WHERE id=1")
    async with shown(front, SequesterScreen) as (app, pilot):
        await until_text(pilot, "Снять: 2")
        await press(pilot, "enter")
        await until_text(pilot, "экстренный")
        await press(pilot, "home", "space")
        await until_text(pilot, "Не снимают: экстренный (1).")
        assert "Не записано" not in said(app)


async def test_plus_offers_the_excess_and_all(front):
    planned()
    async with shown(front, SequesterScreen) as (app, pilot):
        await until_text(pilot, "Снять: 2")
        await press(pilot, "enter")
        await until_text(pilot, "превышение 2")
        await press(pilot, "plus")
        await until_text(pilot, "Всё, что снимают")
        await press(pilot, "down", "enter")
        await until_text(pilot, "Не записано: снять 2 на 400,22")
        assert out() == set() and "*" in text_of(app)


async def test_undo_from_the_menu(front):
    planned()
    assert front.core.run("sequester", yes=True, period="2021-04", apply=True).kind == "ok"
    async with shown(front, SequesterScreen) as (_app, pilot):
        await until_text(pilot, "снято: 2")
        await press(pilot, "f9")
        await type_text(pilot, "отменить последнее")
        await press(pilot, "enter")
        await until_text(pilot, "вернуть случаев 2 на сумму 400.22?")
        await type_text(pilot, "д")
        await until_text(pilot, "Возвращено случаев 2")
    assert out() == set()


async def test_month_without_plan_says_what_to_do(front):
    month.add_month(2)
    async with shown(front, SequesterScreen) as (app, pilot):
        await until_text(pilot, "Плановых объёмов на апрель 2021 нет: внесите их")
        await press(pilot, "f5")
        assert "внесите их в «Справочники»" in said(app) and "нельзя: плановых объёмов" in said(app)
