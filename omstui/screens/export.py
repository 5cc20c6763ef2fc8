"""«Выгрузка реестров и печать счетов» (export): insurers of the month, F2, F6, удержания, «отправлен»."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

from textual import on
from textual.widget import Widget

from omstui.domain import outgoing
from omstui.domain.errors import OmsError
from omstui.domain.model import PackageState
from omstui.domain.money import roubles, spaced
from omstui.domain.ops import reform
from omstui.domain.outgoing import InsurerRow, Outgoing
from omstui.domain.store import db, packages, withholdings
from omstui.front import Front
from omstui.keys import Key
from omstui.screens.detail import Detail
from omstui.screens.export_rows import COLUMNS, detail_lines, package_line, row_cells, row_state
from omstui.screens.invoice_ops import issue_invoices
from omstui.screens.invoice_sums import InvoiceSumsScreen
from omstui.screens.ledger import LedgerScreen
from omstui.screens.menu import Item
from omstui.screens.operating import OperatingScreen
from omstui.screens.sources import day
from omstui.widgets.fields import Field
from omstui.widgets.lazy_table import LazyTable
from omstui.widgets.sources import MemorySource

_NOTE_FIELDS = (
    Field("sum", "Сумма удержания", "money", 15, "пусто — не внесено, 0 — удержаний нет, сумма — внесено"),
    Field("notice_date", "Дата уведомления", "date", 10, "дата уведомления о корректировке из ТФОМС"),
    Field("note", "Примечание", "text", 40),
)


class ExportScreen(OperatingScreen):
    """Insurers with what was sent, refused, re-formed and is to be paid."""

    HEADING = "Выгрузка реестров и печать счетов"
    ABOUT = "Что отправлено каждой СМО, что она отказала, что осталось в файле «7» и сколько к оплате."
    KEYS = (
        Key("export", title="Выгрузить реестры", help="выгружает сформированные реестры месяца в …13X"),
        Key("history", title="История удержаний", help="кто, когда и какое удержание вносил"),
        Key("edit", "Удерж", "Внести удержание", "удержание этой СМО: нет, 0,00 или сумма"),
        Key("main", "Суммы", "Суммы для счетов", "по СМО и видам помощи; можно сохранить в файл"),
        Key("reform", title="Переформировать (7 файл)", help="файл «7» этой СМО или отмеченных"),
        Key("reform_all", title="Переформировать все СМО", help="файлы «7» всем СМО, чей «1» принят"),
        Key("sent", title="Отправлен в ТФОМС", help="отмечает файл отнесённым в ТФОМС, снимает отметку"),
        Key("invoices", title="Выставить и напечатать счета", help="счета отмеченных СМО: PDF, XLSX, текст"),
        Key("payments", title="Счета и платежи", help="счета по месяцам, получено, долг, закрытие месяца"),
        Key("refusals", title="Отказы этой СМО", help="открывает «Анализ» по этой СМО"),
        Key("search"),
        Key("period"),
        Key("ledger", title="Сверка", help="сходится ли месяц до копейки"),
    )
    services: Front

    def __init__(self, services: Front) -> None:
        self.month: Outgoing | None = None
        super().__init__(services)
        self._table = LazyTable(
            MemorySource(COLUMNS, {}, state=lambda i, _: row_state(self.month, self._row(i))),
            frozen=2,
            autoload=False,
        )
        self._head = Detail(1)
        self._detail = Detail(8)

    def compose_body(self) -> Iterable[Widget]:
        yield self._head
        yield self._table
        yield self._detail

    def subject(self) -> str:
        test = " · тестовый цикл" if self.month and self.month.test else ""
        return self.services.period_title + test

    def on_mount(self) -> None:
        self._table.focus()
        self._read()

    def on_show_again(self) -> None:
        self._read()

    def _read(self) -> None:
        self.start_reading(self._reading)

    async def _reading(self) -> None:
        month = await asyncio.to_thread(_read_month, self.services.period)
        self.month = month
        source = self._table.source
        if isinstance(source, MemorySource):
            source.replace({row.payer.id: row_cells(row) for row in month.rows})
        self._table.load()
        self._head.show([package_line(month)])
        self._show_detail()
        self.refresh_head()

    def _row(self, payer: int | None = None) -> InsurerRow | None:
        wanted = self._table.row_id if payer is None else payer
        rows = self.month.rows if self.month else []
        return next((row for row in rows if row.payer.id == wanted), None)

    @on(LazyTable.CursorMoved)
    def _moved(self, event: LazyTable.CursorMoved) -> None:
        event.stop()
        self._show_detail()

    @on(LazyTable.RowChosen)
    def _chosen(self, event: LazyTable.RowChosen) -> None:
        event.stop()
        self.action_key("edit")

    def _show_detail(self) -> None:
        row = self._row()
        self._detail.show(detail_lines(self.month, row) if self.month and row else [])

    # --- what can be done ----------------------------------------------------------------

    def unavailable(self, action: str) -> str | None:
        month = self.month
        if action in ("export", "reform", "reform_all") and (running := self.running_reason()):
            return running
        if action in ("edit", "history", "refusals") and self._row() is None:
            return "нет строки СМО"
        if action == "invoices" and month is not None and not any(r.total.sevens for r in month.rows):
            return "файлы «7» ещё не сделаны (F6)"
        if action in ("reform", "reform_all") and month is not None:
            if month.test:
                return "выгружены только тестовые реестры; восстановите их и выгрузите основные (F2)"
            if not month.packages:
                return "сначала выгрузите реестры (F2) и примите ответы «1»"
        if action == "sent" and month is not None and not month.packages:
            return "ещё ничего не выгружено (F2)"
        return None

    async def do_export(self) -> None:
        """F2: which cycle, where to, and the operation."""
        test = await self._which_cycle()
        if test is None:
            return
        folder = await self._folder("Куда записать файл выгрузки")
        if folder:
            await self.operate_long("export", period=self.services.period, out=folder, test=test)

    async def _which_cycle(self) -> bool | None:
        main, test = self.month.waiting if self.month else (0, 0)
        if not (main and test):
            return bool(test)
        items = [Item("main", f"Основные реестры: {main}"), Item("test", f"Тестовые реестры: {test}")]
        choice = await self.choose("Какие реестры выгрузить", items)
        return None if choice is None else choice == "test"

    async def _folder(self, title: str) -> str | None:
        start = self.services.folder("out")
        found = await self.pick_paths("folder", start, title=title)
        if not found:
            return None
        self.services.remember("folder.out", str(found[0]))
        return str(found[0])

    async def do_reform(self) -> None:
        codes = [row.payer.code for i in self._table.chosen_ids() if (row := self._row(i))]
        await self._reform(codes)

    async def do_reform_all(self) -> None:
        await self._reform([])

    async def _reform(self, codes: list[str]) -> None:
        """F6: what will be excluded is shown first, then the folder, then the operation."""
        plans = await asyncio.to_thread(_preview, self.services.period, codes)
        bad = [plan for plan in plans if plan.problem]
        good = [plan for plan in plans if not plan.problem]
        if not codes:  # those already made are made again only when nothing else is left
            good = [plan for plan in good if plan.existing is None] or good
        if not good or (codes and bad):
            first = bad[0]
            rest = [plan.problem for plan in bad[1:]]
            raise OmsError(f"F6 нельзя: {first.problem}.", hint=first.hint, details=rest)
        details = [plan.question for plan in good]
        details += [f"Пропущено: {plan.problem}. {plan.hint}" for plan in bad]
        if not await self.ask(f"Сделать файлы «7»: {len(good)}?", details, default=True):
            return
        folder = await self._folder("Куда записать файлы «7»")
        if folder:
            smo = [plan.smo for plan in good]
            await self.operate_long("reform", period=self.services.period, out=folder, smo=smo)
            self._table.clear_marks()

    async def do_edit(self) -> None:
        row = self._row()
        if row is None:
            return
        entry = row.withheld
        values: dict[str, Any] = {}
        if entry is not None:
            values = {"sum": entry.total, "notice_date": entry.notice_date, "note": entry.note}
        title = f"Удержание: {row.payer.code} {row.payer.name}"
        found = await self.ask_params(_NOTE_FIELDS, values, title=title)
        if found is None:
            return
        await self.operate(
            "withhold",
            period=self.services.period,
            smo=row.payer.code,
            sum=None if found["sum"] is None else roubles(found["sum"]),
            notice_date=found["notice_date"],
            note=found["note"],
        )

    async def do_history(self) -> None:
        row = self._row()
        if row is None:
            return
        with db.connection():
            entries = withholdings.history(self.services.period, row.payer.id)
        lines = [
            f"{day(e.at)}  {e.who}: {'не внесено' if e.total is None else spaced(e.total)}"
            + (f", уведомление от {day(e.notice_date)}" if e.notice_date else "")
            + (f", {e.note}" if e.note else "")
            for e in entries
        ]
        text = f"Записей: {len(lines)}." if lines else "Удержание по этой СМО ещё не вносили."
        await self.tell(f"История удержаний: {row.payer.code} {row.payer.name}", text, details=lines)

    async def do_sent(self) -> None:
        """Mark a file as carried to the fund, or take the mark off."""
        with db.connection():
            found = packages.packages(self.services.period)
            found += packages.packages(self.services.period, kind="7", state=PackageState.ACTIVE)
        codes = {row.payer.id: row.payer.code for row in self.month.rows} if self.month else {}
        items = [Item(str(p.id), p.name, f"{day(p.sent_at)[:10]}" if p.sent_at else "нет") for p in found]
        choice = await self.choose("Отправлен в ТФОМС: отметить или снять отметку", items)
        package = next((p for p in found if str(p.id) == choice), None)
        if package is None:
            return
        if package.sent_at and not await self.ask(f"Снять отметку «отправлен» с {package.name}?"):
            return
        smo = codes.get(package.payer, "") if package.payer else ""
        period = self.services.period
        await self.operate("sent", period=period, smo=smo, package=package.id, undo=bool(package.sent_at))

    async def do_invoices(self) -> None:
        marked = [row.payer.code for i in self._table.marked if (row := self._row(i))]
        await issue_invoices(self, self.services.period, marked)
        self._table.clear_marks()

    def do_payments(self) -> None:
        from omstui.screens.payments import PaymentsScreen

        self.app.push_screen(PaymentsScreen(self.services))

    def do_main(self) -> None:
        self.app.push_screen(InvoiceSumsScreen(self.services))

    def do_ledger(self) -> None:
        self.app.push_screen(LedgerScreen(self.services))

    def do_refusals(self) -> None:
        from omstui.screens.rejections import RejectionsScreen

        row = self._row()
        if row is not None:
            self.app.push_screen(RejectionsScreen(self.services, where={"smo": row.payer.code}))


def _read_month(period: str) -> Outgoing:
    with db.connection():
        return outgoing.read(period)


def _preview(period: str, codes: list[str]) -> list[reform.ReformPreview]:
    with db.connection():
        return reform.preview(period, codes)
