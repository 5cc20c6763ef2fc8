"""Lines of the report (строки отчёта): value, limit, OK or OVER, and whether the run fails."""

from __future__ import annotations

from dataclasses import dataclass, field

#: how far a noisy machine may push a ratio or a latency before the run fails
NOISE = 1.5
#: bytes and memory hardly depend on the neighbours
EXACT = 1.1


@dataclass(slots=True)
class Report:
    """Prints each line as it comes; ``failed`` are the names far over their limits."""

    failed: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)

    def head(self, text: str) -> None:
        self._print(f"\n{text}")

    def info(self, name: str, text: str) -> None:
        """A figure without a limit."""
        self._print(f"  {name:<44} {text}")

    def skip(self, name: str, why: str) -> None:
        self._print(f"  {name:<44} не измерено: {why}")

    def check(
        self, name: str, value: float, limit: float, unit: str, *, note: str = "", slack: float = NOISE
    ) -> None:
        """A figure that must not exceed its limit."""
        verdict = "OK" if value <= limit else "OVER"
        if value > limit * slack:
            self.failed.append(name)
        self._verdict(name, value, f"≤ {_number(limit)}", unit, note, verdict)

    def at_least(self, name: str, value: float, limit: float, unit: str, *, note: str = "") -> None:
        """A figure that must not fall below its limit."""
        if value < limit / NOISE:
            self.failed.append(name)
        verdict = "OK" if value >= limit else "OVER"
        self._verdict(name, value, f"≥ {_number(limit)}", unit, note, verdict)

    def _verdict(self, name: str, value: float, limit: str, unit: str, note: str, verdict: str) -> None:
        shown = f"{_number(value)} {unit}"
        self._print(f"  {name:<44} {shown:>12}  {limit:<7} {verdict:<5} {note}".rstrip())

    def _print(self, line: str) -> None:
        self.lines.append(line)
        print(line, flush=True)

    def close(self) -> int:
        """Say how it ended; the exit code."""
        if self.failed:
            self._print(f"\nПределы превышены больше допуска на помехи: {'; '.join(self.failed)}.")
            return 1
        self._print("\nВсе пределы соблюдены (с допуском на помехи).")
        return 0


def _number(value: float) -> str:
    if value >= 100 or value == int(value):
        return f"{value:.0f}"
    return f"{value:.2f}" if value < 10 else f"{value:.1f}"
