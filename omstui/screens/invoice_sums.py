"""«Суммы для счетов» (invoice sums): the report on the screen, saved as text by F2."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from textual.widget import Widget

from omstui.domain import invoice_sums
from omstui.domain.store import db
from omstui.front import Front
from omstui.keys import Key
from omstui.screens.operating import OperatingScreen
from omstui.widgets.text_view import TextView


class InvoiceSumsScreen(OperatingScreen):
    """Insurer × kind of activity with withholdings and the control line."""

    HEADING = "Суммы для счетов"
    ABOUT = "Суммы по СМО и видам помощи: подано, исключено, в файле «7», удержано, к оплате."
    KEYS = (Key("export", "Сохран", "Сохранить в файл", "записывает отчёт текстом в выбранную папку"),)
    services: Front

    def __init__(self, services: Front) -> None:
        self._empty = True
        super().__init__(services)
        self._text = TextView(wrap=False)

    def compose_body(self) -> Iterable[Widget]:
        yield self._text

    def subject(self) -> str:
        return self.services.period_title

    def on_mount(self) -> None:
        self._text.focus()
        self.on_show_again()

    def on_show_again(self) -> None:
        self.start_reading(self._reading)

    async def _reading(self) -> None:
        text, self._empty = await asyncio.to_thread(_report, self.services)
        self._text.show(text.splitlines())
        self.refresh_keys()

    def unavailable(self, action: str) -> str | None:
        if action == "export" and self._empty:
            return "за этот месяц ещё ничего не выгружено (F2 на экране «Выгрузка»)"
        return None

    async def do_export(self) -> None:
        """Save the report as text where the operator says."""
        folder = await self.pick_paths("folder", self.services.folder("out"), title="Куда сохранить отчёт")
        if folder:
            self.services.remember("folder.out", str(folder[0]))
            await self.operate("invoices", period=self.services.period, out=str(folder[0]), what="sums")


def _report(services: Front) -> tuple[str, bool]:
    with db.connection():
        sums = invoice_sums.read(services.period)
    if not sums.insurers:
        return f"За {sums.period.title} ещё ничего не выгружено.", True
    return invoice_sums.as_text(sums, services.settings.mo.name), False
