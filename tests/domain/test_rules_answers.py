"""Answers in any order, moved both ways, replaced; two packages of one month; the ledger balances in each."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import pytest

from omstui.bootstrap import Services
from omstui.domain import board, invoice_sums, ledger
from omstui.domain.store import db
from omstui.domain.verify import verify
from tests.domain import month
from tests.domain.answerkit import (
    PASSPORT,
    PREFIX,
    Told,
    accept,
    answer,
    column,
    exported,
    keys,
    pack,
    reform,
    refused,
    scalar,
    xml,
)
from tests.support import make_services


@pytest.fixture
def services(tmp_path: Path) -> Services:
    return make_services(tmp_path)


def healthy() -> list[str]:
    with db.connection():
        return [p.text for p in verify()]


def state(package: int) -> list[tuple[object, ...]]:
    with db.connection():
        return db.execute(
            "SELECT a.xkey, a.stage1, d.letter, a.work FROM account a"
            " LEFT JOIN insurer d ON d.id = a.decided_payer_id WHERE a.package_id = ? ORDER BY a.id",
            (package,),
        ).fetchall()


@pytest.mark.parametrize("only_refused", [False, True])
def test_order_of_answers_does_not_matter(tmp_path, only_refused):
    """Accounts moved A→B, B→A, A→out-of-region; refused where they came; every order ends the same."""
    seen = set()
    for n, order in enumerate(permutations("ABI")):
        services = make_services(tmp_path / str(n))
        package, found = exported(services, tmp_path / str(n) / "out", 8)
        a, b = found["A"], found["B"]
        told = {
            "A": [refused(a[0]), Told(a[1]), refused(b[0])],
            "B": [refused(b[1]), Told(b[2]), Told(b[3]), refused(a[2])],
            "I": [refused(a[3])],
        }
        if only_refused:
            told = {k: [t for t in v if t.pay == "4"] for k, v in told.items()}
        for letter in order:
            outcome = accept(services, answer(tmp_path / str(n) / "in", f"1{letter}", told[letter]))
            assert outcome.kind == "ok", outcome.message
        reform(services, tmp_path / str(n) / "out")
        assert healthy() == []
        seen.add(tuple(state(package)))
    assert len(seen) == 1


def test_account_freed_by_a_replacement_does_not_slip_into_a_written_seven(services, tmp_path):
    """B's 7 is written without an account that A's answer decided; then A's answer is replaced without it."""
    _, found = exported(services, tmp_path / "out")
    a, b = found["A"], found["B"]
    accept(services, answer(tmp_path / "1", "1A", [*map(Told, a), refused(b[0])]))
    accept(services, answer(tmp_path / "1", "1B", []))
    reform(services, tmp_path / "out", "B")
    assert accept(services, answer(tmp_path / "2", "1A", list(map(Told, a))), yes=True).kind == "ok"
    assert column("stage1", b[:1]) == [0] and column("work", b[:1]) == [""]
    assert healthy() == []
    with db.connection():
        assert ledger.read(month.PERIOD).problems == []


def test_replacement_does_not_touch_the_other_insurer(services, tmp_path):
    _, found = exported(services, tmp_path / "out")
    a, b = found["A"], found["B"]
    accept(services, answer(tmp_path / "1", "1B", [refused(b[0]), *map(Told, b[1:])]))
    accept(services, answer(tmp_path / "1", "1A", [refused(a[0]), *map(Told, a[1:])]))
    again = answer(tmp_path / "2", "1A", [refused(a[1]), Told(a[0]), Told(a[2])])
    assert accept(services, again).kind == "question"
    assert accept(services, again, yes=True).kind == "ok"
    assert column("stage1", [*a, *b]) == [1, 2, 1, 2, 1, 1]
    assert column("work", [*a, *b]) == ["", "новый", "", "новый", "", ""]
    assert healthy() == []


def test_person_refused_by_one_insurer_keeps_the_other_insurers_account(services, tmp_path):
    """an_p concerns all accounts of the person in that answer, not those the other insurer pays."""
    _, found = exported(services, tmp_path / "out")
    a, b = found["A"], found["B"]
    person = [Told(a[0], code="P9", person=PASSPORT), Told(a[1], code="P9"), Told(a[2], code="P8")]
    accept(services, answer(tmp_path, "1A", [person[0], person[1], person[2]]))
    accept(services, answer(tmp_path, "1B", [Told(b[0], code="P9"), *map(Told, b[1:])]))
    assert column("stage1", a) == [2, 2, 1]
    assert column("stage1", b) == [1, 1, 1]
    assert scalar("SELECT count(*) FROM refusal WHERE kind='an_p'") == 2
    assert healthy() == []


