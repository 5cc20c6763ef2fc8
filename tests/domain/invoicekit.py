"""A month of two insurers brought to its invoices: answers, files 7, numbers and texts of the papers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from omstui.bootstrap import Services
from omstui.domain.runner import Outcome
from omstui.domain.store import db, invoices
from omstui.domain.store.invoices import InvoiceRow
from omstui.domain.verify import verify
from tests.domain import answerkit as kit
from tests.domain import month

PERIOD = month.PERIOD


def reformed(services: Services, folder: Path, accounts: int = 6) -> dict[str, list[str]]:
    """A month through F6: the first account of each insurer refused at stage 1. Keys by letter."""
    _, keys = kit.exported(services, folder / "sent", accounts)
    for letter in "AB":
        told = [kit.refused(keys[letter][0], code="R"), *map(kit.Told, keys[letter][1:])]
        ok(kit.accept(services, kit.answer(folder, f"1{letter}", told)))
    kit.reform(services, folder / "sent")
    return keys


def answered(services: Services, folder: Path, keys: dict[str, list[str]], refused: int = 0) -> None:
    """The answers «2» of both insurers; the first ``refused`` accounts of each 7 are refused."""
    for letter in "AB":
        left = keys[letter][1:]
        told = [kit.refused(key, kit.MES) for key in left[:refused]] + list(map(kit.Told, left[refused:]))
        ok(kit.accept(services, kit.answer(folder, f"2{letter}", told)))


def issue(services: Services, out: Path, *, yes: bool = True, **more: Any) -> Outcome:
    params = {"period": PERIOD, "out": str(out), "format": "txt", **more}
    return services.run("invoices", yes=yes, **params)


def data(outcome: Outcome) -> dict[str, Any]:
    assert outcome.result is not None, outcome.message
    return outcome.result.data


def ok(outcome: Outcome) -> dict[str, Any]:
    assert outcome.kind == "ok", (outcome.message, outcome.error and outcome.error.details)
    return data(outcome)


def pay(services: Services, total: str, smo: str = "76001", **more: Any) -> dict[str, Any]:
    number = more.pop("number", "15")
    return ok(services.run("payment-add", yes=True, smo=smo, number=number, sum=total, **more))


def issued() -> list[InvoiceRow]:
    with db.connection():
        return invoices.of_period(PERIOD)


def healthy(*, files: bool = True) -> None:
    """Nothing is wrong; ``files`` False for packages a test made without any bytes."""
    of_files = ("хранимые файлы", "содержимое выгрузок")
    with db.connection():
        found = [p for p in verify() if p.level == "error"]
    assert [str(p) for p in found if files or p.area not in of_files] == []


def paper(out: Path, number: str, smo: str = "76001", suffix: str = "txt") -> bytes:
    return (out / f"Счёт {number} {smo} {PERIOD}.{suffix}").read_bytes()
