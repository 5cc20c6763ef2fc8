"""A measured step in a process of its own, so that its memory and its time are its own.

``run("bench.steps:load", …)`` starts ``python -m bench.child``, which calls the function with the JSON
arguments. A step returns numbers; «cpu» and «wall» are what it took between ``clock()`` calls of its own.
"""

from __future__ import annotations

import importlib
import json
import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
_MARK = "bench-result:"

Numbers = dict[str, Any]


class StepFailed(Exception):
    """A step ended without a result; the text is what it wrote."""


def run(target: str, **arguments: Any) -> Numbers:
    """Call ``module:function`` in a fresh interpreter and return its numbers with «rss» in MiB."""
    command = [sys.executable, "-m", "bench.child", target, json.dumps(arguments)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=environment(), check=False)
    for line in reversed(done.stdout.splitlines()):
        if line.startswith(_MARK):
            return dict(json.loads(line.removeprefix(_MARK)))
    raise StepFailed(f"{target}: {(done.stderr or done.stdout).strip()[-2000:]}")


def median(numbers: Sequence[Numbers], name: str) -> float:
    """The median of a figure over the turns."""
    return statistics.median(n[name] for n in numbers)


def environment() -> dict[str, str]:
    """The environment of a step: UTF-8, our own checkout first, no settings of the machine."""
    found = {k: v for k, v in os.environ.items() if not k.startswith("OMSTUI_")}
    return found | {"PYTHONUTF8": "1", "PYTHONPATH": str(ROOT)}


class Clock:
    """Time between entering and leaving: processor time is not disturbed by the neighbours."""

    def __init__(self) -> None:
        self.cpu = self.wall = 0.0

    @contextmanager
    def running(self) -> Iterator[None]:
        """Count the time of the block."""
        cpu, wall = time.process_time(), time.perf_counter()
        try:
            yield
        finally:
            self.cpu += time.process_time() - cpu
            self.wall += time.perf_counter() - wall

    def best(self, work: Callable[[], object]) -> float:
        """Processor time of the work; the clock keeps the least of its turns."""
        turn = Clock()
        with turn.running():
            work()
        if not self.wall or turn.cpu < self.cpu:
            self.cpu, self.wall = turn.cpu, turn.wall
        return self.cpu

    def numbers(self, **more: Any) -> Numbers:
        return {"cpu": self.cpu, "wall": self.wall, **more}


def peak_rss() -> float:
    """Peak memory of this process in MiB; unlike ru_maxrss it does not count the parent before exec."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
        found = re.search(r"VmHWM:\s+(\d+)", status)
        if found:
            return int(found[1]) / 1024
    except OSError:
        pass
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def main() -> None:
    """Entry of the child."""
    module, _, function = sys.argv[1].partition(":")
    step = getattr(importlib.import_module(module), function)
    numbers = step(**json.loads(sys.argv[2]))
    print(_MARK + json.dumps({**numbers, "rss": peak_rss()}), flush=True)


if __name__ == "__main__":
    main()
