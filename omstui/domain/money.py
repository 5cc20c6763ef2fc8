"""Money (деньги) as integer kopecks; text only at the edges of the program."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

_CENT = Decimal("0.01")
#: Decimal also reads «1_000» and digits of other alphabets, which nobody means
_DIGITS = frozenset("+-.0123456789eE")


def kopecks(text: str | Decimal | int) -> int:
    """Return kopecks for roubles written as text («1186.00», «1186,5») or Decimal.

    More than two decimals are rounded half up. Raises ValueError for anything else.
    """
    if isinstance(text, str):
        text = text.strip().replace(",", ".").replace("\u00a0", "").replace(" ", "")
    try:
        if isinstance(text, str) and not _DIGITS.issuperset(text):
            raise InvalidOperation
        value = Decimal(text)
        if not value.is_finite():
            raise InvalidOperation
        return int((value.quantize(_CENT, rounding=ROUND_HALF_UP)) * 100)
    except InvalidOperation:
        raise ValueError(f"не сумма: {text!r}") from None


def roubles(kop: int) -> str:
    """Return «1186.00», the form of files, logs and JSON."""
    sign = "-" if kop < 0 else ""
    kop = abs(kop)
    return f"{sign}{kop // 100}.{kop % 100:02d}"


def spaced(kop: int) -> str:
    """Return «235 180,00», the form of tables on the screen."""
    sign = "-" if kop < 0 else ""
    kop = abs(kop)
    return f"{sign}{kop // 100:,}".replace(",", " ") + f",{kop % 100:02d}"


def hundredths(text: str) -> int:
    """Return a quantity (количество услуги) as hundredths: «1.25» → 125. ValueError for more decimals."""
    try:
        value = Decimal(text.strip().replace(",", ".")) * 100
    except InvalidOperation:
        raise ValueError(f"не число: {text!r}") from None
    if not value.is_finite() or value != value.to_integral_value():
        raise ValueError(f"больше двух знаков после точки: {text!r}")
    return int(value)


def quantity_text(value: int) -> str:
    """Return the shortest text of a quantity in hundredths: 1000 → «10», 125 → «1.25»."""
    sign = "-" if value < 0 else ""
    whole, part = divmod(abs(value), 100)
    return f"{sign}{whole}" + (f".{part:02d}".rstrip("0") if part else "")
