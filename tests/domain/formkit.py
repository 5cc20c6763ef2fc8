"""Rows for the tests of forming: a patient, cases with services, registries, accounts, answers."""

from __future__ import annotations

from typing import Any

from omstui.bootstrap import Services
from omstui.domain.operation import LogLine
from omstui.domain.runner import Outcome
from omstui.domain.store import db

APRIL = "2021-04"


def insert(table: str, **values: Any) -> int:
    """Insert a row; returns its id."""
    cursor = db.execute(db.insert_sql(table, list(values)), list(values.values()))
    return int(cursor.lastrowid or 0)


def patient(**values: Any) -> int:
    fields: dict[str, Any] = {
        "surname": "Тестова",
        "name": "Анна",
        "patronymic": "Ивановна",
        "fio_key": "ТЕСТОВА АННА ИВАНОВНА",
        "birth_date": "1970-01-01",
        **values,
    }
    return insert("patient", **fields)


def payer(code: str = "76001") -> int:
    return int(db.scalar("SELECT id FROM insurer WHERE code=?", (code,)))


_NUMBER = iter(range(1, 10**9))

#: what a case of each kind has beside the common fields
_KINDS: dict[str, dict[str, Any]] = {
    "outpatient": {"usl_ok": "3", "purpose": "1.0"},
    "dental": {"usl_ok": "3", "purpose": "1.0"},
    "paraclinic": {"usl_ok": "3"},
    "inpatient": {"usl_ok": "1"},
    "dayhospital": {"usl_ok": "2"},
    "ambulance": {"usl_ok": "4"},
    "dispensary": {"family": "D", "letter": "D", "usl_ok": "3", "purpose": "2.2"},
}


def case(
    kind: str = "outpatient",
    services: list[tuple[str, int]] | None = None,
    *,
    day: str | None = "2021-04-10",
    service: dict[str, Any] | None = None,
    **values: Any,
) -> int:
    """A valid case of the month; ``services`` are (code, kopecks), by default one visit of 100.00."""
    number = next(_NUMBER)
    services = [("B01.047.001", 10000)] if services is None else services
    fields: dict[str, Any] = {
        "key": f"H3|760001|{number}|2021-04-01",
        "nhistory": str(number),
        "kind": kind,
        **_KINDS[kind],
        "date_in": "2021-04-01",
        "date_out": day,
        "completed": int(day is not None),
        "ds_main": "I10",
        "doctor": "112-233-445 95",
        "patient_id": None,
        "payer_id": payer(),
        "source_sum": sum(kop for _, kop in services),
        **values,
    }
    if fields["patient_id"] is None:
        fields["patient_id"] = patient()
    case_id = insert("cases", **fields)
    for n, (code, kop) in enumerate(services, 1):
        insert(
            "service",
            **{
                "case_id": case_id,
                "n": n,
                "code": code,
                "name": "Услуга",
                "date_in": "2021-04-10",
                "date_out": "2021-04-10",
                "tariff": kop,
                "source_sum": kop,
                **(service or {}),
            },
        )
    return case_id


def registry(**values: Any) -> int:
    fields: dict[str, Any] = {
        "period": "2021-03",
        "kind": "outpatient",
        "begin_date": "2021-03-01",
        "end_date": "2021-03-31",
        "status": "Выгружен",
        **values,
    }
    return insert("registry", **fields)


def package(**values: Any) -> int:
    file = insert("stored_file", name="x", sha256="0")
    return insert("package", **{"period": "2021-03", "name": "x.7z", "file_id": file, **values})


def account(case_id: int, registry_id: int, package_id: int | None, **values: Any) -> int:
    number = next(_NUMBER)
    return insert(
        "account",
        **{
            "case_id": case_id,
            "registry_id": registry_id,
            "package_id": package_id,
            "xkey": f"test-{number}",
            "payer_id": payer(),
            "total": 10000,
            **values,
        },
    )


def returned(case_id: int, account_id: int, stage: int = 1, target: str = APRIL) -> int:
    return insert("resubmission", case_id=case_id, account_id=account_id, stage=stage, target_period=target)


def tariff(code: str, price: int, begin: str = "", end: str = "", **values: Any) -> int:
    return insert("tariff", code=code, price=price, begin_date=begin, end_date=end, **values)


def form(services: Services, *, yes: bool = False, **params: Any) -> Outcome:
    return services.run("form", yes=yes, **{"period": APRIL, **params})


def texts(outcome: Outcome) -> list[str]:
    return [line.text for line in outcome.lines]


def line(outcome: Outcome, start: str) -> LogLine:
    return next(item for item in outcome.lines if item.text.startswith(start))


def skips() -> list[tuple[int, str, str, int]]:
    """(case, code, reason, kopecks) of all registries, cases only."""
    return [
        tuple(row)
        for row in db.execute(
            "SELECT case_id, code, reason, total FROM form_skip WHERE service_id IS NULL"
            " ORDER BY case_id, code"
        )
    ]


def formed() -> dict[int, int]:
    """Case → kopecks of its account in registries that are formed and not deleted."""
    return {
        row[0]: row[1]
        for row in db.execute(
            "SELECT a.case_id, a.total FROM account a JOIN registry r ON r.id=a.registry_id"
            " WHERE r.status='Сформирован' AND r.deleted_at IS NULL"
        )
    }
