"""``omstui sequester`` (секвестирование): the month against its plan volumes as a table."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from omstui.cli import running
from omstui.cli.text import table

_HEAD = ("Тип объёма", "Ед.", "План", "Ранее", "В реестре", "Превыш.", "Случ.", "Сумма", "%")
_UNITS = {"cases": "случ.", "visits": "посещ.", "uet": "УЕТ", "days": "дни", "roubles": "руб."}


def sequester(args: Namespace) -> int:
    """Show, cut or give back; the table of the lines goes to stdout before the last word."""
    if args.undo:
        return running.operate(args, "sequester-undo", period=running.period(args))
    outcome = running.perform(
        args,
        "sequester",
        period=running.period(args),
        kinds=running.kinds(args),
        registry=args.registry,
        apply=args.apply,
    )
    if outcome.result is None:
        pass  # refused, aborted or failed: said in the log
    elif args.json:
        running.show_json(outcome.result.data)
    else:
        print(lines(outcome.result.data))
        print(outcome.result.message)
    return outcome.exit_code


def lines(data: dict[str, Any]) -> str:
    """Lines of the plan: limit, earlier, in the registry, over, what is to be cut."""
    rows = [
        (
            row["title"][:24],
            _UNITS[row["unit"]],
            *(row[name] for name in ("plan", "earlier", "in_registry", "over")),
            str(row["over_cases"]),
            row["over_sum"],
            row["percent"],
        )
        for row in data["lines"]
    ]
    return table([_HEAD, *rows])
