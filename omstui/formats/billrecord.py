"""One account on its way to bill.xml (счёт в выгрузку): the record, what it lacks, its settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from omstui.domain.model import KINDS
from omstui.formats.bill import Node
from omstui.formats.billtree import ADULT_FROM, Env, Row, age_at
from omstui.formats.layouts import bill as layout

#: what the log of F2 says of a required attribute that is not there
_LACK = {
    "patient.birthdate": "Нет даты рождения",
    "patient.sex": "Нет пола",
    "patient.surname": "Нет фамилии",
    "patient.name": "Нет имени",
    "polis.begin_p": "Нет даты начала полиса",
    "polis.region_oms": "Нет территории страхования",
    "polis.type_polis": "Нет типа полиса",
    "polis.polisnum": "Нет номера полиса",
    "doc.doctype": "Нет типа документа",
    "doc.docser": "Нет серии документа",
    "doc.docnum": "Нет номера документа",
    "address.kladr": "Нет кода КЛАДР адреса",
    "additional_data.socialstat": "Нет социального статуса",
    "personal_account.result": "Нет результата обращения",
    "personal_account.doctor": "Нет врача",
    "personal_account.spec": "Нет специальности врача",
    "personal_account.help_type": "Нет вида помощи",
    "personal_account.vg": "Нет возрастной группы",
    "direction.number": "Нет номера направления",
    "direction.date_1": "Нет даты направления",
    "direction.ogrn_lpu": "Нет ОГРН направившей МО",
    "direction.kpp_lpu": "Нет КПП направившей МО",
    "direction.direction_type": "Нет типа направления",
    "direction.reason": "Нет причины направления",
    "direction.mkb": "Нет диагноза направления",
    "manipulation.prof_oms": "Нет профиля услуги",
    "manipulation.spec": "Нет специальности исполнителя услуги",
    "manipulation.date_1": "Нет даты начала услуги",
    "manipulation.date_2": "Нет даты окончания услуги",
    "additional.division": "Нет подразделения",
    "additional.ogrn_lpu": "Нет ОГРН МО, оказавшей услугу",
    "additional.kpp_lpu": "Нет КПП МО, оказавшей услугу",
    "additional_p.ad_pur": "Нет цели посещения",
    "additional_p.togmh": "Нет формы помощи",
    "additional_p.treatment_places": "Нет места обслуживания",
    "additional_f.occasion": "Нет повода к вызову СМП",
    "additional_f.call": "Нет типа вызова СМП",
    "additional_f.place": "Нет места вызова СМП",
    "additional_f.result_t": "Нет результата выезда СМП",
    "additional_f.kilometrage": "Нет километража СМП",
}


class Out:
    """One account on its way out: the record, what it lacks, the helpers of its blocks."""

    def __init__(self, record: Mapping[str, Any], env: Env) -> None:
        self.env = env
        self.patient: Row = record["patient"]
        self.policy: Row = record["policy"] or {}
        self.case: Row = record["case"]
        self.account: Row = record["account"]
        extra = self.case.get("extra") or {}
        self.native = bool(extra.get("native"))
        self.bill: Mapping[str, Any] = extra.get("bill") or {}
        self.fed: Mapping[str, Any] = extra.get("fed") or {}
        self.raw: Mapping[str, str] = extra.get("raw") or {}
        self.seen: Mapping[str, str] = extra.get("seen") or {}
        kind = KINDS.get(str(self.case.get("kind") or ""))
        #: type of registry of the regional map; 0 = unknown, nothing is held back
        self.type = kind.bill_type if kind else 0
        self.sl: Mapping[str, Any] = self.fed.get("sl") or {}
        self.parts: list[Mapping[str, Any]] = [*(self.fed.get("parts") or ()), self.sl]
        self.date_in = str(self.case.get("date_in") or "")
        self.newborn = str(self.case.get("newborn") or "0")
        self._group: str | None = None
        self.lack: set[str] = set()

    onk_element = layout.ACCOUNT.find("additionals/additional_onk")

    def block(self, element: layout.Element) -> bool:
        """Whether this registry outputs the block."""
        return self.native or not self.type or element.allowed(self.type)

    def changed(self, column: str) -> bool:
        """Whether an operator gave the column another value than it was loaded with."""
        return column in self.seen and self.seen[column] != self.case.get(column)

    def age_group(self) -> str:
        """1 adult, 2 child at the beginning of treatment (the samples; no official book is known)."""
        if self._group is None:
            self._group = self._find_group()
        return self._group

    def _find_group(self) -> str:
        if self.newborn != "0":
            return "2"
        age = age_at(str(self.patient.get("birth_date") or ""), self.date_in)
        return "" if age is None else "2" if age < ADULT_FROM else "1"

    def complete(self, made: Node, element: layout.Element) -> Node:
        """Fill required attributes from the settings; note the names of those still absent."""
        attrs = made.attrs
        for name in element.required:
            if name not in attrs:
                value = "" if self.native else self.env.default(made.tag, name)
                if value:
                    attrs[name] = value
                else:
                    self.lack.add(lack_name(element, name))
        return made


def lack_name(element: layout.Element, name: str) -> str:
    """«Нет даты начала полиса», or a plain wording for what has no better one."""
    found = _LACK.get(f"{element.tag}.{name}")
    if found:
        return found
    attribute = element.attribute(name)
    return f"Не заполнено «{attribute.title if attribute else name}» ({element.tag}/@{name})"
