"""«Укажите параметры операции» (параметры): a form in a window, made from a list of fields."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from textual import on
from textual.widget import Widget

from omstui import strings
from omstui.screens.dialog import Dialog
from omstui.screens.menu import Item, MenuScreen
from omstui.widgets.fields import Field
from omstui.widgets.form import Form

#: looks at the values and returns findings by field name; {} = they are good
Check = Callable[[dict[str, Any]], Mapping[str, str]]


class ParamsScreen(Dialog[dict[str, Any]]):
    """Fill in fields; dismisses with their values, or None."""

    def __init__(
        self,
        fields: Sequence[Field],
        values: Mapping[str, Any] | None = None,
        *,
        title: str = strings.PARAMS_TITLE,
        check: Check | None = None,
    ) -> None:
        super().__init__(title, strings.PARAMS_KEYS)
        self._form = Form(fields, values)
        self._check = check

    def compose_body(self) -> Iterable[Widget]:
        self._form.styles.height = min(len(self._form.fields) + 1, self.room)
        yield self._form

    def on_mount(self) -> None:
        self._form.focus()

    @on(Form.SaveAsked)
    def _save(self, event: Form.SaveAsked) -> None:
        event.stop()
        findings = self._check(event.values) if self._check else {}
        if findings:
            event.form.set_findings(findings)
            event.form.go_to(next(iter(findings)))
        else:
            self.dismiss(event.values)

    @on(Form.PickAsked)
    def _pick(self, event: Form.PickAsked) -> None:
        event.stop()
        pick_value(self, event)


def pick_value(screen: Widget, event: Form.PickAsked) -> None:
    """Show the values of a choice over the screen and put the chosen one into the form."""
    form, field = event.form, event.field
    items = [Item(code, title) for code, title in field.choices]

    def chosen(code: str | None) -> None:
        if code is not None:
            form.put(field.name, code)

    screen.app.push_screen(MenuScreen(field.label, items, current=form.text(field.name)), chosen)
