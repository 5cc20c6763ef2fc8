"""Bills of manual B built row by row, and returns of МЭК on them as a table or federal XML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from omstui.bootstrap import Services
from omstui.domain.money import roubles
from omstui.domain.runner import Outcome
from omstui.domain.store import db
from omstui.formats.layouts.dbf_mek import MEK
from omstui.formats.mekdbf import write_mek
from tests.domain import month
from tests.support import SETTINGS, make_services, settings

MO = "760001"
BILLED = "Выгружен счет на оплату в СМО"


def services_of(folder: Path) -> Services:
    return make_services(folder, settings(**{**SETTINGS, "profile": "mosobl"}))


@dataclass
class Bill:
    """A month billed: registry, and per account its id, IDCASE, kopecks and card."""

    registry: int
    period: str
    number: str
    accounts: list[int] = field(default_factory=list)
    idcase: dict[int, int] = field(default_factory=dict)
    total: dict[int, int] = field(default_factory=dict)
    card: dict[int, str] = field(default_factory=dict)
    smo: dict[int, str] = field(default_factory=dict)
    number_of: dict[int, str] = field(default_factory=dict)


def empty_registry(period: str, name: str = "", status: str = "Сформирован") -> int:
    with db.connection(), db.write():
        return _registry(period, name, status)


def _registry(period: str, name: str, status: str) -> int:
    registry = month.add_registry("", period=period)
    db.execute("UPDATE registry SET name=?, status=? WHERE id=?", (name, status, registry))
    return registry


def billed(
    period: str = "2021-10",
    accounts: int = 4,
    *,
    name: str = "реестр за октябрь тест",
    start: int = 1,
    kind: str = "outpatient",
    cases: Sequence[int] = (),
) -> Bill:
    """A registry whose bills went out: odd accounts to 76001, even ones to 76002, a bill each."""
    with db.connection(), db.write():
        registry = _registry(period, name, BILLED)
        bill = Bill(registry, period, f"{period[5:]}-1")
        ids = list(cases) or [
            month.add_case(n, smo="76002" if n % 2 == 0 else "76001", kind=kind)
            for n in range(start, start + accounts)
        ]
        for case in ids:
            bill.accounts.append(month.add_account(registry, case))
        for smo in ("76001", "76002"):
            _bill_of(bill, smo)
    return bill


def _bill_of(bill: Bill, smo: str) -> None:
    payer = month.payer_id(smo)
    rows = db.execute(
        "SELECT a.id, a.total, c.nhistory FROM account a JOIN cases c ON c.id=a.case_id"
        " WHERE a.registry_id=? AND a.payer_id=? ORDER BY a.id",
        (bill.registry, payer),
    ).fetchall()
    if not rows:
        return
    number = f"{bill.number}{smo[-1]}"
    file = month.insert("stored_file", name=f"HM{smo}.zip", sha256=f"{bill.registry}{smo}", size=0)
    package = month.insert(
        "package",
        kind="B",
        registry_id=bill.registry,
        period=bill.period,
        payer_id=payer,
        letter="H",
        number=number,
        date=f"{bill.period}-28",
        name=f"HM{MO}S{smo}_{bill.period[2:4]}{bill.period[5:]}{bill.registry}.zip",
        file_id=file,
        accounts=len(rows),
        total=sum(r[1] for r in rows),
        created_at="2021-11-01 10:00:00",
    )
    group = month.insert(
        "pay_registry",
        registry_id=bill.registry,
        payer_id=payer,
        section="smo",
        case_type="ТАП",
        accounts=len(rows),
        total=sum(r[1] for r in rows),
    )
    for n, (account, total, card) in enumerate(rows, 1):
        month.insert(
            "pay_account",
            pay_registry_id=group,
            account_id=account,
            package_id=package,
            n_zap=n,
            idcase=1000 + account,
        )
        db.execute("UPDATE account SET package_id=?, number=? WHERE id=?", (package, n, account))
        bill.idcase[account], bill.total[account] = 1000 + account, total
        bill.card[account], bill.smo[account], bill.number_of[account] = card, smo, number
    db.execute("UPDATE registry SET package_id=? WHERE id=?", (package, bill.registry))


# --- returns -----------------------------------------------------------------------------------


def row(bill: Bill, account: int, **changes: Any) -> dict[str, Any]:
    """A record of «b…»: by default the case is refused whole as a double."""
    values: dict[str, Any] = {
        "MCOD": MO,
        "PLAT": bill.smo[account],
        "YEAR": int(bill.period[:4]),
        "MONTH": int(bill.period[5:]),
        "NSCHET": bill.number_of[account],
        "DSCHET": f"{bill.period}-28",
        "IDCASE": str(bill.idcase[account]),
        "NHISTORY": bill.card[account],
        "SUMV": bill.total[account],
        "OPLATA": 2,
        "S_OSN": "1.10.2.",
        "S_SUM": bill.total[account],
        "NUM_ACT": "М-15",
        "DATE_ACT": "2021-11-12",
    }
    return {**values, **changes}


def table(path: Path, rows: Sequence[dict[str, Any]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    numbers = {"YEAR", "MONTH", "SUMV", "OPLATA", "S_SUM", "NPP"}
    days = {"DSCHET", "DR", "DATE_1", "DATE_2", "DATE_ACT"}
    lines = []
    for n, values in enumerate(rows, 1):
        line = []
        for name in MEK.names:
            empty = None if name in numbers or name in days else ""
            value = n if name == "NPP" else values.get(name, empty)
            line.append(value)
        lines.append(line)
    write_mek(path, lines, date(2021, 11, 15))
    return path


def sank(total: int, osn: str = "222", tip: str = "1", act: str = "М-16", code: str = "a1") -> str:
    return (
        f"<SANK><S_CODE>{code}</S_CODE><S_SUM>{roubles(total)}</S_SUM><S_TIP>{tip}</S_TIP><SL_ID>1</SL_ID>"
        f"<S_OSN>{osn}</S_OSN><DATE_ACT>2021-11-12</DATE_ACT><NUM_ACT>{act}</NUM_ACT><S_IST>1</S_IST></SANK>"
    )


def returned(bill: Bill, account: int, oplata: int = 1, sanks: str = "", cut: int = 0, **changes: str) -> str:
    """A ZAP of the return."""
    total = int(changes.get("billed", bill.total[account]))
    decided = f"<OPLATA>{oplata}</OPLATA><SUMP>{roubles(total - cut)}</SUMP>" if oplata else ""
    it = f"<SANK_IT>{roubles(cut)}</SANK_IT>" if sanks else ""
    return (
        f"<ZAP><N_ZAP>1</N_ZAP><PR_NOV>0</PR_NOV><PACIENT><ID_PAC>P1</ID_PAC></PACIENT><Z_SL>"
        f"<IDCASE>{changes.get('idcase', bill.idcase[account])}</IDCASE><SL><SL_ID>1</SL_ID>"
        f"<NHISTORY>{bill.card[account]}</NHISTORY></SL>"
        f"<SUMV>{roubles(total)}</SUMV>{decided}{sanks}{it}</Z_SL></ZAP>"
    )


def xml(path: Path, bill: Bill, zaps: Sequence[str], smo: str = "76001", **changes: str) -> Path:
    number = next(n for a, n in bill.number_of.items() if bill.smo[a] == smo)
    text = (
        '<?xml version="1.0" encoding="windows-1251"?><ZL_LIST><ZGLV><VERSION>3.1</VERSION>'
        f"<DATA>2021-11-15</DATA><FILENAME>HS{smo}M{MO}_21101</FILENAME></ZGLV><SCHET><CODE>1</CODE>"
        f"<CODE_MO>{changes.get('mo', MO)}</CODE_MO><YEAR>{bill.period[:4]}</YEAR>"
        f"<MONTH>{int(bill.period[5:])}</MONTH><NSCHET>{changes.get('number', number)}</NSCHET>"
        f"<DSCHET>{bill.period}-28</DSCHET><PLAT>{smo}</PLAT></SCHET>{''.join(zaps)}</ZL_LIST>"
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode("cp1251"))
    return path


def load(
    services: Services, path: Path, period: str = "2021-11", *, yes: bool = False, **more: Any
) -> Outcome:
    return services.run("mek-load", yes=yes, path=str(path), period=period, **more)


def scalar(sql: str, *params: object) -> Any:
    with db.connection():
        return db.scalar(sql, params)


def rows(sql: str, *params: object) -> list[tuple[Any, ...]]:
    with db.connection():
        return [tuple(r) for r in db.execute(sql, params)]
