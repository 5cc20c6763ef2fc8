"""A document with everything a report may hold, and a long one."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from typing import Any

from omstui.domain.reports.model import (
    Block,
    Cell,
    Chart,
    Column,
    Document,
    Lines,
    PageBreak,
    Pairs,
    Signatures,
    Table,
)
from omstui.formats.reports import writing

LONG_NAME = (
    "Государственное бюджетное учреждение здравоохранения Ярославской области"
    " «Учебная городская больница № 1 имени Н.»"
)
COLUMNS = (
    Column("smo", "СМО", 6),
    Column("name", "Наименование", 24),
    Column("day", "Дата", 10, "day"),
    Column("count", "Счетов", 7, "count", total=True),
    Column("share", "Доля", 8, "percent"),
    Column("sum", "Сумма", 14, "money", total=True),
)
ROWS: list[Sequence[Cell]] = [
    ("76001", "СМО «Первая» — А", "2021-04-05", 1234, 1050, 123456789),
    ("76001", LONG_NAME, "2021-04-06", 2, None, -150),
    ("76002", "=1+1", None, 3, 10000, 50),
]


def document(rows: Sequence[Sequence[Cell]] = (), *, empty: bool = False) -> Document:
    """A report of every kind of block."""
    return Document(
        "Отчёт № 1 «Проба»",
        "Проба",
        [
            Pairs([("Поставщик", LONG_NAME), ("ИНН", "7600000000")], "Стороны"),
            Table(COLUMNS, [] if empty else rows or ROWS, "По СМО", group="smo"),
            Lines(["# Вывод", "Сверка сходится.", "= по центру"]),
            Chart("Отказы", ["апрель", "май"], {"выставлено": [40000, 10000], "отказано": [20000, -5000]}),
            PageBreak(),
            Signatures([("Главный врач", "И. И. Иванов")]),
        ],
        ("за апрель 2021",),
    )


def table_only(block: Block) -> Document:
    return Document("Таблица", "Таблица", [block])


def rows(count: int) -> Iterator[Sequence[Cell]]:
    """Rows of a registry of an invoice."""
    for n in range(1, count + 1):
        name = LONG_NAME if n % 50 == 0 else f"Иванова Мария Петровна {n}"
        yield (n, name, "1985-04-02", f"76{n:014d}", "J06.9", "2021-04-05", "2021-04-15", n % 9, 118600 + n)


REGISTRY = (
    Column("n", "№", 6, "count"),
    Column("name", "Фамилия, имя, отчество", 30),
    Column("birth", "Дата рождения", 10, "day"),
    Column("enp", "Полис", 16),
    Column("ds", "Диагноз", 7),
    Column("begin", "Начало", 10, "day"),
    Column("end", "Окончание", 10, "day"),
    Column("quantity", "Объём", 6, "count", total=True),
    Column("sum", "Стоимость", 12, "money", total=True),
)


def registry(count: int) -> Document:
    """A long table, its rows made as they are drawn."""
    table = Table(REGISTRY, rows(count), "Счета", count=count)
    return Document("Реестр счёта", "Реестр счёта", [table], landscape=True)


def drawn(made: Document, kind: str, **options: Any) -> bytes:
    stream = io.BytesIO()
    writing.write(made, stream, kind, **options)
    return stream.getvalue()
