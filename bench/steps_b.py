"""The steps of the exchange of manual B (шаги второго региона). Each runs in a child of its own."""

from __future__ import annotations

from pathlib import Path

from bench.child import Numbers
from bench.steps import PERIOD, count, run


def ident_export(base: str, out: str) -> Numbers:
    """QPID of all patients of the registry."""
    clock, made = run(base, "ident-export", period=PERIOD, out=out)
    file = Path(made["file"])
    return clock.numbers(records=made["records"], file=str(file), size=file.stat().st_size)


def ident_load(base: str, path: str) -> Numbers:
    """APID read and applied."""
    clock, made = run(base, "ident-load", period=PERIOD, path=path)
    return clock.numbers(records=made["records"], updated=made["updated"], added=made["added"])


def payers(base: str) -> Numbers:
    """Payment registries per insurer and kind."""
    clock, _ = run(base, "payers", period=PERIOD)
    return clock.numbers(registries=count(base, "pay_registry"), accounts=count(base, "pay_account"))


def bills_export(base: str, out: str) -> Numbers:
    """All ZIPs of the registry."""
    clock, made = run(base, "bills-export", period=PERIOD, out=out)
    size = sum(Path(f["file"]).stat().st_size for f in made["files"])
    return clock.numbers(accounts=made["accounts"], files=len(made["files"]), size=size)
