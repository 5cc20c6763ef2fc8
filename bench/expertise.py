"""The part «check»: expertise of a formed month with all criteria on and all books loaded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench import child
from bench.report import EXACT, Report

PARTS = ("check",)
_RSS = 300
#: rows of the book that is loaded, as many as МКБ-10 has
_BOOK = 15_000
#: the limits of seconds are for so many cases
_CASES = 100_000


@dataclass(slots=True)
class Expertise:
    """Measures the expertise on a copy of the formed month in the folder of the run."""

    work: Path
    copy: Callable[[str, str], str]
    report: Report

    def run(self) -> None:
        """Measure all of it."""
        self.report.head("Экспертиза (процессорное время)")
        base = self.copy("formed", "booked")
        child.run("bench.books:fill", base=base)
        on = child.run("bench.checkrace:switch_on", base=base)
        twenty = child.run("bench.checkrace:twenty", base=base)
        parts = child.run("bench.checkrace:parts", base=base)
        made = child.run("bench.checkrace:check", base=self.copy("booked", "checked"))
        share = max(made["cases"] / _CASES, 0.1)
        states = ", ".join(f"{name} {number}" for name, number in made["states"].items())
        text = f"{on['criteria']} ({states}); замечаний {made['found']} в случаях: {made['marked']}"
        self.report.info("критериев", text)
        # a month that leaves criteria out, or in which nothing is found, would make every limit below easy
        idle = on["criteria"] - made["states"].get("done", 0)
        self.report.check("критериев не выполнено", idle, 0, "шт.", slack=EXACT)
        self.report.at_least("случаев с замечаниями", made["marked"], 1, "шт.")
        note = f"{parts['rows']:.2f} с; те же условия голыми просмотрами {parts['bare']:.2f} с"
        self.report.check("критерии по строкам: время", parts["rows"] / parts["bare"], 1.5, "×", note=note)
        note = f"{parts['slowest']}; все вместе {parts['sets']:.2f} с"
        seconds = parts["slowest_seconds"]
        self.report.check("самый долгий критерий по множеству", seconds, 2 * share, "с", note=note)
        self.report.info("подготовка данных", f"{parts['views']:.2f} с")
        # 15 s where the twenty take 1.5: the ratio does not depend on the machine and its neighbours
        cpu = made["cpu"]
        note = f"{cpu:.1f} с; 20 критериев голым SQL {twenty['cpu']:.2f} с"
        # preparing 209 statements costs the same for any month: on a small one it is most of the whole
        limit = 10 if made["cases"] >= _CASES / 2 else 20
        self.report.check("экспертиза целиком", cpu / twenty["cpu"], limit, "×", note=note)
        self.report.check("экспертиза: память", made["rss"], _RSS, "МиБ", slack=EXACT)
        self._small()

    def _small(self) -> None:
        one = child.run("bench.checkrace:one", base=str(self.work / "checked.db"))
        self.report.check("проверка одного случая", one["milliseconds"], 50, "мс")
        path = str(self.work / "M001.zip")
        child.run("bench.books:package", out=path, rows=_BOOK)
        base = self.copy("formed", "loaded-book")
        made = child.run("bench.books:load", base=base, path=path)
        self.report.check(f"справочник, строк {made['rows']}", made["cpu"], 2, "с")
        self.report.check("справочник: строк не загружено", _BOOK - made["rows"], 0, "шт.", slack=EXACT)
        Path(base).unlink()
