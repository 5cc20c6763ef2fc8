"""Names of the codes of a case (расшифровка кодов): which book each field looks into."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from omstui.domain.store import bookrows, db

#: field of the card → reference books, the first that has the code tells its name
BOOKS: Mapping[str, tuple[str, ...]] = {
    "patient.doc_type": ("F011",),
    "policy.smo": ("F002",),
    "case.disp": ("V016",),
    "case.help_type": ("V008",),
    "case.department": ("departments",),
    "case.profile": ("V002",),
    "case.bed_profile": ("V020",),
    "case.purpose": ("V025",),
    "case.doctor": ("doctors",),
    "case.specialty": ("V021",),
    "case.result": ("V009",),
    "case.outcome": ("V012",),
    "case.disp_result": ("V017",),
    "case.pay_method": ("V010",),
    "case.ksg": ("mes", "V023"),
    "case.ref_mo": ("F032", "F003"),
    "case.ds_main": ("M001", "MKB10"),
    "case.ds_first": ("M001", "MKB10"),
    "case.ds_char": ("V027",),
}


def names_of(values: Mapping[str, Any], day: Any = "") -> dict[str, str]:
    """Field → name of its code on the day of the case; "" where no book has the code."""
    wanted = {name: str(values[name] or "").strip() for name in BOOKS if name in values}
    asked = {(book, code) for name, code in wanted.items() if code for book in BOOKS[name]}
    with db.connection():
        known = bookrows.names_on(asked, str(day or ""))
    return {
        name: next((known[book, code] for book in BOOKS[name] if (book, code) in known), "")
        for name, code in wanted.items()
    }
