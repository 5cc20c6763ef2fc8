"""Who gets which answer in the second exchange (решения стенда): by the plan, the rest by seeded shares.

Keys of a plan: RECID of a person in a QPID; IDCASE or the number of the card (NHISTORY) of a case, also
«HM500101S50001_21121/IDCASE» when several registries are answered at once; the name of a file
(«HM500101S50001_21121», «LM…») takes ФЛК of the whole file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from omstui.domain.errors import UsageError
from omstui.domain.model import RefusalKind
from omstui.domain.money import kopecks
from omstui.formats.layouts.dbf_ident import APID, QPID
from omstui.settings import Settings
from omstui.stand.decide import BILL_KINDS, IDENT_KINDS, Draw, Order, Plan
from omstui.stand.mosobl_bill import Bill, Case
from omstui.stand.mosobl_ident import Request, typed
from omstui.stand.written import FLK, IDENT, MEK

#: shares without a plan: of refusals, and of persons insured elsewhere
_REFUSE, _MOVE = 0.05, 0.05
#: ФЛК errors as a part of the share of refusals
_FACTS = 0.4
#: how often each kind is drawn, of 100
_UNKNOWN = ((60, "missing"), (80, "uninsured"), (85, "poor"), (100, "died"))
_ELSEWHERE = ((50, "insurer"), (80, "region"), (100, "renewed"))
_CONTROL = ((70, "full"), (85, "part"), (95, "mee"), (100, "ekmp"))
_ANSWER = frozenset(APID.names[len(QPID.names) :])
_OF_CONTROL = frozenset({"sum", "act", "act_date", "service", "expert"})
_OF_FLK = frozenset({"field", "value", "base", "idserv"})


@dataclass(frozen=True, slots=True)
class Options:
    """What the command was told; shares not told are 5 %, with a plan none."""

    seed: int = 1
    refuse: float | None = None
    move: float | None = None
    format: str = "dbf"
    planned: bool = False
    list_all: bool = True

    @property
    def refused(self) -> float:
        return self.refuse if self.refuse is not None else 0.0 if self.planned else _REFUSE

    @property
    def moved(self) -> float:
        return self.move if self.move is not None else 0.0 if self.planned else _MOVE


def _kind(draw: Draw, key: str, weights: Sequence[tuple[int, str]]) -> str:
    point = draw.number("kind", key) % 100
    return next(kind for limit, kind in weights if point < limit)


def _check(key: str, order: Order, kinds: frozenset[str], known: frozenset[str]) -> None:
    if order.kind not in kinds:
        fitting = ", ".join(sorted(kinds))
        raise UsageError(f"План, ключ {key}: вид {order.kind} здесь не бывает (есть: {fitting}).")
    for name in order.data:
        if name not in known:
            fields = ", ".join(sorted(known))
            raise UsageError(f"План, ключ {key}: неизвестное поле data «{name}» (есть: {fields}).")


# --- persons of a request ----------------------------------------------------------------------


class PersonPlan:
    """Answers to the persons of a request: ``orders`` for APID, ``facts`` for its ФЛК."""

    def __init__(self, request: Request, plan: Plan, settings: Settings, options: Options) -> None:
        self.request = request
        self.used: set[str] = set()
        self.notes: list[str] = []
        self.orders: dict[str, Order] = {}
        self.facts: dict[str, list[Order]] = {}
        self._insurers = {i.code for i in settings.insurers if not i.out_of_region}
        for ref in request.people:
            for order in plan.get(ref, ()):
                self._add(ref, order)
        self._draw(Draw(options.seed, IDENT), options)
        for ref in request.poor - self.orders.keys():
            self.orders[ref] = Order("poor")

    def _add(self, ref: str, order: Order) -> None:
        self.used.add(ref)
        flk = order.kind == RefusalKind.FLK
        _check(ref, order, IDENT_KINDS, _OF_FLK if flk else _ANSWER)
        if flk:
            self.facts.setdefault(ref, []).append(order)
            return
        if order.kind == "insurer" and order.code and order.code not in self._insurers:
            known = ", ".join(sorted(self._insurers))
            raise UsageError(f"План, ключ {ref}: СМО {order.code} нет в настройках (есть: {known}).")
        if order.kind == "insurer" and not order.code and len(self._insurers) < 2:
            raise UsageError(f"План, ключ {ref}: другой СМО нет, в настройках меньше двух СМО области.")
        for name, value in order.data.items():
            typed(ref, name, value)
        self.orders[ref] = order

    def _draw(self, draw: Draw, options: Options) -> None:
        free = [ref for ref in self.request.people if ref not in self.used and ref not in self.request.poor]
        for ref in draw.chosen("refuse", free, options.refused):
            self.orders[ref] = Order(_kind(draw, ref, _UNKNOWN))
        elsewhere = _ELSEWHERE if len(self._insurers) > 1 else _ELSEWHERE[1:]
        left = [ref for ref in free if ref not in self.orders]
        # a share of all, though those already refused cannot move
        share = min(1.0, options.moved * len(free) / len(left)) if left else 0.0
        for ref in draw.chosen("move", left, share):
            self.orders[ref] = Order(_kind(draw, ref, elsewhere))
        for ref in draw.chosen("flk", free, options.refused * _FACTS):
            self.facts.setdefault(ref, []).append(Order(RefusalKind.FLK))


# --- cases of a registry -----------------------------------------------------------------------


@dataclass(slots=True)
class BillPlan:
    """Decisions on a registry: ``control`` by IDCASE, ``flk`` of cases by IDCASE, of persons by ID_PAC.

    ``whole`` and ``whole_persons``: errors of the file of cases and of persons as a whole.
    """

    bill: Bill
    plan: Plan
    options: Options
    used: set[str] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)
    control: dict[str, list[Order]] = field(default_factory=dict)
    flk: dict[str, list[Order]] = field(default_factory=dict)
    persons: dict[str, list[Order]] = field(default_factory=dict)
    whole: list[Order] = field(default_factory=list)
    whole_persons: list[Order] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._files()
        if self.plan:
            self._cases()
        self._random()

    def _files(self) -> None:
        for name, errors in (
            (self.bill.name, self.whole), (self.bill.persons_name, self.whole_persons),
        ):  # fmt: skip
            for order in self.plan.get(name, ()):
                _check(name, order, frozenset({RefusalKind.FLK}), _OF_FLK)
                self.used.add(name)
                errors.append(order)

    def _cases(self) -> None:
        numbers = {case.idcase for case in self.bill.cases}
        both = Counter(c.card for c in self.bill.cases if c.card in numbers and c.card != c.idcase)
        for card in both.keys() & self.plan.keys():
            self.notes.append(f"План: {card} — и IDCASE, и номер карты другого случая; взят IDCASE.")
        for case in self.bill.cases:
            card = "" if case.card in numbers else case.card
            for key in dict.fromkeys((f"{self.bill.name}/{case.idcase}", case.idcase, card)):
                for order in self.plan.get(key, ()) if key else ():
                    self._add(key, case, order)

    def _add(self, key: str, case: Case, order: Order) -> None:
        self.used.add(key)
        flk = order.kind in (RefusalKind.FLK, "flk_l")
        _check(key, order, BILL_KINDS, _OF_FLK if flk else _OF_CONTROL)
        if order.kind == RefusalKind.FLK:
            self.flk.setdefault(case.idcase, []).append(order)
        elif flk:
            self.persons.setdefault(case.person, []).append(order)
        else:
            _check_control(key, case, order)
            self.control.setdefault(case.idcase, []).append(order)

    def _random(self) -> None:
        # IDCASE of two registries may be the same number, so the name of the file takes part
        prefix = f"{self.bill.name}/"
        touched = self.control.keys() | self.flk.keys()
        free = [prefix + c.idcase for c in self.bill.cases
                if c.idcase not in touched and c.person not in self.persons]  # fmt: skip
        draw = Draw(self.options.seed, MEK)
        share = self.options.refused
        for key in draw.chosen("refuse", free, share):
            self.control[key.removeprefix(prefix)] = [Order(_kind(draw, key, _CONTROL))]
        self._random_flk(prefix, free, share * _FACTS)

    def _random_flk(self, prefix: str, free: Iterable[str], share: float) -> None:
        draw = Draw(self.options.seed, FLK)
        owners = {case.idcase: case.person for case in self.bill.cases}
        clean = [key for key in free if key.removeprefix(prefix) not in self.control]
        for key in draw.chosen("flk", clean, share):
            idcase = key.removeprefix(prefix)
            if draw.number("persons", key) % 4:
                self.flk.setdefault(idcase, []).append(Order(RefusalKind.FLK))
            else:
                self.persons.setdefault(owners[idcase], []).append(Order("flk_l"))


def _check_control(key: str, case: Case, order: Order) -> None:
    """Refuse a sum that no payer could take off, and a date that is none."""
    if "sum" in order.data:
        try:
            total = kopecks(order.data["sum"])
        except ValueError:
            raise UsageError(f"План, ключ {key}: «sum» — не сумма, нужен вид 100.50.") from None
        if not 0 <= total <= case.total:
            raise UsageError(
                f"План, ключ {key}: снять можно от 0 до {case.total / 100:.2f}, а не {order.data['sum']}."
            )
    if "act_date" in order.data:
        try:
            date.fromisoformat(order.data["act_date"])
        except ValueError:
            raise UsageError(f"План, ключ {key}: «act_date» — не дата, нужен вид 2022-01-20.") from None
