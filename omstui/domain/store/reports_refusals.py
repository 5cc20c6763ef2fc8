"""Rows of reports about refusals (отчёты по отказам): by code, not sent again, by month.

A month of refusals is the month of the file they answer (manual A) or the one they were loaded into
(manual B), as «Анализ» has it. Test answers do not count.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from omstui.domain.store import db
from omstui.domain.store.reports import CASE_JOIN, SHORT_CELLS, sent

#: a full refusal is about the whole account, a part taken off about that part: «50.00» → 5000
_CUT = "CAST(replace(coalesce(json_extract(f.data, '$.S_SUM'), '0'), '.', '') AS INTEGER)"
#: a reason that costs money: a refusal, or a cut of МЭК, МЭЭ, ЭКМП; the rest is shown only
_HARD = "(f.refuses = 1 OR f.kind = 'mek')"
_ROWS = (
    f'SELECT f.stage AS stage, {_HARD} AS hard, f.kind AS kind, f.code AS code, min(f."text") AS txt,'
    " f.account_id AS account, max(f.refuses) AS refuses, max(f.payer_id) AS payer,"
    " group_concat(DISTINCT nullif(f.comment, '')) AS comment,"
    f" CASE WHEN NOT {_HARD} THEN 0 WHEN max(f.refuses) THEN coalesce(max(a.total), 0)"
    f" ELSE sum({_CUT}) END AS total, coalesce(max(a.stage2), 0) AS stage2, max(k2.period) AS billed"
    " FROM answer w LEFT JOIN package k ON k.id = w.package_id CROSS JOIN refusal f ON f.answer_id = w.id"
    " LEFT JOIN account a ON a.id = f.account_id LEFT JOIN package k2 ON k2.id = a.package_id"
    " WHERE w.state = 'active' AND f.state = 'active' AND coalesce(k.is_test, 0) = 0"
    " AND CASE w.road WHEN '' THEN k.period ELSE w.period END = ?1"
    " AND (?2 = 0 OR f.payer_id = ?2)"
    " GROUP BY f.stage, hard, f.kind, f.code, coalesce(f.account_id, -f.id)"
)


@dataclass(frozen=True, slots=True)
class CodeRow:
    """A code of a stage in a month: accounts and what it took, kopecks."""

    stage: int
    hard: bool
    kind: str
    code: str
    text: str
    accounts: int
    total: int


def codes(period: str, payer: int = 0) -> list[CodeRow]:
    """Codes of the refusals of a month; an account counts once in each."""
    rows = db.execute(
        f"SELECT stage, hard, kind, code, min(txt), count(*), sum(total) FROM ({_ROWS})"
        " GROUP BY stage, hard, kind, code",
        (period, payer),
    )
    return [CodeRow(row[0], bool(row[1]), *row[2:]) for row in rows]


@dataclass(frozen=True, slots=True)
class StageTotal:
    """A stage with each account counted once: refused whole, or a part taken off; by month of its bill."""

    stage: int
    full: bool
    billed: str
    accounts: int
    total: int


def totals(period: str, payer: int = 0) -> list[StageTotal]:
    """What the refusals of a month cost. Cuts of an account that was refused whole anyway do not count."""
    rows = db.execute(
        "SELECT stage, full, billed, count(*), sum(total) FROM (SELECT stage, max(refuses) AS full,"
        " coalesce(max(billed), '') AS billed, CASE WHEN max(refuses) THEN max(total) ELSE sum(total) END"
        f" AS total, max(stage2) AS stage2 FROM ({_ROWS}) WHERE hard AND account IS NOT NULL"
        " GROUP BY stage, account) WHERE full OR stage2 <> 2 GROUP BY 1, 2, 3 ORDER BY 1, 2 DESC, 3",
        (period, payer),
    )
    return [StageTotal(row[0], bool(row[1]), *row[2:]) for row in rows]


def rows(
    period: str, stage: int, hard: bool, keys: Sequence[str], payer: int = 0
) -> Iterator[tuple[Any, ...]]:
    """Accounts by code in the order of ``keys`` («kind|code»): key, cells of the case, СМО, sum, work, words.

    A fact that names no account has empty cells.
    """
    yield from db.execute(
        f"SELECT q.value, {SHORT_CELLS}, coalesce(i.code, ''), o.total, coalesce(b.work, ''),"
        f" coalesce(o.comment, '') FROM (SELECT * FROM ({_ROWS}) WHERE stage = ?3 AND hard = ?4) o"
        " JOIN json_each(?5) q ON q.value = o.kind || '|' || o.code"
        " LEFT JOIN account b ON b.id = o.account LEFT JOIN cases c ON c.id = b.case_id"
        " LEFT JOIN patient p ON p.id = c.patient_id LEFT JOIN insurer i ON i.id = o.payer"
        " ORDER BY q.key, folded(coalesce(p.fio_key, '')), c.date_out, o.account",
        (period, payer, stage, int(hard), db.dump(list(keys))),
    )


# --- not sent again ----------------------------------------------------------------------------------

_WAITING = (
    f" FROM account a {CASE_JOIN} JOIN package k ON k.id = a.package_id AND k.state = 'active'"
    " AND k.is_test = 0 LEFT JOIN insurer i ON i.id = coalesce(a.decided_payer_id, a.payer_id)"
    " LEFT JOIN answer w ON w.id = CASE WHEN a.stage2 = 2 THEN a.answer2_id ELSE a.answer1_id END"
    " WHERE a.work IN ('новый', 'исправлен', 'в реестр') AND (a.stage1 = 2 OR a.stage2 = 2)"
    " AND c.deleted_at IS NULL AND c.merged_into IS NULL AND (?1 = '' OR k.period <= ?1)"
    " AND (?3 = 0 OR i.id = ?3) AND (w.id IS NULL OR substr(w.accepted_at, 1, 10) <= ?2)"
    " AND NOT EXISTS (SELECT 1 FROM resubmission s JOIN account b ON b.id = s.new_account_id"
    " JOIN registry q ON q.id = b.registry_id WHERE s.account_id = a.id"
    " AND s.undone_at IS NULL AND b.package_id IS NOT NULL AND q.is_test = 0)"
)
_AGE = "CAST(julianday(?2) - julianday(substr(w.accepted_at, 1, 10)) AS INTEGER)"


def waiting_months(period: str, today: str, payer: int = 0) -> list[tuple[Any, ...]]:
    """Refused and not sent again, by month and insurer: month, СМО, oldest in days, accounts, kopecks."""
    return db.execute(
        f"SELECT k.period, coalesce(i.code, ''), max({_AGE}), count(*), sum(a.total){_WAITING}"
        " GROUP BY k.period, i.code ORDER BY k.period, i.code",
        (period, today, payer),
    ).fetchall()


def waiting_rows(period: str, today: str, payer: int = 0) -> Iterator[tuple[Any, ...]]:
    """The same case by case, oldest first: month, cells of the case, СМО, codes, age, sum, work."""
    yield from db.execute(
        f"SELECT k.period, {SHORT_CELLS}, coalesce(i.code, ''),"
        " coalesce((SELECT group_concat(DISTINCT f.code) FROM refusal f WHERE f.account_id = a.id"
        " AND f.state = 'active' AND f.refuses = 1), ''),"
        f" {_AGE}, a.total, a.work{_WAITING} ORDER BY k.period, w.accepted_at, i.code, a.id",
        (period, today, payer),
    )


# --- by month ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MonthRow:
    """What was sent in a month and refused of it since: accounts and kopecks."""

    period: str
    sent: int
    sent_total: int
    refused1: int
    refused1_total: int
    refused2: int
    refused2_total: int
    cut: int
    cut_total: int
    returned: int
    returned_total: int

    @property
    def refused(self) -> int:
        return self.refused1 + self.refused2

    @property
    def refused_total(self) -> int:
        return self.refused1_total + self.refused2_total + self.cut_total


def months(first: str, last: str, bills: bool, payer: int = 0) -> list[MonthRow]:
    """Months from ``first`` to ``last`` that have something sent, as the ledger of each counts them."""
    whose = "k.payer_id" if bills else "coalesce(a.decided_payer_id, a.payer_id)"
    from_, _, where = sent(bills).partition(" WHERE ")
    figures = ", ".join(
        f"coalesce(sum({test}), 0), coalesce(sum(CASE WHEN {test} THEN {value} END), 0)"
        for test, value in (
            ("a.stage1 = 2", "a.total"),
            ("a.stage2 = 2", "a.total"),
            ("a.stage2 <> 2 AND t.s > 0", "t.s"),
            ("a.work = 'в реестр'", "a.total"),
        )
    )
    cursor = db.execute(
        f"SELECT k.period, count(*), sum(a.total), {figures} FROM {from_} LEFT JOIN (SELECT account_id,"
        " sum(total) AS s FROM cut WHERE state = 'active' GROUP BY account_id) t ON t.account_id = a.id"
        f" WHERE {where} AND k.period BETWEEN ?1 AND ?2 AND (?3 = 0 OR {whose} = ?3)"
        " GROUP BY k.period ORDER BY k.period",
        (first, last, payer),
    )
    return [MonthRow(*row) for row in cursor]


def code_months(first: str, last: str, bills: bool, payer: int = 0) -> list[tuple[Any, ...]]:
    """Codes of what was refused of these months, dearest first: kind, code, words, accounts, kopecks."""
    whose = "k.payer_id" if bills else "coalesce(a.decided_payer_id, a.payer_id)"
    return db.execute(
        "SELECT kind, code, min(txt), count(*), sum(total) FROM (SELECT f.kind AS kind, f.code AS code,"
        ' min(f."text") AS txt, a.id, CASE WHEN max(f.refuses) THEN max(a.total)'
        f" ELSE sum({_CUT}) END AS total FROM (SELECT a.id AS id, a.total AS total FROM {sent(bills)}"
        f" AND k.period BETWEEN ?1 AND ?2 AND (?3 = 0 OR {whose} = ?3)) a"
        f" CROSS JOIN refusal f ON f.account_id = a.id WHERE f.state = 'active' AND {_HARD}"
        " GROUP BY f.kind, f.code, a.id) GROUP BY kind, code ORDER BY 5 DESC, 1, 2",
        (first, last, payer),
    ).fetchall()
