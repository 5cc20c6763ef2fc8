"""The ledger of manual B (сверка): billed, refused by МЭК, paid, pending, payable per insurer, to the kopeck.

The month is the one the bills were exported for, whenever МЭК came. What was sent is read from the packages
as written, what became of it from the accounts; a line that does not balance is a sentence.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, ClassVar

from omstui.domain.ledger_rows import Amount, Ledger, Row
from omstui.domain.money import roubles
from omstui.domain.store import config
from omstui.domain.store import ledger_b as store

COLUMNS = ("sent", "refused", "cut", "paid", "pending")
TITLES = {
    "sent": "выставлено на оплату",
    "refused": "отказано МЭК и снято",
    "cut": "из них снято частично",
    "paid": "оплачено",
    "pending": "ждёт решения МЭК",
}


@dataclass(slots=True)
class BillRow(Row):
    """The line of one insurer: ``refused`` counts full refusals, its sum has the cuts too."""

    columns: ClassVar[tuple[str, ...]] = COLUMNS
    titles: ClassVar[dict[str, str]] = TITLES
    withholds: ClassVar[bool] = False

    amounts: dict[str, Amount] = field(default_factory=lambda: {c: Amount() for c in COLUMNS})

    @property
    def payable(self) -> int:
        """К оплате: billed less what МЭК, МЭЭ and ЭКМП took off."""
        return self["sent"].total - self["refused"].total

    def _payable_json(self) -> dict[str, Any]:
        text = roubles(self.payable)
        count = self["sent"].count - self["refused"].count
        return {"payable": text, "payable_sum": text, "payable_count": count}


def read(period: str) -> Ledger:
    """The ledger of a month from the database."""
    rows = {payer.id: BillRow(payer) for payer in config.payers()}
    packages = store.bills(period)
    for bill in packages:
        if bill.payer_id in rows:
            rows[bill.payer_id]["sent"].add(bill.accounts, bill.total)
            rows[bill.payer_id].packages.add(bill.id)
    problems = spread(store.slices(period), rows)
    problems += _equations(rows.values())
    problems += _files(packages)
    problems += [
        f"{name}: отказано {count} на {roubles(total)}, а по счетам {real} на {roubles(real_total)}"
        for name, count, total, real, real_total in store.answers(period)
        if (count, total) != (real, real_total)
    ]
    return Ledger(period, list(rows.values()), problems, COLUMNS, TITLES, withholds=False)


def spread(slices: Iterable[store.Slice], rows: dict[int, BillRow]) -> list[str]:
    """Add accounts to the columns of their insurers; returns what fits nowhere. Pure."""
    problems: list[str] = []
    for part in slices:
        row = rows.get(part.payer_id or 0)
        if row is None:
            problems.append(f"Счетов без плательщика в счетах на оплату: {part.count}")
            continue
        if part.stage2 == 2:
            row["refused"].add(part.count, part.total)
            continue
        row["refused"].add(0, part.cut)
        row["cut"].add(part.cut_count, part.cut)
        row["paid" if part.stage2 == 1 else "pending"].add(part.count, part.total - part.cut)
        if part.over:
            problems.append(f"СМО {row.payer.code}: снято больше, чем выставлено: счетов {part.over}")
    return problems


def _equations(rows: Iterable[BillRow]) -> list[str]:
    problems = []
    for row in rows:
        right = row["refused"] + row["paid"] + row["pending"]
        if row["sent"] != right:
            problems.append(
                f"СМО {row.payer.code}: выставлено — {row['sent'].count} на {roubles(row['sent'].total)},"
                f" отказано, оплачено и ждёт — {right.count} на {roubles(right.total)}"
            )
    return problems


def _files(packages: list[store.Bill]) -> list[str]:
    return [
        f"{b.name}: в файле счетов {b.accounts} на {roubles(b.total)},"
        f" в базе {b.real_accounts} на {roubles(b.real_total)}"
        for b in packages
        if (b.accounts, b.total) != (b.real_accounts, b.real_total)
    ]
