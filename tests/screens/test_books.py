"""Справочники: the list, a book, the card, the form, loading and mapping, by keys at 80x24."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from omstui.app import OmsApp
from omstui.domain.bookcheck import read_row
from omstui.domain.bookspecs import LOCAL
from omstui.domain.bookvalues import choices
from omstui.domain.errors import OmsError
from omstui.domain.model import Role
from omstui.domain.store import bookrows, books, db
from omstui.front import Front
from omstui.screens import books_form
from omstui.screens.books import BooksScreen
from omstui.screens.books_load import Wanted, _about
from omstui.screens.books_rows import BookScreen
from omstui.widgets.form import Form
from tests.screens.monthkit import golden, make_front, said, shown, text_of, type_text, until_text
from tests.ui.helpers import press

TARIFFS = [
    {"code": "B01.047.001", "begin_date": "01.01.2021", "price": "450", "name": "Приём терапевта [/b]"},
    {"code": "B01.047.001", "level": "2", "begin_date": "01.01.2021", "price": "475.50"},
    {"code": "B01.031.001", "child": "дети", "begin_date": "01.01.2020", "end_date": "31.12.2020",
     "price": "1 186,00", "name": "Приём педиатра"},
]  # fmt: skip


def with_tariffs(folder: Path) -> Front:
    front = make_front(folder)
    for values in TARIFFS:
        outcome = front.run("book-save", book="tariff", values=values)
        assert outcome.kind == "ok", outcome.message
    return front


def with_profiles(folder: Path) -> Front:
    front = make_front(folder)
    names = ["book", "code", "begin_date", "end_date", "name", "data"]
    data = '{"IDPR":"%s","PRNAME":"Профиль","COMM":"[red]"}'
    with db.connection(), db.write():
        db.executemany(
            db.insert_sql("nsi", names),
            [("V002", str(n), "2011-01-01", "2020-12-31" if n % 5 == 0 else "",
              f"профиль номер {n} с очень длинным названием, которое на узком экране не помещается", data % n)
             for n in range(1, 301)],
        )  # fmt: skip
    return front


def tariffs() -> dict[str, int]:
    with db.connection():
        rows = bookrows.BookReader("tariff")
        return {f"{r['code']} {r['level']}".strip(): r["price"] for r in rows.rows(rows.ids({})).values()}


async def test_local_book_matches_golden(tmp_path: Path) -> None:
    async with shown(with_tariffs(tmp_path), lambda s: BookScreen(s, "tariff")) as (app, pilot):
        await until_text(pilot, "1 / 3")
        golden(app, "book_tariff")


async def test_a_price_is_edited_by_keys_and_stands_in_the_list(tmp_path: Path) -> None:
    async with shown(with_tariffs(tmp_path), lambda s: BookScreen(s, "tariff")) as (app, pilot):
        await until_text(pilot, "1 / 3")
        await press(pilot, "down", "enter")
        golden(app, "book_form")
        await press(pilot, *["down"] * 5, "ctrl+u")
        await type_text(pilot, "дорого")
        await press(pilot, "ctrl+w")
        assert "не сумма" in said(app), "отказ стоит у поля, набранное не теряется"
        await press(pilot, "ctrl+u")
        await type_text(pilot, "512,25")
        await press(pilot, "ctrl+w")
        await until_text(pilot, "Строка сохранена")
        await until_text(pilot, "512,25")
        assert "2 / 3" in text_of(app), "курсор остаётся на строке"
    assert 51225 in tariffs().values()


async def test_row_is_added_by_ins_and_deleted_after_a_question(tmp_path: Path) -> None:
    async with shown(with_tariffs(tmp_path), lambda s: BookScreen(s, "tariff")) as (app, pilot):
        await until_text(pilot, "1 / 3")
        await press(pilot, "insert")
        await type_text(pilot, "B01.047.001")
        await press(pilot, *["down"] * 5)
        await type_text(pilot, "7")
        await press(pilot, "ctrl+w")
        assert "срок пересекается со строкой с 01.01.2021" in said(app)
        await press(pilot, "up", "up", "ctrl+u")
        await type_text(pilot, "3")
        await press(pilot, "ctrl+w")
        await until_text(pilot, "/ 4")
        await press(pilot, "delete")
        await until_text(pilot, "Удалить из справочника «Тарифы» строку B01.047.001, 3?")
        await press(pilot, "enter")
        await until_text(pilot, "/ 4")
        await press(pilot, "delete", "д")
        await until_text(pilot, "Строка удалена")
        await until_text(pilot, "/ 3")
    assert "B01.047.001 3" not in tariffs()


async def test_search_date_and_sort_inside_a_book(tmp_path: Path) -> None:
    async with shown(with_profiles(tmp_path), lambda s: BookScreen(s, "V002")) as (app, pilot):
        await until_text(pilot, "1 / 300")
        golden(app, "book_classifier")
        await press(pilot, "f7")
        await type_text(pilot, "номер 29")
        await press(pilot, "enter")
        await until_text(pilot, "1 / 13")
        await press(pilot, "f7", "ctrl+u", "enter")
        await until_text(pilot, "/ 300")
        await type_text(pilot, "123")
        assert "123 / 300" in text_of(app)
        await press(pilot, "escape", "f9")
        await type_text(pilot, "действует")
        await press(pilot, "enter")
        await until_text(pilot, "пусто — все строки")
        await type_text(pilot, "01.04.2021")
        await press(pilot, "ctrl+w")
        await until_text(pilot, "/ 240")
        assert "действует на 01.04.2021" in text_of(app)


async def test_card_shows_every_tag_and_federal_rows_are_not_edited(tmp_path: Path) -> None:
    async with shown(with_profiles(tmp_path), lambda s: BookScreen(s, "V002")) as (app, pilot):
        await until_text(pilot, "1 / 300")
        await press(pilot, "f4")
        assert "на этом экране не действует" in said(app)
        await press(pilot, "enter")
        await until_text(pilot, "Поля официального файла")
        golden(app, "book_card")
        assert "[red]" in text_of(app)


async def test_viewer_reads_but_does_not_edit(tmp_path: Path) -> None:
    front = with_tariffs(tmp_path)
    front.core.operator = replace(front.core.operator, role=Role.VIEWER)
    async with shown(front, lambda s: BookScreen(s, "tariff")) as (app, pilot):
        await until_text(pilot, "1 / 3")
        await press(pilot, "f5")
        assert "нужна «оператор»" in said(app)
        await press(pilot, "enter")
        await until_text(pilot, "Карточка")


@pytest.mark.parametrize("code", LOCAL)
def test_form_of_every_local_book_gives_back_what_it_was_given(tmp_path: Path, code: str) -> None:
    make_front(tmp_path)
    book = LOCAL[code]
    texts = {c.name: next(iter(choices(c)), "01.02.2021" if c.kind == "day" else "1") for c in book.columns}
    values, problems = read_row(book, texts)
    assert not problems
    form = Form(books_form.fields_of(book), books_form.form_values(book, values))
    read, wrong = form.read()
    assert not wrong and read_row(book, books_form.texts_of(book, read))[0] == values
    empty = Form(books_form.fields_of(book), {}).read()[0]
    needed = {c.name for c in book.columns if c.required and c.kind != "flag"}
    assert read_row(book, books_form.texts_of(book, empty))[1].keys() == needed


@pytest.mark.parametrize("name", ["list", "book"])
def test_picture(tmp_path: Path, snap_compare: Any, name: str) -> None:
    front = with_books(tmp_path)
    front.core.operator = replace(front.core.operator, name="Петрова А. И.")
    makers = {"list": BooksScreen, "book": lambda s: BookScreen(s, "tariff")}

    async def ready(pilot: Any) -> None:
        await until_text(pilot, {"list": "1 / ", "book": "1 / 3"}[name])

    app = OmsApp(front, makers, name)
    assert snap_compare(app, terminal_size=(80, 24), run_before=ready)


async def test_insurers_are_reached_from_the_list_of_books(tmp_path: Path) -> None:
    async with shown(with_books(tmp_path), BooksScreen) as (_, pilot):
        await until_text(pilot, "Тарифы")
        await press(pilot, "f9")
        await type_text(pilot, "смо")
        await press(pilot, "enter")
        await until_text(pilot, "СМО «Бета»")


# --- the list and loading ----------------------------------------------------------------------

FOREIGN = "Шифр;Сколько;С какого;Примечание\nB01.001;450.00;01.01.2021;важное\nB01.002;380;01.01.2021;\n"
OWN = "code;level;child;begin;end;price;name\nB01.047.001;;;2021-01-01;;500.00;Приём\nB02;;;;;10;\n"
CATALOGUE = {"V002": "5.0 2026-01-01", "V009": "3.6 2026-01-01"}


def file(folder: Path, name: str, text: str) -> Path:
    path = folder / "in" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def with_books(folder: Path) -> Front:
    """Profiles of an old edition, tariffs typed by hand, a small book of our own."""
    front = with_tariffs(folder)
    with db.connection(), db.write():
        db.execute("DELETE FROM nsi")
        db.execute("DELETE FROM book WHERE code <> 'tariff'")
        for code, known in CATALOGUE.items():
            version, day = known.split()
            db.execute(
                "INSERT INTO nsi(book, code, a1, a2) VALUES(?,?,?,?)", (books.CATALOGUE, code, version, day)
            )
        for code, edition, official in (("V002", "4.1", 1), ("V009", "3.6", 1), ("V010", "", 0)):
            db.execute("INSERT INTO nsi(book, code, name) VALUES(?, '1', 'строка')", (code,))
            db.execute(
                'INSERT INTO book(code, title, edition, edition_date, "rows", loaded_at, file_name, official)'
                " VALUES(?,?,?,?,?,?,?,?)",
                (code, code, edition, "2021-02-01", 1, "2021-05-01 09:00:00", f"{code}.xml", official),
            )
    return front


async def test_list_of_books_matches_golden(tmp_path: Path) -> None:
    async with shown(with_books(tmp_path), BooksScreen) as (app, pilot):
        await until_text(pilot, "Тарифы")
        golden(app, "books")
        await press(pilot, "ctrl+right", "ctrl+right", "ctrl+right")
        await until_text(pilot, "1 / 1")
        golden(app, "books_stale")
        await press(pilot, "enter")
        await until_text(pilot, "V002 Профили")


async def test_book_is_found_by_typing_and_by_f7(tmp_path: Path) -> None:
    async with shown(with_books(tmp_path), BooksScreen) as (app, pilot):
        await until_text(pilot, "Тарифы")
        await press(pilot, "f7")
        await type_text(pilot, "способы оплаты")
        await press(pilot, "enter")
        await until_text(pilot, "1 / 1")
        assert "V010" in text_of(app) and "наш" in text_of(app)


async def take(pilot: object, name: str) -> None:
    """Choose a file of the folder «in» in the window of files."""
    await type_text(pilot, name)  # type: ignore[arg-type]
    await press(pilot, "enter")  # type: ignore[arg-type]


async def test_tariffs_are_loaded_by_keys_a_price_is_edited_and_stands_in_the_list(tmp_path: Path) -> None:
    front = with_books(tmp_path)
    file(tmp_path, "tariffs.csv", OWN)
    async with shown(front, BooksScreen) as (app, pilot):
        await until_text(pilot, "Тарифы")
        await press(pilot, "f5")
        await take(pilot, "tariffs")
        await until_text(pilot, "строк 2 (было 3), новых 1, изменено 1, убрано 2")
        golden(app, "books_preview")
        assert len(tariffs()) == 3, "показ ничего не меняет"
        await press(pilot, "enter")
        await until_text(pilot, "завершена")
        await press(pilot, "escape")
        await until_text(pilot, "Загружено справочников: 1")
        await press(pilot, "enter")
        await until_text(pilot, "1 / 2")
        await press(pilot, "enter", *["down"] * 5, "ctrl+u")
        await type_text(pilot, "512.25")
        await press(pilot, "ctrl+w")
        await until_text(pilot, "Строка сохранена")
        await until_text(pilot, "512,25")
    assert tariffs() == {"B01.047.001": 51225, "B02": 1000}


async def test_foreign_columns_are_mapped_once_and_remembered(tmp_path: Path) -> None:
    front = with_books(tmp_path)
    path = file(tmp_path, "чужие.csv", FOREIGN)
    async with shown(front, BooksScreen) as (app, pilot):
        await until_text(pilot, "Тарифы")
        await press(pilot, "f5")
        await take(pilot, "чуж")
        await until_text(pilot, "отказ")
        golden(app, "books_refused")
        await press(pilot, "enter")
        await until_text(pilot, "какой это справочник?")
        await type_text(pilot, "тарифы")
        await press(pilot, "enter")
        await until_text(pilot, "Нужны ещё: Код, Цена")
        await press(pilot, "f5")
        assert "не найден обязательный столбец: Код, Цена" in said(app)
        for ours in ("код", "цена", "начало"):
            await press(pilot, "enter")
            await type_text(pilot, ours)
            await press(pilot, "enter", "down")
        await press(pilot, "f5")
        assert "не решено, что делать со столбцом «Примечание»" in said(app)
        golden(app, "books_mapping")
        await press(pilot, "delete", "f5")
        await until_text(pilot, "строк 2 (было 3), новых 2, убрано 3")
        await press(pilot, "enter")
        await until_text(pilot, "завершена")
    assert tariffs() == {"B01.001": 45000, "B01.002": 38000}
    again = front.run("nsi-load", paths=[str(path)], dry_run=True)
    assert again.kind == "ok", again.message


async def test_a_question_of_the_loader_is_asked_and_no_changes_nothing(tmp_path: Path) -> None:
    front = with_books(tmp_path)
    file(tmp_path, "tariffs.csv", OWN.split("\n")[0] + "\n")
    async with shown(front, BooksScreen) as (_, pilot):
        await until_text(pilot, "Тарифы")
        await press(pilot, "f5")
        await take(pilot, "tariffs")
        await until_text(pilot, "станет пустым")
        await press(pilot, "f5")
        await until_text(pilot, "Загрузить?")
        await press(pilot, "escape")
        await until_text(pilot, "заполнено 4")
    assert len(tariffs()) == 3


def test_a_file_that_is_no_book_says_what_is_wanted() -> None:
    unknown = Wanted("письмо.zip", error=OmsError("письмо.zip: справочник не узнан.", hint="Укажите --book."))
    assert _about(unknown)[-1] == "Нужен пакет справочника (ZIP или XML) либо таблица (CSV, DBF, XLSX)."


async def test_a_damaged_file_says_why_and_nothing_is_loaded(tmp_path: Path) -> None:
    front = with_books(tmp_path)
    file(tmp_path, "V009.xml", "<packet><zglv>")
    async with shown(front, BooksScreen) as (app, pilot):
        await until_text(pilot, "Тарифы")
        await press(pilot, "f5")
        await take(pilot, "v009")
        await until_text(pilot, "отказ")
        await press(pilot, "f5")
        assert "ни один файл загрузить нельзя" in said(app)
        await press(pilot, "escape")
        await until_text(pilot, "Справочники")
