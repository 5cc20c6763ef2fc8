"""Packages (выгрузки): the …13X of a period and the …7 of an insurer, and the registries they carry.

Which account is live. An account is *live* while its case is being billed by it:
its registry is not deleted, not «Восстановлен», and, once the registry is «Выгружен», the account went into
a package. ``account.package_id IS NULL`` in an exported registry means «left out at F2 because it has no
payer»: it stays as history, the case is free for a later registry (product.md §11.20). LIVE is that
condition in SQL for a query over ``account a JOIN registry r ON r.id = a.registry_id``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from omstui.domain.model import FORMED_STATUSES, SENT_STATUSES, PackageState, RegistryStatus
from omstui.domain.store import db, files


def _sql_list(values: Sequence[str]) -> str:
    return "(" + ", ".join(f"'{value}'" for value in values) + ")"


#: right sides of «r.status IN …»: formed and not sent for payment yet; sent for payment
FORMED_SQL = _sql_list(FORMED_STATUSES)
SENT_SQL = _sql_list(SENT_STATUSES)

LIVE = (
    "(r.deleted_at IS NULL AND r.status <> 'Восстановлен'"
    f" AND (r.status NOT IN {SENT_SQL} OR a.package_id IS NOT NULL))"
)


@dataclass(frozen=True, slots=True)
class RegistryRow:
    """A registry as F2 and «Восстановить» see it."""

    id: int
    period: str
    kind: str
    name: str
    is_test: bool
    status: str
    reform_reason: str
    formed_at: str | None
    package: int | None
    accounts: int
    total: int


@dataclass(frozen=True, slots=True)
class PackageRow:
    """An outgoing file as stored; ``payer`` is None for a 3X."""

    id: int
    kind: str
    period: str
    is_test: bool
    parent: int | None
    payer: int | None
    service_digit: str
    name: str
    file: int
    accounts: int
    total: int
    state: str
    origin: str
    created_at: str
    created_by: str
    sent_at: str | None
    sent_by: str


_REGISTRY = (
    "SELECT id, period, kind, name, is_test, status, reform_reason, formed_at, package_id, accounts,"
    " total FROM registry"
)
_PACKAGE = (
    "SELECT id, kind, period, is_test, parent_id, payer_id, service_digit, name, file_id, accounts,"
    " total, state, origin, created_at, created_by, sent_at, sent_by FROM package"
)


def _registry(row: Sequence[object]) -> RegistryRow:
    values = list(row)
    values[4] = bool(values[4])
    return RegistryRow(*values)  # type: ignore[arg-type]


def _package(row: Sequence[object]) -> PackageRow:
    values = list(row)
    values[3] = bool(values[3])
    return PackageRow(*values)  # type: ignore[arg-type]


def registries(period: str, *, test: bool | None = None) -> list[RegistryRow]:
    """Registries of the period that are not deleted, oldest first."""
    rows = map(
        _registry,
        db.execute(_REGISTRY + " WHERE period=? AND deleted_at IS NULL ORDER BY id", (period,)),
    )
    return [r for r in rows if test is None or r.is_test == test]


def unrestored_tests(period: str) -> list[RegistryRow]:
    """Test registries of the period that still wait for «Восстановить» (R8)."""
    return [r for r in registries(period, test=True) if r.status != RegistryStatus.RESTORED]


def package(package_id: int) -> PackageRow | None:
    row = db.execute(_PACKAGE + " WHERE id=?", (package_id,)).fetchone()
    return _package(row) if row else None


def packages(
    period: str,
    *,
    kind: str = "3",
    test: bool | None = None,
    state: str = PackageState.ACTIVE,
) -> list[PackageRow]:
    """Packages of the period in the order they were made."""
    rows = db.execute(_PACKAGE + " WHERE period=? AND kind=? AND state=? ORDER BY id", (period, kind, state))
    return [p for p in map(_package, rows) if test is None or p.is_test == test]


def sevens(parent: int) -> list[PackageRow]:
    """Active files 7 cut from this 3X."""
    rows = db.execute(
        _PACKAGE + " WHERE parent_id=? AND kind='7' AND state=? ORDER BY id",
        (parent, PackageState.ACTIVE),
    )
    return list(map(_package, rows))


def answered(package_id: int, *, stage: int | None = None, payer: int | None = None) -> int:
    """How many active answers this package (or a 7 cut from it) has."""
    sql = (
        "SELECT count(*) FROM answer WHERE state='active' AND (package_id=?"
        " OR package_id IN (SELECT id FROM package WHERE parent_id=?))"
    )
    values: list[int] = [package_id, package_id]
    if stage is not None:
        sql, values = sql + " AND stage=?", [*values, stage]
    if payer is not None:
        sql, values = sql + " AND payer_id=?", [*values, payer]
    return int(db.scalar(sql, values))


def fingerprint(period: str) -> tuple[tuple[object, ...], ...]:
    """All that F2 and F6 rely on in this period: equal before and inside the write transaction."""
    registry = db.execute(
        "SELECT 'r', id, status, formed_at, reform_reason, package_id, accounts, total, is_test,"
        " deleted_at FROM registry WHERE period=? ORDER BY id",
        (period,),
    ).fetchall()
    package_rows = db.execute(
        "SELECT 'p', id, state FROM package WHERE period=? ORDER BY id", (period,)
    ).fetchall()
    answers = db.execute(
        "SELECT 'a', a.id, a.state FROM answer a JOIN package p ON p.id=a.package_id"
        " WHERE p.period=? ORDER BY a.id",
        (period,),
    ).fetchall()
    return (*registry, *package_rows, *answers)


# --- writing (inside db.write()) -------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NewPackage:
    """What a new package row needs."""

    kind: str
    period: str
    is_test: bool
    service_digit: str
    name: str
    accounts: int
    total: int
    parent: int | None = None
    payer: int | None = None
    origin: str = "export"


def add_package(
    new: NewPackage, source: Path | bytes, *, who: str, at: str, run: int | None, place: Path | None
) -> int:
    """Store the bytes and the row; ``place`` is where the file will stand. Returns the id."""
    file_id = files.put_file(new.name, source, at=at)
    cursor = db.execute(
        "INSERT INTO package(kind, period, is_test, parent_id, payer_id, service_digit, name, file_id,"
        " accounts, total, origin, created_at, created_by, run_id) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
        (
            new.kind,
            new.period,
            int(new.is_test),
            new.parent,
            new.payer,
            new.service_digit,
            new.name,
            file_id,
            new.accounts,
            new.total,
            new.origin,
            at,
            who,
            run,
        ),
    )
    if run is not None and place is not None:
        # in the same transaction: a program killed before the rename leaves the trace unplaced() finds
        db.execute(
            "INSERT INTO run_file(run_id, file_id, path, role) VALUES(?,?,?,'out')",
            (run, file_id, str(place)),
        )
    return int(cursor.lastrowid or 0)


def replace_package(old: int) -> None:
    """The package was written anew: it stays as history."""
    db.execute("UPDATE package SET state=? WHERE id=?", (PackageState.REPLACED, old))


def mark_exported(registry_ids: Sequence[int], package_id: int) -> None:
    db.executemany(
        "UPDATE registry SET status=?, package_id=? WHERE id=?",
        [(RegistryStatus.EXPORTED, package_id, r) for r in registry_ids],
    )


def mark_sent(package_id: int, *, who: str, at: str | None) -> None:
    """Mark (or, ``at`` None, unmark) a package as carried to the fund."""
    db.execute("UPDATE package SET sent_at=?, sent_by=? WHERE id=?", (at, who if at else "", package_id))


def restore_tests(period: str) -> None:
    """Put every test registry of the period into «Восстановлен» with all that hangs on it (R6, R7).

    The history stays: packages, answers and refusals change their state, nothing is deleted. Cases
    returned by F8 into a test registry wait again for the main one.
    """
    tests = (
        "SELECT id FROM registry WHERE period=? AND is_test=1 AND deleted_at IS NULL"
        " AND status <> 'Восстановлен'"
    )
    account_ids = f"SELECT id FROM account WHERE registry_id IN ({tests})"
    package_ids = "SELECT id FROM package WHERE period=? AND is_test=1"
    db.execute(
        f"UPDATE resubmission SET new_account_id=NULL WHERE new_account_id IN ({account_ids})",
        (period,),
    )
    db.execute(f"UPDATE account SET work='' WHERE work <> '' AND id IN ({account_ids})", (period,))
    db.execute(
        "UPDATE refusal SET state='restored' WHERE state='active' AND answer_id IN"
        f" (SELECT id FROM answer WHERE package_id IN ({package_ids}))",
        (period,),
    )
    db.execute(
        f"UPDATE answer SET state='restored' WHERE state='active' AND package_id IN ({package_ids})",
        (period,),
    )
    db.execute(
        f"UPDATE package SET state='restored' WHERE state='active' AND id IN ({package_ids})",
        (period,),
    )
    db.execute(
        f"UPDATE registry SET status='Восстановлен', reform_reason='' WHERE id IN ({tests})",
        (period,),
    )


def test_figures(period: str) -> tuple[int, int, int]:
    """Accounts, answers and refused accounts of the unrestored test registries of the period."""
    row = db.execute(
        "SELECT count(*), coalesce(sum(a.stage1=2), 0) FROM account a JOIN registry r"
        " ON r.id=a.registry_id WHERE r.period=? AND r.is_test=1 AND r.deleted_at IS NULL"
        " AND r.status <> 'Восстановлен'",
        (period,),
    ).fetchone()
    answers = db.scalar(
        "SELECT count(*) FROM answer WHERE state='active' AND package_id IN"
        " (SELECT id FROM package WHERE period=? AND is_test=1)",
        (period,),
    )
    return int(row[0]), int(answers), int(row[1])


# --- the files on the disk -------------------------------------------------------------------


def unplaced() -> list[str]:
    """Sentences about files that are in the database and did not reach their folder.

    A stray ``NAME.part`` beside the recorded place, or a missing file of a run that did not end well. Folders
    that are gone (a stick that was taken out) say nothing; files carried away later neither.
    """
    rows = db.execute(
        "SELECT p.name, f.path, coalesce(r.outcome, 'ok') FROM package p"
        " JOIN run_file f ON f.file_id=p.file_id AND f.role='out'"
        " LEFT JOIN run r ON r.id=p.run_id WHERE p.state='active' ORDER BY p.id"
    ).fetchall()
    found = []
    for name, text, outcome in rows:
        place = Path(text)
        try:
            if not place.parent.is_dir():
                continue
            part = place.with_name(place.name + ".part").exists()
            missing = not place.exists()
        except OSError:
            continue
        if missing and (part or outcome in ("crashed", "failed")):
            found.append(
                f"Файл {name} записан в базу, но в папке {place.parent} его нет"
                + (f" (остался {place.name}.part)." if part else ".")
                + " Выгрузите ещё раз и возьмите имеющийся файл."
            )
        elif part:
            found.append(f"В папке {place.parent} остался незаконченный файл {place.name}.part.")
    return found
