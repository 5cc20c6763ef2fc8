"""A month by keys alone: F2, F5, F6, удержание, «2», correction, F8; what the files and the ledger say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from omstui.domain import ledger
from omstui.domain.store import db
from omstui.domain.verify import verify
from omstui.screens.answers import AnswersScreen
from omstui.screens.export import ExportScreen
from omstui.screens.rejections import RejectionsScreen
from tests.domain import answerkit as kit
from tests.domain import month
from tests.screens.monthkit import make_front, shown, type_text, until, until_text
from tests.ui.helpers import press


async def f9(pilot: Pilot[Any], text: str) -> None:
    await press(pilot, "f9")
    await type_text(pilot, text)
    await press(pilot, "enter")


async def finish(pilot: Pilot[Any]) -> None:
    """The operation ended: leave its log."""
    await until_text(pilot, "Esc — закрыть")
    await press(pilot, "escape")


async def accept(app: Any, pilot: Pilot[Any], front: Any) -> None:
    app.push_screen(AnswersScreen(front))
    await pilot.pause()
    await press(pilot, "f5")
    await until_text(pilot, "Файлы ответов")
    await press(pilot, "insert")
    await until_text(pilot, "Можно принять")
    await press(pilot, "f5")
    await finish(pilot)
    await until(pilot, lambda: isinstance(app.screen, AnswersScreen))
    await press(pilot, "escape")


@pytest.mark.slow
async def test_month_by_keys(tmp_path: Path) -> None:
    front = make_front(tmp_path)
    month.add_month(4)
    async with shown(front, ExportScreen) as (app, pilot):
        await press(pilot, "f2")
        await until_text(pilot, "Куда записать")
        await press(pilot, "insert")
        await finish(pilot)
        with db.connection():
            package = db.scalar("SELECT id FROM package")
        keys = kit.keys(package)
        inbox = tmp_path / "in"
        kit.answer(inbox, "1A", [kit.refused(keys["A"][0], code="P0"), kit.Told(keys["A"][1])])
        kit.answer(inbox, "1B", [kit.Told(key) for key in keys["B"]])
        await accept(app, pilot, front)
        await f9(pilot, "переформировать все")
        await until_text(pilot, "Сделать файлы «7»: 2?")
        await press(pilot, "enter")
        await until_text(pilot, "Куда записать")
        await press(pilot, "insert")
        await finish(pilot)
        await press(pilot, "f4")
        await type_text(pilot, "0.50")
        await press(pilot, "ctrl+w")
        await until_text(pilot, "0.50, к оплате")
        kit.answer(inbox, "2A", [kit.Told(keys["A"][1])])
        kit.answer(inbox, "2B", [kit.refused(keys["B"][0], kit.MES), kit.Told(keys["B"][1])])
        await accept(app, pilot, front)
        app.push_screen(RejectionsScreen(front))
        await until_text(pilot, "1 / 2")
        await press(pilot, "enter")
        await until(pilot, lambda: getattr(app.screen, "view", None))
        app.screen._form.go_to("policy.number")
        await press(pilot, "ctrl+u")
        await type_text(pilot, "7600000000000077")
        await press(pilot, "f5")
        await until_text(pilot, "сохранён")
        await press(pilot, "escape")
        await until_text(pilot, "исправлен")
        await press(pilot, "insert", "insert", "f8")
        await until_text(pilot, "Только исправленные: 1")
        await press(pilot, "down", "enter")
        await until_text(pilot, "возвращено счетов: 2")
    assert sorted(p.stem[-2:] for p in (tmp_path / "out").glob("*.7z")) == ["3X", "7A", "7B"]
    with db.connection():
        book = ledger.read("2021-04")
        assert book.balanced and book.payable == book.total("reformed").total - 50
        assert db.scalar("SELECT count(*) FROM resubmission WHERE undone_at IS NULL") == 2
        assert verify() == []
