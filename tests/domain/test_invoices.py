"""Invoices: what is billed, numbers, the frozen paper, cancelling, what the program refuses."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from omstui.bootstrap import Services, open_services
from omstui.domain import board, case_path, payments
from omstui.domain.errors import UsageError
from omstui.domain.ops import invoices as ops_invoices
from omstui.domain.setup import check
from omstui.domain.store import db, verifying
from tests.domain import answerkit, mekkit, month
from tests.domain import invoicekit as kit
from tests.support import SETTINGS, make_services, settings

PERIOD = kit.PERIOD


@pytest.fixture
def services(tmp_path: Path) -> Services:
    made = make_services(tmp_path)
    made.now = lambda: datetime(2021, 5, 12, 10, 0, 0)
    return made


def with_rules(folder: Path, **invoices: object) -> Services:
    folder.mkdir(exist_ok=True)
    made = make_services(folder, settings(invoices=invoices))
    made.now = lambda: datetime(2021, 5, 12, 10, 0, 0)
    return made


GOLDEN = """\
                      СЧЁТ НА ОПЛАТУ № 1 ОТ 12 МАЯ 2021 Г.
                                 за апрель 2021

ПОСТАВЩИК
Наименование  ГБУЗ ЯО «Тестовая больница»
ИНН           7604000010
КПП           760499001
ОГРН          1027600099900
Телефон       (4852) 00-00-00

ПЛАТЕЛЬЩИК
Наименование  СМО «Альфа»
ОГРН          1027700091100

Медицинская помощь, оказанная застрахованным лицам по ОМС: апрель 2021.

------------------------------------------------------------------------------
   № Вид медицинской помощи                         Случаев        Сумма, руб.
------------------------------------------------------------------------------
   1 Поликлиника                                          2             400,16
------------------------------------------------------------------------------
Итого                                                     2             400,16

Всего по счёту  400,16 руб.
Удержано        100,16 руб. (уведомление ТФОМС от 10.05.2021)
НДС             Без налога (НДС)
К оплате        300,00 руб.

Сумма прописью: Триста рублей 00 копеек.
Основание: файл 1027600099900760499001210417A.7z.


Руководитель                   ____________________

