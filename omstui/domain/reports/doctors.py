"""Summary by department and doctor (сводка по отделениям и врачам)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from omstui.domain.reports import kit
from omstui.domain.reports.model import Block, Cell, Column, Document, ReportDef, Table
from omstui.domain.store import bookrows
from omstui.domain.store import reports as store

TITLE = "Сводка по отделениям и врачам"
_NOBODY = "отделение не указано"
_FIGURES = (
    kit.count("cases", "Случаев", 7),
    kit.count("services", "Услуг", 7),
    kit.money("total", "Сумма", 14),
    kit.money("sent", "Выставлено", 14),
    kit.count("refused", "Отказано", 8),
    kit.money("refused_sum", "Отказано, руб.", 14),
)
_TAIL = (
    Column("percent", "% отк.", 7, "percent"),
    kit.count("findings", "С замеч.", 7),
)
DOCTORS = (
    Column("department", "Отделение", 16),
    Column("doctor", "Врач", 26),
    *_FIGURES,
    *_TAIL,
)
DEPARTMENTS = (Column("department", "Отделение", 40), *_FIGURES, *_TAIL)


def build(period: str = "") -> Document:
    """Accounts of the main registries of a month: what each doctor brought, sent, lost."""
    month = kit.Month.read(period)
    rows = store.doctors(period)
    blocks = _blocks(rows, str(month.period.end)) if rows else ()
    return kit.filled(month.document(TITLE, landscape=True), blocks)


def _blocks(rows: Sequence[store.DoctorRow], day: str) -> Iterator[Block]:
    wanted = {("departments", r.department) for r in rows} | {("doctors", r.doctor) for r in rows}
    names = bookrows.names_on({pair for pair in wanted if pair[1]}, day)
    by_department: dict[str, list[store.DoctorRow]] = {}
    for row in rows:
        by_department.setdefault(_department(row.department, names), []).append(row)
    ordered = sorted(by_department, key=_place)
    whole: list[Sequence[Cell]] = [(name, *_figures(by_department[name])) for name in ordered]
    yield Table(DEPARTMENTS, whole, title="По отделениям", count=len(whole))
    cells: list[Sequence[Cell]] = [
        (name, _doctor(row.doctor, names), *_figures([row]))
        for name in ordered
        for row in sorted(by_department[name], key=lambda r: _doctor(r.doctor, names))
    ]
    yield Table(DOCTORS, cells, title="По врачам", group="department", count=len(cells))


def _place(name: str) -> tuple[bool, int, str]:
    """2 before 12; codes of letters after the numbers, the department nobody named at the end."""
    code = name.partition(" ")[0]
    return name == _NOBODY, int(code) if code.isdecimal() else 10**9, name


def _department(code: str, names: dict[tuple[str, str], str]) -> str:
    return f"{code} {names.get(('departments', code), '')}".strip() or _NOBODY


def _doctor(code: str, names: dict[tuple[str, str], str]) -> str:
    return f"{names.get(('doctors', code), '')} {code}".strip() or "врач не указан"


def _figures(rows: Sequence[store.DoctorRow]) -> tuple[Cell, ...]:
    sent, refused = sum(r.sent for r in rows), sum(r.refused_total for r in rows)
    return (
        sum(r.cases for r in rows),
        sum(r.services for r in rows),
        sum(r.total for r in rows),
        sent,
        sum(r.refused for r in rows),
        refused,
        kit.percent(refused, sent),
        sum(r.findings for r in rows),
    )


REPORT = ReportDef(
    "doctors",
    TITLE,
    "Случаи, услуги, суммы, отказы и замечания экспертизы по отделениям и врачам.",
    build,
)
