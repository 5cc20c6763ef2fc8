"""The launcher of the screens (запуск экрана): settings Textual reads when it is imported."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from omstui.domain.errors import UsageError

#: milliseconds a lone Esc waits for the rest of a key sequence
ESC_DELAY = 250
#: seconds after the start at which the copy of the day is made
_COPY_AFTER = 5.0


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


def run(option: str | None, screen: str | None, *, look_at: Path | None = None) -> int:
    """Open the database and run the screens on it, «Рабочий стол» first unless another is named.

    ``look_at`` is the file the screen «Просмотр файла» starts with.
    """
    prepare()
    from platformdirs import user_state_path

    from omstui.bootstrap import open_services
    from omstui.front import make_front
    from omstui.screens.table import makers, offered

    core = open_services(option)
    # one file of remembered words per database: a training one must not move the real one's month
    place = hashlib.sha256(str(core.database.resolve()).encode()).hexdigest()[:12]
    front = make_front(core, memory_path=user_state_path("omstui") / f"screen-{place}.json")
    # later than the first screen, which must not share the processor with it
    copying = threading.Timer(_COPY_AFTER, _copy_daily, (core.database,))
    copying.daemon = True
    copying.start()
    here = offered(core.profile)
    screens = {name: make for name, make in makers().items() if name in here}
    if look_at is not None:
        plain = screens["view"]
        screens["view"] = lambda services, **options: plain(services, **{"path": look_at, **options})
    return main(front, screen, screens=screens)


def _copy_daily(database: Path) -> None:
    """The copy of the day is made beside the screens, not before them."""
    subprocess.Popen(
        [sys.executable, "-m", "omstui", "_daily", "--db", str(database)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
