"""«Укажите параметры операции», «Название пакета» (QPID): only the last digit can be changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from omstui import strings
from omstui.screens.detail import Detail
from omstui.screens.dialog import Dialog, Line
from omstui.widgets import cells

LABEL = "Название пакета"
CONTINUE = "Продолжить"
KEYS = "цифра, ↑ ↓ — последняя цифра · Enter — Продолжить · Esc — отмена"
ONLY_LAST = "Изменить можно только последнюю цифру, все остальные изменения недопустимы."
_IDLE = cells.wrap(ONLY_LAST, 70)
_ROWS = 6
#: returns what is wrong in a name, [] = it may be used
Check = Callable[[str], Sequence[str]]


class PackageName(Widget, can_focus=True):
    """The name with its last digit under the cursor; a pasted name is taken whole and then judged."""

    DEFAULT_CSS = "PackageName { height: 1; width: 100%; }"

    class Changed(Message):
        """Another name stands in the field."""

    class Refused(Message):
        """A change of anything but the last digit was tried."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.value = name

    def on_key(self, event: events.Key) -> None:
        step = {"up": 1, "down": -1, "plus": 1, "minus": -1}.get(event.key, 0)
        if step and self.value[-1:].isdecimal():
            self._put(str(min(max(int(self.value[-1]) + step, 1), 9)))
        elif event.character and event.character in "0123456789":
            self._put(event.character)
        elif event.is_printable or event.key in ("backspace", "delete", "left", "right", "home"):
            self.post_message(self.Refused())
        else:
            return
        event.stop()
        event.prevent_default()

    def on_paste(self, event: events.Paste) -> None:
        event.stop()
        text = cells.clean(event.text.strip().splitlines()[0] if event.text.strip() else "")
        if text:
            self.value = text[:-4] if text.lower().endswith(".dbf") else text
            self.refresh()
            self.post_message(self.Changed())

    def _put(self, digit: str) -> None:
        self.value = self.value[:-1] + digit
        self.refresh()
        self.post_message(self.Changed())

    def render_line(self, y: int) -> Strip:
        head = f" {LABEL}  {self.value[:-1]}"
        return cells.strip_of([(head, cells.PLAIN), (self.value[-1:], cells.REVERSE)], self.size.width)


class IdentParamsScreen(Dialog[str]):
    """Dismisses with the name of the package, or None."""

    def __init__(self, name: str, check: Check) -> None:
        super().__init__(strings.PARAMS_TITLE, KEYS)
        self._field = PackageName(name)
        self._problems = Detail(_ROWS, ["", *_IDLE])
        self._check = check

    def compose_body(self) -> Iterable[Widget]:
        yield self._field
        yield self._problems
        yield Line(f"[ {CONTINUE} ]", bold=True)

    def on_mount(self) -> None:
        self._field.focus()

    def on_package_name_changed(self, event: PackageName.Changed) -> None:
        event.stop()
        self._problems.show(["", *_IDLE])

    def on_package_name_refused(self, event: PackageName.Refused) -> None:
        event.stop()
        self.notice(ONLY_LAST)

    def letter(self, event: events.Key) -> None:
        if event.key in ("enter", "ctrl+w"):
            event.stop()
            self._go_on()

    def action_key(self, name: str) -> None:
        if name in ("save", "main"):
            self._go_on()
        else:
            super().action_key(name)

    def _go_on(self) -> None:
        problems = self._check(self._field.value)
        if not problems:
            self.dismiss(self._field.value)
            return
        lines = [line for text in problems for line in cells.wrap(f"! {text}", 70, 2)]
        self._problems.styles.height = min(max(len(lines), _ROWS), self.room - 3)
        self._problems.show(lines)