def test_one_account_listed_in_two_forms_of_its_key_counts_once(services, tmp_path):
    _, found = exported(services, tmp_path / "out")
    a = found["A"]
    plain = a[0].replace("-", "").lower()
    outcome = accept(services, answer(tmp_path, "1A", [Told(a[0]), refused(plain), *map(Told, a[1:])]))
    [report] = outcome.result.data["files"]
    assert (report["accounts"], report["refused"]) == (3, 1)
    assert column("stage1", a) == [2, 1, 1]
    assert healthy() == []


def test_package_with_keys_in_another_form_is_answered_in_the_usual_one(services, tmp_path):
    _, found = exported(services, tmp_path / "out")
    a = found["A"]
    with db.connection(), db.write():
        db.execute("UPDATE account SET xkey=lower(replace(xkey, '-', ''))")
    assert accept(services, answer(tmp_path, "1A", [refused(a[0]), *map(Told, a[1:])])).kind == "ok"
    assert column("stage1", [k.replace("-", "").lower() for k in a]) == [2, 1, 1]


def test_account_without_insurer_counts_for_the_one_that_answered(services, tmp_path):
    """A package of another program may leave the insurer out."""
    _, found = exported(services, tmp_path / "out")
    a = found["A"]
    with db.connection(), db.write():
        db.execute("UPDATE account SET payer_id=NULL WHERE xkey=?", (a[0],))
    accept(services, answer(tmp_path, "1A", list(map(Told, a))))
    reform(services, tmp_path / "out", "A")
    with db.connection():
        book = ledger.read(month.PERIOD)
    row = next(r for r in book.rows if r.payer.letter == "A")
    assert (row["sent"].count, row["reformed"].count, row["moved_in"].count) == (3, 3, 0)
    assert book.problems == []


# --- two packages of one month ---------------------------------------------------------------


