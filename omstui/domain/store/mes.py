"""«Анализ МЭСов» in the database: run the checks over formed registries, keep and read the findings."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from omstui.domain.bookspecs import LOCAL, title_of
from omstui.domain.mes import CHECKS, LONG_STAY, Kslp, Patient
from omstui.domain.mes_price import KslpBook, Part, kslp_findings, long_finding, price_finding
from omstui.domain.money import kopecks
from omstui.domain.store import db
from omstui.domain.store.mes_checks import SETS
from omstui.domain.store.mes_sql import SetCheck
from omstui.domain.store.mes_view import TABLES, covers, prepare
from omstui.domain.store.packages import FORMED_SQL

_BATCH = 2000
_FOUND = "(account, service_id, code, severity, mes, expected, actual, difference, message)"


@dataclass(slots=True)
class State:
    """What became of a check: ``missing`` = its parts that were not run (which, why)."""

    code: str
    parts: int = 0
    missing: list[tuple[str, str]] = field(default_factory=list)

    @property
    def is_skipped(self) -> bool:
        return len(self.missing) == self.parts

    @property
    def text(self) -> str:
        """«не выполнялась: нет справочника «МЭС и КСГ»», or what of it was not run; «» = all of it was."""
        if not self.missing:
            return ""
        return f"не выполнялась: {self.reason}" if self.is_skipped else f"выполнена не вся: {self.reason}"

    @property
    def reason(self) -> str:
        """Which book is not there; beside it what is not checked, when the rest is."""
        if self.is_skipped:
            return "; ".join(dict.fromkeys(why for _, why in self.missing))
        by_reason: dict[str, list[str]] = {}
        for what, why in self.missing:
            by_reason.setdefault(why, []).append(what)
        return "; ".join(
            f"{', '.join(filter(None, what))} — {why}" if any(what) else why
            for why, what in by_reason.items()
        )


@contextmanager
def tables() -> Iterator[None]:
    """The temporary tables of one analysis."""
    with db.temp_tables(TABLES):
        yield


def has_rows(book: str) -> bool:
    """Whether a book (its code in bookspecs) has any rows; «a|b» = one of them has."""
    return any(
        bool(
            db.scalar(f"SELECT EXISTS (SELECT 1 FROM {LOCAL[code].table})")
            if code in LOCAL
            else db.scalar("SELECT EXISTS (SELECT 1 FROM nsi WHERE book = ?)", (code,))
        )
        for code in book.split("|")
    )


def _no_book(book: str) -> str:
    return "нет справочника " + " или ".join(f"«{title_of(code)}»" for code in book.split("|"))


def find(registries: Sequence[int], level: str, step: Callable[[str], None]) -> list[State]:
    """Fill ``mes_found``; ``step`` is a checkpoint with the name of what comes next."""
    for name in TABLES:
        db.execute(f"DELETE FROM temp.{name}")
    db.execute("DROP INDEX IF EXISTS temp.mes_o_person")
    prepare(registries, level, step)
    states, ready = _ready()
    for check in ready:
        step(f"{check.code} {CHECKS[check.code].title}")
        db.execute(
            f"INSERT INTO mes_found{_FOUND} SELECT f.a, f.s, ?, ?, f.m, f.e, f.v, f.d, f.t FROM (SELECT"
            " NULL AS a, NULL AS s, NULL AS m, NULL AS e, NULL AS v, NULL AS d, NULL AS t WHERE 0 UNION ALL"
            f" {check.select}) f",
            (check.code, CHECKS[check.code].severity),
        )
    _prices(states, step)
    return list(states.values())


def states() -> list[State]:
    """What the checks would come to with the books as they are now."""
    found, _ = _ready()
    for code in ("M06", "M08"):
        found[code].parts += 1
    return list(found.values())


def _ready() -> tuple[dict[str, State], list[SetCheck]]:
    """The parts that have their books; the others are noted in the states."""
    found = {code: State(code) for code in CHECKS}
    ready = []
    known = {book: has_rows(book) for check in SETS for book in (*check.books, check.without) if book}
    for check in SETS:
        if check.without and known[check.without]:
            continue  # nothing is left unchecked: another part says it by the book
        state = found[check.code]
        state.parts += 1
        lacking = [book for book in check.books if not known[book]]
        if lacking:
            state.missing.append((check.what, _no_book(lacking[0])))
        else:
            ready.append(check)
    return found, ready


# --- prices and КСЛП -------------------------------------------------------------------------

_ACTUAL = (
    "coalesce((SELECT nullif(sum(s.billed), 0) FROM mes_s s WHERE s.account = p.account AND s.part = p.part"
    " AND p.ksg IN (s.code, s.intervention)), (SELECT sum(s.billed) FROM mes_s s WHERE s.account = p.account"
    " AND s.made AND p.ksg IN (s.code, s.intervention)), (SELECT sum(s.billed) FROM mes_s s"
    " WHERE s.account = p.account AND s.part = p.part), c.billed)"
)
_KSG = (
    "SELECT p.account, p.ksg, p.days, p.last, p.kg, c.usl_ok, c.result, c.age, c.bed_profile, c.ds_main,"
    f" c.ds2, c.day, {_ACTUAL}, b.coef_z, b.coef_up, b.short_share, b.is_short, b.norm_days,"
    " (SELECT n.a2 FROM nsi n WHERE n.book = 'V023' AND n.code = p.ksg AND n.a1 = c.usl_ok AND"
    f" {covers('n', 'c.day')} ORDER BY n.begin_date DESC LIMIT 1), r.base, r.coef_d, r.coef_u"
    " FROM mes_p p CROSS JOIN mes_c c ON c.account = p.account LEFT JOIN mes b ON b.id = p.book"
    " LEFT JOIN rate r ON r.id = (SELECT q.id FROM rate q WHERE q.usl_ok IN ('', c.usl_ok) AND"
    f" {covers('q', 'c.day')} ORDER BY q.usl_ok DESC, q.begin_date DESC LIMIT 1)"
    " WHERE p.ksg <> '' AND c.usl_ok IN ('1', '2')"
)


class _Kslp:
    """The book of КСЛП by days; without marks «входит в предел» only the very long stay is outside."""

    def __init__(self) -> None:
        self._rows = db.execute("SELECT code, value, limited, begin_date, end_date FROM kslp").fetchall()
        self._marked = any(row[2] for row in self._rows)
        self._days: dict[str, KslpBook] = {}
        #: a book without a coefficient for a very long stay: the region does not pay for it
        self.pays_long = not self._rows or any(not self.is_limited(row[0], row[2]) for row in self._rows)

    def is_limited(self, code: str, mark: int | None) -> bool:
        return bool(mark) if self._marked and mark is not None else code != LONG_STAY

    def on(self, day: str) -> KslpBook:
        """code → (value, limited) of the rows in force."""
        if day not in self._days:
            self._days[day] = {
                code: (_decimal(value), self.is_limited(code, mark))
                for code, value, mark, begin, end in sorted(self._rows, key=lambda row: row[3])
                if begin <= day and (not end or end >= day)
            }
        return self._days[day]


def _decimal(ten_thousandths: int) -> str:
    whole, part = divmod(int(ten_thousandths), 10_000)
    return f"{whole}.{part:04d}".rstrip("0").rstrip(".")


def _prices(states: dict[str, State], step: Callable[[str], None]) -> None:
    """M06, M08 and the very long stays of M09."""
    step(f"M06 {CHECKS['M06'].title}")
    book = _Kslp()
    unknown: set[int] = set()
    rows: list[tuple[Any, ...]] = []
    seen = 0
    for seen, row in enumerate(db.execute(_KSG).fetchall(), 1):
        if seen % _BATCH == 0:
            step("M06")
        account, day = row[0], row[11]
        try:
            part = _part(row, book)
            found = kslp_findings(part, book.on(day))
            if book.pays_long:
                found += filter(None, [long_finding(part)])
        except ValueError:  # a coefficient that is no number
            unknown.add(account)
            continue
        try:
            found += filter(None, [price_finding(part)])
        except (LookupError, ValueError):
            unknown.add(account)
        rows += [
            (account, None, f.code, f.severity, part.ksg, f.expected, f.actual, f.difference, f.message)
            for f in found
        ]
    db.executemany(f"INSERT INTO mes_found{_FOUND} VALUES(?,?,?,?,?,?,?,?,?)", rows)
    for code in ("M06", "M08", *(("M09",) if book.pays_long else ())):
        states[code].parts += 1
    if unknown:
        states["M06"].parts += len(unknown) < seen
        states["M06"].missing.append(("", f"не хватает коэффициентов КСГ у счетов: {len(unknown)}"))


def _part(row: Sequence[Any], kslp: _Kslp) -> Part:
    kg = json.loads(row[4])
    book = kslp.on(row[11])

    def own(name: str) -> str:
        value = kg.get(name, "")
        return value if isinstance(value, str) else ""

    given = kg.get("SL_KOEF") or []
    given = given if isinstance(given, list) else [given]
    return Part(
        ksg=row[1],
        days=row[2],
        result=row[6] if row[3] else "",
        actual=row[12],
        who=Patient(row[7], row[8], (row[9], *json.loads(row[10] or "[]"))),
        base=kopecks(own("BZTSZ")) if own("BZTSZ") else None,
        koef_z=own("KOEF_Z"),
        koef_up=own("KOEF_UP"),
        koef_d=own("KOEF_D"),
        koef_u=own("KOEF_U"),
        it_sl=own("IT_SL"),
        share=own("KOEF_PR"),
        kslp=[
            Kslp(code, str(one.get("Z_SL", "")), kslp.is_limited(code, _mark(book, code)))
            for one in given
            if isinstance(one, dict) and (code := str(one.get("IDSL", "")))
        ],
        book_base=row[19],
        book_z=row[13] if row[13] is not None else row[18] or None,
        book_up=row[14],
        book_d=row[20],
        book_u=row[21],
        book_share=row[15],
        is_short=None if row[16] is None else bool(row[16]),
        norm=row[17],
        inpatient=row[5] == "1",
    )


def _mark(book: KslpBook, code: str) -> int | None:
    return int(book[code][1]) if code in book else None


# --- keeping and reading ---------------------------------------------------------------------


def save(registries: Sequence[int], *, at: str, run: int | None) -> None:
    """Put what was found in place of the earlier result. Inside ``db.write()``."""
    chosen = "(SELECT value FROM json_each(?))"
    numbers = db.dump(list(registries))
    db.execute(f"DELETE FROM mes_finding WHERE registry_id IN {chosen}", (numbers,))
    db.execute(
        "INSERT INTO mes_finding(registry_id, case_id, service_id, code, severity, mes, expected, actual,"
        " difference, message) SELECT c.reg, c.id, f.service_id, f.code, f.severity, coalesce(f.mes, ''),"
        " coalesce(f.expected, ''), coalesce(f.actual, ''), coalesce(f.difference, 0), f.message"
        " FROM mes_found f JOIN mes_c c ON c.account = f.account ORDER BY f.code, f.account, f.n"
    )
    db.execute(f"UPDATE registry SET mes_at=?, mes_run_id=? WHERE id IN {chosen}", (at, run, numbers))


@dataclass(frozen=True, slots=True)
class Total:
    """Accounts and kopecks."""

    accounts: int
    total: int


@dataclass(frozen=True, slots=True)
class CodeTotal:
    """A check with findings: how many lines and accounts, sum of the accounts, sum of the differences."""

    code: str
    severity: str
    findings: int
    accounts: int
    total: int
    difference: int


@dataclass(frozen=True, slots=True)
class Totals:
    """The final lines: all accounts, those with errors, those with anything; then by code."""

    all: Total
    errors: Total
    marked: Total
    codes: tuple[CodeTotal, ...]


#: registries whose result is shown: analysed and not restored
_SHOWN = "r.deleted_at IS NULL AND r.status <> 'Восстановлен' AND r.mes_at IS NOT NULL"


def totals(*, period: str = "", registries: Sequence[int] = ()) -> Totals:
    """Figures of the analysed registries of a month, or of these registries."""
    if registries:
        which, params = "r.id IN (SELECT value FROM json_each(?))", [db.dump(list(registries))]
    else:
        which, params = f"{_SHOWN} AND r.period = ?", [period]
    # + keeps SQLite on the index of cases: the one of registries would be walked for every account
    join = "JOIN account a ON a.case_id = f.case_id AND +a.registry_id = f.registry_id"
    every = db.execute(
        "SELECT count(*), coalesce(sum(a.total), 0) FROM registry r JOIN account a ON a.registry_id = r.id"
        f" WHERE {which}",
        params,
    ).fetchone()
    marked = db.execute(
        "SELECT sum(d.e), sum(CASE WHEN d.e THEN a.total ELSE 0 END), count(*), sum(a.total) FROM"
        " (SELECT f.registry_id, f.case_id, max(f.severity = 'error') AS e FROM registry r CROSS JOIN"
        f" mes_finding f ON f.registry_id = r.id WHERE {which} GROUP BY f.registry_id, f.case_id) d"
        f" CROSS {join.replace('f.', 'd.')}",
        params,
    ).fetchone()
    codes = db.execute(
        "SELECT d.code, CASE WHEN max(d.e) THEN 'error' ELSE 'warning' END, sum(d.n), count(*), sum(a.total),"
        " sum(d.difference) FROM (SELECT f.registry_id, f.case_id, f.code, max(f.severity = 'error') AS e,"
        " count(*) AS n, sum(f.difference) AS difference FROM registry r CROSS JOIN mes_finding f"
        f" ON f.registry_id = r.id WHERE {which} GROUP BY f.registry_id, f.case_id, f.code) d"
        f" CROSS {join.replace('f.', 'd.')} GROUP BY d.code ORDER BY d.code",
        params,
    )
    with_errors, errors, with_any, anything = (value or 0 for value in marked)
    return Totals(
        Total(*every),
        Total(with_errors, errors),
        Total(with_any, anything),
        tuple(CodeTotal(*row) for row in codes),
    )


@dataclass(frozen=True, slots=True)
class Standing:
    """Registries of a month that wait to be sent: how many, how many of them not analysed; the last run."""

    formed: int
    waiting: int
    last: str


def standing(period: str) -> Standing:
    """How far the analysis of a month is."""
    row = db.execute(
        f"SELECT sum(status IN {FORMED_SQL}), sum(status IN {FORMED_SQL} AND mes_at IS NULL), max(mes_at)"
        " FROM registry WHERE period = ? AND deleted_at IS NULL AND status <> 'Восстановлен'",
        (period,),
    ).fetchone()
    return Standing(row[0] or 0, row[1] or 0, row[2] or "")


def accounts_total(findings: Sequence[int]) -> tuple[int, int]:
    """How many of these findings there are and the kopecks of their accounts, each account once."""
    row = db.execute(
        "SELECT (SELECT count(*) FROM mes_finding WHERE id IN (SELECT value FROM json_each(?1))),"
        " coalesce(sum(a.total), 0) FROM account a WHERE a.id IN (SELECT h.id FROM mes_finding f"
        " CROSS JOIN account h ON h.case_id = f.case_id AND +h.registry_id = f.registry_id"
        " WHERE f.id IN (SELECT value FROM json_each(?1)))",
        (db.dump(list(findings)),),
    ).fetchone()
    return int(row[0]), int(row[1])


def not_run(registries: Sequence[int]) -> list[int]:
    """Of these registries the ones not analysed since they were formed."""
    rows = db.execute(
        "SELECT id FROM registry WHERE id IN (SELECT value FROM json_each(?)) AND (mes_at IS NULL"
        " OR mes_at < formed_at) ORDER BY id",
        (db.dump(list(registries)),),
    )
    return [row[0] for row in rows]
