"""Look at the screen parts: ``python -m tests.ui.playground [list|form|log] [ROWS]``."""

from __future__ import annotations

import sys

from omstui import tui

if __name__ == "__main__":
    tui.prepare()
    from tests.ui.samples import run

    sys.exit(run(*sys.argv[1:]))
