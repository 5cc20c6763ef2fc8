"""What goes out and comes back in a month (выгрузка и счета): one row per insurer, for the screen.

It only gathers: the numbers are those of the ledger, the dates those of packages and answers.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from omstui.domain import ledger
from omstui.domain.ledger import Amount
from omstui.domain.model import Period, RegistryStatus
from omstui.domain.store import config, invoices, packages, withholdings
from omstui.domain.store import ledger as store


@dataclass(slots=True)
class InsurerRow:
    """An insurer of the month with its dates; ``""`` = not yet."""

    total: ledger.Row
    answer1: str = ""
    answer2: str = ""
    seven: store.PackageTotal | None = None
    withheld: withholdings.WithheldRow | None = None
    invoice: invoices.InvoiceRow | None = None

    @property
    def payer(self) -> config.Payer:
        return self.total.payer


@dataclass(slots=True)
class Outgoing:
    """The month: its packages, its insurers, what the ledger objects to."""

    period: Period
    test: bool
    packages: list[store.PackageTotal]
    rows: list[InsurerRow]
    problems: list[str]
    #: formed registries that wait for F2: (main, test)
    waiting: tuple[int, int] = (0, 0)
    whole: dict[str, Amount] = field(default_factory=dict)

    @property
    def payable(self) -> int:
        return sum(row.total.payable for row in self.rows if row.total.sevens)

    @property
    def withheld(self) -> int:
        return sum(row.total.withheld or 0 for row in self.rows)


def read(period: str) -> Outgoing:
    """The month as it stands; while only test registries are out, theirs. Call in ``connection()``."""
    month = Period.parse(period)
    sent = [p for p in store.packages(str(month)) if p.kind == "3"]
    test = bool(sent) and all(p.is_test for p in sent)
    book = ledger.read(str(month), test=test)
    answers = [a for a in store.answers(str(month)) if bool(a.is_test) == test]
    sevens = [p for p in store.packages(str(month)) if p.kind == "7"]
    entries = withholdings.current(str(month))
    issued = {i.payer: i for i in invoices.of_period(str(month)) if i.active}
    rows = [
        InsurerRow(
            row,
            _date(row, answers, 1),
            _date(row, answers, 2),
            _seven(row, sevens),
            entries.get(row.payer.id),
            issued.get(row.payer.id),
        )
        for row in book.rows
    ]
    formed = [r for r in packages.registries(str(month)) if r.status == RegistryStatus.FORMED]
    return Outgoing(
        month,
        test,
        [p for p in sent if bool(p.is_test) == test],
        rows,
        book.problems,
        (sum(1 for r in formed if not r.is_test), sum(1 for r in formed if r.is_test)),
        {column: book.total(column) for column in ledger.COLUMNS},
    )


def _date(row: ledger.Row, answers: list[store.AnswerTotal], stage: int) -> str:
    """When the last answer came; "" while one of the insurer's packages of the month waits for it."""
    mine = [a for a in answers if a.payer_id == row.payer.id and a.stage == stage]
    if row.packages - {a.package_id for a in mine}:
        return ""
    return max((a.accepted_at for a in mine), default="")


def _seven(row: ledger.Row, sevens: list[store.PackageTotal]) -> store.PackageTotal | None:
    """The 7 of the insurer, with several packages the last one and the sum of all; None while F6 is due."""
    mine = [p for p in sevens if p.payer_id == row.payer.id]
    if not mine or not row.has_seven:
        return None
    return replace(mine[-1], accounts=sum(p.accounts for p in mine), total=sum(p.total for p in mine))
