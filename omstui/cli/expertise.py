"""Commands of the expertise (экспертиза): check the registries, look at the criteria, load own ones."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import Any

from omstui.cli import running
from omstui.domain.criteria.model import Criterion
from omstui.domain.errors import UsageError
from omstui.domain.model import SEVERITY_TITLES
from omstui.domain.money import roubles, spaced
from omstui.settings import Settings

_STATE = {"done": "", "skipped": "не выполнялся", "failed": "не выполнен"}


def check(args: Namespace) -> int:
    """Run the expertise, then print its table, or everything of it as JSON."""
    from omstui.domain.store import config, db, findings

    outcome = running.perform(
        args,
        "check",
        period=running.period(args),
        registry=args.registry,
        kinds=running.kinds(args),
        test=args.test,
    )
    if outcome.result is None:
        return outcome.exit_code
    data = dict(outcome.result.data)
    registries = data.pop("registries")
    with db.connection():
        rows = findings.criteria(registries)
        known = _known(config.load_settings())
        if args.json:
            found = [_finding(row, known) for row in findings.each(registries)]
            running.show_json(data | {"criteria": [_criterion(r, known) for r in rows], "findings": found})
            return outcome.exit_code
    for row in rows:
        if row.cases or row.state != "done":
            title = known[row.code].title if row.code in known else ""
            note = f" ({_STATE[row.state]})" if row.state != "done" else ""
            print(f"{row.code}  {row.cases:>6}  {spaced(row.total):>14}  {title}{note}")
    print(outcome.result.message)
    return outcome.exit_code


def _known(settings: Settings) -> dict[str, Criterion]:
    from omstui.domain.expertise import known_criteria

    return known_criteria(settings)


def _criterion(row: Any, known: dict[str, Criterion]) -> dict[str, Any]:
    criterion = known.get(row.code)
    return {
        "code": row.code,
        "title": criterion.title if criterion else "",
        "severity": criterion.severity if criterion else "",
        "state": row.state,
        "tap": row.tap,
        "tap_services": row.tap_services,
        "mksb": row.mksb,
        "mksb_services": row.mksb_services,
        "smp": row.smp,
        "smp_services": row.smp_services,
        "sum": roubles(row.total),
        "seconds": row.milliseconds / 1000,
    }


def _finding(row: Any, known: dict[str, Criterion]) -> dict[str, Any]:
    criterion = known.get(row.code)
    return {
        "case": row.key,
        "code": row.code,
        "severity": criterion.severity if criterion else "",
        "service": row.service,
        "message": row.message or (criterion.title if criterion else ""),
    }


def criteria(args: Namespace) -> int:
    from omstui.domain import expertise

    if args.action == "load":
        return running.operate(
            args, "settings-save", values={"criteria": {"own": expertise.read_own(Path(args.path))}}
        )
    from omstui.domain.store import config, db

    running.services(args)
    with db.connection():
        settings = config.load_settings()
    known = _known(settings)
    if args.action == "show":
        return _show(args.code, known)
    on = {c.code for c in expertise.choice(settings).criteria}
    if args.json:
        running.show_json([_as_json(c, c.code in on) for c in known.values()])
        return 0
    for c in known.values():
        mark = "+" if c.code in on else " "
        print(f"{mark} {c.code}  {SEVERITY_TITLES[c.severity]:<15} {c.mek:<7} {c.title}")
    return 0


def _as_json(c: Criterion, on: bool) -> dict[str, Any]:
    return {
        "code": c.code, "title": c.title, "severity": c.severity, "on": on, "group": c.group,
        "applies": list(c.applies), "mek": c.mek, "why": c.why, "source": c.source, "books": list(c.books),
    }  # fmt: skip


def _show(code: str, known: dict[str, Criterion]) -> int:
    c = known.get(code)
    if c is None:
        raise UsageError(f"Критерия «{code}» нет.", hint="Все критерии: omstui criteria list.")
    print(f"{c.code} {c.title}")
    print(f"Важность: {SEVERITY_TITLES[c.severity]}. Карты: {', '.join(c.applies)}.")
    print(c.why)
    if c.mek:
        print(f"Предупреждает отказ МЭК {c.mek}.")
    if c.books:
        print("Нужны справочники: " + ", ".join(c.books))
    print(f"Источник: {c.source}")
    return 0
