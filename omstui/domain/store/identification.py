"""Packages of identification (QPID): who goes into one, under what number, and what is kept of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from omstui.domain.identification import Person
from omstui.domain.store import db, packages

#: an account that is in no bill yet: its payer may still change
UNSENT = (
    "a.package_id IS NULL AND NOT EXISTS (SELECT 1 FROM pay_account x WHERE x.account_id=a.id"
    " AND x.package_id IS NOT NULL)"
)
_LIVE_CASE = "c.deleted_at IS NULL AND c.merged_into IS NULL"


@dataclass(frozen=True, slots=True)
class QpidRow:
    """A package of identification as sent; ``registry`` None = overdue persons of all registries."""

    id: int
    name: str
    registry: int | None
    period: str
    date: str
    number: str
    records: int
    created_at: str


_QPID = "SELECT id, name, registry_id, period, date, number, accounts, created_at FROM package WHERE kind='Q'"


def names() -> list[str]:
    """Names of all packages ever exported."""
    return [row[0] for row in db.execute("SELECT name FROM package WHERE kind='Q' ORDER BY id")]


def by_name(name: str) -> QpidRow | None:
    """The newest package of this name, case and extension aside."""
    stem = name.upper().removesuffix(".DBF")
    row = db.execute(
        _QPID + " AND replace(upper(name), '.DBF', '')=? ORDER BY id DESC LIMIT 1", (stem,)
    ).fetchone()
    return QpidRow(*row) if row else None


def last_of(registry_id: int) -> QpidRow | None:
    """The last package of a registry."""
    row = db.execute(_QPID + " AND registry_id=? ORDER BY id DESC LIMIT 1", (registry_id,)).fetchone()
    return QpidRow(*row) if row else None


def unanswered(registry_id: int | None) -> list[QpidRow]:
    """Packages of a registry (None = of overdue persons) without an answer that counts, oldest first."""
    rows = db.execute(
        _QPID + " AND registry_id IS ? AND NOT EXISTS (SELECT 1 FROM answer w WHERE w.package_id=package.id"
        " AND w.road='ident' AND w.state='active') ORDER BY id",
        (registry_id,),
    )
    return [QpidRow(*row) for row in rows]


# --- who goes into a package -------------------------------------------------------------------


def collect(registry_id: int) -> int:
    """Stage the patients of a registry, one row each, with the dates of their cases; how many."""
    return _stage("SELECT a.case_id FROM account a WHERE a.registry_id=?", (registry_id,))


def collect_overdue(before: str) -> int:
    """Stage the persons not found by their last answer, older than ``before``, over all registries.

    Only those who still have unsent cases without a payer, and whom no later package asks about.
    """
    return _stage(
        "SELECT c.id FROM (SELECT patient_id, found, error, accepted_at FROM (SELECT i.patient_id, i.found,"
        " i.error, w.accepted_at, row_number() OVER (PARTITION BY i.patient_id ORDER BY w.id DESC, i.id"
        " DESC) AS place FROM ident_row i JOIN answer w ON w.id=i.answer_id AND w.state='active')"
        " WHERE place=1) t CROSS JOIN cases c ON c.patient_id=t.patient_id AND c.payer_id IS NULL"
        f" AND {_LIVE_CASE} WHERE t.found=0 AND t.error<>'' AND t.accepted_at<?1 AND EXISTS (SELECT 1"
        " FROM account a JOIN registry r ON r.id=a.registry_id WHERE a.case_id=c.id"
        f" AND r.deleted_at IS NULL AND {UNSENT}) AND NOT EXISTS (SELECT 1 FROM ident_row j"
        " JOIN package k ON k.id=j.package_id WHERE j.patient_id=t.patient_id AND j.answer_id IS NULL"
        " AND k.created_at>=?1)",
        (before,),
    )


def _stage(case_ids: str, params: Sequence[object]) -> int:
    """temp.ident_out: patient, dates and the policy of his last case that has one."""
    forget()
    db.execute(
        "CREATE TEMP TABLE ident_out(n INTEGER PRIMARY KEY, patient_id INTEGER NOT NULL UNIQUE,"
        " first_day TEXT, last_day TEXT, policy_id INTEGER, recid TEXT NOT NULL DEFAULT '')"
    )
    db.execute("CREATE TEMP TABLE ident_sent(n INTEGER PRIMARY KEY, patient_id INTEGER, recid TEXT)")
    cursor = db.execute(
        "INSERT INTO temp.ident_out(patient_id, first_day, last_day, policy_id)"
        " SELECT g.patient_id, g.first_day, g.last_day, coalesce(nullif(CAST(substr(g.mark, -12)"
        " AS INTEGER), 0), (SELECT max(q.id) FROM policy q WHERE q.patient_id=g.patient_id))"
        " FROM (SELECT c.patient_id, min(c.date_in) AS first_day,"
        " max(coalesce(c.date_out, c.date_in)) AS last_day, max((c.policy_id IS NOT NULL)"
        " || coalesce(c.date_out, c.date_in, '') || printf('%012d', coalesce(c.policy_id, 0))) AS mark"
        f" FROM cases c WHERE c.id IN ({case_ids}) AND {_LIVE_CASE} GROUP BY c.patient_id) g"
        " JOIN patient p ON p.id=g.patient_id"
        " ORDER BY CASE p.fio_key WHEN '' THEN upper(p.rep_surname) ELSE p.fio_key END, p.birth_date, p.id",
        params,
    )
    _name_records()
    return int(cursor.rowcount)


def _name_records() -> None:
    """RECID: ID_PAC of the source where it is one person's and fits the field, else our number."""
    db.execute(
        "UPDATE temp.ident_out SET recid=trim(t.ext_id) FROM (SELECT p.id, p.ext_id, count(*) OVER"
        " (PARTITION BY upper(trim(p.ext_id))) AS persons FROM temp.ident_out o JOIN patient p"
        " ON p.id=o.patient_id) t WHERE t.id=ident_out.patient_id AND t.persons=1"
        " AND length(trim(t.ext_id)) BETWEEN 1 AND 20"
    )
    db.execute(
        "UPDATE temp.ident_out SET recid=CASE WHEN EXISTS (SELECT 1 FROM temp.ident_out o"
        " WHERE o.recid=CAST(ident_out.patient_id AS TEXT)) THEN 'P' ELSE '' END || patient_id"
        " WHERE recid=''"
    )


