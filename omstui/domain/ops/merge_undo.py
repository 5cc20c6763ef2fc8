"""«Отменить объединение» (undo of a merge): the cases are as they were; possible until export."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from omstui.domain.errors import OmsError
from omstui.domain.merging_cases import shown
from omstui.domain.operation import Context, Result
from omstui.domain.reconcile import FIELD_TITLES
from omstui.domain.status import TITLES
from omstui.domain.store import db, registries_b
from omstui.domain.store import merging_cases as store
from omstui.domain.store.merging_cases import Undo


@dataclass(frozen=True, slots=True)
class Params:
    """Without ``all`` and ``case_ids`` the last operation that merged something is undone."""

    period: str = ""
    registry: str = ""
    registry_id: int | None = None
    all: bool = False
    case_ids: list[int] = field(default_factory=list)
    dry_run: bool = False


def run(ctx: Context, params: Params) -> Result:
    """Preview, ask, take back the newest first, in one transaction."""
    row = registries_b.resolve(params.period, params.registry, params.registry_id)
    registries_b.require(row, "merge-undo")
    found = store.in_force(row.id)
    undos = _chosen(found, params)
    data = {
        "registry": row.id, "period": row.period, "dry_run": params.dry_run, "undone": len(undos),
        "cases": [u.key for u in undos],
    }  # fmt: skip
    if not undos:
        return Result(f"Реестр «{row.title}»: отменять нечего, объединений нет.", data)
    _refuse(undos, found)
    lines = [_line(u) for u in undos]
    lost = _lost(undos)
    ctx.check()
    what = f"объединений: {len(undos)}, случаев снова: {sum(len(u.cases) + 1 for u in undos)}"
    if params.dry_run:
        for text in shown([*lost, *lines]):
            ctx.log(text)
        return Result(f"Будет отменено {what}. Ничего не изменено.", data)
    ctx.confirm(
        f"Отменить {what}? Реестр «{row.title}» нужно будет переформировать.", details=shown([*lost, *lines])
    )
    with db.write():
        ctx.check()
        now = registries_b.get(row.id)
        if now is None or now.status != row.status or store.in_force(row.id) != found:
            raise OmsError(
                "Пока вы смотрели, случаи изменил другой оператор. Ничего не отменено.",
                hint="Повторите операцию.",
            )
        fields, _ = settle(undos, store.values([u.case for u in undos]))
        store.take_back(undos, fields, registry=row.id, at=ctx.now(), who=ctx.who, check=ctx.check)
        ctx.check()
    for text in lost:
        ctx.warn(text)
    for undo, text in zip(undos[:100], lines, strict=False):
        ctx.log(text, link={"list": "cases", "patient": undo.patient_id})
    return Result(f"Отменено {what}. Переформируйте реестр «{row.title}».", data)


def _chosen(found: Sequence[Undo], params: Params) -> list[Undo]:
    if params.case_ids:
        wanted = set(params.case_ids)
        return [u for u in found if u.case in wanted or wanted & set(u.cases)]
    if params.all or not found:
        return list(found)
    last = found[0]
    return [u for u in found if (u.operation, u.run, u.at) == (last.operation, last.run, last.at)]


def _refuse(undos: Sequence[Undo], found: Sequence[Undo]) -> None:
    """What was sent stays; what went into a later merge is taken out of it first."""
    sent = store.sent([i for u in undos for i in (u.case, *u.cases)])
    if sent:
        raise OmsError(
            f"Случаи уже выгружены на оплату: {len(sent)}; объединение отменяется только до выгрузки.",
            title=TITLES["merge-undo"],
            hint="Исправьте случай и верните его в реестр после ответа.",
            details=shown(sent),
        )
    chosen = {u.id for u in undos}
    newest: dict[int, Undo] = {}
    for undo in reversed([u for u in found if u.id not in chosen]):
        newest |= dict.fromkeys((undo.case, *undo.cases), undo)
    later = [newest[u.case].key for u in undos if u.case in newest and newest[u.case].id > u.id]
    if later:
        raise OmsError(
            f"Случаи объединены ещё раз позже: {len(later)}.",
            title=TITLES["merge-undo"],
            hint="Отмените сначала позднее объединение.",
            details=shown(sorted(set(later))),
        )


def settle(
    undos: Sequence[Undo], now: Mapping[int, Mapping[str, Any]]
) -> tuple[dict[int, dict[str, tuple[Any, Any]]], dict[int, set[str]]]:
    """Fields of the cases that go back (now, then), and those that were corrected since and stay.

    The newest first: what a later merge found is what an earlier one had made.
    """
    values = {case: dict(fields) for case, fields in now.items()}
    kept: dict[int, set[str]] = {}
    for undo in undos:
        for name, (before, after) in undo.fields.items():
            if values[undo.case][name] == after:
                values[undo.case][name] = before
            else:
                kept.setdefault(undo.case, set()).add(name)
    back = {
        case: {n: (now[case][n], value) for n, value in fields.items() if value != now[case][n]}
        for case, fields in values.items()
    }
    return back, kept


def _lost(undos: Sequence[Undo]) -> list[str]:
    """Corrections made after the merge: what they become."""
    _, kept = settle(undos, store.values([u.case for u in undos]))
    edited = store.edited_services(undos)
    lines = []
    for case, key in {u.case: u.key for u in undos}.items():
        if names := ", ".join(FIELD_TITLES.get(n, n) for n in sorted(kept.get(case, ()))):
            lines.append(f"{key}: исправлено после объединения и останется как есть: {names}")
        if case in edited:
            lines.append(f"{key}: исправления добавленных услуг пропадут: {edited[case]}")
    return lines


def _line(undo: Undo) -> str:
    title = TITLES[undo.operation]
    at = f"{'.'.join(reversed(undo.at[:10].split('-')))} {undo.at[11:16]}"
    return f"{undo.patient}, {undo.key}: «{title}» {at}, возвращается случаев: {len(undo.cases)}"
