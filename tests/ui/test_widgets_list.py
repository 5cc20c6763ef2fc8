"""The list: paging, cursor, marks, search, columns."""

from __future__ import annotations

import threading
from array import array
from collections.abc import Mapping
from typing import Any

import pytest

from omstui.widgets.lazy_table import LazyTable
from omstui.widgets.list_rows import KEEP, PAGE, Pages, fit_columns
from omstui.widgets.sources import Column, MemorySource
from tests.ui.helpers import check_golden, grid, press, running, settle
from tests.ui.samples import ListScreen, Refusals


def make(source: Refusals) -> Any:
    return lambda services: ListScreen(services, source)


def table(app: Any) -> LazyTable:
    return app.screen.query_one(LazyTable)


async def test_list_at_80x24_matches_golden() -> None:
    async with running(make(Refusals(100))) as (app, pilot):
        await press(pilot, "down", "insert", "insert")
        check_golden(app, "list")


async def test_wide_terminal_shows_more_columns() -> None:
    async with running(make(Refusals(100)), size=(140, 30)) as (app, _):
        assert "Причина отказа" in grid(app)[2]


async def test_hundred_thousand_rows_read_few_pages() -> None:
    source = Refusals(100_000)
    async with running(make(source)) as (app, pilot):
        await press(pilot, "end")
        assert source.reads <= 4
        assert "100000 / 100000" in grid(app)[22]
        assert table(app).row_id == 100_000
        await press(pilot, "home", "pagedown")
        assert table(app).row_id == 20


async def test_marks_show_count_and_sum_of_them() -> None:
    async with running(make(Refusals(100))) as (app, pilot):
        await press(pilot, "insert", "insert", "space")
        assert table(app).marked == {1, 2, 3}
        assert "отмечено 3 на 7,50" in grid(app)[22]
        await press(pilot, "space")
        assert "отмечено 2 на 4,00" in grid(app)[22]


async def test_groups_of_marks_all_none_invert() -> None:
    async with running(make(Refusals(50))) as (app, pilot):
        await press(pilot, "plus")
        assert len(table(app).marked) == 50
        await press(pilot, "insert", "asterisk")
        assert table(app).marked == {1}
        await press(pilot, "minus")
        assert not table(app).marked


async def test_source_groups_are_offered_by_plus() -> None:
    source = Refusals(30)
    source.groups = lambda: [("С кодом 7", lambda: [7])]  # type: ignore[attr-defined]
    async with running(make(source)) as (app, pilot):
        await press(pilot, "plus", "down", "enter")
        assert table(app).marked == {7}


async def test_chosen_ids_are_marked_rows_in_order_or_the_row_itself() -> None:
    async with running(make(Refusals(30))) as (app, pilot):
        assert table(app).chosen_ids() == [1]
        await press(pilot, "end", "space", "home", "space")
        assert table(app).chosen_ids() == [1, 30]


async def test_typing_finds_the_next_row_in_either_layout() -> None:
    async with running(make(Refusals(100))) as (app, pilot):
        await press(pilot, *"сид")
        assert table(app).row_id == 2
        await press(pilot, "ctrl+n")
        assert table(app).row_id == 10
        await press(pilot, "escape", *"cv")  # «см» without switching the layout
        assert table(app).row_id == 12
        assert "поиск: см" in grid(app)[22]
        await press(pilot, "backspace")
        assert "поиск: с" in grid(app)[22]
        await press(pilot, "ы")
        assert "не найдено: сы" in grid(app)[22]
        await press(pilot, "down")
        assert "поиск" not in grid(app)[22]


async def test_space_belongs_to_the_search_once_something_is_typed() -> None:
    async with running(make(Refusals(2000))) as (app, pilot):
        await press(pilot, *"петрова", "space", "9")
        assert table(app).row_id == 9
        assert not table(app).marked


async def test_cursor_stays_on_its_row_after_reload_filter_and_sort() -> None:
    async with running(make(Refusals(100))) as (app, pilot):
        await press(pilot, *["down"] * 9)
        assert table(app).row_id == 10
        table(app).load(search="сидоров")
        await settle(pilot)
        assert (table(app).row_id, table(app).cursor) == (10, 1)
        table(app).load(search="", sort="sum")
        await settle(pilot)
        assert table(app).row_id == 10


async def test_rows_gone_from_the_data_are_shown_as_removed() -> None:
    source = Refusals(20)
    async with running(make(source)) as (app, pilot):
        source.gone.add(2)
        table(app).refresh_rows()
        await settle(pilot)
        assert "удалена другим оператором" in grid(app)[4]


