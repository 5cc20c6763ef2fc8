"""«Отчет по амб.случаям, которые не попадают в отчетный период» on the screen and as a text file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from textual.widget import Widget

from omstui.domain.forming import report
from omstui.domain.reports import skips
from omstui.domain.reports.model import Document
from omstui.domain.store import db
from omstui.front import Front
from omstui.keys import Key
from omstui.screens.linked import open_link
from omstui.screens.operating import OperatingScreen
from omstui.screens.saving import save_document
from omstui.widgets.text_view import TextView


class SkipReportScreen(OperatingScreen):
    """The report as it will be saved; F5 opens its cases as a list."""

    HEADING = "Отчет по амб.случаям"
    ABOUT = "Амбулаторные случаи, которые не попадают в отчетный период, по причинам."
    KEYS = (
        Key("main", "Случаи", "Случаи списком", "открывает эти случаи списком"),
        Key("save", title="Сохранить отчёт в файл"),
    )

    def __init__(self, services: Front, registries: Sequence[int]) -> None:
        self._registries = list(registries)
        super().__init__(services)
        self._view = TextView(wrap=False)

    def subject(self) -> str:
        return "не попадают в отчетный период"

    def compose_body(self) -> Iterable[Widget]:
        yield self._view

    def on_mount(self) -> None:
        self._view.focus()
        self.run_worker(self._read, thread=True, group="read")

    def _read(self) -> None:
        with db.connection():
            rows = report.report(self._registries)
        head = [self.services.mo_title, f"Период: {self.services.period_title}"]
        self._text = report.text(rows, head)
        self.app.call_from_thread(self._view.show, self._text.splitlines())

    _text = ""

    def unavailable(self, action: str) -> str | None:
        return "отчёт ещё читается" if action == "save" and not self._text else None

    def do_main(self) -> None:
        link = {"list": "skips", "registries": self._registries}
        open_link(self.app, self.services, link)

    async def do_save(self) -> None:
        head = [self.services.mo_title, f"Период: {self.services.period_title}"]

        def make() -> Document:
            with db.connection():
                return skips.document(self._registries, head)

        name = f"отчет_по_амб_случаям_{self.services.period}"
        await save_document(self, make, name, "report")
