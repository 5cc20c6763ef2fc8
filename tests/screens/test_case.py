"""«Случай»: correct, services, conflict of two operators, create, copy, delete."""

from __future__ import annotations

from pathlib import Path

import pytest

from omstui.domain.store import cases, db
from omstui.front import Front
from omstui.screens.case import CaseScreen
from tests.domain import answerkit as kit
from tests.screens.monthkit import answered, golden, make_front, shown, text_of, type_text, until, until_text
from tests.ui.helpers import press


@pytest.fixture
def front(tmp_path: Path) -> Front:
    return make_front(tmp_path)


@pytest.fixture
def keys(front: Front, tmp_path: Path) -> list[str]:
    return answered(front, tmp_path)["A"]


def card(case_id: int) -> cases.CaseCard:
    with db.connection():
        return cases.read_case(case_id)


def opened(case_id: int):
    return lambda services: CaseScreen(services, case_id)


async def go_to(app, pilot, name: str) -> None:
    app.screen._form.go_to(name)
    await pilot.pause()


async def retype(app, pilot, name: str, text: str) -> None:
    await go_to(app, pilot, name)
    await press(pilot, "ctrl+u")
    await type_text(pilot, text)


async def test_card(front, keys):
    async with shown(front, opened(1)) as (app, pilot):
        golden(app, "case")
        await press(pilot, "pagedown")
        assert "! отказ 3" in text_of(app)
        await press(pilot, "ctrl+right")
        golden(app, "case_services")
        await press(pilot, "ctrl+right")
        assert "[/b] [red]комментарий" in text_of(app)


async def test_correcting_marks_the_refusal(front, keys):
    async with shown(front, opened(1)) as (app, pilot):
        await retype(app, pilot, "policy.number", "7600000000000099")
        await press(pilot, "ctrl+w")
        await until_text(pilot, "сохранён")
        assert not app.screen.has_changes
    assert card(1).policy["number"] == "7600000000000099"
    assert kit.column("work", keys) == ["исправлен", "новый", ""]
    with db.connection():
        assert db.scalar("SELECT new FROM edit WHERE entity='policy'") == "7600000000000099"


async def test_page_down_on_the_last_page_saves(front, keys):
    async with shown(front, opened(1)) as (app, pilot):
        await retype(app, pilot, "case.ds2", "i10, e11.9")
        await press(pilot, "pagedown")
        assert "стр. 4 из 4" in text_of(app)
        await press(pilot, "pagedown")
        await until_text(pilot, "сохранён")
    assert card(1).case["ds2"] == ["i10", "e11.9"]


async def test_esc_asks_when_changed(front, keys):
    async with shown(front, lambda s: CaseScreen(s)) as (app, pilot):
        app.push_screen(CaseScreen(front, 1))
        await until(pilot, lambda: app.screen.view)
        await retype(app, pilot, "patient.surname", "ДРУГАЯ")
        await press(pilot, "escape")
        await until_text(pilot, "не сохранены")
        await press(pilot, "escape")
        assert app.screen.view is not None
        await press(pilot, "escape")
        await until_text(pilot, "не сохранены")
        await type_text(pilot, "д")
        await until(pilot, lambda: app.screen.view is None)
    assert card(1).patient["surname"] == "Петров[/b]"


async def test_conflict_shows_both_and_lets_choose(front, keys):
    async with shown(front, opened(1)) as (app, pilot):
        await retype(app, pilot, "case.doctor", "999")
        other = front.run("case-save", case_id=1, case={"doctor": "555"})
        assert other.kind == "ok"
        await press(pilot, "ctrl+w")
        await until_text(pilot, "сохранил кто-то ещё")
        assert "у вас «999», в базе «555»" in text_of(app)
        await press(pilot, "enter")
        await until_text(pilot, "Сохранить мои значения поверх")
        assert card(1).case["doctor"] == "555"
        await press(pilot, "enter")
        await until_text(pilot, "сохранён.")
    assert card(1).case["doctor"] == "999"


async def test_policy_is_corrected_in_all_cases_of_the_patient_after_a_question(front, keys):
    with db.connection(), db.write():
        db.execute("UPDATE cases SET patient_id=1, policy_id=1 WHERE id=3")
    async with shown(front, opened(1)) as (_app, pilot):
        await retype(_app, pilot, "policy.number", "55")
        await press(pilot, "ctrl+w")
        await until_text(pilot, "ещё случаев пациента: 1")
        await type_text(pilot, "д")
        await until_text(pilot, "сохранён")
    assert card(3).policy["number"] == "55" == card(1).policy["number"]


