"""A chart in a PDF (диаграмма): bars over labels, greys and hatching that a black printer keeps apart."""

from __future__ import annotations

from omstui.domain.reports.model import Chart
from omstui.formats.reports.pdffont import BOLD, REGULAR, folded, text_width
from omstui.formats.reports.pdfpage import Pages
from omstui.formats.reports.values import EMPTY, cell_text

_HEIGHT = 190.0
_SIZE = 7.5
#: of a bar, points
_WIDEST = 60
_GREYS = (0.25, 0.6, 0.8, 0.95)
_STEPS = 4


def draw_chart(pages: Pages, chart: Chart) -> None:
    """Draw the bars under what is on the page; a page is not broken inside a chart."""
    pages.need(_HEIGHT + 40)
    pages.y -= 14
    pages.text(pages.left, pages.y, chart.title, BOLD, 10)
    values = [value for series in chart.series.values() for value in series]
    if not values or not chart.labels:
        pages.y -= 14
        pages.text(pages.left, pages.y, EMPTY)
        return
    if len(chart.series) > 1:
        _legend(pages, chart)
    top, low = max(0, *values), min(0, *values)
    axis = max(text_width(cell_text(chart.kind, v), REGULAR, _SIZE) for v in (top, low)) + 6
    left, base = pages.left + axis, pages.y - _HEIGHT
    height = _HEIGHT - 16
    scale = height / ((top - low) or 1)
    _grid(pages, chart, left, base, scale, top, low)
    _bars(pages, chart, left, base - low * scale, scale)
    pages.y = base - 24


def _legend(pages: Pages, chart: Chart) -> None:
    pages.y -= 13
    x = pages.left
    for n, name in enumerate(chart.series):
        _fill(pages, x, pages.y, 8, 8, n)
        pages.text(x + 12, pages.y + 1, name, size=_SIZE)
        x += 24 + text_width(name, REGULAR, _SIZE)


def _fill(pages: Pages, x: float, y: float, width: float, height: float, series: int) -> None:
    pages.canvas.setFillGray(_GREYS[series % len(_GREYS)])
    pages.canvas.rect(x, y, width, height, stroke=1, fill=1)
    pages.canvas.setFillGray(0)


def _grid(pages: Pages, chart: Chart, left: float, base: float, scale: float, top: int, low: int) -> None:
    pages.canvas.saveState()
    for step in range(_STEPS + 1):
        value = low + (top - low) * step // _STEPS
        y = base + (value - low) * scale
        pages.canvas.setStrokeGray(0.75)
        pages.canvas.line(left, y, pages.right, y)
        pages.text(left - 4, y - 2, cell_text(chart.kind, value), size=_SIZE, align=">")
    pages.canvas.restoreState()


def _bars(pages: Pages, chart: Chart, left: float, zero: float, scale: float) -> None:
    slot = (pages.right - left) / len(chart.labels)
    count = max(len(chart.series), 1)
    width = min(slot * 0.7 / count, _WIDEST)  # two months must not look like two walls
    for place, label in enumerate(chart.labels):
        start = left + slot * (place + 0.5) - width * count / 2
        for n, series in enumerate(chart.series.values()):
            value = series[place] if place < len(series) else 0
            y, height = (zero, value * scale) if value >= 0 else (zero + value * scale, -value * scale)
            _fill(pages, start + n * width, y, width, height, n)
            text = cell_text(chart.kind, value)
            if text_width(text, REGULAR, _SIZE) <= max(width, slot if len(chart.series) == 1 else 0):
                middle = start + (n + 0.5) * width
                pages.text(middle, y + height + 2, text, size=_SIZE, align="^")
        lines = folded(label, REGULAR, _SIZE, slot - 2)[:2]
        for n, line in enumerate(lines):
            pages.text(left + slot * (place + 0.5), zero - 10 - n * 9, line, size=_SIZE, align="^")
    pages.canvas.line(left, zero, pages.right, zero)
