"""Two consecutive months through the command line against the stand, told from the files alone."""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from omstui.bootstrap import open_services
from omstui.domain.store import db
from tests.e2e.kit import FIRST, SECOND, Account, Shell, accounts, only, refused_keys, root

LEDGER_SUMS = ("sent", "refused1", "undecided", "accepted1", "moved_in", "moved_out", "reformed")


@dataclass(eq=False)
class Months:
    """What was done, and the files it left."""

    shell: Shell
    folder: Path
    corrected: set[str] = field(default_factory=set)  # xkeys whose case was corrected
    unchanged: set[str] = field(default_factory=set)  # xkeys returned as they were
    left: set[str] = field(default_factory=set)  # refused and never returned
    late: set[str] = field(default_factory=set)  # cards expected by --late
    moved: int = 0

    @functools.cache  # noqa: B019 - one object for the whole file
    def bill(self, period: str) -> list[Account]:
        return accounts(only(self.folder / period, "*3X.7z"))

    def answers(self, period: str, stage: int) -> list[Path]:
        return sorted((self.folder / f"{period}-{stage}").glob("*.7z"))

    @functools.cache  # noqa: B019
    def refused(self, period: str, stage: int) -> set[str]:
        found: set[str] = set()
        return found.union(*(refused_keys(path, stage) for path in self.answers(period, stage)))


def save_case(shell: Shell, key: str, **changes: Any) -> None:
    """Correct a case as the screen «Случай» does."""
    services = open_services(str(shell.db))
    with db.connection():
        case = db.scalar("SELECT id FROM cases WHERE key=?", (key,))
    outcome = services.run("case-save", yes=True, case_id=case, **changes)
    assert outcome.kind == "ok", outcome.message


def work_month(m: Months, demo: Path, period: str, *more: object) -> None:
    shell, out = m.shell, m.folder / period
    settings = ("--settings", demo / "settings.toml", "--seed", 7, "--refuse", "0.06")
    shell("form", "--period", period, *more)
    shell("mes", "--period", period)
    shell("export", "--period", period, "--out", out)
    shell("sent", "--period", period)
    first, second = m.folder / f"{period}-1", m.folder / f"{period}-2"
    written = shell.json("stand", "answer", out, "--out", first, *settings, "--move", "0.03")
    m.moved += sum(row["moved_in"] for row in written)
    shell("accept", first)
    shell("reform", "--period", period, "--all", "--out", out / "7")
    for code in ("76001", "76002", "76"):
        shell("sent", "--period", period, "--smo", code)
    shell("stand", "answer", out / "7", "--out", second, *settings)
    shell("withhold", "--period", period, "--smo", "76001", "--sum", "1234.56", "--note", "уведомление 7")
    shell("invoices", "--period", period, "--out", out, "--yes")
    shell("accept", second)


