"""The month of manual B (рабочий стол): identification, payment registries, bills, ФЛК, МЭК."""

from __future__ import annotations

from omstui.domain.board_rows import DONE, DUE, NOT_YET, Cell, MonthFacts, done_cell
from omstui.domain.ledger import Ledger
from omstui.domain.model import Period, RegistryStatus
from omstui.domain.store import board_b as store
from omstui.domain.store import invoices, ledger, registries_b

_PAID = (RegistryStatus.PAYERS_FORMED, RegistryStatus.BILLED)


class Facts(MonthFacts):
    """Everything the steps of manual B are judged by, read once."""

    def __init__(self, month: Period, book: Ledger) -> None:
        text = str(month)
        super().__init__(month, book, store.work_states(text))
        self.registries = registries_b.registries(text)
        self.statuses = {r.status for r in self.registries}
        self.stale = [r for r in self.registries if r.reform_reason]
        self.done = store.done(text)
        self.expected = store.expected(text)
        self.bills, self.mek = store.bills(text), store.mek(text)
        self.invoices = [i for i in invoices.of_period(text) if i.active]
        self.formed_at = ledger.last_run("form", text)[:10]
        self.payers_at = ledger.last_run("payers", text)[:10]
        self.cells |= {
            "form": self._form,
            "ident_export": self._ident_export,
            "ident_load": self._ident_load,
            "payers": self._payers,
            "flk": self._flk,
        }

    def smo_cells(self, step: str) -> dict[str, Cell]:
        return {code: self._smo_cell(step, code) for code in {**self.expected, **self.bills}}

    def due_words(self, step: str, month: str) -> str:
        if step == "form" and self.stale:
            return f"Переформируйте реестры: {len(self.stale)} ({self.stale[0].reform_reason})"
        return ""

    # --- one cell ---

    def _form(self) -> Cell:
        if self.registries and RegistryStatus.CREATED not in self.statuses and not self.stale:
            return Cell(DONE, self.formed_at)
        return Cell(DUE if self.cases else NOT_YET)

    def _formed(self) -> bool:
        return any(s not in (RegistryStatus.CREATED, *_PAID) for s in self.statuses)

    def _ident_export(self) -> Cell:
        return done_cell(self.done.ident_sent, self._formed())

    def _ident_load(self) -> Cell:
        if self.done.ident_sent > self.done.ident_loaded:
            return Cell(DUE)
        return done_cell(self.done.ident_loaded, False)

    def _payers(self) -> Cell:
        if self.registries and self.statuses <= set(_PAID):
            return Cell(DONE, self.payers_at)
        return Cell(DUE if self._formed() else NOT_YET)

    def _flk(self) -> Cell:
        return done_cell(self.done.flk, bool(self.bills or self.done.ident_sent))

    def _invoice_cell(self, code: str) -> Cell:
        """Done when the invoices of the payer say what its bills say."""
        row = next((r for r in self.ledger.rows if r.payer.code == code), None)
        mine = [i for i in self.invoices if row is not None and i.payer == row.payer.id]
        if row is not None and mine and sum(i.billed for i in mine) == row["sent"].total:
            return Cell(DONE, max(i.created_at for i in mine)[:10])
        return Cell(DUE if code in self.bills else NOT_YET)

    def _smo_cell(self, step: str, code: str) -> Cell:
        if step == "invoices":
            return self._invoice_cell(code)
        if step == "mek":
            return done_cell(self.mek.get(code), code in self.bills)
        billed = code in self.bills and RegistryStatus.PAYERS_FORMED not in self.statuses
        return done_cell(self.bills[code] if billed else "", RegistryStatus.PAYERS_FORMED in self.statuses)
