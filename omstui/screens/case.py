"""«Случай» (case): view, correct, create, copy, delete; services; refusals beside their fields."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from textual import events, on
from textual.widget import Widget

from omstui.domain.model import KINDS
from omstui.domain.runner import Outcome
from omstui.front import Front
from omstui.keys import Key
from omstui.screens import case_fields as fields
from omstui.screens import case_services
from omstui.screens.case_data import CaseView, others_with_policy, read_view
from omstui.screens.case_found import FoundOnCase
from omstui.screens.case_history import CaseHistoryScreen
from omstui.screens.case_names import BOOKS, names_of
from omstui.screens.detail import Detail
from omstui.screens.menu import Item
from omstui.widgets.fields import Field
from omstui.widgets.form import Form
from omstui.widgets.lazy_table import LazyTable
from omstui.widgets.sources import MemorySource
from omstui.widgets.tab_line import TabLine
from omstui.widgets.text_view import TextView

_TABS = (("card", "Карточка"), ("services", "Услуги"), ("findings", "Замечания и отказы"))
_SAVE = Key("main", "Сохран", "Сохранить", "сохраняет карточку и услуги (и Ctrl+W, PgDn на последней)")


class CaseScreen(FoundOnCase):
    """The card of a case in pages of a form; a tab of services; a tab of what was found and refused."""

    HEADING = "Случай"
    OF_ONE = True
    ABOUT = "Карточка случая. Ctrl+W или PgDn на последней странице сохраняет, Esc уходит (спросив)."
    services: Front

    def __init__(
        self,
        services: Front,
        case_id: int | None = None,
        *,
        copy_of: int = 0,
        finding: tuple[int | None, str] | None = None,
    ) -> None:
        self.case_id = case_id or 0
        self.finding, self.go_to_it = finding, finding is not None
        self._copy_of = copy_of
        self.view: CaseView | None = None
        self._rows: list[dict[str, Any]] = []  # services; "delete" marks those to go
        self._touched = False  # services differ from what is stored
        super().__init__(services)
        self._tabs = TabLine(_TABS)
        self._band = Detail(1)
        self._form = Form(fields.fields_for(None))
        source = MemorySource(case_services.COLUMNS, {}, state=lambda i, _: self._row_state(i))
        empty = "Услуг нет. Ins — добавить услугу."
        self._table = LazyTable(source, marks=False, autoload=False, empty=empty)
        self._text = TextView()
        self._table.display = self._text.display = False

    def compose_body(self) -> Iterable[Widget]:
        yield self._tabs
        yield self._band
        yield self._form
        yield self._table
        yield self._text

    def subject(self) -> str:
        if self._copy_of:
            return "копия, ещё не сохранена"
        if self.view is None:
            return "" if self.case_id else "новый, ещё не сохранён"
        case = self.view.card.case
        kind = KINDS[case["kind"]].title if case["kind"] in KINDS else case["kind"]
        payer = self.view.card.payer or "без плательщика"
        return f"{case['key']} · {kind} · {payer}"

    def keys_now(self) -> Sequence[Key]:
        deleted = self.view is not None and self.view.card.case["deleted_at"]
        return (
            Key("history", title="Путь случая", help="реестры, файлы, отказы и исправления случая"),
            Key("edit", title="Изменить услугу", help="на вкладке «Услуги» (и Enter)"),
            _SAVE,
            Key("add_service", title="Добавить услугу", help="на вкладке «Услуги» — Ins"),
            Key("delete", title="Удалить услугу", help="на вкладке «Услуги»; ещё раз — вернуть"),
            Key("next_found", title="Следующий случай с этим замечанием"),
            Key("prev_found", title="Предыдущий случай с этим замечанием"),
            Key("tab_prev"),
            Key("tab_next"),
            Key("save"),
            Key("copy_case", title="Создать копию случая"),
            Key("new_case", title="Новый случай"),
            Key("undelete_case", title="Вернуть удалённый случай")
            if deleted
            else Key("delete_case", title="Удалить случай"),
        )

    def on_mount(self) -> None:
        self._form.focus()
        if self.case_id or self._copy_of:
            self._reload()
        else:
            self._form.fill({"case.usl_ok": "3", "case.help_form": "3"})

    def on_show_again(self) -> None:
        """A dialog was closed: what is being typed stays."""

    # --- reading -------------------------------------------------------------------------

    def _reload(self) -> None:
        self.start_reading(self._reading)

    async def _reading(self) -> None:
        wanted = self.case_id or self._copy_of
        view = await asyncio.to_thread(read_view, wanted)
        shown = fields.fields_for(view.card, copy=bool(self._copy_of))
        values = fields.values_of(view.card, shown)
        if self._copy_of:
            values["case.nhistory"] = ""
        else:
            self.view = view
        await self._use_form(shown, values)
        if not self._copy_of:
            self._form.set_findings(view.findings)
        self._form.set_notes(await asyncio.to_thread(names_of, values, values.get("case.date_out")))
        self._rows = [dict(row) for row in view.card.services]
        self._touched = False
        self._show_rows()
        self._text.show(view.lines)
        self._show_band()
        if self.go_to_it:
            self.go_to_it = False
            self._open_finding(view)
        self.refresh_head()

    async def _use_form(self, shown: Sequence[Field], values: Mapping[str, Any]) -> None:
        """Fill the form; another set of fields needs another form in its place."""
        if shown == self._form.fields:
            self._form.fill(values)
            return
        form = Form(shown, values)
        form.display = self._tabs.current == "card"
        await self.mount(form, before=self._form)
        await self._form.remove()
        self._form = form
        if form.display:
            form.focus()

    # --- tabs ----------------------------------------------------------------------------

    def _open_tab(self) -> None:
        for tab, widget in (("card", self._form), ("services", self._table), ("findings", self._text)):
            widget.display = tab == self._tabs.current
            if widget.display:
                widget.focus()
        self._show_band()

    def unavailable(self, action: str) -> str | None:
        stored = self.view is not None
        if action in ("edit", "delete", "add_service"):
            if self._tabs.current != "services":
                return "это делают на вкладке «Услуги» (Ctrl+→)"
            if action != "add_service" and self._table.row_id is None:
                return "услуг нет; Ins — добавить"
        if action in ("history", "copy_case", "delete_case") and not stored:
            return "случай ещё не сохранён"
        if action in ("next_found", "prev_found") and self._followed is None:
            return "замечаний экспертизы у случая нет"
        if action in ("main", "save", "delete_case", "undelete_case"):
            return self.why_not("case-save")
        return None

    # --- services ------------------------------------------------------------------------

    def _show_rows(self) -> None:
        if isinstance(self._table.source, MemorySource):
            self._table.source.replace([case_services.cells(row) for row in self._rows])
        self._table.load()
        self._show_band()

    @on(LazyTable.RowChosen)
    def _chosen(self, event: LazyTable.RowChosen) -> None:
        event.stop()
        self.action_key("edit")

    @on(LazyTable.CursorMoved)
    def _moved(self, event: LazyTable.CursorMoved) -> None:
        event.stop()
        self._show_band()
        self.refresh_keys()

    def on_key(self, event: events.Key) -> None:
        if event.key == "insert" and self._tabs.current == "services":
            event.stop()
            self.guard(self.do_add_service)

    async def do_edit(self) -> None:
        index = self._table.row_id
        if index is not None:
            await self._ask_service(self._rows[index])

    async def do_add_service(self) -> None:
        await self._ask_service(None)

    async def _ask_service(self, row: dict[str, Any] | None) -> None:
        dates = {name: self._form.read()[0].get(f"case.{name}") for name in ("date_in", "date_out")}
        values = fields.service_values(row or {}) | ({} if row else dates)
        title = "Услуга" if row else "Новая услуга"
        found = await self.ask_params(fields.SERVICE, values, title=title, check=fields.check_service)
        if found is None:
            return
        if row is None:
            self._rows.append(fields.service_row(found))
        else:
            row.update(fields.service_row(found))
        self._touched = True
        self._show_rows()

    def do_delete(self) -> None:
        """Del: the service goes with the next save; once more takes it back."""
        index = self._table.row_id
        if index is None:
            return
        row = self._rows[index]
        if row.get("id"):
            row["delete"] = not row.get("delete")
        else:
            del self._rows[index]
        self._touched = True
        self._show_rows()

    # --- saving --------------------------------------------------------------------------

    @property
    def has_changes(self) -> bool:
        return self._touched or self._form.is_changed

    def do_main(self) -> None:
        self._form.save()

    do_save = do_main

    @on(Form.Changed)
    def _changed(self, event: Form.Changed) -> None:
        """The name of a code stands beside it while it is typed."""
        event.stop()
        if event.form is self._form and event.name in BOOKS:
            day = self._form.read()[0].get("case.date_out")
            event.form.set_notes(names_of({event.name: event.form.text(event.name)}, day))

    @on(Form.SaveAsked)
    def _save_asked(self, event: Form.SaveAsked) -> None:
        event.stop()
        if event.form is self._form:
            self.guard(lambda: self._save(event.values))

    def _params(self, values: dict[str, Any]) -> dict[str, Any]:
        new = not self.case_id and not self._copy_of
        names = [n for n, v in values.items() if v not in ("", None)] if new else self._form.changed_names()
        params: dict[str, Any] = fields.changes(values, names)
        params |= {"case_id": self.case_id, "copy_of": self._copy_of}
        if self.view is not None:
            card = self.view.card
            params |= {"version": card.version, "patient_version": card.patient_version}
        if self._touched or new:
            params["services"] = case_services.changed(self._rows, self.view, bool(self._copy_of))
        return params

    async def _save(self, values: dict[str, Any]) -> None:
        if self.case_id and not self.has_changes:
            self.notice("Изменений нет.")
            return
        params = self._params(values)
        if params["policy"] and self.view is not None:
            count = await asyncio.to_thread(others_with_policy, self.view.card)
            if count:
                text = f"С этим полисом ещё случаев пациента: {count}. Исправить полис и в них?"
                params["policy_all"] = await self.ask(text)
        outcome: Outcome | None = await asyncio.to_thread(self.services.run, "case-save", **params)
        assert outcome is not None
        if outcome.kind == "question" and outcome.error is not None:
            if not await self.ask(outcome.error.msg, outcome.error.details):
                return
            outcome = await asyncio.to_thread(self.services.run, "case-save", yes=True, **params)
        elif outcome.error is not None and outcome.error.title == "Случай изменён":
            outcome = await self._conflict(outcome, params)
        await self._saved(outcome)

    async def _conflict(self, outcome: Outcome, params: dict[str, Any]) -> Outcome | None:
        """Somebody saved the case meanwhile: both values are shown, the operator decides."""
        error = outcome.error
        assert error is not None
        await self.tell(error.title, error.msg, details=error.details)
        items = [
            Item("force", "Сохранить мои значения поверх"),
            Item("again", "Открыть заново, мои изменения пропадут"),
            Item("stay", "Вернуться к карточке"),
        ]
        choice = await self.choose("Случай сохранил другой оператор", items)
        if choice == "again":
            self._reload()
        if choice != "force":
            return None
        return await asyncio.to_thread(self.services.run, "case-save", force=True, **params)

    async def _saved(self, outcome: Outcome | None) -> None:
        if outcome is None:
            return
        if outcome.error is not None or outcome.result is None:
            if outcome.error is not None:
                self.show_error(outcome.error)
            return
        self.case_id, self._copy_of = int(outcome.result.data["case_id"]), 0
        await self._reading()
        self.notice(outcome.message)

    # --- whole cases ---------------------------------------------------------------------

    def do_history(self) -> None:
        self.app.push_screen(CaseHistoryScreen(self.services, case_id=self.case_id))

    def do_new_case(self) -> None:
        self.app.push_screen(CaseScreen(self.services))

    def do_copy_case(self) -> None:
        self.app.push_screen(CaseScreen(self.services, copy_of=self.case_id))

    async def do_delete_case(self) -> None:
        outcome = await self.operate("case-delete", case_ids=[self.case_id])
        if outcome is not None and outcome.error is None:
            await self._reading()

    async def do_undelete_case(self) -> None:
        outcome = await self.operate("case-delete", case_ids=[self.case_id], undo=True)
        if outcome is not None and outcome.error is None:
            await self._reading()
