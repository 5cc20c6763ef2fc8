"""From a patient element of bill.xml to the neutral case (загрузка счёта прошлого месяца)."""

from __future__ import annotations

from typing import Any

from omstui.domain.errors import FormatError
from omstui.domain.model import KINDS
from omstui.domain.money import kopecks
from omstui.formats.bill import Node
from omstui.formats.billtree import (
    ACCOUNT_TEXTS,
    CODECS,
    DOC_TEXTS,
    PATIENT_TEXTS,
    POLIS_TEXTS,
    REPRESENTATIVE_TEXTS,
    SERVICE_TEXTS,
    VISIT_TEXTS,
    Env,
    Tree,
    age_at,
    direction_key,
    examination_kind,
    pruned,
    tree,
)
from omstui.formats.source import SourceCase

_PATIENT = {"patientcod": "ext_id"} | PATIENT_TEXTS
_DENTAL = frozenset({"63", "85", "86", "87", "88", "89", "90", "171"})
#: nomenclature: a visit to a doctor or a nurse, against a manipulation or an examination
_VISITS = ("B01", "B02", "B04", "В01", "В02", "В04")
_NOT_VISITS = ("A", "B", "А", "В")
_CONDITIONS = {"1": "inpatient", "2": "dayhospital", "4": "ambulance"}


class _Row:
    """A row being filled: takes attributes out of a tree, keeps texts that differ."""

    def __init__(self, where: str) -> None:
        self.values: Tree = {}
        self.raw: dict[str, str] = {}
        self._where = where

    def take(self, data: Tree, names: dict[str, str]) -> None:
        """Move texts as they are."""
        for theirs, ours in names.items():
            self.values[ours] = data.pop(theirs, "")

    def typed(self, data: Tree, name: str, column: str, kind: str, empty: Any = None) -> Any:
        """Move a date, sum, quantity or number, keeping its text if it is not the canonical one."""
        text = data.pop(name, "")
        value = empty
        if text:
            parse, canonical = CODECS[kind]
            try:
                value = parse(text)
            except ValueError:
                raise FormatError(f"{self._where}: {name}=«{text}» не понято.") from None
            if canonical(value) != text:
                self.raw[column] = text
        self.values[column] = value
        return value

    def done(self, bill: Tree, **more: Any) -> Tree:
        extra = {k: v for k, v in more.items() if v}
        if left := pruned(bill):
            extra["bill"] = left
        if self.raw:
            extra["raw"] = self.raw
        self.values["extra"] = extra
        return self.values


def kind_of_account(account: Node) -> str:
    """Kind of activity (вид деятельности) of a personal account by what it carries.

    Additional block of an examination → its kind by disp_type; brigade, times of a call or
    conditions 4 → СМП; conditions 1, 2 → стационары; teeth or a dental profile → стоматология;
    only nomenclature services that are no visits → параклиника; else поликлиника.
    """
    visit = account.find("additionals/additional_p")
    if visit is not None and visit.get("disp_type"):
        return examination_kind(visit.get("disp_type"))
    if account.find("additionals/additional_f") is not None:
        return "ambulance"
    conditions = account.get("help_cond")
    if conditions in _CONDITIONS:
        return _CONDITIONS[conditions]
    if not conditions and account.find("additionals/additional_h_d") is not None:
        return "inpatient"
    services = account.all("manipulations/manipulation")
    if any(
        s.get("prof_oms") in _DENTAL or s.find("additionals/stomats/stomat") is not None for s in services
    ):
        return "dental"
    codes = [s.get("service").upper() for s in services]
    if any(c.startswith(_VISITS) for c in codes):
        return "outpatient"
    plain = codes and all(c.startswith(_NOT_VISITS) for c in codes)
    return "paraclinic" if plain else "outpatient"


def from_bill(
    patient: Node,
    account: Node,
    env: Env | None = None,
    *,
    position: str = "",
    offset: int | None = None,
    length: int | None = None,
) -> SourceCase:
    """Return the case of one personal account. ``to_bill`` of it gives the same account again.

    ``env`` knows the codes of organisations. ``account["kind"]`` is the kind by the file itself.
    Raises FormatError for a date, sum or number that cannot be read.
    """
    env = env or Env(mo={})
    where = f"Счёт {account.get('xkey') or account.get('n_pp') or '(без номера)'}"
    kind = kind_of_account(account)
    examination = kind in KINDS and KINDS[kind].examination
    person, more_polises = _person(patient, where)
    services, lines = _services(account, env, examination, where)
    case = _case(patient, account, kind, services, env, where)
    policy = _policy(more_polises, case.get("date_out") or "", where)
    total = sum(kopecks(e.get("sum")) for e in account.all("sum/elem") if e.get("sum"))
    if not account.all("sum/elem"):
        total = sum(line["total"] for line in lines)
    case["source_sum"] = total
    return SourceCase(
        position or where,
        person["ext_id"],
        policy,
        case,
        services,
        person,
        {
            "xkey": account.get("xkey"),
            "number": case.pop("_number"),
            "total": total,
            "prev_xkey": account.get("x_key2"),
            "kind": kind,
            "offset": offset,
            "length": length,
            "services": lines,
        },
    )


