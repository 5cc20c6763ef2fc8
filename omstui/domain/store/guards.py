"""Triggers of the schema (триггеры базы): what no operation can forget.

The months they guard are closed by ``store.closing``; ``db.write`` turns their refusal into a sentence.
"""

from __future__ import annotations

from omstui.domain.store.tables import Answer, Base, Invoice, Package, Registry, Withholding, columns

#: what the triggers below say; ``db.write`` turns it into a sentence
CLOSED = "omstui: month is closed"
#: table → the month of a row; answers of the stages belong to the month of their package
_MONTHS: dict[type[Base], str] = {
    Registry: "{row}.period",
    Package: "{row}.period",
    Answer: "coalesce((SELECT p.period FROM package p WHERE p.id = {row}.package_id), {row}.period)",
    Withholding: "{row}.period",
    Invoice: "{row}.period",
}


def _closed_triggers() -> dict[str, str]:
    """The guard of closed months: whatever an operation is, their rows cannot be made, changed or deleted.

    Accounts are free: what becomes of them comes with a row of these tables, and F8 takes refusals of a
    closed month into a later one. «Нужно переформировать» and «сверх плана» are marks of the cases and of the
    plan and not of the month.
    """
    found = {}
    for model, month in _MONTHS.items():
        table = model._meta.table_name
        free = [f'"{name}"' for name in columns(model, without=("reform_reason", "over_plan"))]
        events = {"insert": ("NEW",), f"update OF {', '.join(free)}": ("OLD", "NEW"), "delete": ("OLD",)}
        for event, sides in events.items():
            name = f"closed_{table}_{event.split()[0]}"
            months = ", ".join(month.format(row=side) for side in sides)
            found[name] = (
                f"CREATE TRIGGER {name} BEFORE {event} ON {table} WHEN EXISTS (SELECT 1 FROM month_close m"
                f" WHERE m.reopened_at IS NULL AND m.period IN ({months}))"
                f" BEGIN SELECT RAISE(ABORT, '{CLOSED}'); END"
            )
    return found


def _plan_triggers() -> dict[str, str]:
    """Whatever changes the plan, by a file or by hand, makes what was counted by it unknown."""
    return {
        f"plan_{event}": (
            f"CREATE TRIGGER plan_{event} AFTER {event} ON plan BEGIN"
            " UPDATE registry SET over_plan = NULL WHERE over_plan IS NOT NULL; END"
        )
        for event in ("insert", "update", "delete")
    }


#: name → statement
TRIGGERS = _closed_triggers() | _plan_triggers()
