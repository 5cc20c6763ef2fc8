"""What every test gets: an isolated home, no animations, and the optional shared samples."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

REPO = Path(__file__).resolve().parent.parent

# Textual reads these when it is imported, so they are set before any test module loads it.
# A colourless baseline would differ from the operators' screens: NO_COLOR goes.
os.environ["TEXTUAL_ANIMATIONS"] = "none"
for _name in ("NO_COLOR", "FORCE_COLOR", "COLORTERM", "TEXTUAL_COLOR_SYSTEM", "TEXTUAL_THEME"):
    os.environ.pop(_name, None)

# Two shared cores: a deadline would fail tests for the neighbour's load, and a random start
# would make a red run hard to repeat.
settings.register_profile("omstui", deadline=None, max_examples=50, derandomize=True)
settings.load_profile("omstui")

_XDG = {
    "XDG_CONFIG_HOME": ".config",
    "XDG_DATA_HOME": ".local/share",
    "XDG_STATE_HOME": ".local/state",
    "XDG_CACHE_HOME": ".cache",
    "XDG_RUNTIME_DIR": ".run",
    # the system-wide settings file of this machine must not reach a test either
    "XDG_CONFIG_DIRS": "etc/xdg",
    "XDG_DATA_DIRS": "usr/share",
}


@pytest.fixture(autouse=True)
def isolated_env(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the test a home of its own (returned); `OMSTUI_DB` names a file not yet there."""
    home = tmp_path / "home"
    home.mkdir()
    for name in list(os.environ):
        if name.startswith("OMSTUI_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(home))
    for name, folder in _XDG.items():
        monkeypatch.setenv(name, str(home / folder))
    monkeypatch.setenv("OMSTUI_DB", str(tmp_path / "omstui.db"))
    return home


@pytest.fixture(scope="session", autouse=True)
def _shared_folder(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The workers of pytest-xdist have folders of their own beside each other."""
    from tests import support  # after the variables above: it loads the program

    root = tmp_path_factory.getbasetemp()
    support.share(root.parent if "PYTEST_XDIST_WORKER" in os.environ else root)


@pytest.fixture(scope="session")
def repo() -> Path:
    """The root of the source tree."""
    return REPO


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of samples and reference books beside the checkout; skips where it is not."""
    folder = REPO.parent / "shared"
    if not folder.is_dir():
        pytest.skip("нет папки shared рядом с исходниками")
    return folder
