"""Helpers of the screen tests: the screen as lines of text, goldens, a running app."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from textual.app import App
from textual.pilot import Pilot
from textual.screen import Screen

from omstui.app import OmsApp
from tests.ui.samples import StubServices

GOLDEN = Path(__file__).parent / "golden"


def grid(app: App[Any]) -> list[str]:
    """Return what the terminal shows, line by line, spaces at the ends taken off.

    Leans on Textual's private compositor; nothing else in the tests does.
    """
    from textual._compositor import Compositor  # noqa: F401 - fails loudly if it moves
    from textual._context import visible_screen_stack

    visible_screen_stack.set(app._background_screens)
    strips = app.screen._compositor.render_strips()
    return ["".join(segment.text for segment in strip).rstrip() for strip in strips]


def check_golden(app: App[Any], name: str) -> None:
    """Compare the screen with golden/NAME.txt; OMSTUI_WRITE_GOLDEN=1 writes it anew."""
    path = GOLDEN / f"{name}.txt"
    lines = grid(app)
    if os.environ.get("OMSTUI_WRITE_GOLDEN") or GOLDEN_WRITE:
        path.parent.mkdir(exist_ok=True)
        path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
        return
    assert lines == path.read_text(encoding="utf-8").split("\n")[:-1]


# the isolated environment of the tests drops OMSTUI_ variables; read it before they do
GOLDEN_WRITE = bool(os.environ.get("OMSTUI_WRITE_GOLDEN"))


@asynccontextmanager
async def running(
    make: Callable[[Any], Screen[Any]],
    services: Any = None,
    *,
    size: tuple[int, int] = (80, 24),
    **options: Any,
) -> AsyncIterator[tuple[OmsApp, Pilot[int]]]:
    """Run the application with this first screen."""
    app = OmsApp(services or StubServices(), {"first": make}, "first", **options)
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        yield app, pilot


async def settle(pilot: Pilot[Any]) -> None:
    """Wait until readers are done and their answers are shown; never wait for a question."""
    app = pilot.app
    reads = [worker for worker in app.workers if worker.group == "read"]
    if reads:
        await app.workers.wait_for_complete(reads)
    await pilot.pause()


async def press(pilot: Pilot[Any], *names: str) -> None:
    """Press keys and wait until the screen is quiet."""
    await pilot.press(*names)
    await settle(pilot)
