"""Accounts of a loaded …13X (счета прежней выгрузки): registries, accounts and the package they went in.

Runs after the merge of its cases, in the same transaction, on the staging tables.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from omstui.domain.errors import FormatError
from omstui.domain.model import KIND_ORDER, KINDS, Period, RegistryStatus, WorkState
from omstui.domain.store import db, packages
from omstui.domain.store.forming_write import COUNTER

_SHOWN = 10
_OURS = "GLOB '[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]-[0-9][0-9][0-9][0-9]-[0-9][0-9]FF-FFFF-FFFFFFFFFFFF'"


@dataclass(frozen=True, slots=True)
class LoadedBill:
    """A …13X of an earlier month."""

    name: str
    period: Period
    digit: str
    path: Path
    at: str
    who: str
    run_id: int | None


def package_named(name: str) -> tuple[str, str] | None:
    """(origin, created_at) of an active package of this name."""
    row = db.execute(
        "SELECT origin, created_at FROM package WHERE upper(name)=upper(?) AND state='active'", (name,)
    ).fetchone()
    return tuple(row) if row else None


def figures(name: str) -> tuple[int, int]:
    """Accounts and sum of the active package of this name."""
    row = db.execute(
        "SELECT accounts, total FROM package WHERE name=? AND state='active'", (name,)
    ).fetchone()
    return (row[0], row[1]) if row else (0, 0)


def write_accounts(bill: LoadedBill) -> int:
    """Registries, accounts, their services and the package; returns the package id."""
    _check(bill.name)
    db.execute(
        "CREATE TEMP TABLE l_account AS SELECT z.seq AS seq, z.xkey AS xkey, z.number AS number,"
        " z.total AS total, z.prev_xkey AS prev, z.kind AS kind, z.offset AS offset, z.length AS length,"
        " coalesce(n.id, l.case_id) AS case_id, c.payer_id AS payer FROM stage.zaccount z"
        " JOIN stage.zcase c ON c.seq=z.seq JOIN temp.l_case l ON l.seq=z.seq"
        " LEFT JOIN temp.l_new n ON n.seq=z.seq"
    )
    first = int(db.scalar("SELECT coalesce(max(id),0) FROM account"))
    registries = _registries(bill)
    count, total = db.execute("SELECT count(*), coalesce(sum(total),0) FROM temp.l_account").fetchone()
    package = packages.add_package(
        packages.NewPackage("3", str(bill.period), False, bill.digit, bill.name, count, total, origin="load"),
        bill.path, who=bill.who, at=bill.at, run=bill.run_id, place=None,
    )  # fmt: skip
    packages.mark_exported(list(registries.values()), package)
    packages.mark_sent(package, who=bill.who, at=bill.at)
    for kind, registry in registries.items():
        db.execute(
            "INSERT INTO account(id, registry_id, case_id, xkey, number, payer_id, total, package_id,"
            ' "offset", length) SELECT ? + seq, ?, case_id, xkey, number, payer, total, ?, "offset",'
            " length FROM temp.l_account WHERE kind=? ORDER BY seq",
            (first, registry, package, kind),
        )
    db.execute(
        "INSERT INTO account_service(account_id, service_id, xkey, quantity, tariff, total)"
        " SELECT ? + z.seq, s.id, z.xkey, z.quantity, z.tariff, z.total FROM stage.zaccount_service z"
        " JOIN temp.l_account a ON a.seq=z.seq JOIN service s ON s.case_id=a.case_id AND s.n=z.n"
        " ORDER BY z.seq, z.n",
        (first,),
    )
    _repeated(bill, first)
    _take_numbers()
    return package


def _check(name: str) -> None:
    """Every account needs a key of its own and a case: a part of a package cannot be taken."""
    refused = db.execute(
        "SELECT z.position, l.reason FROM temp.l_case l JOIN stage.zcase z ON z.seq=l.seq"
        " WHERE l.state='refused' UNION ALL SELECT position, reason FROM stage.problem"
        f" WHERE level='refused' LIMIT {_SHOWN}"
    ).fetchall()
    if refused:
        raise FormatError(
            f"Файл {name}: не все счета можно принять, а выгрузка принимается только целиком.",
            details=[f"{p}: {r}" for p, r in refused],
        )
    for query, what in (
        ("SELECT position FROM stage.zaccount JOIN stage.zcase USING(seq) WHERE xkey=''", "нет ключа xkey"),
        ("SELECT xkey FROM stage.zaccount GROUP BY xkey HAVING count(*)>1", "ключ повторяется"),
        ("SELECT xkey FROM stage.zaccount WHERE xkey IN (SELECT xkey FROM account)", "ключ уже есть в базе"),
    ):
        found = [r[0] for r in db.execute(f"{query} LIMIT {_SHOWN}")]
        if found:
            raise FormatError(f"Файл {name}: счёт {found[0]}: {what}.", details=found[1:])


def _registries(bill: LoadedBill) -> dict[str, int]:
    """One exported registry per kind of activity of the file."""
    made: dict[str, int] = {}
    rows = db.execute("SELECT kind, count(*), sum(total) FROM temp.l_account GROUP BY kind").fetchall()
    for kind, count, total in sorted(rows, key=lambda r: KIND_ORDER.get(r[0], 99)):
        made[kind] = int(
            db.execute(
                "INSERT INTO registry(period, kind, name, begin_date, end_date, status, formed_at,"
                " accounts, total, created_at, created_by) VALUES(?,?,?,?,?,?,?,?,?,?,?)",
                (
                    str(bill.period), kind, f"{KINDS[kind].title}, из {bill.name}",
                    bill.period.begin.isoformat(), bill.period.end.isoformat(),
                    RegistryStatus.EXPORTED, bill.at, count, total, bill.at, bill.who,
                ),
            ).lastrowid
            or 0
        )  # fmt: skip
    return made


def _repeated(bill: LoadedBill, first: int) -> None:
    """Accounts that replace one of an earlier package: the chain and the return of the refused one.

    A refusal of stage 1 comes again as a primary account, which names no earlier one: there the case tells.
    """
    stage = "CASE WHEN p.stage2=2 THEN 2 ELSE 1 END"
    pairs = db.execute(
        f"SELECT ?1 + a.seq, p.id, p.case_id, {stage}, p.stage1=2 OR p.stage2=2 FROM temp.l_account a"
        f" JOIN account p ON p.xkey=a.prev WHERE a.prev<>'' UNION ALL SELECT ?1 + min(a.seq), p.id,"
        f" p.case_id, {stage}, 1 FROM temp.l_account a JOIN account p ON p.id=(SELECT max(q.id)"
        " FROM account q JOIN package k ON k.id=q.package_id WHERE q.case_id=a.case_id AND q.id <= ?1"
        " AND k.state='active' AND k.is_test=0 AND k.period < ?2 AND (q.stage1=2 OR q.stage2=2)"
        f" AND q.work IN ('{WorkState.NEW}', '{WorkState.CORRECTED}')) WHERE a.prev='' GROUP BY p.id",
        (first, str(bill.period)),
    ).fetchall()
    db.executemany(
        "UPDATE account SET prev_id=?, repeat=? WHERE id=?",
        [(old, "repeat" if stage == 2 else "primary", new) for new, old, _, stage, _ in pairs],
    )
    returned = [row for row in pairs if row[4]]
    db.executemany(
        "INSERT INTO resubmission(account_id, case_id, stage, target_period, created_at, created_by,"
        " new_account_id) VALUES(?,?,?,?,?,?,?)",
        [
            (old, case, stage, str(bill.period), bill.at, bill.who, new)
            for new, old, case, stage, _ in returned
        ],
    )
    db.executemany(
        f"UPDATE account SET work='{WorkState.RETURNED}' WHERE id=?", [(row[1],) for row in returned]
    )


def _take_numbers() -> None:
    """Keys we give later must not repeat those of the file (product.md §11.15)."""
    last = 0
    for table in ("zaccount", "zaccount_service"):
        found = db.scalar(
            "SELECT max(CAST(substr(xkey,3,6)||substr(xkey,10,4)||substr(xkey,15,2) AS INTEGER))"
            f" FROM stage.{table} WHERE xkey {_OURS}"
        )
        last = max(last, int(found or 0))
    stored = int(db.scalar("SELECT value FROM setting WHERE key=?", (COUNTER,)) or 0)
    if last > stored:
        db.execute("INSERT OR REPLACE INTO setting(key, value) VALUES(?, ?)", (COUNTER, str(last)))
