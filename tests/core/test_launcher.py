"""A long operation outlives the terminal that started it and is found at the next start."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from omstui.bootstrap import open_services
from omstui.domain.model import Role
from omstui.domain.runner import current_user
from omstui.domain.store import config, db, journal
from omstui.launcher import Follower
from omstui.resources import data_dir
from tests.support import make_services

#: a «screen»: starts a load and then waits, as a screen does, in a session of its own
_SCREEN = """
import signal, sys, time
from pathlib import Path
from omstui.domain.store import db
from omstui import launcher
signal.signal(signal.SIGHUP, signal.SIG_DFL)  # pytest itself may have been started under nohup
db.bind(Path(sys.argv[1]))
job = launcher.start(Path(sys.argv[1]), "load", {"paths": [sys.argv[2]]})
print(job.follower.path, flush=True)
time.sleep(60)
"""


def test_operation_goes_on_when_its_terminal_is_closed(tmp_path: Path) -> None:
    services = make_services(tmp_path)
    with db.connection(), db.write():
        config.save_operator(current_user(), Role.SENIOR)
    screen = subprocess.Popen(
        [sys.executable, "-c", _SCREEN, str(services.database), str(data_dir() / "demo" / "2021-04")],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert screen.stdout is not None
    follower = Follower(Path(screen.stdout.readline().strip()))
    os.killpg(screen.pid, signal.SIGHUP)
    screen.wait()
    deadline = time.monotonic() + 60
    while not follower.outcome and time.monotonic() < deadline:
        list(follower.poll())
        time.sleep(0.05)
    assert follower.outcome == "ok", follower.message
    open_services(str(services.database), login="tester")
    with db.connection():
        (run,) = list(db.execute("SELECT id, outcome FROM run WHERE operation='load'"))
        assert run[1] == "ok"
        assert len(journal.lines(run[0])) > 5
        assert db.scalar("SELECT count(*) FROM cases") > 300
