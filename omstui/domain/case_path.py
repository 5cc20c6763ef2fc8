"""The whole path of a case (путь случая) and the card «подано ↔ в регистре» of a refusal."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

from omstui.domain import bill_card
from omstui.domain.model import (
    KINDS,
    REFUSAL_KIND_TITLES,
    SENT_STATUSES,
    Period,
    RefusalKind,
    RegistryStatus,
)
from omstui.domain.money import roubles
from omstui.domain.package_bytes import account_bytes
from omstui.domain.reconcile import FIELD_TITLES
from omstui.domain.rejections import as_json as refusal_json
from omstui.domain.store import case_path as store
from omstui.domain.store import rejections
from omstui.formats.answers import Submitted, canonical_xkey, submitted

_STAGE = {0: "", 1: "принят", 2: "отказан"}


def read(key: str) -> dict[str, Any]:
    """``case KEY --json`` (product.md §8). ``findings`` are filled by the expertise."""
    head = store.find(key, canonical_xkey(key))
    accounts = store.accounts(head.id)
    refusals = [row for a in accounts for row in rejections.of_account(a.id)]
    returned = store.returned(head.id)
    states = {row.id: _refusal_state(row, accounts) for row in refusals}
    return {
        "key": head.key,
        "patient": head.patient,
        "birth_date": head.birth_date,
        "state": state(head, accounts, returned),
        "registries": [_registry(a) for a in accounts],
        "accounts": [_account(a) for a in accounts],
        "refusals": [{**refusal_json(row), "active": states[row.id]} for row in refusals],
        "findings": [],
        "events": [
            {"at": e.at, "who": e.who, "what": e.what, "detail": e.detail} for e in events(head, accounts)
        ],
    }


def state(head: store.CaseHead, accounts: list[store.PathAccount], returned: dict[int, str]) -> str:
    """What is with the case now, in words."""
    if head.deleted_at:
        return "удалён"
    if head.merged_into:
        return "объединён с другим случаем"
    live = [a for a in accounts if _is_live(a)]
    if not live and head.sequestered:
        return f"снят секвестированием за {Period.parse(head.sequestered).title}"
    if not live:
        return "не выставлен" if head.completed else "открыт"
    last = live[-1]
    if last.id in returned:
        return f"возвращён в реестр за {returned[last.id]}"
    test = " (тестовый)" if last.is_test else ""
    return account_state(last) + test


def account_state(account: store.PathAccount) -> str:
    """What is with one account."""
    if account.stage2 == 2 or account.stage1 == 2:
        stage = 2 if account.stage2 == 2 else 1
        where = "по МЭК" if account.road2 == "mek" else f"на стадии {stage}"
        return f"отказан {where}" + (f", {account.work}" if account.work else "")
    if account.stage2 == 1:
        return "оплачен"
    if account.reform:
        return "в файле 7, ждёт решения"
    if account.stage1 == 1:
        return "принят на стадии 1"
    if account.package:
        return "отправлен" if account.sent_at else "выгружен"
    return "в сформированном реестре"


def _is_live(account: store.PathAccount) -> bool:
    if account.registry_deleted or account.registry_status == RegistryStatus.RESTORED:
        return False
    return account.registry_status not in SENT_STATUSES or bool(account.package)


def _refusal_state(row: rejections.RefusalRow, accounts: list[store.PathAccount]) -> bool:
    account = next(a for a in accounts if a.id == row.account_id)
    return row.state_of_answer == "active" and _is_live(account)


def _registry(account: store.PathAccount) -> dict[str, Any]:
    kind = KINDS.get(account.registry_kind)
    return {
        "id": account.registry_id,
        "period": account.registry_period,
        "kind": account.registry_kind,
        "kind_title": kind.title if kind else account.registry_kind,
        "name": account.registry_name,
        "status": account.registry_status,
        "test": account.is_test,
        "deleted": bool(account.registry_deleted),
        "account": account.xkey,
    }


def _account(account: store.PathAccount) -> dict[str, Any]:
    return {
        "account": account.xkey,
        "number": account.number,
        "sum": roubles(account.total),
        "period": account.registry_period,
        "smo": account.payer,
        "decided_smo": account.decided_payer,
        "repeat": account.repeat,
        "previous": account.prev_xkey,
        "package": account.package,
        "reformed": account.reform,
        "stage1": _STAGE[account.stage1],
        "stage2": _STAGE[account.stage2],
        "work": account.work,
        "state": account_state(account),
        "test": account.is_test,
    }


def events(head: store.CaseHead, accounts: list[store.PathAccount]) -> list[store.Event]:
    """Everything that happened to the case, in order of time."""
    found = [_titled(e) for e in store.events(head.id, head.patient_id)]
    loaded = min((e.at for e in found if e.what == "загружен"), default="")
    if head.created_at and head.created_at != loaded:
        found.append(store.Event(head.created_at, "", "создан", head.key))
    for a in accounts:
        found.append(store.Event(a.formed_at, a.formed_by, "вошёл в реестр", _registry_title(a)))
        if a.package:
            found.append(store.Event(a.exported_at, a.exported_by, "выгружен", f"{a.package}, счёт {a.xkey}"))
        if a.sent_at:
            found.append(store.Event(a.sent_at, a.sent_by, "отправлен в ТФОМС", a.package))
        if a.reform:
            found.append(store.Event(a.reform_at, a.reform_by, "вошёл в файл 7", a.reform))
    if head.deleted_at:
        found.append(store.Event(head.deleted_at, "", "удалён", ""))
    return sorted(found, key=lambda e: (e.at, _rank(e.what)))


def _registry_title(account: store.PathAccount) -> str:
    """«стационар, апрель 2021, тестовый»."""
    kind = KINDS.get(account.registry_kind)
    name = account.registry_name or (kind.title if kind else account.registry_kind)
    parts = (name, Period.parse(account.registry_period).title, "тестовый" if account.is_test else "")
    return ", ".join(filter(None, parts))


def _titled(event: store.Event) -> store.Event:
    """An edit is stored by the name of its column, a cut by its figures; an operator reads words."""
    if event.what == "снят секвестированием":
        line, period, total = event.detail.rsplit("|", 2)
        words = (line, Period.parse(period).title, roubles(int(total)))
        return replace(event, detail=", ".join(filter(None, words)))
    if not event.what.startswith(("исправлен", "изменён")):
        return event
    name, _, change = event.detail.partition(": ")
    return replace(event, detail=f"{FIELD_TITLES.get(name, name)}: {change}")


#: order of what happened within one second
_ORDER = (
    "загружен",
    "создан",
    "вошёл в реестр",
    "снят секвестированием",
    "возвращён в реестр после",
    "выгружен",
    "отправлен",
    "принят, стадия 1",
    "отказан, стадия 1",
    "принят, МЭК",
    "отказан, МЭК",
    "вошёл в файл 7",
    "вошёл в счёт",
    "счёт на оплату отменён",
    "принят, стадия 2",
    "отказан, стадия 2",
    "исправлен",
    "изменён",
    "в реестр (F8)",
    "отмена F8",
    "удалён",
)


def _rank(what: str) -> int:
    return next((n for n, start in enumerate(_ORDER) if what.startswith(start)), len(_ORDER))


# --- card «подано ↔ в регистре» --------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CardLine:
    """A value as sent and as the fund holds it."""

    title: str
    sent: str
    held: str

    @property
    def differs(self) -> bool:
        return bool(self.held) and self.sent.casefold() != self.held.casefold()


@dataclass(frozen=True, slots=True)
class Card:
    """A refusal with what was sent beside what the register (or the conflicting account) holds."""

    kind: str
    title: str
    code: str
    text: str
    comment: str
    held_title: str
    lines: list[CardLine]


_PERSON = {
    "surname": "Фамилия",
    "name": "Имя",
    "patronymic": "Отчество",
    "birthdate": "Дата рождения",
    "sex": "Пол",
    "doctype": "Тип документа",
    "docser": "Серия документа",
    "docnum": "Номер документа",
}
_POLICY = {
    "polisser": ("Серия полиса", "polisser"),
    "polisnum": ("Номер полиса", "polisnum"),
    "begin_date": ("Начало полиса", "begin_p"),
    "end_date": ("Окончание полиса", "end_p"),
}
_CONFLICT = {
    "provcode": "Код МО",
    "provname": "МО",
    "n_pp": "Номер счёта",
    "date_1": "Дата счёта",
    "curestart": "Начало лечения",
    "cureend": "Окончание лечения",
    "doctor": "Врач",
}
_HELD = {
    RefusalKind.AN_P: "в регистре",
    RefusalKind.AN_PS: "в регистре",
    RefusalKind.AN_SUM: "другой счёт",
}


_NOTHING_SENT = Submitted({}, {}, {}, {}, {}, [])


def card(row: rejections.RefusalRow) -> Card:
    """The card of a refusal; what was sent comes from the bytes of the package."""
    if row.stage > 2:
        told = [CardLine(*line) for line in bill_card.lines(row)]
        title = REFUSAL_KIND_TITLES.get(row.kind, row.kind)
        return Card(row.kind, title, row.code, row.text, row.comment, bill_card.held_title(row), told)
    # a ФЛК fact may name no account: then nothing of what was sent stands beside it
    sent = submitted(account_bytes(row.account_id), row.account) if row.account_id else _NOTHING_SENT
    data = json.loads(row.data)
    return Card(
        row.kind,
        REFUSAL_KIND_TITLES.get(row.kind, row.kind),
        row.code,
        row.text,
        row.comment,
        _HELD.get(RefusalKind(row.kind), "ответ"),
        _lines(row.kind, sent, data),
    )


def _lines(kind: str, sent: Submitted, data: dict[str, Any]) -> list[CardLine]:
    if kind == RefusalKind.AN_P:
        ours = {**sent.document, **sent.patient}
        return [CardLine(t, ours.get(a, ""), str(data.get(a, ""))) for a, t in _PERSON.items()]
    if kind == RefusalKind.AN_PS:
        return [
            CardLine(title, sent.policy.get(ours, ""), str(data.get(theirs, "")))
            for theirs, (title, ours) in _POLICY.items()
        ]
    if kind == RefusalKind.AN_SUM:
        lines = [CardLine(t, sent.account.get(a, ""), str(data.get(a, ""))) for a, t in _CONFLICT.items()]
        for tariff in data.get("an_tariffs", []):
            text = ", ".join(f"{k} {v}" for k, v in tariff.items() if k not in ("xkey", "of"))
            lines.append(CardLine("Услуга", str(tariff.get("of", "")), text))
        return lines
    values = {**sent.account, **sent.patient}
    return [
        CardLine(str(name), values.get(name, ""), str(value)) for name, value in data.items() if name != "dt"
    ] + [CardLine(str(d.get("t", "")), "", str(d.get("d", ""))) for d in data.get("dt", [])]
