"""The operation «Анализ МЭСов»: log, repeat, replaced result, abort, books that lack, what F2 asks."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from omstui.bootstrap import Services
from omstui.domain import board, mes_lines
from omstui.domain.store import db, mes
from tests.domain.formkit import insert, tariff, texts
from tests.domain.meskit import APRIL, PRICE, books, findings, form, ksg_case, patient_of, run, visit
from tests.robust.kit import Moments, abort
from tests.support import make_services


@pytest.fixture
def services(tmp_path: Path) -> Services:
    return make_services(tmp_path)


@pytest.fixture
def month(services: Services) -> Services:
    """A dear КСГ, a visit inside its stay, a visit without insurer; formed."""
    with db.connection(), db.write():
        books()
        stay = ksg_case(bill=PRICE + 100)
        visit(patient_of(stay), day="2021-04-05")
        visit(payer_id=None)
    assert form(services).kind == "ok"
    return services


def scalar(sql: str) -> object:
    with db.connection():
        return db.scalar(sql)


def test_the_log_names_each_check_and_the_final_lines(month: Services) -> None:
    outcome = run(month)
    assert outcome.kind == "ok"
    said = texts(outcome)
    assert "M06 Сумма по КСГ не равна расчётной: счетов 1 на сумму 27211.91, разница 1.00" in said
    assert "M12 Пересечение или повтор услуги: счетов 1 на сумму 100.00" in said
    assert said[-4:] == [
        "Выполнено проверок 11 из 13",
        "Счетов всего: 3 на сумму 27411.91",
        "С ошибками: 2 на сумму 27311.91",
        "Только с предупреждениями: 1 на сумму 100.00",
    ]
    assert outcome.result is not None
    data = outcome.result.data
    assert (data["total_accounts"], data["accounts_with_errors"], data["accounts_with_findings"]) == (3, 2, 3)
    assert data["sum_with_errors"] == "27311.91"
    assert [c["code"] for c in data["checks"]] == [f"M{n:02d}" for n in range(1, 14)]


def test_a_check_without_its_book_is_named_as_not_run(services: Services) -> None:
    with db.connection(), db.write():
        visit()
    assert form(services).kind == "ok"
    outcome = run(services)
    said = texts(outcome)
    assert (
        "M03 Нет обязательной услуги, критерия — не выполнялась: нет справочника"
        " «Состав МЭС и КСГ: диагнозы, услуги, критерии»"
    ) in said
    assert any(text.startswith("M01") and "выполнена не вся: МЭС и КСГ — нет" in text for text in said)
    assert outcome.result is not None
    states = {c["code"]: c["state"] for c in outcome.result.data["checks"]}
    assert (states["M03"], states["M01"], states["M10"]) == ("skipped", "partial", "done")
    assert findings() == []


def test_coefficients_known_nowhere_are_counted(services: Services) -> None:
    with db.connection(), db.write():
        ksg_case(kg={"KOEF_Z": None})
        ksg_case(kg={"BZTSZ": "много"})
        ksg_case()
    assert form(services).kind == "ok"
    said = texts(run(services))
    assert any("M06" in text and "не хватает коэффициентов КСГ у счетов: 2" in text for text in said)
    assert findings("M06") == []


def test_again_gives_the_same_and_replaces_the_earlier(month: Services) -> None:
    run(month)
    first = findings()
    assert len(first) == 3
    run(month)
    assert findings() == first
    with db.connection(), db.write():
        db.execute("UPDATE account_service SET total=? WHERE total=?", (PRICE, PRICE + 100))
        db.execute("UPDATE account SET total=? WHERE total=?", (PRICE, PRICE + 100))
    run(month)
    assert [row[1] for row in findings()] == ["M12", "M13"]


def test_aborted_at_any_moment_leaves_the_earlier_result(month: Services) -> None:
    counted = Moments(0, lambda: None)

    def prepare(moments: Moments):  # type: ignore[no-untyped-def]
        return lambda ctx: setattr(ctx, "on_check", moments)

    month.run("mes", period=APRIL, prepare=prepare(counted))
    assert counted.seen > 10
    before = findings(), scalar("SELECT group_concat(mes_at) FROM registry")
    with db.connection(), db.write():
        db.execute("UPDATE account_service SET total=1 WHERE total=?", (PRICE + 100,))
    for stop in range(1, counted.seen + 1, 3):
        outcome = month.run("mes", period=APRIL, prepare=prepare(Moments(stop, abort)))
        assert outcome.kind == "aborted", (stop, counted.seen, outcome.message)
    assert (findings(), scalar("SELECT group_concat(mes_at) FROM registry")) == before


def test_forming_again_takes_the_result_away(month: Services) -> None:
    run(month)
    assert scalar("SELECT count(*) FROM registry WHERE mes_at IS NOT NULL") == 2
    assert form(month).kind == "ok"
    assert findings() == []
    assert scalar("SELECT count(*) FROM registry WHERE mes_at IS NOT NULL") == 0


def test_one_kind_or_one_registry_only(month: Services) -> None:
    assert run(month, kinds=["inpatient"]).kind == "ok"
    assert [row[1] for row in findings()] == ["M06"]
    number = scalar("SELECT id FROM registry WHERE kind='outpatient'")
    outcome = run(month, registry=str(number))
    assert outcome.result is not None and outcome.result.data["registries"] == [number]
    assert [row[1] for row in findings()] == ["M06", "M12", "M13"]
    with db.connection():
        assert mes.standing(APRIL) == mes.Standing(2, 0, str(db.scalar("SELECT max(mes_at) FROM registry")))


def test_nothing_formed_is_refused_with_what_to_do(services: Services) -> None:
    outcome = run(services)
    assert outcome.kind == "refused"
    assert "анализировать нечего" in outcome.message and "omstui form" in outcome.message


def test_a_registry_changed_meanwhile_refuses_and_keeps_the_result(
    month: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(month)
    before = findings()
    plain = mes.find

    def find(*args: object) -> object:
        made = plain(*args)  # type: ignore[arg-type]
        db.raw().rollback()
        db.execute("UPDATE registry SET status='Выгружен' WHERE kind='inpatient'")
        db.raw().commit()
        db.raw().execute("BEGIN")
        return made

    monkeypatch.setattr(mes, "find", find)
    outcome = run(month)
    assert outcome.kind == "refused" and "изменил другой оператор" in outcome.message
    assert findings() == before


def test_sums_against_a_tariff_book_loaded_after_forming(services: Services) -> None:
    with db.connection(), db.write():
        whole, half, unknown = visit(), visit(code="B01.047.002"), visit(code="A05.10.006")
    assert form(services).kind == "ok"
    with db.connection(), db.write():
        tariff("B01.047.001", 10000)
        tariff("B01.047.002", 15000, begin="2021-04-10")
        tariff("A05.10.006", 10000, end="2021-04-09")
    run(services)
    assert findings("M05") == [
        (half, "M05", "error", "150.00", "100.00", -5000,
         "Услуга B01.047.002: тариф × количество = 150.00, в счёте 100.00."),
    ]  # fmt: skip
    assert [row[0] for row in findings("M01")] == [unknown]
    assert whole not in [row[0] for row in findings()]


def test_an_account_that_is_not_the_sum_of_its_services(month: Services) -> None:
    with db.connection(), db.write():
        db.execute("UPDATE account SET total=total+500 WHERE payer_id IS NULL")
    run(month)
    assert [row[3:6] for row in findings("M07")] == [("100.00", "105.00", 500), ("105.00", "100.00", -500)]


def test_a_refused_stay_does_not_hold_its_patient(month: Services) -> None:
    with db.connection(), db.write():
        old = insert("registry", period="2021-03", kind="inpatient", status="Выгружен")
        package = insert(
            "package", period="2021-03", name="x", file_id=insert("stored_file", name="x", sha256="0")
        )
        stay = db.scalar("SELECT id FROM cases WHERE kind='inpatient'")
        db.execute(
            "UPDATE account SET registry_id=?, package_id=?, stage1=2 WHERE case_id=?", (old, package, stay)
        )
    run(month)
    assert findings("M12") == []


def test_lines_for_the_table_program_and_json(month: Services) -> None:
    run(month)
    with db.connection(), db.write():
        db.execute("UPDATE patient SET surname='=Тестова' WHERE id=1")
        db.execute("UPDATE cases SET nhistory='-2+3' WHERE patient_id=1")
    with db.connection():
        lines = list(mes_lines.read({"period": APRIL}))
        assert [line["code"] for line in lines] == ["M06", "M12", "M13"]
        first = mes_lines.as_json(lines[0])
        text = mes_lines.as_csv(lines)
    assert (first["severity"], first["expected"], first["difference"]) == ("error", "27210.91", "1.00")
    assert text.startswith("\ufeffКод;Важность;")
    assert ";'=Тестова Анна Ивановна;" in text and ";'-2+3;" in text and ";1,00;" in text


def export(services: Services, folder: Path, **more: object):  # type: ignore[no-untyped-def]
    return services.run("export", period=APRIL, out=str(folder), **more)


def test_f2_asks_when_it_was_not_run_since_forming(month: Services, tmp_path: Path) -> None:
    outcome = export(month, tmp_path)
    assert outcome.kind == "question"
    assert "После формирования «Анализ МЭСов» не проведён. Выгрузить без него?" in outcome.message
    run(month, kinds=["inpatient"])
    assert "не проведён: № 2 «поликлиника»" in export(month, tmp_path).message
    run(month)
    assert export(month, tmp_path / "out").kind == "ok"


def test_f2_goes_without_it_when_told_so(month: Services, tmp_path: Path) -> None:
    assert export(month, tmp_path, yes=True).kind == "ok"


def test_a_test_registry_has_its_own_result_until_it_is_restored(month: Services, tmp_path: Path) -> None:
    with db.connection(), db.write():
        db.execute("UPDATE registry SET is_test=1")
    run(month)
    assert export(month, tmp_path / "out", test=True).kind == "ok"
    assert month.run("restore-tests", period=APRIL, yes=True).kind == "ok"
    with db.connection():
        assert list(mes_lines.read({"period": APRIL})) == []
        assert mes.totals(period=APRIL).all.accounts == 0


def test_the_board_has_it_as_a_step_that_may_be_left_out(month: Services) -> None:
    def cell() -> tuple[str, str, bool]:
        with db.connection():
            rows = board.read(APRIL, month.profile, month.settings, date(2021, 5, 5)).steps
        step = next(row for row in rows if row.id == "mes")
        return step.cell.state, step.screen, step.optional

    assert cell() == ("due", "mes", True)
    run(month)
    assert cell() == ("done", "mes", True)
