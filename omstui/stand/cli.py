"""Command line of the stand (omstui stand answer …): stdout is data, stderr the remarks."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from omstui.domain.errors import OmsError
from omstui.settings import read_settings

if TYPE_CHECKING:
    from omstui.stand.written import Written


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``omstui stand``."""
    actions = parser.add_subparsers(dest="stand_action", required=True, metavar="answer")
    command = actions.add_parser("answer", help="ответить на посылки МО за фонд и СМО")
    command.add_argument(
        "files", nargs="+", metavar="FILE", help="…13X, …7<буква>, QPID_….dbf, ZIP счёта или папка"
    )
    command.add_argument("--out", required=True, metavar="DIR", help="куда писать ответы")
    command.add_argument("--settings", required=True, metavar="FILE.toml", help="файл настроек МО")
    command.add_argument("--seed", type=int, default=1, metavar="N", help="начало случайных чисел")
    command.add_argument(
        "--refuse",
        type=_share,
        metavar="SHARE",
        help="доля отказов от 0 до 1 (без плана 0.05, с планом 0)",
    )
    command.add_argument(
        "--list",
        choices=("all", "refused"),
        default="all",
        help="что перечислять в ответе: все счета или только отказные",
    )
    command.add_argument(
        "--plan", metavar="FILE.json", help="план «ключ → решение»: счёт, пациент QPID, случай"
    )
    command.add_argument(
        "--move",
        type=_share,
        metavar="SHARE",
        help="доля счетов, которые фонд отнесёт к другой СМО; пациентов QPID с другой СМО или областью",
    )
    command.add_argument("--format", choices=("dbf", "xml"), help="вид возврата МЭК: DBF (b…) или XML")
    command.add_argument("--json", action="store_true", help="напечатать итог как JSON")


def _share(text: str) -> float:
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"доля «{text}» не от 0 до 1")
    return value


def main(args: argparse.Namespace) -> int:
    """Run ``omstui stand answer``; the exit code is that of product.md §8."""
    # the parser of every command asks this module for its options: the stand itself only when it works
    from omstui.stand.answers import answer
    from omstui.stand.decide import read_plan

    try:
        plan = read_plan(Path(args.plan)) if args.plan else None
        written = answer(
            [Path(name) for name in args.files],
            Path(args.out),
            read_settings(Path(args.settings)),
            seed=args.seed,
            refuse=args.refuse,
            list_all=args.list == "all",
            plan=plan,
            fmt=args.format,
            move=args.move,
            note=_say,
        )
    except OmsError as error:
        _say(str(error))
        for line in error.details:
            _say(f"  {line}")
        return error.exit_code
    _print(written, args.json)
    return 0


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")


def _print(written: Sequence[Written], as_json: bool) -> None:
    if as_json:
        rows = [w.row() for w in written]
        sys.stdout.write(json.dumps(rows, ensure_ascii=False, indent=2) + "\n")
        return
    for w in written:
        sys.stdout.write(w.line + "\n")
