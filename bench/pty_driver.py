"""A terminal of 80×24 that keeps the moment of every byte (псевдотерминал с часами)."""

from __future__ import annotations

import os
import re
import select
import time
from pathlib import Path

import pyte

from tests.ui.pty import KEYS, Terminal, _keep_modes

_PRIVATE = re.compile(rb"\x1b\[[<>=?][0-9;]*[$a-zA-Z]+[a-z]?|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)")


class TimedTerminal(Terminal):
    """Bytes are read raw with their time; the emulator sees them later, so it slows nothing."""

    def collect(self, quiet: float, limit: float, first: float | None = None) -> tuple[int, float]:
        """Read until nothing came for ``quiet`` s; return bytes and the moment of the last one.

        ``first``: how long the first byte may take (``quiet`` by default).
        """
        begin = last = time.perf_counter()
        count, wait = 0, first or quiet
        while (now := time.perf_counter()) - begin < limit and now - last < wait:
            if not select.select([self.fd], [], [], 0.005)[0]:
                continue
            try:
                data = os.read(self.fd, 65536)
            except OSError:
                break
            if not data:
                break
            last, wait = time.perf_counter(), quiet
            count += len(data)
            self.log.append((last, data))
        return count, last

    @property
    def log(self) -> list[tuple[float, bytes]]:
        """Pieces that came with their time."""
        found: list[tuple[float, bytes]] = self.__dict__.setdefault("_log", [])
        return found

    def painted(self, text: str, limit: float = 60.0) -> float:
        """Seconds from the start to the piece after which ``text`` stands on the screen."""
        screen = pyte.Screen(80, 24)
        stream = pyte.ByteStream(screen)
        seen = 0
        end = time.perf_counter() + limit
        while time.perf_counter() < end:
            got, _ = self.collect(0.15, limit)
            for at, data in self.log[seen:]:
                stream.feed(_PRIVATE.sub(_keep_modes, data))
                if any(text in line for line in screen.display):
                    return at - self.started
            seen = len(self.log)
            if not got and self.ended():
                break
        shown = "\n".join(line.rstrip() for line in screen.display if line.strip())
        raise NotShown(f"«{text}» не появилось на экране:\n{shown}")

    def ended(self) -> bool:
        """Whether the program is gone; unlike ``exit_code`` it reads nothing."""
        if self._code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self._code = os.waitstatus_to_exitcode(status)
        return self._code is not None

    def timed(self, key: str | bytes, quiet: float = 0.12) -> tuple[int, float]:
        """Send a key; return the bytes that came back and the seconds to the last of them."""
        sent = key if isinstance(key, bytes) else KEYS.get(key, key.encode())
        begin = time.perf_counter()
        os.write(self.fd, sent)
        count, last = self.collect(quiet, 5.0, first=2.0)
        return count, last - begin

    def peak_rss(self) -> float:
        """Peak memory of the program in MiB."""
        status = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii", errors="replace")
        found = re.search(r"VmHWM:\s+(\d+)", status)
        return int(found[1]) / 1024 if found else 0.0

    def screen_text(self) -> str:
        """What stands on the screen now."""
        screen = pyte.Screen(80, 24)
        stream = pyte.ByteStream(screen)
        for _, data in self.log:
            stream.feed(_PRIVATE.sub(_keep_modes, data))
        return "\n".join(screen.display)


class NotShown(Exception):
    """What was waited for did not come onto the screen."""
