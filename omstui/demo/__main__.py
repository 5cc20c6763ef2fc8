"""``python -m omstui.demo --cases N --out DIR``: write the training data."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from omstui.demo.generator import generate
from omstui.demo.regions import REGIONS


def main(arguments: list[str] | None = None) -> int:
    """Run the generator; prints one line of what came out."""
    parser = argparse.ArgumentParser(prog="python -m omstui.demo", description="Учебные данные")
    parser.add_argument("--out", type=Path, required=True, help="папка")
    parser.add_argument("--cases", type=int, default=400, help="сколько случаев")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--period", default="2021-04", help="первый месяц, ГГГГ-ММ")
    parser.add_argument("--months", type=int, default=2)
    parser.add_argument("--services", type=int, default=0, help="не меньше услуг в ТАП")
    parser.add_argument("--no-planted", action="store_true", help="без подсаженных случаев")
    parser.add_argument("--profile", default="yar", choices=sorted(REGIONS), help="коды региона")
    options = parser.parse_args(arguments)
    made = generate(
        options.out, options.cases, options.seed, options.period, options.months,
        options.services, not options.no_planted, options.profile,
    )  # fmt: skip
    sys.stdout.write(f"Случаев: {made.cases}, пар файлов: {len(made.pairs)}, папка {options.out}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
