"""Copying the database file (копии базы) with SQLite's own backup: safe while others work."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from omstui.domain.errors import BusyError, OmsError
from omstui.domain.store import db, journal


def copy_to(target: Path) -> None:
    """Copy the bound database to ``target``; an unfinished copy is removed."""
    try:
        db.backup(target)
    except BaseException as error:
        with suppress(OSError):
            target.with_name(target.name + ".part").unlink(missing_ok=True)
        if isinstance(error, sqlite3.Error):
            raise OmsError(
                f"Копия {target} не сделана: {db.in_words(error)}.",
                hint="Проверьте место на диске и повторите.",
            ) from error
        raise


@contextmanager
def _opened(source: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True)) as raw:
        yield raw


def check_copy(source: Path) -> None:
    """Refuse a file that is no whole database of ours."""
    if not source.is_file():
        raise OmsError(f"Файла {source} нет.", hint="Укажите файл резервной копии.")
    try:
        with _opened(source) as raw:
            application = raw.execute("PRAGMA application_id").fetchone()[0]
            version = raw.execute("PRAGMA user_version").fetchone()[0]
            if application != db.APPLICATION_ID:
                raise OmsError(f"Файл {source} — не база данных omstui.", hint="Укажите другой файл.")
            if version > db.SCHEMA_VERSION:
                raise OmsError(
                    f"Копия {source} сделана более новой версией программы.", hint="Обновите omstui."
                )
            state = raw.execute("PRAGMA integrity_check(1)").fetchone()[0]
    except sqlite3.DatabaseError as error:
        raise OmsError(
            f"Файл {source} не читается: {db.in_words(error)}.", hint="Возьмите другую копию."
        ) from error
    if state != "ok":
        raise OmsError(f"Копия {source} повреждена.", hint="Возьмите другую копию.")


def bring_back(source: Path) -> None:
    """Replace the contents of the bound database with those of the copy, in one transaction."""
    with db.connection():
        busy = [run for run in journal.running() if journal.alive(run.pid, run.pid_start)]
        if busy:
            raise BusyError(
                f"Занято: {busy[0].who}, «{busy[0].title}», с {busy[0].started_at}.",
                title="Занято",
                hint="Дождитесь конца этой операции.",
            )
        try:
            with _opened(source) as raw:
                raw.backup(db.raw())
        except sqlite3.Error as error:
            raise OmsError(
                f"База не восстановлена из {source}: {db.in_words(error)}.",
                hint="Закройте программу у других операторов и повторите.",
            ) from error
