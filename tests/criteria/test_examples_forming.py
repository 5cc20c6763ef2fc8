"""Worked examples 22-27 of the criteria: what forming says, and the totals of the expertise."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from omstui.bootstrap import Services
from omstui.domain.store import db, findings
from tests.domain import formkit as kit
from tests.support import make_services


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    made = make_services(tmp_path)
    with db.connection():
        yield made


def said(services: Services) -> list[str]:
    return kit.texts(kit.form(services, yes=True))


def test_22_of_another_pay_type_has_one_line_whatever_else_is_wrong(services: Services) -> None:
    with db.write():
        kit.case(services=[("B01.047.001", 50000)], pay_type="ДМС", ds_main="", doctor="")
        kit.case()
    lines = said(services)
    assert "Вид оплаты не соответствует виду оплаты периода - 1 случаев на сумму 500.00" in lines
    assert not [line for line in lines if "Не заполнен основной диагноз" in line]


@pytest.mark.parametrize(
    ("visits", "values", "code"),
    [
        (1, {"purpose": "3.0", "day": None, "completed": 0}, "90.006"),
        (2, {"purpose": "3.0", "day": None, "completed": 0}, "90.007"),
        (2, {"purpose": "3.0", "day": "2021-04-20", "completed": 0}, "90.008"),
        (1, {"purpose": "1.0", "day": None, "completed": 0}, "90.009"),
        (1, {"kind": "dispensary", "day": None, "completed": 0}, "90.005"),
    ],
)
def test_23_open_cases_wait_with_their_own_reason(
    services: Services, visits: int, values: dict, code: str
) -> None:
    with db.write():
        kit.case()
        waits = kit.case(services=[("B01.047.001", 10000)] * visits, **values)
    kit.form(services, yes=True)
    assert [(case, found) for case, found, _, _ in kit.skips()] == [(waits, code)]


def test_24_expired_tariff_and_service_without_any(services: Services) -> None:
    with db.write():
        kit.tariff("B01.047.001", 10000)
        kit.tariff("A09.05.023", 15000, end="2021-03-31")
        kit.case()
        kit.case(services=[("A09.05.023", 15000)], service={"quantity": 200})
        kit.case(services=[("B01.047.001", 10000), ("A01.01.001", 0)])
    lines = said(services)
    assert "Нет тарифа для услуг - 1 случаев на сумму 300.00" in lines
    assert "A01.01.001 - Услуга - 1 на сумму 0.00" in lines


def test_25_case_of_another_registry_names_it(services: Services) -> None:
    with db.write():
        held = kit.case(services=[("B01.047.001", 70000)])
        other = kit.registry(
            name="ТИП №84", period="2021-03", begin_date="2021-01-01", end_date="2021-04-26",
            status="Сформирован", formed_at="2021-04-27 10:00:00",
        )  # fmt: skip
        kit.account(held, other, None, total=70000)
        kit.case()
    assert "Случай в периоде (01.01.2021-26.04.2021) ТИП №84 - 1 случаев на сумму 700.00" in said(services)


def test_26_reopened_treatment_leaves_the_registry(services: Services) -> None:
    with db.write():
        kit.case()
        case = kit.case(
            services=[("B01.047.001", 115950), ("B01.047.001", 115950)], purpose="3.0", source_sum=231900
        )
    kit.form(services, yes=True)
    assert kit.formed()[case] == 231900
    with db.write():
        db.execute("UPDATE cases SET completed = 0, date_out = NULL WHERE id = ?", (case,))
    lines = said(services)
    at = lines.index("Будут исключены из реестра:")
    # the number is of services, as in «Сформировано 14 услуг амбулатории»: this case has two
    assert lines[at + 1] == (
        "Амбулаторные услуги - 2 на сумму 2319.00 - случай обращения по заболеванию не завершен"
    )
    assert case not in kit.formed()


def test_27_a_case_with_two_findings_counts_once(services: Services) -> None:
    with db.write():
        bad = kit.case(ds2='["I10"]')
        kit.case(), kit.case()
        db.execute(
            "UPDATE patient SET snils = '112-233-445 96' WHERE id = (SELECT patient_id FROM cases WHERE id = ?)",
            (bad,),
        )
        off = [row for row in _codes() if row not in ("01.010", "05.007")]
    settings = {"criteria": {"off": off}}
    assert services.run("settings-save", values=settings).result
    kit.form(services, yes=True)
    outcome = services.run("check", period=kit.APRIL)
    assert outcome.result, outcome.lines
    lines = kit.texts(outcome)
    assert "Пройдено 2 критериев из 2" in lines
    assert lines[-3:] == [
        "Экспертиза завершена успешно",
        "Всего случаев - 3 на сумму 300.00",
        "Случаев с замечаниями - 1 на сумму 100.00",
    ]
    rows = findings.criteria(outcome.result.data["registries"])
    assert [(r.code, r.tap, r.tap_services, r.total) for r in rows] == [
        ("01.010", 1, 1, 10000),
        ("05.007", 1, 1, 10000),
    ]


def _codes() -> list[str]:
    from omstui.domain.criteria.catalog import all_criteria

    return [c.code for c in all_criteria().values() if c.default]
