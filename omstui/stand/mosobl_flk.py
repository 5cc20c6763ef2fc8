"""Protocols of ФЛК of a payment registry (стенд, FLK_P): one for the cases, one for the persons."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from omstui.domain.atomicfile import write_file
from omstui.formats.flkp import F012, FlkError, write_protocol
from omstui.stand.decide import Order
from omstui.stand.mosobl_bill import Bill
from omstui.stand.mosobl_plan import BillPlan
from omstui.stand.written import FLK, Written

#: what the stand says when the plan does not: code, field, parent element, text
_CASES = (
    ("003F.00.0760", "C_ZAB", "SL", "Не указан характер основного заболевания"),
    ("903", "ED_COL", "SL", "Неверный тип данных"),
    ("904", "DS1", "SL", "Код диагноза недопустим"),
    ("902", "IDDOKT", "SL", "Нет обязательного поля"),
)
_PERSONS = (
    ("904", "SNILS", "PERS", "СНИЛС не соответствует формату"),
    ("902", "OT", "PERS", "Нет обязательного поля: отчество или признак его отсутствия"),
    ("904", "DOCSER", "PERS", "Серия документа не соответствует его виду"),
)


def protocol_name(bill: str, *, persons: str = "") -> str:
    """Stem of a protocol: HM… → VM…, its LM… → FM….

    C, T and D registries may have the tail of an H registry, so theirs keep all letters: CM… → VCM….
    """
    if persons:
        return "F" + persons[1:]
    return "V" + (bill[1:] if bill.startswith("H") else bill)


def write(plan: BillPlan, out: Path) -> list[Written]:
    """Write both protocols; one without errors says that the file was taken."""
    bill, seed = plan.bill, plan.options.seed
    cases = [*_whole(plan.whole), *bill.findings, *_of_cases(plan, seed)]
    persons = [*_whole(plan.whole_persons), *bill.persons_findings, *_of_persons(plan, seed)]
    return [
        _write(bill, bill.name, protocol_name(bill.name), cases, out),
        _write(bill, bill.persons_name, protocol_name(bill.name, persons=bill.persons_name), persons, out),
    ]


def _write(bill: Bill, source: str, name: str, errors: Sequence[FlkError], out: Path) -> Written:
    path = out / f"{name}.xml"
    write_file(path, lambda stream: write_protocol(stream, source, errors, fname=name), overwrite=True)
    payer = bill.payer
    count, facts = len(bill.cases), len(errors)
    return Written(path, FLK, payer.code, payer.letter, count, facts, bill.total, 0, 0, facts, 0)


def _whole(orders: Sequence[Order]) -> Iterator[FlkError]:
    for order in orders:
        code = order.code or "804"
        yield FlkError(code, comment=order.comment or F012.get(code, "Файл не принят"))


def _of_cases(plan: BillPlan, seed: int) -> Iterator[FlkError]:
    for case in plan.bill.cases:
        for order in plan.flk.get(case.idcase, ()):
            error = _error(order, _CASES, f"{seed}|flk|{plan.bill.name}/{case.idcase}")
            yield replace(
                error, nschet=plan.bill.nschet, n_zap=case.n_zap, idcase=case.idcase, id_pac=case.person
            )


def _of_persons(plan: BillPlan, seed: int) -> Iterator[FlkError]:
    for person, orders in plan.persons.items():
        for order in orders:
            error = _error(order, _PERSONS, f"{seed}|flk|{plan.bill.name}/{person}")
            yield replace(error, id_pac=person)


def _error(order: Order, drawn: Sequence[tuple[str, str, str, str]], key: str) -> FlkError:
    """What the plan leaves empty is drawn, or told by the code."""
    code, element, base, text = random.Random(key).choice(drawn)
    data = order.data
    if order.code:
        text = next((row[3] for row in drawn if row[0] == order.code), F012.get(order.code, "Ошибка"))
    return FlkError(
        order.code or code,
        data.get("field", element),
        data.get("value", ""),
        base=data.get("base", base),
        idserv=data.get("idserv", ""),
        comment=order.comment or text,
    )
