"""The step «Экспертиза» of the month board (рабочий стол), the same for both regions."""

from __future__ import annotations

from omstui.domain.board_rows import DUE, Cell, done_cell
from omstui.domain.store import findings


def cell(period: str) -> Cell:
    """Due while a registry that is not sent waits for it; done on the day of the last expertise."""
    unchecked, last = findings.progress(period)
    return Cell(DUE) if unchecked else done_cell(last, False)


def words(period: str) -> str:
    """What to do about it."""
    return f"Экспертиза: не проверено реестров {findings.progress(period)[0]}"
