"""A month against its plan volumes: lines of the plan, a formed registry, what is in it and what is out."""

from __future__ import annotations

from typing import Any

from omstui.bootstrap import Services
from omstui.domain.runner import Outcome
from omstui.domain.store import db
from omstui.domain.verify import verify
from tests.domain import formkit as kit

PERIOD, NEXT = kit.APRIL, "2021-05"


def plan(quantity: int | None, unit: str = "cases", **values: Any) -> int:
    """A line of the plan for April: hundredths of the unit, kopecks when it is roubles."""
    fields: dict[str, Any] = {
        "begin_date": "2021-04-01", "end_date": "2021-04-30", "unit": unit, "quantity": quantity, **values,
    }  # fmt: skip
    return kit.insert("plan", **fields)


def cases(*days: int, **values: Any) -> list[int]:
    """A case of a patient of his own for each day of April, 100.00 unless services are given."""
    made = []
    for day in days:
        number = next(kit._NUMBER)
        person = {"surname": f"Тестова{number}", "fio_key": f"ТЕСТОВА{number} АННА ИВАНОВНА"}
        made.append(kit.case(patient_id=kit.patient(**person), day=f"2021-04-{day:02d}", **values))
    return made


def formed(services: Services, **params: Any) -> dict[int, int]:
    outcome = kit.form(services, **params)
    assert outcome.kind == "ok", outcome.message
    with db.connection():
        return kit.formed()


def sequester(services: Services, *, yes: bool = True, **params: Any) -> Outcome:
    return services.run("sequester", yes=yes, **{"period": PERIOD, "apply": True, **params})


def undo(services: Services, **params: Any) -> Outcome:
    return services.run("sequester-undo", yes=True, **{"period": PERIOD, **params})


def inside() -> dict[int, int]:
    """Case → kopecks of its account in formed registries."""
    with db.connection():
        return kit.formed()


def out() -> set[int]:
    with db.connection():
        return {row[0] for row in db.execute("SELECT case_id FROM sequester_cut WHERE undone_at IS NULL")}


def rows(table: str) -> list[tuple[Any, ...]]:
    with db.connection():
        return [tuple(r) for r in db.execute(f'SELECT * FROM "{table}" ORDER BY id')]


def healthy() -> None:
    with db.connection():
        assert [str(p) for p in verify()] == []
