"""From the month to the results of its expertise (шаг «Экспертиза»): one registry, or a choice of them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from omstui.domain.store import db, lists
from omstui.screens.linked import open_registry
from omstui.screens.menu import Item
from omstui.screens.operating import OperatingScreen
from omstui.screens.sources import kind

_KEYS = ("kind", "name", "formed", "accounts", "findings", "test")
_ALL = "all"


async def open_check(screen: OperatingScreen) -> None:
    """Open the tab «Результат экспертизы» of a formed registry of the month, or check them all."""
    rows = await asyncio.to_thread(_formed, screen.services.period)
    if not rows:
        screen.notice("Сформированных реестров за месяц нет: сначала сформируйте их.")
        return
    if len(rows) == 1:
        open_registry(screen.app, screen.services, rows[0][0], "review")
        return
    items = []
    if not screen.services.profile.one_registry:
        items += [Item(_ALL, "Провести экспертизу всех реестров", reason=screen.why_not("check") or "")]
    items += [Item(str(number), _title(row)) for number, row in rows]
    chosen = await screen.choose(f"Экспертиза за {screen.services.period_title}", items)
    if chosen == _ALL:
        await check_registries(screen)
    elif chosen:
        open_registry(screen.app, screen.services, int(chosen), "review")


async def check_registries(screen: OperatingScreen, ids: Sequence[int] = (), test: bool = False) -> None:
    """Run the expertise of these registries, of all formed ones of the month without them."""
    period = screen.services.period
    await screen.operate_long("check", period=period, registry_ids=list(ids), test=test)


def _formed(period: str) -> list[tuple[int, dict[str, Any]]]:
    with db.connection():
        ids = lists.ids("registries", {"period": period, "test": 0})
        found = lists.rows("registries", _KEYS, list(ids))
    rows = [(number, dict(zip(_KEYS, found[number], strict=True))) for number in ids if number in found]
    return [(number, row) for number, row in rows if row["formed"] and row["accounts"]]


def _title(row: dict[str, Any]) -> str:
    name = kind(row["kind"]) or row["name"] or "реестр"
    said = str(row["findings"])
    if not said:
        return f"{name}: не проводилась"
    if said.endswith("?"):
        return f"{name}: переформирован после экспертизы"
    return f"{name}: {said} с замечаниями" if said != "0" else f"{name}: замечаний нет"
