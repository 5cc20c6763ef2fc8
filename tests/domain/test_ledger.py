"""The ledger balances whatever the fund decides, and says so when it does not; sums for invoices."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omstui.bootstrap import Services
from omstui.domain import invoice_sums, ledger
from omstui.domain.store import config, db
from omstui.domain.store.ledger import Slice
from omstui.domain.verify import verify
from tests.domain import month
from tests.domain.answerkit import MES, Told, accept, answer, exported, reform, refused
from tests.support import SETTINGS, make_services
from tests.support import settings as settings_of

PAYERS = [
    config.Payer(1, "76001", "A", "", "", False),
    config.Payer(2, "76002", "B", "", "", False),
    config.Payer(3, "76", "I", "", "", True),
]


@pytest.fixture
def services(tmp_path: Path) -> Services:
    return make_services(tmp_path)


@st.composite
def fates(draw: st.DrawFn) -> Slice:
    """Accounts with a fate that the rules allow."""
    payer = draw(st.integers(1, 3))
    stage1 = draw(st.integers(0, 2))
    decided = draw(st.integers(1, 3)) if stage1 else None
    seven = decided if stage1 == 1 and draw(st.booleans()) else None
    stage2 = draw(st.integers(0, 2)) if seven else 0
    count = draw(st.integers(1, 1000))
    return Slice(payer, decided, stage1, seven, stage2, "outpatient", count, count * 1001)


@given(st.lists(fates(), max_size=20))
def test_ledger_any_decisions_balance(slices):
    rows = {p.id: ledger.Row(p) for p in PAYERS}
    assert ledger.spread(slices, rows) == []
    book = ledger.Ledger("2021-04", list(rows.values()), [])
    assert ledger._equations(book) == []
    for row in rows.values():
        left = row["sent"] - row["moved_out"] + row["moved_in"]
        assert left == row["accepted1"] + row["refused1"] + row["undecided"]
    assert book.total("sent").total == sum(s.total for s in slices)


@settings(max_examples=6)
@given(
    st.lists(st.sampled_from(["ok", "bad", "absent", "moved"]), min_size=6, max_size=6),
    st.lists(st.booleans(), min_size=6, max_size=6),
    st.booleans(),
)
def test_ledger_balances_through_the_operations(fate, second, only_refused):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        services = make_services(folder)
        _, keys = exported(services, folder / "out")
        told: dict[str, list[Told]] = {"A": [], "B": []}
        letters = [*"AAA", *"BBB"]
        for n, (key, what) in enumerate(zip(keys["A"] + keys["B"], fate, strict=True)):
            if what == "absent":
                continue
            letter = letters[n] if what != "moved" else "AB".replace(letters[n], "")
            made = refused(key, code=f"P{n}") if what == "bad" else Told(key, code=f"P{n}")
            told[letter].append(made)
        for letter in "AB":
            if only_refused:
                told[letter] = [t for t in told[letter] if t.pay == "4"]
            outcome = accept(services, answer(folder / "in", f"1{letter}", told[letter]))
            assert outcome.kind == "ok", outcome.message
        made = services.run("reform", yes=True, period=month.PERIOD, out=str(folder), all=True)
        assert made.kind == "ok", made.message
        with db.connection():
            rows = db.execute(
                "SELECT s.letter, a.xkey FROM account a JOIN package k ON k.id = a.reform_id"
                " JOIN insurer s ON s.id = k.payer_id ORDER BY a.id"
            ).fetchall()
        for letter in "AB":
            mine = [key for owner, key in rows if owner == letter]
            answers = [refused(k, MES) if second[n % 6] else Told(k) for n, k in enumerate(mine)]
            if mine:
                outcome = accept(services, answer(folder / "in", f"2{letter}", answers))
                assert outcome.kind == "ok", outcome.message
        with db.connection():
            book = ledger.read(month.PERIOD)
            sums = invoice_sums.read(month.PERIOD)
            broken = [p.text for p in verify()]
        assert book.problems == []
        assert broken == []
        assert all(s.controlled for s in sums.insurers)
        assert book.total("pending").count == 0
        assert sum(k.amounts["sent"].total for s in sums.insurers for k in s.kinds) == (
            book.total("sent").total
        )


def test_ledger_row_has_the_names_of_the_contract(services, tmp_path):
    _, keys = exported(services, tmp_path / "out")
    moved = keys["A"][0]
    accept(services, answer(tmp_path, "1B", [*map(Told, keys["B"]), Told(moved)]))
    accept(services, answer(tmp_path, "1A", [refused(keys["A"][1]), Told(keys["A"][2])]))
    with db.connection():
        rows = {r["smo"]: r for r in (row.as_json() for row in ledger.read(month.PERIOD).rows)}
    assert set(rows) == {"76001", "76002", "76"}
    a, b = rows["76001"], rows["76002"]
    for name in ledger.COLUMNS:
        assert isinstance(a[f"{name}_count"], int)
        assert a[f"{name}_sum"].count(".") == 1
    assert (a["sent_count"], a["moved_out_count"], a["accepted1_count"], a["refused1_count"]) == (
        3, 1, 1, 1,
    )  # fmt: skip
    assert (b["sent_count"], b["moved_in_count"], b["accepted1_count"]) == (3, 1, 4)
    assert a["withheld"] == "0.00" and a["payable"] == "0.00"


def test_ledger_says_which_line_does_not_balance(services, tmp_path):
    _, keys = exported(services, tmp_path / "out")
    accept(services, answer(tmp_path, "1A", [refused(keys["A"][0]), *map(Told, keys["A"][1:])]))
    reform(services, tmp_path, "76001")
    with db.connection():
        with db.write():
            db.execute("UPDATE account SET total = total + 1 WHERE xkey=?", (keys["A"][1],))
        book = ledger.read(month.PERIOD)
    assert not book.balanced
    assert any("210417A" in text for text in book.problems)
    assert any("210413X" in text for text in book.problems)


# --- «Суммы для счетов» ----------------------------------------------------------------------


def invoices(services: Services, out: Path, **more):
    return services.run("invoices", period=month.PERIOD, out=str(out), **more)


def test_invoices_writes_text_with_control_line(services, tmp_path):
    _, keys = exported(services, tmp_path / "out")
    for letter in "AB":
        told = [refused(keys[letter][0], code="R"), *map(Told, keys[letter][1:])]
        accept(services, answer(tmp_path, f"1{letter}", told))
    early = invoices(services, tmp_path)
    assert early.kind == "question"
    assert any("76001 (A), 76002 (B)" in line for line in early.error.details)
    reform(services, tmp_path)
    services.run("withhold", period=month.PERIOD, smo="76001", sum="100.16")
    outcome = invoices(services, tmp_path)
    assert outcome.kind == "ok", outcome.message
    text = Path(outcome.result.data["file"]).read_text(encoding="utf-8")
    assert max(map(len, text.splitlines())) <= 80
    assert "Контроль: 600.18 − 0.00 + 0.00 = 400.16 + 200.02 + 0.00: сходится" in text
    assert "300,00" in text and "поликлиника" in text


def test_invoices_with_settlements_ask_for_withholdings(tmp_path):
    mo = {**SETTINGS["mo"], "interorg_settlements": True}
    services = make_services(tmp_path, settings_of(mo=mo))
    _, keys = exported(services, tmp_path / "out")
    for letter in "AB":
        accept(services, answer(tmp_path, f"1{letter}", list(map(Told, keys[letter]))))
    reform(services, tmp_path)
    outcome = invoices(services, tmp_path)
    assert outcome.kind == "question"
    assert any("Удержания не внесены" in line for line in outcome.error.details)
    assert invoices(services, tmp_path, yes=True).kind == "ok"


def test_invoices_refuse_a_negative_sum_and_unknown_format(services, tmp_path):
    _, keys = exported(services, tmp_path / "out")
    services.run("withhold", period=month.PERIOD, smo="76001", sum="1000")
    accept(services, answer(tmp_path, "1A", list(map(Told, keys["A"]))))
    reform(services, tmp_path, "76001")
    outcome = invoices(services, tmp_path, yes=True)
    assert outcome.kind == "refused" and "больше суммы файла 7" in outcome.message
    assert invoices(services, tmp_path, format="doc").exit_code == 2
