"""Expertise in the database (экспертиза): conditions evaluated, findings written and counted.

Row criteria go many to one scan: each sets a bit of a mask. Set criteria go one by one. Nothing but
temporary tables is written until ``save``; a criterion whose own text fails is «критерий не выполнен» and the
rest go on.
"""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from omstui.domain.bookspecs import LOCAL, title_of
from omstui.domain.criteria.catalog import all_criteria
from omstui.domain.criteria.model import Criterion
from omstui.domain.store import db, expertise_view

#: bits of one mask: SQLite has 63, and a shorter statement is prepared sooner
_PER_SCAN = 15


@dataclass(slots=True)
class Outcome:
    """What became of a criterion: ``state`` is done, skipped (no book) or failed."""

    code: str
    state: str = "done"
    reason: str = ""
    seconds: float = 0.0


@dataclass(slots=True)
class Checking:
    """A check under way over prepared views. ``tick`` is called between statements: progress, abort."""

    params: Mapping[str, Any]
    tick: Callable[[int], None] = lambda done: None
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    done: int = 0

    def all(self, criteria: Sequence[Criterion]) -> None:
        """Evaluate the criteria inside ``expertise_view.prepared``."""
        db.drop_temp(("hit", "found"))
        db.execute("CREATE TEMP TABLE hit(case_id INTEGER, service_id INTEGER, mask INTEGER)")
        db.execute("CREATE TEMP TABLE found(case_id INTEGER, service_id INTEGER, code TEXT, message TEXT)")
        empty = empty_books({book for c in criteria for wanted in c.books for book in wanted.split("|")})
        ready: list[Criterion] = []
        types = {row[0] for row in db.execute("SELECT DISTINCT type FROM c")}
        for criterion in criteria:
            if not criterion.condition and not criterion.select:
                continue
            missing = [books for books in criterion.books if set(books.split("|")) <= empty]
            if missing:
                self.outcomes[criterion.code] = Outcome(criterion.code, "skipped", _without(missing))
                self._passed(1)
            elif not criterion.own and types.isdisjoint(criterion.applies):
                self.outcomes[criterion.code] = Outcome(criterion.code)  # preparing it is dear, too
                self._passed(1)
            else:
                ready.append(criterion)
        rows = [c for c in ready if not c.is_set and not c.own]
        for level in ("case", "service"):
            same = [c for c in rows if c.level == level]
            for start in range(0, len(same), _PER_SCAN):
                self._scan(level, same[start : start + _PER_SCAN])
        for criterion in (c for c in ready if c.is_set):
            self._timed([criterion], partial(self._select, criterion))
        for criterion in (c for c in ready if c.own):
            self._own(criterion)
        self.outcomes = {c.code: self.outcomes[c.code] for c in criteria if c.code in self.outcomes}

    # --- row criteria -------------------------------------------------------------------------

    def _scan(self, level: str, criteria: Sequence[Criterion]) -> None:
        """One scan for many; if it fails, one by one, so that only the guilty one is lost."""
        try:
            self._timed(criteria, partial(self._mask, level, criteria), count=False, catch=False)
        except sqlite3.Error:
            for criterion in criteria:
                self._timed([criterion], partial(self._mask, level, [criterion]))
            return
        self._passed(len(criteria))

    def _mask(self, level: str, criteria: Sequence[Criterion]) -> None:
        bits = " | ".join(f"iif({row_condition(c)}, {1 << n}, 0)" for n, c in enumerate(criteria))
        keys = "c.id AS case_id, NULL AS service_id" if level == "case" else "s.case_id, s.id AS service_id"
        # LIMIT keeps SQLite from flattening the subquery, which would evaluate the mask once more for WHERE
        db.execute("DELETE FROM temp.hit")
        db.raw().execute(
            f"INSERT INTO temp.hit SELECT case_id, service_id, mask FROM"
            f" (SELECT {keys}, {bits} AS mask FROM {_FROM[level]} LIMIT -1) WHERE mask",
            self.params,
        )
        fired = 0
        for (mask,) in db.execute("SELECT DISTINCT mask FROM temp.hit"):
            fired |= mask
        join = "CROSS JOIN c ON c.id = h.case_id"
        if level == "service":
            join += " CROSS JOIN s ON s.id = h.service_id"
        for n, criterion in enumerate(criteria):
            if fired >> n & 1:
                detail, each = f"coalesce({criterion.detail}, '')", ""
                if criterion.several:
                    detail, each = "d.value", f" CROSS JOIN json_each({criterion.detail}) d"
                db.raw().execute(
                    f"INSERT INTO temp.found SELECT h.case_id, h.service_id, '{criterion.code}', {detail}"
                    f" FROM temp.hit h {join}{each} WHERE h.mask & {1 << n}",
                    self.params,
                )

    def _own(self, criterion: Criterion) -> None:
        """A criterion of the settings: its text is tried with the views read-only before it is used."""
        with _leashed(sum(db.scalar(f"SELECT count(*) FROM {view}") for view in ("c", "s"))):
            problem = _problem(criterion, self.params)
            if problem:
                self.outcomes[criterion.code] = Outcome(criterion.code, "failed", f"условие: {problem}")
                self._passed(1)
            else:
                self._timed([criterion], partial(self._mask, criterion.level, [criterion]))

    # --- set criteria -------------------------------------------------------------------------

    def _select(self, criterion: Criterion) -> None:
        types = ", ".join(f"'{t}'" for t in criterion.applies)
        db.raw().execute(
            f"WITH f(case_id, service_id, message) AS ({criterion.select}) INSERT INTO temp.found"
            f" SELECT f.case_id, f.service_id, '{criterion.code}', coalesce(min(f.message), '') FROM f"
            f" JOIN c ON c.id = f.case_id WHERE c.type IN ({types}) GROUP BY f.case_id, f.service_id",
            self.params,
        )

    def _timed(
        self,
        criteria: Sequence[Criterion],
        work: Callable[[], None],
        *,
        count: bool = True,
        catch: bool = True,
    ) -> None:
        start = time.perf_counter()
        state, reason = "done", ""
        try:
            work()
        except sqlite3.Error as error:
            if not catch:
                raise
            said = _in_russian(str(error)) if criteria[0].own else str(error)
            state, reason = "failed", f"критерий не выполнен: {said}"
        spent = (time.perf_counter() - start) / len(criteria)
        for criterion in criteria:
            self.outcomes[criterion.code] = Outcome(criterion.code, state, reason, spent)
        if count:
            self._passed(len(criteria))

    def _passed(self, count: int) -> None:
        self.done += count
        self.tick(self.done)


