"""«Загрузить МЭК» aborted at every checkpoint, killed, or fed with anything but a return."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from omstui.bootstrap import Services
from omstui.domain.operation import Aborted, Context
from omstui.domain.ops import mek_load
from omstui.domain.store import db
from tests.domain import mekkit, month
from tests.domain.mekkit import billed, load, returned, row, sank, table, xml

NAME = "b76000111021.dbf"


@pytest.fixture
def services(tmp_path: Path) -> Services:
    return mekkit.services_of(tmp_path)


@pytest.fixture
def bill(services: Services) -> mekkit.Bill:
    made = billed()
    mekkit.empty_registry("2021-11")
    return made


def _run(path: Path, stop: int) -> int:
    """Load with an abort at the checkpoint ``stop``; how many were passed."""
    seen = 0

    def check() -> None:
        nonlocal seen
        seen += 1
        if seen == stop:
            raise Aborted

    ctx = Context(lambda event: None, who="tester", yes=True)
    ctx.on_check = check
    with db.connection():
        mek_load.run(ctx, mek_load.Params(str(path), "2021-11"))
    return seen


def test_abort_at_any_checkpoint_changes_nothing(tmp_path, services, bill):
    path = table(tmp_path / NAME, [row(bill, a) for a in bill.accounts])
    before = month.dump()
    stop = 0
    while True:
        stop += 1
        try:
            count = _run(path, stop)
        except Aborted:
            assert month.dump() == before, f"checkpoint {stop}"
            continue
        break
    assert count == stop - 1 >= 6
    assert mekkit.scalar("SELECT count(*) FROM refusal") == 4


def test_damaged_and_foreign_files_are_refused(tmp_path, services, bill):
    good = table(tmp_path / NAME, [row(bill, bill.accounts[0])]).read_bytes()
    federal = xml(
        tmp_path / "HS.xml", bill, [returned(bill, bill.accounts[0], 2, sank(20002), 20002)]
    ).read_bytes()
    bombs = [
        b"",
        b"\x00" * 100,
        b"PK\x03\x04",
        b"7z\xbc\xaf\x27\x1c",
        good[:40],
        good[: len(good) - 30],
        federal[:-40],
        federal.replace(b"ZL_LIST", b"PERS_LIST"),
        federal.replace(b"<YEAR>2021", b"<YEAR>\xd0\xd0"),
        federal.replace(b"<IDCASE>1001", b"<IDCASE>"),
        federal.replace(b"200.02", b"-200.02"),
        federal.replace(b"200.02", b"9" * 40),
        b"<!DOCTYPE a [<!ENTITY b 'c'>]>" + federal,
        b"Q;W;E\n1;2;3\n",
    ]
    before = month.dump()
    for n, data in enumerate(bombs):
        path = tmp_path / f"b760001{n % 10}1021.dbf"
        path.write_bytes(data)
        outcome = load(services, path, yes=True)
        assert outcome.kind == "refused", (n, outcome.kind, outcome.message)
        assert month.dump() == before


def test_random_damage_never_breaks_the_program(tmp_path, services, bill):
    federal = [returned(bill, a, 2, sank(bill.total[a]), bill.total[a]) for a in bill.accounts[::2]]
    sources = (
        table(tmp_path / "good.dbf", [row(bill, a) for a in bill.accounts]).read_bytes(),
        xml(tmp_path / "good.xml", bill, federal).read_bytes(),
    )
    chance = random.Random(4)
    path = tmp_path / "bad"
    for data in sources:
        for _ in range(25):
            spoiled = bytearray(data)
            for _ in range(chance.randint(1, 4)):
                spoiled[chance.randrange(len(spoiled))] = chance.randrange(256)
            path.write_bytes(bytes(spoiled))
            outcome = load(services, path, yes=True)
            assert outcome.kind in ("ok", "refused"), outcome.message


def test_sum_no_database_holds_is_refused(tmp_path, services, bill):
    zap = returned(bill, bill.accounts[0], 1, billed="9" * 40)
    assert load(services, xml(tmp_path / "HS.xml", bill, [zap])).kind == "refused"