@pytest.fixture
def two(services: Services, tmp_path: Path) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Two 3X of April; the first is answered and reformed for A."""
    _, first = exported(services, tmp_path / "out")
    month.add_month(4, kind="dental", start=21)
    outcome = services.run("export", yes=True, period=month.PERIOD, out=str(tmp_path / "out"))
    assert outcome.kind == "ok", outcome.message
    accept(services, answer(tmp_path / "in", "1A", [refused(first["A"][0]), *map(Told, first["A"][1:])]))
    reform(services, tmp_path / "out", "A")
    return first, keys(outcome.result.data["package"])


def second(folder: Path, tail: str, told: list[Told]) -> Path:
    dated = f' date_2="2021-05-{tail[0]}0"'
    return pack(folder / f"{PREFIX[:-1]}2{tail}.7z", xml(told, letter=tail[1], bill=dated))


def status(services: Services) -> board.Board:
    with db.connection():
        from omstui.domain.profile import profile

        return board.read(month.PERIOD, profile("yar"), services.settings)


def test_ledger_balances_per_package(services, two, tmp_path):
    _, later = two
    with db.connection():
        book = ledger.read(month.PERIOD)
    row = next(r for r in book.rows if r.payer.letter == "A")
    assert book.problems == [] and not row.has_seven
    assert (row["sent"].count, row["accepted1"].count, row["undecided"].count) == (5, 2, 2)
    accept(services, second(tmp_path, "1A", list(map(Told, later["A"]))))
    with db.connection():
        book = ledger.read(month.PERIOD)
    assert book.problems == []  # accepted, its second 7 not made yet: no breach
    assert healthy() == []
    reform(services, tmp_path / "out", "A")
    with db.connection():
        book = ledger.read(month.PERIOD)
        with db.write():
            db.execute("UPDATE account SET reform_id=NULL WHERE xkey=?", (later["A"][0],))
        broken = ledger.read(month.PERIOD)
    row = next(r for r in book.rows if r.payer.letter == "A")
    assert book.problems == [] and row.has_seven and row["reformed"].count == 4
    assert any("1123X" not in p and "(пакет" in p for p in broken.problems), broken.problems


def test_board_waits_for_both_packages(services, two, tmp_path):
    _, later = two
    before = status(services)
    assert before.step("answers1").by_smo["76001"].state == "due"
    assert before.step("reform").by_smo["76001"].state != "done"
    accept(services, second(tmp_path, "1A", list(map(Told, later["A"]))))
    between = status(services)
    assert between.step("answers1").by_smo["76001"].state == "done"
    assert between.step("reform").by_smo["76001"].state == "due"
    reform(services, tmp_path / "out", "A")
    after = status(services)
    assert after.step("reform").by_smo["76001"].state == "done"
    assert after.step("sent7").by_smo["76001"].state == "due"


def test_invoice_sums_and_withholding_take_both_packages(services, two, tmp_path):
    _, later = two
    paid = 2 * 2 * 10000 + 2 * (3 + 5)
    with db.connection():
        sums = invoice_sums.read(month.PERIOD, ["A"])
    assert sums.insurers[0].answer1 == ""  # the second package waits for its «1»
    accept(services, second(tmp_path, "1A", list(map(Told, later["A"]))))
    # more than the first 7 alone, less than both: entered while the second 7 is due
    entered = services.run("withhold", period=month.PERIOD, smo="A", sum="500.00")
    assert entered.kind == "ok" and "к оплате" not in entered.message
    outcome = services.run("reform", yes=True, period=month.PERIOD, out=str(tmp_path / "out"), smo=["A"])
    assert not any("больше суммы" in line.text for line in outcome.lines)
    total = paid + 2 * 2 * 10000 + 2 * (21 + 23)
    with db.connection():
        sums = invoice_sums.read(month.PERIOD, ["A"])
        text = invoice_sums.as_text(sums, "МО")
    assert sums.payable == total - 50000
    assert text.count("Файл 7: ") == 2 and sums.insurers[0].controlled
    above = services.run("withhold", period=month.PERIOD, smo="A", sum="900.00")
    assert above.kind == "refused" and "больше суммы файла 7" in above.message


def test_second_packages_answer_2_needs_its_own_seven(services, two, tmp_path):
    first, later = two
    accept(services, second(tmp_path, "1A", list(map(Told, later["A"]))))
    early = accept(services, second(tmp_path, "2A", list(map(Told, later["A"]))))
    assert early.kind == "refused" and "ещё не сделан" in early.message
    mixed = accept(services, answer(tmp_path / "m", "2A", [Told(first["A"][1]), Told(later["A"][0])]))
    assert mixed.kind == "refused" and "двух выгрузок" in mixed.message
    assert accept(services, answer(tmp_path / "f", "2A", list(map(Told, first["A"][1:])))).kind == "ok"
    # the bytes of the accepted «1» under the name of a «2» are the «1», nothing else
    same = accept(services, second(tmp_path, "1A", list(map(Told, later["A"]))).rename(
        tmp_path / f"{PREFIX[:-1]}22A.7z"))  # fmt: skip
    assert same.kind == "ok" and same.result.data["files"][0]["state"] == "repeated"
    assert any("другая стадия" in line.text for line in same.lines)
    assert healthy() == []


def test_test_package_beside_the_main_one_is_told_apart_by_its_keys(services, tmp_path):
    main, found = exported(services, tmp_path / "main")
    test, tests = exported(services, tmp_path / "test", 4, test=True, start=31)
    assert accept(services, answer(tmp_path / "t", "1A", [refused(k) for k in tests["A"]])).kind == "ok"
    assert accept(services, answer(tmp_path / "m", "1A", list(map(Told, found["A"])))).kind == "ok"
    assert scalar("SELECT count(*) FROM answer WHERE package_id=?", main) == 1
    assert scalar("SELECT count(*) FROM answer WHERE package_id=?", test) == 1
    outcome = services.run("return", period=month.PERIOD, all=True, unchanged=True)
    assert outcome.kind == "refused" and "в тестовом цикле" in outcome.message


# --- insurers at the edges -------------------------------------------------------------------


def test_insurer_with_all_accounts_refused_and_one_with_none(services, tmp_path):
    _, found = exported(services, tmp_path / "out")
    accept(services, answer(tmp_path, "1A", [refused(k) for k in found["A"]]))
    accept(services, answer(tmp_path, "1I", []))
    reform(services, tmp_path / "out", "A", "I")
    accept(services, answer(tmp_path, "2A", [], bill=' date_2="2021-05-20"'))
    with db.connection():
        book = ledger.read(month.PERIOD)
    rows = {r.payer.letter: r for r in book.rows}
    assert book.problems == [] and rows["A"].has_seven and rows["I"].has_seven
    assert (rows["A"]["refused1"].count, rows["A"]["reformed"].count) == (3, 0)
    assert healthy() == []
    shown = status(services)
    assert shown.step("answers2").by_smo["76001"].state == "done"
    assert shown.step("reform").by_smo["76"].state == "done"


def test_nothing_is_payable_before_f6(services, tmp_path):
    exported(services, tmp_path / "out")
    services.run("withhold", period=month.PERIOD, smo="A", sum="100")
    with db.connection():
        sums = invoice_sums.read(month.PERIOD)
    assert sums.payable == 0
    assert "-" not in invoice_sums.as_text(sums, "МО").replace("-" * 80, "").replace("3X-", "")


def test_screen_of_the_month_sums_both_packages(services, two, tmp_path):
    from omstui.domain import outgoing

    def row() -> outgoing.InsurerRow:
        with db.connection():
            return next(r for r in outgoing.read(month.PERIOD).rows if r.payer.letter == "A")

    _, later = two
    assert (row().answer1, row().seven) == ("", None)
    accept(services, second(tmp_path, "1A", list(map(Told, later["A"]))))
    assert row().answer1 and row().seven is None
    reform(services, tmp_path / "out", "A")
    seven = row().seven
    assert seven is not None and (seven.accounts, seven.total) == (4, row().total["reformed"].total)