@pytest.fixture(scope="module")
def months(loaded: Path, demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Months:
    import shutil

    folder = tmp_path_factory.mktemp("months")
    shell = Shell(folder / "omstui.db")
    shutil.copyfile(loaded, shell.db)
    m = Months(shell, folder)
    work_month(m, demo, FIRST)
    refused = sorted(m.refused(FIRST, 1) | m.refused(FIRST, 2))
    m.corrected, m.unchanged, m.left = set(refused[:12]), set(refused[12:-2]), set(refused[-2:])
    rows = shell.json("rejections", "--period", FIRST)
    case_of = {row["account"]: row["case"] for row in rows}
    for xkey in m.corrected:
        save_case(shell, case_of[xkey], patient={"snils": "112-233-445 95"}, case={"comment": "проверено"})
    # not corrected ones need a word; the corrected go by themselves
    shell("return", "--period", FIRST, "--account", *sorted(m.corrected))
    shell("return", "--period", FIRST, "--account", *sorted(m.unchanged), code=1)
    shell("return", "--period", FIRST, "--account", *sorted(m.unchanged), "--unchanged")
    # mended after the skip of April, and the March cases nobody billed
    save_case(shell, "H3|760001|X2104000001|2021-04-06", case={"ds_main": "J06.9"})
    save_case(shell, "H3|760001|X2104000002|2021-04-06", case={"doctor": "101-202-303 48", "specialty": "76"})
    m.late = {"X2104000001", "X2104000002", "X2104000015", "X2104000016", "X2104000017"}
    shell("load", demo / SECOND)
    work_month(m, demo, SECOND, "--late")
    return m


def test_second_month_holds_exactly_the_returned_the_late_and_its_own(
    months: Months, demo: Path, tmp_path: Path
) -> None:
    first = {a.xkey: a for a in months.bill(FIRST)}
    returned = {first[key].case for key in months.corrected | months.unchanged}
    second = months.bill(SECOND)
    assert len({a.case for a in second}) == len(second), "случай выставлен дважды"
    again = {a.case for a in second} & {a.case for a in first.values()}
    assert again == returned
    late = {a.card for a in second if a.end < "2021-05-01"} - {card for card, _, _ in returned}
    assert late == months.late
    own = {a.card for a in second if a.end >= "2021-05-01"}
    assert own == cards_of_may_alone(demo, tmp_path)


def cards_of_may_alone(demo: Path, folder: Path) -> set[str]:
    """The file of May made in a database that never saw the refusals of April."""
    shell = Shell(folder / "may.db")
    shell("init", "--profile", "yar", "--settings", demo / "settings.toml")
    shell("nsi", "load", *sorted((demo / "books").glob("*.csv")))
    shell("load", demo / FIRST, demo / SECOND)
    shell("form", "--period", SECOND)
    shell("export", "--period", SECOND, "--out", folder / "may", "--yes")
    return {a.card for a in accounts(only(folder / "may", "*.7z"))}


def test_marks_of_returned_accounts(months: Months) -> None:
    first = {a.case: a for a in months.bill(FIRST)}
    primary, repeated = months.refused(FIRST, 1), months.refused(FIRST, 2)
    assert not primary & repeated
    seen = {"1": 0, "2": 0}
    for account in months.bill(SECOND):
        old = first.get(account.case)
        if old is not None and old.xkey in repeated:
            assert (account.type_r, account.x_key2) == ("2", old.xkey)
        else:
            assert (account.type_r, account.x_key2) == ("1", "")
            assert old is None or old.xkey in primary
        assert account.xkey not in {a.xkey for a in first.values()}
        seen[account.type_r] += 1
    assert min(seen.values()) > 3


@pytest.mark.parametrize("period", [FIRST, SECOND])
def test_ledger_balances_and_agrees_with_the_files(months: Months, period: str) -> None:
    status = months.shell.json("status", "--period", period)
    assert set(status) >= {"period", "profile", "steps", "ledger", "balanced"}
    assert (status["period"], status["profile"], status["balanced"]) == (period, "yar", True)
    for step in status["steps"]:
        assert {"id", "title", "state", "by_smo"} <= set(step)
    bill = {a.xkey: a for a in months.bill(period)}
    rows = {row["smo"]: row for row in status["ledger"]}
    assert sum(r["sent_count"] for r in rows.values()) == len(bill)
    assert total(rows, "sent") == sum(a.total for a in bill.values())
    refused1, refused2 = months.refused(period, 1), months.refused(period, 2)
    assert sum(r["refused1_count"] for r in rows.values()) == len(refused1)
    assert total(rows, "refused1") == sum(bill[key].total for key in refused1)
    assert sum(r["refused2_count"] for r in rows.values()) == len(refused2)
    assert total(rows, "paid") == total(rows, "reformed") - sum(bill[key].total for key in refused2)
    for row in rows.values():
        assert all(f"{name}_{part}" in row for name in LEDGER_SUMS for part in ("count", "sum"))
        assert row["pending_count"] == row["undecided_count"] == 0
        sevens = accounts(only(months.folder / period / "7", f"*7{row['letter']}.7z"))
        assert (row["reformed_count"], kop(row["reformed_sum"])) == (
            len(sevens),
            sum(a.total for a in sevens),
        )
        held = kop(row["withheld"] or "0.00")
        assert kop(row["payable"]) == kop(row["reformed_sum"]) - held
        assert held == (123456 if row["smo"] == "76001" else 0)
    assert sum(r["moved_in_count"] for r in rows.values()) == sum(r["moved_out_count"] for r in rows.values())


def kop(text: str) -> int:
    whole, cents = text.split(".")
    assert len(cents) == 2
    return int(whole) * 100 + int(cents)


def total(rows: dict[str, dict[str, Any]], name: str) -> int:
    return sum(kop(row[f"{name}_sum"]) for row in rows.values())


def test_some_accounts_changed_their_payer(months: Months) -> None:
    assert months.moved > 3
    rows = months.shell.json("status", "--period", FIRST)["ledger"]
    assert sum(r["moved_in_count"] for r in rows) > 3


def test_seven_holds_the_bytes_of_the_3x(months: Months) -> None:
    sent = {a.xkey: inner(a) for a in months.bill(FIRST)}
    for path in sorted((months.folder / FIRST / "7").glob("*.7z")):
        for account in accounts(path):
            assert inner(account) == sent[account.xkey]
            assert account.xkey not in months.refused(FIRST, 1)


def inner(account: Account) -> list[tuple[str, dict[str, str]]]:
    return [(e.tag, dict(e.attrib)) for e in account.element.iter()]


def test_sums_of_the_header_are_those_of_the_accounts(months: Months) -> None:
    for path in months.folder.rglob("*[37]?.7z"):
        package = root(path)
        sums = [
            e.get("amount") for e in package.iterfind("body/bill/account_sum/account_elem_t/account_elem")
        ]
        assert sum(kop(text or "0.00") for text in sums) == sum(a.total for a in accounts(path)), path.name


def test_no_kopeck_is_lost_over_both_months(months: Months) -> None:
    """Every account of April is paid, waits unreturned, or stands in May once."""
    may = {a.x_key2 for a in months.bill(SECOND) if a.x_key2} | set()
    again = {a.case for a in months.bill(SECOND)}
    refused = months.refused(FIRST, 1) | months.refused(FIRST, 2)
    for account in months.bill(FIRST):
        back = account.case in again
        assert back == (account.xkey in refused - months.left)
        if account.xkey in months.refused(FIRST, 2) - months.left:
            assert account.xkey in may


def test_rejections_json(months: Months) -> None:
    names = {"account", "case", "stage", "smo", "kind", "code", "text", "comment", "sum", "state"}
    rows = months.shell.json("rejections", "--period", FIRST)
    assert all(set(row) >= names for row in rows)
    by_stage = {1: months.refused(FIRST, 1), 2: months.refused(FIRST, 2)}
    for stage, keys in by_stage.items():
        found = months.shell.json("rejections", "--period", FIRST, "--stage", stage)
        assert {row["account"] for row in found if row["kind"] != "flk"} == keys
        assert {row["stage"] for row in found} == {stage}
    assert {row["account"] for row in rows if row["state"] == "новый" and row["kind"] != "flk"} == months.left
    alone = months.shell.json("rejections", "--period", FIRST, "--smo", "76002")
    assert alone and {row["smo"] for row in alone} == {"76002"}
    assert "Всего:" in months.shell("rejections", "--period", FIRST).out


def test_case_json_tells_the_whole_path(months: Months) -> None:
    old = next(a for a in months.bill(FIRST) if a.xkey in months.corrected & months.refused(FIRST, 2))
    path = months.shell.json("case", old.card)
    names = {"key", "patient", "state", "registries", "accounts", "refusals", "findings", "events"}
    assert set(path) >= names
    assert path["key"].split("|")[2] == old.card
    assert [r["period"] for r in path["registries"]] == [FIRST, SECOND]
    assert path["accounts"][0]["account"] == old.xkey
    new = path["accounts"][1]
    assert (new["previous"], new["period"]) == (old.xkey, SECOND)
    assert all(set(event) == {"at", "who", "what", "detail"} for event in path["events"])
    what = " | ".join(event["what"] for event in path["events"])
    for word in ("загружен", "вошёл в реестр", "выгружен", "отправлен", "отказан, стадия 2", "в реестр (F8)"):
        assert word in what, what
    assert [e["at"] for e in path["events"]] == sorted(e["at"] for e in path["events"])
    text = months.shell("case", path["key"]).out
    assert old.card in text and "inpatient" not in text and "outpatient" not in text


def test_case_by_unknown_key_is_a_sentence(months: Months) -> None:
    assert "не найден" in months.shell("case", "H3|760001|НЕТ|2021-04-01", code=1).err


def test_verify_is_clean_and_files_are_kept(months: Months) -> None:
    found = months.shell.json("verify")
    assert (found["ok"], found["problems"]) == (True, [])
    with_db(months.shell)
    with db.connection():
        kept = {row[0] for row in db.execute("SELECT name FROM stored_file")}
    for path in months.folder.rglob("*.7z"):
        assert path.name in kept


def with_db(shell: Shell) -> None:
    open_services(str(shell.db))


def test_invoice_sums_as_text(months: Months) -> None:
    (path,) = (months.folder / FIRST).glob("*.txt")
    text = path.read_text(encoding="utf-8")
    for row in months.shell.json("status", "--period", FIRST)["ledger"]:
        whole, cents = row["payable"].split(".")
        assert f"{int(whole):,}".replace(",", " ") + "," + cents in text.replace("\u00a0", " ")


def test_same_answers_again_change_nothing(months: Months) -> None:
    before = months.shell.json("status", "--period", FIRST)
    said = months.shell.json("accept", *months.answers(FIRST, 1), *months.answers(FIRST, 2))
    assert {row["state"] for row in said["files"]} == {"repeated"}
    assert months.shell.json("status", "--period", FIRST) == before


def test_json_goes_to_stdout_and_the_log_to_stderr(months: Months) -> None:
    for said in months.shell.said:
        if said.out.startswith(("{", "[")):
            json.loads(said.out)
