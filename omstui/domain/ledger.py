"""The ledger of a month (сверка): what was sent, decided, reformed, paid, per insurer, to the kopeck.

All numbers come from the accounts. The equations of product.md §3.1 and the control line R36 are checked
against what the files were written with and what the answers said; a line that does not balance is a
sentence in ``Ledger.problems``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from omstui.domain import ledger_b
from omstui.domain.ledger_rows import COLUMNS as COLUMNS
from omstui.domain.ledger_rows import TITLES as TITLES
from omstui.domain.ledger_rows import Amount as Amount
from omstui.domain.ledger_rows import Ledger as Ledger
from omstui.domain.ledger_rows import Row as Row
from omstui.domain.money import roubles
from omstui.domain.profile import profile
from omstui.domain.store import config, withholdings
from omstui.domain.store import ledger as store


def read(period: str, *, test: bool = False) -> Ledger:
    """The ledger of a month from the database; ``test`` reads an unrestored test registry instead."""
    if profile(config.load_settings().profile).can("mek-load"):
        return ledger_b.read(period)
    payers = config.payers()
    rows = {payer.id: Row(payer) for payer in payers}
    slices = store.slices(period, test=test)
    packages = [p for p in store.packages(period) if bool(p.is_test) == test]
    answers = [a for a in store.answers(period) if bool(a.is_test) == test]
    problems = spread(slices, rows)
    threes = [p for p in packages if p.kind == "3"]
    for three in threes:
        part = _of_package(three.id, payers, slices, packages, answers)
        problems += _equations(part, f" (пакет {three.name})" if len(threes) > 1 else "")
        for row in part.rows:
            rows[row.payer.id].packages |= row.packages
            rows[row.payer.id].sevens |= row.sevens
    for payer_id, entry in withholdings.current(period).items():
        if payer_id in rows and not test:
            rows[payer_id].withheld = entry.total
    problems += _overdrawn(rows.values())
    problems += _files(packages)
    problems += _answers(answers)
    return Ledger(period, list(rows.values()), problems)


def _of_package(
    package: int,
    payers: Sequence[config.Payer],
    slices: Iterable[store.Slice],
    packages: Iterable[store.PackageTotal],
    answers: Iterable[store.AnswerTotal],
) -> Ledger:
    """The ledger of one 3X: each must balance by itself, with the files 7 cut from it."""
    rows = {payer.id: Row(payer) for payer in payers}
    spread((s for s in slices if s.package_id == package), rows)
    for answer in answers:
        if answer.package_id == package and answer.stage == 1:
            rows[answer.payer_id].packages.add(package)
    for seven in packages:
        if seven.kind == "7" and seven.parent_id == package and seven.payer_id is not None:
            rows[seven.payer_id].sevens.add(package)
    for row in rows.values():
        if any(row[column].count for column in COLUMNS):
            row.packages.add(package)
    return Ledger("", list(rows.values()), [])


def spread(slices: Iterable[store.Slice], rows: dict[int, Row]) -> list[str]:
    """Add accounts to the columns of their insurers; returns what fits nowhere. Pure."""
    problems: list[str] = []
    for part in slices:
        # a package of another program may name no insurer; the one that answered is the one then
        known = part.decided_payer_id if part.payer_id is None else part.payer_id
        if known is None or known not in rows:
            problems.append(f"Счетов без плательщика в выгрузке: {part.count}")
            continue
        sender = rows[known]
        decided = rows.get(part.decided_payer_id or known, sender)
        _add(sender, part, "sent")
        if decided is not sender:
            _add(sender, part, "moved_out")
            _add(decided, part, "moved_in")
        column = {0: "undecided", 1: "accepted1", 2: "refused1"}[part.stage1]
        _add(decided, part, column)
        if part.seven_payer_id is not None:
            seven = rows.get(part.seven_payer_id, decided)
            _add(seven, part, "reformed")
            _add(seven, part, {0: "pending", 1: "paid", 2: "refused2"}[part.stage2])
            if part.stage1 != 1 or seven is not decided:
                problems.append(
                    f"СМО {seven.payer.code}: в файле 7 счета, которых она не приняла: {part.count}"
                )
        elif part.stage2:
            problems.append(f"СМО {decided.payer.code}: решение стадии 2 у счетов вне файла 7: {part.count}")
        if part.decided_payer_id is not None and part.stage1 == 0:
            problems.append(f"СМО {decided.payer.code}: смена плательщика без решения: {part.count}")
    return problems


def _add(row: Row, part: store.Slice, column: str) -> None:
    row[column].add(part.count, part.total)


def _equations(ledger: Ledger, where: str = "") -> list[str]:
    problems: list[str] = []
    for row in ledger.rows:
        code = row.payer.code
        left = row["sent"] - row["moved_out"] + row["moved_in"]
        right = row["accepted1"] + row["refused1"] + row["undecided"]
        if left != right:
            problems.append(_line(code, "подано − ушло + пришло", left, "решения стадии 1", right))
        if row.has_seven and row["reformed"] != row["accepted1"]:
            problems.append(_line(code, "файл 7", row["reformed"], "принято на стадии 1", row["accepted1"]))
        after = row["paid"] + row["refused2"] + row["pending"]
        if row["reformed"] != after:
            problems.append(_line(code, "файл 7", row["reformed"], "решения стадии 2", after))
    if ledger.total("moved_in") != ledger.total("moved_out"):
        problems.append("Ушло к другим СМО и пришло от других СМО не равны")
    return [problem + where for problem in problems]


def _overdrawn(rows: Iterable[Row]) -> list[str]:
    """Withholdings above the sum of the 7 (R34)."""
    return [
        f"СМО {row.payer.code}: удержание {roubles(row.withheld or 0)} больше суммы файла 7"
        f" {roubles(row['reformed'].total)}"
        for row in rows
        if row.has_seven and row.payable < 0
    ]


def _files(packages: list[store.PackageTotal]) -> list[str]:
    return [
        f"{p.name}: в файле счетов {p.accounts} на {roubles(p.total)},"
        f" в базе {p.real_accounts} на {roubles(p.real_total)}"
        for p in packages
        if (p.accounts, p.total) != (p.real_accounts, p.real_total)
    ]


def _answers(answers: list[store.AnswerTotal]) -> list[str]:
    return [
        f"{a.name}: отказано {a.refused} на {roubles(a.refused_sum)},"
        f" а по счетам {a.real_refused} на {roubles(a.real_refused_sum)}"
        for a in answers
        if (a.refused, a.refused_sum) != (a.real_refused, a.real_refused_sum)
    ]


def _line(code: str, left: str, a: Amount, right: str, b: Amount) -> str:
    return f"СМО {code}: {left} — {a.count} на {roubles(a.total)}, {right} — {b.count} на {roubles(b.total)}"
