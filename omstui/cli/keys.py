"""``omstui keys``: what this terminal sends for a key and what omstui takes it for."""

from __future__ import annotations

import os
import select
import sys
import termios
import tty

from omstui.domain.errors import UsageError


def main() -> int:
    """Show bytes and names of the pressed keys until Esc is pressed twice."""
    if not sys.stdin.isatty():
        raise UsageError("Команде нужен терминал.", hint="Запустите omstui keys в терминале оператора.")
    from omstui.keys import ACTIONS

    actions = {key: action for action in ACTIONS for key in action.keys}
    print("Нажимайте клавиши: видно, что пришло и что это значит. Конец — Esc дважды.\r")
    saved = termios.tcgetattr(sys.stdin)
    escapes = 0
    try:
        tty.setraw(sys.stdin)
        while escapes < 2:
            data = _read()
            names = _names(data)
            escapes = escapes + 1 if data == b"\x1b" else 0
            action = next((actions[n] for n in names if n in actions), None)
            meaning = f"{action.shown_key} {action.title}" if action else "—"
            shown = data.decode("latin-1").encode("unicode_escape").decode()
            print(f"{shown:<16} {', '.join(names) or '?':<28} {meaning}\r", flush=True)
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, saved)
    return 0


def _read() -> bytes:
    """One key press: what arrives within a tenth of a second of its first byte."""
    data = os.read(sys.stdin.fileno(), 1)
    while select.select([sys.stdin], [], [], 0.1)[0]:
        data += os.read(sys.stdin.fileno(), 64)
    return data


def _names(data: bytes) -> list[str]:
    from textual._xterm_parser import XTermParser
    from textual.events import Key

    parser = XTermParser()
    events = [*parser.feed(data.decode("utf-8", "replace")), *parser.feed("")]
    return [event.key for event in events if isinstance(event, Key)]
