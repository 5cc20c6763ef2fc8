"""Entry point: ``omstui`` opens the screens, ``omstui COMMAND`` runs a command."""

from __future__ import annotations

import sys


def main() -> int:
    """Run and return the exit code of product.md §8."""
    from omstui.cli.main import run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
