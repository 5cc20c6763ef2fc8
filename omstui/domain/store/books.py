"""Reference books in the database (справочники): replaced whole, listed with edition and date."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from omstui.domain.store import db
from omstui.domain.store.packages import FORMED_SQL

#: code of a book → (title, table)
BOOKS: dict[str, tuple[str, str]] = {
    "tariff": ("Тарифы", "tariff"),
    "services": ("Услуги", "service_book"),
    "visit_type": ("Услуги посещения с профилактической целью", "visit_type_service"),
}


@dataclass(frozen=True, slots=True)
class BookRow:
    """A book as «nsi list» shows it; ``loaded_at`` is '' when it was never loaded."""

    code: str
    title: str
    rows: int
    edition: str
    loaded_at: str
    file_name: str


def books() -> list[BookRow]:
    """All books the program knows, loaded or not."""
    loaded = {row[0]: row[1:] for row in db.execute("SELECT code, edition, loaded_at, file_name FROM book")}
    return [
        BookRow(code, title, count(code), *loaded.get(code, ("", "", "")))
        for code, (title, _) in BOOKS.items()
    ]


def count(code: str) -> int:
    """Rows of the book at present."""
    return int(db.scalar(f"SELECT count(*) FROM {BOOKS[code][1]}"))


def replace_book(
    code: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[Any]],
    *,
    edition: str,
    at: str,
    file_name: str,
) -> None:
    """Put these rows in place of the whole book. Inside ``db.write()``."""
    title, table = BOOKS[code]
    db.execute(f"DELETE FROM {table}")
    db.executemany(db.insert_sql(table, columns), rows)
    db.execute(
        'INSERT OR REPLACE INTO book(code, title, edition, "rows", loaded_at, file_name) VALUES(?,?,?,?,?,?)',
        (code, title, edition, len(rows), at, file_name),
    )


def formed_registries() -> int:
    """Registries formed and not exported: a new book of prices does not touch their sums."""
    formed = f"SELECT count(*) FROM registry WHERE status IN {FORMED_SQL} AND deleted_at IS NULL"
    return int(db.scalar(formed))
