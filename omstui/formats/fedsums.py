"""Sums of a federal case (суммы случая): SUMV = Σ SUM_M, SUM_M = TARIF × ED_COL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from omstui.domain.money import kopecks, quantity_text, roubles
from omstui.formats.fedplan import Tree

Line = Mapping[str, Any]


def split(total: int, said: Sequence[str], lines: Sequence[Sequence[Line]]) -> list[int]:
    """SUM_M of every SL, so that they make the total of the account.

    The sums of the source stay while they still make it; else those of the services; else what the
    services leave over goes to the last.
    """
    if len(said) == 1:
        return [total]
    source = [_kopecks(text) for text in said]
    if sum(source) == total:
        return source
    priced = [sum(int(line.get("total") or 0) for line in own) for own in lines]
    rest = total - sum(priced[:-1])
    return [*priced[:-1], rest] if rest >= 0 else [0] * (len(said) - 1) + [total]


def price_part(part: Tree, amount: int, own: Line | None, from_fed: bool) -> None:
    """Set SUM_M and keep TARIF and ED_COL in step; ``own`` is the service the SL itself is."""
    before = part.get("SUM_M")
    part["SUM_M"] = roubles(amount)
    if own is not None and _times(int(own.get("tariff") or 0), int(own.get("quantity") or 0)) == amount:
        if "TARIF" in part:
            part["TARIF"] = roubles(int(own["tariff"]))
        if "ED_COL" in part and _hundredths(part["ED_COL"]) != own["quantity"]:
            part["ED_COL"] = roubles(int(own["quantity"]))
    elif not from_fed:
        part["ED_COL"], part["TARIF"] = "1.00", part["SUM_M"]
    elif "TARIF" in part and (before is None or _kopecks(before) != amount):
        count = _hundredths(part.get("ED_COL", "")) or 100
        tariff = _divide(amount, count)
        if _times(tariff, count) != amount:
            tariff = amount
            if "ED_COL" in part:
                part["ED_COL"] = "1.00"
        part["TARIF"] = roubles(tariff)


def price_service(made: Tree, line: Line, with_quantity: bool) -> None:
    """KOL_USL, TARIF and SUMV_USL of one service as the account was priced."""
    quantity = line.get("quantity")
    quantity = 100 if quantity is None else int(quantity)
    tariff, total = int(line.get("tariff") or 0), int(line.get("total") or 0)
    if with_quantity:
        made["KOL_USL"] = quantity_text(quantity)
    if total and not tariff and quantity:
        tariff = _divide(total, quantity)
    if tariff or not total:
        made["TARIF"] = roubles(tariff)
    made["SUMV_USL"] = roubles(total)


def _times(tariff: int, quantity: int) -> int:
    """Tariff × quantity in hundredths, half up."""
    return (tariff * quantity + 50) // 100


def _divide(amount: int, quantity: int) -> int:
    return (amount * 200 + quantity) // (2 * quantity)


def _kopecks(text: str) -> int:
    try:
        return kopecks(text) if text else 0
    except ValueError:
        return 0


def _hundredths(text: str) -> int:
    """A number of units; more than two decimals are no number we can keep, 0."""
    return _kopecks(text)
