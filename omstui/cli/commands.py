"""What each command does: parameters from the words of the command line, the operation, the result."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any

from omstui.bootstrap import daily_copy
from omstui.cli import text
from omstui.cli.running import heed_signals, kinds, operate, out, period, services, show_json
from omstui.domain.errors import NeedsConfirmation, UsageError


def init(args: Namespace) -> int:
    from omstui.domain.setup import create_database
    from omstui.settings import Settings, database_path, read_settings

    settings = read_settings(Path(args.settings)) if args.settings else Settings()
    path = database_path(args.db)
    create_database(path, settings, args.profile)
    print(f"База данных создана: {path}")
    return 0


def demo(args: Namespace) -> int:
    from omstui.demo.month import main

    return main(args.db, args.profile, args.cases, args.headless)


def operator(args: Namespace) -> int:
    from omstui.domain.store import config, db

    if args.action == "set":
        return operate(args, "operator-set", login=args.login, role=args.role)
    services(args)
    with db.connection():
        rows = config.operators()
    if args.json:
        show_json([{"login": r.login, "name": r.name, "role": r.role.value} for r in rows])
    else:
        for row in rows:
            print(f"{row.login:<20} {row.role.value}")
    return 0


def nsi(args: Namespace) -> int:
    if args.action == "load":
        return operate(
            args, "nsi-load", paths=args.paths, edition=args.edition, book=args.book,
            mapping=mapping_of(args.map), dry_run=args.dry_run,
        )  # fmt: skip
    from omstui.domain.store import books, db

    services(args)
    with db.connection():
        rows = books.books()
    if args.json:
        show_json([vars_of(row) for row in rows])
    else:
        print(text.books(rows))
    return 0


def mapping_of(pairs: list[str]) -> dict[str, str] | None:
    """«Цена=price» → {"Цена": "price"}; «Примечание=» says that a column is not needed."""
    for pair in pairs:
        if "=" not in pair:
            raise UsageError(f"--map «{pair}»: нужно СТОЛБЕЦ=НАШ или СТОЛБЕЦ= (не нужен).")
    return {head: tail for head, _, tail in (pair.rpartition("=") for pair in pairs)} or None


def vars_of(row: Any) -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(row)


def view(args: Namespace) -> int:
    """On a terminal the screen «Просмотр файла» if there is a database, else the same as text."""
    path = Path(args.path)
    if not args.json and sys.stdin.isatty() and sys.stdout.isatty():
        from omstui.settings import database_path

        if path.is_file() and database_path(getattr(args, "db", None)).is_file():
            from omstui.tui import run

            return run(getattr(args, "db", None), "view", look_at=path)
    from omstui.formats.view import view_json, view_text

    if args.json:
        show_json(view_json(path))
    else:
        view_text(path, sys.stdout)
    return 0


def status(args: Namespace) -> int:
    from omstui.domain import board
    from omstui.domain.store import db

    svc = services(args)
    with db.connection():
        data = board.read(period(args), svc.profile, svc.settings, svc.now().date())
    show_json(data.as_json()) if args.json else print(text.board(data))
    return 0


def rejections(args: Namespace) -> int:
    from omstui.domain import rejections as refused
    from omstui.domain.store import db

    services(args)
    with db.connection():
        rows = refused.listing(period(args), stage=args.stage, smo=args.smo)
    show_json(rows) if args.json else print(text.rejections(rows))
    return 0


def case(args: Namespace) -> int:
    from omstui.domain import case_path
    from omstui.domain.store import db

    services(args)
    with db.connection():
        path = case_path.read(args.key)
    show_json(path) if args.json else print(text.case_path(path))
    return 0


def resubmit(args: Namespace) -> int:
    name = "return-undo" if args.undo else "return"
    params: dict[str, Any] = {"period": period(args), "xkeys": args.account, "all": args.all}
    if not args.undo:
        params |= {"stage": args.stage, "unchanged": args.unchanged}
    return operate(args, name, **params)


def registry_create(args: Namespace) -> int:
    return operate(
        args, "registry-create", period=period(args), name=args.name, begin_date=args.begin,
        end_date=args.end, departments=args.department, kind=args.kind, test=args.test,
    )  # fmt: skip


def form(args: Namespace) -> int:
    # without --late the registry or the setting says
    return operate(
        args, "form", period=period(args), kinds=kinds(args), test=args.test,
        late=args.late or None, registry=args.registry,
    )  # fmt: skip


def sequester(args: Namespace) -> int:
    from omstui.cli import sequester as plan

    return plan.sequester(args)


def mes(args: Namespace) -> int:
    from omstui.cli import mes as analysis

    return analysis.mes(args)


#: commands of one registry (manual B) → options they pass on
OF_REGISTRY: dict[str, tuple[str, ...]] = {
    "ident-export": ("out", "number", "name"),
    "ident-load": ("path",),
    "ident-overdue": ("out", "number"),
    "ident-step": ("step",),
    "common-dbf": ("out",),
    "payers": (),
    "bills-export": ("out", "number", "date", "package", "version", "existing"),
    "flk-load": ("path",),
    "mek-load": ("path",),
    "delete-data": ("kinds",),
    "dental-xray": ("dry_run",),
    "merge-dental": ("dry_run",),
    "merge-outpatient": ("dry_run",),
    "merge-undo": ("all", "dry_run"),
}


def of_registry(args: Namespace) -> int:
    """An operation of one registry: month, registry and its own options."""
    given: dict[str, Any] = {
        **vars(args),
        "out": out(args) if "out" in args else "",
        "kinds": kinds(args) if "kind" in args else [],
        "version": getattr(args, "bill_version", ""),
    }
    own = {name: given[name] for name in OF_REGISTRY[args.command]}
    return operate(args, args.command, period=period(args), registry=args.registry, **own)


def backup(args: Namespace) -> int:
    from omstui.domain import backup as copies

    services(args)
    print(f"Копия базы данных: {copies.backup(Path(args.path))}")
    return 0


def restore(args: Namespace) -> int:
    from omstui.domain import backup as copies

    svc = services(args)
    if not args.yes:
        raise NeedsConfirmation(
            f"База данных {svc.database} будет заменена копией {args.path};"
            " нынешняя останется рядом под другим именем. Продолжить?"
        )
    kept = copies.restore(Path(args.path))
    print(f"База данных возвращена из копии {args.path}. Прежняя: {kept}")
    return 0


def verify(args: Namespace) -> int:
    from omstui.domain import verify as checks
    from omstui.domain.store import db

    services(args)
    with db.connection():
        problems = checks.verify()
    broken = [p.text for p in problems if p.level == "error"]
    warnings = [p.text for p in problems if p.level != "error"]
    if args.json:
        show_json({"ok": not broken, "problems": broken, "warnings": warnings})
    else:
        for line in (*broken, *warnings):
            print(line)
        if not broken:
            print("База данных в порядке: сверка сходится, файлы целы.")
    return 1 if broken else 0


def keys(args: Namespace) -> int:
    from omstui.cli.keys import main

    return main()


def stand(args: Namespace) -> int:
    from omstui.stand.cli import main

    return main(args)


def daily(args: Namespace) -> int:
    """Internal: the daily copy, started by the screens so that opening them does not wait for it."""
    daily_copy(services(args))
    return 0


def background(args: Namespace) -> int:
    """Internal: an operation a screen started; its events go to the run file only."""
    outcome = services(args).run(
        args.operation,
        yes=args.yes,
        run_file=Path(args.run_file),
        prepare=heed_signals,
        **json.loads(args.params),
    )
    return outcome.exit_code


def check(args: Namespace) -> int:
    from omstui.cli import expertise

    return expertise.check(args)


def criteria(args: Namespace) -> int:
    from omstui.cli import expertise

    return expertise.criteria(args)


def report(args: Namespace) -> int:
    from omstui.cli import report as papers

    return papers.report(args)


def money(args: Namespace) -> int:
    from omstui.cli import money as papers

    return {
        "invoices": papers.invoices,
        "invoice-cancel": papers.invoice_cancel,
        "payment": papers.payment,
        "month": papers.month,
    }[args.command](args)


COMMANDS: dict[str, Callable[[Namespace], int]] = {
    "init": init,
    "demo": demo,
    "operator": operator,
    "load": lambda a: operate(a, "load", paths=a.paths, mapping=a.mapping),
    "nsi": nsi,
    "registry-create": registry_create,
    "registry-delete": lambda a: operate(a, "registry-delete", registry_ids=a.numbers),
    "form": form,
    "mes": mes,
    "sequester": sequester,
    "check": check,
    "criteria": criteria,
    "export": lambda a: operate(a, "export", period=period(a), out=out(a), kinds=kinds(a), test=a.test),
    "accept": lambda a: operate(a, "accept", paths=a.paths, dry_run=a.dry_run),
    **dict.fromkeys(OF_REGISTRY, of_registry),
    "reform": lambda a: operate(a, "reform", period=period(a), smo=a.smo, all=a.all, out=out(a)),
    "return": resubmit,
    "restore-tests": lambda a: operate(a, "restore-tests", period=period(a)),
    "sent": lambda a: operate(a, "sent", period=period(a), smo=a.smo, undo=a.undo),
    "withhold": lambda a: operate(
        a,
        "withhold",
        period=period(a),
        smo=a.smo,
        sum=None if a.sum == "-" else a.sum,
        note=a.note,
        notice_date=a.notice_date,
    ),
    **dict.fromkeys(("invoices", "invoice-cancel", "payment", "month"), money),
    "report": report,
    "view": view,
    "status": status,
    "rejections": rejections,
    "case": case,
    "stand": stand,
    "backup": backup,
    "restore": restore,
    "verify": verify,
    "keys": keys,
    "_run": background,
    "_daily": daily,
}
