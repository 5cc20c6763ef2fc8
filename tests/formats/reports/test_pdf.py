"""PDF: its text comes back whole, headings on each page, speed and memory of a long table."""

from __future__ import annotations

import io
import subprocess
import sys
from typing import Any

import pytest
from pypdf import PdfReader

from omstui.domain.reports.invoice_registry import COLUMNS
from omstui.domain.reports.model import Column, Document, Signatures, Table
from omstui.formats.reports.pdffont import REGULAR, text_width
from tests.formats.reports.reportkit import LONG_NAME, document, drawn, registry, table_only


def pages(data: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(data)).pages]


def flat(text: str) -> str:
    return " ".join(text.split())


def test_text_comes_back_whole() -> None:
    said = flat(" ".join(pages(drawn(document(), "pdf"))))
    for part in ("Отчёт № 1 «Проба»", LONG_NAME, "СМО «Первая» — А", "05.04.2021", "1 234 567,89", "-1,50"):
        assert part in said
    for part in ("Итого: 76001", "1 234 566,89", "Сверка сходится.", "Главный врач", "апрель", "отказано"):
        assert part in said


def test_pages_are_numbered_of_all() -> None:
    found = [flat(page) for page in pages(drawn(registry(200), "pdf"))]
    for number, page in enumerate(found, 1):
        assert f"стр. {number} из {len(found)}" in page
        assert "Фамилия, имя, отчество" in page
    assert "Итого" in found[-1] and "Итого" not in found[0]


def test_fonts_are_inside_and_nothing_of_the_moment() -> None:
    reader = PdfReader(io.BytesIO(drawn(document(), "pdf")))
    fonts = reader.pages[0]["/Resources"]["/Font"]  # type: ignore[index]
    found = {str(font.get_object()["/BaseFont"]): font.get_object() for font in fonts.values()}
    # the library names Helvetica at the head of every page and writes nothing with it
    ours = [font for name, font in found.items() if name != "/Helvetica"]
    assert len(ours) == 2 and len(found) <= 3
    assert all(
        "SourceSansPro" in font["/BaseFont"] and "/FontFile2" in font["/FontDescriptor"] for font in ours
    )
    assert reader.metadata is not None
    assert reader.metadata.title == "Отчёт № 1 «Проба»"
    assert "2000" in str(reader.metadata["/CreationDate"])


def test_no_heading_of_the_registry_of_an_invoice_is_broken() -> None:
    """Twenty columns: each word of a heading stays whole, though some columns are just as wide as it."""
    made = Document("Реестр", "Реестр", [Table(COLUMNS, [])], landscape=True)
    said = pages(drawn(made, "pdf"))[0].split()
    wanted = [word for column in COLUMNS for word in column.title.split()]
    assert len(COLUMNS) == 20 and [word for word in wanted if word not in said] == []


def test_long_signatures_neither_run_off_the_page_nor_over_each_other() -> None:
    made = Document("П", "П", [Signatures([("Руководитель", LONG_NAME), (LONG_NAME, "Иванов")])])
    page = PdfReader(io.BytesIO(drawn(made, "pdf"))).pages[0]
    places: list[tuple[float, float]] = []

    def seen(text: str, _: Any, matrix: list[float], font: Any, size: float) -> None:
        if text.strip():
            places.append((round(matrix[4]), round(matrix[5])))
            assert matrix[4] + text_width(text.strip(), REGULAR, size) < float(page.mediabox.width)

    said = flat(page.extract_text(visitor_text=seen))
    assert len(places) == len(set(places)) > 8
    assert "«Учебная" in said and "Иванов" in said


def test_landscape() -> None:
    page = PdfReader(io.BytesIO(drawn(registry(1), "pdf"))).pages[0]
    assert page.mediabox.width > page.mediabox.height


def test_an_empty_table_says_so() -> None:
    assert "Данных нет" in pages(drawn(document(empty=True), "pdf"))[0]


def test_long_words_and_odd_signs_do_no_harm() -> None:
    rows = [("Й" * 300, "таб\tуляция\nи строка █ ↔ 漢"), ("", None)]
    made = table_only(Table((Column("a", "Слово" * 10, 10), Column("b", "Б", 4)), rows))
    said = "".join("".join(pages(drawn(made, "pdf"))).split())
    assert "Й" * 300 in said.replace("\n", "")


def test_row_of_several_hundred_lines_is_not_lost() -> None:
    made = table_only(Table((Column("a", "А", 4), Column("b", "Б", 4)), [("слово " * 400, "конец")]))
    found = pages(drawn(made, "pdf"))
    assert len(found) > 1
    assert sum(page.count("слово") for page in found) == 400
    assert "конец" in found[0]


@pytest.mark.slow
def test_memory_does_not_grow_with_the_rows() -> None:
    """40,000 rows in time are the bench's (papers). A child, for the memory is its own."""
    code = (
        "import resource, sys; from tests.formats.reports.reportkit import registry, drawn;"
        "drawn(registry(int(sys.argv[1])), 'pdf');"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )

    def peak(rows: int) -> int:
        """KiB."""
        command = [sys.executable, "-c", code, str(rows)]
        return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)

    # laid-out rows kept until the end would take tens of kilobytes each
    assert peak(5000) - peak(100) < 8 * 5000
