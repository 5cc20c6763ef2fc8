"""A program under a pseudo-terminal: keys in, bytes and the emulated screen out."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Sequence
from types import TracebackType

import pyte

KEYS = {
    "down": b"\x1b[B",
    "up": b"\x1b[A",
    "pagedown": b"\x1b[6~",
    "end": b"\x1b[F",
    "tab": b"\t",
    "enter": b"\r",
    "escape": b"\x1b",
    "f5": b"\x1b[15~",
    "f10": b"\x1b[21~",
    "f9": b"\x1b[20~",
    "home": b"\x1b[H",
    "right": b"\x1b[C",
    "ctrl+n": b"\x0e",
    "ctrl+l": b"\x0c",
}
# private modes and queries that pyte would print
_PRIVATE = re.compile(rb"\x1b\[[<>=?][0-9;]*[$a-zA-Z]+[a-z]?|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)")


class Terminal:
    """An 80x24 terminal with a program in it; use as a context manager."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        cols: int = 80,
        rows: int = 24,
        env: dict[str, str] | None = None,
    ) -> None:
        self.screen = pyte.Screen(cols, rows)
        self._stream = pyte.ByteStream(self.screen)
        environ = dict(os.environ, TERM="xterm-256color", LANG="C.UTF-8", LC_ALL="C.UTF-8")
        environ.update(env or {})
        self.started = time.perf_counter()
        self._code: int | None = None
        self.pid, self.fd = pty.fork()
        if not self.pid:  # pragma: no cover - the child
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))
            os.execvpe(command[0], list(command), environ)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None
    ) -> None:
        for sign in (signal.SIGTERM, signal.SIGKILL):
            if self._code is not None:
                break
            os.kill(self.pid, sign)
            self.exit_code(2.0)
        os.close(self.fd)

    def exit_code(self, limit: float = 10.0) -> int | None:
        """Wait until the program ends; return its exit code, None = it still runs."""
        end = time.perf_counter() + limit
        while self._code is None and time.perf_counter() < end:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self._code = os.waitstatus_to_exitcode(status)
            else:
                # a program that still has something to say waits for us to read it
                self.read(0.02, 0.05)
        return self._code

    def read(self, quiet: float = 0.25, limit: float = 10.0) -> int:
        """Read until nothing came for ``quiet`` seconds; return the number of bytes."""
        count, last = 0, time.perf_counter()
        end = last + limit
        while (now := time.perf_counter()) < end and now - last < quiet:
            if not select.select([self.fd], [], [], 0.02)[0]:
                continue
            try:
                data = os.read(self.fd, 65536)
            except OSError:
                break
            if not data:
                break
            count += len(data)
            last = time.perf_counter()
            self._stream.feed(_PRIVATE.sub(_keep_modes, data))
        return count

    def wait_for(self, text: str, limit: float = 20.0) -> float:
        """Read until the text stands on the screen; return seconds since the start."""
        end = time.perf_counter() + limit
        while time.perf_counter() < end:
            self.read(0.02, 0.1)
            if any(text in line for line in self.screen.display):
                return time.perf_counter() - self.started
        raise AssertionError(f"{text!r} is not on the screen:\n" + "\n".join(self.lines))

    def press(self, key: str | bytes, quiet: float = 0.3) -> int:
        """Send a key; return the bytes that came back."""
        os.write(self.fd, key if isinstance(key, bytes) else KEYS.get(key, key.encode()))
        # the answer may begin late on a loaded machine: wait for its first byte longer
        select.select([self.fd], [], [], 2.0)
        return self.read(quiet)

    def resize(self, cols: int, rows: int) -> None:
        """Change the size of the terminal and wait until the program has drawn itself anew."""
        self.screen.resize(rows, cols)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))
        os.kill(self.pid, signal.SIGWINCH)
        select.select([self.fd], [], [], 5.0)  # a loaded machine begins late
        self.read(0.7)

    @property
    def lines(self) -> list[str]:
        """The screen as text."""
        return list(self.screen.display)


def _keep_modes(match: re.Match[bytes]) -> bytes:
    return match[0] if match[0][-1:] in b"hl" else b""
