"""«Анализ»: list, codes, filter, card, F8 with its questions, undo, dropping, test registries."""

from __future__ import annotations

from pathlib import Path

import pytest

from omstui.domain.store import db
from omstui.front import Front
from omstui.screens.case import CaseScreen
from omstui.screens.case_history import CaseHistoryScreen
from omstui.screens.rejections import RejectionsScreen
from tests.domain import answerkit as kit
from tests.screens.monthkit import answered, golden, make_front, shown, text_of, type_text, until, until_text
from tests.ui.helpers import press


@pytest.fixture
def front(tmp_path: Path) -> Front:
    return make_front(tmp_path)


@pytest.fixture
def keys(front: Front, tmp_path: Path) -> list[str]:
    return answered(front, tmp_path)["A"]


def correct(*xkeys: str) -> None:
    with db.connection(), db.write():
        db.executemany("UPDATE account SET work='исправлен' WHERE xkey=?", [(key,) for key in xkeys])


def work(xkeys: list[str]) -> list[object]:
    return kit.column("work", xkeys)


async def menu(app, pilot, text: str) -> None:
    """Choose a line of F9 by its first letters."""
    await press(pilot, "f9")
    await type_text(pilot, text)
    await press(pilot, "enter")


async def test_list(front, keys):
    async with shown(front, RejectionsScreen) as (app, _):
        golden(app, "rejections")


async def test_an_account_marked_by_two_reasons_counts_once(front, keys):
    async with shown(front, RejectionsScreen) as (app, pilot):
        await press(pilot, "insert", "insert")
        assert "отмечено 2 на 200,02" in text_of(app)
        await press(pilot, "insert")
        assert "отмечено 3 на 400,08" in text_of(app)


async def test_typed_letters_find_the_patient_or_the_code(front, keys):
    async with shown(front, RejectionsScreen) as (app, pilot):
        await press(pilot, "и", "в", "а")
        assert "3 / 3 · поиск: ива" in text_of(app)
        await press(pilot, "home")
        await type_text(pilot, "5.1.4")
        assert "2 / 3 · поиск: 5.1.4" in text_of(app)
        await press(pilot, "home")
        await type_text(pilot, "пет пет")
        assert "1 / 3 · поиск: пет пет" in text_of(app)
        await type_text(pilot, "ы")
        assert "не найдено" in text_of(app)


async def test_plus_marks_a_group(front, keys):
    correct(keys[1])
    async with shown(front, RejectionsScreen) as (app, pilot):
        await press(pilot, "plus")
        await until_text(pilot, "Все строки списка")
        assert "МЭС 5.1.4 — 2" in text_of(app)
        await press(pilot, "down", "enter")
        await until_text(pilot, "отмечено 1 на 200,06")


async def test_codes_open_their_refusals(front, keys):
    async with shown(front, RejectionsScreen) as (app, pilot):
        await press(pilot, "ctrl+right")
        golden(app, "rejections_codes")
        await press(pilot, "f8")
        assert "Enter откроет отказы с этим кодом" in text_of(app)
        await press(pilot, "enter")
        await until_text(pilot, "1 / 2")
        assert "код 5.1.4" in text_of(app)


async def test_filter_and_search(front, keys):
    async with shown(front, RejectionsScreen) as (app, pilot):
        await press(pilot, "ctrl+f")
        await until_text(pilot, "Отбор отказов")
        await press(pilot, "tab", "tab", "tab", "п", "ctrl+w")
        await until_text(pilot, "вид паспорт")
        assert "Отказов нет" in text_of(app)
        await press(pilot, "ctrl+f")
        await until_text(pilot, "Отбор отказов")
        await press(pilot, "tab", "tab", "tab", "ctrl+u", "ctrl+w")
        await until_text(pilot, "1 / 3")
        await press(pilot, "f7")
        await type_text(pilot, "комментарий")
        await press(pilot, "enter")
        await until_text(pilot, "1 / 1")
        await menu(app, pilot, "снять отбор")
        await until_text(pilot, "1 / 3")


async def test_card_shows_both_sides(front, keys):
    async with shown(front, RejectionsScreen) as (app, pilot):
        await press(pilot, "f5")
        await until_text(pilot, "в регистре")
        golden(app, "rejection_card")


async def test_f8_sends_a_corrected_account_at_once(front, keys):
    correct(keys[1])
    async with shown(front, RejectionsScreen) as (_app, pilot):
        await press(pilot, "end", "f8")
        await until_text(pilot, "В реестр возвращено счетов: 1")
    assert work(keys) == ["новый", "в реестр", ""]


async def test_f8_asks_when_nothing_was_corrected(front, keys):
    async with shown(front, RejectionsScreen) as (app, pilot):
        await press(pilot, "f8")
        await until_text(pilot, "Отправить без изменений?")
        await press(pilot, "escape")
        assert work(keys) == ["новый", "новый", ""]
        await press(pilot, "f8")
        await until_text(pilot, "Отправить без изменений?")
        await type_text(pilot, "д")
        await until_text(pilot, "В реестр возвращено счетов: 1")
        assert work(keys) == ["в реестр", "новый", ""]
        await press(pilot, "f8")
        await until_text(pilot, "уже возвращён")
        await press(pilot, "enter")
        await menu(app, pilot, "отменить")
        await until_text(pilot, "Отменён возврат счетов: 1")
    assert work(keys) == ["новый", "новый", ""]


async def test_f8_of_marked_offers_the_corrected_only(front, keys):
    correct(keys[0])
    async with shown(front, RejectionsScreen) as (app, pilot):
        await press(pilot, "insert", "insert", "insert", "f8")
        await until_text(pilot, "Только исправленные: 1")
        await press(pilot, "enter")
        await until_text(pilot, "В реестр возвращено счетов: 1")
        assert "отмечено" not in text_of(app)
    assert work(keys) == ["в реестр", "новый", ""]


async def test_drop_and_take_back(front, keys):
    async with shown(front, RejectionsScreen) as (app, pilot):
        await press(pilot, "delete")
        await until_text(pilot, "Снять с работы")
        await type_text(pilot, "д")
        await until_text(pilot, "Снято с работы: счетов 1")
        assert work(keys)[0] == "снят"
        await menu(app, pilot, "вернуть")
        await until_text(pilot, "Возвращено в работу")
    assert work(keys)[0] == "новый"


async def test_f8_in_a_test_registry_says_why_not(front, tmp_path):
    keys = answered(front, tmp_path, test=True)["A"]
    async with shown(front, RejectionsScreen) as (app, pilot):
        await press(pilot, "f8")
        assert "реестр тестовый" in text_of(app)
        assert front.run("restore-tests", period="2021-04", yes=True).kind == "ok"
        app.screen.on_show_again()
        await until_text(pilot, "Отказов нет")
    assert work(keys) == ["", "", ""]


async def test_enter_opens_the_case_and_f3_its_path(front, keys):
    async with shown(front, RejectionsScreen) as (app, pilot):
        await press(pilot, "enter")
        await until(pilot, lambda: isinstance(app.screen, CaseScreen) and app.screen.view)
        await press(pilot, "escape", "f3")
        await until_text(pilot, "Состояние: отказан на стадии 1")
        assert isinstance(app.screen, CaseHistoryScreen)
        await press(pilot, "end")
        assert "отказан, стадия 1" in text_of(app)
