"""The screen all others are built on (экран): header, content, key bar, help, menu, questions.

A screen names its actions in ``KEYS`` and has a method ``do_<id>`` for each, plain or async.
``unavailable(id)`` returns the reason why an action cannot be done now; the key then says it.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial
from typing import Any, ClassVar

from textual import on
from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.widget import Widget

from omstui import keys, strings
from omstui.domain.errors import OmsError
from omstui.keys import Key
from omstui.screens.dialog import redraw
from omstui.screens.help import HelpScreen, help_lines
from omstui.screens.listing import ListingScreen
from omstui.screens.menu import Item, MenuScreen
from omstui.screens.params import pick_value
from omstui.screens.services import Services
from omstui.widgets.fkey_bar import FKeyBar
from omstui.widgets.form import Form
from omstui.widgets.lazy_table import LazyTable
from omstui.widgets.notice import Notice
from omstui.widgets.op_log import OpLog
from omstui.widgets.status_line import StatusLine
from omstui.widgets.text_view import TextView


class BaseScreen(ListingScreen, inherit_bindings=False):
    """Header of two lines, content from ``compose_body``, key bar; every key leads to ``do_…``."""

    #: name in the second line and in F1, F9
    HEADING: ClassVar[str] = ""
    #: one object that the first part of ``subject`` names: its papers have names of their own
    OF_ONE: ClassVar[bool] = False
    #: what the screen is for, the first sentence of F1
    ABOUT: ClassVar[str] = ""
    #: actions beside the common ones, in the order of F9
    KEYS: ClassVar[Sequence[Key]] = ()
    BINDINGS = [
        *keys.bindings(),
        ("tab", "app.focus_next"),
        ("shift+tab", "app.focus_previous"),
    ]
    DEFAULT_CSS = "BaseScreen { layers: base notice; }"

    def __init__(self, services: Services) -> None:
        super().__init__()
        self.services = services
        self._status = StatusLine(services.mo_title, services.operator_title, self.HEADING, self.subject())
        self._bar = FKeyBar()
        self._notice = Notice()

    def compose(self) -> ComposeResult:
        yield self._status
        yield from self.compose_body()
        yield self._bar
        yield self._notice

    # --- what a screen fills in ----------------------------------------------------------

    def compose_body(self) -> Iterable[Widget]:
        """Return the content between the header and the key bar."""
        return ()

    def subject(self) -> str:
        """Return what the screen is about: registry with period, type and status; period."""
        return ""

    def paper_name(self) -> str:
        """Return what a file of F9 «Печать» is called."""
        return f"{self.HEADING} {self.subject().split(' · ')[0]}".strip() if self.OF_ONE else self.HEADING

    def keys_now(self) -> Sequence[Key]:
        """Return the actions of the screen; another list per tab may be given."""
        return self.KEYS

    def unavailable(self, action: str) -> str | None:
        """Return why the action cannot be done now (a Russian phrase), None if it can."""
        return None

    def on_show_again(self) -> None:
        """Called when a screen over this one was closed; lists are read again by default."""
        for table in self.query(LazyTable):
            table.reload()

    # --- header, key bar, notice ---------------------------------------------------------

    def on_mount(self) -> None:
        self.refresh_keys()

    def on_screen_resume(self) -> None:
        if self.is_mounted and self._seen:
            self.on_show_again()
            self.refresh_head()
        self._seen = True

    _seen = False

    def refresh_head(self) -> None:
        """Show the header and the key bar as things stand now."""
        self._status.show(
            mo=self.services.mo_title,
            operator=self.services.operator_title,
            screen=self.HEADING,
            subject=self.subject(),
        )
        self.refresh_keys()

    def refresh_keys(self) -> None:
        """Show which F-keys can be pressed now; call it when ``unavailable`` may have changed."""
        labels = {}
        for key in (*keys.COMMON, *self.keys_now()):
            action = key.action
            if action.slot:
                labels[action.slot] = (action.label, self.unavailable(action.id) is None)
        self._bar.show_keys(labels)

    def notice(self, text: str, level: str = "info") -> None:
        """Show a sentence over the bottom rows until the next key; level info, warning or error."""
        self._notice.show(text, level)

    def hide_notice(self) -> None:
        """Called by the application before each key."""
        self._notice.hide()

    # --- keys ----------------------------------------------------------------------------

    def action_key(self, name: str) -> None:
        """A key of the table was pressed: do it, or say why not."""
        for key in self._all_keys():
            if key.id == name:
                self.press(key)
                return
        action = keys.BY_ID[name]
        if not action.slot:
            raise SkipAction
        text = strings.KEY_NOT_HERE.format(key=action.shown_key, title=action.title)
        self.notice(text)

    def press(self, key: Key) -> None:
        """Do an action as if its key was pressed."""
        action = key.action
        reason = self.unavailable(action.id)
        if reason:
            text = strings.KEY_UNAVAILABLE.format(key=action.shown_key, title=action.title, reason=reason)
            self.notice(text.strip())
            return
        self.guard(getattr(self, f"do_{action.id}"))

    def guard(self, work: Callable[[], Any]) -> None:
        """Call the work, async or not; an OmsError becomes a message on the screen."""
        try:
            outcome = work()
        except OmsError as error:
            self.show_error(error)
            return
        if inspect.isawaitable(outcome):
            self.run_worker(self._guarded(outcome), group="action")

    async def _guarded(self, outcome: Awaitable[Any]) -> None:
        try:
            await outcome
        except OmsError as error:
            self.show_error(error)

    def start_reading(self, reading: Callable[[], Awaitable[None]]) -> None:
        """Run what fills the screen; a reading begun later overtakes it, a refusal becomes a message."""
        # not a coroutine yet: one that was overtaken before its start would be left unawaited
        work: Any = partial(self._run_reading, reading)
        self.run_worker(work, exclusive=True, group="read")

    async def _run_reading(self, reading: Callable[[], Awaitable[None]]) -> None:
        await self._guarded(reading())

    def about(self) -> str:
        """What F1 says of the screen first; a screen of both regions may say it in the words of each."""
        return self.ABOUT

    def do_help(self) -> None:
        tables: list[tuple[str, Sequence[keys.Command]]] = []
        for kind, title, commands in (
            (LazyTable, strings.HELP_LIST, self._list_commands()),
            (Form, strings.HELP_FORM, keys.FORM_COMMANDS),
            (OpLog, strings.HELP_LOG, keys.LOG_COMMANDS),
        ):
            if self.query(kind):
                tables.append((title, commands))
        own = [key for key in self._all_keys() if key not in keys.COMMON]
        lines = help_lines(own, self.about(), tables)
        self.app.push_screen(HelpScreen(self.HEADING, lines))

    def _list_commands(self) -> Sequence[keys.Command]:
        """Commands of the lists of this screen: where no row can be marked, F1 does not promise it."""
        if any(table.marks_on for table in self.query(LazyTable)):
            return keys.LIST_COMMANDS
        return [command for command in keys.LIST_COMMANDS if not command.name.startswith("mark")]

    def do_menu(self) -> None:
        by_id = {key.id: key for key in self._all_keys() if key.id != "menu"}
        items = [
            Item(key.id, a.title, a.shown_key, self.unavailable(a.id) or "")
            # what is printed is the same on every screen, so it stands in the same place
            for key in sorted(by_id.values(), key=lambda key: key.id != "print")
            for a in (key.action,)
        ]

        def chosen(name: str | None) -> None:
            if name is not None:
                self.press(by_id[name])

        title = strings.MENU_TITLE.format(screen=self.HEADING)
        self.app.push_screen(MenuScreen(title, items), chosen)

    def _all_keys(self) -> tuple[Key, ...]:
        on_lists: Sequence[Key] = keys.ON_LISTS if self.query(LazyTable) else ()
        if not on_lists and self.query(TextView):
            on_lists = (keys.PRINT,)
        return (*self.keys_now(), *on_lists, *keys.COMMON)

    async def do_print(self) -> None:
        """F9 «Печать»: the list with its filter, order and columns (or the text) as a file."""
        # reports are imported when first asked for: the program must start fast
        from omstui.screens.printing import print_list, print_text

        table = None if isinstance(self.focused, TextView) else self.main_table()
        if table is not None:
            await print_list(self, table)
        elif views := self.query(TextView):
            await print_text(self, views.first())

    async def do_back(self) -> None:
        if len(self.app.screen_stack) <= 2:
            self.notice(strings.AT_ROOT)
        elif not self.has_changes or await self.ask(strings.UNSAVED):
            self.dismiss(None)

    @property
    def has_changes(self) -> bool:
        """Whether a form on the screen holds what was not saved: leaving then asks."""
        return any(form.is_changed for form in self.query(Form))

    async def do_exit(self) -> None:
        running = self.services.running_title
        details = [strings.EXIT_RUNNING.format(title=running)] if running else []
        if self.has_changes:
            details.insert(0, strings.EXIT_UNSAVED)
        if await self.ask(strings.EXIT_QUESTION, details, default=not self.has_changes):
            self.app.exit()

    def do_redraw(self) -> None:
        redraw(self)

    @on(Form.PickAsked)
    def _pick_asked(self, event: Form.PickAsked) -> None:
        event.stop()
        pick_value(self, event)
