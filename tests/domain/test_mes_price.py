"""Price of a КСГ, a stay cut short, folding of КСЛП, a very long stay: tables by the numbers of the spec."""

from __future__ import annotations

import sqlite3
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omstui.domain.mes import (
    Coefficient,
    Kslp,
    Patient,
    agrees,
    coefficient_text,
    deserved,
    fold,
    fraction_text,
    is_cut_short,
    is_very_long,
    ksg_price,
    long_stay,
    norm_days,
)
from omstui.domain.mes_price import Part, kslp_findings, long_finding, price_finding


@pytest.mark.parametrize(
    ("base", "coefficients", "price"),
    [
        (2481615, ("1.29", "1", "1", "0.85"), 2721091),  # 27210.908475
        (2481615, (12900, 10000, 10000, 8500), 2721091),  # the same from a book
        (2481615, ("1.29", "", None, "0.85"), 2721091),  # what is not said is 1
        (2481615, ("1.29", "1", "1", "0.85", "1.2"), 3265309),  # 32653.09017
        (2481615, ("1.29", "1", "1", "0.85", None, "0.5"), 1360545),  # 13605.4542375
        (1, ("0.5",), 1),  # half a kopeck goes up
        (1, ("0.49999",), 0),
        (3, ("0.5",), 2),
        (10000, ("1.23456",), 12346),  # five decimals of the federal format
        (0, ("1.5",), 0),
    ],
)
def test_price(base: int, coefficients: tuple[Coefficient, ...], price: int) -> None:
    assert ksg_price(base, *coefficients) == price


_COEFFICIENTS = st.integers(0, 999_999).map(lambda n: f"{n // 100_000}.{n % 100_000:05d}")


@given(st.integers(0, 10**9), st.lists(_COEFFICIENTS, min_size=1, max_size=6))
def test_price_is_the_exact_product_rounded_once(base: int, coefficients: list[str]) -> None:
    exact = Fraction(base)
    for text in coefficients:
        exact *= Fraction(text)
    assert ksg_price(base, *coefficients) == int(exact + Fraction(1, 2))


def test_price_is_a_function_of_sqlite() -> None:
    base = sqlite3.connect(":memory:")
    base.create_function("ksg_price", 7, ksg_price, deterministic=True)
    assert base.execute("SELECT ksg_price(2481615, '1.29', 10000, NULL, '0.85', NULL, '')").fetchone() == (
        2721091,
    )


@pytest.mark.parametrize("text", ["много", "1.234567", "-1", "NaN", "Infinity"])
def test_a_wrong_coefficient_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="не коэффициент"):
        ksg_price(100, text)


@pytest.mark.parametrize(
    ("value", "text"), [("1.20", "1.2"), (12900, "1.29"), ("1", "1"), (None, "1"), ("0,85", "0.85"), (0, "0")]
)
def test_text_of_a_coefficient(value: Coefficient, text: str) -> None:
    assert coefficient_text(value) == text


@pytest.mark.parametrize(
    ("result", "days", "short_ksg", "cut"),
    [
        ("101", 4, False, False),
        ("101", 3, False, True),  # three days and less
        ("101", 3, True, False),  # but for КСГ short by themselves
        ("101", None, False, False),
        ("102", 9, False, True),  # moved to another hospital
        ("102", 2, True, True),  # cut short is cut short
        ("109", 9, False, False),
        ("110", 9, False, True),
        ("201", 9, False, False),
        ("202", 9, False, True),
        ("208", 9, False, True),
    ],
)
def test_a_stay_cut_short(result: str, days: int | None, short_ksg: bool, cut: bool) -> None:
    assert is_cut_short(result, days, is_short_ksg=short_ksg) is cut


def _kslp(*values: str, over: str = "") -> list[Kslp]:
    found = [Kslp(str(n), value) for n, value in enumerate(values, 3)]
    return found + ([Kslp("9", over, limited=False)] if over else [])


@pytest.mark.parametrize(
    ("found", "total"),
    [
        (_kslp(), "1"),
        (_kslp("1.05"), "1.05"),  # the first one whole
        (_kslp("1.05", "1.2"), "1.25"),  # each following adds k − 1
        (_kslp("1.3", "1.3", "1.2"), "1.8"),  # exactly the limit
        (_kslp("1.3", "1.3", "1.21"), "1.8"),  # above it
        (_kslp("1.3", "1.3", "1.19999"), "1.79999"),
        (_kslp("1.9"), "1.8"),
        (_kslp(over="1.25"), "1.25"),  # a very long stay alone
        (_kslp("1.5", "1.5", over="1.25"), "2.05"),  # it comes after the limit
        (_kslp("1.05", over="2"), "2.05"),
    ],
)
def test_folding(found: list[Kslp], total: str) -> None:
    assert fold(found) == Fraction(total)
    assert fraction_text(fold(found)) == total


@given(st.lists(st.integers(10000, 19000), max_size=6))
def test_folding_does_not_depend_on_the_order(values: list[int]) -> None:
    found = [Kslp(str(n), coefficient_text(value)) for n, value in enumerate(values)]
    exact = sum((Fraction(value, 10000) for value in values), Fraction(0)) - max(len(values) - 1, 0)
    assert fold(found) == fold(reversed(found)) == (min(exact, Fraction(9, 5)) if values else 1)


