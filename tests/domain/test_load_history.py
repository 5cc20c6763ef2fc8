"""A …13X of an earlier month with its answers, given to load (product.md §6)."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from omstui.bootstrap import Services
from omstui.domain.store import db
from tests.domain.test_load import dump
from tests.support import make_services

NAME = "1027600099900760499001210413X.7z"


@pytest.fixture
def services(tmp_path: Path) -> Services:
    return make_services(tmp_path / "base")


@pytest.fixture
def samples(shared: Path) -> Path:
    return shared / "samples" / "yaroslavl"


def query(sql: str, *params):
    with db.connection():
        return db.execute(sql, params).fetchall()


def test_bill_becomes_cases_registries_accounts_and_a_package(services, samples):
    outcome = services.run("load", paths=[str(samples / NAME)])
    assert outcome.kind == "ok", outcome.message
    assert query("SELECT kind, status, accounts FROM registry ORDER BY id") == [
        ("inpatient", "Выгружен", 2), ("outpatient", "Выгружен", 2), ("dental", "Выгружен", 1),
        ("ambulance", "Выгружен", 1), ("dispensary", "Выгружен", 1), ("paraclinic", "Выгружен", 1),
    ]  # fmt: skip
    assert query("SELECT origin, kind, accounts, total FROM package") == [("load", "3", 8, 5729518)]
    assert query("SELECT count(*) FROM account WHERE offset>0 AND length>0 AND payer_id IS NOT NULL") == [
        (8,)
    ]
    sums = "SELECT count(*) FROM account a WHERE total<>(SELECT sum(total) FROM account_service s"
    assert query(f"{sums} WHERE s.account_id=a.id)") == [(0,)]


def test_whole_folder_goes_in_order_3_1_7_2(services, samples):
    files = [str(p) for p in sorted(samples.glob("*.7z"), reverse=True)]
    outcome = services.run("load", paths=files)
    assert outcome.kind == "ok", [x.text for x in outcome.lines]
    assert query("SELECT stage, count(*) FROM answer GROUP BY stage") == [(1, 2), (2, 1)]
    assert query("SELECT kind, count(*) FROM package GROUP BY kind") == [("3", 1), ("7", 1)]
    before = dump()
    assert services.run("load", paths=files).kind == "ok"
    assert dump() == before


def test_another_file_of_the_same_name_is_refused(services, samples, tmp_path):
    services.run("load", paths=[str(samples / NAME)])
    changed = tmp_path / NAME
    from zipfile import ZipFile

    with ZipFile(changed, "w") as archive:
        text = (samples / "3X_main" / "bill.xml").read_bytes()
        archive.writestr("bill.xml", text.replace("Соколова".encode("cp1251"), "Соколов".encode("cp1251")))
    before = dump()
    outcome = services.run("load", paths=[str(changed)])
    assert outcome.kind == "refused" and "содержимое другое" in outcome.message
    assert dump() == before


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("1027600099901760499001210413X.7z", "1027600099901"),
        ("1027600099900760499001210513X.7z", "период внутри"),
        ("1027600099900760499001210413X.zip", "имя"),
    ],
)
def test_wrong_organisation_month_or_name_is_refused(services, samples, tmp_path, name, words):
    shutil.copy(samples / NAME, tmp_path / name)
    before = dump()
    outcome = services.run("load", paths=[str(tmp_path / name)])
    assert outcome.kind == "refused" and words in outcome.message, outcome.message
    assert dump() == before


def test_abort_at_each_checkpoint_changes_nothing(services, samples):
    before = dump()
    for stop in range(1, 100):
        passed = 0

        def prepare(ctx, limit=stop):
            def check():
                nonlocal passed
                passed += 1
                if passed == limit:
                    ctx.token.set()

            ctx.on_check = check

        outcome = services.run("load", paths=[str(samples / NAME)], prepare=prepare)
        if outcome.kind == "ok":
            break
        assert outcome.kind == "aborted" and dump() == before
    assert stop > 5


def test_account_of_a_known_case_joins_it(services, samples, tmp_path):
    """The case stays one when its bill and its federal record are both loaded."""
    from tests.domain import loadkit as kit

    services.run("load", paths=[str(samples / NAME)])
    key = query("SELECT nhistory, date_in FROM cases WHERE kind='outpatient' ORDER BY id")[0]
    zap = kit.case(1, z={"DATE_Z_1": key[1]}, sl={"NHISTORY": key[0]})
    outcome = services.run("load", paths=kit.pair(tmp_path / "a", [zap]))
    assert outcome.result.data["changed"] == 1 and query("SELECT count(*) FROM cases") == [(8,)]
    extra = query("SELECT extra FROM cases WHERE nhistory=?", key[0])[0][0]
    assert '"bill"' in extra and '"fed"' in extra
