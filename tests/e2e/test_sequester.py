"""Sequestration on the command line: what is cut leaves the file and stands in the next one as primary."""

from __future__ import annotations

import shutil
from pathlib import Path

from omstui.domain.store import db
from tests.domain.month import insert
from tests.e2e.kit import FIRST, SECOND, Shell, accounts, kopecks, only


def test_cut_cases_are_primary_in_the_next_month(loaded: Path, demo: Path, tmp_path: Path) -> None:
    shell = Shell(tmp_path / "omstui.db")
    shutil.copyfile(loaded, shell.db)
    db.bind(shell.db)
    with db.connection(), db.write():
        db.execute("DELETE FROM plan")  # the training plan is not what this is about
    shell("form", "--period", FIRST)
    shell("sequester", "--period", FIRST, code=1)  # no plan: the reason is told
    assert "Плановых объёмов на апрель 2021 нет" in shell.said[-1].err
    with db.connection(), db.write():
        insert(
            "plan", begin_date="2021-04-01", end_date="2021-04-30", unit="visits", quantity=4000, usl_ok="3"
        )
    shown = shell.json("sequester", "--period", FIRST)
    assert not shown["applied"] and shown["cut"]["count"] > 0
    table = shell("sequester", "--period", FIRST).out
    assert table.startswith("Тип объёма") and "посещ." in table and "Ничего не изменено." in table
    shell("sequester", "--period", FIRST, "--apply", code=1)  # asks first
    cut = shell.json("sequester", "--period", FIRST, "--apply", "--yes")
    assert cut["applied"] and cut["cases"] == shown["cases"]
    again = shell.json("sequester", "--period", FIRST, "--apply", "--yes")
    assert again["cut"] == {"count": 0, "sum": "0.00"} and again["lines"][0]["over"] == "0"
    shell("sequester", "--period", FIRST, "--undo", "--yes")
    assert shell.json("sequester", "--period", FIRST)["cut"] == shown["cut"]
    shell("sequester", "--period", FIRST, "--apply", "--yes")
    step = next(s for s in shell.json("status", "--period", FIRST)["steps"] if s["id"] == "sequester")
    assert step["state"] == "done"
    state = shell.json("case", cut["cases"][0]["case"])["state"]
    assert state == "снят секвестированием за апрель 2021"
    shell("export", "--period", FIRST, "--out", tmp_path / "1", "--yes")
    shell("load", demo / SECOND)
    without = shell.json("form", "--period", SECOND)
    assert without["late_cut"] == cut["cut"]
    assert shell.json("status", "--period", SECOND)["late_count"] >= cut["cut"]["count"]
    shell("form", "--period", SECOND, "--late")
    shell("export", "--period", SECOND, "--out", tmp_path / "2", "--yes")
    cards = {row["case"].split("|")[2] for row in cut["cases"]}
    first, second = (accounts(only(tmp_path / n, "*3X.7z")) for n in ("1", "2"))
    assert not cards & {a.card for a in first}
    came = [a for a in second if a.card in cards]
    assert {a.card for a in came} == cards
    assert all((a.type_r, a.x_key2) in (("1", ""), ("", "")) for a in came)
    assert sum(a.total for a in came) == kopecks(cut["cut"]["sum"])
    assert shell.json("verify")["ok"]
    path = shell.json("case", cut["cases"][0]["case"])
    assert path["state"] == "выгружен"
    assert "снят секвестированием" in [event["what"] for event in path["events"]]
