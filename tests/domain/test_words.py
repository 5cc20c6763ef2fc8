"""Sums in words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omstui.domain.reports.words import in_words, plural


@pytest.mark.parametrize(
    ("kopecks", "text"),
    [
        (0, "Ноль рублей 00 копеек"),
        (100, "Один рубль 00 копеек"),
        (201, "Два рубля 01 копейка"),
        (502, "Пять рублей 02 копейки"),
        (1105, "Одиннадцать рублей 05 копеек"),
        (2111, "Двадцать один рубль 11 копеек"),
        (11221, "Сто двенадцать рублей 21 копейка"),
        (100_000, "Одна тысяча рублей 00 копеек"),
        (200_200, "Две тысячи два рубля 00 копеек"),
        (100_000_000, "Один миллион рублей 00 копеек"),
        (
            12_345_678_912,
            "Сто двадцать три миллиона четыреста пятьдесят шесть тысяч семьсот восемьдесят девять рублей"
            " 12 копеек",
        ),
        (-150, "Минус один рубль 50 копеек"),
    ],
)
def test_in_words(kopecks: int, text: str) -> None:
    assert in_words(kopecks) == text


@given(st.integers(min_value=0, max_value=10**14))
def test_kopecks_are_in_figures_and_one_capital(kopecks: int) -> None:
    text = in_words(kopecks)
    assert text[0].isupper() and text[1:].islower()
    assert f" {kopecks % 100:02d} копе" in text


def test_plural_of_teens() -> None:
    assert [plural(n, ("рубль", "рубля", "рублей")) for n in (11, 12, 14, 111, 21, 101)] == [
        *["рублей"] * 4,
        *["рубль"] * 2,
    ]
