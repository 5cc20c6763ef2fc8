"""The application (программа на экране): theme, stylesheet, screens by name, what to do on a bug."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from platformdirs import user_state_path
from textual import events
from textual.app import App
from textual.geometry import Size
from textual.screen import Screen

from omstui import strings
from omstui.domain.errors import reason_of
from omstui.screens.services import Services
from omstui.widgets.rowdiff import RowDiff

MIN_WIDTH, MIN_HEIGHT = 80, 24

ScreenMaker = Callable[[Any], Screen[Any]]


class OmsApp(App[int], inherit_bindings=False):
    """Holds the services and the stack of screens; everything else is theirs."""

    CSS_PATH = "omstui.tcss"
    TITLE = "omstui"
    ENABLE_COMMAND_PALETTE = False
    ESCAPE_TO_MINIMIZE = False
    NOTIFICATION_TIMEOUT = 10
    BINDINGS = []

    def __init__(
        self,
        services: Services,
        screens: Mapping[str, ScreenMaker],
        start: str,
        *,
        theme: str = "ansi-dark",
        log_path: Path | None = None,
    ) -> None:
        super().__init__()
        self.services = services
        self._makers = dict(screens)
        self._start = start
        self._log_path = log_path
        self._rows = RowDiff()
        self._names: WeakKeyDictionary[Screen[Any], str] = WeakKeyDictionary()
        self._drawn_size: Size | None = None
        self.animation_level = "none"
        self.theme = theme
        #: set when the program fell over a bug; the launcher prints it after the screen is gone
        self.bug_text = ""

    def on_mount(self) -> None:
        self.open_screen(self._start)

    @property
    def screen_id(self) -> str:
        """The name of the open screen in the table, "" for those below the table."""
        return self._names.get(self.screen, "")

    # --- screens -------------------------------------------------------------------------

    def open_screen(self, name: str, **arguments: Any) -> None:
        """Open the screen of this name over the present one."""
        self.push_screen(self.make_screen(name, **arguments))

    def make_screen(self, name: str, **arguments: Any) -> Screen[Any]:
        """Return a new screen of this name."""
        maker = self._makers.get(name)
        if maker is None:
            raise KeyError(strings.NO_SCREEN.format(name=name, names=", ".join(self._makers)))
        screen = maker(self.services, **arguments)
        self._names[screen] = name
        return screen

    # --- keys and notices ----------------------------------------------------------------

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key) and not event.is_forwarded:
            hide = getattr(self.screen, "hide_notice", None)
            if hide is not None:
                hide()
        await super().on_event(event)

    def notify(self, message: str, *, markup: bool = False, **options: Any) -> None:
        """Show a toast; unlike Textual's, the text is never markup."""
        super().notify(message, markup=markup, **options)

    # --- the terminal --------------------------------------------------------------------

    def _display(self, screen: Screen[Any], renderable: Any) -> None:
        super()._display(screen, self._rows.reduce(renderable))

    def redraw(self) -> None:
        """Send the whole screen again: another program wrote over it."""
        self._rows.clear()
        self.screen.refresh(layout=True)

    async def on_resize(self, event: events.Resize) -> None:
        # the terminal moves or clears what it shows, even when it comes back to the size it had:
        # two quick changes reach us as one event of the old size
        if self._drawn_size is not None:
            self.redraw()
        self._drawn_size = event.size
        width, height = event.size
        notice = getattr(self.screen, "notice", None)
        if notice is not None and (width < MIN_WIDTH or height < MIN_HEIGHT):
            notice(strings.TOO_SMALL.format(width=width, height=height), "warning")

    def _resume_signal(self) -> None:
        self._rows.clear()
        super()._resume_signal()

    # --- bugs ----------------------------------------------------------------------------

    def _fatal_error(self) -> None:
        """Write the traceback to a file and leave with a sentence instead of the traceback."""
        error = self._exception
        text = "".join(traceback.format_exception(error)) if error else traceback.format_exc()
        self.bug_text = self._write_bug(text, error)
        self._return_code = 70
        self._close_messages_no_wait()

    def _write_bug(self, text: str, error: BaseException | None) -> str:
        name = type(error).__name__ if error else "?"
        path = self._log_path or user_state_path("omstui") / "errors.log"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            handler = logging.FileHandler(path, encoding="utf-8")
            record = logging.LogRecord("omstui", logging.ERROR, "", 0, text, None, None)
            handler.setFormatter(logging.Formatter("%(asctime)s\n%(message)s"))
            handler.emit(record)
            handler.close()
        except OSError as reason:
            return strings.BUG_NO_LOG.format(error=name, reason=reason_of(reason))
        return strings.BUG.format(error=name, path=path)
