"""Forming, first half (отбор случаев и цены): all is worked out in temporary tables, nothing is written.

form_target  the registries being formed, a row per kind (``target``: which of the registries);
form_cand    the candidates and why they are here; form_case  what the reasons look at; form_svc  services
with prices; form_result  one row per candidate with its reason ('' = formed); form_skips  all lines of the
log. The second half is store.forming_write.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from omstui.domain.forming import reasons
from omstui.domain.forming.prices import TariffRow, flatten
from omstui.domain.model import KINDS
from omstui.domain.store import db
from omstui.domain.store.packages import LIVE


@dataclass(slots=True)
class Target:
    """A registry to form; ``registry`` is None when it has to be created."""

    kind: str
    period: str
    begin: str
    end: str
    registry: int | None = None
    name: str = ""
    pay_type: str = "ОМС"
    departments: tuple[str, ...] = ()
    late: bool = False
    second: bool = False  # another registry of this kind and month has been exported already
    kinds: tuple[str, ...] = ()  # of a registry that holds several kinds; its ``kind`` is ""

    @property
    def every_kind(self) -> tuple[str, ...]:
        return self.kinds or (self.kind,)


@dataclass(frozen=True, slots=True)
class Rules:
    """What forming needs of the settings."""

    test: bool = False
    level: str = ""
    mksb_checks: bool = True  # 90.018, 90.019


_TABLES = {
    "form_target": (
        "n INTEGER PRIMARY KEY, registry_id INTEGER, kind TEXT UNIQUE, type TEXT, exam INTEGER,"
        " period TEXT, begin_date TEXT, end_date TEXT, pay_type TEXT, departments TEXT,"
        " late INTEGER, target INTEGER"
    ),
    "form_cand": (
        "case_id INTEGER PRIMARY KEY, n INTEGER, origin TEXT, resub INTEGER, prev INTEGER, repeat TEXT"
    ),
    "form_case": (
        "case_id INTEGER PRIMARY KEY, n INTEGER, origin TEXT, resub INTEGER, prev INTEGER,"
        " repeat TEXT, type TEXT, exam INTEGER, child TEXT, day TEXT, date_out TEXT, open INTEGER,"
        " pay_ok INTEGER, purpose TEXT, no_ds INTEGER, no_doctor INTEGER, payer_id INTEGER,"
        " ksg TEXT, source_sum INTEGER, sequestered TEXT"
    ),
    "form_price": (
        "code TEXT, child TEXT, begin_date TEXT, end_date TEXT, price INTEGER,"
        " PRIMARY KEY(code, child, begin_date)) WITHOUT ROWID"
    ),
    #: service_id < 0 = the КСГ itself, its service is made when the registry is written
    "form_svc": (
        "case_id INTEGER, service_id INTEGER, code TEXT, quantity INTEGER, tariff INTEGER,"
        " total INTEGER, PRIMARY KEY(case_id, service_id)) WITHOUT ROWID"
    ),
    "form_sum": ("case_id INTEGER PRIMARY KEY, services INTEGER, billable INTEGER, total INTEGER"),
    "form_short": "case_id INTEGER PRIMARY KEY, first INTEGER, whole INTEGER, known INTEGER",
    "form_held": (
        "case_id INTEGER PRIMARY KEY, holder INTEGER, returned INTEGER, accepted INTEGER, refused INTEGER"
    ),
    "form_gap": "case_id INTEGER, service_id INTEGER, code TEXT, reason TEXT, total INTEGER",
    "form_result": (
        "case_id INTEGER PRIMARY KEY, n INTEGER, origin TEXT, code TEXT, billable INTEGER,"
        " total INTEGER, counted INTEGER"
    ),
    "form_prev": ("account_id INTEGER PRIMARY KEY, case_id INTEGER, n INTEGER, total INTEGER, repeat TEXT"),
    "form_text": "code TEXT PRIMARY KEY, skip TEXT, gone TEXT",
    "form_skips": (
        "n INTEGER, case_id INTEGER, service_id INTEGER, code TEXT, reason TEXT, total INTEGER, gone INTEGER"
    ),
    #: refusals of identification and ФЛК, kept for the new accounts of the same cases
    "form_roads": "refusal INTEGER PRIMARY KEY, case_id INTEGER, registry_id INTEGER",
    "form_new": "seq INTEGER PRIMARY KEY, case_id INTEGER UNIQUE",
}


def clear() -> None:
    """Drop the temporary tables."""
    for name in _TABLES:
        db.execute(f"DROP TABLE IF EXISTS temp.{name}")


def begin(targets: Sequence[Target]) -> None:
    """Make the temporary tables; ``targets`` have different kinds."""
    clear()
    for name, body in _TABLES.items():
        tail = "" if body.endswith("WITHOUT ROWID") else ")"
        db.execute(f"CREATE TEMP TABLE {name}({body}{tail}")
    db.executemany(
        "INSERT INTO form_target VALUES(?,?,?,?,?,?,?,?,?,?,?,?)",
        [
            (
                n,
                t.registry,
                kind,
                KINDS[kind].case_type.value,
                int(KINDS[kind].examination),
                t.period,
                t.begin,
                t.end,
                t.pay_type,
                db.dump(list(t.departments)),
                int(t.late),
                number,
            )
            for n, (number, t, kind) in enumerate(
                (number, t, kind) for number, t in enumerate(targets) for kind in t.every_kind
            )
        ],
    )
    db.executemany(
        "INSERT INTO form_text VALUES(?,?,?)",
        [
            (code, text, reasons.exclusion_text(code, text))
            for code, text in {**reasons.EXCLUSIONS, **reasons.SKIPS}.items()
        ],
    )


# --- candidates ------------------------------------------------------------------------------

CASE_LIVES = "c.deleted_at IS NULL AND c.merged_into IS NULL"
_SERVICE_INSIDE = (
    "EXISTS (SELECT 1 FROM service s WHERE s.case_id=c.id AND"
    " coalesce(s.date_out, s.date_in) BETWEEN t.begin_date AND t.end_date)"
)


def held(rules: Rules) -> str:
    """Condition for ``account a JOIN registry r``: the account bills its case for good elsewhere.

    A test registry holds nothing; a test forming minds only what was sent.
    """
    sent = " AND r.status='Выгружен'" if rules.test else ""
    return (
        f"{LIVE} AND r.is_test=0{sent} AND r.id NOT IN"
        " (SELECT registry_id FROM form_target WHERE registry_id IS NOT NULL)"
    )


def pick_returned(rules: Rules) -> None:
    """Cases that F8 put into this month, whenever they ended; newest return first."""
    used = (
        "SELECT 1 FROM account a JOIN registry r ON r.id=a.registry_id"
        f" WHERE a.id=b.new_account_id AND {held(rules)}"
    )
    db.execute(
        "INSERT OR IGNORE INTO form_cand SELECT c.id, t.n, 'returned', b.id, b.account_id,"
        " CASE b.stage WHEN 2 THEN 'repeat' ELSE 'primary' END FROM resubmission b"
        " JOIN cases c ON c.id=b.case_id JOIN form_target t ON t.kind=c.kind"
        f" WHERE b.undone_at IS NULL AND b.target_period <= t.period AND {CASE_LIVES}"
        f" AND (b.new_account_id IS NULL OR NOT EXISTS ({used})) ORDER BY b.id DESC"
    )


def pick_month(rules: Rules) -> None:
    """Cases that ended inside the registry's dates, open ones with services there, early ones."""
    first, last = db.execute("SELECT min(begin_date), max(end_date) FROM form_target").fetchone()
    add = "INSERT OR IGNORE INTO form_cand(case_id, n, origin) SELECT c.id, t.n, "
    db.execute(
        f"{add}'month' FROM cases c CROSS JOIN form_target t ON t.kind=c.kind"
        " WHERE c.date_out BETWEEN ? AND ? AND c.date_out BETWEEN t.begin_date AND t.end_date"
        f" AND {CASE_LIVES}",
        (first, last),
    )
    # an open case without any service is a candidate by its beginning: nothing stays unsaid
    db.execute(
        f"{add}'open' FROM cases c JOIN form_target t ON t.kind=c.kind"
        f" WHERE (c.completed = 0 OR c.date_out IS NULL) AND {CASE_LIVES} AND ({_SERVICE_INSIDE}"
        " OR (c.date_in <= t.end_date AND (t.type='МКСБ' OR (c.date_in >= t.begin_date AND"
        " NOT EXISTS (SELECT 1 FROM service s WHERE s.case_id=c.id)))))"
    )
    db.execute(
        f"{add}'ahead' FROM cases c JOIN form_target t ON t.kind=c.kind"
        " WHERE c.date_out > ? AND c.date_out > t.end_date AND c.completed=1"
        f" AND c.date_in <= t.end_date AND {CASE_LIVES} AND {_SERVICE_INSIDE}",
        (last,),
    )


