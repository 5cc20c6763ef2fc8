"""Rows of «Секвестирование» (строки плановых объёмов): cells of the list and the lines under it."""

from __future__ import annotations

from omstui.domain.money import quantity_text, spaced
from omstui.domain.over_plan import LineView
from omstui.domain.volumes import UNIT_TITLES
from omstui.screens.sources import day
from omstui.widgets.sources import Cells, Column

UNITS = {"cases": "случ.", "visits": "посещ.", "uet": "УЕТ", "days": "дни", "roubles": "руб."}
COLUMNS = (
    Column("Тип объёма", 20, key="title"),
    Column("Ед.", 6),
    Column("План", 10, ">"),
    Column("Ранее", 10, ">"),
    Column("В реестре", 10, ">"),
    Column("Превыш.", 9, ">"),
    Column("% вып.", 6, ">"),
    Column("Случаев", 7, ">"),
    Column("Сумма превыш.", 13, ">"),
    Column("Снято", 6, ">"),
    Column("Сумма снятых", 13, ">"),
    Column("Период", 21),
)


def amount(unit: str, value: int) -> str:
    """A number of the list: whole roubles, units as they are; the exact sum stands below the list."""
    return spaced(value)[:-3] if unit == "roubles" else quantity_text(value)


def cells(view: LineView) -> Cells:
    figure, unit = view.figure, view.unit
    return (
        view.line.title,
        UNITS[unit],
        amount(unit, figure.limit.amount),
        amount(unit, figure.earlier),
        amount(unit, figure.current),
        amount(unit, figure.over),
        view.percent,
        str(view.excess),
        spaced(view.excess_sum),
        str(view.cut),
        spaced(view.cut_sum),
        f"{day(view.line.begin)}-{day(view.line.end)}",
    )


def detail_lines(view: LineView) -> list[str]:
    """The line of the plan in full."""
    line, unit = view.line, view.unit
    figure = view.figure
    exact = spaced if unit == "roubles" else quantity_text
    how = "нарастающим итогом" if line.cumulative else "помесячно"
    lines = [
        f"#{line.title}, {UNIT_TITLES[unit]}, {day(line.begin)}-{day(line.end)}, {how}",
        f"План {exact(figure.limit.amount)}, ранее {exact(figure.earlier)},"
        f" в реестре {exact(figure.current)}, превышение {exact(figure.over)}",
        f"Снять: {view.excess} на {spaced(view.excess_sum)}; снято: {view.cut} на {spaced(view.cut_sum)}",
    ]
    if view.stuck:
        lines.append(f"!Сверх плана {exact(view.stuck)} — эти случаи не снимают (Enter: почему, в «Пометке»)")
    return lines
