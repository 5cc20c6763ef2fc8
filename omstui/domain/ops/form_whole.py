"""Forming of manual B (все виды деятельности в одном реестре): which registry, what re-forming loses."""

from __future__ import annotations

from collections.abc import Sequence

from omstui.domain.errors import OmsError
from omstui.domain.model import KINDS, Period
from omstui.domain.money import roubles
from omstui.domain.operation import Context
from omstui.domain.profile import Profile
from omstui.domain.store import registries_b
from omstui.domain.store.forming_select import Target
from omstui.domain.store.registries_b import RegistryRow


def target(
    ctx: Context,
    profile: Profile,
    period: Period,
    *,
    registry: str,
    registry_id: int | None,
    name: str,
    late: bool | None,
    late_default: bool,
) -> tuple[Target, str]:
    """The registry to form: the one of the month, the one named, or a new one for the whole month.

    The second is what the log says of the payment registries that go.
    """
    kinds = tuple(code for code in KINDS if code in profile.kinds)
    rows = registries_b.registries(str(period))
    if not rows and not registry and registry_id is None:
        begin, end = period.begin.isoformat(), period.end.isoformat()
        use_late = late_default if late is None else late
        return Target("", str(period), begin, end, name=name, late=use_late, kinds=kinds), ""
    row = registries_b.resolve(str(period), registry, registry_id)
    registries_b.require(row, "form")
    lost = ask_loss(ctx, row, "При переформировании", "Переформировать?")
    again = Target(
        row.kind,
        row.period,
        row.begin,
        row.end,
        row.id,
        row.name,
        row.pay_type,
        row.departments,
        row.with_late if late is None else late,
        kinds=kinds if not row.kind else (),
    )
    return again, lost


def refuse_kinds(profile: Profile, kinds: Sequence[str], test: bool) -> None:
    """One registry holds every kind and there are no test registries: say so."""
    if kinds:
        raise OmsError(
            f"Профиль «{profile.title}»: реестр включает все виды деятельности сразу.",
            hint="Не указывайте вид деятельности (--kind).",
        )
    if test:
        raise OmsError(f"Профиль «{profile.title}»: тестовых реестров нет.", hint="Не указывайте --test.")


def ask_loss(ctx: Context, row: RegistryRow, what: str, question: str) -> str:
    """Ask about exported bills, in words; return the line about payment registries («» = none)."""
    lost = registries_b.payment(row.id)
    if not lost.titles and not lost.bills:
        return ""
    if lost.bills:
        ctx.confirm(
            f"Реестр «{row.title}»: счета уже выгружены на оплату ({len(lost.bills)} шт. на сумму"
            f" {roubles(lost.total)}). {what} пропадут реестры на оплату и эти счета: ФЛК и МЭК по ним"
            f" загрузить будет нельзя. Если счета отправлены, известите фонд. {question}",
            details=lost.bills,
        )
    return f"{what} удалены реестры на оплату: {len(lost.titles)} шт."
