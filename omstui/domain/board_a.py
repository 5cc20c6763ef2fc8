"""The month of manual A (рабочий стол): a test cycle, …13X, answers of two stages, files 7."""

from __future__ import annotations

from typing import Any

from omstui.domain import ledger
from omstui.domain.board_rows import DONE, DUE, NOT_YET, Cell, MonthFacts, done_cell, worst
from omstui.domain.ledger import Ledger
from omstui.domain.model import Period, RegistryStatus
from omstui.domain.store import invoices, sequester
from omstui.domain.store import ledger as store
from omstui.settings import Settings


class Facts(MonthFacts):
    """Everything the steps of manual A are judged by, read once."""

    def __init__(self, month: Period, book: Ledger, settings: Settings) -> None:
        text = str(month)
        super().__init__(month, book, store.work_states(text))
        self.settings = settings
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
        self.has_answers = any(stage == 1 for stage, _, _ in self.answers)
        self.cells |= {
            "test_export": self._test_export,
            "test_answers": self._test_answers,
            "test_restore": self._test_restore,
            "form": self._form,
            "sequester": self._sequester,
            "mes": self._mes,
            "export": self._export,
            "sent": self._sent,
        }

    def smo_cells(self, step: str) -> dict[str, Cell]:
        found = {line.payer.code: self._smo_cell(step, line) for line in self.ledger.rows}
        return {code: cell for code, cell in found.items() if cell is not None}

    def due_words(self, step: str, month: str) -> str:
        if step == "test_restore":
            return f"Восстановите тестовые реестры за {month}: {len(self.open_tests())} шт."
        stale = [r for r in self.main if r["reform_reason"]]
        if step == "form" and stale:
            return f"Переформируйте реестры: {len(stale)} ({stale[0]['reform_reason']})"
        return "Секвестирование: проверьте плановые объёмы" if step == "sequester" else ""

    # --- one cell ---

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
        # the fund answers what it was brought, whether somebody marked it or not
        brought = [p.sent_at or self._answered(p.id) for p in self.three]
        return Cell(DONE, max(brought)[:10]) if all(brought) else Cell(DUE)

    def _answered(self, package: int) -> str:
        """When the first answer of stage 1 to a 3X was accepted, «» if none was."""
        found = [a.accepted_at for (stage, of, _), a in self.answers.items() if (stage, of) == (1, package)]
        return min(found, default="")

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
            brought = (seven.sent_at if seven else "") or (answer2.accepted_at if answer2 else "")
            return done_cell(brought, seven is not None)
        if step == "answers2":
            return done_cell(answer2.accepted_at if answer2 else "", seven is not None)
        return Cell()
