"""«Загрузить МЭК»: whom a return is about, what it decides, what it adds to and what it replaces."""

from __future__ import annotations

from pathlib import Path

import pytest

from omstui.bootstrap import Services
from omstui.domain import ledger_b, rejections
from omstui.domain.store import db, lists
from tests.domain import mekkit, month
from tests.domain.mekkit import billed, load, returned, row, sank, table, xml

NAME = "b76000111021.dbf"


@pytest.fixture
def services(tmp_path: Path) -> Services:
    return mekkit.services_of(tmp_path)


@pytest.fixture
def bill(services: Services) -> mekkit.Bill:
    made = billed()
    mekkit.empty_registry("2021-11", "реестр за ноябрь")
    return made


def states(bill: mekkit.Bill) -> list[tuple[int, str]]:
    return [
        mekkit.rows("SELECT stage2, work FROM account WHERE id=?", account)[0] for account in bill.accounts
    ]


def test_protocol_has_the_words_of_the_manual(tmp_path, services, bill):
    inpatient = billed("2021-09", 2, name="сентябрь", start=20, kind="inpatient")
    path = table(
        tmp_path / NAME,
        [*(row(bill, a) for a in bill.accounts[:3]), row(inpatient, inpatient.accounts[0])],
    )
    outcome = load(services, path)
    assert outcome.kind == "ok", outcome.message
    texts = [line.text for line in outcome.lines]
    at = texts.index(f"Загружен файл {NAME}")
    assert texts[at : at + 5] == [
        f"Загружен файл {NAME}",
        "Возвраты сформированы",
        "Загружено ошибок МЭК для исправления:",
        "0 ТАП, 1 МКСБ - за период сентябрь 2021/9",
        "3 ТАП, 0 МКСБ - за период реестр за октябрь тест 2021/10",
    ]
    assert states(bill) == [(2, "новый")] * 3 + [(1, "")]
    assert mekkit.rows("SELECT kind, code, text, stage, refuses, known FROM refusal WHERE id=1") == [
        ("mek", "1.10.2.", "Дублирование случаев оказания МП в одном реестре.", 4, 1, 1)
    ]
    assert mekkit.scalar("SELECT period FROM answer WHERE road='mek'") == "2021-11"


@pytest.mark.parametrize("written", ["222", "1.10.2", "1.10.2.", "0222"])
def test_code_by_number_and_by_point(tmp_path, services, bill, written):
    load(services, table(tmp_path / NAME, [row(bill, bill.accounts[0], S_OSN=written)]))
    assert mekkit.rows("SELECT code, known FROM refusal") == [("1.10.2.", 1)]


def test_several_reasons_and_unknown_code_are_kept(tmp_path, services, bill):
    path = table(tmp_path / NAME, [row(bill, bill.accounts[0], S_OSN="1.4.4. 9.9.9")])
    outcome = load(services, path)
    assert outcome.kind == "ok", outcome.message
    assert mekkit.rows("SELECT code, known FROM refusal ORDER BY id") == [("1.4.4.", 1), ("9.9.9.", 0)]
    assert mekkit.scalar("SELECT count(*) FROM account WHERE stage2=2") == 1


def test_found_by_card_when_idcase_is_absent(tmp_path, services, bill):
    outcome = load(services, table(tmp_path / NAME, [row(bill, bill.accounts[1], IDCASE="")]))
    assert outcome.kind == "ok", outcome.message
    assert states(bill)[1] == (2, "новый")


