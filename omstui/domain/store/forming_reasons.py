"""Forming, the reasons (причины): which candidate stays out, which leaves the composition, and why.

Works on the temporary tables of store.forming_select; every statement is one set.
"""

from __future__ import annotations

from collections.abc import Callable

from omstui.domain.criteria.sql import dmy
from omstui.domain.forming import reasons
from omstui.domain.store import db
from omstui.domain.store import forming_select as select
from omstui.domain.store.forming_select import CASE_LIVES, Rules, held


def hold(rules: Rules) -> None:
    """What other registries did with the candidates: billed, refused, returned, accepted."""
    refused = "(a.stage1=2 OR a.stage2=2)"
    returned = "EXISTS (SELECT 1 FROM resubmission b WHERE b.account_id=a.id AND b.undone_at IS NULL)"
    db.execute(
        f"INSERT INTO form_held SELECT a.case_id, max(CASE WHEN NOT {refused} THEN r.id END),"
        f" max(CASE WHEN {refused} AND {returned} THEN r.id END),"
        f" max(NOT {refused} AND (a.stage1=1 OR a.stage2=1)), max({refused} AND NOT {returned})"
        " FROM form_cand d CROSS JOIN account a ON a.case_id=d.case_id JOIN registry r"
        f" ON r.id=a.registry_id WHERE {held(rules)} GROUP BY a.case_id"
    )


def _visits() -> str:
    if db.scalar("SELECT EXISTS (SELECT 1 FROM service_book)"):
        visit = (
            "EXISTS (SELECT 1 FROM service_book k WHERE k.code IN (s.code, s.intervention) AND k.is_visit=1)"
        )
    else:  # Latin or Cyrillic letter: both are met in the nomenclature of old programs
        visit = "(s.code GLOB '[BВ]0[124]*' OR s.intervention GLOB '[BВ]0[124]*')"
    return f"(SELECT count(*) FROM service s WHERE s.case_id=f.case_id AND {visit})"


_BAD_CODE = (
    "(SELECT min(s.code) FROM service s WHERE s.case_id=f.case_id AND s.code <> ''"
    " AND s.code NOT IN (SELECT code FROM visit_type_service))"
)


def conditions(rules: Rules) -> dict[str, str]:
    """Reason → condition over form_case f, form_sum u, form_held h; evaluated in reasons.ORDER."""
    visits = _visits()
    unfinished = "f.type='ТАП' AND f.open AND NOT f.exam"
    treatment = f"{unfinished} AND f.purpose IN ('3.0', '3.1')"
    closed_mksb = f"f.type='МКСБ' AND NOT f.open AND {int(rules.mksb_checks)}"
    preventive = "f.type='ТАП' AND NOT f.exam AND f.purpose IN ('2.1','2.3','2.5','2.6','3.1')"
    return {
        "90.001": "NOT f.pay_ok",
        "90.002": (
            "(h.holder IS NOT NULL AND NOT (f.resub IS NOT NULL AND h.accepted)) OR (h.holder IS NULL"
            " AND f.resub IS NULL AND h.refused=0 AND h.returned IS NOT NULL)"
        ),
        "90.024": "f.resub IS NOT NULL AND h.accepted",
        "90.023": "f.resub IS NULL AND h.refused",
        "90.022": "f.origin='ahead'",
        "91.008": "f.sequestered <> ''",
        "90.003": "f.type='ТАП' AND f.no_ds",
        "90.018": f"{closed_mksb} AND f.no_ds",
        "90.004": "f.type='ТАП' AND f.no_doctor",
        "90.019": f"{closed_mksb} AND f.no_doctor",
        "90.005": "f.exam AND f.open",
        "90.007": f"{treatment} AND f.date_out IS NULL AND {visits} > 1",
        "90.008": f"{treatment} AND {visits} > 1",
        "90.006": f"{treatment} AND {visits} = 1",
        "90.013": f"f.type='ТАП' AND u.services IS NULL AND (NOT f.open OR ({treatment}))",
        "90.009": "f.type='ТАП' AND f.open",
        "90.016": "f.type='МКСБ' AND f.open",
        "90.017": "f.type='СМП' AND f.open",
        "90.014": "f.type='МКСБ' AND u.services IS NULL",
        "90.015": "f.type='СМП' AND u.services IS NULL",
        "90.010": (f"{preventive} AND EXISTS (SELECT 1 FROM visit_type_service) AND {_BAD_CODE} IS NOT NULL"),
        "90.011": "u.billable = 0",
    }


