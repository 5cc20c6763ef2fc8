"""Copies of the database (резервные копии): by command, before a restore, and once a day by itself."""

from __future__ import annotations

import contextlib
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from omstui.domain import atomicfile
from omstui.domain.errors import OmsError
from omstui.domain.store import copies, db

_DAILY = re.compile(r"-(\d{4}-\d{2}-\d{2})\.db$")
_STALE = 3600  # seconds after which a mark «copy in the making» is left behind by a crash


def backup(target: Path, *, overwrite: bool = False) -> Path:
    """Copy the bound database whole to ``target`` while others work; returns the path."""
    target = target.expanduser()
    if target.is_dir():
        target = target / f"{db.path().stem}-{datetime.now():%Y-%m-%d-%H%M%S}.db"
    if target.exists() and target.samefile(db.path()):
        raise OmsError(f"{target} — это сама база данных.", hint="Укажите другой файл.")
    if target.exists() and not overwrite:
        raise atomicfile.exists_error(target)
    with atomicfile.plain_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        copies.copy_to(target)
    return target


def restore(source: Path, *, now: datetime | None = None) -> Path:
    """Bring the database back from a copy; returns where the present one was put aside.

    The copy must be ours, whole and not newer than the program; nobody may be running an operation.
    """
    source = source.expanduser()
    copies.check_copy(source)
    if source.samefile(db.path()):
        raise OmsError(f"{source} — это сама база данных.", hint="Укажите файл резервной копии.")
    aside = _aside(now or datetime.now())
    with atomicfile.plain_errors(aside):
        copies.copy_to(aside)
    copies.bring_back(source)
    return aside


def _aside(now: datetime) -> Path:
    """A name beside the database that is not taken: two restores in one second lose nothing."""
    name = f"{db.path().stem}-до-восстановления-{now:%Y%m%d-%H%M%S}"
    aside = db.path().with_name(f"{name}.db")
    number = 2
    while aside.exists():
        aside = db.path().with_name(f"{name}-{number}.db")
        number += 1
    return aside


def folder() -> Path:
    """Folder of the daily copies, beside the database."""
    return db.path().with_name(db.path().name + ".backup")


@contextmanager
def _alone(target: Path) -> Iterator[bool]:
    """False if another operator's start is making this copy right now."""
    mark = target.with_name(target.name + ".lock")
    try:
        if mark.exists() and time.time() - mark.stat().st_mtime > _STALE:
            mark.unlink(missing_ok=True)  # its maker died
        os.close(os.open(mark, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o660))
    except (FileExistsError, FileNotFoundError):
        yield False
        return
    try:
        yield True
    finally:
        mark.unlink(missing_ok=True)


def daily(days: int, now: datetime | None = None) -> Path | None:
    """Make today's copy if there is none yet and drop those older than ``days``; 0 = no copies.

    Returns the new copy. Raises OmsError (full disk) which the start of the program tells and survives.
    """
    if days <= 0:
        return None
    today = (now or datetime.now()).date()
    place = folder()
    target = place / f"{db.path().stem}-{today.isoformat()}.db"
    if target.exists():
        return None
    with atomicfile.plain_errors(target):
        place.mkdir(mode=0o770, parents=True, exist_ok=True)
        with _alone(target) as alone:
            if not alone:
                return None
            copies.copy_to(target)
    limit = (today - timedelta(days=days)).isoformat()
    for old in place.glob("*.db"):
        found = _DAILY.search(old.name)
        if found and found[1] <= limit:
            with contextlib.suppress(OSError):  # another operator's start may have removed it already
                old.unlink()
    return target
