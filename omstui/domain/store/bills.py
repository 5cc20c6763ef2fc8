"""Payment registries and bills (реестры на оплату и счета): accounts by payer, then by file.

A payment registry holds the accounts of one payer and one type of case (ТАП, МКСБ, СМП). A bill is one ZIP:
the accounts of one payer that go into one file (H, C, T, D…). IDCASE of an account is the running number of
its xkey: it is never given twice, so an answer to any bill finds its account whatever was formed since.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from omstui.domain.model import KIND_ORDER, KINDS, CaseType
from omstui.domain.store import db, exporting, files

SMO, REGION, NONE = "smo", "region", "none"
#: in the order of lists and logs
SECTIONS = (SMO, REGION, NONE)


@dataclass(frozen=True, slots=True)
class PayRow:
    """A payment registry: its accounts, services and sum."""

    id: int
    section: str
    payer: int | None
    payer_name: str
    case_type: str
    title: str
    accounts: int
    services: int
    total: int


def _case_type(kind: str) -> str:
    """SQL: type of case by the kind of activity."""
    by_type: dict[str, list[str]] = {}
    for item in KINDS.values():
        by_type.setdefault(item.case_type, []).append(f"'{item.code}'")
    whens = "".join(
        f" WHEN {kind} IN ({','.join(codes)}) THEN '{name}'"
        for name, codes in by_type.items()
        if name != CaseType.TAP
    )
    return f"CASE{whens} ELSE '{CaseType.TAP}' END"


# --- payment registries ------------------------------------------------------------------------


def refresh_payers(registry_id: int) -> int:
    """Give the accounts the payer their case has now: identification may have changed it since forming."""
    cursor = db.execute(
        "UPDATE account SET payer_id=c.payer_id FROM cases c WHERE account.registry_id=?"
        " AND c.id=account.case_id AND account.payer_id IS NOT c.payer_id",
        (registry_id,),
    )
    return int(cursor.rowcount)


def drop_pay_registries(registry_id: int) -> int:
    """Forget the payment registries of a registry; their number."""
    db.execute(
        "DELETE FROM pay_account WHERE pay_registry_id IN (SELECT id FROM pay_registry WHERE registry_id=?)",
        (registry_id,),
    )
    return int(db.execute("DELETE FROM pay_registry WHERE registry_id=?", (registry_id,)).rowcount)


def form_pay_registries(registry_id: int, title: Callable[[str, str, str], str]) -> list[PayRow]:
    """One per payer and type of case; ``title(section, payer's name, type)``. Inside ``db.write()``."""
    case_type = _case_type("c.kind")
    db.execute(
        "INSERT INTO pay_registry(registry_id, payer_id, section, case_type, title, accounts, services,"
        " total) SELECT ?, a.payer_id, CASE WHEN i.id IS NULL THEN 'none' WHEN i.out_of_region THEN 'region'"
        f" ELSE 'smo' END AS section, {case_type} AS type, '', count(*), sum((SELECT count(*)"
        " FROM account_service s WHERE s.account_id=a.id)), sum(a.total) FROM account a"
        " JOIN cases c ON c.id=a.case_id LEFT JOIN insurer i ON i.id=a.payer_id WHERE a.registry_id=?"
        " GROUP BY a.payer_id, type ORDER BY CASE section WHEN 'smo' THEN 0 WHEN 'region' THEN 1 ELSE 2 END,"
        " i.code, CASE type WHEN 'ТАП' THEN 0 WHEN 'МКСБ' THEN 1 ELSE 2 END",
        (registry_id, registry_id),
    )
    rows = pay_registries(registry_id)
    db.executemany(
        "UPDATE pay_registry SET title=? WHERE id=?",
        [(title(r.section, r.payer_name, r.case_type), r.id) for r in rows],
    )
    db.execute(
        "INSERT INTO pay_account(pay_registry_id, account_id, n_zap, idcase)"
        f" SELECT g.id, a.id, 0, {_IDCASE} FROM account a JOIN cases c ON c.id=a.case_id JOIN pay_registry g"
        f" ON g.registry_id=a.registry_id AND g.payer_id IS a.payer_id AND g.case_type={case_type}"
        " WHERE a.registry_id=?",
        (registry_id,),
    )
    return pay_registries(registry_id)


#: the running number inside «76000000-0012-…»; a key of another program has none, its row number does
_IDCASE = (
    "CASE WHEN a.xkey GLOB '76[0-9][0-9][0-9][0-9][0-9][0-9]-[0-9][0-9][0-9][0-9]-[0-9][0-9]*'"
    " THEN CAST(substr(replace(a.xkey, '-', ''), 3, 12) AS INTEGER) ELSE a.id END"
)


def pay_registries(registry_id: int) -> list[PayRow]:
    """The payment registries in the order of the log."""
    rows = db.execute(
        "SELECT g.id, g.section, g.payer_id, coalesce(nullif(i.name, ''), i.code, ''), g.case_type, g.title,"
        " g.accounts, g.services, g.total FROM pay_registry g LEFT JOIN insurer i ON i.id=g.payer_id"
        " WHERE g.registry_id=? ORDER BY g.id",
        (registry_id,),
    )
    return [PayRow(*row) for row in rows]


def moved(registry_id: int) -> list[str]:
    """Keys of up to 10 cases whose payer is no longer the one of their payment registry."""
    rows = db.execute(
        "SELECT c.key FROM pay_registry g JOIN pay_account p ON p.pay_registry_id=g.id"
        " JOIN account a ON a.id=p.account_id JOIN cases c ON c.id=a.case_id"
        " WHERE g.registry_id=? AND (c.payer_id IS NOT g.payer_id OR a.payer_id IS NOT g.payer_id) LIMIT 10",
        (registry_id,),
    )
    return [row[0] for row in rows]


# --- what goes into which file -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Group:
    """Accounts of one payer that go into one file."""

    number: int  # of temp.bill_order
    payer: int
    letters: str
    disp: str
    accounts: int
    total: int


def collect(registry_id: int, letters: Callable[[dict[str, Any]], tuple[str, str]]) -> list[Group]:
    """Divide the accounts that have a payer among files; ``letters(case) -> (letters, DISP)``.

    Leaves the composition in temporary tables: ``forget()`` drops them.
    """
    exporting.open_tables()
    db.execute("DROP TABLE IF EXISTS temp.bill_order")
    db.execute("CREATE TEMP TABLE bill_order(account_id INTEGER PRIMARY KEY, bill INTEGER NOT NULL)")
    rank = " ".join(f"WHEN '{code}' THEN {n}" for code, n in KIND_ORDER.items())
    cursor = db.execute(
        "SELECT a.id, a.payer_id, a.total, c.family, c.disp, c.letter, c.ds_main,"
        " json_extract(c.extra, '$.fed.sl.VID_HMP'), json_extract(c.extra, '$.fed.sl.DS_ONK')"
        " FROM pay_registry g JOIN pay_account p ON p.pay_registry_id=g.id"
        " JOIN account a ON a.id=p.account_id JOIN cases c ON c.id=a.case_id"
        " WHERE g.registry_id=? AND g.payer_id IS NOT NULL",
        (registry_id,),
    )
    seen: dict[tuple[Any, ...], tuple[str, str]] = {}
    numbers: dict[tuple[int, str, str], int] = {}
    sums: dict[int, list[int]] = {}
    placed: list[tuple[int, int]] = []
    for account, payer, total, *facts in cursor:
        key = tuple(facts)
        where = seen.get(key)
        if where is None:
            where = seen[key] = letters(_case_of(facts))
        number = numbers.setdefault((payer, *where), len(numbers) + 1)
        counted = sums.setdefault(number, [0, 0])
        counted[0] += 1
        counted[1] += total
        placed.append((account, number))
    db.executemany("INSERT INTO temp.bill_order VALUES(?,?)", placed)
    db.execute("CREATE INDEX temp.bill_order_bill ON bill_order(bill)")
    # every account of every file once: what the checks of an export look at
    db.execute(
        "INSERT INTO temp.export_order(account_id, kind) SELECT o.account_id, c.kind FROM temp.bill_order o"
        " JOIN account a ON a.id=o.account_id JOIN cases c ON c.id=a.case_id"
        f" ORDER BY o.bill, CASE c.kind {rank} ELSE 99 END, c.date_out, c.key, c.dup, a.id"
    )
    return [
        Group(number, payer, kind, disp, sums[number][0], sums[number][1])
        for (payer, kind, disp), number in numbers.items()
    ]


def _case_of(facts: Sequence[Any]) -> dict[str, Any]:
    family, disp, letter, ds_main, hmp, onko = facts
    sl = {name: str(value) for name, value in (("VID_HMP", hmp), ("DS_ONK", onko)) if value is not None}
    return {
        "family": family, "disp": disp, "letter": letter, "ds_main": ds_main,
        "extra": {"fed": {"sl": sl}} if sl else {},
    }  # fmt: skip


def records(bill: int, mo: str) -> Iterator[exporting.Record]:
    """The accounts of one file in its order, each with patient, policy, case, services and IDCASE.

    ``mo`` treated the patient where the case does not say who did.
    """
    first, last = db.execute(
        "SELECT min(e.n), max(e.n) FROM temp.export_order e JOIN temp.bill_order o"
        " ON o.account_id=e.account_id WHERE o.bill=?",
        (bill,),
    ).fetchone()
    numbers = db.execute(
        "SELECT p.idcase FROM temp.export_order e CROSS JOIN pay_account p ON p.account_id=e.account_id"
        " WHERE e.n BETWEEN ? AND ? ORDER BY e.n",
        (first, last),
    )
    for record, (idcase,) in zip(exporting.records(first, last), numbers, strict=True):
        record["account"]["idcase"] = idcase
        record["case"]["lpu"] = record["case"]["lpu"] or record["case"]["mo"] or mo
        yield record


def keep_places(rows: Sequence[tuple[int, int]]) -> None:
    """Remember (account, N_ZAP) until the write transaction."""
    db.executemany("INSERT INTO temp.export_place(account_id, n) VALUES(?,?)", rows)


def settle(bill: int, package: int) -> None:
    """Give the accounts of a file their package and place in it. Inside ``db.write()``."""
    mine = "p.account_id IN (SELECT account_id FROM temp.bill_order WHERE bill=?2)"
    db.execute(
        "UPDATE pay_account SET package_id=?1, n_zap=p.n FROM temp.export_place p"
        f" WHERE pay_account.account_id=p.account_id AND {mine}",
        (package, bill),
    )
    db.execute(
        "UPDATE account SET package_id=?1, number=p.n FROM temp.export_place p"
        f" WHERE account.id=p.account_id AND {mine}",
        (package, bill),
    )


def forget() -> None:
    """Drop the temporary tables."""
    db.execute("DROP TABLE IF EXISTS temp.bill_order")
    exporting.forget()


# --- bills that went out -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class BillRow:
    """An exported bill."""

    id: int
    registry: int
    period: str
    payer: int
    letter: str
    number: str
    date: str
    name: str
    file: int
    accounts: int
    total: int
    state: str
    created_at: str

    @property
    def stem(self) -> str:
        return Path(self.name).stem.upper()


_BILL = (
    "SELECT id, registry_id, period, payer_id, letter, number, date, name, file_id, accounts, total, state,"
    " created_at FROM package"
)


def bills(registry_id: int) -> list[BillRow]:
    """Bills of the registry that count now, in the order they were written."""
    rows = db.execute(
        _BILL + " WHERE kind='B' AND state='active' AND registry_id=? ORDER BY id", (registry_id,)
    )
    return [BillRow(*row) for row in rows]


def bills_of_year(year: str) -> list[BillRow]:
    """Bills of the months of a year that count now, of all registries."""
    rows = db.execute(
        _BILL + " WHERE kind='B' AND state='active' AND period LIKE ? ORDER BY id", (f"{year}-%",)
    )
    return [BillRow(*row) for row in rows]


_CODE = "counter.bill"


def place(account: int) -> tuple[int, str, int] | None:
    """(stored file, its name, N_ZAP) of the account in the bill that counts; None while it is in none."""
    row = db.execute(
        "SELECT p.file_id, p.name, x.n_zap FROM pay_account x JOIN package p ON p.id=x.package_id"
        " WHERE x.account_id=? AND p.state='active'",
        (account,),
    ).fetchone()
    return (row[0], row[1], row[2]) if row else None


def last_code() -> int:
    """The last SCHET/CODE given (never used twice)."""
    return int(json.loads(db.scalar("SELECT value FROM setting WHERE key=?", (_CODE,)) or "0"))


def take_codes(last: int) -> None:
    db.execute("INSERT OR REPLACE INTO setting(key, value) VALUES(?,?)", (_CODE, db.dump(last)))


@dataclass(frozen=True, slots=True)
class NewBill:
    """What a new row of a bill needs."""

    registry: int
    period: str
    payer: int
    letter: str
    number: str
    date: str
    digit: str
    name: str
    accounts: int
    total: int


def add_bill(new: NewBill, source: Path, *, who: str, at: str, run: int | None, place: Path) -> int:
    """Store the bytes and the row; ``place`` is where the file will stand. Inside ``db.write()``."""
    file_id = files.put_file(new.name, source, at=at)
    cursor = db.execute(
        "INSERT INTO package(kind, registry_id, period, payer_id, letter, number, date, service_digit, name,"
        " file_id, accounts, total, created_at, created_by, run_id)"
        " VALUES('B',?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
        (
            new.registry, new.period, new.payer, new.letter, new.number, new.date, new.digit, new.name,
            file_id, new.accounts, new.total, at, who, run,
        ),
    )  # fmt: skip
    if run is not None:
        # in the same transaction: a program killed before the rename leaves the trace unplaced() finds
        db.execute(
            "INSERT INTO run_file(run_id, file_id, path, role) VALUES(?,?,?,'out')",
            (run, file_id, str(place)),
        )
    return int(cursor.lastrowid or 0)


def replace_bills(registry_id: int) -> int:
    """The bills of the registry are written anew: the old ones and their ФЛК stay as history."""
    old = "SELECT id FROM package WHERE kind='B' AND state='active' AND registry_id=?"
    marks = "SELECT id FROM answer WHERE road='flk' AND state='active' AND package_id IN (" + old + ")"
    db.execute(
        f"UPDATE refusal SET state='replaced' WHERE state='active' AND answer_id IN ({marks})",
        (registry_id,),
    )
    db.execute(f"UPDATE answer SET state='replaced' WHERE id IN ({marks})", (registry_id,))
    return int(
        db.execute(
            "UPDATE package SET state='replaced' WHERE kind='B' AND state='active' AND registry_id=?",
            (registry_id,),
        ).rowcount
    )


def mark_billed(registry_id: int, package: int, status: str) -> None:
    """The registry went out; ``package`` is the first of its bills: «exported» asks for any."""
    db.execute("UPDATE registry SET status=?, package_id=? WHERE id=?", (status, package, registry_id))
