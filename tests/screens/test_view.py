"""«Просмотр файла»: what it is, its refusals, by code; the database is not touched."""

from __future__ import annotations

from pathlib import Path

import pytest

from omstui.front import Front
from omstui.screens.view import ViewScreen
from tests.domain import answerkit as kit
from tests.domain import month
from tests.screens.monthkit import golden, make_front, sent, shown, text_of, type_text, until_text
from tests.ui.helpers import press


@pytest.fixture
def front(tmp_path: Path) -> Front:
    return make_front(tmp_path)


@pytest.fixture
def file(front: Front, tmp_path: Path) -> Path:
    keys = sent(front, tmp_path)
    told = [kit.refused(keys["A"][0], code="P0"), *map(kit.Told, keys["A"][1:])]
    return kit.answer(tmp_path / "in", "1A", told)


async def test_an_answer_before_it_is_accepted(front, file):
    before = month.dump()
    async with shown(front, lambda s: ViewScreen(s, file)) as (app, pilot):
        await until_text(pilot, "Прочитано 3")
        golden(app, "view")
        await press(pilot, "ctrl+right")
        assert "Иванов Пётр" in text_of(app)
        await press(pilot, "enter")
        await until_text(pilot, "Строка файла")
        await press(pilot, "enter", "ctrl+right", "enter")
        await until_text(pilot, "1 / 1")
        await press(pilot, "f7")
        await type_text(pilot, "никого")
        await press(pilot, "enter")
        await until_text(pilot, "0 / 0")
    assert month.dump() == before


async def test_asks_for_a_file_and_says_what_cannot_be_read(front, tmp_path):
    (tmp_path / "in" / "письмо.bin").write_bytes(b"\x00\x01\x02 not a file of the exchange")
    async with shown(front, ViewScreen) as (_app, pilot):
        await until_text(pilot, "Какой файл посмотреть")
        await type_text(pilot, "письмо")
        await press(pilot, "enter")
        await until_text(pilot, "не опознан")
