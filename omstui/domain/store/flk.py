"""Protocols of the format control (ФЛК): staged, matched with what was sent, written whole.

A protocol answers one of our files: a bill (FLK_P of its cases or of its persons) or a request of
identification (FLQPID). Its errors are facts, ``refuses=0``: neither the account nor the registry changes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from omstui.domain.model import RefusalKind
from omstui.domain.store import db
from omstui.domain.store.tables import database

ROAD = "flk"
STAGE = 3
SHOWN = 10  # keys named in a refusal
_TABLES = {
    "flk_in": "part INTEGER, n INTEGER PRIMARY KEY, n_zap INTEGER, idcase INTEGER, id_pac TEXT, sl_id TEXT,"
    " place TEXT, source TEXT, code TEXT, text TEXT, known INTEGER, count INTEGER, data TEXT",
    "flk_hit": "n INTEGER, account_id INTEGER, PRIMARY KEY(n, account_id)",
    "flk_key": "n_zap INTEGER PRIMARY KEY, idcase INTEGER, account_id INTEGER",
    "flk_place": "n_zap INTEGER, id_pac TEXT, sl_id TEXT",
}


@dataclass(frozen=True, slots=True)
class Row:
    """An error of a protocol. Keys: None or «» = not told, −1 = told and no number of ours can be it."""

    n_zap: int | None
    idcase: int | None
    id_pac: str
    sl_id: str
    place: str
    source: str
    code: str
    text: str
    known: bool
    count: int
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file of ours that a protocol may answer: a bill or a request of identification."""

    id: int
    kind: str
    name: str
    registry: int | None
    period: str
    payer: int | None
    file: int
    state: str


@dataclass(frozen=True, slots=True)
class Earlier:
    """A protocol accepted before."""

    id: int
    name: str
    at: str
    who: str
    state: str
    package: int | None
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReportLine:
    """The same errors counted together."""

    source: str
    code: str
    text: str
    count: int


def staging() -> AbstractContextManager[None]:
    """Fresh temporary tables for one file."""
    return db.temp_tables(_TABLES)


# --- what was sent and accepted ----------------------------------------------------------------


def sent_file(kind: str, stem: str) -> SentFile | None:
    """Our newest file with this name (without extension), one that counts before the others."""
    row = db.execute(
        "SELECT id, kind, name, registry_id, period, payer_id, file_id, state FROM package WHERE kind=?1"
        " AND upper(name) IN (?2, ?2 || '.ZIP', ?2 || '.DBF')"
        " ORDER BY state <> 'active', id DESC LIMIT 1",
        (kind, stem.upper()),
    ).fetchone()
    return SentFile(*row) if row else None


def sent_names(kind: str) -> list[str]:
    """Names of our files of a kind that count."""
    rows = db.execute("SELECT name FROM package WHERE kind=? AND state='active' ORDER BY id", (kind,))
    return [row[0] for row in rows]


_EARLIER = (
    "SELECT w.id, w.name, w.accepted_at, w.accepted_by, w.state, w.package_id, w.header FROM answer w"
    " WHERE w.road='flk' AND "
)


def _earlier(row: Sequence[Any] | None) -> Earlier | None:
    if row is None:
        return None
    lines = tuple(json.loads(row[6]).get("protocol", ()))
    return Earlier(row[0], row[1], row[2], row[3], row[4], row[5], lines)


def by_sha(sha256: str, package: int | None = None) -> Earlier | None:
    """The protocol with these bytes on a file that counts, one that counts itself before the others.

    Protocols without errors on two requests are alike: ``package`` is the one the name tells.
    """
    return _earlier(
        db.execute(
            _EARLIER + "w.file_id IN (SELECT id FROM stored_file WHERE sha256=?1) AND (?2 IS NULL"
            " OR w.package_id=?2) AND EXISTS (SELECT 1 FROM package p WHERE p.id=w.package_id"
            " AND p.state='active') ORDER BY w.state<>'active', w.id LIMIT 1",
            (sha256, package),
        ).fetchone()
    )


def active(package: int, source: str) -> Earlier | None:
    """The protocol of this file of the package (its cases or its persons) that counts now."""
    return _earlier(
        db.execute(
            _EARLIER + "w.state='active' AND w.package_id=? AND json_extract(w.header, '$.source')=? LIMIT 1",
            (package, source),
        ).fetchone()
    )


# --- staging -------------------------------------------------------------------------------------


