"""Editing of one line of text (строка ввода): pure logic, no terminal."""

from __future__ import annotations

from rich.style import Style

from omstui import keys
from omstui.widgets import cells


class LineEdit:
    """Text with a caret. After ``enter`` the first typed character replaces the old text."""

    def __init__(self, text: str = "", max_length: int = 0) -> None:
        self.text = text
        self.pos = len(text)
        self.max_length = max_length
        self._fresh = False
        self._left = 0

    def set(self, text: str) -> None:
        """Put other text, caret at its end."""
        self.text = text
        self.pos = len(text)
        self._fresh = False

    def enter(self) -> None:
        """The field was entered: typing replaces, moving keeps."""
        self.pos = len(self.text)
        self._fresh = bool(self.text)

    def insert(self, text: str) -> None:
        """Insert typed or pasted text at the caret; only its first line, only what fits."""
        text = cells.clean(text.splitlines()[0] if text else "")
        if self._fresh:
            self.text, self.pos, self._fresh = "", 0, False
        if self.max_length:
            text = text[: max(self.max_length - len(self.text), 0)]
        self.text = self.text[: self.pos] + text + self.text[self.pos :]
        self.pos += len(text)

    def key(self, key: str, character: str | None, printable: bool) -> bool:
        """Apply a key; False = not an editing key."""
        action = _EDITING.get(key)
        if action is not None:
            getattr(self, f"_{action}")()
            self._fresh = False
            return True
        if character and printable:
            self.insert(character)
            return True
        return False

    def _back(self) -> None:
        if self.pos:
            self.text = self.text[: self.pos - 1] + self.text[self.pos :]
            self.pos -= 1

    def _delete(self) -> None:
        self.text = self.text[: self.pos] + self.text[self.pos + 1 :]

    def _go_left(self) -> None:
        self.pos = max(self.pos - 1, 0)

    def _go_right(self) -> None:
        self.pos = min(self.pos + 1, len(self.text))

    def _word_left(self) -> None:
        self.pos = self.text.rstrip().rfind(" ", 0, max(self.pos - 1, 0)) + 1

    def _word_right(self) -> None:
        place = self.text.find(" ", self.pos)
        self.pos = len(self.text) if place < 0 else place + 1

    def _home(self) -> None:
        self.pos = 0

    def _end(self) -> None:
        self.pos = len(self.text)

    def _clear(self) -> None:
        self.text, self.pos = "", 0

    def _cut_right(self) -> None:
        self.text = self.text[: self.pos]

    def view(self, width: int) -> tuple[str, int]:
        """Return the visible part, exactly ``width`` cells, and the column of the caret in it."""
        width = max(width, 1)
        if self.pos < self._left:
            self._left = self.pos
        elif self.pos >= self._left + width:
            self._left = self.pos - width + 1
        # when text was removed, do not leave the field half empty
        self._left = max(min(self._left, len(self.text) - width + 1), 0)
        shown = cells.one_cell_each(self.text[self._left : self._left + width])
        return shown.ljust(width), self.pos - self._left

    def parts(self, width: int, active: bool) -> list[tuple[str, Style]]:
        """Return the field as drawn: underlined, or reverse with a caret when active."""
        if not active:
            text = cells.fit(self.text, width)
            return [(text, cells.UNDERLINE)]
        text, caret = self.view(width)
        return [
            (text[:caret], cells.REVERSE),
            (text[caret], cells.PLAIN if text[caret] != " " else cells.UNDERLINE),
            (text[caret + 1 :], cells.REVERSE),
        ]


_EDITING = {
    "backspace": "back",
    "delete": "delete",
    "ctrl+d": "delete",
    "left": "go_left",
    "right": "go_right",
    "ctrl+left": "word_left",
    "ctrl+right": "word_right",
    "home": "home",
    "end": "end",
    "ctrl+a": "home",
    "ctrl+e": "end",
    "ctrl+k": "cut_right",
    **{key: "clear" for command in keys.FORM_COMMANDS if command.name == "clear" for key in command.keys},
}
