"""What several screens do with invoices and months (счета, платежи, закрытие месяца)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from omstui.domain.model import Period
from omstui.domain.money import roubles
from omstui.domain.ops.invoices import FORMATS
from omstui.domain.store import config, db
from omstui.screens.operating import OperatingScreen
from omstui.screens.saving import choose_folder, choose_format
from omstui.widgets.fields import Field

_WHERE = "Куда записать счета за {month}"


async def issue_invoices(screen: OperatingScreen, period: str, smo: Sequence[str] = (), **more: Any) -> None:
    """Issue what is not issued yet and print all: the format, the folder, the questions of the operation."""
    kind = await choose_format(screen, FORMATS)
    if kind is None:
        return
    folder = await choose_folder(screen, "invoices", _WHERE.format(month=Period.parse(period).title))
    if folder is not None:
        await screen.operate(
            "invoices", period=period, smo=list(smo), out=str(folder), format=kind, **more
        )  # fmt: skip


async def cancel_invoice(screen: OperatingScreen, invoice_id: int, title: str) -> None:
    """Ask why and cancel."""
    fields = [Field("reason", "Причина отмены", width=40, required=True)]
    values = await screen.ask_params(fields, title=f"Отменить {title}")
    if values is not None:
        await screen.operate("invoice-cancel", invoice_id=invoice_id, reason=values["reason"])


async def add_payment(screen: OperatingScreen, smo: str = "") -> bool:
    """Enter a payment order; it is spread over the oldest invoices."""
    with db.connection():
        payers = [(p.code, f"{p.code} {p.name}".strip()) for p in config.payers()]
    fields = [
        Field("smo", "СМО", "choice", 34, choices=payers, required=True),
        Field("number", "Номер поручения", width=16, required=True),
        Field("date", "Дата", "date", 10, required=True),
        Field("sum", "Сумма", "money", 15, required=True, help="разнесётся с самого старого счёта"),
        Field("note", "Примечание", width=40),
    ]
    today = screen.services.now().date().isoformat()

    def check(found: dict[str, Any]) -> dict[str, str]:
        """What the operation would refuse, told inside the form: nothing is typed twice."""
        wrong = {} if found["date"] <= today else {"date": "этот день ещё не наступил"}
        return wrong | ({} if found["sum"] > 0 else {"sum": "сумма должна быть больше нуля"})

    values = await screen.ask_params(
        fields, {"smo": smo, "date": today}, title="Платёжное поручение", check=check
    )
    if values is None:
        return False
    values["sum"] = roubles(values["sum"])
    outcome = await screen.operate("payment-add", **values)
    return outcome is not None and outcome.result is not None


async def close_month(screen: OperatingScreen) -> None:
    """Close the month looked at; the operation says what is missing."""
    await screen.operate("month-close", period=screen.services.period)


async def reopen_month(screen: OperatingScreen) -> None:
    """Open it again with a reason."""
    title = Period.parse(screen.services.period).title
    fields = [Field("reason", "Причина", width=40, required=True)]
    values = await screen.ask_params(fields, title=f"Открыть месяц {title}")
    if values is not None:
        await screen.operate("month-reopen", period=screen.services.period, reason=values["reason"])
