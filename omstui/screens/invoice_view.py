"""An invoice on the screen (просмотр счёта), as it was frozen; F2 prints the same paper again."""

from __future__ import annotations

from collections.abc import Iterable

from textual.widget import Widget

from omstui.domain.model import Period
from omstui.domain.reports import invoice as paper
from omstui.domain.store import config, db
from omstui.domain.store.invoices import InvoiceRow
from omstui.formats.reports import text
from omstui.front import Front
from omstui.keys import Key
from omstui.screens import invoice_ops
from omstui.screens.operating import OperatingScreen
from omstui.screens.sources import day
from omstui.widgets.text_view import TextView


class InvoiceScreen(OperatingScreen):
    """One invoice."""

    HEADING = "Счёт на оплату"
    OF_ONE = True
    ABOUT = "Счёт, каким он выставлен: реквизиты и суммы больше не меняются. F2 печатает его ещё раз."
    KEYS = (Key("export", "Печать", "Напечатать счёт", "тот же счёт: PDF, XLSX или текст"),)
    services: Front

    def __init__(self, services: Front, invoice: InvoiceRow) -> None:
        self._invoice = invoice
        super().__init__(services)
        gone = f"ОТМЕНЁН {day(invoice.cancelled_at)}: {invoice.reason}" if not invoice.active else ""
        self._text = TextView(text.lines(paper.document(invoice.data, mark=gone)), wrap=False)

    def compose_body(self) -> Iterable[Widget]:
        yield self._text

    def subject(self) -> str:
        return f"№ {self._invoice.number} за {Period.parse(self._invoice.period).title}"

    def on_mount(self) -> None:
        self._text.focus()

    def on_show_again(self) -> None:
        """The paper never changes."""

    def unavailable(self, action: str) -> str | None:
        return "счёт отменён" if action == "export" and not self._invoice.active else None

    async def do_export(self) -> None:
        row = self._invoice
        with db.connection():
            code = next(p.code for p in config.payers() if p.id == row.payer)
        registry = str(row.registry or "")
        await invoice_ops.issue_invoices(self, row.period, [code], registry=registry, what="invoices")
