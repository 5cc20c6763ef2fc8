"""Dates and sums typed by an operator (даты и суммы параметров), refused in words that name the field."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation

from omstui.domain.errors import OmsError
from omstui.domain.money import kopecks

#: longest note or reason
NOTE = 500
_FIRST_YEAR = 1990
_SIGNS = frozenset("+-.0123456789")
#: roubles: columns of sums must fit the integers of SQLite
_TOO_MUCH = Decimal(10**12)


def iso_day(text: str, what: str) -> str:
    """«2021-05-20» or «20.05.2021» as stored, "" for nothing typed."""
    plain = text.strip()
    if not plain:
        return ""
    day = _day(plain) if plain.isascii() else None
    if day is None:
        raise OmsError(f"{what} «{text}» не понята.", hint="Нужен вид 2021-05-20 или 20.05.2021.")
    if day.year < _FIRST_YEAR:
        raise OmsError(f"{what} {day:%d.%m}.{day.year:04}: такого года быть не может.", hint="Проверьте год.")
    return day.isoformat()


def _day(plain: str) -> date | None:
    try:
        return date.fromisoformat(plain)
    except ValueError:
        pass
    try:
        day, month, year = plain.split(".")
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def line(text: str, what: str, longest: int = 50) -> str:
    """One line of text as stored; control signs would move the cursor of a terminal or turn a line over."""
    plain = text.replace("\u00a0", " ").strip()
    if len(plain) > longest:
        raise OmsError(f"{what}: {len(plain)} знаков, а можно не больше {longest}.", hint="Сократите.")
    if not plain.isprintable():
        raise OmsError(
            f"{what}: есть знаки, которых не видно (перевод строки, табуляция, служебные).",
            hint="Наберите текст заново одной строкой.",
        )
    return plain


def money(text: str | None, what: str) -> int | None:
    """Kopecks of «1 234,56»; None for nothing typed. ``what`` cannot be negative."""
    if text is None or not text.strip():
        return None
    plain = text.strip().replace("\u00a0", "").replace(" ", "").replace(",", ".")
    try:
        value = Decimal(plain)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or not _SIGNS.issuperset(plain):
        raise OmsError(f"«{text}» — не сумма.", hint="Нужны рубли и копейки, например 1234.56.")
    if value < 0:
        raise OmsError(f"{what} не может быть меньше нуля: {text}.")
    if value >= _TOO_MUCH:
        raise OmsError(f"{what}: {text} — слишком много.", hint="Проверьте, нет ли лишних цифр.")
    if value != value.quantize(Decimal("0.01")):
        raise OmsError(f"В сумме {text} больше двух знаков после точки.")
    return kopecks(value)


def shown_day(text: str) -> str:
    """«2021-05-20 …» → «20.05.2021»."""
    return ".".join(reversed(text[:10].split("-")))
