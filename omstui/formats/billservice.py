"""Services of an account in bill.xml (услуги счёта) with КСГ, oncology and sums."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from omstui.domain.money import kopecks, roubles
from omstui.formats.bill import Node
from omstui.formats.billfederal import coefficients, criterias, ksg_attributes, onkologies
from omstui.formats.billrecord import Out
from omstui.formats.billtree import (
    SERVICE_TEXTS,
    Row,
    branch,
    card,
    columns,
    dated,
    filled,
    many,
    node,
    others,
    own,
    raw_of,
    said,
)
from omstui.formats.layouts import bill as layout

_DONE = frozenset({"sum", "additionals"})
_DATES = {"date_1": "date_in", "date_2": "date_out"}
#: what a service without its own takes of the case
_OF_CASE = {"prof_oms": "profile", "det": "child_profile", "spec": "specialty"}


def sum_node(out: Out, tree: Mapping[str, Any], total: int) -> Node:
    """The sums: as loaded while they still make the total, else the first takes the difference."""
    elements = many(branch(tree, "sum").get("elem"))
    if not elements:
        if out.native and not total:
            return Node("sum")
        default = out.env.default
        attrs = {
            "type_acc": default("elem", "type_acc"),
            "suml": default("elem", "suml"),
            "sum": roubles(total),
        }
        return Node("sum", None, [Node("elem", attrs)])
    made = [node("elem", e) for e in elements]
    known = sum(kopecks(e.attrs["sum"]) for e in made if e.attrs.get("sum"))
    if total != known or (len(made) == 1 and "sum" not in elements[0]):
        first = made[0].attrs
        first["sum"] = roubles((kopecks(first["sum"]) if first.get("sum") else 0) + total - known)
    return Node("sum", children=made)


def service_nodes(out: Out) -> list[Node]:
    """The manipulations of the account in their order."""
    rows = list(out.account.get("services") or ())
    keys = {line["service"].get("n"): line.get("xkey") or "" for line in rows}
    keys[0] = str(out.account.get("xkey") or "")
    lead = _Lead(out, rows)
    return [_service(out, line, keys, lead) for line in rows]


def _service(out: Out, line: Row, keys: Mapping[Any, str], lead: _Lead) -> Node:
    row: Row = line["service"]
    case, raw, tree = out.case, raw_of(row), card(row)
    attrs = own(tree)
    attrs.pop("main_n", None)
    extra = row.get("extra") or {}
    if "main_n" in extra and keys.get(extra["main_n"]):
        attrs["main_xkey"] = keys[extra["main_n"]]
    attrs["xkey"] = str(line.get("xkey") or "")
    attrs |= columns(row, SERVICE_TEXTS)
    if line.get("quantity") is not None:
        attrs["quantity"] = said("quantity", line["quantity"], raw.get("quantity"))
    dated(attrs, row, raw, _DATES)
    if not out.native:
        for name, column in _OF_CASE.items():
            if name not in attrs and case.get(column):
                attrs[name] = case[column]
        if "det" not in attrs:
            attrs["det"] = lead.det
        if out.sl.get("VID_HMP") and case.get("profile"):
            attrs.setdefault("prof_vmp", str(case["profile"]))
    made = out.complete(Node("manipulation", attrs), layout.SERVICE)
    made.children = [
        sum_node(out, tree, line.get("total") or 0),
        _additionals(out, row, branch(tree, "additionals") if tree else tree, lead),
        *others(row, _DONE),
    ]
    return made


# --- what a service carries beside itself ----------------------------------------------------

_ADDITIONALS = layout.SERVICE.find("additionals")
_ADDITIONAL = _ADDITIONALS.find("additional")
_ONKOLOGIES = _ADDITIONALS.find("onkologies/onkologie")
_MEDICAMENT = _ONKOLOGIES.find("medicaments/medicament")
_KSLP = _ADDITIONALS.find("coefficients/kslp")
_CRITERIA = _ADDITIONALS.find("criterias/criteria")
_TREATMENT_TEXTS = {"dep_num": "department", "vid_vme": "intervention", "partial": "incomplete"}
_EXAMINATION_TEXTS = {"dep_num": "department", "vid_vme": "intervention", "refusal": "incomplete"}
#: columns of the case a loaded account keeps in its services: column → attribute
_OF_SERVICE = (("ksg", "ksg"), ("bed_profile", "prof_h"))


def _leading(rows: list[Row]) -> dict[int, int]:
    """Part (SL) → number n of the service that carries its КСГ: the dearest, the first of equals."""
    best: dict[int, tuple[int, int]] = {}
    for line in rows:
        service = line["service"]
        part, total = int(service.get("part") or 1), int(line.get("total") or 0)
        if part not in best or total > best[part][0]:
            best[part] = total, int(service.get("n") or 0)
    return {part: n for part, (_, n) in best.items()}


def _onk_services(out: Out, rows: list[Row]) -> dict[int, list[Any]]:
    """Service n → ONK_USL it carries: in their order, what is left goes to the last service."""
    found: dict[int, list[Any]] = {}
    if not out.fed or not out.block(_ONKOLOGIES):
        return found
    for number, part in enumerate(out.parts, 1):
        treated = many((part.get("ONK_SL") or {}).get("ONK_USL"))
        own_rows = [r for r in rows if int(r["service"].get("part") or 1) == number]
        carriers = [int(r["service"].get("n") or 0) for r in own_rows]
        for at, one in enumerate(treated):
            if carriers:
                found.setdefault(carriers[min(at, len(carriers) - 1)], []).append(one)
    return found


class _Lead:
    """What is decided once per account: which service carries what of its SL."""

    def __init__(self, out: Out, rows: list[Row]) -> None:
        self.ksg = {} if out.native or not out.fed else _leading(rows)
        self.onk = {} if out.native else _onk_services(out, rows)
        self.det = "1" if out.age_group() == "2" else "0"
        newborn = out.newborn
        self.child = (newborn[7:] or newborn) if newborn != "0" else ""
        self.columns = _EXAMINATION_TEXTS if out.case.get("family") == "D" else _TREATMENT_TEXTS

    def carries(self, row: Row) -> bool:
        """Whether this service carries the КСГ of its SL."""
        return bool(self.ksg) and self.ksg.get(int(row.get("part") or 1)) == row.get("n")


def _additionals(out: Out, row: Row, tree: Mapping[str, Any], lead: _Lead) -> Node:
    made = node("additionals", tree)
    children = made.children
    inner = next((c for c in children if c.tag == "additional"), None) if children else None
    if inner is None:
        inner = Node("additional")
        children.insert(0, inner)
    inner.attrs = _additional(out, row, inner.attrs, lead)
    if not out.native:
        out.complete(inner, _ADDITIONAL)
        _federal(out, row, lead, children)
    elif inner.attrs:
        out.complete(inner, _ADDITIONAL)
    mkb = row.get("ds") or ("" if out.native else out.case.get("ds_main"))
    if mkb:
        diagnoses = next((c for c in children if c.tag == "diagnoses"), None) if tree else None
        if diagnoses is None or not diagnoses.children:
            children.append(Node("diagnoses", None, [Node("diagnose", {"mkb": str(mkb)})]))
        else:
            diagnoses.children[0].attrs["mkb"] = str(mkb)
    return made


def _part(out: Out, row: Row) -> Mapping[str, Any]:
    number = int(row.get("part") or 1)
    return out.parts[number - 1] if 1 <= number <= len(out.parts) else {}


def _additional(out: Out, row: Row, attrs: dict[str, str], lead: _Lead) -> dict[str, str]:
    attrs |= columns(row, lead.columns)
    if out.native:
        for column, name in _OF_SERVICE:
            if out.changed(column) and attrs.get(name) == out.seen[column]:
                attrs[name] = str(out.case.get(column) or "")
        return attrs
    ogrn, kpp = out.env.org(str(row.get("lpu") or ""))
    part = _part(out, row)
    last = part is out.sl
    bed = (out.case.get("bed_profile") if last else part.get("PROFIL_K")) or ""
    found = filled(
        (("ogrn_lpu", ogrn), ("kpp_lpu", kpp), ("prof_h", bed), ("child", lead.child)),
    )
    if lead.carries(row):
        found |= ksg_attributes(part, str(out.case.get("ksg") or "") if last else "")
        if "count_d" not in found and out.type == 1 and len(out.parts) == 1:
            found |= filled((("count_d", out.case.get("bed_days")),))
    return found | attrs


def _federal(out: Out, row: Row, lead: _Lead, children: list[Node]) -> None:
    """Add coefficients, oncology and criteria from the federal file, where the card has none."""
    leads = lead.carries(row)
    treated = lead.onk.get(int(row.get("n") or 0)) if lead.onk else None
    if not leads and not treated:
        return
    made: list[Node] = []
    part = _part(out, row)
    if leads and out.block(_KSLP):
        made.append(Node("coefficients", children=coefficients(part)))
    if treated:
        made.append(Node("onkologies", children=onkologies(treated, out.block(_MEDICAMENT))))
    if leads and out.block(_CRITERIA):
        made.append(Node("criterias", children=criterias(part)))
    present = {child.tag for child in children}
    children += [one for one in made if one.children and one.tag not in present]
