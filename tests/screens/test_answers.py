"""«Приём»: preview before accepting, protocols, refusals of files with their reasons."""

from __future__ import annotations

from pathlib import Path

import pytest

from omstui.domain.store import db
from omstui.front import Front
from omstui.screens.answers import AnswersScreen
from tests.domain import answerkit as kit
from tests.screens.monthkit import answered, golden, make_front, sent, shown, text_of, until, until_text
from tests.ui.helpers import press


@pytest.fixture
def front(tmp_path: Path) -> Front:
    return make_front(tmp_path)


def accepted() -> int:
    with db.connection():
        return int(db.scalar("SELECT count(*) FROM answer"))


async def test_accept_a_folder_after_a_preview(front, tmp_path):
    keys = sent(front, tmp_path)
    kit.answer(tmp_path / "in", "1A", [kit.refused(keys["A"][0]), *map(kit.Told, keys["A"][1:])])
    kit.answer(tmp_path / "in", "1B", [kit.Told("76000000-9999-99FF-FFFF-FFFFFFFFFFFF")])
    async with shown(front, AnswersScreen) as (app, pilot):
        assert "Ответов ещё нет" in text_of(app)
        await press(pilot, "f5")
        await until_text(pilot, "Файлы ответов")
        await press(pilot, "insert")
        await until_text(pilot, "Можно принять файлов: 1")
        golden(app, "accept")
        assert accepted() == 0
        await press(pilot, "down", "enter")
        await until_text(pilot, "Enter — продолжить")
        assert "76000000-9999" in text_of(app)
        await press(pilot, "enter", "f5")
        await until_text(pilot, "Esc — закрыть")
        await press(pilot, "escape")
        await until_text(pilot, "01210411A.7z")
    assert accepted() == 1


async def test_esc_in_the_preview_accepts_nothing(front, tmp_path):
    keys = sent(front, tmp_path)
    kit.answer(tmp_path / "in", "1A", [kit.Told(key) for key in keys["A"]])
    async with shown(front, AnswersScreen) as (app, pilot):
        await press(pilot, "f5")
        await until_text(pilot, "Файлы ответов")
        await press(pilot, "insert")
        await until_text(pilot, "Можно принять")
        await press(pilot, "escape")
        await until(pilot, lambda: isinstance(app.screen, AnswersScreen))
    assert accepted() == 0


async def test_folder_without_answers_says_so(front, tmp_path):
    sent(front, tmp_path)
    async with shown(front, AnswersScreen) as (app, pilot):
        await press(pilot, "f5")
        await until_text(pilot, "Файлы ответов")
        await press(pilot, "insert")
        await until_text(pilot, "Нет файлов ответов")
        await press(pilot, "enter")
        await until(pilot, lambda: isinstance(app.screen, AnswersScreen))


async def test_nothing_acceptable_says_why(front, tmp_path):
    sent(front, tmp_path)
    kit.answer(tmp_path / "in", "1A", [kit.Told("76000000-9999-99FF-FFFF-FFFFFFFFFFFF")])
    async with shown(front, AnswersScreen) as (app, pilot):
        await press(pilot, "f5")
        await until_text(pilot, "Файлы ответов")
        await press(pilot, "insert")
        await until_text(pilot, "76000000-9999")
        await press(pilot, "f5")
        assert "ни один файл принять нельзя" in text_of(app)


async def test_protocol_again_and_refusals_of_the_file(front, tmp_path):
    answered(front, tmp_path)
    async with shown(front, AnswersScreen) as (app, pilot):
        golden(app, "answers")
        await press(pilot, "enter")
        await until_text(pilot, "Результат импорта")
        await press(pilot, "f4")
        await until_text(pilot, "один файл")
        assert "Петров[/b]" in text_of(app)


async def test_empty_list_says_why_there_is_no_protocol(front):
    async with shown(front, AnswersScreen) as (app, pilot):
        await press(pilot, "f3")
        assert "в списке нет файлов" in text_of(app)
