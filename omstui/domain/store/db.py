"""The database file (база данных): opening, pragmas, transactions. SQLite-only statements live here.

One database = one МО. Every job opens a connection of its own (``connection()``); every write is one
IMMEDIATE transaction (``write()``): a deferred one fails at once when another operator wrote first.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import peewee

from omstui.domain.errors import BusyError, OmsError
from omstui.domain.model import Period, folded
from omstui.domain.store.guards import CLOSED, TRIGGERS
from omstui.domain.store.tables import EXTRA_INDEXES, TABLES, database

#: raised by one with each migration (store/migrations); a fresh database starts at the newest
SCHEMA_VERSION = 2
APPLICATION_ID = 0x4F4D5354  # «OMST»

#: WAL needs shared memory: on these mounts two hosts would corrupt the file (product.md §11.24)
_NETWORK = ("nfs", "cifs", "smb", "fuse.sshfs", "fuse.gluster", "ceph", "afs", "ncp")

_PRAGMAS = {
    "journal_mode": "wal",
    "synchronous": 1,
    "foreign_keys": 1,
    "busy_timeout": 15000,
    "cache_size": -32768,
    "temp_store": 2,
}


def mount_type(path: Path, mounts: str) -> str:
    """File system type of the mount that holds ``path``; ``mounts`` is the text of /proc/mounts."""
    best, kind = "", ""
    for line in mounts.splitlines():
        point, fs = line.split()[1:3]
        point = point.replace("\\040", " ")
        inside = path.is_relative_to(point)
        if inside and len(point) >= len(best):
            best, kind = point, fs
    return kind


def _refuse_network(path: Path) -> None:
    try:
        mounts = Path("/proc/mounts").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return
    kind = mount_type(path.absolute(), mounts)
    if kind.startswith(_NETWORK):
        raise OmsError(
            f"База данных {path} лежит на сетевом диске ({kind}): совместная работа её повредит.",
            hint="Перенесите базу на локальный диск сервера, где работают операторы.",
        )


def create(path: Path) -> None:
    """Create an empty database at ``path`` (group-writable, never world-readable)."""
    _refuse_network(path)
    if path.exists():
        raise OmsError(f"База данных {path} уже есть.", hint="Укажите другой путь (--db) или уберите старую.")
    path.parent.mkdir(parents=True, exist_ok=True)
    old = os.umask(0o007)
    try:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o660))
        _bind(path)
        with database.connection_context(), database.atomic("IMMEDIATE"):
            database.create_tables(TABLES)
            for statement in (*EXTRA_INDEXES, *TRIGGERS.values()):
                database.execute_sql(statement)
            database.execute_sql(f"PRAGMA user_version={SCHEMA_VERSION}")
            database.execute_sql(f"PRAGMA application_id={APPLICATION_ID}")
    finally:
        os.umask(old)


def bind(path: Path) -> None:
    """Use the existing database at ``path``; refuses a missing, foreign or newer one."""
    if not path.exists():
        raise OmsError(
            f"База данных {path} не найдена.",
            hint="Создайте её: omstui init --profile yar --settings ФАЙЛ.toml (или omstui demo).",
        )
    _refuse_network(path)
    os.umask(0o007)  # -wal and -shm must stay writable for the group of operators
    _bind(path)
    with connection():
        version, application = _scalar("PRAGMA user_version"), _scalar("PRAGMA application_id")
    if application != APPLICATION_ID:
        raise OmsError(f"Файл {path} — не база данных omstui.", hint="Проверьте путь --db.")
    if version > SCHEMA_VERSION:
        raise OmsError(
            f"База данных {path} создана более новой версией программы.",
            hint="Обновите omstui.",
        )


def _bind(path: Path) -> None:
    if not database.is_closed():
        database.close()
    database.init(str(path), pragmas=_PRAGMAS)


def path() -> Path:
    """Path of the bound database."""
    return Path(database.database)


@contextmanager
def connection() -> Iterator[None]:
    """Open this thread's connection for one job; nested use shares it."""
    if not database.is_closed():
        yield
        return
    try:
        database.connect()
    except (peewee.DatabaseError, sqlite3.DatabaseError) as error:
        raise OmsError(
            f"База данных {path()} не открывается: {in_words(error)}.",
            hint="Проверьте путь --db, права и место на диске."
            if isinstance(error, peewee.OperationalError)
            else "Проверьте путь --db; испорченную базу возвращают из копии: omstui restore КОПИЯ.",
        ) from error
    try:
        _register(database.connection())
        yield
    except sqlite3.OperationalError as error:
        if any(word in str(error) for word in _DISK_AND_LOCKS):  # a list that cannot be read is told, too
            raise _plain(error) from error
        raise
    finally:
        database.close()


#: the run whose operation works in this context; 0 outside of one
_run: ContextVar[int] = ContextVar("run", default=0)
#: stands in the row of a running operation once something of it is committed
WRITTEN = "Изменения записаны."


@contextmanager
def for_run(run_id: int) -> Iterator[None]:
    """Transactions inside belong to this run and leave their trace in its row of the journal."""
    token = _run.set(run_id)
    try:
        yield
    finally:
        _run.reset(token)


@contextmanager
def write() -> Iterator[None]:
    """One whole write transaction: everything or nothing; a row of a closed month refuses it."""
    try:
        with database.atomic("IMMEDIATE"):
            yield
            if _run.get():  # a process killed right after the commit must not be told «не изменены»
                execute("UPDATE run SET message=? WHERE id=?", (WRITTEN, _run.get()))
    except (peewee.IntegrityError, sqlite3.IntegrityError) as error:
        if CLOSED not in str(error):
            raise
        raise closed_error() from error
    except peewee.OperationalError as error:
        raise _plain(_first_cause(error)) from error
    except sqlite3.OperationalError as error:  # statements of ``execute`` do not pass through peewee
        if any(word in str(error) for word in _DISK_AND_LOCKS):
            raise _plain(error) from error
        raise  # a wrong statement is a bug and must look like one


