"""Fields of the card of a case (поля случая): their names, kinds and what becomes of them on saving.

A field is named «table.column»; «table.extra.path» is what travels beside the columns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from omstui.domain.merge import leaf
from omstui.domain.money import hundredths, quantity_text
from omstui.domain.store.cases import CaseCard, Row
from omstui.widgets.fields import Field

_SEX = (("1", "мужской"), ("2", "женский"))
_YES = (("0", "нет"), ("1", "да"))
_POLICY = (("1", "старого образца"), ("2", "временное свидетельство"), ("3", "единого образца"))
_WHERE = (("1", "стационар"), ("2", "дневной стационар"), ("3", "амбулаторно"), ("4", "вне МО (СМП)"))
_FORM = (("1", "экстренная"), ("2", "неотложная"), ("3", "плановая"))
_LISTS = ("case.ds2", "case.ds3")
_SMP = "case.extra.bill.additionals.additional_f"
_KLADR = "patient.extra.bill.addresses.address.kladr"


def _t(name: str, label: str, width: int = 16, hint: str = "", kind: str = "text") -> Field:
    return Field(name, label, kind, width, hint)


def _d(name: str, label: str) -> Field:
    return Field(name, label, "date", 10, "дата ДД.ММ.ГГГГ")


def _c(name: str, label: str, choices: Sequence[tuple[str, str]], hint: str = "") -> Field:
    return Field(name, label, "choice", 26, hint, choices=choices)


FIELDS: tuple[Field, ...] = (
    Field("", "Пациент", "title"),
    _t("patient.surname", "Фамилия", 40),
    _t("patient.name", "Имя", 40),
    _t("patient.patronymic", "Отчество", 40),
    _d("patient.birth_date", "Дата рождения"),
    _c("patient.sex", "Пол", _SEX),
    _t("patient.snils", "СНИЛС", 14, "123-456-789 00"),
    _t("patient.birth_place", "Место рождения", 40),
    Field("", "Документ", "title"),
    _t("patient.doc_type", "Тип документа", 2, "код F011: 14 — паспорт РФ, 3 — свидетельство о рождении"),
    _t("patient.doc_series", "Серия", 10),
    _t("patient.doc_number", "Номер", 20),
    _d("patient.doc_date", "Выдан"),
    _t("patient.doc_org", "Кем выдан", 40),
    _t("patient.social_status", "Социальный статус", 4),
    _t("patient.phone", "Телефон", 20),
    _t("patient.okato_home", "ОКАТО регистрации", 11),
    _t("patient.okato_stay", "ОКАТО пребывания", 11),
    _t(_KLADR, "КЛАДР адреса", 20),
    Field("", "Полис", "title"),
    _c("policy.type", "Вид полиса", _POLICY),
    _t("policy.series", "Серия полиса", 10),
    _t("policy.number", "Номер полиса", 20),
    _t("policy.enp", "ЕНП", 16, "16 цифр"),
    _t("policy.smo", "СМО", 5, "код F002, для своего региона 76…"),
    _t("policy.smo_ok", "ОКАТО страхования", 5, "для полиса другого региона"),
    _d("policy.begin_date", "Действует с"),
    _d("policy.end_date", "Действует по"),
    Field("", "Случай", "title"),
    _t("case.nhistory", "Номер карты", 40),
    _c("case.usl_ok", "Условия оказания", _WHERE),
    _t("case.disp", "Диспансеризация", 3, "V016: ДВ1, ДВ2, ОПВ, ДС1, ПН1…; пусто — не диспансеризация"),
    _t("case.help_type", "Вид помощи", 4, "код V008"),
    _c("case.help_form", "Форма помощи", _FORM),
    _d("case.date_in", "Начало лечения"),
    Field("case.date_out", "Конец лечения", "date", 10, "пусто — случай не закончен"),
    _t("case.department", "Отделение", 20),
    _t("case.profile", "Профиль", 3, "код V002"),
    _t("case.bed_profile", "Профиль койки", 3, "код V020, для стационара"),
    _c("case.child_profile", "Детский профиль", _YES),
    _t("case.purpose", "Цель посещения", 3, "код V025: 1.0, 1.3, 2.6, 3.0…"),
    _t("case.doctor", "Врач", 16, "код или СНИЛС врача"),
    _t("case.specialty", "Специальность", 4, "код V021"),
    _t("case.result", "Результат", 3, "код V009"),
    _t("case.outcome", "Исход", 3, "код V012"),
    _t("case.disp_result", "Результат диспансеризации", 3, "код V017"),
    _t("case.pay_method", "Способ оплаты", 2, "код V010"),
    _t("case.ksg", "КСГ", 20),
    _t("case.bed_days", "Койко-дни", 4),
    _t("case.newborn", "Новорождённый", 9, "0 или пол, дата рождения и номер ребёнка"),
    _t("case.ref_mo", "Направившая МО", 6),
    _d("case.ref_date", "Дата направления"),
    Field("case.source_sum", "Сумма случая", "money", 14),
    _t("case.comment", "Комментарий", 40),
    Field("", "Диагнозы", "title"),
    _t("case.ds_main", "Основной", 7, "код МКБ-10"),
    _t("case.ds_first", "При поступлении", 7),
    _t("case.ds2", "Сопутствующие", 40, "коды через запятую"),
    _t("case.ds3", "Осложнения", 40, "коды через запятую"),
    _t("case.ds_char", "Характер заболевания", 2, "код V027"),
    _t("case.observation", "Диспансерное наблюдение", 2),
    Field("", "Представитель (для новорождённого)", "title"),
    _t("patient.rep_surname", "Фамилия представителя", 40),
    _t("patient.rep_name", "Имя представителя", 40),
    _t("patient.rep_patronymic", "Отчество представителя", 40),
    _d("patient.rep_birth_date", "Родился"),
    _c("patient.rep_sex", "Пол представителя", _SEX),
)
AMBULANCE: tuple[Field, ...] = (
    Field("", "Вызов СМП", "title"),
    _t(f"{_SMP}.occasion", "Повод к вызову", 10),
    _t(f"{_SMP}.call", "Тип вызова", 10),
    _t(f"{_SMP}.place", "Место вызова", 10),
    _t(f"{_SMP}.result_t", "Результат выезда", 10),
    _t(f"{_SMP}.kilometrage", "Километраж", 10),
)
SERVICE: tuple[Field, ...] = (
    Field("code", "Код услуги", "text", 20, "код номенклатуры или тарифа", required=True),
    Field("name", "Наименование", "text", 40),
    _d("date_in", "Начало"),
    _d("date_out", "Окончание"),
    Field("quantity", "Количество", "text", 8, "целое или с двумя знаками: 1, 2.5", required=True),
    Field("tariff", "Тариф", "money", 14),
    Field("source_sum", "Сумма", "money", 14),
    _t("profile", "Профиль", 3, "код V002"),
    _t("doctor", "Врач", 16),
    _t("specialty", "Специальность", 4, "код V021"),
    _t("department", "Отделение", 20),
    _t("ds", "Диагноз", 7),
    _t("intervention", "Вид вмешательства", 16),
    _t("incomplete", "Неполный объём", 2),
    _t("extra.bill.additionals.stomats.stomat.n_tooth", "Номер зуба", 5, "по схеме FDI: 11–48, 51–85"),
)
#: kind of refusal → the field it concerns
REFUSED_FIELDS: Mapping[str, str] = {
    "an_p": "patient.surname",
    "an_ps": "policy.number",
    "an_mes": "case.ds_main",
    "an_sum": "case.date_out",
}
#: code of a reason of forming → the field it concerns
SKIPPED_FIELDS: Mapping[str, str] = {
    "90.002": "case.date_out",
    "90.003": "case.ds_main",
    "90.018": "case.ds_main",
    "90.004": "case.doctor",
    "90.019": "case.doctor",
    "90.009": "case.date_out",
    "90.016": "case.date_out",
    "90.017": "case.date_out",
    "90.022": "case.date_out",
}


def fields_for(card: CaseCard | None, *, copy: bool = False) -> tuple[Field, ...]:
    """The fields of this card; a copy keeps its patient, so that his are only shown."""
    found = list(FIELDS)
    if card is None or card.case.get("usl_ok") == "4":
        found += AMBULANCE
    if card is not None:
        found = [f for f in found if ".extra." not in f.name or _single(card, f.name)]
    if copy:
        found = [replace(f, readonly=f.name.startswith("patient.")) for f in found]
    return tuple(found)


def _single(card: CaseCard, name: str) -> bool:
    """A path through something repeated cannot be one field."""
    table, _, path = name.partition(".extra.")
    tree: Any = _row(card, table).get("extra") or {}
    for step in path.split("."):
        if not isinstance(tree, dict):
            return False
        tree = tree.get(step) or {}
    return not isinstance(tree, list)


def _row(card: CaseCard, table: str) -> Row:
    return {"patient": card.patient, "policy": card.policy, "case": card.case}[table]


def values_of(card: CaseCard, fields: Sequence[Field]) -> dict[str, Any]:
    """What the form shows."""
    values: dict[str, Any] = {}
    for field in fields:
        table, _, name = field.name.partition(".")
        if not name:
            continue
        row = _row(card, table)
        value = leaf(row.get("extra"), name[6:]) if name.startswith("extra.") else row.get(name)
        values[field.name] = ", ".join(value) if isinstance(value, list) else value
    return values


def changes(values: Mapping[str, Any], names: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Table → column → value of the changed fields, as the operation takes them."""
    found: dict[str, dict[str, Any]] = {"patient": {}, "policy": {}, "case": {}}
    for name in names:
        table, _, column = name.partition(".")
        value = values[name]
        if name in _LISTS:
            value = [part.strip() for part in str(value or "").replace(";", ",").split(",") if part.strip()]
        elif name == "case.source_sum":
            value = value or 0
        found[table][column] = "" if value is None else value
    return found


