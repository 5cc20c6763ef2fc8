"""Forecast of refusals (прогноз МЭК) before export and after the answer, in words."""

from __future__ import annotations

from collections.abc import Sequence

from omstui.domain import expertise
from omstui.domain.errors import OmsError
from omstui.domain.mek import titles as mek_titles
from omstui.domain.money import roubles, spaced
from omstui.domain.operation import Context
from omstui.domain.refusals import earlier
from omstui.domain.reports.words import cases
from omstui.domain.store import config, findings, forecast
from omstui.settings import Settings

#: signs left for a name beside the figures
_ROOM = 39


def refuse_errors(settings: Settings, registries: Sequence[int]) -> None:
    """With the setting «Ошибки запрещают выгрузку» refuse registries that have errors or were not checked."""
    if not settings.rules.block_export_on_errors:
        return
    if findings.unchecked(registries):
        raise OmsError(
            "Экспертиза сформированных реестров не проводилась, а по настройке без неё не выгружают.",
            hint="Проведите экспертизу и повторите выгрузку.",
        )
    errors = [c.code for c in expertise.choice(settings).criteria if c.severity == "error"]
    count, total = findings.at_risk(registries, errors)
    if count:
        raise OmsError(
            f"В реестрах есть ошибки экспертизы: случаев {count} на сумму {roubles(total)};"
            " по настройке с ними не выгружают.",
            hint="Исправьте их («Результат экспертизы») и переформируйте реестры.",
        )


def say(ctx: Context, settings: Settings, registries: Sequence[int]) -> None:
    """Log what is under threat: in all, by code of 231н and by insurer; warn of what was not checked."""
    missed = findings.unchecked(registries)
    if missed:
        ctx.warn("Экспертиза после формирования не проводилась: прогноз отказов МЭК неполон.")
    criteria = expertise.choice(settings).criteria
    errors = [c.code for c in criteria if c.severity == "error"]
    count, total = findings.at_risk(registries, errors)
    if count:
        ctx.warn(
            f"Ошибки экспертизы: случаев {count} на сумму {roubles(total)}",
            link={"list": "findings", "registries": list(registries)},
        )
    count, total = forecast.risk(criteria, registries)
    if not count:
        return
    ctx.warn(f"Под угрозой по МЭК: {cases(count)}, {roubles(total)} руб.")
    for row in forecast.risk_by_code(criteria, registries):
        ctx.log(f"  {row.key}: {cases(row.accounts)}, {roubles(row.total)} руб.")
    for row in forecast.risk_by_payer(criteria, registries):
        title = row.title or row.key or "без плательщика"
        ctx.log(f"  {title}: {cases(row.accounts)}, {roubles(row.total)} руб.")


def freeze_package(settings: Settings, package_id: int) -> int:
    """Keep the forecast of the accounts of a sent package. Inside ``db.write()``; returns their number."""
    criteria = expertise.choice(settings).criteria
    return forecast.freeze(criteria, "SELECT id FROM account WHERE package_id = ?", (package_id,))


def freeze_bill(settings: Settings, package_id: int) -> int:
    """The same for a bill of manual B."""
    criteria = expertise.choice(settings).criteria
    return forecast.freeze(criteria, "SELECT account_id FROM pay_account WHERE package_id = ?", (package_id,))


# --- the page of a month -----------------------------------------------------------------------


def lines(period: str, registries: Sequence[int] = ()) -> list[str]:
    """«Прогноз МЭК» of a month as text; a line starting with ``#`` is a heading."""
    settings = config.load_settings()
    chosen = list(registries) or findings.formed(period)
    out = _before(settings, chosen)
    rows = forecast.outcomes(period, earlier())
    if rows:
        out += ["", *_after(rows, forecast.summary(period))]
    return out


def _before(settings: Settings, registries: Sequence[int]) -> list[str]:
    if not registries:
        return ["#До выгрузки", "Сформированных и не выгруженных реестров за месяц нет."]
    criteria = expertise.choice(settings).criteria
    count, total = forecast.risk(criteria, registries)
    out = ["#До выгрузки", f"Под угрозой по МЭК: {cases(count)}, {spaced(total)} руб."]
    if findings.unchecked(registries):
        out.append("После формирования экспертиза не проводилась: прогноз неполон.")
    if not count:
        return out
    out += ["", f"{'Код 231н':<10}{'Случаев':>9}{'Сумма':>18}  Причина отказа"]
    titles = mek_titles()
    for row in forecast.risk_by_code(criteria, registries):
        title = _short(titles.get(f"{row.key}.", ""))
        out.append(f"{row.key:<10}{row.accounts:>9}{spaced(row.total):>18}  {title}")
    out += ["", f"{'СМО':<10}{'Случаев':>9}{'Сумма':>18}"]
    for row in forecast.risk_by_payer(criteria, registries):
        out.append(f"{row.key or 'нет':<10}{row.accounts:>9}{spaced(row.total):>18}  {_payer(row)}")
    return out


def _payer(row: forecast.RiskRow) -> str:
    return _short(row.title) if row.key else "плательщик не определён"


def _short(text: str) -> str:
    """As much as a line of eighty columns has room for; what is cut is seen."""
    return text if len(text) <= _ROOM else text[: _ROOM - 1] + "…"


def _after(rows: Sequence[forecast.OutcomeRow], summary: tuple[int, int, int, int]) -> list[str]:
    refused, hit, foreseen, false = summary
    share = f" ({hit * 100 // refused} %)" if refused else ""
    out = [
        "#Прогноз и факт",
        f"Отказано счетов: {refused}, из них предвидели: {hit}{share}.",
        f"Предупреждали о счетах: {foreseen}, приняты без отказа: {false}.",
        "",
        f"{'Код':<9}{'Прогноз':>8}{'Факт':>7}{'Угадано':>8}{'Другой':>8}{'Пропущ.':>8}{'Ложных':>7}"
        f"{'Снято, руб.':>17}",
    ]
    for r in rows:
        out.append(
            f"{r.code:<9}{r.foreseen:>8}{r.refused:>7}{r.exact:>8}{r.other:>8}{r.missed:>8}{r.false:>7}"
            f"{spaced(r.refused_total):>17}"
        )
    return [
        *out,
        "",
        "Угадано — отказ с тем же кодом, «Другой» — отказ с другим кодом,",
        "«Пропущ.» — отказ, которого не ждали, «Ложных» — ждали, а счёт приняли.",
    ]
