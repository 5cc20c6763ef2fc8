"""Dates and sums typed by an operator (даты и суммы параметров), refused in words that name the field."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation

from omstui.domain.errors import OmsError
from omstui.domain.money import kopecks


def iso_day(text: str, what: str) -> str:
    """«2021-05-20» or «20.05.2021» as stored, "" for nothing typed."""
    plain = text.strip()
    if not plain:
        return ""
    try:
        return date.fromisoformat(plain).isoformat()
    except ValueError:
        pass
    try:
        day, month, year = plain.split(".")
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        raise OmsError(f"{what} «{text}» не понята.", hint="Нужен вид 2021-05-20 или 20.05.2021.") from None


def money(text: str | None, what: str) -> int | None:
    """Kopecks of «1 234,56»; None for nothing typed. ``what`` cannot be negative."""
    if text is None or not text.strip():
        return None
    plain = text.strip().replace("\u00a0", "").replace(" ", "").replace(",", ".")
    try:
        value = Decimal(plain)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or "e" in plain.lower() or len(plain) > 15:
        raise OmsError(f"«{text}» — не сумма.", hint="Нужны рубли и копейки, например 1234.56.")
    if value < 0:
        raise OmsError(f"{what} не может быть меньше нуля: {text}.")
    if value != value.quantize(Decimal("0.01")):
        raise OmsError(f"В сумме {text} больше двух знаков после точки.")
    return kopecks(value)


def shown_day(text: str) -> str:
    """«2021-05-20 …» → «20.05.2021»."""
    return ".".join(reversed(text[:10].split("-")))
