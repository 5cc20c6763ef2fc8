"""A month with planted findings: a few criteria on, cases that break exactly one of them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from omstui.bootstrap import Services
from omstui.domain.criteria.catalog import all_criteria
from omstui.domain.runner import Outcome
from omstui.domain.store import db, findings
from tests.domain import month
from tests.support import SETTINGS, make_services, settings

#: 1.4.3; 1.4.4 (a warning of its own severity below); 1.4.4 on a service
NO_SURNAME, BAD_SNILS, BAD_DAY = "01.001", "01.010", "08.001"
_PLANT = {
    NO_SURNAME: "UPDATE patient SET surname='' WHERE id=(SELECT patient_id FROM cases WHERE id=?)",
    BAD_SNILS: "UPDATE patient SET snils='112-233-445 96' WHERE id=(SELECT patient_id FROM cases WHERE id=?)",
    BAD_DAY: "UPDATE service SET date_in='2021-06-01', date_out='2021-06-01' WHERE n=2 AND case_id=?",
}


def only(*codes: str, **more: Any) -> dict[str, Any]:
    """Settings [criteria] with nothing but these on."""
    off = [c.code for c in all_criteria().values() if c.default and c.code not in codes]
    return {"on": [c for c in codes if not all_criteria()[c].default], "off": off, **more}


def services(
    folder: Path,
    *codes: str,
    rules: dict[str, Any] | None = None,
    profile: str = "yar",
    login: str = "tester",
    **criteria: Any,
) -> Services:
    """A database with these criteria on."""
    value = {**SETTINGS, "profile": profile, "criteria": only(*codes, **criteria), "rules": rules or {}}
    return make_services(folder, settings(**value), login=login)


def plant(case_id: int, *codes: str) -> None:
    """Make the case break these criteria."""
    with db.connection(), db.write():
        for code in codes:
            db.execute(_PLANT[code], (case_id,))


def check(services_: Services, **params: Any) -> Outcome:
    outcome = services_.run("check", period=month.PERIOD, **params)
    assert outcome.kind == "ok", outcome.message
    return outcome


def found(registries: Iterable[int] = (1,)) -> list[tuple[int, str, int | None]]:
    """(case, code, number of the service) of every finding."""
    with db.connection():
        return [(row.case_id, row.code, row.service) for row in findings.each(list(registries))]


def said(outcome: Outcome) -> list[str]:
    """The texts of the log."""
    return [line.text for line in outcome.lines]
