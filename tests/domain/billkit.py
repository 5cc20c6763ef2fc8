"""A registry of manual B built row by row: all kinds in one, statuses of product.md §5."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lxml import etree

from omstui.bootstrap import Services
from omstui.domain.operation import Aborted, Context
from omstui.domain.runner import Outcome
from omstui.domain.store import db
from omstui.formats.flkp import FlkError, protocol_name, write_protocol
from tests.domain import month
from tests.support import make_services, settings

PERIOD = "2021-12"
MO = {
    "name": "ГБУЗ МО «Тестовая больница»", "ogrn": "1025000099900", "kpp": "500101001", "inn": "5000000010",
    "code": "500101", "code_local": "470101", "phone": "",
}  # fmt: skip
FUND = {"code": "50", "okato": "46000", "ogrn": "1025000097700", "name": "ТФОМС МО"}
INSURERS = [
    {"code": "50001", "letter": "1", "ogrn": "1027700091100", "name": "АО МАКС"},
    {"code": "50002", "letter": "2", "ogrn": "1027700092200", "name": "СОГАЗ"},
    {"code": "50", "letter": "I", "ogrn": "1025000097700", "name": "ТФОМС МО", "out_of_region": True},
]


def services(folder: Path, **changes: Any) -> Services:
    return make_services(
        folder, settings(**{"profile": "mosobl", "mo": MO, "fund": FUND, "insurers": INSURERS, **changes})
    )


def add_registry(period: str = PERIOD, name: str = "Реестр для инструкции", **values: Any) -> int:
    return month.insert(
        "registry",
        **{
            "period": period, "kind": "", "name": name, "begin_date": f"{period}-01",
            "end_date": f"{period}-28", "status": "Сформирован", "formed_at": "2022-01-05 09:00:00", **values,
        },
    )  # fmt: skip


def add_case(number: int, smo: str = "50001", kind: str = "outpatient", **values: Any) -> int:
    """A case of two services; ``smo`` "" = not identified, "50" = of another region."""
    case = month.add_case(number, smo=smo, kind=kind)
    fields = {
        "date_in": f"{PERIOD}-05", "date_out": f"{PERIOD}-{5 + number % 20:02d}", "pay_method": "30",
        "lpu": "500101", "mo": "500101", "key": f"H3|500101|S{number:08d}|{PERIOD}-05", **values,
    }  # fmt: skip
    sets = ", ".join(f'"{name}"=?' for name in fields)
    db.execute(f"UPDATE cases SET {sets} WHERE id=?", [*fields.values(), case])
    db.execute("UPDATE service SET date_in=?, date_out=? WHERE case_id=?", [f"{PERIOD}-05"] * 2 + [case])
    return case


def add_month(smos: str = "1122F-", registry: int | None = None, start: int = 1, **values: Any) -> int:
    """A registry with a case per sign: 1, 2 insurers, F the fund, - nobody."""
    codes = {"1": "50001", "2": "50002", "F": "50", "-": ""}
    with db.connection(), db.write():
        registry = registry or add_registry()
        for n, sign in enumerate(smos, start):
            month.add_account(registry, add_case(n, codes[sign], **values))
    return registry


def billed(folder: Path, smos: str = "1122F-", **params: Any) -> tuple[Services, int, Path]:
    """Services, registry and folder of bills that went out."""
    made = services(folder)
    registry = add_month(smos)
    ok(made.run("payers", period=PERIOD))
    out = folder / "out"
    ok(made.run("bills-export", yes=True, period=PERIOD, out=str(out), **params))
    return made, registry, out


def ok(outcome: Outcome) -> Outcome:
    assert outcome.kind == "ok", (outcome.message, outcome.error and outcome.error.details)
    return outcome


def texts(outcome: Outcome) -> list[str]:
    return [line.text for line in outcome.lines]


def status(registry: int) -> str:
    with db.connection():
        return str(db.scalar("SELECT status FROM registry WHERE id=?", (registry,)))


def query(sql: str, *values: Any) -> list[tuple[Any, ...]]:
    with db.connection():
        return [tuple(row) for row in db.execute(sql, values).fetchall()]


def cases_of(path: Path) -> Any:
    """The root of the file of cases in a ZIP."""
    with zipfile.ZipFile(path) as archive:
        name = next(m for m in archive.namelist() if not m.startswith("L"))
        return etree.fromstring(archive.read(name))


def zips(out: Path) -> list[str]:
    return sorted(str(p.relative_to(out)) for p in out.rglob("*.zip"))


def protocol(folder: Path, source: str, errors: list[FlkError], name: str = "", **options: Any) -> Path:
    stream = io.BytesIO()
    write_protocol(stream, source, errors, **options)
    path = folder / (name or f"{protocol_name(source)}.xml")
    path.write_bytes(stream.getvalue())
    return path


def aborts(
    services: Services, operation: str, clean: Callable[[], object] = lambda: None, **params: object
) -> int:
    """Abort at every checkpoint in turn; how many there were. ``clean`` looks at what an abort left."""
    before = month.dump()
    for stop in range(1, 200):
        seen = 0

        def prepare(ctx: Context, stop: int = stop) -> None:
            def count() -> None:
                nonlocal seen
                seen += 1
                if seen == stop:
                    raise Aborted

            ctx.on_check = count

        outcome = services.run(operation, yes=True, prepare=prepare, **params)
        if outcome.kind == "ok":
            return stop - 1
        assert outcome.kind == "aborted", outcome.message
        assert month.dump() == before
        clean()
    raise AssertionError("слишком много контрольных точек")
