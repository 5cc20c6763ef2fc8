"""Steps of a training month (шаги учебного месяца): run an operation, say what it said, show the board."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from omstui.bootstrap import Services
from omstui.cli import text
from omstui.domain.errors import OmsError
from omstui.domain.operation import Event, LogLine
from omstui.domain.store import db

FIRST, SECOND = "2021-04", "2021-05"
Say = Callable[[str], None]


def show_status(services: Services, period: str, say: Say) -> bool:
    """Print the board and the ledger; True when it balances."""
    from omstui.domain import board

    with db.connection():
        data = board.read(period, services.profile, services.settings, services.now().date())
    say(text.board(data))
    return data.ledger.balanced


def do(
    services: Services, say: Say, op_id: str, *, allow: tuple[str, ...] = ("ok",), **params: Any
) -> dict[str, Any]:
    """Run one operation, saying its log; stops the month if it refuses."""

    def sink(event: Event) -> None:
        if isinstance(event, LogLine):
            say(f"{event.at} {event.text}")

    outcome = services.run(op_id, yes=True, sink=sink, **params)
    if outcome.kind not in allow:
        raise outcome.error or OmsError(f"Учебный месяц остановлен: {outcome.message}")
    assert outcome.result is not None
    say(outcome.result.message)
    return outcome.result.data


def head(say: Say, text: str) -> None:
    """A heading between the parts of the month."""
    say("")
    say(f"=== {text}")
