"""What the payer adds to an account (решение плательщика): an_p, smo with its reasons, ФЛК facts."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from omstui.domain.model import Period, RefusalKind
from omstui.formats.bill import Node
from omstui.stand.decide import Order

#: since this month grounds of refusal are numbered anew (приказ 231н)
_NEW_CODES = Period(2021, 6)
_AN_PS = (
    ("1", "Полис не найден в регистре застрахованных"),
    ("2", "На дату лечения застрахован в другой СМО"),
    ("3", "Полис закрыт до даты лечения"),
)
_AN_MES = (
    ("5.1.4", "1.4.4", "КСГ не соответствует диагнозу и услугам"),
    ("5.1.3", "1.4.3", "Не заполнены поля, обязательные для тарифа"),
    ("5.3.1", "1.6.1", "Медицинская помощь не входит в программу ОМС"),
    ("5.1.5", "1.4.5", "Сумма не соответствует тарифу и количеству"),
)
_AN_SUM = (
    ("5.7.1", "1.10.1", "Случай оплачен ранее"),
    ("5.7.2", "1.10.2", "Случай повторён в реестре другой МО"),
    ("5.7.5", "1.10.5", "Амбулаторное лечение в период пребывания в стационаре"),
)
_FACTS = (
    ("F0104", "Не заполнено время передачи больного", "5.1.4.01", "time"),
    ("F0112", "Не указана поверхность зуба", "5.1.4.01", "p_tooth"),
    ("F0201", "Номер полиса единого образца не состоит из 16 цифр", "5.1.4.01", "polisnum"),
    ("F0215", "Не указан документ, удостоверяющий личность", "5.1.3.01", "docnum"),
    ("F0307", "Врач не найден в регистре медработников", "5.1.4.02", "doctor"),
)
_NEIGHBOURS = (("760123", "ООО «Поликлиника Пример»"), ("760124", "ГБУЗ «Соседняя больница»"))


@dataclass(slots=True)
class Added:
    """Elements to put into one account and beside the accounts of its patient."""

    smo: Node
    tariffs: Node | None = None


@dataclass(slots=True)
class Protocol:
    """Protocol of format control (ФЛК) of one answer, filled as accounts are written."""

    facts: list[Node] = field(default_factory=list)
    tests: dict[str, Node] = field(default_factory=dict)

    def add(self, order: Order, patient: Node, account: Node, rng: random.Random) -> None:
        code, text, defect, element = _fact(order, rng)
        service = account.find("manipulations/manipulation")
        fact = {
            "bill": "1",
            "pat": patient.get("patientcod"),
            "acc": account.get("xkey"),
            "man": service.get("xkey") if service else "",
            "test": code,
            "fact": text,
            "defect_code": defect,
        }
        values = dict(order.data) or {element: ""}
        details = [Node("dt", {"t": name, "d": value}) for name, value in values.items()]
        self.facts.append(Node("fact", _filled(fact), details))
        test = self.tests.get(code)
        if test is None:
            test = self.tests[code] = Node(
                "test",
                {
                    "code": code,
                    "category": "Р",
                    "element": next(iter(values)),
                    "expression": text,
                    "defect_code": defect,
                    "count_total": "0",
                    "count_fail": "0",
                },
            )
        test.attrs["count_fail"] = str(int(test.attrs["count_fail"]) + 1)

    def node(self, attrs: Mapping[str, str], register: Mapping[str, str], checked: int) -> Node:
        """The element flk. A file without facts names the check that all accounts passed."""
        tests = [self.tests[code] for code in sorted(self.tests)]
        if not tests:
            code, text, defect, element = _FACTS[0]
            tests = [
                Node(
                    "test",
                    {
                        "code": code,
                        "category": "Р",
                        "element": element,
                        "expression": text,
                        "defect_code": defect,
                        "count_fail": "0",
                    },
                )
            ]
        for test in tests:
            test.attrs["count_total"] = str(checked)
        return Node(
            "flk",
            dict(attrs),
            [Node("plan", children=tests), Node("register", dict(register), self.facts)],
        )


def _filled(attrs: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in attrs.items() if value}


def _fact(order: Order, rng: random.Random) -> tuple[str, str, str, str]:
    known = {code: (code, text, defect, element) for code, text, defect, element in _FACTS}
    if not order.code:
        return known[rng.choice(sorted(known))]
    code, text, defect, element = known.get(order.code, (order.code, "", "5.1.4.01", "xkey"))
    return code, order.comment or text or "Нарушение формата", defect, element


def _code(
    order: Order,
    table: Sequence[tuple[str, ...]],
    rng: random.Random,
    period: Period,
) -> tuple[str, str]:
    """(code, comment): as the plan says, else one of the table in the numbering of the period."""
    if order.code:
        text = next((row[-1] for row in table if order.code in row[:-1]), "")
        return order.code, order.comment or text
    row = rng.choice(table)
    code = row[1] if len(row) == 3 and period >= _NEW_CODES else row[0]
    return code, order.comment or row[-1]


def _day(text: str, fallback: date) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return fallback


def accepted() -> Added:
    """An account nobody objects to."""
    return Added(Node("smo", {"pay": "1"}))


def build(
    orders: Sequence[Order],
    person: Order | None,
    patient: Node,
    account: Node,
    period: Period,
    stage: int,
    rng: random.Random,
) -> Added:
    """The decision on a refused account with all its reasons."""
    reasons: dict[str, list[Node]] = {"an_pss": [], "an_sums": [], "an_mess": []}
    # at stage 1 the reason refuses by itself, so now and then the stand leaves pay="1" beside it
    pay = "4"
    tariffs: Node | None = None
    for order in orders:
        if order.kind == RefusalKind.AN_PS:
            reasons["an_pss"].append(_an_ps(order, patient, account, period, rng))
            if stage == 1 and not order.code and len(orders) == 1 and rng.random() < 0.15:
                pay = "1"
        elif order.kind == RefusalKind.AN_SUM:
            node = _an_sum(order, account, period, rng)
            reasons["an_sums"].append(node)
            if not order.code and rng.random() < 0.5:
                tariffs = _tariffs(node, account)
        elif order.kind == RefusalKind.AN_MES:
            reasons["an_mess"].append(_an_mes(order, account, period, rng))
    if person is not None:
        pay = "4"
    children = [Node(tag, children=nodes) for tag, nodes in reasons.items() if nodes]
    return Added(Node("smo", {"pay": pay}, children), tariffs)


def _an_ps(order: Order, patient: Node, account: Node, period: Period, rng: random.Random) -> Node:
    code, comment = _code(order, _AN_PS, rng, period)
    polis = patient.find("polises/polis") or Node("polis")
    treated = _day(account.get("curestart"), period.begin)
    attrs = {"an_ps": code}
    if code != "1":
        attrs["polisser"] = polis.get("polisser")
        attrs["polisnum"] = polis.get("polisnum")
        attrs["begin_date"] = polis.get("begin_p")
        attrs["end_date"] = str(treated - timedelta(days=rng.randint(5, 60)))
    return _reason("an_ps", attrs, order, comment)


def _an_mes(order: Order, account: Node, period: Period, rng: random.Random) -> Node:
    code, comment = _code(order, _AN_MES, rng, period)
    diagnoses = account.all("diagnoses/diagnose")
    main = next((d for d in diagnoses if d.get("type") == "1"), Node("diagnose"))
    return _reason("an_mes", {"an_mes": code, "mkb": main.get("mkb")}, order, comment)


def _an_sum(order: Order, account: Node, period: Period, rng: random.Random) -> Node:
    code, comment = _code(order, _AN_SUM, rng, period)
    mo, title = rng.choice(_NEIGHBOURS)
    start = _day(account.get("curestart"), period.begin)
    attrs = {
        "an_sum": code,
        "date_1": str(start.replace(day=1) - timedelta(days=1)),
        "provcode": mo,
        "provname": title,
        "n_pp": str(rng.randint(1, 900)),
        "curestart": str(start - timedelta(days=rng.randint(1, 6))),
        "cureend": str(start + timedelta(days=rng.randint(0, 3))),
        "doctor": "150-251-352 10",
    }
    return _reason("an_sum", attrs, order, comment)


def _reason(tag: str, attrs: dict[str, str], order: Order, comment: str) -> Node:
    return Node(tag, _filled({**attrs, **order.data, "comment": comment}))


def _tariffs(conflict: Node, account: Node) -> Node | None:
    """Explanation of an_sum at the first service: which service of another МО it meets."""
    service = account.find("manipulations/manipulation")
    if service is None or service.find("sum") is None or service.find("an_tariffs") is not None:
        return None
    attrs = {
        "date": conflict.get("date_1"),
        "provcode": conflict.get("provcode"),
        "provname": conflict.get("provname"),
        "service": service.get("service"),
        "doctor": conflict.get("doctor"),
        "curestart": conflict.get("curestart"),
        "cureend": conflict.get("cureend"),
        "prof_oms": service.get("prof_oms"),
        # the map spells the first letter in Cyrillic
        "сomment": "Пересекающаяся услуга",
    }
    return Node("an_tariffs", children=[Node("an_tariff", _filled(attrs))])


def an_p(order: Order, patient: Node, rng: random.Random) -> Node:
    """The person as the register of the insured has him: one thing differs from what was sent."""
    doc = patient.find("docs/doc") or Node("doc")
    attrs = {
        "an_p": order.code or "1",
        **{n: patient.get(n) for n in ("surname", "name", "patronymic", "birthdate", "sex")},
        **{n: doc.get(n) for n in ("docser", "docnum", "doctype")},
    }
    what = rng.choice(["birthdate", "surname", "docnum"] if attrs["docnum"] else ["birthdate"])
    comment = {
        "birthdate": "Дата рождения не совпадает с регистром застрахованных",
        "surname": "Фамилия не совпадает с регистром застрахованных",
        "docnum": "Документ не совпадает с регистром застрахованных",
    }[what]
    if what == "birthdate":
        born = _day(attrs["birthdate"], date(1980, 1, 1))
        attrs["birthdate"] = str(born - timedelta(days=rng.randint(1, 300)))
    elif what == "surname":
        attrs["surname"] = attrs["surname"][:-1] + ("ая" if attrs["sex"] == "2" else "ев")
    else:
        attrs["docnum"] = (
            attrs["docnum"][:-1] + str((int(attrs["docnum"][-1:] or 0) + 1) % 10)
            if attrs["docnum"][-1:].isdigit()
            else "000000"
        )
    return _reason("an_p", attrs, order, order.comment or comment)
