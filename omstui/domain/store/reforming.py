"""What goes into a 7 (состав F6): figures per insurer and the accounts with their places in the 3X."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from omstui.domain.model import Decision
from omstui.domain.store import db


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts and sums in kopecks of one package and one insurer at stage 1."""

    accepted: int
    accepted_sum: int
    refused: int
    refused_sum: int
    undecided: int
    undecided_sum: int
    moved_in: int
    moved_out: int
    flk: int


@dataclass(frozen=True, slots=True)
class Element:
    """A patient element of the stored 3X: the keys that go into the 7 and how many stay behind."""

    offset: int
    length: int
    keep: tuple[str, ...]
    others: int


def figures(package: int, payer: int) -> Figures:
    """What stage 1 decided about the accounts of this insurer in this package.

    Accepted and refused are those its own file decided, also when sent for another insurer.
    """
    row = db.execute(
        "SELECT coalesce(sum(stage1=1 AND decided_payer_id=:s), 0),"
        " coalesce(sum(total) FILTER (WHERE stage1=1 AND decided_payer_id=:s), 0),"
        " coalesce(sum(stage1=2 AND decided_payer_id=:s), 0),"
        " coalesce(sum(total) FILTER (WHERE stage1=2 AND decided_payer_id=:s), 0),"
        " coalesce(sum(stage1=0 AND payer_id=:s), 0),"
        " coalesce(sum(total) FILTER (WHERE stage1=0 AND payer_id=:s), 0),"
        " coalesce(sum(stage1<>0 AND decided_payer_id=:s AND payer_id<>:s), 0),"
        " coalesce(sum(stage1<>0 AND decided_payer_id<>:s AND payer_id=:s), 0)"
        " FROM account WHERE package_id=:p",
        {"s": payer, "p": package},
    ).fetchone()
    flk = db.scalar(
        "SELECT count(DISTINCT f.account_id) FROM refusal f JOIN account a ON a.id=f.account_id"
        " WHERE a.package_id=? AND f.payer_id=? AND f.kind='flk' AND f.state='active' AND a.stage1=1",
        (package, payer),
    )
    values: list[int] = [*row, int(flk)]
    return Figures(*values)


def elements(package: int, payer: int) -> Iterator[Element]:
    """Patient elements holding an accepted account of this insurer, in the order of the file."""
    cursor = db.execute(
        "SELECT offset, length, xkey, n FROM (SELECT offset, length, xkey, number, id, stage1,"
        " decided_payer_id, count(*) OVER (PARTITION BY offset) AS n FROM account WHERE package_id=?)"
        " WHERE stage1=? AND decided_payer_id=? ORDER BY offset, number, id",
        (package, int(Decision.ACCEPTED), payer),
    )
    # accounts of one element follow each other: they share the offset
    keys: list[str] = []
    at, length, all_of_it = -1, 0, 0
    for offset, size, xkey, count in cursor:
        if offset != at and keys:
            yield Element(at, length, tuple(keys), all_of_it - len(keys))
            keys = []
        at, length, all_of_it = offset, size, count
        keys.append(xkey)
    if keys:
        yield Element(at, length, tuple(keys), all_of_it - len(keys))


def without_place(package: int, payer: int) -> int:
    """Accepted accounts whose place in the stored 3X is not known."""
    return int(
        db.scalar(
            "SELECT count(*) FROM account WHERE package_id=? AND stage1=1 AND decided_payer_id=?"
            " AND (offset IS NULL OR length IS NULL)",
            (package, payer),
        )
    )


def settle(package: int, payer: int, seven: int) -> int:
    """Mark the accepted accounts as gone into this 7; returns how many."""
    return db.execute(
        "UPDATE account SET reform_id=? WHERE package_id=? AND stage1=1 AND decided_payer_id=?",
        (seven, package, payer),
    ).rowcount


def accepted_keys(package: int, payer: int) -> set[str]:
    """Keys of the accounts the insurer's ``1`` accepted."""
    return {
        row[0]
        for row in db.execute(
            "SELECT xkey FROM account WHERE package_id=? AND stage1=1 AND decided_payer_id=?",
            (package, payer),
        )
    }


def withheld(period: str, payer: int) -> int | None:
    """The withholding entered for this insurer and period, kopecks; None = not entered."""
    row = db.execute(
        "SELECT total FROM withholding WHERE period=? AND payer_id=? ORDER BY id DESC LIMIT 1",
        (period, payer),
    ).fetchone()
    return row[0] if row else None


def decided_payers(package: int) -> set[int]:
    """Insurers whose stage 1 file of this package is accepted."""
    return {
        row[0]
        for row in db.execute(
            "SELECT DISTINCT payer_id FROM answer WHERE package_id=? AND stage=1 AND state='active'",
            (package,),
        )
    }


def sent_payers(package: int) -> set[int]:
    """Insurers this package has accounts of."""
    return {
        row[0]
        for row in db.execute(
            "SELECT DISTINCT payer_id FROM account WHERE package_id=? AND payer_id IS NOT NULL",
            (package,),
        )
    }


def place(account: int) -> tuple[int, str, int, int] | None:
    """Stored file, its name, offset and length of the account as sent; None if it was not."""
    row = db.execute(
        "SELECT p.file_id, p.name, a.offset, a.length FROM account a JOIN package p ON p.id=a.package_id"
        " WHERE a.id=? AND a.offset IS NOT NULL AND a.length IS NOT NULL",
        (account,),
    ).fetchone()
    return tuple(row) if row else None
