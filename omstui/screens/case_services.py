"""Services of a case as its screen lists them (услуги случая), and what a save has to know of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from omstui.domain.money import quantity_text, spaced
from omstui.screens import case_fields as fields
from omstui.screens.case_data import CaseView
from omstui.screens.sources import short_day
from omstui.widgets.sources import Cells, Column

COLUMNS = (
    Column("Код", 16, key="code"),
    Column("Наименование", 20, flex=True),
    Column("Начало", 8),
    Column("Кол.", 5, ">"),
    Column("Тариф", 11, ">"),
    Column("Сумма", 12, ">"),
    Column("Врач", 14),
    Column("Профиль", 7),
)


def cells(row: Mapping[str, Any]) -> Cells:
    name = row.get("name") or ""
    return (
        row.get("code") or "",
        f"(удалится) {name}" if row.get("delete") else name,
        short_day(row.get("date_in")),
        quantity_text(int(row.get("quantity") or 0)),
        spaced(int(row.get("tariff") or 0)),
        spaced(int(row.get("source_sum") or 0)),
        row.get("doctor") or "",
        row.get("profile") or "",
    )


def changed(rows: Sequence[dict[str, Any]], view: CaseView | None, copy: bool) -> list[dict[str, Any]]:
    """What the operation needs to know about services: changed, removed and added ones."""
    names = [field.name for field in fields.SERVICE]
    if view is None or copy:
        return [{n: row[n] for n in names if row.get(n) is not None} for row in rows if not row.get("delete")]
    stored = {row["id"]: row for row in view.card.services}
    found: list[dict[str, Any]] = []
    for row in rows:
        if not row.get("id"):
            found.append({n: row[n] for n in names})
        elif row.get("delete"):
            found.append({"id": row["id"], "delete": True})
        else:
            old = stored[row["id"]]
            changed = {n: row[n] for n in names if row.get(n) != old.get(n)}
            if changed:
                found.append({"id": row["id"], **changed})
    return found
