"""Pictures of the main screens (SVG), fixed clock and data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from omstui.app import OmsApp
from omstui.screens.table import makers
from tests.screens.kit import front, shown
from tests.ui.helpers import settle


@pytest.mark.parametrize("name", ["desk", "registries"])
def test_picture(tmp_path: Path, snap_compare: Any, name: str) -> None:
    services = front(tmp_path, worked=True)
    services.set_period("2021-04")

    async def ready(pilot: Any) -> None:
        for _ in range(100):
            await settle(pilot)
            if "Сверка:" in shown(pilot.app) or "1 / 20" in shown(pilot.app):
                return

    app = OmsApp(services, makers(), name)
    assert snap_compare(app, terminal_size=(80, 24), run_before=ready)
