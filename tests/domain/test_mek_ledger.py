"""The ledger of manual B balances whatever МЭК decides; refused cases go on into the next month."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from omstui.bootstrap import Services
from omstui.domain import ledger, ledger_b
from omstui.domain.money import kopecks
from omstui.domain.store import config, db, verifying
from omstui.domain.store.ledger_b import Slice
from tests.domain import mekkit
from tests.domain.mekkit import billed, load, returned, row, sank, table, xml

NAME = "b76000111021.dbf"
PAYERS = [
    config.Payer(1, "76001", "A", "", "", False),
    config.Payer(2, "76002", "B", "", "", False),
]


@pytest.fixture
def services(tmp_path: Path) -> Services:
    return mekkit.services_of(tmp_path)


def book(period: str = "2021-10") -> ledger.Ledger:
    with db.connection():
        return ledger.read(period)


def rows_of(period: str = "2021-10") -> dict[str, dict[str, Any]]:
    return {r["smo"]: r for r in (row.as_json() for row in book(period).rows)}


def broken() -> list[str]:
    """Every invariant of the database; the bills here have no bytes, so those are not looked at."""
    with db.connection():
        return [f"{c.title}: {r}" for c in verifying.CHECKS for r in verifying.breaches(c)]


def balanced(data: dict[str, Any]) -> bool:
    counts = data["refused_count"] + data["paid_count"] + data["pending_count"]
    sums = sum(kopecks(data[f"{c}_sum"]) for c in ("refused", "paid", "pending"))
    return counts == data["sent_count"] and sums == kopecks(data["sent_sum"])


@st.composite
def fates(draw: st.DrawFn) -> Slice:
    count = draw(st.integers(1, 1000))
    total = count * 1001
    stage2 = draw(st.integers(0, 2))
    cut = draw(st.integers(0, total)) if stage2 != 2 else 0
    return Slice(draw(st.integers(1, 2)), stage2, count, total, min(count, int(cut > 0)), cut)


@given(st.lists(fates(), max_size=20))
def test_any_decisions_balance(slices):
    rows = {p.id: ledger_b.BillRow(p) for p in PAYERS}
    for part in slices:
        rows[part.payer_id]["sent"].add(part.count, part.total)
    assert ledger_b.spread(slices, rows) == []
    assert ledger_b._equations(rows.values()) == []
    assert all(balanced(r.as_json()) for r in rows.values())


def test_before_mek_all_is_pending_and_payable(services):
    made = billed()
    data = rows_of()["76001"]
    assert (data["sent_count"], data["pending_count"], data["paid_count"]) == (2, 2, 0)
    assert data["payable"] == data["sent_sum"]
    assert made.smo
    assert rows_of()["76"]["sent_count"] == 0


@settings(max_examples=4, deadline=None, phases=(Phase.explicit, Phase.generate))
@given(
    st.lists(st.sampled_from(["full", "part", "mee", "none"]), min_size=8, max_size=8),
    st.lists(st.sampled_from(["full", "part", "none"]), min_size=8, max_size=8),
    st.booleans(),
)
def test_balances_through_loads_of_both_kinds(first, second, federal):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        services = mekkit.services_of(folder)
        made = billed("2021-10", 8)
        mekkit.empty_registry("2021-11")
        rows = []
        for account, fate in zip(made.accounts, first, strict=True):
            if fate == "full":
                rows.append(row(made, account))
            elif fate == "part":
                rows.append(row(made, account, OPLATA=3, S_SUM=100))
            elif fate == "mee":
                rows.append(row(made, account, OPLATA=3, S_SUM=200, S_OSN="240", NUM_ACT="Э-1"))
        if rows:
            outcome = load(services, table(folder / NAME, rows))
            assert outcome.kind == "ok", outcome.message
            assert book().problems == []
            assert broken() == []
        zaps, rows = [], []
        for account, fate in zip(made.accounts, second, strict=True):
            total = made.total[account]
            cut = {"full": total, "part": 300, "none": 0}[fate]
            if fate == "full" and first[made.accounts.index(account)] in ("part", "mee"):
                cut, fate = 300, "part"  # a part was taken off already
            if made.smo[account] == "76001":
                oplata = {"full": 2, "part": 3, "none": 1}[fate]
                zaps.append(returned(made, account, oplata, sank(cut) if cut else "", cut))
            if cut:
                decision = 2 if cut == total else 3
                rows.append(row(made, account, OPLATA=decision, S_SUM=cut, NUM_ACT="М-77"))
        if federal:
            outcome = load(services, xml(folder / "HS.xml", made, zaps))
        elif rows:
            outcome = load(services, table(folder / "2" / NAME, rows))
        else:
            return
        assert outcome.kind == "ok", outcome.message
        assert book().problems == []
        assert all(balanced(r) for r in rows_of().values())
        assert broken() == []


def test_cut_counts_in_refused_sum_and_not_in_count(tmp_path, services):
    made = billed()
    mekkit.empty_registry("2021-11")
    full, part = made.accounts[0], made.accounts[2]
    assert (
        load(services, table(tmp_path / NAME, [row(made, full), row(made, part, OPLATA=3, S_SUM=5000)])).kind
        == "ok"
    )
    data = rows_of()["76001"]
    assert data["refused_count"] == 1
    assert kopecks(data["refused_sum"]) == made.total[full] + 5000
    assert (data["cut_count"], data["cut_sum"]) == (1, "50.00")
    assert kopecks(data["payable"]) == made.total[part] - 5000
    assert balanced(data)
    # the other insurer has not answered yet
    assert rows_of()["76002"]["pending_count"] == 2


def test_ledger_tells_what_does_not_balance(tmp_path, services):
    made = billed()
    with db.connection(), db.write():
        db.execute("UPDATE package SET total = total + 1")
    problems = book().problems
    assert any("СМО 76001: выставлено" in p for p in problems)
    assert not book().balanced
    assert made.accounts


def test_f8_takes_the_refused_into_the_month_it_was_loaded_into(tmp_path, services):
    made = billed()
    mekkit.empty_registry("2021-11", "ноябрь")
    account = made.accounts[0]
    assert load(services, table(tmp_path / NAME, [row(made, account)])).kind == "ok"
    with db.connection(), db.write():
        db.execute("UPDATE account SET work='исправлен' WHERE id=?", (account,))
    assert services.run("return", period="2021-10", all=True).kind == "refused"
    outcome = services.run("return", period="2021-11", all=True)
    assert outcome.kind == "ok", outcome.message
    assert mekkit.rows("SELECT stage, target_period, account_id FROM resubmission") == [
        (2, "2021-11", account)
    ]
    assert "возвращены по F8" in mekkit.scalar("SELECT reform_reason FROM registry WHERE period='2021-11'")
    assert broken() == []
    undone = services.run("return-undo", period="2021-11", all=True)
    assert undone.kind == "ok", undone.message


def test_second_refusal_of_a_case_billed_again(tmp_path, services):
    """October refused in November, billed again there, refused again in December."""
    made = billed()
    november = mekkit.empty_registry("2021-11", "ноябрь")
    account = made.accounts[0]
    assert load(services, table(tmp_path / NAME, [row(made, account)])).kind == "ok"
    with db.connection(), db.write():
        db.execute("UPDATE account SET work='исправлен' WHERE id=?", (account,))
        db.execute("UPDATE registry SET deleted_at='x' WHERE id=?", (november,))
        case = db.scalar("SELECT case_id FROM account WHERE id=?", (account,))
    mekkit.empty_registry("2021-11", "второй")
    assert services.run("return", period="2021-11", all=True).kind == "ok"
    with db.connection(), db.write():
        db.execute("UPDATE registry SET deleted_at='x' WHERE period='2021-11'")
    again = billed("2021-11", name="повторный", cases=[case])
    new = again.accounts[0]
    with db.connection(), db.write():
        db.execute("UPDATE account SET repeat='repeat', prev_id=? WHERE id=?", (account, new))
        db.execute("UPDATE resubmission SET new_account_id=?", (new,))
    mekkit.empty_registry("2021-12", "декабрь")
    path = table(tmp_path / "b76000111121.dbf", [row(again, new, NUM_ACT="М-20")])
    outcome = load(services, path, "2021-12")
    assert outcome.kind == "ok", outcome.message
    assert mekkit.rows("SELECT stage2, work FROM account WHERE id IN (?, ?) ORDER BY id", account, new) == [
        (2, "в реестр"),
        (2, "новый"),
    ]
    assert all(book(p).problems == [] for p in ("2021-10", "2021-11"))
    assert broken() == []
    with db.connection():
        from omstui.domain import case_path, rejections

        key = db.scalar("SELECT key FROM cases WHERE id=?", (case,))
        path_of = case_path.read(key)
        assert [r["period"] for r in path_of["registries"]] == ["2021-10", "2021-11"]
        assert len(path_of["refusals"]) == 2
        assert path_of["state"] == "отказан по МЭК, новый"
        assert [e["what"] for e in path_of["events"]].count("отказан, МЭК") == 2
        found = rejections.listing("2021-12")
        assert [(r["kind"], r["code"], r["state"]) for r in found] == [("mek", "1.10.2.", "новый")]
        assert len(rejections.listing("2021-11")) == 1


@pytest.mark.parametrize(
    ("title", "damage"),
    [
        ("снятия больше суммы", "UPDATE cut SET total = total + 10000000"),
        ("акты МЭК", "UPDATE answer SET state = 'replaced'"),
        ("решения стадии 2", "UPDATE account SET stage2 = 0 WHERE id = 1"),
        ("отказы без причины", "UPDATE refusal SET refuses = 0"),
        ("итоги ответов", "UPDATE answer SET refused = refused + 1"),
    ],
)
def test_verify_finds_what_breaks_mek(tmp_path, services, title, damage):
    made = billed()
    mekkit.empty_registry("2021-11")
    rows = [row(made, made.accounts[0]), row(made, made.accounts[2], OPLATA=3, S_SUM=5000)]
    assert load(services, table(tmp_path / NAME, rows)).kind == "ok"
    assert broken() == []
    with db.connection(), db.write():
        db.execute(damage)
    assert any(text.startswith(title) for text in broken())
