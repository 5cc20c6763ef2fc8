"""The command line speaks Russian and never shows an English word of argparse."""

from __future__ import annotations

import re

import pytest

from omstui.cli.main import run
from omstui.cli.parser import build

COMMANDS = [
    "init",
    "demo",
    "load",
    "nsi",
    "form",
    "mes",
    "check",
    "criteria",
    "export",
    "accept",
    "reform",
    "return",
    "restore-tests",
    "withhold",
    "invoices",
    "status",
    "rejections",
    "case",
    "sent",
    "operator",
    "stand",
    "backup",
    "restore",
    "verify",
    "keys",
    "view",
    "sequester",
    "report",
    "invoice-cancel",
    "payment",
    "month",
    "ident-export",
    "ident-load",
    "payers",
    "bills-export",
    "flk-load",
    "mek-load",
    "delete-data",
]


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_of_the_contract_has_russian_help(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([command, "--help"]) == 0
    text = capsys.readouterr().out
    assert text.startswith(f"Вызов: omstui {command}")
    assert not re.search(r"\b(usage|options|arguments|show this help)\b", text)


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["form"], "не указано: --period"),
        (["form", "--period"], "нужно одно значение"),
        (["form", "--period", "апрель"], "ГГГГ-ММ"),
        (["return", "--period", "2021-04", "--all", "--stage", "7"], "«7» не годится"),
        (["return", "--period", "2021-04"], "нужно одно из"),
        (["reform", "--period", "2021-04", "--all", "--smo", "1", "--out", "x"], "нельзя вместе"),
        (["demo", "--cases", "много"], "не число"),
        (["нет-такой"], "не годится"),
        (["load", "\udcff.xml"], "«·.xml»: знаки не в кодировке UTF-8"),
        (["status", "--period", "2021-04", "--xml"], "непонятно: --xml"),
        (["form", "--period", "2021-04", "--kind", "роды"], "Вид деятельности «роды» неизвестен"),
    ],
)
def test_wrong_usage_is_a_russian_sentence_with_exit_code_2(
    argv: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(argv) == 2
    error = capsys.readouterr().err
    assert words in error
    assert "_run" not in error


def test_missing_database_says_how_to_make_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["status", "--period", "2021-04"]) == 1
    assert "omstui init" in capsys.readouterr().err


def test_every_command_of_the_parser_has_a_function() -> None:
    from omstui.cli.commands import COMMANDS as functions

    choices = next(a.choices for a in build()._actions if a.dest == "command")
    assert choices is not None
    assert set(choices) == set(functions)
