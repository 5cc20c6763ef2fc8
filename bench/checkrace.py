"""The expertise (экспертиза) of a formed month and what it is measured by. Each step runs in a child."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.child import Clock, Numbers
from bench.steps import PERIOD, run

_CASES_CHECKED = 20
#: conditions of a bare scan; as a value, not inside iif(), SQLite would not stop at the first false of an AND
_PER_SCAN = 15

#: the twenty of the performance notes, ten over a row and ten over sets, on our tables
_PERSON = "cases ca JOIN patient p ON p.id = ca.patient_id LEFT JOIN policy po ON po.id = ca.policy_id"
_TWENTY = (
    *(
        f"SELECT ca.id FROM {_PERSON} WHERE {condition}"
        for condition in (
            "p.surname = ''",
            "p.patronymic = ''",
            "p.birth_date > ca.date_in",
            "po.number = ''",
            "length(po.enp) <> 16",
            "ca.ds_main = ''",
            "ca.date_out < ca.date_in",
            "p.sex NOT IN ('1', '2')",
            "po.smo NOT IN (SELECT code FROM nsi WHERE book = 'F002')",
            "ca.ds_main NOT IN (SELECT code FROM nsi WHERE book = 'M001')",
        )
    ),
    "SELECT id FROM (SELECT id, count(*) OVER (PARTITION BY patient_id, date_in, date_out, profile) k"
    " FROM cases) WHERE k > 1",
    "SELECT a.id FROM cases a WHERE EXISTS (SELECT 1 FROM cases b WHERE b.patient_id = a.patient_id"
    " AND b.date_in = a.date_in AND b.date_out = a.date_out AND b.usl_ok = a.usl_ok"
    " AND b.profile = a.profile AND b.id <> a.id)",
    "SELECT a.id FROM cases a WHERE a.usl_ok = '3' AND EXISTS (SELECT 1 FROM cases b"
    " WHERE b.patient_id = a.patient_id AND b.usl_ok = '1' AND b.date_in < a.date_in"
    " AND b.date_out > a.date_in)",
    "SELECT a.id FROM cases a WHERE a.usl_ok = '1' AND EXISTS (SELECT 1 FROM cases b"
    " WHERE b.patient_id = a.patient_id AND b.usl_ok = '1' AND b.id <> a.id AND b.date_in < a.date_out"
    " AND b.date_out > a.date_in)",
    "SELECT DISTINCT case_id FROM service sv WHERE NOT EXISTS (SELECT 1 FROM tariff t WHERE t.code = sv.code"
    " AND t.level = '' AND sv.date_in >= t.begin_date AND (t.end_date = '' OR sv.date_in <= t.end_date))",
    "SELECT DISTINCT ca.id FROM cases ca JOIN service sv ON sv.case_id = ca.id"
    " WHERE sv.date_in < ca.date_in OR sv.date_out > ca.date_out",
    "SELECT id FROM cases WHERE NOT EXISTS (SELECT 1 FROM service sv WHERE sv.case_id = cases.id)",
    "SELECT a.id FROM account a JOIN (SELECT account_id, sum(total) AS s FROM account_service"
    " GROUP BY account_id) x ON x.account_id = a.id WHERE a.total <> x.s",
    "SELECT case_id FROM service GROUP BY case_id, code, date_in HAVING count(*) > 1",
    "SELECT patient_id FROM policy WHERE enp IN (SELECT q.enp FROM policy q JOIN patient p"
    " ON p.id = q.patient_id WHERE q.enp <> '' GROUP BY q.enp HAVING count(DISTINCT p.fio_key) > 1)",
)


def switch_on(base: str) -> Numbers:
    """Switch all criteria of the program on."""
    from omstui.domain.criteria.catalog import all_criteria
    from omstui.domain.store import config, db

    db.bind(Path(base))
    with db.connection(), db.write():
        settings = config.load_settings()
        mine = dataclasses.replace(settings.criteria, on=tuple(all_criteria()), off=())
        config.save_settings(
            dataclasses.replace(settings, criteria=mine), who="bench", at="2021-05-05 10:00:00"
        )
    return {"criteria": len(all_criteria())}


def check(base: str) -> Numbers:
    """The operation as the operator runs it: views, criteria, findings written."""
    from omstui.domain.store import db

    clock, made = run(base, "check", period=PERIOD)
    with db.connection():
        states = dict(db.execute("SELECT state, count(DISTINCT code) FROM check_result GROUP BY state"))
        found = db.scalar("SELECT count(*) FROM finding")
        cases = db.scalar("SELECT count(*) FROM account")
    return clock.numbers(states=states, found=found, cases=cases, marked=made["cases_with_findings"])


def twenty(base: str) -> Numbers:
    """Processor time of the twenty, each writing what it finds, rolled back."""
    from omstui.domain.store import db

    db.bind(Path(base))
    clock = Clock()
    with db.connection():
        db.execute("CREATE TEMP TABLE err(id INTEGER, code INTEGER)")
        db.execute("SELECT count(*) FROM service")
        for code, statement in enumerate(_TWENTY):
            with clock.running():
                db.execute(f"INSERT INTO temp.err SELECT *, {code} FROM ({statement})")
    return clock.numbers()


def parts(base: str) -> Numbers:
    """Views, row criteria beside the same conditions bare, the set criteria one by one."""
    from omstui.domain.store import expertise

    with _month(base) as (chosen, values, preparing):
        rows = [c for c in chosen if not c.is_set]
        bare, ours = Clock(), Clock()
        for _ in range(2):  # in turn: what is best of each is what the neighbours disturbed least
            bare.best(lambda: _bare(rows, values))
            ours.best(lambda: expertise.Checking(values).all(rows))
        sets = {c.code: _alone(c, values) for c in chosen if c.is_set}
    slowest = max(sets, key=lambda code: sets[code])
    return {
        "views": preparing.cpu,
        "bare": bare.cpu,
        "rows": ours.cpu,
        "sets": sum(sets.values()),
        "slowest": slowest,
        "slowest_seconds": sets[slowest],
    }


def _alone(criterion: Any, values: Mapping[str, Any]) -> float:
    from omstui.domain.store import expertise

    return Clock().best(lambda: expertise.Checking(values).all([criterion]))


@contextmanager
def _month(base: str) -> Iterator[tuple[Sequence[Any], Mapping[str, Any], Clock]]:
    """The views over the formed registries, the criteria, their values and the time the views took."""
    from omstui.domain import expertise as rules
    from omstui.domain.store import config, db, expertise_view, findings

    db.bind(Path(base))
    preparing = Clock()
    with db.connection():
        settings = config.load_settings()
        chosen = rules.choice(settings)
        values = rules.values(settings, chosen, "2021-05-05") | {"has_services": 1}
        views = expertise_view.prepared(registries=findings.formed(PERIOD), params=values)
        with preparing.running():
            views.__enter__()
        try:
            yield chosen.criteria, values, preparing
        finally:
            views.__exit__(None, None, None)


def _bare(rows: Sequence[Any], values: Mapping[str, Any]) -> None:
    from omstui.domain.store import db
    from omstui.domain.store.expertise import row_condition

    for level, source in (("case", "c"), ("service", "s JOIN c ON c.id = s.case_id")):
        conditions = [row_condition(c) for c in rows if c.level == level]
        for start in range(0, len(conditions), _PER_SCAN):
            some = conditions[start : start + _PER_SCAN]
            columns = ", ".join(f"iif({text}, 1, 0) AS x{n}" for n, text in enumerate(some))
            sums = ", ".join(f"sum(x{n})" for n in range(len(some)))
            # LIMIT keeps SQLite from flattening it: each condition is evaluated once a row
            statement = f"SELECT {sums} FROM (SELECT {columns} FROM {source} LIMIT -1)"
            db.raw().execute(statement, values).fetchall()


def one(base: str) -> Numbers:
    """The silent check after the save of a case: the middle of several, the first not counted.

    Those on a policy without ЕНП are looked up another way: the slower kind counts.
    """
    from omstui.domain.store import db

    db.bind(Path(base))
    with db.connection():
        total = db.scalar("SELECT count(*) FROM account")
        step = max(1, total // _CASES_CHECKED)
        some = [row[0] for row in db.execute("SELECT case_id FROM account WHERE id % ? = 0", (step,))]
        bare = [row[0] for row in db.execute(_WITHOUT_ENP, (_CASES_CHECKED,))]
    return {"milliseconds": max(_middle(cases) for cases in (some, bare) if cases)}


_WITHOUT_ENP = (
    "SELECT a.case_id FROM account a JOIN cases ca ON ca.id = a.case_id"
    " JOIN policy po ON po.id = ca.policy_id"
    " WHERE po.enp = '' AND po.number <> '' LIMIT ?"
)


def _middle(cases: Sequence[int]) -> float:
    from omstui.domain import expertise
    from omstui.domain.store import db

    spent = []
    for case in [cases[0], *cases]:
        begin = time.process_time()
        with db.connection():
            expertise.check_saved([case])
        spent.append(time.process_time() - begin)
    return sorted(spent[1:])[len(cases) // 2] * 1000
