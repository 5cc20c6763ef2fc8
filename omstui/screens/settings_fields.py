"""Fields of «Настройки» (поля настроек): sections of the settings as forms."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from omstui.domain.model import Role
from omstui.screens.sources import day
from omstui.settings import InsurerSettings
from omstui.widgets.fields import Field
from omstui.widgets.sources import Cells

ROLES: dict[str, str] = {
    Role.VIEWER: "просмотр",
    Role.OPERATOR: "оператор",
    Role.SENIOR: "старший оператор",
}
#: settings that are lists of codes: «63, 85» in a form
_LISTS = frozenset({"dental_profiles", "dental_xray_services", "merge_purposes"})
_YES_NO = [("detect", "определить по файлу"), ("yes", "да"), ("no", "нет")]
_TYPES = [("1", "1"), ("2", "2"), ("3", "3")]
_CUT_FIRST = [("date", "законченные позже"), ("cheap", "дешёвые"), ("dear", "дорогие")]
_CUT_WHOLE = [("case", "один случай"), ("stages", "этапы диспансеризации"), ("patient", "случаи пациента")]
_DAY_HELP = "день месяца, следующего за отчётным; 0 — срока нет"

_MO = (
    Field("name", "Наименование", width=46, required=True),
    Field("code", "Код МО (F003)", width=6, max_length=6, required=True),
    Field("code_local", "Код МО в регионе", width=10),
    Field("ogrn", "ОГРН", width=15, max_length=15, required=True),
    Field("kpp", "КПП", width=9, max_length=9, required=True),
    Field("inn", "ИНН", width=12, max_length=12),
    Field("phone", "Телефон", width=24),
    Field("address", "Адрес", width=46),
    Field("director", "Руководитель", width=40),
    Field("accountant", "Главный бухгалтер", width=40),
    Field("", "Банк", "title"),
    Field("bank", "Наименование банка", width=46),
    Field("bik", "БИК", width=9, max_length=9),
    Field("account", "Расчётный счёт", width=20, max_length=20),
    Field("corr_account", "Корреспондентский счёт", width=20, max_length=20),
    Field("", "Расчёты", "title"),
    Field("interorg_settlements", "Межучрежденческие расчёты", "bool", help="вносятся удержания"),
)
_FUND = (
    Field("code", "Код ТФОМС", width=5),
    Field("okato", "ОКАТО", width=5),
    Field("ogrn", "ОГРН", width=15, max_length=15),
    Field("name", "Наименование", width=46),
)
_FILES = (
    Field("service_digit", "Служебная цифра имени", width=1, max_length=1, help="27-й знак имени файла"),
    Field("container", "Содержимое файла .7z", "choice", 12, choices=[("zip", "ZIP"), ("7z", "7-Zip")]),
    Field("answer_lists_all", "В ответе все счета", "choice", 22, choices=_YES_NO),
    Field("folder_out", "Папка для выгрузки", width=46),
    Field("folder_in", "Папка с ответами", width=46),
    Field("format_version", "Версия формата", width=8),
    Field("protocol", "Протокол", width=16),
    Field("creator", "Программа в файле", width=16),
)
_RULES = (
    Field("with_late", "Формировать с опоздавшими", "bool", help="случаи прошлых месяцев, не выставленные"),
    Field("block_export_on_errors", "Ошибки запрещают выгрузку", "bool"),
    Field("accept_foreign_mo", "Принимать файлы других МО", "bool"),
    Field("primary_type_r", "Признак первичной подачи", "choice", 4, choices=_TYPES),
    Field("repeat_type_r", "Признак повторной подачи", "choice", 4, choices=_TYPES),
    Field("tariff_level", "Уровень МО в тарифах", width=8),
    Field("diagnosis_doctor_required_mksb", "Диагноз и врач в МКСБ нужны", "bool"),
    Field("dental_profiles", "Профили стоматологии", width=40, help="коды V002 через запятую"),
    Field("dental_xray_services", "Услуги стомат. рентгена", width=40, help="начала кодов через запятую"),
    Field("dental_xray_days", "Рентген вне случая, дней", "int", 4, required=True),
    Field("merge_purposes", "Цели посещений к объединению", width=40, help="коды V025 через запятую"),
    Field("merge_into_purpose", "Цель объединённого случая", width=4, max_length=4, required=True),
    Field("merge_days", "Объединять в пределах, дней", "int", 4, required=True),
    Field("sequester_order", "Секвестировать сначала", "choice", 22, choices=_CUT_FIRST),
    Field("sequester_keep_emergency", "Не снимать экстренные", "bool", help="и неотложные (форма 1, 2)"),
    Field("sequester_keep_ambulance", "Не снимать СМП", "bool"),
    Field("sequester_keep_returned", "Не снимать возвращённые", "bool", help="по F8, первичные и повторные"),
    Field("sequester_whole", "Снимать целиком", "choice", 22, choices=_CUT_WHOLE),
    Field("new_operator_role", "Роль нового оператора", "choice", 18, choices=list(ROLES.items())),
    Field("backup_days", "Хранить копии базы, дней", "int", 4, required=True),
)
_DEADLINES = (
    Field("export", "Выгрузка …13X", "int", 3, required=True, help=_DAY_HELP),
    Field("answers1", "Ответы «1»", "int", 3, required=True, help=_DAY_HELP),
    Field("reform", "Файлы «7»", "int", 3, required=True, help=_DAY_HELP),
    Field("invoices", "Счета", "int", 3, required=True, help=_DAY_HELP),
    Field("answers2", "Ответы «2»", "int", 3, required=True, help=_DAY_HELP),
)
_REISSUE = [("new", "новый номер"), ("same", "прежний номер")]
_INVOICES = (
    Field(
        "pattern",
        "Номер счёта",
        width=30,
        required=True,
        help="{n} номер в году, {year} {month} {period} {letter} {code}",
    ),
    Field("next_number", "Первый {n} года", "int", 6, required=True, help="дальше — следующий за последним"),
    Field("reissue", "Счёт взамен отменённого", "choice", 16, choices=_REISSUE),
    Field("vat", "Строка НДС", width=40),
    Field("purpose", "За что счёт", width=46),
)
SECTIONS: tuple[tuple[str, str, tuple[Field, ...]], ...] = (
    ("mo", "МО", _MO),
    ("fund", "ТФОМС", _FUND),
    ("files", "Файлы", _FILES),
    ("rules", "Правила", _RULES),
    ("deadlines", "Сроки", _DEADLINES),
    ("invoices", "Счета", _INVOICES),
)
_TITLES = {
    f"{section}.{field.name}": f"{title}: {field.label}"
    for section, title, fields in SECTIONS
    for field in fields
}


def fields_of(section: str) -> tuple[Field, ...]:
    return next(fields for name, _, fields in SECTIONS if name == section)


def form_values(fields: Sequence[Field], values: Mapping[str, Any]) -> dict[str, Any]:
    """Stored values as a form takes them: lists become «63, 85»."""
    names = [field.name for field in fields if field.kind != "title"]
    return {n: ", ".join(v) if isinstance(v := values[n], list | tuple) else v for n in names}


def stored_values(fields: Sequence[Field], values: Mapping[str, Any]) -> dict[str, Any]:
    """Values of a form as they are stored."""
    made = dict(values)
    for name in _LISTS & made.keys():
        made[name] = [p.strip() for p in made[name].split(",") if p.strip()]
    return made


def insurer_fields(*, new: bool) -> list[Field]:
    return [
        Field("code", "Код (F002)", width=5, max_length=5, required=True, readonly=not new),
        Field("letter", "Литера", width=1, max_length=1, required=True, help="буква СМО в именах файлов"),
        Field("name", "Наименование", width=40, required=True),
        Field("ogrn", "ОГРН", width=15, max_length=15),
        Field("out_of_region", "Иногородние (через ТФОМС)", "bool"),
        Field("begin", "Действует с", "date", 10),
        Field("end", "Действует по", "date", 10),
        Field("", "Реквизиты для счёта", "title"),
        Field("inn", "ИНН", width=12, max_length=12),
        Field("kpp", "КПП", width=9, max_length=9),
        Field("address", "Адрес", width=46),
        Field("bank", "Наименование банка", width=46),
        Field("bik", "БИК", width=9, max_length=9),
        Field("account", "Расчётный счёт", width=20, max_length=20),
        Field("corr_account", "Корреспондентский счёт", width=20, max_length=20),
    ]


def insurer_row(item: InsurerSettings) -> Cells:
    far = "да" if item.out_of_region else ""
    return (item.code, item.letter, item.name, item.ogrn, far, day(item.begin), day(item.end))


def key_title(key: str) -> str:
    """«mo.phone» → «МО: Телефон»."""
    return _TITLES.get(key, key)


def plain(text: str) -> str:
    """A stored JSON value for reading."""
    if not text:
        return ""
    value = json.loads(text)
    if isinstance(value, bool):
        return "да" if value else "нет"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, dict):
        return ", ".join(f"{k}={v}" for k, v in value.items())
    return str(value)
