"""«Приём и анализ ответов из СМО» (answers): accepted files, their protocols, F5 accepts new ones."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

from textual import on
from textual.widget import Widget

from omstui.domain.money import spaced
from omstui.domain.store import answers, db
from omstui.front import Front
from omstui.keys import Key
from omstui.screens.accept import AcceptScreen
from omstui.screens.base import BaseScreen
from omstui.screens.operating import OperatingScreen
from omstui.screens.sources import Shown, StoreSource, day, money, short_day, text
from omstui.widgets.filter_input import FilterInput
from omstui.widgets.lazy_table import LazyTable
from omstui.widgets.text_view import TextView

_STATES = {"active": "", "replaced": "заменён", "restored": "восст."}
#: the first digits of a name are those of the МО; what tells files apart is its tail
_COLUMNS = (
    Shown("name", "Файл", 12, lambda v: text(v)[-12:], sortable=False),
    Shown("stage", "Ст", 2),
    Shown("smo", "СМО", 5),
    Shown("smo_name", "Название", 14, flex=True),
    Shown("at", "Принят", 14, lambda v: f"{short_day(v)} {text(v)[11:16]}".strip()),
    Shown("accounts", "Счетов", 6, align=">"),
    Shown("refused", "Отк.", 5, align=">"),
    Shown("sum", "Сумма отк.", 12, money, align=">"),
    Shown("flk", "ФЛК", 4, align=">"),
    Shown("test", "Вид", 5, lambda v: "тест" if v else "осн.", sortable=False),
    Shown("state", "Состояние", 9, lambda v: _STATES.get(str(v), text(v)), sortable=False),
    Shown("by", "Кто принял", 12, wide_only=True),
)


class AnswersScreen(OperatingScreen):
    """Accepted files of the month; Enter shows the protocol of one."""

    HEADING = "Приём и анализ ответов из СМО"
    ABOUT = "Принятые файлы «1» и «2» этого месяца. F5 принимает файл или папку, сначала показав итог."
    KEYS = (
        Key("history", "Проток", "Протокол приёма", "показывает протокол файла ещё раз (и Enter)"),
        Key("edit", "Отказы", "Отказы этого файла", "открывает «Анализ» с отказами этого файла"),
        Key("main", "Принять", "Принять файлы", "файлы или папка: сначала итог, потом приём"),
        Key("rejections", title="Анализ отказов месяца", help="все отказы месяца"),
        Key("view", title="Просмотр файла", help="смотрит файл, не принимая его"),
        Key("search"),
        Key("period"),
        Key("filter"),
        Key("sort"),
    )
    services: Front

    def __init__(self, services: Front) -> None:
        super().__init__(services)
        fixed = {"period": services.period}
        source = StoreSource("answers", _COLUMNS, fixed=fixed, state=_state)
        self._source = source
        self._table = LazyTable(source, marks=False, empty="Ответов ещё нет. F5 — принять.")

    def compose_body(self) -> Iterable[Widget]:
        yield self._table
        yield FilterInput()

    def subject(self) -> str:
        return self.services.period_title

    def on_mount(self) -> None:
        self._table.focus()

    def on_show_again(self) -> None:
        self._source.fixed = {"period": self.services.period}
        self._table.reload()

    def unavailable(self, action: str) -> str | None:
        if action in ("history", "edit") and self._table.row_id is None:
            return "в списке нет файлов"
        if action == "main":
            return self.running_reason()
        return None

    @on(LazyTable.CursorMoved)
    def _moved(self, event: LazyTable.CursorMoved) -> None:
        event.stop()
        self.refresh_keys()

    @on(LazyTable.RowChosen)
    def _chosen(self, event: LazyTable.RowChosen) -> None:
        event.stop()
        self.action_key("history")

    async def do_history(self) -> None:
        answer = self._table.row_id
        if answer is not None:
            row = await asyncio.to_thread(_answer, answer)
            if row is not None:
                self.app.push_screen(ProtocolScreen(self.services, row))

    def do_edit(self) -> None:
        from omstui.screens.rejections import RejectionsScreen

        if (answer := self._table.row_id) is not None:
            self.app.push_screen(RejectionsScreen(self.services, where={"answer": answer}))

    def do_rejections(self) -> None:
        from omstui.screens.rejections import RejectionsScreen

        self.app.push_screen(RejectionsScreen(self.services))

    def do_view(self) -> None:
        from omstui.screens.view import ViewScreen

        self.app.push_screen(ViewScreen(self.services))

    async def do_main(self) -> None:
        """F5: pick files or a folder, see what would come of it, accept."""
        start = self.services.folder("in")
        paths = await self.pick_paths(
            "any",
            start,
            title="Файлы ответов или папка с ними",
            patterns=("*.7z", "*.zip"),
            remember=lambda folder: self.services.remember("folder.in", str(folder)),
        )
        if not paths:
            return
        chosen = [str(path) for path in paths]
        if await self.app.push_screen_wait(AcceptScreen(self.services, chosen)):
            await self.operate_long("accept", paths=chosen)


class ProtocolScreen(BaseScreen):
    """What was said when the file was accepted."""

    HEADING = "Протокол приёма"
    ABOUT = "Что программа сказала при приёме этого файла."
    KEYS = (Key("edit", "Отказы", "Отказы этого файла", "открывает «Анализ» с отказами этого файла"),)
    services: Front

    def __init__(self, services: Front, row: answers.AnswerRow) -> None:
        self._row = row
        super().__init__(services)
        self._text = TextView(_protocol(row))

    def compose_body(self) -> Iterable[Widget]:
        yield self._text

    def subject(self) -> str:
        return self._row.name

    def on_mount(self) -> None:
        self._text.focus()

    def do_edit(self) -> None:
        from omstui.screens.rejections import RejectionsScreen

        self.app.push_screen(RejectionsScreen(self.services, where={"answer": self._row.id}))


def _protocol(row: answers.AnswerRow) -> list[str]:
    state = _STATES.get(row.state, "")
    lines = [
        f"Принят {day(row.accepted_at)}, оператор {row.accepted_by}" + (f" ({state})" if state else ""),
        f"SHA-256: {row.sha256}",
        "",
    ]
    kept = row.header.get("protocol") or [
        f"Счетов в ответе: {row.accounts}",
        f"Отказано: {row.refused} на {spaced(row.refused_sum)}",
    ]
    return lines + [str(line) for line in kept]


def _answer(answer: int) -> answers.AnswerRow | None:
    with db.connection():
        return answers.answer_by_id(answer)


def _state(row: Mapping[str, Any]) -> str:
    return "muted" if row.get("state") not in ("active", "") else ""
