"""What both directions of the bill.xml mapping share (отображение счёта): Env, trees, texts.

What has no column of its own is kept as a tree: {attribute: text, child: tree or [trees]} with
the names of bill.xml, under ``extra["bill"]`` of patient, case and service, rooted at ``patient``,
``personal_account`` and ``manipulation``: a card filled by hand or a CSV uses the same places, e.g.
case.extra["bill"]["additionals"]["additional_f"]["occasion"]. Two places differ, because the first
policy and document have columns: policy.extra["bill"] is {"own": rest of its attributes, "polis":
[the other policies], "at": its place among them}, and ["docs"] of a patient has "own" likewise.

``extra["raw"]`` keeps a text whose canonical form differs («2.50») and is used while the value is
the same; ``extra["seen"]`` of a case the value of a derived column as it was loaded, so that a
correction by an operator is recognised; ``extra["main_n"]`` of a service the number of the service it
belongs to (0 = the account); ``extra["native"]`` = 1 marks a case that came from a bill.xml: nothing is
added to it from settings.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from omstui.domain.money import hundredths, kopecks, quantity_text, roubles
from omstui.formats.bill import Node
from omstui.formats.layouts import bill as layout

Tree = dict[str, Any]
Row = Mapping[str, Any]

#: elements only an answer carries: never loaded into a case, never sent again
ANSWER_TAGS = frozenset({"smo", "an_p", "an_tariffs"})
_REPEATED = frozenset(e.tag for e in layout.PACKAGE.walk() if e.repeated)
#: assumptions of the format in one place; the settings table [defaults] overrides them
BUILT_IN = {
    "elem.type_acc": "1",
    "elem.suml": "0.00",
    "additional.finsource": "1",
    "address.type_adress": "1",
    "direction.direction": "1",
}
ADULT_FROM = 18
#: text attributes ↔ columns, both ways
PATIENT_TEXTS = {
    "surname": "surname",
    "name": "name",
    "patronymic": "patronymic",
    "sex": "sex",
    "b_place": "birth_place",
    "ss": "snils",
}
REPRESENTATIVE_TEXTS = {
    "surname_p": "rep_surname",
    "name_p": "rep_name",
    "patronymic_p": "rep_patronymic",
    "sex_p": "rep_sex",
    "b_place_p": "rep_birth_place",
    "ss_p": "rep_snils",
}
DOC_TEXTS = {"doctype": "doc_type", "docser": "doc_series", "docnum": "doc_number"}
POLIS_TEXTS = {
    "region_oms": "region",
    "type_polis": "type",
    "polisser": "series",
    "polisnum": "number",
    "ogrn_smo": "smo_ogrn",
}
ACCOUNT_TEXTS = {
    "help_type": "help_type",
    "n_card": "nhistory",
    "doctor": "doctor",
    "spec": "specialty",
    "result": "result",
    "outcome": "outcome",
    "comment": "comment",
}
VISIT_TEXTS = {
    "ad_pur": "purpose",
    "togmh": "help_form",
    "locality": "mobile_team",
    "disp_result": "disp_result",
    "disp_type": "disp",
}
SERVICE_TEXTS = {
    "prof_oms": "profile",
    "det": "child_profile",
    "service": "code",
    "doctor": "doctor",
    "spec": "specialty",
}
_NOTHING: dict[str, Any] = {}

#: prefix of V016 → kind of activity
_DISP_KINDS = (
    ("ДВ", "dispensary"),
    ("УД", "dispensary"),
    ("ОПВ", "checkup"),
    ("ДС", "orphans"),
    ("ПН", "minors"),
    ("ОН", "minors"),
)


def default_names() -> list[str]:
    """Names [defaults] may have: «attribute» and «element.attribute»."""
    pairs = {(e.tag, a.name) for e in layout.PACKAGE.walk() for a in e.attributes}
    return sorted({name for _, name in pairs} | {f"{tag}.{name}" for tag, name in pairs})


def flat_defaults(settings: Mapping[str, Any]) -> dict[str, str]:
    """Return «polis.begin_p» → text from the settings table [defaults], nested or flat.

    A bare name («kladr») stands for the attribute of that name in any element.
    """
    out: dict[str, str] = {}
    for key, value in settings.items():
        if isinstance(value, Mapping):
            out.update({f"{key}.{k}": str(v) for k, v in value.items()})
        else:
            out[key] = str(value)
    return out


@dataclass(slots=True)
class Env:
    """What the mapping knows beside the record itself.

    ``mo``: ogrn, kpp, code, code_local. ``insurers``: F002 code → OGRN. ``orgs``: code of another
    МО → (ОГРН, КПП). ``missing`` counts accounts by what the format requires and they lack.
    """

    mo: Mapping[str, str]
    defaults: dict[str, str] = field(default_factory=dict)
    insurers: Mapping[str, str] = field(default_factory=dict)
    orgs: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    primary_type: str = "1"
    repeat_type: str = "2"
    missing: Counter[str] = field(default_factory=Counter)
    #: answers already given: both are asked for each service of a month
    _default: dict[tuple[str, str], str] = field(default_factory=dict, repr=False)
    _org: dict[str, tuple[str, str]] = field(default_factory=dict, repr=False)

    def default(self, tag: str, name: str) -> str:
        known = self._default.get((tag, name))
        if known is None:
            found = self.defaults.get(f"{tag}.{name}") or self.defaults.get(name)
            known = self._default[tag, name] = found or BUILT_IN.get(f"{tag}.{name}", "")
        return known

    def org(self, code: str) -> tuple[str, str]:
        """ОГРН and КПП of an organisation by its code; empty when unknown."""
        known = self._org.get(code)
        if known is None:
            known = self._org[code] = self._find_org(code)
        return known

    def _find_org(self, code: str) -> tuple[str, str]:
        if code in ("", self.mo.get("code"), self.mo.get("code_local"), self.mo.get("ogrn")):
            return self.mo.get("ogrn", ""), self.mo.get("kpp", "")
        if code in self.orgs:
            return self.orgs[code]
        return (code, "") if len(code) == 13 and code.isdigit() else ("", "")

    def org_code(self, ogrn: str) -> str:
        """Code of the organisation with this ОГРН; the ОГРН itself when unknown."""
        if ogrn and ogrn == self.mo.get("ogrn"):
            return self.mo.get("code", "") or ogrn
        return next((code for code, (known, _) in self.orgs.items() if known == ogrn), ogrn)


# --- trees -----------------------------------------------------------------------------------


def tree(node: Node) -> Tree:
    """The data of a node and below as JSON-able tree, without what only answers carry."""
    out: Tree = dict(node.attrs)
    for child in node.children:
        tag = child.tag
        if tag in ANSWER_TAGS:
            continue
        value = tree(child)
        key = f"/{tag}" if isinstance(out.get(tag), str) else tag
        if key in out and not isinstance(out[key], list):
            out[key] = [out[key]]
        if tag in _REPEATED and key not in out:
            out[key] = []
        if isinstance(out.get(key), list):
            out[key].append(value)
        else:
            out[key] = value
    return out


def node(tag: str, data: Mapping[str, Any]) -> Node:
    """The node of a tree; the opposite of ``tree``. Trees are JSON: dict, list, str."""
    if not data:
        return Node(tag)
    attrs: dict[str, str] = {}
    children: list[Node] = []
    for key, value in data.items():
        kind = type(value)
        if kind is str:
            if value:
                attrs[key] = value
        elif kind is dict:
            children.append(node(key.lstrip("/"), value))
        elif kind is list:
            children += [node(key.lstrip("/"), one) for one in value]
        elif value is not None:
            attrs[key] = str(value)
    return Node(tag, attrs, children)


def pruned(data: Tree) -> Tree:
    """The tree without empty branches."""
    out: Tree = {}
    for key, value in data.items():
        if isinstance(value, dict):
            value = pruned(value)
        if value not in (None, {}, []):
            out[key] = value
    return out


def branch(data: Mapping[str, Any], *path: str) -> dict[str, Any]:
    """The subtree at the path, {} when there is none."""
    found: Any = data
    for key in path:
        found = found.get(key)
        if type(found) is not dict:
            return _NOTHING
    return found  # type: ignore[no-any-return]


def many(value: Any) -> list[Any]:
    """A repeatable thing as list, whether one, several or none were kept."""
    if not value:
        return []
    return value if type(value) is list else [value]


def card(row: Row) -> dict[str, Any]:
    """The tree of names of bill.xml a row keeps."""
    extra = row.get("extra")
    return extra.get("bill") or _NOTHING if extra else _NOTHING


def own(data: Mapping[str, Any]) -> dict[str, str]:
    """Attributes of a tree without its children."""
    return {k: v for k, v in data.items() if v and type(v) is str} if data else {}


def columns(row: Row, texts: Mapping[str, str]) -> dict[str, str]:
    """Attributes from text columns that are not empty."""
    get = row.get
    return {name: value for name, column in texts.items() if (value := get(column))}


def others(row: Row, known: frozenset[str]) -> list[Node]:
    """Children of a row's card that no function makes (elements the layout does not know)."""
    tree = card(row)
    if not tree or tree.keys() <= known:
        return []
    return [
        node(tag.lstrip("/"), one)
        for tag, value in tree.items()
        if not isinstance(value, str) and tag not in known
        for one in many(value)
    ]


