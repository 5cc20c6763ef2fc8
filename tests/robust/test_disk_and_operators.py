"""A full disk is a sentence; two operators at once are told who, what and since when."""

from __future__ import annotations

import errno
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
import traceback
from pathlib import Path

import pytest

from omstui.domain.errors import OmsError
from omstui.domain.operation import Context
from omstui.domain.runner import current_user
from omstui.domain.store import db
from tests.hostile.words import in_russian
from tests.robust import kit
from tests.robust.kit import SCENARIOS, Bases

COMMANDS = {
    "form": ("form", "--period", kit.P),
    "export": ("export", "--period", kit.P, "--out", "{w}/out"),
    "accept": ("accept", "{w}/in"),
    "reform": ("reform", "--period", kit.P, "--all", "--out", "{w}/out"),
    "load": ("load", "{w}/in"),
    "restore-tests": ("restore-tests", "--period", kit.P),
}


def command(name: str, folder: Path) -> list[str]:
    words = [w.replace("{w}", str(folder)) for w in COMMANDS[name]]
    return [sys.executable, "-m", "omstui", "--db", str(folder / "omstui.db"), *words, "--yes"]


# --- a full disk -------------------------------------------------------------------------------


def limited(folder: Path, name: str, size: int) -> tuple[int, str]:
    """Run in a child that may not write beyond the first ``size`` bytes of any file."""
    scenario = SCENARIOS[name]
    read, write = os.pipe()
    child = os.fork()
    if not child:
        code = 99
        try:
            services = kit.start(folder)
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
            outcome = services.run(scenario.operation, yes=True, **scenario.filled(folder))
            os.write(write, f"{outcome.kind}\n{outcome.message}".encode()[:4000])
            code = 0
        except OmsError as error:  # not even opened
            os.write(write, f"refused\n{error}".encode()[:4000])
            code = 0
        except BaseException:
            os.write(write, traceback.format_exc().encode()[-3000:])
        finally:
            os._exit(code)
    os.close(write)
    said = b""
    while piece := os.read(read, 4096):
        said += piece
    os.close(read)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status), said.decode(errors="replace")


@pytest.mark.parametrize("name", ["load", "form", "export", "accept", "reform"])
def test_no_room_for_longer_files(bases: Bases, tmp_path: Path, name: str) -> None:
    """The write-ahead log meets the limit: at the start, inside the operation, or at its very end."""
    folder = tmp_path / "w"
    kinds = []
    for size in (20_000, 40_000, 70_000, 110_000, 160_000):
        bases.lay_out(SCENARIOS[name], folder)
        before = kit.dump(folder)
        code, said = limited(folder, name, size)
        kind, _, message = said.partition("\n")
        assert code == 0, said
        in_russian(message)
        kit.start(folder)
        kinds.append(kind)
        assert kind in ("ok", "refused"), said
        assert (kit.dump(folder) == before) == (kind == "refused")
        assert kit.strays(folder) == []
        assert kit.problems() == []
    assert "refused" in kinds


def _mounted(folder: Path, size: str) -> bool:
    folder.mkdir(parents=True, exist_ok=True)
    return (
        shutil.which("mount") is not None
        and subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(folder)], capture_output=True
        ).returncode
        == 0
    )


@pytest.mark.parametrize("name", ["form", "export", "accept", "reform", "load"])
def test_full_disk(bases: Bases, tmp_path: Path, name: str) -> None:
    """A real full file system under the database; the process dies of nothing."""
    disk, folder = tmp_path / "disk", tmp_path / "w"
    if not _mounted(disk, "3m"):
        pytest.skip("нельзя смонтировать tmpfs")
    try:
        bases.lay_out(SCENARIOS[name], folder)
        shutil.copytree(folder, disk, dirs_exist_ok=True)
        before = kit.dump(disk)
        room = os.statvfs(disk)
        filler = room.f_bavail * room.f_frsize - 16 * 1024
        (disk / "занято").write_bytes(b"\0" * filler)
        # the operator is the one of the base: only he may restore
        said = subprocess.run(
            [sys.executable, "-c", _AS_TESTER, *command(name, disk)[3:]], capture_output=True, text=True
        )
        assert said.returncode == 1, said.stderr
        in_russian(said.stderr)
        assert re.search("мест|диск", said.stderr), said.stderr
        (disk / "занято").unlink()
        kit.start(disk)
        assert kit.dump(disk) == before
        assert kit.strays(disk) == []
        assert kit.problems() == []
        again = subprocess.run(
            [sys.executable, "-c", _AS_TESTER, *command(name, disk)[3:]], capture_output=True, text=True
        )
        assert again.returncode == 0, again.stderr
    finally:
        subprocess.run(["umount", str(disk)], check=False)