def judge(rules: Rules) -> None:
    """Give each candidate its first reason, or none."""
    rule = conditions(rules)
    cases = " ".join(f"WHEN {rule[code]} THEN '{code}'" for code in reasons.ORDER)
    db.execute(
        "INSERT INTO form_result SELECT f.case_id, f.n, f.origin, CASE"
        f" {cases} ELSE '' END, coalesce(u.billable, 0), coalesce(u.total, 0),"
        " f.origin='late' AND NOT t.late FROM form_case f JOIN form_target t ON t.n=f.n"
        " LEFT JOIN form_sum u ON u.case_id=f.case_id LEFT JOIN form_held h ON h.case_id=f.case_id"
    )
    db.execute(
        "UPDATE form_result SET total=(SELECT coalesce(sum(g.total), 0) FROM form_gap g"
        " WHERE g.case_id=form_result.case_id AND g.code='90.011') WHERE code='90.011'"
    )


def look_back(rules: Rules) -> None:
    """The previous composition of the registries being formed anew."""
    db.execute(
        "INSERT INTO form_prev SELECT a.id, a.case_id, coalesce((SELECT k.n FROM form_target k"
        " JOIN cases c ON c.id=a.case_id WHERE k.registry_id=t.id AND k.kind=c.kind), t.n), a.total,"
        " a.repeat FROM (SELECT registry_id AS id, min(n) AS n FROM form_target"
        " WHERE registry_id IS NOT NULL GROUP BY registry_id) t JOIN account a ON a.registry_id=t.id"
    )
    db.execute("CREATE INDEX form_prev_case ON form_prev(case_id)")


def _words(column: str, first: str, shout: str) -> str:
    """Words of a reason; 90.002 names the other registry, 90.010 the service."""
    place = f"{dmy('g.begin_date')} || '-' || {dmy('g.end_date')}"
    return (
        f"CASE q.code WHEN '90.002' THEN '{first}лучай в периоде (' || {place} || ')' ||"
        " CASE g.name WHEN '' THEN '' ELSE ' ' || g.name END"
        f" WHEN '90.010' THEN '{shout}! тип - Посещение с профилактической целью - ' ||"
        f" (SELECT {_BAD_CODE} FROM (SELECT q.case_id AS case_id) f) ELSE x.{column} END"
    )


_NAMED = (
    " LEFT JOIN form_text x ON x.code=q.code LEFT JOIN form_held h ON h.case_id=q.case_id"
    " LEFT JOIN registry g ON g.id=coalesce(h.holder, h.returned)"
)


def tell_gone(rules: Rules) -> None:
    """«Будут исключены из реестра»: was in the previous composition and now is not."""
    db.execute(
        "INSERT INTO form_skips SELECT q.n, q.case_id, NULL, q.code, "
        f"{_words('gone', 'с', 'внимание')}, q.total, 1 FROM (SELECT p.n, p.case_id, p.total, CASE"
        " WHEN c.deleted_at IS NOT NULL OR c.merged_into IS NOT NULL THEN '91.005'"
        " WHEN c.pay_type <> t.pay_type THEN '91.003' WHEN c.kind <> t.kind THEN '90.020'"
        " WHEN p.repeat <> '' AND p.origin IS NOT 'returned' THEN '90.023'"
        " WHEN t.type='ТАП' AND NOT t.exam AND c.purpose IN ('3.0', '3.1')"
        " AND (c.completed=0 OR c.date_out IS NULL) THEN '91.001'"
        " WHEN t.exam AND (c.completed=0 OR c.date_out IS NULL) THEN '91.002'"
        " WHEN p.code IS NULL AND c.date_out BETWEEN t.begin_date AND t.end_date THEN '90.021'"
        " WHEN p.code IS NULL OR p.code='90.022' OR p.counted THEN '91.004'"
        " WHEN p.code='90.011' THEN '91.006' ELSE p.code END AS code"
        " FROM (SELECT o.n, o.case_id, o.total, o.repeat, r.code, r.origin, r.counted"
        " FROM form_prev o LEFT JOIN form_result r ON r.case_id=o.case_id AND r.n=o.n"
        " WHERE r.code IS NULL OR r.code <> '' OR r.counted) p"
        f" JOIN form_target t ON t.n=p.n JOIN cases c ON c.id=p.case_id) q{_NAMED}"
    )
    db.execute("CREATE INDEX form_skips_case ON form_skips(case_id)")
    db.execute(
        "INSERT INTO form_skips SELECT p.n, p.case_id, s.service_id, '91.006', x.skip, s.total, 1"
        " FROM form_gap g CROSS JOIN form_prev p ON p.case_id=g.case_id CROSS JOIN account_service s"
        " ON s.account_id=p.account_id AND s.service_id=g.service_id CROSS JOIN form_result r"
        " ON r.case_id=p.case_id AND r.n=p.n AND r.code='' AND NOT r.counted"
        " CROSS JOIN form_text x ON x.code='91.006'"
    )


