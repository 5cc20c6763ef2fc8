"""A registry of manual B asked about and answered: QPID out, APID in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from omstui.bootstrap import Services
from omstui.domain.operation import Context
from omstui.domain.runner import Outcome
from omstui.domain.store import db
from omstui.formats.identfile import read_qpid, write_apid
from omstui.formats.layouts.dbf_ident import APID, QPID
from tests.domain import billkit, month

PERIOD = billkit.PERIOD
DAY = datetime(2021, 12, 29, 17, 48, 26)
FIRST = "QPID_4701012912211.dbf"

Answer = Callable[[dict[str, Any]], Mapping[str, Any] | None]


def made(folder: Path, smos: str = "1122F-", **values: Any) -> tuple[Services, int]:
    """Services and a formed registry with a case per sign (see ``billkit.add_month``)."""
    services = billkit.services(folder)
    return services, billkit.add_month(smos, **values)


def on(day: datetime) -> Callable[[Context], None]:
    def prepare(ctx: Context) -> None:
        ctx.now_fn = lambda: day

    return prepare


def run(
    services: Services, operation: str, *, day: datetime = DAY, yes: bool = True, **params: Any
) -> Outcome:
    return services.run(operation, yes=yes, prepare=on(day), **{"period": PERIOD, **params})


def export(services: Services, out: Path, **params: Any) -> Outcome:
    return run(services, "ident-export", out=str(out), **params)


def asked(path: Path) -> list[dict[str, Any]]:
    """Records of a QPID by names."""
    return list(read_qpid(path).records())


def found(row: Mapping[str, Any], **values: Any) -> dict[str, Any]:
    """The answer that says what was asked."""
    return {
        "RES": 1, "RSMO": row["SMO"], "ROKATO": "46000", "RVPOL": row["VPOLIS"] or 3, "RSPOL": row["SPOLIS"],
        "RNPOL": row["NPOLIS"], "RENP": row["ENP"], **values,
    }  # fmt: skip


NOT_FOUND = {"RES": 0}


def answer(request: Path, say: Answer, folder: Path | None = None, name: str = "") -> Path:
    """An APID to a QPID; ``say`` makes the answer to a record, None = the record is left out."""
    rows = []
    for row in asked(request):
        told = say(row)
        if told is not None:
            echo = tuple(row[field] for field in QPID.names)
            rows.append(echo + APID.row(**told)[len(QPID.names) :])
    folder = folder or request.parent
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / (name or request.name.replace("QPID", "APID"))
    write_apid(path, rows, date(2021, 12, 30))
    return path


def answered(
    folder: Path,
    say: Callable[[int, dict[str, Any]], Mapping[str, Any] | None],
    smos: str = "1122",
    **values: Any,
) -> tuple[Services, int, Outcome]:
    """Export, answer and load; ``say`` also gets the number of the record."""
    services, registry = made(folder, smos, **values)
    billkit.ok(export(services, folder / "out"))
    path = answer(folder / "out" / FIRST, lambda row: say(row["NPP"], row))
    return services, registry, billkit.ok(run(services, "ident-load", path=str(path)))


def dump() -> object:
    return month.dump()


def rows(sql: str, *values: Any) -> list[tuple[Any, ...]]:
    return billkit.query(sql, *values)


def change(sql: str, *values: Any) -> None:
    with db.connection(), db.write():
        db.execute(sql, values)
