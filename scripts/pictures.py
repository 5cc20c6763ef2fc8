"""Make the terminal pictures of the README: the training month at 80×24, fixed clock.

Run from the root of the checkout: ``python -m scripts.pictures``.
"""

from __future__ import annotations

import asyncio
import re
import tempfile
from dataclasses import replace
from pathlib import Path

from omstui.tui import prepare

prepare()  # before Textual is imported

from tests.screens import kit  # noqa: E402
from tests.ui.helpers import settle  # noqa: E402

TARGET = Path(__file__).resolve().parent.parent / "docs" / "pictures"


async def shoot(folder: Path, screen: str) -> None:
    """Save one screen of the worked training database as SVG."""
    folder.mkdir()
    front = kit.front(folder, worked=True)
    front.core.operator = replace(front.core.operator, name="Петрова А. И.")
    front.period = "2021-04"
    async with kit.running(front, screen) as (app, pilot):
        await settle(pilot)
        await asyncio.sleep(0.5)
        await settle(pilot)
        picture = app.export_screenshot(title="omstui")
        # the fonts stand on somebody's server: a picture must not ask for them
        picture = re.sub(r"@font-face\s*\{[^}]*\}", "", picture)
        picture = picture.replace("https://www.textualize.io", "textual")
        (TARGET / f"{screen}.svg").write_text(picture, encoding="utf-8")


def main() -> None:
    TARGET.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for screen in ("desk", "rejections"):
            asyncio.run(shoot(Path(folder) / screen, screen))


if __name__ == "__main__":
    main()