def tell_skipped(rules: Rules) -> None:
    """«В реестр не попадут»: one row per case, one per service left out; late cases are counted."""
    db.execute(
        f"INSERT INTO form_skips SELECT q.n, q.case_id, NULL, q.code, {_words('skip', 'С', 'ВНИМАНИЕ')},"
        " q.total, 0"
        f" FROM form_result q{_NAMED} WHERE q.code <> '' AND NOT q.counted AND NOT EXISTS"
        " (SELECT 1 FROM form_skips k WHERE k.case_id=q.case_id AND k.n=q.n)"
    )
    db.execute(
        "INSERT INTO form_skips SELECT r.n, g.case_id, g.service_id, g.code,"
        " CASE g.code WHEN '90.011' THEN ? ELSE g.reason END, g.total, 0 FROM form_gap g"
        " JOIN form_result r ON r.case_id=g.case_id"
        " WHERE NOT r.counted AND (r.code='' OR (r.code='90.011' AND g.code='90.012')) AND NOT EXISTS"
        " (SELECT 1 FROM form_skips k WHERE k.case_id=g.case_id AND k.n=r.n AND k.code LIKE '91.%'"
        " AND (k.service_id IS NULL OR k.service_id=g.service_id))",
        (reasons.SOME_SERVICES,),
    )
    db.execute(
        "INSERT INTO form_skips SELECT n, case_id, NULL, ?, ?, total, 0 FROM form_result WHERE counted",
        (reasons.LATE, reasons.COUNTED[reasons.LATE]),
    )
    db.execute(
        "INSERT INTO form_skips SELECT t.n, c.id, NULL, ?, ?, c.source_sum, 0 FROM cases c"
        " JOIN form_target t ON t.kind=c.kind WHERE (c.completed = 0 OR c.date_out IS NULL)"
        f" AND {CASE_LIVES} AND c.pay_type=t.pay_type AND c.date_in < t.begin_date"
        " AND coalesce(c.date_out, '') < t.begin_date AND NOT EXISTS (SELECT 1 FROM form_cand d"
        " WHERE d.case_id=c.id) AND NOT EXISTS (SELECT 1 FROM account a JOIN registry r"
        f" ON r.id=a.registry_id WHERE a.case_id=c.id AND {held(rules)})",
        (reasons.LATE_OPEN, reasons.COUNTED[reasons.LATE_OPEN]),
    )


def number(rules: Rules) -> None:
    """The new composition in the order of kinds, end dates and keys."""
    db.execute(
        "INSERT INTO form_new(case_id) SELECT r.case_id FROM form_result r JOIN form_target t"
        " ON t.n=r.n JOIN cases c ON c.id=r.case_id WHERE r.code='' AND NOT r.counted"
        " ORDER BY t.n, c.date_out, c.key, c.dup"
    )


#: the steps of preparation in their order; a checkpoint stands before each
STEPS: tuple[Callable[[Rules], None], ...] = (
    select.pick_returned,
    select.pick_month,
    select.pick_late,
    select.pick_filtered,
    select.gather,
    select.price,
    select.add_up,
    hold,
    judge,
    look_back,
    tell_gone,
    tell_skipped,
    number,
)
