"""Invoices and «Суммы для счетов» (R28, R31–R36): issues what is not issued yet, prints what is.

An invoice is frozen when it is issued: the same command later prints the same paper again. «Суммы для счетов»
belongs to manual A and is written as text beside the invoices.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from omstui.domain import atomicfile, invoice_sums, invoicing
from omstui.domain.errors import OmsError, UsageError
from omstui.domain.invoicing import Claim
from omstui.domain.model import Period
from omstui.domain.money import roubles
from omstui.domain.operation import Context, Result
from omstui.domain.ops.typed import iso_day, line, shown_day
from omstui.domain.profile import Profile, profile
from omstui.domain.reports import invoice as paper
from omstui.domain.store import closing, config, db, invoices, packages, registries_b
from omstui.settings import Settings

FORMATS = ("pdf", "xlsx", "txt")


@dataclass(slots=True)
class Params:
    """``what``: «all» = invoices and «Суммы для счетов», «sums» = only these, «invoices» = only invoices.

    ``date`` and ``number`` are those of new invoices; without them today and the next of the pattern.
    """

    period: str
    smo: list[str] = field(default_factory=list)
    out: str = "."
    format: str = "pdf"
    date: str = ""
    number: str = ""
    registry: str = ""
    what: str = "all"


@dataclass(slots=True)
class _Paper:
    """An invoice to be written: a new one has no row yet."""

    claim: Claim
    data: dict[str, Any]
    new: bool
    target: Path = Path()
    content: bytes = b""


@dataclass(slots=True)
class _Plan:
    period: Period
    settings: Settings
    sums: invoice_sums.InvoiceSums | None
    papers: list[_Paper]
    skipped: list[Claim]
    state: tuple[Any, ...]


def run(ctx: Context, params: Params) -> Result:
    """Invoices of the month by payer and «Суммы для счетов»."""
    period = Period.parse(params.period)
    if params.format not in FORMATS:
        raise UsageError(f"Формата «{params.format}» для счёта нет.", hint=f"Есть: {', '.join(FORMATS)}.")
    plan = _plan(ctx, period, params)
    if questions := [*_questions(plan, params), *_occupied(plan, params)]:
        what = "Составить «Суммы для счетов»" if params.what == "sums" else "Выставить и напечатать счета"
        ctx.confirm(f"{what} всё равно?", details=questions)
        for question in questions:
            ctx.warn(question)
    for claim in plan.skipped:
        ctx.warn(f"{claim.title}: счёт не выставлен — {claim.problem}")
    if lacking := _lacking(plan):
        ctx.warn(f"В настройках не заполнено, в счёте пусто: {', '.join(lacking)}")
    files = _pending(ctx, plan, params)
    try:
        made = _settle(ctx, plan)
    except BaseException:  # an abort too: no file may stay without its row
        for pending in files:
            pending.discard()
        raise
    for pending in files:
        pending.place()
        ctx.artifact(pending.target)
        ctx.log(f"Файл: {pending.target}")
    return _result(ctx, plan, made, files)


# --- what is to be done --------------------------------------------------------------------------


def _plan(ctx: Context, period: Period, params: Params) -> _Plan:
    # before anything is read: what another operator commits meanwhile must differ from it
    state = _state(period)
    settings = config.load_settings()
    region = profile(settings.profile)
    sums = _sums(period, params) if region.can("reform") and params.what != "invoices" else None
    papers: list[_Paper] = []
    skipped: list[Claim] = []
    if params.what != "sums":
        papers, skipped = _papers(ctx, period, params, settings, region)
        for item in papers:
            ctx.check()
            document = paper.document(item.data)
            item.target = Path(params.out).expanduser() / f"{document.name}.{params.format}"
            item.content = _drawn(document, params.format)
        _name_invoices(sums, papers)
    if not papers and sums is None:
        reasons = [f"{claim.title}: {claim.problem}" for claim in skipped]
        raise OmsError(
            f"За {period.title} счетов на оплату выставить нельзя.",
            hint="Выгрузите реестры на оплату." if not reasons else "",
            details=reasons,
        )
    return _Plan(period, settings, sums, papers, skipped, state)


def _name_invoices(sums: invoice_sums.InvoiceSums | None, papers: list[_Paper]) -> None:
    """«Суммы для счетов» written with new invoices has their numbers too."""
    given = {item.claim.payer.id: item.data for item in papers}
    for smo in sums.insurers if sums else ():
        if (data := given.get(smo.payer.id)) is not None:
            smo.invoice_number, smo.invoice_date = data["number"], data["date"]


def _sums(period: Period, params: Params) -> invoice_sums.InvoiceSums:
    sums = invoice_sums.read(str(period), params.smo)
    if not sums.insurers:
        raise _nothing_sent(period)
    _refuse_negative(sums)
    return sums


def _papers(
    ctx: Context, period: Period, params: Params, settings: Settings, region: Profile
) -> tuple[list[_Paper], list[Claim]]:
    date, number = iso_day(params.date, "Дата счёта") or ctx.now()[:10], line(params.number, "Номер счёта")
    if params.date.strip() and not str(period.begin) <= date <= f"{int(ctx.now()[:4]) + 1}-12-31":
        raise OmsError(
            f"Дата счёта {shown_day(date)} раньше {period.title} или слишком далеко впереди.",
            hint="Проверьте дату.",
        )
    registry = registries_b.resolve(str(period), params.registry).id if params.registry else None
    found = invoicing.claims(str(period), region, params.smo, registry)
    if region.can("reform") and not found:
        raise _nothing_sent(period)
    due = [c for c in found if c.invoice is None and not c.problem]
    if number and len(due) != 1:
        raise OmsError(
            f"Номер «{params.number}» указан для одного счёта, а выставляется счетов: {len(due)}.",
            hint="Укажите одну СМО (--smo).",
        )
    if due:
        closing.refuse(str(period))
    numbers = invoicing.Numbers(settings, date)
    papers: list[_Paper] = []
    for claim in found:
        if claim.invoice is not None:
            papers.append(_Paper(claim, dict(claim.invoice.data), new=False))
        elif not claim.problem:
            given, n = numbers.give(period, claim, number)
            data = invoicing.paper(settings, period, claim, given, n, date)
            papers.append(_Paper(claim, data, new=True))
    return papers, [c for c in found if c.invoice is None and c.problem]


def _drawn(document: Any, name: str) -> bytes:
    """The paper as bytes: a page or two."""
    from omstui.formats.reports.writing import write

    stream = io.BytesIO()
    write(document, stream, name)
    return stream.getvalue()


def _state(period: Period) -> tuple[Any, ...]:
    """All the plan relies on: equal before and inside the write transaction."""
    # invoices of every month: their numbers are unique in a year
    return (packages.fingerprint(str(period)), invoices.fingerprint())


def _nothing_sent(period: Period) -> OmsError:
    if packages.packages(str(period), test=True) and not packages.packages(str(period), test=False):
        return OmsError(
            f"За {period.title} выгружены только тестовые реестры: счетов по ним не бывает.",
            hint="Восстановите тестовые реестры, сформируйте и выгрузите основные.",
        )
    return OmsError(f"За {period.title} нет выгруженных счетов этих СМО.", hint="Выгрузите реестры (F2).")


def _refuse_negative(sums: invoice_sums.InvoiceSums) -> None:
    for smo in sums.insurers:
        if smo.seven and smo.total.payable < 0:
            raise OmsError(
                f"СМО {smo.payer.code}: удержание {roubles(smo.total.withheld or 0)} больше суммы"
                f" файла 7 {roubles(smo.total['reformed'].total)}, счёт стал бы отрицательным.",
                hint="Исправьте удержание.",
            )


# --- questions -----------------------------------------------------------------------------------


def _questions(plan: _Plan, params: Params) -> list[str]:
    found = []
    sums, new = plan.sums, any(item.new for item in plan.papers)
    if sums is None and new and profile(plan.settings.profile).can("reform"):
        sums = _sums(plan.period, params)  # not asked for, but the steps before an invoice are the same
    if sums is not None:
        found += _steps_left(sums, plan.settings)
    for item in plan.papers:
        claim = item.claim
        if claim.stale and claim.invoice is not None:
            found.append(
                f"{claim.title}: счёт № {claim.invoice.number} выставлен на"
                f" {roubles(claim.invoice.payable)}, а теперь к оплате {roubles(claim.payable)}."
                " Напечатается прежний; чтобы выставить новый, отмените его"
            )
        if not item.new and (params.number.strip() or params.date.strip()):
            found.append(f"{claim.title}: счёт № {item.data['number']} уже выставлен, номер и дата останутся")
    return found


def _steps_left(sums: invoice_sums.InvoiceSums, settings: Settings) -> list[str]:
    found = []
    missing = invoice_sums.not_reformed(str(sums.period))
    if missing:
        found.append(f"Файл «7» ещё не сделан по СМО: {', '.join(missing)} (F6 обязательна для всех)")
    waiting = [s.payer.code for s in sums.insurers if not s.answer1]
    if waiting:
        found.append(f"Ответ «1» ещё не принят по СМО: {', '.join(waiting)}")
    if settings.mo.interorg_settlements:
        empty = [s.payer.code for s in sums.insurers if s.total.withheld is None]
        if empty:
            found.append(
                f"Удержания не внесены по СМО: {', '.join(empty)} (МО участвует в межучрежденческих"
                " расчётах, дождитесь уведомления ТФОМС)"
            )
    return found


def _lacking(plan: _Plan) -> list[str]:
    """Requisites an invoice cannot be paid without, of new invoices only."""
    new = [item for item in plan.papers if item.new]
    own = {"inn": "ИНН", "bank": "банк", "bik": "БИК", "account": "счёт", "director": "руководитель"}
    mo = plan.settings.mo
    found = [f"МО: {title}" for key, title in own.items() if new and not getattr(mo, key)]
    return found + [f"СМО {item.claim.payer.code}: ИНН" for item in new if not item.data["payer"].get("inn")]


def _occupied(plan: _Plan, params: Params) -> list[str]:
    """Files of the same names and other content that would be replaced."""
    found = []
    for target, content in _contents(plan, params):
        try:
            same = not target.is_file() or target.read_bytes() == content
        except OSError:
            continue  # the write itself will say what is wrong
        if not same:
            found.append(f"Файл {target.name} в папке уже есть и отличается: он будет заменён")
    return found


# --- doing it ------------------------------------------------------------------------------------


def _pending(ctx: Context, plan: _Plan, params: Params) -> list[atomicfile.Pending]:
    """All files written beside their places; if one cannot be, none stays."""
    files: list[atomicfile.Pending] = []
    try:
        for target, content in _contents(plan, params):
            ctx.check()
            files.append(atomicfile.prepare(target, _filler(content), overwrite=True))
    except BaseException:
        for pending in files:
            pending.discard()
        raise
    return files


def _contents(plan: _Plan, params: Params) -> list[tuple[Path, bytes]]:
    """The files to be: «Суммы для счетов» first, then the papers."""
    found = [(item.target, item.content) for item in plan.papers]
    if plan.sums is not None:
        text = invoice_sums.as_text(plan.sums, plan.settings.mo.name)
        name = f"Суммы для счетов {plan.period}.txt"
        found.insert(0, (Path(params.out).expanduser() / name, text.encode("utf-8")))
    return found


def _filler(content: bytes) -> Callable[[Path], None]:
    def fill(part: Path) -> None:
        part.write_bytes(content)

    return fill


def _settle(ctx: Context, plan: _Plan) -> int:
    """Store the new invoices; how many there are."""
    new = [item for item in plan.papers if item.new]
    ctx.check()
    if new:
        with db.write():
            if _state(plan.period) != plan.state:
                raise OmsError(
                    f"{plan.period.title}: пока составлялись счета, данные изменил другой оператор.",
                    hint="Повторите: ничего не записано.",
                )
            for item in new:
                row = invoicing.new_row(plan.period, item.claim, item.data)
                invoices.add(row, who=ctx.who, at=ctx.now())
                ctx.check()
    return len(new)


def _result(ctx: Context, plan: _Plan, made: int, files: list[atomicfile.Pending]) -> Result:
    papers, sums = plan.papers, plan.sums
    for smo in sums.insurers if sums else ():
        mark = "" if smo.controlled or not smo.seven else " — контроль не сходится"
        ctx.log(
            f"СМО {smo.payer.code} ({smo.payer.letter}): в файле 7 {smo.total['reformed'].count} на"
            f" {roubles(smo.total['reformed'].total)}, удержано {roubles(smo.total.withheld or 0)},"
            f" к оплате {roubles(smo.payable)}{mark}"
        )
    for problem in sums.problems if sums else ():
        ctx.warn(f"Не сходится: {problem}")
    for item in papers:
        state = "выставлен" if item.new else "напечатан повторно"
        ctx.log(
            f"{item.claim.title}: счёт № {item.data['number']} от {shown_day(item.data['date'])} {state},"
            f" к оплате {roubles(item.data['payable'])}"
        )
    payable = sums.payable if sums else sum(item.data["payable"] for item in papers)
    data = {
        "file": str(files[0].target) if files else "",
        "payable": roubles(payable),
        "insurers": [s.total.as_json() for s in sums.insurers] if sums else [],
        "invoices": [
            {
                "smo": item.claim.payer.code,
                "number": item.data["number"],
                "date": item.data["date"],
                "new": item.new,
                "billed": roubles(item.data["billed"]),
                "withheld": roubles(item.data["withheld"]),
                "payable": roubles(item.data["payable"]),
                "file": str(item.target),
            }
            for item in papers
        ],
        "skipped": [{"smo": c.payer.code, "reason": c.problem} for c in plan.skipped],
    }
    if papers:
        head = f"Счета за {plan.period.title}: выставлено {made}, напечатано {len(papers)}"
    else:
        head = f"«Суммы для счетов» за {plan.period.title}"
    return Result(f"{head}, к оплате {roubles(payable)}, папка {files[0].target.parent}.", data)
