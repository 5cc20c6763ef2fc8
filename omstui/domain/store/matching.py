"""Matching of a staged file with the database (сопоставление): which case, which patient.

Works on schema ``stage`` and temporary tables, inside the merge transaction:
``l_case(seq, case_id, dup, state, reason, note)`` and ``l_person(ref, patient_id)``. States of a case:
new, changed, unchanged, patient (only its patient changed), refused.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from omstui.domain import casekeys
from omstui.domain.store import db

Check = Callable[[], None]

NO_PERSON = "нет записи о пациенте {ref} в файле персональных данных: выгрузите пару файлов заново."
CLASH = (
    "в файле персональных данных несколько разных записей с кодом ID_PAC {ref}: чей это случай, не понять,"
    " исправьте коды и выгрузите пару файлов заново."
)
DELETED = "случай с этим ключом удалён ({at}): загрузка удалённых случаев не возвращает."
MERGED = "случай с этим ключом объединён с другим: загрузка его не возвращает."

#: «live sent»: the case stands in a package that went out, of a registry that was not restored
SENT = """EXISTS(SELECT 1 FROM account a JOIN registry r ON r.id=a.registry_id
 WHERE a.case_id=c.id AND a.package_id IS NOT NULL AND r.deleted_at IS NULL
 AND r.status<>'Восстановлен')"""
#: a correction of DATE_Z_1 leaves these as they were
_SAME = (
    "date_out", "profile", "doctor", "specialty", "ds_main", "result", "outcome", "help_type",
    "purpose", "disp", "newborn",
)  # fmt: skip


def match_cases(check: Check) -> None:
    """Fill l_case."""
    db.execute(
        "CREATE TEMP TABLE l_case(seq INTEGER PRIMARY KEY, case_id INTEGER, dup INTEGER DEFAULT 0,"
        " state TEXT, reason TEXT DEFAULT '', note TEXT DEFAULT '')"
    )
    db.execute("CREATE TEMP TABLE l_many(key TEXT PRIMARY KEY) WITHOUT ROWID")
    db.execute(
        "INSERT INTO temp.l_many SELECT key FROM stage.zcase GROUP BY key HAVING count(*)>1"
        " UNION SELECT key FROM cases WHERE dup>0 AND key IN (SELECT key FROM stage.zcase)"
    )
    check()
    db.execute(
        "INSERT INTO temp.l_case(seq, state, reason) SELECT z.seq, 'refused',"
        " replace(?, '{ref}', 'ID_PAC ' || z.ref) FROM stage.zcase z"
        " WHERE z.ref NOT IN (SELECT ref FROM stage.person)",
        (NO_PERSON,),
    )
    db.execute(
        "INSERT INTO temp.l_case(seq, state, reason) SELECT z.seq, 'refused', replace(?, '{ref}', z.ref)"
        " FROM stage.person p CROSS JOIN stage.zcase z ON z.ref=p.ref WHERE p.clash=1",
        (CLASH,),
    )
    db.execute(
        f"INSERT INTO temp.l_case(seq, case_id, dup, state) SELECT z.seq, c.id, coalesce(c.dup,0), {_STATE}"
        " FROM stage.zcase z LEFT JOIN cases c ON c.key=z.key"
        " WHERE z.key NOT IN (SELECT key FROM temp.l_many)"
        " AND z.seq NOT IN (SELECT seq FROM temp.l_case)"
    )
    check()
    _match_twins()
    check()
    _match_moved()
    db.execute("CREATE INDEX temp.l_case_case ON l_case(case_id)")
    _refuse_dead()


_STATE = (
    "CASE WHEN c.id IS NULL THEN 'new' WHEN c.source_hash=z.source_hash THEN 'unchanged' ELSE 'changed' END"
)


def _match_twins() -> None:
    """Pair cases of a key that more than one case has (few: in Python)."""
    came: dict[str, list[casekeys.Came]] = {}
    for seq, key, twin in db.execute(
        "SELECT z.seq, z.key, z.twin FROM stage.zcase z JOIN temp.l_many USING(key)"
        " WHERE z.seq NOT IN (SELECT seq FROM temp.l_case)"
    ):
        came.setdefault(key, []).append(casekeys.Came(seq, twin))
    for key, records in came.items():
        known = [
            casekeys.Known(*row) for row in db.execute("SELECT id, dup, twin FROM cases WHERE key=?", (key,))
        ]
        db.executemany(
            "INSERT INTO temp.l_case(seq, case_id, dup, state, reason) VALUES(?,?,?,?,?)",
            [
                (p.seq, p.case_id, p.dup, "refused" if p.reason else "new", p.reason)
                for p in casekeys.pair_twins(records, known)
            ],
        )
    if came:
        db.execute(
            "UPDATE temp.l_case SET state=CASE WHEN c.source_hash=z.source_hash THEN 'unchanged'"
            " ELSE 'changed' END, dup=c.dup FROM cases c, stage.zcase z"
            " WHERE c.id=l_case.case_id AND z.seq=l_case.seq AND z.key IN (SELECT key FROM temp.l_many)"
        )


def _match_moved() -> None:
    """Cases whose key changed: an operator had corrected it, or the file corrects DATE_Z_1 alone."""
    if not db.scalar("SELECT 1 FROM cases LIMIT 1"):
        return
    same = " AND ".join(f"c.{n} IS z.{n}" for n in _SAME)
    base = (
        "FROM temp.l_case l JOIN stage.zcase z ON z.seq=l.seq"
        " JOIN cases c ON c.nhistory=z.nhistory AND c.family=z.family AND c.usl_ok=z.usl_ok"
        " AND c.mo=z.mo WHERE l.state='new' AND l.dup=0 AND c.deleted_at IS NULL"
        " AND c.merged_into IS NULL AND c.id NOT IN"
        " (SELECT case_id FROM temp.l_case WHERE case_id IS NOT NULL)"
    )
    person = (
        " AND EXISTS(SELECT 1 FROM patient p JOIN stage.person s ON s.ref=z.ref WHERE p.id=c.patient_id"
        " AND p.fio_key=s.fio_key AND p.birth_date IS s.birth_date)"
    )
    _take_single(f"SELECT l.seq, c.id {base} AND c.date_in=z.date_in {person}", "caught")
    codes = "(SELECT group_concat(code, ' ') FROM (SELECT code FROM {} ORDER BY n))"
    ours = codes.format("service WHERE case_id=c.id")
    theirs = codes.format("stage.zservice WHERE seq=z.seq")
    _take_single(
        f"SELECT l.seq, c.id {base} AND {same} {person} AND NOT {SENT} AND {ours} IS {theirs}", "date"
    )


def _take_single(query: str, note: str) -> None:
    """Take the pairs where one record of the file meets exactly one stored case."""
    pairs = db.execute(query).fetchall()
    seqs, cases = Counter(seq for seq, _ in pairs), Counter(case for _, case in pairs)
    db.executemany(
        "UPDATE temp.l_case SET case_id=?, state='changed', note=? WHERE seq=?",
        [(case, note, seq) for seq, case in pairs if seqs[seq] == 1 and cases[case] == 1],
    )


def _refuse_dead() -> None:
    for reason, condition in (
        (DELETED, "c.deleted_at IS NOT NULL"),
        (MERGED, "c.merged_into IS NOT NULL"),
    ):
        db.execute(
            "UPDATE temp.l_case SET state='refused', reason=replace(?, '{at}', substr("
            f"coalesce(c.deleted_at,''),1,10)) FROM cases c WHERE c.id=l_case.case_id AND {condition}",
            (reason,),
        )


def match_persons(check: Check) -> None:
    """Fill l_person for the persons of accepted cases: by their case, then by ID_PAC, then by name."""
    db.execute("CREATE TEMP TABLE l_person(ref TEXT PRIMARY KEY, patient_id INTEGER) WITHOUT ROWID")
    db.execute(
        "INSERT INTO temp.l_person(ref) SELECT DISTINCT z.ref FROM stage.zcase z"
        " JOIN temp.l_case l ON l.seq=z.seq WHERE l.state<>'refused'"
    )
    if not db.scalar("SELECT 1 FROM patient LIMIT 1"):
        return
    _by_case("p.fio_key=s.fio_key AND p.fio_key<>'' AND p.birth_date=s.birth_date")
    _by_case(" AND ".join(map(_as_before, ("surname", "name", "patronymic", "birth_date"))))
    check()
    name = "(p.fio_key=s.fio_key AND s.fio_key<>'')"
    birth = "coalesce(p.birth_date=s.birth_date,0)"
    snils = "(p.snils=s.snils AND s.snils<>'')"
    _find(
        f"{name}+{birth}+{snils}",
        "JOIN patient p ON p.ext_id=s.ext_id",
        f"s.ext_id<>'' AND ({name} OR {birth} OR {snils})",
    )
    check()
    _find(
        "1",
        "JOIN patient p ON p.fio_key=s.fio_key AND p.birth_date=s.birth_date",
        "s.ext_id='' AND s.fio_key<>''",
    )
    _find(
        "1",
        "JOIN patient p ON p.ext_id=s.ext_id JOIN stage.zcase z ON z.ref=s.ref"
        " JOIN stage.policy q ON q.hash=z.pol JOIN policy o ON o.patient_id=p.id AND o.enp=q.enp",
        "s.ext_id<>'' AND q.enp<>''",
    )


def _find(score: str, tables: str, condition: str) -> None:
    """Give each person not found yet the patient of the best score."""
    db.execute(
        "UPDATE temp.l_person SET patient_id=f.id FROM (SELECT ref, id FROM (SELECT s.ref AS ref,"
        f" p.id AS id, row_number() OVER (PARTITION BY s.ref ORDER BY {score} DESC, p.id) AS place"
        f" FROM temp.l_person l JOIN stage.person s ON s.ref=l.ref {tables}"
        f" WHERE l.patient_id IS NULL AND {condition}) WHERE place=1) f WHERE f.ref=l_person.ref"
    )


def _by_case(same: str) -> None:
    """Give each person not found yet the patient of its case, when it is ``same``."""
    db.execute(
        "UPDATE temp.l_person SET patient_id=f.pid FROM (SELECT z.ref AS ref, min(p.id) AS pid"
        " FROM temp.l_case l JOIN stage.zcase z ON z.seq=l.seq JOIN cases c ON c.id=l.case_id"
        " JOIN patient p ON p.id=c.patient_id JOIN stage.person s ON s.ref=z.ref"
        " JOIN temp.l_person t ON t.ref=z.ref"
        f" WHERE l.state<>'refused' AND t.patient_id IS NULL AND {same}"
        " GROUP BY z.ref) f WHERE f.ref=l_person.ref"
    )


def _as_before(name: str) -> str:
    """The file says of this field what the patient has, or had before an operator corrected it."""
    return (
        f"(p.{name} IS s.{name} OR EXISTS(SELECT 1 FROM edit e WHERE e.patient_id=p.id AND"
        f" e.entity='patient' AND e.origin<>'load' AND e.field='{name}' AND e.old=coalesce(s.{name}, '')))"
    )


def mark_moved_patients() -> None:
    """An unchanged record that now names another person is a change of the case."""
    db.execute(
        "UPDATE temp.l_case SET state='changed' FROM cases c, stage.zcase z, temp.l_person p"
        " WHERE l_case.state='unchanged' AND c.id=l_case.case_id AND z.seq=l_case.seq"
        " AND p.ref=z.ref AND p.patient_id IS NOT c.patient_id"
    )


def mark_derived() -> None:
    """An unchanged record that now means another payer or kind (settings, service book) is a change.

    What an operator's correction of the policy or of the purpose made of a case stays.
    """
    corrected = "EXISTS(SELECT 1 FROM edit e WHERE e.case_id=c.id AND e.origin<>'load' AND {})"
    policy = corrected.format("e.entity='policy'")
    kind = corrected.format(
        "(e.entity='service' OR e.field IN ('usl_ok', 'disp', 'profile', 'purpose', 'kind'))"
    )
    db.execute(
        "UPDATE temp.l_case SET state='changed' FROM cases c, stage.zcase z"
        " WHERE l_case.state='unchanged' AND c.id=l_case.case_id AND z.seq=l_case.seq"
        " AND (c.payer_id IS NOT z.payer_id OR c.kind<>z.kind)"
        f" AND ((c.payer_id IS NOT z.payer_id AND NOT {policy}) OR (c.kind<>z.kind AND NOT {kind}))"
    )


def changed_seqs_with_edits() -> list[tuple[int, int]]:
    """(seq, case id) of changed cases that an operator has corrected."""
    return [
        tuple(row)
        for row in db.execute(
            "SELECT l.seq, l.case_id FROM temp.l_case l WHERE l.state='changed' AND EXISTS"
            "(SELECT 1 FROM edit e WHERE e.case_id=l.case_id AND e.origin<>'load') ORDER BY l.seq"
        )
    ]


def persons_with_edits() -> list[tuple[str, int]]:
    """(ref, patient id) of matched persons that an operator has corrected."""
    return [
        tuple(row)
        for row in db.execute(
            "SELECT l.ref, l.patient_id FROM temp.l_person l WHERE l.patient_id IS NOT NULL AND EXISTS"
            "(SELECT 1 FROM edit e WHERE e.patient_id=l.patient_id AND e.entity='patient'"
            " AND e.origin<>'load') ORDER BY l.ref"
        )
    ]


def row_dict(query: str, params: tuple[Any, ...]) -> dict[str, Any]:
    """First row of a query as a dict ({} if none)."""
    found = rows_dict(query, params)
    return found[0] if found else {}


def rows_dict(query: str, params: tuple[Any, ...] = ()) -> list[dict[str, Any]]:
    cursor = db.execute(query, params)
    names = [d[0] for d in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]
