"""Shared helpers of the tests: a database with the demonstration organisation."""

from __future__ import annotations

import fcntl
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from omstui.bootstrap import Services, open_services
from omstui.domain.store import config, db
from omstui.settings import Settings, build

SETTINGS: dict = {
    "profile": "yar",
    "mo": {
        "name": "ГБУЗ ЯО «Тестовая больница»",
        "ogrn": "1027600099900",
        "kpp": "760499001",
        "inn": "7604000010",
        "code": "760001",
        "phone": "(4852) 00-00-00",
    },
    "fund": {"code": "76", "okato": "78000", "ogrn": "1027600097700", "name": "ТФОМС ЯО"},
    "insurers": [
        {"code": "76001", "letter": "A", "ogrn": "1027700091100", "name": "СМО «Альфа»"},
        {"code": "76002", "letter": "B", "ogrn": "1027700092200", "name": "СМО «Бета»"},
        {
            "code": "76",
            "letter": "I",
            "ogrn": "1027600097700",
            "name": "ТФОМС ЯО (иногородние)",
            "out_of_region": True,
        },
    ],
}


def settings(**changes: object) -> Settings:
    return build(Settings, {**SETTINGS, **changes}, "tests")  # type: ignore[no-any-return]


def make_services(folder: Path, value: Settings | None = None, login: str = "tester") -> Services:
    """A fresh database in ``folder`` and services of the senior operator ``login``."""
    path = folder / "omstui.db"
    value = value or settings()
    key = (login, repr(value))
    if key in _MADE:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_MADE[key])
    else:
        db.create(path)
        db.bind(path)
        with db.connection(), db.write():
            config.save_settings(value, who=login, at="2021-05-01 00:00:00")
    services = open_services(str(path), login=login)
    if key not in _MADE:
        with closing(sqlite3.connect(path)) as raw:
            _MADE[key] = raw.serialize()
    return services


#: an empty database takes a tenth of a second to make, thousands of tests begin with one: it is made once
_MADE: dict[tuple[str, str], bytes] = {}


#: a folder all processes of a run share; conftest.py says which
_shared: list[Path] = []


def share(folder: Path) -> None:
    _shared[:] = [folder]


def once(name: str, build: Callable[[Path], object]) -> Path:
    """A folder ``build`` fills once for all processes of a run; the tests only read it."""
    (root,) = _shared
    folder, ready = root / name, root / f"{name}.ready"
    with (root / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not ready.exists():
            shutil.rmtree(folder, ignore_errors=True)  # of a worker that failed half-way
            folder.mkdir()
            build(folder)
            ready.touch()
    return folder