def filled(pairs: Iterable[tuple[str, Any]]) -> dict[str, str]:
    """Attributes with a value, as text."""
    return {name: value if type(value) is str else str(value) for name, value in pairs if value}


# --- texts and values ------------------------------------------------------------------------


def iso_date(text: str) -> str:
    """«2021-04-05» or «05.04.2021» (a time behind it is dropped) → «2021-04-05»; ValueError."""
    text = text.strip()
    if len(text) > 10 and text[10] in "T ":
        text = text[:10]
    if len(text) == 10 and text[2] == text[5] == ".":
        text = f"{text[6:]}-{text[3:5]}-{text[:2]}"
    if len(text) != 10:
        raise ValueError(f"не дата: {text!r}")
    date.fromisoformat(text)
    return text


#: kind of a value → (parse, canonical text)
CODECS: dict[str, tuple[Callable[[str], Any], Callable[[Any], str]]] = {
    "date": (iso_date, str),
    "money": (kopecks, roubles),
    "quantity": (hundredths, quantity_text),
    "int": (int, str),
}


def raw_of(row: Row) -> Mapping[str, str]:
    extra = row.get("extra")
    return extra.get("raw") or _NOTHING if extra else _NOTHING


def said(kind: str, value: Any, raw: str | None) -> str:
    """Text of a value: as the source wrote it while the value is still the same."""
    if value is None or value == "":
        return ""
    parse, text = CODECS[kind]
    if raw:
        try:
            if parse(raw) == value:
                return raw
        except ValueError:
            pass
    return text(value)


