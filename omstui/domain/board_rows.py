"""Cells and lines of the month board (клетки и строки рабочего стола), and what both regions judge alike."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from omstui.domain.ledger_rows import Ledger
from omstui.domain.model import Period, WorkState
from omstui.domain.money import spaced
from omstui.domain.profile import Step
from omstui.domain.store import findings
from omstui.domain.store import ledger as store

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


class MonthFacts(ABC):
    """What the steps of a month are judged by; each region reads more of its own, once."""

    #: whether answers of the fund say which accounts are undecided
    has_answers = False

    def __init__(self, month: Period, book: Ledger, work: Mapping[str, tuple[int, int]]) -> None:
        self.month, self.ledger, self.work = month, book, work
        self.cases = store.cases_of(month.begin.isoformat(), month.end.isoformat())
        #: step → its cell, of the steps that do not go by insurer
        self.cells: dict[str, Callable[[], Cell]] = {
            "load": self._load,
            "check": self._check,
            "return": lambda: return_cell(work),
        }

    @abstractmethod
    def smo_cells(self, step: str) -> dict[str, Cell]:
        """Insurer → its cell, where the step concerns it."""

    @abstractmethod
    def due_words(self, step: str, month: str) -> str:
        """What to do about a step of this region that is due; «» = its title says it."""

    def row(self, step: Step) -> StepRow:
        """The line of a step of the profile."""
        row = StepRow(step.id, step.title, step.screen, step.optional, Cell())
        if step.by_smo:
            row.by_smo = self.smo_cells(step.id)
            row.cell = gathered(row.by_smo)
        else:
            row.cell = self.cells[step.id]()
        return row

    def words(self, step: StepRow, month: str) -> str:
        """What to do about a step that is due, in words."""
        if step.id == "check":
            return f"Экспертиза: не проверено реестров {findings.progress(str(self.month))[0]}"
        if step.id == "return":
            return refusals_left(self.work)
        left = ", ".join(code for code, cell in step.by_smo.items() if cell.state in (DUE, LATE))
        return self.due_words(step.id, month) or (f"{step.title}: {left}" if left else step.title)

    def _load(self) -> Cell:
        return Cell(DONE, store.last_load()[:10]) if self.cases else Cell(DUE)

    def _check(self) -> Cell:
        """Due while a registry that is not sent waits for it; done on the day of the last expertise."""
        unchecked, last = findings.progress(str(self.month))
        return Cell(DUE) if unchecked else done_cell(last, False)
