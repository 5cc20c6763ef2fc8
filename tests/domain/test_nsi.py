"""Loading of small books: recognised by header, replaced whole, refused with the row."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from omstui.bootstrap import Services
from omstui.domain.store import books, db
from tests.support import make_services

TARIFFS = "code;level;child;begin;end;price;name\nB01;;;2021-01-01;;150.00;Приём\n"


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    made = make_services(tmp_path)
    with db.connection():
        yield made


def write(folder: Path, name: str, content: str, encoding: str = "utf-8") -> str:
    path = folder / name
    path.write_bytes(content.encode(encoding))
    return str(path)


def test_three_books_are_told_apart_by_their_header(services: Services, tmp_path: Path) -> None:
    outcome = services.run(
        "nsi-load",
        edition="2021",
        paths=[
            write(tmp_path, "a.csv", TARIFFS, "utf-8-sig"),
            write(tmp_path, "b.csv", "Код;Наименование;Посещение\nB01;Приём;да\n", "cp1251"),
            write(tmp_path, "c.csv", "code\nB01.1\nB01.2\n\n"),
        ],
    )
    assert outcome.kind == "ok", outcome.message
    assert [(b.code, b.rows, b.edition) for b in books.books() if b.loaded_at] == [
        ("tariff", 1, "2021"),
        ("services", 1, "2021"),
        ("visit_type", 2, "2021"),
    ]
    assert db.execute("SELECT code, begin_date, end_date, price FROM tariff").fetchone() == (
        "B01",
        "2021-01-01",
        "",
        15000,
    )
    assert db.execute("SELECT is_visit, is_call FROM service_book").fetchone() == (1, 0)


def test_loading_again_replaces_the_book(services: Services, tmp_path: Path) -> None:
    services.run("nsi-load", paths=[write(tmp_path, "a.csv", TARIFFS)])
    again = services.run("nsi-load", paths=[write(tmp_path, "a.csv", TARIFFS.replace("B01", "B02"))])
    assert [line.text for line in again.lines] == ["Тарифы: строк 1 (было 1; новых 1, убрано 1), файл a.csv"]
    assert db.execute("SELECT code FROM tariff").fetchall() == [("B02",)]


BAD = {
    "overlap": (
        TARIFFS + "B01;;;2021-03-01;2021-03-31;160;\n",
        "строка 3: «B01»: срок пересекается со строкой 2",
    ),
    "same day": (
        TARIFFS.replace(";;150", ";2021-03-01;150") + "B01;;;2021-03-01;;160;\n",
        "строка 3: «B01»: срок пересекается со строкой 2",
    ),
    "backwards": (TARIFFS + "B02;;;2021-03-01;2021-02-01;1;\n", "строка 3: «Окончание» (01.02.2021) раньше"),
    "price": (TARIFFS + "B02;;;;;дорого;\n", "строка 3: «Цена»: «дорого» — не сумма"),
    "negative": (TARIFFS + "B02;;;;;-1;\n", "«-1» — меньше нуля"),
    "date": (TARIFFS + "B02;;;32.01.2021;;1;\n", "строка 3: «Начало»: «32.01.2021»"),
    "code": (TARIFFS + ";;;;;1;\n", "строка 3: «Код»: не заполнено"),
    "twice": ("code;is_visit\nA;1\nA;0\n", "строка 3: «A» уже есть в строке 2"),
    "header": ("фамилия;имя\nА;Б\n", "по заголовку"),
    "binary": ("code\x00", "не текст"),
    "empty": ("", "файл пуст"),
}


@pytest.mark.parametrize("name", sorted(BAD))
def test_bad_book_is_refused_with_its_row_and_nothing_changes(
    services: Services, tmp_path: Path, name: str
) -> None:
    services.run("nsi-load", paths=[write(tmp_path, "good.csv", TARIFFS)])
    content, words = BAD[name]
    outcome = services.run("nsi-load", paths=[write(tmp_path, "bad.csv", content)])
    assert outcome.kind == "refused" and words in outcome.message and "bad.csv" in outcome.message
    assert db.execute("SELECT code FROM tariff").fetchall() == [("B01",)]


def test_adjacent_periods_and_different_groups_do_not_overlap(services: Services, tmp_path: Path) -> None:
    content = (
        "code;level;child;begin;end;price\nB01;;1;2021-01-01;2021-02-28;1\n"
        "B01;;1;01.03.2021;;2\nB01;;0;;;3\nB01;2;1;;;4\n"
    )
    assert services.run("nsi-load", paths=[write(tmp_path, "t.csv", content)]).kind == "ok"


def test_one_bad_file_of_several_is_a_partial_load(services: Services, tmp_path: Path) -> None:
    outcome = services.run(
        "nsi-load",
        paths=[write(tmp_path, "a.csv", TARIFFS), write(tmp_path, "b.csv", "что;это\n")],
    )
    assert outcome.kind == "partial" and outcome.exit_code == 4
    assert books.count("tariff") == 1


def test_book_without_rows_is_asked_about(services: Services, tmp_path: Path) -> None:
    path = write(tmp_path, "t.csv", TARIFFS.splitlines()[0])
    assert services.run("nsi-load", paths=[path]).kind == "question"
    assert services.run("nsi-load", yes=True, paths=[path]).kind == "ok"


def test_missing_file_is_a_sentence(services: Services, tmp_path: Path) -> None:
    outcome = services.run("nsi-load", paths=[str(tmp_path / "нет.csv")])
    assert outcome.kind == "refused" and "нет.csv" in outcome.message