def dated(attrs: dict[str, str], row: Row, raw: Mapping[str, str], names: Mapping[str, str]) -> None:
    """Add dates (attribute → column) as they were written."""
    for name, column in names.items():
        value = row.get(column)
        if value:
            attrs[name] = said("date", value, raw[column]) if column in raw else value


def codes(value: Any) -> list[str]:
    """The codes of ds2 / ds3: a list, or its JSON as the column holds it."""
    if type(value) is str:
        value = [] if value == "[]" else json.loads(value) if value[:1] == "[" else [value]
    return [str(v) for v in value or () if v]


def age_at(birth: str, day: str) -> int | None:
    """Full years at the day; None when a date is missing or no date."""
    try:
        b, d = date.fromisoformat(birth[:10]), date.fromisoformat(day[:10])
    except (ValueError, TypeError):
        return None
    return d.year - b.year - ((d.month, d.day) < (b.month, b.day))


def examination_kind(disp: str) -> str:
    """Kind of activity by the code of V016, "" when there is no code."""
    if not disp:
        return ""
    upper = disp.upper()
    return next((kind for prefix, kind in _DISP_KINDS if upper.startswith(prefix)), "dispensary")


def direction_key(account_key: str, number: int = 0) -> str:
    """Key of a referral: prefix 99 and the running number of its account (product.md §11.15).

    The n-th further referral of an account has n as the first digit of that number.
    """
    if len(account_key) < 4 or not account_key[:3].isdigit():
        return ""
    return f"99{number or account_key[2]}{account_key[3:]}"
