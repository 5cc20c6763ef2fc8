"""Databases worked through by the command line, built once for a file of tests."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.kit import Shell

DEMO = Path(__file__).resolve().parents[2] / "data" / "demo"


@pytest.fixture(scope="session")
def demo() -> Path:
    return DEMO


@pytest.fixture(scope="session")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the training input of both months."""
    folder = tmp_path_factory.mktemp("loaded")
    shell = Shell(folder / "omstui.db")
    shell("init", "--profile", "yar", "--settings", DEMO / "settings.toml")
    shell("nsi", "load", *sorted((DEMO / "books").glob("*.csv")))
    shell("load", DEMO / "2021-04")
    return shell.db


@pytest.fixture
def shell(loaded: Path, tmp_path: Path) -> Shell:
    """A copy of the database with April loaded, for this test alone."""
    target = tmp_path / "omstui.db"
    shutil.copyfile(loaded, target)
    return Shell(target)


@pytest.fixture
def stand(shell: Shell, demo: Path) -> Callable[..., object]:
    def answer(source: Path, out: Path, *more: object) -> object:
        return shell.json(
            "stand", "answer", source, "--out", out, "--settings", demo / "settings.toml", *more
        )

    return answer
