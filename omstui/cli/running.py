"""How a command runs an operation: its log on stderr, its result on stdout, Ctrl+C aborts it."""

from __future__ import annotations

import json
import signal
import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

from omstui.bootstrap import Services, daily_copy, open_services
from omstui.cli.refusal import say
from omstui.domain.model import Period, kind_of
from omstui.domain.operation import Artifact, Context, Event, LogLine, Progress
from omstui.domain.runner import Outcome


def services(args: Namespace) -> Services:
    return open_services(getattr(args, "db", None))


def perform(args: Namespace, op_id: str, **params: Any) -> Outcome:
    """Run an operation: log to stderr, a question or a refusal the log does not hold as well."""
    svc = services(args)
    daily_copy(svc)
    outcome = svc.run(op_id, yes=getattr(args, "yes", False), sink=narrate, prepare=heed_signals, **params)
    if outcome.error is not None and (outcome.kind == "question" or not outcome.lines):
        say(outcome.error)  # otherwise it is in the log already, the hint with it
    return outcome


def operate(args: Namespace, op_id: str, **params: Any) -> int:
    """Run an operation and print its message or JSON to stdout."""
    outcome = perform(args, op_id, **params)
    if outcome.result is None:
        pass  # refused, aborted or failed: said in the log
    elif getattr(args, "json", False):
        show_json(outcome.result.data)
    else:
        print(outcome.result.message)
    return outcome.exit_code


def narrate(event: Event) -> None:
    """The log on stderr; progress only when somebody watches."""
    if isinstance(event, LogLine):
        print(f"{event.at} {event.text}", file=sys.stderr)
    elif isinstance(event, Artifact):
        print(f"Файл: {event.path}", file=sys.stderr)
    elif isinstance(event, Progress) and sys.stderr.isatty():
        print(f"\r{event.stage}: {event.done} / {event.total}\x1b[K", end="\r", file=sys.stderr)


def heed_signals(ctx: Context) -> None:
    """Ctrl+C and SIGTERM abort at the next checkpoint; the transaction is rolled back."""

    def stop(signum: int, frame: object) -> None:
        ctx.token.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)


def show_json(data: Any) -> None:
    print(json.dumps(data, ensure_ascii=False, indent=2))


def period(args: Namespace) -> str:
    return str(Period.parse(args.period))


def kinds(args: Namespace) -> list[str]:
    return [kind_of(name).code for name in args.kind]


def out(args: Namespace) -> str:
    return str(Path(args.out).expanduser())
