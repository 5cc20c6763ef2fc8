"""Staging of a return of МЭК (разбор возврата): its records in temporary tables, matched to our bills.

A case is named by month, invoice number and IDCASE as exported, then by NHISTORY. Nothing of the database
changes until ``store.mek.apply``.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import islice
from typing import Any

from omstui.domain.store import db

SHOWN = 10  # records listed in a refusal
#: SCHET/NSCHET and the column of the table hold no more
NUMBER_LENGTH = 15

_TABLES = {
    "mek_in": "n INTEGER PRIMARY KEY, place TEXT, period TEXT, number TEXT, date TEXT, payer TEXT,"
    " idnum INTEGER, idcase TEXT, card TEXT, billed INTEGER, decision INTEGER, has_mek INTEGER,"
    " cut INTEGER, unsaid INTEGER, account_id INTEGER, found INTEGER",
    "mek_reason": "n INTEGER, code TEXT, text TEXT, known INTEGER, control TEXT, tip TEXT, total INTEGER,"
    " comment TEXT, act TEXT, act_date TEXT, service TEXT",
    "mek_key": "account_id INTEGER, package_id INTEGER, period TEXT, number TEXT, date TEXT, payer TEXT,"
    " idcase INTEGER, card TEXT, total INTEGER",
    #: one row per account: what all its records come to
    "mek_case": "account_id INTEGER PRIMARY KEY, n INTEGER, package_id INTEGER, payer_id INTEGER,"
    " registry_id INTEGER, total INTEGER, decision INTEGER, refused INTEGER, cut INTEGER",
}

#: (place, period, number, date, payer, idnum, idcase, card, billed, decision, has_mek, cut, unsaid)
CaseRow = tuple[str, str, str, str, str, int | None, str, str, int | None, int | None, int, int | None, int]
#: (code, text, known, control, tip, total, comment, act, act_date, service)
ReasonRow = tuple[str, str, int, str, str, int | None, str, str, str, str]


@dataclass(frozen=True, slots=True)
class Lost:
    """A record whose case is not found, or found more than once."""

    place: str
    period: str
    number: str
    payer: str
    found: int
    #: bills of that month / that number were exported at all
    month_known: bool
    number_known: bool


@dataclass(frozen=True, slots=True)
class WrongSum:
    """A record whose sum cannot be: kopecks of the file and of the account."""

    place: str
    said: int
    total: int


@dataclass(frozen=True, slots=True)
class Counts:
    """What the staged return comes to."""

    accounts: int
    paid: int
    refused: int
    refused_sum: int
    cut: int
    cut_sum: int
    unknown_codes: int
    #: fully refused by an earlier act already
    again: int
    returned: int


def staging() -> AbstractContextManager[None]:
    """Fresh temporary tables for one return."""
    return db.temp_tables(_TABLES)


def fill(records: Iterable[tuple[CaseRow, list[ReasonRow]]]) -> int:
    """Stage the records block by block; returns how many."""
    count = 0
    source = iter(records)
    while block := list(islice(source, 2000)):
        db.executemany(
            "INSERT INTO temp.mek_in(n, place, period, number, date, payer, idnum, idcase, card, billed,"
            " decision, has_mek, cut, unsaid) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
            ((count + n, *case) for n, (case, _) in enumerate(block, 1)),
        )
        db.executemany(
            "INSERT INTO temp.mek_reason VALUES(?,?,?,?,?,?,?,?,?,?,?)",
            ((count + n, *reason) for n, (_, reasons) in enumerate(block, 1) for reason in reasons),
        )
        count += len(block)
    db.execute("CREATE INDEX temp.mek_reason_n ON mek_reason(n)")
    return count


def decisions() -> bool:
    """Whether any record decides anything."""
    return bool(db.scalar("SELECT EXISTS (SELECT 1 FROM temp.mek_in WHERE decision IS NOT 0 OR cut > 0)"))


@dataclass(frozen=True, slots=True)
class Bills:
    """The bills of a payer and month: all their cases, those nobody decided yet, those refused."""

    bills: int
    waiting: int
    waiting_sum: int
    refused: int


def fill_paid(payer_id: int, period: str) -> Bills:
    """Stage «nothing is taken off» for the undecided cases of a payer's bills of a month."""
    source = (
        " FROM package p CROSS JOIN pay_account x ON x.package_id = p.id CROSS JOIN account a"
        " ON a.id = x.account_id WHERE p.kind = 'B' AND p.state = 'active' AND p.is_test = 0"
        " AND p.payer_id = ? AND p.period = ?"
    )
    row = db.execute(
        "SELECT count(DISTINCT p.id), coalesce(sum(a.stage2 = 0), 0),"
        f" coalesce(sum(CASE a.stage2 WHEN 0 THEN a.total END), 0), coalesce(sum(a.stage2 = 2), 0){source}",
        (payer_id, period),
    ).fetchone()
    db.execute(
        "INSERT INTO temp.mek_case SELECT a.id, row_number() OVER (ORDER BY a.id), p.id, p.payer_id,"
        f" a.registry_id, a.total, 1, 0, 0{source} AND a.stage2 = 0",
        (payer_id, period),
    )
    return Bills(*row)


