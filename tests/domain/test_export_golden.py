"""Golden round trips on the samples: what was loaded is exported again, F6 gives the expected 7."""

from __future__ import annotations

from pathlib import Path

from omstui.domain.store import db, packages
from omstui.domain.verify import verify
from omstui.formats.bill import BillReader, Node
from omstui.formats.containers import open_bill
from tests.support import make_services

BASE = "102760009990076049900121041"
PERIOD = "2021-04"


def contents(path: Path) -> tuple[dict[str, str], dict[str, str], Node, dict[str, Node]]:
    """Heading, totals and accounts by key: the order of accounts means nothing."""
    with open_bill(path) as stream:
        reader = BillReader(stream, path.name)
        found = {i.node.accounts()[0].get("xkey"): i.node for i in reader.patients()}
        return reader.header.body, reader.header.bill, reader.header.account_sum, found


def test_sample_month_comes_out_as_it_went_in(shared: Path, tmp_path: Path) -> None:
    samples = shared / "samples" / "yaroslavl"
    services = make_services(tmp_path)
    three = f"{BASE}3X.7z"
    loaded = services.run("load", paths=[str(samples / three)])
    assert loaded.kind == "ok", loaded.message
    outcome = services.run("export", period=PERIOD, out=str(tmp_path), yes=True)
    assert outcome.kind == "ok", outcome.message
    assert contents(tmp_path / three) == contents(samples / three)

    answers = [str(samples / f"{BASE}1{letter}.7z") for letter in "AB"]
    outcome = services.run("accept", paths=answers)
    assert outcome.kind == "ok", outcome.message
    outcome = services.run("reform", period=PERIOD, out=str(tmp_path), all=True)
    assert outcome.kind == "ok", outcome.message
    [a, b] = outcome.result.data["files"]
    assert (a["excluded"], a["excluded_sum"], a["sum"]) == (2, "1754.00", "50620.14")
    assert (b["excluded"], b["sum"]) == (0, "4921.04")
    assert contents(tmp_path / f"{BASE}7A.7z") == contents(samples / f"{BASE}7A.7z")

    outcome = services.run("accept", paths=[str(samples / "true7z" / f"{BASE}2A.7z")])
    assert outcome.kind == "ok", outcome.message
    with db.connection():
        assert [p.text for p in verify()] == []
        assert len(packages.packages(PERIOD, kind="7")) == 2


def test_earlier_month_with_its_seven_is_taken_over(shared: Path, tmp_path: Path) -> None:
    samples = shared / "samples" / "yaroslavl"
    services = make_services(tmp_path)
    paths = [str(samples / f"{BASE}{stage}.7z") for stage in ("3X", "1A", "1B", "7A", "2A")]
    outcome = services.run("load", paths=paths)
    assert outcome.kind == "ok", outcome.message
    with db.connection():
        [seven] = packages.packages(PERIOD, kind="7")
        assert (seven.origin, seven.accounts) == ("load", 3)
        assert [p.text for p in verify()] == []