def _without(missing: Sequence[str]) -> str:
    """«нет справочника «Тарифы»», as «Анализ МЭСов» says it."""
    said = (" или ".join(f"«{title_of(code)}»" for code in books.split("|")) for books in missing)
    return "нет справочника " + ", ".join(said)


_FROM = {"case": "c", "service": "s JOIN c ON c.id = s.case_id"}


def row_condition(criterion: Criterion) -> str:
    """The condition of a row criterion with the types of cards it applies to."""
    if len(criterion.applies) == 3:
        return f"({criterion.condition})"
    types = ", ".join(f"'{t}'" for t in criterion.applies)
    return f"c.type IN ({types}) AND ({criterion.condition})"


def empty_books(codes: Iterable[str]) -> set[str]:
    """Of these books those without a single row."""
    empty = set()
    for code in codes:
        if code in LOCAL:
            filled = db.scalar(f"SELECT EXISTS (SELECT 1 FROM {LOCAL[code].table})")
        else:
            filled = db.scalar("SELECT EXISTS (SELECT 1 FROM nsi WHERE book = ?)", (code,))
        if not filled:
            empty.add(code)
    return empty


def check(
    criteria: Sequence[Criterion],
    params: Mapping[str, Any],
    *,
    registries: Sequence[int] = (),
    cases: Sequence[int] = (),
    registry: int | None = None,
    tick: Callable[[int], None] = lambda done: None,
    save: Callable[[Checking], None],
) -> None:
    """Prepare the views, evaluate, and call ``save`` while ``temp.found`` holds the findings."""
    values = dict(params) | {"has_services": int(not empty_books(["services"]))}
    if cases:
        criteria = [c for c in criteria if not c.whole]
    with expertise_view.prepared(registries=registries, cases=cases, registry=registry, params=values):
        try:
            checking = Checking(values, tick)
            checking.all(criteria)
            save(checking)
        finally:
            db.drop_temp(("hit", "found"))


def save_registries(checking: Checking, registries: Sequence[int], *, run: int, at: str) -> None:
    """Put the findings in place of the earlier ones of these registries. Inside ``db.write()``."""
    places = ",".join("?" * len(registries))
    db.execute(f"DELETE FROM finding WHERE registry_id IN ({places})", registries)
    db.execute(f"DELETE FROM check_result WHERE registry_id IN ({places})", registries)
    _insert(run, at)
    db.executemany(
        "INSERT INTO check_result(registry_id, code, state, reason, milliseconds, at) VALUES(?,?,?,?,?,?)",
        (
            (number, o.code, o.state, o.reason, round(o.seconds * 1000), at)
            for number in registries
            for o in checking.outcomes.values()
        ),
    )
    db.execute(
        f"UPDATE registry SET checked_at = ?, check_run_id = ? WHERE id IN ({places})",
        (at, run or None, *registries),
    )


def save_cases(cases: Sequence[int], registry: int | None, *, at: str) -> None:
    """Put the findings in place of the earlier ones of these cases. Inside ``db.write()``."""
    db.execute(
        f"DELETE FROM finding WHERE case_id IN ({','.join('?' * len(cases))})"
        " AND (registry_id IS NULL OR registry_id IS ?)"
        f" AND code NOT IN ({', '.join(repr(c.code) for c in all_criteria().values() if c.whole)})",
        (*cases, registry),
    )
    _insert(0, at)


