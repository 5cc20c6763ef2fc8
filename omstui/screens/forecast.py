"""«Прогноз МЭК» (forecast): what the findings put under threat, and how forecast and answer agreed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from omstui.domain import forecast
from omstui.domain.store import db
from omstui.front import Front
from omstui.keys import Key
from omstui.screens.operating import OperatingScreen
from omstui.screens.reading import ReadingScreen


class ForecastScreen(OperatingScreen, ReadingScreen):
    """A month: before the answers what may be refused, after them what was foreseen and what was not."""

    HEADING = "Прогноз МЭК"
    ABOUT = "Что из найденного экспертизой снимет МЭК, по кодам 231н и СМО; после ответа — прогноз и факт."
    KEYS = (Key("period"), Key("save", title="Сохранить в файл"))

    def __init__(self, services: Front, registries: Sequence[int] = ()) -> None:
        #: only these, and only in the month they were opened from
        self._registries = tuple(registries)
        self._month = services.period
        self._lines: list[str] = []
        super().__init__(services)

    async def _reading(self) -> None:
        period = self.services.period
        chosen = self._registries if period == self._month else ()
        self._lines = await asyncio.to_thread(_read, period, chosen)
        self._subject = self.services.period_title + (" · до выгрузки — один реестр" if chosen else "")
        self._text.show(self._lines)
        self.refresh_head()

    def unavailable(self, action: str) -> str | None:
        return "прогноз ещё читается" if action == "save" and not self._lines else None

    async def do_save(self) -> None:
        text = "\n".join(line.lstrip("#") for line in self._lines) + "\n"
        await self.save_text(text, f"прогноз_мэк_{self.services.period}", "Куда сохранить прогноз")


def _read(period: str, registries: Sequence[int]) -> list[str]:
    with db.connection():
        return forecast.lines(period, registries)
