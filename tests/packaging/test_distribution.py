"""The wheel carries the data folder, and the locks pin everything and name no address."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from omstui import resources

LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-build.lock")


def _pins(lock: Path) -> dict[str, str]:
    text = lock.read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9._-]+)==(\S+)", text, flags=re.MULTILINE))


def _files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", LOCKS)
def test_lock_names_no_address(repo: Path, name: str) -> None:
    text = (repo / name).read_text(encoding="utf-8")
    assert "://" not in text
    assert not re.search(r"^\s*(-i|-f|--index-url|--extra-index-url|--find-links)\b", text, re.M)


@pytest.mark.parametrize("name", LOCKS)
def test_lock_has_a_hash_for_every_pin(repo: Path, name: str) -> None:
    entries = re.split(r"\n(?=\S)", (repo / name).read_text(encoding="utf-8").strip())
    assert entries
    assert [entry for entry in entries if "--hash=sha256:" not in entry] == []


def test_locks_agree_with_each_other_and_with_the_exact_pins(repo: Path) -> None:
    project = tomllib.loads((repo / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    run, dev, build = (_pins(repo / name) for name in LOCKS)
    exact = dict(line.split("==") for line in project["dependencies"] if "==" in line)
    assert set(exact) == {"textual", "peewee"}
    assert exact.items() <= run.items()
    assert run.items() | build.items() <= dev.items()


def test_data_dir_in_the_source_tree_is_the_top_level_folder(repo: Path) -> None:
    assert resources.data_dir() == repo / "data"


def test_data_dir_prefers_what_the_wheel_carries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "omstui"
    for folder in (package / "_data", tmp_path / "data"):
        folder.mkdir(parents=True)
    monkeypatch.setattr(resources, "_PACKAGE", package)
    assert resources.data_dir() == package / "_data"


def test_data_dir_missing_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resources, "_PACKAGE", tmp_path / "omstui")
    with pytest.raises(FileNotFoundError, match="установите omstui заново"):
        resources.data_dir()


def test_wheel_carries_the_package_and_data_and_nothing_else(repo: Path, tmp_path: Path) -> None:
    # from a copy: another test may be writing into the tree at this moment
    source = tmp_path / "source"
    skip = shutil.ignore_patterns("__pycache__")
    for name in ("omstui", "data"):
        shutil.copytree(repo / name, source / name, ignore=skip)
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(repo / name, source / name)
    build = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path / "dist")],
        cwd=source,
        env={**os.environ, "PYTHONPATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert build.returncode == 0, build.stderr
    (wheel,) = (tmp_path / "dist").glob("omstui-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    expected = {f"omstui/_data/{name}" for name in _files(source / "data")}
    expected |= {f"omstui/{name}" for name in _files(source / "omstui")}
    assert {name for name in names if ".dist-info/" not in name} == expected
