"""Loading of classifiers: preview, questions, what ships with the program, columns named by hand, speed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from omstui.bootstrap import Services
from omstui.domain.embedded import load_embedded
from omstui.domain.model import Role
from omstui.domain.runner import Outcome
from omstui.domain.store import books, config, db
from omstui.formats.dbf import Field, Layout, write_dbf
from tests.formats import nsikit as kit
from tests.support import make_services


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    made = make_services(tmp_path)
    with db.connection():
        yield made


@pytest.fixture
def filled(services: Services) -> Services:
    with db.write():
        load_embedded()
    return services


def put(folder: Path, name: str, data: bytes) -> str:
    path = folder / name
    path.write_bytes(data)
    return str(path)


def load(services: Services, *paths: str, **more: Any) -> Outcome:
    return services.run("nsi-load", paths=list(paths), **more)


def said(outcome: Outcome) -> dict[str, Any]:
    assert outcome.result is not None, outcome.message
    return outcome.result.data["books"][0]


def v009(**more: Any) -> bytes:
    return kit.declared(kit.layout_a(**more))


def row(code: str) -> books.BookRow:
    return next(book for book in books.books() if book.code == code)


# --- preview and questions ---------------------------------------------------------------------


def test_preview_says_what_would_change_and_changes_nothing(services: Services, tmp_path: Path) -> None:
    path = put(tmp_path, "V009_3.1_XML.zip", kit.zipped(v009()))
    preview = said(load(services, path, dry_run=True))
    shown = ("code", "title", "mnemonic", "edition", "edition_date", "rows", "added")
    assert {key: preview[key] for key in shown} == {
        "code": "V009", "title": "Результаты обращения", "mnemonic": "Rezult", "edition": "3.1",
        "edition_date": "2018-04-13", "rows": 3, "added": 3,
    }  # fmt: skip
    assert not row("V009").rows
    assert load(services, path).kind == "ok"
    rows = [*kit.ROWS[:2], ("302", "Новый", "3", "01.01.2021", "")]
    rows[0] = (*rows[0][:4], "31.12.2020")
    rows[1] = ("102", "Переведён", *rows[1][2:])
    newer = put(tmp_path, "x.xml", v009(version="3.2", rows=tuple(rows)))
    preview = said(load(services, newer, dry_run=True))
    changes = {k: preview[k] for k in ("added", "changed", "closed", "removed", "was", "questions")}
    assert changes == {"added": 1, "changed": 1, "closed": 1, "removed": 1, "was": 3, "questions": []}
    outcome = load(services, newer)
    assert [line.text for line in outcome.lines] == [
        "Результаты обращения: строк 3 (было 3; новых 1, изменено 1, закрыто 1, убрано 1),"
        " версия 3.2 от 13.04.2018, файл x.xml"
    ]
    found = db.execute("SELECT code, end_date, name, a1 FROM nsi WHERE book='V009' ORDER BY code").fetchall()
    assert found == [
        ("101", "2020-12-31", "Выписан", "1"),
        ("102", "2020-12-31", "Переведён", "1"),
        ("302", "", "Новый", "3"),
    ]


@pytest.mark.parametrize(
    ("before", "after", "asked"),
    [("2.14", "2.9", True), ("2.9", "2.14", False), ("3.0", "3", False), ("3.6", "3.5.9", True)],
)
def test_going_back_asks(services: Services, tmp_path: Path, before: str, after: str, asked: bool) -> None:
    load(services, put(tmp_path, "a.xml", v009(version=before)))
    older = put(tmp_path, "b.xml", v009(version=after))
    outcome = load(services, older)
    assert (outcome.kind == "question") is asked
    if asked:
        assert f"версия {before}" in outcome.message and f"более старая: {after}" in outcome.message
        assert row("V009").edition == before
    assert load(services, older, yes=True).kind == "ok"
    assert row("V009").edition == after


def test_a_book_that_shrinks_and_a_wrong_name_ask(services: Services, tmp_path: Path) -> None:
    load(services, put(tmp_path, "a.xml", v009()))
    shrunk = load(services, put(tmp_path, "b.xml", v009(rows=kit.ROWS[:1])))
    assert shrunk.kind == "question" and "было строк 3, а в файле b.xml — 1" in shrunk.message
    named = load(services, put(tmp_path, "V012_2.0_XML.zip", kit.zipped(v009())))
    assert named.kind == "question" and "говорит о справочнике V012, а внутри V009" in named.message
    assert row("V009").rows == 3


@pytest.mark.parametrize("name", ["empty", "damaged", "foreign", "unknown"])
def test_what_cannot_be_loaded_changes_nothing_and_says_why(
    services: Services, tmp_path: Path, name: str
) -> None:
    load(services, put(tmp_path, "V009.xml", v009()))
    data, words = {
        "empty": (v009(rows=()), "нет ни одной записи"),
        "damaged": (v009()[:-80], "не разобран"),
        "foreign": (b"a;b\n1;2\n", "это не справочник V009"),
        "unknown": (v009(), "Справочника «V777» нет"),
    }[name]
    outcome = load(services, put(tmp_path, "V009.bin", data), book="V777" if name == "unknown" else "")
    assert outcome.kind == "refused" and words in outcome.message
    assert row("V009").rows == 3


def test_repeated_keys_keep_the_last_and_are_counted(services: Services, tmp_path: Path) -> None:
    rows = (
        *kit.ROWS,
        ("101", "Выписан снова", "1", "01.01.2011", ""),
        ("101", "Иначе", "1", "01.01.2022", ""),
    )
    outcome = load(services, put(tmp_path, "a.xml", v009(rows=rows)))
    assert said(outcome)["notes"] == ["строк с повторным кодом и началом действия: 1, взяты последние"]
    found = db.execute("SELECT begin_date, name FROM nsi WHERE book='V009' AND code='101'").fetchall()
    assert found == [("2011-01-01", "Выписан снова"), ("2022-01-01", "Иначе")]


def test_unofficial_text_only_fills_gaps_and_goes_with_the_official_book(
    services: Services, tmp_path: Path
) -> None:
    load(services, put(tmp_path, "a.xml", v009()))
    addendum = put(
        tmp_path, "V009_addendum.csv", "IDRMP;RMPNAME;DL_USLOV\n101;Иначе;3\n373;Осмотр;3\n".encode()
    )
    assert said(load(services, addendum))["added"] == 1
    names = dict(db.execute("SELECT code, name FROM nsi WHERE book='V009'").fetchall())
    assert (names["101"], names["373"]) == ("Выписан", "Осмотр")
    assert row("V009").edition == "3.1" and row("V009").official and row("V009").rows == 4
    load(services, put(tmp_path, "b.xml", v009(version="3.6")), yes=True)
    assert row("V009").rows == 3
    # together: the official text first, whatever the order of the files
    assert load(services, addendum, put(tmp_path, "c.xml", v009(version="3.7"))).kind == "ok"
    assert row("V009").rows == 4


# --- embedded ----------------------------------------------------------------------------------


def test_a_fresh_database_has_the_small_books(filled: Services) -> None:
    known = {book.code: book for book in books.books()}
    for code in (
        "F005",
        "F006",
        "F011",
        "V005",
        "V006",
        "V008",
        "V010",
        "V012",
        "V014",
        "V017",
        "V025",
        "N013",
    ):
        assert known[code].rows, code
    assert known["MKB10_SEX"].rows == 56 and not known["MKB10_SEX"].official
    assert (known["V005"].edition, known["V005"].known_edition, known["V005"].stale) == ("3.0", "3.0", False)
    assert known["V016"].stale and known["V016"].known_edition == "2.14"
    assert not known["V009"].rows and known["V009"].known_edition == "3.6" and not known["V009"].stale
    assert db.scalar("SELECT count(*) FROM nsi WHERE book='F006' AND end_date <> ''") == 0
    assert db.scalar("SELECT a1 FROM nsi WHERE book='V016' AND code='ДВ1'").startswith("1, 2")


def test_embedded_books_never_replace_loaded_ones(filled: Services, tmp_path: Path) -> None:
    text = "<packet><zglv><type>Pol</type><version>4.0</version></zglv>"
    text += "<zap><IDPOL>1</IDPOL><POLNAME>М</POLNAME></zap></packet>"
    assert load(filled, put(tmp_path, "V005.xml", kit.declared(text))).kind == "ok"
    with db.write():
        assert "V005" not in load_embedded()
    assert (row("V005").edition, row("V005").rows) == ("4.0", 1)


def test_a_newer_catalogue_moves_the_known_editions(filled: Services, tmp_path: Path) -> None:
    line = "CODE\tNAME\tVERSION\tLAST_UPDATE\nV005\tПол\t9.0\t2027-01-01\n"
    assert load(filled, put(tmp_path, "NSI_CATALOG.tsv", line.encode()), yes=True).kind == "ok"
    assert row("V005").stale and row("V005").known_edition == "9.0"


# --- local books -------------------------------------------------------------------------------

FOREIGN = "Шифр;Стоимость услуги;Примечание\nB01;150,00;да\n".encode("cp1251")


def test_columns_named_by_hand_are_remembered(services: Services, tmp_path: Path) -> None:
    path = put(tmp_path, "Прейскурант.csv", FOREIGN)
    assert "справочник не узнан" in load(services, path).message
    refused = load(services, path, book="tariff")
    assert "неизвестные столбцы «Шифр», «Стоимость услуги», «Примечание»" in refused.message
    assert "не найдены столбцы «Код», «Цена»" in refused.message
    mapping = {"шифр": "code", "Стоимость услуги": "Цена", "Примечание": ""}
    assert load(services, path, book="tariff", mapping=mapping, dry_run=True).kind == "ok"
    assert "не узнан" in load(services, path).message  # a preview remembers nothing
    assert load(services, path, book="tariff", mapping=mapping).kind == "ok"
    assert db.execute("SELECT code, price FROM tariff").fetchall() == [("B01", 15000)]
    again = put(tmp_path, "Новый.csv", FOREIGN.replace(b"150", b"160"))
    assert said(load(services, again))["changed"] == 1
    assert db.execute("SELECT code, price FROM tariff").fetchall() == [("B01", 16000)]


def test_a_mapping_that_cannot_be_is_refused(services: Services, tmp_path: Path) -> None:
    path = put(tmp_path, "a.csv", FOREIGN)
    assert "столбца «Нет» в файле нет" in load(services, path, book="tariff", mapping={"Нет": "code"}).message
    assert "нет столбца «Нет»" in load(services, path, book="tariff", mapping={"Шифр": "Нет"}).message


def test_a_local_book_comes_as_a_workbook_with_values_of_every_kind(
    services: Services, tmp_path: Path
) -> None:
    book = Workbook()
    sheet = book.active
    sheet.append(["Код врача", "Фамилия", "Принят", "Уволен"])
    sheet.append([17, "Полевой", datetime(2020, 3, 1), None])
    book.save(tmp_path / "Врачи.xlsx")
    assert load(services, str(tmp_path / "Врачи.xlsx")).kind == "ok"
    assert db.execute("SELECT code, surname, hired, dismissed FROM doctor").fetchall() == [
        ("17", "Полевой", "2020-03-01", "")
    ]
    text = "Код;Мин. дней;Коэф. затратоёмкости;Пол;Начало\nst01;3;1,2345;ж;01.01.2021\nst01;;1;;2020-01-01\n"
    outcome = load(services, put(tmp_path, "mes.csv", text.encode()))
    assert outcome.kind == "refused" and "строка 3: «st01»: срок пересекается со строкой 2" in outcome.message
    text = text.replace("st01;;1;;2020-01-01", "st02;;;;2020-01-01")
    assert load(services, put(tmp_path, "mes.csv", text.encode())).kind == "ok"
    assert db.execute("SELECT code, min_days, coef_z, sex FROM mes ORDER BY code").fetchall() == [
        ("st01", 3, 12345, "2"),
        ("st02", None, None, ""),
    ]


def test_a_table_of_the_fund_in_dbf(services: Services, tmp_path: Path) -> None:
    fields = (
        Field("CODE_USL", "C", 20),
        Field("NAME", "C", 60),
        Field("TARIF", "N", 10, 2),
        Field("DATE_B", "D", 8),
    )
    layout = Layout("T001", "тарифы", fields)
    write_dbf(tmp_path / "T001.dbf", layout, [("B01.001", "Приём", 45050, "2021-01-01")], date(2021, 1, 1))
    assert load(services, str(tmp_path / "T001.dbf")).kind == "ok"
    found = db.execute("SELECT code, name, price, begin_date, end_date FROM tariff").fetchall()
    assert found == [("B01.001", "Приём", 45050, "2021-01-01", "")]


def test_payers_are_added_and_changed_by_the_senior_operator(services: Services, tmp_path: Path) -> None:
    text = "Код СМО;Буква;ОГРН;Наименование\n76001;a;1027700091100;СМО «Новое имя»\n76005;E;1;СМО «Пятая»\n"
    path = put(tmp_path, "Плательщики.csv", text.encode())
    preview = said(load(services, path, dry_run=True))
    assert (preview["code"], preview["added"], preview["changed"], preview["removed"]) == (
        "insurers",
        1,
        1,
        0,
    )
    assert load(services, path).kind == "ok"
    payers = {i.code: i for i in config.load_settings().insurers}
    assert set(payers) == {"76001", "76002", "76005", "76"}
    assert payers["76001"].name == "СМО «Новое имя»" and payers["76001"].letter == "A"
    twice = put(tmp_path, "b.csv", b"code;letter\n76006;B\n")
    outcome = load(services, twice)
    assert outcome.kind == "refused" and "буква «B» у двух плательщиков" in outcome.message
    with db.write():
        config.save_operator("tester", Role.OPERATOR)
    assert "старший оператор" in load(services, path).message


def test_several_books_that_fit_a_header_are_asked_for(services: Services, tmp_path: Path) -> None:
    path = put(tmp_path, "a.csv", "Код;Наименование;Начало;Окончание\n1;Терапия;2021-01-01;\n".encode())
    outcome = load(services, path)
    assert outcome.kind == "refused" and "--book" in (outcome.message + str(outcome.error))
    assert load(services, path, book="departments").kind == "ok"
    assert db.scalar("SELECT name FROM department") == "Терапия"


# --- the public set and speed --------------------------------------------------------------------


def test_the_public_set_loads_whole(services: Services, shared: Path) -> None:
    paths = [str(p) for p in sorted((shared / "nsi").glob("*.tsv")) if p.stem != "SOURCES"]
    outcome = load(services, *paths, yes=True)
    assert outcome.kind == "ok", outcome.message
    rows = {book.code: book.rows for book in books.books()}
    assert rows["M001"] == 14830 and rows["F003"] == 18612 and rows["V009"] == 113 and rows["F010"] == 88
    assert db.scalar("SELECT a1 FROM nsi WHERE book='M001' AND code='A00'") == "1"


def test_fifteen_thousand_rows_load_within_two_seconds(services: Services, tmp_path: Path) -> None:
    rows = tuple((f"{n:05d}", f"Результат {n}", "1", "01.01.2011", "") for n in range(15_000))
    load(services, put(tmp_path, "a.xml", v009(rows=rows)))
    path = put(tmp_path, "b.xml", v009(version="3.2", rows=(*rows[100:], ("99999", "Новый", "1", "", ""))))
    start = time.process_time()
    outcome = load(services, path)
    spent = time.process_time() - start
    assert said(outcome)["removed"] == 100
    assert spent < 2.0, spent
    lines = ["code;level;begin;end;price;name"]
    lines += [f"B{n:05d};{n % 3};2021-01-01;;{n}.50;Услуга {n}" for n in range(15_000)]
    path = put(tmp_path, "tariffs.csv", "\n".join(lines).encode())
    start = time.process_time()
    assert load(services, path).kind == "ok"
    assert time.process_time() - start < 2.0
