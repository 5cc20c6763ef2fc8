"""All criteria and their parameters: the groups put together, the settings laid over them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module

from omstui.domain.criteria.model import Criterion, Param, Value
from omstui.domain.errors import UsageError

#: modules of groups in the order of their codes
GROUPS = (
    *("person", "policy", "document", "dates", "diagnosis", "doctor", "attributes", "service", "tariff"),
    *("result", "duplicate", "hospital", "dispensary", "dental", "ambulance", "referral", "volume"),
    *("newborn", "sums", "payment"),
)


@cache
def all_criteria() -> dict[str, Criterion]:
    """Every criterion of the program by its code, in the order of codes."""
    made: dict[str, Criterion] = {}
    for group in GROUPS:
        for criterion in import_module(f"omstui.domain.criteria.{group}").CRITERIA:
            made[criterion.code] = criterion
    return dict(sorted(made.items()))


@cache
def all_params() -> dict[str, Param]:
    """Every parameter by its name."""
    made: dict[str, Param] = {}
    for group in GROUPS:
        for param in getattr(import_module(f"omstui.domain.criteria.{group}"), "PARAMS", ()):
            made[param.name] = param
    return made


@dataclass(frozen=True, slots=True)
class Choice:
    """What is to be checked: criteria that are on, in order, and the values of their parameters."""

    criteria: tuple[Criterion, ...]
    params: Mapping[str, Value]


def choose(
    *,
    on: Iterable[str] = (),
    off: Iterable[str] = (),
    severity: Mapping[str, str] | None = None,
    params: Mapping[str, str] | None = None,
    own: Sequence[Criterion] = (),
) -> Choice:
    """The profile of 126 with the changes of the settings; UsageError names a code or parameter unknown."""
    known = all_criteria() | {c.code: c for c in own}
    wanted_on, wanted_off, grade = set(on), set(off), dict(severity or {})
    for code in sorted((wanted_on | wanted_off | set(grade)) - set(known)):
        raise UsageError(f"Настройки, criteria: критерия «{code}» нет.")
    for code, value in grade.items():
        if value not in ("error", "warning"):
            raise UsageError(f"Настройки, criteria.severity.{code}: нужно error или warning, а не «{value}».")
    active = [
        replace(c, severity=grade[c.code]) if c.code in grade else c  # type: ignore[arg-type]
        for c in known.values()
        if c.code not in wanted_off and (c.default or c.own or c.code in wanted_on)
    ]
    return Choice(tuple(sorted(active, key=lambda c: c.code)), param_values(params or {}))


def param_values(given: Mapping[str, str]) -> dict[str, Value]:
    """Values of all parameters: the settings' texts read by the kind of the default."""
    known = all_params()
    values: dict[str, Value] = {name: param.default for name, param in known.items()}
    for name, text in given.items():
        if name not in known:
            raise UsageError(f"Настройки, criteria.params: параметра «{name}» нет.")
        values[name] = read_param(known[name], text)
    return values


def read_param(param: Param, text: str) -> Value:
    """The value a text stands for; UsageError says what is wanted."""
    if isinstance(param.default, tuple):
        return tuple(part for part in text.replace(",", " ").replace(";", " ").split() if part)
    if isinstance(param.default, int):
        if not text.strip().lstrip("-").isdecimal():
            raise UsageError(f"Настройки, criteria.params.{param.name}: нужно целое число, а не «{text}».")
        return int(text)
    return text


def bound(values: Mapping[str, Value]) -> dict[str, int | str]:
    """Values as SQL takes them: lists as JSON."""
    return {
        name: json.dumps(list(value), ensure_ascii=False) if isinstance(value, tuple) else value
        for name, value in values.items()
    }
