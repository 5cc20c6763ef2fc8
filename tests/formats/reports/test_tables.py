"""CSV and XLSX: types, totals, formulas, nothing that runs by itself."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from datetime import datetime
from typing import Any

import openpyxl
import pytest

from omstui.domain.reports.model import Column, Table
from tests.formats.reports.reportkit import LONG_NAME, document, drawn, registry, table_only


def cells(data: bytes, **options: Any) -> dict[str, list[tuple[Any, ...]]]:
    book = openpyxl.load_workbook(io.BytesIO(data), **options)
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book}


def find(rows: list[tuple[Any, ...]], first: str) -> tuple[Any, ...]:
    return next(row for row in rows if row[0] == first)


def test_xlsx_has_values_not_texts() -> None:
    rows = cells(drawn(document(), "xlsx"), data_only=True)["Проба"]
    data = next(row for row in rows if row[1] == "СМО «Первая» — А")
    assert data == ("76001", "СМО «Первая» — А", datetime(2021, 4, 5), 1234, 0.105, 1234567.89)
    assert any(LONG_NAME in row for row in rows)


def test_xlsx_totals_are_formulas_with_their_values() -> None:
    made = drawn(document(), "xlsx")
    values, formulas = cells(made, data_only=True)["Проба"], cells(made)["Проба"]
    assert find(values, "Итого")[5] == 1234566.89
    assert find(values, "Итого: 76001")[3] == 1236
    assert find(formulas, "Итого")[5].startswith("=SUBTOTAL(9,F")
    assert find(formulas, "Итого: 76002")[5].count(":") == 1


def test_xlsx_header_is_frozen_and_repeated() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(drawn(registry(3), "xlsx"))).active
    assert sheet is not None
    heading = next(n for n, row in enumerate(sheet.iter_rows(values_only=True), 1) if row[0] == "№")
    assert sheet.freeze_panes == f"A{heading + 1}"
    assert sheet.print_title_rows == f"${heading}:${heading}"


def test_a_formula_in_data_stays_a_text() -> None:
    sheets = openpyxl.load_workbook(io.BytesIO(drawn(document(), "xlsx")))
    found = [cell for row in sheets["Проба"].iter_rows() for cell in row if cell.value == "=1+1"]
    assert [cell.data_type in ("s", "inlineStr") for cell in found] == [True]


def test_titled_tables_have_sheets_of_their_own() -> None:
    made = document()
    made.blocks.append(Table((Column("a", "А", 5),), [("х",)], "По СМО: [2/3]"))
    names = list(cells(drawn(made, "xlsx")))
    assert names[0] == "Проба" and len(names) == 3
    assert all(not set(name) & set("[]:*?/\\") for name in names)


def test_csv_is_data_for_a_spreadsheet() -> None:
    made = table_only(document().blocks[1])
    text = drawn(made, "csv").decode("utf-8")
    assert text.startswith("\ufeff")
    rows = list(csv.reader(io.StringIO(text[1:]), delimiter=";"))
    assert rows[1] == ["СМО", "Наименование", "Дата", "Счетов", "Доля", "Сумма"]
    assert rows[2] == ["76001", "СМО «Первая» — А", "05.04.2021", "1234", "10,50", "1234567,89"]
    assert rows[4][1] == "'=1+1"
    assert len(rows) == 5


def test_csv_of_every_block() -> None:
    text = drawn(document(), "csv").decode("utf-8-sig")
    for part in ("Отчёт № 1", "ИНН;7600000000", "Сверка сходится.", "апрель;400,00;200,00"):
        assert part in text


@pytest.mark.parametrize("kind", ["csv", "xlsx", "pdf", "txt"])
def test_the_same_data_is_the_same_file(kind: str) -> None:
    assert drawn(document(), kind) == drawn(document(), kind)


def test_a_workbook_holds_nothing_of_the_moment() -> None:
    """Two workbooks of one second are alike anyhow: the stamps inside must be fixed ones."""
    with zipfile.ZipFile(io.BytesIO(drawn(document(), "xlsx"))) as book:
        assert {info.date_time[0] for info in book.infolist()} == {1980}
        said = book.read("docProps/core.xml").decode()
    assert set(re.findall(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", said)) == {"2000-01-01T00:00:00"}


@pytest.mark.parametrize("kind", ["csv", "xlsx", "pdf", "txt"])
def test_progress_counts_the_rows_and_may_stop(kind: str) -> None:
    seen: list[tuple[str, int]] = []

    def track(items: Any, stage: str, total: int) -> Any:
        for item in items:
            seen.append((stage, total))
            if len(seen) == 5:
                raise InterruptedError
            yield item

    with pytest.raises(InterruptedError):
        drawn(registry(100), kind, track=track)
    assert seen[-1][1] == 100
