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


def _screen(sequences: list[str]) -> list[list[tuple[str, bool, bool, str]]]:
    screen = pyte.Screen(WIDTH, 4)
    screen.reset_mode(pyte.modes.DECAWM)
    stream = pyte.Stream(screen)
    for sequence in sequences:
        stream.feed(sequence)
    return [
        [
            (cell.data, cell.bold, cell.reverse, cell.fg)
            for cell in (screen.buffer[y][x] for x in range(WIDTH))
        ]
        for y in range(4)
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
