"""What is sent is only what changed, and the terminal shows what Textual meant."""

from __future__ import annotations

import pyte
import pytest
import textual
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import LayoutUpdate
from textual.geometry import Region
from textual.strip import Strip

from omstui.widgets import rowdiff
from omstui.widgets.rowdiff import RowDiff

CONSOLE = Console(color_system="standard", force_terminal=True)
WIDTH = 24

_styles = st.sampled_from(
    [None, Style(), Style(bold=True), Style(reverse=True), Style(color="red", bgcolor="default")]
)
_texts = st.text(alphabet="ab яЖ─ 漢…", min_size=1, max_size=9)
_lines = st.lists(st.tuples(_texts, _styles), min_size=1, max_size=5)


def _line(parts: list[tuple[str, Style | None]]) -> Strip:
    strip = Strip([Segment(text, style) for text, style in parts])
    return strip.adjust_cell_length(WIDTH)


def _update(lines: list[list[tuple[str, Style | None]]]) -> LayoutUpdate:
    return LayoutUpdate([[_line(parts)] for parts in lines], Region(0, 0, WIDTH, len(lines)))


def _screen(sequences: list[str], height: int = 4) -> list[list[tuple[str, bool, bool, str]]]:
    screen = pyte.Screen(WIDTH, height)
    screen.reset_mode(pyte.modes.DECAWM)
    stream = pyte.Stream(screen)
    for sequence in sequences:
        stream.feed(sequence)
    return [
        [
            (cell.data, cell.bold, cell.reverse, cell.fg)
            for cell in (screen.buffer[y][x] for x in range(WIDTH))
        ]
        for y in range(height)
    ]


@given(st.lists(st.lists(_lines, min_size=3, max_size=3), min_size=2, max_size=4))
def test_difference_shows_the_same_as_the_whole(
    frames: list[list[list[tuple[str, Style | None]]]],
) -> None:
    diff = RowDiff()
    sent = [diff.reduce(_update(frame)).render_segments(CONSOLE) for frame in frames]
    whole = RowDiff().reduce(_update(frames[-1])).render_segments(CONSOLE)
    assert _screen(sent) == _screen([whole])


def test_unchanged_rows_are_not_sent() -> None:
    diff = RowDiff()
    frame = [[("привет", None)], [("мир", Style(bold=True))]]
    assert diff.reduce(_update(frame)).render_segments(CONSOLE)
    assert diff.reduce(_update(frame)).render_segments(CONSOLE) == ""
    diff.clear()
    assert diff.reduce(_update(frame)).render_segments(CONSOLE)


def test_one_changed_cell_costs_one_cell() -> None:
    diff = RowDiff()
    diff.reduce(_update([[("12 / 100000", None)]])).render_segments(CONSOLE)
    sent = diff.reduce(_update([[("13 / 100000", None)]])).render_segments(CONSOLE)
    assert sent == "\x1b[1;2H3"


def _list(top: int, cursor: int) -> list[list[tuple[str, Style | None]]]:
    rows = [(f"{n} строка", Style(reverse=True) if n == cursor else None) for n in range(top, top + 10)]
    return [[("шапка", None)], *[[row] for row in rows], [(f"{cursor} / 900", None)]]


@pytest.mark.parametrize(("before", "after"), [((100, 109), (101, 110)), ((100, 100), (99, 99))])
def test_a_step_at_the_edge_is_scrolled_by_the_terminal(
    before: tuple[int, int], after: tuple[int, int]
) -> None:
    diff = RowDiff()
    sent = [diff.reduce(_update(_list(*at))).render_segments(CONSOLE) for at in (before, after)]
    assert len(sent[1].encode()) < len(sent[0].encode()) / 2
    whole = RowDiff().reduce(_update(_list(*after))).render_segments(CONSOLE)
    assert _screen(sent, 12) == _screen([whole], 12)


_numbers = st.lists(st.integers(0, 5), min_size=8, max_size=8)


@given(st.lists(_numbers, min_size=2, max_size=5))
def test_rows_that_move_in_any_way_end_up_right(frames: list[list[int]]) -> None:
    """Rows of few kinds, so that moved ones are met often."""
    moved = [frames[0]]
    for frame in frames[1:]:
        moved += [moved[-1][1:] + frame[:1], frame[:1] + moved[-1][:-1]]
    updates = [_update([[(f"{n} {'я' * n}", None)] for n in frame]) for frame in moved]
    diff = RowDiff()
    sent = [diff.reduce(update).render_segments(CONSOLE) for update in updates]
    whole = RowDiff().reduce(updates[-1]).render_segments(CONSOLE)
    assert _screen(sent, 8) == _screen([whole], 8)


def test_version_is_the_tested_one() -> None:
    assert textual.__version__ == rowdiff.SUPPORTED, "проверьте rowdiff на новой версии Textual"


def test_nothing_to_draw_forgets_nothing() -> None:
    diff = RowDiff()
    frame = [[("привет", None)]]
    diff.reduce(_update(frame)).render_segments(CONSOLE)
    assert diff.reduce(None) is None
    assert diff.reduce(_update(frame)).render_segments(CONSOLE) == ""


@pytest.mark.parametrize("version", ["8.2.9", "9.0.0", ""])
def test_other_versions_pass_unchanged(version: str) -> None:
    update = _update([[("x", None)]])
    assert RowDiff(version).reduce(update) is update
