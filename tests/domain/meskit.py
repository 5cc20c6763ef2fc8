"""Rows for the tests of «Анализ МЭСов»: books, a КСГ case as a federal file brings it, a visit."""

from __future__ import annotations

from typing import Any

from omstui.bootstrap import Services
from omstui.domain.runner import Outcome
from omstui.domain.store import db
from tests.domain import formkit
from tests.domain.formkit import APRIL, insert

__all__ = ["APRIL", "books", "findings", "form", "ksg_case", "patient", "patient_of", "run", "visit"]

#: 24816.15 × 1.29 × 1 × 1 × 0.85
PRICE = 2721091
KSG = {"N_KSG": "st23.004", "VER_KSG": "2021", "KSG_PG": "0", "KOEF_Z": "1.29", "KOEF_UP": "1",
       "BZTSZ": "24816.15", "KOEF_D": "1", "KOEF_U": "0.85", "SL_K": "0"}  # fmt: skip


def books() -> None:
    """МЭС and КСГ of the tests; a test empties or changes what it is about."""
    insert("mes", code="st23.004", name="КСГ", usl_ok="1", coef_z=12900, coef_up=10000, short_share=5000)
    insert("mes", code="ds13.001", name="КСГ дневного", usl_ok="2", coef_z=8000, coef_up=10000)
    insert("rate", usl_ok="1", base=2481615, coef_u=8500, coef_d=10000)
    for code, visit, again in (("B01.047.001", 1, 0), ("A05.10.006", 0, 0), ("A11.12.003", 0, 1)):
        insert("service_book", code=code, name=code, is_visit=visit, repeatable=again)


_NUMBER = iter(range(1, 10**9))


def patient(**values: Any) -> int:
    """A person of his own with a policy in force; ``policy`` = fields of the policy, None = none."""
    number = next(_NUMBER)
    policy = values.pop("policy", {})
    made = formkit.patient(
        **{"sex": "2", "fio_key": f"ТЕСТОВА АННА {number}", "birth_date": "1970-01-01", **values}
    )
    if policy is not None:
        insert("policy", **{"patient_id": made, "type": "3", "enp": f"{number:016d}", **policy})
    return made


def patient_of(case: int) -> int:
    return int(db.scalar("SELECT patient_id FROM cases WHERE id=?", (case,)))


def ksg_case(
    bill: int = PRICE,
    *,
    kg: dict[str, Any] | None = None,
    sl: dict[str, Any] | None = None,
    ops: tuple[str, ...] = (),
    parts: list[dict[str, Any]] | None = None,
    who: int | None = None,
    **values: Any,
) -> int:
    """A stay of 01.04–10.04 with one service of its КСГ and operations without price.

    ``kg`` changes KSG_KPG, ``sl`` adds to the SL.
    """
    group = {**KSG, **(kg or {})}
    tree = {"KSG_KPG": {k: v for k, v in group.items() if v is not None}, **(sl or {})}
    fed = {"sl": tree, "parts": parts or []}
    fields = {
        "pay_method": "33", "ksg": group["N_KSG"], "ds_main": "J18.9", "bed_days": "9", "result": "101",
        "profile": "97", "specialty": "76", "patient_id": who or patient(), "extra": db.dump({"fed": fed}),
        "service": {"part": 1 + len(parts or []), "quantity": 100},
    }  # fmt: skip
    services = [(str(group["N_KSG"]), bill), *((code, 0) for code in ops)]
    return formkit.case("inpatient", services, **{**fields, **values})


def visit(who: int | None = None, *, day: str = "2021-04-10", price: int = 10000, **values: Any) -> int:
    """An outpatient case of one visit on that day."""
    own = {"date_in": day, "date_out": day, **values.pop("service", {})}
    fields = {"patient_id": who or patient(), "date_in": day, "profile": "97", "specialty": "76", **values}
    code = fields.pop("code", "B01.047.001")
    return formkit.case("outpatient", [(code, price)], day=day, service=own, **fields)


def form(services: Services) -> Outcome:
    return formkit.form(services)


def run(services: Services, **params: Any) -> Outcome:
    return services.run("mes", **{"period": APRIL, **params})


def findings(code: str = "") -> list[tuple[int, str, str, str, str, int, str]]:
    """(case, code, severity, expected, actual, difference, message)."""
    with db.connection():
        rows = db.execute(
            "SELECT case_id, code, severity, expected, actual, difference, message FROM mes_finding"
            " WHERE ? IN ('', code) ORDER BY id",
            (code,),
        )
        return [tuple(row) for row in rows]
