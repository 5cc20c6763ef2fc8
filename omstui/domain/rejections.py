"""Refusals as lists (отказы): rows for «rejections --json», grouping by code."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from omstui.domain.errors import OmsError
from omstui.domain.model import REFUSAL_KIND_TITLES
from omstui.domain.money import roubles
from omstui.domain.store import config
from omstui.domain.store import rejections as store
from omstui.formats.answers import canonical_xkey

_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Group:
    """Refusals of one kind and code: «код → случаев → сумма»; an account counts once."""

    kind: str
    code: str
    text: str
    accounts: int
    total: int

    @property
    def kind_title(self) -> str:
        return REFUSAL_KIND_TITLES.get(self.kind, self.kind)


def chosen(account_ids: Sequence[int], xkeys: Sequence[str]) -> list[store.RefusedAccount]:
    """Accounts by id or key (dashes and case aside); OmsError names those that are not there."""
    usual = [canonical_xkey(key) for key in xkeys]
    found = store.accounts(account_ids, [*xkeys, *usual])
    known = {a.id for a in found} | {a.xkey for a in found}
    missing = [str(i) for i in account_ids if i not in known]
    missing += [k for k, u in zip(xkeys, usual, strict=True) if not known & {k, u}]
    if missing or not found:
        raise OmsError(
            f"Счёта {missing[0]} нет в базе данных." if missing else "Не отмечен ни один счёт.",
            hint="Ключ счёта — xkey, его показывает «Анализ».",
            details=missing[:_SHOWN],
        )
    return found


def as_json(row: store.RefusalRow) -> dict[str, Any]:
    """An element of ``rejections --json`` (product.md §8)."""
    return {
        "account": row.account,
        "case": row.case,
        "stage": row.stage,
        "smo": row.smo,
        "kind": row.kind,
        "code": row.code,
        "text": row.text,
        "comment": row.comment,
        "sum": roubles(row.sum),
        "state": row.state,
    }


def listing(
    period: str,
    *,
    stage: int = 0,
    smo: str = "",
    kind: str = "",
    code: str = "",
    text: str = "",
    state: str = "",
    only_open: bool = False,
) -> list[dict[str, Any]]:
    """``rejections --json``: restored tests never show."""
    rows = store.find(
        period=period,
        stage=stage,
        smo=config.payer_by_code(smo).code if smo else "",
        kind=kind,
        code=code,
        state=state,
        text=text,
        only_open=only_open,
    )
    return [as_json(row) for row in rows]


def grouped(rows: Iterable[store.RefusalRow]) -> list[Group]:
    """Rows by kind and code, dearest first."""
    seen: dict[tuple[str, str], dict[int, int]] = {}
    texts: dict[tuple[str, str], str] = {}
    for row in rows:
        key = (row.kind, row.code)
        texts.setdefault(key, row.text)
        seen.setdefault(key, {})[row.account_id] = row.sum
    groups = [Group(*key, texts[key], len(v), sum(v.values())) for key, v in seen.items()]
    return sorted(groups, key=lambda g: (-g.total, g.kind, g.code))
