"""The steps of a month as the program does them (шаги месяца). Each runs in a child of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bench.child import Clock, Numbers

PERIOD = "2021-04"
#: least services of an outpatient case that make four services a case on the average
SERVICES = 7


def generate(out: str, cases: int, profile: str = "yar") -> Numbers:
    """Write the training files of one month."""
    from omstui.demo.generator import generate as write

    clock = Clock()
    with clock.running():
        made = write(Path(out), cases, months=1, services=SERVICES, planted=False, profile=profile)
    size = sum(p.stat().st_size for p in (Path(out) / PERIOD).iterdir())
    return clock.numbers(cases=made.cases, size=size)


def create(data: str, base: str, profile: str = "yar") -> Numbers:
    """Create the empty database with the reference books."""
    from omstui.domain.setup import create_database
    from omstui.settings import read_settings

    clock = Clock()
    with clock.running():
        create_database(Path(base), read_settings(Path(data) / "settings.toml"), profile)
        run(base, "nsi-load", paths=sorted(str(p) for p in (Path(data) / "books").glob("*.csv")))
    return clock.numbers()


def run(base: str, op_id: str, **params: Any) -> tuple[Clock, dict[str, Any]]:
    """Run an operation: its clock and the figures it gave; SystemExit when it did not end well."""
    from omstui.bootstrap import open_services
    from omstui.domain.ops.table import operation

    services = open_services(base)
    operation(op_id)  # imports its module before the clock runs
    clock = Clock()
    with clock.running():
        outcome = services.run(op_id, yes=True, **params)
    if outcome.result is None or outcome.kind not in ("ok", "partial"):
        lines = "\n".join(line.text for line in outcome.lines[-20:])
        raise SystemExit(f"{op_id}: {outcome.kind}: {outcome.message}\n{lines}")
    return clock, outcome.result.data


def load(data: str, base: str) -> Numbers:
    clock, made = run(base, "load", paths=[str(Path(data) / PERIOD)])
    return clock.numbers(cases=made["new"], refused=made["refused"], services=count(base, "service"))


def form(base: str) -> Numbers:
    clock, made = run(base, "form", period=PERIOD)
    return clock.numbers(accounts=made["accounts"])


def export(base: str, out: str) -> Numbers:
    clock, made = run(base, "export", period=PERIOD, out=out)
    return clock.numbers(accounts=made["accounts"], file=made["file"])


def accept(base: str, answers: str) -> Numbers:
    clock, made = run(base, "accept", paths=[answers])
    return clock.numbers(accounts=sum(f["accounts"] for f in made["files"]))


def reform(base: str, out: str) -> Numbers:
    clock, made = run(base, "reform", period=PERIOD, all=True, out=out)
    size = sum(unpacked(Path(f["file"])) for f in made["files"])
    return clock.numbers(accounts=sum(f["accounts"] for f in made["files"]), size=size)


def report(base: str, name: str, out: str) -> Numbers:
    """A paper of the month written to a file; «rows» are the accounts that were billed."""
    from omstui.domain.store import db, reports

    clock, _ = run(base, "report", name=name, period=PERIOD, out=out)
    with db.connection():
        rows = sum(payer.accounts for payer in reports.billed(PERIOD, bills=False))
    return clock.numbers(rows=rows, size=Path(out).stat().st_size)


def stand(data: str, sent: str, out: str) -> Numbers:
    """Let the fund answer the package: all accounts listed, 5 % refused."""
    from omstui.settings import read_settings
    from omstui.stand.answers import answer

    clock = Clock()
    with clock.running():
        answer([Path(sent)], Path(out), read_settings(Path(data) / "settings.toml"), seed=1, refuse=0.05)
    return clock.numbers()


def view(path: str) -> Numbers:
    """Open an answer for looking and read its list; «first» is the time to what it is."""
    from omstui.formats.view import open_view

    clock, first = Clock(), Clock()
    with clock.running():
        with first.running():
            found = open_view(Path(path))
        rows = sum(1 for _ in found.rows())
    return clock.numbers(rows=rows, first=first.wall)


def refuse(base: str, refusals: int) -> Numbers:
    """Put so many refusals of stage 1 into an exported database, for the list of refusals."""
    from omstui.domain.store import db

    db.bind(Path(base))
    with db.connection(), db.write():
        db.execute("DELETE FROM refusal")
        db.execute("UPDATE account SET stage1=0, work='', answer1_id=NULL")
        db.execute("DELETE FROM answer_line")
        db.execute("DELETE FROM answer")
        package, file = db.execute("SELECT id, file_id FROM package WHERE kind='3'").fetchone()
        for number, (payer,) in enumerate(db.execute("SELECT id FROM insurer").fetchall(), 1):
            db.execute(
                "INSERT INTO answer(id, package_id, stage, payer_id, file_id, name, accepted_at)"
                " VALUES(?, ?, 1, ?, ?, '1', '2021-05-05 10:00:00')",
                (number, package, payer, file),
            )
        left = refusals
        while left > 0:  # accounts may be fewer than the refusals wanted: then some have two reasons
            made = db.execute(
                "INSERT INTO refusal(answer_id, account_id, stage, payer_id, kind, code, text)"
                " SELECT n.id, a.id, 1, a.payer_id, 'an_ps', CAST(a.id % 90 + 1 AS TEXT),"
                " 'Полис не найден в регистре застрахованных' FROM account a JOIN answer n"
                " ON n.payer_id=a.payer_id WHERE a.package_id=? ORDER BY a.id LIMIT ?",
                (package, left),
            ).rowcount
            left -= made
        db.execute(
            "UPDATE account SET stage1=2, work='новый', decided_payer_id=payer_id,"
            " answer1_id=(SELECT min(answer_id) FROM refusal WHERE account_id=account.id)"
            " WHERE id IN (SELECT account_id FROM refusal)"
        )
        count = db.scalar("SELECT count(*) FROM refusal")
    return {"refusals": count}


def count(base: str, table: str) -> int:
    """Rows of a table."""
    from omstui.domain.store import db

    with db.connection():
        return int(db.scalar(f"SELECT count(*) FROM {table}"))


def unpacked(path: Path) -> int:
    """Bytes of bill.xml in a file."""
    from omstui.formats.containers import open_bill

    with open_bill(path) as stream:
        return int(stream.size)
