"""The month as a checklist (рабочий стол): steps of the profile × insurers, dates, what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from omstui.domain import board_a, board_b, ledger
from omstui.domain.board_rows import DONE, DUE, LATE, NOT_YET, MonthFacts, StepRow
from omstui.domain.ledger import Ledger
from omstui.domain.model import Period
from omstui.domain.money import roubles, spaced
from omstui.domain.profile import Profile, Step
from omstui.domain.store import closing
from omstui.domain.store import ledger as store
from omstui.domain.store.closing import CloseRow
from omstui.settings import Settings

STATE_TITLES = {DONE: "готово", DUE: "пора", NOT_YET: "рано", LATE: "опоздание"}


@dataclass(slots=True)
class Board:
    """The month: steps, ledger, and the counts the operator must not lose sight of."""

    period: Period
    profile: str
    steps: list[StepRow]
    ledger: Ledger
    next: list[str]
    late: tuple[int, int]
    no_payer: tuple[int, int]
    undecided: tuple[int, int]
    #: how the month was closed, None while it is open
    closed: CloseRow | None = None

    def step(self, step_id: str) -> StepRow | None:
        return next((s for s in self.steps if s.id == step_id), None)

    def as_json(self) -> dict[str, Any]:
        """``status --json`` (product.md §8)."""
        return {
            "period": str(self.period),
            "profile": self.profile,
            "closed": self.closed.closed_at if self.closed else None,
            "steps": [s.as_json() for s in self.steps],
            "ledger": [row.as_json() for row in self.ledger.rows],
            "balanced": self.ledger.balanced,
            "unbalanced": self.ledger.problems,
            "next": self.next,
            "late_count": self.late[0],
            "late_sum": roubles(self.late[1]),
            "undecided_count": self.undecided[0],
            "undecided_sum": roubles(self.undecided[1]),
            "no_payer_count": self.no_payer[0],
            "no_payer_sum": roubles(self.no_payer[1]),
        }


def read(period: str, profile: Profile, settings: Settings, today: date | None = None) -> Board:
    """The board of a month."""
    month = Period.parse(period)
    book = ledger.read(str(month))
    facts: MonthFacts
    facts = board_b.Facts(month, book) if profile.one_registry else board_a.Facts(month, book, settings)
    steps = []
    for step in profile.steps:
        row = facts.row(step)
        _deadline(row, step, settings, month, today or date.today())
        steps.append(row)
    undecided = facts.ledger.total("undecided") if facts.has_answers else ledger.Amount()
    board = Board(
        month,
        profile.id,
        steps,
        facts.ledger,
        [],
        store.late_cases(month.begin.isoformat()),
        store.no_payer(str(month)),
        (undecided.count, undecided.total),
        closing.closing(str(month)),
    )
    board.next = _advice(board, facts)
    return board


def _deadline(row: StepRow, step: Step, settings: Settings, month: Period, today: date) -> None:
    """«Late» comes only from the deadlines of the settings, days of the month after the report month."""
    day = getattr(settings.deadlines, step.deadline, 0) if step.deadline else 0
    if not day:
        return
    following = month.next
    limit = date(following.year, following.month, min(day, following.end.day))
    row.deadline = limit.isoformat()
    if today <= limit:
        return
    cells = [*row.by_smo.values()]
    for cell in cells:
        if cell.state != DONE:
            cell.state = LATE
    if row.cell.state != DONE and not step.optional:
        row.cell.state = LATE


def _advice(board: Board, facts: MonthFacts) -> list[str]:
    """What to do next, in words; the first line is the nearest step."""
    lines = []
    month = board.period.title
    if board.closed is not None:
        day = ".".join(reversed(board.closed.closed_at[:10].split("-")))
        return [f"Месяц {month} закрыт {day} ({board.closed.closed_by})"]
    for step in board.steps:
        if step.cell.state not in (DUE, LATE) or (step.optional and step.cell.state != DUE):
            continue
        text = facts.words(step, month)
        if text:
            lines.append(text)
    if board.late[0]:
        lines.append(
            f"Опоздавшие случаи: {board.late[0]} на {spaced(board.late[1])} — сформируйте «с опоздавшими»"
        )
    if board.undecided[0] and not any(r.id == "answers1" and r.cell.state == DUE for r in board.steps):
        lines.append(f"Нет решения ТФОМС: {board.undecided[0]} на {spaced(board.undecided[1])}")
    if not board.ledger.balanced:
        lines.append(f"Сверка не сходится: {board.ledger.problems[0]}")
    return lines or [f"Все шаги месяца {month} выполнены"]
