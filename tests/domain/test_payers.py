"""«Сформировать реестры на оплату»: the manual's lines, payers of now, refusals, abort."""

from __future__ import annotations

from pathlib import Path

import pytest

from omstui.domain.store import db
from tests.domain import billkit as kit
from tests.domain import month
from tests.domain.billkit import PERIOD


def test_the_log_has_the_lines_of_the_manual(tmp_path: Path) -> None:
    services = kit.services(tmp_path)
    registry = kit.add_month("112F-")
    outcome = kit.ok(services.run("payers", period=PERIOD))
    assert kit.texts(outcome)[:5] == [
        "Реестры успешно сформированы",
        "ОМС счета в АО МАКС (амбулатория) случаев 2 услуг 4 на сумму 400.06",
        "ОМС счета в СОГАЗ (амбулатория) случаев 1 услуг 2 на сумму 200.06",
        "ОМС счета по межтерриториальным пациентам (амбулатория) случаев 1 услуг 2 на сумму 200.08",
        "ОМС счета по неидентифицированным (амбулатория) случаев 1 услуг 2 на сумму 200.10",
    ]
    assert kit.status(registry) == "Сформированы реестры на оплату в СМО"
    assert outcome.result is not None
    rows = outcome.result.data["registries"]
    assert [r["section"] for r in rows] == ["smo", "smo", "region", "none"]
    sums = kit.query("SELECT sum(accounts), sum(total) FROM pay_registry")
    assert sums == kit.query("SELECT count(*), sum(total) FROM account")
    links = [line.link for line in outcome.lines if line.link]
    assert links[0] == {"list": "accounts", "pay_registry": rows[0]["id"]}


def test_each_type_of_case_has_its_registry(tmp_path: Path) -> None:
    services = kit.services(tmp_path)
    registry = kit.add_month("11")
    kit.add_month("11", registry, 3, kind="dayhospital")
    kit.add_month("1", registry, 5, kind="ambulance")
    lines = kit.texts(kit.ok(services.run("payers", registry_id=registry)))[1:4]
    assert [line.split(" случаев")[0] for line in lines] == [
        "ОМС счета в АО МАКС (амбулатория)",
        "ОМС счета в АО МАКС (стационар)",
        "ОМС счета в АО МАКС (скорая помощь)",
    ]


def test_the_payer_is_the_one_the_case_has_now(tmp_path: Path) -> None:
    services = kit.services(tmp_path)
    kit.add_month("1-")
    with db.connection(), db.write():
        db.execute("UPDATE cases SET payer_id=(SELECT id FROM insurer WHERE code='50002')")
    outcome = kit.ok(services.run("payers", period=PERIOD))
    assert kit.texts(outcome)[1:] == [
        "ОМС счета в СОГАЗ (амбулатория) случаев 2 услуг 4 на сумму 400.06",
        "Сменился плательщик: случаев 2 (полис уточнён после формирования)",
    ]
    assert kit.query("SELECT DISTINCT payer_id FROM account") == [(month_payer("50002"),)]


def month_payer(code: str) -> int | None:
    with db.connection():
        return month.payer_id(code)


def test_a_second_time_replaces_them(tmp_path: Path) -> None:
    services = kit.services(tmp_path)
    kit.add_month()
    kit.ok(services.run("payers", period=PERIOD))
    first = kit.query("SELECT account_id, idcase FROM pay_account ORDER BY 1")
    outcome = kit.ok(services.run("payers", period=PERIOD))
    assert "Прежние реестры на оплату заменены: 4" in kit.texts(outcome)
    assert kit.query("SELECT account_id, idcase FROM pay_account ORDER BY 1") == first
    assert kit.query("SELECT count(*) FROM pay_registry") == [(4,)]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("status='Создан'", "Реестр ещё не сформирован: сначала «Переформировать»."),
        ("status='Выгружен на идентификацию'", "Ответ на идентификацию ещё не загружен"),
        ("reform_reason='исправлен случай'", "Нужно переформировать реестр: исправлен случай."),
        ("accounts=0", "нет случаев: реестры на оплату формировать не из чего"),
    ],
)
def test_refused_with_the_reason(tmp_path: Path, change: str, why: str) -> None:
    services = kit.services(tmp_path)
    kit.add_month()
    with db.connection(), db.write():
        db.execute(f"UPDATE registry SET {change}")
    before = month.dump()
    outcome = services.run("payers", period=PERIOD)
    assert outcome.kind == "refused" and why in outcome.message
    assert month.dump() == before


def test_an_ambiguous_month_is_refused_with_the_list(tmp_path: Path) -> None:
    services = kit.services(tmp_path)
    kit.add_month("1")
    with db.connection(), db.write():
        other = kit.add_registry(name="второй")
    outcome = services.run("payers", period=PERIOD)
    assert outcome.kind == "refused" and "второй" in outcome.message
    kit.add_month("2", other, 7)
    kit.ok(services.run("payers", period=PERIOD, registry="второй"))
    assert kit.query("SELECT DISTINCT registry_id FROM pay_registry") == [(other,)]


def test_aborted_at_each_checkpoint_nothing_changes(tmp_path: Path) -> None:
    services = kit.services(tmp_path)
    kit.add_month()
    assert kit.aborts(services, "payers", period=PERIOD) >= 3