def add(part: int, rows: Iterable[Row]) -> None:
    """Stage a batch; one transaction, or every row would be one of its own."""
    with database.atomic():
        db.executemany(
            "INSERT INTO temp.flk_in(part, n_zap, idcase, id_pac, sl_id, place, source, code, text, known,"
            " count, data) VALUES(?,?,?,?,?,?,?,?,?,?,?,?)",
            (
                (
                    part, r.n_zap, r.idcase, r.id_pac, r.sl_id, r.place, r.source, r.code, r.text,
                    int(r.known), r.count, db.dump(r.data),
                )
                for r in rows
            ),
        )  # fmt: skip


def match_numbers(part: int, package: int) -> None:
    """Find accounts by IDCASE and N_ZAP; where both are told they must name one account."""
    with database.atomic():
        db.execute("DELETE FROM temp.flk_key")
        db.execute("DELETE FROM temp.flk_place")
        db.execute(
            "INSERT INTO temp.flk_key SELECT n_zap, idcase, account_id FROM pay_account WHERE package_id=?",
            (package,),
        )
        db.execute("CREATE INDEX IF NOT EXISTS temp.flk_key_case ON flk_key(idcase)")
        db.execute(
            "INSERT OR IGNORE INTO temp.flk_hit SELECT f.n, k.account_id FROM temp.flk_in f"
            " JOIN temp.flk_key k ON k.idcase=f.idcase WHERE f.part=? AND f.idcase IS NOT NULL"
            " AND (f.n_zap IS NULL OR f.n_zap=k.n_zap)",
            (part,),
        )
        db.execute(
            "INSERT OR IGNORE INTO temp.flk_hit SELECT f.n, k.account_id FROM temp.flk_in f"
            " JOIN temp.flk_key k ON k.n_zap=f.n_zap"
            " WHERE f.part=? AND f.idcase IS NULL AND f.n_zap IS NOT NULL",
            (part,),
        )


_BY_NAMES = "f.part=?1 AND f.idcase IS NULL AND f.n_zap IS NULL AND f.{0} <> ''"


def wants_names(part: int) -> bool:
    """True if errors name only an SL or a person: the bytes of the bill know whose they are."""
    return bool(
        db.scalar(
            "SELECT EXISTS (SELECT 1 FROM temp.flk_in f WHERE f.part=?1 AND f.idcase IS NULL"
            " AND f.n_zap IS NULL AND (f.sl_id <> '' OR f.id_pac <> ''))",
            (part,),
        )
    )


def add_places(rows: Iterable[tuple[int, str, str]]) -> None:
    """(N_ZAP, ID_PAC, SL_ID) of the bill as sent."""
    with database.atomic():
        db.executemany("INSERT INTO temp.flk_place VALUES(?,?,?)", rows)


def match_names(part: int) -> None:
    """Find accounts by SL_ID, then by ID_PAC: all accounts of the person."""
    with database.atomic():
        db.execute("CREATE INDEX IF NOT EXISTS temp.flk_place_sl ON flk_place(sl_id)")
        db.execute("CREATE INDEX IF NOT EXISTS temp.flk_place_pac ON flk_place(id_pac)")
        db.execute(
            "INSERT OR IGNORE INTO temp.flk_hit SELECT f.n, k.account_id FROM temp.flk_in f"
            " JOIN temp.flk_place p ON p.sl_id=f.sl_id AND (f.id_pac='' OR f.id_pac=p.id_pac)"
            f" JOIN temp.flk_key k ON k.n_zap=p.n_zap WHERE {_BY_NAMES.format('sl_id')}",
            (part,),
        )
        db.execute(
            "INSERT OR IGNORE INTO temp.flk_hit SELECT f.n, k.account_id FROM temp.flk_in f"
            " JOIN temp.flk_place p ON p.id_pac=f.id_pac JOIN temp.flk_key k ON k.n_zap=p.n_zap"
            f" WHERE {_BY_NAMES.format('id_pac')} AND f.n NOT IN (SELECT n FROM temp.flk_hit)",
            (part,),
        )


def unknown(part: int) -> list[str]:
    """Places of errors of a bill that name nothing we sent."""
    return _places(
        "(f.idcase IS NOT NULL OR f.n_zap IS NOT NULL OR f.sl_id <> '' OR f.id_pac <> '')"
        " AND f.n NOT IN (SELECT n FROM temp.flk_hit)",
        (part,),
    )


