"""A report on the screen (просмотр отчёта): as text, both ways, with search; F-keys save it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

from textual.widget import Widget

from omstui import strings
from omstui.domain.ops import report as saving
from omstui.domain.ops.report import Params
from omstui.domain.reports.model import Document, ReportDef
from omstui.domain.store import db
from omstui.formats.reports import text
from omstui.front import Front
from omstui.keys import Key
from omstui.screens.operating import OperatingScreen
from omstui.screens.saving import choose_folder
from omstui.widgets.fields import Field
from omstui.widgets.text_view import TextView

#: lines read for the screen: whoever needs the rest has it in the file
SHOWN = 5000


class ReportViewScreen(OperatingScreen):
    """One report with its parameters, as it will be on paper."""

    HEADING = "Отчёт"
    OF_ONE = True
    ABOUT = (
        "Отчёт, каким он будет на бумаге. Стрелки двигают его в обе стороны, F7 ищет, Ctrl+N ищет дальше."
        " F2, F3, F4, F6 сохраняют его целиком."
    )
    KEYS = (
        Key("export", "PDF", "Сохранить PDF", "сохраняет отчёт для печати"),
        Key("history", "XLSX", "Сохранить XLSX", "сохраняет отчёт таблицей"),
        Key("edit", "CSV", "Сохранить CSV", "сохраняет отчёт для другой программы"),
        Key("reform", "Текст", "Сохранить текст", "сохраняет отчёт для матричного принтера"),
        Key("search", "Поиск", "Найти в отчёте", "ищет строку отчёта"),
        Key("find_next", title="Найти дальше"),
    )

    def __init__(self, services: Front, report: ReportDef, values: Mapping[str, str]) -> None:
        self._report = report
        self._values: dict[str, Any] = dict(values)
        self._paper = ""
        super().__init__(services)
        self._text = TextView([strings.LOADING], wrap=False)
        self._wanted = ""

    def compose_body(self) -> Iterable[Widget]:
        yield self._text

    def subject(self) -> str:
        return self._report.title

    def on_mount(self) -> None:
        self._text.focus()
        self.start_reading(self._reading)

    def on_show_again(self) -> None:
        """The text stays where it was: a saved file changed nothing of it."""

    async def _reading(self) -> None:
        self._paper, lines = await asyncio.to_thread(_lines, self._report, self._params(""))
        self._text.show(lines)
        self.refresh_keys()

    def _params(self, out: str, kind: str = "") -> Params:
        return Params(self._report.id, out, format=kind, **self._values)

    def unavailable(self, action: str) -> str | None:
        if action in ("export", "history", "edit", "reform") and not self._paper:
            return "отчёт ещё не прочитан"
        return None

    # --- saving --------------------------------------------------------------------------

    async def do_export(self) -> None:
        await self._save("pdf")

    async def do_history(self) -> None:
        await self._save("xlsx")

    async def do_edit(self) -> None:
        await self._save("csv")

    async def do_reform(self) -> None:
        await self._save("txt")

    async def do_print(self) -> None:
        await self._save("pdf")

    async def _save(self, kind: str) -> None:
        folder = await choose_folder(self, f"report.{kind}", strings.SAVE_REPORT)
        if folder is not None:
            target = folder / f"{saving.file_name(self._paper)}.{kind}"
            await self.operate_long(
                "report", name=self._report.id, out=str(target), format=kind, **self._values
            )

    # --- search --------------------------------------------------------------------------

    async def do_search(self) -> None:
        field = Field("text", strings.FIND_FIELD, width=36, required=True)
        values = await self.ask_params([field], {"text": self._wanted}, title=strings.FIND_TITLE)
        if values:
            self._wanted = values["text"]
            self.do_find_next()

    def do_find_next(self) -> None:
        if not self._wanted:
            self.notice(strings.FIND_FIRST)
        elif not self._text.find(self._wanted):
            self.notice(strings.NOT_FOUND.format(text=self._wanted))


def _lines(report: ReportDef, params: Params) -> tuple[str, list[str]]:
    with db.connection(), db.snapshot():
        document: Document = saving.fill(report, params)
        lines = list(islice(text.lines(document), SHOWN + 1))
    if len(lines) > SHOWN:
        lines[SHOWN:] = ["", strings.REPORT_CUT.format(count=SHOWN)]
    return document.name, lines