def closed_error(month: str = "", closed: str = "") -> OmsError:
    """The refusal of whatever would change a closed month; ``closed``: when and by whom, in words."""
    if not month:  # a trigger does not say which
        rows = execute(
            "SELECT period FROM month_close WHERE reopened_at IS NULL ORDER BY period DESC LIMIT 3"
        )
        months = ", ".join(Period.parse(row[0]).title for row in rows)
        what = f"Это изменило бы закрытый месяц ({months}), а в нём ничего изменить нельзя."
    else:
        what = f"Месяц {Period.parse(month).title} закрыт{closed}, изменить в нём ничего нельзя."
    return OmsError(
        what,
        title="Месяц закрыт",
        hint="Открыть его может старший оператор с указанием причины (omstui month reopen).",
    )


def _first_cause(error: BaseException) -> BaseException:
    """On a full disk SQLite rolls back by itself and peewee's rollback then fails: find the first error."""
    found: BaseException | None = error
    while found is not None and not any(word in str(found) for word in _DISK_AND_LOCKS):
        found = found.__context__
    return found or error


_DISK_AND_LOCKS = ("locked", "busy", "full", "readonly", "disk I/O")


@contextmanager
def snapshot() -> Iterator[None]:
    """One read transaction: several cursors see one state, whatever others write meanwhile.

    Leave it before ``write()``: a snapshot cannot turn into a write once somebody else has written.
    """
    with database.atomic("DEFERRED"):
        yield


def _plain(error: BaseException) -> OmsError:
    text = str(error)
    if "locked" in text or "busy" in text:
        return BusyError("База данных занята другой операцией.", hint="Повторите через минуту.")
    if "full" in text:
        return OmsError(
            f"На диске с базой данных {path()} кончилось место: ничего не изменено.",
            hint="Освободите место и повторите.",
        )
    return OmsError(f"Ошибка базы данных: {in_words(error)}. Ничего не изменено.")


_WORDS = (
    ("not a database", "это не база данных или она испорчена"),
    ("malformed", "она испорчена"),
    ("unable to open", "нет прав или это не файл"),
    ("readonly", "нет права записи"),
    ("disk I/O", "ошибка чтения или записи диска"),
    ("full", "на диске кончилось место"),
    ("locked", "она занята"),
)


def in_words(error: BaseException) -> str:
    """The English of SQLite in Russian."""
    return next((words for start, words in _WORDS if start in str(error)), "ошибка чтения")


def _register(raw: sqlite3.Connection) -> None:
    raw.create_function("folded", 1, lambda t: folded(t) if t else "", deterministic=True)


@contextmanager
def temp_tables(tables: Mapping[str, str]) -> Iterator[None]:
    """Fresh temporary tables (name → columns) for one file that is being matched; dropped afterwards."""
    drop_temp(tables)
    for name, columns in tables.items():
        execute(f"CREATE TEMP TABLE {name}({columns})")
    try:
        yield
    finally:
        drop_temp(tables)


def drop_temp(tables: Iterable[str]) -> None:
    for name in tables:
        execute(f"DROP TABLE IF EXISTS temp.{name}")


def raw() -> sqlite3.Connection:
    """The sqlite3 connection of this thread, for set statements and bulk writes."""
    return database.connection()  # type: ignore[no-any-return]


def execute(sql: str, params: Sequence[Any] | Mapping[str, Any] = ()) -> sqlite3.Cursor:
    """Run one statement on this thread's connection."""
    try:
        return raw().execute(sql, params)
    except OverflowError:  # a number typed by an operator that SQLite cannot even look for
        raise OmsError(
            "Слишком большое число: таких номеров не бывает. Ничего не изменено.",
            hint="Проверьте номер и повторите.",
        ) from None


def executemany(sql: str, rows: Iterable[Sequence[Any]]) -> sqlite3.Cursor:
    return raw().executemany(sql, rows)


def insert_sql(table: str, names: Sequence[str]) -> str:
    """``INSERT INTO table(names) VALUES(?,…)``."""
    quoted = ",".join(f'"{n}"' for n in names)
    return f'INSERT INTO "{table}"({quoted}) VALUES({",".join("?" * len(names))})'


def _scalar(sql: str, params: Sequence[Any] = ()) -> Any:
    row = execute(sql, params).fetchone()
    return row[0] if row else None


scalar = _scalar

#: Full name of patient ``p``; a newborn without a name of his own goes by the representative's
FIO = (
    "trim(CASE WHEN p.surname || p.name = '' AND p.rep_surname <> ''"
    " THEN p.rep_surname || ' ' || p.rep_name || ' ' || p.rep_patronymic || ' (новорождённый)'"
    " ELSE coalesce(p.surname || ' ' || p.name || ' ' || p.patronymic, '') END)"
)


def data_version() -> int:
    """A number that changes when somebody else commits: what was read before may be stale."""
    return int(_scalar("PRAGMA data_version"))


def dump(value: Any) -> str:
    """JSON as it is stored: raw Cyrillic, compact, keys in a fixed order."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def backup(target: Path) -> None:
    """Copy the bound database whole while others work (SQLite backup API), then move it in place."""
    part = target.with_name(target.name + ".part")
    part.unlink(missing_ok=True)
    os.close(os.open(part, os.O_CREAT | os.O_RDWR, 0o660))
    copy = sqlite3.connect(part)
    try:
        with connection():
            raw().backup(copy)
    finally:
        copy.close()
    os.replace(part, target)