Главный бухгалтер              ____________________
"""


def test_invoice_of_each_insurer_with_its_withholding(services: Services, tmp_path: Path) -> None:
    kit.reformed(services, tmp_path)
    services.run("withhold", period=PERIOD, smo="76001", sum="100.16", notice_date="2021-05-10")
    out = tmp_path / "o"
    rows = kit.ok(kit.issue(services, out, yes=False))["invoices"]
    assert [(r["smo"], r["number"], r["billed"], r["withheld"], r["payable"]) for r in rows] == [
        ("76001", "1", "400.16", "100.16", "300.00"),
        ("76002", "2", "400.20", "0.00", "400.20"),
    ]
    text = kit.paper(out, "1").decode()
    assert "\n".join(line.rstrip() for line in text.splitlines()) + "\n" == GOLDEN
    sums = (out / "Суммы для счетов 2021-04.txt").read_text(encoding="utf-8")
    assert "1 2021-05-12" in sums
    kit.healthy()


@pytest.mark.parametrize("name", ["pdf", "xlsx", "txt"])
def test_printed_again_it_is_the_same_paper(services: Services, tmp_path: Path, name: str) -> None:
    kit.reformed(services, tmp_path)
    first, second = tmp_path / "o", tmp_path / "o2"
    kit.ok(kit.issue(services, first, format=name))
    kit.ok(
        services.run(
            "settings-save",
            yes=True,
            values={
                "mo": {"director": "Другой А.А.", "name": "Переименована"},
                "invoices": {"vat": "НДС 5 %"},
            },
        )
    )
    services.reload()
    services.now = lambda: datetime(2022, 1, 12, 10, 0, 0)
    rows = kit.ok(kit.issue(services, second, format=name))["invoices"]
    assert not any(r["new"] for r in rows) and len(kit.issued()) == 2
    for number, smo in (("1", "76001"), ("2", "76002")):
        assert kit.paper(first, number, smo, name) == kit.paper(second, number, smo, name)


def test_numbers_follow_the_pattern_and_start_anew_each_year(tmp_path: Path) -> None:
    services = with_rules(tmp_path / "a", pattern="{year}-{month}/{letter}-{n:03d}", next_number=7)
    kit.reformed(services, tmp_path)
    rows = kit.ok(kit.issue(services, tmp_path / "o"))["invoices"]
    assert [r["number"] for r in rows] == ["2021-04/A-007", "2021-04/B-008"]
    assert (tmp_path / "o" / "Счёт 2021-04-A-007 76001 2021-04.txt").is_file()
    kit.ok(services.run("invoice-cancel", yes=True, number="2021-04/A-007", reason="год не тот"))
    rows = kit.ok(kit.issue(services, tmp_path / "o2", date="10.01.2022"))["invoices"]
    assert [(r["number"], r["date"]) for r in rows if r["new"]] == [("2021-04/A-007", "2022-01-10")]
    kit.healthy()


@pytest.mark.parametrize(
    "pattern", ["{period}", "{n} {x}", "{n", "{n:z}", "{}", "{n!s:.1}", "{n:999999999}", "{n}\n"]
)
def test_pattern_that_cannot_number_is_refused(pattern: str) -> None:
    with pytest.raises(UsageError, match=r"invoices\.pattern"):
        check(settings(invoices={"pattern": pattern}))


def test_number_and_date_by_hand(services: Services, tmp_path: Path) -> None:
    kit.reformed(services, tmp_path)
    assert kit.issue(services, tmp_path / "o", number="А-5").kind == "refused"
    rows = kit.ok(kit.issue(services, tmp_path / "o", smo=["76001"], number="А-5", date="2021-05-03"))[
        "invoices"
    ]
    assert [(r["number"], r["date"]) for r in rows] == [("А-5", "2021-05-03")]
    said = kit.issue(services, tmp_path / "o", smo=["76002"], number="А-5")
    assert said.kind == "refused" and "уже был" in said.message
    assert "не понята" in kit.issue(services, tmp_path / "o", smo=["76002"], date="вчера").message
    for day in ("2021-03-31", "9999-12-31"):
        assert "Проверьте дату" in kit.issue(services, tmp_path / "o", smo=["76002"], date=day).message
    assert kit.ok(kit.issue(services, tmp_path / "o"))["invoices"][1]["number"] == "1"


def test_two_who_issue_at_once_do_not_give_one_number(
    services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is committed after the numbers were chosen must be seen before they are stored."""
    kit.reformed(services, tmp_path)
    kit.ok(kit.issue(services, tmp_path / "o", smo=["76001"]))
    real = ops_invoices._papers

    def overtaken(*args: Any) -> Any:
        found = real(*args)
        db.execute("UPDATE invoice SET state='cancelled', period='2021-03' WHERE id=1")
        return found

    monkeypatch.setattr(ops_invoices, "_papers", overtaken)
    said = kit.issue(services, tmp_path / "o", smo=["76002"])
    assert said.kind == "refused" and "данные изменил другой оператор" in said.message
    with db.connection():
        assert db.scalar("SELECT count(*) FROM invoice") == 1


@pytest.mark.parametrize(("reissue", "number"), [("new", "3"), ("same", "1")])
def test_cancelled_invoice_stays_and_another_stands_for_it(tmp_path: Path, reissue: str, number: str) -> None:
    services = with_rules(tmp_path / "a", reissue=reissue)
    kit.reformed(services, tmp_path)
    kit.ok(kit.issue(services, tmp_path / "o"))
    kit.ok(services.run("withhold", period=PERIOD, smo="76001", sum="0.16"))
    asked = kit.issue(services, tmp_path / "o", yes=False)
    assert asked.kind == "question" and "отмените его" in asked.error.details[0]
    assert services.run("invoice-cancel", number="1", reason="").kind == "refused"
    assert services.run("invoice-cancel", number="1", reason="удержание").kind == "question"
    kit.ok(services.run("invoice-cancel", yes=True, number="1", reason="удержание"))
    assert "уже отменён" in services.run("invoice-cancel", yes=True, number="1", reason="ещё").message
    kit.ok(kit.issue(services, tmp_path / "o2"))
    old, _, new = kit.issued()
    assert (old.state, old.reason, old.payable) == ("cancelled", "удержание", 40016)
    assert (new.number, new.replaces, new.payable) == (number, old.id, 40000)
    assert "взамен счёта № 1 от" in kit.paper(tmp_path / "o2", number).decode()
    kit.healthy()


