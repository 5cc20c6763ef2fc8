"""The table of screens (экраны): id of ``--screen`` → (title, factory). Modules are imported when used.

A factory is called with the services of the screens and the arguments of ``App.open_screen``.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from textual.screen import Screen

Factory = Callable[..., Screen[Any]]


def lazy(module: str, name: str) -> Factory:
    """Return a factory that imports its module at the first use: the program must start fast."""

    def make(services: Any, **arguments: Any) -> Screen[Any]:
        screen: Screen[Any] = getattr(import_module(module), name)(services, **arguments)
        return screen

    return make


_SCREENS = "omstui.screens."
SCREENS: dict[str, tuple[str, Factory]] = {
    "desk": ("Рабочий стол", lazy(_SCREENS + "desk", "DeskScreen")),
    "registries": ("Реестры счетов", lazy(_SCREENS + "registries", "RegistriesScreen")),
    "sequester": ("Секвестирование", lazy(_SCREENS + "sequester", "SequesterScreen")),
    "export": ("Выгрузка реестров и печать счетов", lazy(_SCREENS + "export", "ExportScreen")),
    "payments": ("Счета и платежи", lazy(_SCREENS + "payments", "PaymentsScreen")),
    "ledger": ("Сверка", lazy(_SCREENS + "ledger", "LedgerScreen")),
    "answers": ("Приём и анализ ответов из СМО", lazy(_SCREENS + "answers", "AnswersScreen")),
    "rejections": ("Анализ", lazy(_SCREENS + "rejections", "RejectionsScreen")),
    "mes": ("Анализ МЭСов", lazy(_SCREENS + "mes", "MesScreen")),
    "reports": ("Отчёты", lazy(_SCREENS + "reports", "ReportsScreen")),
    "cases": ("Случаи", lazy(_SCREENS + "cases", "CasesScreen")),
    "books": ("Справочники", lazy(_SCREENS + "books", "BooksScreen")),
    "criteria": ("Критерии экспертизы", lazy(_SCREENS + "criteria", "CriteriaScreen")),
    "forecast": ("Прогноз МЭК", lazy(_SCREENS + "forecast", "ForecastScreen")),
    "view": ("Просмотр файла", lazy(_SCREENS + "view", "ViewScreen")),
    "journal": ("Журнал", lazy(_SCREENS + "journal", "JournalScreen")),
    "settings": ("Настройки", lazy(_SCREENS + "settings", "SettingsScreen")),
}

#: screens a region without the operation does not offer
_NEEDS = {
    "export": "export",
    "answers": "accept",
    "sequester": "sequester",
    "payments": "payment-add",
    "mes": "mes",
}


def offered(profile: Any) -> dict[str, str]:
    """Return id → title of the screens this region has."""
    return {
        name: title for name, (title, _) in SCREENS.items() if name not in _NEEDS or profile.can(_NEEDS[name])
    }


def makers() -> dict[str, Factory]:
    """Return id → factory, as the application wants them."""
    return {name: factory for name, (_, factory) in SCREENS.items()}