# --- whom it is about --------------------------------------------------------------------------


def match() -> None:
    """Find the account of every record among the active bills."""
    months = [row[0] for row in db.execute("SELECT DISTINCT period FROM temp.mek_in")]
    every = "" in months
    db.execute(
        "INSERT INTO temp.mek_key SELECT x.account_id, p.id, p.period, substr(p.number, 1, ?), p.date,"
        " coalesce(i.code, ''), x.idcase, c.nhistory, a.total FROM package p"
        " CROSS JOIN pay_account x ON x.package_id = p.id CROSS JOIN account a ON a.id = x.account_id"
        " CROSS JOIN cases c ON c.id = a.case_id LEFT JOIN insurer i ON i.id = p.payer_id"
        " WHERE p.kind = 'B' AND p.state = 'active' AND p.is_test = 0"
        " AND (? OR p.period IN (SELECT value FROM json_each(?)))",
        (NUMBER_LENGTH, int(every), db.dump(months)),
    )
    db.execute("CREATE INDEX temp.mek_key_case ON mek_key(idcase)")
    db.execute("CREATE INDEX temp.mek_key_card ON mek_key(card)")
    _find("k.idcase = mek_in.idnum", "1")
    _find("mek_in.card <> '' AND k.card = mek_in.card", "found = 0")
    # some funds put the number of the card where IDCASE belongs
    _find("mek_in.idcase <> '' AND k.card = mek_in.idcase", "found = 0")
    db.execute("CREATE INDEX temp.mek_in_account ON mek_in(account_id)")


def _find(key: str, which: str) -> None:
    """Find by one key; what the file does not say about the bill fits any."""
    same = " AND ".join(
        f"(mek_in.{name} = '' OR k.{name} = mek_in.{name})" for name in ("period", "number", "payer")
    )
    db.execute(
        "UPDATE temp.mek_in SET (found, account_id) = (SELECT count(DISTINCT k.account_id),"
        f" min(k.account_id) FROM temp.mek_key k WHERE {key} AND {same}) WHERE {which}"
    )


def lost() -> tuple[int, list[Lost]]:
    """Records without exactly one account: how many and the first of them."""
    count = int(db.scalar("SELECT count(*) FROM temp.mek_in WHERE found <> 1"))
    rows = db.execute(
        "SELECT i.place, i.period, i.number, i.payer, i.found, EXISTS (SELECT 1 FROM temp.mek_key k"
        " WHERE i.period = '' OR k.period = i.period), EXISTS (SELECT 1 FROM temp.mek_key k"
        " WHERE (i.period = '' OR k.period = i.period) AND (i.number = '' OR k.number = i.number)"
        " AND (i.payer = '' OR k.payer = i.payer))"
        " FROM temp.mek_in i WHERE i.found <> 1 ORDER BY i.n LIMIT ?",
        (SHOWN,),
    )
    return count, [Lost(r[0], r[1], r[2], r[3], r[4], bool(r[5]), bool(r[6])) for r in rows]


def other_dates() -> list[tuple[str, str, str, str]]:
    """(place, number, date said, date of the bill) where the invoice is of another day."""
    rows = db.execute(
        "SELECT i.place, k.number, i.date, k.date FROM temp.mek_in i JOIN temp.mek_key k"
        " ON k.account_id = i.account_id WHERE i.date <> '' AND k.date <> '' AND i.date <> k.date"
        " ORDER BY i.n LIMIT ?",
        (SHOWN,),
    )
    return [tuple(row) for row in rows]


def other_cards() -> list[tuple[str, str, str]]:
    """(place, NHISTORY said, ours) where IDCASE and the card name different cases."""
    rows = db.execute(
        "SELECT i.place, i.card, c.nhistory FROM temp.mek_in i JOIN account a ON a.id = i.account_id"
        " JOIN cases c ON c.id = a.case_id WHERE i.card <> '' AND i.card <> c.nhistory"
        " AND EXISTS (SELECT 1 FROM temp.mek_key k WHERE k.card = i.card) ORDER BY i.n LIMIT ?",
        (SHOWN,),
    )
    return [tuple(row) for row in rows]


# --- what it comes to --------------------------------------------------------------------------


