"""Kind of activity of a case (вид деятельности случая), product.md §6. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from omstui.domain.model import KINDS, CaseType

#: beginnings of V016 codes: the first match wins
_EXAMINATIONS: tuple[tuple[str, str], ...] = (
    ("ДВ", "dispensary"),
    ("УД", "dispensary"),
    ("ДР", "dispensary"),
    ("ОПВ", "checkup"),
    ("ДС", "orphans"),
    ("ПН", "minors"),
    ("ОН", "minors"),
)
_BY_CONDITIONS = {"1": "inpatient", "2": "dayhospital", "4": "ambulance"}
#: nomenclature of services: visits to a doctor, a nurse, rehabilitation (product.md §11.6)
_VISIT_PREFIXES = ("B01", "B02", "B04", "В01", "В02", "В04")


def visit_by_nomenclature(code: str) -> bool:
    """True if the nomenclature alone calls the service a visit (with an empty service book)."""
    return code.upper().startswith(_VISIT_PREFIXES)


def derive_kind(
    case: Mapping[str, Any],
    services: Iterable[Mapping[str, Any]],
    *,
    dental_profiles: Collection[str],
    is_visit: Callable[[str], bool] = visit_by_nomenclature,
) -> str:
    """Return the code of the kind, «» when the source does not tell it.

    ``case`` needs family, usl_ok, disp, profile and purpose (columns of the table of cases).
    """
    if case.get("family") == "D" or case.get("disp"):
        disp = str(case.get("disp") or "").upper()
        return next((kind for begin, kind in _EXAMINATIONS if disp.startswith(begin)), "")
    conditions = str(case.get("usl_ok") or "")
    if conditions != "3":
        return _BY_CONDITIONS.get(conditions, "")
    if str(case.get("profile") or "") in dental_profiles:
        return "dental"
    if case.get("purpose"):
        return "outpatient"
    codes = [c for s in services for c in (s.get("code"), s.get("intervention")) if c]
    return "outpatient" if not codes or any(is_visit(c) for c in codes) else "paraclinic"


def case_type(kind: str) -> CaseType:
    """ТАП, МКСБ or СМП of a kind; ТАП for an unknown one."""
    return KINDS[kind].case_type if kind in KINDS else CaseType.TAP
