"""Рабочий стол: the board, the month, the way to the steps, what runs or fell."""

from __future__ import annotations

import os
from pathlib import Path

from omstui.domain.store import db, journal
from omstui.front import make_front
from omstui.screens.cases import CasesScreen
from omstui.screens.desk import DeskScreen
from omstui.screens.registries import RegistriesScreen
from tests.screens.kit import choose, front, pick, running, shown, until
from tests.support import make_services
from tests.ui.helpers import check_golden, grid, press


async def test_board_of_a_worked_month_matches_golden(tmp_path: Path) -> None:
    services = front(tmp_path, worked=True)
    services.set_period("2021-04")
    async with running(services) as (app, pilot):
        await until(pilot, "Сверка:")
        check_golden(app, "desk_worked")


async def test_fresh_month_says_what_is_next(tmp_path: Path) -> None:
    async with running(front(tmp_path)) as (app, pilot):
        await until(pilot, "Дальше: Сформировать реестры")
        assert "апрель 2021" in grid(app)[1]
        assert any(line.startswith(" >Сформировать реестры") for line in grid(app))


async def test_arrows_change_the_month_and_it_is_remembered(tmp_path: Path) -> None:
    services = front(tmp_path, worked=True)
    services.set_period("2021-04")
    async with running(services) as (app, pilot):
        await press(pilot, "right")
        assert "май 2021" in grid(app)[1]
        await press(pilot, "left", "left")
        await until(pilot, "март 2021")
    assert services.memory["period"] == "2021-03"
    assert '"2021-03"' in (tmp_path / "screen.json").read_text(encoding="utf-8")


async def test_enter_goes_to_the_screen_of_the_step_and_esc_back(tmp_path: Path) -> None:
    async with running(front(tmp_path)) as (app, pilot):
        await press(pilot, "enter")
        assert isinstance(app.screen, RegistriesScreen)
        await press(pilot, "escape")
        assert isinstance(app.screen, DeskScreen)


async def test_any_screen_is_reached_from_the_menu_and_the_way_is_short(tmp_path: Path) -> None:
    async with running(front(tmp_path)) as (app, pilot):
        await press(pilot, "enter")
        await choose(pilot, "Перейти")
        await pick(pilot, "Журнал")
        await until(pilot, lambda: type(app.screen).__name__ == "JournalScreen")
        assert len(app.screen_stack) == 3
        await choose(pilot, "Перейти")
        await pick(pilot, "Рабочий")
        await until(pilot, lambda: isinstance(app.screen, DeskScreen))
        assert len(app.screen_stack) == 2


async def test_patients_are_found_over_all_months(tmp_path: Path) -> None:
    async with running(front(tmp_path)) as (app, pilot):
        await press(pilot, "f7", *"скобкин", "ctrl+w")
        assert isinstance(app.screen, CasesScreen)
        await until(pilot, "[/b]Скобкин")
        assert "все месяцы" in grid(app)[1]


async def test_fallen_operation_is_told_until_the_journal_is_seen(tmp_path: Path) -> None:
    services = front(tmp_path)
    with db.connection():
        run = journal.begin("form", "Переформировать", "{}", "ivanov", "2021-05-12 09:00:00", "2021-04", "")
        with db.write():
            db.execute("UPDATE run SET pid=999999999, pid_start='1' WHERE id=?", (run,))
    async with running(services) as (app, pilot):
        await until(pilot, "Прервано сбоем: «Переформировать» (ivanov, 12.05 09:00)")
        await press(pilot, "f3")
        await until(pilot, "сбой")
        await press(pilot, "escape")
        await until(pilot, "Дальше:")
        await until(pilot, lambda: "Прервано сбоем" not in shown(app))


async def test_operation_of_another_operator_is_shown_and_can_be_followed(tmp_path: Path) -> None:
    services = front(tmp_path)
    file = tmp_path / "omstui.db.runs" / "theirs.jsonl"
    file.parent.mkdir(exist_ok=True)
    file.write_text('{"event": "log", "text": "Идёт приём", "level": "info", "at": "09:00:01"}\n')
    with db.connection():
        at = "2021-05-12 09:00:00"
        journal.begin("accept", "Принять ответы", "{}", "petrova", at, "", str(file))
    async with running(services) as (app, pilot):
        await until(pilot, "Идёт: «Принять ответы» (petrova, с 09:00)")
        await choose(pilot, "Ход опер")
        await until(pilot, "Идёт приём")
        assert "Выполняется операция «Принять ответы (petrova, с 09:00)»" in shown(app)
        await press(pilot, "escape")
        await pick(pilot, "Прервать")
        await until(pilot, "Прервать операцию")
        await press(pilot, "д")
        await until(pilot, "Прерывается…")
        assert file.with_suffix(".cancel").exists()
        await press(pilot, "escape")
        await pick(pilot, "Свернуть")
        await until(pilot, lambda: isinstance(app.screen, DeskScreen))


async def test_operation_outlives_the_screen_and_is_found_at_the_next_start(tmp_path: Path) -> None:
    services = front(tmp_path)
    job = services.start("form", {"period": "2021-04"})
    assert os.getsid(job.process.pid) == job.process.pid  # its own session: no terminal to hang up
    job.process.wait()
    later = make_front(services.core, memory_path=services.memory_path)
    async with running(later) as (app, pilot):
        await until(pilot, "Пока экрана не было: «Переформировать» — готово.")
        await press(pilot, "f3", "enter")
        await until(pilot, "Лента операции")
        await press(pilot, "escape", "escape")
        await until(pilot, lambda: "Пока экрана не было" not in shown(app))


async def test_empty_database_says_to_load_cases_first(tmp_path: Path) -> None:
    core = make_services(tmp_path)
    async with running(make_front(core)) as (_, pilot):
        await until(pilot, "Дальше: Загрузить случаи месяца.")
        await press(pilot, "f7", *"никто", "ctrl+w")
        await until(pilot, "Нет записей")
