"""Journal of runs and the writer's lock (журнал операций, «занято: кто, что, с какого времени»).

A run row is written before the operation and closed after it, in transactions of their own, so that the
log of an aborted or killed run survives its rollback. The lock says who is writing; a lock of a dead
process (pid and its start time) is taken over.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from omstui.domain.errors import BusyError
from omstui.domain.operation import LogLine
from omstui.domain.store import db

SCOPE = "db"


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run as the journal shows it."""

    id: int
    operation: str
    title: str
    who: str
    started_at: str
    finished_at: str | None
    outcome: str
    message: str
    period: str
    run_file: str
    pid: int
    pid_start: str


_RUN = (
    "SELECT id, operation, title, who, started_at, finished_at, outcome, message, period, run_file,"
    " pid, pid_start FROM run"
)


def begin(operation: str, title: str, params: str, who: str, at: str, period: str, run_file: str) -> int:
    """Write the run row; returns its id."""
    with db.write():
        cursor = db.execute(
            "INSERT INTO run(operation, title, params, who, host, pid, pid_start, started_at, period,"
            " run_file) VALUES(?,?,?,?,?,?,?,?,?,?)",
            (
                operation,
                title,
                params,
                who,
                socket.gethostname(),
                os.getpid(),
                process_start(os.getpid()),
                at,
                period,
                run_file,
            ),
        )
    return int(cursor.lastrowid or 0)


def take_lock(run_id: int, who: str, what: str, since: str) -> None:
    """Take the writer's lock or raise BusyError naming who holds it, for what, since when."""
    with db.write():
        row = db.execute(
            "SELECT who, what, since, pid, pid_start FROM lock WHERE scope=?", (SCOPE,)
        ).fetchone()
        if row and alive(row[3], row[4]):
            raise BusyError(
                f"Занято: {row[0]}, «{row[1]}», с {row[2]}.",
                title="Занято",
                hint="Дождитесь конца этой операции или прервите её.",
            )
        db.execute(
            "INSERT OR REPLACE INTO lock(scope, run_id, who, what, since, pid, pid_start, cancel)"
            " VALUES(?,?,?,?,?,?,?,0)",
            (SCOPE, run_id, who, what, since, os.getpid(), process_start(os.getpid())),
        )


def finish(
    run_id: int, outcome: str, message: str, at: str, lines: Sequence[LogLine], files: Sequence[str]
) -> None:
    """Close the run: outcome, log lines, files; release its lock. One short transaction."""
    with db.write():
        db.execute(
            "UPDATE run SET outcome=?, message=?, finished_at=? WHERE id=?",
            (outcome, message, at, run_id),
        )
        db.executemany(
            'INSERT OR REPLACE INTO run_line(run_id, seq, at, level, "text", link) VALUES(?,?,?,?,?,?)',
            (
                (
                    run_id,
                    n,
                    line.at,
                    line.level,
                    line.text,
                    db.dump(line.link) if line.link else None,
                )
                for n, line in enumerate(lines)
            ),
        )
        db.executemany(
            # an operation that stored the file itself has written the row with its id already
            "INSERT INTO run_file(run_id, path, role) SELECT ?, ?, 'out' WHERE NOT EXISTS"
            " (SELECT 1 FROM run_file WHERE run_id=? AND path=?)",
            ((run_id, path, run_id, path) for path in files),
        )
        db.execute("DELETE FROM lock WHERE run_id=?", (run_id,))


def forget(run_id: int) -> None:
    """Remove a run that only asked a question: nothing happened."""
    with db.write():
        db.execute("DELETE FROM lock WHERE run_id=?", (run_id,))
        db.execute("DELETE FROM run WHERE id=?", (run_id,))


def recover(at: str) -> list[RunRow]:
    """Close runs whose process died («прервано сбоем») with the log of their run file."""
    dead = [run for run in running() if not alive(run.pid, run.pid_start)]
    for run in dead:
        lines = read_run_file(Path(run.run_file))
        done = committed(run.id)
        state = (
            f"Уже сделано и остаётся: {', '.join(done)}." if done else run.message or "Данные не изменены."
        )
        lines.append(LogLine(f"Операция прервана сбоем: процесс остановлен. {state}", "error"))
        finish(run.id, "crashed", f"Прервано сбоем. {state}", at, lines, [])
    return dead


def written(run_id: int) -> bool:
    """True once the running operation has committed something."""
    return bool(db.scalar("SELECT message FROM run WHERE id=?", (run_id,)))


def running() -> list[RunRow]:
    """Runs not finished yet."""
    return [RunRow(*row) for row in db.execute(_RUN + " WHERE outcome='running' ORDER BY id")]


def run(run_id: int) -> RunRow | None:
    row = db.execute(_RUN + " WHERE id=?", (run_id,)).fetchone()
    return RunRow(*row) if row else None


def lines(run_id: int) -> list[LogLine]:
    """Stored log of a finished run."""
    rows = db.execute('SELECT "text", level, link, at FROM run_line WHERE run_id=? ORDER BY seq', (run_id,))
    return [LogLine(t, lv, json.loads(link) if link else None, at) for t, lv, link, at in rows]


def files(run_id: int) -> list[str]:
    """Files the run wrote or took."""
    rows = db.execute("SELECT path FROM run_file WHERE run_id=? ORDER BY id", (run_id,))
    return [row[0] for row in rows if row[0]]


def by_file(run_file: str) -> RunRow | None:
    """The run that writes this run file."""
    row = db.execute(_RUN + " WHERE run_file=?", (run_file,)).fetchone()
    return RunRow(*row) if row else None


def read_run_file(path: Path) -> list[LogLine]:
    """Log lines of a run file; a line cut by a crash is left out."""
    found: list[LogLine] = []
    if not path.is_file():
        return found
    for text in path.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            event: dict[str, Any] = json.loads(text)
        except ValueError:
            continue
        if event.get("event") == "log":
            found.append(LogLine(event["text"], event["level"], event.get("link"), event["at"]))
    return found


def committed(run_id: int) -> list[str]:
    """Files of the run that are in the database: each was taken or written whole and stays."""
    rows = db.execute(
        "SELECT name FROM load_file WHERE run_id=?1 UNION SELECT name FROM answer WHERE run_id=?1"
        " UNION SELECT name FROM package WHERE run_id=?1",
        (run_id,),
    )
    return [row[0] for row in rows]


def process_start(pid: int) -> str:
    """Start time of a process in clock ticks, so that a reused pid is not taken for it."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    return stat.rsplit(")", 1)[1].split()[19]


def alive(pid: int, start: str) -> bool:
    """True if this very process still runs (zombies do not count)."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return False
    return state[19] == start and state[0] != "Z"