def persons() -> Iterator[Person]:
    """The staged persons in the order of the package; a newborn goes by the representative."""
    rep = "p.surname='' AND p.rep_surname<>''"
    own = ", ".join(
        f"CASE WHEN {rep} THEN p.rep_{name} ELSE p.{name} END"
        for name in ("surname", "name", "patronymic", "sex", "birth_date", "snils")
    )
    rows = db.execute(
        f"SELECT o.n, o.patient_id, o.recid, o.first_day, o.last_day, {own}, p.doc_type, p.doc_series,"
        f" p.doc_number, CASE WHEN {rep} THEN p.rep_birth_place ELSE p.birth_place END,"
        " coalesce(q.type, ''), coalesce(q.series, ''), coalesce(q.number, ''), coalesce(q.enp, ''),"
        " coalesce(q.smo, '') FROM temp.ident_out o JOIN patient p ON p.id=o.patient_id"
        " LEFT JOIN policy q ON q.id=o.policy_id ORDER BY o.n"
    )
    return map(Person._make, rows)


def leave_out(numbers: Sequence[int]) -> None:
    """Persons the register cannot be asked about stay out."""
    db.executemany("DELETE FROM temp.ident_out WHERE n=?", ((n,) for n in numbers))


def keep(rows: Sequence[tuple[int, int, str]]) -> None:
    """Remember (number in the file, patient, RECID) until the write transaction."""
    db.executemany("INSERT INTO temp.ident_sent VALUES(?,?,?)", rows)


def forget() -> None:
    """Drop the temporary tables."""
    for table in ("ident_out", "ident_sent"):
        db.execute(f"DROP TABLE IF EXISTS temp.{table}")


# --- writing (inside db.write()) ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NewQpid:
    """What a new package row needs; ``registry`` None = overdue persons."""

    registry: int | None
    period: str
    name: str
    day: str
    number: int
    records: int


def add(new: NewQpid, part: Path, place: Path, *, who: str, at: str, run: int | None) -> int:
    """Store the file, the package and its persons; returns its id."""
    package_id = packages.add_package(
        packages.NewPackage("Q", new.period, False, str(new.number), new.name, new.records, 0),
        part,
        who=who,
        at=at,
        run=run,
        place=place,
    )
    db.execute(
        "UPDATE package SET registry_id=?, number=?, date=? WHERE id=?",
        (new.registry, str(new.number), new.day, package_id),
    )
    db.execute(
        "INSERT INTO ident_row(package_id, n, recid, patient_id) SELECT ?, n, recid, patient_id"
        " FROM temp.ident_sent ORDER BY n",
        (package_id,),
    )
    return package_id
