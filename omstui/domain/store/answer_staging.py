"""Staging of an answer (разбор ответа): its accounts in temporary tables, matched before anything is written.

The tables are this connection's own, in memory, about 100 bytes an account; the database itself is not
touched until ``store.answers.apply``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from omstui.domain.model import RegistryStatus
from omstui.domain.store import db
from omstui.domain.store.tables import database

SHOWN = 10  # keys listed in a refusal
_TABLES = {
    "answer_in": "n INTEGER PRIMARY KEY, xkey TEXT, alt TEXT, pay TEXT, person TEXT,"
    " refused INTEGER, account_id INTEGER",
    "answer_reason": "n INTEGER, kind TEXT, code TEXT, text TEXT, comment TEXT, known INTEGER, data TEXT",
    "answer_alias": "alt TEXT PRIMARY KEY, account_id INTEGER",
    "answer_fact": "xkey TEXT, alt TEXT, code TEXT, text TEXT, comment TEXT, service TEXT,"
    " data TEXT, account_id INTEGER",
}

#: (n, xkey, other form of the key or None, pay, patientcod, refused)
AccountRow = tuple[int, str, str | None, str, str, int]
#: (n, kind, code, text, comment, known, data)
ReasonRow = tuple[int, str, str, str, str, int, str]
#: (xkey, other form, code, text, comment, service, data)
FactRow = tuple[str, str | None, str, str, str, str, str]


@dataclass(frozen=True, slots=True)
class Counts:
    """What the staged answer says."""

    accounts: int
    total: int
    refused: int
    refused_sum: int
    errors: int
    facts: int
    unknown_codes: int
    moved: int
    doubled: int

    @property
    def only_refused(self) -> bool:
        """An answer holding refusals only lists only the refused (product.md §11.9)."""
        return self.refused == self.accounts


@dataclass(frozen=True, slots=True)
class Place:
    """Keys of the answer that stand in another package than the expected one."""

    package_id: int | None
    name: str
    state: str
    is_test: bool
    period: str
    restored: bool
    keys: int


def staging() -> AbstractContextManager[None]:
    """Fresh temporary tables for one answer."""
    return db.temp_tables(_TABLES)


def add(accounts: Iterable[AccountRow], reasons: Iterable[ReasonRow], facts: Iterable[FactRow]) -> None:
    """Stage a batch; one transaction, or every row would be one of its own."""
    with database.atomic():
        db.executemany(
            "INSERT INTO temp.answer_in(n, xkey, alt, pay, person, refused) VALUES(?,?,?,?,?,?)",
            accounts,
        )
        db.executemany("INSERT INTO temp.answer_reason VALUES(?,?,?,?,?,?,?)", reasons)
        db.executemany(
            "INSERT INTO temp.answer_fact(xkey, alt, code, text, comment, service, data)"
            " VALUES(?,?,?,?,?,?,?)",
            facts,
        )


def refuse_persons(persons: dict[str, tuple[str, str, str, int, str]]) -> None:
    """Refuse all accounts of persons with an_p: patientcod → (code, text, comment, known, data).

    «Без указания причины» of such an account is dropped: the reason is the person.
    """
    if not persons:
        return
    with database.atomic():
        db.execute("CREATE INDEX temp.answer_in_person ON answer_in(person)")
        db.execute("CREATE INDEX temp.answer_reason_n ON answer_reason(n)")
        for person, (code, text, comment, known, data) in persons.items():
            db.execute("UPDATE temp.answer_in SET refused=1 WHERE person=?", (person,))
            db.execute(
                "INSERT INTO temp.answer_reason SELECT n, 'an_p', ?, ?, ?, ?, ? FROM temp.answer_in i"
                " WHERE person=? AND NOT EXISTS(SELECT 1 FROM temp.answer_reason r WHERE r.n = i.n"
                " AND r.kind = 'an_p')",
                (code, text, comment, known, data, person),
            )
            db.execute(
                "DELETE FROM temp.answer_reason WHERE kind='pay' AND n IN"
                " (SELECT n FROM temp.answer_in WHERE person=?)",
                (person,),
            )


def match(package_id: int, usual: Callable[[str], str]) -> None:
    """Find the account of every key: exactly, then by its usual form (yaroslavl.md §3.2).

    A package of another program may itself carry keys in another form; ``usual`` brings them to the same.
    """
    with database.atomic():
        for table in ("answer_in", "answer_fact"):
            db.execute(
                f"UPDATE temp.{table} SET account_id ="
                f" (SELECT a.id FROM account a WHERE a.xkey = {table}.xkey)"
            )
            db.execute(
                f"UPDATE temp.{table} SET account_id ="
                f" (SELECT a.id FROM account a WHERE a.xkey = {table}.alt)"
                " WHERE account_id IS NULL AND alt IS NOT NULL"
            )
        if any(
            db.scalar(f"SELECT EXISTS (SELECT 1 FROM temp.{table} WHERE account_id IS NULL AND xkey <> '')")
            for table in ("answer_in", "answer_fact")
        ):
            _match_aliases(package_id, usual)


def _match_aliases(package_id: int, usual: Callable[[str], str]) -> None:
    rows = db.execute("SELECT xkey, id FROM account WHERE package_id=?", (package_id,))
    db.executemany(
        "INSERT OR IGNORE INTO temp.answer_alias VALUES(?,?)",
        [(form, account) for key, account in rows.fetchall() if (form := usual(key)) != key],
    )
    for table in ("answer_in", "answer_fact"):
        db.execute(
            f"UPDATE temp.{table} SET account_id = (SELECT s.account_id FROM temp.answer_alias s"
            f" WHERE s.alt = coalesce({table}.alt, {table}.xkey)) WHERE account_id IS NULL"
        )


_KEYS = (
    "(SELECT xkey, account_id FROM temp.answer_in UNION ALL"
    " SELECT xkey, account_id FROM temp.answer_fact WHERE xkey <> '')"
)


def unknown() -> tuple[int, list[str]]:
    """Keys that are in no package at all: how many and the first of them."""
    source = (
        f"FROM {_KEYS} k LEFT JOIN account a ON a.id = k.account_id"
        " WHERE a.id IS NULL OR a.package_id IS NULL"
    )
    count = int(db.scalar(f"SELECT count(*) {source}") or 0)
    rows = db.execute(f"SELECT DISTINCT k.xkey {source} LIMIT ?", (SHOWN,)) if count else ()
    return count, [row[0] for row in rows]


def places() -> list[Place]:
    """Packages the keys of the answer belong to."""
    rows = db.execute(
        "SELECT p.id, p.name, p.state, p.is_test, p.period, max(r.status = ?), count(*)"
        f" FROM {_KEYS} k JOIN account a ON a.id = k.account_id"
        " JOIN registry r ON r.id = a.registry_id JOIN package p ON p.id = a.package_id"
        " GROUP BY p.id ORDER BY p.id",
        (RegistryStatus.RESTORED.value,),
    )
    return [Place(r[0], r[1], r[2], bool(r[3]), r[4], bool(r[5]) or r[2] == "restored", r[6]) for r in rows]


def decided_elsewhere(payer_id: int) -> list[tuple[str, str, str, str]]:
    """Accounts another insurer's file of stage 1 already decided: (xkey, smo, file, file 7 or '').

    One that was only taken for accepted because it was not listed may still be decided, until it
    went into a «7»: answers may come in any order (R19).
    """
    rows = db.execute(
        "SELECT i.xkey, s.code, w.name, coalesce(k.name, '') FROM temp.answer_in i"
        " JOIN account a ON a.id = i.account_id JOIN answer w ON w.id = a.answer1_id"
        " JOIN insurer s ON s.id = w.payer_id LEFT JOIN package k ON k.id = a.reform_id"
        " WHERE a.stage1 <> 0 AND w.payer_id <> ? AND (a.reform_id IS NOT NULL OR EXISTS("
        "SELECT 1 FROM answer_line l WHERE l.account_id = a.id AND l.answer_id = w.id)) LIMIT ?",
        (payer_id, SHOWN),
    )
    return [tuple(row) for row in rows]


def outside_seven(seven_id: int) -> list[tuple[str, int, str]]:
    """Accounts of a «2» that are not in the insurer's «7»: (xkey, decision of stage 1, their 7 or '')."""
    rows = db.execute(
        "SELECT i.xkey, a.stage1, coalesce(k.name, '') FROM temp.answer_in i"
        " JOIN account a ON a.id = i.account_id LEFT JOIN package k ON k.id = a.reform_id"
        " WHERE a.reform_id IS NOT ? LIMIT ?",
        (seven_id, SHOWN),
    )
    return [tuple(row) for row in rows]


def counts(payer_id: int) -> Counts:
    """Totals of the staged answer; call after ``match``."""
    row: Any = db.execute(
        "SELECT count(*), coalesce(sum(total), 0), coalesce(sum(refused), 0),"
        " coalesce(sum(total * refused), 0), coalesce(sum(moved), 0), coalesce(sum(c), 0) FROM ("
        "SELECT a.total AS total, max(i.refused) AS refused, a.payer_id IS NOT ? AS moved,"
        " count(*) AS c FROM temp.answer_in i JOIN account a ON a.id = i.account_id GROUP BY a.id)",
        (payer_id,),
    ).fetchone()
    errors = db.execute("SELECT count(*), coalesce(sum(known = 0), 0) FROM temp.answer_reason").fetchone()
    facts = int(db.scalar("SELECT count(*) FROM temp.answer_fact"))
    return Counts(row[0], row[1], row[2], row[3], errors[0], facts, errors[1], row[4], row[5] - row[0])
