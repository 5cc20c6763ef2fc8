"""Pictures (SVG) of «Выгрузка», «Анализ» and «Случай», fixed clock and data."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from omstui.app import OmsApp
from omstui.screens.case import CaseScreen
from omstui.screens.export import ExportScreen
from omstui.screens.rejections import RejectionsScreen
from tests.screens.monthkit import answered, make_front, until_text

_READY = {"export": "Всего к оплате", "rejections": "1 / 3", "case": "Петров[/b]"}


@pytest.mark.parametrize("name", ["export", "rejections", "case"])
def test_picture(tmp_path: Path, snap_compare: Any, name: str) -> None:
    front = make_front(tmp_path)
    answered(front, tmp_path)
    front.core.operator = replace(front.core.operator, name="Петрова А. И.")
    makers = {"export": ExportScreen, "rejections": RejectionsScreen, "case": lambda s: CaseScreen(s, 1)}

    async def ready(pilot: Any) -> None:
        await until_text(pilot, _READY[name])

    app = OmsApp(front, makers, name)
    assert snap_compare(app, terminal_size=(80, 24), run_before=ready)
