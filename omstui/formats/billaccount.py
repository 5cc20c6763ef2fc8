"""The account in bill.xml (персональный счёт): header, referrals, diagnoses, additional blocks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from omstui.formats.bill import Node
from omstui.formats.billfederal import consiliums, inpatient, oncology, referrals
from omstui.formats.billrecord import Out
from omstui.formats.billservice import service_nodes, sum_node
from omstui.formats.billtree import (
    ACCOUNT_TEXTS,
    VISIT_TEXTS,
    branch,
    codes,
    columns,
    dated,
    direction_key,
    filled,
    many,
    node,
    others,
    own,
    said,
)
from omstui.formats.layouts import bill as layout

_NO_TIMES = "Нет отметок времени вызова СМП"
_DISPENSARY_PHASE = {
    "ДВ1": "1", "ДВ2": "2", "ДВ3": "1", "ДВ4": "1", "УД1": "1", "УД2": "2", "ДР1": "1", "ДР2": "2",
    "ДС1": "1", "ДС2": "1", "ДС3": "2", "ДС4": "2", "ПН1": "1", "ПН2": "2", "ОПВ": "1",
}  # fmt: skip
#: RSLT_D (V017) → group of health: «присвоена» and «предварительно присвоена»
_HEALTH = {
    "1": "1", "2": "2", "3": "3", "4": "4", "5": "5", "11": "1", "12": "2", "13": "3",
    "14": "3", "15": "3", "17": "3", "18": "4", "19": "5", "31": "3", "32": "3",
}  # fmt: skip

_ADDITIONALS = layout.ACCOUNT.find("additionals")
_BLOCK_TYPES = {e.tag: e for e in _ADDITIONALS.children.values()}
_DIRECTION = layout.ACCOUNT.find("directions/direction")
_CONSILIUM = layout.ACCOUNT.find("consiliums/consilium")


def account_node(out: Out) -> Node:
    """The personal_account element with everything in it."""
    case, account, raw = out.case, out.account, out.raw
    attrs = own(out.bill)
    repeat = account.get("repeat") or ""
    if repeat == "repeat":
        attrs["x_key2"] = str(account.get("prev_xkey") or "")
    elif repeat == "primary":
        attrs.pop("x_key2", None)
    usl_ok = case.get("usl_ok") or ("3" if case.get("family") == "D" else "")
    if "usl_ok" in raw and not out.changed("usl_ok"):
        usl_ok = raw["usl_ok"]
    attrs |= columns(case, ACCOUNT_TEXTS)
    attrs |= filled((("help_cond", usl_ok), ("xkey", account.get("xkey"))))
    if account.get("number"):
        attrs["n_pp"] = said("int", account["number"], raw.get("n_pp"))
    dated(attrs, case, raw, _DATES)
    if "vg" not in attrs and not out.native and (group := out.age_group()):
        attrs["vg"] = group
    made = out.complete(Node("personal_account", attrs), layout.ACCOUNT)
    made.children = [
        Node("directions", children=_directions(out)),
        Node("manipulations", children=service_nodes(out)),
        Node("diagnoses", children=_diagnoses(out)),
        Node("consiliums", children=_consiliums(out)),
        Node("additionals", children=_additionals(out)),
        sum_node(out, out.bill, account.get("total") or 0),
        *others(case, _ACCOUNT_DONE),
    ]
    return made


_ACCOUNT_DONE = frozenset({"directions", "diagnoses", "consiliums", "additionals", "sum"})
_DATES = {"curestart": "date_in", "cureend": "date_out"}


def _directions(out: Out) -> list[Node]:
    trees = branch(out.bill, "directions")
    loaded = many(trees.get("direction"))
    if not loaded and not out.block(_DIRECTION):
        return []
    made = [node("direction", one) for one in loaded]
    if made:
        _mended_referral(out, made[0])
    elif not out.native:
        made = referrals(out)
    key = str(out.account.get("xkey") or "")
    for number, one in enumerate(made):
        attrs = one.attrs
        attrs.setdefault("xkey", direction_key(key, number))
        out.complete(one, _DIRECTION)
    rest = [node("direction_smp", one) for one in many(trees.get("direction_smp"))]
    return made + rest


def _mended_referral(out: Out, first: Node) -> None:
    """Take the columns of the referral (ref_date, ref_mo) into the first loaded direction."""
    case = out.case
    if case.get("ref_date"):
        first.attrs["date_1"] = said("date", case["ref_date"], out.raw.get("ref_date"))
    if out.changed("ref_mo") or ("ref_mo" not in out.seen and case.get("ref_mo")):
        ogrn, kpp = out.env.org(str(case.get("ref_mo") or ""))
        first.attrs |= filled((("ogrn_lpu", ogrn), ("kpp_lpu", kpp)))


def _diagnoses(out: Out) -> list[Node]:
    """Main (1), accompanying (2) and complications (3); what else was loaded stays in its place."""
    case = out.case
    wanted = {"2": codes(case.get("ds2")), "3": codes(case.get("ds3"))}
    main = str(case.get("ds_main") or "")
    made: list[Node] = []
    for one in many(branch(out.bill, "diagnoses").get("diagnose")):
        kind, mkb = one.get("type"), one.get("mkb", "")
        if kind == "1":
            if main:
                made.append(_main_diagnosis(out, one, main))
                main = ""
        elif kind in wanted:
            if mkb in wanted[kind]:
                wanted[kind].remove(mkb)
                made.append(node("diagnose", one))
        else:
            made.append(node("diagnose", one))
    if main:
        made.insert(0, _main_diagnosis(out, {}, main))
    spec = str(case.get("specialty") or "")
    watched = {str(d.get("DS2")): str(d.get("PR_DS2_N") or "") for d in many(out.sl.get("DS2_N"))}
    for kind, left in wanted.items():
        for mkb in left:
            attrs = (("type", kind), ("mkb", mkb), ("code_d", watched.get(mkb)), ("spec", spec))
            made.append(Node("diagnose", filled(attrs)))
    return made


def _main_diagnosis(out: Out, tree: Mapping[str, Any], mkb: str) -> Node:
    case = out.case
    attrs = own(tree)
    attrs.pop("type_b", None)
    attrs.pop("code_d", None)
    attrs |= filled(
        (
            ("type", "1"),
            ("type_b", case.get("ds_char")),
            ("mkb", mkb),
            ("code_d", case.get("observation") or out.sl.get("PR_D_N")),
        )
    )
    if not tree:
        attrs |= filled((("spec", case.get("specialty")),))
    made = node("diagnose", {k: v for k, v in tree.items() if not isinstance(v, str)})
    made.attrs = attrs
    return made


def _consiliums(out: Out) -> list[Node]:
    loaded = many(branch(out.bill, "consiliums").get("consilium"))
    if loaded or out.native or not out.block(_CONSILIUM):
        return [node("consilium", one) for one in loaded]
    return consiliums(out)


def _additionals(out: Out) -> list[Node]:
    trees = branch(out.bill, "additionals")
    made: list[Node] = []
    for tag, element in _BLOCK_TYPES.items():
        tree = trees.get(tag)
        if type(tree) is not dict:
            tree = {}
        if not tree and not out.block(element):
            continue
        if out.native and not tree and tag not in ("additional", "additional_p"):
            continue
        one = node(tag, tree)
        _MAKERS[tag](out, one)
        if one.attrs or one.children or tag in ("additional", "additional_f", "additional_p"):
            made.append(one)
    made += [
        node(tag.lstrip("/"), one)
        for tag, value in trees.items()
        if tag not in _BLOCK_TYPES and not isinstance(value, str)
        for one in many(value)
    ]
    return made


def _additional(out: Out, made: Node) -> None:
    attrs, case, pac = made.attrs, out.case, out.fed.get("pac") or {}
    attrs |= filled((("division", case.get("department")),))
    repeat = out.account.get("repeat")
    if repeat == "repeat":
        attrs["type_r"] = out.env.repeat_type
    elif repeat == "primary" or not (out.native or attrs.get("type_r")):
        attrs["type_r"] = out.env.primary_type
    if not out.native:
        disp = str(case.get("disp") or "").upper()
        found = (
            ("phase", _DISPENSARY_PHASE.get(disp)),
            ("ds_onk", out.sl.get("DS_ONK")),
            ("inv", pac.get("INV")),
            ("mse", pac.get("MSE")),
        )
        for name, value in found:
            if value:
                attrs.setdefault(name, str(value))
        if not attrs.get("division"):
            attrs |= filled((("division", case.get("lpu")),))
    out.complete(made, _BLOCK_TYPES["additional"])


def _additional_p(out: Out, made: Node) -> None:
    attrs, case = made.attrs, out.case
    disp_result = str(case.get("disp_result") or "")
    attrs |= columns(case, VISIT_TEXTS)
    if out.native:
        if attrs or made.children:
            out.complete(made, _BLOCK_TYPES["additional_p"])
        return
    if case.get("family") == "D":
        attrs.setdefault("togmh", "3")
        if (group := _HEALTH.get(disp_result)) and "g_health" not in attrs:
            attrs["g_health"] = group
        naz = ",".join(str(n["NAZ_R"]) for n in many(out.sl.get("NAZ")) if n.get("NAZ_R"))
        if naz:
            attrs.setdefault("appointment", naz)
    out.complete(made, _BLOCK_TYPES["additional_p"])


def _additional_f(out: Out, made: Node) -> None:
    out.complete(made, _BLOCK_TYPES["additional_f"])
    if not any(c.tag == "times" and c.children for c in made.children):
        out.lack.add(_NO_TIMES)


_MAKERS = {
    "additional": _additional,
    "additional_p": _additional_p,
    "additional_h_d": inpatient,
    "additional_f": _additional_f,
    "additional_onk": oncology,
}