# --- services ----------------------------------------------------------------------------


def service_values(row: Mapping[str, Any]) -> dict[str, Any]:
    """What the form of a service shows."""
    values = {field.name: _service_value(row, field.name) for field in SERVICE}
    values["quantity"] = quantity_text(int(row.get("quantity") or 0)) if row else "1"
    return values


def _service_value(row: Mapping[str, Any], name: str) -> Any:
    """What was typed and is not saved yet goes before what is stored beside the columns."""
    if name in row or not name.startswith("extra."):
        return row.get(name)
    return leaf(row.get("extra"), name.removeprefix("extra."))


def check_service(values: Mapping[str, Any]) -> dict[str, str]:
    """Findings by field."""
    try:
        hundredths(values["quantity"])
    except ValueError:
        return {"quantity": "нужно число: 1 или 2.5"}
    if values["date_in"] and values["date_out"] and values["date_out"] < values["date_in"]:
        return {"date_out": "раньше начала"}
    return {}


def service_row(values: Mapping[str, Any]) -> dict[str, Any]:
    """Columns of a service from what was typed."""
    row = {name: "" if value is None else value for name, value in values.items()}
    row["quantity"] = hundredths(values["quantity"])
    for name in ("tariff", "source_sum"):
        row[name] = values[name] or 0
    for name in ("date_in", "date_out"):
        row[name] = values[name] or None
    return row
