"""A one-line entry (строка отбора, строка пути): label and text."""

from __future__ import annotations

from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from omstui import strings
from omstui.widgets import cells
from omstui.widgets.line_edit import LineEdit


class FilterInput(Widget, can_focus=True):
    """Enter applies, Esc gives up; hidden until asked for unless ``shown``."""

    DEFAULT_CSS = "FilterInput { height: 1; width: 100%; }"

    class Applied(Message):
        """Enter was pressed; an empty text takes the filter away."""

        def __init__(self, entry: FilterInput, text: str) -> None:
            super().__init__()
            self.entry = entry
            self.text = text

        @property
        def control(self) -> FilterInput:
            return self.entry

    class Left(Message):
        """Esc was pressed."""

        def __init__(self, entry: FilterInput) -> None:
            super().__init__()
            self.entry = entry

        @property
        def control(self) -> FilterInput:
            return self.entry

    def __init__(
        self,
        label: str = strings.FILTER_LABEL,
        text: str = "",
        *,
        shown: bool = False,
        id: str | None = None,  # noqa: A002 - Textual's own name
    ) -> None:
        super().__init__(id=id)
        self._label = label
        self.edit = LineEdit(text)
        self.display = shown

    @property
    def text(self) -> str:
        """What is typed."""
        return self.edit.text

    def put(self, text: str) -> None:
        """Put other text."""
        self.edit.set(text)
        self.refresh()

    def ask(self) -> None:
        """Show the line and start typing."""
        self.display = True
        self.edit.enter()
        self.focus()

    def allow_focus(self) -> bool:
        """Tell Textual that a hidden line is not to be focused by itself."""
        return bool(self.display) and super().allow_focus()

    def on_key(self, event: events.Key) -> None:
        if event.key == "enter":
            self.post_message(self.Applied(self, self.edit.text.strip()))
        elif event.key == "escape":
            self.post_message(self.Left(self))
        elif self.edit.key(event.key, event.character, event.is_printable):
            self.refresh()
        else:
            return
        event.stop()
        event.prevent_default()

    def on_paste(self, event: events.Paste) -> None:
        event.stop()
        self.edit.insert(event.text)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        label = cells.clean(self._label)
        field = self.edit.parts(max(width - len(label) - 2, 1), self.has_focus)
        return cells.strip_of([(f" {label}", cells.PLAIN), *field], width)
