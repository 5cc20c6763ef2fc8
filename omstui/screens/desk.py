"""Рабочий стол (доска месяца): steps × insurers, ledger, what to do next, what runs or fell."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from textual import events, on
from textual.widget import Widget

from omstui.domain import board
from omstui.domain.board import Board
from omstui.domain.board_rows import DONE, DUE, LATE, Cell, StepRow
from omstui.domain.model import Period
from omstui.domain.money import spaced
from omstui.domain.store import db, journal, lists
from omstui.front import Front
from omstui.keys import Key
from omstui.screens import columns
from omstui.screens.check_step import open_check
from omstui.screens.operating import OperatingScreen
from omstui.widgets.lazy_table import LazyTable
from omstui.widgets.sources import Cells, Column, MemorySource
from omstui.widgets.text_view import TextView

#: the sign speaks without colour: готово, пора, опоздание, рано
_SIGNS = {DONE: "+", DUE: ">", LATE: "!"}
_ROW_STATES = {DONE: "good", DUE: "strong", LATE: "error"}
#: what is folded stands under the words after it
_NEXT = "Дальше:"
_TOTALS = (
    ("sent", "подано"),
    ("refused1", "отказ «1»"),
    ("reformed", "в «7»"),
    ("refused2", "отказ «2»"),
    ("refused", "снято МЭК"),
    ("paid", "оплачено"),
)


class _Steps(LazyTable):
    """The steps; ← → are the screen's: they change the month."""

    def on_key(self, event: events.Key) -> None:
        if event.key not in ("left", "right"):
            super().on_key(event)
            return
        event.prevent_default()

    def shift(self, step: int) -> None:
        """Move the columns of insurers sideways."""
        if step > 0 and not self.fitted.more_right:
            return
        self._set_shift(max(self._shift + step, 0))


class DeskScreen(OperatingScreen):
    """The month as a checklist; Enter goes to the screen of the step."""

    HEADING = "Рабочий стол"
    ABOUT = (
        "Шаги месяца по СМО: «+» готово (дата), «>» пора, «!» опоздание (срок), «·» рано."
        " Enter — к шагу, ← → — другой месяц."
    )
    KEYS = (
        Key("history", "Журнал", "Журнал операций", "показывает журнал операций"),
        Key("edit", "Настр.", "Настройки", "открывает настройки"),
        Key("main", "К шагу", "Перейти к шагу", "открывает экран шага"),
        Key("search"),
        Key("period"),
        Key("summary", title="Сводка месяца с диаграммой", help="показывает месяц одним листом"),
        Key("tab_prev", title="СМО левее"),
        Key("tab_next", title="СМО правее"),
        Key("close", title="Закрыть месяц", help="в месяце больше ничего не изменится"),
        Key("reopen", title="Открыть закрытый месяц", help="старший оператор, с причиной"),
    )

    def do_summary(self) -> None:
        from omstui.screens.reports import show_report

        show_report(self.app, self.services, "month", {"period": self.services.period})

    def __init__(self, services: Front) -> None:
        self._board: Board | None = None
        super().__init__(services)
        codes = [item.code for item in services.settings.insurers]
        self._source = MemorySource(_columns(codes), [], state=self._state)
        self._steps = _Steps(self._source, marks=False, frozen=1, counter=False, empty="Чтение…")
        self._steps.styles.height = 17
        self._words = TextView(indent=len(_NEXT) + 1)
        self._words.can_focus = False
        self._request = 0

    def compose_body(self) -> Iterable[Widget]:
        yield self._steps
        yield self._words

    def subject(self) -> str:
        shut = " · закрыт" if self._board is not None and self._board.closed else ""
        return f"← {self.services.period_title} →{shut}"

    def unavailable(self, action: str) -> str | None:
        if action in ("close", "reopen"):
            shut = self._board is not None and self._board.closed is not None
            if shut == (action == "close"):
                return "месяц уже закрыт" if shut else "месяц не закрыт"
            return self.why_not(f"month-{action}")
        return None

    def on_mount(self) -> None:
        self._steps.focus()
        self.on_show_again()

    def on_show_again(self) -> None:
        self._request += 1
        request = self._request
        self.run_worker(lambda: self._read(request), thread=True, group="read")

    # --- reading -------------------------------------------------------------------------

    def _read(self, request: int) -> None:
        front = self.services
        with db.connection():
            data = board.read(front.period, front.profile, front.settings, front.now().date())
            news = _news(front)
        self.app.call_from_thread(self._show, request, data, news)

    def _show(self, request: int, data: Board, news: list[str]) -> None:
        if request != self._request:
            return
        codes = [row.payer.code for row in data.ledger.rows]
        if self._board is None or codes != [row.payer.code for row in self._board.ledger.rows]:
            self._source = MemorySource(_columns(codes), [], state=self._state)
            self._steps.source = self._source
        self._board = data
        self._source.replace([_row(step, codes) for step in data.steps])
        self._steps.use(self._source) if self._steps.count == 0 else self._steps.load()
        self.refresh_head()
        self._words.show([*news, _ledger_line(data), *_next_lines(data)])

    def _state(self, row_id: int, row: Cells) -> str:
        steps = self._board.steps if self._board else []
        return _ROW_STATES.get(steps[row_id].cell.state, "") if row_id < len(steps) else ""

    # --- keys ----------------------------------------------------------------------------

    def on_key(self, event: events.Key) -> None:
        if event.key in ("left", "right"):
            event.stop()
            month = Period.parse(self.services.period).shift(1 if event.key == "right" else -1)
            self.use_period(str(month))

    def do_tab_prev(self) -> None:
        self._steps.shift(-1)

    def do_tab_next(self) -> None:
        self._steps.shift(1)

    @on(LazyTable.RowChosen)
    def _chosen(self, event: LazyTable.RowChosen) -> None:
        event.stop()
        self.guard(self.do_main)

    async def do_main(self) -> None:
        row_id = self._steps.row_id
        if self._board is not None and row_id is not None:
            step = self._board.steps[row_id]
            if step.id == "check":
                await open_check(self)
            else:
                self._open(step.screen)

    async def do_close(self) -> None:
        from omstui.screens.invoice_ops import close_month  # not at the start: it must be fast

        await close_month(self)

    async def do_reopen(self) -> None:
        from omstui.screens.invoice_ops import reopen_month

        await reopen_month(self)

    def do_history(self) -> None:
        self._open("journal")

    def do_edit(self) -> None:
        self._open("settings")

    def _open(self, name: str) -> None:
        open_screen: Any = getattr(self.app, "open_screen")  # noqa: B009 - OmsApp's own
        open_screen(name)


