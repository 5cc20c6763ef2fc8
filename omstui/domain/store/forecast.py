"""Forecast of refusals (прогноз МЭК): what the findings would cost, and how it came out.

When registries are sent, the findings of their accounts are frozen in ``forecast``. They stay for good, so
each month can be compared with the answers whenever those come. An account counts once in each line.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from omstui.domain.criteria.model import Criterion
from omstui.domain.model import RefusalKind, code_order
from omstui.domain.store import db


@dataclass(frozen=True, slots=True)
class RiskRow:
    """Accounts under threat: by code of 231н or by insurer. Sum in kopecks."""

    key: str
    title: str
    accounts: int
    total: int


@dataclass(frozen=True, slots=True)
class OutcomeRow:
    """A code of 231н of a month: forecast against fact, accounts and kopecks."""

    code: str
    foreseen: int
    foreseen_total: int
    refused: int
    refused_total: int
    #: refused with the code that was foreseen
    exact: int
    #: foreseen with this code, refused with another one
    other: int
    #: refused with this code, nothing was foreseen
    missed: int
    missed_total: int
    #: foreseen with this code, accepted
    false: int
    false_total: int


def _map(criteria: Iterable[Criterion]) -> str:
    return json.dumps([[c.code, c.mek, c.severity] for c in criteria if c.mek])


_MAP = (
    "m(code, mek, severity) AS (SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'),"
    " json_extract(value, '$[2]') FROM json_each(?1))"
)
_RISK = (
    f"WITH {_MAP}, risk AS (SELECT a.id AS account, a.payer_id AS payer, a.total AS total, m.mek AS mek"
    " FROM account a JOIN finding f ON f.registry_id = a.registry_id AND f.case_id = a.case_id"
    " JOIN m ON m.code = f.code WHERE a.registry_id IN (SELECT value FROM json_each(?2))"
    " GROUP BY a.id, m.mek)"
)


def risk(criteria: Iterable[Criterion], registries: Sequence[int]) -> tuple[int, int]:
    """Accounts and kopecks that findings with a code of 231н put under threat, each account once."""
    row = db.execute(
        f"{_RISK} SELECT count(*), coalesce(sum(total), 0) FROM (SELECT DISTINCT account, total FROM risk)",
        (_map(criteria), json.dumps(list(registries))),
    ).fetchone()
    return int(row[0]), int(row[1])


def risk_by_code(criteria: Iterable[Criterion], registries: Sequence[int]) -> list[RiskRow]:
    """The same by code of 231н, in the order of codes; an account may stand under several."""
    rows = db.execute(
        f"{_RISK} SELECT mek, count(*), sum(total) FROM risk GROUP BY mek",
        (_map(criteria), json.dumps(list(registries))),
    ).fetchall()
    return [RiskRow(r[0], "", r[1], r[2]) for r in sorted(rows, key=lambda r: code_order(r[0]))]


def risk_by_payer(criteria: Iterable[Criterion], registries: Sequence[int]) -> list[RiskRow]:
    """The same by insurer; accounts without a payer come last with an empty key."""
    rows = db.execute(
        f"{_RISK} SELECT coalesce(i.code, ''), coalesce(i.name, ''), count(*), sum(x.total) FROM"
        " (SELECT DISTINCT account, payer, total FROM risk) x LEFT JOIN insurer i ON i.id = x.payer"
        " GROUP BY i.id ORDER BY i.code IS NULL, i.code",
        (_map(criteria), json.dumps(list(registries))),
    )
    return [RiskRow(*row) for row in rows]


def freeze(criteria: Iterable[Criterion], account_sql: str, params: Sequence[object]) -> int:
    """Keep the findings of the accounts that ``account_sql`` selects as the forecast. Inside ``db.write()``.

    Returns how many accounts have one. A repeated export replaces it.
    """
    db.execute(f"DELETE FROM forecast WHERE account_id IN ({account_sql})", params)
    db.execute(
        f"WITH {_MAP} INSERT INTO forecast(account_id, code, mek, severity)"
        " SELECT DISTINCT a.id, m.code, m.mek, m.severity FROM account a JOIN finding f"
        " ON f.registry_id = a.registry_id AND f.case_id = a.case_id JOIN m ON m.code = f.code"
        f" WHERE a.id IN ({account_sql})",
        (_map(criteria), *params),
    )
    return int(
        db.scalar(
            f"SELECT count(DISTINCT account_id) FROM forecast WHERE account_id IN ({account_sql})", params
        )
    )


_IDENTITY = f"('{RefusalKind.AN_P}', '{RefusalKind.AN_PS}', '{RefusalKind.IDENT}')"
_MONTH = (
    # accounts of the main registries of the month that were sent and answered
    "sent AS MATERIALIZED (SELECT a.id AS id, a.total AS total FROM account a"
    " JOIN registry r ON r.id = a.registry_id WHERE r.period = ?1 AND r.is_test = 0"
    " AND r.deleted_at IS NULL AND (a.stage1 <> 0 OR a.stage2 <> 0)),"
    # the passport and the policy have codes of their own in answers, one ground in 231н (criteria.md §3);
    # a code of the earlier numbering counts as the same ground
    f" fact AS MATERIALIZED (SELECT DISTINCT f.account_id AS id, CASE WHEN f.kind IN {_IDENTITY} THEN '1.5'"
    " ELSE coalesce((SELECT value FROM json_each(?2) WHERE key = rtrim(f.code, '.')), rtrim(f.code, '.')) END"
    " AS code FROM refusal f JOIN sent s ON s.id = f.account_id WHERE f.state = 'active' AND f.refuses = 1),"
    " guess AS MATERIALIZED (SELECT DISTINCT g.account_id AS id, g.mek AS code FROM forecast g"
    " JOIN sent s ON s.id = g.account_id)"
)


def outcomes(period: str, same: Mapping[str, str]) -> list[OutcomeRow]:
    """Forecast against fact of a month by code: foreseen, not foreseen, false.

    ``same`` leads from codes of the earlier numbering to those of 231н.
    """
    rows = db.execute(
        f"WITH {_MONTH}, code AS (SELECT code FROM fact UNION SELECT code FROM guess)"
        " SELECT k.code,"
        " (SELECT count(*) FROM guess g WHERE g.code = k.code),"
        " (SELECT coalesce(sum(s.total), 0) FROM guess g JOIN sent s ON s.id = g.id WHERE g.code = k.code),"
        " (SELECT count(*) FROM fact f WHERE f.code = k.code),"
        " (SELECT coalesce(sum(s.total), 0) FROM fact f JOIN sent s ON s.id = f.id WHERE f.code = k.code),"
        " (SELECT count(*) FROM fact f JOIN guess g ON g.id = f.id AND g.code = f.code"
        "  WHERE f.code = k.code),"
        " (SELECT count(*) FROM guess g WHERE g.code = k.code AND g.id IN (SELECT id FROM fact)"
        "  AND NOT EXISTS (SELECT 1 FROM fact f WHERE f.id = g.id AND f.code = g.code)),"
        " (SELECT count(*) FROM fact f WHERE f.code = k.code AND f.id NOT IN (SELECT id FROM guess)),"
        " (SELECT coalesce(sum(s.total), 0) FROM fact f JOIN sent s ON s.id = f.id WHERE f.code = k.code"
        "  AND f.id NOT IN (SELECT id FROM guess)),"
        " (SELECT count(*) FROM guess g WHERE g.code = k.code AND g.id NOT IN (SELECT id FROM fact)),"
        " (SELECT coalesce(sum(s.total), 0) FROM guess g JOIN sent s ON s.id = g.id WHERE g.code = k.code"
        "  AND g.id NOT IN (SELECT id FROM fact))"
        " FROM code k",
        (period, json.dumps(dict(same))),
    ).fetchall()
    return [OutcomeRow(*row) for row in sorted(rows, key=lambda row: code_order(row[0]))]


def summary(period: str) -> tuple[int, int, int, int]:
    """Of a month: accounts refused, of them foreseen; accounts foreseen, of them accepted (false alarms)."""
    row = db.execute(
        f"WITH {_MONTH} SELECT (SELECT count(DISTINCT id) FROM fact),"
        " (SELECT count(DISTINCT id) FROM fact WHERE id IN (SELECT id FROM guess)),"
        " (SELECT count(DISTINCT id) FROM guess),"
        " (SELECT count(DISTINCT id) FROM guess WHERE id NOT IN (SELECT id FROM fact))",
        (period, "{}"),
    ).fetchone()
    return int(row[0]), int(row[1]), int(row[2]), int(row[3])
