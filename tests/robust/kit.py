"""States of a small database, one scenario per operation, and a child that dies at a chosen moment."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from omstui.bootstrap import Services, open_services
from omstui.domain.operation import Aborted, Context
from omstui.domain.runner import Outcome
from omstui.domain.store import db
from omstui.domain.verify import verify
from tests.domain import answerkit as kit
from tests.domain import month
from tests.robust import mosobl
from tests.support import make_services

P = month.PERIOD
DEMO = Path(__file__).resolve().parents[2] / "data" / "demo"
LOGIN = "tester"
_JOURNAL = ("run", "run_line", "run_file", "lock", "sqlite_sequence")
#: how long a criterion took is never the same twice
_COLUMNS = {"check_result": "registry_id, code, state, reason, at"}
Rows = dict[str, list[tuple[Any, ...]]]


def fixed() -> datetime:
    """A clock that stands: the same run gives the same rows."""
    return datetime(2021, 5, 20, 12, 0, 0)


@dataclass(frozen=True)
class Scenario:
    """An operation on a state of the database. ``{w}`` in parameters is the folder of the test."""

    operation: str
    base: str
    params: dict[str, Any] = field(default_factory=dict)
    #: files of the base copied into the folder as input
    inputs: tuple[str, ...] = ()

    def filled(self, folder: Path) -> dict[str, Any]:
        return _fill(self.params, str(folder))


def _fill(value: Any, folder: str) -> Any:
    if isinstance(value, str):
        return value.replace("{w}", folder)
    if isinstance(value, list):
        return [_fill(v, folder) for v in value]
    if isinstance(value, dict):
        return {k: _fill(v, folder) for k, v in value.items()}
    return value


_CASE = {"case_id": 1, "case": {"ds_main": "J06.9"}, "patient": {"name": "Семён"}}
SCENARIOS: dict[str, Scenario] = {
    "load": Scenario("load", "empty", {"paths": ["{w}/in"]}, ("pair",)),
    "load-again": Scenario("load", "loaded", {"paths": ["{w}/in"]}, ("pair-changed",)),
    "load-history": Scenario("load", "empty", {"paths": ["{w}/in"]}, ("bill",)),
    "nsi-load": Scenario("nsi-load", "cases", {"paths": ["{w}/in/tariffs.csv"]}, ("tariffs",)),
    "nsi-load-packages": Scenario(
        "nsi-load", "cases", {"paths": ["{w}/in/V009_sample.csv", "{w}/in/M001_sample.csv"]}, ("classifiers",)
    ),
    "book-save": Scenario("book-save", "cases", {"book": "tariff", "values": {"code": "Х1", "price": "1"}}),
    "form": Scenario("form", "cases", {"period": P}),
    "form-again": Scenario("form", "formed", {"period": P}),
    "registry-create": Scenario("registry-create", "cases", {"period": P, "kind": "outpatient"}),
    "registry-delete": Scenario("registry-delete", "formed", {"registry_ids": [1]}),
    "sequester": Scenario("sequester", "planned", {"period": P, "apply": True}),
    "sequester-back": Scenario("sequester", "cut", {"period": P, "apply": True, "cut": [1], "back": [6]}),
    "sequester-undo": Scenario("sequester-undo", "cut", {"period": P}),
    "check": Scenario("check", "formed", {"period": P}),
    "check-again": Scenario("check", "checked", {"period": P}),
    "mes": Scenario("mes", "formed", {"period": P}),
    "mes-again": Scenario("mes", "analysed", {"period": P}),
    "export": Scenario("export", "formed", {"period": P, "out": "{w}/out"}),
    "export-checked": Scenario("export", "checked", {"period": P, "out": "{w}/out"}),
    "export-again": Scenario("export", "sent", {"period": P, "out": "{w}/out"}),
    "accept": Scenario("accept", "sent", {"paths": ["{w}/in"]}, ("1A",)),
    "accept-2": Scenario("accept", "reformed", {"paths": ["{w}/in"]}, ("2A",)),
    "accept-replace": Scenario("accept", "answered", {"paths": ["{w}/in"]}, ("other-1A",)),
    "reform": Scenario("reform", "answered", {"period": P, "all": True, "out": "{w}/out"}),
    "return": Scenario("return", "done", {"period": P, "all": True, "unchanged": True}),
    "return-undo": Scenario("return-undo", "returned", {"period": P, "all": True}),
    "drop": Scenario("drop", "done", {"account_ids": [1]}),
    "restore-tests": Scenario("restore-tests", "test", {"period": P}),
    "withhold": Scenario("withhold", "done", {"period": P, "smo": "76001", "sum": "1.50"}),
    "sent": Scenario("sent", "done", {"period": P}),
    "invoices": Scenario("invoices", "done", {"period": P, "out": "{w}/out", "format": "txt"}),
    "invoices-again": Scenario("invoices", "invoiced", {"period": P, "out": "{w}/out", "format": "txt"}),
    "invoice-cancel": Scenario("invoice-cancel", "invoiced", {"number": "1", "reason": "ошибка"}),
    "payment-add": Scenario("payment-add", "invoiced", {"smo": "76001", "number": "15", "sum": "100.00"}),
    "payment-spread": Scenario("payment-spread", "paid", {"payment_id": 1, "parts": {"1": "50.00"}}),
    "payment-delete": Scenario("payment-delete", "paid", {"payment_id": 1}),
    "month-close": Scenario("month-close", "paid", {"period": P}),
    "month-reopen": Scenario("month-reopen", "closed", {"period": P, "reason": "ошибка"}),
    "report": Scenario("report", "done", {"name": "month", "period": P, "out": "{w}/месяц.pdf"}),
    "case-save": Scenario("case-save", "cases", _CASE),
    "case-new": Scenario(
        "case-save", "cases", {"copy_of": 1, "case": {"nhistory": "Н1", "ds_main": "J06.9"}}
    ),
    "case-delete": Scenario("case-delete", "cases", {"case_ids": [1, 2]}),
    "settings-save": Scenario("settings-save", "empty", {"values": {"mo": {"phone": "1"}}}),
    "operator-set": Scenario("operator-set", "empty", {"login": "анна", "role": "operator"}),
}
SCENARIOS |= {name: Scenario(*parts) for name, parts in mosobl.SCENARIOS.items()}


class Bases:
    """Databases at each step of a month, made once; every test works on copies."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.inputs = folder / "in"
        self.inputs.mkdir()
        self._make()

    def save(self, name: str, services: Services) -> None:
        with (
            sqlite3.connect(services.database) as source,
            sqlite3.connect(self.folder / f"{name}.db") as copy,
        ):
            source.backup(copy)

    def _services(self, name: str) -> Services:
        (self.folder / name).mkdir()
        return self.clocked(make_services(self.folder / name, login=LOGIN))

    def clocked(self, services: Services) -> Services:
        services.now = fixed
        return services

    def _make(self) -> None:
        self._sources()
        services = self._services("w0")
        self.save("empty", services)
        self.run(services, "load", paths=[str(self.inputs / "pair")])
        self.save("loaded", services)
        services = self._services("w1")
        with db.connection(), db.write():
            for number in range(1, 7):
                month.add_case(number, smo="76001" if number % 2 else "76002")
        self.save("cases", services)
        services = self._services("w2")
        month.add_month(6, test=True)
        self.run(services, "export", period=P, out=str(self.folder / "w2/out"), test=True)
        self.save("test", services)
        self._month(self._services("w3"))
        self._planned(self._services("w4"))
        mosobl.make(self)

    def _sources(self) -> None:
        for name, change in (("pair", ""), ("pair-changed", "J")):
            target = self.inputs / name
            target.mkdir()
            for file in ("CM760001T76_21041.xml", "LCM760001T76_21041.xml"):
                data = (DEMO / "2021-04" / file).read_bytes()
                target.joinpath(file).write_bytes(data.replace(b"<SUMV>", b"<SUMV>1") if change else data)
        (self.inputs / "tariffs").mkdir()
        shutil.copy(DEMO / "books" / "tariffs.csv", self.inputs / "tariffs")
        (self.inputs / "classifiers").mkdir()
        for name in ("V009_sample.csv", "M001_sample.csv"):
            shutil.copy(DEMO / "books" / name, self.inputs / "classifiers")

    def _month(self, services: Services) -> None:
        out = self.folder / "w3" / "out"
        month.add_month(6)
        self.save("formed", services)
        self._checked(services)
        self._analysed(services)
        package = self.run(services, "export", period=P, out=str(out))["package"]
        self.save("sent", services)
        (self.inputs / "bill").mkdir()
        bill = next(out.glob("*3X.7z"))
        shutil.copy(bill, self.inputs / "bill")
        keys = kit.keys(package)
        for letter in "AB":
            mine = keys[letter]
            told = [kit.refused(mine[0]), *map(kit.Told, mine[1:])]
            kit.answer(self.inputs / f"1{letter}", f"1{letter}", told)
        kit.answer(self.inputs / "other-1A", "1A", [kit.Told(k) for k in keys["A"]])
        self.run(services, "accept", paths=[str(self.inputs / "1A"), str(self.inputs / "1B")])
        self.save("answered", services)
        self.run(services, "reform", period=P, all=True, out=str(out))
        self.save("reformed", services)
        told = [kit.refused(keys["A"][1], kit.MES), kit.Told(keys["A"][2])]
        kit.answer(self.inputs / "2A", "2A", told)
        self.run(services, "accept", paths=[str(self.inputs / "2A")])
        self.save("done", services)
        self.run(services, "return", period=P, all=True, unchanged=True)
        self.save("returned", services)
        kit.answer(self.inputs / "2B", "2B", [kit.Told(key) for key in keys["B"][1:]])
        self.run(services, "accept", paths=[str(self.inputs / "2B")])
        self._paid(services, out)

    def _paid(self, services: Services, out: Path) -> None:
        """The end of the month: invoices, a payment, the month closed."""
        self.run(services, "invoices", period=P, out=str(out), format="txt")
        self.save("invoiced", services)
        self.run(services, "payment-add", smo="76001", number="7", sum="150.00")
        self.save("paid", services)
        self.run(services, "month-close", period=P)
        self.save("closed", services)

    def _planned(self, services: Services) -> None:
        """A formed month over its plan volumes, and the same with what is over it cut."""
        month.add_month(6)
        with db.connection(), db.write():
            month.insert("plan", begin_date="2021-04-01", end_date="2021-04-30", unit="cases", quantity=400)
        self.save("planned", services)
        self.run(services, "sequester", period=P, apply=True)
        self.save("cut", services)

    def _checked(self, services: Services) -> None:
        """The expertise found something more, which is mended; its result is the state of the scenario."""
        with db.connection(), db.write():
            db.execute("UPDATE patient SET surname='' WHERE id=1")
        self.run(services, "check", period=P)
        with db.connection(), db.write():
            db.execute("UPDATE patient SET surname='Иванов' WHERE id=1")
        self.save("checked", services)

    def _analysed(self, services: Services) -> None:
        """«Анализ МЭСов» found something, which is mended; its result is the state of the scenario."""
        with db.connection(), db.write():
            db.execute("UPDATE account SET total=total+1")
        self.run(services, "mes", period=P)
        with db.connection(), db.write():
            db.execute("UPDATE account SET total=total-1")
        self.save("analysed", services)

    def run(self, services: Services, operation: str, **params: Any) -> dict[str, Any]:
        outcome = services.run(operation, yes=True, **params)
        assert outcome.kind == "ok", (operation, outcome.message)
        assert outcome.result is not None
        return outcome.result.data

    def lay_out(self, scenario: Scenario, folder: Path) -> Services:
        """A fresh folder with the database and the input of the scenario, always at the same path."""
        shutil.rmtree(folder, ignore_errors=True)
        (folder / "in").mkdir(parents=True)
        for name in scenario.inputs:
            shutil.copytree(self.inputs / name, folder / "in", dirs_exist_ok=True)
        shutil.copyfile(self.folder / f"{scenario.base}.db", folder / "omstui.db")
        return start(folder)


