"""F6 «переформировать (7 файл)»: per insurer, the 3X as sent minus what stage 1 refused (R24–R30).

Composition comes from the accepted ``1``, bytes from the 3X as it was sent. All files of one F6 are written
beside their places first, stored in one transaction, and only then take their names.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from omstui.domain import atomicfile, package_bytes
from omstui.domain.errors import OmsError
from omstui.domain.exporting import changed_meanwhile, target_questions
from omstui.domain.model import Period
from omstui.domain.money import roubles
from omstui.domain.operation import Context, Result
from omstui.domain.reforming import ReformPreview, preview
from omstui.domain.seven import register_seven
from omstui.domain.store import config, db, files, packages, reforming
from omstui.formats.containers import write_bill
from omstui.formats.cut import Piece, cut, read_source

__all__ = ["Params", "ReformPreview", "preview", "register_seven", "run"]


@dataclass
class Params:
    """``smo``: codes or letters; ``all``: every insurer whose ``1`` is accepted and has no 7 yet."""

    period: str
    out: str
    smo: list[str] = field(default_factory=list)
    all: bool = False


@dataclass(slots=True)
class _Seven:
    """A 7 written beside its place."""

    plan: ReformPreview
    pending: atomicfile.Pending
    package: int = 0


def run(ctx: Context, params: Params) -> Result:
    period = Period.parse(params.period)
    if not params.smo and not params.all:
        raise OmsError("Не сказано, по каким СМО делать файл «7».", hint="Укажите --smo КОД или --all.")
    fingerprint = packages.fingerprint(str(period))
    plans = _chosen(ctx, period, params)
    folder = Path(params.out).expanduser()
    questions = [q for plan in plans for q in _questions(plan, folder)]
    if questions:
        ctx.confirm(questions[0], details=questions[1:])
    for plan in plans:
        new = sum(p.total for p in plans if p.payer == plan.payer and p is not plan and not p.existing)
        _tell(ctx, plan, plan.total + plan.other_sevens + new)
    made: list[_Seven] = []
    try:
        for plan in plans:
            made.append(_Seven(plan, _write(ctx, period, plan, folder)))
        _settle(ctx, period, made, fingerprint)
    except BaseException:  # abort included: no file may stay without its row
        for seven in made:
            seven.pending.discard()
        raise
    return _placed(ctx, period, made)


def _chosen(ctx: Context, period: Period, params: Params) -> list[ReformPreview]:
    """The files to make; named insurers must all be possible, --all takes those that are."""
    found = preview(str(period), params.smo)
    if params.smo:
        bad = [p for p in found if p.problem]
        good = [p for p in found if not p.problem]
        # with two packages in a month an insurer may be through with one of them already
        if bad and len({p.payer for p in good}) < len({p.payer for p in found}):
            raise OmsError(
                f"F6 нельзя: {bad[0].problem}.", hint=bad[0].hint, details=[p.problem for p in bad[1:]]
            )
        due = {p.payer for p in good if p.existing is None}
        return [p for p in good if p.existing is None or p.payer not in due]
    possible = [p for p in found if not p.problem]
    for plan in found:
        if plan.problem and not plan.existing:
            ctx.warn(f"Пропущено: {plan.problem}. {plan.hint}")
    if not possible:
        raise OmsError(
            f"За {period.title} файлы «7» делать не по кому.",
            hint=found[0].hint if found else "Примите ответы «1».",
            details=[p.problem for p in found],
        )
    fresh = [p for p in possible if p.existing is None]
    if fresh and len(fresh) < len(possible):
        done = ", ".join(p.letter for p in possible if p.existing)
        ctx.log(f"Файл «7» уже сделан по СМО: {done}")
    return fresh or possible


def _questions(plan: ReformPreview, folder: Path) -> list[str]:
    questions = []
    if plan.existing:
        sent = f", отмечен отправленным {plan.existing.sent_at}" if plan.existing.sent_at else ""
        questions.append(
            f"Файл {plan.existing.name} уже сделан {plan.existing.created_at}{sent}. Сделать его заново?"
        )
    return questions + target_questions(folder / plan.name)


def _tell(ctx: Context, plan: ReformPreview, whole: int) -> None:
    """Say what will be excluded and what an operator must know; ``whole`` = all its files 7 of the month."""
    ctx.log(
        plan.question,
        link={"list": "accounts", "package": plan.package, "payer": plan.payer, "stage1": 2},
    )
    if plan.moved_in or plan.moved_out:
        ctx.log(f"Сменился плательщик: пришло {plan.moved_in}, ушло {plan.moved_out}")
    if plan.undecided:
        ctx.warn(
            f"Нет решения ТФОМС, в файл не входят: {plan.undecided} на сумму {roubles(plan.undecided_sum)}",
            link={"list": "accounts", "package": plan.package, "payer": plan.payer, "stage1": 0},
        )
    if plan.flk:
        ctx.log(f"С замечаниями ФЛК (не исключаются): {plan.flk}")
    if not plan.accounts:
        ctx.warn(f"{plan.title}: принятых счетов нет, файл «7» будет пустым")
    if plan.withheld and plan.withheld > whole:
        ctx.warn(
            f"{plan.title}: удержание {roubles(plan.withheld)} больше суммы файла «7»"
            f" {roubles(whole)}. Исправьте удержание до печати счёта."
        )


def _write(ctx: Context, period: Period, plan: ReformPreview, folder: Path) -> atomicfile.Pending:
    """Cut the 7 out of the stored 3X into ``NAME.part``."""
    package = packages.package(plan.package)
    assert package is not None
    opener = package_bytes.opener(package.file)
    source = read_source(opener, package.name)
    ogrn = next(p.ogrn for p in config.payers() if p.id == plan.payer)
    keys = frozenset(reforming.accepted_keys(plan.package, plan.payer)) if source.mixed else None

    def pieces() -> Iterator[Piece]:
        for element in reforming.elements(plan.package, plan.payer):
            yield Piece(element.offset, element.length, element.keep, element.others > 0)

    def produce(stream: IO[bytes]) -> None:
        copied = cut(
            opener, package.name, pieces(), stream,
            source=source, ogrn_smo=ogrn, total=plan.total, keys=keys,
        )  # fmt: skip
        for _ in ctx.track(copied, f"Файл «7», СМО {plan.letter}", plan.accounts):
            pass

    container = config.load_settings().files.container

    def fill(part: Path) -> None:
        write_bill(part, produce, period.end, container, expected=plan.accounts * 6000)

    return atomicfile.prepare(folder / plan.name, fill, overwrite=True)


def _settle(
    ctx: Context, period: Period, made: list[_Seven], fingerprint: tuple[tuple[object, ...], ...]
) -> None:
    ctx.check()
    with db.write():
        if packages.fingerprint(str(period)) != fingerprint:
            raise changed_meanwhile(period)
        for seven in made:
            seven.package = _store(ctx, period, seven)
            ctx.check()


def _store(ctx: Context, period: Period, seven: _Seven) -> int:
    """Store one 7; the same bytes again change nothing. Returns the package."""
    plan, old = seven.plan, seven.plan.existing
    source = packages.package(plan.package)
    assert source is not None
    if old and files.sha256_of(seven.pending.part) == files.file_row(old.file).sha256:
        ctx.log(f"Файл {plan.name} тот же, что и прежде: в базе ничего не изменилось")
        return old.id
    if old:
        packages.replace_package(old.id)
    with atomicfile.plain_errors(seven.pending.target):
        package = packages.add_package(
            packages.NewPackage(
                "7",
                str(period),
                False,
                source.service_digit,
                plan.name,
                plan.accounts,
                plan.total,
                parent=plan.package,
                payer=plan.payer,
            ),
            seven.pending.part,
            who=ctx.who,
            at=ctx.now(),
            run=ctx.run_id,
            place=seven.pending.target,
        )
    reforming.settle(plan.package, plan.payer, package)
    return package


def _placed(ctx: Context, period: Period, made: list[_Seven]) -> Result:
    failed: list[str] = []
    rows: list[dict[str, Any]] = []
    for seven in made:
        plan, target = seven.plan, seven.pending.target
        rows.append(
            {
                "smo": plan.smo,
                "letter": plan.letter,
                "file": str(target),
                "package": seven.package,
                "accounts": plan.accounts,
                "sum": roubles(plan.total),
                "excluded": plan.excluded,
                "excluded_sum": roubles(plan.excluded_sum),
            }
        )
        try:
            seven.pending.place()
        except OmsError as error:
            failed.append(str(error))
            ctx.log(str(error), level="error")
            continue
        ctx.artifact(target)
        ctx.log(f"Файл {target.name} записан в папку {target.parent}")
    left = [p.letter for p in preview(str(period)) if p.existing is None and not p.problem]
    if left:
        ctx.warn(f"Файл «7» ещё не сделан по СМО: {', '.join(left)}")
    message = f"Сделано файлов «7»: {len(made) - len(failed)}."
    if failed:
        message = f"Файлы «7» записаны в базу, но не все на месте. {failed[0]}"
    return Result(message, {"files": rows, "left": left}, partial=bool(failed))
