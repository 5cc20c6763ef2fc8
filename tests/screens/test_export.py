"""«Выгрузка»: F2, F6 with its preview, withholdings in three states, «отправлен», sums, ledger."""

from __future__ import annotations

from pathlib import Path

import pytest

from omstui.domain.store import db, withholdings
from omstui.front import Front
from omstui.screens.export import ExportScreen
from omstui.screens.invoice_sums import InvoiceSumsScreen
from omstui.screens.ledger import LedgerScreen
from tests.domain import answerkit as kit
from tests.domain import month
from tests.screens.monthkit import (
    answered,
    golden,
    make_front,
    said,
    sent,
    shown,
    text_of,
    type_text,
    until_text,
)
from tests.ui.helpers import press


@pytest.fixture
def front(tmp_path: Path) -> Front:
    return make_front(tmp_path)


def held(front: Front) -> list[tuple[int | None, str]]:
    with db.connection():
        return [(e.total, e.notice_date) for e in withholdings.history("2021-04", month.payer_id("76001"))]


async def test_month_on_the_screen(front, tmp_path):
    answered(front, tmp_path)
    async with shown(front, ExportScreen) as (app, _):
        golden(app, "export")


async def test_f2_writes_the_package(front, tmp_path):
    month.add_month(4)
    async with shown(front, ExportScreen) as (app, pilot):
        assert "F2 — выгрузить" in text_of(app)
        await press(pilot, "f2")
        await until_text(pilot, "Куда записать")
        await press(pilot, "insert")
        await until_text(pilot, "Esc — закрыть")
        await press(pilot, "escape")
        await until_text(pilot, "4 на")
    assert list((tmp_path / "out").glob("*3X.7z"))


async def test_f6_shows_what_will_be_excluded_first(front, tmp_path):
    answered(front, tmp_path)
    async with shown(front, ExportScreen) as (app, pilot):
        await press(pilot, "f6")
        await until_text(pilot, "будет исключено 2 счёта")
        assert "не меняется" in said(app)
        await press(pilot, "enter")
        await until_text(pilot, "Куда записать")
        await press(pilot, "insert")
        await until_text(pilot, "Esc — закрыть")
        await press(pilot, "escape")
        await until_text(pilot, "17A.7z")
    assert list((tmp_path / "out").glob("*7A.7z"))
    with db.connection():
        assert db.scalar("SELECT accounts FROM package WHERE kind='7'") == 1


async def test_f6_says_no_and_changes_nothing(front, tmp_path):
    answered(front, tmp_path)
    async with shown(front, ExportScreen) as (_app, pilot):
        await press(pilot, "f6")
        await until_text(pilot, "будет исключено")
        await press(pilot, "escape")
        await press(pilot, "down", "f6")
        await until_text(pilot, "ещё не принят")
    assert not list((tmp_path / "out").glob("*7?.7z"))


async def test_f6_needs_a_package(front):
    async with shown(front, ExportScreen) as (app, pilot):
        await press(pilot, "f6")
        assert "сначала выгрузите реестры (F2)" in " ".join(text_of(app).split())


async def test_f6_of_a_test_package_is_refused_with_the_reason(front, tmp_path):
    sent(front, tmp_path, test=True)
    async with shown(front, ExportScreen) as (app, pilot):
        assert "тестовый цикл" in text_of(app)
        await press(pilot, "f6")
        assert "восстановите" in text_of(app)


async def test_withholding_has_three_states_and_a_history(front, tmp_path):
    answered(front, tmp_path)
    kit.reform(front.core, tmp_path / "out", "76001")
    async with shown(front, ExportScreen) as (app, pilot):
        assert "не внесено" in text_of(app)
        await press(pilot, "f4")
        await type_text(pilot, "100.50")
        await press(pilot, "enter")
        await type_text(pilot, "03.05.2021")
        await press(pilot, "ctrl+w")
        await until_text(pilot, "к оплате")
        assert held(front) == [(10050, "2021-05-03")]
        await press(pilot, "f4", "ctrl+u")
        await type_text(pilot, "0")
        await press(pilot, "ctrl+w")
        await until_text(pilot, "0.00")
        await press(pilot, "f4", "ctrl+u", "ctrl+w")
        await until_text(pilot, "не внесено")
        assert [total for total, _ in held(front)] == [None, 0, 10050]
        await press(pilot, "f3")
        await until_text(pilot, "Записей: 3.")


async def test_withholding_above_the_seven_is_refused(front, tmp_path):
    answered(front, tmp_path)
    kit.reform(front.core, tmp_path / "out", "76001")
    async with shown(front, ExportScreen) as (_app, pilot):
        await press(pilot, "f4")
        await type_text(pilot, "999999")
        await press(pilot, "ctrl+w")
        await until_text(pilot, "больше суммы файла 7")
    assert held(front) == []


async def test_sent_mark_and_back(front, tmp_path):
    sent(front, tmp_path)
    async with shown(front, ExportScreen) as (app, pilot):
        for answer, word in (("", "отправлен 04.05.21"), ("д", "не отмечен")):
            app.screen.action_key("menu")
            await pilot.pause()
            await type_text(pilot, "отправлен")
            await press(pilot, "enter")
            await until_text(pilot, "отметить или снять")
            await press(pilot, "enter")
            if answer:
                await until_text(pilot, "Снять отметку")
                await type_text(pilot, answer)
            await until_text(pilot, word)


async def test_invoice_sums_are_shown_and_saved(front, tmp_path):
    answered(front, tmp_path)
    kit.reform(front.core, tmp_path / "out", "76001")
    async with shown(front, InvoiceSumsScreen) as (app, pilot):
        assert "Суммы для счетов за апрель 2021" in text_of(app)
        await press(pilot, "f2")
        await until_text(pilot, "Куда сохранить")
        await press(pilot, "insert")
        await until_text(pilot, "всё равно?")
        await type_text(pilot, "д")
        await until_text(pilot, "к оплате 200.10")
    assert (tmp_path / "out" / "Суммы для счетов 2021-04.txt").is_file()


async def test_ledger_balances(front, tmp_path):
    answered(front, tmp_path)
    async with shown(front, LedgerScreen) as (app, pilot):
        golden(app, "ledger")
        with db.connection(), db.write():
            db.execute("UPDATE account SET total = total + 1 WHERE id = 1")
        app.screen.on_show_again()
        await until_text(pilot, "НЕ СХОДИТСЯ")