def test_what_is_missing_is_said_and_forced_for_the_ready_ones_only(
    services: Services, tmp_path: Path
) -> None:
    _, keys = answerkit.exported(services, tmp_path / "sent")
    for letter in "AB":
        answerkit.accept(
            services, answerkit.answer(tmp_path, f"1{letter}", list(map(answerkit.Told, keys[letter])))
        )
    answerkit.reform(services, tmp_path / "sent", "76001")
    for what in ("all", "invoices"):
        asked = kit.issue(services, tmp_path / "o", yes=False, what=what)
        assert asked.kind == "question" and "76002 (B)" in asked.error.details[0] and not kit.issued()
    done = kit.issue(services, tmp_path / "o")
    assert [r["smo"] for r in kit.ok(done)["invoices"]] == ["76001"]
    assert any("F6" in line.text and "76002" in line.text for line in done.lines)


def test_only_sums_issues_nothing(services: Services, tmp_path: Path) -> None:
    kit.reformed(services, tmp_path)
    kit.ok(kit.issue(services, tmp_path / "o", what="sums"))
    assert not kit.issued() and [p.name for p in (tmp_path / "o").iterdir()] == [
        "Суммы для счетов 2021-04.txt"
    ]


def test_a_file_of_other_content_is_not_replaced_silently(services: Services, tmp_path: Path) -> None:
    kit.reformed(services, tmp_path)
    out = tmp_path / "o"
    out.mkdir()
    names = ("Счёт 1 76001 2021-04.txt", "Суммы для счетов 2021-04.txt")
    for name in names:
        (out / name).write_text("чужое")
        asked = kit.issue(services, out, yes=False)
        assert asked.kind == "question"
        assert [d for d in asked.error.details if name in d and "отличается" in d]
        assert (out / name).read_text() == "чужое"
    kit.ok(kit.issue(services, out))
    again = kit.ok(kit.issue(services, out, yes=False))  # the same files again: nothing to ask about
    assert [r["new"] for r in again["invoices"]] == [False, False]


def test_step_of_the_board_looks_at_the_invoice(services: Services, tmp_path: Path) -> None:
    def cell() -> tuple[str, str]:
        with db.connection():
            step = board.read(PERIOD, services.profile, services.settings).step("invoices")
        return step.by_smo["76001"].state, step.by_smo["76002"].state

    kit.reformed(services, tmp_path)
    assert cell() == ("due", "due")
    kit.ok(kit.issue(services, tmp_path / "o", smo=["76001"]))
    assert cell() == ("done", "due")
    kit.ok(services.run("withhold", period=PERIOD, smo="76001", sum="1.00"))
    assert cell() == ("due", "due")


def test_bills_of_the_second_region_by_registry_and_payer(tmp_path: Path) -> None:
    services = mekkit.services_of(tmp_path)
    first = mekkit.billed(period="2021-10")
    mekkit.billed(period="2021-10", name="дополнительный", start=11)
    done = services.run("invoices", yes=True, period="2021-10", out=str(tmp_path / "o"), format="txt")
    rows = kit.ok(done)["invoices"]
    assert [r["number"] for r in rows] == ["1", "2", "3", "4"]
    assert sum(int(r["billed"].replace(".", "")) for r in rows[:2]) == sum(first.total.values())
    text = (tmp_path / "o" / "Счёт 3 76001 2021-10.txt").read_text(encoding="utf-8")
    assert "реестр «дополнительный»" in text and "Удержано" not in text
    one = services.run(
        "invoices",
        yes=True,
        period="2021-10",
        registry=str(first.registry),
        out=str(tmp_path / "p"),
        format="txt",
    )
    assert [r["number"] for r in kit.ok(one)["invoices"]] == ["1", "2"]
    heads = {}
    for asked in ("", str(first.registry)):
        target = tmp_path / f"r{asked}.txt"
        kit.ok(
            services.run("report", name="invoice-registry", period="2021-10", registry=asked, out=str(target))
        )
        heads[asked] = [
            s
            for s in target.read_text(encoding="utf-8").splitlines()
            if s.startswith(("К счёту", "К счетам"))
        ]
    assert [s.count("№") for s in heads[""]] == [2, 2] and "№ 3 от" in heads[""][0]
    assert [s.split(" от")[0] for s in heads[str(first.registry)]] == ["К счёту № 1", "К счёту № 2"]
    with db.connection():
        step = board.read("2021-10", services.profile, services.settings).step("invoices")
    assert {c.state for c in step.by_smo.values()} == {"done"}
    kit.healthy(files=False)
    with db.connection():
        with db.write():
            db.execute("UPDATE package SET total = total + 1 WHERE id = 1")
        assert [b.stale for b in payments.balances(services.profile)] == [True, False, False, False]
        path = case_path.read("S00000001")
    assert ("вошёл в счёт на оплату", "№ 1") in [(e["what"], e["detail"]) for e in path["events"]]


