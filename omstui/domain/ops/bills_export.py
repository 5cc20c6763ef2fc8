"""«Выгрузить реестры на оплату»: a ZIP per payer and kind of file, in a folder per insurer.

All files are written beside their places first, then one short transaction stores their bytes and numbers,
and only then they take their names: what the database says was sent is what is on the disk.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from omstui.domain import atomicfile, forecast
from omstui.domain import bills as planning
from omstui.domain.bills import Bill, Choice, Plan, changed_meanwhile, make_plan, missing_lines
from omstui.domain.errors import OmsError
from omstui.domain.exporting import validity_warnings
from omstui.domain.model import RegistryStatus
from omstui.domain.money import roubles
from omstui.domain.operation import Context, Result
from omstui.domain.store import bills, config, db, exporting, files, registries_b
from omstui.domain.store.registries_b import RegistryRow
from omstui.formats.fedbills import Placed, write_bill
from omstui.settings import Settings

_BATCH = 1000


@dataclass
class Params:
    """``number``, ``date``, ``package``, ``version`` of the window; empty = as proposed.

    ``existing`` writes the stored files of the last export once more.
    """

    out: str
    period: str = ""
    registry: str = ""
    registry_id: int | None = None
    number: str = ""
    date: str = ""
    package: int = 0
    version: str = ""
    existing: bool = False


@dataclass(slots=True)
class _Ready:
    """A written bill that waits for its transaction and its name."""

    bill: Bill
    pending: atomicfile.Pending
    count: int = 0
    total: int = 0
    persons: int = 0
    package: int = 0


@dataclass(slots=True)
class _Lacks:
    missing: Counter[str] = field(default_factory=Counter)
    dropped: Counter[str] = field(default_factory=Counter)


def run(ctx: Context, params: Params) -> Result:
    row = registries_b.resolve(params.period, params.registry, params.registry_id)
    registries_b.require(row, "bills-export")
    folder = Path(params.out).expanduser()
    choice = Choice(params.number, params.date, params.package, params.version)
    settings = config.load_settings()
    try:
        with ExitStack() as stack:
            stack.enter_context(db.snapshot())
            plan = make_plan(settings, row, folder, choice, today=ctx.now(), existing=params.existing)
            ctx.confirm(plan.questions[0], details=plan.questions[1:])
            for note in plan.notes:
                ctx.warn(note)
            if plan.existing:
                return _existing(ctx, plan, folder)
            _refuse_changed()
            forecast.refuse_errors(settings, [row.id])
            forecast.say(ctx, settings, [row.id])
            for warning in validity_warnings():
                ctx.warn(warning)
            made: list[Path] = []
            lacks = _Lacks()
            ready = _write_all(ctx, plan, lacks, made)
        try:
            _settle(ctx, settings, plan, ready)
        except BaseException:  # whatever it was, no file may stay without its row
            _discard(ready, made)
            raise
    finally:
        bills.forget()
    for line in missing_lines(lacks.missing, lacks.dropped):
        ctx.warn(line)
    return _placed(ctx, plan, ready)


def _refuse_changed() -> None:
    """Refuse cases that went away or whose services were replaced since forming."""
    for found, what in (
        (exporting.gone_cases(), "В реестре есть случаи, удалённые после формирования."),
        (exporting.lost_services(), "Услуги некоторых случаев изменились после формирования реестра."),
    ):
        if found:
            raise OmsError(what, hint="Переформируйте реестр и повторите выгрузку.", details=found)


# --- writing ---------------------------------------------------------------------------------


def _write_all(ctx: Context, plan: Plan, lacks: _Lacks, made: list[Path]) -> list[_Ready]:
    ready: list[_Ready] = []
    try:
        for bill in plan.bills:
            ctx.check()
            made += _new_folders(bill.target.parent)
            ready.append(_write_one(ctx, bill, lacks))
    except BaseException:  # an abort too: nothing half-written stays
        _discard(ready, made)
        raise
    return ready


def _new_folders(folder: Path) -> list[Path]:
    """Folders the export is about to make, the outermost first."""
    found: list[Path] = []
    while not folder.exists() and folder != folder.parent:
        found.append(folder)
        folder = folder.parent
    return found[::-1]


def _discard(ready: list[_Ready], made: list[Path]) -> None:
    for item in ready:
        item.pending.discard()
    for folder in reversed(made):
        with suppress(OSError):
            folder.rmdir()


def _write_one(ctx: Context, bill: Bill, lacks: _Lacks) -> _Ready:
    places: list[tuple[int, int]] = []

    def note(placed: Placed) -> None:
        places.append((placed.account, placed.n_zap))
        if len(places) >= _BATCH:
            bills.keep_places(places)
            places.clear()

    figures: dict[str, int] = {}

    def fill(part: Path) -> None:
        records: Iterator[exporting.Record] = ctx.track(
            bills.records(bill.group.number, bill.spec.mo),
            f"Запись счёта {bill.spec.name}",
            bill.group.accounts,
        )
        written = write_bill(part, bill.spec, records, note)
        lacks.missing.update(written.missing)
        lacks.dropped.update(written.dropped)
        bills.keep_places(places)
        figures.update(count=written.count, total=written.total, persons=written.persons)

    pending = atomicfile.prepare(bill.target, fill, overwrite=True)
    return _Ready(bill, pending, **figures)


def _settle(ctx: Context, settings: Settings, plan: Plan, ready: list[_Ready]) -> None:
    """Store the files, their rows and the places of the accounts."""
    row = plan.registry
    ctx.check()
    with atomicfile.plain_errors(ready[0].pending.target), db.write():
        if planning.fingerprint(row) != plan.fingerprint or bills.moved(row.id):
            raise changed_meanwhile(row)
        bills.replace_bills(row.id)
        for item in ready:
            ctx.check()
            item.package = _add(ctx, row, item)
            bills.settle(item.bill.group.number, item.package)
            forecast.freeze_bill(settings, item.package)
        bills.take_codes(max(item.bill.spec.code for item in ready))
        bills.mark_billed(row.id, ready[0].package, RegistryStatus.BILLED)
        ctx.check()


def _add(ctx: Context, row: RegistryRow, item: _Ready) -> int:
    spec, target = item.bill.spec, item.pending.target
    new = bills.NewBill(
        row.id,
        row.period,
        item.bill.payer.id,
        spec.letters,
        spec.nschet,
        spec.dschet,
        str(spec.number),
        target.name,
        item.count,
        item.total,
    )
    return bills.add_bill(new, item.pending.part, who=ctx.who, at=ctx.now(), run=ctx.run_id, place=target)


# --- what came of it ---------------------------------------------------------------------------


def _placed(ctx: Context, plan: Plan, ready: list[_Ready]) -> Result:
    """Give the files their names. The database is already right; a failure here is told, not hidden."""
    failed: list[str] = []
    for item in ready:
        try:
            item.pending.place()
        except OmsError as error:
            ctx.log(str(error), level="error")
            failed.append(str(error))
            continue
        ctx.artifact(item.pending.target)
        spec = item.bill.spec
        ctx.log(
            f"Счёт № {spec.nschet} от {spec.dschet[8:]}.{spec.dschet[5:7]}.{spec.dschet[:4]},"
            f" {item.bill.payer.name or item.bill.payer.code}: случаев {item.count}"
            f" на сумму {roubles(item.total)}, файл {item.pending.target}",
            link={"list": "accounts", "package": item.package},
        )
    left = [r for r in bills.pay_registries(plan.registry.id) if r.section == bills.NONE]
    count, total = sum(r.accounts for r in left), sum(r.total for r in left)
    if count:
        ctx.warn(
            f"По неидентифицированным файла нет: случаев {count} на сумму {roubles(total)}",
            link={"list": "accounts", "registry": plan.registry.id, "no_payer": True},
        )
    data = _data(plan, ready)
    data |= {"without_payer": count, "without_payer_sum": roubles(total)}
    if failed:
        return Result(
            f"Выгрузка записана в базу, но файлов не на месте: {len(failed)}. {failed[0]}", data, partial=True
        )
    return Result(
        f"Выгружено файлов {len(ready)}, случаев {data['accounts']} на сумму {data['sum']}: {_folder(ready)}",
        data,
    )


def _folder(ready: list[_Ready]) -> Path:
    return ready[0].pending.target.parent.parent


def _data(plan: Plan, ready: list[_Ready]) -> dict[str, Any]:
    return {
        "registry": plan.registry.id,
        "files": [
            {
                "package": item.package,
                "file": str(item.pending.target),
                "smo": item.bill.payer.code,
                "letters": item.bill.spec.letters,
                "number": item.bill.spec.nschet,
                "date": item.bill.spec.dschet,
                "accounts": item.count,
                "persons": item.persons,
                "sum": roubles(item.total),
            }
            for item in ready
        ],
        "accounts": sum(item.count for item in ready),
        "sum": roubles(sum(item.total for item in ready)),
    }


def _existing(ctx: Context, plan: Plan, folder: Path) -> Result:
    """Put the stored files into the folder once more; the database stays as it is."""
    payers = {p.id: p for p in config.payers()}
    found: list[dict[str, Any]] = []
    for bill in plan.old:
        ctx.check()
        payer = payers[bill.payer]
        target = folder / payer.code / bill.name
        atomicfile.write_file(target, partial(files.write_out, bill.file), overwrite=True)
        ctx.artifact(target)
        ctx.log(
            f"Взят имеющийся файл {bill.name} от {bill.created_at}: случаев {bill.accounts}"
            f" на сумму {roubles(bill.total)}, файл {target}",
            link={"list": "accounts", "package": bill.id},
        )
        found.append(
            {
                "package": bill.id,
                "file": str(target),
                "smo": payer.code,
                "letters": bill.letter,
                "number": bill.number,
                "date": bill.date,
                "accounts": bill.accounts,
                "sum": roubles(bill.total),
            }
        )
    data = {
        "registry": plan.registry.id,
        "files": found,
        "accounts": sum(b.accounts for b in plan.old),
        "sum": roubles(sum(b.total for b in plan.old)),
    }
    return Result(f"Имеющиеся файлы записаны ещё раз: {len(found)}.", data)