def start(folder: Path) -> Services:
    """The next start of the program on the database of the folder."""
    services = open_services(str(folder / "omstui.db"), login=LOGIN)
    services.now = fixed
    return services


def dump(folder: Path) -> Rows:
    """Every row of every table but the journal."""
    base = sqlite3.connect(folder / "omstui.db")
    try:
        names = [r[0] for r in base.execute("SELECT name FROM sqlite_master WHERE type='table'")]
        return {
            n: base.execute(f'SELECT {_COLUMNS.get(n, "*")} FROM "{n}"').fetchall()
            for n in names
            if n not in _JOURNAL
        }
    finally:
        base.close()


def files(folder: Path) -> dict[str, bytes]:
    """Files of the folder apart from the database and what belongs to it."""
    return {
        str(p.relative_to(folder)): p.read_bytes()
        for p in sorted(folder.rglob("*"))
        if p.is_file() and not p.relative_to(folder).parts[0].startswith("omstui.db")
    }


def strays(folder: Path) -> list[str]:
    """Unfinished files anywhere: of an operation (``.part``) or of the staging database."""
    return [
        str(p.relative_to(folder))
        for p in folder.rglob("*")
        if p.is_file() and (".part" in p.name or "stag" in p.name or p.name.endswith(".cancel"))
    ]