async def test_empty_list_answers_every_key() -> None:
    async with running(make(Refusals(0))) as (app, pilot):
        keys = "down up pagedown pageup home end left right enter insert space plus minus asterisk"
        await press(pilot, *keys.split(), "x", "ctrl+n", "backspace", "escape")
        assert "Нет записей" in grid(app)[3]
        assert "0 / 0" in grid(app)[22]


async def test_columns_shift_sideways_and_the_first_stays() -> None:
    async with running(make(Refusals(100))) as (app, pilot):
        await press(pilot, "right", "right")
        assert "№" in grid(app)[2] and "Код" not in grid(app)[2]
        assert "Причина" in grid(app)[2]
        await press(pilot, "left", "left")
        assert "Код" in grid(app)[2]


async def test_enter_posts_the_row() -> None:
    async with running(make(Refusals(100))) as (app, pilot):
        await press(pilot, "down", "enter")
        assert app.screen.done == ["row 2"]


async def test_refused_read_is_a_message_and_rows_stay() -> None:
    async with running(make(Refusals(10))) as (app, pilot):
        table(app).load(where={"fail": True})
        await settle(pilot)
        text = "\n".join(grid(app))
        assert "Список не прочитан: база занята." in text and "Повторите позже." in text
        await press(pilot, "enter")
        assert table(app).count == 10


class _Slow(Refusals):
    """The first search waits until it is let go."""

    def __init__(self) -> None:
        super().__init__(100)
        self.go = threading.Event()

    def open(self, where: Mapping[str, Any], search: str, sort: str | None) -> array[int]:
        if search == "иванов":
            self.go.wait(10)
        return super().open(where, search, sort)


async def test_stale_answer_of_an_overtaken_read_is_dropped() -> None:
    source = _Slow()
    async with running(make(source)) as (app, pilot):
        table(app).load(search="иванов")
        await pilot.pause()
        table(app).load(search="петрова")
        await pilot.pause()
        source.go.set()
        await settle(pilot)
        assert table(app).search == "петрова"
        assert all(i % 8 == 1 for i in table(app).ids)


async def test_hostile_text_breaks_neither_markup_nor_columns() -> None:
    async with running(make(Refusals(30, evil=True))) as (app, pilot):
        await press(pilot, "down", "insert")
        lines = grid(app)
        assert "[/b] [red]x[/]" in lines[3]
        assert all(len(line) <= 80 for line in lines)


async def test_filter_line_narrows_the_list_and_empty_takes_it_away() -> None:
    async with running(make(Refusals(80))) as (app, pilot):
        await press(pilot, "ctrl+f", *"ива", "enter")
        assert table(app).count == 10
        assert "Отбор: ива" in grid(app)[2]
        await press(pilot, "ctrl+f", "ctrl+u", "enter")
        assert table(app).count == 80
        await press(pilot, "ctrl+f", *"zz", "escape")
        assert table(app).count == 80 and table(app).has_focus


async def test_sort_menu_offers_columns_with_a_key() -> None:
    async with running(make(Refusals(50))) as (app, pilot):
        await press(pilot, "ctrl+s")
        assert "Фамилия И.О." in "\n".join(grid(app)) and "Полис" not in "".join(grid(app)[4:12])
        await press(pilot, "end", "enter")
        assert table(app).sort == "sum"


def test_pages_keep_a_bounded_number() -> None:
    pages = Pages(Refusals(100_000))
    pages.open(array("q", range(1, 100_001)))
    for place in range(0, 100_000, PAGE):
        pages.row(place)
    assert len(pages._pages) == KEEP


@pytest.mark.parametrize("width", [1, 5, 20, 40, 78, 98, 138, 300])
def test_fitted_columns_never_exceed_the_width(width: int) -> None:
    columns = [*Refusals.columns, Column("Примечание", 20, flex=True, wide_only=True)]
    for shift in range(8):
        fitted = fit_columns(columns, width, 1, shift)
        assert len(fitted.line(["x" * 50] * 8)) <= width
        assert len(fitted.header()) <= max(width, 1)


async def test_memory_source_sorts_filters_and_finds() -> None:
    source = MemorySource(
        [Column("Код", 5, key="code"), Column("Имя", 10, key="name")],
        {5: ("2", "Бета"), 9: ("1", "Альфа")},
        kopecks={5: 100, 9: 250},
    )
    assert list(source.open({}, "", "name")) == [9, 5]
    assert list(source.open({}, "бет", None)) == [5]
    assert source.find(array("q", [5, 9]), 0, "альф") == 1
    assert source.total([5, 9]) == (2, 350)