def test_unknown_case_refuses_the_whole_file(tmp_path, services, bill):
    before = month.dump()
    bad = row(bill, bill.accounts[1], IDCASE="999999", NHISTORY="НЕТ")
    outcome = load(services, table(tmp_path / NAME, [row(bill, bill.accounts[0]), bad]))
    assert outcome.kind == "refused"
    assert "запись 2, случай 999999" in outcome.message
    assert month.dump() == before


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"MCOD": "500101"}, "другой медицинской организации"),
        ({"NSCHET": "777"}, "нет такого выгруженного счёта"),
        ({"MONTH": 7}, "счетов за июль 2021 не выгружали"),
        ({"MONTH": 13}, "не отчётный месяц"),
        ({"DSCHET": "2021-10-30"}, "выгружен от"),
        ({"PLAT": "76002"}, "нет такого выгруженного счёта"),
        ({"PLAT": "99999"}, "нет в настройках"),
        ({"S_SUM": 10_000_000}, "больше, чем выставлено"),
        ({"SUMV": 10_000_000}, "больше, чем выставлено"),
        ({"OPLATA": 7}, "OPLATA 7"),
        ({"OPLATA": 1}, "снято"),
        ({"OPLATA": 3, "S_SUM": None}, "сумма не указана"),
        ({"NHISTORY": "S00000003"}, "номер карты"),
    ],
)
def test_wrong_record_is_refused_with_its_reason(tmp_path, services, bill, changes, words):
    before = month.dump()
    outcome = load(services, table(tmp_path / NAME, [row(bill, bill.accounts[0], **changes)]), yes=True)
    assert outcome.kind == "refused", outcome.message
    assert words in outcome.message + str(outcome.error)
    assert month.dump() == before


def test_foreign_organisation_is_refused(tmp_path, services, bill):
    outcome = load(services, table(tmp_path / "b50010111021.dbf", [row(bill, bill.accounts[0])]))
    assert outcome.kind == "refused"
    assert "другой медицинской организации" in outcome.message
    outcome = load(services, xml(tmp_path / "HS.xml", bill, [returned(bill, bill.accounts[0])], mo="500101"))
    assert "другой медицинской организации" in outcome.message


def test_partial_and_expertise_are_cuts_and_not_for_f8(tmp_path, services, bill):
    first, second, third, _fourth = bill.accounts
    rows = [
        row(bill, first, OPLATA=3, S_SUM=5000),
        row(bill, second, OPLATA=2, S_OSN="2.16.1.", NUM_ACT="Э-1"),
        row(bill, third, OPLATA=2),
    ]
    outcome = load(services, table(tmp_path / NAME, rows))
    assert outcome.kind == "ok", outcome.message
    assert mekkit.rows("SELECT account_id, control, code, total FROM cut ORDER BY id") == [
        (first, "1", "1.10.2.", 5000),
        (second, "50", "2.16.1.", bill.total[second]),
    ]
    assert states(bill) == [(1, ""), (1, ""), (2, "новый"), (0, "")]
    assert mekkit.rows("SELECT refuses FROM refusal ORDER BY id") == [(0,), (0,), (1,)]
    assert outcome.result.data["cuts"] == 2
    with db.connection():
        shown = {r["account"]: (r["sum"], r["comment"]) for r in rejections.listing("2021-11")}
    assert ("50.00", "снято 50.00 из 200.02.") in shown.values()


def test_xml_return(tmp_path, services, bill):
    first, _, third, _ = bill.accounts
    total = bill.total[first]
    zaps = [
        returned(bill, first, 2, sank(total) + sank(0, "207", code="a2"), total),
        returned(bill, third, 3, sank(700, "250", "73"), 700),
    ]
    outcome = load(services, xml(tmp_path / "HS76001M760001_21101.xml", bill, zaps))
    assert outcome.kind == "ok", outcome.message
    assert states(bill) == [(2, "новый"), (0, ""), (1, ""), (0, "")]
    assert mekkit.rows("SELECT code, refuses FROM refusal ORDER BY id") == [
        ("1.10.2.", 1),
        ("1.4.4.", 1),
        ("3.1.1.", 0),
    ]
    assert mekkit.rows("SELECT control, total FROM cut") == [("73", 700)]


def test_xml_that_contradicts_itself_is_refused(tmp_path, services, bill):
    first = bill.accounts[0]
    total = bill.total[first]
    for zap in (
        returned(bill, first, 2, sank(total - 1), total - 1),
        returned(bill, first, 1, sank(5), 5),
        returned(bill, first, 3, sank(5), 6),
        returned(bill, first, 2, sank(total + 1), total + 1),
        returned(bill, first, 1, billed=str(total + 100)),
        returned(bill, first, 0),
    ):
        before = month.dump()
        outcome = load(services, xml(tmp_path / "HS.xml", bill, [zap]), yes=True)
        assert outcome.kind == "refused", outcome.message
        assert month.dump() == before


