"""Names of regional files: grammar, any case, exact refusals."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omstui.domain.errors import FormatError, UsageError
from omstui.domain.model import Period
from omstui.formats import filenames

APRIL = Period(2021, 4)
STEM = "1027600099900760499001210413X"


def test_parse_gives_the_parts() -> None:
    name = filenames.parse("1027600099900760499001210411A.7z")
    assert name == filenames.BillName("1027600099900", "760499001", APRIL, "1", "1", "A")
    assert name.is_answer and str(name) == "1027600099900760499001210411A.7z"


def test_case_of_letters_means_nothing() -> None:
    assert filenames.parse(f"{STEM.lower()}.7Z") == filenames.parse(f"{STEM}.7z")


def test_build_pads_with_zeros() -> None:
    assert filenames.build("123", "45", APRIL, "0", "7", "b") == (
        "0000000000123000000045" + "2104" + "07B.7z"
    )


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("", "ровно одна точка"),
        (STEM, "ровно одна точка"),
        (f"{STEM}.7z.7z", "ровно одна точка"),
        (f"{STEM}.zip", "не является 7z-архивом"),
        (f"{STEM[:-1]}.7z", "знаков 28, а нужно 29"),
        (f"{STEM}X.7z", "знаков 30, а нужно 29"),
        (f"1O{STEM[2:]}.7z", "знак 2 («O») не цифра"),
        (f"{STEM[:24]}1313X.7z", "месяц «13»"),
        (f"{STEM[:24]}0013X.7z", "месяц «00»"),
        (f"{STEM[:27]}4X.7z", "цифра стадии «4»"),
        (f"{STEM[:28]}Ж.7z", "плательщик «Ж»"),
        (f"{STEM[:28]}-.7z", "плательщик «-»"),
        (f"{STEM[:27]}٣X.7z", "не цифра"),
    ],
)
def test_wrong_name_is_refused_with_the_reason(name: str, says: str) -> None:
    with pytest.raises(FormatError) as refused:
        filenames.parse(name)
    assert says in str(refused.value) and f"«{name}»" in str(refused.value)
    assert not filenames.looks_like(name)


@pytest.mark.parametrize(
    "parts",
    [
        ("", "1", APRIL, "1", "3", "X"),
        ("1" * 14, "1", APRIL, "1", "3", "X"),
        ("1", "x", APRIL, "1", "3", "X"),
        ("1", "1", APRIL, "12", "3", "X"),
        ("1", "1", APRIL, "1", "5", "X"),
        ("1", "1", APRIL, "1", "3", ""),
        ("1", "1", APRIL, "1", "3", "Ы"),
    ],
)
def test_name_that_cannot_be_is_refused(parts: tuple[str, str, Period, str, str, str]) -> None:
    with pytest.raises(UsageError, match="Имя файла не составить"):
        filenames.build(*parts)


@given(
    st.integers(1, 10**13 - 1),
    st.integers(0, 10**9 - 1),
    st.integers(2000, 2099),
    st.integers(1, 12),
    st.integers(0, 9),
    st.sampled_from("1237"),
    st.sampled_from("ABCXYZ019"),
)
def test_round_trip(ogrn: int, kpp: int, year: int, month: int, digit: int, stage: str, letter: str) -> None:
    period = Period(year, month)
    name = filenames.build(str(ogrn), str(kpp), period, str(digit), stage, letter)
    assert len(name) == 32
    assert filenames.parse(name) == filenames.BillName(
        f"{ogrn:013d}", f"{kpp:09d}", period, str(digit), stage, letter
    )


@given(st.text(max_size=40))
def test_any_text_is_a_name_or_a_sentence(text: str) -> None:
    try:
        assert filenames.build(*_parts(filenames.parse(text))).lower() == text.lower()
    except FormatError as error:
        assert str(error)


def _parts(name: filenames.BillName) -> tuple[str, str, Period, str, str, str]:
    return name.ogrn, name.kpp, name.period, name.digit, name.stage, name.letter
