"""Журнал и Настройки."""

from __future__ import annotations

from pathlib import Path

from omstui.domain.store import config, db
from tests.screens.kit import choose, front, running, shown, until
from tests.ui.helpers import check_golden, grid, press


async def test_journal_shows_every_run_and_its_log(tmp_path: Path) -> None:
    async with running(front(tmp_path, worked=True), "journal") as (app, pilot):
        await until(pilot, "1 / 31")
        check_golden(app, "journal")
        await press(pilot, "end", "up", "f3")
        await until(pilot, "Лента операции")
        assert "Загружено файлов" in shown(app)
        await choose(pilot, "Сохранить")
        await until(pilot, "Текст для принтера")
        await press(pilot, "down", "enter")
        await until(pilot, "Куда сохранить")
        await press(pilot, "insert")
        await until(pilot, "Сохранено: ")
    assert next(tmp_path.glob("лента_*.txt")).read_text(encoding="utf-8").count("\n") > 3


async def test_journal_of_one_month(tmp_path: Path) -> None:
    async with running(front(tmp_path, worked=True), "journal") as (_, pilot):
        await press(pilot, "ctrl+p", "enter")
        await until(pilot, "май 2021")
        await until(pilot, "1 / 10")
        await choose(pilot, "Операции всех")
        await until(pilot, "1 / 31")


async def test_requisites_are_saved_with_history(tmp_path: Path) -> None:
    services = front(tmp_path)
    async with running(services, "settings") as (app, pilot):
        check_golden(app, "settings_mo")
        await press(pilot, *["down"] * 6, "ctrl+u", *"[/b]12", "ctrl+w")
        await until(pilot, "Настройки сохранены")
        await press(pilot, "ctrl+left")
        await until(pilot, "МО: Телефон")
        assert "[/b]12" in grid(app)[4]
    assert services.settings.mo.phone == "[/b]12"


async def test_wrong_value_is_shown_beside_its_field(tmp_path: Path) -> None:
    async with running(front(tmp_path), "settings") as (app, pilot):
        await press(pilot, *["ctrl+right"] * 4, "ctrl+u", *"x", "ctrl+w")
        assert "нужно целое число" in shown(app)


async def test_insurer_and_role_are_changed(tmp_path: Path) -> None:
    services = front(tmp_path)
    async with running(services, "settings") as (_, pilot):
        await press(pilot, *["ctrl+right"] * 6, "enter")
        await press(pilot, "down", "ctrl+u", *"СМО Новая", "ctrl+w")
        await until(pilot, "СМО Новая")
        await press(pilot, "ctrl+right", "f5", *"ivanov", "ctrl+w")
        await until(pilot, "ivanov")
    assert services.settings.insurers[0].name == "СМО Новая"
    with db.connection():
        assert {o.login: o.role.value for o in config.operators()}["ivanov"] == "operator"


async def test_only_a_senior_operator_saves(tmp_path: Path) -> None:
    services = front(tmp_path, login="looker")
    async with running(services, "settings") as (app, pilot):
        await press(pilot, *"x", "ctrl+w")
        assert "нужна «старший оператор»" in " ".join(shown(app).split())
        await press(pilot, *["down"] * 20, "enter")
        assert "Сохранить нельзя" in shown(app)
