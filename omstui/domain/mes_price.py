"""A КСГ of an account against its price and its КСЛП: M06, M08, M09 (yaroslavl.md §6.1). Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from omstui.domain.mes import (
    ERROR,
    GROUNDS,
    LIMIT,
    LONG_SHARE,
    LONG_STAY,
    RESUSCITATION_SHARE,
    SHORT_DAYS,
    TOLERANCE,
    WARNING,
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
    scaled,
)
from omstui.domain.money import roubles

#: code → (value, limited) of the КСЛП in force; empty = the book is not loaded
KslpBook = Mapping[str, tuple[str, bool]]


@dataclass(slots=True)
class Part:
    """A КСГ of an account (one SL) with what its file and the books say. Sums in kopecks."""

    ksg: str
    days: int | None
    result: str
    actual: int
    who: Patient = field(default_factory=Patient)
    #: as the account carries them
    base: int | None = None
    koef_z: str = ""
    koef_up: str = ""
    koef_d: str = ""
    koef_u: str = ""
    it_sl: str = ""
    share: str = ""  # KOEF_PR
    kslp: Sequence[Kslp] = ()
    #: as the books have them on the day; None = not in the book
    book_base: int | None = None
    book_z: Coefficient = None
    book_up: Coefficient = None
    book_d: Coefficient = None
    book_u: Coefficient = None
    book_share: Coefficient = None
    #: None = the КСГ is not in the book: nobody knows whether three days are few for it
    is_short: bool | None = None
    norm: int | None = None
    inpatient: bool = True

    def rate(self, name: str) -> Coefficient:
        """A coefficient by the book, else as the account says."""
        own: str = getattr(self, f"koef_{name}")
        book: Coefficient = getattr(self, f"book_{name}")
        return own if book is None else book

    @property
    def slow(self) -> bool:
        """Whether the stay earns the coefficient of a very long one; in the day hospital none does."""
        return self.inpatient and is_very_long(self.ksg, self.days, self.norm)


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found: ``difference`` is kopecks, in the account minus expected."""

    code: str
    severity: str
    expected: str
    actual: str
    difference: int
    message: str


def price_finding(part: Part) -> Finding | None:
    """M06. Raises LookupError when a coefficient is known neither from the account nor from a book."""
    base = part.base if part.book_base is None else part.book_base
    if base is None or part.rate("z") in (None, ""):
        raise LookupError(part.ksg)
    it_sl = part.it_sl or fraction_text(fold(part.kslp))
    z, up, d, u = rates = [part.rate(name) for name in ("z", "up", "d", "u")]
    full = ksg_price(base, z, up, d, u, it_sl)
    cut = is_cut_short(part.result, part.days, is_short_ksg=part.is_short is not False)
    share: Coefficient = None
    if cut:
        share = part.book_share if part.book_share is not None else part.share
        if share in (None, ""):
            return _without_share(part, full)
    expected = ksg_price(base, z, up, d, u, it_sl, share)
    if abs(part.actual - expected) <= TOLERANCE:
        return None
    factors = [roubles(base), *map(coefficient_text, [*rates, it_sl])]
    text = f"Цена {part.ksg}: {' × '.join(factors)}"
    if cut:
        text += f" × доля {coefficient_text(share)} (лечение прервано или не дольше {SHORT_DAYS} дней)"
    text += f" = {roubles(expected)}, в счёте {roubles(part.actual)}."
    return Finding(
        "M06", ERROR, roubles(expected), roubles(part.actual), part.actual - expected, text + _unlike(part)
    )


def _without_share(part: Part, full: int) -> Finding | None:
    """A stay cut short whose share nobody knows may cost anything below the full price (09.009)."""
    if part.actual < full - TOLERANCE:
        return None
    over = part.actual > full + TOLERANCE
    text = (
        f"Лечение прервано или не дольше {SHORT_DAYS} дней, а {part.ksg} оплачивается полностью"
        f" ({roubles(part.actual)}, полная цена {roubles(full)}): укажите в книге «МЭС и КСГ» долю."
    )
    severity = ERROR if over else WARNING
    return Finding("M06", severity, f"меньше {roubles(full)}", roubles(part.actual), part.actual - full, text)


_NAMES = {"z": "затратоёмкости", "up": "управленческий", "d": "дифференциации", "u": "уровня"}


