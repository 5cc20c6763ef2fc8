"""Lists of the screens (списки): ordered ids for a filter, a search and an order, then rows by id.

A list is data (``list_queries``). A screen opens the ids once (8 bytes a row) and
fetches only the rows it shows, so a list of 100 000 rows opens as fast as a short one. Row values are raw
(kopecks, «YYYY-MM-DD»); the screen formats them.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from typing import Any

from omstui.domain.model import folded
from omstui.domain.store import db
from omstui.domain.store.list_queries import QUERIES, Query

Filter = Mapping[str, Any]


def ids(name: str, where: Filter, search: str = "", sort: str = "") -> array[int]:
    """Ids of the list in order. ``sort`` is a column key, «-key» descends."""
    query = QUERIES[name]
    clause, params = _where(query, where, search)
    key = sort.lstrip("-")
    need_full = bool(search) or bool(key) or any(k in query.wide for k in where)
    source = query.full if need_full else query.base
    order = f"{query.columns[key]} {'DESC' if sort.startswith('-') else 'ASC'}, " if key else ""
    alias = source.split()[1]
    sql = f"SELECT {alias}.id FROM {source}{clause} ORDER BY {order}{query.order}"
    return array("q", (row[0] for row in db.execute(sql, params)))


#: what typed letters look at, without a function call per row: name, card, policy, code of a refusal
_TYPED = {
    "p.fio_key": "p.fio_key LIKE ? || '%'",
    "c.nhistory": "c.nhistory LIKE '%' || ? || '%'",
    "po.enp": "po.enp LIKE ? || '%'",
    "f.code": "f.code LIKE ? || '%'",
}


def has_typed(name: str) -> bool:
    """True if ``typed`` can serve the incremental search of this list."""
    return "p.fio_key" in QUERIES[name].search


def typed(name: str, where: Filter, text: str, within: Sequence[int] | None = None) -> array[int]:
    """Ids that typed letters mean («иван пет», a card, a policy), in no order; ``within`` narrows."""
    query = QUERIES[name]
    conditions = [_TYPED[column] for column in query.search if column in _TYPED]
    wanted = folded(text).upper().replace("%", "").replace("_", "")
    clause, params = _where(query, where, "") if within is None else (" WHERE 1", [])
    alias = query.full.split()[1]
    if within is not None:
        clause += f" AND {alias}.id IN (SELECT value FROM json_each(?))"
        params.append(db.dump(list(within)))
    params += ["% ".join(wanted.split())] * len(conditions)
    joint = " AND " if clause else " WHERE "
    sql = f"SELECT {alias}.id FROM {query.full}{clause}{joint}({' OR '.join(conditions)})"
    return array("q", (row[0] for row in db.execute(sql, params)))


def rows(name: str, keys: Sequence[str], wanted: Sequence[int]) -> dict[int, tuple[Any, ...]]:
    """Values of the columns ``keys`` for these ids; a missing id was removed meanwhile."""
    query = QUERIES[name]
    alias = query.full.split()[1]
    columns = ", ".join(query.columns[k] for k in keys)
    marks = ",".join("?" * len(wanted))
    sql = f"SELECT {alias}.id, {columns} FROM {query.full} WHERE {alias}.id IN ({marks})"
    return {row[0]: tuple(row[1:]) for row in db.execute(sql, list(wanted))}


def total(name: str, wanted: Sequence[int]) -> tuple[int, int]:
    """How many of these ids exist and their money, kopecks."""
    query = QUERIES[name]
    alias = query.full.split()[1]
    sql = (
        f"SELECT count(*), coalesce(sum({query.money}), 0) FROM {query.full}"
        f" WHERE {alias}.id IN (SELECT value FROM json_each(?))"
    )
    row = db.execute(sql, (db.dump(list(wanted)),)).fetchone()
    return int(row[0]), int(row[1])


def values(name: str, keys: Sequence[str], wanted: Sequence[int]) -> list[tuple[Any, ...]]:
    """Values of columns for any number of ids (the marked rows), in no particular order."""
    query = QUERIES[name]
    alias = query.full.split()[1]
    columns = ", ".join(query.columns[k] for k in keys)
    sql = f"SELECT {columns} FROM {query.full} WHERE {alias}.id IN (SELECT value FROM json_each(?))"
    return [tuple(row) for row in db.execute(sql, (db.dump(list(wanted)),))]


def refused_total(wanted: Sequence[int]) -> tuple[int, int]:
    """Rows among these refusals and the kopecks of their refused accounts, each account once."""
    sql = (
        "SELECT count(*), coalesce((SELECT sum(total) FROM account WHERE id IN (SELECT account_id FROM"
        " refusal WHERE refuses = 1 AND id IN (SELECT value FROM json_each(?1)))), 0)"
        " FROM refusal WHERE id IN (SELECT value FROM json_each(?1))"
    )
    row = db.execute(sql, (db.dump(list(wanted)),)).fetchone()
    return int(row[0]), int(row[1])


def distinct(name: str, key: str, where: Filter) -> list[tuple[Any, int]]:
    """Values of a column with their counts, for the choices of a filter."""
    query = QUERIES[name]
    clause, params = _where(query, where, "")
    column = query.columns[key]
    sql = f"SELECT {column}, count(*) FROM {query.full}{clause} GROUP BY 1 ORDER BY 1"
    return [(row[0], row[1]) for row in db.execute(sql, params)]


def groups(where: Filter, search: str = "") -> list[tuple[str, str, str, int, int]]:
    """Refusals grouped: (kind, code, text, accounts, kopecks), dearest first."""
    query = QUERIES["refusals"]
    clause, params = _where(query, where, search)
    sql = (
        # a code met twice on one account bills it once
        "SELECT kind, code, min(txt), count(*), sum(total) FROM (SELECT f.kind AS kind, f.code AS code,"
        ' min(f."text") AS txt, coalesce(max(a.total), 0) AS total'
        f" FROM {query.full}{clause} GROUP BY f.kind, f.code, coalesce(f.account_id, -f.id))"
        " GROUP BY kind, code ORDER BY 5 DESC, 1, 2"
    )
    return [tuple(row) for row in db.execute(sql, params)]


def _where(query: Query, where: Filter, search: str) -> tuple[str, list[Any]]:
    parts: list[str] = []
    params: list[Any] = []
    if query.id in ("registries", "cases") and not where.get("deleted"):
        parts.append(f"{query.full.split()[1]}.deleted_at IS NULL")
    for key, value in where.items():
        # 0 is a value: «нет решения» is stage 0
        if value is None or value is False or value == "" or key == "list":
            continue
        condition = query.filters[key]
        parts.append(f"({condition})")
        stored = db.dump(list(value)) if isinstance(value, list | tuple | set) else value
        params.extend([stored] * condition.count("?"))
    # one call of the function per row, not one per column: it is the price of a search
    joined = " || char(10) || ".join(f"coalesce({column}, '')" for column in query.search)
    for word in folded(search).split():
        parts.append(f"folded({joined}) LIKE ?")
        params.append(f"%{word}%")
    return (" WHERE " + " AND ".join(parts)) if parts else "", params


def current_period() -> str:
    """The month to open first: the newest with a registry, else the first month that has cases; or ''."""
    found = db.scalar("SELECT max(period) FROM registry WHERE deleted_at IS NULL")
    if found:
        return str(found)
    found = db.scalar(
        "SELECT substr(date_out, 1, 7) FROM cases WHERE deleted_at IS NULL AND date_out IS NOT NULL"
        " GROUP BY 1 ORDER BY count(*) DESC LIMIT 1"
    )
    return str(found or "")


def periods() -> list[str]:
    """Months with registries or with cases, newest first."""
    rows = db.execute(
        "SELECT period FROM registry WHERE deleted_at IS NULL UNION"
        " SELECT DISTINCT substr(date_out, 1, 7) FROM cases WHERE date_out IS NOT NULL ORDER BY 1 DESC"
    )
    return [row[0] for row in rows]
