"""Log, text viewer, key bar, header, notice, cells."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from omstui.domain.operation import LogLine, Progress
from omstui.screens.detail import Detail
from omstui.widgets import cells
from omstui.widgets.op_log import OpLog, progress_text
from omstui.widgets.text_view import TextView
from tests.ui.helpers import check_golden, grid, press, running, settle
from tests.ui.samples import EVIL, ListScreen, LogScreen


def log(app: Any) -> OpLog:
    return app.screen.query_one(OpLog)


@given(st.text(max_size=60))
def test_clean_text_has_one_cell_per_character(text: str) -> None:
    done = cells.clean(text)
    assert cell_len(done) == len(done)
    assert not any(ord(c) < 32 for c in done)


@given(st.text(max_size=40), st.integers(0, 30), st.sampled_from("<>"))
def test_fit_is_exactly_as_wide_as_asked(text: str, width: int, align: str) -> None:
    assert len(cells.fit(text, width, align)) == width


@given(st.text(max_size=300), st.integers(10, 90), st.integers(0, 12))
def test_wrapped_lines_fit_and_lose_no_word(text: str, width: int, indent: int) -> None:
    lines = cells.wrap(text, width, indent)
    assert all(len(line) <= max(width, indent + 8) for line in lines)
    whole = "".join(cells.clean(part) for part in text.split("\n"))
    assert "".join("".join(lines).split()) == "".join(whole.split())


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("отказ «2» 25 379,10", ["отказ «2»", "25 379,10"]),
        ("всего 1 325 379,10 р", ["всего", "1 325 379,10", "р"]),
        ("карта 12 3456 и 7", ["карта 12", "3456 и 7"]),
    ],
)
def test_a_number_is_not_parted(text: str, lines: list[str]) -> None:
    assert cells.wrap(text, 12) == lines


def test_composed_letters_are_one_cell() -> None:
    assert cells.clean("и\u0306") == "й"
    assert cells.clean("a\tb\r\nc\x1b[0m") == "a b c[0m"


async def test_log_at_80x24_matches_golden() -> None:
    async with running(LogScreen) as (app, pilot):
        await press(pilot, "up")
        check_golden(app, "log")


async def test_enter_on_a_line_with_a_link_posts_it() -> None:
    chosen: list[Any] = []

    class Screen(LogScreen):
        def on_op_log_line_chosen(self, event: OpLog.LineChosen) -> None:
            chosen.append(dict(event.link))

    async with running(Screen) as (_, pilot):
        await press(pilot, "home", "enter", "down", "down", "enter", "down", "down", "enter")
        assert chosen == [{"reason": "90.011"}, {"r": 1}]


async def test_log_follows_its_end_until_the_operator_walks_up() -> None:
    async with running(LogScreen) as (app, pilot):
        log(app).add(LogLine(f"строка {i}") for i in range(100))
        await settle(pilot)
        assert "строка 99" in "\n".join(grid(app))
        await press(pilot, "pageup")
        log(app).add(LogLine("ещё одна"))
        await settle(pilot)
        assert "ещё одна" not in "\n".join(grid(app))
        await press(pilot, "end")
        assert "ещё одна" in "\n".join(grid(app))


async def test_log_is_bounded_and_says_so() -> None:
    class Small(LogScreen):
        def compose_body(self) -> Any:
            self.log_view = OpLog(max_lines=100)
            yield self.log_view

    async with running(Small) as (app, pilot):
        for i in range(1000):
            log(app).add(LogLine(f"строка {i}"))
        assert len(log(app)._events) <= 125
        await press(pilot, "home")
        assert "начало ленты убрано" in grid(app)[2]
        assert "строка 999" in log(app).as_text()


async def test_progress_is_text_and_repaints_one_row() -> None:
    async with running(LogScreen) as (app, pilot):
        log(app).show_progress(Progress("Чтение", 5, 10))
        await settle(pilot)
        assert grid(app)[22] == " Чтение: 5 из 10 (50 %)"
    assert progress_text(Progress("Чтение", 5)) == "Чтение: 5"
    assert progress_text(Progress("Ч", 7, 5)) == "Ч: 7 из 5 (100 %)"


async def test_log_folds_anew_when_the_terminal_changes() -> None:
    async with running(LogScreen) as (app, pilot):
        log(app).add(LogLine("слово " * 30))
        await pilot.resize_terminal(120, 30)
        await settle(pilot)
        assert max(len(line) for line in grid(app)) <= 120
        await pilot.resize_terminal(60, 20)
        await settle(pilot)
        assert max(len(line) for line in grid(app)) <= 60


async def test_text_view_scrolls_and_shows_hostile_text() -> None:
    class Text(ListScreen):
        def compose_body(self) -> Any:
            yield TextView(
                ["#Заголовок", EVIL, "слово " * 20, *(f"строка {i}" for i in range(100))], indent=8
            )

    async with running(Text) as (app, pilot):
        assert any(line.startswith("        слово") for line in grid(app))
        assert "[/b] [red]x[/]" in grid(app)[3]
        await press(pilot, "end")
        assert grid(app)[22] == "строка 99"
        await press(pilot, "pageup", "up", "home")
        assert grid(app)[2] == "Заголовок"


async def test_folded_lines_of_a_text_keep_their_indent_and_a_panel_says_that_it_was_cut() -> None:
    class Text(ListScreen):
        def compose_body(self) -> Any:
            yield TextView(["Услуги", "    " + "слово " * 30])
            yield detail

    detail = Detail(2, ["имя"])
    async with running(Text) as (app, pilot):
        assert [line[:9] for line in grid(app)[2:6]] == ["Услуги", *["    слово"] * 3]
        shown = next(y for y, line in enumerate(grid(app)) if line.startswith(" имя"))
        for more, said in ((["и ещё"], " ещё имя …"), ([""], " ещё имя"), (["и ещё"], " ещё имя …")):
            detail.show(["имя", "ещё имя", *more])
            await settle(pilot)
            assert grid(app)[shown + 1].rstrip() == said


async def test_header_and_notice_take_hostile_text() -> None:
    class Evil(ListScreen):
        HEADING = "Анализ"

        def subject(self) -> str:
            return EVIL

    async with running(Evil) as (app, pilot):
        app.screen.notice(EVIL * 20, "error")
        await settle(pilot)
        assert "[/b] [red]x[/]" in grid(app)[1]
        assert "[/b] [red]x[/]" in "\n".join(grid(app)[18:23])
        app.notify(EVIL)
        await settle(pilot)


@pytest.mark.parametrize("size", [(80, 24), (100, 30), (200, 50), (60, 20), (20, 8)])
async def test_screen_fits_every_terminal(size: tuple[int, int]) -> None:
    async with running(ListScreen, size=size) as (app, pilot):
        await press(pilot, "down", "f9", "escape", "f1", "escape")
        lines = grid(app)
        assert len(lines) == size[1] and all(len(line) <= size[0] for line in lines)
