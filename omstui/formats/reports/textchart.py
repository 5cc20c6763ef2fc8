"""A chart of block characters (диаграмма в тексте): bars that differ without colour."""

from __future__ import annotations

from collections.abc import Iterator

from omstui.domain.reports.model import Chart
from omstui.formats.reports.values import EMPTY, cell_text

#: one fill per series: a printer and a terminal without colours tell them apart
FILLS = "█▒▓░"
_HALF = "▌"
_LABEL = 24


def chart_lines(chart: Chart, width: int) -> Iterator[str]:
    """The chart as lines: a row per label and series, the value at the end."""
    yield chart.title
    values = [value for series in chart.series.values() for value in series]
    if not values or not chart.labels:
        yield EMPTY
        return
    if len(chart.series) > 1:
        yield "   ".join(f"{FILLS[n % len(FILLS)]} {name}" for n, name in enumerate(chart.series))
    room = min(max(len(label) for label in chart.labels), _LABEL)
    value_room = max(len(cell_text(chart.kind, value)) for value in values)
    bar = max(width - room - value_room - 4, 8)
    top = max(max(abs(value) for value in values), 1)
    for place, label in enumerate(chart.labels):
        for n, series in enumerate(chart.series.values()):
            value = series[place] if place < len(series) else 0
            name = "" if n else label if len(label) <= room else label[: room - 1] + "…"
            drawn = _bar(abs(value), top, bar, FILLS[n % len(FILLS)])
            yield f"{name:<{room}} │{drawn} {cell_text(chart.kind, value)}"


def _bar(value: int, top: int, width: int, fill: str) -> str:
    halves = value * width * 2 // top
    if value and halves < 2:
        return _HALF if fill == FILLS[0] else fill  # the least bar still tells whose it is
    return fill * (halves // 2) + (_HALF if halves % 2 and fill == FILLS[0] else "")
