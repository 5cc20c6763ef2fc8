"""Throw-away SQLite files beside the database (промежуточные файлы): what a big file is staged in.

The disk of the database has the room, memory and /tmp may not. A file carries in its name the process that
owns it, so that the next operation can tell the leftovers of a killed one and remove them.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from omstui.domain.store import db, journal

#: KiB of pages kept in memory; the rest of the file stays on the disk
_CACHE = 8192


def new_path() -> Path:
    """A name for a new file of this process; clears the leftovers of killed ones."""
    clean_leftovers()
    pid = os.getpid()
    name = f"{db.path().name}.stage-{pid}-{journal.process_start(pid)}-{os.urandom(4).hex()}"
    return db.path().with_name(name)


def clean_leftovers() -> None:
    """Remove files whose process no longer runs."""
    for path in db.path().parent.glob(db.path().name + ".stage-*"):
        parts = path.name.rsplit(".stage-", 1)[1].split("-")
        if not (len(parts) >= 2 and parts[0].isdigit() and journal.alive(int(parts[0]), parts[1])):
            remove(path)


def remove(path: Path) -> None:
    path.unlink(missing_ok=True)
    path.with_name(path.name + "-journal").unlink(missing_ok=True)


@contextmanager
def attached() -> Iterator[None]:
    """An empty file as schema ``stage`` of this thread's connection; its rows are lost afterwards.

    It keeps no journal: after an error nothing of it may be read, and nothing is.
    """
    path = new_path()
    db.execute("ATTACH DATABASE ? AS stage", (str(path),))
    try:
        for setting in ("journal_mode=OFF", "synchronous=OFF", f"cache_size=-{_CACHE}"):
            db.execute(f"PRAGMA stage.{setting}")
        yield
    finally:
        # an error may keep a cursor alive in its traceback: the file then goes with the connection
        with suppress(sqlite3.OperationalError):
            db.execute("DETACH DATABASE stage")
        remove(path)
