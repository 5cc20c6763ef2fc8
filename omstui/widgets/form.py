"""The form (карточка, параметры): label, field, finding beside it; one widget draws all rows.

One widget instead of a label and an Input per field: a change of field repaints two rows and no
layout, a card of sixty fields opens at once, and the caret never blinks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.style import Style
from textual import events
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from omstui import keys, strings
from omstui.widgets import cells
from omstui.widgets.fields import Field
from omstui.widgets.line_edit import LineEdit

_COMMANDS = keys.command_of(keys.FORM_COMMANDS)
_LABEL_MAX = 30
_ERROR = Style(color="red", bold=True)


class Form(Widget, can_focus=True):
    """Rows of fields with their findings; the last line explains the field that is edited."""

    DEFAULT_CSS = "Form { height: 1fr; width: 100%; }"

    class Event(Message):
        """Something about a form."""

        def __init__(self, form: Form) -> None:
            super().__init__()
            self.form = form

        @property
        def control(self) -> Form:
            return self.form

    class SaveAsked(Event):
        """Ctrl+W, PgDn on the last page or Enter on the last field, and every field is readable."""

        def __init__(self, form: Form, values: dict[str, Any]) -> None:
            super().__init__(form)
            self.values = values

    class PickAsked(Event):
        """The list of values of a choice is wanted; the screen shows it and calls ``put``."""

        def __init__(self, form: Form, field: Field) -> None:
            super().__init__(form)
            self.field = field

    class Changed(Event):
        """The text of a field changed."""

        def __init__(self, form: Form, name: str) -> None:
            super().__init__(form)
            self.name = name

    def __init__(
        self,
        fields: Sequence[Field],
        values: Mapping[str, Any] | None = None,
        *,
        findings: Mapping[str, str] | None = None,
        id: str | None = None,  # noqa: A002 - Textual's own name
    ) -> None:
        super().__init__(id=id)
        self.fields = tuple(fields)
        self._edits = {
            field.name: LineEdit("", field.max_length) for field in fields if field.kind != "title"
        }
        self._findings: dict[str, str] = dict(findings or {})
        self._notes: dict[str, str] = {}
        self._at = next((i for i in range(len(self.fields)) if self._editable(i)), 0)
        self._top = 0
        self._original: dict[str, str] = {}
        self.fill(values or {})

    # --- what screens ask ----------------------------------------------------------------

    def fill(self, values: Mapping[str, Any]) -> None:
        """Put stored values into all fields; the form counts as unchanged."""
        for field in self.fields:
            if field.kind != "title":
                self._edits[field.name].set(field.show(values.get(field.name)))
        self._original = self._texts()
        self._enter()
        self.refresh()

    def put(self, name: str, value: Any) -> None:
        """Put a value into one field, as if the operator had typed it."""
        field = self.field(name)
        self._edits[name].set(field.show(value))
        self._findings.pop(name, None)
        self.refresh()
        self.post_message(self.Changed(self, name))

    def field(self, name: str) -> Field:
        """Return the field by its name."""
        return next(field for field in self.fields if field.name == name)

    def text(self, name: str) -> str:
        """Return the text of a field as it stands."""
        return self._edits[name].text

    @property
    def current(self) -> Field:
        """The field that is edited."""
        return self.fields[self._at]

    @property
    def is_changed(self) -> bool:
        """Whether anything differs from what was filled in."""
        return self._texts() != self._original

    def changed_names(self) -> list[str]:
        """Return the names of the fields that differ from what was filled in."""
        now = self._texts()
        return [name for name, text in now.items() if text != self._original[name]]

    def accept_changes(self) -> None:
        """What stands in the form is saved now: it counts as unchanged."""
        self._original = self._texts()

    def read(self) -> tuple[dict[str, Any], dict[str, str]]:
        """Return (values, problems by field name)."""
        values: dict[str, Any] = {}
        problems: dict[str, str] = {}
        for field in self.fields:
            if field.kind == "title":
                continue
            try:
                values[field.name] = field.read(self._edits[field.name].text)
            except ValueError as error:
                problems[field.name] = str(error)
        return values, problems

    def set_findings(self, findings: Mapping[str, str]) -> None:
        """Show findings beside their fields (expertise, refusal of a save); {} takes them away."""
        self._findings = dict(findings)
        self.refresh()

    def set_notes(self, notes: Mapping[str, str]) -> None:
        """Show words beside these fields (the name of a code); "" takes them away, others stay."""
        new = {**self._notes, **notes}
        changed = [
            i for i, field in enumerate(self.fields) if new.get(field.name) != self._notes.get(field.name)
        ]
        self._notes = new
        if changed:
            self._refresh_fields(*changed)

    def go_to(self, name: str) -> None:
        """Move to the field of this name."""
        index = next(i for i, field in enumerate(self.fields) if field.name == name)
        self._move(index)

    def save(self) -> None:
        """Post SaveAsked, or show what cannot be read and move to the first such field."""
        values, problems = self.read()
        if problems:
            self._findings |= problems
            self.go_to(next(iter(problems)))
            self.refresh()
            return
        self.post_message(self.SaveAsked(self, values))

    # --- keys ----------------------------------------------------------------------------

    def on_key(self, event: events.Key) -> None:
        command = _COMMANDS.get(event.key)
        kind = self.current.kind if self.fields else "title"
        if command == "pick" and kind not in ("choice", "bool"):
            command = None
        if command is not None and command != "clear":
            getattr(self, f"_do_{command}")()
        elif not self._edit(event, kind):
            return
        event.stop()
        event.prevent_default()

    def _edit(self, event: events.Key, kind: str) -> bool:
        field = self.current
        if not self._editable(self._at):
            return bool(event.character and event.is_printable)
        edit = self._edits[field.name]
        before = (edit.text, edit.pos)
        if kind == "choice":
            taken = self._choose_by_key(event, field, edit)
        elif kind == "bool":
            taken = bool(event.character and event.is_printable)
        else:
            taken = edit.key(event.key, event.character, event.is_printable)
        if (edit.text, edit.pos) != before:
            self._refresh_fields(self._at)
        if edit.text != before[0]:
            self._findings.pop(field.name, None)
            self._refresh_fields(self._at)
            self.post_message(self.Changed(self, field.name))
        return taken

    def _choose_by_key(self, event: events.Key, field: Field, edit: LineEdit) -> bool:
        """← → walk through the values; a letter goes to the next one starting with it."""
        codes = [code for code, _ in field.choices]
        if _COMMANDS.get(event.key) == "clear" or event.key in ("delete", "backspace"):
            edit.set("")
            return True
        if not codes:
            return False
        at = codes.index(edit.text) if edit.text in codes else -1
        if event.key in ("left", "right"):
            step = 1 if event.key == "right" else -1
            edit.set(codes[(at + step) % len(codes) if at >= 0 else 0])
            return True
        if not (event.character and event.is_printable):
            return False
        wanted = (event.character.lower(), keys.twin(event.character.lower()))
        for step in range(1, len(codes) + 1):
            code, title = field.choices[(at + step) % len(codes)]
            if title.lower().startswith(wanted) or code.lower().startswith(wanted):
                edit.set(code)
                break
        return True

    def on_paste(self, event: events.Paste) -> None:
        event.stop()
        field = self.current
        if self._editable(self._at) and field.kind not in ("choice", "bool"):
            self._edits[field.name].insert(event.text)
            self._refresh_fields(self._at)
            self.post_message(self.Changed(self, field.name))

    def on_focus(self) -> None:
        self._refresh_fields(self._at)

    def on_blur(self) -> None:
        self._refresh_fields(self._at)

    def on_resize(self) -> None:
        self._keep_visible()
        self.refresh()

    def _do_next(self) -> None:
        index = self._step(1)
        if index is None:
            self.save()
        else:
            self._move(index)

    def _do_previous(self) -> None:
        index = self._step(-1)
        if index is not None:
            self._move(index)

    def _do_pick(self) -> None:
        field = self.current
        if not self._editable(self._at):
            return
        if field.kind == "choice":
            self.post_message(self.PickAsked(self, field))
            return
        self.put(field.name, not self._edits[field.name].text)

    def _do_page_down(self) -> None:
        if self._top + self._height >= len(self.fields):
            self.save()
        else:
            self._page(self._height)

    def _do_page_up(self) -> None:
        self._page(-self._height)

    def _do_save(self) -> None:
        self.save()

    def _page(self, step: int) -> None:
        top = max(0, min(self._top + step, max(len(self.fields) - self._height, 0)))
        self._top = top
        index = max(top, min(self._at + step, len(self.fields) - 1))
        near = sorted((i for i in range(len(self.fields)) if self._editable(i)), key=lambda i: abs(i - index))
        if near:
            self._move(near[0])
        self.refresh()

    # --- inside --------------------------------------------------------------------------

    def _texts(self) -> dict[str, str]:
        return {name: edit.text for name, edit in self._edits.items()}

    def _editable(self, index: int) -> bool:
        field = self.fields[index]
        return field.kind != "title" and not field.readonly

    def _step(self, step: int) -> int | None:
        index = self._at + step
        while 0 <= index < len(self.fields):
            if self._editable(index):
                return index
            index += step
        return None

    def _enter(self) -> None:
        if self.fields and self._editable(self._at):
            self._edits[self.current.name].enter()

    def _move(self, index: int) -> None:
        old, top = self._at, self._top
        self._at = index
        self._enter()
        self._keep_visible()
        if self._top != top:
            self.refresh()
        else:
            self._refresh_fields(old, index)

    @property
    def _height(self) -> int:
        return max(self.size.height - 1, 1)

    def _keep_visible(self) -> None:
        if not self.size.height:
            return  # not laid out yet: on_resize will look again
        if self._at < self._top:
            # a heading right above the field comes along
            above = self._at > 0 and self.fields[self._at - 1].kind == "title"
            self._top = self._at - above
        elif self._at >= self._top + self._height:
            self._top = self._at - self._height + 1

    def _refresh_fields(self, *indexes: int) -> None:
        width, last = self.size.width, self.size.height - 1
        rows = {i - self._top for i in indexes if 0 <= i - self._top < self._height} | {last}
        if width and last >= 0:
            self.refresh(*(Region(0, row, width, 1) for row in rows))

    # --- drawing -------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if y == self.size.height - 1:
            return cells.strip_of([(cells.fit(" " + self.hint(), width), cells.DIM)], width)
        index = self._top + y
        if index >= len(self.fields):
            return cells.strip_of([], width)
        field = self.fields[index]
        if field.kind == "title":
            return cells.strip_of([(" " + cells.clean(field.label), cells.BOLD)], width)
        return cells.strip_of(self._row(index, field, width), width)

    def _row(self, index: int, field: Field, width: int) -> list[tuple[str, Style]]:
        label_width = self._label_width()
        parts = [(" " + cells.fit(field.label, label_width) + " ", cells.PLAIN)]
        room = max(width - label_width - 3, 4)
        # one cell more than the text may fill: the caret stands there
        size = min(field.width + 1, room)
        parts += self._value(index, field, size)
        finding = self._findings.get(field.name, "")
        left = room - size - 1
        if finding and left > 1:
            parts.append((" ! " + cells.fit(finding, left - 3), _ERROR))
        elif (note := self._notes.get(field.name, "")) and left > 1:
            parts.append((" " + cells.fit(note, left - 1), cells.DIM))
        return parts

    def _value(self, index: int, field: Field, size: int) -> list[tuple[str, Style]]:
        active = index == self._at and self.has_focus and not field.readonly
        edit = self._edits[field.name]
        if field.readonly and field.kind not in ("bool", "choice"):
            return [(cells.fit(edit.text, size), cells.PLAIN)]
        if field.kind == "bool":
            box = "[x]" if edit.text else "[ ]"
            return [(box, cells.REVERSE if active else cells.PLAIN), (" " * (size - 3), cells.PLAIN)]
        if field.kind == "choice":
            text = field.choice_title(edit.text)
            style = cells.REVERSE if active else cells.UNDERLINE
            mark = "" if field.readonly else " ↓"
            plain = cells.PLAIN if field.readonly else style
            return [(cells.fit(text, size - len(mark)) + mark, plain)]
        return edit.parts(size, active)

    def _label_width(self) -> int:
        longest = max((len(f.label) for f in self.fields if f.kind != "title"), default=0)
        return min(longest, _LABEL_MAX)

    def hint(self) -> str:
        """Return the line under the fields: finding or help of the current field, page."""
        if not self.fields:
            return ""
        field = self.current
        finding = self._findings.get(field.name)
        if finding:
            text = f"! {finding}"
        else:
            text = field.help or (strings.CHOOSE_VALUE if field.kind == "choice" else "")
        pages = -(-len(self.fields) // self._height)
        if pages > 1:
            page = min(self._at // self._height + 1, pages)
            text = strings.FORM_PAGE.format(page=page, pages=pages) + (f" · {text}" if text else "")
        return cells.clean(text)
