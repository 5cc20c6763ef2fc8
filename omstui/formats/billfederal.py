"""Blocks of an account made from what the federal file carried (из H/C/T/D в bill.xml)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from omstui.formats.bill import Node
from omstui.formats.billrecord import Out
from omstui.formats.billtree import filled, many, said

#: the referral our patient came with; the samples write 1
_INCOMING = "1"
#: a referral we gave (NAPR)
_GIVEN = "2"

_ONK = (
    ("ds1_t", "DS1_T"),
    ("stad", "STAD"),
    ("onk_t", "ONK_T"),
    ("onk_n", "ONK_N"),
    ("onk_m", "ONK_M"),
    ("mtstz", "MTSTZ"),
    ("sod", "SOD"),
    ("k_fr", "K_FR"),
    ("b_weight", "WEI"),
    ("b_height", "HEI"),
    ("b_area", "BSA"),
)
_DIAG = (
    ("diag_date", "DIAG_DATE"),
    ("diag_tip", "DIAG_TIP"),
    ("diag_code", "DIAG_CODE"),
    ("diag_rslt", "DIAG_RSLT"),
    ("rec_rslt", "REC_RSLT"),
)
_PROT = (("prot", "PROT"), ("d_prot", "D_PROT"))


def renamed(data: Mapping[str, Any], names: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """Attributes by (name of bill.xml, federal name)."""
    return filled((ours, data.get(theirs)) for ours, theirs in names)


def referrals(out: Out) -> list[Node]:
    """The referral the patient came with (NPR_*) and those given to him (NAPR)."""
    case = out.case
    made: list[Node] = []
    ref_mo, ref_date = str(case.get("ref_mo") or ""), case.get("ref_date")
    main = case.get("ds_main")
    if ref_mo or ref_date:
        ogrn, kpp = out.env.org(ref_mo) if ref_mo else ("", "")
        attrs = (
            ("direction", _INCOMING),
            ("number", (out.fed.get("z") or {}).get("NPR_NUM")),
            ("date_1", said("date", ref_date, out.raw.get("ref_date"))),
            ("ogrn_lpu", ogrn),
            ("kpp_lpu", kpp),
            ("mkb", case.get("ds_first") or main),
        )
        made.append(Node("direction", filled(attrs)))
    for part in out.parts:
        for given in many(part.get("NAPR")):
            ogrn, kpp = out.env.org(str(given.get("NAPR_MO") or ""))
            found = (
                ("direction", _GIVEN),
                ("date_1", given.get("NAPR_DATE")),
                ("ogrn_lpu", ogrn),
                ("kpp_lpu", kpp),
                ("direction_type", given.get("NAPR_V")),
                ("mkb", main),
                ("met_issl", given.get("MET_ISSL")),
            )
            one = Node("direction", filled(found))
            if given.get("NAPR_USL"):
                simple = Node("simple_service", {"code": str(given["NAPR_USL"])})
                one.children.append(Node("simple_services", children=[simple]))
            made.append(one)
    return made


def consiliums(out: Out) -> list[Node]:
    names = (("pr", "PR_CONS"), ("dt", "DT_CONS"))
    return [Node("consilium", renamed(one, names)) for part in out.parts for one in many(part.get("CONS"))]


def inpatient(out: Out, made: Node) -> None:
    """additional_h_d: transfer inside the hospital and way of admission."""
    z = out.fed.get("z") or {}
    found = (("inner_transfer", z.get("VB_P")), ("arrival_type", out.sl.get("P_PER")))
    for name, value in found:
        if value:
            made.attrs.setdefault(name, str(value))


def oncology(out: Out, made: Node) -> None:
    """additional_onk from the last SL that has ONK_SL."""
    onk = last_with(out, "ONK_SL")
    if out.native or not onk:
        if made.attrs or made.children:
            out.complete(made, out.onk_element)
        return
    for name, value in renamed(onk, _ONK).items():
        made.attrs.setdefault(name, value)
    blocks = (
        ("diagnostics", "diagnostic", "B_DIAG", _DIAG),
        ("contraindications", "contraindication", "B_PROT", _PROT),
    )
    for container, tag, federal, names in blocks:
        found = [Node(tag, renamed(one, names)) for one in many(onk.get(federal))]
        if found and not any(c.tag == container for c in made.children):
            made.children.append(Node(container, children=found))
    out.complete(made, out.onk_element)


def last_with(out: Out, name: str) -> Mapping[str, Any]:
    """The block of the last SL that has it (the header of an account is the last SL's)."""
    return next((p[name] for p in reversed(out.parts) if isinstance(p.get(name), Mapping)), {})


# --- services --------------------------------------------------------------------------------

_KSG = (
    ("koef_z", "KOEF_Z"),
    ("koef_up", "KOEF_UP"),
    ("bztsz", "BZTSZ"),
    ("koef_d", "KOEF_D"),
    ("koef_u", "KOEF_U"),
    ("it_sl", "IT_SL"),
)
_ONK_USL = (
    ("usl_tip", "USL_TIP"),
    ("hir_tip", "HIR_TIP"),
    ("lek_tip_l", "LEK_TIP_L"),
    ("lek_tip_v", "LEK_TIP_V"),
    ("pptr", "PPTR"),
    ("luch_tip", "LUCH_TIP"),
)


def ksg_attributes(part: Mapping[str, Any], ksg: str) -> dict[str, str]:
    """КСГ with its coefficients, the days and the standard of one SL."""
    group = part.get("KSG_KPG") or {}
    standard = next(iter(many(part.get("CODE_MES1"))), "")
    attrs = filled(
        (
            ("ksg", ksg or group.get("N_KSG") or group.get("N_KPG")),
            ("code_s", standard),
            ("count_d", part.get("KD")),
            ("vmp_kind", part.get("VID_HMP")),
            ("vmp_method", part.get("METOD_HMP")),
        )
    )
    return attrs | renamed(group, _KSG)


def coefficients(part: Mapping[str, Any]) -> list[Node]:
    names = (("coeff", "IDSL"), ("value", "Z_SL"))
    found = many((part.get("KSG_KPG") or {}).get("SL_KOEF"))
    return [Node("kslp", renamed(one, names)) for one in found]


def criterias(part: Mapping[str, Any]) -> list[Node]:
    found = many((part.get("KSG_KPG") or {}).get("CRIT"))
    return [Node("criteria", {"crit": str(one)}) for one in found]


def onkologies(services: list[Any], medicines: bool) -> list[Node]:
    """ONK_USL of one service; medicines only where the type of registry outputs them."""
    made = []
    for one in services:
        node = Node("onkologie", renamed(one, _ONK_USL))
        drugs = [_medicament(d) for d in many(one.get("LEK_PR"))] if medicines else []
        if drugs:
            node.children.append(Node("medicaments", children=drugs))
        made.append(node)
    return made


def _medicament(drug: Mapping[str, Any]) -> Node:
    """LEK_PR of an ONK_USL with its injections; 5.x keeps the date and the amount in INJ."""
    injections = many(drug.get("INJ"))
    names = [("regnum", "REGNUM"), ("code_sh", "CODE_SH")]
    made = Node("medicament", renamed(drug, tuple(names)))
    doses = {str(i["KV_INJ"]) for i in injections if i.get("KV_INJ")}
    if len(doses) == 1:
        made.attrs["dose"] = doses.pop()
    dates = [*many(drug.get("DATE_INJ")), *(i.get("DATE_INJ") for i in injections)]
    given = [Node("injection", {"date": str(day)}) for day in dates if day]
    if given:
        made.children.append(Node("injections", children=given))
    return made
