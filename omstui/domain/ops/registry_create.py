"""Create a registry (создание реестра счетов) with its own dates, departments and type of payment."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from omstui.domain.errors import OmsError
from omstui.domain.model import KINDS, Period, RegistryStatus, folded, kind_of
from omstui.domain.operation import Context, Result
from omstui.domain.ops import form_whole
from omstui.domain.profile import profile
from omstui.domain.store import config, db, forming
from omstui.domain.store.forming_select import Target


@dataclass(frozen=True, slots=True)
class Params:
    """Dates «YYYY-MM-DD»; left out, the whole month. The report month is that of the end date (R12).

    ``kind`` is left out where one registry holds every kind of the region.
    """

    kind: str = ""
    period: str = ""
    name: str = ""
    begin_date: str = ""
    end_date: str = ""
    departments: list[str] = field(default_factory=list)
    pay_type: str = "ОМС"
    test: bool = False


def run(ctx: Context, params: Params) -> Result:
    """Check the dates (R14) and that the like of it does not wait already; write one row."""
    kind = _kind(params)
    period, begin, end = _dates(params)
    if kind and (begin.year, begin.month) != (end.year, end.month):
        ctx.confirm(
            f"Период {begin:%d.%m.%Y}-{end:%d.%m.%Y} захватывает несколько месяцев. Рекомендуется"
            " формировать реестры за один календарный месяц. Создать всё равно?"
        )
    target = Target(
        kind,
        str(period),
        begin.isoformat(),
        end.isoformat(),
        name=params.name.strip(),
        pay_type=params.pay_type.strip() or "ОМС",
        departments=tuple(d.strip() for d in params.departments if d.strip()),
        late=config.load_settings().rules.with_late,
    )
    _ask_unknown(ctx, target.departments)
    with db.write():
        _refuse_twin(target, params.test)
        number = forming.create_registry(target, test=params.test, who=ctx.who, at=ctx.now())
    ctx.log(
        f"Создан реестр «{_title(target)}» {begin:%d.%m.%Y}-{end:%d.%m.%Y}, {target.pay_type}",
        link={"list": "registries", "period": str(period)},
    )
    return Result(
        f"Создан реестр «{_title(target)}» за {period.title}.",
        {"registry": number, "period": str(period), "kind": kind},
    )


def _ask_unknown(ctx: Context, codes: tuple[str, ...]) -> None:
    """A code nobody has would leave the registry empty without a word."""
    if codes and (unknown := forming.unknown_departments(codes)):
        ctx.confirm(
            "Нет ни в справочнике «Отделения», ни в случаях: "
            + ", ".join(unknown)
            + ". По этим кодам в реестр ничего не попадёт. Создать всё равно?"
        )


def _kind(params: Params) -> str:
    """Code of the kind; «» where one registry holds them all."""
    region = profile(config.load_settings().profile)
    if region.one_registry:
        form_whole.refuse_kinds(region, [params.kind] if params.kind else [], params.test)
        return ""
    if not params.kind:
        raise OmsError("Не указан вид деятельности реестра.", hint="Выберите вид деятельности.")
    return kind_of(params.kind).code


def _title(target: Target) -> str:
    return KINDS[target.kind].title if target.kind else target.name or "все виды деятельности"


def _dates(params: Params) -> tuple[Period, date, date]:
    period = Period.parse(params.period) if params.period else None
    if period is None and not params.end_date:
        raise OmsError("Не указан период реестра.", hint="Укажите месяц или даты начала и окончания.")
    end = _day(params.end_date, "окончания") if params.end_date else None
    last = end or (period.end if period else date.max)
    own = Period.of(last)
    begin = _day(params.begin_date, "начала") if params.begin_date else own.begin
    if begin > last:
        raise OmsError(
            f"Дата окончания {last:%d.%m.%Y} раньше даты начала {begin:%d.%m.%Y}.",
            hint="Исправьте даты периода.",
        )
    if period is not None and own != period:
        raise OmsError(
            f"Реестр с окончанием {last:%d.%m.%Y} относится к периоду {own.title}, а указан {period.title}.",
            hint="Отчётный месяц определяется датой окончания.",
        )
    return own, begin, last


def _day(text: str, which: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise OmsError(
            f"Дата {which} «{text}» не понята.", hint="Нужен вид ГГГГ-ММ-ДД, например 2021-04-30."
        ) from None


def _refuse_twin(target: Target, test: bool) -> None:
    done = (RegistryStatus.EXPORTED, RegistryStatus.RESTORED, RegistryStatus.BILLED)
    for row in forming.registries(target.period):
        same = (row.kind, row.is_test, row.departments, row.pay_type, row.begin, row.end)
        wanted = (target.kind, test, target.departments, target.pay_type, target.begin, target.end)
        if not target.kind and folded(row.name) != folded(target.name):
            continue  # names tell the registries of a month apart
        if same == wanted and row.status not in done:
            raise OmsError(
                f"Такой реестр уже есть: «{row.title}», номер {row.id}, {row.status}.",
                hint="Откройте его и переформируйте.",
            )
