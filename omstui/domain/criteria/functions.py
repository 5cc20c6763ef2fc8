"""Scalar functions that criteria call from SQL: what SQLite cannot say by itself. Pure, deterministic.

None in, None out (SQL NULL), so that a missing value never fires by accident.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from functools import cache, lru_cache

from omstui.domain.mes import ksg_price

_SNILS = re.compile(r"[0-9]{3}-[0-9]{3}-[0-9]{3} [0-9]{2}|[0-9]{11}")
_ENP = re.compile("[0-9]{16}")
_TEETH = {f"{q}{n}" for q in "1234" for n in range(1, 9)} | {f"{q}{n}" for q in "5678" for n in range(1, 6)}


def snils_form(text: str | None) -> int | None:
    """1 if 11 digits, bare or as «112-233-445 95»."""
    return None if text is None else int(bool(_SNILS.fullmatch(text.strip())))


def snils_sum(text: str | None) -> int | None:
    """1 if the check number is right; numbers up to 001-001-998 have none (01.010)."""
    if text is None or not _SNILS.fullmatch(text):
        return None
    number = text[:3] + text[4:7] + text[8:11] if len(text) == 14 else text[:9]
    if number <= "001001998":
        return 1
    first, second, third = _weighted()
    total = first[number[:3]] + second[number[3:6]] + third[number[6:]]
    return int(total % 101 % 100 == int(text[-2:]))


@cache
def _weighted() -> tuple[dict[str, int], ...]:
    """Three digits → their sum by weights 9 8 7, 6 5 4 and 3 2 1."""
    return tuple(
        {f"{n:03d}": n // 100 * top + n // 10 % 10 * (top - 1) + n % 10 * (top - 2) for n in range(1000)}
        for top in (9, 6, 3)
    )


def enp_sum(text: str | None) -> int | None:
    """1 if the last of 16 digits is right by Luhn (02.005)."""
    if text is None or not _ENP.fullmatch(text):
        return None
    luhn = _luhn()
    return int((luhn[text[:4]] + luhn[text[4:8]] + luhn[text[8:12]] + luhn[text[12:]]) % 10 == 0)


@cache
def _luhn() -> dict[str, int]:
    """Four digits → their sum, the first and third doubled and its digits added: 7 → 14 → 5."""
    doubled = "0246813579"
    return {
        text: sum(int(doubled[int(d)]) for d in text[::2]) + sum(map(int, text[1::2]))
        for text in (f"{n:04d}" for n in range(10_000))
    }


def enp_birth(text: str | None) -> str | None:
    """Return the date of birth that a ЕНП was given for, NULL if its digits hold none (18.004)."""
    if text is None or not _ENP.fullmatch(text):
        return None
    inverted = "".join(str(9 - int(digit)) for digit in text[2:10])
    month, year, day = int(inverted[:2]), int(inverted[2:6][::-1]), int(inverted[6:])
    try:
        return date(year, month - (20 if year <= 1950 else 40 if year <= 2000 else 0), day % 50).isoformat()
    except ValueError:
        return None


def mask_fits(text: str | None, mask: str | None) -> int | None:
    """1 if the text fits a mask of F011: 9 digit, 0 digit or none, Б Russian capital, R Roman, S any."""
    if text is None or mask is None:
        return None
    return int(bool(_mask(mask).fullmatch(text.strip())))


@lru_cache(maxsize=256)
def _mask(mask: str) -> re.Pattern[str]:
    if mask.startswith("S"):
        return re.compile(".*", re.DOTALL)
    parts = {"9": r"\d", "0": r"\d?", "Б": "[А-ЯЁ]", "R": "[IVXLCDM]+"}
    return re.compile("".join(parts.get(sign, re.escape(sign)) for sign in mask))


def card_form(text: str | None) -> int | None:
    r"""1 if a number of a card holds letters, digits, space and . / \\ - | _ + only (07.002)."""
    if text is None:
        return None
    return int(len(text) <= 50 and all(sign.isalnum() or sign in " ./\\-|_+" for sign in text))


def teeth_ok(text: str | None) -> int | None:
    """1 if each tooth of the list («11», «54, 55») is one of FDI (14.002)."""
    if text is None:
        return None
    return int(all(tooth in _TEETH for tooth in re.split(r"[,;\s]+", text.strip()) if tooth))


def months_before(day: str | None, months: int | None) -> str | None:
    """The same day so many months earlier, the last of a shorter month (13.010)."""
    moment = _day(day)
    if moment is None or months is None:
        return None
    year, month = divmod(moment.year * 12 + moment.month - 1 - int(months), 12)
    if not date.min.year <= year < date.max.year:
        return None
    last = (date(year + month // 11, (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month + 1, min(moment.day, last)).isoformat()


def _day(text: str | None) -> date | None:
    """The day of a text, None where it is none: «2021-04-1x» of a foreign file must not stop a criterion."""
    with suppress(ValueError):
        return date.fromisoformat(text) if text else None
    return None


def full_months(birth: str | None, day: str | None) -> int | None:
    """Full months between two days: which of the examinations of an infant it is (13.001)."""
    born, now = _day(birth), _day(day)
    if born is None or now is None:
        return None
    return (now.year - born.year) * 12 + now.month - born.month - (now.day < born.day)


def weekdays(first: str | None, last: str | None) -> int | None:
    """Days from Monday to Friday from the first to the last, both counted (13.014)."""
    begin, end = _day(first), _day(last)
    if begin is None or end is None:
        return None
    return max(_weekdays_to(end.toordinal()) - _weekdays_to(begin.toordinal() - 1), 0)


def _weekdays_to(ordinal: int) -> int:
    """Days from Monday to Friday since 1 January of year 1, a Monday."""
    weeks, rest = divmod(ordinal, 7)
    return weeks * 5 + min(rest, 5)


#: kopecks that no case costs: a coefficient of 1e300 must not give what SQLite cannot hold
_NO_SUM = 10**15


def price_of_ksg(base: int | None, *coefficients: str | int | None) -> int | None:
    """Kopecks of a case paid by КСГ (domain.mes.ksg_price); None without a base or with a wrong coefficient."""
    if base is None:
        return None
    try:
        price = ksg_price(base, *(str(c) if isinstance(c, float) else c for c in coefficients))
    except ValueError:
        return None
    return price if price < _NO_SUM else None


def tooth_kind(text: str | None, wanted: str) -> int | None:
    """1 if the list of teeth holds a primary («p») or a permanent («m») one (14.003, 14.010)."""
    if text is None:
        return None
    quarters = "5678" if wanted == "p" else "1234"
    return int(any(tooth in _TEETH and tooth[0] in quarters for tooth in re.split(r"[,;\s]+", text.strip())))


def same_tooth(one: str | None, other: str | None) -> int | None:
    """1 if two lists of teeth share a permanent one."""
    if one is None or other is None:
        return None
    lists = [{t for t in re.split(r"[,;\s]+", text.strip()) if t[:1] in "1234"} for text in (one, other)]
    return int(bool(lists[0] & lists[1] & _TEETH))


FUNCTIONS: tuple[tuple[str, int, Callable[..., int | str | None]], ...] = (
    ("snils_form", 1, snils_form),
    ("snils_sum", 1, snils_sum),
    ("enp_sum", 1, enp_sum),
    ("enp_birth", 1, enp_birth),
    ("mask_fits", 2, mask_fits),
    ("card_form", 1, card_form),
    ("teeth_ok", 1, teeth_ok),
    ("tooth_kind", 2, tooth_kind),
    ("same_tooth", 2, same_tooth),
    ("price_of_ksg", 7, price_of_ksg),
    ("months_before", 2, months_before),
    ("full_months", 2, full_months),
    ("weekdays", 2, weekdays),
)
