"""A look into bill.xml (…3X, …1, …7, …2): refusals of an answer, accounts of a file of the МО."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from omstui.domain.model import RefusalKind
from omstui.domain.money import roubles
from omstui.formats import answers
from omstui.formats.answers import Reason
from omstui.formats.containers import open_bill
from omstui.formats.identify import Identified
from omstui.formats.viewbase import (
    Counting,
    Info,
    Progress,
    View,
    ViewRow,
    drop,
    filled,
    optional_kopecks,
)  # fmt: skip
from omstui.formats.xmlsafe import iterparse


def bill_info(what: Identified) -> Info:
    body, bill = what.head.attrs.get("body", {}), what.head.attrs.get("bill", {})
    sums = [optional_kopecks(a) for a in what.head.amounts]
    total = sum(s for s in sums if s is not None) if sums else None
    lines = filled(
        (
            ("ОГРН МО", body.get("ogrn_mo", "")),
            ("КПП МО", body.get("kpp_mo", "")),
            ("Версия", body.get("version", "")),
            ("Программа", body.get("creator", "")),
            ("Дата реестра", body.get("date_1", "")),
            ("ОГРН плательщика", bill.get("ogrn_smo", "")),
            ("Поступил к плательщику", bill.get("date_in", "")),
            ("Обработан", bill.get("date_2", "")),
            ("Исходящий №", bill.get("n_out", "")),
            ("№ заключения", bill.get("number_mek", "")),
            ("Вид контроля", bill.get("type_control", "")),
            ("Эксперт", bill.get("expert_fio", "")),
            ("Примечание", bill.get("comment", "")),
        )
    )
    return Info(what, lines, total)


class BillView(View):
    """bill.xml: refusals and ФЛК facts of an answer, every account of a file of the МО."""

    rows_title = "счета"

    def _rows(self, progress: Progress | None) -> Iterator[ViewRow]:
        # an_p concerns the person: accounts that stand before it are found by a second look
        look = _Look(self.info.what.kind in ("3X", "7"), 2 if self.info.what.kind == "2" else 1)
        total = 0
        with open_bill(self.path) as stream:
            source = Counting(stream, stream.size, progress)
            tags = ("patient", "fact", "personals", "expertises")
            for _, element in iterparse(source, self.path.name, tag=tags):
                if element.tag == "patient":
                    rows, accounts, money = look.patient(element, self)
                    self.accounts += accounts
                    total += money
                    yield from rows
                elif element.tag == "fact":
                    yield _fact_row(element)
                drop(element)
        self.accounts_total = total
        if look.without_key:
            self.remarks.append(f"Счетов без ключа xkey: {look.without_key}.")
        if self.info.total is not None and self.info.total != total:
            self.remarks.append(f"Сумма реестра {roubles(self.info.total)}, а сумма счетов {roubles(total)}.")
        if look.late:
            yield from self._second_look(look)

    def _second_look(self, look: _Look) -> Iterator[ViewRow]:
        """Accounts of a refused person that stand before the element with an_p."""
        pending = set(look.late)
        with open_bill(self.path) as stream:
            for _, element in iterparse(stream, self.path.name, tag="patient"):
                code = element.get("patientcod", "")
                if code in pending:
                    if next(element.iterchildren("an_p"), None) is not None:
                        pending.discard(code)
                    else:
                        rows, _, _ = look.patient(element, self)
                        yield from (r for r in rows if r.kind == RefusalKind.AN_P)
                drop(element)
                if not pending:
                    return


class _Look:
    """Reads patients of a bill.xml; remembers persons whose data were refused."""

    def __init__(self, everything: bool, stage: int) -> None:
        self._everything = everything
        self._stage = stage
        self._clean: set[str] = set()
        self._refused: dict[str, Reason] = {}
        self.late: set[str] = set()
        self.without_key = 0

    def patient(self, patient: Any, view: View) -> tuple[list[ViewRow], int, int]:
        """(rows, accounts, kopecks) of a patient element."""
        code = patient.get("patientcod", "")
        person: Reason | None = None
        accounts: list[Any] = []
        policy = ""
        for block in patient.iterchildren("polises", "register_accounts", "an_p"):
            tag = block.tag
            if tag == "polises":
                if len(block):
                    policy = block[0].get("polisnum", "")
            elif tag == "register_accounts":
                accounts.extend(block.iterchildren("personal_account"))
            else:
                person = answers._person(block)
        person = self._person(code, person)
        rows: list[ViewRow] = []
        money = 0
        card: tuple[str, str] | None = None
        for account in accounts:
            total = _account_total(account)
            money += total or 0
            if not account.get("xkey"):
                self.without_key += 1
            found = self._judge(account, person)
            if not found and not self._everything:
                continue
            if card is None:
                get = patient.get
                names = (get("surname", ""), get("name", ""), get("patronymic", ""))
                card = " ".join(filter(None, names)), get("birthdate", "")
            rows += _rows_of(account, card, policy, total, found, view)
        return rows, len(accounts), money

    def _person(self, code: str, person: Reason | None) -> Reason | None:
        if person is not None:
            if code in self._clean:
                self.late.add(code)
            self._refused.setdefault(code, person)
            return person
        known = self._refused.get(code) if self._refused else None
        if known is None:
            self._clean.add(code)
        return known

    def _judge(self, account: Any, person: Reason | None) -> list[tuple[Reason, bool]]:
        """(reason, whether it refuses) of an account."""
        pay, reasons = "", []
        smo = next(account.iterchildren("smo"), None)
        if smo is not None:
            pay = smo.get("pay", "").strip()
            if len(smo):
                reasons = answers._reasons(account, smo)
        if pay != answers.REFUSED_PAY and not reasons:
            return [] if person is None else [(person, True)]
        record = answers.AnswerAccount("", "", pay, reasons, person, {})
        counted = answers.reasons_of(record, self._stage)
        found = [(reason, True) for reason in counted]
        if person is not None:
            found.insert(0, (person, True))
        return found + [(reason, False) for reason in reasons if reason not in counted]


def _rows_of(
    account: Any,
    card: tuple[str, str],
    policy: str,
    total: int | None,
    found: list[tuple[Reason, bool]],
    view: View,
) -> Iterator[ViewRow]:
    get = account.get
    xkey, begin, end = get("xkey", ""), get("curestart", ""), get("cureend", "")
    if not found:
        data = {"n_card": get("n_card", "")}
        yield ViewRow(xkey, *card, policy, begin, end, total, data=data)
    for reason, refuses in found:
        comment = reason.comment
        if not refuses:
            comment = f"{comment} (не отказ)".lstrip()
        yield ViewRow(
            xkey, *card, policy, begin, end, total, reason.kind, reason.code,
            view.title_of(reason.kind, reason.code), comment, refuses, reason.data,
        )  # fmt: skip


def _account_total(account: Any) -> int | None:
    """Sum of an account; the usual «123.45» is taken apart without a Decimal."""
    total: int | None = None
    for block in account.iterchildren("sum"):
        for element in block:
            text = element.get("sum", "")
            if len(text) > 3 and text[-3] == "." and (text[:-3] + text[-2:]).isdigit():
                found: int | None = int(text[:-3]) * 100 + int(text[-2:])
            else:
                found = optional_kopecks(text)
            if found is not None:
                total = (total or 0) + found
    return total


def _fact_row(fact: Any) -> ViewRow:
    get = fact.get
    return ViewRow(
        xkey=get("acc", ""), patient=get("pat", ""), kind=RefusalKind.FLK, code=get("test", ""),
        text=get("fact", ""), comment=get("defect_code", ""),
        data={"service": get("man", ""), "dt": [dict(d.attrib) for d in fact.iterchildren("dt")]},
    )  # fmt: skip
