"""What can be done with a registry (операции реестра), and why not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from omstui.domain.model import Period, RegistryStatus
from omstui.domain.money import spaced
from omstui.domain.ops.table import TABLE
from omstui.domain.profile import Profile
from omstui.screens.sources import day, kind

#: columns of the list of registries this screen reads
KEYS = (
    "kind", "period", "name", "begin", "end", "departments", "status", "accounts", "sum", "test",
    "reform", "formed", "package", "pay_type", "late", "form_run", "created", "by", "sent",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Choice:
    """A line of the panel of operations; ``reason`` = why it is dimmed."""

    id: str
    title: str
    #: the operation of the table behind it, "" = only looks
    op: str = ""
    reason: str = ""


def choices(row: Mapping[str, Any], profile: Profile) -> list[Choice]:
    """Return the operations of a registry of this status; nothing of what the profile has not."""
    made = [
        ("form", "form", "Переформировать", _form(row)),
        ("check", "check", TABLE["check"].title, _check(row)),
        ("export", "export", "Выгрузка (F2)", _export(row)),
        ("existing", "export", "Взять имеющийся файл", _existing(row)),
        ("sent", "sent", "Отметить «отправлен в ТФОМС»", _sent(row)),
        ("restore", "restore-tests", TABLE["restore-tests"].title, _restore(row)),
        ("report", "", "Отчет по амб.случаям, которые не попадают в отчетный период", _report(row)),
        ("delete", "registry-delete", "Удалить реестр", _delete(row)),
    ]
    return [Choice(name, title, op, reason) for name, op, title, reason in made if not op or profile.can(op)]


def _form(row: Mapping[str, Any]) -> str:
    if row["status"] == RegistryStatus.EXPORTED:
        return "реестр выгружен; новые случаи войдут во второй реестр месяца"
    if row["status"] == RegistryStatus.RESTORED:
        return "реестр восстановлен: сформируйте основной"
    return ""


def _check(row: Mapping[str, Any]) -> str:
    return "" if row["formed"] and row["accounts"] else "реестр ещё не сформирован"


def _export(row: Mapping[str, Any]) -> str:
    if row["reform"]:
        return f"нужно переформировать ({row['reform']})"
    if row["status"] == RegistryStatus.CREATED:
        return "реестр ещё не сформирован"
    return "реестр восстановлен" if row["status"] == RegistryStatus.RESTORED else ""


def _existing(row: Mapping[str, Any]) -> str:
    return "" if row["status"] == RegistryStatus.EXPORTED else "реестр не выгружен"


def _sent(row: Mapping[str, Any]) -> str:
    if row["status"] != RegistryStatus.EXPORTED:
        return "реестр не выгружен"
    if row["test"]:
        return "реестр тестовый"
    return f"отмечен {day(row['sent'])}" if row["sent"] else ""


def _restore(row: Mapping[str, Any]) -> str:
    if not row["test"]:
        return "реестр основной"
    return "уже восстановлен" if row["status"] == RegistryStatus.RESTORED else ""


def _report(row: Mapping[str, Any]) -> str:
    return "" if row["formed"] else "реестр ещё не сформирован"


def _delete(row: Mapping[str, Any]) -> str:
    if row["status"] in (RegistryStatus.CREATED, RegistryStatus.FORMED):
        return ""
    return "выгруженный реестр остаётся в истории"


def subject(row: Mapping[str, Any]) -> str:
    """«поликлиника, апрель 2021, 01.04.2021-30.04.2021, ОМС, основной, Сформирован»."""
    dates = f"{day(row['begin'])}-{day(row['end'])}"
    mode = "ТЕСТОВЫЙ" if row["test"] else "основной"
    parts = [kind(row["kind"]), row["name"], dates, row["pay_type"], mode, row["status"]]
    return ", ".join(part for part in parts if part)


def properties(row: Mapping[str, Any], row_id: int) -> list[str]:
    """Return «Свойства реестра» as lines."""
    departments = str(row["departments"]).strip("[]").replace('"', "")
    pairs = [
        ("Номер", str(row_id)),
        ("Вид деятельности", kind(row["kind"])),
        ("Наименование", row["name"] or "—"),
        ("Отчётный период", Period.parse(row["period"]).title),
        ("Даты", f"{day(row['begin'])} - {day(row['end'])}"),
        ("Отделения", departments or "все"),
        ("Вид оплаты", row["pay_type"]),
        ("Тип", "тестовый" if row["test"] else "основной"),
        ("Статус", row["status"]),
        ("Нужно переформировать", f"да: {row['reform']}" if row["reform"] else "нет"),
        ("С опоздавшими", "да" if row["late"] else "нет"),
        ("Счетов", str(row["accounts"])),
        ("Сумма", spaced(row["sum"])),
        ("Создан", f"{day(row['created'])} {row['by']}".strip()),
        ("Сформирован", day(row["formed"]) or "нет"),
        ("Файл", row["package"] or "не выгружен"),
        ("Отправлен в ТФОМС", day(row["sent"]) or "нет отметки"),
    ]
    return [f"{title + ':':<24}{value}" for title, value in pairs]