def pick_late(rules: Rules) -> None:
    """Cases of earlier months that nobody ever billed; they are counted, or formed if asked."""
    last = db.scalar("SELECT max(begin_date) FROM form_target")
    # years of billed cases are passed over in the index alone: o reads no row of the wide table
    db.execute(
        "INSERT OR IGNORE INTO form_cand(case_id, n, origin) SELECT c.id, t.n, 'late' FROM cases o"
        " CROSS JOIN form_target t ON t.kind=o.kind CROSS JOIN cases c ON c.id=o.id"
        " WHERE o.date_out < ? AND NOT EXISTS (SELECT 1 FROM account a"
        f" JOIN registry r ON r.id=a.registry_id WHERE a.case_id=o.id AND {held(rules)})"
        f" AND c.date_out < t.begin_date AND c.completed=1 AND c.pay_type=t.pay_type AND {CASE_LIVES}",
        (last,),
    )


def pick_filtered(rules: Rules) -> None:
    """The registry's own choice of departments and specialties takes its cases out (90.021)."""
    db.execute(
        "INSERT INTO form_skips SELECT d.n, d.case_id, NULL, '90.021', '', 0, 0 FROM form_cand d"
        " JOIN form_target t ON t.n=d.n JOIN cases c ON c.id=d.case_id WHERE t.departments <> '[]'"
        " AND NOT EXISTS (SELECT 1 FROM json_each(t.departments) j"
        " WHERE j.value IN (c.department, c.specialty))"
    )
    db.execute("DELETE FROM form_cand WHERE case_id IN (SELECT case_id FROM form_skips WHERE code='90.021')")