_AS_TESTER = f"""
import sys
from omstui.domain import runner
runner.current_user = lambda: {kit.LOGIN!r}
from omstui.cli.main import run
sys.exit(run(sys.argv[1:]))
"""


@pytest.mark.parametrize("name", ["export", "reform", "invoices"])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EROFS, errno.EACCES])
def test_errors_of_the_folder(
    bases: Bases, tmp_path: Path, name: str, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder to write to, not the database, is full, read-only or failing."""
    scenario, folder = SCENARIOS[name], tmp_path / "w"
    services = bases.lay_out(scenario, folder)
    before = kit.dump(folder)

    def fail(handle: int) -> None:
        raise OSError(code, "English words")

    monkeypatch.setattr(os, "fsync", fail)
    outcome = services.run(scenario.operation, yes=True, **scenario.filled(folder))
    monkeypatch.undo()
    assert outcome.kind == "refused", outcome.kind
    in_russian(outcome.message)
    assert kit.dump(folder) == before
    assert kit.strays(folder) == []


# --- two operators -----------------------------------------------------------------------------

_HOLD = """
import sys, time
from omstui.bootstrap import open_services
from tests.robust import kit
services = open_services(sys.argv[1], login="анна")
def prepare(ctx):
    count = 0
    def check():
        nonlocal count
        count += 1
        if count == int(sys.argv[2]):
            print("идёт", flush=True)
            sys.stdin.readline()
    ctx.on_check = check
outcome = services.run("form", yes=True, prepare=prepare, period="2021-04")
print(outcome.kind, flush=True)
"""


@pytest.fixture
def busy(bases: Bases, tmp_path: Path, request: pytest.FixtureRequest) -> subprocess.Popen[str]:
    """Anna forms and has not finished; her process waits for a line."""
    bases.lay_out(SCENARIOS["form"], tmp_path / "w")
    with db.connection(), db.write():
        db.execute("INSERT INTO operator(login, role) VALUES('анна', 'operator')")
    process = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(tmp_path / "w" / "omstui.db"), str(getattr(request, "param", 1))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "идёт"
    return process


def release(process: subprocess.Popen[str]) -> str:
    out, _ = process.communicate("\n", timeout=30)
    return out.strip()


def test_second_operator_is_told_who_what_and_since_when(busy: subprocess.Popen[str], tmp_path: Path) -> None:
    folder = tmp_path / "w"
    for name in ("form", "load"):
        said = subprocess.run(
            [sys.executable, "-c", _AS_TESTER, *command(name, folder)[3:]], capture_output=True, text=True
        )
        assert said.returncode == 1, said.stderr
        assert "Занято: анна, «Переформировать», с 20" in said.stderr, said.stderr
        in_russian(said.stderr)
    services = kit.start(folder)
    short = services.run("withhold", yes=True, period=kit.P, smo="76001", sum="1.00")
    assert short.kind == "ok", short.message
    saved = services.run("settings-save", yes=True, values={"mo": {"phone": "2"}})
    assert saved.kind in ("ok", "refused"), saved.message
    assert release(busy) in ("ok", "refused")
    assert kit.start(folder).run("form", yes=True, period=kit.P).kind == "ok"


@pytest.mark.parametrize("busy", [1, 2, 4, 6, 8], indirect=True)
def test_case_spoilt_while_it_is_being_formed(busy: subprocess.Popen[str], tmp_path: Path) -> None:
    """The registry leaves the case out, or says «нужно переформировать»; never a silent disagreement."""
    services = kit.start(tmp_path / "w")
    outcome = services.run("case-save", yes=True, case_id=1, case={"ds_main": ""})
    assert outcome.kind in ("ok", "refused"), outcome.message
    in_russian(outcome.message)
    formed = release(busy)
    assert formed in ("ok", "refused")
    with db.connection():
        billed, again = db.execute(
            "SELECT (SELECT count(*) FROM account a JOIN registry r ON r.id = a.registry_id WHERE a.case_id=1"
            " AND r.deleted_at IS NULL), (SELECT max(reform_reason) FROM registry)"
        ).fetchone()
    if outcome.kind == "ok" and formed == "ok":
        assert not billed or again, "случай без диагноза стоит в реестре, и реестр об этом молчит"
    assert kit.problems() == []


def test_many_writers_never_meet_a_locked_database(bases: Bases, tmp_path: Path) -> None:
    """Six processes of short operations at once: each is done, or is refused in words."""
    folder = tmp_path / "w"
    bases.lay_out(SCENARIOS["withhold"], folder)
    script = f"""
import sys
from tests.robust import kit
from pathlib import Path
services = kit.start(Path({str(folder)!r}))
for n in range(6):
    outcome = services.run("withhold", yes=True, period=kit.P, smo="76001", sum=f"1.{{n}}{{sys.argv[1]}}")
    print(outcome.kind, outcome.message)
"""
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(n)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )
        for n in range(4)
    ]
    for process in processes:
        out, err = process.communicate(timeout=60)
        assert process.returncode == 0, err
        assert [line.split()[0] for line in out.splitlines()] == ["ok"] * 6, out
        in_russian(out)
    kit.start(folder)
    assert kit.problems() == []


@pytest.mark.parametrize("name", ["load", "form", "reform"])
def test_killed_process_after_a_while(bases: Bases, tmp_path: Path, name: str) -> None:
    """A real process killed by the clock, wherever it is."""
    scenario, folder = SCENARIOS[name], tmp_path / "w"
    bases.lay_out(scenario, folder)
    before = kit.dump(folder)
    started = time.monotonic()
    base = [sys.executable, "-c", _AS_TESTER]
    subprocess.run(base + command(name, folder)[3:], capture_output=True, check=True)
    whole = time.monotonic() - started
    count = {n: len(rows) for n, rows in kit.dump(folder).items()}
    for part in (0.75, 0.9):
        bases.lay_out(scenario, folder)
        process = subprocess.Popen(
            base + command(name, folder)[3:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        time.sleep(whole * part)
        process.kill()
        process.wait()
        kit.start(folder)
        now = kit.dump(folder)
        assert now == before or {n: len(rows) for n, rows in now.items()} == count
        if now == before:
            assert kit.problems() == []


def test_ctrl_c_and_term_abort_the_command(bases: Bases, tmp_path: Path) -> None:
    folder = tmp_path / "w"
    for number in (signal.SIGINT, signal.SIGTERM):
        bases.lay_out(SCENARIOS["form"], folder)
        before = kit.dump(folder)
        script = _AS_TESTER.replace(
            "from omstui.cli.main import run",
            "from omstui.cli.main import run\nfrom omstui.domain.operation import Context\n"
            "import os\nplain = Context.check\n"
            f"def check(self):\n    os.kill(os.getpid(), {int(number)})\n    plain(self)\n"
            "Context.check = check",
        )
        said = subprocess.run(
            [sys.executable, "-c", script, *command("form", folder)[3:]], capture_output=True, text=True
        )
        assert said.returncode == 3, said.stderr
        assert "прерван" in said.stderr.lower()
        assert kit.dump(folder) == before
        kit.start(folder)
        assert kit.last_run()[0] == "aborted"


def test_operation_goes_on_when_its_terminal_is_closed(bases: Bases, tmp_path: Path) -> None:
    """What a screen started lives in a session of its own and is found at the next start."""
    from omstui import launcher

    folder = tmp_path / "w"
    bases.lay_out(SCENARIOS["load"], folder)
    services = kit.start(folder)
    assert services.operator.login == kit.LOGIN
    with db.connection(), db.write():
        db.execute("INSERT OR REPLACE INTO operator(login, role) VALUES(?, 'senior')", (current_user(),))
    job = launcher.start(services.database, "load", {"paths": [str(folder / "in")]}, yes=True)
    assert os.getsid(job.process.pid) == job.process.pid
    until = time.monotonic() + 30
    while not job.follower.outcome and time.monotonic() < until:
        list(job.follower.poll())
        time.sleep(0.05)
    assert job.follower.outcome == "ok", job.follower.message
    kit.start(folder)
    assert kit.last_run()[0] == "ok"


def test_context_is_the_real_one() -> None:
    """The hooks above rest on these names."""
    ctx = Context(lambda event: None)
    assert ctx.on_check is None and callable(ctx.check)
