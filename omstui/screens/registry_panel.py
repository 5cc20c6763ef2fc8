"""The panel of operations of manual B (панель операций): what it offers a registry, what it asks first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from omstui.domain import bills
from omstui.domain.errors import OmsError
from omstui.domain.money import roubles, spaced
from omstui.domain.ops import ident_export
from omstui.domain.ops.table import TABLE
from omstui.domain.profile import Profile
from omstui.domain.reports import catalog
from omstui.domain.status import PANEL, TITLES, Button, allowed
from omstui.domain.store import bills as bill_store
from omstui.domain.store import db, registries_b
from omstui.domain.store.registries_b import RegistryRow
from omstui.screens.registry_ops import Choice
from omstui.screens.sources import day
from omstui.settings import Settings
from omstui.widgets.fields import Field

#: opens the tab «Отчёты»: no operation of the table
REPORT = "report"
#: not on the panel of the manual: how its merges are taken back
_BESIDE = (Button("merge-undo", TITLES["merge-undo"]),)
_STEPS = {1: "+1", -1: "-1"}
VERSIONS = ("3.0", "3.1", "3.2", "4.0")


def choices(row: RegistryRow, profile: Profile) -> list[Choice]:
    """Operations of manual B that this program has, dimmed with the reason by the table of statuses."""
    made = []
    for button in (*PANEL, *_BESIDE):
        here = button.op == REPORT or (profile.can(button.op) and button.op in TABLE)
        if here:
            step = button.params.get("step")
            name = f"{button.op}{_STEPS[int(str(step))]}" if step else button.op
            op = "" if button.op == REPORT else button.op
            reason = allowed(row.status, button.op, row.facts) or ""
            made.append(Choice(name, button.title, op, reason[:1].lower() + reason[1:].rstrip(".")))
    return made


def read(registry_id: int) -> RegistryRow:
    """The registry as the operations see it; OmsError when it is gone."""
    with db.connection():
        row = registries_b.get(registry_id)
    if row is None:
        raise OmsError(f"Реестра {registry_id} нет: его удалили.", hint="Обновите список реестров.")
    return row


def header(row: RegistryRow, width: int) -> str:
    """«Реестр: 01.12.2021 - 31.12.2021, <имя>, ОМС, <статус>»: a long name gives way to the status.

    «нужно переформировать» stands before the status, so that it is seen in eighty columns too.
    """
    state = f"нужно переформировать, {row.status}" if row.reform_reason else row.status
    whole = f"Реестр: {row.title}, {row.pay_type}, {state}"
    over = len(whole) - width
    if over <= 0 or not row.name:
        return whole
    kept = row.name[: max(len(row.name) - over - 1, 0)].rstrip()
    shown = f"{kept}…" if kept else ""
    before = f"Реестр: {row.dates}, " + (f"{shown}, " if shown else "")
    return f"{before}{row.pay_type}, {state}"


# --- «Название пакета» ---------------------------------------------------------------------------


def proposed_name(settings: Settings, row: RegistryRow | None, today: date) -> str:
    """The name of the next QPID as the window shows it."""
    with db.connection():
        return ident_export.proposed_name(settings, row, today).stem


def name_problems(settings: Settings, row: RegistryRow | None, today: date, name: str) -> list[str]:
    """Every fault of a name in a sentence, [] = it may be used."""
    with db.connection():
        try:
            ident_export.chosen_name(settings, row, today, name, 0)
        except OmsError as error:
            return [error.msg, *error.details, *([error.hint] if error.hint else [])]
    return []


# --- «Выгрузить реестры на оплату» ---------------------------------------------------------------


def warning(row: RegistryRow) -> tuple[str, list[str]]:
    """The warning before the export of bills: question, what goes out and what does not."""
    with db.connection():
        pays = bill_store.pay_registries(row.id)
        out = [p for p in pays if p.section != bill_store.NONE]
    count, total = sum(p.accounts for p in out), sum(p.total for p in out)
    details = [f"{p.title}: случаев {p.accounts} на сумму {roubles(p.total)}" for p in out]
    details += [
        f"Не выгружаются — {p.title}: случаев {p.accounts} на сумму {roubles(p.total)}"
        for p in pays
        if p.section == bill_store.NONE
    ]
    question = (
        f"Выгрузить реестры на оплату: случаев {count} на сумму {roubles(total)}?"
        " После выгрузки счета считаются поданными."
    )
    return question, details


def bill_fields(row: RegistryRow, today: str) -> tuple[list[Field], dict[str, object]]:
    """Fields and proposed values of «Укажите параметры операции»."""
    with db.connection():
        proposal = bills.propose(row, today)
    versions = dict.fromkeys([proposal.version, *VERSIONS])
    fields = [
        Field(
            "number", "Номер счёта", width=15, max_length=15, required=True,
            help="у остальных счетов — следующие по порядку",
        ),
        Field("date", "Дата счёта", "date", 10, required=True),
        Field("package", "Номер пакета", "int", 5, required=True, help="стоит в имени файла"),
        Field(
            "version", "Версия формата", "choice", 12, required=True, help="предложена по отчётному периоду",
            choices=[(v, v) for v in versions],
        ),
    ]  # fmt: skip
    values = {
        "number": proposal.number,
        "date": proposal.date,
        "package": proposal.package,
        "version": proposal.version,
    }
    return fields, values


# --- «Отчёты», «Настройки», «Свойства реестра» -----------------------------------------------------


@dataclass(frozen=True, slots=True)
class Report:
    """A line of «Отчёты» and the list it opens."""

    title: str
    count: int
    total: int
    link: dict[str, object]


def papers(row: RegistryRow, profile: Profile) -> list[Report]:
    """The reports of the month and of the registry, each as it will be on paper."""
    given = {"period": row.period, "registry": str(row.id)}
    found = []
    for report in catalog.offered(profile):
        values = {p.name: given[p.name] for p in report.params if p.name in given}
        if values and report.id != "skips":
            found.append(
                Report(report.title, 0, 0, {"list": "document", "name": report.id, "values": values})
            )
    return found


def reports(row: RegistryRow) -> list[Report]:
    """What can be looked at: skipped cases, payment registries, bills that went out."""
    with db.connection():
        pays, files = bill_store.pay_registries(row.id), bill_store.bills(row.id)
    skipped = "Отчет по амб.случаям, которые не попадают в отчетный период"
    return [
        Report(skipped, 0, 0, {"list": "report", "registries": [row.id]}),
        Report("Все счета реестра", row.accounts, row.total, {"list": "accounts", "registry": row.id}),
        *(Report(p.title, p.accounts, p.total, {"list": "accounts", "pay_registry": p.id}) for p in pays),
        *(
            Report(
                f"Счёт {b.number} от {day(b.date)}: {b.name}", b.accounts, b.total,
                {"list": "accounts", "package": b.id},
            )
            for b in files
        ),
    ]  # fmt: skip


def properties(row: RegistryRow) -> list[str]:
    """«Свойства реестра» as lines."""
    pairs = [
        ("Номер", str(row.id)),
        ("Наименование", row.name or "—"),
        ("Отчётный период", row.protocol.split()[-1]),
        ("Даты", row.dates),
        ("Виды деятельности", "все в одном реестре"),
        ("Отделения", ", ".join(row.departments) or "все"),
        ("Вид оплаты", row.pay_type),
        ("Статус", row.status),
        ("Нужно переформировать", f"да: {row.reform_reason}" if row.reform_reason else "нет"),
        ("С опоздавшими", "да" if row.with_late else "нет"),
        ("Случаев", str(row.accounts)),
        ("Сумма", spaced(row.total)),
        ("Ответ на идентификацию", "загружен" if row.facts.ident_answered else "не загружен"),
        ("МЭК по счетам реестра", "загружен" if row.facts.mek_loaded else "не загружен"),
    ]
    return _lines(pairs)


def settings_lines(row: RegistryRow, settings: Settings, profile: Profile) -> list[str]:
    """«Настройки»: what of the settings decides the operations of the registry."""
    mo, files = settings.mo, settings.files
    pairs = [
        ("Регион", f"{profile.region} {profile.title}"),
        ("Код МО в счетах", mo.code or "не указан"),
        ("Код МО в пакетах", mo.code_local or mo.code or "не указан"),
        ("Номер пакета идент.", str(row.ident_number or 1)),
        ("Папка выгрузки", files.folder_out or "спрашивается"),
        ("Папка приёма", files.folder_in or "спрашивается"),
        ("С опоздавшими случаями", "да" if settings.rules.with_late else "нет"),
    ]
    return [*_lines(pairs), "", "F4 — изменить настройки организации."]


def _lines(pairs: Sequence[tuple[str, str]]) -> list[str]:
    return [f"{title + ':':<26}{value}" for title, value in pairs]
