"""CSV of cases with a mapping file."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omstui.domain.errors import FormatError, UsageError
from omstui.domain.money import quantity_text, roubles
from omstui.formats.csvsource import CsvSource, read_mapping
from omstui.formats.source import SourceCase, SourceProblem
from omstui.formats.values import BadValue, date_value, money_value, quantity_value

MAPPING = """
case_column = "Случай"
[file]
code_mo = "760001"
[columns]
"Карта" = "case.nhistory"
"Условия" = "case.usl_ok"
"Начало" = "case.date_in"
"Конец" = "case.date_out"
"Закрыт" = "case.completed"
"Оплата" = "case.pay_type"
"Сопутствующие" = "case.ds2"
"Фамилия" = "patient.surname"
"ЕНП" = "policy.enp"
"Повод" = "case.bill.additionals.additional_f.occasion"
"Время" = "case.bill.additionals.additional_f.times.time.0.time"
"Услуга" = "service.code"
"Кол" = "service.quantity"
"Сумма" = "service.source_sum"
[values."Оплата"]
"2" = "ДМС"
"""
HEAD = (
    "Случай;Карта;Условия;Начало;Конец;Закрыт;Оплата;Сопутствующие;Фамилия;ЕНП;Повод;Время;Услуга;Кол;Сумма"
)
ROW = "1;A1;3;05.04.2021;2021-04-06;да;2;I10, E11.9;Ёлкин;5054910832000016;12;10:15;B01.047.001;1,5;450.00"


def source(
    tmp_path: Path, *rows: str, head: str = HEAD, mapping: str = MAPPING, encoding: str = "utf-8"
) -> CsvSource:
    path = tmp_path / "cases.csv"
    path.write_text("\n".join([head, *rows]) + "\n", encoding=encoding)
    (tmp_path / "cases.mapping.toml").write_text(mapping, encoding="utf-8")
    return CsvSource(path)


def test_rows_of_a_case_become_services(tmp_path: Path) -> None:
    second = ROW.replace("B01.047.001;1,5;450.00", "A05.10.006;1;214.30")
    (found,) = source(tmp_path, ROW, second).cases()
    assert isinstance(found, SourceCase) and found.person is not None
    case = found.case
    assert (case["nhistory"], case["usl_ok"], case["mo"]) == ("A1", "3", "760001")
    assert (case["date_in"], case["date_out"], case["completed"]) == ("2021-04-05", "2021-04-06", 1)
    assert case["pay_type"] == "ДМС" and case["ds2"] == ["I10", "E11.9"]
    assert case["source_sum"] == 66430
    assert case["extra"]["bill"] == {
        "additionals": {"additional_f": {"occasion": "12", "times": {"time": [{"time": "10:15"}]}}}
    }
    assert [(s["n"], s["code"], s["quantity"]) for s in found.services] == [
        (1, "B01.047.001", 150),
        (2, "A05.10.006", 100),
    ]
    assert found.person["surname"] == "Ёлкин" and found.policy["enp"] == "5054910832000016"
    assert found.person_ref == "5054910832000016"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251"])
@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_encoding_and_delimiter_are_detected(tmp_path: Path, encoding: str, delimiter: str) -> None:
    head, row = HEAD.replace(";", delimiter), ROW.replace(";", delimiter)
    (found,) = source(tmp_path, row, head=head, encoding=encoding).cases()
    assert isinstance(found, SourceCase) and found.person is not None
    assert found.person["surname"] == "Ёлкин"


def test_case_without_service_columns_has_no_services(tmp_path: Path) -> None:
    (found,) = source(tmp_path, ROW.replace("B01.047.001;1,5;450.00", ";;")).cases()
    assert isinstance(found, SourceCase) and found.services == []


def test_not_closed_case_with_an_end_date(tmp_path: Path) -> None:
    (found,) = source(tmp_path, ROW.replace(";да;", ";0;")).cases()
    assert isinstance(found, SourceCase) and found.case["completed"] == 0
    assert found.case["date_out"] == "2021-04-06"


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (ROW.replace("05.04.2021", "31.02.2021"), "Начало «31.02.2021»"),
        (ROW.replace(";1,5;", ";много;"), "Кол «много»"),
        (ROW.replace(";да;", ";может;"), "Закрыт «может»"),
        (ROW + ";лишнее", "полей 16, а в заголовке 15"),
        (ROW.replace("A1", ""), "NHISTORY"),
        (ROW.replace("1;A1", ";A1"), "Случай"),
        (ROW.replace("Ёлкин;5054910832000016", ";"), "нет ни кода, ни полиса, ни фамилии"),
    ],
)
def test_bad_row_is_a_problem_with_its_line(tmp_path: Path, row: str, said: str) -> None:
    good = ROW.replace("1;A1", "2;A2")
    bad, taken = source(tmp_path, row, good).cases()
    assert isinstance(bad, SourceProblem) and said in bad.reason
    assert bad.position == "строка 2" and isinstance(taken, SourceCase)


def test_rows_of_a_case_must_stand_together(tmp_path: Path) -> None:
    *_, last = source(tmp_path, ROW, ROW.replace("1;A1", "2;A2"), ROW).cases()
    assert isinstance(last, SourceProblem) and "не подряд" in last.reason


def test_columns_without_a_field_are_counted(tmp_path: Path) -> None:
    made = source(tmp_path, ROW + ";x", head=HEAD + ";Лишний")
    assert len(list(made.cases())) == 1 and made.unknown == {"Лишний": 1}


def test_missing_columns_are_named(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"«Сумма»"):
        list(source(tmp_path, ROW, head=HEAD.replace("Сумма", "Итог")).cases())


def test_carries_only_what_the_mapping_names(tmp_path: Path) -> None:
    carried = source(tmp_path, ROW).carries
    assert {"pay_type", "completed", "enp"} <= carried and "doctor" not in carried


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('case_column = "a"\n[columns]\n"b" = "case.nhistori"', "case.nhistory"),
        ('case_colum = "a"', "неизвестный ключ «case_colum»"),
        ('[columns]\n"b" = "case.nhistory"', "case_column"),
        ("= nonsense", "ошибка записи TOML"),
        ('case_column = "a"\nencoding = "cp99999"\n[columns]\n"b" = "case.nhistory"', "кодировка"),
    ],
)
def test_wrong_mapping_is_a_sentence(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "m.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=said):
        read_mapping(path)


@given(st.dates(date(1900, 1, 1), date(2030, 12, 31)))
def test_dates_of_both_forms_are_one_day(day: date) -> None:
    assert date_value(f"{day:%d.%m.%Y}", "x") == date_value(day.isoformat(), "x") == day.isoformat()


@given(st.text(max_size=12))
def test_any_text_is_a_date_or_a_sentence(text: str) -> None:
    try:
        found = date_value(text, "Дата")
    except BadValue as error:
        assert str(error).startswith("Дата")
    else:
        assert found is None or date.fromisoformat(found)


@given(st.integers(0, 10**13))
def test_money_round_trip(kopecks: int) -> None:
    assert money_value(roubles(kopecks), "x") == kopecks


@given(st.integers(0, 10**6))
def test_quantity_round_trip(value: int) -> None:
    assert quantity_value(quantity_text(value), "x") == value


@given(st.text(alphabet="0123456789.,- _eE+²٣", max_size=8))
def test_any_number_is_money_or_a_sentence(text: str) -> None:
    try:
        assert isinstance(money_value(text, "x"), int)
    except BadValue as error:
        assert "не сумма" in str(error)