def _unlike(part: Part) -> str:
    """« Коэффициент затратоёмкости в счёте 1.2, по справочнику 1.29.»"""
    said = []
    if part.base is not None and part.book_base is not None and part.base != part.book_base:
        said.append(f"Базовая ставка в счёте {roubles(part.base)}, по справочнику {roubles(part.book_base)}.")
    for name, title in _NAMES.items():
        own, book = getattr(part, f"koef_{name}"), getattr(part, f"book_{name}")
        if own and book is not None and scaled(own) != scaled(book):
            said.append(
                f"Коэффициент {title} в счёте {coefficient_text(own)},"
                f" по справочнику {coefficient_text(book)}."
            )
    return "".join(f" {text}" for text in said)


def kslp_findings(part: Part, book: KslpBook) -> list[Finding]:
    """M08. The folding needs no book; values and grounds are looked at only for codes the book has."""
    found = list(filter(None, [_folded(part)]))
    for one in part.kslp:
        ground = deserved(one.code, part.who, part.ksg, part.days, part.norm) if part.inpatient else None
        if book and one.code not in book:
            text = f"КСЛП {one.code} нет в справочнике на дату окончания."
            found.append(Finding("M08", ERROR, "", one.code, 0, text))
        elif one.code in book and ground is False:
            text = f"КСЛП {one.code} не положен: {GROUNDS[one.code]} — этого нет в счёте."
            found.append(Finding("M08", ERROR, "", one.value, 0, text))
        elif finding := _valued(part, one, book):
            found.append(finding)
    given = {one.code for one in part.kslp}
    missing = [code for code in GROUNDS if code in book and code not in given and code != LONG_STAY]
    for code in missing if part.inpatient else ():
        if deserved(code, part.who, part.ksg, part.days, part.norm):
            text = f"Положен КСЛП {code} ({GROUNDS[code]}), в счёте его нет."
            found.append(Finding("M08", WARNING, book[code][0], "", 0, text))
    return found


def _folded(part: Part) -> Finding | None:
    exact = fold(part.kslp)
    given = part.it_sl or "1"
    if agrees(given, exact):
        return None
    terms = " + ".join(coefficient_text(one.value) for one in part.kslp if one.limited) or "нет"
    over = [coefficient_text(one.value) for one in part.kslp if not one.limited]
    text = f"Итоговый КСЛП {coefficient_text(given)}, а свёртка даёт {fraction_text(exact)}: {terms}"
    text += f", сверхдлительность {', '.join(over)}" if over else ""
    text += f"; предел {fraction_text(LIMIT)}." if exact >= LIMIT else "."
    return Finding("M08", ERROR, fraction_text(exact), coefficient_text(given), 0, text)


def _valued(part: Part, one: Kslp, book: KslpBook) -> Finding | None:
    """The value of one КСЛП: of a very long stay by its formula, of the others by the book."""
    if not one.limited and one.code == LONG_STAY and part.slow and part.days is not None:
        norm = norm_days(part.ksg, part.norm)
        right = [long_stay(part.days, norm, share) for share in (LONG_SHARE, RESUSCITATION_SHARE)]
        if any(agrees(one.value, value) for value in right):
            return None
        wanted = fraction_text(right[0])
        text = (
            f"КСЛП сверхдлительности {coefficient_text(one.value)}, а за {part.days} дней при норме {norm}"
            f" — {wanted} (в реанимации {fraction_text(right[1])})."
        )
        return Finding("M08", ERROR, wanted, coefficient_text(one.value), 0, text)
    wanted, limited = book.get(one.code, ("", True))
    if not wanted or not limited or scaled(wanted) == scaled(one.value):
        return None
    text = f"КСЛП {one.code} в счёте {coefficient_text(one.value)}, по справочнику {wanted}."
    return Finding("M08", ERROR, wanted, coefficient_text(one.value), 0, text)


def long_finding(part: Part) -> Finding | None:
    """M09: a very long stay without the КСЛП that pays for it."""
    if not part.slow or any(not one.limited for one in part.kslp):
        return None
    norm = norm_days(part.ksg, part.norm)
    text = f"Лечение {part.days} дней при норме {norm}, а КСЛП сверхдлительности в счёте нет."
    return Finding("M09", WARNING, f"до {norm} или КСЛП", str(part.days), 0, text)
