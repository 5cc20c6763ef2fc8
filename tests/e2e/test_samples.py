"""The shared month in files: what the description of the exchange expects of it (yaroslavl.md §7)."""

from __future__ import annotations

import shutil
import tomllib
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.e2e.kit import FIRST, PREFIX, SECOND, Shell, accounts, only

KEYS = {f"P00010{n}": n for n in range(1, 6)}


@pytest.fixture
def samples(shared: Path) -> Path:
    return shared / "samples" / "yaroslavl"


@pytest.fixture
def shell(tmp_path: Path, demo: Path) -> Shell:
    made = Shell(tmp_path / "omstui.db")
    made("init", "--profile", "yar", "--settings", demo / "settings.toml")
    return made


def bill(path: Path) -> ElementTree.Element:
    with zipfile.ZipFile(path) as archive:
        return ElementTree.fromstring(archive.read("bill.xml"))


def content(package: ElementTree.Element) -> Counter[Any]:
    """The patients whatever their order, and the attributes whatever theirs."""
    return Counter(
        tuple(
            (e.tag, tuple(sorted((k, v) for k, v in e.attrib.items() if k not in skip(e.tag))))
            for e in patient.iter()
        )
        for patient in package.iter("patient")
    )


def skip(tag: str) -> tuple[str, ...]:
    """Keys are given anew by a registry formed anew; everything else is the content."""
    return ("xkey", "n_pp", "main_xkey") if tag in ("personal_account", "manipulation", "direction") else ()


def test_sample_loaded_and_exported_again_is_the_same(shell: Shell, samples: Path, tmp_path: Path) -> None:
    """The loaded month stands in the ledger as sent; taken out again it is the very file."""
    source = samples / f"{PREFIX}3X.7z"
    shell("load", source)
    ledger = shell.json("status", "--period", FIRST)["ledger"]
    assert sum(r["sent_count"] for r in ledger) == 8
    assert sum(round(float(r["sent_sum"]) * 100) for r in ledger) == 5729518
    shell("export", "--period", FIRST, "--out", tmp_path / "o", "--yes")
    made = only(tmp_path / "o", "*3X.7z")
    assert [(e.tag, e.attrib) for e in bill(made).iter()] == [(e.tag, e.attrib) for e in bill(source).iter()]


def answered(shell: Shell, samples: Path) -> None:
    shell("load", samples / f"{PREFIX}3X.7z")
    shell("accept", samples / f"{PREFIX}1A.7z", samples / f"{PREFIX}1B.7z")


def test_stage_one(shell: Shell, samples: Path) -> None:
    answered(shell, samples)
    rows = shell.json("rejections", "--period", FIRST, "--stage", 1)
    refused = [r for r in rows if r["kind"] != "flk"]
    assert sorted((r["kind"], r["sum"]) for r in refused) == [("an_p", "1186.00"), ("an_ps", "568.00")]
    assert [r["smo"] for r in rows if r["kind"] == "flk"] == ["76002"]
    row = shell.json("status", "--period", FIRST)["ledger"][0]
    assert (row["sent_count"], row["sent_sum"]) == (5, "52374.14")
    assert (row["refused1_count"], row["refused1_sum"]) == (2, "1754.00")


def test_seven_is_the_sample_seven(shell: Shell, samples: Path, tmp_path: Path) -> None:
    answered(shell, samples)
    shell("reform", "--period", FIRST, "--all", "--out", tmp_path / "7")
    made, sample = only(tmp_path / "7", "*7A.7z"), samples / f"{PREFIX}7A.7z"
    ours = {a.xkey: [(e.tag, e.attrib) for e in a.element.iter()] for a in accounts(made)}
    theirs = {a.xkey: [(e.tag, e.attrib) for e in a.element.iter()] for a in accounts(sample)}
    assert ours == theirs
    wanted = dict(bill(sample).iterfind("body/bill").__next__().attrib)
    assert dict(bill(made).iterfind("body/bill").__next__().attrib) == wanted
    for name in ("account_elem_t", "account_elem_s"):
        place = f"body/bill/account_sum/{name}/account_elem"
        assert [e.attrib for e in bill(made).iterfind(place)] == [
            e.attrib for e in bill(sample).iterfind(place)
        ]


