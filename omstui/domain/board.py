"""The month as a checklist (рабочий стол): steps of the profile × insurers, dates, what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from omstui.domain import board_b, check_step, ledger
from omstui.domain.board_rows import (
    DONE,
    DUE,
    LATE,
    NOT_YET,
    Cell,
    StepRow,
    done_cell,
    gathered,
    refusals_left,
    return_cell,
    worst,
)
from omstui.domain.ledger import Ledger
from omstui.domain.model import Period, RegistryStatus
from omstui.domain.money import roubles, spaced
from omstui.domain.profile import Profile, Step
from omstui.domain.store import closing, invoices, sequester
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
    facts = board_b.Facts(month, book) if profile.one_registry else _Facts(month, book, settings)
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


class _Facts:
    """Everything the steps are judged by, read once."""

    def __init__(self, month: Period, book: Ledger, settings: Settings) -> None:
        text = str(month)
        self.month, self.ledger, self.settings = month, book, settings
        registries = store.registries(text)
        self.main = [r for r in registries if not r["is_test"]]
        self.tests = [r for r in registries if r["is_test"]]
        packages = store.packages(text)
        self.three = [p for p in packages if p.kind == "3" and not p.is_test]
        self.test_three = [p for p in packages if p.kind == "3" and p.is_test]
        self.sevens = {(p.parent_id, p.payer_id): p for p in packages if p.kind == "7"}
        answers = store.answers(text)
        self.answers = {(a.stage, a.package_id, a.payer_id): a for a in answers if not a.is_test}
        self.test_answers = {a.payer_id: a for a in answers if a.is_test}
        self.invoices = [i for i in invoices.of_period(text) if i.active]
        self.work = store.work_states(text)
        self.cases = store.cases_of(month.begin.isoformat(), month.end.isoformat())
        self.has_answers = any(stage == 1 for stage, _, _ in self.answers)
        self.code = {row.payer.id: row.payer.code for row in book.rows}

    def row(self, step: Step) -> StepRow:
        row = StepRow(step.id, step.title, step.screen, step.optional, Cell())
        if step.by_smo:
            for line in self.ledger.rows:
                cell = self._smo_cell(step.id, line)
                if cell is not None:
                    row.by_smo[line.payer.code] = cell
            row.cell = gathered(row.by_smo)
        else:
            row.cell = getattr(self, f"_{step.id}", Cell)()
        return row

    def words(self, step: StepRow, month: str) -> str:
        """What to do about a step that is due, in words."""
        left = ", ".join(code for code, cell in step.by_smo.items() if cell.state in (DUE, LATE))
        if step.id == "test_restore":
            return f"Восстановите тестовые реестры за {month}: {len(self.open_tests())} шт."
        if step.id == "form":
            stale = [r for r in self.main if r["reform_reason"]]
            if stale:
                return f"Переформируйте реестры: {len(stale)} ({stale[0]['reform_reason']})"
        if step.id == "check":
            return check_step.words(str(self.month))
        if step.id == "sequester":
            return "Секвестирование: проверьте плановые объёмы"
        if step.id == "return":
            return refusals_left(self.work)
        return f"{step.title}: {left}" if left else step.title

    # --- one cell ---

    def _load(self) -> Cell:
        return Cell(DONE, store.last_load()[:10]) if self.cases else Cell(DUE)

    def open_tests(self) -> list[dict[str, Any]]:
        return [t for t in self.tests if t["status"] != RegistryStatus.RESTORED]

    def _test_export(self) -> Cell:
        if self.test_three:
            return Cell(DONE, self.test_three[-1].created_at[:10])
        if any(t["status"] == RegistryStatus.RESTORED for t in self.tests):
            return Cell(DONE)
        return Cell(DUE if self.open_tests() else NOT_YET)

    def _test_answers(self) -> Cell:
        if not self.test_three:
            return Cell(DONE if self._test_export().state == DONE else NOT_YET)
        payers = {s.payer_id for s in store.slices(str(self.month), test=True)}
        if payers <= set(self.test_answers):
            return Cell(DONE, max(a.accepted_at for a in self.test_answers.values())[:10])
        return Cell(DUE)

    def _test_restore(self) -> Cell:
        if self.open_tests():
            return Cell(DUE if self.test_three else NOT_YET)
        return Cell(DONE if self.tests else NOT_YET)

    def _form(self) -> Cell:
        formed = [r for r in self.main if r["status"] != RegistryStatus.CREATED]
        if formed and len(formed) == len(self.main) and not any(r["reform_reason"] for r in formed):
            return Cell(DONE, max(r["formed_at"] or "" for r in formed)[:10])
        return Cell(DUE if self.cases and not self.open_tests() else NOT_YET)

    def _sequester(self) -> Cell:
        """Done when it went over every registry since it was formed; due where there is a plan."""
        waiting = sequester.registries(str(self.month))
        if waiting:
            done = all(r.sequestered_at and r.sequestered_at >= r.formed_at for r in waiting)
            if done:
                return Cell(DONE, max(r.sequestered_at for r in waiting)[:10])
            return Cell(DUE if sequester.has_plan(str(self.month)) else NOT_YET)
        return done_cell(sequester.last_done(str(self.month)), False)

    def _check(self) -> Cell:
        return check_step.cell(str(self.month))

    def _mes(self) -> Cell:
        waiting = [r for r in self.main if r["status"] == RegistryStatus.FORMED and not r["mes_at"]]
        done = [r["mes_at"] for r in self.main if r["mes_at"]]
        if waiting:
            return Cell(DUE)
        return Cell(DONE, max(done)[:10]) if done else Cell(NOT_YET)

    def _export(self) -> Cell:
        waiting = [r for r in self.main if r["status"] == RegistryStatus.FORMED]
        if self.three and not waiting:
            return Cell(DONE, self.three[-1].created_at[:10])
        return Cell(DUE if waiting and not self.open_tests() else NOT_YET)

    def _sent(self) -> Cell:
        if not self.three:
            return Cell()
        if all(p.sent_at for p in self.three):
            return Cell(DONE, (self.three[-1].sent_at or "")[:10])
        return Cell(DUE)

    def _return(self) -> Cell:
        return return_cell(self.work)

    # --- one cell of an insurer; None = the step does not concern it ---

    def _smo_cell(self, step: str, row: ledger.Row) -> Cell | None:
        if not row.packages:
            return None
        if step == "withhold":
            if row.withheld is not None:
                return Cell(DONE)
            return Cell(DUE if row.sevens and self.settings.mo.interorg_settlements else NOT_YET)
        if step == "invoices":
            return self._invoice_cell(row)
        # a month may have several packages: a step is done when it is for each of them
        return worst([self._package_cell(step, package, row.payer.id) for package in row.packages])

    def _invoice_cell(self, row: ledger.Row) -> Cell:
        """Done when the invoice says what the files 7 and the withholding say, or nothing is to be billed."""
        found = next((i for i in self.invoices if i.payer == row.payer.id), None)
        seven, held = row["reformed"].total, row.withheld or 0
        if found is not None and (found.billed, found.withheld) == (seven, held):
            return Cell(DONE, found.created_at[:10])
        if found is None and row.has_seven and not row["reformed"].count:
            return Cell(DONE)
        return Cell(DUE if row.has_seven else NOT_YET)

    def _package_cell(self, step: str, package: int, payer: int) -> Cell:
        answer1, answer2 = (self.answers.get((stage, package, payer)) for stage in (1, 2))
        seven = self.sevens.get((package, payer))
        if step == "answers1":
            return done_cell(answer1.accepted_at if answer1 else "", bool(self.three))
        if step == "reform":
            return done_cell(seven.created_at if seven else "", answer1 is not None)
        if step == "sent7":
            return done_cell(seven.sent_at if seven else "", seven is not None)
        if step == "answers2":
            return done_cell(answer2.accepted_at if answer2 else "", seven is not None)
        return Cell()


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


def _advice(board: Board, facts: _Facts | board_b.Facts) -> list[str]:
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
