"""«Анализ МЭСов»: list, summary by codes, filter, run by F5, export to a file, what F2 asks."""

from __future__ import annotations

from pathlib import Path

import pytest

from omstui.domain.store import db
from omstui.front import Front
from omstui.screens.case import CaseScreen
from omstui.screens.mes import MesScreen
from omstui.screens.registries import RegistriesScreen
from tests.domain import meskit as kit
from tests.screens.monthkit import golden, make_front, said, shown, text_of, until, until_text
from tests.ui.helpers import press


@pytest.fixture
def front(tmp_path: Path) -> Front:
    return make_front(tmp_path)


@pytest.fixture
def month(front: Front) -> Front:
    """A month with a dear КСГ, an outpatient in hospital and one without insurer; analysed."""
    with db.connection(), db.write():
        kit.books()
        stay = kit.ksg_case(bill=3000000, nhistory="S2104000001")
        kit.visit(kit.patient_of(stay), day="2021-04-05", nhistory="A2104000002")
        kit.visit(payer_id=None)
        db.execute("UPDATE patient SET surname='Петров[/b]' WHERE id=1")
    assert kit.form(front.core).kind == "ok"
    return front


def analysed(front: Front) -> None:
    outcome = front.run("mes", period=kit.APRIL)
    assert outcome.kind == "ok", outcome.message


async def test_list(month: Front) -> None:
    analysed(month)
    async with shown(month, MesScreen) as (app, pilot):
        await until_text(pilot, "Счетов 3")
        golden(app, "mes")


async def test_summary_by_codes(month: Front) -> None:
    analysed(month)
    async with shown(month, MesScreen) as (app, pilot):
        await until_text(pilot, "Счетов 3")
        await press(pilot, "ctrl+right")
        golden(app, "mes_codes")
        await press(pilot, *["down"] * 10)
        assert "не выполнялась: нет справочника" in text_of(app)
        await press(pilot, "f4")
        assert "Enter откроет замечания этой проверки" in said(app)
        await press(pilot, "down", "enter")
        await until_text(pilot, "апрель 2021 · M12")
        assert "M13" not in text_of(app)


async def test_enter_opens_the_case(month: Front) -> None:
    analysed(month)
    async with shown(month, MesScreen) as (app, pilot):
        await until_text(pilot, "M06")
        await press(pilot, "enter")
        await until(pilot, lambda: isinstance(app.screen, CaseScreen) and app.screen.view)


async def test_f5_runs_the_analysis(month: Front) -> None:
    async with shown(month, MesScreen) as (app, pilot):
        await until_text(pilot, "Анализ не проводился: F5")
        await press(pilot, "f5")
        await until_text(pilot, "Счетов всего: 3", 60)
        await until_text(pilot, "С ошибками: 2", 60)
        await press(pilot, "escape")
        await until_text(pilot, "с ошибками 2")
        assert "M06" in text_of(app)


async def test_lines_are_saved_for_a_table_program(month: Front, tmp_path: Path) -> None:
    analysed(month)
    async with shown(month, MesScreen, size=(80, 24)) as (_app, pilot):
        await until_text(pilot, "M06")
        await press(pilot, "f9", *"экспорт", "enter")
        await until_text(pilot, "Куда сохранить")
        await press(pilot, "insert")
        await until(pilot, lambda: list(tmp_path.rglob("анализ_мэсов_*.csv")))
    text = next(tmp_path.rglob("анализ_мэсов_*.csv")).read_text(encoding="utf-8-sig")
    head, first = text.splitlines()[:2]
    assert head.startswith("Код;Важность;Вид деятельности;№ счёта;№ карты;Пациент;МКБ;МЭС/КСГ;Услуга")
    assert first.startswith("M06;ошибка;стационар;;") and ";2789,09;" in first


async def test_marked_accounts_count_once(month: Front) -> None:
    analysed(month)
    async with shown(month, MesScreen) as (app, pilot):
        await until_text(pilot, "Счетов 3")
        await press(pilot, "insert")
        assert "отмечено 1 на 30 000,00" in text_of(app)


async def test_marked_registries_are_analysed_from_their_list(month: Front) -> None:
    async with shown(month, RegistriesScreen) as (_app, pilot):
        await until_text(pilot, "1 / 2")
        await press(pilot, "insert", "f9", *"анализ", "enter")
        await until_text(pilot, "Счетов всего: 1", 60)
        with db.connection():
            assert (
                db.scalar("SELECT group_concat(kind) FROM registry WHERE mes_at IS NOT NULL") == "inpatient"
            )
