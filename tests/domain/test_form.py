"""Forming: the log, re-forming, test and main, late, returned, second package, prices, atomicity."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from omstui.bootstrap import Services
from omstui.domain.forming.prices import TariffRow, flatten
from omstui.domain.forming.report import report, text
from omstui.domain.model import account_xkey
from omstui.domain.operation import Aborted, Context
from omstui.domain.store import db, forming, lists
from tests.domain import formkit as kit
from tests.support import make_services, settings


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    made = make_services(tmp_path)
    with db.connection():
        yield made


def plant_month() -> None:
    kit.tariff("B01.047.001", 20000)
    kit.tariff("A18", 500000, "2021-01-01")
    kit.tariff("OLD", 12300, "2020-01-01", "2020-12-31")
    kit.case(services=[("B01.047.001", 0), ("Z1", 0)], payer_id=None)
    kit.case(services=[("B01.047.001", 0), ("OLD", 0)])
    kit.case("dental", services=[("B01.047.001", 0)])
    kit.case("inpatient", services=[], ksg="A18")
    kit.case(services=[])
    kit.case(services=[("OLD", 0)])
    kit.case(services=[("B01.047.001", 0)], ds_main="")
    kit.case(services=[("B01.047.001", 0)], pay_type="ДМС")
    kit.case(services=[("B01.047.001", 0)], day="2021-03-10")
    kit.case(
        services=[("B01.047.001", 0)],
        day=None,
        date_in="2021-02-01",
        source_sum=700,
        service={"date_out": "2021-02-02"},
    )


LOG = """\
Подготовка данных, дождитесь окончания операции
Подготовка данных прошла успешно
Сформировано 3 услуг амбулатории на сумму 600.00
Сформировано 0 услуг скорой помощи на сумму 0.00
Амбулаторных случаев без услуг 1
Стационарных случаев без услуг 0
Случаев скорой помощи без услуг 0
Сформировано 1 услуг стационара на сумму 5000.00
Будут исключены из реестра:
0 случаев на сумму 0.00
В реестр не попадут следующие случаи (подробно в Отчете по амб.случаям, \
которые не попадают в отчетный период):
Z1 - Услуга - 1 на сумму 0.00
Вид оплаты не соответствует виду оплаты периода - 1 случаев на сумму 200.00
Не заполнен основной диагноз в ТАП - 1 случаев на сумму 200.00
Нет тарифа для услуг - 1 случаев на сумму 123.00
Нет тарифа для части услуг - 1 на сумму 123.00
Опоздавших случаев прошлых месяцев: 1 на сумму 200.00 (включить: «с опоздавшими», --late)
Незакрытых случаев прошлых месяцев: 1 на сумму 7.00
Не идентифицированы (нет плательщика): 1 на сумму 200.00
Реестр «стационар»: счетов 1 на сумму 5000.00
Реестр «поликлиника»: счетов 2 на сумму 400.00
Реестр «стоматология»: счетов 1 на сумму 200.00"""


def test_log_is_worded_and_ordered_as_in_the_manual(services: Services) -> None:
    with db.write():
        plant_month()
    assert "\n".join(kit.texts(kit.form(services))) == LOG


def test_every_line_of_the_log_opens_as_many_cases_as_it_says(services: Services) -> None:
    with db.write():
        plant_month()
    outcome = kit.form(services)
    counts = {
        "Z1 - ": 1,
        "Амбулаторных случаев без услуг": 1,
        "Вид оплаты": 1,
        "Нет тарифа для услуг": 1,
        "Нет тарифа для части": 1,
        "Опоздавших": 1,
        "Незакрытых": 1,
        "Не идентифицированы": 1,
        "Сформировано 3 услуг": 3,  # accounts of outpatient kinds
        "Реестр «поликлиника»": 2,
    }
    for start, count in counts.items():
        link = dict(kit.line(outcome, start).link or {})
        assert len(lists.ids(link.pop("list"), link)) == count, start


def test_result_gives_the_figures(services: Services) -> None:
    with db.write():
        plant_month()
    result = kit.form(services).result
    assert result is not None
    assert (result.data["accounts"], result.data["total"]) == (4, "5600.00")
    assert result.data["late"] == {"count": 1, "sum": "200.00"}
    assert {(r["code"], r["count"]) for r in result.data["skipped"]} >= {("90.003", 1), ("90.011", 1)}


def test_accounts_equal_their_services_and_registries_their_accounts(services: Services) -> None:
    with db.write():
        plant_month()
    kit.form(services)
    assert (
        db.scalar(
            "SELECT count(*) FROM account a WHERE total <> (SELECT sum(total) FROM account_service s"
            " WHERE s.account_id=a.id)"
        )
        == 0
    )
    assert (
        db.scalar(
            "SELECT count(*) FROM registry r WHERE total <> (SELECT sum(total) FROM account a"
            " WHERE a.registry_id=r.id)"
        )
        == 0
    )
    # a КСГ without services became a service, so that the file has what to carry
    assert db.scalar("SELECT code FROM service WHERE source_id='КСГ'") == "A18"


def test_xkeys_are_of_the_agreed_form_and_never_used_twice(services: Services) -> None:
    with db.write():
        kit.case(services=[("B01.1", 100), ("B01.2", 100)])
        brought = kit.case(day="2021-03-10")
        kit.account(brought, kit.registry(), kit.package(), xkey=account_xkey(76, 41))
    kit.form(services)
    first = db.execute("SELECT xkey FROM account WHERE package_id IS NULL").fetchall()
    assert first == [(account_xkey(76, 42),)]
    assert db.execute("SELECT xkey FROM account_service ORDER BY id").fetchall() == [
        (account_xkey(88, 43),),
        (account_xkey(88, 44),),
    ]
    kit.form(services)
    assert db.execute("SELECT xkey FROM account WHERE package_id IS NULL").fetchall() == [
        (account_xkey(76, 45),)
    ]
    services.reload()  # the counter is no setting


# --- re-forming, second package --------------------------------------------------------------


def test_reforming_replaces_the_composition_and_clears_the_reason(services: Services) -> None:
    with db.write():
        first, second = kit.case(), kit.case()
    kit.form(services)
    with db.write():
        db.execute("UPDATE cases SET ds_main='', updated_at='2999-01-01' WHERE id=?", (first,))
        assert forming.mark_stale([first]) == 1
    assert db.scalar("SELECT reform_reason FROM registry") == "изменены случаи: 1"
    kit.form(services)
    assert list(kit.formed()) == [second]
    assert db.execute("SELECT count(*), max(reform_reason) FROM registry").fetchone() == (1, "")


def test_case_that_moved_to_another_kind_moves_to_its_registry(services: Services) -> None:
    with db.write():
        case = kit.case()
        kit.case()
        kit.case("dental")
    kit.form(services)
    with db.write():
        db.execute("UPDATE cases SET kind='dental' WHERE id=?", (case,))
    kit.form(services)
    kinds = db.execute(
        "SELECT r.kind FROM account a JOIN registry r ON r.id=a.registry_id WHERE case_id=?", (case,)
    ).fetchall()
    assert kinds == [("dental",)]
    assert kit.skips() == [(case, "90.020", "изменён вид деятельности случая", 10000)]


def export(registry_status: str = "Выгружен") -> None:
    with db.write():
        package = kit.package(period=kit.APRIL)
        db.execute("UPDATE registry SET status=?, package_id=?", (registry_status, package))
        db.execute("UPDATE account SET package_id=? WHERE payer_id IS NOT NULL", (package,))


def test_exported_registry_is_not_formed_again(services: Services) -> None:
    with db.write():
        kit.case()
    kit.form(services)
    export()
    outcome = kit.form(services)
    assert outcome.kind == "refused"
    assert "уже выгружены, новых случаев для них нет" in outcome.message
    number = db.scalar("SELECT id FROM registry")
    assert "переформировать его нельзя" in kit.form(services, registry_id=number).message


def test_second_registry_of_the_month_is_asked_about(services: Services) -> None:
    with db.write():
        kit.case()
        kit.case(payer_id=None)
    kit.form(services)
    export()
    assert kit.form(services).kind == "refused"  # an account without a payer alone needs no package
    with db.write():
        late = kit.case()
    outcome = kit.form(services)
    assert outcome.kind == "question" and "поликлиника (1)" in outcome.message
    assert db.scalar("SELECT count(*) FROM registry") == 1
    assert kit.form(services, yes=True).kind == "ok"
    assert late in kit.formed() and len(kit.formed()) == 2


def test_two_registries_of_one_kind_share_no_case(services: Services) -> None:
    dates = {"period": kit.APRIL, "begin_date": "2021-04-01", "end_date": "2021-04-30"}
    with db.write():
        first = kit.registry(**dates, status="Создан", departments='["A"]')
        second = kit.registry(**dates, status="Создан")
        a, b = kit.case(department="A"), kit.case(department="B")
    kit.form(services)
    rows = db.execute("SELECT registry_id, case_id FROM account ORDER BY 1").fetchall()
    assert rows == [(first, a), (second, b)]
    assert [s[:2] for s in kit.skips()] == [(a, "90.002")]


def test_kind_without_cases_makes_no_registry_and_is_told(services: Services) -> None:
    with db.write():
        kit.case()
    outcome = kit.form(services, kinds=["поликлиника", "СМП"])
    assert "Вид деятельности «СМП»: случаев за апрель 2021 нет, реестр не создан." in kit.texts(outcome)
    assert kit.form(services, kinds=["dental"]).message.startswith("За апрель 2021 нет случаев")


# --- test and main ---------------------------------------------------------------------------


def test_unrestored_test_registry_forbids_the_main_one(services: Services) -> None:
    with db.write():
        case = kit.case()
    assert kit.form(services, test=True).kind == "ok"
    refused = kit.form(services)
    assert refused.message.startswith("Сначала восстановите тестовые реестры за апрель 2021: 1 шт.")
    with db.write():
        db.execute("UPDATE registry SET status='Восстановлен'")
    assert kit.form(services).kind == "ok"
    assert list(kit.formed()) == [case]
    assert db.scalar("SELECT count(DISTINCT xkey) FROM account") == 2


def test_exported_test_registry_must_be_restored_first(services: Services) -> None:
    with db.write():
        kit.case()
    kit.form(services, test=True)
    export()
    assert "Сначала восстановите их" in kit.form(services, test=True).message


# --- returned and late -----------------------------------------------------------------------


@pytest.mark.parametrize(("stage", "mark"), [(1, "primary"), (2, "repeat")])
def test_returned_case_enters_with_its_mark_whenever_it_ended(
    services: Services, stage: int, mark: str
) -> None:
    with db.write():
        case = kit.case(day="2021-02-10")
        old = kit.account(case, kit.registry(), kit.package(), **{f"stage{stage}": 2})
        back = kit.returned(case, old, stage)
    outcome = kit.form(services)
    row = db.execute("SELECT id, repeat, prev_id FROM account WHERE id <> ?", (old,)).fetchone()
    assert row[1:] == (mark, old)
    assert db.scalar("SELECT new_account_id FROM resubmission WHERE id=?", (back,)) == row[0]
    numbers = "первичных 1 на сумму 100.00, повторных 0 на сумму 0.00"
    if mark == "repeat":
        numbers = "первичных 0 на сумму 0.00, повторных 1 на сумму 100.00"
    assert f"Возвращены по F8: {numbers}" in kit.texts(outcome)
    kit.form(services)  # again: the return is taken up anew, by the new account
    assert db.scalar("SELECT a.prev_id FROM resubmission b JOIN account a ON a.id=b.new_account_id") == old
    assert db.scalar("SELECT count(*) FROM account") == 2


def test_test_registry_shows_returned_case_and_leaves_the_return_waiting(services: Services) -> None:
    with db.write():
        case = kit.case(day="2021-02-10")
        kit.returned(case, kit.account(case, kit.registry(), kit.package(), stage1=2))
    kit.form(services, test=True)
    assert db.scalar("SELECT count(*) FROM account WHERE repeat='primary'") == 1
    assert db.scalar("SELECT new_account_id FROM resubmission") is None


def test_undone_return_takes_the_case_out(services: Services) -> None:
    with db.write():
        kit.case()
        case = kit.case(day="2021-02-10")
        kit.returned(case, kit.account(case, kit.registry(), kit.package(), stage1=2))
    kit.form(services)
    with db.write():
        db.execute("UPDATE resubmission SET undone_at='2021-05-01'")
    kit.form(services)
    assert kit.skips() == [(case, "90.023", "возврат в реестр по F8 отменён", 10000)]


def test_return_into_a_later_month_waits(services: Services) -> None:
    with db.write():
        kit.case()
        case = kit.case(day="2021-02-10")
        old = kit.account(case, kit.registry(), kit.package(), stage1=2)
        kit.returned(case, old, target="2021-05")
    kit.form(services)
    assert case not in kit.formed() and kit.skips() == []


def test_returned_case_with_a_fault_is_skipped_and_waits_on(services: Services) -> None:
    with db.write():
        case = kit.case(day="2021-02-10", ds_main="")
        kit.returned(case, kit.account(case, kit.registry(), kit.package(), stage1=2))
    kit.form(services)
    assert [s[:2] for s in kit.skips()] == [(case, "90.003")]
    assert db.scalar("SELECT new_account_id FROM resubmission") is None


def test_late_cases_are_counted_and_come_in_on_demand(services: Services) -> None:
    with db.write():
        kit.case()
        late = kit.case(day="2021-03-10")
        billed = kit.case(day="2021-03-11")
        kit.account(billed, kit.registry(), kit.package())
        kit.case(day="2021-03-12", pay_type="ДМС")
    without = kit.form(services)
    assert late not in kit.formed()
    assert any(t.startswith("Опоздавших случаев прошлых месяцев: 1 на") for t in kit.texts(without))
    with_late = kit.form(services, late=True)
    assert late in kit.formed() and billed not in kit.formed()
    assert "Включено опоздавших случаев прошлых месяцев: 1 на сумму 100.00" in kit.texts(with_late)
    kit.form(services)  # the registry remembers that it takes late cases
    assert late in kit.formed()


def test_case_without_payer_left_out_at_export_is_late_next_month(services: Services) -> None:
    with db.write():
        kit.case()
        case = kit.case(payer_id=None)
    kit.form(services)
    export()
    with db.write():
        kit.case(day="2021-05-10")
    kit.form(services, period="2021-05", late=True)
    assert case in kit.formed()


# --- prices ----------------------------------------------------------------------------------


def test_price_goes_by_level_age_and_end_of_the_case(tmp_path: Path) -> None:
    services = make_services(tmp_path, settings(rules={"tariff_level": "2"}))
    with db.connection():
        with db.write():
            kit.tariff("B01", 100)
            kit.tariff("B01", 200, level="2", child="0")
            kit.tariff("B01", 300, level="2", child="1", end="2021-04-15")
            kit.tariff("B01", 900, level="3")
            child = kit.patient(birth_date="2003-04-02")
            young = kit.patient(birth_date="2003-04-01")
            cases = {
                kit.case(services=[("B01", 0)]): 200,
                kit.case(services=[("B01", 0)], patient_id=child): 300,
                kit.case(services=[("B01", 0)], patient_id=young): 200,
                kit.case(services=[("B01", 0)], patient_id=child, day="2021-04-20"): 100,
                kit.case(services=[("B01", 0)], newborn="1", day="2021-04-15"): 300,
                kit.case(services=[("B01", 0)], service={"quantity": 125}): 250,
            }
        kit.form(services)
        assert kit.formed() == cases


def test_without_a_book_the_sum_of_the_case_is_not_lost(services: Services) -> None:
    with db.write():
        lump = kit.case(services=[("B01.1", 0), ("A01", 0)], source_sum=123456)
        ksg = kit.case("inpatient", services=[], ksg="st01.001", source_sum=500000)
    assert "Справочник тарифов пуст" in " ".join(kit.texts(kit.form(services)))
    assert kit.formed() == {lump: 123456, ksg: 500000}


small = st.integers(1, 28).map(lambda d: f"2021-04-{d:02d}")


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["", "1", "2"]),
            st.sampled_from(["", "0", "1"]),
            st.one_of(st.just(""), small),
            st.one_of(st.just(""), small),
            st.integers(0, 1000),
        ),
        max_size=6,
    ),
    small,
    st.sampled_from(["0", "1"]),
)
def test_flattened_book_gives_the_best_row_of_each_day(
    rows: list[tuple[str, str, str, str, int]], day: str, child: str
) -> None:
    book = [TariffRow("X", *row) for row in rows]
    fitting = [
        r
        for r in book
        if r.level in ("", "1") and r.child in ("", child) and (r.begin or "0001") <= day <= (r.end or "9999")
    ]
    best = max(fitting, key=lambda r: (r.level != "", r.child != "", r.begin), default=None)
    found = [p for p in flatten(book, "1") if p.child == child and p.begin <= day <= p.end]
    assert len(found) == (best is not None)
    if best is not None:
        same = [r for r in fitting if (r.level, r.child, r.begin) == best[1:4]]
        assert found[0].price in {r.price for r in same}


# --- whole or not at all ---------------------------------------------------------------------


def dump() -> list[Any]:
    names = ("registry", "account", "account_service", "form_skip", "resubmission", "setting", "service")
    return [db.execute(f"SELECT * FROM {name} ORDER BY 1").fetchall() for name in names]


def aborting(at: int) -> Callable[[Context], None]:
    """Abort at the ``at``-th checkpoint."""
    left = [at]

    def stop() -> None:
        left[0] -= 1
        if left[0] == 0:
            raise Aborted

    def prepare(ctx: Context) -> None:
        ctx.on_check = stop

    return prepare


def test_abort_at_each_checkpoint_changes_nothing(services: Services) -> None:
    with db.write():
        plant_month()
        case = kit.case(day="2021-02-10")
        kit.returned(case, kit.account(case, kit.registry(), kit.package(), stage1=2))
    kit.form(services)
    with db.write():
        db.execute("UPDATE cases SET ds_main='' WHERE id=2")
    before = dump()
    at, outcome = 0, "aborted"
    while outcome == "aborted":
        at += 1
        outcome = services.run("form", period=kit.APRIL, prepare=aborting(at)).kind
        if outcome == "aborted":
            assert dump() == before, at
            assert db.scalar("SELECT count(*) FROM temp.sqlite_master WHERE name LIKE 'form%'") == 0
    assert outcome == "ok" and at > 20


def test_somebody_saving_a_case_meanwhile_is_not_overlooked(services: Services) -> None:
    """Another connection changes a case after the preparation: what is written is the new truth."""
    with db.write():
        case, other = kit.case(), kit.case()

    def prepare(ctx: Context) -> None:
        def meddle() -> None:
            made = "SELECT count(*) FROM temp.sqlite_master WHERE name='form_result'"
            if db.scalar(made) and db.scalar("SELECT count(*) FROM form_result"):
                ctx.on_check = None
                with sqlite3.connect(services.database) as conn:
                    conn.execute("UPDATE cases SET ds_main='' WHERE id=?", (case,))
                conn.close()

        ctx.on_check = meddle

    outcome = services.run("form", period=kit.APRIL, prepare=prepare)
    assert outcome.kind == "ok"
    assert list(kit.formed()) == [other]


FAULTS: list[dict[str, Any]] = [
    {},
    {"pay_type": "ДМС"},
    {"ds_main": ""},
    {"doctor": ""},
    {"completed": 0},
    {"completed": 0, "purpose": "3.0"},
    {"day": None},
    {"payer_id": None},
    {"services": []},
    {"services": [("NONE", 500)]},
]


@examples(max_examples=15)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["outpatient", "inpatient", "dispensary", "ambulance"]),
            st.sampled_from(FAULTS),
        ),
        min_size=1,
        max_size=12,
    ),
    st.data(),
)
def test_lines_add_up_to_the_candidates(
    planted: list[tuple[str, dict[str, Any]]], data: st.DataObject
) -> None:
    """Formed + skipped = candidates, before and after cases change; nobody is listed twice."""
    with tempfile.TemporaryDirectory() as folder:
        services = make_services(Path(folder))
        with db.connection():
            with db.write():
                kit.tariff("B01.047.001", 100)
                cases = [kit.case(kind, **fault) for kind, fault in planted]
            kit.form(services)
            listed = [s[0] for s in kit.skips()]
            assert sorted([*listed, *kit.formed()]) == cases
            changed = data.draw(st.sets(st.sampled_from(cases)))
            with db.write():
                for case in changed:
                    db.execute("UPDATE cases SET doctor='', completed=0 WHERE id=?", (case,))
            kit.form(services)
            listed = [s[0] for s in kit.skips()]
            assert sorted([*listed, *kit.formed()]) == cases


# --- the report ------------------------------------------------------------------------------


def test_report_lists_outpatient_cases_by_reason_in_80_columns(services: Services) -> None:
    with db.write():
        kit.case(ds_main="")
        kit.case(doctor="")
        kit.case("inpatient", doctor="")
        kit.case(day="2021-03-10")
    kit.form(services)
    rows = report([r.id for r in forming.registries(kit.APRIL)])
    assert [r.code for r in rows] == ["90.003", "90.004"]
    page = text(rows, ["Период: апрель 2021"])
    assert max(len(line) for line in page.splitlines()) <= 80
    assert "Не указан врач в ТАП - 1 случаев на сумму 100.00" in page
    assert "врач: не указан" in page
    assert page.endswith("Всего случаев - 2 на сумму 200.00\n")
