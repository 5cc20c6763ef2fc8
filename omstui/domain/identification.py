"""Identification (идентификация): what a QPID says of a person, what an APID means for policies. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from operator import mul
from typing import Any, NamedTuple

UNIDENTIFIED = "Неидентифицированный пациент"
UNINSURED = "Пациент не застрахован на дату лечения"
#: an answer «not found» older than this is asked again («Выгрузить неидент. более месяца»)
OVERDUE_DAYS = 30
#: without these the register cannot be searched: the person stays out of the package
FATAL = frozenset(
    {
        *("не заполнена фамилия", "не заполнена дата рождения", "не заполнен пол"),
        "нет ни СНИЛС, ни документа, ни полиса",
    }
)
#: numbers up to it were given without a control number
_UNCONTROLLED = 1_001_998
_UNITED = "3"  # F008: policy of the single form


class Person(NamedTuple):
    """A person of the package (пациент) with the policy and the dates of the treatment."""

    n: int
    patient_id: int
    recid: str
    first_day: str | None
    last_day: str | None
    surname: str
    name: str
    patronymic: str
    sex: str
    birth_date: str | None
    snils: str
    doc_type: str
    doc_series: str
    doc_number: str
    birth_place: str
    type: str
    series: str
    number: str
    enp: str
    smo: str


def problems(person: Person) -> list[str]:
    """What is wrong in the personal data, in the order of the card."""
    found = []
    if not person.surname:
        found.append("не заполнена фамилия")
    if not person.name:
        found.append("не заполнено имя")
    if not person.birth_date:
        found.append("не заполнена дата рождения")
    elif person.last_day and person.birth_date > person.last_day:
        found.append("дата рождения позже лечения")
    if person.sex not in ("1", "2"):
        found.append("не заполнен пол")
    if person.snils and not snils_right(person.snils):
        found.append("неверный СНИЛС")
    if person.enp and not (len(person.enp) == 16 and person.enp.isdigit()):
        found.append("в ЕНП не 16 цифр")
    if not (person.snils or person.doc_number or person.number or person.enp):
        found.append("нет ни СНИЛС, ни документа, ни полиса")
    return found


def snils_right(text: str) -> bool:
    """Whether the text is a СНИЛС with a right control number."""
    digits = text.replace("-", "").replace(" ", "")
    if len(digits) != 11 or not (digits.isascii() and digits.isdigit()):
        return False
    if int(digits[:9]) <= _UNCONTROLLED:
        return True
    total = sum(map(mul, map(int, digits), range(9, 0, -1))) % 101 % 100
    return bool(total == int(digits[9:]))


def snils_form(text: str) -> str:
    """«NNN-NNN-NNN NN» as QPID wants it; what is no СНИЛС is not sent."""
    digits = text.replace("-", "").replace(" ", "")
    if len(digits) != 11 or not (digits.isascii() and digits.isdigit()):
        return ""
    return f"{digits[:3]}-{digits[3:6]}-{digits[6:9]} {digits[9:]}"


def qpid_row(person: Person, number: int, mo: str) -> tuple[Any, ...]:
    """The record of a person, in the order of QPID (a tuple at once: there are 100 000 of them)."""
    p = person
    return (
        number, mo, p.recid, p.surname, p.name, p.patronymic, _whole(p.sex, 1), p.birth_date,
        snils_form(p.snils), _whole(p.doc_type, 2), p.doc_series, p.doc_number, _whole(p.type, 1), p.series,
        p.number, p.enp, p.smo, p.birth_place, p.first_day, p.last_day or p.first_day,
    )  # fmt: skip


def _whole(text: str, width: int) -> int | None:
    return int(text) if text.isdigit() and len(text) <= width else None


# --- what an answer means for the policies of a person -------------------------------------------

PolicyColumns = Mapping[str, Any]


class Told(NamedTuple):
    """The policy as an answer tells it (полис по регистру); empty = not told."""

    type: str
    series: str
    number: str
    enp: str
    smo: str
    okato: str
    begin: str
    end: str


def chosen(policies: Sequence[PolicyColumns], told: Told) -> PolicyColumns | None:
    """The policy of ours the answer speaks of: in use, then open, then the newest; None = a new one."""
    same = [p for p in policies if _same(p, told)]
    return max(same, key=lambda p: (p["used"], not p["end_date"], p["id"]), default=None)


def _same(policy: PolicyColumns, told: Told) -> bool:
    ours = {v for v in (policy["enp"], policy["number"]) if len(v) == 16}
    theirs = {v for v in (told.enp, told.number) if len(v) == 16}
    if ours and theirs:
        return bool(ours & theirs)
    return bool(told.number) and (policy["series"], policy["number"]) == (told.series, told.number)


def changes(policy: PolicyColumns, told: Told, insurer: Mapping[str, str] | None) -> dict[str, str]:
    """Columns of the policy that the answer changes; ``insurer`` = name and ОГРН of the new insurer."""
    new = {
        "type": told.type,
        "series": told.series,
        "enp": told.enp,
        "smo": told.smo,
        "okato": told.okato,
        "smo_ok": told.okato,
        "begin_date": told.begin,
    }
    # a policy of the single form has its ЕНП for a number; a card without one means the same
    if not (told.type == _UNITED and policy["number"] in ("", told.enp)):
        new["number"] = told.number
    new = {name: value for name, value in new.items() if value}
    if told.begin or told.end:
        new["end_date"] = told.end
    if told.smo and told.smo != policy["smo"]:
        new |= insurer or {"smo_ogrn": "", "smo_name": ""}
    return {name: value for name, value in new.items() if value != (policy[name] or "")}


def closed(
    policies: Iterable[PolicyColumns], kept: int, told: Told, treated: str | None
) -> list[tuple[int, str]]:
    """Open policies the new one ends: (id, last day); the day before it began or the treatment did."""
    start = told.begin or treated or ""
    if not start:
        return []
    last = (date.fromisoformat(start) - timedelta(days=1)).isoformat()
    return [
        (p["id"], last)
        for p in policies
        if p["id"] != kept and (not p["end_date"] or p["end_date"] > last) and (p["begin_date"] or "") <= last
    ]


def corrected_name(ours: str, told: str) -> str:
    """The name by the register, in small letters where ours are; ours if it is the same."""
    if not told or _folded(told) == _folded(ours):
        return ours
    return told.title() if told.isupper() and not ours.isupper() else told


def _folded(text: str) -> str:
    return " ".join(text.upper().replace("Ё", "Е").split())


def records_word(count: int) -> str:
    """«запись», «записи», «записей»."""
    tail = count % 100
    if 11 <= tail <= 14:
        return "записей"
    return {1: "запись", 2: "записи", 3: "записи", 4: "записи"}.get(count % 10, "записей")
