"""Forming, second half (запись реестров): the composition of store.forming_select becomes accounts.

Running numbers of keys (product.md §11.15) are never used twice: the counter stands in ``setting`` under
COUNTER and goes on after any key of our shape that a loaded package brought.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from omstui.domain.forming import reasons
from omstui.domain.forming.log import NOTHING, Figure, Formed, Reason, Summary
from omstui.domain.model import KINDS, RegistryStatus
from omstui.domain.store import db, forming
from omstui.domain.store.forming_select import Target, has_tariffs

COUNTER = "counter.xkey"
#: source_id of the service that stands for the КСГ of a case without services
KSG_SOURCE = "КСГ"


# --- what came of the preparation ------------------------------------------------------------


def busy_targets() -> dict[int, tuple[int, int]]:
    """Number of a target → (candidates, accounts with a payer) after the preparation."""
    rows = db.execute(
        "SELECT t.target, sum(r.candidates), sum(r.payable) FROM (SELECT r.n, count(*) AS candidates,"
        " count(CASE WHEN r.code='' THEN f.payer_id END) AS payable FROM form_result r"
        " JOIN form_case f ON f.case_id=r.case_id WHERE NOT r.counted GROUP BY r.n) r"
        " JOIN form_target t ON t.n=r.n GROUP BY t.target"
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def drop_targets(numbers: Sequence[int]) -> None:
    """Leave registries out; the late cases of their kinds are still counted."""
    for number in numbers:
        own = "SELECT n FROM form_target WHERE target=?"
        db.execute(
            f"DELETE FROM form_new WHERE case_id IN (SELECT case_id FROM form_result WHERE n IN ({own}))",
            (number,),
        )
        db.execute(
            f"DELETE FROM form_skips WHERE n IN ({own}) AND code NOT IN (?, ?)",
            (number, reasons.LATE, reasons.LATE_OPEN),
        )
        db.execute("DELETE FROM form_target WHERE target=?", (number,))


def summary() -> Summary:
    """The figures of the log."""
    formed = (
        "FROM form_new w JOIN form_result r ON r.case_id=w.case_id JOIN form_case f ON f.case_id=w.case_id"
    )
    by_type = db.execute(f"SELECT f.type, sum(r.billable), sum(r.total) {formed} GROUP BY f.type")
    rows = [
        Reason(*row)
        for row in db.execute(
            # a case that leaves takes all its services along: the line of the manual counts services
            "SELECT s.code, s.reason, t.type, s.service_id IS NOT NULL, s.gone, sum(CASE"
            " WHEN s.gone AND s.service_id IS NULL THEN (SELECT count(*) FROM form_prev p"
            " JOIN account_service v ON v.account_id=p.account_id WHERE p.case_id=s.case_id AND p.n=s.n)"
            " ELSE 1 END), sum(s.total)"
            " FROM form_skips s JOIN form_target t ON t.n=s.n GROUP BY 1, 2, 3, 4, 5"
        )
    ]
    counts = set(reasons.NO_SERVICES.values())
    empty: dict[str, int] = {}
    for row in rows:
        if row.code in counts and not row.gone:
            empty[row.case_type] = empty.get(row.case_type, 0) + row.number
    silent = {*counts, reasons.LATE, reasons.LATE_OPEN}
    late = "SELECT count(*), sum(total) FROM form_skips WHERE code=?"
    return Summary(
        formed={row[0]: Figure(row[1], row[2]) for row in by_type},
        no_services=empty,
        excluded=[r for r in rows if r.gone],
        skipped=[r for r in rows if not r.gone and r.text and r.code not in silent],
        primary=_figure(f"SELECT count(*), sum(r.total) {formed} WHERE f.repeat=?", "primary"),
        repeat=_figure(f"SELECT count(*), sum(r.total) {formed} WHERE f.repeat=?", "repeat"),
        late=_figure(late, reasons.LATE),
        late_cut=_figure(
            "SELECT count(*), sum(s.total) FROM form_skips s JOIN cases c ON c.id=s.case_id"
            " WHERE s.code=? AND c.sequestered <> ''",
            reasons.LATE,
        ),
        late_formed=_figure(f"SELECT count(*), sum(r.total) {formed} WHERE r.origin=?", "late"),
        late_open=_figure(late, reasons.LATE_OPEN),
        no_payer=_figure(f"SELECT count(*), sum(r.total) {formed} WHERE f.payer_id IS NULL"),
        filtered=sum(r.number for r in rows if r.code == "90.021" and not r.gone),
        source_sums=not has_tariffs(),
        differing=_differing(formed) if not has_tariffs() else (NOTHING, 0),
    )


def _differing(formed: str) -> tuple[Figure, int]:
    """Cases whose sum in the source is not the sum of their services: how many, the sum, as billed."""
    number, given, billed = db.execute(
        f"SELECT count(*), sum(f.source_sum), sum(r.total) {formed}"
        " WHERE f.source_sum > 0 AND f.source_sum <> r.total"
    ).fetchone()
    return Figure(number, given or 0), billed or 0


def _figure(sql: str, *params: str) -> Figure:
    row = db.execute(sql, params).fetchone()
    return Figure(row[0], row[1] or 0)


# --- writing ---------------------------------------------------------------------------------


@dataclass(slots=True)
class Stamp:
    """Who forms what and when; ``first_*`` are set while writing."""

    targets: Sequence[Target]
    test: bool
    who: str
    at: str
    run: int | None
    first_account: int = 0
    first_key: int = 0


def create_missing(stamp: Stamp) -> None:
    """Create the registries that do not exist yet."""
    missing = "SELECT DISTINCT target FROM form_target WHERE registry_id IS NULL ORDER BY target"
    for (number,) in db.execute(missing).fetchall():
        created = forming.create_registry(stamp.targets[number], test=stamp.test, who=stamp.who, at=stamp.at)
        db.execute("UPDATE form_target SET registry_id=? WHERE target=?", (created, number))


def take_numbers(stamp: Stamp) -> None:
    """Take the running numbers of keys and the ids of accounts; never one that was used."""
    stored = int(db.scalar("SELECT value FROM setting WHERE key=?", (COUNTER,)) or 0)
    last = db.scalar(
        "SELECT xkey FROM account WHERE xkey >= '76' AND xkey < '77' AND xkey GLOB"
        " '76[0-9][0-9][0-9][0-9][0-9][0-9]-[0-9][0-9][0-9][0-9]-[0-9][0-9]FF-FFFF-FFFFFFFFFFFF'"
        " ORDER BY xkey DESC LIMIT 1"
    )
    if last:
        stored = max(stored, int(last[2:8] + last[9:13] + last[14:16]))
    accounts, services = db.execute(
        "SELECT (SELECT count(*) FROM form_new), (SELECT count(*) FROM form_svc)"
    ).fetchone()
    stamp.first_key = stored + 1
    stamp.first_account = 1 + (db.scalar("SELECT max(id) FROM account") or 0)
    db.execute(
        "INSERT OR REPLACE INTO setting(key, value) VALUES(?, ?)",
        (COUNTER, str(stored + accounts + services)),
    )


def empty_registries(stamp: Stamp) -> None:
    """Take the previous composition away, remembering whose refusals of identification and ФЛК these are."""
    db.execute(
        "INSERT INTO form_roads SELECT d.id, a.case_id, a.registry_id FROM answer w"
        " CROSS JOIN refusal d ON d.answer_id=w.id CROSS JOIN account a ON a.id=d.account_id"
        " WHERE w.road IN ('ident', 'flk') AND a.registry_id IN (SELECT registry_id FROM form_target)"
    )
    forming.empty("SELECT registry_id FROM form_target", again=True)


def keep_roads(stamp: Stamp) -> None:
    """Re-forming keeps identification: its refusals go over to the new accounts of the same cases."""
    db.execute(
        "UPDATE refusal SET account_id=a.id FROM form_roads d JOIN account a ON a.case_id=d.case_id"
        " AND a.registry_id=d.registry_id WHERE refusal.id=d.refusal"
    )
    db.execute(
        "UPDATE refusal SET state='replaced' WHERE account_id IS NULL"
        " AND id IN (SELECT refusal FROM form_roads)"
    )


def make_ksg_services(stamp: Stamp) -> None:
    """A case billed by its КСГ alone gets the service that carries it."""
    db.execute(
        "INSERT INTO service(case_id, n, source_id, code, name, profile, child_profile, ds, date_in,"
        " date_out, quantity, tariff, source_sum, doctor, specialty, department, lpu)"
        " SELECT c.id, 1 + coalesce((SELECT max(s.n) FROM service s WHERE s.case_id=c.id), 0), ?,"
        " c.ksg, coalesce((SELECT max(t.name) FROM tariff t WHERE t.code=c.ksg), ''), c.profile,"
        " c.child_profile, c.ds_main, c.date_in, c.date_out, v.quantity, v.tariff, v.total, c.doctor,"
        " c.specialty, c.department, c.lpu FROM form_svc v JOIN form_new w ON w.case_id=v.case_id"
        " JOIN cases c ON c.id=v.case_id WHERE v.service_id < 0 AND v.total IS NOT NULL",
        (KSG_SOURCE,),
    )
    db.execute(
        "UPDATE form_svc SET service_id=(SELECT max(s.id) FROM service s"
        " WHERE s.case_id=form_svc.case_id AND s.source_id=?) WHERE service_id < 0"
        " AND total IS NOT NULL AND case_id IN (SELECT case_id FROM form_new)",
        (KSG_SOURCE,),
    )


def _xkey(prefix: int, number: str) -> str:
    """SQL of model.account_xkey for the number ``number``."""
    return (
        f"printf('{prefix}%06d-%04d-%02dFF-FFFF-FFFFFFFFFFFF', ({number}) / 1000000,"
        f" ({number}) / 100 % 10000, ({number}) % 100)"
    )


def write_accounts(stamp: Stamp) -> None:
    db.execute(
        "INSERT INTO account(id, registry_id, case_id, xkey, payer_id, total, repeat, prev_id)"
        f" SELECT w.seq + ?, t.registry_id, w.case_id, {_xkey(76, 'w.seq + ?')}, f.payer_id, r.total,"
        " coalesce(f.repeat, ''), f.prev FROM form_new w CROSS JOIN form_case f ON f.case_id=w.case_id"
        " CROSS JOIN form_result r ON r.case_id=w.case_id CROSS JOIN form_target t ON t.n=r.n"
        " ORDER BY w.seq",
        (stamp.first_account - 1, *[stamp.first_key - 1] * 3),
    )


def write_services(stamp: Stamp) -> None:
    first = stamp.first_key + int(db.scalar("SELECT count(*) FROM form_new"))
    number = f"{first - 1} + row_number() OVER ()"
    db.execute(
        "INSERT INTO account_service(account_id, service_id, xkey, quantity, tariff, total)"
        f" SELECT account_id, service_id, {_xkey(88, 'number')}, quantity, tariff, total FROM ("
        f"SELECT w.seq + ? AS account_id, v.service_id, {number} AS number, v.quantity, v.tariff,"
        " v.total FROM form_new w CROSS JOIN form_svc v ON v.case_id=w.case_id"
        " WHERE v.total IS NOT NULL)",
        (stamp.first_account - 1,),
    )


def write_reasons(stamp: Stamp) -> None:
    db.execute(
        "INSERT INTO form_skip(registry_id, case_id, service_id, code, reason, total)"
        " SELECT t.registry_id, s.case_id, max(s.service_id, 0), s.code, s.reason, s.total"
        " FROM form_skips s JOIN form_target t ON t.n=s.n WHERE s.reason <> '' ORDER BY s.rowid"
    )


def settle_returns(stamp: Stamp) -> None:
    """A main registry takes the returned cases up; a test one only shows them."""
    if not stamp.test:
        db.execute(
            "UPDATE resubmission SET new_account_id=d.id FROM (SELECT f.resub, w.seq + ? AS id"
            " FROM form_case f JOIN form_new w ON w.case_id=f.case_id WHERE f.resub IS NOT NULL) d"
            " WHERE resubmission.id=d.resub",
            (stamp.first_account - 1,),
        )


def close_registries(stamp: Stamp) -> None:
    """Totals and the status «Сформирован»."""
    db.execute(
        "UPDATE registry SET status=?, reform_reason='', formed_at=?, form_run_id=?,"
        " with_late=t.late, accounts=t.accounts, total=t.total FROM (SELECT t.registry_id, t.late,"
        " coalesce(sum(s.accounts), 0) AS accounts, coalesce(sum(s.total), 0) AS total"
        " FROM form_target t LEFT JOIN (SELECT r.n, count(*) AS accounts, sum(r.total) AS total"
        " FROM form_new w JOIN form_result r ON r.case_id=w.case_id GROUP BY r.n) s ON s.n=t.n"
        " GROUP BY t.registry_id) t WHERE registry.id=t.registry_id",
        (RegistryStatus.FORMED, stamp.at, stamp.run),
    )


#: the steps of writing in their order; a checkpoint stands before each
STEPS: tuple[Callable[[Stamp], None], ...] = (
    create_missing,
    take_numbers,
    empty_registries,
    make_ksg_services,
    write_accounts,
    write_services,
    keep_roads,
    write_reasons,
    settle_returns,
    close_registries,
)


def formed() -> list[Formed]:
    """The registries as written, in the order of kinds."""
    numbers = db.execute("SELECT registry_id FROM form_target GROUP BY registry_id ORDER BY min(n)")
    rows = [forming.registry(number) for (number,) in numbers.fetchall()]
    return [
        Formed(r.id, r.kind, KINDS[r.kind].case_type if r.kind else "", r.title, r.accounts, r.total)
        for r in rows
        if r is not None
    ]
