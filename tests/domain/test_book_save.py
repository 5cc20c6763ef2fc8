"""A local book edited row by row: checked as a loaded file is, told in the journal, never half done."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omstui.bootstrap import Services
from omstui.domain.bookspecs import LOCAL, Column
from omstui.domain.bookvalues import choices, overlap, read_value, show_value
from omstui.domain.store import bookrows, db
from tests.support import make_services

TARIFF = LOCAL["tariff"]


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    made = make_services(tmp_path)
    with db.connection():
        yield made


def add(services: Services, book: str = "tariff", **values: str) -> int:
    outcome = services.run("book-save", book=book, values=values)
    assert outcome.kind == "ok" and outcome.result is not None, outcome.message
    return int(outcome.result.data["row_id"])


def test_row_is_added_changed_and_deleted_with_words_in_the_journal(services: Services) -> None:
    row = add(services, code="B01", begin_date="01.01.2021", price="450,00", child="взрослые")
    assert bookrows.read(TARIFF, row) == {
        "code": "B01", "level": "", "child": "0", "begin_date": "2021-01-01", "end_date": "", "price": 45000,
        "name": "", "pay_method": "", "capitation": 0,
    }  # fmt: skip
    changed = services.run("book-save", book="tariff", row_id=row, values={"price": "475"})
    assert [line.text for line in changed.lines] == [
        "Тарифы, B01, взрослые, 01.01.2021: Цена: «450,00» → «475,00»"
    ]
    assert changed.message == "Строка сохранена: B01, взрослые, 01.01.2021."
    asked = services.run("book-save", book="tariff", row_id=row, delete=True)
    assert asked.kind == "question" and asked.error is not None and "Цена: 475,00" in asked.error.details
    gone = services.run("book-save", book="tariff", row_id=row, delete=True, yes=True)
    assert gone.kind == "ok" and bookrows.read(TARIFF, row) is None
    assert db.scalar("SELECT \"rows\" FROM book WHERE code='tariff'") == 0


def test_the_same_row_changes_nothing_and_says_so(services: Services) -> None:
    row = add(services, code="B01", price="1")
    assert services.run("book-save", book="tariff", row_id=row, values={"price": "1.00"}).message == (
        "Изменений нет."
    )


@pytest.mark.parametrize(
    ("book", "values", "words"),
    [
        ("tariff", {"code": "B01"}, "«Цена»: не заполнено"),
        ("tariff", {"code": "", "price": "1"}, "«Код»: не заполнено"),
        ("tariff", {"code": "B", "price": "дорого"}, "«дорого» — не сумма"),
        ("tariff", {"code": "B", "price": "-1"}, "меньше нуля"),
        ("tariff", {"code": "B", "price": "1", "begin_date": "31.02.2021"}, "«31.02.2021» — не дата"),
        ("tariff", {"code": "B", "price": "1", "begin_date": "01.03.2021", "end_date": "01.02.2021"},
         "«Окончание» (01.02.2021) раньше"),
        ("tariff", {"code": "X", "price": "2", "begin_date": "01.01.2021"}, "уже есть"),
        ("tariff", {"code": "X", "price": "2", "begin_date": "01.06.2021"},
         "срок пересекается со строкой с 01.01.2021"),
        ("tariff", {"code": "X", "price": "2", "end_date": "01.01.2021"}, "срок пересекается"),
        ("services", {"code": "A", "age_min": "18", "age_max": "3"}, "«Возраст до» (3)"),
        ("services", {"code": "A", "sex": "3"}, "нет такого значения"),
        ("mes", {"code": "A", "coef_z": "1.23456"}, "четырёх знаков"),
        ("plan", {"begin_date": "01.01.2021", "end_date": "31.01.2021", "unit": "штуки"}, "нет такого"),
    ],
)  # fmt: skip
def test_a_wrong_row_is_refused_with_its_reason(
    services: Services, book: str, values: dict[str, str], words: str
) -> None:
    add(services, code="X", price="1", begin_date="01.01.2021")
    outcome = services.run("book-save", book=book, values=values)
    assert outcome.kind == "refused" and words in outcome.message, outcome.message
    assert db.scalar("SELECT count(*) FROM tariff") == 1


def test_spans_that_touch_and_rows_of_other_keys_are_welcome(services: Services) -> None:
    add(services, code="X", price="1", begin_date="01.01.2021", end_date="31.01.2021")
    row = add(services, code="X", price="2", begin_date="01.02.2021")
    add(services, code="X", level="2", price="3")
    # the row does not overlap with itself
    moved = services.run("book-save", book="tariff", row_id=row, values={"begin_date": "02.02.2021"})
    assert moved.kind == "ok", moved.message


def test_a_row_changed_by_another_is_not_overwritten(services: Services) -> None:
    row = add(services, code="X", price="1")
    seen = bookrows.read(TARIFF, row)
    services.run("book-save", book="tariff", row_id=row, values={"price": "2"})
    late = services.run("book-save", book="tariff", row_id=row, values={"price": "3"}, was=seen)
    assert late.kind == "refused" and late.error is not None
    assert late.error.details == ("Цена: было «1,00», стало «2,00»",)
    services.run("book-save", book="tariff", row_id=row, delete=True, yes=True)
    gone = services.run("book-save", book="tariff", row_id=row, values={"price": "3"})
    assert gone.kind == "refused" and "удалил другой оператор" in gone.message


def test_federal_books_and_unknown_ones_are_refused(services: Services) -> None:
    federal = services.run("book-save", book="V002", values={"code": "1"})
    assert federal.kind == "refused" and "официальный файл" in federal.message
    assert services.run("book-save", book="нет", values={}).exit_code == 2
    assert services.run("book-save", book="tariff", values={"цвет": "1"}).exit_code == 2


def test_a_new_price_says_that_formed_registries_keep_the_old_one(services: Services) -> None:
    db.execute("INSERT INTO registry(period, kind, status) VALUES('2021-04', 'dental', 'Сформирован')")
    outcome = services.run("book-save", book="tariff", values={"code": "B", "price": "1"})
    assert any("переформируйте" in line.text and line.level == "warning" for line in outcome.lines)


# --- values ------------------------------------------------------------------------------------

COLUMNS = {(book.code, c.name): c for book in LOCAL.values() for c in book.columns}


@pytest.mark.parametrize(("kind", "values"), [
    ("sum", st.integers(0, 10**12)), ("qty", st.integers(0, 10**12)), ("coef", st.integers(0, 10**9)),
    ("whole", st.integers(0, 10**6)), ("flag", st.integers(0, 1)), ("child", st.sampled_from(["", "0", "1"])),
    ("day", st.dates(date(1900, 1, 1), date(2200, 12, 31)).map(date.isoformat) | st.just("")),
])  # fmt: skip
def test_what_is_shown_is_read_back(kind: str, values: st.SearchStrategy[object]) -> None:
    column = Column("x", "X", kind)  # type: ignore[arg-type]

    @given(values)
    def check(value: object) -> None:
        assert read_value(column, show_value(column, value)) == value

    check()


@pytest.mark.parametrize("column", [c for c in COLUMNS.values() if choices(c)], ids=lambda c: c.name)
def test_codes_are_read_by_word_and_by_code(column: Column) -> None:
    for code, word in choices(column).items():
        assert (
            read_value(column, word) == read_value(column, code) == read_value(column, word.upper()) == code
        )


@given(st.text(max_size=30), st.sampled_from(sorted(COLUMNS)))
def test_any_text_is_read_or_refused_in_words(text: str, name: tuple[str, str]) -> None:
    column = COLUMNS[name]
    try:
        value = read_value(column, text)
    except ValueError as error:
        assert str(error)
        return
    assert read_value(column, show_value(column, value)) == value


@given(st.lists(st.tuples(st.integers(1, 28), st.integers(0, 5)), max_size=6))
def test_overlap_finds_a_shared_day_and_only_that(raw: list[tuple[int, int]]) -> None:
    spans = [(f"2021-01-{a:02d}", f"2021-01-{min(a + n, 31):02d}", i) for i, (a, n) in enumerate(raw)]
    shared = any(
        one[0] <= other[1] and other[0] <= one[1] for i, one in enumerate(spans) for other in spans[:i]
    )
    assert (overlap(spans) is not None) == shared


# --- reading -----------------------------------------------------------------------------------


def nsi(rows: list[tuple[str, str, str, str]], book: str = "V002") -> None:
    names = ["book", "code", "begin_date", "end_date", "name", "data"]
    db.executemany(db.insert_sql("nsi", names), [(book, *row, '{"TAG":"значение"}') for row in rows])


def test_a_classifier_is_listed_by_number_found_by_name_and_by_day(services: Services) -> None:
    nsi([("10", "2011-01-01", "", "Инфекция"), ("2", "2011-01-01", "2020-12-31", "Ёлочный профиль"),
         ("2", "2021-01-01", "", "Второй"), ("A1", "", "", "Буквенный")])  # fmt: skip
    nsi([("2", "", "", "Чужой")], "V020")
    reader = bookrows.BookReader("V002")

    def codes(**options: object) -> list[tuple[str, str]]:
        ids = reader.ids(**{"where": {}, **options})  # type: ignore[arg-type]
        rows = reader.rows(ids)
        return [(rows[i]["code"], rows[i]["name"]) for i in ids]

    everything = [("2", "Ёлочный профиль"), ("2", "Второй"), ("10", "Инфекция"), ("A1", "Буквенный")]
    assert codes() == everything
    assert codes(search="ЕЛОЧНЫЙ проф") == everything[:1]
    assert codes(search="%") == [] and codes(search="_") == []
    assert codes(where={"on": "2021-04-01"}) == everything[1:]
    assert codes(where={"on": "2020-04-01"}) == [everything[0], *everything[2:]]
    assert [name[:1] for _, name in codes(sort="name")] == ["Б", "В", "Ё", "И"]
    assert codes(sort="-code")[0][0] == "A1"
    ids = reader.ids({})
    assert list(reader.ids({})) == list(ids), "номера строк постоянны: курсор остаётся на строке"
    assert reader.tags(ids[0]) == {"TAG": "значение"}
    db.execute("DELETE FROM nsi WHERE code='10'")
    assert len(reader.rows(ids)) == 3


@pytest.mark.parametrize("book", LOCAL)
def test_every_local_book_opens_filters_and_sorts(services: Services, book: str) -> None:
    reader = bookrows.BookReader(book)
    values = {c.name: "01.01.2021" if c.kind == "day" and c.required else "1" for c in reader.columns}
    values |= {c.name: "" for c in reader.columns if c.kind == "day" and not c.required}
    values |= {c.name: next(iter(choices(c))) for c in reader.columns if choices(c)}
    row = add(services, book, **values)
    for column in reader.columns:
        assert list(reader.ids({"on": "2021-01-01"}, "", f"-{column.name}")) == [row]
        assert list(reader.ids({}, "нет такого", column.name)) == []
    assert reader.rows([row, 99]).keys() == {row}
