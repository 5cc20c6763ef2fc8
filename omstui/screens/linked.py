"""Links of log lines (ссылки строк ленты): a filter becomes the list it names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from textual.app import App

from omstui.front import Front


def open_link(app: App[Any], services: Front, link: Mapping[str, Any]) -> None:
    """Open the list of cases, accounts, skips, refusals or registries behind a line."""
    if link.get("list") == "report":
        from omstui.screens.skip_report import SkipReportScreen

        app.push_screen(SkipReportScreen(services, link["registries"]))
        return
    if link.get("list") == "document":
        from omstui.screens.reports import show_report

        show_report(app, services, link["name"], link["values"])
        return
    if link.get("list") == "mes":
        from omstui.screens.mes import MesScreen

        app.push_screen(MesScreen(services, {k: v for k, v in link.items() if k != "list"}))
        return
    from omstui.screens.cases import LinkedListScreen

    app.push_screen(LinkedListScreen(services, dict(link)))


def open_case(
    app: App[Any], services: Front, case_id: int | None, finding: tuple[int | None, str] | None = None
) -> None:
    """Open the case (a new one without an id), at what a finding (registry, code) concerns."""
    from omstui.screens.case import CaseScreen

    app.push_screen(CaseScreen(services, case_id, finding=finding))


def open_history(app: App[Any], services: Front, case_id: int) -> None:
    """Open the whole path of the case."""
    from omstui.screens.case_history import CaseHistoryScreen

    app.push_screen(CaseHistoryScreen(services, case_id))


def open_registry(app: App[Any], services: Front, registry_id: int, tab: str = "") -> None:
    """Open a registry on one of its tabs."""
    if services.profile.one_registry:
        from omstui.screens.registry_whole import WholeRegistryScreen

        app.push_screen(WholeRegistryScreen(services, registry_id, tab=tab))
        return
    from omstui.screens.registry import RegistryScreen

    app.push_screen(RegistryScreen(services, registry_id, tab=tab))
