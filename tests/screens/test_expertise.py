"""The expertise on the screens: results of a registry, findings of a case, criteria, forecast."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from omstui.app import OmsApp
from omstui.domain import expertise
from omstui.domain.criteria.catalog import all_params
from omstui.domain.model import Role
from omstui.domain.runner import current_user
from omstui.domain.store import config, db
from omstui.front import Front
from omstui.screens.case import CaseScreen
from omstui.screens.criteria import CriteriaScreen
from omstui.screens.criterion import CriterionScreen
from omstui.screens.desk import DeskScreen
from omstui.screens.forecast import ForecastScreen
from omstui.screens.registries import RegistriesScreen
from omstui.screens.registry import RegistryScreen
from omstui.screens.settings import SettingsScreen
from tests.domain import answerkit, checkkit, month
from tests.domain.checkkit import BAD_DAY, BAD_SNILS, NO_SURNAME
from tests.screens.monthkit import NOW, golden, said, shown, text_of, type_text, until, until_text
from tests.ui.helpers import press


@pytest.fixture
def front(tmp_path: Path) -> Front:
    core = checkkit.services(tmp_path, NO_SURNAME, BAD_SNILS, BAD_DAY, "05.009", login=current_user())
    core.now = lambda: NOW
    for name in ("out", "in"):
        (tmp_path / name).mkdir()
    memory = {f"folder.{name}": str(tmp_path / name) for name in ("out", "in", "log")}
    return Front(core, month.PERIOD, memory=memory)


@pytest.fixture
def checked(front: Front) -> Front:
    """Six cases: 1 without a surname and with a service out of its dates, 2, 5 without a surname, 3 СНИЛС."""
    month.add_month(6)
    checkkit.plant(1, NO_SURNAME, BAD_DAY)
    checkkit.plant(2, NO_SURNAME)
    checkkit.plant(3, BAD_SNILS)
    checkkit.plant(5, NO_SURNAME)
    check(front)
    return front


def check(front: Front) -> None:
    checkkit.check(front.core)
    with db.connection(), db.write():
        db.execute("UPDATE check_result SET milliseconds=7")


def registry(number: int = 1, tab: str = "review") -> Callable[[Any], RegistryScreen]:
    return lambda services: RegistryScreen(services, number, tab=tab)


def found(case_id: int) -> list[str]:
    with db.connection():
        return [row.code for row in expertise.findings_of(case_id)]


async def choose(pilot: Any, letters: str) -> None:
    await press(pilot, "f9")
    await type_text(pilot, letters)
    await press(pilot, "enter")


# --- results of a registry -----------------------------------------------------------------------


async def test_results_lead_to_cases_and_to_what_is_wrong_in_them(checked: Front) -> None:
    async with shown(checked, registry()) as (app, pilot):
        await until_text(pilot, "1 / 4")
        golden(app, "expertise_review")
        await press(pilot, *["right"] * 7)
        assert "00:00:00.007" in said(app)
        await press(pilot, "home", "enter")
        await until_text(pilot, "1 / 3")
        golden(app, "expertise_findings")
        await press(pilot, "enter")
        await until_text(pilot, "всего замечаний")
        golden(app, "expertise_case")
        await press(pilot, "ctrl+left")
        golden(app, "expertise_case_findings")


async def test_a_finding_on_a_service_opens_the_services(checked: Front) -> None:
    async with shown(checked, registry()) as (app, pilot):
        await until_text(pilot, "1 / 4")
        await press(pilot, "end", "up", "enter")
        await until_text(pilot, "1 / 1")
        await press(pilot, "enter")
        await until_text(pilot, "Услуга: 08.001")
        golden(app, "expertise_case_services")
        await press(pilot, "up")
        assert "Экспертиза (всего замечаний: 2)" in said(app), "the first service has none of its own"


async def test_a_criterion_that_was_not_evaluated_is_last_and_tells_why(checked: Front) -> None:
    async with shown(checked, registry()) as (app, pilot):
        await until_text(pilot, "1 / 4")
        await press(pilot, "end")
        assert "Нет справочника «Диагнозы вне программы ОМС»." in said(app)
        await press(pilot, "enter")
        assert isinstance(app.screen, RegistryScreen), "it has no cases"
        await press(pilot, "f3")
        await until_text(pilot, "— не загружен")


async def test_types_of_expertise_follow_each_other(checked: Front) -> None:
    async with shown(checked, registry()) as (app, pilot):
        await until_text(pilot, "1 / 4")
        for title in ("стадия 1", "стадия 2", "экспертиза"):
            await press(pilot, "f5")
            await until_text(pilot, f"Тип экспертизы: {title}")
        assert "Случаев с замечаниями: 4 из 6" in said(app)


async def test_a_result_older_than_the_forming_says_so(checked: Front) -> None:
    with db.connection(), db.write():
        db.execute("UPDATE registry SET formed_at='2021-05-04 11:00:00'")
    async with shown(checked, registry()) as (_app, pilot):
        await until_text(pilot, "переформирован после экспертизы: проведите её заново")
    async with shown(checked, RegistriesScreen) as (_, pilot):
        await press(pilot, *["right"] * 4)
        await until_text(pilot, "4?")


async def test_a_registry_never_checked_says_what_to_do(front: Front) -> None:
    month.add_month(2)
    async with shown(front, registry()) as (app, pilot):
        await until_text(pilot, "не проводилась: «Операции» — «Провести экспертизу»")
        assert "Нет результата" in said(app)


async def test_the_operation_runs_in_the_panel_and_the_tab_shows_its_result(front: Front) -> None:
    month.add_month(2)
    checkkit.plant(1, NO_SURNAME)
    async with shown(front, registry(tab="operations")) as (app, pilot):
        await press(pilot, "home", "down")
        assert app.screen._choices[1].id == "check"
        await press(pilot, "f5")
        await until_text(pilot, "Случаев с замечаниями - 1 на сумму 200.02", 60)
        await until(pilot, lambda: not app.screen._panel.is_running)
        await press(pilot, "ctrl+right")
        await until_text(pilot, "Случаев с замечаниями: 1 из 2 на сумму 200,02 руб.")


async def test_marked_registries_are_checked_from_the_list(front: Front) -> None:
    month.add_month(2)
    month.add_month(2, kind="dental", start=11)
    async with shown(front, RegistriesScreen) as (_, pilot):
        await until_text(pilot, "1 / 2")
        await press(pilot, "insert")
        await choose(pilot, "провести")
        await until_text(pilot, "Всего случаев - 2 на сумму", 60)
    with db.connection():
        rows = db.execute("SELECT kind FROM registry WHERE checked_at IS NOT NULL").fetchall()
    assert [row[0] for row in rows] == ["outpatient"]


# --- the case ------------------------------------------------------------------------------------


async def test_a_mended_case_loses_its_finding_and_the_next_one_opens(checked: Front) -> None:
    def make(services: Any) -> CaseScreen:
        return CaseScreen(services, 1, finding=(1, NO_SURNAME))

    async with shown(checked, make) as (app, pilot):
        await until_text(pilot, "! 01.001")
        await type_text(pilot, "Петров")
        await press(pilot, "ctrl+w")
        await until(pilot, lambda: found(1) == [BAD_DAY])
        await until_text(pilot, "сохранён")
        assert "! 01.001" not in text_of(app)
        await choose(pilot, "следующий случай")
        await until(pilot, lambda: app.screen.case_id == 2)
        await until_text(pilot, "! 01.001")
        await choose(pilot, "следующий случай")
        await until(pilot, lambda: app.screen.case_id == 5)
        await choose(pilot, "следующий случай")
        await until_text(pilot, "Дальше случаев с замечанием 01.001 нет.")
        await choose(pilot, "предыдущий случай")
        await until(pilot, lambda: app.screen.case_id == 2)


async def test_a_changed_case_is_not_left_without_a_question(checked: Front) -> None:
    async with shown(checked, lambda s: CaseScreen(s, 2)) as (app, pilot):
        await until_text(pilot, "! 01.001")
        await type_text(pilot, "П")
        await choose(pilot, "следующий случай")
        await until_text(pilot, "Д — да")
        await press(pilot, "н")
        assert app.screen.case_id == 2


async def test_a_clean_case_has_nowhere_to_go_on(checked: Front) -> None:
    async with shown(checked, lambda s: CaseScreen(s, 4)) as (app, pilot):
        await until_text(pilot, "H3|760001|S00000004")
        await press(pilot, "ctrl+left")
        await until_text(pilot, "Замечаний и отказов нет")
        app.screen.action_key("next_found")
        await pilot.pause()
        assert "замечаний экспертизы у случая нет" in said(app)


# --- criteria ------------------------------------------------------------------------------------


async def test_criteria_are_switched_graded_and_documented(checked: Front) -> None:
    async with shown(checked, CriteriaScreen) as (app, pilot):
        await until_text(pilot, "включено 4 из 209")
        golden(app, "criteria")
        await press(pilot, "f4")
        await until_text(pilot, "включено 3 из 209")
        await press(pilot, "down", "f4")
        await until_text(pilot, "включено 4 из 209")
        await press(pilot, "f5")
        await until(pilot, lambda: checked.settings.criteria.severity == {"01.002": "warning"})
        await press(pilot, "f3")
        await until_text(pilot, "Важность: предупреждение. Критерий включён.")
        await press(pilot, "escape", "f7")
        await type_text(pilot, "СНИЛС")
        await press(pilot, "enter")
        await until_text(pilot, "Отбор: СНИЛС")
        assert "01.002" not in said(app) and BAD_SNILS in said(app)
        await press(pilot, "ctrl+right")
        assert "Отбор:" not in said(app), "each list has a search of its own"
    assert NO_SURNAME in checked.settings.criteria.off
    assert "01.002" not in checked.settings.criteria.off


async def test_card_of_a_criterion(checked: Front) -> None:
    async with shown(checked, lambda s: CriterionScreen(s, "05.009")) as (app, _):
        golden(app, "criterion")


async def test_parameters_are_changed_and_given_back(checked: Front) -> None:
    async with shown(checked, CriteriaScreen) as (app, pilot):
        await press(pilot, "ctrl+right")
        golden(app, "criteria_params")
        place = next(n for n, p in enumerate(all_params().values()) if p.default == ("3.0", "3.1"))
        await press(pilot, *["down"] * place, "f4")
        await until_text(pilot, "Параметр экспертизы")
        await press(pilot, "ctrl+u")
        await type_text(pilot, "3.1")
        await press(pilot, "ctrl+w")
        await until(pilot, lambda: list(checked.settings.criteria.params.values()) == ["3.1"])
        await press(pilot, "delete")
        await until(pilot, lambda: not checked.settings.criteria.params)


async def test_a_wrong_value_of_a_parameter_is_told_and_not_saved(checked: Front) -> None:
    async with shown(checked, CriteriaScreen) as (app, pilot):
        await press(pilot, "ctrl+right")
        names = app.screen._names
        await press(pilot, *["down"] * names.index("therapist_age"), "f4")
        await press(pilot, "ctrl+u")
        await type_text(pilot, "много")
        await press(pilot, "ctrl+w")
        await until_text(pilot, "нужно целое число, а не «много»")
        assert "Параметр экспертизы" in said(app), "the form is open: nothing typed is lost"
    assert not checked.settings.criteria.params


async def test_own_criteria_come_from_a_file(checked: Front, tmp_path: Path) -> None:
    text = '[[criteria]]\ncode="95.001"\ntitle="Свой критерий"\ncondition="c.department = \'\'"\n'
    (tmp_path / "in" / "свои.toml").write_text(text, encoding="utf-8")
    async with shown(checked, CriteriaScreen) as (_app, pilot):
        await choose(pilot, "свои критерии")
        await until_text(pilot, "свои.toml")
        await press(pilot, "down", "enter")
        await until_text(pilot, "Взять свои критерии из файла свои.toml: 95.001")
        await press(pilot, "д")
        await until_text(pilot, "включено 5 из 210")
        await press(pilot, "end", "f3")
        await until_text(pilot, "c.department = ''")
        await press(pilot, "escape")
        await choose(pilot, "убрать свои")
        await until_text(pilot, "Убрать свои критерии: 1?")
        await press(pilot, "д")
        await until_text(pilot, "включено 4 из 209")


async def test_the_silent_check_is_switched_off(checked: Front) -> None:
    async with shown(checked, CriteriaScreen) as (_app, pilot):
        await choose(pilot, "не проверять")
        await until(pilot, lambda: not checked.settings.criteria.check_on_save)


async def test_who_may_not_save_settings_is_told(checked: Front) -> None:
    with db.connection(), db.write():
        config.save_operator(current_user(), Role.VIEWER)
    checked.reload()
    async with shown(checked, CriteriaScreen) as (app, pilot):
        await until_text(pilot, "1 / 209")
        await press(pilot, "f4")
        assert "ваша роль — просмотр, нужна «" in said(app)
        assert checked.settings.criteria.off.count(NO_SURNAME) == 0


async def test_settings_lead_to_the_criteria(checked: Front) -> None:
    async with shown(checked, SettingsScreen) as (_, pilot):
        await choose(pilot, "критерии")
        await until_text(pilot, "включено 4 из 209")


# --- pictures ------------------------------------------------------------------------------------

_PICTURES: dict[str, tuple[Callable[[Any], Any], str]] = {
    "review": (registry(), "1 / 4"),
    "case": (lambda services: CaseScreen(services, 1, finding=(1, NO_SURNAME)), "всего замечаний"),
    "services": (lambda services: CaseScreen(services, 1, finding=(1, BAD_DAY)), "Услуга: 08.001"),
    "criteria": (CriteriaScreen, "включено 4 из 209"),
}


@pytest.mark.parametrize("name", _PICTURES)
def test_picture(name: str, checked: Front, snap_compare: Any) -> None:
    make, text = _PICTURES[name]
    checked.core.operator = replace(checked.core.operator, login="tester", name="tester")

    async def ready(pilot: Any) -> None:
        await until_text(pilot, text)

    app = OmsApp(checked, {"first": make}, "first")
    assert snap_compare(app, terminal_size=(80, 24), run_before=ready)


# --- forecast, desk ------------------------------------------------------------------------------


async def test_forecast_before_and_after_the_answer(checked: Front, tmp_path: Path) -> None:
    async with shown(checked, registry()) as (app, pilot):
        await until_text(pilot, "1 / 4")
        await choose(pilot, "прогноз")
        await until_text(pilot, "Под угрозой по МЭК")
        golden(app, "forecast_before")
        checked.period = "2021-03"
        app.screen.on_show_again()  # Ctrl+P: the registry it was opened from is not of this month
        await until_text(pilot, "Сформированных и не выгруженных реестров за месяц нет.")
        assert "один реестр" not in said(app)
        checked.period = month.PERIOD
    outcome = checked.core.run("export", period=month.PERIOD, out=str(tmp_path / "out"))
    assert outcome.kind == "ok", outcome.message
    keys = answerkit.keys(1)["A"]
    mes = '<an_mess><an_mes an_mes="1.4.3" mkb="J20.9"/></an_mess>'
    told = [answerkit.refused(keys[0], mes, code="P0"), *map(answerkit.Told, keys[1:])]
    answerkit.accept(checked.core, answerkit.answer(tmp_path / "in", "1A", told))
    async with shown(checked, ForecastScreen) as (app, pilot):
        await until_text(pilot, "Отказано счетов: 1, из них предвидели: 1 (100 %).")
        golden(app, "forecast_after")
        await press(pilot, "ctrl+w")
        await until_text(pilot, "Куда сохранить прогноз")


async def test_the_step_of_the_month_leads_to_the_results(front: Front) -> None:
    month.add_month(2)
    async with shown(front, DeskScreen) as (app, pilot):
        await until_text(pilot, "Экспертиза: не проверено реестров 1")
        check(front)
        app.screen.on_show_again()
        await until_text(pilot, "+Экспертиза + 04.05")
        place = [step.id for step in app.screen._board.steps].index("check")
        await press(pilot, *["down"] * place, "enter")
        await until_text(pilot, "Тип экспертизы: экспертиза")


async def test_several_registries_are_offered(front: Front) -> None:
    month.add_month(2)
    month.add_month(2, kind="dental", start=11)
    checkkit.plant(1, NO_SURNAME)
    check(front)
    with db.connection(), db.write():
        db.execute("UPDATE registry SET checked_at=NULL WHERE id=2")
    async with shown(front, DeskScreen) as (app, pilot):
        await until_text(pilot, "Экспертиза: не проверено реестров 1")
        place = [step.id for step in app.screen._board.steps].index("check")
        await press(pilot, *["down"] * place, "enter")
        await until_text(pilot, "поликлиника: 1 с замечаниями")
        assert "стоматология: не проводилась" in said(app)
        await type_text(pilot, "провести")
        await press(pilot, "enter")
        await until_text(pilot, "Всего случаев - 4 на сумму", 60)
