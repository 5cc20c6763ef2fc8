"""«Отчет по амб.случаям, которые не попадают в отчетный период» on paper."""

from __future__ import annotations

from collections.abc import Sequence

from omstui.domain.errors import OmsError, UsageError
from omstui.domain.forming.report import TITLE, report
from omstui.domain.reports.model import Cell, Column, Document, Param, ReportDef, Table
from omstui.domain.store import forming

_COLUMNS = (
    Column("reason", "Причина", 30),
    Column("patient", "Пациент", 30),
    Column("birth_date", "Дата рождения", 10, "day"),
    Column("key", "Ключ случая", 22),
    Column("date_in", "Начало", 10, "day"),
    Column("date_out", "Окончание", 10, "day"),
    Column("doctor", "Врач", 20),
    Column("count", "Случаев", 7, "count", total=True),
    Column("total", "Сумма", 14, "money", total=True),
)


def document(registries: Sequence[int], subtitle: Sequence[str] = ()) -> Document:
    """The outpatient cases these registries leave out, with totals by reason."""
    found = report(registries)
    rows: list[Sequence[Cell]] = [
        (r.reason, r.patient, r.birth_date, r.key, r.date_in, r.date_out, r.doctor, 1, r.total) for r in found
    ]
    table = Table(_COLUMNS, rows, group="reason", count=len(rows))
    return Document(TITLE, "Отчет по амб.случаям", [table], subtitle, landscape=True)


def build(registry: str) -> Document:
    """``registry``: numbers of registries by comma."""
    try:
        numbers = [int(part) for part in registry.split(",")]
    except ValueError:
        raise UsageError(
            f"«{registry}» — не номера реестров.", hint="Укажите номера через запятую (--registry)."
        ) from None
    for number in numbers:
        if forming.registry(number) is None:
            raise OmsError(f"Реестра {number} нет.", hint="С экрана реестра этот отчёт открывают без номера.")
    return document(numbers)


REPORT = ReportDef(
    "skips",
    TITLE,
    "Амбулаторные случаи, которые не попадают в отчетный период, по причинам.",
    build,
    (Param("registry", "Номера реестров через запятую", required=True),),
)
