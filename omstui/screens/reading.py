"""A screen that reads something and shows it as text (экран для чтения); read again when shown again."""

from __future__ import annotations

from collections.abc import Iterable

from textual.widget import Widget

from omstui.front import Front
from omstui.screens.base import BaseScreen
from omstui.widgets.text_view import TextView


class ReadingScreen(BaseScreen):
    """``_reading`` fetches in a thread, fills ``_text`` and ``_subject``; a refusal becomes a message."""

    OF_ONE = True
    services: Front

    def __init__(self, services: Front) -> None:
        self._subject = ""
        super().__init__(services)
        self._text = TextView(["Чтение…"])

    def compose_body(self) -> Iterable[Widget]:
        yield self._text

    def subject(self) -> str:
        return self._subject

    def on_mount(self) -> None:
        self._text.focus()
        self.on_show_again()

    def on_show_again(self) -> None:
        self.start_reading(self._reading)

    async def _reading(self) -> None:
        raise NotImplementedError
