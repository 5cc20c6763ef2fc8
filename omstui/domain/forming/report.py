"""«Отчет по амб.случаям, которые не попадают в отчетный период»: rows for the screen and plain text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from omstui.domain.forming import reasons
from omstui.domain.model import CaseType, folded
from omstui.domain.money import roubles
from omstui.domain.store import forming

TITLE = "Отчет по амб.случаям, которые не попадают в отчетный период"
WIDTH = 80


@dataclass(frozen=True, slots=True)
class Row:
    """A case that stays out; dates «YYYY-MM-DD», ``total`` in kopecks."""

    reason: str
    code: str
    key: str
    patient: str
    birth_date: str
    date_in: str
    date_out: str
    doctor: str
    total: int


def report(registry_ids: Sequence[int]) -> list[Row]:
    """Outpatient cases these registries leave out, by reason (alphabetically), patient, date."""
    rows = [
        Row(r.reason, r.code, r.key, r.patient, r.birth_date, r.date_in, r.date_out, r.doctor, r.total)
        for r in forming.skip_rows(registry_ids, CaseType.TAP, tuple(reasons.COUNTED))
    ]
    return sorted(rows, key=lambda r: (folded(r.reason), folded(r.patient), r.date_in, r.key))


def text(rows: Sequence[Row], head: Sequence[str] = ()) -> str:
    """The report as text of 80 columns; ``head`` are lines under the title (МО, period)."""
    return "\n".join(line.rstrip() for line in _lines(rows, head)) + "\n"


def _lines(rows: Sequence[Row], head: Sequence[str]) -> Iterator[str]:
    yield TITLE
    yield from head
    for reason, group in groupby(rows, key=lambda r: r.reason):
        cases = list(group)
        total = sum(r.total for r in cases)
        yield ""
        yield from _wrapped(f"{reason} - {len(cases)} случаев на сумму {roubles(total)}")
        yield f"{'Пациент':<30} {'Рожд.':<10} {'Начало':<10} {'Оконч.':<10} {'Сумма':>16}"
        yield "-" * WIDTH
        for r in cases:
            dates = f"{_day(r.birth_date):<10} {_day(r.date_in):<10} {_day(r.date_out):<10}"
            yield f"{r.patient[:30]:<30} {dates} {roubles(r.total):>16}"
            yield f"  {r.key[:44]:<44} врач: {r.doctor[:26] or 'не указан'}"
    yield ""
    yield f"Всего случаев - {len(rows)} на сумму {roubles(sum(r.total for r in rows))}"


def _day(text: str) -> str:
    return f"{text[8:10]}.{text[5:7]}.{text[:4]}" if text else "-"


def _wrapped(text: str) -> Iterator[str]:
    line = ""
    for word in text.split(" "):
        if line and len(line) + 1 + len(word) > WIDTH:
            yield line
            line = "  " + word
        else:
            line = f"{line} {word}" if line else word
    yield line