@pytest.mark.parametrize("container", ["zip", "7z"])
def test_stage_two_and_f8(shell: Shell, samples: Path, tmp_path: Path, container: str) -> None:
    answered(shell, samples)
    shell("reform", "--period", FIRST, "--all", "--out", tmp_path / "7")
    folder = samples / "true7z" if container == "7z" else samples
    shell("accept", folder / f"{PREFIX}2A.7z")
    rows = shell.json("rejections", "--period", FIRST, "--stage", 2)
    assert sorted(r["kind"] for r in rows) == ["an_mes", "an_sum"]
    ledger = shell.json("status", "--period", FIRST)
    assert ledger["balanced"]
    assert ledger["ledger"][0]["paid_count"] == 1
    shell("return", "--period", FIRST, "--all", "--unchanged")
    shell("form", "--period", SECOND)
    shell("export", "--period", SECOND, "--out", tmp_path / "may", "--yes")
    again = {a.card: a for a in accounts(only(tmp_path / "may", "*3X.7z"))}
    old = {a.card: a for a in accounts(samples / f"{PREFIX}3X.7z")}
    marks = {card: (a.type_r, a.x_key2) for card, a in again.items()}
    repeated = {r["account"] for r in rows}
    assert len(marks) == 4
    for card, mark in marks.items():
        key = old[card].xkey
        assert mark == (("2", key) if key in repeated else ("1", ""))
    assert shell.json("verify")["ok"]


def test_unrefused_case_billed_again_keeps_every_attribute(
    shell: Shell, samples: Path, tmp_path: Path
) -> None:
    """What is returned unchanged comes out with the attributes it came in with."""
    answered(shell, samples)
    shell("return", "--period", FIRST, "--all", "--unchanged")
    shell("form", "--period", SECOND)
    shell("export", "--period", SECOND, "--out", tmp_path / "may", "--yes")
    again, old = bill(only(tmp_path / "may", "*3X.7z")), bill(samples / f"{PREFIX}3X.7z")
    assert not content(again) - content(old)
    assert sum(content(again).values()) == 2
    services = {e.get("xkey") for e in again.iter("manipulation")}
    links = {e.get("main_xkey") for e in again.iter("manipulation") if e.get("main_xkey")}
    assert links and links <= services, "ссылка на услугу ведёт на её новый ключ"


def test_settings_of_the_samples_are_those_of_the_demo(samples: Path, demo: Path) -> None:
    package = bill(samples / f"{PREFIX}3X.7z")
    body = package.find("body")
    assert body is not None
    mo = tomllib.loads((demo / "settings.toml").read_text(encoding="utf-8"))["mo"]
    assert (body.get("ogrn_mo"), body.get("kpp_mo")) == (mo["ogrn"], mo["kpp"])


def test_folder_with_everything_at_once_in_the_right_order(
    shell: Shell, samples: Path, tmp_path: Path
) -> None:
    """«1» files first whatever the names; a «2» that is too early is refused while the rest is taken."""
    for name in ("3X", "1A", "1B", "2A"):
        shutil.copyfile(samples / f"{PREFIX}{name}.7z", tmp_path / f"{PREFIX}{name}.7z")
    shell("load", tmp_path / f"{PREFIX}3X.7z")
    (tmp_path / f"{PREFIX}3X.7z").unlink()
    said = shell("accept", tmp_path / f"{PREFIX}2A.7z", code=1)
    assert "F6" in said.err
    said = shell("accept", *sorted(tmp_path.glob("*.7z"), reverse=True), code=4)
    assert shell.json("status", "--period", FIRST)["ledger"][1]["accepted1_count"] == 3
