"""PDF: its text comes back whole, headings on each page, speed and memory of a long table."""

from __future__ import annotations

import io
import subprocess
import sys

import pytest
from pypdf import PdfReader

from omstui.domain.reports.model import Column, Table
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
    names = {str(font.get_object()["/BaseFont"]) for font in fonts.values()}
    assert any("SourceSansPro" in name for name in names)
    assert reader.metadata is not None
    assert reader.metadata.title == "Отчёт № 1 «Проба»"
    assert "2000" in str(reader.metadata["/CreationDate"])


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
def test_forty_thousand_rows_in_time_and_memory() -> None:
    """By processor time: a neighbour's load does not count. A child, for the memory is its own."""
    code = (
        "import resource, time; from tests.formats.reports.reportkit import registry, drawn;"
        "drawn(registry(40_000), 'pdf');"
        "print(time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    seconds, kilobytes = done.stdout.split()
    assert float(seconds) < 60
    assert int(kilobytes) < 400_000
