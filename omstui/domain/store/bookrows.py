"""Rows of reference books (строки справочников): one reader for classifiers and local books, rows by id.

A list takes the ids once and reads rows by pages. A row of a local book goes by its id in the table; the
table of classifiers has no such id, so that a reader numbers the keys (code, begin date) it has met.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from omstui.domain.bookspecs import CLASSIFIERS, LOCAL, Column, LocalBook
from omstui.domain.bookvalues import FOREVER
from omstui.domain.model import folded
from omstui.domain.store import db

Row = dict[str, Any]

#: columns of a row of any classifier, in the order of lists
NSI = (
    Column("code", "Код", required=True),
    Column("name", "Наименование"),
    Column("begin_date", "Начало", "day"),
    Column("end_date", "Окончание", "day"),
    Column("a1", "Признак 1"),
    Column("a2", "Признак 2"),
)
_SPANS = (("begin_date", "end_date"), ("hired", "dismissed"))


def columns(book: str) -> tuple[Column, ...]:
    """Columns of a book as lists show them."""
    if book in LOCAL:
        return LOCAL[book].columns
    tags = CLASSIFIERS[book].attributes
    kept = NSI if CLASSIFIERS[book].name else tuple(c for c in NSI if c.name != "name")
    return (*(c for c in kept if c.name[0] != "a"), *_tag_columns(tags))


def _tag_columns(tags: Sequence[str]) -> list[Column]:
    return [Column(f"a{n}", tag) for n, tag in enumerate(tags[:2], 1)]


def span_of(book: str) -> tuple[str, str] | None:
    """Names of the columns of validity of a book, if it has them."""
    names = {column.name for column in columns(book)}
    return next((pair for pair in _SPANS if names.issuperset(pair)), None)


class BookReader:
    """Reads one book for a list: ordered ids for a filter, a search and an order; rows by id.

    Filters: ``on`` = a day «YYYY-MM-DD», only rows in force on it. Call inside ``db.connection()``.
    """

    def __init__(self, book: str) -> None:
        self.book = book
        self.columns = columns(book)
        self._local = LOCAL.get(book)
        self._keys: list[tuple[str, str]] = []
        self._numbers: dict[tuple[str, str], int] = {}

    @property
    def is_named(self) -> bool:
        """Whether rows have a name (not that of a person) to be shown whole under the list."""
        return any(c.name == "name" and c.title == "Наименование" for c in self.columns)

    # --- lists ---------------------------------------------------------------------------

    def ids(self, where: Mapping[str, Any], search: str = "", sort: str = "") -> array[int]:
        """Ids in order: codes that are numbers by their value; ``sort`` is a column, «-» descends."""
        clause, params = self._where(where, search)
        order = self._order(sort)
        if self._local is not None:
            sql = f'SELECT id FROM "{self._local.table}"{clause} ORDER BY {order}'
            return array("q", (row[0] for row in db.execute(sql, params)))
        sql = f"SELECT code, begin_date FROM nsi{clause} ORDER BY {order}"
        return array("q", (self._number(code, begin) for code, begin in db.execute(sql, params)))

    def rows(self, ids: Sequence[int]) -> dict[int, Row]:
        """Rows by id, the columns of the book; an id that is gone is not there."""
        names = [column.name for column in self.columns]
        quoted = ", ".join(f'n."{name}"' for name in names)
        found: dict[int, Row] = {}
        if self._local is not None:
            sql = (
                f'SELECT n.id, {quoted} FROM "{self._local.table}" n'
                " WHERE n.id IN (SELECT value FROM json_each(?))"
            )
            for row_id, *values in db.execute(sql, (db.dump(list(ids)),)):
                found[row_id] = dict(zip(names, values, strict=True))
            return found
        sql = (
            "WITH k(number, code, begin_date) AS (SELECT json_extract(value, '$[0]'),"
            " json_extract(value, '$[1]'), json_extract(value, '$[2]') FROM json_each(?))"
            f" SELECT k.number, {quoted} FROM k CROSS JOIN nsi n"
            " ON n.book = ? AND n.code = k.code AND n.begin_date = k.begin_date"
        )
        wanted = [(number, *self._keys[number]) for number in ids if number < len(self._keys)]
        for number, *values in db.execute(sql, (db.dump(wanted), self.book)):
            found[number] = dict(zip(names, values, strict=True))
        return found

    def tags(self, row_id: int) -> dict[str, str]:
        """All tags of the source of a row of a classifier; {} when it is gone."""
        if self._local is not None or row_id >= len(self._keys):
            return {}
        sql = "SELECT data FROM nsi WHERE book=? AND code=? AND begin_date=?"
        data = db.scalar(sql, (self.book, *self._keys[row_id]))
        return {str(k): "" if v is None else str(v) for k, v in json.loads(data or "{}").items()}

    def _number(self, code: str, begin: str) -> int:
        key = (code, begin)
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = len(self._keys)
            self._keys.append(key)
        return number

    # --- conditions ----------------------------------------------------------------------

    def _where(self, where: Mapping[str, Any], search: str) -> tuple[str, list[Any]]:
        parts: list[str] = [] if self._local is not None else ["book = ?"]
        params: list[Any] = [] if self._local is not None else [self.book]
        span = span_of(self.book)
        if where.get("on") and span is not None:
            begin, end = span
            parts.append(f"({begin} = '' OR {begin} <= ?) AND ({end} = '' OR {end} >= ?)")
            params += [where["on"]] * 2
        names = [c.name for c in self.columns if c.kind == "text" and c.name not in ("a1", "a2")]
        joined = " || char(10) || ".join(f'"{name}"' for name in names) or "''"
        for word in folded(search).split():
            parts.append(f"folded({joined}) LIKE ? ESCAPE '\\'")
            params.append(f"%{_literal(word)}%")
        return (" WHERE " + " AND ".join(parts)) if parts else "", params

    def _order(self, sort: str) -> str:
        first = self._local.key if self._local is not None else ("code", "begin_date")
        # a key of ten columns orders the list well enough by its first ones
        parts = [f'{_by_value(name)}, "{name}"' for name in first[:4]]
        if key := sort.lstrip("-"):
            down = " DESC" if sort.startswith("-") else ""
            kind = next(c.kind for c in self.columns if c.name == key)
            value = f'folded("{key}")' if kind == "text" else f'"{key}"'
            parts.insert(0, f"{_by_value(key)}{down}, {value}{down}")
        if self._local is not None:
            parts.append("id")
        return ", ".join(parts)


def _by_value(name: str) -> str:
    """Order of what is a number: nothing stands before 2, 2 before 10, 10 before «A1»."""
    digits = f"\"{name}\" GLOB '[0-9]*' AND \"{name}\" NOT GLOB '*[^0-9]*'"
    return (
        f"CASE WHEN coalesce(\"{name}\", '') = '' THEN -1"
        f' WHEN {digits} THEN CAST("{name}" AS INTEGER) ELSE 9e18 END'
    )


def _literal(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


# --- names of codes ------------------------------------------------------------------------

#: books of our own that name codes: columns of the code and SQL of the name
_LOCAL_NAMES = {
    "departments": ("code", "name"),
    "doctors": ("code", "trim(surname || ' ' || name || ' ' || patronymic)"),
    "mes": ("code", "name"),
}
#: doctors are told by СНИЛС as well
_BY_SNILS = "replace(replace(snils, '-', ''), ' ', '') = replace(replace(?, '-', ''), ' ', '')"


def names_on(wanted: Collection[tuple[str, str]], day: str) -> dict[tuple[str, str], str]:
    """Names of (book, code) on a day ('' = any): of the row in force, else of the newest one."""
    federal = [pair for pair in wanted if pair[0] not in _LOCAL_NAMES]
    found = {}
    sql = (
        "SELECT n.book, n.code, n.name FROM (SELECT json_extract(value, '$[0]') AS book,"
        " json_extract(value, '$[1]') AS code FROM json_each(?1)) w CROSS JOIN nsi n"
        " ON n.book = w.book AND n.code = w.code"
        " ORDER BY n.begin_date <= ?2 AND (n.end_date = '' OR n.end_date >= ?2), n.begin_date"
    )
    for book, code, name in db.execute(sql, (db.dump(federal), day or FOREVER)):
        found[book, code] = name
    for book, code in wanted:
        if book in _LOCAL_NAMES and (name := _local_name(LOCAL[book], code, day)):
            found[book, code] = name
    return found


def _local_name(book: LocalBook, code: str, day: str) -> str:
    key, name = _LOCAL_NAMES[book.code]
    condition, params = f'"{key}" = ?', [code]
    if book.code == "doctors":
        condition, params = f"({condition} OR (snils <> '' AND {_BY_SNILS}))", [code, code]
    order = "id"
    if any(column.name == "begin_date" for column in book.columns):
        order = "begin_date <= ? AND (end_date = '' OR end_date >= ?), begin_date"
        params += [day or FOREVER] * 2
    sql = f'SELECT {name} FROM "{book.table}" WHERE {condition} ORDER BY {order}'
    rows = db.execute(sql, params).fetchall()
    return str(rows[-1][0]) if rows else ""


# --- editing of local books ----------------------------------------------------------------


def read(book: LocalBook, row_id: int) -> Row | None:
    """One row of a local book by column, None when it is gone."""
    names = [column.name for column in book.columns]
    quoted = ", ".join(f'"{name}"' for name in names)
    found = db.execute(f'SELECT {quoted} FROM "{book.table}" WHERE id=?', (row_id,)).fetchone()
    return dict(zip(names, found, strict=True)) if found else None


def alike(book: LocalBook, values: Mapping[str, Any], names: Sequence[str]) -> dict[int, Row]:
    """Rows of a local book with the same values in these columns, by id."""
    columns = [column.name for column in book.columns]
    quoted = ", ".join(f'"{name}"' for name in columns)
    condition = " AND ".join(f'"{name}" IS ?' for name in names)
    sql = f'SELECT id, {quoted} FROM "{book.table}" WHERE {condition}'
    rows = db.execute(sql, [values[name] for name in names])
    return {row[0]: dict(zip(columns, row[1:], strict=True)) for row in rows}


def insert(book: LocalBook, values: Mapping[str, Any]) -> int:
    """Add a row; returns its id. Inside ``db.write()``."""
    names = [column.name for column in book.columns]
    cursor = db.execute(db.insert_sql(book.table, names), [values[name] for name in names])
    return int(cursor.lastrowid or 0)


def update(book: LocalBook, row_id: int, values: Mapping[str, Any]) -> None:
    """Put these columns of a row. Inside ``db.write()``."""
    names = ", ".join(f'"{name}"=?' for name in values)
    db.execute(f'UPDATE "{book.table}" SET {names} WHERE id=?', (*values.values(), row_id))


def delete(book: LocalBook, row_id: int) -> None:
    """Take a row out. Inside ``db.write()``."""
    db.execute(f'DELETE FROM "{book.table}" WHERE id=?', (row_id,))


def note_edit(book: LocalBook, *, at: str, who: str) -> None:
    """Keep the number of rows of a book true and say who touched it. Inside ``db.write()``."""
    count = db.scalar(f'SELECT count(*) FROM "{book.table}"')
    db.execute(
        'INSERT INTO book(code, title, "rows", loaded_at, "by") VALUES(?,?,?,?,?)'
        ' ON CONFLICT(code) DO UPDATE SET "rows"=excluded."rows", "by"=excluded."by"',
        (book.code, book.title, count, at, who),
    )
