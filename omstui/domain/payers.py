"""Payer of a case (плательщик): own insurer, the fund for other regions, or nobody. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from omstui.formats.layouts.fedbooks import region_of
from omstui.settings import Settings


class PayerRow(Protocol):
    @property
    def id(self) -> int: ...
    @property
    def code(self) -> str: ...
    @property
    def ogrn(self) -> str: ...
    @property
    def out_of_region(self) -> bool: ...


@dataclass(slots=True)
class PayerRule:
    """Which payer a policy means (product.md §6, §11.4); answers are remembered."""

    own: dict[str, int]
    own_ogrn: dict[str, int]
    other_regions: int | None
    region: str
    _seen: dict[tuple[str, ...], tuple[int | None, str]] = field(default_factory=dict)

    @classmethod
    def of_settings(cls, payers: Sequence[PayerRow], settings: Settings) -> PayerRule:
        own = [p for p in payers if not p.out_of_region]
        others = [p.id for p in payers if p.out_of_region]
        return cls(
            {p.code: p.id for p in own if p.code},
            {p.ogrn: p.id for p in own if p.ogrn},
            others[0] if others else None,
            settings.fund.code[:2],
        )

    def of(self, policy: Mapping[str, Any]) -> tuple[int | None, str]:
        """Return (payer id or None, a sentence when the settings lack the payer)."""
        key = tuple(str(policy.get(n) or "") for n in ("smo", "smo_ogrn", "smo_ok", "okato", "region"))
        found = self._seen.get(key)
        if found is None:
            found = self._seen[key] = self._find(*key)
        return found

    def _find(self, smo: str, ogrn: str, smo_ok: str, okato: str, given: str) -> tuple[int | None, str]:
        if smo in self.own:
            return self.own[smo], ""
        region = region_of(smo, "") or region_of("", smo_ok) or region_of("", okato) or given
        if region and self.region and region != self.region:
            warning = "" if self.other_regions else "В настройках нет плательщика для иногородних"
            return self.other_regions, warning
        if ogrn in self.own_ogrn:
            return self.own_ogrn[ogrn], ""
        if smo or ogrn:
            return None, f"СМО {smo or 'с ОГРН ' + ogrn} нет в настройках, плательщик не определён"
        return None, ""
