"""Sequestration (yaroslavl.md §6.2): cut, give back, undo, the next month, what is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from omstui.bootstrap import Services
from omstui.domain.store import db, lists
from tests.domain import formkit as kit
from tests.domain.seqkit import (
    NEXT,
    PERIOD,
    cases,
    formed,
    healthy,
    inside,
    out,
    plan,
    rows,
    sequester,
    undo,
)
from tests.support import make_services


@pytest.fixture
def services(tmp_path: Path) -> Services:
    return make_services(tmp_path)


def make(*days: int, **values: object) -> list[int]:
    with db.connection(), db.write():
        return cases(*days, **values)


def line(quantity: int | None, unit: str = "cases", **values: object) -> int:
    with db.connection(), db.write():
        return plan(quantity, unit, **values)


# --- the four tests of §6.2 --------------------------------------------------------------------


def test_limit_of_zero_cuts_all_that_may_be_cut(services: Services) -> None:
    ours = make(5, 6, 7)
    held = make(8, help_form="1")
    line(0)
    formed(services)
    outcome = sequester(services)
    assert outcome.kind == "ok", outcome.message
    assert out() == set(ours) and set(inside()) == set(held)
    assert any("эти случаи не снимают" in text for text in kit.texts(outcome))
    healthy()


def test_limit_that_is_exactly_reached_cuts_nothing(services: Services) -> None:
    make(5, 6, 7)
    line(300)
    formed(services)
    before = rows("account")
    assert sequester(services).message == "Превышения плана нет: ничего не снято."
    assert out() == set() and rows("account") == before


def test_run_again_gives_the_same_result(services: Services) -> None:
    first, second, *rest = make(5, 6, 7, 8)
    line(200)
    formed(services)
    sequester(services)
    assert out() == set(rest) and set(inside()) == {first, second}
    before = rows("account"), rows("sequester_cut")
    assert sequester(services).kind == "ok"
    assert (rows("account"), rows("sequester_cut")) == before
    formed(services)  # forming again keeps them out
    assert out() == set(rest) and set(inside()) == {first, second}
    assert [(c, code) for c, code, _, _ in _skips()] == [(c, "91.008") for c in rest]
    healthy()


def _skips() -> list[tuple[int, str, str, int]]:
    with db.connection():
        return kit.skips()


def test_cut_and_give_back_is_the_original_sum(services: Services) -> None:
    make(5, 6, 7, services=[("B01.047.001", 10000), ("A01.001", 2550)])
    line(100)
    formed(services)
    tables = ("account", "account_service", "registry")
    before = [rows(name) for name in tables]
    sequester(services)
    assert len(out()) == 2 and sum(inside().values()) == 12550
    outcome = undo(services)
    assert outcome.message == "Возвращено случаев 2 на сумму 251.00."
    after = [rows(name) for name in tables]
    assert after[:2] == before[:2]
    marked = [[v for v in r if v != "2021-05-20 12:00:00"] for r in after[2]]
    assert [r[:8] for r in marked] == [list(r)[:8] for r in before[2]]
    with db.connection():
        assert db.execute("SELECT accounts, total, reform_reason FROM registry").fetchone() == (3, 37650, "")
    healthy()


def test_list_of_registries_says_how_many_are_over_the_plan(services: Services) -> None:
    def over() -> list[object]:
        with db.connection():
            ids = lists.ids("registries", {"period": PERIOD}, "", "")
            return [value for (value,) in lists.values("registries", ("over",), list(ids))]

    make(5, 6, 7)
    formed(services)
    assert over() == [""]
    line(100)
    assert over() == ["?"]
    formed(services)
    assert over() == [2]
    sequester(services)
    assert over() == [0]
    undo(services)
    assert over() == [2]
    with db.connection(), db.write():
        db.execute("UPDATE plan SET quantity = 200")
    assert over() == ["?"]


# --- which line, how much ----------------------------------------------------------------------


def test_most_specific_line_counts(services: Services) -> None:
    plain = make(5, 6, profile="97")
    surgery = make(5, 6, profile="112")
    visits = make(5, 6, profile="112", services=[("B04.001", 100)])
    line(10000, usl_ok="3")
    line(100, profile="112")
    line(0, service="B04.001")
    formed(services)
    sequester(services)
    assert out() == {surgery[1], *visits}
    assert set(inside()) == {*plain, surgery[0]}


def test_line_of_one_insurer_goes_before_one_for_all(services: Services) -> None:
    with db.connection():
        other = kit.payer("76002")
    alpha, beta = make(5, 6), make(5, 6, payer_id=other)
    line(10000, usl_ok="3")
    line(100, usl_ok="3", smo="76002")
    formed(services)
    sequester(services)
    assert out() == {beta[1]} and set(inside()) == {*alpha, beta[0]}


def test_case_without_a_line_is_never_cut(services: Services) -> None:
    make(5, kind="inpatient")
    visits = make(5)
    line(0, usl_ok="3")
    formed(services)
    outcome = sequester(services)
    assert out() == set(visits)
    assert any("Без строки плана" in text for text in kit.texts(outcome))


def test_roubles_and_units_of_one_line_both_bind(services: Services) -> None:
    first, second, third = make(5, 6, 7)
    line(300, total=25000)
    formed(services)
    sequester(services)
    assert out() == {third} and set(inside()) == {first, second}


def test_smaller_case_that_still_fits_stays(services: Services) -> None:
    (big,) = make(5, services=[("B01.1", 60000)])
    (bigger,) = make(6, services=[("B01.1", 70000)])
    (small,) = make(7, services=[("B01.1", 40000)])
    line(100000, "roubles")
    formed(services)
    sequester(services)
    assert out() == {bigger} and set(inside()) == {big, small}


def test_days_and_visits_are_counted(services: Services) -> None:
    stay = make(10, kind="inpatient", date_in="2021-04-01", bed_days="9")
    more = make(11, kind="inpatient", date_in="2021-04-01")  # ten days by its dates
    line(1000, "days", usl_ok="1")
    visits = make(5, services=[("B01.1", 100), ("B01.2", 100), ("A01", 5)])
    one = make(6, services=[("B01.1", 100)])
    line(200, "visits", usl_ok="3")
    formed(services)
    sequester(services)
    assert out() == {*more, *one} and set(inside()) == {*stay, *visits}


def test_what_was_sent_earlier_and_not_refused_counts(services: Services, tmp_path: Path) -> None:
    with db.connection(), db.write():
        registry = kit.registry(period="2021-02", begin_date="2021-02-01", end_date="2021-02-28")
        sent = kit.package(period="2021-02", accounts=2, total=20000)
        kit.insert("plan", begin_date="2021-01-01", end_date="2021-12-31", unit="cases", quantity=400,
                   cumulative=1, used_quantity=100)  # fmt: skip
        db.execute("UPDATE registry SET package_id=? WHERE id=?", (sent, registry))
        kit.account(kit.case(day="2021-02-10"), registry, sent)
        kit.account(kit.case(day="2021-02-11"), registry, sent, stage1=2)
        first, second, third = cases(5, 6, 7)
    formed(services)
    outcome = sequester(services)
    assert out() == {third} and set(inside()) == {first, second}
    assert outcome.result is not None
    (row,) = outcome.result.data["lines"]
    assert (row["plan"], row["earlier"], row["in_registry"], row["over"]) == ("4", "2", "3", "1")
    assert (row["over_cases"], row["over_sum"], row["percent"]) == (1, "100.00", "125,0")


def test_monthly_line_does_not_count_other_months(services: Services) -> None:
    with db.connection(), db.write():
        registry = kit.registry()
        sent = kit.package()
        db.execute("UPDATE registry SET package_id=? WHERE id=?", (sent, registry))
        kit.account(kit.case(day="2021-03-10"), registry, sent)
        kit.insert("plan", begin_date="2021-01-01", end_date="2021-12-31", unit="cases", quantity=100)
        first, second = cases(5, 6)
    formed(services)
    sequester(services)
    assert out() == {second} and set(inside()) == {first}


# --- protected, whole groups -------------------------------------------------------------------


def test_protected_ones_go_first_and_stay(services: Services) -> None:
    early = make(3, 4)
    urgent = make(25, help_form="2")
    line(200)
    formed(services)
    sequester(services)
    assert out() == {early[1]} and set(inside()) == {early[0], *urgent}


def test_protection_is_a_setting(tmp_path: Path) -> None:
    from tests.support import settings

    services = make_services(tmp_path, settings(rules={"sequester_keep_emergency": False}))
    early, urgent = make(3), make(25, help_form="1")
    line(100)
    formed(services)
    sequester(services)
    assert out() == set(urgent) and set(inside()) == set(early)


def test_protected_line_is_only_told(services: Services) -> None:
    make(5, 6)
    line(100, protected=1)
    formed(services)
    outcome = sequester(services)
    assert out() == set()
    assert any("сверх плана 1 остаётся" in text for text in kit.texts(outcome))


def test_stages_of_an_examination_go_together(services: Services) -> None:
    first = make(5, kind="dispensary")
    with db.connection(), db.write():
        person = db.scalar("SELECT patient_id FROM cases WHERE id=?", (first[0],))
        second = [kit.case("dispensary", day="2021-04-20", patient_id=person)]
        other = cases(10, kind="dispensary")
    line(200)
    formed(services)
    sequester(services)
    assert out() == set(other) and set(inside()) == {*first, *second}


@pytest.mark.parametrize(("order", "cut"), [("date", 2), ("cheap", 1), ("dear", 0)])
def test_order_is_a_setting(tmp_path: Path, order: str, cut: int) -> None:
    from tests.support import settings

    services = make_services(tmp_path, settings(rules={"sequester_order": order}))
    made = [make(day, services=[("B01.1", kop)])[0] for day, kop in ((5, 300), (6, 100), (7, 200))]
    line(200)
    formed(services)
    sequester(services)
    assert out() == {made[cut]}


def test_other_kinds_count_and_stay(services: Services) -> None:
    dental = make(20, kind="dental")
    visits = make(5, 6)
    line(200, usl_ok="3")
    formed(services)
    sequester(services, kinds=["поликлиника"])
    assert out() == {visits[1]} and set(inside()) == {visits[0], *dental}


# --- by hand -----------------------------------------------------------------------------------


def test_operator_chooses_what_leaves_and_what_comes_back(services: Services) -> None:
    first, second, third = make(5, 6, 7)
    line(200)
    formed(services)
    assert sequester(services, cut=[first]).kind == "ok"
    assert out() == {first}
    outcome = sequester(services, cut=[third], back=[first])
    assert outcome.message == "Снято случаев 1 на сумму 100.00, возвращено 1 на сумму 100.00."
    assert out() == {third} and set(inside()) == {first, second}
    healthy()


def test_protected_case_is_not_cut_by_hand(services: Services) -> None:
    held = make(5, help_form="1")
    line(0)
    formed(services)
    outcome = sequester(services, cut=held)
    assert outcome.kind == "refused" and "экстренный" in outcome.error.details[0]  # type: ignore[union-attr]
    assert out() == set()


def test_nothing_changes_without_apply_and_without_yes(services: Services) -> None:
    make(5, 6)
    line(100)
    formed(services)
    before = rows("account"), rows("registry")
    preview = sequester(services, apply=False)
    assert preview.message == "Превышение: случаев 1 на сумму 100.00. Ничего не изменено."
    asked = sequester(services, yes=False)
    assert asked.kind == "question" and asked.error is not None
    assert asked.error.msg == "Секвестирование за апрель 2021: снять случаев 1 на сумму 100.00?"
    assert "Останется в реестрах: 1 на сумму 100.00." in asked.error.details
    assert (rows("account"), rows("registry")) == before


def test_month_without_plan_or_registries_is_refused(services: Services) -> None:
    make(5)
    outcome = sequester(services)
    assert outcome.kind == "refused" and "Плановых объёмов на апрель 2021 нет" in outcome.message
    line(100)
    outcome = sequester(services)
    assert "Сформированных и не выгруженных реестров" in outcome.message


def test_stale_registry_is_formed_first(services: Services) -> None:
    make(5, 6)
    line(100)
    formed(services)
    with db.connection(), db.write():
        db.execute("UPDATE registry SET reform_reason='изменены случаи: 1'")
    outcome = sequester(services)
    assert outcome.kind == "refused" and "Нужно переформировать" in outcome.message
    assert out() == set()


# --- undo, forming again, the next month ---------------------------------------------------------


def test_undo_takes_back_run_by_run(services: Services) -> None:
    first, second, third = make(5, 6, 7)
    line(200)
    formed(services)
    sequester(services)
    sequester(services, cut=[first])
    assert out() == {first, third}
    undo(services)
    assert out() == {third}
    undo(services)
    assert out() == set() and set(inside()) == {first, second, third}
    assert undo(services).kind == "refused"


def test_undo_of_a_return_cuts_again(services: Services) -> None:
    first, second, third = make(5, 6, 7)
    line(100)
    formed(services)
    sequester(services)
    sequester(services, cut=[first], back=[second])
    assert out() == {first, third}
    outcome = undo(services)
    assert outcome.message == ("Возвращено случаев 1 на сумму 100.00, снято снова 1 на сумму 100.00.")
    assert out() == {second, third} and set(inside()) == {first}
    healthy()
    undo(services)
    assert out() == set() and set(inside()) == {first, second, third}
    assert undo(services).kind == "refused"
    healthy()


def test_back_after_forming_again_waits_for_a_forming(services: Services) -> None:
    first, second = make(5, 6)
    line(100)
    formed(services)
    sequester(services)
    services.now = lambda: __import__("datetime").datetime(2030, 1, 1)
    formed(services)
    outcome = undo(services)
    assert outcome.kind == "ok"
    with db.connection():
        reason = db.scalar("SELECT reform_reason FROM registry")
    assert reason == "возвращены снятые секвестированием случаи: 1"
    assert set(inside()) == {first}
    formed(services)
    assert set(inside()) == {first, second}
    healthy()


def test_changed_case_comes_back_by_forming(services: Services) -> None:
    first, second = make(5, 6)
    line(100)
    formed(services)
    sequester(services)
    with db.connection(), db.write():
        db.execute("UPDATE cases SET updated_at='2099-01-01 00:00:00' WHERE id=?", (second,))
    undo(services)
    assert set(inside()) == {first}
    with db.connection():
        assert "возвращены" in db.scalar("SELECT reform_reason FROM registry")


def test_cut_case_is_late_next_month_and_comes_in_with_late(services: Services, tmp_path: Path) -> None:
    first, second = make(5, 6)
    line(100)
    formed(services)
    sequester(services)
    assert services.run("export", yes=True, period=PERIOD, out=str(tmp_path / "out")).kind == "ok"
    blocked = undo(services)
    assert blocked.kind == "refused" and "реестр уже выгружен" in blocked.error.details[0]  # type: ignore[union-attr]
    with db.connection(), db.write():
        db.execute("UPDATE plan SET end_date='2021-04-30'")
        kit.case(day="2021-05-05")
    outcome = kit.form(services, period=NEXT)
    assert "В том числе снято секвестированием: 1 на сумму 100.00" in kit.texts(outcome)
    outcome = kit.form(services, period=NEXT, late=True)
    assert second in inside()
    with db.connection():
        repeat, prev = db.execute("SELECT repeat, prev_id FROM account WHERE case_id=?", (second,)).fetchone()
    assert (repeat, prev) == ("", None)
    assert first not in inside()
    healthy()


def test_returned_case_that_was_cut_waits_as_a_return(tmp_path: Path) -> None:
    from tests.support import settings

    services = make_services(tmp_path, settings(rules={"sequester_keep_returned": False}))
    with db.connection(), db.write():
        registry = kit.registry()
        sent = kit.package(accounts=1, total=10000)
        db.execute("UPDATE registry SET package_id=?, accounts=1, total=10000", (sent,))
        case = kit.case(day="2021-03-10")
        old = kit.account(case, registry, sent, stage2=2, work="в реестр")
        kit.returned(case, old, stage=2)
        plan(0)
    formed(services)
    assert case in inside()
    sequester(services)
    with db.connection():
        assert db.scalar("SELECT new_account_id FROM resubmission") is None
    undo(services)
    with db.connection():
        new, prev, repeat = db.execute(
            "SELECT a.id, a.prev_id, a.repeat FROM resubmission s JOIN account a ON a.id=s.new_account_id"
        ).fetchone()
    assert (prev, repeat) == (old, "repeat") and new != old


# --- told elsewhere ------------------------------------------------------------------------------


def test_f2_warns_of_what_is_over_the_plan_and_goes_on(services: Services, tmp_path: Path) -> None:
    make(5, 6)
    line(100)
    formed(services)
    outcome = services.run("export", yes=True, period=PERIOD, out=str(tmp_path / "out"))
    assert outcome.kind == "ok"
    assert any("Сверх плановых объёмов: случаев 1 на сумму 100.00" in text for text in kit.texts(outcome))


def test_path_of_the_case_tells_the_cut_and_the_return(services: Services) -> None:
    from omstui.domain import case_path

    _, second = make(5, 6)
    line(100, name="Поликлиника")
    formed(services)
    sequester(services)
    undo(services)
    with db.connection():
        key = db.scalar("SELECT key FROM cases WHERE id=?", (second,))
        told = [(e["what"], e["detail"]) for e in case_path.read(key)["events"]]
    assert ("снят секвестированием", "Поликлиника, апрель 2021, 100.00") in told
    assert any(what == "возвращён в реестр после секвестирования" for what, _ in told)
