"""Registries of manual B (реестры счетов): find one by month, number or name; facts; payment data to drop."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from omstui.domain.errors import OmsError
from omstui.domain.model import Period, RegistryStatus, folded
from omstui.domain.status import TITLES, Facts, allowed
from omstui.domain.store import db, forming
from omstui.domain.store.forming_select import Target


@dataclass(frozen=True, slots=True)
class RegistryRow:
    """A registry as the operations of manual B see it; ``title`` names it in messages."""

    id: int
    period: str
    kind: str
    name: str
    begin: str
    end: str
    pay_type: str
    departments: tuple[str, ...]
    status: str
    reform_reason: str
    ident_number: int
    accounts: int
    total: int
    with_late: bool
    facts: Facts = field(default_factory=Facts)

    @property
    def dates(self) -> str:
        """«01.12.2021 - 31.12.2021»."""
        return forming.dates(self.begin, self.end)

    @property
    def title(self) -> str:
        """«01.12.2021 - 31.12.2021, Реестр для инструкции»."""
        return f"{self.dates}, {self.name}" if self.name else self.dates

    @property
    def header(self) -> str:
        """Header of the screen: «Реестр: 01.12.2021 - 31.12.2021, <имя>, ОМС, Сформирован»."""
        return f"Реестр: {self.title}, {self.pay_type}, {self.status}"

    @property
    def protocol(self) -> str:
        """As protocols name it: «реестр за октябрь тест 2021/10» (the month unpadded)."""
        month = Period.parse(self.period)
        return f"{self.name} {month.year}/{month.month}".strip()


_SELECT = (
    "SELECT id, period, kind, name, begin_date, end_date, pay_type, departments, status, reform_reason,"
    " ident_number, accounts, total, with_late FROM registry WHERE deleted_at IS NULL AND is_test=0"
)


def _row(values: Sequence[object]) -> RegistryRow:
    cells = list(values)
    cells[7] = tuple(json.loads(str(cells[7])))
    cells[13] = bool(cells[13])
    row = RegistryRow(*cells)  # type: ignore[arg-type]
    return replace(row, facts=facts(row))


def registries(period: str) -> list[RegistryRow]:
    """Registries of the month that are not deleted, oldest first."""
    return [_row(r) for r in db.execute(f"{_SELECT} AND period=? ORDER BY id", (period,)).fetchall()]


def get(registry_id: int) -> RegistryRow | None:
    """The registry with this number, None when it is not there or deleted."""
    row = db.execute(f"{_SELECT} AND id=?", (registry_id,)).fetchone()
    return _row(row) if row else None


def resolve(period: str, registry: str | int | None = "", registry_id: int | None = None) -> RegistryRow:
    """The one registry meant by a month and, maybe, a number or a name; OmsError lists the candidates."""
    title = Period.parse(period).title if period else ""
    if registry_id is not None:
        registry = str(registry_id)
    wanted = str(registry or "").strip()
    if not period:
        found = get(int(wanted)) if wanted.isdigit() else None
        if found is None:
            raise OmsError("Не указан период реестра.", hint="Укажите отчётный месяц: --period 2021-12.")
        return found
    rows = registries(period)
    if not rows:
        raise OmsError(f"Реестра за {title} нет.", hint="Создайте и сформируйте реестр (F5, omstui form).")
    if wanted:
        return _named(rows, wanted, title)
    if len(rows) > 1:
        raise OmsError(
            f"За {title} несколько реестров: {_list(rows)}.", hint="Укажите нужный: --registry НОМЕР|ИМЯ."
        )
    return rows[0]


def current(period: str, registry: str | int | None = "", registry_id: int | None = None) -> RegistryRow:
    """As ``resolve``; a month without any registry gives one to be created (its id is 0, see ``create``)."""
    if registry or registry_id is not None or registries(period):
        return resolve(period, registry, registry_id)
    month = Period.parse(period)
    begin, end = month.begin.isoformat(), month.end.isoformat()
    status = RegistryStatus.CREATED.value
    row = RegistryRow(0, str(month), "", "", begin, end, "ОМС", (), status, "", 0, 0, 0, False)
    return replace(row, facts=facts(row))


def create(row: RegistryRow, *, who: str, at: str, late: bool = False) -> RegistryRow:
    """Create the registry that ``current`` proposed. Inside ``db.write()``."""
    target = Target("", row.period, row.begin, row.end, late=late)
    return replace(row, id=forming.create_registry(target, test=False, who=who, at=at), with_late=late)


def _named(rows: Sequence[RegistryRow], wanted: str, month: str) -> RegistryRow:
    found = [r for r in rows if wanted.isdigit() and r.id == int(wanted)]
    found = found or [r for r in rows if folded(r.name) == folded(wanted)]
    if not found:
        raise OmsError(f"Реестра «{wanted}» за {month} нет.", hint=f"Есть: {_list(rows)}.")
    if len(found) > 1:
        raise OmsError(
            f"За {month} несколько реестров «{wanted}»: {_list(found)}.",
            hint="Укажите номер: --registry НОМЕР.",
        )
    return found[0]


def _list(rows: Sequence[RegistryRow]) -> str:
    return "; ".join(f"{r.id} — {r.title} ({r.status})" for r in rows)


def require(row: RegistryRow, op: str) -> None:
    """Refuse the operation with the reason of the table status × operation."""
    reason = allowed(row.status, op, row.facts)
    if reason is not None:
        raise OmsError(
            reason, title=TITLES.get(op, op), hint=f"Реестр {row.id} «{row.title}», статус «{row.status}»."
        )


def set_status(registry_id: int, status: RegistryStatus) -> None:
    """Give the registry its new status. Inside ``db.write()``."""
    db.execute("UPDATE registry SET status=? WHERE id=?", (status.value, registry_id))


# --- facts -----------------------------------------------------------------------------------


def facts(row: RegistryRow) -> Facts:
    """What the table of statuses asks besides the status."""
    current = current_period()
    return Facts(
        ident_answered=bool(
            db.scalar("SELECT EXISTS (SELECT 1 FROM answer WHERE road='ident' AND registry_id=?)", (row.id,))
        ),
        mek_loaded=row.status == RegistryStatus.BILLED and mek_loaded(row.id),
        current_month=Period.parse(current).title if current and row.period < current else "",
        reform_reason=row.reform_reason,
    )


def current_period() -> str:
    """The month being worked on: the newest one that has a registry («» = none)."""
    return str(db.scalar("SELECT max(period) FROM registry WHERE deleted_at IS NULL AND is_test=0") or "")


def mek_loaded(registry_id: int) -> bool:
    """True if any МЭК names accounts of this registry."""
    names = " UNION ALL ".join(
        f"SELECT 1 FROM answer w CROSS JOIN {table} d ON d.answer_id=w.id CROSS JOIN account a"
        " ON a.id=d.account_id WHERE w.road='mek' AND w.state='active' AND a.registry_id=?1"
        for table in ("refusal", "cut", "answer_line")
    )
    return bool(db.scalar(f"SELECT EXISTS ({names})", (registry_id,)))


# --- what re-forming and deletion lose -------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Payment:
    """Payment registries of a registry, the bills written for them and their sum."""

    titles: tuple[str, ...]
    bills: tuple[str, ...]
    total: int


def payment(registry_id: int) -> Payment:
    """What was made for payment of this registry and would be lost with its composition."""
    titles = db.execute("SELECT title FROM pay_registry WHERE registry_id=? ORDER BY id", (registry_id,))
    bills = db.execute(
        "SELECT name, total FROM package WHERE kind='B' AND state='active' AND registry_id=? ORDER BY id",
        (registry_id,),
    ).fetchall()
    return Payment(tuple(r[0] for r in titles), tuple(r[0] for r in bills), sum(r[1] for r in bills))


def delete_data(registry_id: int) -> None:
    """Take the composition and all made of it away: the registry is «Создан» again. In ``db.write()``."""
    forming.empty("SELECT ?", (registry_id,))
    for table in ("finding", "check_result"):
        db.execute(f"DELETE FROM {table} WHERE registry_id=?", (registry_id,))
    db.execute(
        "UPDATE registry SET status=?, accounts=0, total=0, reform_reason='', formed_at=NULL,"
        " form_run_id=NULL, checked_at=NULL, check_run_id=NULL WHERE id=?",
        (RegistryStatus.CREATED.value, registry_id),
    )


def set_ident_number(registry_id: int, number: int) -> None:
    """Last digit of the next identification package (+1 / −1). Inside ``db.write()``."""
    db.execute("UPDATE registry SET ident_number=? WHERE id=?", (number, registry_id))
