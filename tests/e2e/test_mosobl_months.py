"""Three months of the second region by commands: МЭК of month 1 comes in month 2, its repeat in month 3."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest

from omstui.demo.generator import generate
from omstui.resources import data_dir
from tests.e2e.kit import Shell

MONTHS = ("2021-12", "2022-01", "2022-02")
SETTINGS = data_dir() / "demo" / "settings-mosobl.toml"


class Year:
    """One database and the folders of what was sent and what came back."""

    def __init__(self, folder: Path, mek: str) -> None:
        self.folder, self.mek = folder, mek
        self.omstui = Shell(folder / "omstui.db")
        self.omstui("init", "--profile", "mosobl", "--settings", SETTINGS)
        source = folder / "in"
        generate(source, cases=60, period=MONTHS[0], months=3, planted=False, profile="mosobl")
        self.omstui("nsi", "load", *sorted((source / "books").glob("*.csv")))
        for month in MONTHS:
            self.omstui("load", source / month)

    def stand(self, name: str, plan: dict[str, Any], *more: object) -> list[Path]:
        out = self.folder / "back" / name
        path = self.folder / f"{name}.plan.json"
        path.write_text(json.dumps(plan), encoding="utf-8")
        sent = self.folder / "sent" / name
        self.omstui("stand", "answer", sent, "--out", out, "--settings", SETTINGS, "--plan", path, *more)
        return sorted(p for p in out.rglob("*") if p.is_file())

    def bill(self, month: str) -> None:
        """From forming to the bills of a month; everybody is found."""
        q, b = f"{month}-q", f"{month}-b"
        self.omstui("form", "--period", month)
        self.omstui("ident-export", "--period", month, "--out", self.folder / "sent" / q, "--yes")
        for path in self.stand(q, {}):
            command = "flk-load" if path.name.startswith("FL") else "ident-load"
            self.omstui(command, path, "--period", month)
        self.omstui("payers", "--period", month)
        self.omstui("bills-export", "--period", month, "--out", self.folder / "sent" / b, "--yes")

    def zaps(self, month: str) -> dict[str, str]:
        """IDCASE → the ZAP of every bill of the month, read as text."""
        found: dict[str, str] = {}
        for path in (self.folder / "sent" / f"{month}-b").rglob("*.zip"):
            with zipfile.ZipFile(path) as archive:
                for name in archive.namelist():
                    text = archive.read(name).decode("cp1251")
                    for zap in re.findall(r"<ZAP>.*?</ZAP>", text, re.S):
                        found[_value(zap, "IDCASE")] = zap
        return found

    def refuse(self, month: str, idcase: str, into: str) -> None:
        """МЭК of a month's bills, loaded into ``into``; exactly this case is refused in full («» = none)."""
        plan = {idcase: {"kind": "full", "code": "1.10.2."}} if idcase else {}
        for path in self.stand(f"{month}-b", plan, "--format", self.mek):
            if path.name.startswith("b") or re.match(r"H[ST]|[CTD]\w?[ST]", path.name):
                self.omstui("mek-load", path, "--period", into, "--yes")
            elif path.name[0] in "VF":
                self.omstui("flk-load", path, "--period", month)


def _value(zap: str, tag: str) -> str:
    found = re.search(f"<{tag}>(.*?)</{tag}>", zap)
    return found[1] if found else ""


@pytest.mark.parametrize("mek", ["dbf", "xml"])
def test_a_case_refused_twice_is_billed_three_times_and_paid_once(tmp_path: Path, mek: str) -> None:
    year = Year(tmp_path, mek)
    omstui = year.omstui
    year.bill(MONTHS[0])
    first = year.zaps(MONTHS[0])
    assert {_value(z, "PR_NOV") for z in first.values()} == {"0"}
    idcase, zap = next((k, z) for k, z in first.items() if _value(z, "USL_OK") == "3" and _value(z, "SMO"))
    card = _value(zap, "NHISTORY")

    omstui("form", "--period", MONTHS[1])
    year.refuse(MONTHS[0], idcase, MONTHS[1])
    refused = omstui.json("rejections", "--period", MONTHS[1])
    assert [(r["kind"], r["code"], r["state"]) for r in refused if r["kind"] == "mek"] == [
        ("mek", "1.10.2.", "новый")
    ]
    omstui("return", "--period", MONTHS[1], "--all", "--unchanged")
    year.bill(MONTHS[1])
    again = {k: z for k, z in year.zaps(MONTHS[1]).items() if _value(z, "PR_NOV") == "1"}
    assert [_value(z, "NHISTORY") for z in again.values()] == [card]
    assert next(iter(again)) != idcase

    omstui("form", "--period", MONTHS[2])
    year.refuse(MONTHS[1], next(iter(again)), MONTHS[2])
    omstui("return", "--period", MONTHS[2], "--all", "--unchanged")
    year.bill(MONTHS[2])
    third = [z for z in year.zaps(MONTHS[2]).values() if _value(z, "PR_NOV") == "1"]
    assert [_value(z, "NHISTORY") for z in third] == [card]

    path = omstui.json("case", card)
    assert len(path["accounts"]) == 3
    assert len([r for r in path["refusals"] if r["kind"] == "mek"]) == 2
    year.refuse(MONTHS[2], "", "2022-03")
    for month, refusals in zip(MONTHS, (1, 1, 0), strict=True):
        status = omstui.json("status", "--period", month)
        assert status["balanced"], status["unbalanced"]
        rows = status["ledger"]
        assert sum(r["refused_count"] for r in rows) == refusals and sum(r["sent_count"] for r in rows) > 1
        assert {r["pending_sum"] for r in rows} == {"0.00"}, month
    omstui("verify")
