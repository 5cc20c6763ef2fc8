"""The test cycle, plans of the stand, styles of answers, questions and exit codes."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.kit import FIRST, SECOND, Shell, accounts, only, refused_keys

Stand = Callable[..., Any]


def sent(shell: Shell, out: Path, *more: object) -> Path:
    """Form and export April; returns the 3X."""
    shell("form", "--period", FIRST, *more)
    shell("mes", "--period", FIRST)
    shell("export", "--period", FIRST, "--out", out, *more)
    return only(out, "*3X.7z")


# --- test cycle --------------------------------------------------------------------------------


def test_test_cycle_then_main_cycle_with_unchanged_cases(shell: Shell, stand: Stand, tmp_path: Path) -> None:
    trial = sent(shell, tmp_path / "t", "--test")
    stand(trial, tmp_path / "t1")
    shell("accept", tmp_path / "t1")
    assert shell.json("rejections", "--period", FIRST)
    # R4, R5, R8: F8, F6 and the main registry wait for «Восстановить»
    for argv in (
        ("return", "--period", FIRST, "--all", "--unchanged"),
        ("reform", "--period", FIRST, "--all", "--out", tmp_path / "no"),
        ("form", "--period", FIRST),
        ("invoices", "--period", FIRST, "--out", tmp_path / "no"),
    ):
        said = shell(*argv, "--yes", code=1)
        assert "тестов" in said.err.lower(), said.err
    assert not list((tmp_path).glob("no/*"))
    shell("restore-tests", "--period", FIRST, "--yes")
    assert shell.json("rejections", "--period", FIRST) == []
    main = sent(shell, tmp_path / "m")
    assert main.name == trial.name
    before, after = accounts(trial), accounts(main)
    assert [(a.case, a.total) for a in before] == [(a.case, a.total) for a in after]
    assert not {a.xkey for a in before} & {a.xkey for a in after}

    # a late answer to the restored package is recognised by its keys
    late = sorted((tmp_path / "t1").glob("*.7z"))[0]
    dump = shell.json("status", "--period", FIRST)
    said = shell("accept", late, "--yes", code=1)
    assert "тестовый реестр за апрель 2021" in said.err and "восстановлен" in said.err
    assert shell.json("status", "--period", FIRST) == dump

    stand(main, tmp_path / "m1")
    shell("accept", tmp_path / "m1")
    assert shell.json("status", "--period", FIRST)["balanced"]
    assert shell.json("verify")["ok"]


def test_path_of_a_case_keeps_the_restored_test(shell: Shell, stand: Stand, tmp_path: Path) -> None:
    trial = sent(shell, tmp_path / "t", "--test")
    stand(trial, tmp_path / "t1")
    shell("accept", tmp_path / "t1")
    row = next(r for r in shell.json("rejections", "--period", FIRST) if r["kind"] != "flk")
    shell("restore-tests", "--period", FIRST, "--yes")
    path = shell.json("case", row["case"])
    assert path["registries"][0]["test"] is True
    assert [r["account"] for r in path["refusals"]] == [row["account"]]
    assert "тестовый" in " ".join(e["detail"] for e in path["events"])


# --- plans and styles --------------------------------------------------------------------------


def plan_of(bill: Path, kinds: list[dict[str, str]]) -> dict[str, Any]:
    """One order of each kind on accounts of insurer A that are alone with their patient."""
    from collections import Counter

    from tests.e2e.kit import root

    payers = {}
    for patient in root(bill).iter("patient"):
        for account in patient.iter("personal_account"):
            ogrn = [p.get("ogrn_smo") for p in patient.iterfind("polises/polis")]
            payers[account.get("xkey", "")] = ogrn[0] if ogrn else ""
    everyone = accounts(bill)
    persons = Counter(a.person for a in everyone)
    alone = [a.xkey for a in everyone if persons[a.person] == 1 and payers[a.xkey] == "1027700091100"]
    return dict(zip(alone, kinds, strict=False))


STAGE1 = [
    {"kind": "an_p", "code": "1", "comment": "не та фамилия"},
    {"kind": "an_ps", "code": "51", "comment": "полис закрыт"},
    {"kind": "an_ps", "code": "НЕТ-ТАКОГО", "comment": "код, которого нет в справочнике"},
    {"kind": "flk", "code": "F01", "comment": "нет времени прибытия"},
    {"kind": "payer", "code": "76002", "comment": ""},
]
STAGE2 = [
    {"kind": "an_p", "code": "1", "comment": "данные не совпали"},
    {"kind": "an_ps", "code": "52", "comment": "полис другой СМО"},
    {"kind": "an_mes", "code": "5.1.4", "comment": "МЭС не подтверждён"},
    {"kind": "an_sum", "code": "5.7.2", "comment": "дубль"},
    {"kind": "pay", "code": "", "comment": ""},
]


@pytest.mark.parametrize("style", ["all", "refused"])
def test_plan_of_every_kind_in_both_styles(shell: Shell, stand: Stand, tmp_path: Path, style: str) -> None:
    bill = sent(shell, tmp_path / "o")
    plan = plan_of(bill, STAGE1 + STAGE2)
    first = {k: v for k, v in plan.items() if v in STAGE1}
    second = {k: v for k, v in plan.items() if k not in first}
    (tmp_path / "1.json").write_text(json.dumps(first), encoding="utf-8")
    (tmp_path / "2.json").write_text(json.dumps(second), encoding="utf-8")
    written = stand(bill, tmp_path / "a1", "--plan", tmp_path / "1.json", "--list", style)
    assert sum(row["moved_in"] for row in written) == 1
    shell("accept", tmp_path / "a1")
    rows = shell.json("rejections", "--period", FIRST)
    assert {(r["account"], r["kind"], r["code"]) for r in rows} == {
        (key, o["kind"], o["code"]) for key, o in first.items() if o["kind"] != "payer"
    }
    for row in rows:  # the words of a fact are its text
        assert row["text" if row["kind"] == "flk" else "comment"] == first[row["account"]]["comment"]
    unknown = next(r for r in rows if r["code"] == "НЕТ-ТАКОГО")
    assert "нет в справочнике" in unknown["text"].lower()
    shell("reform", "--period", FIRST, "--all", "--out", tmp_path / "7")
    moved = next(k for k, o in first.items() if o["kind"] == "payer")
    fact = next(k for k, o in first.items() if o["kind"] == "flk")
    seven = {p.name[-4]: {a.xkey for a in accounts(p)} for p in (tmp_path / "7").glob("*.7z")}
    # an answer of refusals only cannot say that an accepted account went to another insurer
    there, elsewhere = ("B", "A") if style == "all" else ("A", "B")
    assert moved in seven[there] and moved not in seven[elsewhere]
    assert fact in seven["A"]
    out = {key for key, o in first.items() if o["kind"] in ("an_p", "an_ps")}
    everyone = {a.xkey for a in accounts(bill)}
    assert everyone - set().union(*seven.values()) == out

    stand(tmp_path / "7", tmp_path / "a2", "--plan", tmp_path / "2.json", "--list", style)
    shell("accept", tmp_path / "a2")
    rows = shell.json("rejections", "--period", FIRST, "--stage", 2)
    assert {(r["account"], r["kind"]) for r in rows} == {(key, o["kind"]) for key, o in second.items()}
    status = shell.json("status", "--period", FIRST)
    assert status["balanced"]
    assert sum(r["paid_count"] for r in status["ledger"]) == len(everyone - out - set(second))
    assert shell.json("verify")["ok"]


def test_account_no_answer_decides_is_counted_and_stays_out(
    shell: Shell, stand: Stand, tmp_path: Path
) -> None:
    """A fund that lists all accounts but forgets one: never in a 7, never billed again by itself."""
    import zipfile
    from xml.etree import ElementTree

    bill = sent(shell, tmp_path / "o")
    stand(bill, tmp_path / "a1", "--refuse", "0")
    answer = only(tmp_path / "a1", "*1A.7z")
    with zipfile.ZipFile(answer) as archive:
        package = ElementTree.fromstring(archive.read("bill.xml"))
    patients = package.find("body/bill/patients")
    assert patients is not None
    forgotten = patients[0]
    keys = {a.get("xkey") for a in forgotten.iter("personal_account")}
    patients.remove(forgotten)
    with zipfile.ZipFile(answer, "w") as archive:
        archive.writestr("bill.xml", ElementTree.tostring(package, encoding="windows-1251"))
    shell("accept", tmp_path / "a1", "--yes")
    shell("reform", "--period", FIRST, "--all", "--out", tmp_path / "7", "--yes")
    status = shell.json("status", "--period", FIRST)
    assert status["balanced"]
    assert sum(r["undecided_count"] for r in status["ledger"]) == len(keys)
    assert not keys & {a.xkey for p in (tmp_path / "7").glob("*.7z") for a in accounts(p)}
    shell("form", "--period", SECOND, "--late", "--yes")
    shell("export", "--period", SECOND, "--out", tmp_path / "o2", "--yes")
    again = {a.case for a in accounts(only(tmp_path / "o2", "*3X.7z"))}
    assert not again & {a.case for a in accounts(bill)}


# --- questions, exit codes ---------------------------------------------------------------------


def test_repeated_steps_ask_and_yes_does_them(shell: Shell, stand: Stand, tmp_path: Path) -> None:
    bill = sent(shell, tmp_path / "o")
    first = bill.read_bytes()
    said = shell("export", "--period", FIRST, "--out", tmp_path / "o", code=1)
    assert "--yes" in said.err and "?" in said.err
    shell("export", "--period", FIRST, "--out", tmp_path / "o", "--yes")
    assert bill.read_bytes() == first, "повторная F2 при тех же данных — те же байты"
    stand(bill, tmp_path / "a1", "--seed", 1)
    shell("accept", tmp_path / "a1")
    said = shell("export", "--period", FIRST, "--out", tmp_path / "o", "--yes", code=1)
    assert "ответ" in said.err

    stand(bill, tmp_path / "b1", "--seed", 2)
    other = only(tmp_path / "b1", "*1A.7z")
    said = shell("accept", other, code=1)
    assert "--yes" in said.err
    before = shell.json("rejections", "--period", FIRST, "--smo", "76002")
    shell("accept", other, "--yes")
    assert shell.json("rejections", "--period", FIRST, "--smo", "76002") == before
    rows = shell.json("rejections", "--period", FIRST, "--smo", "76001")
    assert {r["account"] for r in rows if r["kind"] != "flk"} == refused_keys(other, 1)

    shell("reform", "--period", FIRST, "--all", "--out", tmp_path / "7")
    seven = {p.name: p.read_bytes() for p in (tmp_path / "7").glob("*.7z")}
    said = shell("reform", "--period", FIRST, "--smo", "76001", "--out", tmp_path / "7", code=1)
    assert "--yes" in said.err
    shell("reform", "--period", FIRST, "--smo", "76001", "--out", tmp_path / "7", "--yes")
    assert {p.name: p.read_bytes() for p in (tmp_path / "7").glob("*.7z")} == seven
    # §3.5: not once its 7 is written
    said = shell("accept", only(tmp_path / "a1", "*1A.7z"), "--yes")  # the identical file: its old protocol
    stand(bill, tmp_path / "c1", "--seed", 3)
    said = shell("accept", only(tmp_path / "c1", "*1A.7z"), "--yes", code=1)
    assert "7" in said.err


def test_usage_errors_have_code_2(shell: Shell, tmp_path: Path) -> None:
    for argv in (
        ("form",),
        ("form", "--period", "апрель"),
        ("form", "--period", "2021-13"),
        ("form", "--period", FIRST, "--kind", "астрология"),
        ("export", "--period", FIRST),
        ("reform", "--period", FIRST, "--out", tmp_path),
        ("return", "--period", FIRST, "--all", "--account", "1"),
        ("такой-команды-нет",),
        ("status", "--period", FIRST, "--что-то"),
        ("rejections", "--period", FIRST, "--stage", "9"),
        ("operator", "set", "анна", "царь"),
        ("stand", "answer", tmp_path, "--out", tmp_path, "--settings", tmp_path / "нет.toml"),
        ("stand", "answer", "--out", tmp_path),
    ):
        said = shell(*argv, code=2)
        assert not said.out and said.err.strip(), argv


def test_nothing_to_do_is_refused_with_words(shell: Shell, tmp_path: Path) -> None:
    for argv in (
        ("export", "--period", FIRST, "--out", tmp_path / "o"),
        ("accept", tmp_path / "нет-такой"),
        ("reform", "--period", FIRST, "--all", "--out", tmp_path / "o"),
        ("return", "--period", FIRST, "--all"),
        ("restore-tests", "--period", FIRST, "--yes"),
        ("sent", "--period", FIRST),
        ("invoices", "--period", FIRST, "--out", tmp_path / "o"),
        ("form", "--period", "2020-01"),
        ("load", tmp_path / "нет-такой"),
        ("withhold", "--period", FIRST, "--smo", "99999", "--sum", "1.00"),
        ("case", "нет-такого"),
    ):
        said = shell(*argv, code=1)
        assert said.err.strip().endswith((".", ")", "?")) or "\n" in said.err.strip(), said.err


def test_folder_with_one_bad_file_is_code_4(shell: Shell, stand: Stand, tmp_path: Path) -> None:
    bill = sent(shell, tmp_path / "o")
    stand(bill, tmp_path / "a1")
    broken = only(tmp_path / "a1", "*1B.7z")
    broken.write_bytes(broken.read_bytes()[:200])
    said = shell("accept", tmp_path / "a1", code=4)
    assert broken.name in said.err
    steps = {s["id"]: s for s in shell.json("status", "--period", FIRST)["steps"]}
    assert steps["answers1"]["by_smo"] == {"76001": "done", "76002": "due", "76": "done"}


def test_dry_run_shows_and_changes_nothing(shell: Shell, stand: Stand, tmp_path: Path) -> None:
    bill = sent(shell, tmp_path / "o")
    stand(bill, tmp_path / "a1")
    before = shell.json("status", "--period", FIRST)
    said = shell.json("accept", tmp_path / "a1", "--dry-run")
    assert said["dry_run"] is True
    assert sum(row["accounts"] for row in said["files"]) == len(accounts(bill))
    assert shell.json("status", "--period", FIRST) == before
    assert shell.json("rejections", "--period", FIRST) == []


def test_backup_and_restore_bring_the_day_back(shell: Shell, tmp_path: Path) -> None:
    before = shell.json("status", "--period", FIRST)
    shell("backup", tmp_path / "copy.db")
    sent(shell, tmp_path / "o")
    assert shell.json("status", "--period", FIRST) != before
    said = shell("restore", tmp_path / "copy.db", code=1)
    assert "--yes" in said.err
    shell("restore", tmp_path / "copy.db", "--yes")
    assert shell.json("status", "--period", FIRST) == before
    assert shell.json("verify")["ok"]


def test_load_twice_changes_nothing(shell: Shell, demo: Path) -> None:
    again = shell.json("load", demo / FIRST)
    assert (again["new"], again["changed"], again["refused"]) == (0, 0, 0)
    assert again["unchanged"] == 366


def test_init_over_an_existing_database_is_refused(shell: Shell, demo: Path) -> None:
    said = shell("init", "--profile", "yar", "--settings", demo / "settings.toml", code=1)
    assert "уже есть" in said.err
    said = shell("init", "--profile", "марс", code=2)
    assert "марс" in said.err


def test_unknown_key_of_settings_names_the_nearest(tmp_path: Path) -> None:
    shell = Shell(tmp_path / "new.db")
    (tmp_path / "s.toml").write_text('[mo]\nogrm = "1"\n', encoding="utf-8")
    said = shell("init", "--profile", "yar", "--settings", tmp_path / "s.toml", code=2)
    assert "ogrm" in said.err and "ogrn" in said.err
    assert not shell.db.exists()


def test_view_of_every_file_of_the_month_changes_nothing(shell: Shell, stand: Stand, tmp_path: Path) -> None:
    bill = sent(shell, tmp_path / "o")
    stand(bill, tmp_path / "a1")
    shell("accept", tmp_path / "a1")
    shell("reform", "--period", FIRST, "--all", "--out", tmp_path / "7")
    stand(tmp_path / "7", tmp_path / "a2")
    before = shell.db.read_bytes()
    files = [bill, *(tmp_path / "7").glob("*.7z"), *(tmp_path / "a1").iterdir(), *(tmp_path / "a2").iterdir()]
    for path in files:
        seen = shell.json("view", path)
        assert seen, path.name
        assert path.name in shell("view", path).out
    shutil.copyfile(bill, tmp_path / "переименован.bin")
    shell("view", tmp_path / "переименован.bin")
    assert shell.db.read_bytes() == before