def gather(rules: Rules) -> None:
    """What the reasons look at, once per candidate, in the order of case ids."""
    born = "printf('%04d', substr(c.date_in, 1, 4) - 18) || substr(c.date_in, 5)"
    db.execute(
        "INSERT INTO form_case SELECT d.case_id, d.n, d.origin, d.resub, d.prev, d.repeat, t.type,"
        f" t.exam, CASE WHEN p.birth_date > {born} OR c.newborn NOT IN ('', '0') THEN '1' ELSE '0' END,"
        " coalesce(c.date_out, c.date_in), c.date_out, c.completed=0 OR c.date_out IS NULL,"
        " c.pay_type=t.pay_type, c.purpose, trim(c.ds_main)='', trim(c.doctor)='', c.payer_id,"
        " CASE t.type WHEN 'МКСБ' THEN c.ksg ELSE '' END, c.source_sum,"
        " CASE WHEN c.sequestered >= t.period THEN c.sequestered ELSE '' END"
        " FROM form_cand d CROSS JOIN cases c ON c.id=d.case_id CROSS JOIN patient p"
        " ON p.id=c.patient_id CROSS JOIN form_target t ON t.n=d.n"
    )


# --- prices ----------------------------------------------------------------------------------


def has_tariffs() -> bool:
    """False = the book is empty: the sums of the source are taken."""
    return bool(db.scalar("SELECT EXISTS (SELECT 1 FROM tariff)"))


def price(rules: Rules) -> None:
    """Services of the candidates with their prices; NULL = none for this day."""
    code = "CASE s.code WHEN '' THEN s.intervention ELSE s.code END"
    if not has_tariffs():
        db.execute(
            "INSERT INTO form_svc SELECT f.case_id, s.id, '', s.quantity, s.tariff, s.source_sum"
            " FROM form_case f CROSS JOIN service s ON s.case_id=f.case_id"
        )
        _price_ksg(by_book=False)
        _spread_remainder()
        return
    rows = db.execute("SELECT code, level, child, begin_date, end_date, price FROM tariff ORDER BY code")
    db.executemany(
        "INSERT INTO form_price VALUES(?,?,?,?,?)", flatten(map(TariffRow._make, rows), rules.level)
    )
    db.execute(
        f"INSERT INTO form_svc SELECT f.case_id, s.id, {code}, s.quantity, p.price,"
        " (p.price * s.quantity + 50) / 100 FROM form_case f CROSS JOIN service s"
        f" ON s.case_id=f.case_id LEFT JOIN form_price p ON p.code={code} AND p.child=f.child"
        " AND p.begin_date <= f.day AND p.end_date >= f.day"
    )
    _price_ksg(by_book=True)


