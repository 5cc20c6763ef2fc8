"""Анализ МЭСов: what is checked, the price of a КСГ and the folding of КСЛП (yaroslavl.md §6.1). Pure.

Money is integer kopecks. A coefficient comes as text of a file («1.29») or as ten-thousandths of a book
(12900); inside it is hundred-thousandths, the five decimals the federal format allows, so that no price is
ever rounded but once, at its end.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from fractions import Fraction

#: text of a file, ten-thousandths of a book, or not said
Coefficient = str | int | None

_UNIT = 100_000
_BOOK = 10  # ten-thousandths → hundred-thousandths
ERROR, WARNING = "error", "warning"
#: kopecks two sums may differ by
TOLERANCE = 1


@dataclass(frozen=True, slots=True)
class Check:
    """A check of the analysis. ``same_as``: criteria of the expertise with the same condition."""

    code: str
    title: str
    severity: str
    same_as: tuple[str, ...] = ()


CHECKS: dict[str, Check] = {
    check.code: check
    for check in (
        Check("M01", "Нет МЭС или тарифа на дату", ERROR, ("09.003", "09.005")),
        Check("M02", "Диагноз не указан или не по МЭС", ERROR, ("05.001", "09.006")),
        Check("M03", "Нет обязательной услуги, критерия", ERROR),
        Check("M04", "Пол или возраст не подходят", ERROR, ("05.004",)),
        Check("M05", "Сумма услуги — не тариф × кол-во", ERROR, ("09.001", "19.002")),
        Check("M06", "Сумма по КСГ не равна расчётной", ERROR, ("09.009", "09.010")),
        Check("M07", "Сумма счёта не равна сумме услуг", ERROR, ("19.001",)),
        Check("M08", "КСЛП не равен свёртке", ERROR),
        Check("M09", "Длительность вне границ", WARNING, ("09.008",)),
        Check("M10", "Дата услуги, случай не завершён", ERROR, ("08.001",)),
        Check("M11", "Врач или профиль не к услуге", ERROR, ("06.013", "08.007")),
        Check(
            "M12",
            "Пересечение или повтор услуги",
            ERROR,
            ("11.005", "11.006", "12.001", "12.002", "12.003", "12.004", "12.005"),
        ),
        Check("M13", "Полис не действовал, нет СМО", WARNING, ("02.001", "02.002")),
    )
}


# --- coefficients ----------------------------------------------------------------------------


def scaled(value: Coefficient, missing: int = _UNIT) -> int:
    """A coefficient in hundred-thousandths; one that is not said (None, «») is ``missing``, i.e. 1.

    Raises ValueError for a text that is no number, or has more than five decimals.
    """
    if value is None or value == "":
        return missing
    if isinstance(value, int):
        return value * _BOOK
    try:
        exact = Decimal(value.strip().replace(",", ".")) * _UNIT
    except InvalidOperation:
        raise ValueError(f"не коэффициент: {value!r}") from None
    if not exact.is_finite() or exact < 0 or exact != exact.to_integral_value():
        raise ValueError(f"не коэффициент: {value!r}")
    return int(exact)


def coefficient_text(value: Coefficient) -> str:
    """The shortest text: 12900 → «1.29», «1.20» → «1.2»."""
    whole, part = divmod(scaled(value), _UNIT)
    return f"{whole}.{part:05d}".rstrip("0").rstrip(".")


def ksg_price(
    base: int,
    koef_z: Coefficient,
    koef_up: Coefficient = None,
    koef_d: Coefficient = None,
    koef_u: Coefficient = None,
    it_sl: Coefficient = None,
    share: Coefficient = None,
) -> int:
    """Price of a КСГ case in kopecks: base × z × up × d × u × КСЛП × share, rounded half up once.

    ``base`` is the base rate in kopecks; a coefficient that is not said is 1; ``share`` is that of a stay
    cut short. Fit to be a function of SQLite (deterministic, seven arguments).
    """
    product, scale = base, 1
    for value in (koef_z, koef_up, koef_d, koef_u, it_sl, share):
        product *= scaled(value)
        scale *= _UNIT
    return (2 * product + scale) // (2 * scale)


# --- a stay cut short ------------------------------------------------------------------------

#: results (V009) of a treatment cut short: 09.009
INTERRUPTED = frozenset(
    {*("102", "103", "104", "105", "106", "107", "108", "110"), *(str(n) for n in range(202, 209))}
)
#: a stay of so many days and less is paid by a share, but for КСГ that are short by themselves
SHORT_DAYS = 3


def is_cut_short(result: str, days: int | None, *, is_short_ksg: bool = False) -> bool:
    """Whether the stay is paid by a share of the price: cut short, or of three days and less."""
    short = days is not None and days <= SHORT_DAYS and not is_short_ksg
    return result in INTERRUPTED or short


# --- a very long stay ------------------------------------------------------------------------

NORM_DAYS, LONG_NORM_DAYS = 30, 45
#: КСГ whose stay is very long only from the 46th day
LONG_NORM = frozenset(
    {"st10.001", "st10.002", "st17.002", "st17.003", "st29.007", "st32.006", "st32.007", "st33.007"}
)
#: КСГ without a coefficient for a very long stay (radiotherapy)
_NO_LONG = ("st19.039", "st19.055")
LONG_SHARE, RESUSCITATION_SHARE = Fraction(1, 4), Fraction(2, 5)
#: codes of КСЛП of 2020 (yaroslavl.md §6.1)
LONG_STAY = "9"


def norm_days(ksg: str, norm: int | None = None) -> int:
    """Days after which a stay is very long: of the book, else 30, of eight КСГ 45."""
    return norm or (LONG_NORM_DAYS if ksg in LONG_NORM else NORM_DAYS)


def is_very_long(ksg: str, days: int | None, norm: int | None = None) -> bool:
    """Whether the stay earns the coefficient of a very long one. Exactly the norm does not."""
    return days is not None and days > norm_days(ksg, norm) and not _NO_LONG[0] <= ksg <= _NO_LONG[1]


def long_stay(days: int, norm: int, share: Fraction = LONG_SHARE) -> Fraction:
    """The coefficient of a very long stay: 1 + (days − norm) · share / norm."""
    return 1 + Fraction(days - norm) * share / norm


# --- folding of КСЛП -------------------------------------------------------------------------

LIMIT = Fraction(9, 5)


@dataclass(frozen=True, slots=True)
class Kslp:
    """A КСЛП of an account; ``limited`` False = the one of a very long stay, added after the limit."""

    code: str
    value: str
    limited: bool = True


def fold(found: Iterable[Kslp], limit: Fraction = LIMIT) -> Fraction:
    """Σk − (n − 1), at most the limit; then each very long stay adds its k − 1. Nothing = 1."""
    total, over = Fraction(1), Fraction(0)
    for one in found:
        more = Fraction(scaled(one.value), _UNIT) - 1
        if one.limited:
            total += more
        else:
            over += more
    return min(total, limit) + over


def agrees(text: str, exact: Fraction) -> bool:
    """Whether ``text`` is the number rounded half up to as many decimals as it is written with."""
    try:
        given = Decimal(text.strip().replace(",", "."))
    except InvalidOperation:
        return False
    places = max(2, -int(given.as_tuple().exponent)) if given.is_finite() else 2
    step = Decimal(1).scaleb(-places)
    return given == (Decimal(exact.numerator) / exact.denominator).quantize(step, rounding=ROUND_HALF_UP)


def fraction_text(value: Fraction) -> str:
    """«1.125»; five decimals at most."""
    exact = Decimal(value.numerator) / value.denominator
    text = format(exact.quantize(Decimal("0.00001"), rounding=ROUND_HALF_UP), "f")
    return text.rstrip("0").rstrip(".")


# --- which КСЛП the data tell of -------------------------------------------------------------

_GERIATRIC_BED = "72"
_NEONATAL = ("st17.001", "st17.007")


@dataclass(frozen=True, slots=True)
class Patient:
    """What КСЛП depend on: full years at admission, profile of the bed, diagnoses."""

    age: int | None = None
    bed_profile: str = ""
    diagnoses: tuple[str, ...] = ()


def deserved(code: str, who: Patient, ksg: str, days: int | None, norm: int | None = None) -> bool | None:
    """Whether the data give a КСЛП of yaroslavl.md §6.1 its ground; None = they cannot tell."""
    if code == LONG_STAY:
        return is_very_long(ksg, days, norm)
    if code == "13":
        return who.bed_profile == _GERIATRIC_BED and any(ds.startswith("R54") for ds in who.diagnoses)
    if who.age is None:
        return None
    if code == "3":
        return who.age >= 75 and who.bed_profile != _GERIATRIC_BED
    if code == "10":
        return who.age < 1 and not _NEONATAL[0] <= ksg <= _NEONATAL[1]
    if code == "11":
        return 1 <= who.age <= 4
    if code == "7":
        return None if who.age <= 17 else False  # nobody tells whether a grown-up was with the child
    return None


GROUNDS: dict[str, str] = {
    "3": "возраст 75 лет и старше (не койка профиля 72)",
    "7": "сопровождение ребёнка до 17 лет",
    LONG_STAY: "сверхдлительное лечение",
    "10": "возраст до 1 года (не неонатология)",
    "11": "возраст 1–4 года",
    "13": "старческая астения (R54, койка 72)",
}