def gather() -> None:
    """One row per account: decision, whether it is a full refusal of МЭК, kopecks cut."""
    db.execute(
        "INSERT INTO temp.mek_case SELECT account_id, n, package_id, payer_id, registry_id, total, decision,"
        " decision = 2 AND has_mek, CASE WHEN decision IN (0, 1) OR (decision = 2 AND has_mek) THEN 0"
        " WHEN decision = 2 THEN max(cut, CASE WHEN unsaid THEN total ELSE 0 END) ELSE cut END FROM ("
        "SELECT i.account_id, min(i.n) AS n, k.package_id, p.payer_id, a.registry_id, a.total,"
        " CASE WHEN max(i.decision = 2) THEN 2"
        " WHEN max(i.decision IS NULL) THEN CASE WHEN max(i.unsaid) OR coalesce(sum(i.cut), 0) >= a.total"
        " THEN 2 ELSE 3 END ELSE max(i.decision) END AS decision, max(i.has_mek) AS has_mek,"
        " coalesce(sum(i.cut), 0) AS cut, max(i.unsaid) AS unsaid FROM temp.mek_in i"
        " JOIN temp.mek_key k ON k.account_id = i.account_id JOIN package p ON p.id = k.package_id"
        " JOIN account a ON a.id = i.account_id GROUP BY i.account_id)"
    )


def billed_months() -> list[str]:
    """Months the cases were billed in, oldest first."""
    rows = db.execute(
        "SELECT DISTINCT p.period FROM temp.mek_case m JOIN package p ON p.id = m.package_id ORDER BY 1"
    )
    return [row[0] for row in rows]


def too_much(exact: bool) -> list[WrongSum]:
    """Records that cut or bill more than the account has; ``exact`` = the billed sum must be ours."""
    wrong = "i.billed <> a.total" if exact else "i.billed > a.total"
    rows = db.execute(
        "SELECT i.place, CASE WHEN i.cut > a.total THEN i.cut ELSE i.billed END, a.total"
        f" FROM temp.mek_in i JOIN account a ON a.id = i.account_id WHERE i.cut > a.total OR {wrong}"
        " ORDER BY i.n LIMIT ?",
        (SHOWN,),
    )
    return [WrongSum(*row) for row in rows]


def over_cut(replaced: Iterable[int] = ()) -> list[WrongSum]:
    """Accounts cut in parts, now and by earlier acts, by more than they were billed for."""
    rows = db.execute(
        "SELECT i.place, m.cut + coalesce(t.s, 0), m.total FROM temp.mek_case m"
        " JOIN temp.mek_in i ON i.n = m.n LEFT JOIN (SELECT u.account_id, sum(u.total) AS s FROM cut u"
        " WHERE u.state = 'active' AND u.id NOT IN (SELECT value FROM json_each(?)) GROUP BY 1) t"
        " ON t.account_id = m.account_id WHERE m.refused = 0 AND m.cut > 0"
        " AND m.cut + coalesce(t.s, 0) > m.total ORDER BY i.n LIMIT ?",
        (db.dump(list(replaced)), SHOWN),
    )
    return [WrongSum(*row) for row in rows]


def without_sum() -> list[str]:
    """Places of cases refused in part without a sum."""
    rows = db.execute(
        "SELECT i.place FROM temp.mek_case m JOIN temp.mek_in i ON i.n = m.n"
        " WHERE m.decision = 3 AND m.cut = 0 AND m.total > 0 ORDER BY i.n LIMIT ?",
        (SHOWN,),
    )
    return [row[0] for row in rows]


def counts() -> Counts:
    """Accounts, decisions and kopecks of the staged return."""
    row: tuple[Any, ...] = db.execute(
        "SELECT count(*), coalesce(sum(m.decision = 1), 0), coalesce(sum(m.refused), 0),"
        " coalesce(sum(m.refused * m.total), 0), coalesce(sum(m.cut > 0), 0), coalesce(sum(m.cut), 0),"
        " coalesce(sum(m.refused AND a.stage2 = 2), 0), coalesce(sum(m.refused AND a.work = 'в реестр'), 0)"
        " FROM temp.mek_case m JOIN account a ON a.id = m.account_id"
    ).fetchone()
    unknown = int(db.scalar("SELECT count(*) FROM temp.mek_reason WHERE known = 0"))
    values: list[Any] = [*row[:6], unknown, *row[6:]]
    return Counts(*values)


def sources() -> list[tuple[int, str, str, str, int, int]]:
    """(registry, name, period, kind of activity, cases, kopecks) of the full refusals, by registry."""
    rows = db.execute(
        "SELECT r.id, r.name, r.period, c.kind, count(*), sum(m.total) FROM temp.mek_case m"
        " JOIN registry r ON r.id = m.registry_id JOIN account a ON a.id = m.account_id"
        " JOIN cases c ON c.id = a.case_id WHERE m.refused = 1 GROUP BY r.id, c.kind ORDER BY r.period, r.id"
    )
    return [tuple(row) for row in rows]


def payers() -> list[int]:
    """Insurers whose bills the return concerns."""
    rows = db.execute("SELECT DISTINCT payer_id FROM temp.mek_case WHERE payer_id IS NOT NULL ORDER BY 1")
    return [row[0] for row in rows]
