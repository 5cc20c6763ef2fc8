"""The program as a process: exit codes, streams, the headless month, a closed pipe, signals."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.kit import FIRST, Shell, plain_russian


def omstui(*argv: object, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "omstui", *map(str, argv)],
        capture_output=True,
        text=True,
        env={**os.environ, **env},
        timeout=100,
    )


def test_headless_demo_prints_two_months(tmp_path: Path) -> None:
    said = omstui("demo", "--headless", OMSTUI_DB=str(tmp_path / "d.db"))
    assert said.returncode == 0, said.stderr
    plain_russian(said.stdout + said.stderr)
    text = said.stdout
    order = [
        "Тестовый реестр, 2021-04",
        "Подготовка данных, дождитесь окончания операции",
        "Подготовка данных прошла успешно",
        "В реестр не попадут следующие случаи",
        "Восстановлено тестовых реестров",
        "Основной реестр, 2021-04",
        "Результат импорта: выполнен успешно",
        "Сделано файлов «7»",
        "В реестр повторными",
        "Сверка сходится.",
        "Основной реестр, 2021-05",
        "Возвращены по F8",
        "Сверка сходится.",
        "База данных в порядке.",
    ]
    place = 0
    for words in order:
        assert words in text[place:], words
        place = text.index(words, place) + len(words)
    assert "НЕ сходится" not in text


def test_help_and_version() -> None:
    for argv in (["--help"], ["form", "--help"], ["stand", "answer", "--help"], ["nsi", "load", "--help"]):
        said = omstui(*argv)
        assert said.returncode == 0
        assert not said.stderr
        assert "usage" not in said.stdout and "options" not in said.stdout
    assert omstui("--version").stdout.strip()


def test_screens_without_a_terminal_are_refused(tmp_path: Path) -> None:
    said = omstui(OMSTUI_DB=str(tmp_path / "d.db"))
    assert said.returncode == 2
    assert "терминал" in said.stderr


def test_missing_foreign_and_broken_databases(tmp_path: Path) -> None:
    shell = Shell(tmp_path / "нет.db")
    assert "не найдена" in shell("status", "--period", FIRST, code=1).err
    text = tmp_path / "text.db"
    text.write_text("это не база данных\n" * 200, encoding="utf-8")
    empty = tmp_path / "empty.db"
    empty.touch()
    folder = tmp_path / "folder.db"
    folder.mkdir()
    for path in (text, empty, folder):
        for argv in (("status", "--period", FIRST), ("verify",), ("form", "--period", FIRST)):
            said = Shell(path)(*argv, code=1)
            assert path.name in said.err, said.err
    assert text.read_text(encoding="utf-8").startswith("это не база")


def test_streams_exit_code_and_pipe(shell: Shell, tmp_path: Path) -> None:
    said = omstui("--db", shell.db, "form", "--period", FIRST, "--json")
    assert said.returncode == 0
    assert json.loads(said.stdout)["accounts"] > 300
    assert "Подготовка данных" in said.stderr
    said = omstui("--db", shell.db, "form", "--period", "2020-01")
    assert (said.returncode, said.stdout) == (1, "")
    plain_russian(said.stderr)
    pipe = subprocess.run(
        f"{sys.executable} -m omstui --db {shell.db} case S2104000043 --json | head -1",
        shell=True,
        capture_output=True,
        text=True,
    )
    assert pipe.returncode == 0
    assert not pipe.stderr


@pytest.mark.parametrize("encoding", ["ascii", "koi8-r"])
def test_a_terminal_that_is_not_utf8_gets_no_traceback(shell: Shell, encoding: str) -> None:
    said = subprocess.run(
        [sys.executable, "-m", "omstui", "--db", str(shell.db), "status", "--period", FIRST],
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"},
    )
    assert said.returncode == 0, said.stderr
    assert b"Traceback" not in said.stderr
