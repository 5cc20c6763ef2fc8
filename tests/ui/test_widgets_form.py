"""The form, its fields, the one-line editor."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omstui.widgets.fields import Field, read_date, read_month
from omstui.widgets.form import Form
from omstui.widgets.line_edit import LineEdit
from tests.ui.helpers import check_golden, grid, press, running
from tests.ui.samples import EVIL, FIELDS, FormScreen


def form(app: Any) -> Form:
    return app.screen.query_one(Form)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("01.04.2021", "2021-04-01"),
        ("1.4.21", "2021-04-01"),
        ("01042021", "2021-04-01"),
        ("010421", "2021-04-01"),
        ("1.4.80", "1980-04-01"),
        ("2021-04-01", "2021-04-01"),
        ("29,02,2024", "2024-02-29"),
    ],
)
def test_dates_are_read_as_operators_type_them(typed: str, stored: str) -> None:
    assert read_date(typed) == stored


@pytest.mark.parametrize("typed", ["31.04.2021", "0.1.2021", "завтра", "29.02.2021", "1.1.1", "²¹"])
def test_impossible_dates_are_refused_with_the_reason(typed: str) -> None:
    with pytest.raises(ValueError, match="ДД"):
        read_date(typed)


@pytest.mark.parametrize("typed", ["04.2021", "4.21", "2021-04", "042021"])
def test_months_are_read(typed: str) -> None:
    assert read_month(typed) == "2021-04"


@given(st.integers(min_value=-(10**12), max_value=10**12))
def test_money_survives_showing_and_reading(value: int) -> None:
    field = Field("s", "Сумма", "money")
    assert field.read(field.show(value)) == value


@given(st.dates())
def test_date_survives_showing_and_reading(value: Any) -> None:
    field = Field("d", "Дата", "date")
    if value.year >= 1900 and value.year <= 2200:
        assert field.read(field.show(value.isoformat())) == value.isoformat()


KEYS = ["left", "right", "home", "end", "backspace", "delete", "ctrl+left", "ctrl+right", "ctrl+k"]


@given(st.lists(st.one_of(st.sampled_from(KEYS), st.characters()), max_size=30), st.integers(1, 12))
def test_line_editor_keeps_its_caret_inside(presses: list[str], width: int) -> None:
    edit = LineEdit("начало")
    edit.enter()
    for key in presses:
        edit.key(key, key if len(key) == 1 else None, len(key) == 1 and key.isprintable())
        text, caret = edit.view(width)
        assert 0 <= edit.pos <= len(edit.text)
        assert len(text) == width and 0 <= caret < width


def test_first_typed_character_replaces_the_old_text() -> None:
    edit = LineEdit("старое")
    edit.enter()
    edit.insert("н")
    assert edit.text == "н"
    edit.set("старое")
    edit.enter()
    edit.key("end", None, False)
    edit.insert("!")
    assert edit.text == "старое!"


async def test_form_at_80x24_matches_golden() -> None:
    async with running(FormScreen) as (app, pilot):
        form(app).set_findings({"born": "старше 120 лет", "sex": "нет в полисе"})
        await press(pilot, "tab", *"99")
        check_golden(app, "form")


async def test_values_come_back_typed() -> None:
    async with running(FormScreen) as (app, pilot):
        await press(pilot, "enter", *"1.4.21", "enter", *"042021", "enter", *"1186,5", "enter")
        await press(pilot, *"12", "tab", "ж", "tab", "space", "tab")
        values, problems = form(app).read()
        assert not problems
        assert {k: v for k, v in values.items() if v} == {
            "family": "Иванов",
            "born": "2021-04-01",
            "month": "2021-04",
            "sum": 118650,
            "count": 12,
            "sex": "2",
            "dead": True,
        }
        assert set(form(app).changed_names()) == {"born", "month", "sum", "count", "sex", "dead"}


async def test_save_goes_to_the_first_field_that_cannot_be_read() -> None:
    async with running(FormScreen) as (app, pilot):
        await press(pilot, "ctrl+u", "tab", *"99.99", "ctrl+w")
        assert form(app).current.name == "family"
        text = "\n".join(grid(app))
        assert "! заполните поле" in text and "! нужна дата ДД.ММ.ГГГГ" in text
        await press(pilot, "а")
        assert "заполните поле" not in "\n".join(grid(app))


@pytest.mark.parametrize("keys", [["ctrl+w"], ["pagedown"], ["tab"] * 12, ["enter"] * 12])
async def test_form_is_saved_in_every_way_operators_know(keys: list[str]) -> None:
    async with running(FormScreen) as (app, pilot):
        await press(pilot, *"Петров", *keys)
        assert "Сохранено" in grid(app)[22]
        assert not form(app).is_changed


async def test_choice_is_picked_from_a_list_or_by_letter_of_either_layout() -> None:
    async with running(FormScreen) as (app, pilot):
        form(app).go_to("sex")
        await press(pilot, "space", "down", "enter")
        assert form(app).text("sex") == "2"
        await press(pilot, "v")  # «м» without switching the layout
        assert form(app).text("sex") == "1"
        await press(pilot, "right", "delete")
        assert form(app).text("sex") == ""


async def test_long_form_turns_pages_and_saves_on_the_last() -> None:
    fields = [Field(f"f{i}", f"Поле {i}") for i in range(45)]

    class Long(FormScreen):
        def compose_body(self) -> Any:
            self.form = Form(fields)
            yield self.form

    async with running(Long) as (app, pilot):
        await press(pilot, "pagedown")
        assert "стр. 2 из 3" in grid(app)[22]
        await press(pilot, "pagedown")
        assert "Поле 44" in "\n".join(grid(app))
        await press(pilot, "pagedown")
        assert "Сохранено" in "\n".join(grid(app))
        await press(pilot, "pageup", "pageup", "pageup")
        assert "Поле 0" in "\n".join(grid(app))


async def test_hostile_text_in_labels_values_and_findings_is_only_text() -> None:
    fields = [Field("a", EVIL, help=EVIL), Field("b", EVIL, "choice", choices=(("1", EVIL),))]

    class Evil(FormScreen):
        def compose_body(self) -> Any:
            self.form = Form(fields, {"a": EVIL, "b": "1"}, findings={"a": EVIL, "b": EVIL})
            yield self.form

    async with running(Evil) as (app, pilot):
        await press(pilot, "x", "tab", "space", "escape", "up", "left")
        assert all(len(line) <= 80 for line in grid(app))
        assert "[/b] [red]x[/]" in grid(app)[2]


async def test_untouched_odd_text_stays_as_stored() -> None:
    class Odd(FormScreen):
        def compose_body(self) -> Any:
            self.form = Form([Field("a", "Имя")], {"a": "Zoë 漢\u200b"})
            yield self.form

    async with running(Odd) as (app, pilot):
        await press(pilot, "left", "right")
        assert form(app).text("a") == "Zoë 漢\u200b"


def test_unknown_kind_of_field_is_a_mistake_of_the_programmer() -> None:
    with pytest.raises(ValueError, match="kind"):
        Field("a", "б", "дата")
    assert len(FIELDS) == 12
