"""Which cards of patients are one person (одно лицо), as the expertise and «Анализ МЭСов» see it."""

from __future__ import annotations

from omstui.domain.store import db

#: temporary table: patient_id → number of the person; whoever prepared it drops it
TABLE = "person_of"

_SAME = (
    f"SELECT w.patient_id, p.id FROM temp.{TABLE} w CROSS JOIN patient m ON m.id = w.patient_id"
    " CROSS JOIN patient p ON p.fio_key = m.fio_key AND p.birth_date = m.birth_date AND p.id <> m.id"
    " WHERE trim(m.fio_key) <> '' AND m.birth_date <> ''"
    f" UNION SELECT w.patient_id, q.patient_id FROM temp.{TABLE} w CROSS JOIN policy m"
    " ON m.patient_id = w.patient_id AND m.enp <> '' CROSS JOIN policy q ON q.enp = m.enp"
    " AND q.patient_id <> m.patient_id"
)


def gather(patients: str) -> None:
    """Fill ``person_of`` for the patients this query lists and for every other card of theirs.

    Equal ЕНП, or equal surname, names and date of birth, make two cards one person, transitively.
    """
    db.drop_temp((TABLE,))
    db.execute(f"CREATE TEMP TABLE {TABLE}(patient_id INTEGER PRIMARY KEY, person INTEGER NOT NULL)")
    db.execute(f"INSERT INTO {TABLE} SELECT DISTINCT patient_id, patient_id FROM ({patients})")
    root: dict[int, int] = {}

    def find(number: int) -> int:
        while root.get(number, number) != number:
            number = root[number]
        return number

    for one, other in db.execute(_SAME):
        first, second = sorted((find(one), find(other)))
        root.setdefault(first, first)
        root[second] = first
    db.executemany(f"INSERT OR REPLACE INTO {TABLE} VALUES(?,?)", ((n, find(n)) for n in list(root)))
    db.execute(f"CREATE INDEX temp.{TABLE}_person ON {TABLE}(person)")
