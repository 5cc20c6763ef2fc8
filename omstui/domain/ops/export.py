"""F2 (выгрузка …13X): the formed registries of a period into one file of the fund.

The file is written beside its place first, then one short transaction stores its bytes, numbers and places
of the accounts, and only then the file takes its name: what the database says was sent is what is on the
disk, or nothing was done. What may be exported, and what must be asked, is in ``domain.exporting``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from omstui.domain import atomicfile, forecast, over_plan
from omstui.domain.errors import OmsError
from omstui.domain.exporting import (
    Plan,
    changed_meanwhile,
    make_plan,
    target_questions,
    validity_warnings,
)
from omstui.domain.model import KINDS, Period
from omstui.domain.money import roubles
from omstui.domain.operation import Context, Result
from omstui.domain.reports.words import accounts
from omstui.domain.store import config, db, exporting, files, packages
from omstui.formats.bill import BillWriter, account_sum
from omstui.formats.billmap import Env, flat_defaults, to_bill
from omstui.formats.containers import write_bill
from omstui.settings import Settings

_BATCH = 1000
#: bytes of bill.xml an account may take at most on average; only decides about the 64-bit form of ZIP
_ACCOUNT_BYTES = 6000


@dataclass
class Params:
    """Which registries: by number, by kind, or every formed one of the period.

    ``existing`` takes the stored file of an exported package again instead of writing it anew.
    """

    period: str
    out: str
    kinds: list[str] = field(default_factory=list)
    registry_ids: list[int] = field(default_factory=list)
    test: bool = False
    existing: bool = False


def run(ctx: Context, params: Params) -> Result:
    period = Period.parse(params.period)
    settings = config.load_settings()
    folder = Path(params.out).expanduser()
    plan = make_plan(
        settings,
        period,
        kinds=params.kinds,
        registry_ids=params.registry_ids,
        test=params.test,
        existing=params.existing,
    )
    target = folder / plan.name
    for note in plan.notes:
        ctx.warn(note)
    if params.existing:
        return _existing(ctx, plan, target)
    questions = [*plan.questions, *target_questions(target)]
    if questions:
        ctx.confirm(questions[0], details=questions[1:])
    return _export(ctx, settings, plan, target)


def _existing(ctx: Context, plan: Plan, target: Path) -> Result:
    """Put the stored file of the package into the folder once more."""
    package = plan.package
    if package is None:
        raise OmsError(
            f"За {plan.period.title} имеющегося файла нет: эти реестры ещё не выгружались.",
            hint="Выгрузите их (F2).",
        )
    questions = target_questions(target)
    if questions:
        ctx.confirm(questions[0])
    atomicfile.write_file(target, lambda s: files.write_out(package.file, s), overwrite=True)
    ctx.artifact(target)
    ctx.log(f"Взят имеющийся файл {package.name} от {package.created_at}: {target}.")
    return Result(f"Файл {target.name} записан ещё раз.", _data(package.id, target, package))


def _data(package: int, target: Path, figures: Any) -> dict[str, Any]:
    return {
        "package": package,
        "file": str(target),
        "accounts": figures.accounts,
        "sum": roubles(figures.total),
    }


def _export(ctx: Context, settings: Settings, plan: Plan, target: Path) -> Result:
    try:
        with db.snapshot():
            composition = _composition(ctx, plan, settings)
            missing: Counter[str] = Counter()
            env = _env(settings, missing)

            def produce(stream: IO[bytes]) -> None:
                _write(ctx, settings, plan, composition, env, stream)

            pending = atomicfile.prepare(
                target,
                lambda part: _fill(part, produce, settings, plan, composition),
                overwrite=True,
            )
        try:
            package_id = _settle(ctx, settings, plan, composition, pending)
        except BaseException:  # whatever it was, the file must not stay without its row
            pending.discard()
            raise
    finally:
        exporting.forget()
    _report(ctx, composition, missing)
    return _placed(ctx, pending, package_id, composition)


def _composition(ctx: Context, plan: Plan, settings: Settings) -> exporting.Composition:
    """Fix what goes into the file; refuse an empty one and one whose cases changed under it."""
    if packages.fingerprint(str(plan.period)) != plan.fingerprint:
        raise changed_meanwhile(plan.period)
    ctx.log(
        f"Выгрузка за {plan.period.title}"
        f" ({'тестовая' if plan.test else 'основная'}), реестров: {len(plan.registries)}"
    )
    for registry in plan.registries:
        title = KINDS[registry.kind].title if registry.kind in KINDS else registry.kind
        ctx.log(
            f"{title}: счетов {registry.accounts} на сумму {roubles(registry.total)}",
            link={"list": "accounts", "registry": registry.id},
        )
    ids = [r.id for r in plan.registries]
    composition = exporting.collect(ids, plan.package.id if plan.package else None)
    ctx.check()
    if not composition.accounts:
        why = (
            f"у всех счетов нет плательщика: {composition.without_payer}"
            if composition.without_payer
            else "реестры пусты"
        )
        raise OmsError(
            f"Выгружать за {plan.period.title} нечего: нет случаев для экспорта ({why}).",
            hint="Сформируйте реестры заново или укажите плательщиков в случаях.",
        )
    _refuse_changed(plan)
    if not plan.test:
        forecast.refuse_errors(settings, ids)
        forecast.say(ctx, settings, ids)
    for warning in validity_warnings():
        ctx.warn(warning)
    if not plan.test:
        _warn_left_out(ctx, plan.period)
        for text in over_plan.unsolved(str(plan.period), settings, [r.id for r in plan.registries]):
            ctx.warn(text)
    return composition


def _warn_left_out(ctx: Context, period: Period) -> None:
    """Say what of the month stays unbilled only because nobody formed it: unpaid care."""
    for kind, count, total in exporting.not_formed(
        str(period), period.begin.isoformat(), period.end.isoformat()
    ):
        title = KINDS[kind].title if kind in KINDS else kind
        ctx.warn(
            f"Вид «{title}» за {period.title} не сформирован: случаев {count} на сумму {roubles(total)} в"
            " файл не войдут.",
            link={"list": "cases", "period": str(period), "kind": kind},
        )
    count, total = exporting.waiting_returns(str(period))
    if count:
        ctx.warn(
            f"Возвращённые по F8 счета, которых нет ни в одном реестре: {count} на сумму {roubles(total)}."
            " Переформируйте реестры их видов, иначе они подождут следующего месяца."
        )


def _refuse_changed(plan: Plan) -> None:
    """Refuse a composition whose cases went away or whose services were replaced since forming."""
    gone = exporting.gone_cases()
    if gone:
        raise OmsError(
            "В реестрах есть случаи, удалённые после формирования.",
            hint="Переформируйте реестры (F5) и повторите выгрузку.",
            details=gone,
        )
    lost = exporting.lost_services()
    if lost:
        raise OmsError(
            "Услуги некоторых случаев изменились после формирования: счета по ним не записать.",
            hint="Возьмите имеющийся файл." if plan.package else "Переформируйте реестры (F5).",
            details=lost,
        )


def _env(settings: Settings, missing: Counter[str]) -> Env:
    """What the mapping of cases to bill.xml needs to know of the organisation."""
    mo = settings.mo
    return Env(
        mo={
            "ogrn": mo.ogrn.zfill(13),
            "kpp": mo.kpp.zfill(9),
            "code": mo.code,
            "code_local": mo.code_local,
        },
        defaults=flat_defaults(settings.defaults),
        insurers={p.code: p.ogrn for p in config.payers()},
        primary_type=settings.rules.primary_type_r,
        repeat_type=settings.rules.repeat_type_r,
        missing=missing,
    )


def _fill(
    part: Path,
    produce: Any,
    settings: Settings,
    plan: Plan,
    composition: exporting.Composition,
) -> None:
    write_bill(
        part,
        produce,
        plan.period.end,
        settings.files.container,
        expected=composition.accounts * _ACCOUNT_BYTES,
    )


def _write(
    ctx: Context,
    settings: Settings,
    plan: Plan,
    composition: exporting.Composition,
    env: Env,
    stream: IO[bytes],
) -> None:
    """Write bill.xml and remember where each account stands."""
    writer = BillWriter(
        stream,
        _body(settings, plan.period),
        {"t_opl": "1", "ogrn_smo": settings.fund.ogrn},
        account_sum(roubles(composition.total)),
    )
    places: list[tuple[int, int, int, int]] = []
    records: Iterable[exporting.Record] = ctx.track(
        exporting.records(), "Запись счетов", composition.accounts
    )
    for record in records:
        account = record["account"]
        offset, length = writer.patient(to_bill(record, env))
        places.append((account["id"], account["number"], offset, length))
        if len(places) >= _BATCH:
            exporting.keep_places(places)
            places.clear()
    exporting.keep_places(places)
    writer.close()


def _body(settings: Settings, period: Period) -> dict[str, str]:
    return {
        "version": settings.files.format_version,
        "protocol": settings.files.protocol,
        "creator": settings.files.creator,
        "telcreator": settings.mo.phone,
        "ogrn_mo": settings.mo.ogrn.zfill(13),
        "kpp_mo": settings.mo.kpp.zfill(9),
        "year": f"{period.year:04d}",
        "month": f"{period.month:02d}",
        "date_1": period.end.isoformat(),
    }


def _settle(
    ctx: Context,
    settings: Settings,
    plan: Plan,
    composition: exporting.Composition,
    pending: atomicfile.Pending,
) -> int:
    """Store the file and what went into it; the same bytes again change nothing. Returns the package."""
    ctx.check()
    old = plan.package
    with atomicfile.plain_errors(pending.target), db.write():
        if packages.fingerprint(str(plan.period)) != plan.fingerprint:
            raise changed_meanwhile(plan.period)
        if old and files.sha256_of(pending.part) == files.file_row(old.file).sha256:
            ctx.log("Файл тот же, что и прежде: в базе ничего не изменилось.")
            return old.id
        package_id = packages.add_package(
            packages.NewPackage(
                "3",
                str(plan.period),
                plan.test,
                plan.digit,
                plan.name,
                composition.accounts,
                composition.total,
            ),
            pending.part,
            who=ctx.who,
            at=ctx.now(),
            run=ctx.run_id,
            place=pending.target,
        )
        ctx.check()
        exporting.settle(package_id)
        ctx.check()
        if old:
            packages.replace_package(old.id)
        packages.mark_exported([r.id for r in plan.registries], package_id)
        if not plan.test:
            forecast.freeze_package(settings, package_id)
        ctx.check()
    return package_id


def _report(ctx: Context, composition: exporting.Composition, missing: Counter[str]) -> None:
    """Counts and sums per insurer, what is missing, who stays out."""
    payers = {p.id: p for p in config.payers()}
    for item in composition.by_payer:
        payer = payers[item.payer]
        ctx.log(
            f"{payer.name or payer.code} ({payer.letter}): счетов {item.accounts}"
            f" на сумму {roubles(item.total)}"
        )
    ctx.log(f"Всего счетов {composition.accounts} на сумму {roubles(composition.total)}")
    for title, count in sorted(missing.items()):
        ctx.warn(f"{title}: {accounts(count)}")
    if composition.without_payer:
        ctx.warn(
            f"Нет плательщика, в файл не вошли: {composition.without_payer} на сумму"
            f" {roubles(composition.without_payer_sum)} (свободны для следующего реестра)"
        )


def _placed(
    ctx: Context, pending: atomicfile.Pending, package_id: int, composition: exporting.Composition
) -> Result:
    """Give the file its name. The database is already right; a failure here is told, not hidden."""
    data = _data(package_id, pending.target, composition)
    data["without_payer"] = composition.without_payer
    try:
        pending.place()
    except OmsError as error:
        ctx.log(str(error), level="error")
        return Result(f"Выгрузка записана в базу, но файл не на месте. {error}", data, partial=True)
    ctx.artifact(pending.target)
    ctx.log(f"Файл {pending.target.name} записан в папку {pending.target.parent}")
    return Result(
        f"Выгружено счетов {composition.accounts} на сумму {roubles(composition.total)}: {pending.target}",
        data,
    )
