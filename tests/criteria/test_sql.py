"""Fragments of SQL of criteria."""

from __future__ import annotations

import sqlite3

import pytest

from omstui.domain.criteria import sql


def value(expression: str, **columns: object) -> object:
    db = sqlite3.connect(":memory:")
    names = ", ".join(f":{name} AS {name}" for name in columns) or "1"
    return db.execute(f"SELECT {expression} FROM (SELECT {names}) c", columns).fetchone()[0]


@pytest.mark.parametrize(
    ("kopecks", "text"), [(0, "0.00"), (5, "0.05"), (123456, "1234.56"), (-1, "-0.01"), (-12345, "-123.45")]
)
def test_money(kopecks: int, text: str) -> None:
    assert value(sql.money("c.x"), x=kopecks) == text


@pytest.mark.parametrize(
    ("hundredths", "text"), [(100, "1"), (150, "1.5"), (1000, "10"), (105, "1.05"), (0, "0")]
)
def test_quantity(hundredths: int, text: str) -> None:
    assert value(sql.quantity("c.x"), x=hundredths) == text


def test_dates() -> None:
    assert value(sql.dmy("c.x"), x="2023-03-05") == "05.03.2023"
    assert value(sql.days_between("c.x", "c.y"), x="2023-02-28", y="2023-03-05") == 5


@pytest.mark.parametrize(
    ("okato", "five"), [("45", "45000"), ("45000", "45000"), ("45000123", "45000"), ("", "00000")]
)
def test_okato(okato: str, five: str) -> None:
    assert value(sql.okato5("c.x"), x=okato) == five


def test_told() -> None:
    assert value(sql.told("исход {}, нужен {}", "c.x", "c.y"), x="301", y="304") == "исход 301, нужен 304"
    assert value(sql.told("просто текст")) == "просто текст"
    assert value(sql.told("{}", "c.x"), x="301") == "301"
    with pytest.raises(ValueError, match="исход"):
        sql.told("исход {}", "c.x", "c.y")


@pytest.mark.parametrize(
    ("disp", "kind"), [("УД2", "УД"), ("ДР1", "ДР"), ("ДВ4", "dispensary"), ("", "dispensary")]
)
def test_program(disp: str, kind: str) -> None:
    assert value(sql.program("c"), disp=disp, kind="dispensary") == kind