async def test_services_are_added_changed_and_removed(front, keys):
    before = card(1).services
    async with shown(front, opened(1)) as (_app, pilot):
        await press(pilot, "ctrl+right", "insert")
        await until_text(pilot, "Новая услуга")
        await type_text(pilot, "B01.001.001")
        await press(pilot, "ctrl+w")
        await until_text(pilot, "1 / 3")
        await press(pilot, "enter")
        await until_text(pilot, "Наименование")
        await press(pilot, "tab", "tab", "tab", "tab", "ctrl+u")
        await type_text(pilot, "2.5")
        await press(pilot, "ctrl+w", "down", "delete")
        await until_text(pilot, "удалится")
        await press(pilot, "f5")
        await until_text(pilot, "сохранён")
    now = card(1).services
    assert [s["code"] for s in now] == [before[0]["code"], "B01.001.001"]
    assert now[0]["quantity"] == 250 and now[1]["quantity"] == 100
    assert now[1]["date_in"] == "2021-04-05"


async def test_bad_quantity_is_said_beside_the_field(front, keys):
    async with shown(front, opened(1)) as (app, pilot):
        await press(pilot, "ctrl+right", "enter")
        await until_text(pilot, "Количество")
        await press(pilot, "tab", "tab", "tab", "tab", "ctrl+u")
        await type_text(pilot, "много")
        await press(pilot, "ctrl+w")
        assert "нужно число" in text_of(app)


async def test_new_case(front):
    async with shown(front, lambda s: CaseScreen(s)) as (app, pilot):
        assert "новый, ещё не сохранён" in text_of(app)
        await press(pilot, "ctrl+w")
        await until_text(pilot, "номер карты")
        await press(pilot, "enter")
        for name, text in (
            ("patient.surname", "Сидоров"),
            ("case.nhistory", "77"),
            ("case.date_in", "01.04.2021"),
            ("case.date_out", "02.04.2021"),
            ("case.purpose", "1.0"),
        ):
            await retype(app, pilot, name, text)
        await press(pilot, "ctrl+w")
        await until_text(pilot, "создан")
        assert "H3|760001|77|2021-04-01" in text_of(app)
    assert card(1).patient["surname"] == "Сидоров"


async def test_copy_keeps_the_patient_and_takes_the_services(front, keys):
    async with shown(front, lambda s: CaseScreen(s, copy_of=1)) as (app, pilot):
        assert "копия, ещё не сохранена" in text_of(app)
        await retype(app, pilot, "case.nhistory", "88")
        await press(pilot, "ctrl+w")
        await until_text(pilot, "создан")
        made = app.screen.case_id
    assert card(made).case["patient_id"] == card(1).case["patient_id"]
    assert [s["code"] for s in card(made).services] == [s["code"] for s in card(1).services]


async def test_sent_case_is_not_deleted_and_says_why(front, keys):
    async with shown(front, opened(1)) as (_app, pilot):
        await press(pilot, "f9")
        await type_text(pilot, "удалить случай")
        await press(pilot, "enter")
        await until_text(pilot, "уже выгруженных")


async def test_viewer_is_told_why_he_cannot_save(front, keys):
    from omstui.domain.model import Role

    front.core.operator = front.core.operator.__class__("x", "x", Role.VIEWER, ())
    async with shown(front, opened(1)) as (app, pilot):
        await press(pilot, "f5")
        assert "ваша роль" in text_of(app)


async def test_name_of_a_code_stands_beside_it_as_it_was_on_the_day_of_the_case(front, keys):
    names = ["book", "code", "begin_date", "end_date", "name"]
    rows = [
        ("V021", "76", "", "2020-12-31", "прежнее название"),
        ("V021", "76", "2021-01-01", "2021-12-31", "Терапия"),
        ("V021", "76", "2022-01-01", "", "позднейшее"),
        ("V021", "49", "2011-01-01", "", "Педиатрия [/b]"),
    ]
    with db.connection(), db.write():
        db.executemany(db.insert_sql("nsi", names), rows)
        db.execute("UPDATE cases SET specialty='76', date_out='2021-04-05', doctor='112-233-445 95'")
        db.execute(
            "INSERT INTO doctor(code, snils, surname, name) VALUES('T1', '11223344595', 'Белова', 'А.')"
        )
    async with shown(front, opened(1)) as (app, pilot):
        await go_to(app, pilot, "case.specialty")
        await until_text(pilot, "Терапия")
        assert "Белова А." in text_of(app), "врача узнают и по СНИЛС"
        await retype(app, pilot, "case.specialty", "49")
        assert "Педиатрия [/b]" in text_of(app) and "Терапия" not in text_of(app)
        await retype(app, pilot, "case.specialty", "4")
        assert "Педиатрия" not in text_of(app)
