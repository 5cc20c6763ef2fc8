"""Load the return of the medical-economic control (загрузить МЭК): a «b…» table or federal XML.

It is loaded into the current month, whatever month its cases were billed in. Everything is read and matched
before the first write; the same file a second time changes nothing and shows the old protocol.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from omstui.domain import mek, mekcheck
from omstui.domain.model import KINDS, CaseType, Period
from omstui.domain.money import roubles
from omstui.domain.operation import Context, Result
from omstui.domain.store import config, db, files, registries_b
from omstui.domain.store import mek as store
from omstui.domain.store import mek_staging as staging
from omstui.domain.store.registries_b import RegistryRow
from omstui.formats.mekxml import MEK, PART
from omstui.settings import Settings

_DIGITS = 15  # of IDCASE as a number of SQLite


@dataclass(slots=True)
class Params:
    """``period`` is the month the file is loaded into; ``registry`` its registry by number or name."""

    path: str = ""
    period: str = ""
    registry_id: int | None = None
    registry: str = ""


def run(ctx: Context, params: Params) -> Result:
    """«Загрузить МЭК»."""
    path = mekcheck.checked_path(params.path)
    sha, stem = files.sha256_of(path), path.stem.upper()
    old = store.loaded_before(sha, stem)
    if old is not None:  # whatever registry and month it is loaded into now
        return _known(ctx, path.name, old)
    month = Period.parse(params.period)
    registry = registries_b.current(str(month), params.registry, params.registry_id)
    registries_b.require(registry, "mek-load")
    settings = config.load_settings()
    mekcheck.check_own(path.name, store.own_package(sha))
    source = mek.open_mek(path, frozenset(c for c in (settings.mo.code, settings.mo.code_local) if c))
    with staging.staging():
        content = _stage(ctx, source, settings)
        old = store.loaded_before(sha, stem, content)
        if old is not None:
            return _known(ctx, path.name, old)
        return _take(ctx, path, source, registry, content)


def _known(ctx: Context, name: str, old: store.LoadedRow) -> Result:
    """The identical file came before: its old protocol is shown, nothing changes."""
    reason = (
        f"уже загружен {old.accepted_at} ({old.accepted_by}) под именем {old.name}"
        f" в период {Period.parse(old.period).title}"
    )
    ctx.log(f"Файл {name} {reason}. Ничего не изменено. Прежний протокол:")
    for line in old.header.get("protocol", []):
        ctx.log("  " + line, link={"list": "refusals", "answer": old.id})
    if old.state == "replaced":
        ctx.warn("Этот акт потом заменён другим файлом: действует тот.")
    data = {
        "file": name,
        "state": "repeated",
        "period": old.period,
        "reason": reason,
        "accounts": old.accounts,
        "refused": old.refused,
        "refused_sum": roubles(old.refused_sum),
    }
    return Result(f"Файл {name} {reason}.", data)


# --- reading -----------------------------------------------------------------------------------


def _stage(ctx: Context, source: mek.Source, settings: Settings) -> str:
    """Read the file whole into the staging tables; returns the digest of what it says."""
    digest = hashlib.sha256()
    codes = {p.ogrn: p.code for p in config.payers() if p.ogrn and p.out_of_region is False}
    codes |= {p.code: p.code for p in config.payers()}

    def records() -> Iterator[tuple[staging.CaseRow, list[staging.ReasonRow]]]:
        for case in ctx.track(source.cases(), "Чтение файла МЭК", source.total):
            digest.update(repr(case).encode())
            yield (
                _row(case, mekcheck.payer_code(source.name, case, codes)),
                [_reason(case, r) for r in case.reasons],
            )

    count = staging.fill(records())
    if not count and source.named:
        mekcheck.take_nothing(source, source.named)
    for note in source.notes:
        ctx.warn(note)
    if source.nothing_by:
        return ""
    mekcheck.check_filled(source, count)
    ctx.check()
    staging.match()
    ctx.check()
    mekcheck.check_keys(source)
    staging.gather()
    ctx.check()
    mekcheck.check_sums(source)
    return digest.hexdigest()


def _row(case: mek.MekCase, payer: str) -> staging.CaseRow:
    digits = case.idcase.isascii() and case.idcase.isdigit() and len(case.idcase) <= _DIGITS
    reasons = case.reasons
    return (
        case.place,
        case.period,
        case.number[: staging.NUMBER_LENGTH],
        case.date,
        payer,
        int(case.idcase) if digits else None,
        case.idcase,
        case.card,
        case.billed,
        case.decision,
        int(not reasons or any(r.control == MEK for r in reasons)),
        sum(r.total or 0 for r in reasons),
        int(case.decision != PART and any(r.total is None for r in reasons)),
    )


def _reason(case: mek.MekCase, reason: mek.Reason) -> staging.ReasonRow:
    total = 0 if reason.total is None and case.decision == PART else reason.total
    return (
        reason.code,
        reason.text,
        int(reason.known),
        reason.control,
        reason.tip,
        total,
        reason.comment,
        reason.act,
        reason.act_date,
        reason.service,
    )


# --- applying ----------------------------------------------------------------------------------


def _take(ctx: Context, path: Path, source: mek.Source, registry: RegistryRow, content: str) -> Result:
    stem = path.stem.upper()
    named = [str(source.named.period)] if source.named else []
    mekcheck.ask_month(ctx, registry.period, named if source.nothing_by else staging.billed_months())
    mekcheck.ask_acts(ctx, store.same_acts(stem, source.xml))
    ctx.check()
    with db.write():
        # another operator may have loaded or billed meanwhile: what refuses is checked again inside
        mekcheck.check_replacement(source.name, stem, source.xml)
        counts = staging.counts()
        groups = _groups()
        payers = [source.nothing_by] if source.nothing_by else staging.payers()
        ctx.check()
        lines = _protocol(source, counts, groups)
        if not registry.id:  # МЭК comes before the registry of the month it is loaded into
            late = config.load_settings().rules.with_late
            registry = registries_b.create(registry, who=ctx.who, at=ctx.now(), late=late)
        answer = store.apply(
            store.NewReturn(
                registry.period,
                registry.id,
                payers[0] if len(payers) == 1 else None,
                files.put_file(path.name, path, at=ctx.now()),
                path.name,
                stem,
                ctx.now(),
                ctx.who,
                ctx.run_id,
                source.lists_all,
                {
                    "content": content,
                    "empty": int(source.nothing_by is not None),
                    "protocol": [line for line, _ in lines],
                    "notes": source.notes,
                },
            )
        )
        ctx.check()
    ctx.done(path.name)
    for line, link in lines:
        ctx.log(line, link={"list": "refusals", "answer": answer, **link})
    _warnings(ctx, counts)
    return _result(path.name, registry, counts, groups)


@dataclass(slots=True)
class _Group:
    """Full refusals of one source registry by type of case."""

    id: int
    name: str
    period: str
    tap: int = 0
    mksb: int = 0
    smp: int = 0
    total: int = 0

    def __str__(self) -> str:
        month = Period.parse(self.period)
        smp = f", {self.smp} СМП" if self.smp else ""
        where = f"{self.name} {month.year}/{month.month}".strip()
        return f"{self.tap} ТАП, {self.mksb} МКСБ{smp} - за период {where}"


def _groups() -> list[_Group]:
    found: dict[int, _Group] = {}
    for number, name, period, kind, count, total in staging.sources():
        group = found.setdefault(number, _Group(number, name, period))
        group.total += total
        case_type = KINDS[kind].case_type if kind in KINDS else CaseType.TAP
        if case_type is CaseType.MKSB:
            group.mksb += count
        elif case_type is CaseType.SMP:
            group.smp += count
        else:
            group.tap += count
    return list(found.values())


def _protocol(
    source: mek.Source, counts: staging.Counts, groups: list[_Group]
) -> list[tuple[str, dict[str, Any]]]:
    lines: list[tuple[str, dict[str, Any]]] = [
        (f"Загружен файл {source.name}", {}),
        ("Возвраты сформированы", {}),
        ("Загружено ошибок МЭК для исправления:" + ("" if groups else " нет"), {}),
    ]
    lines += [(str(group), {"registry": group.id, "refuses": 1}) for group in groups]
    if source.nothing_by:
        return [*lines, (f"Снятий нет, принято к оплате случаев: {counts.accounts}", {})]
    lines.append((f"Случаев в файле: {counts.accounts}, отказано на сумму {roubles(counts.refused_sum)}", {}))
    if counts.cut:
        lines.append(
            (
                f"Снято без возврата случая (частично, МЭЭ, ЭКМП): {counts.cut} на сумму"
                f" {roubles(counts.cut_sum)}, учтено в сверке",
                {"shown_only": 1},
            )
        )
    if counts.unknown_codes:
        lines.append((f"Кодов нет в справочнике: {counts.unknown_codes} (сохранены с пометкой)", {}))
    return lines


def _warnings(ctx: Context, counts: staging.Counts) -> None:
    if counts.again:
        ctx.warn(f"Уже были отказаны прежними актами: {counts.again} (причины добавлены)")
    if counts.returned:
        ctx.warn(f"Из них уже возвращены в следующий реестр: {counts.returned}")


def _result(name: str, registry: RegistryRow, counts: staging.Counts, groups: list[_Group]) -> Result:
    data = {
        "file": name,
        "state": "accepted",
        "period": registry.period,
        "registry": registry.id,
        "accounts": counts.accounts,
        "refused": counts.refused,
        "refused_sum": roubles(counts.refused_sum),
        "cuts": counts.cut,
        "cut_sum": roubles(counts.cut_sum),
        "paid": counts.paid,
        "unknown_codes": counts.unknown_codes,
        "sources": [
            {
                "registry": g.id,
                "name": g.name,
                "period": g.period,
                "tap": g.tap,
                "mksb": g.mksb,
                "smp": g.smp,
                "sum": roubles(g.total),
            }
            for g in groups
        ],
    }
    return Result(f"Загружено ошибок МЭК: {counts.refused} на сумму {roubles(counts.refused_sum)}.", data)
