"""Which service of a file is which stored one (пары услуг), for the merge of a load.

Numbers of services (IDSERV, their order) are often only places in the file, so that one service put in
before the others would shift them all: code and day go before a number alone.
"""

from __future__ import annotations

from collections.abc import Sequence

from omstui.domain.store import db

#: columns that make two services one, the surest first
SAME_SERVICE: tuple[tuple[str, ...], ...] = (
    ("source_id", "code", "date_in"),
    ("code", "date_in"),
    ("source_id", "code"),
    ("n", "code"),
    ("source_id",),
)


def pair_services() -> None:
    """Fill l_target for the cases of l_changed that no correction has settled."""
    for keys in SAME_SERVICE:
        same = " AND ".join(f"z.{k} IS o.{k}" for k in keys)
        db.execute(
            f"INSERT OR IGNORE INTO temp.l_target SELECT z.seq, z.n, o.id FROM ({_ranked(keys, True)}) o"
            f" JOIN ({_ranked(keys, False)}) z ON z.seq=o.seq AND z.place=o.place AND {same}"
        )


def _ranked(keys: Sequence[str], stored: bool) -> str:
    """Services not paired yet, numbered among those equal by ``keys``."""
    if stored:
        table, number = "service x ON x.case_id=h.id", "x.id"
        free = "x.id NOT IN (SELECT id FROM temp.l_target)"
    else:
        table, number = "stage.zservice x ON x.seq=h.seq", "0 AS id"
        free = "NOT EXISTS (SELECT 1 FROM temp.l_target t WHERE t.seq=h.seq AND t.n=x.n)"
    named = " AND x.source_id<>''" if "source_id" in keys else ""
    by = ", ".join(f"x.{k}" for k in keys)
    return (
        f"SELECT h.seq, {number}, x.n, x.source_id, x.code, x.date_in,"
        f" row_number() OVER (PARTITION BY h.seq, {by} ORDER BY x.n) AS place"
        f" FROM temp.l_changed h JOIN {table} WHERE h.seq NOT IN (SELECT seq FROM temp.l_settled)"
        f" AND {free}{named}"
    )
