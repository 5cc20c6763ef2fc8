"""Registry of an invoice (реестр счёта): 20 columns, a table per insurer (interface.md §4.2)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from omstui.domain.money import spaced
from omstui.domain.reports import kit
from omstui.domain.reports.model import (
    Block,
    Column,
    Document,
    Lines,
    PageBreak,
    ReportDef,
    Signatures,
    Table,
)
from omstui.domain.store import config, reports_money
from omstui.domain.store import reports as store

TITLE = "Реестр счёта"
COLUMNS = (
    Column("n", "№", 5, "count"),
    Column("fio", "ФИО", 20),
    Column("sex", "Пол", 4),
    Column("birth", "Дата рождения", 10, "day"),
    Column("birth_place", "Место рождения", 10),
    Column("document", "Документ: вид, серия, номер", 10),
    Column("home", "Адрес регистр.", 11),
    Column("stay", "Адрес пребывания", 11),
    Column("snils", "СНИЛС", 11),
    Column("policy", "Полис", 8),
    Column("help_type", "Вид помощи", 7),
    Column("ds", "Диагноз", 8),
    Column("date_in", "Дата начала", 10, "day"),
    Column("date_out", "Дата окончания", 10, "day"),
    Column("volume", "Объём", 6, "quantity"),
    Column("profile", "Профиль", 8),
    Column("specialty", "Спец. врача", 6),
    Column("price", "Цена", 10, "money"),
    kit.money("total", "Стоимость", 13),
    Column("result", "Результат", 9),
)


def build(period: str = "", smo: str = "", registry: str = "") -> Document:
    """The accounts of the files 7 (manual A) or of the bills (manual B)."""
    month = kit.Month.read(period)
    chosen = month.registries(registry)[0].id if registry else 0
    document = month.document(TITLE, landscape=True)
    billed = {row.payer_id: row for row in store.billed(period, month.bills, chosen)}
    asked = [payer for payer in month.payers(smo) if payer.id in billed]
    return kit.filled(document, _blocks(month, asked, billed, chosen))


def _blocks(
    month: kit.Month, payers: list[config.Payer], billed: dict[int, store.Billed], registry: int
) -> Iterator[Block]:
    period = str(month.period)
    # an invoice of manual B is one of a registry; that of manual A covers all of them
    issued = [v for v in reports_money.invoices(period) if not registry or v.registry in (None, registry)]
    for n, payer in enumerate(payers):
        row, papers = billed[payer.id], [v for v in issued if v.payer_id == payer.id]
        if n:
            yield PageBreak()
        named = ", ".join(f"№ {paper.number} от {kit.day(paper.date)}" for paper in papers)
        yield Lines(
            [
                line
                for line in (
                    f"#Плательщик: {kit.payer_title(payer)}",
                    f"{'К счетам' if len(papers) > 1 else 'К счёту'} {named}" if named else "",
                    f"Файлы: {row.files}",
                    f"Счетов {row.accounts} на сумму {spaced(row.total)} руб.",
                )
                if line
            ]
        )
        read = partial(store.invoice_rows, period, payer.id, month.bills, registry)
        yield Table(COLUMNS, kit.Stream(read), count=row.accounts)
        yield Signatures(
            [
                ("Руководитель", month.settings.mo.director),
                ("Главный бухгалтер", month.settings.mo.accountant),
            ]
        )


REPORT = ReportDef(
    "invoice-registry",
    TITLE,
    "Персональные счета, из которых сложилась сумма счёта на оплату, по плательщикам (20 граф).",
    build,
    (kit.PERIOD, kit.SMO, kit.REGISTRY),
)