def _insert(run: int, at: str) -> None:
    db.execute(
        "INSERT OR IGNORE INTO finding(registry_id, case_id, service_id, code, message, run_id, at)"
        " SELECT c.reg, f.case_id, f.service_id, f.code, f.message, ?, ? FROM temp.found f"
        " JOIN c ON c.id = f.case_id",
        (run or None, at),
    )


#: what a condition of a region's own may read, and the actions of SQLite that read
_READABLE = frozenset({"c", "s", "price", "nsi"})
_READING = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_FUNCTION}
#: functions that only make long texts, or reach out of the database
_FORBIDDEN = frozenset({"randomblob", "zeroblob", "printf", "format", "load_extension"})
#: of a condition of a region's own: longest value, steps of SQLite for the whole and for a row of the views
_LONGEST = 1 << 20
_STEPS, _ROW_STEPS, _EVERY = 100_000_000, 5_000, 1_000_000


@contextmanager
def _leashed(rows: int) -> Iterator[None]:
    """While a condition of a region's own is evaluated: neither long values nor work without end.

    Steps, not seconds, are counted: a slow machine refuses nothing a fast one lets pass.
    """
    raw = db.raw()
    left = (_STEPS + rows * _ROW_STEPS) // _EVERY

    def spent() -> bool:
        nonlocal left
        left -= 1
        return left < 0

    longest = raw.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST)
    raw.set_progress_handler(spent, _EVERY)
    try:
        yield
    finally:
        raw.set_progress_handler(None, 0)
        raw.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, longest)


def condition_problem(criterion: Criterion, params: Mapping[str, Any]) -> str:
    """Why the condition cannot be used, '' if it can: it must be one expression that only reads the views."""
    values = dict(params) | {"has_services": 0}
    with expertise_view.prepared(cases=[0], params=values):
        return _problem(criterion, values)


def _problem(criterion: Criterion, values: Mapping[str, Any]) -> str:
    if ";" in criterion.condition or "--" in criterion.condition:
        return "в нём не должно быть «;» и «--»"
    if not _balanced(criterion.condition):
        return "скобки не сходятся"

    def allow(action: int, first: str | None, second: str | None, *_: str | None) -> int:
        if action == sqlite3.SQLITE_FUNCTION and second in _FORBIDDEN:
            forbidden.append(str(second))
            return sqlite3.SQLITE_DENY
        readable = action == sqlite3.SQLITE_READ and (first in _READABLE or first in LOCAL_TABLES)
        return sqlite3.SQLITE_OK if readable or action in _READING else sqlite3.SQLITE_DENY

    forbidden: list[str] = []
    raw = db.raw()
    raw.set_authorizer(allow)
    try:
        # in WHERE SQLite refuses count() and the like, which would leave one row of all
        condition = row_condition(criterion)
        statement = f"SELECT 1 FROM {_FROM[criterion.level]} WHERE ({condition}) IS NOT 7 LIMIT 1"
        raw.execute(statement, values).fetchall()
    except sqlite3.Error as error:
        return f"функцию «{forbidden[0]}» применять нельзя" if forbidden else _in_russian(str(error))
    finally:
        raw.set_authorizer(None)
    return ""


LOCAL_TABLES = frozenset(book.table for book in LOCAL.values())
_MESSAGES = (
    ("no such column: ", "поля «{}» нет"),
    ("no such table: ", "таблицы «{}» нет"),
    ("no such function: ", "функции «{}» нет"),
    ("not authorized", "условие может читать только поля случая, услуги и справочники"),
    ("prohibited", "условие может читать только поля случая, услуги и справочники"),
    ("incomplete input", "условие не закончено"),
    ("unrecognized token", "лишний знак или незакрытая кавычка"),
    ("misuse of", "функции count, sum и другие итоговые годятся только внутри (SELECT …)"),
    ("interrupted", "условие слишком тяжёлое: сравнивает каждую строку со множеством других"),
    ("too big", "в условии получается слишком длинное значение"),
    ("too large", "условие слишком сложное"),
    ("stack overflow", "условие слишком сложное"),
    ("You did not supply a value for binding parameter ", "параметра {} нет"),
)
_NEAR = re.compile('near "(.*)"')


def _balanced(text: str) -> bool:
    """True if no bracket is closed before it is opened: the condition must not leave its own brackets."""
    depth = 0
    for sign in re.sub("'[^']*'|\"[^\"]*\"", "", text):
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if depth < 0:
            return False
    return depth == 0


def _in_russian(text: str) -> str:
    for start, words in _MESSAGES:
        if start in text:
            return words.format(text.split(start, 1)[1].strip().rstrip("."))
    near = _NEAR.search(text)
    return f"ошибка записи условия возле «{near[1]}»" if near else f"ошибка записи условия ({text})"
