"""Run one command: parse, dispatch, print; stdout is data, stderr is the log."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Sequence

from omstui.cli.refusal import say
from omstui.domain.errors import OmsError, UsageError


def run(argv: Sequence[str]) -> int:
    """Run a command line; returns the exit code (0, 1, 2, 3, 4 or 70)."""
    try:
        _check_words(argv)
        return _dispatch(argv)
    except OmsError as error:
        say(error)
        return error.exit_code
    except KeyboardInterrupt:
        print("Прервано, данные не изменены.", file=sys.stderr)
        return 3
    except BrokenPipeError:  # `omstui … | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except SystemExit as leave:  # argparse after --help
        return int(leave.code or 0)
    except Exception:  # a bug: the traceback is for the log file, the operator reads a sentence
        place = _record(f"omstui {' '.join(argv)}")
        print(f"Внутренняя ошибка программы.{place}", file=sys.stderr)
        return 70


def _record(what: str) -> str:
    """Write the traceback into the log; returns where it is, in words.

    The log stands beside the database; before one is open, in the folder of the user.
    """
    root = logging.getLogger("omstui")
    if not root.handlers:
        from platformdirs import user_state_path

        try:
            path = user_state_path("omstui", ensure_exists=True) / "omstui.log"
            root.addHandler(logging.FileHandler(path, encoding="utf-8"))
        except OSError:
            root.addHandler(logging.NullHandler())
        root.propagate = False
    root.exception("%s", what)
    names = [h.baseFilename for h in root.handlers if isinstance(h, logging.FileHandler)]
    return f" Подробности — в файле {names[0]}." if names else ""


def _check_words(argv: Sequence[str]) -> None:
    """UsageError for bytes that are no text: neither the database nor the log can keep such a name."""
    for word in argv:
        if any("\ud800" <= char <= "\udfff" for char in word):
            shown = "".join("·" if "\ud800" <= char <= "\udfff" else char for char in word)
            raise UsageError(
                f"«{shown}»: знаки не в кодировке UTF-8, прочитать их нельзя.",
                hint="Переименуйте файл или папку и повторите.",
            )


def _dispatch(argv: Sequence[str]) -> int:
    if not argv or ((argv[0].startswith("--screen") or argv[0] == "--db") and not _command(argv)):
        return _screens(argv)
    from omstui.cli.parser import build

    args = build().parse_args(list(argv))
    if args.version:
        print(_version())
        return 0
    if args.command is None:
        return _screens(argv)
    from omstui.cli.commands import COMMANDS

    return COMMANDS[args.command](args)


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("omstui")
    except PackageNotFoundError:  # run from the source tree without an installation
        return "из исходных текстов"


def _command(argv: Sequence[str]) -> bool:
    """True if the arguments name a command after global options."""
    skip = False
    for word in argv:
        if skip:
            skip = False
        elif word in ("--db", "--screen"):
            skip = True
        elif not word.startswith("-"):
            return True
    return False


def _screens(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="omstui", add_help=False, exit_on_error=False)
    parser.add_argument("--screen")
    parser.add_argument("--db")
    args, rest = parser.parse_known_args(list(argv))
    if rest:
        raise UsageError(f"Непонятно: {' '.join(rest)}.", hint="Справка: omstui --help")
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("Программе нужен терминал.", hint="Команды без экрана: omstui --help")
    from omstui import tui

    return tui.run(args.db, args.screen)
