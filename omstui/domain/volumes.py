"""Plan volumes (плановые объёмы) as values: lines, limits, cases, which line a case belongs to. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from omstui.domain.model import KINDS, CaseType

#: units of the plan in the order of ``Amounts``; roubles are kopecks, the others hundredths
UNITS: tuple[str, ...] = ("cases", "visits", "uet", "days", "roubles")
UNIT_TITLES: dict[str, str] = {
    "cases": "случаи",
    "visits": "посещения",
    "uet": "УЕТ",
    "days": "дни",
    "roubles": "рубли",
}
ROUBLES = UNITS.index("roubles")

Amounts = tuple[int, int, int, int, int]
ZERO: Amounts = (0, 0, 0, 0, 0)


def plus(one: Amounts, other: Amounts) -> Amounts:
    """The sum, unit by unit."""
    # spelled out: it runs for each case of the month
    a, b, c, d, e = one
    f, g, h, i, j = other
    return (a + f, b + g, c + h, d + i, e + j)


@dataclass(frozen=True, slots=True)
class Rules:
    """Settings of sequestration: what stays, what goes whole, in which order."""

    order: str = "date"  # date | cheap | dear: what is cut last … first
    keep_emergency: bool = True
    keep_ambulance: bool = True
    keep_returned: bool = True
    whole: str = "stages"  # case | stages | patient


class Scope(NamedTuple):
    """What decides the line of a case; ``services``: those of its codes that the plan names."""

    kind: str
    usl_ok: str
    profile: str
    ksg: str
    smo: str
    services: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Limit:
    """How much of a unit a line allows; ``used`` was billed before the program came."""

    unit: str
    amount: int
    used: int = 0
    #: where the unit stands in Amounts
    place: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "place", UNITS.index(self.unit))


@dataclass(frozen=True, slots=True)
class PlanLine:
    """A line of the plan (строка плана); rows of one scope and time with other units are one line."""

    id: int
    name: str
    begin: str
    end: str
    usl_ok: str = ""
    kind: str = ""
    profile: str = ""
    ksg: str = ""
    service: str = ""
    smo: str = ""
    limits: tuple[Limit, ...] = ()
    cumulative: bool = False
    protected: bool = False

    def covers(self, period: str) -> bool:
        """The month «2021-04» is inside the line's time."""
        return self.begin[:7] <= period <= self.end[:7]

    def fits(self, scope: Scope) -> bool:
        return (
            self.usl_ok in ("", scope.usl_ok)
            and self.kind in ("", scope.kind)
            and self.profile in ("", scope.profile)
            and self.ksg in ("", scope.ksg)
            and self.smo in ("", scope.smo)
            and (not self.service or self.service in scope.services)
        )

    @property
    def narrowness(self) -> tuple[object, ...]:
        """The greatest is the most specific: service, КСГ, profile, kind, conditions; own СМО, then time."""
        named = (self.service, self.ksg, self.profile, self.kind, self.usl_ok, self.smo)
        return (*(value != "" for value in named), self.begin, [-ord(c) for c in self.end], -self.id)

    @property
    def title(self) -> str:
        """The name given, else what the line names."""
        if self.name:
            return self.name
        kind = KINDS[self.kind].title if self.kind in KINDS else self.kind
        parts = [
            kind,
            f"условия {self.usl_ok}" if self.usl_ok and not kind else "",
            f"профиль {self.profile}" if self.profile else "",
            f"КСГ {self.ksg}" if self.ksg else "",
            f"услуга {self.service}" if self.service else "",
            f"СМО {self.smo}" if self.smo else "",
        ]
        return ", ".join(filter(None, parts)) or "вся помощь"


def line_of(lines: Iterable[PlanLine], scope: Scope, period: str) -> PlanLine | None:
    """The most specific line of the plan for a case billed in this month; None = «без плана»."""
    fitting = [line for line in lines if line.covers(period) and line.fits(scope)]
    return max(fitting, key=lambda line: line.narrowness, default=None)


@dataclass(frozen=True, slots=True)
class Item:
    """A case of the month: in a formed registry, or cut from it earlier (``out``)."""

    case: int
    scope: Scope
    day: str
    number: str
    amounts: Amounts
    registry: int = 0
    person: str = ""
    help_form: str = ""
    returned: bool = False
    out: bool = False
    #: not among the registries asked for: counts, and stays
    fixed: bool = False

    @property
    def total(self) -> int:
        return self.amounts[ROUBLES]


class Earlier(NamedTuple):
    """What was sent in a month and not refused, for one scope."""

    period: str
    scope: Scope
    amounts: Amounts


def protection(item: Item, line: PlanLine | None, rules: Rules) -> str:
    """Why the case may not be cut, in words; «» = it may."""
    kind = KINDS.get(item.scope.kind)
    if line is None:
        return "без плана"
    if item.fixed:
        return "другой реестр"
    if line.protected:
        return "по плану"
    if rules.keep_ambulance and kind is not None and kind.case_type == CaseType.SMP:
        return "СМП"
    if rules.keep_emergency and item.help_form in ("1", "2"):
        return "экстренный" if item.help_form == "1" else "неотложный"
    if rules.keep_returned and item.returned:
        return "возвращён"
    return ""
