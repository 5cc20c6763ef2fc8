"""F1 (справка): the keys of a screen, made from the same table as the bindings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from textual.widget import Widget

from omstui import keys, strings
from omstui.screens.dialog import Dialog
from omstui.widgets import cells
from omstui.widgets.text_view import TextView


class HelpScreen(Dialog[None]):
    """Keys of the screen first, then those of the list, the fields, the log it shows."""

    def __init__(self, screen_title: str, lines: Sequence[str]) -> None:
        super().__init__(strings.HELP_TITLE.format(screen=screen_title), strings.HELP_KEYS, width=78)
        self._lines = list(lines)

    def compose_body(self) -> Iterable[Widget]:
        view = TextView(self._lines)
        view.styles.height = min(self.room, max(len(self._lines) + 2, 6))
        yield view


def help_lines(
    screen_keys: Iterable[keys.Key],
    about: str = "",
    tables: Sequence[tuple[str, Sequence[keys.Command]]] = (),
) -> list[str]:
    """Return the text of F1: what the screen is, its keys, the keys of the widgets on it."""
    lines = [about, ""] if about else []
    for key, second, sentence in keys.help_rows(screen_keys):
        lines += cells.wrap(f"{key:<8}{second:<7}{sentence}", 72, 15)
    lines += ["", strings.HELP_SECOND]
    for title, commands in tables:
        lines += ["", f"#{title}"]
        for command in commands:
            if command.shown:
                lines += cells.wrap(f"{command.shown:<15}{command.help}", 72, 15)
    return lines
