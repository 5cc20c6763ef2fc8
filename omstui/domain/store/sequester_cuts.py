"""Sequestration (секвестирование), what is written: cases leave a registry and come back.

A cut account leaves its registry whole and waits as JSON in ``sequester_cut``; given back it is the same
account with the same keys, unless its registry was formed anew or the case was changed since: then only the
mark goes and the registry has to be formed again. What was sent is never touched.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from omstui.domain.model import RegistryStatus
from omstui.domain.store import db
from omstui.domain.store.packages import LIVE
from omstui.domain.store.tables import Account, AccountService, columns
from omstui.domain.volumes import Item, Scope

# --- leaving the registry --------------------------------------------------------------------

_ACCOUNT = columns(Account)
_SERVICE = columns(AccountService, without=("id", "account_id"))


@dataclass(frozen=True, slots=True)
class Leaving:
    """A case to cut and the words of its line."""

    item: Item
    plan: str
    unit: str
    quantity: int


def cut(period: str, leaving: Sequence[Leaving], *, run: int | None, at: str, who: str) -> None:
    """Take the accounts out of their registries; what they were is kept. Inside ``db.write()``."""
    with db.temp_tables({"seq_cut": _SEQ_CUT}):
        db.executemany(
            "INSERT INTO seq_cut VALUES(?,?,?,?,?,?,?)",
            [
                (
                    row.item.case, row.item.registry, row.plan, row.unit, row.quantity,
                    db.dump(list(row.item.amounts)), db.dump(sorted(row.item.scope.services)),
                )
                for row in leaving
            ],
        )  # fmt: skip
        _keep(period, run, at, who)
        taken = (
            "SELECT a.id FROM seq_cut t JOIN account a ON a.case_id=t.case_id AND +a.registry_id=t.registry"
        )
        db.execute(f"UPDATE resubmission SET new_account_id=NULL WHERE new_account_id IN ({taken})")
        db.execute(f"DELETE FROM account_service WHERE account_id IN ({taken})")
        db.execute(f"DELETE FROM account WHERE id IN ({taken})")
        db.execute("UPDATE cases SET sequestered=? WHERE id IN (SELECT case_id FROM seq_cut)", (period,))
        _recount("SELECT registry FROM seq_cut")


_SEQ_CUT = (
    "case_id INTEGER PRIMARY KEY, registry INTEGER, plan TEXT, unit TEXT, quantity INTEGER, amounts TEXT,"
    " codes TEXT"
)


def _keep(period: str, run: int | None, at: str, who: str) -> None:
    """Write the accounts down before they go."""
    fields = ", ".join(f"'{name}', a.\"{name}\"" for name in _ACCOUNT)
    values = ", ".join(f's."{name}"' for name in _SERVICE)
    db.execute(
        "INSERT INTO sequester_cut(registry_id, case_id, period, plan, unit, quantity, total, data, run_id,"
        f" at, who) SELECT t.registry, t.case_id, ?, t.plan, t.unit, t.quantity, a.total,"
        f" json_object('account', json_object({fields}), 'services',"
        f" coalesce((SELECT json_group_array(json_array({values})) FROM (SELECT * FROM account_service s"
        " WHERE s.account_id=a.id ORDER BY s.id) s), json_array()), 'amounts', json(t.amounts),"
        " 'codes', json(t.codes), 'formed_at', r.formed_at, 'resubmission',"
        " (SELECT b.id FROM resubmission b WHERE b.new_account_id=a.id)), ?, ?, ?"
        " FROM seq_cut t JOIN account a ON a.case_id=t.case_id AND +a.registry_id=t.registry"
        " JOIN registry r ON r.id=a.registry_id ORDER BY a.id",
        (period, run, at, who),
    )


def _recount(registries_sql: str) -> None:
    """Totals of these registries from their accounts."""
    db.execute(
        "UPDATE registry SET accounts=d.n, total=d.total FROM (SELECT r.id, count(a.id) AS n,"
        " coalesce(sum(a.total), 0) AS total FROM registry r LEFT JOIN account a ON a.registry_id=r.id"
        f" WHERE r.id IN ({registries_sql}) GROUP BY r.id) d WHERE registry.id=d.id"
    )


def mark_done(registry_ids: Collection[int], at: str) -> None:
    """Sequestration went over these registries."""
    db.executemany("UPDATE registry SET sequestered_at=? WHERE id=?", [(at, i) for i in registry_ids])


# --- coming back -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CutRow:
    """A case that is out, and what stands in the way of its return (``blocked``, Russian) or ''."""

    id: int
    case: int
    key: str
    registry: int
    plan: str
    unit: str
    quantity: int
    total: int
    run: int | None
    blocked: str


#: the account can stand where it stood: nothing of it has changed since
_EXACT = (
    f"(r.deleted_at IS NULL AND r.status='{RegistryStatus.FORMED}'"
    " AND r.formed_at IS json_extract(u.data, '$.formed_at') AND c.deleted_at IS NULL"
    " AND c.merged_into IS NULL AND coalesce(c.updated_at, '') <= coalesce(r.formed_at, '')"
    " AND NOT EXISTS (SELECT 1 FROM json_each(u.data, '$.services') x WHERE NOT EXISTS"
    " (SELECT 1 FROM service v WHERE v.id=json_extract(x.value, '$[0]')))"
    " AND (json_extract(u.data, '$.resubmission') IS NULL OR EXISTS (SELECT 1 FROM resubmission b"
    " WHERE b.id=json_extract(u.data, '$.resubmission') AND b.undone_at IS NULL"
    " AND b.new_account_id IS NULL)))"
)
_BLOCKED = (
    f"CASE WHEN EXISTS (SELECT 1 FROM account a JOIN registry r ON r.id=a.registry_id"
    f" WHERE a.case_id=u.case_id AND r.is_test=0 AND {LIVE} AND a.stage1 <> 2 AND a.stage2 <> 2)"
    " THEN 'случай уже стоит в другом реестре' WHEN r.deleted_at IS NULL AND r.status <>"
    f" '{RegistryStatus.FORMED}' THEN 'реестр уже выгружен: случай войдёт в следующий месяц' ELSE '' END"
)


def cuts(period: str, case_ids: Collection[int] | None = None) -> list[CutRow]:
    """Cases of the month that are out, oldest cut first."""
    chosen = "" if case_ids is None else " AND u.case_id IN (SELECT value FROM json_each(?))"
    rows = db.execute(
        "SELECT u.id, u.case_id, c.key, u.registry_id, u.plan, u.unit, u.quantity, u.total, u.run_id,"
        f" {_BLOCKED} FROM sequester_cut u JOIN registry r ON r.id=u.registry_id"
        f" JOIN cases c ON c.id=u.case_id WHERE u.period=? AND u.undone_at IS NULL{chosen}"
        " ORDER BY u.id",
        (period,) if case_ids is None else (period, db.dump(list(case_ids))),
    )
    return [CutRow(*row) for row in rows]


def last_run(period: str) -> int | None:
    """The newest run whose cuts or returns are still in force."""
    found = db.scalar(
        "SELECT max(coalesce(CASE WHEN undone_at IS NULL THEN run_id"
        " ELSE json_extract(data, '$.undone_run') END, 0)) FROM sequester_cut WHERE period=?"
        " AND (undone_at IS NULL OR json_extract(data, '$.undone_run') IS NOT NULL)",
        (period,),
    )
    return None if found is None else int(found)


@dataclass(frozen=True, slots=True)
class Returned:
    """A cut that a run gave back: what cuts it again. ``registry`` None = no formed registry has the case."""

    id: int
    key: str
    total: int
    run: int | None
    leaving: Leaving
    registry: int | None


def returned(period: str, run: int) -> list[Returned]:
    """What this run gave back."""
    rows = db.execute(
        "SELECT u.id, u.case_id, c.key, u.total, u.run_id, u.plan, u.unit, u.quantity, u.data,"
        " (SELECT r.id FROM account a JOIN registry r ON r.id=a.registry_id WHERE a.case_id=u.case_id"
        " AND r.period=u.period AND r.is_test=0 AND r.deleted_at IS NULL"
        f" AND r.status='{RegistryStatus.FORMED}') FROM sequester_cut u JOIN cases c ON c.id=u.case_id"
        " WHERE u.period=? AND u.undone_at IS NOT NULL AND json_extract(u.data, '$.undone_run')=?"
        " ORDER BY u.id",
        (period, run),
    )
    found = []
    for number, case, key, total, own, plan, unit, quantity, text, registry in rows:
        data = json.loads(text)
        a, b, c, d, e = data["amounts"]
        scope = Scope("", "", "", "", "", frozenset(data["codes"]))
        item = Item(case, scope, "", "", (a, b, c, d, e), registry=registry or 0)
        found.append(Returned(number, key, total, own, Leaving(item, plan, unit, quantity), registry))
    return found


def cut_again(period: str, rows: Sequence[Returned], *, at: str, who: str) -> None:
    """Cut what a run had given back; the cuts belong to the runs they belonged to. Inside ``db.write()``."""
    for run in {row.run for row in rows}:
        cut(period, [row.leaving for row in rows if row.run == run], run=run, at=at, who=who)
    db.executemany(
        "UPDATE sequester_cut SET data=json_remove(data, '$.undone_run') WHERE id=?",
        [(row.id,) for row in rows],
    )


def give_back(cut_ids: Collection[int], *, at: str, who: str, run: int | None = None) -> tuple[int, int]:
    """Put the accounts back; (restored as they were, waiting for a new forming). Inside ``db.write()``.

    ``run``: the run that gave them back, so that it can be undone; an undo itself has none.
    """
    with db.temp_tables({"seq_back": "cut_id INTEGER PRIMARY KEY, exact INTEGER, account INTEGER"}):
        db.executemany("INSERT INTO seq_back VALUES(?, 0, NULL)", [(i,) for i in cut_ids])
        of = "FROM seq_back t JOIN sequester_cut u ON u.id=t.cut_id JOIN registry r ON r.id=u.registry_id"
        db.execute(
            "UPDATE seq_back SET exact=1 WHERE cut_id IN"
            f" (SELECT u.id {of} JOIN cases c ON c.id=u.case_id WHERE {_EXACT})"
        )
        _restore_accounts()
        exact, other = db.execute("SELECT coalesce(sum(exact), 0), sum(NOT exact) FROM seq_back").fetchone()
        db.execute(
            "UPDATE sequester_cut SET undone_at=?, undone_by=?, data=CASE WHEN ? IS NULL THEN data"
            " ELSE json_set(data, '$.undone_run', ?) END WHERE id IN (SELECT cut_id FROM seq_back)",
            (at, who, run, run),
        )
        db.execute(
            "UPDATE cases SET sequestered=coalesce((SELECT max(u.period) FROM sequester_cut u"
            " WHERE u.case_id=cases.id AND u.undone_at IS NULL), '') WHERE id IN (SELECT u.case_id"
            " FROM seq_back t JOIN sequester_cut u ON u.id=t.cut_id)"
        )
        db.execute(
            "UPDATE registry SET reform_reason='возвращены снятые секвестированием случаи: ' || d.n"
            f" FROM (SELECT u.period, c.kind AS kind, r.kind AS own, count(*) AS n {of}"
            " JOIN cases c ON c.id=u.case_id WHERE NOT t.exact GROUP BY 1, 2, 3) d"
            " WHERE registry.period=d.period AND registry.kind IN (d.kind, d.own) AND registry.is_test=0"
            f" AND registry.deleted_at IS NULL AND registry.status='{RegistryStatus.FORMED}'"
        )
        _recount(f"SELECT u.registry_id {of} WHERE t.exact")
    return int(exact), int(other or 0)


def _restore_accounts() -> None:
    """Accounts with the keys they had; their ids too, unless taken meanwhile."""
    names = [name for name in _ACCOUNT if name != "id"]
    fields = ", ".join(f"json_extract(u.data, '$.account.{name}')" for name in names)
    listed = ", ".join(f'"{name}"' for name in names)
    own = "json_extract(u.data, '$.account.id')"
    db.execute(
        f"INSERT INTO account(id, {listed}) SELECT CASE WHEN EXISTS (SELECT 1 FROM account a"
        f" WHERE a.id={own}) THEN NULL ELSE {own} END, {fields} FROM seq_back t"
        " JOIN sequester_cut u ON u.id=t.cut_id WHERE t.exact ORDER BY u.id"
    )
    db.execute(
        "UPDATE seq_back SET account=a.id FROM sequester_cut u JOIN account a"
        " ON a.xkey=json_extract(u.data, '$.account.xkey') WHERE u.id=seq_back.cut_id AND seq_back.exact"
    )
    values = ", ".join(f"json_extract(x.value, '$[{n}]')" for n in range(len(_SERVICE)))
    db.execute(
        f"INSERT INTO account_service(account_id, {', '.join(_SERVICE)}) SELECT t.account, {values}"
        " FROM seq_back t JOIN sequester_cut u ON u.id=t.cut_id JOIN json_each(u.data, '$.services') x"
        " WHERE t.exact ORDER BY t.cut_id, x.key"
    )
    db.execute(
        "UPDATE resubmission SET new_account_id=t.account FROM seq_back t JOIN sequester_cut u"
        " ON u.id=t.cut_id WHERE t.exact AND resubmission.id=json_extract(u.data, '$.resubmission')"
    )
