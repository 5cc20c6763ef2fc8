"""The screens under a pseudo-terminal of 80×24 (экраны): bytes, latency, memory, start."""

from __future__ import annotations

import math
import statistics
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from bench import child
from bench.pty_driver import NotShown, TimedTerminal
from bench.report import EXACT, Report

_SMALL = 1000
_LIST = "--screen", "rejections"
_FORM = "Фамилия"


class Screens:
    """Measures the real program on databases that the month left in ``work``."""

    def __init__(self, work: Path, report: Report, repeat: int) -> None:
        self.work, self.report, self.repeat = work, report, max(repeat, 3)

    def run(self, big: Path, small: Path, counts: tuple[int, int]) -> None:
        """All figures; a screen that does not open is said and left out."""
        report = self.report
        report.head("Экраны, псевдотерминал 80×24")
        for name, job in (
            ("запуск", lambda: self._start(small)),
            ("список отказов: первый экран", lambda: self._first_paint(big, small, counts)),
            ("список отказов: клавиши", lambda: self._keys(big, counts[0])),
            ("форма случая", lambda: self._form(big, counts[0])),
            ("список во время операции", lambda: self._busy(big, counts[0])),
        ):
            try:
                job()
            except NotShown as error:
                report.failed.append(name)
                report.skip(name, str(error))

    def _open(self, base: Path, *arguments: str) -> TimedTerminal:
        return self._program(["-m", "omstui", "--db", str(base), *arguments])

    def _program(self, arguments: Sequence[str]) -> TimedTerminal:
        home = self.work / "home"
        home.mkdir(exist_ok=True)
        mine = {f"XDG_{n}_HOME": str(home / n.lower()) for n in ("STATE", "CONFIG", "CACHE", "DATA")}
        environment = child.environment() | mine | {"HOME": str(home), "COLORTERM": ""}
        return TimedTerminal([sys.executable, *arguments], env=environment)

    # --- start -------------------------------------------------------------------------------

    def _start(self, base: Path) -> None:
        bare, ours = [], []
        for turn in range(self.repeat + 1):  # the first of each warms the caches of the machine
            with self._program([str(Path(__file__).with_name("minimal.py"))]) as term:
                first = term.painted("READY")
            with self._open(base) as term:
                second = term.painted("Рабочий стол")
            if turn:
                bare.append(first)
                ours.append(second)
        floor, value = statistics.median(bare), statistics.median(ours)
        note = f"{value * 1000:.0f} мс, пустая программа Textual {floor * 1000:.0f} мс"
        self.report.check("запуск до первого экрана", value / floor, 2.5, "×", note=note)

    # --- the list ----------------------------------------------------------------------------

    def _first_paint(self, big: Path, small: Path, counts: tuple[int, int]) -> None:
        times: dict[int, list[float]] = {count: [] for count in counts}
        for turn in range(self.repeat + 1):
            for base, count in zip((big, small), counts, strict=True):
                with self._open(base, *_LIST) as term:
                    seconds = term.painted(_counter(count))
                if turn:
                    times[count].append(seconds)
        large, little = (statistics.median(times[count]) for count in counts)
        note = f"{counts[0]}: {large * 1000:.0f} мс, {counts[1]}: {little * 1000:.0f} мс"
        self.report.check("список отказов: первый экран", large / little, 1.5, "×", note=note)

    def _keys(self, base: Path, count: int) -> None:
        report = self.report
        with self._open(base, *_LIST) as term:
            term.painted(_counter(count))
            term.collect(0.5, 3)
            idle, _ = term.collect(3.0, 3.0)
            down = [term.timed("down") for _ in range(30)]
            page = [term.timed("pagedown") for _ in range(min(20, count // 20))]
            rss = term.peak_rss()
        report.check("строка вниз", max(b for b, _ in down), 320, "Б", slack=EXACT)
        report.check("страница вниз", max(b for b, _ in page), 2900, "Б", slack=EXACT)
        report.check("покой 3 с", idle, 0, "Б")
        self._latency("клавиша → последний байт, p95", [s for _, s in (*down, *page)], 30)
        report.check("память экрана", rss, 80, "МиБ", slack=EXACT)

    def _latency(self, name: str, seconds: Sequence[float], limit: float) -> None:
        ordered = sorted(seconds)
        p95 = ordered[math.ceil(len(ordered) * 0.95) - 1] * 1000
        note = f"медиана {statistics.median(ordered) * 1000:.1f} мс, клавиш {len(ordered)}"
        self.report.check(name, p95, limit, "мс", note=note)

    def _form(self, base: Path, count: int) -> None:
        with self._open(base, *_LIST) as term:
            term.painted(_counter(count))
            term.collect(0.4, 3)
            term.timed(b"\x1b[14~", 0.5)  # F4: the case
            term.painted(_FORM)
            term.collect(0.5, 3)
            tabs = [term.timed("tab") for _ in range(10)]
        if not min(b for b, _ in tabs):
            raise NotShown(f"Tab в форме ничего не меняет:\n{term.screen_text()}")
        self.report.check("Tab в форме случая", max(b for b, _ in tabs), 1000, "Б", slack=EXACT)

    # --- while something runs ----------------------------------------------------------------

    def _busy(self, base: Path, count: int) -> None:
        """Keys of the list while another process loads cases into the same database."""
        with self._open(base, *_LIST) as term:
            term.painted(_counter(count))
            term.collect(0.5, 3)
            cases = self.work / "data" / "2021-04"
            job = subprocess.Popen(
                [sys.executable, "-m", "omstui", "load", "--db", str(base), str(cases)],
                cwd=child.ROOT, env=child.environment(),
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
            keys: list[float] = []
            try:
                while job.poll() is None and len(keys) < 60:
                    keys.append(term.timed("pagedown" if len(keys) % 3 == 2 else "down")[1])
            finally:
                job.terminate()
                job.wait()
        if len(keys) < 3:
            self.report.skip("клавиша во время операции", "операция кончилась раньше")
        else:
            self._latency("клавиша во время операции, p95", keys, 100)


def _counter(count: int) -> str:
    return f"1 / {count}"
