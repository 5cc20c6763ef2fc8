"""Functions of criteria: each answers 1 or 0, NULL for what is not there to judge."""

from __future__ import annotations

import pytest

from omstui.domain.criteria import functions as f
from tests.criteria import kit


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("112-233-445 95", 1), ("11223344595", 1), ("087-654-303 00", 1), ("900-000-059 00", 1),
        ("900-000-001 82", 1), ("112-233-445 96", 0), ("001-001-998 00", 1), ("001-001-999 00", 0),
        ("112-233-44 95", None), ("1122334459", None), ("112 233 445 95", None), ("", None), (None, None),
    ],
)  # fmt: skip
def test_snils_sum(text: str | None, right: int | None) -> None:
    assert f.snils_sum(text) == right


@pytest.mark.parametrize("number", range(0, 500_000_000, 31_415_927))
def test_snils_sum_finds_any_wrong_ending(number: int) -> None:
    right = kit.snils(number)
    assert [n for n in range(100) if f.snils_sum(f"{right[:12]}{n:02d}")] == [int(right[12:])]


@pytest.mark.parametrize(
    ("text", "right", "birth"),
    [
        ("5054910832000016", 1, "1980-05-17"), ("5054910882000015", 1, "1980-05-17"),
        ("5067050868000070", 1, "1949-12-31"), ("5097489721123451", 1, "2015-02-28"),
        ("7758999748000009", 1, "2000-01-01"), ("7500000000000000", 1, None), ("4790000000000015", 0, None),
        ("479000000000001", None, None), ("479000000000001O", None, None), ("", None, None), (None, None, None),
    ],
)  # fmt: skip
def test_enp(text: str | None, right: int | None, birth: str | None) -> None:
    assert f.enp_sum(text) == right
    assert f.enp_birth(text) == birth


def test_any_wrong_digit_of_enp_is_found() -> None:
    right = kit.enp(123456)
    for place in range(16):
        others = [right[:place] + digit + right[place + 1 :] for digit in "0123456789"]
        assert [text for text in others if f.enp_sum(text)] == [right]


@pytest.mark.parametrize(
    ("text", "mask", "fits"),
    [
        ("12 34", "99 99", 1), ("1234", "99 99", 0), ("IV-ЖА", "R-ББ", 1), ("4-ЖА", "R-ББ", 0),
        ("IV-жа", "R-ББ", 0), ("123456", "9999990", 1), ("1234567", "9999990", 1), ("12345678", "9999990", 0),
        ("9", "00000009", 1), ("", "", 1), ("1", "", 0), ("что угодно", "S", 1), ("", "S1", 1),
        (None, "99", None), ("12", None, None),
    ],
)  # fmt: skip
def test_masks_of_documents(text: str | None, mask: str | None, fits: int | None) -> None:
    assert f.mask_fits(text, mask) == fits


@pytest.mark.parametrize(
    ("day", "months", "before"),
    [
        ("2023-03-31", 1, "2023-02-28"), ("2024-03-31", 1, "2024-02-29"), ("2023-03-15", 24, "2021-03-15"),
        ("2023-01-31", 1, "2022-12-31"), ("2023-01-10", 13, "2021-12-10"), ("2023-03-31", 0, "2023-03-31"),
        ("", 1, None), (None, 1, None), ("2023-03-31", None, None),
    ],
)  # fmt: skip
def test_months_before(day: str | None, months: int | None, before: str | None) -> None:
    assert f.months_before(day, months) == before


@pytest.mark.parametrize("name", [name for name, _, _ in f.FUNCTIONS])
def test_nothing_gives_nothing(name: str) -> None:
    count, function = next((c, g) for n, c, g in f.FUNCTIONS if n == name)
    assert function(*[None] * count) is None


@pytest.mark.parametrize(
    ("birth", "day", "months"),
    [("2022-06-10", "2023-03-10", 9), ("2022-06-10", "2023-03-09", 8), ("2022-06-10", "2022-06-10", 0),
     ("2021-12-31", "2022-02-28", 1), ("", "2023-03-10", None), (None, "2023-03-10", None),
     ("2022-06-10", None, None)],
)  # fmt: skip
def test_full_months(birth: str | None, day: str | None, months: int | None) -> None:
    assert f.full_months(birth, day) == months


@pytest.mark.parametrize(
    ("first", "last", "days"),
    [("2023-03-06", "2023-03-10", 5), ("2023-03-10", "2023-03-13", 2), ("2023-03-11", "2023-03-12", 0),
     ("2023-03-13", "2023-03-06", 0), ("", "2023-03-10", None), ("2023-03-10", None, None)],
)  # fmt: skip
def test_weekdays(first: str | None, last: str | None, days: int | None) -> None:
    assert f.weekdays(first, last) == days