def test_nothing_billed_is_refused_in_words(tmp_path: Path) -> None:
    services = mekkit.services_of(tmp_path)
    mekkit.empty_registry("2021-10")
    said = services.run("invoices", yes=True, period="2021-10", out=str(tmp_path))
    assert said.kind == "refused" and "Выгрузите реестры на оплату" in said.message


def test_invoice_stands_in_the_path_of_its_cases(services: Services, tmp_path: Path) -> None:
    kit.reformed(services, tmp_path)
    kit.ok(kit.issue(services, tmp_path / "o"))
    kit.ok(services.run("invoice-cancel", yes=True, number="1", reason="ошибка"))

    def events(case: int) -> list[tuple[str, str]]:
        with db.connection():
            found = case_path.read(f"S{case:08d}")["events"]
        return [(e["what"], e["detail"]) for e in found if "счёт на оплату" in e["what"]]

    assert events(3) == [("вошёл в счёт на оплату", "№ 1"), ("счёт на оплату отменён", "№ 1, ошибка")]
    assert events(4) == [("вошёл в счёт на оплату", "№ 2")]
    assert events(1) == []  # refused at stage 1: not in the 7


def test_requisites_of_payers_survive_the_database(tmp_path: Path) -> None:
    insurers = [{**SETTINGS["insurers"][0], "inn": "7700000001", "bank": "Банк", "account": "4" * 20}]
    services = make_services(tmp_path, settings(insurers=insurers))
    assert services.settings.insurers[0].inn == "7700000001"
    assert services.settings.insurers[0].account == "4" * 20


DAMAGE = {
    "суммы счетов на оплату": ["UPDATE invoice SET billed=billed+1 WHERE id=1"],
    "к оплате по счетам": [
        "UPDATE invoice SET payable=payable+1 WHERE id=1",
        "UPDATE invoice SET date='2021-01-01' WHERE id=1",
    ],
    "номера счетов на оплату": ["UPDATE invoice SET number='2' WHERE id=1"],
    "один счёт на оплату дважды": ["UPDATE invoice SET payer_id=1"],
    "разнесение платежей": [
        "UPDATE payment_part SET total=total+1",
        "UPDATE payment SET deleted_at='2021-06-01'",
        "UPDATE payment_part SET total=0",
    ],
    "платежи по счетам": [
        "UPDATE payment_part SET total=40017",
        "UPDATE invoice SET state='cancelled' WHERE id=1",
        "UPDATE payment_part SET invoice_id=2",
    ],
}
CHECKS = {check.title: check for check in verifying.INVOICES}


def test_every_check_of_invoices_has_its_damage() -> None:
    assert set(DAMAGE) == set(CHECKS)


@pytest.fixture(scope="module")
def paid(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A month with its invoices and a payment of 100.00 on № 1."""
    folder = tmp_path_factory.mktemp("paid")
    made = make_services(folder)
    kit.reformed(made, folder)
    kit.ok(kit.issue(made, folder / "o"))
    kit.pay(made, "100.00")
    return made.database


@pytest.mark.parametrize(("title", "damage"), [(t, sql) for t, each in DAMAGE.items() for sql in each])
def test_check_of_invoices_finds_its_damage(paid: Path, tmp_path: Path, title: str, damage: str) -> None:
    shutil.copy(paid, tmp_path / "omstui.db")
    open_services(str(tmp_path / "omstui.db"), login="tester")
    with db.connection():
        assert list(verifying.breaches(CHECKS[title])) == []
        with db.write():
            db.execute(damage)
        assert list(verifying.breaches(CHECKS[title])) != []
        assert all("{" not in p.text for p in kit.verify())


def test_paper_of_a_long_name_and_all_kinds(services: Services, tmp_path: Path) -> None:
    for kind, start in (("inpatient", 1), ("ambulance", 11)):
        month.add_month(2, kind=kind, start=start)
    keys = answerkit.exported(services, tmp_path / "sent", 2, start=21)[1]
    for letter in "AB":
        answerkit.accept(
            services, answerkit.answer(tmp_path, f"1{letter}", list(map(answerkit.Told, keys[letter])))
        )
    answerkit.reform(services, tmp_path / "sent")
    out = tmp_path / "o"
    kit.ok(kit.issue(services, out, smo=["A"]))
    text = kit.paper(out, "1").decode()
    assert text.index("Стационар") < text.index("Поликлиника") < text.index("СМП")