def _person(patient: Node, where: str) -> tuple[Tree, list[Tree]]:
    """The patient row and every policy of the file."""
    copy = Node("patient", patient.attrs)
    copy.children = [c for c in patient.children if c.tag != "register_accounts"]
    data = tree(copy)
    row = _Row(where)
    row.take(data, _PATIENT)
    row.typed(data, "birthdate", "birth_date", "date")
    representative = data.get("lawful_repr") or {}
    row.take(representative, REPRESENTATIVE_TEXTS)
    row.typed(representative, "birthdate_p", "rep_birth_date", "date", "")
    polises = data.pop("polises", {})
    docs = data.get("docs") or {}
    if docs.get("doc"):
        own = docs["doc"].pop(0)
        row.take(own, DOC_TEXTS)
        docs["own"] = own
    additional = data.get("additional_data") or {}
    row.take(additional, {"socialstat": "social_status"})
    return row.done(data), polises.get("polis") or []


def _policy(polises: list[Tree], day: str, where: str) -> Tree:
    """The policy in force at the day, else the last; the others stay in the card."""
    row = _Row(where)
    at = 0
    for number, one in enumerate(polises):
        begin, end = one.get("begin_p", ""), one.get("end_p", "")
        at = number
        if begin <= day and (not end or day <= end):
            break
    own = polises.pop(at) if polises else {}
    row.take(own, POLIS_TEXTS)
    row.typed(own, "begin_p", "begin_date", "date", "")
    row.typed(own, "end_p", "end_date", "date", "")
    number = row.values["number"]
    is_enp = row.values["type"] == "3" and len(number) == 16 and number.isdigit()
    row.values |= {"enp": number if is_enp else "", "smo": "", "smo_ok": "", "okato": ""}
    bill: Tree = {"polis": polises, "own": own}
    if polises and at:
        bill["at"] = str(at)
    return row.done(bill)


def _case(patient: Node, account: Node, kind: str, services: list[Tree], env: Env, where: str) -> Tree:
    copy = Node("personal_account", account.attrs)
    copy.children = [c for c in account.children if c.tag != "manipulations"]
    data = tree(copy)
    row = _Row(where)
    values = row.values
    seen: Tree = {}
    row.take(data, ACCOUNT_TEXTS)
    row.typed(data, "n_pp", "n_pp", "int", 0)
    values["_number"] = values.pop("n_pp")
    row.typed(data, "curestart", "date_in", "date")
    row.typed(data, "cureend", "date_out", "date")
    xkey = data.pop("xkey", "")
    values["usl_ok"] = _conditions(data, kind, row, seen)
    _visit(data, kind, values)
    _diagnoses(data, values)
    _referral(data, xkey, row, seen, env)
    _amounts(data)
    values |= {
        "family": "D" if kind in KINDS and KINDS[kind].examination else "H",
        "letter": _letter(account, kind),
        "completed": 1 if values["date_out"] else 0,
        "pay_type": "ОМС",
        "mo": env.mo.get("code", ""),
        "lpu": env.mo.get("code", ""),
        "newborn": _newborn(patient, account, values),
    }
    _from_services(account, services, values, seen)
    return row.done(data, native=1, seen=seen)


def _conditions(data: Tree, kind: str, row: _Row, seen: Tree) -> str:
    """USL_OK: as written, except where the blocks say better."""
    written = str(data.pop("help_cond", ""))
    meant = {"inpatient": "1", "dayhospital": "2", "ambulance": "4"}.get(kind, "3")
    if written != meant:
        row.raw["usl_ok"] = written
        seen["usl_ok"] = meant
    return meant


def _visit(data: Tree, kind: str, values: Tree) -> None:
    additionals = data.get("additionals") or {}
    additional = additionals.get("additional") or {}
    values["department"] = additional.pop("division", "")
    visit = additionals.get("additional_p") or {}
    # the purpose would make an outpatient visit of a service alone: it stays in the card
    purpose = visit.pop("ad_pur", "") if kind == "paraclinic" else None
    for theirs, ours in VISIT_TEXTS.items():
        values[ours] = visit.pop(theirs, "")
    if purpose:
        visit["ad_pur"] = purpose


def _diagnoses(data: Tree, values: Tree) -> None:
    """Columns of the diagnoses; the entries stay in the card for what has no column."""
    found = (data.get("diagnoses") or {}).get("diagnose") or []
    main: Tree = next((d for d in found if d.get("type") == "1"), {})
    values |= {
        "ds_main": main.get("mkb", ""),
        "ds_char": main.get("type_b", ""),
        "observation": main.get("code_d", ""),
        "ds2": [d["mkb"] for d in found if d.get("type") == "2" and d.get("mkb")],
        "ds3": [d["mkb"] for d in found if d.get("type") == "3" and d.get("mkb")],
    }


