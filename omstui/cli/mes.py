"""«omstui mes»: run the analysis, then print its lines as a table or everything as JSON."""

from __future__ import annotations

from argparse import Namespace

from omstui.cli import running, text
from omstui.domain import mes_lines
from omstui.domain.store import db


def mes(args: Namespace) -> int:
    """Findings are data: the exit code is 0 whatever was found."""
    outcome = running.perform(
        args, "mes", period=running.period(args), kinds=running.kinds(args), registry=args.registry
    )
    if outcome.result is None:
        return outcome.exit_code
    data = outcome.result.data
    with db.connection():
        lines = mes_lines.read({"registries": data["registries"]})
        if args.json:
            running.show_json(data | {"findings": [mes_lines.as_json(line) for line in lines]})
            return outcome.exit_code
        rows = list(mes_lines.as_rows(lines))
    if len(rows) > 1:
        print(text.table(rows))
    print(outcome.result.message)
    return outcome.exit_code
