"""Budgets of bytes on a real pseudo-terminal at 80x24, and keys as terminals send them."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Iterator

import pytest

from tests.ui.pty import Terminal

pytestmark = [pytest.mark.pty, pytest.mark.timeout(60)]


def terminal(name: str, count: int = 100) -> Terminal:
    return Terminal([sys.executable, "-m", "tests.ui.playground", name, str(count)])


@pytest.fixture(scope="module")
def big() -> Iterator[Terminal]:
    with terminal("list", 100_000) as term:
        term.wait_for("1 / 100000")
        term.read(0.5)
        yield term


def test_row_down_costs_at_most_320_bytes(big: Terminal) -> None:
    assert max(big.press("down") for _ in range(6)) <= 320


def test_page_down_costs_at_most_2900_bytes(big: Terminal) -> None:
    assert max(big.press("pagedown") for _ in range(4)) <= 2900


def test_step_at_the_edge_costs_no_more_than_a_page(big: Terminal) -> None:
    big.press("end")
    assert big.press("up") <= 320
    assert "100000" in big.lines[22]


def test_idle_costs_nothing(big: Terminal) -> None:
    big.read(0.5)
    assert big.read(2.0, 2.0) == 0


def test_closed_window_leaves_the_screen_as_it_was_and_ctrl_l_too(big: Terminal) -> None:
    before = big.lines
    big.press("f5")
    assert any("Подтверждение" in line for line in big.lines)
    assert big.press("escape", 0.6) <= 1500
    assert big.lines == before
    big.press("ctrl+l")
    assert big.lines == before


def test_what_is_left_out_is_really_there(big: Terminal) -> None:
    """After many keys and a resize the screen equals the one drawn from scratch."""
    for key in ("home", "down", "*", "и", "ctrl+n", "\x1b", " ", "right", "f9", "down", "\x1b"):
        big.press(key, 0.35)
    big.resize(100, 30)
    big.resize(80, 24)
    before = big.lines
    big.press("ctrl+l")
    assert big.lines == before
    assert "1Помощь" in before[23]
    big.press("-")


def test_two_quick_changes_of_size_that_cancel_out_draw_everything_anew(big: Terminal) -> None:
    """The terminal has scrolled what it showed, and the program hears of one size: the one it had."""
    big.press("home")
    before = big.lines
    big.screen.resize(30, 100)
    big.resize(80, 24)
    assert big.lines == before


@pytest.mark.parametrize(
    "sent",
    [b"\x1bOQ", b"\x1b[12~", b"\x1b[[B", b"\x1b2"],
    ids=["xterm", "putty", "linux", "esc-digit"],
)
def test_f2_as_terminals_send_it_reaches_its_action(big: Terminal, sent: bytes) -> None:
    big.press(sent)
    assert "F2 «Выгрузка»" in big.lines[22]
    big.press("up")
    assert "F2" not in big.lines[22]


def test_tab_in_a_form_costs_at_most_1000_bytes_and_a_letter_200() -> None:
    with terminal("form") as term:
        term.wait_for("Поле 12")
        term.read(0.5)
        letters = [term.press("ф") for _ in range(3)]
        assert min(letters) > 0 and max(letters) <= 200
        tabs = [term.press("tab") for _ in range(8)]
        assert min(tabs) > 0 and max(tabs) <= 1000


@pytest.mark.slow
def test_first_paint_does_not_grow_with_the_list() -> None:
    def paint(count: int) -> float:
        with terminal("list", count) as term:
            return term.wait_for(f"1 / {count}")

    # one start more of each warms the caches of the machine; medians take away the neighbours
    paint(1000)
    small = statistics.median(paint(1000) for _ in range(3))
    large = statistics.median(paint(100_000) for _ in range(3))
    assert large <= small * 1.5 + 0.05


def test_exit_leaves_the_terminal_with_code_zero() -> None:
    with terminal("list") as term:
        term.wait_for("1 / 100")
        term.press("f10")
        term.press("enter")
        assert term.exit_code() == 0
