"""What the stand decides on each account (решения стенда): an explicit plan and a seeded share."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from omstui.domain.errors import UsageError, place_of, reason_of
from omstui.domain.model import RefusalKind
from omstui.settings import Settings
from omstui.stand.package import Account, Package

PAYER = "payer"
#: kinds of a plan that an answer of this stage can carry; the others wait for the other stage
STAGE_KINDS: dict[int, frozenset[str]] = {
    1: frozenset({RefusalKind.AN_P, RefusalKind.AN_PS, RefusalKind.FLK, PAYER}),
    2: frozenset(
        {
            RefusalKind.AN_P,
            RefusalKind.AN_PS,
            RefusalKind.AN_MES,
            RefusalKind.AN_SUM,
            RefusalKind.PAY,
        }
    ),
}
#: answers on a person of a QPID (APID and its ФЛК)
IDENT_KINDS = frozenset(
    {"found", "renewed", "insurer", "region", "missing", "poor", "uninsured", "died", RefusalKind.FLK}
)
#: decisions on a case of a payment registry: МЭК whole or in part, МЭЭ, ЭКМП, ФЛК of cases and of persons
BILL_KINDS = frozenset({"full", "part", "mee", "ekmp", RefusalKind.FLK, "flk_l"})
_KINDS = STAGE_KINDS[1] | STAGE_KINDS[2] | IDENT_KINDS | BILL_KINDS
#: how often each kind is drawn at a stage, of 100
_WEIGHTS: dict[int, tuple[tuple[int, str], ...]] = {
    1: ((35, RefusalKind.AN_P), (100, RefusalKind.AN_PS)),
    2: (
        (40, RefusalKind.AN_MES),
        (75, RefusalKind.AN_SUM),
        (85, RefusalKind.AN_PS),
        (90, RefusalKind.AN_P),
        (100, RefusalKind.PAY),
    ),
}
#: share of accounts with a fact of format control, as a part of the share of refusals
_FACTS = 0.4


@dataclass(frozen=True, slots=True)
class Order:
    """One decision on one account: a refusal of a kind, a ФЛК fact or another payer.

    Empty ``code`` and ``comment`` are filled by the stand; ``data`` overrides further attributes.
    """

    kind: str
    code: str = ""
    comment: str = ""
    data: Mapping[str, str] = field(default_factory=dict)


Plan = dict[str, list[Order]]


@dataclass(slots=True)
class Decisions:
    """Decisions on a package. A person in ``persons`` failed the check of personal data.

    Personal data concern all accounts of the person in the answer of that payer, so ``persons``
    is keyed by (payer, patientcod).
    """

    refusals: dict[str, list[Order]] = field(default_factory=dict)
    persons: dict[tuple[str, str], Order] = field(default_factory=dict)
    facts: dict[str, list[Order]] = field(default_factory=dict)
    moved: dict[str, str] = field(default_factory=dict)

    def payer(self, account: Account) -> str:
        return self.moved.get(account.xkey, account.payer)

    def refused(self, person: str, account: Account) -> bool:
        return account.xkey in self.refusals or (self.payer(account), person) in self.persons


# --- the plan ---------------------------------------------------------------------------------


def read_plan(path: Path) -> Plan:
    """Read «account → decision» from JSON; UsageError names what is wrong in it."""
    try:
        data = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise UsageError(f"План {path} не читается: {reason_of(error)}.") from error
    except ValueError as error:
        raise UsageError(f"План {path}: ошибка записи JSON ({place_of(error)}).") from error
    return parse_plan(data, str(path))


def parse_plan(data: Any, where: str = "План") -> Plan:
    """Check a plan {"<xkey>": {"kind", "code", "comment", "data"} or a list of such}."""
    if not isinstance(data, Mapping):
        raise UsageError(f"{where}: нужен объект вида {{«ключ счёта»: {{«kind»: …}}}}.")
    plan: Plan = {}
    for xkey, value in data.items():
        entries = value if isinstance(value, list) else [value]
        plan[str(xkey)] = [_order(entry, f"{where}, счёт {xkey}") for entry in entries]
    return plan


def _order(entry: Any, where: str) -> Order:
    if isinstance(entry, Order):
        return entry
    if not isinstance(entry, Mapping):
        raise UsageError(f"{where}: нужен объект с полями kind, code, comment.")
    for key in entry:
        if key not in ("kind", "code", "comment", "data"):
            raise UsageError(f"{where}: неизвестное поле «{key}» (есть: kind, code, comment, data).")
    kind = str(entry.get("kind", ""))
    if kind not in _KINDS:
        known = ", ".join(sorted(_KINDS))
        raise UsageError(f"{where}: неизвестный вид «{kind}» (есть: {known}).")
    extra = entry.get("data") or {}
    if not isinstance(extra, Mapping):
        raise UsageError(f"{where}: «data» должно быть объектом.")
    if kind == PAYER and not entry.get("code"):
        raise UsageError(f"{where}: для вида payer нужен код СМО в поле code.")
    return Order(
        kind,
        str(entry.get("code") or ""),
        str(entry.get("comment") or ""),
        {str(k): str(v) for k, v in extra.items()},
    )


# --- decisions --------------------------------------------------------------------------------


def decide(
    package: Package,
    settings: Settings,
    plan: Plan,
    *,
    seed: int = 1,
    refuse: float = 0.0,
    move: float = 0.0,
) -> Decisions:
    """Decide on every account of a package; the same package, plan and seed decide the same."""
    made = Decisions()
    stage = package.stage
    for finding in package.findings:
        order = Order(RefusalKind.FLK, finding.code, finding.text, {finding.element: finding.value})
        made.facts.setdefault(finding.xkey, []).append(order)
    _by_plan(made, package, settings, plan, stage)
    draw = Draw(seed, stage)
    if stage == 1 and move > 0:
        _move(made, package, settings, plan, draw, move)
    if refuse > 0:
        _refuse(made, package, plan, draw, refuse)
    return made


def _by_plan(made: Decisions, package: Package, settings: Settings, plan: Plan, stage: int) -> None:
    if not plan:
        return
    planned = [(person, a) for person, a in package.accounts() if a.xkey in plan]
    codes = {insurer.code for insurer in settings.insurers}
    # another payer first: personal data are refused within the answer of one payer
    for _, account in planned:
        for order in plan[account.xkey]:
            if order.kind == PAYER and stage == 1:
                if order.code not in codes:
                    known = ", ".join(sorted(codes))
                    raise UsageError(
                        f"План, счёт {account.xkey}: СМО {order.code} нет в настройках (есть: {known})."
                    )
                made.moved[account.xkey] = order.code
    for person, account in planned:
        for order in plan[account.xkey]:
            if order.kind != PAYER and order.kind in STAGE_KINDS[stage]:
                _add(made, person, account, order)


def _add(made: Decisions, person: str, account: Account, order: Order) -> None:
    if order.kind == RefusalKind.FLK:
        made.facts.setdefault(account.xkey, []).append(order)
    elif order.kind == RefusalKind.AN_P:
        made.persons.setdefault((made.payer(account), person), order)
    else:
        made.refusals.setdefault(account.xkey, []).append(order)


class Draw:
    """Numbers that depend on the seed, the stage and the key only, never on the order of reading."""

    def __init__(self, seed: int, stage: int) -> None:
        self._key = f"{seed}:{stage}".encode()

    def number(self, purpose: str, xkey: str) -> int:
        text = f"{purpose}:{xkey}".encode()
        return int.from_bytes(hashlib.blake2b(text, digest_size=8, key=self._key).digest(), "big")

    def chosen(self, purpose: str, keys: Iterable[str], share: float) -> list[str]:
        """The share of the keys, to the nearest whole."""
        ranked = sorted(keys, key=lambda k: self.number(purpose, k))
        return ranked[: int(len(ranked) * share + 0.5)]


def _move(
    made: Decisions, package: Package, settings: Settings, plan: Plan, draw: Draw, share: float
) -> None:
    own = [i.code for i in settings.insurers if not i.out_of_region]
    if len(own) < 2:
        raise UsageError("Некому передать счета: в настройках меньше двух СМО области.")
    payers = {a.xkey: a.payer for _, a in package.accounts() if a.xkey not in plan}
    mine = [xkey for xkey, payer in payers.items() if payer in own]
    for xkey in draw.chosen("move", mine, share):
        others = [code for code in own if code != payers[xkey]]
        made.moved[xkey] = others[draw.number("to", xkey) % len(others)]


def _refuse(made: Decisions, package: Package, plan: Plan, draw: Draw, share: float) -> None:
    groups: dict[str, list[str]] = {}
    owner: dict[str, tuple[str, Account]] = {}
    for person, account in package.accounts():
        if account.xkey not in plan and not made.refused(person, account):
            groups.setdefault(made.payer(account), []).append(account.xkey)
            owner[account.xkey] = person, account
    for keys in groups.values():
        for xkey in draw.chosen("refuse", keys, share):
            point = draw.number("kind", xkey) % 100
            kind = next(k for limit, k in _WEIGHTS[package.stage] if point < limit)
            _add(made, *owner[xkey], Order(kind))
        if package.stage == 1:
            clean = [k for k in keys if not made.refused(*owner[k])]
            for xkey in draw.chosen("flk", clean, share * _FACTS):
                made.facts.setdefault(xkey, []).append(Order(RefusalKind.FLK))


def notes_on(plan: Plan, packages: Sequence[Package]) -> list[str]:
    """Entries of the plan that no file given could use, in words."""
    stages: dict[str, set[int]] = {}
    for package in packages:
        for _, account in package.accounts():
            if account.xkey in plan:
                stages.setdefault(account.xkey, set()).add(package.stage)
    notes = [f"План: счёта {xkey} нет в файлах." for xkey in plan if xkey not in stages]
    late: Counter[tuple[int, str]] = Counter()
    for xkey, found in stages.items():
        for order in plan[xkey]:
            if not any(order.kind in STAGE_KINDS[s] for s in found):
                late[min(found), order.kind] += 1
    for (stage, kind), count in sorted(late.items()):
        notes.append(f"План: вид {kind} не бывает в ответе стадии {stage}, пропущен ({count}).")
    return notes
