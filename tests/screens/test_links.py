"""Every line of every log opens its cases; every screen of the table opens and explains itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from omstui.domain.store import db, lists
from omstui.screens.cases import _LISTS, LinkedListScreen
from omstui.screens.linked import open_link
from omstui.screens.table import SCREENS
from omstui.widgets.lazy_table import LazyTable
from omstui.widgets.text_view import TextView
from tests.screens.kit import front, running, shown, until
from tests.ui.helpers import press, settle


def _links() -> list[Mapping[str, Any]]:
    """One link of each shape (list and filters) that two worked months have left."""
    with db.connection():
        rows = db.execute("SELECT DISTINCT link FROM run_line WHERE link IS NOT NULL").fetchall()
    found: dict[tuple[str, ...], Mapping[str, Any]] = {}
    for (text,) in rows:
        link = json.loads(text)
        found.setdefault((link["list"], *sorted(link)), link)
    return list(found.values())


def test_every_filter_of_every_link_is_known(tmp_path: Path) -> None:
    front(tmp_path, worked=True)
    for link in _links():
        if link["list"] != "report":
            assert link["list"] in _LISTS or link["list"] == "mes"
            with db.connection():
                lists.ids(link["list"], {k: v for k, v in link.items() if k != "list"})


async def test_every_shape_of_link_opens_its_list(tmp_path: Path) -> None:
    services = front(tmp_path, worked=True)
    async with running(services, "journal") as (app, pilot):
        for link in _links():
            open_link(app, services, link)
            await settle(pilot)
            assert app.screen.query("LazyTable, TextView")
            await press(pilot, "escape")


def test_undecided_accounts_are_not_all_accounts(tmp_path: Path) -> None:
    front(tmp_path, worked=True)
    with db.connection():
        every = len(lists.ids("accounts", {"period": "2021-04"}))
        assert len(lists.ids("accounts", {"period": "2021-04", "stage1": 0})) < every


async def test_problems_of_a_loaded_file_are_listed_and_are_no_cases(tmp_path: Path) -> None:
    services = front(tmp_path, worked=True)
    with db.connection(), db.write():
        db.execute(
            "INSERT INTO load_problem(load_file_id, level, position, reason, case_key)"
            " VALUES(1, 'refused', 'ZAP 7', '[/b] нет L-записи', '')"
        )
    async with running(services, "journal") as (app, pilot):
        link = {"list": "load_problems", "file": 1, "level": "refused"}
        app.push_screen(LinkedListScreen(services, link))
        await until(pilot, "[/b] нет L-записи")
        await press(pilot, "f4")
        assert "запись не стала случаем" in " ".join(shown(app).split())


async def test_case_of_a_linked_row_opens(tmp_path: Path) -> None:
    services = front(tmp_path, worked=True)
    async with running(services, "journal") as (app, pilot):
        app.push_screen(LinkedListScreen(services, {"list": "refusals", "period": "2021-04"}))
        await until(pilot, "1 / ")
        await press(pilot, "f4")
        await until(pilot, lambda: type(app.screen).__name__ == "CaseScreen")


@pytest.mark.parametrize("name", sorted(SCREENS))
async def test_every_screen_of_the_table_opens_helps_and_closes(tmp_path: Path, name: str) -> None:
    async with running(front(tmp_path, worked=True), "desk") as (app, pilot):
        app.open_screen(name)
        await settle(pilot)
        if name == "view":
            return  # asks for a file first
        marks = any(table.marks_on for table in app.screen.query(LazyTable))
        await press(pilot, "f1")
        assert "Клавиши экрана" in shown(app)
        told = app.screen.query_one(TextView).lines
        assert any("отмечает строку" in line for line in told) is marks
        await press(pilot, "escape", "f9")
        assert "Меню экрана" in shown(app)
        await press(pilot, "escape", "down", "end", "escape")
