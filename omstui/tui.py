"""The launcher of the screens (запуск экрана): settings Textual reads when it is imported."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from typing import Any

from omstui.domain.errors import UsageError

#: milliseconds a lone Esc waits for the rest of a key sequence
ESC_DELAY = 250


def prepare(esc_delay: int = ESC_DELAY) -> None:
    """Set what Textual reads from the environment; call it before Textual is imported."""
    os.environ.setdefault("ESCDELAY", str(esc_delay))
    os.environ["TEXTUAL_ANIMATIONS"] = "none"
    os.environ["TEXTUAL_SMOOTH_SCROLL"] = "0"


def main(
    services: Any,
    screen: str | None = None,
    *,
    screens: Mapping[str, Callable[..., Any]],
    start: str = "desk",
    theme: str = "ansi-dark",
    esc_delay: int = ESC_DELAY,
) -> int:
    """Run the screens until the operator leaves; return the exit code (70 = a bug)."""
    prepare(esc_delay)
    # imported here: the environment above must stand first
    from omstui import strings
    from omstui.app import OmsApp

    name = screen or start
    if name not in screens:
        raise UsageError(strings.NO_SCREEN.format(name=name, names=", ".join(screens)))
    app = OmsApp(services, screens, name, theme=theme)
    app.run(mouse=False)
    if app.bug_text:
        sys.stderr.write(app.bug_text + "\n")
    return app.return_code or 0
