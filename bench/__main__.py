"""``python -m bench --cases N``: a month of training data against floors measured in the same run.

Ratios are of processor time, medians of ``--repeat`` turns, program and floor in turn. Exit code 1 when a
limit is exceeded by more than what the neighbours of a shared machine explain.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from bench import child, expertise, mosobl
from bench.child import Numbers, median
from bench.report import EXACT, Report

PARTS = (
    "load",
    "form",
    "export",
    "xml",
    "accept",
    "reform",
    "view",
    "papers",
    "screens",
    *expertise.PARTS,
    *mosobl.PARTS,
)
_RSS = 300
#: the registry of an invoice the issue names: rows, seconds of processor time, MiB
_ROWS, _PDF, _PDF_RSS = 40_000, 60, 400


class Month:
    """The databases and files of one run in a folder."""

    def __init__(self, work: Path, cases: int, repeat: int, only: Sequence[str]) -> None:
        self.work, self.cases, self.repeat, self.only = work, cases, repeat, only
        self.report = Report()

    def path(self, name: str) -> str:
        return str(self.work / name)

    def copy(self, source: str, target: str) -> str:
        """A fresh copy of a database."""
        for old in self.work.glob(f"{target}.db*"):
            if old.is_file():
                old.unlink()
        return shutil.copy(self.path(f"{source}.db"), self.path(f"{target}.db"))

    # --- the run -----------------------------------------------------------------------------

    def run(self) -> int:
        begin = time.perf_counter()
        if not self.only or set(self.only) - set(mosobl.PARTS):
            self._first_region()
        mosobl.SecondRegion(self.work, self.cases, self._wanted, self.copy, self.report).run()
        self.report.info("весь прогон", f"{time.perf_counter() - begin:.0f} с")
        return self.report.close()

    def _first_region(self) -> None:
        self._data()
        self.report.head("Операции (процессорное время; мера — голая работа в том же прогоне)")
        self._load()
        self._form()
        if self._wanted("check"):
            expertise.Expertise(self.work, self.copy, self.report).run()
        self._export()
        self._accept()
        self._reform()
        self._view()
        self._papers()
        if self._wanted("screens"):
            self._screens()

    def _wanted(self, part: str) -> bool:
        return not self.only or part in self.only

    def _wanted_any(self, *parts: str) -> bool:
        return any(self._wanted(part) for part in parts)

    def _data(self) -> None:
        if not (self.work / "base.db").exists():
            shutil.rmtree(self.work / "data", ignore_errors=True)
            made = child.run("bench.steps:generate", out=self.path("data"), cases=self.cases)
            size = made["size"] / 1e6
            self.report.info(
                "учебные данные", f"случаев {made['cases']}, {size:.0f} МБ, {made['wall']:.1f} с"
            )
            child.run("bench.steps:create", data=self.path("data"), base=self.path("base.db"))

    def _race(
        self, part: str, floor: Callable[[], Numbers], ours: Callable[[], Numbers]
    ) -> tuple[list[Numbers], list[Numbers]]:
        """Floor and program in turn; a step that is only needed for the next ones runs once."""
        floors: list[Numbers] = []
        made: list[Numbers] = []
        for _ in range(self.repeat if self._wanted(part) else 1):
            if self._wanted(part):
                floors.append(floor())
            made.append(ours())
        return floors, made

    def _told(
        self, title: str, part: str, floors: list[Numbers], made: list[Numbers], limit: float, per: str
    ) -> None:
        if not self._wanted(part):
            return
        cpu = median(made, "cpu")
        speed = made[-1][per] / cpu if cpu else 0
        ratio = cpu / median(floors, "cpu")
        note = f"{cpu:.2f} с, {speed:.0f} в с; мера {median(floors, 'cpu'):.2f} с"
        self.report.check(f"{title}: время", ratio, limit, "×", note=note)
        self._memory(title, made)

    def _memory(self, title: str, made: list[Numbers]) -> None:
        self.report.check(f"{title}: память", max(m["rss"] for m in made), _RSS, "МиБ", slack=EXACT)

    def _ready(self, part: str, base: str) -> bool:
        """Whether a kept folder (``--dir``) already has what this step only prepares."""
        return not self._wanted(part) and (self.work / f"{base}.db").exists()

    # --- steps -------------------------------------------------------------------------------

    def _load(self) -> None:
        if self._ready("load", "loaded"):
            return
        data = self.path("data")
        floors, made = self._race(
            "load",
            lambda: child.run("bench.floors:load", data=data, base=self.copy("base", "floor")),
            lambda: child.run("bench.steps:load", data=data, base=self.copy("base", "loaded")),
        )
        self._told("загрузка", "load", floors, made, 2.5, "cases")
        last = made[-1]
        self.report.info("загружено", f"случаев {last['cases']}, услуг {last['services']}")

    def _form(self) -> None:
        if self._ready("form", "formed"):
            return
        floors, made = self._race(
            "form",
            lambda: child.run("bench.floors:form", base=self.copy("loaded", "floor")),
            lambda: child.run("bench.steps:form", base=self.copy("loaded", "formed")),
        )
        self._told("формирование", "form", floors, made, 3, "accounts")

    def _export(self) -> None:
        if self._ready("export", "exported"):
            self.sent = str(next(Path(self.path("sent")).iterdir()))
            if self._wanted("xml"):
                self._xml()
            return
        made = [
            child.run("bench.steps:export", base=self.copy("formed", "exported"), out=self.path("sent"))
            for _ in range(self.repeat if self._wanted("export") else 1)
        ]
        self.sent = made[-1]["file"]
        if self._wanted("export"):
            cpu = median(made, "cpu")
            text = f"{cpu:.1f} с, {made[-1]['accounts'] / cpu:.0f} счетов в с"
            self.report.info("выгрузка …13X целиком", text)
            self._memory("выгрузка", made)
        if self._wanted("xml"):
            self._xml()

    def _xml(self) -> None:
        # once is enough: the three ways take turns batch by batch
        turns = [child.run("bench.xmlrace:race", base=self.path("exported.db"), out=self.path("race"))]
        ours, bare, lxml = (median(turns, name) for name in ("ours", "template", "xmlfile"))
        size = turns[-1]["size"] / 1e6
        note = f"{size:.0f} МБ, {size / ours:.0f} МБ/с; шаблон без проверок {size / bare:.0f} МБ/с"
        self.report.check("XML пакета: время", ours / bare, 2.5, "×", note=note)
        note = f"lxml xmlfile {size / lxml:.0f} МБ/с"
        self.report.at_least("XML пакета: быстрее lxml xmlfile", lxml / ours, 2, "×", note=note)
        mapping = median(turns, "mapping")
        text = f"{mapping:.1f} с, вместе с записью {(mapping + ours) / bare:.1f} × шаблона"
        self.report.info("правила счёта (случай → элементы)", text)

    def _accept(self) -> None:
        if self._ready("accept", "accepted") or not self._wanted_any("accept", "reform", "view", "papers"):
            return
        answers = self.path("answers")
        shutil.rmtree(answers, ignore_errors=True)
        child.run("bench.steps:stand", data=self.path("data"), sent=self.sent, out=answers)
        floors, made = self._race(
            "accept",
            lambda: child.run("bench.floors:accept", base=self.copy("exported", "floor"), answers=answers),
            lambda: child.run("bench.steps:accept", base=self.copy("exported", "accepted"), answers=answers),
        )
        self._told("приём ответов", "accept", floors, made, 2, "accounts")

    def _reform(self) -> None:
        if self._ready("reform", "reformed") or not self._wanted_any("reform", "papers"):
            return
        made = [
            child.run("bench.steps:reform", base=self.copy("accepted", "reformed"), out=self.path("sent7"))
            for _ in range(self.repeat if self._wanted("reform") else 1)
        ]
        if not self._wanted("reform"):
            return
        cpu, size = median(made, "cpu"), made[-1]["size"] / 1e6
        text = f"{cpu:.1f} с, {size:.0f} МБ, {size / cpu:.0f} МБ/с, счетов {made[-1]['accounts']}"
        self.report.info("переформирование (F6) всех СМО", text)
        self._memory("переформирование", made)

    def _view(self) -> None:
        if not self._wanted("view"):
            return
        path = max(Path(self.path("answers")).iterdir(), key=lambda p: p.stat().st_size)
        floors, made = self._race(
            "view",
            lambda: child.run("bench.floors:view", path=str(path)),
            lambda: child.run("bench.steps:view", path=str(path)),
        )
        self._told("просмотр файла: список", "view", floors, made, 1.5, "rows")
        self.report.check("просмотр файла: что это", median(made, "first"), 1, "с")

    def _papers(self) -> None:
        """The registries of the month's invoices in one file, from the query to the bytes on the disk."""
        if not self._wanted("papers"):
            return
        base = self.copy("reformed", "papers")
        for kind in ("pdf", "xlsx", "csv", "txt"):
            out = self.path(f"registry.{kind}")
            Path(out).unlink(missing_ok=True)
            made = child.run("bench.steps:report", base=base, name="invoice-registry", out=out)
            title = f"реестр счёта, {kind}"
            spent = made["cpu"] / made["rows"] * _ROWS
            note = f"{made['cpu']:.1f} с, строк {made['rows']}, {made['size'] / 1e6:.1f} МБ"
            if kind == "pdf":
                self.report.check(f"{title}: на {_ROWS} строк", spent, _PDF, "с", note=note)
            else:
                self.report.info(f"{title}: на {_ROWS} строк", f"{spent:.1f} с; {note}")
            self.report.check(f"{title}: память", made["rss"], _PDF_RSS, "МиБ", slack=EXACT)

    def _screens(self) -> None:
        from bench.terminal import Screens

        counts = []
        for name, wanted in (("big", self.cases), ("small", 1000)):
            base = self.copy("exported", name)
            counts.append(child.run("bench.steps:refuse", base=base, refusals=wanted)["refusals"])
        big, small = Path(self.path("big.db")), Path(self.path("small.db"))
        Screens(self.work, self.report, self.repeat).run(big, small, (counts[0], counts[1]))


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse, measure, print; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Замеры скорости omstui")
    parser.add_argument("--cases", type=int, default=20000, help="сколько случаев")
    parser.add_argument("--repeat", type=int, default=0, help="сколько раз мерить (0 = по размеру)")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=[], help="только эти части")
    parser.add_argument("--dir", type=Path, help="оставить данные здесь и взять их в следующий раз")
    options = parser.parse_args(arguments)
    repeat = options.repeat or (3 if options.cases <= 20000 else 1)
    try:
        if options.dir:
            options.dir.mkdir(parents=True, exist_ok=True)
            return Month(options.dir.resolve(), options.cases, repeat, options.only).run()
        with tempfile.TemporaryDirectory(prefix="omstui-bench-") as folder:
            return Month(Path(folder), options.cases, repeat, options.only).run()
    except child.StepFailed as error:
        print(f"Замер не состоялся: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
