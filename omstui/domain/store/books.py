"""Reference books in the database (справочники): staged, compared, replaced whole, listed with edition.

A file is first staged in a temporary table of this connection, so that what it would change can be counted
in SQL and shown before anything is written.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from omstui.domain.bookspecs import CLASSIFIERS, LOADABLE, LOCAL, LocalBook, title_of
from omstui.domain.classifiers import version_key
from omstui.domain.store import db
from omstui.domain.store.packages import FORMED_SQL

#: the list of classifiers with their newest editions, itself a classifier: known_edition comes from it
CATALOGUE = "NSI_CATALOG"

_NSI = ("code", "begin_date", "end_date", "name", "a1", "a2", "data")


@dataclass(frozen=True, slots=True)
class BookRow:
    """A book as the list shows it; ``loaded_at`` is '' when it was never loaded.

    ``official`` False = came with the program or was compiled by us; ``stale``: a newer edition is known.
    """

    code: str
    title: str
    family: str  # classifier | local
    rows: int
    edition: str
    edition_date: str
    known_edition: str
    stale: bool
    loaded_at: str
    file_name: str
    official: bool


@dataclass(frozen=True, slots=True)
class Diff:
    """What a staged file would do to its book; ``repeated``: rows of the file with a key it had already."""

    rows: int
    added: int
    changed: int
    closed: int
    removed: int
    repeated: int = 0

    @property
    def nothing(self) -> bool:
        return not (self.added or self.changed or self.closed or self.removed)


@dataclass(frozen=True, slots=True)
class Loaded:
    """What is remembered of a loaded file."""

    edition: str = ""
    edition_date: str = ""
    at: str = ""
    file_name: str = ""
    sha256: str = ""
    by: str = ""
    official: bool = True


# --- the list ----------------------------------------------------------------------------------


def books() -> list[BookRow]:
    """All books the program knows, loaded or not: local ones first."""
    loaded = {row[0]: row[1:] for row in db.execute(_LOADED)}
    known = dict(db.execute("SELECT code, a1 || ' ' || a2 FROM nsi WHERE book=?", (CATALOGUE,)))
    found = []
    for code in (*LOCAL, *CLASSIFIERS):
        local = code in LOCAL
        kept, edition, day, at, name, official = loaded.get(code, (0, "", "", "", "", 1))
        rows = count(code) if local else int(kept)
        newest, _, newest_day = known.get(code, "").partition(" ")
        stale = bool(rows and newest) and _older(edition, day, newest, newest_day)
        family = "local" if local else "classifier"
        found.append(
            BookRow(code, title_of(code), family, rows, edition, day, newest, stale, at, name, bool(official))
        )
    return found


_LOADED = 'SELECT code, "rows", edition, edition_date, loaded_at, file_name, official FROM book'


def _older(edition: str, day: str, newest: str, newest_day: str) -> bool:
    have = version_key(edition)
    if have:
        return have < version_key(newest)
    return bool(day) and day < newest_day  # nobody numbered it; without a day either nothing can be said


def book_row(code: str) -> BookRow | None:
    """The book with this code if it has rows, None when it was never filled."""
    return next((row for row in books() if row.code == code and row.rows), None)


def loaded_from_files() -> set[str]:
    """Codes of books an operator loaded; the others came with the program."""
    return {row[0] for row in db.execute("SELECT code FROM book WHERE file_name <> ''")}


def count(code: str) -> int:
    """Rows of the book at present."""
    if code in LOADABLE:
        return int(db.scalar(f'SELECT count(*) FROM "{LOADABLE[code].table}"'))
    return int(db.scalar("SELECT count(*) FROM nsi WHERE book=?", (code,)))


def formed_registries() -> int:
    """Registries formed and not exported: a new book of prices does not touch their sums."""
    formed = f"SELECT count(*) FROM registry WHERE status IN {FORMED_SQL} AND deleted_at IS NULL"
    return int(db.scalar(formed))


# --- staging -----------------------------------------------------------------------------------


@contextmanager
def staging() -> Iterator[None]:
    """Temporary tables for the files of one load; dropped afterwards."""
    tables = {"nsi_new": _NSI_NEW} | {f"new_{b.table}": _columns(b) for b in LOADABLE.values()}
    with db.temp_tables(tables):
        yield


_NSI_NEW = (
    "slot INTEGER, code TEXT, begin_date TEXT, end_date TEXT, name TEXT, a1 TEXT, a2 TEXT, data TEXT,"
    " PRIMARY KEY(slot, code, begin_date)"
)


def _columns(book: LocalBook) -> str:
    # without types: values keep those read_value gave them
    return "n INTEGER PRIMARY KEY, " + ", ".join(f'"{c.name}"' for c in book.columns)


def stage_nsi(slot: int, rows: Iterable[Sequence[Any]]) -> int:
    """Stage a classifier; of rows with one key the last stays. Returns how many there were."""
    names = ", ".join(_NSI)
    with db.snapshot():  # one transaction of the temporary table, not one a row
        sql = f"INSERT OR REPLACE INTO nsi_new(slot, {names}) VALUES({slot},?,?,?,?,?,?,?)"
        return int(db.executemany(sql, rows).rowcount)


def stage_local(book: LocalBook, rows: Iterable[Sequence[Any]]) -> int:
    """Stage a local book; the first value of a row is its number in the file."""
    names = ["n", *(c.name for c in book.columns)]
    with db.snapshot():
        db.execute(f'DELETE FROM "new_{book.table}"')
        return int(db.executemany(db.insert_sql(f"new_{book.table}", names), rows).rowcount)


def staged_rows(book: LocalBook) -> list[dict[str, Any]]:
    """Rows of a staged local book by names of columns."""
    names = [c.name for c in book.columns]
    rows = db.execute(f'SELECT {", ".join(names)} FROM "new_{book.table}" ORDER BY n')
    return [dict(zip(names, row, strict=True)) for row in rows]


def repeated_key(book: LocalBook) -> tuple[int, int, dict[str, Any]] | None:
    """(row, earlier row, its key) of a staged local book where a key comes twice."""
    key = ", ".join(f'"{k}"' for k in book.key)
    rows = db.execute(
        f"SELECT n, first, {key} FROM (SELECT n, {key}, min(n) OVER (PARTITION BY {key}) AS first"
        f' FROM "new_{book.table}") WHERE n <> first ORDER BY n LIMIT 1'
    ).fetchone()
    return None if rows is None else (rows[0], rows[1], dict(zip(book.key, rows[2:], strict=True)))


def overlapping(book: LocalBook) -> tuple[int, int, dict[str, Any]] | None:
    """(row, other row, key without its begin) where rows of one key hold on the same day."""
    if not book.spans:
        return None
    key = [k for k in book.key if k != "begin_date"]
    names = ", ".join(f'"{k}"' for k in key)
    rows = db.execute(
        f"SELECT max(n, other), min(n, other), {names} FROM (SELECT n, begin_date, {names},"
        " lag(n) OVER w AS other, lag(CASE end_date WHEN '' THEN '9999-12-31' ELSE end_date END) OVER w"
        f' AS until FROM "new_{book.table}" WINDOW w AS (PARTITION BY {names} ORDER BY begin_date, n))'
        " WHERE begin_date <= until ORDER BY 1 LIMIT 1"
    ).fetchone()
    return None if rows is None else (rows[0], rows[1], dict(zip(key, rows[2:], strict=True)))


# --- what would change -------------------------------------------------------------------------


def diff_nsi(code: str, slot: int, read: int, *, fill_only: bool = False) -> Diff:
    """Compare a staged classifier with the book. ``fill_only``: it only adds codes the book lacks."""
    staged = int(db.scalar("SELECT count(*) FROM nsi_new WHERE slot=?", (slot,)))
    if fill_only:
        added = int(db.scalar(f"SELECT count(*) {_ABSENT}", (slot, code)))
        return Diff(staged, added, 0, 0, 0, read - staged)
    same = " AND ".join(f"o.{c} = n.{c}" for c in _NSI[2:])
    old, new, differs, closed = db.execute(
        "SELECT (SELECT count(*) FROM nsi WHERE book=?), count(o.code),"
        f" coalesce(sum(NOT ({same})), 0), coalesce(sum(o.end_date = '' AND n.end_date <> ''), 0)"
        " FROM nsi_new n LEFT JOIN nsi o ON o.book=? AND o.code=n.code AND o.begin_date=n.begin_date"
        " WHERE n.slot=?",
        (code, code, slot),
    ).fetchone()
    return Diff(staged, staged - new, differs - closed, closed, old - new, read - staged)


_ABSENT = "FROM nsi_new n WHERE n.slot=? AND NOT EXISTS(SELECT 1 FROM nsi o WHERE o.book=? AND o.code=n.code)"


def diff_local(book: LocalBook) -> Diff:
    """Compare a staged local book with the one loaded."""
    new, old = f'"new_{book.table}"', f'"{book.table}"'
    rest = [c.name for c in book.columns if c.name not in book.key]
    on = " AND ".join(f'o."{k}" IS n."{k}"' for k in book.key)
    same = " AND ".join(f"{_open('o', c)} IS {_open('n', c)}" for c in rest) or "1"
    dated = "end_date" in rest
    closing = "o.id IS NOT NULL AND o.end_date = '' AND n.end_date <> ''" if dated else "0"
    had = int(db.scalar(f"SELECT count(*) FROM {old}"))
    rows, met, differs, closed = db.execute(
        f"SELECT count(*), count(o.id), coalesce(sum(o.id IS NOT NULL AND NOT ({same})), 0),"
        f" coalesce(sum({closing}), 0) FROM {new} n LEFT JOIN {old} o ON {on}"
    ).fetchone()
    return Diff(rows, rows - met, differs - closed, closed, had - met)


def _open(table: str, column: str) -> str:
    """A column for comparing: the dates of payers are NULL where those of books are ''."""
    return f"coalesce({table}.{column}, '')" if column.endswith("_date") else f'{table}."{column}"'


# --- writing -----------------------------------------------------------------------------------


def apply_nsi(code: str, slot: int, loaded: Loaded, *, fill_only: bool = False) -> None:
    """Put the staged classifier in place of the book, or fill what it lacks. Inside ``db.write()``."""
    names = ", ".join(_NSI)
    if fill_only:
        db.execute(f"INSERT INTO nsi(book, {names}) SELECT '{code}', {names} {_ABSENT}", (slot, code))
        if db.scalar("SELECT count(*) FROM book WHERE code=?", (code,)):
            db.execute('UPDATE book SET "rows"=? WHERE code=?', (count(code), code))
            return
    else:
        db.execute("DELETE FROM nsi WHERE book=?", (code,))
        db.execute(
            f"INSERT INTO nsi(book, {names}) SELECT ?, {names} FROM nsi_new WHERE slot=?", (code, slot)
        )
    _remember(code, loaded)


def apply_local(book: LocalBook, loaded: Loaded) -> None:
    """Put the staged rows in place of the whole local book. Inside ``db.write()``."""
    names = ", ".join(f'"{c.name}"' for c in book.columns)
    db.execute(f'DELETE FROM "{book.table}"')
    db.execute(f'INSERT INTO "{book.table}"({names}) SELECT {names} FROM "new_{book.table}" ORDER BY n')
    _remember(book.code, loaded)


def _remember(code: str, loaded: Loaded) -> None:
    db.execute(
        'INSERT OR REPLACE INTO book(code, title, edition, edition_date, "rows", loaded_at, file_name,'
        ' sha256, "by", official) VALUES(?,?,?,?,?,?,?,?,?,?)',
        (
            code, title_of(code), loaded.edition, loaded.edition_date, count(code), loaded.at,
            loaded.file_name, loaded.sha256, loaded.by, int(loaded.official),
        ),
    )  # fmt: skip


# --- columns of files --------------------------------------------------------------------------


def remembered_mapping(book: str, header: str) -> dict[str, str]:
    """How the operator mapped a file with these columns: name of its column → ours."""
    row = db.execute("SELECT mapping FROM book_mapping WHERE book=? AND header=?", (book, header)).fetchone()
    return dict(json.loads(row[0])) if row else {}


def book_of_header(header: str) -> str:
    """The one book a file with these columns was mapped to; '' when none or several were."""
    rows = db.execute("SELECT book FROM book_mapping WHERE header=?", (header,)).fetchall()
    return str(rows[0][0]) if len(rows) == 1 else ""


def remember_mapping(book: str, header: str, mapping: Mapping[str, str]) -> None:
    """Keep a mapping for the next file with the same columns. Inside ``db.write()``."""
    db.execute(
        "INSERT OR REPLACE INTO book_mapping(book, header, mapping) VALUES(?,?,?)",
        (book, header, db.dump(dict(mapping))),
    )
