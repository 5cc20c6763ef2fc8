"""The card of a refusal of manual B (карточка отказа): what the bill carried beside what the payer says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from omstui.domain.errors import OmsError
from omstui.domain.model import RefusalKind
from omstui.domain.store import bills, files
from omstui.domain.store.rejections import RefusalRow
from omstui.formats.fedkeys import sent_record

#: title, what was sent, what the payer or the register says
Line = tuple[str, str, str]
_SENT = (
    ("Номер записи", "N_ZAP"), ("Номер случая", "IDCASE"), ("Полис", "NPOLIS"), ("ЕНП", "ENP"),
    ("Карта", "NHISTORY"), ("Начало", "DATE_Z_1"), ("Окончание", "DATE_Z_2"), ("Диагноз", "DS1"),
    ("Сумма", "SUMV"),
)  # fmt: skip
_SAID = {
    RefusalKind.MEK: (
        ("Снято", "S_SUM"), ("Вид контроля", "control"), ("Услуга", "service"), ("Акт", "NUM_ACT"),
        ("Дата акта", "DATE_ACT"),
    ),
    RefusalKind.IDENT: (
        ("СМО", "smo"), ("ЕНП", "enp"), ("Номер полиса", "number"), ("Начало полиса", "begin"),
        ("Окончание полиса", "end"), ("ОКАТО", "okato"), ("СНИЛС", "snils"), ("Дата смерти", "death"),
    ),
}  # fmt: skip


def held_title(row: RefusalRow) -> str:
    """Heading of the right column."""
    return "в регистре" if row.kind == RefusalKind.IDENT else "ответ"


def lines(row: RefusalRow) -> list[Line]:
    """The lines of the card; call inside ``db.connection()``."""
    data: Mapping[str, Any] = json.loads(row.data)
    sent = _sent(row.account_id) if row.account_id and row.kind != RefusalKind.IDENT else {}
    found: list[Line] = []
    if row.kind == RefusalKind.FLK:
        name = str(data.get("field", ""))
        if name:
            found.append((f"Поле {name}", sent.get(name, ""), str(data.get("value", ""))))
        elif data.get("base"):
            found.append(("Элемент", str(data["base"]), ""))
    found += [
        (title, "", str(data[key]))
        for title, key in _SAID.get(RefusalKind(row.kind), ())
        if data.get(key) not in (None, "")
    ]
    # records of a request have other numbers than those of the bill
    shown = _SENT[2:] if "recid" in data else _SENT
    return found + [(title, sent[name], "") for title, name in shown if sent.get(name)]


def _sent(account: int) -> dict[str, str]:
    """Elements of the account as its bill carried them; {} while it is in none."""
    place = bills.place(account)
    if place is None:
        return {}
    file, name, n_zap = place
    try:
        with files.open_file(file) as stream:
            return sent_record(stream, name, n_zap)
    except OmsError:  # the card still says what the payer said; ``verify`` tells of the damaged file
        return {}
