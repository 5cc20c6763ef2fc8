"""The prepared views of the expertise as temporary tables: ``c``, ``s``, ``o``, ``price`` (criteria.view).

Built once for a run over registries or for one case after its save; the conditions of criteria then see the
same tables whatever is checked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from omstui.domain.criteria.functions import FUNCTIONS
from omstui.domain.criteria.view import CASE, OTHER, SERVICE, ViewColumn
from omstui.domain.forming.prices import TariffRow, flatten
from omstui.domain.model import KINDS
from omstui.domain.store import db, persons
from omstui.domain.store.packages import LIVE

TABLES = ("c", "s", "o", "price", "checked", persons.TABLE, "edition", "billed", "other_case", "held_case")

_TYPE = "CASE ca.kind {} ELSE 'ТАП' END".format(
    " ".join(f"WHEN '{kind.code}' THEN '{kind.case_type.value}'" for kind in KINDS.values())
)
_COVERS = (
    "(po.begin_date = '' OR po.begin_date <= coalesce(ca.date_out, ca.date_in))"
    " AND (po.end_date = '' OR po.end_date >= coalesce(ca.date_out, ca.date_in))"
)
#: of the policies that cover the end of the case the one it is billed by, else the latest begin
_CHOSEN = (
    "SELECT coalesce((SELECT po.id FROM policy po WHERE po.id = ca.policy_id"
    f" AND po.patient_id = ca.patient_id AND {_COVERS}), (SELECT po.id FROM policy po"
    f" WHERE po.patient_id = ca.patient_id AND {_COVERS} ORDER BY po.begin_date DESC, po.id DESC LIMIT 1))"
)
_ON_DATE = (
    "{0}.begin_date <= coalesce(sv.date_out, sv.date_in, '')"
    " AND ({0}.end_date = '' OR {0}.end_date >= coalesce(sv.date_out, sv.date_in))"
)
#: the book is looked up by the code of nomenclature where it has no row for the code itself
_BOOK_CODE = (
    "iif(trim(sv.intervention) <> '' AND NOT EXISTS (SELECT 1 FROM edition e WHERE e.code = trim(sv.code)"
    f" AND {_ON_DATE.format('e')}), trim(sv.intervention), trim(sv.code))"
)
#: tables that only serve the building
_BUILDING = ("checked", persons.TABLE, "edition", "billed", "other_case", "held_case")


@contextmanager
def prepared(
    *,
    registries: Sequence[int] = (),
    cases: Sequence[int] = (),
    registry: int | None = None,
    params: Mapping[str, Any],
) -> Iterator[None]:
    """The views over all accounts of ``registries``, or over ``cases`` (inside ``registry`` or none).

    ``params`` are the named values of conditions; ``has_services`` and ``level`` must be among them.
    """
    raw = db.raw()
    for name, count, function in FUNCTIONS:
        raw.create_function(name, count, function, deterministic=True)
    db.drop_temp(TABLES)
    try:
        _check(registries, cases, registry)
        persons.gather("SELECT patient_id FROM checked")
        _fill("c", CASE, _CASES, params)
        _services(params, whole=bool(registries))
        _others()
        _prices(str(params["level"]))
        db.drop_temp(_BUILDING)  # what the views are made of gives its memory back
        yield
    finally:
        db.drop_temp(TABLES)


def _check(registries: Sequence[int], cases: Sequence[int], registry: int | None) -> None:
    db.execute(
        "CREATE TEMP TABLE checked(case_id INTEGER PRIMARY KEY, registry_id INTEGER, account_id INTEGER,"
        " patient_id INTEGER, type TEXT)"
    )
    head = "INSERT OR IGNORE INTO checked(case_id, registry_id, account_id, patient_id, type) SELECT ca.id,"
    if registries:
        db.execute(
            f"{head} a.registry_id, a.id, ca.patient_id, {_TYPE} FROM account a JOIN cases ca"
            f" ON ca.id = a.case_id WHERE a.registry_id IN ({','.join('?' * len(registries))})",
            list(registries),
        )
    else:
        db.execute(
            f"{head} ?1, (SELECT a.id FROM account a WHERE a.registry_id = ?1 AND a.case_id = ca.id),"
            f" ca.patient_id, {_TYPE} FROM cases ca WHERE ca.id IN ({','.join(map(str, map(int, cases)))})",
            (registry,),
        )


_CASES = (
    "FROM checked k JOIN cases ca ON ca.id = k.case_id JOIN patient p ON p.id = ca.patient_id"
    " LEFT JOIN registry r ON r.id = k.registry_id LEFT JOIN account a ON a.id = k.account_id"
    f" LEFT JOIN {persons.TABLE} w ON w.patient_id = ca.patient_id LEFT JOIN policy po ON po.id = ({_CHOSEN})"
)
_SERVICES = (
    "FROM c CROSS JOIN service sv ON sv.case_id = c.id"
    f" LEFT JOIN edition b ON b.code = {_BOOK_CODE} AND {_ON_DATE.format('b')}"
    " LEFT JOIN billed x ON x.service_id = sv.id"
)
#: with the flags of the book beside its key a service costs one search, not three
_EDITION = (
    *("begin_date", "end_date", "is_visit", "is_call", "repeatable", "sex", "age_min", "age_max", "usl_ok"),
    *("needs_doctor", "needs_referral", "requires_tooth", "is_dental", "is_primary_dental", "is_extraction"),
    *("is_closed_case", "beside_stay", "after_death", "max_qty", "max_qty_day"),
)


def _services(params: Mapping[str, Any], *, whole: bool) -> None:
    """Services of the cases; of two editions of a code in force on a day the later one counts."""
    names = ", ".join(_EDITION)
    db.execute(f"CREATE TEMP TABLE edition(code, {names}, PRIMARY KEY(code, begin_date DESC)) WITHOUT ROWID")
    mine = (
        "WHERE code IN (SELECT trim(v.code) FROM c CROSS JOIN service v ON v.case_id = c.id UNION"
        " SELECT trim(v.intervention) FROM c CROSS JOIN service v ON v.case_id = c.id)"
    )
    db.execute(f"INSERT INTO edition SELECT code, {names} FROM service_book {'' if whole else mine}")
    db.execute("CREATE TEMP TABLE billed(service_id INTEGER PRIMARY KEY, tariff INTEGER, total INTEGER)")
    db.execute(
        "INSERT OR IGNORE INTO billed SELECT x.service_id, x.tariff, x.total FROM checked k"
        " CROSS JOIN account_service x ON x.account_id = k.account_id"
    )
    _fill("s", SERVICE, _SERVICES, params)
    db.execute("CREATE INDEX temp.s_case ON s(case_id)")


def _fill(table: str, columns: Sequence[ViewColumn], source: str, params: Mapping[str, Any]) -> None:
    # a key without a type would not meet ``c.id`` by its index
    typed = {"id": "id INTEGER PRIMARY KEY", "case_id": "case_id INTEGER"}
    names = ", ".join(typed.get(c.name, c.name) for c in columns)
    db.execute(f"CREATE TEMP TABLE {table}({names})")
    values = ", ".join(c.sql for c in columns)
    db.raw().execute(f"INSERT OR IGNORE INTO temp.{table} SELECT {values} {source}", params)


def _others() -> None:
    """Live cases of the persons: not deleted, not merged, not cut, not refused without «в реестр»."""
    db.execute("CREATE TEMP TABLE other_case(id INTEGER PRIMARY KEY, person INTEGER)")
    db.execute(
        "INSERT INTO other_case SELECT ca.id, w.person FROM person_of w CROSS JOIN cases ca"
        " ON ca.patient_id = w.patient_id WHERE ca.deleted_at IS NULL AND ca.merged_into IS NULL"
        " AND ca.sequestered = ''"
    )
    # a call of another person under the same number of a card (15.004); nobody's person is negative
    db.execute(
        "INSERT OR IGNORE INTO other_case SELECT ca.id, -ca.patient_id FROM c CROSS JOIN cases ca"
        " ON ca.nhistory = c.card AND +ca.date_out = c.date_out AND +ca.kind = 'ambulance'"
        " WHERE c.type = 'СМП' AND c.card <> '' AND ca.deleted_at IS NULL AND ca.merged_into IS NULL"
        " AND ca.sequestered = ''"
    )
    refused = "(a.stage1 = 2 OR a.stage2 = 2)"
    db.execute(
        "CREATE TEMP TABLE held_case(case_id INTEGER PRIMARY KEY, registry_id INTEGER, package_id INTEGER,"
        " live INTEGER)"
    )
    db.execute(
        f"INSERT INTO held_case SELECT a.case_id, max(CASE WHEN NOT {refused} THEN a.registry_id END),"
        f" max(CASE WHEN NOT {refused} THEN a.package_id END), max(NOT {refused} OR EXISTS (SELECT 1"
        " FROM resubmission b WHERE b.account_id = a.id AND b.undone_at IS NULL))"
        " FROM other_case w CROSS JOIN account a ON a.case_id = w.id JOIN registry r ON r.id = a.registry_id"
        f" WHERE r.is_test = 0 AND {LIVE} GROUP BY a.case_id"
    )
    _fill(
        "o",
        OTHER,
        "FROM other_case w CROSS JOIN cases ca ON ca.id = w.id LEFT JOIN held_case l ON l.case_id = ca.id"
        " WHERE coalesce(l.live, 1)",
        {},
    )
    db.execute("CREATE INDEX temp.o_person ON o(person, usl_ok, date_in)")


def _prices(level: str) -> None:
    db.execute(
        "CREATE TEMP TABLE price(code TEXT, child TEXT, begin_date TEXT, end_date TEXT, price INTEGER,"
        " PRIMARY KEY(code, child, begin_date)) WITHOUT ROWID"
    )
    rows = db.execute(
        "SELECT t.code, t.level, t.child, t.begin_date, t.end_date, t.price"
        " FROM (SELECT DISTINCT code FROM s) w CROSS JOIN tariff t ON t.code = w.code ORDER BY t.code"
    )
    db.executemany("INSERT INTO price VALUES(?,?,?,?,?)", flatten(map(TariffRow._make, rows), level))
