"""A criterion on the screen (карточка критерия): what it checks, why, the code of 231н, what it needs."""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Iterable

from textual.widget import Widget

from omstui.domain.bookspecs import title_of
from omstui.domain.criteria.catalog import all_params
from omstui.domain.criteria.model import Criterion, Value
from omstui.domain.expertise import known_criteria
from omstui.domain.mek import titles
from omstui.domain.model import SEVERITY_TITLES
from omstui.domain.store import db
from omstui.domain.store.expertise import empty_books
from omstui.front import Front
from omstui.screens.base import BaseScreen
from omstui.screens.case_fields import FIELDS, SERVICE
from omstui.widgets.text_view import TextView


class CriterionScreen(BaseScreen):
    """Everything about one criterion."""

    HEADING = "Критерий"
    OF_ONE = True
    ABOUT = "Что критерий проверяет, почему и что делать; какой отказ МЭК он предупреждает."

    def __init__(self, services: Front, code: str) -> None:
        self._criterion = known_criteria(services.settings).get(code)
        self._on = code in {c.code for c in self._chosen(services)}
        self._code = code
        super().__init__(services)
        self._view = TextView(self._lines(services))

    @staticmethod
    def _chosen(services: Front) -> Iterable[Criterion]:
        from omstui.domain.expertise import choice

        return choice(services.settings).criteria

    def subject(self) -> str:
        return self._code

    def compose_body(self) -> Iterable[Widget]:
        yield self._view

    def on_mount(self) -> None:
        self._view.focus()

    def _lines(self, services: Front) -> list[str]:
        if self._criterion is None:
            return [f"Критерия {self._code} больше нет: его убрали из настроек."]
        with db.connection():
            empty = empty_books({code for wanted in self._criterion.books for code in wanted.split("|")})
        return card(self._criterion, on=self._on, params=_values(services, self._criterion), empty=empty)


def _values(services: Front, criterion: Criterion) -> dict[str, Value]:
    """Parameters the criterion asks for, with their values."""
    from omstui.domain.expertise import choice

    text = f"{criterion.condition} {criterion.select} {criterion.detail}"
    values = choice(services.settings).params
    return {name: value for name, value in values.items() if f":{name}" in text}


def card(
    criterion: Criterion, *, on: bool, params: dict[str, Value], empty: Collection[str] = ()
) -> list[str]:
    """The card as lines of at most 78 signs; one starting with ``#`` is a heading.

    ``empty`` names the books that have no rows.
    """
    state = "включён" if on else "выключен"
    lines = [
        f"#{criterion.code} {criterion.title}",
        f"Важность: {SEVERITY_TITLES[criterion.severity]}. Критерий {state}.",
        f"Проверяются карты: {', '.join(criterion.applies)}.{_place(criterion)}",
        "",
        "#Почему и что делать",
        *textwrap.wrap(criterion.why, 78),
        "",
    ]
    if criterion.mek:
        told = f"Предупреждает отказ МЭК {criterion.mek} {titles().get(f'{criterion.mek}.', '')}".rstrip()
        lines += [*textwrap.wrap(f"{told.rstrip('.')}.", 78), ""]
    if criterion.books:
        lines += ["#Нужны справочники (без них не выполняется)"]
        lines += [f"  {_books(wanted, empty)}" for wanted in criterion.books] + [""]
    if params:
        lines += ["#Параметры (Настройки — Критерии экспертизы)"]
        for name, value in params.items():
            text = f"{all_params()[name].title}: {shown(value) or 'пусто'}"
            lines += textwrap.wrap(text, 78, initial_indent="  ", subsequent_indent="    ")
        lines += [""]
    if criterion.own:
        lines += ["#Условие", *textwrap.wrap(criterion.condition, 78), ""]
    return [*lines, *textwrap.wrap(f"Источник: {criterion.source}", 78)]


def _place(criterion: Criterion) -> str:
    """The field of the card it concerns, in the words of the card."""
    table, _, name = criterion.field.rpartition(".")
    if table == "service":
        return f" Услуга: {next((f.label.lower() for f in SERVICE if f.name == name), 'строка')}."
    wanted, section = f"{table or 'case'}.{name}", ""
    for field in FIELDS:
        section = field.label if field.kind == "title" else section
        if field.name == wanted:
            return f" Карточка: {section} — {field.label}."
    return ""


def _books(wanted: str, empty: Collection[str]) -> str:
    codes = wanted.split("|")
    missing = " — не загружен" if set(codes) <= set(empty) else ""
    return " или ".join(f"{title_of(code)} ({code})" for code in codes) + missing


def shown(value: Value) -> str:
    """A value of a parameter as the operator reads it."""
    return ", ".join(value) if isinstance(value, tuple) else str(value)
