"""The card of a refusal (карточка отказа): «подано ↔ в регистре», the conflicting account."""

from __future__ import annotations

import asyncio
import re

from omstui.domain import case_path
from omstui.domain.model import STAGE_TITLES
from omstui.domain.money import spaced
from omstui.domain.store import db, rejections
from omstui.domain.store.rejections import RefusalRow
from omstui.front import Front
from omstui.keys import Key
from omstui.screens.case import CaseScreen
from omstui.screens.case_history import CaseHistoryScreen
from omstui.screens.reading import ReadingScreen
from omstui.screens.sources import day, kind
from omstui.widgets import cells

_TITLE, _VALUE = 20, 27
#: attributes of the answer that come without a Russian title
_NAMES = {"mkb": "Диагноз", "mes": "МЭС", "ksg": "КСГ", "date_1": "Начало", "date_2": "Окончание"}
_DATE = re.compile(r"\d{4}-\d\d-\d\d")


class RejectionCardScreen(ReadingScreen):
    """All reasons of one account, the chosen one first, with both sides of each value."""

    HEADING = "Карточка отказа"
    ABOUT = "Что мы подали и что держит регистр ТФОМС. Знак ! стоит у значений, которые расходятся."
    KEYS = (
        Key("history", title="Путь случая", help="реестры, файлы, отказы и исправления случая"),
        Key("edit", title="Открыть случай", help="открывает случай для исправления"),
    )

    def __init__(self, services: Front, account: int, refusal: int, case_id: int) -> None:
        self._account, self._refusal, self._case = account, refusal, case_id
        super().__init__(services)

    async def _reading(self) -> None:
        rows, cards = await asyncio.to_thread(_read, self._account, self._refusal)
        if not rows:
            self._text.show(["Этот отказ убран: ответ заменили. Обновите список."])
            return
        first = rows[0]
        self._subject = f"счёт № {first.number} · {first.patient}"
        lines = _head(first)
        for row, card in zip(rows, cards, strict=True):
            lines += ["", *_card_lines(row, card)]
        self._text.show(lines)
        self.refresh_head()

    def do_edit(self) -> None:
        self.app.push_screen(CaseScreen(self.services, case_id=self._case))

    def do_history(self) -> None:
        self.app.push_screen(CaseHistoryScreen(self.services, case_id=self._case))


def _read(account: int, refusal: int) -> tuple[list[RefusalRow], list[case_path.Card]]:
    with db.connection():
        rows = rejections.of_account(account)
        rows.sort(key=lambda row: row.id != refusal)
        return rows, [case_path.card(row) for row in rows]


def _head(row: RefusalRow) -> list[str]:
    return [
        f"{row.patient}, {day(row.birth_date)}",
        f"Случай {row.case}",
        f"{kind(row.care)}, {day(row.date_in)} – {day(row.date_out)}, диагноз {row.diagnosis},"
        f" врач {row.doctor}",
        f"Счёт {row.account} на {spaced(row.sum)}",
    ]


def _card_lines(row: RefusalRow, card: case_path.Card) -> list[str]:
    mark = "" if row.refuses else " (не отказ, только замечание)"
    known = "" if row.known else ", кода нет в справочнике"
    road = STAGE_TITLES.get(row.stage, f"стадия {row.stage}")
    road = road[:1].upper() + road[1:]
    lines = [
        f"#{road}{f', СМО {row.smo}' if row.smo else ''}: {card.title} {card.code}{known}{mark}",
        *(text for text in (card.text, card.comment) if text),
    ]
    if not card.lines:
        return lines
    lines.append(f"#{'Поле':<{_TITLE}}  {'подано':<{_VALUE}}  {card.held_title}")
    for line in card.lines:
        sent, held = cells.wrap(_shown(line.sent), _VALUE), cells.wrap(_shown(line.held), _VALUE)
        for place in range(max(len(sent), len(held))):
            left = sent[place] if place < len(sent) else ""
            right = held[place] if place < len(held) else ""
            sign = "!" if line.differs and not place else " "
            title = _NAMES.get(line.title, line.title) if not place else ""
            lines.append(f"{cells.fit(title, _TITLE)} {sign}{left:<{_VALUE}}  {right}".rstrip())
    return lines


def _shown(value: str) -> str:
    """Dates of the file as operators read them."""
    return day(value) if _DATE.fullmatch(value) else value