def problems() -> list[str]:
    with db.connection():
        return [str(p) for p in verify()]


def last_run() -> tuple[str, str, list[str]]:
    """Outcome, message and log of the newest run in the journal."""
    with db.connection():
        run, outcome, message = db.execute(
            "SELECT id, outcome, message FROM run ORDER BY id DESC LIMIT 1"
        ).fetchone()
        lines = db.execute('SELECT "text" FROM run_line WHERE run_id=? ORDER BY seq', (run,)).fetchall()
    return outcome, message, [row[0] for row in lines]


# --- moments -----------------------------------------------------------------------------------


class Moments:
    """Counts moments of a run and does something at the chosen one."""

    def __init__(self, stop: int, act: Callable[[], None]) -> None:
        self.seen, self.stop, self.act = 0, stop, act

    def __call__(self) -> None:
        self.seen += 1
        if self.seen == self.stop:
            self.act()


def abort() -> None:
    raise Aborted


def run_counting(services: Services, scenario: Scenario, folder: Path, moments: Moments) -> Outcome:
    def prepare(ctx: Context) -> None:
        ctx.on_check = moments

    return services.run(scenario.operation, yes=True, prepare=prepare, **scenario.filled(folder))


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def in_child(folder: Path, scenario: Scenario, stop: int, *, statements: bool = False) -> tuple[bool, int]:
    """Run in a child that is killed at its ``stop``-th moment.

    Moments are checkpoints, flushes and renames, or with ``statements`` every statement of SQL.
    Returns (killed, moments seen if it lived to the end).
    """
    read, write = os.pipe()
    child = os.fork()
    if not child:
        try:
            moments = Moments(stop, die)
            services = start(folder)
            for name in () if statements else ("fsync", "replace", "unlink"):
                _watch(name, moments)
            run = Scenario(scenario.operation, "", scenario.params)
            _run_watched(services, run, folder, moments, statements)
            os.write(write, str(moments.seen).encode())
        finally:
            os._exit(0)
    os.close(write)
    said = b""
    while piece := os.read(read, 100):
        said += piece
    os.close(read)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status), int(said or 0)


def _watch(name: str, moments: Moments) -> None:
    plain = getattr(os, name)

    def watched(*args: Any, **more: Any) -> Any:
        moments()
        return plain(*args, **more)

    setattr(os, name, watched)


def _run_watched(
    services: Services, scenario: Scenario, folder: Path, moments: Moments, statements: bool
) -> None:
    """The run is in the journal when the counting begins; its last statement closes it there."""

    def prepare(ctx: Context) -> None:
        if statements:
            db.raw().set_trace_callback(lambda statement: moments())
        else:
            ctx.on_check = moments

    services.run(scenario.operation, yes=True, prepare=prepare, **scenario.filled(folder))


def spread(count: int, most: int) -> list[int]:
    """Moments 1…count, at most ``most`` of them, first and last among them."""
    if count <= most:
        return list(range(1, count + 1))
    return sorted({1 + round(n * (count - 1) / (most - 1)) for n in range(most)})
