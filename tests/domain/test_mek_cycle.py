"""The road of a refusal in manual B: bill, return of МЭК from the stand, F8, the next month's bill."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from omstui.bootstrap import Services
from omstui.domain import ledger
from omstui.domain.store import db
from omstui.domain.verify import verify
from omstui.stand.answers import answer
from omstui.stand.decide import read_plan
from tests.domain import billkit
from tests.domain.billkit import ok

PERIOD, NEXT = "2021-12", "2022-01"


def _problems() -> list[str]:
    with db.connection():
        return [p.text for p in verify() if p.level == "error" and "обновл" not in p.text]


@pytest.mark.parametrize("form", ["dbf", "xml"])
def test_refused_case_is_billed_again_as_repeated(tmp_path: Path, form: str) -> None:
    services, _, out = billkit.billed(tmp_path, "1122")
    wanted = billkit.query(
        "SELECT x.idcase, a.id FROM pay_account x JOIN account a ON a.id=x.account_id WHERE a.id IN (1, 3)"
    )
    assert len(wanted) == 2
    answers = _returns(services, out, tmp_path / "in", form, [str(i) for i, _ in wanted])
    with db.connection(), db.write():
        billkit.add_registry(NEXT, "январь", status="Создан", end_date="2022-01-31", formed_at=None)
    for path in answers:
        ok(services.run("mek-load", path=str(path), period=NEXT))
    assert billkit.query("SELECT id FROM account WHERE stage2=2 ORDER BY id") == [(1,), (3,)]
    with db.connection(), db.write():
        db.execute("UPDATE account SET work='исправлен' WHERE stage2=2")
    with db.connection():
        assert ledger.read(PERIOD).problems == []
    ok(services.run("return", period=NEXT, all=True))
    ok(services.run("form", period=NEXT, yes=True))
    assert billkit.query("SELECT repeat, prev_id FROM account WHERE id > 4 ORDER BY prev_id") == [
        ("repeat", 1),
        ("repeat", 3),
    ]
    ok(services.run("payers", period=NEXT))
    second = tmp_path / "out2"
    ok(services.run("bills-export", yes=True, period=NEXT, out=str(second)))
    for name in billkit.zips(second):
        root = billkit.cases_of(second / name)
        assert [e.text for e in root.iter("PR_NOV")] == ["1"]
    with db.connection():
        assert ledger.read(NEXT).problems == []
    assert _problems() == []


def _returns(services: Services, out: Path, folder: Path, form: str, refused: list[str]) -> list[Path]:
    """The returns of МЭК that the stand writes on the bills in ``out``."""
    plan = folder.parent / "plan.json"
    plan.write_text(json.dumps({key: {"kind": "full", "code": "1.10.2."} for key in refused}))
    made = answer([out], folder, services.settings, plan=read_plan(plan), fmt=form)
    assert made
    return sorted(p for p in folder.iterdir() if p.name[0] in "bH")