def match_request(part: int, package: int) -> None:
    """Find the accounts of the persons of a request by RECID, else by NPP; ``id_pac`` is the RECID."""
    with database.atomic():
        db.execute(
            "INSERT OR IGNORE INTO temp.flk_hit SELECT f.n, a.id FROM temp.flk_in f JOIN ident_row r"
            " ON r.recid=f.id_pac AND r.package_id=?2 JOIN package k ON k.id=r.package_id"
            " JOIN cases c ON c.patient_id=r.patient_id"
            " JOIN account a ON a.case_id=c.id AND a.registry_id=k.registry_id"
            " WHERE f.part=?1 AND f.id_pac <> ''",
            (part, package),
        )
        db.execute(
            "INSERT OR IGNORE INTO temp.flk_hit SELECT f.n, a.id FROM ident_row r JOIN temp.flk_in f"
            " ON f.n_zap=r.n JOIN package k ON k.id=r.package_id JOIN cases c ON c.patient_id=r.patient_id"
            " JOIN account a ON a.case_id=c.id AND a.registry_id=k.registry_id"
            " WHERE r.package_id=?2 AND f.part=?1 AND f.id_pac=''",
            (part, package),
        )


def unknown_persons(part: int, package: int) -> list[str]:
    """Places of errors that name a record our request has not."""
    return _places(
        "CASE WHEN f.id_pac <> '' THEN NOT EXISTS (SELECT 1 FROM ident_row r WHERE r.recid=f.id_pac"
        " AND r.package_id=?2) WHEN f.n_zap IS NOT NULL THEN f.n_zap NOT IN (SELECT n FROM ident_row"
        " WHERE package_id=?2) ELSE 0 END",
        (part, package),
    )


def _places(where: str, values: Sequence[Any]) -> list[str]:
    rows = db.execute(
        f"SELECT f.place, count(*) OVER () FROM temp.flk_in f WHERE f.part=?1 AND {where}"
        f" ORDER BY f.n LIMIT {SHOWN}",
        values,
    ).fetchall()
    found = [row[0] for row in rows]
    if rows and rows[0][1] > SHOWN:
        found.append(f"… и ещё {rows[0][1] - SHOWN}")
    return found


def report(part: int, limit: int) -> tuple[list[ReportLine], int, int]:
    """The errors counted together in the order of the file, how many lines were left off, all errors."""
    rows = db.execute(
        "SELECT source, code, text, sum(count), count(*) OVER (), sum(sum(count)) OVER () FROM temp.flk_in"
        " WHERE part=?"
        " GROUP BY source, code, text ORDER BY min(n) LIMIT ?",
        (part, limit),
    ).fetchall()
    _, _, _, _, lines, errors = rows[0] if rows else (None,) * 4 + (0, 0)
    return [ReportLine(*row[:4]) for row in rows], lines - len(rows), errors


# --- writing (inside db.write()) -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NewProtocol:
    """What a new answer needs beside its staged errors."""

    package: SentFile
    registry: int
    period: str
    file: int
    name: str
    header: dict[str, Any]
    at: str
    who: str
    run: int | None
    replaces: int | None = None


def apply(part: int, new: NewProtocol) -> int:
    """Write the staged protocol whole; the one it replaces stays as history. Returns its id."""
    if new.replaces is not None:
        db.execute("UPDATE answer SET state='replaced' WHERE id=?", (new.replaces,))
        db.execute("UPDATE refusal SET state='replaced' WHERE answer_id=?", (new.replaces,))
    cursor = db.execute(
        "INSERT INTO answer(package_id, road, period, registry_id, stage, payer_id, file_id, name,"
        " accepted_at, accepted_by, run_id, lists_all, accounts, flk, header)"
        " SELECT ?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,0,(SELECT count(DISTINCT h.account_id)"
        " FROM temp.flk_hit h JOIN temp.flk_in f ON f.n=h.n WHERE f.part=?13),"
        " (SELECT coalesce(sum(count), 0) FROM temp.flk_in WHERE part=?13), ?12",
        (
            new.package.id, ROAD, new.period, new.registry, STAGE, new.package.payer, new.file, new.name,
            new.at, new.who, new.run, db.dump(new.header), part,
        ),
    )  # fmt: skip
    answer = int(cursor.lastrowid or 0)
    db.execute(
        "INSERT INTO refusal(answer_id, account_id, stage, payer_id, kind, code, text, comment, known,"
        " refuses, data) SELECT ?1, h.account_id, ?2, ?3, ?4, f.code, f.text, f.place, f.known, 0, f.data"
        " FROM temp.flk_in f LEFT JOIN temp.flk_hit h ON h.n=f.n WHERE f.part=?5 ORDER BY f.n",
        (answer, STAGE, new.package.payer, RefusalKind.FLK.value, part),
    )
    return answer
