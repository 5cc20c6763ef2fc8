"""«Доп. выгрузка общего ДБФ»: a row per service, sums as billed, read back by the load."""

from __future__ import annotations

from pathlib import Path

from omstui.formats.dbf import read_dbf
from omstui.formats.layouts.dbf_flat import FLAT
from tests.domain import billkit, identkit
from tests.domain.identkit import PERIOD, change, made

NAME = "OBSH_470101_202112_1.dbf"


def test_common_dbf_has_a_row_per_service(tmp_path: Path) -> None:
    services, _ = made(tmp_path, "12F-")
    before = identkit.dump()
    outcome = billkit.ok(identkit.run(services, "common-dbf", out=str(tmp_path / "out")))
    assert outcome.result.data["accounts"] == 4 and outcome.result.data["rows"] == 8
    records = list(read_dbf(tmp_path / "out" / NAME, FLAT).records())
    assert [r["NPP"] for r in records] == list(range(1, 9))
    first = records[0]
    assert (first["MCOD"], first["CODE_MO"], first["YEAR"], first["MONTH"]) == ("470101", "500101", 2021, 12)
    assert (first["FAM"], first["PLAT"], first["NHISTORY"]) == ("Иванов", "50001", "S00000001")
    assert [r["PLAT"] for r in records[::2]] == ["50001", "50002", "50", ""]
    assert {r["NSCHET"] for r in records} == {""}
    total = sum(r["SUMV_USL"] for r in records)
    assert total == sum(r["SUMV"] for r in records[::2]) > 0
    assert (total,) == identkit.rows("SELECT sum(total) FROM account")[0]
    after = identkit.dump()
    assert after == before


def test_common_dbf_after_the_bills_names_them(tmp_path: Path) -> None:
    services, registry, _ = billkit.billed(tmp_path, "12")
    billkit.ok(identkit.run(services, "common-dbf", out=str(tmp_path / "flat"), registry_id=registry))
    records = list(read_dbf(tmp_path / "flat" / NAME, FLAT).records())
    assert all(r["NSCHET"] and r["DSCHET"] for r in records)
    assert {r["IDCASE"] for r in records} == {
        str(x[0]) for x in identkit.rows("SELECT idcase FROM pay_account WHERE package_id IS NOT NULL")
    }


def test_common_dbf_is_loaded_back_without_changes(tmp_path: Path) -> None:
    services, _ = made(tmp_path, "12")
    identkit.run(services, "common-dbf", out=str(tmp_path / "out"))
    other = billkit.services(tmp_path / "other")
    outcome = other.run("load", yes=True, paths=[str(tmp_path / "out" / NAME)])
    assert outcome.kind == "ok", outcome.message
    assert outcome.result.data["new"] == 2


def test_common_dbf_refuses_and_aborts(tmp_path: Path) -> None:
    services, _ = made(tmp_path, "12")
    out = tmp_path / "out"
    assert billkit.aborts(services, "common-dbf", lambda: _nothing(out), period=PERIOD, out=str(out)) >= 2
    (out / NAME).write_bytes(b"other")
    assert identkit.run(services, "common-dbf", yes=False, out=str(out)).kind == "question"
    change("UPDATE registry SET status='Создан'")
    assert identkit.run(services, "common-dbf", out=str(out)).kind == "refused"


def _nothing(out: Path) -> None:
    assert not list(out.glob("*"))