def test_identical_file_is_known_before_status_and_month(tmp_path, services, bill):
    path = table(tmp_path / NAME, [row(bill, bill.accounts[0])])
    assert load(services, path).kind == "ok"
    mekkit.empty_registry("2021-12", "позже")  # november is no longer the current month
    before = month.dump()
    for period in ("2021-11", "2021-12", "2021-08", "2031-01"):
        outcome = load(services, path, period)
        assert outcome.kind == "ok", outcome.message
        assert outcome.result.data["state"] == "repeated"
        assert any("Возвраты сформированы" in line.text for line in outcome.lines)
    assert month.dump() == before


def test_empty_table_takes_nothing_off_the_bills_of_its_name(tmp_path, services, bill):
    odd, even = bill.accounts[::2], bill.accounts[1::2]
    path = table(tmp_path / "b760001A1021.dbf", [])  # A is the letter of 76001
    outcome = load(services, path)
    assert outcome.kind == "ok", outcome.message
    warned = [line.text for line in outcome.lines if line.level == "warning"]
    assert len(warned) == 1 and warned[0].startswith("Файл пуст: снятий нет. По имени это МЭК СМО 76001")
    assert {s for a, s in zip(bill.accounts, states(bill), strict=True) if a in odd} == {(1, "")}
    assert {s for a, s in zip(bill.accounts, states(bill), strict=True) if a in even} == {(0, "")}
    assert mekkit.rows("SELECT payer_id IS NOT NULL, accounts, refused FROM answer") == [(1, 2, 0)]
    # the same bytes under the name of the other payer are another return
    other = load(services, table(tmp_path / "b760001b1021.dbf", []))
    assert other.kind == "ok" and states(bill) == [(1, "")] * 4
    assert other.result.data["state"] == "accepted"
    before = month.dump()
    assert load(services, path).result.data["state"] == "repeated"
    assert month.dump() == before
    # a refusal that comes later still counts
    assert load(services, table(tmp_path / "b760001A1021.dbf", [row(bill, odd[0])])).kind == "ok"
    assert states(bill)[0] == (2, "новый")
    with db.connection():
        assert ledger_b.read("2021-10").problems == []


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("b76000191021.dbf", "знака плательщика «9» нет в настройках"),
        ("b760001A0921.dbf", "счетов ей за этот месяц не выгружали"),
        ("МЭК.dbf", "верните файлу имя"),
    ],
)
def test_empty_table_is_refused_when_its_name_does_not_suffice(tmp_path, services, bill, name, words):
    before = month.dump()
    outcome = load(services, table(tmp_path / name, []), yes=True)
    assert outcome.kind == "refused" and words in outcome.message + str(outcome.error)
    assert month.dump() == before


def test_identical_file_shows_its_old_protocol(tmp_path, services, bill):
    path = table(tmp_path / NAME, [row(bill, bill.accounts[0])])
    assert load(services, path).kind == "ok"
    before = month.dump()
    other = tmp_path / "копия.dbf"
    other.write_bytes(path.read_bytes())
    outcome = load(services, other)
    assert outcome.kind == "ok"
    assert outcome.result.data["state"] == "repeated"
    assert any("1 ТАП, 0 МКСБ - за период" in line.text for line in outcome.lines)
    assert month.dump() == before


def test_other_acts_add_up_and_the_same_replaces_itself(tmp_path, services, bill):
    first, second, third, _fourth = bill.accounts
    assert load(services, table(tmp_path / "1" / NAME, [row(bill, first), row(bill, second)])).kind == "ok"
    other = table(tmp_path / "2" / NAME, [row(bill, third, NUM_ACT="М-16")])
    assert load(services, other).kind == "ok"
    assert [s for s, _ in states(bill)] == [2, 2, 2, 1]
    same = table(tmp_path / "3" / NAME, [row(bill, first, S_OSN="1.4.4.")])
    asked = load(services, same)
    assert asked.kind == "question"
    assert "М-15" in asked.message
    outcome = load(services, same, yes=True)
    assert outcome.kind == "ok", outcome.message
    # act М-15 of the other insurer (second) is another act and stays
    assert [s for s, _ in states(bill)] == [2, 2, 2, 1]
    assert mekkit.rows("SELECT code FROM refusal WHERE state='active' AND account_id=?", first) == [
        ("1.4.4.",)
    ]
    withdrawn = table(tmp_path / "4" / NAME, [row(bill, third, S_OSN="1.5.", NUM_ACT="М-15")])
    assert load(services, withdrawn, yes=True).kind == "ok"
    assert states(bill) == [(1, ""), (2, "новый"), (2, "новый"), (1, "")]


