"""Answers of the fund and the insurers (ответы «1» и «2»): decisions on accounts, refusals, ФЛК facts.

An answer is a bill.xml with decisions in it (yaroslavl.md §3). Only what decides is looked at, so a file of
100 000 accounts costs little more than its bare parse. ``AnswerReader`` gives the header at once and the
accounts and facts as a stream; ``reasons_of`` says what refuses an account at a stage.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from omstui.domain.errors import FormatError
from omstui.domain.model import RefusalKind
from omstui.formats.xmlsafe import Readable, iterparse

REFUSED_PAY = "4"  # the only value of smo@pay known to refuse (yaroslavl.md §3.3)
NO_REASON = "Отказ без указания причины"
PASSPORT_CODE = "1"
#: (container, element) inside smo; the attribute of the code has the element's name
_SMO_BLOCKS = {"an_pss": "an_ps", "an_mess": "an_mes", "an_sums": "an_sum"}
_TAGS = (
    "package",
    "body",
    "bill",
    "account_elem_t",
    "patient",
    "personal_account",
    "flk",
    "test",
    "register",
    "fact",
)
_CANONICAL = re.compile(r"[0-9A-F]{8}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{12}")


@dataclass(slots=True)
class Reason:
    """One reason of a refusal (причина отказа); ``data`` is what the register or the other bill holds."""

    kind: str
    code: str
    comment: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    service_xkey: str = ""


@dataclass(slots=True)
class AnswerAccount:
    """A personal account as an answer lists it. ``person`` is the refusal of the whole person (an_p)."""

    xkey: str
    patientcod: str
    pay: str
    reasons: list[Reason]
    person: Reason | None
    #: who and what, for messages and for looking at the file; filled for refused accounts only
    card: dict[str, str]


@dataclass(slots=True)
class Fact:
    """A ФЛК fact (нарушение ФЛК): shown, refuses nothing by itself."""

    account: str
    service: str
    patientcod: str
    test: str
    text: str
    defect_code: str
    details: list[dict[str, str]]


@dataclass(slots=True)
class AnswerHeader:
    """Attributes of body, bill and flk as they stand in the file, and the sum it declares."""

    body: dict[str, str] = field(default_factory=dict)
    bill: dict[str, str] = field(default_factory=dict)
    flk: dict[str, str] = field(default_factory=dict)
    registers: list[dict[str, str]] = field(default_factory=list)
    tests: list[dict[str, str]] = field(default_factory=list)
    amount: str = ""


def canonical_xkey(text: str) -> str:
    """The usual form of an account key: digits before the first F, filled with F, 8-4-4-4-12.

    A key without digits before F is returned as it is (it will not be found).
    """
    if _CANONICAL.fullmatch(text):
        return text
    plain = text.strip().strip("{}").replace("-", "").upper()
    digits = plain.partition("F")[0]
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 32):
        return text
    full = digits.ljust(32, "F")
    return "-".join((full[:8], full[8:12], full[12:16], full[16:20], full[20:]))


def reasons_of(account: AnswerAccount, stage: int) -> list[Reason]:
    """What refuses this account at this stage (product.md §11.9); empty = accepted.

    The refusal of the person (an_p) is not here: it concerns accounts of other ``patient`` elements too.
    """
    refused = account.pay == REFUSED_PAY
    if refused:
        found = list(account.reasons)
    else:
        found = [r for r in account.reasons if stage == 1 and r.kind == RefusalKind.AN_PS]
    if refused and not found and account.person is None:
        found = [Reason(RefusalKind.PAY, REFUSED_PAY, NO_REASON)]
    return found


class AnswerReader:
    """Streaming reader of an answer. ``header`` has body and bill on opening; the rest fills on reading.

    Raises FormatError for a damaged or unsafe document and for one without ``body``.
    """

    def __init__(self, stream: Readable, name: str) -> None:
        self.name = name
        self.header = AnswerHeader()
        #: accounts without xkey: where they stand
        self.without_key: list[str] = []
        self.remarks = 0  # an_* with pay that does not refuse
        self._events = iterparse(stream, name, tag=_TAGS, events=("start", "end"))
        self._early: list[AnswerAccount | Fact] = []
        self._buffer: list[AnswerAccount] = []
        self._decisive = False
        self._open()

    @property
    def decisive(self) -> bool:
        """Whether the file decides anything at all (known after reading): an own 3X or 7 does not."""
        return self._decisive

    def _open(self) -> None:
        """Read up to ``bill``; FormatError for a document without ``body``."""
        has_body = False
        for event, element in self._events:
            if event == "start":
                tag = element.tag
                if tag == "body":
                    if element.getparent() is None or element.getparent().tag != "package":
                        break
                    self.header.body = dict(element.attrib)
                    has_body = True
                elif tag == "bill":
                    self.header.bill = dict(element.attrib)
                    break
                elif not has_body and tag != "package":
                    break
                else:
                    self._flk_start(element)
            else:
                self._early.extend(self._end(element))
        if not has_body:
            raise FormatError(
                f"Файл «{self.name}» не является архивом реестра: в bill.xml нет package/body.",
                title="Чужой файл",
                hint="Проверьте, тот ли файл выбран.",
            )

    def records(self) -> Iterator[AnswerAccount | Fact]:
        """Accounts and facts in the order of the file."""
        yield from self._early
        self._early = []
        for event, element in self._events:
            if event == "end":
                yield from self._end(element)
            elif element.tag in ("flk", "register"):
                self._flk_start(element)

    def _flk_start(self, element: Any) -> None:
        if element.tag == "flk":
            self.header.flk = dict(element.attrib)
        elif element.tag == "register":
            self.header.registers.append(dict(element.attrib))

    def _end(self, element: Any) -> list[AnswerAccount] | list[Fact]:
        tag = element.tag
        if tag == "personal_account":
            self._account(element)
            _drop(element)
        elif tag == "patient":
            found = self._patient(element)
            _drop(element)
            return found
        elif tag == "fact":
            fact = self._fact(element)
            _drop(element)
            return [fact]
        elif tag == "test":
            self.header.tests.append(dict(element.attrib))
            _drop(element)
        elif tag == "account_elem_t":
            self.header.amount = next((e.get("amount", "") for e in element), "")
        return []

    def _account(self, element: Any) -> None:
        smo = next(element.iterchildren("smo"), None)
        pay, reasons = "", []
        if smo is not None:
            self._decisive = True
            pay = smo.get("pay", "").strip()
            if len(smo):
                reasons = _reasons(element, smo)
        card = _account_card(element) if reasons or pay == REFUSED_PAY else {}
        key = element.get("xkey", "").strip()
        if not key:
            card = _account_card(element)
        if reasons and pay != REFUSED_PAY:
            self.remarks += sum(1 for r in reasons if r.kind != RefusalKind.AN_PS)
        self._buffer.append(AnswerAccount(key, "", pay, reasons, None, card))

    def _patient(self, element: Any) -> list[AnswerAccount]:
        accounts, self._buffer = self._buffer, []
        code = element.get("patientcod", "").strip()
        person = _person(next(element.iterchildren("an_p"), None))
        self._decisive = self._decisive or person is not None
        for account in accounts:
            account.patientcod = code
            account.person = person
            if person is not None or account.card:
                account.card.update(_patient_card(element))
            if not account.xkey:
                self.without_key.append(_place(account.card, code))
        return [a for a in accounts if a.xkey]

    def _fact(self, element: Any) -> Fact:
        self._decisive = True
        get = element.get
        return Fact(
            get("acc", "").strip(),
            get("man", "").strip(),
            get("pat", "").strip(),
            get("test", "").strip(),
            get("fact", "").strip(),
            get("defect_code", "").strip(),
            [dict(d.attrib) for d in element.iterchildren("dt")],
        )


def _drop(element: Any) -> None:
    """Free an element that was read, and those before it: memory stays level."""
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def _reasons(account: Any, smo: Any) -> list[Reason]:
    found: list[Reason] = []
    for block in smo:
        tag = _SMO_BLOCKS.get(block.tag)
        if tag is None:
            continue
        for item in block.iterchildren(tag):
            data = dict(item.attrib)
            code = data.pop(tag, "").strip()
            if not code:
                continue
            comment = data.pop("comment", "")
            if tag == RefusalKind.AN_SUM:
                tariffs = [_tariff(t) for t in account.iter("an_tariff")]
                if tariffs:
                    data["an_tariffs"] = tariffs
            found.append(Reason(tag, code, comment, data))
    return found


def _tariff(element: Any) -> dict[str, str]:
    """An an_tariff with the service it stands at; the map writes «сomment» with a Cyrillic «с»."""
    data = {("comment" if k.endswith("omment") else k): v for k, v in element.attrib.items()}
    service = next(element.iterancestors("manipulation"), None)
    if service is not None:
        data["xkey"] = service.get("xkey", "")
        data["of"] = service.get("service", "")
    return data


def _person(element: Any) -> Reason | None:
    if element is None or element.get("an_p", "").strip() != "1":
        return None
    data = dict(element.attrib)
    data.pop("an_p")
    return Reason(RefusalKind.AN_P, PASSPORT_CODE, data.pop("comment", ""), data)


def _account_card(element: Any) -> dict[str, str]:
    get = element.get
    total = next((e.get("sum", "") for e in element.iterfind("sum/elem")), "")
    return {
        "number": get("n_pp", ""),
        "n_card": get("n_card", ""),
        "curestart": get("curestart", ""),
        "cureend": get("cureend", ""),
        "doctor": get("doctor", ""),
        "sum": total,
    }


def _patient_card(element: Any) -> dict[str, str]:
    get = element.get
    polis = next(element.iterfind("polises/polis"), None)
    names = (get("surname", ""), get("name", ""), get("patronymic", ""))
    return {
        "fio": " ".join(n for n in names if n),
        "birthdate": get("birthdate", ""),
        "policy": polis.get("polisnum", "") if polis is not None else "",
    }


def _place(card: dict[str, str], code: str) -> str:
    parts = [f"счёт № {card['number']}" if card.get("number") else "счёт", f"пациент {code}"]
    return ", ".join([*parts, card.get("fio", "")]).rstrip(", ")


# --- what was sent, for «подано ↔ в регистре» -------------------------------------------------


@dataclass(frozen=True, slots=True)
class Submitted:
    """Values of one account as they were sent: attributes by name."""

    patient: dict[str, str]
    representative: dict[str, str]
    policy: dict[str, str]
    document: dict[str, str]
    account: dict[str, str]
    services: list[dict[str, str]]


def submitted(patient: bytes, xkey: str) -> Submitted:
    """Read the ``patient`` element out of the bytes sent; ``xkey`` chooses the account in it."""
    try:
        text = patient.decode("utf-8")
    except UnicodeDecodeError:
        text = patient.decode("windows-1251", "replace")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(text, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise FormatError(
            f"Счёт {xkey}: отправленные данные не разобраны.",
            hint="Проверьте базу: omstui verify.",
        ) from error
    accounts = list(root.iterfind("register_accounts/personal_account"))
    account = next((a for a in accounts if a.get("xkey") == xkey), None)

    def first(path: str) -> dict[str, str]:
        found = root.find(path)
        return {} if found is None else _attributes(found)

    return Submitted(
        _attributes(root),
        first("lawful_repr"),
        first("polises/polis"),
        first("docs/doc"),
        {} if account is None else _attributes(account),
        [] if account is None else [_attributes(m) for m in account.iterfind("manipulations/manipulation")],
    )


def _attributes(element: Any) -> dict[str, str]:
    return {str(k): str(v) for k, v in element.attrib.items()}
