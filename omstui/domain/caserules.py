"""What is derived from a case (вид деятельности, плательщик) with the settings of the database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from omstui.domain import kinds
from omstui.domain.payers import PayerRule
from omstui.domain.store import cases, config
from omstui.formats.layouts.fedbooks import region_of
from omstui.settings import Settings


@dataclass(slots=True)
class CaseEnv:
    """Settings, payers and the service book as the derivations use them."""

    settings: Settings
    payers: PayerRule
    is_visit: Callable[[str], bool]
    #: sentence about a payer the settings lack, or about a slip mended → how many cases
    unknown_payers: Counter[str] = field(default_factory=Counter)

    @property
    def mo(self) -> str:
        return self.settings.mo.code

    def kind(self, case: Mapping[str, Any], services: Iterable[Mapping[str, Any]]) -> str:
        return kinds.derive_kind(
            case,
            services,
            dental_profiles=self.settings.rules.dental_profiles,
            is_visit=self.is_visit,
        )

    def payer(self, policy: Mapping[str, Any]) -> int | None:
        payer, warning = self.payers.of(policy)
        if warning:
            self.unknown_payers[warning] += 1
        return payer

    @staticmethod
    def region(policy: Mapping[str, Any]) -> str:
        """Two digits of the territory of insurance, «» when nothing tells it."""
        where = policy.get("smo_ok") or policy.get("okato") or ""
        return region_of(str(policy.get("smo") or ""), str(where))


#: Russian letters that look like the Latin ones of ICD-10 codes
_LATIN = str.maketrans("АВСЕКМНОРТХавсекмнортх", "ABCEKMHOPTXabcekmhoptx")
_ALIKE = "Код МКБ написан русскими буквами, заменены такими же латинскими"


def latin_diagnoses(env: CaseEnv, case: dict[str, Any], services: Iterable[dict[str, Any]]) -> None:
    """Write codes of diagnoses in Latin letters, count the cases that needed it."""
    found = False
    for name in ("ds_main", "ds_first"):
        if not (text := case.get(name) or "").isascii():
            case[name], found = text.translate(_LATIN), True
    for name in ("ds2", "ds3"):
        given = case.get(name) or []
        if not all(code.isascii() for code in given):
            case[name], found = [code.translate(_LATIN) for code in given], True
    for service in services:
        if not (text := service.get("ds") or "").isascii():
            service["ds"], found = text.translate(_LATIN), True
    if found:
        env.unknown_payers[_ALIKE] += 1


def make_env() -> CaseEnv:
    """The rules with the settings, payers and the service book of the open database."""
    settings = config.load_settings()
    visits = cases.visit_codes()
    is_visit = kinds.visit_by_nomenclature if visits is None else visits.__contains__
    return CaseEnv(settings, PayerRule.of_settings(config.payers(), settings), is_visit)