def test_month_not_later_than_billed_asks_and_names_the_next(tmp_path, services, bill):
    path = table(tmp_path / NAME, [row(bill, bill.accounts[0])])
    with db.connection(), db.write():
        db.execute("UPDATE registry SET deleted_at='x' WHERE period='2021-11'")
    outcome = load(services, path, "2021-10")
    assert outcome.kind == "question"
    assert "ноябрь 2021" in outcome.message
    assert load(services, path, "2021-10", yes=True).kind == "ok"


def test_month_of_two_registries_needs_one(tmp_path, services, bill):
    other = mekkit.empty_registry("2021-11", "второй")
    path = table(tmp_path / NAME, [row(bill, bill.accounts[0])])
    outcome = load(services, path)
    assert outcome.kind == "refused"
    assert "второй" in outcome.message
    assert load(services, path, registry="второй").kind == "ok"
    assert mekkit.scalar("SELECT registry_id FROM answer WHERE road='mek'") == other


def test_own_file_and_not_a_file(tmp_path, services, bill):
    path = tmp_path / "HM.xml"
    path.write_bytes(b"<ZL_LIST/>")
    with db.connection(), db.write():
        from omstui.domain.store import files

        db.execute("UPDATE stored_file SET sha256=?", (files.sha256_of(path),))
    outcome = load(services, path)
    assert "собственный файл" in outcome.message
    for bad in (tmp_path, tmp_path / "нет.dbf"):
        assert load(services, bad).kind == "refused"
    assert load(services, table(tmp_path / NAME, [])).kind == "refused"


def test_one_act_in_two_federal_returns_adds_up(tmp_path, services, bill):
    """An act may come as a return per bill: the second does not replace the first."""
    for account, smo in ((bill.accounts[0], "76001"), (bill.accounts[1], "76002")):
        total = bill.total[account]
        path = xml(tmp_path / f"HS{smo}.xml", bill, [returned(bill, account, 2, sank(total), total)], smo)
        assert load(services, path).kind == "ok"
    assert states(bill)[:2] == [(2, "новый"), (2, "новый")]
    again = xml(tmp_path / "HS76001x.xml", bill, [returned(bill, bill.accounts[0], 1, sank(0))])
    assert load(services, again).kind == "question"
    assert load(services, again, yes=True).kind == "ok"
    assert states(bill)[:2] == [(1, ""), (2, "новый")]


def test_act_of_expertise_alone_leaves_the_rest_undecided(tmp_path, services, bill):
    path = table(tmp_path / NAME, [row(bill, bill.accounts[0], OPLATA=3, S_SUM=100, S_OSN="3.2.1.")])
    assert load(services, path).kind == "ok"
    assert [s for s, _ in states(bill)] == [1, 0, 0, 0]


def test_lines_of_the_protocol_open_their_cases(tmp_path, services, bill):
    rows = [row(bill, bill.accounts[0]), row(bill, bill.accounts[1], OPLATA=3, S_SUM=100)]
    outcome = load(services, table(tmp_path / NAME, rows))
    links = {line.text: dict(line.link) for line in outcome.lines if line.link}
    with db.connection():
        found = {text: len(lists.ids(link.pop("list"), link, "")) for text, link in links.items()}
    assert found["1 ТАП, 0 МКСБ - за период реестр за октябрь тест 2021/10"] == 1
    assert found["Возвраты сформированы"] == 2
    assert [n for text, n in found.items() if text.startswith("Снято без возврата")] == [1]
