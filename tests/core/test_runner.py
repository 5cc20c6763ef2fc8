"""The runner: outcomes, the journal that survives them, the lock, crashes, roles."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from omstui.bootstrap import Services, open_services
from omstui.domain import runner
from omstui.domain.errors import BusyError, OmsError
from omstui.domain.model import Role
from omstui.domain.operation import Context, LogLine, Operation, Result
from omstui.domain.store import db, journal
from tests.support import make_services


@dataclass
class Params:
    mode: str = "ok"
    period: str = "2021-04"


def _run(ctx: Context, params: Params) -> Result:
    ctx.log("Начало")
    if params.mode == "ask":
        ctx.confirm("Удалить всё?", details=["раз", "два"])
    with db.write():
        db.execute("INSERT INTO setting(key, value) VALUES('probe', '1')")
        ctx.check()
        if params.mode == "refuse":
            raise OmsError("Нельзя.", hint="Сделайте иначе.")
        if params.mode == "bug":
            raise ZeroDivisionError
        if params.mode == "abort":
            ctx.token.set()
            ctx.check()
        if params.mode == "disk":
            raise OSError(28, "No space left on device", "/data/x")
    return Result("Готово", {"n": 1}, partial=params.mode == "partial")


OPERATION = Operation("probe", "Проба", _run, Params)


@pytest.fixture
def services(tmp_path: Path) -> Services:
    return make_services(tmp_path)


def probe(**changes: object) -> runner.Outcome:
    return runner.execute(OPERATION, Params(**{"mode": "ok", **changes}), who="анна")  # type: ignore[arg-type]


def written() -> bool:
    with db.connection():
        return bool(db.scalar("SELECT count(*) FROM setting WHERE key='probe'"))


def test_ok_run_is_in_the_journal_with_its_log(services: Services) -> None:
    outcome = probe()
    assert (outcome.kind, outcome.exit_code) == ("ok", 0)
    with db.connection():
        row = journal.run(outcome.run_id)
        assert row is not None
        assert (row.outcome, row.who, row.period, row.message) == ("ok", "анна", "2021-04", "Готово")
        assert [line.text for line in journal.lines(outcome.run_id)] == ["Начало"]
        assert not db.scalar("SELECT count(*) FROM lock")


@pytest.mark.parametrize(
    ("mode", "kind", "code"),
    [("refuse", "refused", 1), ("bug", "failed", 70), ("abort", "aborted", 3), ("disk", "refused", 1)],
)
def test_anything_but_ok_changes_nothing_and_is_told(
    services: Services, mode: str, kind: str, code: int
) -> None:
    outcome = probe(mode=mode)
    assert (outcome.kind, outcome.exit_code) == (kind, code)
    assert not written()
    with db.connection():
        lines = journal.lines(outcome.run_id)
        assert len(lines) > 1
        assert lines[-1].level in ("error", "warning")
        assert not db.scalar("SELECT count(*) FROM lock")


def test_bug_shows_no_traceback_to_the_operator(services: Services) -> None:
    outcome = probe(mode="bug")
    assert "Traceback" not in outcome.message
    assert "ZeroDivision" not in " ".join(line.text for line in outcome.lines)


def test_full_disk_is_a_sentence(services: Services) -> None:
    assert "место на диске" in probe(mode="disk").message


def test_partial_has_exit_code_4(services: Services) -> None:
    assert probe(mode="partial").exit_code == 4


def test_question_leaves_no_run_and_yes_passes_it(services: Services) -> None:
    outcome = probe(mode="ask")
    assert (outcome.kind, outcome.exit_code) == ("question", 1)
    with db.connection():
        assert not db.scalar("SELECT count(*) FROM run")
    assert runner.execute(OPERATION, Params("ask"), who="анна", yes=True).kind == "ok"


def test_viewer_may_not_write(services: Services) -> None:
    outcome = runner.execute(OPERATION, Params(), who="гость", role=Role.VIEWER)
    assert outcome.kind == "refused"
    assert "старший оператор" in outcome.message
    assert not written()


def test_second_writer_is_told_who_and_what_and_since_when(services: Services) -> None:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as other:
        with db.connection():
            run = journal.begin("load", "Загрузить случаи", "{}", "борис", "2021-05-01 09:00:00", "", "")
            with db.write():
                db.execute(
                    "INSERT INTO lock(scope, run_id, who, what, since, pid, pid_start)"
                    " VALUES('db', ?, 'борис', 'Загрузить случаи', '2021-05-01 09:00:00', ?, ?)",
                    (run, other.pid, journal.process_start(other.pid)),
                )
        outcome = probe()
        other.kill()
    assert isinstance(outcome.error, BusyError)
    for word in ("борис", "Загрузить случаи", "2021-05-01 09:00:00"):
        assert word in outcome.message
    assert not written()


def test_lock_of_a_dead_process_is_taken_over(services: Services) -> None:
    with db.connection():
        run = journal.begin("load", "Загрузить", "{}", "борис", "2021-05-01 09:00:00", "", "")
        with db.write():
            db.execute(
                "INSERT INTO lock(scope, run_id, who, what, since, pid, pid_start)"
                " VALUES('db', ?, 'борис', 'Загрузить', '', 999999, '1')",
                (run,),
            )
    assert probe().kind == "ok"


_CHILD = """
import sys, time
from dataclasses import dataclass
from omstui.bootstrap import open_services
from omstui.domain import runner
from omstui.domain.operation import Operation, Result
from omstui.domain.store import db
@dataclass
class P: period: str = "2021-04"
def run(ctx, params):
    ctx.log("Шаг первый")
    with db.write():
        db.execute("INSERT INTO setting(key, value) VALUES('probe', '1')")
        while True:
            ctx.check(); print("ready", flush=True); time.sleep(0.05)
open_services(sys.argv[1])
outcome = runner.execute(Operation("probe", "Проба", run, P), P(), who="анна")
print(outcome.kind, flush=True)
"""


def child(services: Services) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", _CHILD, str(services.database)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "ready"
    return process


def test_killed_run_is_told_by_the_journal_at_the_next_start(services: Services) -> None:
    process = child(services)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    open_services(str(services.database))
    assert not written()
    with db.connection():
        (row,) = list(db.execute("SELECT id, outcome FROM run"))
        assert row[1] == "crashed"
        texts = [line.text for line in journal.lines(row[0])]
        assert texts[0] == "Шаг первый"
        assert "сбоем" in texts[-1]
        assert not db.scalar("SELECT count(*) FROM lock")


def test_cancel_mark_aborts_a_run_of_another_process(services: Services) -> None:
    process = child(services)
    with db.connection():
        (run,) = journal.running()
    runner.cancel_mark(Path(run.run_file)).touch()
    assert process.stdout is not None
    started = time.monotonic()
    assert process.stdout.read().split()[-1] == "aborted"
    assert time.monotonic() - started < 10
    assert not written()


def test_run_file_holds_log_and_outcome(services: Services, tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    runner.execute(OPERATION, Params(), who="анна", run_file=path)
    events = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert [e["event"] for e in events] == ["log", "outcome"]
    assert events[-1]["kind"] == "ok"
    assert journal.read_run_file(path) == [LogLine("Начало", "info", None, events[0]["at"])]