def _referral(data: Tree, xkey: str, row: _Row, seen: Tree, env: Env) -> None:
    """The first referral gives ref_mo and ref_date; keys that follow from the account's go."""
    found = (data.get("directions") or {}).get("direction") or []
    for number, one in enumerate(found):
        if one.get("xkey") and one["xkey"] == direction_key(xkey, number):
            del one["xkey"]
    row.values |= {"ref_date": "", "ref_mo": ""}
    if found:
        row.typed(found[0], "date_1", "ref_date", "date", "")
        row.values["ref_mo"] = seen["ref_mo"] = env.org_code(found[0].get("ogrn_lpu", ""))


def _amounts(data: Tree) -> None:
    """Leave out of the card a sum that follows from the total."""
    elements = (data.get("sum") or {}).get("elem") or []
    parse, canonical = CODECS["money"]
    if len(elements) == 1 and elements[0].get("sum"):
        text = elements[0]["sum"]
        try:
            if canonical(parse(text)) == text:
                del elements[0]["sum"]
        except ValueError:
            raise FormatError(f"Сумма «{text}» не понята.") from None


def _letter(account: Node, kind: str) -> str:
    if kind in KINDS and KINDS[kind].examination:
        return "D"
    if any(n.get("vmp_kind") for n in account.all("manipulations/manipulation/additionals/additional")):
        return "T"
    additional = account.find("additionals/additional")
    suspected = additional is not None and additional.get("ds_onk") == "1"
    onk = account.find("additionals/additional_onk")
    return "C" if suspected or onk is not None else "H"


def _newborn(patient: Node, account: Node, values: Tree) -> str:
    """NOVOR as the federal file would say it: additional@child of a baby with a representative."""
    child = next(
        (
            n.get("child")
            for n in account.all("manipulations/manipulation/additionals/additional")
            if n.get("child").isdigit()
        ),
        "",
    )
    birth = patient.get("birthdate")
    if not child or child == "0" or patient.find("lawful_repr") is None:
        return "0"
    if age_at(birth, values["date_in"] or "") != 0:
        return "0"
    return f"{patient.get('sex')}{birth[8:10]}{birth[5:7]}{birth[2:4]}{child}"


def _from_services(account: Node, services: list[Tree], values: Tree, seen: Tree) -> None:
    """What the case has of its last service (product.md §11.2, §11.18)."""
    last = services[-1] if services else {}
    values["profile"] = last.get("profile", "")
    values["child_profile"] = last.get("child_profile", "")
    found = account.all("manipulations/manipulation/additionals/additional")
    for column, name in (("ksg", "ksg"), ("bed_profile", "prof_h")):
        values[column] = next((n.get(name) for n in reversed(found) if n.get(name)), "")
        if values[column]:
            seen[column] = values[column]
    days = [n.get("count_d") for n in found if n.get("count_d").isdigit()]
    values["bed_days"] = str(sum(map(int, days))) if days else None


def _services(account: Node, env: Env, examination: bool, where: str) -> tuple[list[Tree], list[Tree]]:
    """The service rows and the priced lines of the account."""
    found = account.all("manipulations/manipulation")
    numbers = {s.get("xkey"): n for n, s in enumerate(found, 1) if s.get("xkey")}
    numbers.setdefault(account.get("xkey"), 0)
    services, lines = [], []
    for n, one in enumerate(found, 1):
        service = _service(tree(one), numbers, env, examination, where)
        total = sum(kopecks(e.get("sum")) for e in one.all("sum/elem") if e.get("sum"))
        quantity = service["quantity"]
        tariff = total * 100 // quantity if quantity else 0
        service |= {"n": n, "part": 1, "tariff": tariff, "source_sum": total}
        services.append(service)
        lines.append({"xkey": one.get("xkey"), "quantity": quantity, "tariff": tariff, "total": total})
    return services, lines


def _service(data: Tree, numbers: dict[str, int], env: Env, examination: bool, where: str) -> Tree:
    row = _Row(where)
    source_id = data.pop("xkey", "")
    main = data.get("main_xkey", "")
    if main in numbers:
        del data["main_xkey"]
    row.take(data, SERVICE_TEXTS)
    row.typed(data, "quantity", "quantity", "quantity", 0)
    row.typed(data, "date_1", "date_in", "date")
    row.typed(data, "date_2", "date_out", "date")
    additionals = data.get("additionals") or {}
    additional = additionals.get("additional") or {}
    names = {
        "dep_num": "department",
        "vid_vme": "intervention",
        "refusal" if examination else "partial": "incomplete",
    }
    row.take(additional, names)
    diagnoses = (additionals.get("diagnoses") or {}).get("diagnose") or []
    row.values["ds"] = diagnoses[0].pop("mkb", "") if diagnoses else ""
    if diagnoses == [{}]:
        diagnoses.clear()
    row.values |= {
        "source_id": source_id,
        "name": "",
        "lpu": env.org_code(additional.get("ogrn_lpu", "")),
    }
    _amounts(data)
    extra = {"main_n": numbers[main]} if main in numbers else {}
    done = row.done(data)
    done["extra"] |= extra
    return done
