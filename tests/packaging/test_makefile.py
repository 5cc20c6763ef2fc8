"""The first command on a fresh machine says in one line what is missing."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="нет make")


def _make_run(repo: Path, python: str, venv: Path) -> subprocess.CompletedProcess[str]:
    # under «make test» the outer make's variables must not reach this one
    env = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return subprocess.run(
        ["make", "run", f"PYTHON={python}", f"VENV={venv}"],
        cwd=repo,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def _fake_python(folder: Path, *, old: bool) -> str:
    """A python3 that is too old, or one of Debian without the package python3-venv."""
    refused = "version_info" if old else "ensurepip"
    path = folder / "python3"
    path.write_text(f'#!/bin/sh\ncase "$2" in *{refused}*) exit 1;; esac\n', encoding="utf-8")
    path.chmod(0o755)
    return str(path)


def _assert_one_line(run: subprocess.CompletedProcess[str], *words: str) -> None:
    assert run.returncode != 0
    # make adds its own «make: *** […] Error 1» after the sentence
    lines = [line for line in run.stderr.splitlines() if not line.startswith("make")]
    assert len(lines) == 1, run.stderr
    for word in words:
        assert word in lines[0]
    assert run.stdout == ""


def test_run_without_venv_module_names_the_package(repo: Path, tmp_path: Path) -> None:
    run = _make_run(repo, _fake_python(tmp_path, old=False), tmp_path / "venv")
    _assert_one_line(run, "venv", "sudo apt install python3-venv")
    assert not (tmp_path / "venv").exists()


def test_run_with_old_python_names_the_version(repo: Path, tmp_path: Path) -> None:
    run = _make_run(repo, _fake_python(tmp_path, old=True), tmp_path / "venv")
    _assert_one_line(run, "3.11")


def test_run_without_python_says_so(repo: Path, tmp_path: Path) -> None:
    run = _make_run(repo, str(tmp_path / "python3"), tmp_path / "venv")
    _assert_one_line(run, "sudo apt install python3 python3-venv")