@pytest.mark.parametrize(
    ("ksg", "days", "norm", "long"),
    [
        ("st23.004", 30, None, False),
        ("st23.004", 31, None, True),
        ("st10.001", 31, None, False),  # one of the eight
        ("st10.001", 45, None, False),
        ("st10.001", 46, None, True),
        ("st33.007", 46, None, True),
        ("st23.004", 31, 45, False),  # the book goes first
        ("st10.001", 31, 30, True),
        ("st19.039", 90, None, False),  # radiotherapy has none
        ("st19.055", 90, None, False),
        ("st19.038", 31, None, True),
        ("st19.056", 31, None, True),
        ("st23.004", None, None, False),
    ],
)
def test_a_very_long_stay(ksg: str, days: int | None, norm: int | None, long: bool) -> None:
    assert is_very_long(ksg, days, norm) is long


@pytest.mark.parametrize(
    ("days", "norm", "share", "value"),
    [
        (31, 30, Fraction(1, 4), "1.00833"),
        (60, 30, Fraction(1, 4), "1.25"),
        (60, 30, Fraction(2, 5), "1.4"),  # resuscitation
        (46, 45, Fraction(1, 4), "1.00556"),
        (90, 45, Fraction(1, 4), "1.25"),
    ],
)
def test_coefficient_of_a_very_long_stay(days: int, norm: int, share: Fraction, value: str) -> None:
    assert fraction_text(long_stay(days, norm, share)) == value
    assert norm in (norm_days("st23.004"), norm_days("st32.006"))


@pytest.mark.parametrize(
    ("text", "exact", "same"),
    [
        ("1.25", "1.25", True),
        ("1.250", "1.25", True),
        ("1.01", "1.00833", True),  # as many decimals as it is written with
        ("1.008", "1.00833", True),
        ("1.00834", "1.00833", False),
        ("1.3", "1.25", False),  # never fewer than two
        ("2", "2", True),
        ("", "1", False),
        ("слово", "1", False),
    ],
)
def test_a_written_number_agrees(text: str, exact: str, same: bool) -> None:
    assert agrees(text, Fraction(exact)) is same


@given(st.fractions(0, 3), st.integers(2, 5))
def test_a_number_agrees_with_its_own_rounding(exact: Fraction, places: int) -> None:
    value = Decimal(exact.numerator) / exact.denominator
    assert agrees(str(value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)), exact)


@pytest.mark.parametrize(
    ("code", "age", "bed", "diagnoses", "ksg", "days", "told"),
    [
        ("3", 75, "", (), "st23.004", 9, True),
        ("3", 74, "", (), "st23.004", 9, False),
        ("3", 80, "72", (), "st23.004", 9, False),  # a geriatric bed
        ("3", None, "", (), "st23.004", 9, None),
        ("4", 80, "", (), "st23.004", 9, None),  # the list of diseases is not known
        ("7", 17, "", (), "st23.004", 9, None),
        ("7", 18, "", (), "st23.004", 9, False),
        ("9", 40, "", (), "st23.004", 31, True),
        ("9", 40, "", (), "st23.004", 30, False),
        ("10", 0, "", (), "st23.004", 9, True),
        ("10", 1, "", (), "st23.004", 9, False),
        ("10", 0, "", (), "st17.001", 9, False),  # neonatology
        ("10", 0, "", (), "st17.008", 9, True),
        ("11", 1, "", (), "st23.004", 9, True),
        ("11", 4, "", (), "st23.004", 9, True),
        ("11", 5, "", (), "st23.004", 9, False),
        ("13", 80, "72", ("I10", "R54"), "st23.004", 9, True),
        ("13", 80, "72", ("I10",), "st23.004", 9, False),
        ("13", 80, "70", ("R54",), "st23.004", 9, False),
    ],
)
def test_ground_of_a_kslp(
    code: str, age: int | None, bed: str, diagnoses: tuple[str, ...], ksg: str, days: int, told: bool | None
) -> None:
    assert deserved(code, Patient(age, bed, diagnoses), ksg, days) is told


# --- judgement of one КСГ --------------------------------------------------------------------