def _price_ksg(by_book: bool) -> None:
    """A case with a КСГ that no service carries is billed by the КСГ itself, as one service."""
    rest = "f.source_sum - coalesce((SELECT sum(s.source_sum) FROM service s WHERE s.case_id=f.case_id), 0)"
    none = "NOT EXISTS (SELECT 1 FROM service s WHERE s.case_id=f.case_id)"
    if by_book:
        listed = "EXISTS (SELECT 1 FROM tariff b WHERE b.code=f.ksg)"
        db.execute(
            "INSERT INTO form_svc SELECT f.case_id, -f.case_id, f.ksg, 100, p.price, p.price"
            " FROM form_case f LEFT JOIN form_price p ON p.code=f.ksg AND p.child=f.child"
            " AND p.begin_date <= f.day AND p.end_date >= f.day WHERE f.ksg <> ''"
            " AND NOT EXISTS (SELECT 1 FROM service s WHERE s.case_id=f.case_id"
            f" AND f.ksg IN (s.code, s.intervention)) AND ({none} OR ({listed} AND {rest} > 0))"
        )
    else:
        db.execute(
            "INSERT INTO form_svc SELECT f.case_id, -f.case_id, f.ksg, 100, f.source_sum,"
            f" f.source_sum FROM form_case f WHERE f.ksg <> '' AND {none}"
        )


def _spread_remainder() -> None:
    """Without a book: what a source says of the case but not of its services (0.00) is not lost.

    The first service of a case, or of a part of it (SL), that has no sums at all takes what is missing
    to the sum of the case. Sums that merely differ stay as they are and are told.
    """
    db.execute(
        "INSERT INTO form_short SELECT f.case_id, min(v.service_id), f.source_sum, sum(v.total)"
        " FROM form_case f CROSS JOIN form_svc v ON v.case_id=f.case_id WHERE f.source_sum > 0"
        " GROUP BY f.case_id HAVING sum(v.total) < f.source_sum"
    )
    blank = (
        "SELECT min(s.id) AS id FROM service s WHERE s.case_id=form_short.case_id GROUP BY s.part"
        " HAVING sum(s.source_sum)=0"
    )
    db.execute(f"UPDATE form_short SET first=(SELECT min(id) FROM ({blank})) WHERE known > 0")
    db.execute(
        "UPDATE form_svc SET tariff=(d.whole - d.known) * 100 / max(quantity, 1), total=d.whole - d.known"
        " FROM form_short d WHERE form_svc.case_id=d.case_id AND form_svc.service_id=d.first"
    )


def add_up(rules: Rules) -> None:
    """Services and money per case, and the services that have no price."""
    db.execute(
        "INSERT INTO form_sum SELECT case_id, count(*), count(total), coalesce(sum(total), 0)"
        " FROM form_svc GROUP BY case_id"
    )
    known = (
        "SELECT t.price FROM tariff t WHERE t.code=v.code{} ORDER BY t.level=? DESC,"
        " t.begin_date DESC LIMIT 1"
    )
    before = known.format(" AND t.child IN ('', f.child) AND t.begin_date <= f.day")
    db.execute(
        "INSERT INTO form_gap SELECT g.case_id, g.service_id, CASE WHEN g.last IS NULL"
        " THEN '90.012' ELSE '90.011' END, g.words, coalesce((g.last * g.quantity + 50) / 100, 0)"
        f" FROM (SELECT v.case_id, v.service_id, v.quantity, coalesce(({before}),"
        f" ({known.format('')})) AS last, coalesce(nullif(trim(v.code || ' - ' ||"
        " coalesce(nullif(s.name, ''), (SELECT k.name FROM service_book k WHERE k.code=v.code), ''),"
        " ' -'), ''), 'Услуга без кода и наименования') AS words"
        " FROM form_svc v JOIN form_case f ON f.case_id=v.case_id"
        " LEFT JOIN service s ON s.id=v.service_id WHERE v.total IS NULL) g",
        (rules.level, rules.level),
    )
    db.execute("CREATE INDEX form_gap_case ON form_gap(case_id)")
