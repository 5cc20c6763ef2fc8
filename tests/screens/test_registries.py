"""Реестры счетов, Создание реестра, Реестр: from the keys to the files."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.dom import NoScreen

from omstui.domain.store import db, journal, lists
from omstui.front import Front
from omstui.screens.registries import RegistriesScreen
from omstui.screens.registry import RegistryScreen
from tests.screens.kit import choose, front, running, shown, until
from tests.ui.helpers import check_golden, grid, press


def _registries(**where: object) -> list[tuple[object, ...]]:
    with db.connection():
        ids = lists.ids("registries", where)
        found = lists.rows("registries", ["kind", "status", "accounts", "test"], list(ids))
    return [found[i] for i in ids]


def _formed(services: Front, *, test: bool = False) -> Front:
    outcome = services.run("form", yes=True, period="2021-04", test=test)
    assert outcome.kind == "ok", outcome.message
    return services


async def test_month_is_formed_and_marked_registries_are_exported_by_keys(tmp_path: Path) -> None:
    services = front(tmp_path)
    async with running(services, "registries") as (app, pilot):
        assert "режим: основной" in grid(app)[1]
        await press(pilot, "f5", "enter", "ctrl+w")
        await until(pilot, "Сформировано реестров: 10, счетов 345")
        assert "Операция «Переформировать» завершена" in shown(app)
        await press(pilot, "escape")
        await until(pilot, "параклиника")
        await press(pilot, "insert", "insert")
        assert "отмечено 2 на 2 832 085,90" in shown(app)
        await press(pilot, "f2", "ctrl+w", "insert")
        await until(pilot, "«Анализ МЭСов» не проведён. Выгрузить без него?")
        await press(pilot, "д")
        await until(pilot, "Выгружено счетов 81")
        await press(pilot, "escape")
        await until(pilot, "Выгружен ")
        assert "отмечено" not in shown(app)
    assert [path.name for path in tmp_path.glob("*.7z")] == ["1027600099900760499001210413X.7z"]
    assert [row[1] for row in _registries(period="2021-04")].count("Выгружен") == 2


async def test_registries_of_the_month_match_golden(tmp_path: Path) -> None:
    services = _formed(front(tmp_path))
    with db.connection(), db.write():
        db.execute("UPDATE registry SET reform_reason='изменены случаи: 3' WHERE kind='dental'")
    async with running(services, "registries") as (app, pilot):
        await until(pilot, "1 / 10")
        check_golden(app, "registries")


async def test_second_export_asks_and_a_no_changes_nothing(tmp_path: Path) -> None:
    services = _formed(front(tmp_path))
    services.run("export", yes=True, period="2021-04", out=str(tmp_path))
    async with running(services, "registries") as (app, pilot):
        await press(pilot, "f2", "ctrl+w", "insert")
        await until(pilot, "Д — да")
        await press(pilot, "н")
        await until(pilot, lambda: isinstance(app.screen, RegistriesScreen))
        await press(pilot, "f2", "ctrl+w", "insert")
        await until(pilot, "Д — да")
        await press(pilot, "д")
        await until(pilot, "Esc — закрыть")
        assert "Выгружено счетов 338" in shown(app)


async def test_test_cycle_ends_with_restoring_all_test_registries(tmp_path: Path) -> None:
    services = _formed(front(tmp_path), test=True)
    async with running(services, "registries") as (app, pilot):
        await choose(pilot, "Режим")
        assert "режим: ТЕСТОВЫЙ" in grid(app)[1]
        await choose(pilot, "Восстановить")
        await until(pilot, "Восстановить все тестовые реестры за апрель 2021: 10 шт.?")
        await press(pilot, "д")
        await until(pilot, "Esc — закрыть")
        await press(pilot, "escape")
        await until(pilot, "Восстановлен ")
    assert services.memory["mode"] == "1"
    assert {row[1] for row in _registries()} == {"Восстановлен"}


async def test_registry_is_created_by_the_form_and_deleted(tmp_path: Path) -> None:
    async with running(front(tmp_path), "registries") as (app, pilot):
        await press(pilot, "f5", "down", "enter")
        await until(pilot, "Создание реестра счетов")
        check_golden(app, "registry_form")
        await press(pilot, *"[/b]", "ctrl+w")
        await until(pilot, lambda: isinstance(app.screen, RegistriesScreen))
        assert _registries() == [("inpatient", "Создан", 0, 0)]
        await until(pilot, "стационар")
        await press(pilot, "delete")
        await until(pilot, "Удалить реестры: 1?")
        assert "стационар, [/b]" in shown(app)
        await press(pilot, "д")
        await until(pilot, "Удалено реестров: 1.")
    assert _registries() == []


async def test_save_and_form_forms_at_once(tmp_path: Path) -> None:
    async with running(front(tmp_path), "registries") as (app, pilot):
        await press(pilot, "f5", "down", "enter")
        await press(pilot, "f5")
        await until(pilot, "Esc — закрыть")
        await press(pilot, "escape")
        await until(pilot, lambda: isinstance(app.screen, RegistriesScreen))
    assert _registries() == [("inpatient", "Сформирован", 60, 0)]


async def test_wrong_dates_are_refused_in_words(tmp_path: Path) -> None:
    async with running(front(tmp_path), "registries") as (_, pilot):
        await press(pilot, "f5", "down", "enter", "down", "down", "ctrl+u", *"01.01.2021", "ctrl+w")
        await until(pilot, "раньше даты начала")


@pytest.mark.parametrize("action", ["export", "main", "delete"])
async def test_viewer_is_told_why_not(tmp_path: Path, action: str) -> None:
    services = front(tmp_path, worked=True, login="looker")
    async with running(services, "registries") as (app, pilot):
        await until(pilot, "1 / ")
        await press(pilot, {"export": "f2", "main": "f5", "delete": "delete"}[action])
        assert "ваша роль — просмотр, нужна «оператор»" in " ".join(shown(app).split())


async def test_cases_are_loaded_from_a_folder(tmp_path: Path) -> None:
    from omstui.resources import data_dir

    services = front(tmp_path)
    services.memory["folder.in"] = str(data_dir() / "demo" / "2021-05")
    async with running(services, "registries") as (app, pilot):
        await choose(pilot, "Загрузить случаи")
        await press(pilot, "insert")
        await until(pilot, "изменений 68, отказано 0")
        await press(pilot, "escape")
        assert isinstance(app.screen, RegistriesScreen)


async def test_registry_is_found_by_the_russian_name_of_its_kind(tmp_path: Path) -> None:
    services = _formed(front(tmp_path))
    async with running(services, "registries") as (_, pilot):
        await until(pilot, "1 / 10")
        await press(pilot, *"стомат")
        await until(pilot, "4 / 10")


async def test_busy_database_says_who_does_what_since_when(tmp_path: Path) -> None:
    services = front(tmp_path)
    with db.connection():
        run = journal.begin("load", "Загрузить случаи", "{}", "petrova", "2021-05-12 09:00:00", "", "")
        journal.take_lock(run, "petrova", "Загрузить случаи", "2021-05-12 09:00:00")
    async with running(services, "registries") as (_, pilot):
        await press(pilot, "f5", "enter", "ctrl+w")
        await until(pilot, "Занято: petrova, «Загрузить случаи», с 2021-05-12 09:00:00")
    assert _registries() == []


async def test_killed_operation_is_told_and_changes_nothing(tmp_path: Path) -> None:
    services = front(tmp_path)
    async with running(services, "registries") as (app, pilot):
        await press(pilot, "f5", "enter", "ctrl+w")
        assert services.job is not None
        services.job.process.kill()
        await until(pilot, "Прервано сбоем")
        await press(pilot, "escape")
        await until(pilot, lambda: isinstance(app.screen, RegistriesScreen))
    assert _registries() == []


# --- one registry ----------------------------------------------------------------------------


async def _open(pilot: object, app: object) -> None:
    await until(pilot, "1 / 10")  # type: ignore[arg-type]
    await press(pilot, "down", "down", "enter")  # type: ignore[arg-type]
    await until(pilot, lambda: isinstance(app.screen, RegistryScreen))  # type: ignore[arg-type,attr-defined]


async def test_registry_runs_an_operation_in_its_panel(tmp_path: Path) -> None:
    services = _formed(front(tmp_path))
    async with running(services, "registries") as (app, pilot):
        await _open(pilot, app)
        await until(pilot, "Выберите операцию · лента последнего формирования")
        check_golden(app, "registry_operations")
        await press(pilot, "enter")
        await until(pilot, "Операция «Переформировать» завершена")
        assert "Реестр «поликлиника»: счетов 110" in shown(app)
        assert isinstance(app.screen, RegistryScreen)


async def test_program_closing_as_an_operation_ends_is_no_crash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = _formed(front(tmp_path))

    asked = []

    def gone(screen: RegistryScreen) -> None:
        asked.append(screen)
        raise NoScreen("node has no screen")

    async with running(services, "registries") as (app, pilot):
        await _open(pilot, app)
        monkeypatch.setattr(RegistryScreen, "on_show_again", gone)
        await press(pilot, "enter")
        await until(pilot, lambda: bool(asked))


async def test_dimmed_operation_says_why(tmp_path: Path) -> None:
    services = _formed(front(tmp_path))
    async with running(services, "registries") as (app, pilot):
        await _open(pilot, app)
        await press(pilot, "down", "down", "down", "enter")
        assert "сейчас нельзя: реестр не выгружен" in shown(app)


async def test_line_of_the_log_opens_its_cases_and_the_report_is_saved(tmp_path: Path) -> None:
    services = _formed(front(tmp_path))
    async with running(services, "registries") as (app, pilot):
        await _open(pilot, app)
        await press(pilot, "tab", "home", *["down"] * 2, "enter")
        await until(pilot, "Персональные счета")
        await press(pilot, "escape")
        await choose(pilot, "Свернуть")
        await press(pilot, "home")
        for _ in range(40):
            if "В реестр не попадут" in grid(app)[app.screen._panel.log_view._cursor + 4]:
                break
            await press(pilot, "down")
        await press(pilot, "enter")
        await until(pilot, "Отчет по амб.случаям, которые не попадают в отчетный период")
        await until(pilot, "Всего случаев" if "Всего случаев" in shown(app) else "Период: апрель 2021")
        await press(pilot, "ctrl+w", "end", "enter", "insert")
        await until(pilot, "Сохранено: ")
        await press(pilot, "escape", "f9")
        assert "Развернуть" in shown(app) and "Свернуть" not in shown(app)
        await press(pilot, "escape", "f5")  # what is not seen does not run
        assert app.screen._menu.display and not app.screen._panel.is_running
    saved = next(tmp_path.glob("отчет_по_амб_случаям_*.txt")).read_text(encoding="utf-8")
    assert "Не указан врач в ТАП" in saved


async def test_cases_of_the_registry_and_those_left_out(tmp_path: Path) -> None:
    services = _formed(front(tmp_path))
    async with running(services, "registries") as (app, pilot):
        await _open(pilot, app)
        await press(pilot, "ctrl+right", "ctrl+right")
        await until(pilot, "1 / 110")
        assert "[/b]Скобкин" in shown(app)
        await press(pilot, "f5")
        await until(pilot, "Не указан врач в ТАП")
        await press(pilot, "enter")
        await until(pilot, lambda: type(app.screen).__name__ == "CaseScreen")
        await press(pilot, "escape")
        await until(pilot, lambda: isinstance(app.screen, RegistryScreen))
        await press(pilot, "ctrl+f", *"врач", "enter")
        await until(pilot, "Отбор: врач")
        await press(pilot, "ctrl+right")
        await until(pilot, "Переформировать")
        await press(pilot, "enter")
        await until(pilot, "Лента операции")
        await press(pilot, "escape", "ctrl+right")
        assert "Вид деятельности:       поликлиника" in shown(app)


async def test_operation_folded_away_ends_with_a_notice(tmp_path: Path) -> None:
    services = front(tmp_path)
    async with running(services, "registries") as (app, pilot):
        await press(pilot, "f5", "enter", "ctrl+w")
        await choose(pilot, "Свернуть")
        await until(pilot, lambda: isinstance(app.screen, RegistriesScreen))
        await until(pilot, "Сформировано реестров: 10")
        await until(pilot, "параклиника")
    assert services.memory["job"] == ""