def part(**values: object) -> Part:
    fields = {
        "ksg": "st23.004", "days": 9, "result": "101", "actual": 2721091, "base": 2481615, "koef_z": "1.29",
        "koef_up": "1", "koef_d": "1", "koef_u": "0.85", "is_short": False, **values,
    }  # fmt: skip
    return Part(**fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, None),
        ({"actual": 2721092}, None),  # 0.01 is allowed
        ({"actual": 2721093}, ("error", "27210.91", 2)),
        ({"actual": 2721089}, ("error", "27210.91", -2)),
        ({"book_z": 13000}, ("error", "27421.85", -21094)),  # the book goes first
        ({"book_z": 13000, "actual": 2742185}, None),
        ({"it_sl": "1.2", "actual": 3265309}, None),
        ({"kslp": _kslp("1.2"), "actual": 3265309}, None),  # folded when the total is not written
        ({"days": 3}, ("warning", "меньше 27210.91", 0)),  # nobody knows the share: it cannot be whole
        ({"days": 3, "actual": 2721089}, None),
        ({"days": 3, "actual": 2721093}, ("error", "меньше 27210.91", 2)),
        ({"days": 3, "book_share": 5000, "actual": 1360545}, None),
        ({"days": 3, "book_share": 5000}, ("error", "13605.45", 1360546)),
        ({"result": "105", "share": "0.9", "actual": 2448982}, None),  # KOEF_PR of the file
        ({"days": 3, "is_short": True}, None),
        ({"days": 3, "is_short": None}, None),  # not in the book: nobody knows whether it is short
        ({"result": "105", "is_short": None}, ("warning", "меньше 27210.91", 0)),
    ],
)
def test_price_of_a_part(changes: dict[str, object], found: tuple[str, str, int] | None) -> None:
    finding = price_finding(part(**changes))
    assert (finding and (finding.severity, finding.expected, finding.difference)) == found


def test_the_message_says_the_formula_and_what_differs_from_the_book() -> None:
    finding = price_finding(part(book_z=13000, book_base=2500000))
    assert finding is not None
    assert finding.message == (
        "Цена st23.004: 25000.00 × 1.3 × 1 × 1 × 0.85 × 1 = 27625.00, в счёте 27210.91."
        " Базовая ставка в счёте 24816.15, по справочнику 25000.00."
        " Коэффициент затратоёмкости в счёте 1.29, по справочнику 1.3."
    )


@pytest.mark.parametrize("lost", [{"base": None}, {"koef_z": ""}])
def test_without_coefficients_there_is_no_price(lost: dict[str, object]) -> None:
    with pytest.raises(LookupError):
        price_finding(part(**lost))


BOOK = {"3": ("1.05", True), "9": ("1", False), "11": ("1.1", True)}


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, []),
        ({"it_sl": "1.25", "kslp": _kslp("1.05", "1.2")}, []),
        ({"it_sl": "1.26", "kslp": _kslp("1.05", "1.2")}, [("error", "1.25", "1.26")]),
        ({"kslp": _kslp("1.05")}, [("error", "1.05", "1")]),  # given, but the total is not written
        ({"it_sl": "1.05"}, [("error", "1", "1.05")]),  # a total of nothing
        ({"it_sl": "1.8", "kslp": _kslp("1.5", "1.5")}, []),
        ({"it_sl": "2", "kslp": _kslp("1.5", "1.5")}, [("error", "1.8", "2")]),
    ],
)
def test_folding_of_a_part(changes: dict[str, object], found: list[tuple[str, str, str]]) -> None:
    assert [(f.severity, f.expected, f.actual) for f in kslp_findings(part(**changes), {})] == found


def _given(code: str, value: str) -> dict[str, object]:
    return {"it_sl": value, "kslp": [Kslp(code, value, code != "9")]}


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        (_given("3", "1.05") | {"who": Patient(75)}, []),
        (_given("3", "1.05") | {"who": Patient(74)}, ["КСЛП 3 не положен"]),
        (_given("3", "1.06") | {"who": Patient(75)}, ["КСЛП 3 в счёте 1.06, по справочнику 1.05"]),
        (_given("77", "1.05") | {"who": Patient(40)}, ["КСЛП 77 нет в справочнике"]),
        ({"who": Patient(75)}, ["Положен КСЛП 3"]),
        ({"who": Patient(4)}, ["Положен КСЛП 11"]),
        ({"who": Patient(0)}, []),  # code 10 is not in this book
        (_given("9", "1.25") | {"days": 60}, []),
        (_given("9", "1.4") | {"days": 60}, []),  # resuscitation
        (_given("9", "1.3") | {"days": 60}, ["КСЛП сверхдлительности 1.3, а за 60 дней при норме 30 — 1.25"]),
        (_given("9", "1.01") | {"days": 31}, []),  # 1.00833
        (_given("9", "1.25") | {"days": 30}, ["КСЛП 9 не положен"]),
        ({"who": Patient(80), "inpatient": False}, []),
    ],
)
def test_kslp_against_the_book(changes: dict[str, object], found: list[str]) -> None:
    said = [f.message for f in kslp_findings(part(**changes), BOOK)]
    assert len(said) == len(found)
    assert all(text.startswith(start) for text, start in zip(said, found, strict=True)), said


@pytest.mark.parametrize(
    ("changes", "fires"),
    [
        ({"days": 30}, False),
        ({"days": 31}, True),
        ({"days": 60, "kslp": _kslp(over="1.25")}, False),
        ({"days": 60, "kslp": _kslp("1.25")}, True),
        ({"days": 45, "ksg": "st32.007"}, False),
        ({"days": 46, "ksg": "st32.007"}, True),
        ({"days": 60, "inpatient": False}, False),
    ],
)
def test_a_very_long_stay_without_its_kslp(changes: dict[str, object], fires: bool) -> None:
    assert (long_finding(part(**changes)) is not None) is fires
