"""The exchange of manual B (второй регион): tables, identification and bills on a month of its own."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench import child
from bench.child import Numbers
from bench.report import EXACT, Report

PARTS = ("dbf", "ident", "bills")
_PROFILE = "mosobl"
_RSS = 300
#: rows of the race of tables: fewer take too short to be measured
_LEAST_ROWS = 20_000


@dataclass(slots=True)
class SecondRegion:
    """Runs the parts of ``PARTS`` that are wanted in the folder of the run."""

    work: Path
    cases: int
    wanted: Callable[[str], bool]
    copy: Callable[[str, str], str]
    report: Report

    def run(self) -> None:
        """Measure what is wanted."""
        if not any(map(self.wanted, PARTS)):
            return
        self.report.head("Второй регион")
        if self.wanted("dbf"):
            self._dbf()
        if self.wanted("ident") or self.wanted("bills"):
            self._month()
            self._ident()
        if self.wanted("bills"):
            self._bills()
            self._xml()

    def path(self, name: str) -> str:
        return str(self.work / name)

    # --- tables ------------------------------------------------------------------------------

    def _dbf(self) -> None:
        rows = max(self.cases, _LEAST_ROWS)
        # once is enough: the fast ways take turns inside
        made = child.run("bench.dbfrace:race", folder=self.path("tables"), rows=rows)
        if not made["same"]:
            self.report.failed.append("запись DBF: записи не те, что у голой записи")
        names = ("bare", "ours", "package", "read", "dbfread")
        bare, ours, package, read, dbfread = (made[name] for name in names)
        note = f"{1 / ours:.0f} строк в с; голая запись {1 / bare:.0f}"
        self.report.check("запись DBF: время", made["write"], 2, "×", note=note)
        self.report.info("запись DBF: против готовых текстов", f"{made['write_ready']:.2f} ×")
        note = f"dbf {1 / package:.0f} строк в с"
        self.report.at_least("запись DBF: быстрее пакета dbf", package / ours, 15, "×", note=note)
        note = f"{1 / read:.0f} строк в с; dbfread {1 / dbfread:.0f}"
        self.report.at_least("чтение DBF: быстрее dbfread", dbfread / read, 2.5, "×", note=note)

    # --- a month -----------------------------------------------------------------------------

    def _month(self) -> None:
        """A formed registry of so many cases that patients and billed cases are ``cases`` or more."""
        if (self.work / "b-formed.db").exists():
            return
        data, base = self.path("b-data"), self.path("b-loaded.db")
        shutil.rmtree(data, ignore_errors=True)
        Path(base).unlink(missing_ok=True)
        wanted = self.cases * 4 // 3
        made = child.run("bench.steps:generate", out=data, cases=wanted, profile=_PROFILE)
        child.run("bench.steps:create", data=data, base=base, profile=_PROFILE)
        load = child.run("bench.steps:load", data=data, base=base)
        form = child.run("bench.steps:form", base=self.copy("b-loaded", "b-formed"))
        text = f"{load['cpu']:.1f} с и {form['cpu']:.1f} с, случаев {made['cases']}"
        self.report.info("загрузка и формирование реестра", text)
        self._memory("загрузка и формирование реестра", load, form)

    def _ident(self) -> None:
        # no ratio, so one turn says it: the limit is the memory, and that does not depend on the neighbours
        if not self.wanted("ident") and (self.work / "b-identified.db").exists():
            return
        sent, back = self.path("b-qpid"), self.path("b-apid")
        for old in (sent, back):
            shutil.rmtree(old, ignore_errors=True)
        asked = child.run("bench.steps_b:ident_export", base=self.copy("b-formed", "b-asked"), out=sent)
        child.run("bench.steps:stand", data=self.path("b-data"), sent=sent, out=back)
        answer = str(next(Path(back).glob("APID*")))
        base = self.copy("b-asked", "b-identified")
        found = child.run("bench.steps_b:ident_load", base=base, path=answer)
        if self.wanted("ident"):
            self._told("QPID", asked, "records", f"{asked['size'] / 1e6:.1f} МБ")
            changed = f"полисов обновлено {found['updated']}, добавлено {found['added']}"
            self._told("APID: чтение и применение", found, "records", changed)

    def _told(self, title: str, made: Numbers, per: str, more: str) -> None:
        cpu, number = made["cpu"], made[per]
        if number < self.cases:  # a month that came out too small measures nothing
            self.report.failed.append(f"{title}: {number}, а не {self.cases}")
        what = "записей" if per == "records" else "случаев"
        self.report.info(title, f"{cpu:.2f} с, {what} {number}, {number / cpu:.0f} в с; {more}")
        self._memory(title, made)

    def _memory(self, title: str, *made: Numbers) -> None:
        self.report.check(f"{title}: память", max(m["rss"] for m in made), _RSS, "МиБ", slack=EXACT)

    # --- bills -------------------------------------------------------------------------------

    def _bills(self) -> None:
        pays = child.run("bench.steps_b:payers", base=self.copy("b-identified", "b-payers"))
        self._told("реестры на оплату", pays, "accounts", f"реестров {pays['registries']}")
        out = self.path("b-bills")
        shutil.rmtree(out, ignore_errors=True)
        made = child.run("bench.steps_b:bills_export", base=self.copy("b-payers", "b-billed"), out=out)
        more = f"файлов {made['files']}, {made['size'] / 1e6:.1f} МБ в ZIP"
        self._told("выгрузка счетов целиком", made, "accounts", more)

    def _xml(self) -> None:
        # once is enough: the three ways take turns batch by batch
        made = child.run("bench.fedrace:race", base=self.path("b-payers.db"), out=self.path("b-race"))
        ours, bare, lxml, size = made["ours"], made["template"], made["xmlfile"], made["size"] / 1e6
        note = f"{size:.0f} МБ, {size / ours:.0f} МБ/с; шаблон без проверок {size / bare:.0f} МБ/с"
        self.report.check("XML счетов (H+L): время", ours / bare, 2.5, "×", note=note)
        note = f"lxml xmlfile {size / lxml:.0f} МБ/с"
        self.report.at_least("XML счетов: быстрее lxml xmlfile", lxml / ours, 2, "×", note=note)
        mapping = made["mapping"]
        text = f"{mapping:.1f} с, вместе с записью {(mapping + ours) / bare:.1f} × шаблона"
        self.report.info("чтение случаев и правила счёта", text)
