"""The paper of an invoice (счёт на оплату), built from what the invoice froze at issue. Pure.

Nothing is read anew: printed again after a year, with other requisites in the settings, it is the same paper.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from omstui.domain.model import Period
from omstui.domain.money import spaced
from omstui.domain.reports.model import Block, Column, Document, Lines, Pairs, Signatures, Table

_COLUMNS = (
    Column("n", "№", 4, "count"),
    Column("title", "Вид медицинской помощи", 43),
    Column("count", "Случаев", 10, "count", total=True),
    Column("total", "Сумма, руб.", 18, "money", total=True),
)
_REQUISITES = (
    ("inn", "ИНН"),
    ("kpp", "КПП"),
    ("ogrn", "ОГРН"),
    ("address", "Адрес"),
    ("phone", "Телефон"),
    ("bank", "Банк"),
    ("bik", "БИК"),
    ("account", "Расчётный счёт"),
    ("corr_account", "Корр. счёт"),
)
_MONTHS = (
    "января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября",
    "ноября", "декабря",
)  # fmt: skip


def document(data: Mapping[str, Any], *, mark: str = "") -> Document:
    """The paper; ``mark`` is a line of its own over it (a cancelled invoice)."""
    period = Period.parse(data["period"])
    subtitle = [f"за {period.title}"]
    if data["registry"]:
        subtitle.append(f"реестр «{data['registry']}»")
    if data["replaces"]:
        subtitle.append(f"взамен счёта № {data['replaces']['number']} от {_day(data['replaces']['date'])}")
    if mark:
        subtitle.append(mark)
    name = re.sub(r"[^\w.,()№-]+", "-", data["number"]).strip("-.") or "счёт"
    return Document(
        f"Счёт на оплату № {data['number']} от {long_day(data['date'])}",
        f"Счёт {name} {data['payer']['code']} {period}",
        _blocks(data),
        subtitle,
    )


def _blocks(data: Mapping[str, Any]) -> list[Block]:
    rows = [(n, line["title"], line["count"], line["total"]) for n, line in enumerate(data["lines"], 1)]
    words = data["words"]
    return [
        _side("Поставщик", data["supplier"]),
        _side("Плательщик", data["payer"]),
        Lines([f"{data['purpose']}: {Period.parse(data['period']).title}."]),
        Table(_COLUMNS, rows, count=len(rows)),
        Pairs(_sums(data)),
        Lines([f"Сумма прописью: {words[:1].upper()}{words[1:]}.", _basis(data)]),
        Signatures([(post, name) for post, name in data["signatures"]]),
    ]


def _side(title: str, values: Mapping[str, Any]) -> Pairs:
    rows = [("Наименование", values["name"])]
    rows += [(name, str(values[key])) for key, name in _REQUISITES if values.get(key)]
    return Pairs(rows, title)


def _sums(data: Mapping[str, Any]) -> list[tuple[str, str]]:
    rows = [("Всего по счёту", f"{spaced(data['billed'])} руб.")]
    if data["withheld_entered"]:
        notice = f" (уведомление ТФОМС от {_day(data['notice_date'])})" if data["notice_date"] else ""
        rows.append(("Удержано", f"{spaced(data['withheld'])} руб.{notice}"))
    return [*rows, ("НДС", data["vat"]), ("К оплате", f"{spaced(data['payable'])} руб.")]


def _basis(data: Mapping[str, Any]) -> str:
    """«Основание: файл …7A.7z», of manual B with the number and date of each bill."""
    files = [
        f"{f['name']}{' № ' + f['number'] if f['number'] else ''}"
        f"{' от ' + _day(f['date']) if f['number'] and f['date'] else ''}"
        for f in data["files"]
    ]
    return f"Основание: {'файлы' if len(files) > 1 else 'файл'} {', '.join(files)}." if files else ""


def _day(text: str) -> str:
    """«05.05.2021»."""
    return ".".join(reversed(text.split("-")))


def long_day(text: str) -> str:
    """«5 мая 2021 г.»."""
    year, month, day = text.split("-")
    return f"{int(day)} {_MONTHS[int(month) - 1]} {year} г."
