"""Cells and lines of the month board (клетки и строки рабочего стола), for both regions. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from omstui.domain.model import WorkState
from omstui.domain.money import spaced

DONE, DUE, NOT_YET, LATE = "done", "due", "not_yet", "late"


@dataclass(slots=True)
class Cell:
    """A step, or a step of one insurer."""

    state: str = NOT_YET
    date: str = ""  # when it was done, «YYYY-MM-DD»


@dataclass(slots=True)
class StepRow:
    """A line of the board; ``by_smo`` has the insurers the step concerns."""

    id: str
    title: str
    screen: str
    optional: bool
    cell: Cell
    deadline: str = ""  # «YYYY-MM-DD» or ""
    by_smo: dict[str, Cell] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "title": self.title,
            "state": self.cell.state,
            "date": self.cell.date,
            "deadline": self.deadline,
            "optional": self.optional,
            "by_smo": {code: cell.state for code, cell in self.by_smo.items()},
            "dates": {code: cell.date for code, cell in self.by_smo.items() if cell.date},
        }


def done_cell(done_at: str | None, due: bool) -> Cell:
    return Cell(DONE, done_at[:10]) if done_at else Cell(DUE if due else NOT_YET)


def worst(cells: list[Cell]) -> Cell:
    """The cell of an insurer over its packages: what is still to do counts."""
    undone = [cell for cell in cells if cell.state != DONE]
    if undone:
        return next((cell for cell in undone if cell.state == DUE), undone[0])
    return max(cells, key=lambda cell: cell.date)


def gathered(cells: dict[str, Cell]) -> Cell:
    """A step is done when it is done for every insurer it concerns."""
    states = {c.state for c in cells.values()}
    if states == {DONE}:
        return Cell(DONE, max(c.date for c in cells.values()))
    return Cell(DUE if DUE in states else NOT_YET)


def refusals_left(work: Mapping[str, tuple[int, int]]) -> str:
    """«Отказы: исправьте 3 на 1 300,00, верните по F8 1 на 100,00»."""
    new = work.get(WorkState.NEW.value, (0, 0))
    mended = work.get(WorkState.CORRECTED.value, (0, 0))
    parts = [f"исправьте {new[0]} на {spaced(new[1])}"] if new[0] else []
    parts += [f"верните по F8 {mended[0]} на {spaced(mended[1])}"] if mended[0] else []
    return "Отказы: " + ", ".join(parts)


def return_cell(work: Mapping[str, tuple[int, int]]) -> Cell:
    """The step «Исправить отказы, F8»."""
    if any(work.get(s.value) for s in (WorkState.NEW, WorkState.CORRECTED)):
        return Cell(DUE)
    if WorkState.RETURNED.value in work or WorkState.DROPPED.value in work:
        return Cell(DONE)
    return Cell()
