"""A small month on the screens: a package, answers, a frozen clock, keys of the operator."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from textual.pilot import Pilot
from textual.screen import Screen

from omstui.domain.runner import current_user
from omstui.domain.store import db
from omstui.front import Front
from tests.domain import answerkit as kit
from tests.support import make_services
from tests.ui.helpers import GOLDEN_WRITE, grid, running, settle

NOW = datetime(2021, 5, 4, 10, 30)
GOLDEN = Path(__file__).parent / "golden"
#: markup in data must stay data
ODD = "[/b] [red]комментарий"


def make_front(folder: Path) -> Front:
    """Services with the clock of May 2021; folders of this test are remembered."""
    core = make_services(folder, login=current_user())
    core.now = lambda: NOW
    for name in ("out", "in"):
        (folder / name).mkdir(exist_ok=True)
    memory = {f"folder.{name}": str(folder / name) for name in ("out", "in", "log")}
    return Front(core, "2021-04", memory=memory)


def sent(front: Front, folder: Path, accounts: int = 6, *, test: bool = False) -> dict[str, list[str]]:
    """An exported month: keys of insurer A and B."""
    _, keys = kit.exported(front.core, folder / "out", accounts, test=test)
    with db.connection(), db.write():
        db.execute(
            "UPDATE patient SET surname='Петров[/b]', fio_key='ПЕТРОВ[/B] ПЕТРБ ИЛЬИЧ' WHERE ext_id='P000001'"
        )
    return keys


def answered(front: Front, folder: Path, accounts: int = 6, *, test: bool = False) -> dict[str, list[str]]:
    """… and the answer «1» of A: its first account refused by two reasons, its second by МЭС."""
    keys = sent(front, folder, accounts, test=test)
    both = (kit.POLICY + kit.MES).replace("закрыт", ODD)
    told = [kit.Told(key, code=f"P{n}") for n, key in enumerate(keys["A"])]
    told[0] = kit.refused(keys["A"][0], both, code="P0")
    told[1] = kit.refused(keys["A"][1], kit.MES, code="P1")
    outcome = kit.accept(front.core, kit.answer(folder / "in", "1A", told))
    assert outcome.kind == "ok", outcome.message
    return keys


@asynccontextmanager
async def shown(
    front: Front, make: Callable[[Any], Screen[Any]], **options: Any
) -> AsyncIterator[tuple[Any, Pilot[int]]]:
    async with running(make, front, **options) as (app, pilot):
        await settle(pilot)
        yield app, pilot


async def until(pilot: Pilot[Any], ready: Callable[[], Any], seconds: float = 20) -> None:
    """Wait for a thread or a process of the program."""
    for _ in range(int(seconds / 0.05)):
        await pilot.pause()
        if ready():
            await settle(pilot)
            return
        await asyncio.sleep(0.05)
    raise AssertionError("не дождались:\n" + "\n".join(grid(pilot.app)))


async def until_text(pilot: Pilot[Any], text: str, seconds: float = 20) -> None:
    await until(pilot, lambda: text in said(pilot.app), seconds)


async def type_text(pilot: Pilot[Any], text: str) -> None:
    names = {" ": "space", ".": "full_stop", ",": "comma", "-": "minus"}
    await pilot.press(*(names.get(char, char) for char in text))
    await settle(pilot)


def text_of(app: Any) -> str:
    return "\n".join(grid(app))


def said(app: Any) -> str:
    """The text of the screen in one line: sentences that were folded come together."""
    return " ".join(text_of(app).replace("│", " ").split())


def golden(app: Any, name: str) -> None:
    """Compare the screen with golden/NAME.txt; OMSTUI_WRITE_GOLDEN=1 writes it anew."""
    path = GOLDEN / f"{name}.txt"
    lines = grid(app)
    assert len(lines) == 24 and all(len(line) <= 80 for line in lines)
    # the operator is who runs the tests
    lines[0] = lines[0].replace(current_user(), "оператор").split("   ")[0]
    if os.environ.get("OMSTUI_WRITE_GOLDEN") or GOLDEN_WRITE:
        path.parent.mkdir(exist_ok=True)
        path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
        return
    assert lines == path.read_text(encoding="utf-8").split("\n")[:-1]
