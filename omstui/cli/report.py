"""``report NAME`` and ``report list``: the papers of the program from the command line."""

from __future__ import annotations

import argparse
from argparse import Namespace
from pathlib import Path
from typing import Any

from omstui.cli import running
from omstui.domain.errors import UsageError

LIST = "list"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of ``report``; which of them a report needs its line in ``report list`` says."""
    from omstui.formats.reports.writing import FORMATS

    parser.add_argument("name", metavar="ОТЧЁТ|list", help="какой отчёт; list — перечень отчётов")
    parser.add_argument("--period", default="", metavar="ГГГГ-ММ", help="отчётный месяц")
    parser.add_argument("--out", default="", metavar="ФАЙЛ|ПАПКА", help="куда записать")
    parser.add_argument(
        "--format", choices=list(FORMATS), default="", help="вид файла, если не ясен из имени"
    )
    parser.add_argument("--smo", default="", metavar="КОД", help="код СМО")
    parser.add_argument("--registry", default="", metavar="НОМЕР", help="реестр")
    parser.add_argument("--run", default="", metavar="НОМЕР", help="операция журнала (отчёт log)")
    parser.add_argument("--date", default="", metavar="ГГГГ-ММ-ДД", help="на какой день")
    parser.add_argument("--months", default="", metavar="N", help="за сколько месяцев")
    parser.add_argument("--json", action="store_true", help="данные в виде JSON")


def report(args: Namespace) -> int:
    """Save a report, or list those of the region."""
    if args.name == LIST:
        return _list(args)
    from omstui.domain.reports import catalog

    if not args.out:
        catalog.report(args.name)  # a wrong name is told before what else is missing
        raise UsageError("Не указано, куда записать отчёт.", hint="Добавьте --out ФАЙЛ.")
    names = ("name", "period", "format", "smo", "registry", "run", "date", "months")
    params = {name: getattr(args, name) for name in names}
    return running.operate(args, "report", out=str(Path(args.out).expanduser().absolute()), **params)


def _list(args: Namespace) -> int:
    from omstui.domain.reports import catalog

    svc = running.services(args)
    rows: list[dict[str, Any]] = [
        {
            "id": found.id,
            "title": found.title,
            "about": found.about,
            "params": [{"name": p.name, "title": p.title, "required": p.required} for p in found.params],
        }
        for found in catalog.offered(svc.profile)
    ]
    if args.json:
        running.show_json(rows)
        return 0
    for row in rows:
        options = " ".join(f"--{p['name']}" if p["required"] else f"[--{p['name']}]" for p in row["params"])
        print(f"{row['id']:<17} {row['title']}\n{'':<17} {row['about']}\n{'':<17} {options}".rstrip())
    return 0
