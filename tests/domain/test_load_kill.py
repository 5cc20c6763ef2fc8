"""A load killed at any moment leaves the database as it was, and the next one clears up after it."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from omstui.bootstrap import open_services
from tests.domain import loadkit as kit
from tests.domain.test_load import dump
from tests.support import make_services

_KILLED = """
import os, signal, sys
from omstui.bootstrap import open_services
services, left = open_services(sys.argv[1], login="tester"), [int(sys.argv[3])]
def check():
    left[0] -= 1
    if left[0] == 0:
        os.kill(os.getpid(), signal.SIGKILL)
def prepare(ctx):
    ctx.on_check = check
services.run("load", paths=[sys.argv[2]], prepare=prepare)
"""


@pytest.mark.parametrize("moment", [2, 7, 12])
def test_killed_load_leaves_the_database_as_before(tmp_path: Path, repo: Path, moment: int):
    services = make_services(tmp_path / "base")
    services.run("load", paths=kit.pair(tmp_path / "a", [kit.case(n) for n in (1, 2)]))
    before = dump()
    paths = kit.pair(tmp_path / "b", [kit.case(n, z={"RSLT": "302"}) for n in (1, 2, 3)])
    command = [sys.executable, "-c", _KILLED, str(services.database), paths[0], str(moment)]
    done = subprocess.run(command, cwd=repo, check=False, timeout=60)
    assert done.returncode == -signal.SIGKILL
    assert dump() == before
    services = open_services(str(services.database), login="tester")
    outcome = services.run("load", paths=paths)
    assert (outcome.result.data["new"], outcome.result.data["changed"]) == (1, 2)
    assert not list(services.database.parent.glob("*.stage-*"))
