"""Staging of a load (промежуточная база загрузки): a throw-away SQLite file beside the database.

A file is parsed into it without touching the database; one short transaction then merges it
(``matching``, ``merging``).
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from operator import itemgetter
from pathlib import Path
from typing import Any

from peewee import Model

from omstui.domain.store import db, scratch
from omstui.domain.store.tables import Case, Patient, Policy, Service, columns

#: columns a source fills; the rest belongs to the program
CASE = columns(
    Case,
    without=(
        "id", "dup", "patient_id", "policy_id", "deleted_at", "merged_into", "sequestered",
        "load_file_id", "created_at", "updated_at", "version",
    ),
)  # fmt: skip
PERSON = columns(Patient, without=("id", "version"))
POLICY = columns(Policy, without=("id", "patient_id"))
SERVICE = columns(Service, without=("id", "case_id"))

_BATCH = 2000
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode


def defaults(model: type[Model], names: Sequence[str]) -> dict[str, Any]:
    """Column → value of a row that says nothing."""
    fields = {f.column_name: f for f in model._meta.sorted_fields}
    return {name: fields[name].default for name in names}


_CASE_ROW, _CASE_DEFAULT = itemgetter(*CASE), defaults(Case, CASE)
_PERSON_ROW, _PERSON_DEFAULT = itemgetter(*PERSON), defaults(Patient, PERSON)
_POLICY_ROW, _POLICY_DEFAULT = itemgetter(*POLICY), defaults(Policy, POLICY)
_SERVICE_ROW, _SERVICE_DEFAULT = itemgetter(*SERVICE), defaults(Service, SERVICE)
_EMPTY_POLICY = _POLICY_ROW(_POLICY_DEFAULT)
_N, _SOURCE_ID = SERVICE.index("n"), SERVICE.index("source_id")
#: numbers a reader gives anew at every export: no change of the case
_VOLATILE = frozenset({"IDCASE", "FIRST_IDCASE", "SL_ID"})


def json_text(value: Any) -> str:
    """A list or tree as stored; a text is taken as it is."""
    if isinstance(value, str):
        return value
    return _encode(value) if value else "[]" if isinstance(value, list) else "{}"


def person_row(values: dict[str, Any]) -> tuple[Any, ...]:
    row = _PERSON_DEFAULT | values
    row["extra"] = json_text(row["extra"])
    return _PERSON_ROW(row)  # type: ignore[no-any-return]


def policy_row(values: dict[str, Any]) -> tuple[Any, ...]:
    row = _POLICY_DEFAULT | values
    row["extra"] = json_text(row["extra"])
    return _POLICY_ROW(row)  # type: ignore[no-any-return]


def service_row(values: dict[str, Any]) -> tuple[Any, ...]:
    row = _SERVICE_DEFAULT | values
    row["extra"] = json_text(row["extra"])
    return _SERVICE_ROW(row)  # type: ignore[no-any-return]


def case_row(
    values: dict[str, Any], policy: tuple[Any, ...], services: Sequence[tuple[Any, ...]]
) -> tuple[Any, ...]:
    """The row of a case with its source_hash over everything the file says about it."""
    row = _CASE_DEFAULT | values
    extra = row["extra"] or {}
    row["extra"] = row["source_hash"] = row["twin"] = ""
    said = (_CASE_ROW(row), steady(extra), policy, [(s[:_SOURCE_ID], s[_SOURCE_ID + 1 :]) for s in services])
    row["source_hash"] = blake2b(repr(said).encode(), digest_size=16).hexdigest()
    row["extra"] = json_text(extra)
    row["twin"] = values["twin"]
    return _CASE_ROW(row)  # type: ignore[no-any-return]


def steady(extra: dict[str, Any]) -> str:
    """Text of ``extra`` without the numbers that each export gives anew."""
    fed = extra.get("fed")
    if fed:
        fed = {k: _without_numbers(v) for k, v in fed.items() if k != "zap"}
        extra = extra | {"fed": fed}
    return _encode(extra)


def _without_numbers(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: v for k, v in value.items() if k not in _VOLATILE}
    if isinstance(value, list):
        return [_without_numbers(v) for v in value]
    return value


def digest(row: tuple[Any, ...]) -> int:
    """A number that stands for a row of a policy; 0 for an empty one."""
    if row == _EMPTY_POLICY:
        return 0
    return int.from_bytes(blake2b(repr(row).encode(), digest_size=7).digest(), "big") + 1


def digest_text(row: tuple[Any, ...]) -> str:
    """Sixteen signs that stand for a row."""
    return blake2b(repr(row).encode(), digest_size=8).hexdigest()


class Stage:
    """Writer of the staging file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.cases = 0
        self.refused = 0
        self._persons: list[tuple[Any, ...]] = []
        self._policies: list[tuple[Any, ...]] = []
        self._cases: list[tuple[Any, ...]] = []
        self._services: list[tuple[Any, ...]] = []
        self._accounts: list[tuple[Any, ...]] = []
        self._lines: list[tuple[Any, ...]] = []
        self._problems: list[tuple[Any, ...]] = []
        self._buffers = (
            self._persons, self._policies, self._cases, self._services,
            self._accounts, self._lines, self._problems,
        )  # fmt: skip
        os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_EXCL, 0o660))
        self._db = sqlite3.connect(path, isolation_level=None)
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-8192"):
            self._db.execute(f"PRAGMA {pragma}")
        self._db.executescript(_SCHEMA)
        self._db.execute("BEGIN")

    def add_person(self, ref: str, position: str, row: tuple[Any, ...]) -> None:
        """Stage a person under the number the cases name him by; another person of it is a clash."""
        self._persons.append((ref, position, *row))
        if len(self._persons) >= _BATCH:
            self._flush()

    def add_case(
        self,
        position: str,
        ref: str,
        policy: tuple[Any, ...],
        row: tuple[Any, ...],
        services: Sequence[tuple[Any, ...]],
    ) -> int:
        """Stage a case with its policy and services; returns its number in the file."""
        self.cases += 1
        pol = digest(policy)
        if pol:
            self._policies.append((pol, *policy))
        self._cases.append((self.cases, position, ref, pol, *row))
        self._services.extend((self.cases, *s) for s in services)
        if len(self._cases) >= _BATCH:
            self._flush()
        return self.cases

    def add_account(self, seq: int, kind: str, account: dict[str, Any]) -> None:
        """Stage the account of a case that comes from a …13X."""
        self._accounts.append(
            (
                seq, account["xkey"], account["number"] or 0, account["total"],
                account.get("prev_xkey") or "", kind, account["offset"], account["length"],
            )
        )  # fmt: skip
        self._lines.extend(
            (seq, n, s["xkey"], s["quantity"], s["tariff"], s["total"])
            for n, s in enumerate(account["services"], 1)
        )

    def problem(self, position: str, reason: str, level: str = "refused") -> None:
        self.refused += level == "refused"
        self._problems.append((level, position, reason))

    def _flush(self) -> None:
        try:
            self._db.executemany(_INSERT_PERSON, self._persons)
            self._db.executemany(_INSERT_POLICY, self._policies)
            self._db.executemany(_INSERT_CASE, self._cases)
            self._db.executemany(_INSERT_SERVICE, self._services)
            self._db.executemany("INSERT INTO zaccount VALUES(?,?,?,?,?,?,?,?)", self._accounts)
            self._db.executemany("INSERT INTO zaccount_service VALUES(?,?,?,?,?,?)", self._lines)
            self._db.executemany("INSERT INTO problem VALUES(?,?,?)", self._problems)
        except sqlite3.OperationalError as error:
            raise db._plain(error) from error
        for rows in self._buffers:
            rows.clear()

    def finish(self) -> None:
        """Write the rest and close: the file is ready to be attached."""
        self._flush()
        try:
            self._db.execute("CREATE INDEX zcase_key ON zcase(key)")
            self._db.execute("CREATE INDEX zcase_ref ON zcase(ref)")
            self._db.execute("COMMIT")
        except sqlite3.OperationalError as error:
            raise db._plain(error) from error
        self._db.close()

    def close(self) -> None:
        """Close without finishing (abort); harmless after ``finish``."""
        self._db.close()


