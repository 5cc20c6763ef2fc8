"""Plain text: widths, folding, group totals, pages, charts of block characters."""

from __future__ import annotations

import pytest

from omstui.domain.reports.model import Chart, Column, Document, Lines, PageBreak, Table
from omstui.formats.reports import text
from omstui.formats.reports.textchart import chart_lines
from tests.formats.reports.reportkit import COLUMNS, LONG_NAME, document, drawn, registry, table_only

WHOLE = """\
                               ОТЧЁТ № 1 «ПРОБА»
                                 за апрель 2021

СТОРОНЫ
Поставщик  Государственное бюджетное учреждение здравоохранения Ярославской
           области «Учебная городская больница № 1 имени Н.»
ИНН        7600000000

По СМО
--------------------------------------------------------------------------
СМО    Наименование             Дата        Счетов     Доля          Сумма
--------------------------------------------------------------------------
76001  СМО «Первая» — А         05.04.2021   1 234   10,50%   1 234 567,89
76001  Государственное          06.04.2021       2                   -1,50
       бюджетное учреждение
       здравоохранения
       Ярославской области
       «Учебная городская
       больница № 1 имени Н.»
Итого: 76001                                 1 236            1 234 566,39
--------------------------------------------------------------------------
76002  =1+1                                      3  100,00%           0,50
Итого: 76002                                     3                    0,50
--------------------------------------------------------------------------
--------------------------------------------------------------------------
Итого                                        1 239            1 234 566,89

ВЫВОД
Сверка сходится.
                                   по центру

Отказы
█ выставлено   ▒ отказано
апрель │████████████████████████████████████████████████████████████████ 400,00
       │▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒ 200,00
май    │████████████████ 100,00
       │▒▒▒▒▒▒▒▒ -50,00


Главный врач                   ____________________ / И. И. Иванов /
"""


def test_every_block() -> None:
    assert "\n".join(text.lines(document())) + "\n" == WHOLE


def test_an_empty_table_says_so() -> None:
    lines = list(text.lines(document(empty=True)))
    assert "Данных нет" in lines
    assert not any(line.startswith("Итого") for line in lines)


def test_width_follows_the_columns() -> None:
    assert text.paper_width(document()) == text.NARROW
    assert text.paper_width(registry(1)) == text.BROAD
    wide = table_only(Table([Column(str(n), "Столбец", 20) for n in range(10)], []))
    assert text.paper_width(wide) == text.BROADEST


def test_no_line_is_wider_than_the_paper() -> None:
    made = table_only(Table([*COLUMNS, *(Column(str(n), "Ещё", 30) for n in range(2))], []))
    made.blocks[0] = Table(made.blocks[0].columns, [("1", LONG_NAME, None, 1, 1, 1, LONG_NAME, LONG_NAME)])  # type: ignore[union-attr]
    assert max(map(len, text.lines(made, width=132))) <= 132


def test_a_long_number_is_never_cut() -> None:
    columns = (Column("a", "Имя", 10), Column("s", "Сумма", 8, "money", total=True))
    lines = list(text.lines(table_only(Table(columns, [("а", 123456789012), ("б", -1)]))))
    assert sum("1234567890,12" in line for line in lines) == 1
    assert sum("1234567890,11" in line for line in lines) == 1


def test_pages_repeat_the_headings() -> None:
    pages = drawn(registry(300), "txt").decode().split("\f")
    assert len(pages) > 5
    assert all(len(page.splitlines()) <= text.PAGE for page in pages)
    for number, page in enumerate(pages[1:], 2):
        first, heading = page.splitlines()[:2]
        assert first.strip() == f"стр. {number}"
        assert "Фамилия, имя, отчество" in heading
    assert pages[-1].splitlines()[-1].startswith("Итого")


def test_page_breaks_do_not_make_empty_pages() -> None:
    made = Document("О", "О", [PageBreak(), PageBreak(), Lines(["текст"])])
    assert drawn(made, "txt").decode().count("\f") == 1


def test_a_folded_paragraph_keeps_its_indent() -> None:
    made = list(text.lines(Document("О", "О", [Lines(["  " + "слово " * 40])])))[2:]
    assert len(made) > 1 and all(line.startswith("  слово") and len(line) <= 80 for line in made)


def test_a_chart_without_values() -> None:
    assert list(chart_lines(Chart("Пусто", [], {}), 80))[-1] == "Данных нет"
    assert list(chart_lines(Chart("Нули", ["а"], {"x": [0]}), 80))[-1] == "а │ 0,00"


def test_many_series_differ_without_colour() -> None:
    chart = Chart("Ряды", ["май"], {name: [100] for name in "абвг"}, "count")
    fills = {line.partition("│")[2][0] for line in chart_lines(chart, 40) if "│" in line}
    assert fills == set("█▒▓░")


@pytest.mark.parametrize("small", [1, 40, 60])
def test_the_least_bar_tells_whose_it_is(small: int) -> None:
    """Next to a hundred roubles a kopeck has a bar, too, and that of its own series."""
    chart = Chart("Ряды", ["май"], {"а": [10000], "б": [small], "в": [0]})
    bars = [line.partition("│")[2].split(" ")[0] for line in chart_lines(chart, 100) if "│" in line]
    assert bars[1:] == ["▒", ""]


def test_a_chart_of_wide_paper_is_seen_whole_on_a_narrow_screen() -> None:
    made = registry(1)
    made.blocks.append(Chart("Суммы", ["май"], {"а": [123456789]}))
    (line,) = [line for line in text.lines(made) if "│" in line]
    assert text.paper_width(made) > text.NARROW >= len(line) and line.endswith("█ 1 234 567,89")
