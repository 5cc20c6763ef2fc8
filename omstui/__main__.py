"""Entry point: ``omstui`` opens the screens, ``omstui COMMAND`` runs a command."""

from __future__ import annotations

import io
import sys


def main() -> int:
    """Run and return the exit code of product.md §8."""
    from omstui.cli.main import run

    for stream in (sys.stdout, sys.stderr):  # a terminal without «№» or «—» gets «?», not an error
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