def _names(names: Sequence[str]) -> str:
    return ",".join(f'"{n}"' for n in names)


def _insert(table: str, names: Sequence[str], verb: str = "INSERT") -> str:
    return f"{verb} INTO {table}({_names(names)}) VALUES({','.join('?' * len(names))})"


_INSERT_PERSON = (
    _insert("person", ["ref", "position", *PERSON])
    + " ON CONFLICT(ref) DO UPDATE SET clash=1 WHERE (fio_key, birth_date, sex)"
    " IS NOT (excluded.fio_key, excluded.birth_date, excluded.sex)"
)
_INSERT_POLICY = _insert("policy", ["hash", *POLICY], "INSERT OR IGNORE")
_INSERT_CASE = _insert("zcase", ["seq", "position", "ref", "pol", *CASE])
_INSERT_SERVICE = _insert("zservice", ["seq", *SERVICE])
_SCHEMA = f"""
CREATE TABLE person(ref TEXT PRIMARY KEY, position TEXT, {_names(PERSON)}, clash INTEGER DEFAULT 0)
  WITHOUT ROWID;
CREATE TABLE policy(hash INTEGER PRIMARY KEY, {_names(POLICY)});
CREATE TABLE zcase(seq INTEGER PRIMARY KEY, position TEXT, ref TEXT, pol INTEGER, {_names(CASE)});
CREATE TABLE zservice(seq INTEGER, {_names(SERVICE)}, PRIMARY KEY(seq, n)) WITHOUT ROWID;
CREATE TABLE zaccount(seq INTEGER PRIMARY KEY, xkey TEXT, number INTEGER, total INTEGER,
  prev_xkey TEXT, kind TEXT, "offset" INTEGER, length INTEGER);
CREATE TABLE zaccount_service(seq INTEGER, n INTEGER, xkey TEXT, quantity INTEGER, tariff INTEGER,
  total INTEGER, PRIMARY KEY(seq, n)) WITHOUT ROWID;
CREATE TABLE problem(level TEXT, position TEXT, reason TEXT);
"""


# --- the staging file on disk ------------------------------------------------------------------


@contextmanager
def staging() -> Iterator[Stage]:
    """A fresh staging file, removed afterwards whatever happens."""
    stage = Stage(scratch.new_path())
    try:
        yield stage
    finally:
        stage.close()
        scratch.remove(stage.path)


@contextmanager
def attached(stage: Stage) -> Iterator[None]:
    """The finished staging file as schema ``stage`` of this thread's connection."""
    db.execute("ATTACH DATABASE ? AS stage", (str(stage.path),))
    db.execute("PRAGMA stage.synchronous=OFF")
    try:
        yield
    finally:
        for (name,) in db.execute(
            "SELECT name FROM temp.sqlite_master WHERE type='table' AND name LIKE 'l\\_%' ESCAPE '\\'"
        ).fetchall():
            db.execute(f"DROP TABLE temp.{name}")
        db.execute("DETACH DATABASE stage")
