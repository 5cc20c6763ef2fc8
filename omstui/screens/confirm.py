"""A question (подтверждение): Да or Нет; Esc is Нет."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from textual import events
from textual.strip import Strip
from textual.widget import Widget

from omstui import keys, strings
from omstui.screens.dialog import Dialog
from omstui.widgets import cells
from omstui.widgets.text_view import TextView


class _Answers(Widget, can_focus=True):
    DEFAULT_CSS = "_Answers { height: 1; width: 100%; margin: 1 0 0 0; }"

    def __init__(self, yes: bool) -> None:
        super().__init__()
        self.yes = yes

    def turn(self) -> None:
        self.yes = not self.yes
        self.refresh()

    def render_line(self, y: int) -> Strip:
        def mark(text: str, on: bool) -> tuple[str, object]:
            return (f"[ {text} ]", cells.REVERSE) if on else (f"  {text}  ", cells.PLAIN)

        parts = [("  ", cells.PLAIN), mark(strings.YES, self.yes), mark(strings.NO, not self.yes)]
        return cells.strip_of(parts, self.size.width)  # type: ignore[arg-type]


class ConfirmScreen(Dialog[bool]):
    """Ask before something that cannot simply be taken back. Dismisses with True or False.

    Letters are the Russian ones on their keys in any layout: Д (or L) is yes, Н (or Y) is no. Latin
    Y is therefore «Нет», as harmless as Esc: a wrong guess of the layout must never mean «Да».
    """

    def __init__(
        self,
        question: str,
        *,
        title: str = "Подтверждение",
        details: Sequence[str] = (),
        default: bool = False,
    ) -> None:
        super().__init__(title, strings.CONFIRM_KEYS)
        self._question = question
        self._details = list(details)
        self._answers = _Answers(default)

    def compose_body(self) -> Iterable[Widget]:
        lines = cells.wrap(self._question, 70)
        if self._details:
            lines += ["", *(line for text in self._details for line in cells.wrap(text, 70, 2))]
        text = TextView(lines)
        text.styles.height = min(len(lines), self.room - 2)
        text.can_focus = len(lines) > self.room - 2
        if text.can_focus:
            self._keys_line = strings.CONFIRM_KEYS_LONG
        yield text
        yield self._answers

    def on_mount(self) -> None:
        self._answers.focus()

    def letter(self, event: events.Key) -> None:
        if event.key == "enter":
            self.dismiss(self._answers.yes)
        elif event.key in ("left", "right", "space"):
            self._answers.turn()
        elif event.key in ("up", "down", "pageup", "pagedown", "home", "end"):
            self.query_one(TextView).on_key(event)
        elif keys.same_letter(event.character, "д"):
            self.dismiss(True)
        elif keys.same_letter(event.character, "нт"):
            self.dismiss(False)
        else:
            return
        event.stop()

    def give_up(self) -> None:
        self.dismiss(False)
