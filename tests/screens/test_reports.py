"""Отчёты: the list, the preview, saving; «Печать» of F9 on lists; the log as a document."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest

from omstui.domain.ops.report import file_name
from omstui.front import Front
from omstui.screens import printing
from omstui.screens.books import BooksScreen
from omstui.screens.case_history import CaseHistoryScreen
from omstui.screens.desk import DeskScreen
from omstui.screens.journal import JournalScreen
from omstui.screens.registries import RegistriesScreen
from omstui.screens.registry_whole import WholeRegistryScreen
from omstui.screens.report_view import ReportViewScreen
from omstui.screens.reports import ReportsScreen
from omstui.screens.table import SCREENS
from omstui.widgets.lazy_table import LazyTable
from omstui.widgets.sources import Column, MemorySource
from omstui.widgets.text_view import TextView
from tests.screens import test_mosobl
from tests.screens.monthkit import golden, make_front, said, sent, shown, type_text, until_text
from tests.ui.helpers import press


@pytest.fixture
def front(tmp_path: Path) -> Front:
    made = make_front(tmp_path)
    sent(made, tmp_path)
    for path in (tmp_path / "out").iterdir():
        path.unlink()
    return made


async def take_folder(pilot: Any) -> None:
    """The folder the window proposes."""
    await until_text(pilot, "Куда сохранить")
    await press(pilot, "insert")


async def test_list_matches_golden(front: Front) -> None:
    async with shown(front, ReportsScreen) as (app, _):
        golden(app, "reports")


async def test_preview_matches_golden(front: Front) -> None:
    async with shown(front, ReportsScreen) as (app, pilot):
        await press(pilot, "enter")
        await until_text(pilot, "По плательщикам")
        golden(app, "report_view")


async def test_preview_scrolls_both_ways_and_finds(front: Front) -> None:
    async with shown(front, ReportsScreen) as (app, pilot):
        await press(pilot, "enter")
        await until_text(pilot, "По плательщикам")
        view = app.screen.query_one(TextView)
        await press(pilot, "right", "right", "right")
        assert "По плательщикам" not in said(app)
        await press(pilot, "left", "left", "left", "pagedown")
        assert "СВОДКА" not in said(app)
        await press(pilot, "f7")
        await type_text(pilot, "сводка")
        await press(pilot, "enter")
        await until_text(pilot, "СВОДКА")
        assert view._found == 0
        await press(pilot, "ctrl+n")
        assert view._found == 0
        await press(pilot, "f7")
        await type_text(pilot, "ъъъ")
        await press(pilot, "enter")
        await until_text(pilot, "не найдено")


@pytest.mark.parametrize(("key", "suffix"), [("f2", "pdf"), ("f3", "xlsx"), ("f4", "csv"), ("f6", "txt")])
async def test_preview_is_saved_by_a_key(front: Front, tmp_path: Path, key: str, suffix: str) -> None:
    async with shown(front, ReportsScreen) as (_app, pilot):
        await press(pilot, "enter")
        await until_text(pilot, "По плательщикам")
        await press(pilot, key)
        await take_folder(pilot)
        await until_text(pilot, "Отчёт «Сводка месяца» сохранён")
    found = list((tmp_path / "out").iterdir())
    assert [path.suffix for path in found] == [f".{suffix}"]
    assert front.place(f"report.{suffix}") == str(tmp_path / "out")


async def test_desk_shows_the_month_with_its_chart(front: Front) -> None:
    async with shown(front, DeskScreen) as (_, pilot):
        await press(pilot, "f9")
        await type_text(pilot, "сводка")
        await press(pilot, "enter")
        await until_text(pilot, "СВОДКА МЕСЯЦА")
        await press(pilot, "pagedown")
        await until_text(pilot, "█ выставлено")


async def test_an_unknown_parameter_is_asked(front: Front) -> None:
    async with shown(front, ReportsScreen) as (app, pilot):
        await press(pilot, "down", "down", "enter")
        await until_text(pilot, "СМО")
        await press(pilot, "down", "space")
        await until_text(pilot, "1 / 2")  # the registries of the month are offered, no number is guessed
        await press(pilot, "escape", "escape")
        assert isinstance(app.screen, ReportsScreen)


async def test_a_long_report_is_shown_from_its_beginning(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("omstui.screens.report_view.SHOWN", 12)
    async with shown(front, ReportsScreen) as (_app, pilot):
        await press(pilot, "enter")
        await until_text(pilot, "Показано начало отчёта, строк: 12")


# --- «Печать» of a list ----------------------------------------------------------------------------


async def test_print_is_the_first_of_every_list(front: Front) -> None:
    for name, (_, make) in SCREENS.items():
        if name == "view":  # asks for a file before anything else
            continue
        async with shown(front, lambda services, make=make: make(services)) as (app, pilot):
            assert app.screen.query("LazyTable, TextView"), name
            await press(pilot, "f9")
            rows = app.screen.query_one(LazyTable)
            assert rows.row_cells is not None
            assert rows.row_cells[0] == "Печать того, что на экране", name


async def test_list_is_printed_as_it_stands(front: Front, tmp_path: Path) -> None:
    async with shown(front, RegistriesScreen) as (app, pilot):
        table = app.screen.query_one(LazyTable)
        table.load(search="поликлиника")
        await until_text(pilot, "Отбор: поликлиника")
        await press(pilot, "f9", "enter")
        await until_text(pilot, "Таблица XLSX")
        await press(pilot, "down", "enter")
        await take_folder(pilot)
        await until_text(pilot, "Сохранено")
        count = table.count
    path = next((tmp_path / "out").glob("*.xlsx"))
    rows = list(openpyxl.load_workbook(path).active.iter_rows(values_only=True))  # type: ignore[union-attr]
    assert any(str(row[0]).startswith("Отбор: поликлиника") for row in rows)
    head = next(n for n, row in enumerate(rows) if row[0] == "Вид деятельности")
    assert len(rows) - head - 1 == count == 1
    assert isinstance(rows[head + 1][3], int)


async def test_a_text_of_the_screen_is_printed_too(front: Front, tmp_path: Path) -> None:
    make = lambda services: CaseHistoryScreen(services, 1)  # noqa: E731
    async with shown(front, make) as (app, pilot):
        await until_text(pilot, "2021")
        await press(pilot, "f9", "enter")
        await until_text(pilot, "PDF для печати")
        await press(pilot, "end", "enter")
        await take_folder(pilot)
        await until_text(pilot, "Сохранено")
        key = app.screen.subject()  # type: ignore[attr-defined]
    path = next((tmp_path / "out").glob("*.txt"))
    assert "2021" in path.read_text(encoding="utf-8")
    assert path.stem == file_name(f"Путь случая {key}") != "Путь случая", "each case has a file of its own"


async def test_the_paper_names_the_tab_of_the_list(front: Front, tmp_path: Path) -> None:
    async with shown(front, BooksScreen) as (_, pilot):
        await until_text(pilot, "Местные")
        await press(pilot, "ctrl+right", "f9", "enter", "end", "enter")
        await take_folder(pilot)
        await until_text(pilot, "Сохранено")
    path = tmp_path / "out" / "Справочники «Местные».txt"
    assert "«Местные»" in path.read_text(encoding="utf-8").splitlines()[1]


async def test_same_name_is_asked_about(front: Front, tmp_path: Path) -> None:
    kept = tmp_path / "out" / "Реестры счетов.txt"
    kept.write_text("моё", encoding="utf-8")
    async with shown(front, RegistriesScreen) as (_, pilot):
        await press(pilot, "f9", "enter", "end", "enter")
        await take_folder(pilot)
        await until_text(pilot, "уже есть. Заменить?")
        await press(pilot, "escape")
    assert kept.read_text(encoding="utf-8") == "моё"


async def test_marked_rows_may_be_printed_alone(front: Front, tmp_path: Path) -> None:
    async with shown(front, RegistriesScreen) as (_, pilot):
        await press(pilot, "space", "f9", "enter")
        await until_text(pilot, "Отмеченные строки")
        await press(pilot, "enter", "end", "enter")
        await take_folder(pilot)
        await until_text(pilot, "Сохранено")
    text = next((tmp_path / "out").glob("*.txt")).read_text(encoding="utf-8")
    assert "Строк: 1" in text


async def test_trouble_of_the_disk_is_a_sentence(front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: Any, **options: Any) -> None:
        raise OSError(28, "no space")

    monkeypatch.setattr("omstui.formats.reports.text.write", full)
    async with shown(front, RegistriesScreen) as (_, pilot):
        await press(pilot, "f9", "enter", "end", "enter")
        await take_folder(pilot)
        await until_text(pilot, "кончилось место")


def test_what_looks_like_figures_goes_as_figures() -> None:
    columns = [
        Column("Имя", 10),
        Column("Сумма", 10, ">"),
        Column("Штук", 5, ">"),
        Column("Дата", 10),
        Column("Смесь", 5, ">"),
    ]
    source = MemorySource(
        columns, [("01.2", "1 186,00", "12 345", "05.04.2021", "1"), ("б", "-0,50", "", "", "нет")]
    )
    made = printing.document("Т", source, list(enumerate(columns)), [0, 1], [])
    table = made.blocks[0]
    assert [column.kind for column in table.columns] == ["text", "money", "count", "day", "text"]  # type: ignore[union-attr]
    assert [list(row) for row in table.rows] == [  # type: ignore[union-attr]
        ["01.2", 118600, 12345, "2021-04-05", "1"],
        ["б", -50, None, None, "нет"],
    ]


# --- the log, the second region --------------------------------------------------------------------


async def test_log_of_an_operation_is_saved_as_a_paper(front: Front, tmp_path: Path) -> None:
    front.run("sent", period="2021-04", smo=["76001"])
    async with shown(front, JournalScreen) as (_, pilot):
        await press(pilot, "enter", "f9")
        await until_text(pilot, "Сохранить ленту в файл")
        await type_text(pilot, "ленту")
        await press(pilot, "enter")
        await until_text(pilot, "PDF для печати")
        await press(pilot, "enter")
        await take_folder(pilot)
        await until_text(pilot, "Сохранено")
    path = next((tmp_path / "out").glob("лента_*.pdf"))
    assert path.read_bytes().startswith(b"%PDF")


async def test_reports_of_the_registry_of_manual_b(tmp_path: Path) -> None:
    front, registry = test_mosobl.make_front(tmp_path)
    make = lambda services: WholeRegistryScreen(services, registry, tab="reports")  # noqa: E731
    async with shown(front, make) as (app, pilot):
        await until_text(pilot, "Протокол формирования")
        await type_text(pilot, "протокол форм")
        await press(pilot, "enter")
        await until_text(pilot, "ПРОТОКОЛ ФОРМИРОВАНИЯ")
        assert isinstance(app.screen, ReportViewScreen)
