"""Log of forming (протокол формирования) in the wording and order of the manual. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from omstui.domain.forming import reasons
from omstui.domain.model import KINDS, CaseType, folded
from omstui.domain.money import roubles

START = "Подготовка данных, дождитесь окончания операции"
PREPARED = "Подготовка данных прошла успешно"
EXCLUDED = "Будут исключены из реестра:"
#: an empty block says so: zero lines are printed too
NOBODY = "0 случаев на сумму 0.00"
SKIPPED = (
    "В реестр не попадут следующие случаи (подробно в Отчете по амб.случаям, которые не попадают"
    " в отчетный период):"
)
_FORMED = {
    CaseType.TAP: "Сформировано {} услуг амбулатории на сумму {}",
    CaseType.SMP: "Сформировано {} услуг скорой помощи на сумму {}",
    CaseType.MKSB: "Сформировано {} услуг стационара на сумму {}",
}
_SERVICES_OF = {
    CaseType.TAP: "Амбулаторные услуги",
    CaseType.MKSB: "Стационарные услуги",
    CaseType.SMP: "Услуги скорой помощи",
}


class Figure(NamedTuple):
    """How many and for how much, kopecks."""

    number: int = 0
    total: int = 0


NOTHING = Figure()


class Reason(NamedTuple):
    """A line of reasons: what, of which type of cases, how many, for how much."""

    code: str
    text: str
    case_type: str
    services: bool  # counts services, not cases
    gone: bool  # of the previous composition: «Будут исключены»
    number: int
    total: int


@dataclass(slots=True)
class Summary:
    """All figures of a forming, over all its registries."""

    formed: Mapping[str, Figure] = field(default_factory=dict)  # services by type of case
    no_services: Mapping[str, int] = field(default_factory=dict)
    excluded: Sequence[Reason] = ()
    skipped: Sequence[Reason] = ()
    primary: Figure = NOTHING
    repeat: Figure = NOTHING
    late: Figure = NOTHING
    late_cut: Figure = NOTHING  # of them cut by sequestration
    late_formed: Figure = NOTHING
    late_open: Figure = NOTHING
    no_payer: Figure = NOTHING
    filtered: int = 0  # 90.021, counted only
    source_sums: bool = False  # the tariff book is empty
    #: cases whose own sum is not that of their services: how many for how much, and as billed
    differing: tuple[Figure, int] = (NOTHING, 0)


class Line(NamedTuple):
    """A line of the log and the list it opens."""

    text: str
    link: dict[str, Any] | None = None
    level: str = "info"


@dataclass(frozen=True, slots=True)
class Formed:
    """A registry as formed."""

    id: int
    kind: str  # «» = every kind of the region, and then no type of case either
    case_type: str
    title: str
    accounts: int
    total: int


def lines(summary: Summary, registries: Sequence[Formed]) -> Iterator[Line]:
    """The log after «Подготовка данных прошла успешно»."""
    everything = [r.id for r in registries]
    ids = {t: [r.id for r in registries if r.case_type in (t, "")] for t in CaseType}
    mixed = any(not r.case_type for r in registries)
    yield _formed(summary, CaseType.TAP, ids, mixed)
    yield _formed(summary, CaseType.SMP, ids, mixed)
    for case_type in (CaseType.TAP, CaseType.MKSB, CaseType.SMP):
        code = reasons.NO_SERVICES[case_type]
        yield Line(
            f"{reasons.SKIPS[code]} {summary.no_services.get(case_type, 0)}",
            _skips(ids[case_type] or everything, code),
        )
    yield _formed(summary, CaseType.MKSB, ids, mixed)
    yield Line(EXCLUDED)
    yield from _sorted(_excluded(summary.excluded, everything)) or [Line(NOBODY)]
    yield Line(SKIPPED, {"list": "report", "registries": everything})
    yield from _sorted(_skipped(summary.skipped, everything)) or [Line(NOBODY)]
    yield from _counted(summary, everything)
    for registry in registries:
        yield Line(
            f"Реестр «{registry.title}»: счетов {registry.accounts} на сумму {roubles(registry.total)}",
            {"list": "accounts", "registries": [registry.id]},
        )


def _formed(summary: Summary, case_type: CaseType, ids: Mapping[CaseType, list[int]], mixed: bool) -> Line:
    figure = summary.formed.get(case_type, NOTHING)
    link: dict[str, Any] = {"list": "accounts", "registries": ids[case_type]}
    if mixed:
        link["services_of"] = [code for code, kind in KINDS.items() if kind.case_type == case_type]
    return Line(_FORMED[case_type].format(figure.number, roubles(figure.total)), link)


def _skips(ids: list[int], code: str, reason: str = "") -> dict[str, Any]:
    link: dict[str, Any] = {"list": "skips", "registries": ids, "code": code}
    return {**link, "reason": reason} if reason else link


def _sorted(block: Iterable[Line]) -> list[Line]:
    """Alphabetically, case ignored."""
    return sorted(block, key=lambda line: folded(line.text))


def _merged(rows: Iterable[Reason], part: str) -> Iterator[tuple[Any, str, str, Figure]]:
    """Add up rows that differ in nothing but ``part`` and what the line does not show."""
    merged: dict[tuple[Any, str, str], Figure] = {}
    for row in rows:
        key = (getattr(row, part), row.code, row.text)
        old = merged.get(key, NOTHING)
        merged[key] = Figure(old.number + row.number, old.total + row.total)
    for (value, code, text), figure in merged.items():
        yield value, code, text, figure


def _excluded(rows: Iterable[Reason], ids: list[int]) -> Iterator[Line]:
    for case_type, code, text, figure in _merged(rows, "case_type"):
        words = _SERVICES_OF[CaseType(case_type)]
        yield Line(
            f"{words} - {figure.number} на сумму {roubles(figure.total)} - {text}",
            _skips(ids, code, text),
        )


def _skipped(rows: Iterable[Reason], ids: list[int]) -> Iterator[Line]:
    for services, code, text, figure in _merged(rows, "services"):
        unit = "" if services else " случаев"
        yield Line(
            f"{text} - {figure.number}{unit} на сумму {roubles(figure.total)}",
            _skips(ids, code, text),
        )


def _counted(summary: Summary, ids: list[int]) -> Iterator[Line]:
    """What the manual does not print and money must not lose."""
    if summary.primary.number or summary.repeat.number:
        yield Line(
            f"Возвращены по F8: первичных {summary.primary.number} на сумму"
            f" {roubles(summary.primary.total)}, повторных {summary.repeat.number} на сумму"
            f" {roubles(summary.repeat.total)}",
            {"list": "accounts", "registries": ids, "returned": True},
        )
    if summary.late_formed.number:
        yield Line(
            f"Включено опоздавших случаев прошлых месяцев: {summary.late_formed.number}"
            f" на сумму {roubles(summary.late_formed.total)}",
            {"list": "accounts", "registries": ids, "late": True},
        )
    if summary.late.number:
        yield Line(
            f"Опоздавших случаев прошлых месяцев: {summary.late.number} на сумму"
            f" {roubles(summary.late.total)} (включить: «с опоздавшими», --late)",
            _skips(ids, reasons.LATE),
        )
    if summary.late_cut.number:
        yield Line(
            f"В том числе снято секвестированием: {summary.late_cut.number} на сумму"
            f" {roubles(summary.late_cut.total)}",
            _skips(ids, reasons.LATE),
        )
    if summary.late_open.number:
        yield Line(
            f"Незакрытых случаев прошлых месяцев: {summary.late_open.number} на сумму"
            f" {roubles(summary.late_open.total)}",
            _skips(ids, reasons.LATE_OPEN),
        )
    if summary.no_payer.number:
        yield Line(
            f"Не идентифицированы (нет плательщика): {summary.no_payer.number} на сумму"
            f" {roubles(summary.no_payer.total)}",
            {"list": "accounts", "registries": ids, "no_payer": True},
        )
    if summary.filtered:
        yield Line(f"{reasons.SKIPS['90.021']}: {summary.filtered}")
    if summary.source_sums:
        yield Line("Справочник тарифов пуст: суммы взяты из исходных данных.")
    cases, billed = summary.differing
    if cases.number:
        yield Line(
            f"Сумма случая в исходных данных не равна сумме его услуг: случаев {cases.number}, в файле"
            f" {roubles(cases.total)}, в счетах (по услугам) {roubles(billed)}. Сверьте файл.",
            level="warning",
        )
