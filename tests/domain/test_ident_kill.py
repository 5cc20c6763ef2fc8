"""SIGKILL and a full disk during identification: the database is as before or as after, and says so."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from omstui.bootstrap import open_services
from omstui.domain import atomicfile
from omstui.domain.store import db, packages
from omstui.domain.verify import verify
from tests.domain import identkit
from tests.domain.identkit import FIRST, NOT_FOUND, PERIOD, answer, export, found, made
from tests.domain.test_export_kill import run_and_die


@pytest.mark.parametrize("operation", ["ident-export", "ident-load", "ident-overdue", "common-dbf"])
def test_killed_at_each_checkpoint_changes_nothing(tmp_path: Path, operation: str) -> None:
    services, _ = made(tmp_path, "12F-")
    out = tmp_path / "out"
    params: dict[str, object] = {"period": PERIOD, "out": str(out)}
    if operation in ("ident-load", "ident-overdue"):
        export(services, tmp_path / "sent")
        path = answer(
            tmp_path / "sent" / FIRST, lambda r: NOT_FOUND if r["NPP"] == 1 else found(r, RSMO="50002")
        )
        params = {"period": PERIOD, "path": str(path)}
    if operation == "ident-overdue":
        identkit.run(services, "ident-load", path=str(path))
        params = {"period": PERIOD, "out": str(out)}
    before = identkit.dump()
    killed = 0
    while run_and_die(services, killed + 1, operation, **params):
        killed += 1
        assert identkit.dump() == before
        assert not list(out.glob("*.dbf"))
        services = open_services(str(services.database), login="tester")
        with db.connection():
            assert db.scalar("SELECT outcome FROM run ORDER BY id DESC LIMIT 1") == "crashed"
        assert killed < 50
    assert killed >= 2
    with db.connection():
        assert [p.text for p in verify()] == []
        assert packages.unplaced() == []
    assert (identkit.dump() != before) is (operation != "common-dbf")
    assert not list(out.glob("*.part"))


def test_full_disk_says_so_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    services, _ = made(tmp_path, "12")
    before = identkit.dump()

    def full(path: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    monkeypatch.setattr(atomicfile, "sync_file", full)
    for operation in ("ident-export", "common-dbf"):
        outcome = identkit.run(services, operation, out=str(tmp_path / "out"))
        assert outcome.kind == "refused" and "кончилось место" in outcome.message
        assert identkit.dump() == before and not list((tmp_path / "out").glob("*"))


def test_folder_without_rights_or_name_is_refused(tmp_path: Path) -> None:
    services, _ = made(tmp_path, "12")
    (tmp_path / "file").write_text("x")
    outcome = export(services, tmp_path / "file")
    assert outcome.kind == "refused" and "не папка" in outcome.message
    outcome = identkit.run(services, "ident-export", out="")
    assert outcome.kind == "refused" and "--out" in str(outcome.error)
