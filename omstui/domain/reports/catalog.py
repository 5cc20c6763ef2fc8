"""The list of reports (перечень отчётов): id → definition; a module is imported when its report is used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module

from omstui.domain.errors import UsageError
from omstui.domain.profile import Profile
from omstui.domain.reports.model import ReportDef

#: in the order of the list on the screen; the module of «not-resent» is ``not_resent``
IDS = (
    "month",
    "sums",
    "invoice-registry",
    "reconciliation",
    "forming",
    "skips",
    "expertise",
    "refusals",
    "not-resent",
    "sequestered",
    "plan-fact",
    "doctors",
    "dynamics",
    "forecast",
    "log",
)


class _Reports(Mapping[str, ReportDef]):
    """The definitions by id; ``omstui.domain.reports.<id>`` has ``REPORT``."""

    def __getitem__(self, name: str) -> ReportDef:
        if name not in IDS:
            raise KeyError(name)
        found: ReportDef = import_module(f"omstui.domain.reports.{name.replace('-', '_')}").REPORT
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(IDS)

    def __len__(self) -> int:
        return len(IDS)


REPORTS: Mapping[str, ReportDef] = _Reports()


def report(name: str) -> ReportDef:
    """The report with this id; UsageError names those there are."""
    if name not in IDS:
        raise UsageError(f"Отчёта «{name}» нет.", hint=f"Есть: {', '.join(IDS)}.")
    return REPORTS[name]


def offered(profile: Profile) -> list[ReportDef]:
    """The reports that make sense in this region."""
    return [found for found in REPORTS.values() if not found.needs or profile.can(found.needs)]
