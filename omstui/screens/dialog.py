"""The frame of every dialog (окно): title, content, the line of its keys; Esc gives up."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Generic, TypeVar

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.strip import Strip
from textual.widget import Widget

from omstui import keys, strings
from omstui.widgets import cells
from omstui.widgets.notice import Notice

R = TypeVar("R")


class Line(Widget):
    """One line of text, never markup."""

    DEFAULT_CSS = "Line { height: 1; width: 100%; }"

    def __init__(self, text: str, *, bold: bool = False, dim: bool = False) -> None:
        super().__init__()
        self.text = text
        self._style = cells.BOLD if bold else cells.DIM if dim else cells.PLAIN

    def show(self, text: str) -> None:
        """Change the text."""
        if text != self.text:
            self.text = text
            self.refresh()

    def render_line(self, y: int) -> Strip:
        return cells.strip_of([(cells.fit(self.text, self.size.width), self._style)], self.size.width)


class Dialog(ModalScreen[R], Generic[R], inherit_bindings=False):
    """A window over the screen. Its keys are named in its last line, so nothing is to be guessed."""

    DEFAULT_CSS = """
    Dialog { align: center middle; layers: base notice; }
    Dialog > .frame { width: 76; max-width: 100%; height: auto; max-height: 100%; padding: 0 1;
        border: solid ansi_default; }
    """
    BINDINGS = [
        *keys.bindings(a for a in keys.ACTIONS if a.slot or a.id in ("back", "redraw")),
        ("tab", "app.focus_next"),
        ("shift+tab", "app.focus_previous"),
    ]

    def __init__(self, title: str, keys_line: str, *, width: int = 76) -> None:
        super().__init__()
        self.heading = title
        self._keys_line = keys_line
        self._width = width

    def compose(self) -> ComposeResult:
        frame = Vertical(classes="frame")
        frame.styles.width = self._width
        with frame:
            yield Line(self.heading, bold=True)
            yield from self.compose_body()
            yield Line(self._keys_line, dim=True)
        yield Notice()

    def compose_body(self) -> Iterable[Widget]:
        """Return what stands between the title and the line of keys."""
        return ()

    @property
    def room(self) -> int:
        """Rows the body may take on this terminal."""
        return max((self.app.size.height or 24) - 6, 3)

    def notice(self, text: str, level: str = "info") -> None:
        """Show a sentence over the bottom rows until the next key."""
        self.query_one(Notice).show(text, level)

    def hide_notice(self) -> None:
        """Called by the application before each key."""
        for notice in self.query(Notice):
            notice.hide()

    def action_key(self, name: str) -> None:
        """Esc and F10 give up, F1 shows the line of keys again, other F-keys say they do not act."""
        if name in ("back", "exit"):
            self.give_up()
        elif name == "help":
            self.notice(self._keys_line)
        elif name == "redraw":
            redraw(self)
        else:
            self.notice(strings.KEY_NOT_IN_DIALOG.format(key=keys.BY_ID[name].shown_key))

    def give_up(self) -> None:
        """Close with None."""
        self.dismiss(None)

    def on_key(self, event: events.Key) -> None:
        self.letter(event)

    def letter(self, event: events.Key) -> None:
        """Answer to letters; for subclasses."""


def redraw(screen: ModalScreen | Widget) -> None:
    """Send the whole screen again (Ctrl+L)."""
    action = getattr(screen.app, "redraw", None)
    if action is not None:
        action()
    else:
        screen.screen.refresh(layout=True)