def _columns(codes: Sequence[str]) -> list[Column]:
    return [
        Column("Шаг", 34, flex=True),
        Column("Месяц", 7),
        *(Column(code, 7) for code in codes),
    ]


def _row(step: StepRow, codes: Sequence[str]) -> Cells:
    title = f"{step.title} (если нужно)" if step.optional and step.cell.state != DONE else step.title
    cells = [_cell(step.by_smo.get(code), step.deadline) if step.by_smo else "" for code in codes]
    return (title, _cell(step.cell, step.deadline), *cells)


def _cell(cell: Cell | None, deadline: str) -> str:
    """«+ 05.05» done, «> 10.05» due by the deadline, «! 10.05» late, «·» not yet."""
    if cell is None:
        return ""
    shown = cell.date if cell.state == DONE else deadline if cell.state in (DUE, LATE) else ""
    sign = _SIGNS.get(cell.state, "·")
    return f"{sign} {shown[8:10]}.{shown[5:7]}" if shown else sign


def _ledger_line(data: Board) -> str:
    book = data.ledger
    parts = [f"{title} {spaced(book.total(key).total)}" for key, title in _TOTALS if book.total(key).count]
    if not parts:
        return "Сверка: за месяц ещё ничего не подано."
    payable = sum(row.payable for row in book.rows)
    end = "сходится" if book.balanced else f"НЕ СХОДИТСЯ: {book.problems[0]}"
    return f"Сверка: {', '.join(parts)}, к оплате {spaced(payable)} — {end}."


def _next_lines(data: Board) -> list[str]:
    return [f"{_NEXT if n == 0 else ' ' * len(_NEXT)} {text}." for n, text in enumerate(data.next)]


def _news(front: Front) -> list[str]:
    """What runs now, what ended while the screen was closed, what fell since it was last looked at."""
    lines = [
        f"Идёт: «{run.title}» ({run.who}, с {run.started_at[11:16]}) — F9 «Ход операции»."
        for run in front.running()
    ]
    left = front.memory.get("job", "")
    run = journal.by_file(left) if left and not front.running_title else None
    if run is not None and run.outcome != "running":
        lines.append(f"Пока экрана не было: «{run.title}» — {columns.outcome(run.outcome)}. {run.message}")
    crashed = lists.ids("runs", {"outcome": "crashed"})
    if crashed and crashed[0] > int(front.memory.get("seen_crash", "0")):
        fallen = journal.run(crashed[0])
        if fallen is not None and (not left or fallen.run_file != left):
            when = f"{fallen.started_at[8:10]}.{fallen.started_at[5:7]} {fallen.started_at[11:16]}"
            lines.append(f"Прервано сбоем: «{fallen.title}» ({fallen.who}, {when}), см. F3 «Журнал».")
    return lines
