"""SIGKILL during F2, F6 and «Восстановить»: the database is as before or as after, and says so."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from omstui.bootstrap import Services, open_services
from omstui.domain.operation import Context
from omstui.domain.store import db, journal, packages
from omstui.domain.verify import verify
from tests.domain import month
from tests.support import make_services


def run_and_die(services: Services, stop: int, operation: str, **params: object) -> bool:
    """Run in a child that kills itself at its ``stop``-th checkpoint; True if it came that far."""
    child = os.fork()
    if not child:
        seen = 0

        def prepare(ctx: Context) -> None:
            def count() -> None:
                nonlocal seen
                seen += 1
                if seen == stop:
                    os.kill(os.getpid(), signal.SIGKILL)

            ctx.on_check = count

        services.run(operation, yes=True, prepare=prepare, **params)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


@pytest.mark.parametrize("operation", ["export", "reform", "restore-tests"])
def test_killed_at_each_checkpoint_changes_nothing(tmp_path: Path, operation: str) -> None:
    services = make_services(tmp_path)
    out = tmp_path / "out"
    params: dict[str, object] = {"period": month.PERIOD}
    month.add_month(4, test=operation == "restore-tests")
    if operation == "reform":
        outcome = services.run("export", period=month.PERIOD, out=str(out))
        with db.connection():
            month.answer_one(outcome.result.data["package"], "76001", [1])
        params["all"] = True
    if operation != "restore-tests":
        params["out"] = str(out)
    before = month.dump()
    files = sorted(p.name for p in out.glob("[!.]*[z]"))
    killed = 0
    while run_and_die(services, killed + 1, operation, **params):
        killed += 1
        assert month.dump() == before
        assert sorted(p.name for p in out.glob("[!.]*[z]")) == files
        services = open_services(str(services.database), login="tester")
        with db.connection():
            assert (
                [r.outcome for r in journal.runs(limit=1)] == ["crashed"]
                if hasattr(journal, "runs")
                else db.scalar("SELECT outcome FROM run ORDER BY id DESC LIMIT 1") == "crashed"
            )
        assert killed < 50
    assert killed >= 2
    with db.connection():
        assert [p.text for p in verify()] == []
        assert packages.unplaced() == []
    assert month.dump() != before
    assert not list(out.glob(".*")) and not list(out.glob("*.part"))
