"""«Счета и платежи», «Платежи», the invoice on the screen, the month closed and opened again."""

from __future__ import annotations

import gc
import warnings
from datetime import datetime
from pathlib import Path

import pytest

from omstui.domain import payments
from omstui.domain.store import closing, db
from omstui.front import Front
from omstui.screens.desk import DeskScreen
from omstui.screens.export import ExportScreen
from omstui.screens.payment_list import PaymentListScreen
from omstui.screens.payments import PaymentsScreen
from tests.domain import invoicekit as kit
from tests.screens.monthkit import golden, make_front, said, shown, text_of, type_text, until_text
from tests.ui.helpers import press

MAY = datetime(2021, 5, 12, 10, 0)


@pytest.fixture
def front(tmp_path: Path) -> Front:
    made = make_front(tmp_path)
    made.core.now = lambda: MAY
    return made


def billed(front: Front, folder: Path) -> dict[str, list[str]]:
    keys = kit.reformed(front.core, folder)
    kit.ok(kit.issue(front.core, folder / "out"))
    return keys


async def test_invoices_and_what_came_of_them(front, tmp_path):
    keys = billed(front, tmp_path)
    kit.pay(front.core, "300.00", date="2021-05-12")
    kit.pay(front.core, "900.00", smo="76002", number="16", date="2021-05-12")
    kit.answered(front.core, tmp_path, keys, refused=1)
    async with shown(front, PaymentsScreen) as (app, pilot):
        golden(app, "payments")
        await press(pilot, "down")
        assert "Не разнесено платежей этой СМО: 499,80" in text_of(app)
        await press(pilot, "delete")  # told before a reason is asked for
        assert "на счёт отнесены платежи, сначала снимите их" in said(app)
        with warnings.catch_warnings(record=True) as left:
            warnings.simplefilter("always")
            for _ in range(3):  # the last reading overtakes the others and leaves nothing of them
                app.screen.on_show_again()
            await pilot.pause()
            gc.collect()
        assert not [str(one.message) for one in left if "never awaited" in str(one.message)]


async def test_invoices_are_issued_from_the_screen(front, tmp_path):
    kit.reformed(front.core, tmp_path)
    front.set_period("2021-05")  # the month looked at is another one: the row decides
    async with shown(front, PaymentsScreen) as (app, pilot):
        assert "не выставлен" in text_of(app)
        await press(pilot, "f4")
        assert "ещё не выставлен" in said(app)
        await press(pilot, "f2")
        await until_text(pilot, "Текст для принтера")
        await press(pilot, "down", "down", "enter")
        await until_text(pilot, "Куда записать счета за апрель 2021")
        await press(pilot, "insert")
        await until_text(pilot, "выставлено 2")
        await press(pilot, "enter")
        await until_text(pilot, "СЧЁТ НА ОПЛАТУ № 1")
        golden(app, "invoice")
    assert len(kit.issued()) == 2


async def test_payment_is_entered_and_spread_by_hand(front, tmp_path):
    billed(front, tmp_path)
    async with shown(front, PaymentsScreen) as (app, pilot):
        await press(pilot, "f5")
        await until_text(pilot, "Платёжное поручение")
        await press(pilot, "enter")
        await type_text(pilot, "77")
        await press(pilot, "enter", "enter")
        await type_text(pilot, "-5")
        await press(pilot, "ctrl+w")
        await until_text(pilot, "сумма должна быть больше нуля")
        await press(pilot, "ctrl+u")
        await type_text(pilot, "100.00")
        await press(pilot, "ctrl+w")
        await until_text(pilot, "внесён")
        await until_text(pilot, "300,16")
    async with shown(front, PaymentListScreen) as (app, pilot):
        golden(app, "payment_list")
        await press(pilot, "f4", "ctrl+u")
        await type_text(pilot, "150.00")
        await press(pilot, "ctrl+w")
        await until_text(pilot, "больше платежа")
        await press(pilot, "ctrl+u")
        await type_text(pilot, "-1")
        await press(pilot, "ctrl+w")
        await until_text(pilot, "меньше нуля разнести нельзя")
        await press(pilot, "ctrl+u")
        await type_text(pilot, "40.00")
        await press(pilot, "ctrl+w")
        await until_text(pilot, "не разнесено 60.00")
        await press(pilot, "delete")
        await until_text(pilot, "Со счетов снимется 40.00")
        await type_text(pilot, "д")
        await until_text(pilot, "удалён")
    with db.connection():
        assert payments.balances(front.profile)[0].received == 0


async def test_invoice_is_cancelled_with_a_reason(front, tmp_path):
    billed(front, tmp_path)
    async with shown(front, PaymentsScreen) as (app, pilot):
        await press(pilot, "delete")
        await until_text(pilot, "Причина отмены")
        await type_text(pilot, "ошибка")
        await press(pilot, "ctrl+w")
        await until_text(pilot, "Отменить: Счёт")
        await type_text(pilot, "д")
        await until_text(pilot, "отменён.")
        await press(pilot, "up")
        assert "Отменены: № 1 (12.05.21: ошибка)" in text_of(app)


async def test_export_screen_shows_the_invoice(front, tmp_path):
    billed(front, tmp_path)
    async with shown(front, ExportScreen) as (app, pilot):
        assert "счёт № 1 от 12.05.21" in text_of(app)
        kit.ok(front.core.run("withhold", period=kit.PERIOD, smo="76001", sum="1"))
        app.screen.on_show_again()
        await until_text(pilot, "счёт № ! 1 от 12.05.21")


async def test_month_is_closed_and_opened_on_the_desk(front, tmp_path):
    keys = billed(front, tmp_path)
    async with shown(front, DeskScreen) as (app, pilot):
        await menu(app, pilot, "закрыть")
        await until_text(pilot, "закрыть нельзя")
        assert "Принять ответы «2»" in said(app)
        await press(pilot, "escape")
        kit.answered(front.core, tmp_path, keys)
        await menu(app, pilot, "закрыть")
        await until_text(pilot, "Закрыть месяц апрель 2021?")
        await type_text(pilot, "д")
        await until_text(pilot, "· закрыт")
        assert "Дальше: Месяц апрель 2021 закрыт 12.05.2021" in text_of(app)
        await menu(app, pilot, "открыть")
        await until_text(pilot, "Причина")
        await type_text(pilot, "нашли")
        await press(pilot, "ctrl+w")
        await until_text(pilot, "Открыть месяц апрель 2021?")
        await type_text(pilot, "д")
    with db.connection():
        assert [r.reason for r in closing.history(kit.PERIOD)] == ["нашли"]


async def menu(app, pilot, words: str) -> None:
    app.screen.action_key("menu")
    await pilot.pause()
    await type_text(pilot, words)
    await press(pilot, "enter")
