"""Command line of the stand (omstui stand answer …): stdout is data, stderr the remarks."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from omstui.domain.errors import OmsError
from omstui.domain.money import roubles
from omstui.settings import read_settings
from omstui.stand.answers import Written, answer
from omstui.stand.decide import read_plan


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``omstui stand``."""
    actions = parser.add_subparsers(dest="stand_action", required=True, metavar="answer")
    command = actions.add_parser("answer", help="ответить на посылки МО за фонд и СМО")
    command.add_argument("files", nargs="+", metavar="FILE", help="…13X или …7<буква>, или папка")
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
    command.add_argument("--plan", metavar="FILE.json", help="план «ключ счёта → решение»")
    command.add_argument(
        "--move",
        type=_share,
        default=0.0,
        metavar="SHARE",
        help="доля счетов, которые фонд отнесёт к другой СМО",
    )
    command.add_argument("--format", choices=("dbf", "xml"), help="вид ответов")
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
        rows = [
            {
                "path": str(w.path), "stage": w.stage, "smo": w.smo, "letter": w.letter,
                "accounts": w.accounts, "listed": w.listed, "sum": roubles(w.total),
                "refused": w.refused, "refused_sum": roubles(w.refused_total),
                "facts": w.facts, "moved_in": w.moved_in,
            }
            for w in written
        ]  # fmt: skip
        sys.stdout.write(json.dumps(rows, ensure_ascii=False, indent=2) + "\n")
        return
    for w in written:
        line = (
            f"{w.path}: счетов {w.accounts} на {roubles(w.total)}, "
            f"отказано {w.refused} на {roubles(w.refused_total)}"
        )
        if w.facts:
            line += f", ФЛК {w.facts}"
        if w.moved_in:
            line += f", от другой СМО {w.moved_in}"
        sys.stdout.write(line + "\n")
