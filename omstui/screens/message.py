"""A message (сообщение): why something was refused, what to do, details that scroll."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from textual import events
from textual.widget import Widget

from omstui import strings
from omstui.domain.errors import OmsError
from omstui.screens.dialog import Dialog
from omstui.widgets import cells
from omstui.widgets.text_view import TextView


class MessageScreen(Dialog[None]):
    """Title, sentence, next step, details; Enter or Esc closes."""

    def __init__(self, title: str, text: str, *, hint: str = "", details: Sequence[str] = ()) -> None:
        super().__init__(title, strings.DIALOG_KEYS)
        self._text = text
        self._hint = hint
        self._details = list(details)

    @classmethod
    def of(cls, error: OmsError) -> MessageScreen:
        """Return the message of an error an operator can mend."""
        return cls(error.title, error.msg, hint=error.hint, details=error.details)

    def compose_body(self) -> Iterable[Widget]:
        lines = cells.wrap(self._text, 70)
        if self._hint:
            lines += ["", *cells.wrap(self._hint, 70)]
        if self._details:
            lines += ["", *(line for text in self._details for line in cells.wrap(text, 70, 2))]
        view = TextView(lines)
        view.styles.height = min(len(lines), self.room)
        yield view

    def letter(self, event: events.Key) -> None:
        if event.key in ("enter", "space"):
            event.stop()
            self.dismiss(None)
