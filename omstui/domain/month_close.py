"""The end of a month (закрытие месяца): what must be done before, what is only told."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from omstui.domain import board
from omstui.domain.board_rows import DONE, DUE, LATE, StepRow
from omstui.domain.money import roubles
from omstui.domain.profile import Profile
from omstui.settings import Settings

#: steps a month may be closed without: they inform, or may go on in later months
_MAY_WAIT = frozenset({"load", "sent", "sent7", "return", "mek", "withhold"})


@dataclass(slots=True)
class Missing:
    """``required`` forbids to close; ``told`` is asked about."""

    required: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)


def missing(period: str, profile: Profile, settings: Settings, today: date) -> Missing:
    """What of the month is not done, in words."""
    data = board.read(period, profile, settings, today)
    found = Missing()
    for step in data.steps:
        if step.cell.state == DONE or (step.by_smo and all(c.state == DONE for c in step.by_smo.values())):
            continue
        if step.id == "withhold" and settings.mo.interorg_settlements and step.by_smo:
            found.required.append(_words(step))
        elif step.optional or step.id in _MAY_WAIT:
            if step.cell.state in (DUE, LATE):
                found.told.append(_words(step))
        else:
            found.required.append(_words(step))
    found.required += [f"Сверка не сходится: {text}" for text in data.ledger.problems[:3]]
    for title, (count, total) in (
        ("Нет решения ТФОМС", data.undecided),
        ("Счетов без плательщика", data.no_payer),
    ):
        if count:
            found.told.append(f"{title}: {count} на {roubles(total)}")
    return found


def _words(step: StepRow) -> str:
    """«Принять ответы «2»: 76001, 76002»."""
    left = [code for code, cell in step.by_smo.items() if cell.state != DONE]
    return f"{step.title}: {', '.join(left)}" if left else step.title
