"""The end of a month on the command line: invoices, payments, the month closed, F8 going on, reopened."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.e2e.kit import FIRST, SECOND, Shell, kopecks


def work(shell: Shell, demo: Path, folder: Path) -> None:
    """April through F6, its «2» still out."""
    settings = ("--settings", demo / "settings.toml", "--seed", "5", "--refuse", "0.1")
    out = folder / "out"
    shell("form", "--period", FIRST)
    shell("export", "--period", FIRST, "--out", out, "--yes")
    shell("stand", "answer", out, "--out", folder / "1", *settings)
    shell("accept", folder / "1")
    shell("reform", "--period", FIRST, "--all", "--out", out / "7")
    shell("withhold", "--period", FIRST, "--smo", "76001", "--sum", "1234.56")
    shell("stand", "answer", out / "7", "--out", folder / "2", *settings)


def balances(shell: Shell) -> dict[str, dict[str, Any]]:
    rows = shell.json("payment", "list", "--period", FIRST)["invoices"]
    return {row["smo"]: row for row in rows}


def test_month_ends_on_paper_and_is_closed(shell: Shell, demo: Path, tmp_path: Path) -> None:
    work(shell, demo, tmp_path)
    paper = tmp_path / "paper"
    said = shell.json("invoices", "--period", FIRST, "--out", paper)
    assert {r["file"][-4:] for r in said["invoices"]} == {".pdf"}
    ledger = {row["smo"]: row for row in shell.json("status", "--period", FIRST)["ledger"]}
    for row in said["invoices"]:
        assert row["billed"] == ledger[row["smo"]]["reformed_sum"]
        assert row["payable"] == ledger[row["smo"]]["payable"]
    first = {p.name: p.read_bytes() for p in paper.glob("*.pdf")}
    assert len(first) == len(said["invoices"]) and all(b[:5] == b"%PDF-" for b in first.values())

    early = shell("month", "close", "--period", FIRST, "--yes", code=1)
    assert "Принять ответы «2»" in early.err
    shell("accept", tmp_path / "2")
    owed = balances(shell)["76001"]
    ledger = {row["smo"]: row for row in shell.json("status", "--period", FIRST)["ledger"]}
    assert owed["refused"] == ledger["76001"]["refused2_sum"]
    paid = shell.json("payment", "add", "--smo", "76001", "--number", "7", "--sum", owed["owed"])
    assert paid["rest"] == "0.00" and balances(shell)["76001"]["owed"] == "0.00"
    shell("payment", "add", "--smo", "76001", "--number", "8", "--sum", "10.00", "--to", "нет=10", code=1)
    number = balances(shell)["76002"]["number"]
    part = shell.json(
        "payment", "add", "--smo", "76002", "--number", "9", "--sum", "50", "--to", f"{number}=20"
    )
    assert part["rest"] == "30.00"
    spread = shell.json("payment", "spread", part["payment"])
    assert spread["rest"] == "0.00" and balances(shell)["76002"]["received"] == "50.00"
    shell("payment", "delete", part["payment"], "--yes")

    assert "Закрыть месяц" in shell("month", "close", "--period", FIRST, code=1).err
    shell("month", "close", "--period", FIRST, "--yes")
    assert shell.json("status", "--period", FIRST)["closed"]
    for argv in (
        ("form", "--period", FIRST),
        ("export", "--period", FIRST, "--out", tmp_path / "no"),
        ("accept", tmp_path / "1"),
        ("reform", "--period", FIRST, "--all", "--out", tmp_path / "no"),
        ("withhold", "--period", FIRST, "--smo", "76001", "--sum", "1"),
        ("invoice-cancel", "--number", number, "--reason", "ошибка"),
        ("month", "close", "--period", FIRST),
    ):
        if argv[0] != "accept":  # the same answer again is recognised and changes nothing
            assert "закрыт" in shell(*argv, "--yes", code=1).err
    again = tmp_path / "again"
    shell("invoices", "--period", FIRST, "--out", again)
    assert {p.name: p.read_bytes() for p in again.glob("*.pdf")} == first

    returned = shell.json("status", "--period", FIRST)["ledger"]
    shell("return", "--period", FIRST, "--all", "--unchanged", "--yes")
    shell("load", demo / SECOND)
    shell("form", "--period", SECOND)
    assert shell.json("status", "--period", FIRST)["ledger"] == returned
    assert shell.json("verify")["ok"]

    shell("month", "reopen", "--period", FIRST, "--reason", "уведомление ТФОМС", "--yes")
    shell("withhold", "--period", FIRST, "--smo", "76002", "--sum", "100.00")
    shell("invoice-cancel", "--number", number, "--reason", "удержание", "--yes")
    last = shell.json("invoices", "--period", FIRST, "--out", tmp_path / "last", "--format", "txt")
    (new,) = [r for r in last["invoices"] if r["new"]]
    assert new["number"] != number and new["smo"] == "76002"
    assert kopecks(new["payable"]) == kopecks(new["billed"]) - 10000
    assert f"взамен счёта № {number}" in Path(new["file"]).read_text(encoding="utf-8")
    assert shell.json("verify")["ok"]
