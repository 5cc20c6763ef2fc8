"""The screens on the training database: a copy per test, a fixed clock, keys pressed by name."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from omstui.app import OmsApp
from omstui.bootstrap import Services, open_services
from omstui.demo import month
from omstui.domain.model import Role
from omstui.domain.runner import current_user
from omstui.domain.setup import create_database
from omstui.domain.store import config, db
from omstui.front import Front, make_front
from omstui.resources import data_dir
from omstui.screens.table import makers
from omstui.settings import read_settings
from tests.support import once
from tests.ui.helpers import grid, press, settle

NOW = datetime(2021, 5, 12, 10, 15, 0)
#: a name that would break whoever takes data for markup
EVIL_NAME = "[/b]Скобкин"


def _now() -> datetime:
    return NOW


def _template(worked: bool) -> Path:
    """The training database, loaded only or with two months worked through; made once."""
    return once(f"screens-{'worked' if worked else 'loaded'}", partial(_make, worked=worked)) / "omstui.db"


def _make(folder: Path, *, worked: bool) -> None:
    path = folder / "omstui.db"
    source = data_dir() / "demo"
    settings = read_settings(source / "settings.toml")
    create_database(path, settings, "yar")
    with db.connection(), db.write():
        # operations of the screens run in processes of whoever runs the tests
        for login in ("tester", current_user()):
            config.save_operator(login, Role.SENIOR)
    core = open_services(str(path), login="tester")
    core.now = _now
    quiet: Callable[[str], None] = lambda text: None  # noqa: E731
    month.prepare(core, source, quiet)
    with db.connection(), db.write():
        db.execute(
            "UPDATE patient SET surname=?, fio_key=? WHERE id=(SELECT patient_id FROM cases"
            " WHERE kind='outpatient' AND date_out='2021-04-02' ORDER BY id LIMIT 1)",
            (EVIL_NAME, EVIL_NAME.upper()),
        )
    if worked:
        month.month(core, settings, folder, quiet)


def front(folder: Path, *, worked: bool = False, login: str = "tester") -> Front:
    """Services of the screens on a fresh copy of the training database."""
    path = folder / "omstui.db"
    shutil.copy(_template(worked), path)
    db.bind(path)
    core: Services = open_services(str(path), login=login)
    core.now = _now
    made = make_front(core, memory_path=folder / "screen.json")
    made.memory |= {"folder.out": str(folder), "folder.in": str(folder), "folder.log": str(folder)}
    return made


@asynccontextmanager
async def running(services: Front, start: str = "desk") -> AsyncIterator[tuple[OmsApp, Pilot[int]]]:
    """Run the whole program from this screen."""
    app = OmsApp(services, makers(), start)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        yield app, pilot


def shown(app: Any) -> str:
    """Return the screen as one text."""
    return "\n".join(grid(app))


async def until(pilot: Pilot[Any], wanted: str | Callable[[], bool], seconds: float = 20) -> None:
    """Wait until the text is on the screen (or the condition holds)."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while not (wanted() if callable(wanted) else wanted in shown(pilot.app)):
        assert loop.time() < end, f"не дождались {wanted!r}:\n{shown(pilot.app)}"
        await asyncio.sleep(0.05)
        await settle(pilot)


async def choose(pilot: Pilot[Any], text: str) -> None:
    """Choose a line of the F9 menu by its beginning."""
    await press(pilot, "f9")
    await pick(pilot, text)


async def pick(pilot: Pilot[Any], text: str) -> None:
    """Choose a line of the open menu by a part of it."""
    await press(pilot, *(_key(char) for char in text.lower()), "enter")


def _key(char: str) -> str:
    return {" ": "space", ",": "comma", "(": "left_parenthesis"}.get(char, char)
