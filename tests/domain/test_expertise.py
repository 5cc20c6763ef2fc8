"""«Провести экспертизу»: the operation, the silent check of a saved case, a failing criterion, an abort."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from omstui.bootstrap import Services
from omstui.domain import expertise
from omstui.domain.criteria.catalog import all_criteria
from omstui.domain.operation import Aborted, Context
from omstui.domain.store import db, findings, lists, review
from omstui.screens.case_data import read_view
from tests.domain import billkit, checkkit, month
from tests.domain.checkkit import BAD_DAY, BAD_SNILS, NO_SURNAME, check, found, plant, said
from tests.domain.formkit import insert

CODES = (NO_SURNAME, BAD_SNILS, BAD_DAY)
WRONG_CODE = "05.002"


@pytest.fixture
def services(tmp_path: Path) -> Services:
    return checkkit.services(tmp_path, *CODES)


def checked_at(value: str) -> None:
    with db.connection(), db.write():
        db.execute("UPDATE registry SET checked_at=?", (value,))


def test_the_log_is_that_of_the_manual(services: Services) -> None:
    month.add_month(4)
    plant(1, NO_SURNAME, BAD_DAY)
    plant(3, BAD_SNILS)
    lines = said(check(services))
    assert lines[0] == "Подготовка данных, дождитесь окончания операции"
    assert "Пройдено 3 критериев из 3" in lines
    end = lines.index("Экспертиза завершена успешно")
    assert lines[end - 1] == "-----"
    assert lines[end + 1 : end + 3] == [
        "Всего случаев - 4 на сумму 800.20",
        "Случаев с замечаниями - 2 на сумму 400.08",
    ]
    assert found() == [(1, NO_SURNAME, None), (1, BAD_DAY, 2), (3, BAD_SNILS, None)]


def test_the_table_counts_cases_and_marked_services(services: Services) -> None:
    month.add_month(4)
    plant(1, BAD_DAY)
    plant(2, NO_SURNAME)
    check(services)
    with db.connection():
        rows = {row.code: row for row in findings.criteria([1])}
        table = review.rows(1, "check", {BAD_DAY: "Дата услуги"})
        assert review.newest(1) == "check"
    assert (rows[BAD_DAY].tap, rows[BAD_DAY].tap_services, rows[BAD_DAY].total) == (1, 1, 10001)
    assert (rows[NO_SURNAME].tap, rows[NO_SURNAME].tap_services, rows[NO_SURNAME].total) == (1, 2, 20004)
    assert rows[BAD_SNILS].cases == 0
    assert [(row.code, row.name) for row in table] == [(NO_SURNAME, ""), (BAD_DAY, "Дата услуги")]


def test_a_criterion_without_its_book_is_not_evaluated_and_comes_last(tmp_path: Path) -> None:
    services = checkkit.services(tmp_path, NO_SURNAME, "05.009")
    month.add_month(2)
    plant(1, NO_SURNAME)
    lines = said(check(services))
    assert (
        "Не выполнялись критерии: 1" in lines
        and "нет справочника «Диагнозы вне программы ОМС» — 05.009" in lines
    )
    with db.connection():
        rows = review.rows(1, "check", {"05.009": "Диагноз"})
    assert [(row.code, row.state) for row in rows] == [(NO_SURNAME, "done"), ("05.009", "skipped")]
    assert rows[1].name == "не выполнялся: Диагноз"
    assert rows[1].reason == "нет справочника «Диагнозы вне программы ОМС»"


def test_a_failing_criterion_does_not_stop_the_others(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    month.add_month(2)
    plant(1, NO_SURNAME, BAD_SNILS)
    broken = replace(all_criteria()[BAD_SNILS], condition="c.no_such_column = 1")
    monkeypatch.setitem(all_criteria(), BAD_SNILS, broken)
    outcome = check(services)
    assert found() == [(1, NO_SURNAME, None)]
    assert any(line.startswith(f"Критерий {BAD_SNILS}: критерий не выполнен") for line in said(outcome))
    with db.connection():
        states = {row.code: row.state for row in findings.criteria([1])}
    assert states == {NO_SURNAME: "done", BAD_SNILS: "failed", BAD_DAY: "done"}


def test_a_failing_set_criterion_does_not_stop_the_others(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    month.add_month(2)
    plant(1, NO_SURNAME)
    broken = replace(all_criteria()[BAD_SNILS], condition="", select="SELECT nothing FROM nowhere")
    monkeypatch.setitem(all_criteria(), BAD_SNILS, broken)
    check(services)
    assert found() == [(1, NO_SURNAME, None)]


def test_a_criterion_of_other_cards_is_done_without_being_prepared(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    month.add_month(2)
    of_calls = replace(all_criteria()[BAD_SNILS], condition="c.no_such_column = 1", applies=("СМП",))
    monkeypatch.setitem(all_criteria(), BAD_SNILS, of_calls)
    assert "Пройдено 3 критериев из 3" in said(check(services))
    with db.connection():
        assert {row.state for row in findings.criteria([1])} == {"done"}


def test_an_aborted_check_leaves_the_earlier_result(services: Services) -> None:
    month.add_month(2)
    plant(1, NO_SURNAME)
    check(services)
    before = found()
    plant(2, BAD_SNILS)
    seen = 0

    def stop_late() -> None:
        nonlocal seen
        seen += 1
        if seen == 3:
            raise Aborted

    def prepare(ctx: Context) -> None:
        ctx.on_check = stop_late

    assert services.run("check", period=month.PERIOD, prepare=prepare).kind == "aborted"
    assert found() == before


def test_registries_and_kinds_are_chosen(services: Services) -> None:
    month.add_month(2)
    month.add_month(2, kind="dental", start=11)
    assert check(services, kinds=["стоматология"]).result.data["registries"] == [2]
    assert check(services, registry_ids=[1]).result.data["registries"] == [1]
    assert check(services).result.data["registries"] == [1, 2]


def test_nothing_to_check_is_refused_with_the_next_step(services: Services) -> None:
    outcome = services.run("check", period=month.PERIOD)
    assert outcome.kind == "refused" and "проверять нечего" in outcome.message
    assert "Сначала сформируйте" in outcome.error.hint


def test_of_manual_b_one_registry_is_checked(tmp_path: Path) -> None:
    services = billkit.services(tmp_path, criteria=checkkit.only(NO_SURNAME))
    registry = billkit.add_month("11")
    plant(1, NO_SURNAME)
    outcome = services.run("check", period=billkit.PERIOD)
    assert outcome.kind == "ok", outcome.message
    assert outcome.result.data["registries"] == [registry]
    assert found([registry]) == [(1, NO_SURNAME, None)]


# --- the silent check ----------------------------------------------------------------------------


def save(services: Services, case_id: int, **params: dict[str, str]) -> None:
    outcome = services.run("case-save", case_id=case_id, **params)
    assert outcome.kind == "ok", outcome.message


def test_a_saved_case_is_checked_silently_inside_its_registry(services: Services) -> None:
    month.add_month(2)
    plant(1, NO_SURNAME)
    check(services)
    save(services, 1, patient={"surname": "Петров", "snils": "112-233-445 96"})
    with db.connection():
        rows = expertise.findings_of(1)
    assert [row.code for row in rows] == [BAD_SNILS]
    assert rows[0].field == "patient.snils" and rows[0].registry_id == 1
    assert found() == [(1, BAD_SNILS, None)]


def test_each_wrong_diagnosis_is_a_finding_beside_its_own_field(tmp_path: Path) -> None:
    services = checkkit.services(tmp_path, WRONG_CODE, NO_SURNAME)
    month.add_month(2)
    with db.connection(), db.write():
        insert("nsi", book="M001", code="J06.9", name="ОРВИ", begin_date="", end_date="")
        db.execute("UPDATE cases SET ds_main='J06.9', ds_first='', ds2='[]', ds3='[]'")
        db.execute("""UPDATE cases SET ds_main='J99.9', ds2='["J99.8","J06.9","J99.7"]' WHERE id=1""")
    save(services, 2, case={"comment": "х"})
    lines = said(check(services))
    for again in range(2):
        with db.connection():
            found_ = expertise.findings_of(1)
            (row,) = findings.criteria([1])[1:]
        assert [(f.code, f.field, f.message.split(":")[0]) for f in found_] == [
            (WRONG_CODE, "case.ds_main", "J99.9"),
            (WRONG_CODE, "case.ds2", "сопутствующий J99.8"),
            (WRONG_CODE, "case.ds2", "сопутствующий J99.7"),
        ]
        assert (row.code, row.cases) == (WRONG_CODE, 1), "a case counts once"
        if not again:
            save(services, 1, case={"comment": "х"})
    assert "Случаев с замечаниями - 1 на сумму 200.02" in lines[-1]
    beside = read_view(1).findings
    assert beside["case.ds_main"].startswith("05.002 J99.9: нужен код")
    assert "J99.8: нужен код" in beside["case.ds2"] and "; сопутствующий J99.7" in beside["case.ds2"]


def test_a_case_outside_any_registry_is_checked_by_itself(services: Services) -> None:
    with db.connection(), db.write():
        month.add_case(1)
    save(services, 1, patient={"surname": " "}, case={"comment": "х"})
    with db.connection():
        (row,) = expertise.findings_of(1)
    assert (row.code, row.registry_id) == (NO_SURNAME, None)


def test_what_was_found_in_a_sent_registry_is_not_held_against_a_mended_case(
    services: Services, tmp_path: Path
) -> None:
    month.add_month(2)
    plant(1, NO_SURNAME)
    check(services)
    with db.connection(), db.write():
        db.execute("UPDATE registry SET status='Выгружен'")
        db.execute("UPDATE finding SET at='2021-05-01 10:00:00'")
    with db.connection():
        assert [row.code for row in expertise.findings_of(1)] == [NO_SURNAME]
    save(services, 1, patient={"surname": "Петров"})
    with db.connection():
        assert expertise.findings_of(1) == []
    assert found() == [(1, NO_SURNAME, None)], "the result of the sent registry stays"


def test_the_silent_check_is_a_setting(tmp_path: Path) -> None:
    services = checkkit.services(tmp_path, NO_SURNAME, check_on_save=False)
    month.add_month(2)
    save(services, 1, patient={"surname": " "}, case={"comment": "х"})
    assert found() == []


def test_the_next_case_with_the_same_finding(services: Services) -> None:
    month.add_month(5)
    for case_id in (1, 3, 5):
        plant(case_id, NO_SURNAME)
    check(services)
    with db.connection():
        assert findings.neighbour(1, NO_SURNAME, 1, 1) == 3
        assert findings.neighbour(1, NO_SURNAME, 5, 1) is None
        assert findings.neighbour(1, NO_SURNAME, 4, -1) == 3
        assert findings.neighbour(None, NO_SURNAME, 1, 1) is None


# --- older than the forming, counts of the lists --------------------------------------------------


def test_a_result_older_than_the_forming_is_known(services: Services) -> None:
    month.add_month(2)
    plant(1, NO_SURNAME)

    def counted() -> object:
        with db.connection():
            return lists.rows("registries", ["findings"], [1])[1][0]

    assert counted() == ""
    check(services)
    with db.connection():
        assert findings.progress(month.PERIOD)[0] == 0 and not findings.last_checked(1)[1]
    assert counted() == "1"
    checked_at("2021-04-30 10:00:00")
    with db.connection():
        assert findings.last_checked(1) == ("2021-04-30 10:00:00", True)
        assert findings.progress(month.PERIOD) == (1, "2021-04-30 10:00:00")
        assert findings.unchecked([1]) == [1]
    assert counted() == "1?"


def test_deleted_data_take_their_result_along(tmp_path: Path) -> None:
    services = billkit.services(tmp_path, criteria=checkkit.only(NO_SURNAME))
    registry = billkit.add_month("11")
    plant(1, NO_SURNAME)
    assert services.run("check", period=billkit.PERIOD).kind == "ok"
    outcome = services.run("delete-data", period=billkit.PERIOD, yes=True)
    assert outcome.kind == "ok", outcome.message
    assert found([registry]) == []
    with db.connection():
        assert findings.last_checked(registry) == ("", False)
