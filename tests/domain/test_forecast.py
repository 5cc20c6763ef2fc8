"""Forecast of refusals: what export says, what is frozen, and how it comes out with the answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from omstui.bootstrap import Services
from omstui.domain import forecast as words
from omstui.domain.refusals import earlier
from omstui.domain.runner import Outcome
from omstui.domain.store import db, forecast
from tests.domain import answerkit, billkit, checkkit, mekkit, month
from tests.domain.answerkit import Told
from tests.domain.checkkit import BAD_DAY, BAD_SNILS, NO_SURNAME, check, plant, said

CODES = (NO_SURNAME, BAD_SNILS, BAD_DAY)


@pytest.fixture
def services(tmp_path: Path) -> Services:
    return checkkit.services(tmp_path, *CODES)


def export(services: Services, folder: Path) -> Outcome:
    return services.run("export", period=month.PERIOD, out=str(folder / "out"))


def frozen() -> list[tuple[int, str, str]]:
    with db.connection():
        rows = db.execute("SELECT account_id, code, mek FROM forecast ORDER BY account_id, code")
        return [tuple(row) for row in rows.fetchall()]


def after(period: str = month.PERIOD) -> dict[str, forecast.OutcomeRow]:
    with db.connection():
        return {row.code: row for row in forecast.outcomes(period, earlier())}


def test_export_tells_what_is_at_risk_by_code_and_insurer(services: Services, tmp_path: Path) -> None:
    month.add_month(6)
    plant(1, NO_SURNAME)
    plant(2, NO_SURNAME, BAD_SNILS)
    check(services)
    outcome = export(services, tmp_path)
    assert outcome.kind == "ok", outcome.message
    lines = said(outcome)
    start = lines.index("Под угрозой по МЭК: 2 случая, 400.06 руб.")
    assert lines[start + 1 : start + 5] == [
        "  1.4.3: 2 случая, 400.06 руб.",
        "  1.4.4: 1 случай, 200.04 руб.",
        "  СМО «Альфа»: 1 случай, 200.02 руб.",
        "  СМО «Бета»: 1 случай, 200.04 руб.",
    ]
    assert "Ошибки экспертизы: случаев 2 на сумму 400.06" in lines
    assert frozen() == [(1, NO_SURNAME, "1.4.3"), (2, NO_SURNAME, "1.4.3"), (2, BAD_SNILS, "1.4.4")]


def test_export_without_an_expertise_says_so(services: Services, tmp_path: Path) -> None:
    month.add_month(2)
    lines = said(export(services, tmp_path))
    assert "Экспертиза после формирования не проводилась: прогноз отказов МЭК неполон." in lines


def test_the_forecast_stays_as_it_was_when_sent(services: Services, tmp_path: Path) -> None:
    month.add_month(2)
    plant(1, NO_SURNAME)
    check(services)
    assert export(services, tmp_path).kind == "ok"
    with db.connection(), db.write():
        db.execute("DELETE FROM finding")
    outcome = services.run("export", period=month.PERIOD, out=str(tmp_path / "out"), yes=True)
    assert outcome.kind == "ok", outcome.message
    assert frozen() == [(1, NO_SURNAME, "1.4.3")]


def test_errors_block_the_export_only_by_the_setting(tmp_path: Path) -> None:
    services = checkkit.services(
        tmp_path, *CODES, rules={"block_export_on_errors": True}, severity={BAD_SNILS: "warning"}
    )
    month.add_month(2)
    refused = export(services, tmp_path)
    assert refused.kind == "refused" and "без неё не выгружают" in refused.message
    plant(1, NO_SURNAME)
    plant(2, BAD_SNILS)
    check(services)
    refused = export(services, tmp_path)
    assert refused.kind == "refused"
    assert refused.error.msg == (
        "В реестрах есть ошибки экспертизы: случаев 1 на сумму 200.02; по настройке с ними не выгружают."
    )
    assert not list((tmp_path / "out").glob("*")) and frozen() == []
    with db.connection(), db.write():
        db.execute("UPDATE patient SET surname='Иванов' WHERE surname=''")
    check(services)
    assert export(services, tmp_path).kind == "ok", "a warning alone does not block"


def test_forecast_and_fact_by_code(services: Services, tmp_path: Path) -> None:
    """1 guessed, 3 refused by another code, 5 not foreseen, 7 a false alarm, 9 nothing."""
    month.add_month(10)
    for case_id in (1, 3, 7):
        plant(case_id, BAD_SNILS)
    check(services)
    assert export(services, tmp_path).kind == "ok"
    with db.connection():
        keys = answerkit.keys(1)["A"]
        number = {row[1]: row[0] for row in db.execute("SELECT id, xkey FROM account")}
    # 5.1.4 is the earlier numbering of 1.4.4
    said_of = {1: "5.1.4", 3: "1.10.2", 5: "1.4.3"}
    codes = {n: f'<an_mess><an_mes an_mes="{c}" mkb="J20.9"/></an_mess>' for n, c in said_of.items()}
    told = [
        answerkit.refused(key, codes[number[key]], code=f"P{number[key]}")
        if number[key] in codes
        else Told(key, code=f"P{number[key]}")
        for key in keys
    ]
    outcome = answerkit.accept(services, answerkit.answer(tmp_path, "1A", told))
    assert outcome.kind == "ok", outcome.message
    rows = after()
    assert list(rows) == ["1.4.3", "1.4.4", "1.10.2"]
    row = rows["1.4.4"]
    assert (row.foreseen, row.refused, row.exact, row.other, row.missed, row.false) == (3, 1, 1, 1, 0, 1)
    assert (row.foreseen_total, row.refused_total, row.false_total) == (20002 + 20006 + 20014, 20002, 20014)
    row = rows["1.4.3"]
    assert (row.foreseen, row.refused, row.missed, row.missed_total) == (0, 1, 1, 20010)
    row = rows["1.10.2"]
    assert (row.foreseen, row.refused, row.exact, row.missed) == (0, 1, 0, 0)
    with db.connection():
        assert forecast.summary(month.PERIOD) == (3, 2, 3, 1)
        lines = words.lines(month.PERIOD)
    assert "Отказано счетов: 3, из них предвидели: 2 (66 %)." in lines
    assert "Предупреждали о счетах: 3, приняты без отказа: 1." in lines


def test_a_refusal_of_the_passport_or_the_policy_is_the_1_5_we_foresee(
    services: Services, tmp_path: Path
) -> None:
    month.add_month(6)
    check(services)
    assert export(services, tmp_path).kind == "ok"
    with db.connection(), db.write():
        for account in (1, 3):
            month.insert("forecast", account_id=account, code="02.002", mek="1.5", severity="error")
    first, second, third = answerkit.keys(1)["A"]
    told = [
        answerkit.refused(first, answerkit.POLICY, code="P1"),
        Told(second, code="P2"),
        answerkit.refused(third, "", person=answerkit.PASSPORT, code="P3"),
    ]
    outcome = answerkit.accept(services, answerkit.answer(tmp_path, "1A", told))
    assert outcome.kind == "ok", outcome.message
    (row,) = after().values()
    assert (row.code, row.foreseen, row.refused, row.exact) == ("1.5", 2, 2, 1)
    assert (row.missed, row.false, row.other) == (1, 1, 0)


def test_the_fact_of_manual_b_is_the_mek(tmp_path: Path) -> None:
    services = mekkit.services_of(tmp_path)
    bill = mekkit.billed()
    first, second = bill.accounts[:2]
    with db.connection(), db.write():
        for account, code in ((first, "1.10.2"), (second, "1.4.4")):
            month.insert("forecast", account_id=account, code="01.010", mek=code, severity="error")
    mekkit.empty_registry("2021-11", "реестр за ноябрь")
    table = mekkit.table(
        tmp_path / "in" / f"b{mekkit.MO}1121.dbf", [mekkit.row(bill, a) for a in (first, bill.accounts[2])]
    )
    outcome = mekkit.load(services, table)
    assert outcome.kind == "ok", outcome.message
    row = after(bill.period)["1.10.2"]
    assert (row.foreseen, row.refused, row.exact, row.missed) == (1, 2, 1, 1)


def test_bills_of_manual_b_tell_freeze_and_block(tmp_path: Path) -> None:
    criteria = {"criteria": checkkit.only(*CODES)}
    services = billkit.services(tmp_path, rules={"block_export_on_errors": True}, **criteria)
    registry = billkit.add_month("1122")
    assert services.run("payers", period=billkit.PERIOD, yes=True).kind == "ok"
    plant(1, NO_SURNAME)
    assert services.run("check", period=billkit.PERIOD).kind == "ok"
    params = {"period": billkit.PERIOD, "out": str(tmp_path / "out"), "yes": True}
    refused = services.run("bills-export", **params)
    assert refused.kind == "refused" and "по настройке с ними не выгружают" in refused.message
    outcome = services.run("settings-save", values={"rules": {"block_export_on_errors": False}})
    assert outcome.kind == "ok", outcome.message
    outcome = services.run("bills-export", **params)
    assert outcome.kind == "ok", outcome.message
    total = mekkit.scalar("SELECT total FROM account WHERE id=1")
    assert f"Под угрозой по МЭК: 1 случай, {total // 100}.{total % 100:02d} руб." in said(outcome)
    assert frozen() == [(1, NO_SURNAME, "1.4.3")] and registry == 1


def test_before_and_after_on_one_page(services: Services) -> None:
    month.add_month(3)
    with db.connection():
        assert words.lines("2021-03") == [
            "#До выгрузки",
            "Сформированных и не выгруженных реестров за месяц нет.",
        ]
    plant(1, NO_SURNAME)
    check(services)
    with db.connection():
        lines = words.lines(month.PERIOD)
    assert lines[:2] == ["#До выгрузки", "Под угрозой по МЭК: 1 случай, 200,02 руб."]
    assert any(line.startswith("1.4.3 ") for line in lines) and any(
        line.startswith("76001") for line in lines
    )
