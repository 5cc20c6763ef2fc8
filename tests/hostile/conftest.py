"""A database with April sent, and the words every refusal is held to."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from omstui.domain.runner import current_user
from tests.domain import month
from tests.e2e.kit import FIRST, Said, Shell, accounts, only

DEMO = Path(__file__).resolve().parents[2] / "data" / "demo"
_JOURNAL = ("run", "run_line", "run_file", "lock", "sqlite_sequence", "operator")


def dump(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table but the journal."""
    with sqlite3.connect(path) as base:
        names = [r[0] for r in base.execute("SELECT name FROM sqlite_master WHERE type='table'")]
        return {
            name: base.execute(f'SELECT * FROM "{name}"').fetchall() for name in names if name not in _JOURNAL
        }


@dataclass
class Sent:
    """A database copy with April sent, its 3X and the settings of the stand."""

    shell: Shell
    bill: Path
    keys: list[str]
    before: dict[str, list[tuple[Any, ...]]]

    def refuses(self, *argv: object, codes: tuple[int, ...] = (1, 2)) -> Said:
        """Run a command that must refuse in words and change nothing."""
        from tests.hostile.words import refuses

        said = refuses(self.shell, *argv, codes=codes)
        assert dump(self.shell.db) == self.before, "база изменилась"
        return said


@pytest.fixture(scope="session")
def sent_april(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with the database of a small sent month (12 accounts of A, B) and its file."""
    from tests.support import make_services

    folder = tmp_path_factory.mktemp("april")
    services = make_services(folder, login=current_user())
    month.add_month(12)
    outcome = services.run("export", yes=True, period=FIRST, out=str(folder / "out"))
    assert outcome.kind == "ok", outcome.message
    return folder


@pytest.fixture
def sent(sent_april: Path, tmp_path: Path) -> Sent:
    source = sqlite3.connect(sent_april / "omstui.db")
    target = sqlite3.connect(tmp_path / "omstui.db")
    source.backup(target)
    source.close()
    target.close()
    bill = tmp_path / only(sent_april / "out", "*3X.7z").name
    shutil.copyfile(only(sent_april / "out", "*3X.7z"), bill)
    shell = Shell(tmp_path / "omstui.db")
    shell("status", "--period", FIRST)  # the first start of an operator writes its row
    return Sent(shell, bill, [a.xkey for a in accounts(bill)], dump(shell.db))


@pytest.fixture
def stand_settings() -> Path:
    return DEMO / "settings.toml"


@pytest.fixture
def incoming(tmp_path: Path) -> Callable[[str], Path]:
    """Path of an incoming file with the name of an answer: «1A», «2B»."""
    (tmp_path / "in").mkdir()
    return lambda tail: tmp_path / "in" / f"102760009990076049900121041{tail}.7z"
