"""What F2 may export (план выгрузки): which registries, into which package, with which questions.

Everything here is decided under reads and says why it refuses; the operation then writes the file and checks
inside its transaction that nothing of this has changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from omstui.domain.errors import OmsError
from omstui.domain.model import KINDS, Period, RegistryStatus, kind_of
from omstui.domain.profile import profile
from omstui.domain.store import config, exporting, files, mes, packages
from omstui.domain.store.packages import PackageRow, RegistryRow
from omstui.formats import filenames
from omstui.settings import Settings


@dataclass(slots=True)
class Plan:
    """What one F2 does. ``package`` is the one it writes anew (repeated F2), else None."""

    period: Period
    test: bool
    registries: list[RegistryRow]
    package: PackageRow | None
    digit: str
    name: str
    fingerprint: tuple[tuple[object, ...], ...]
    questions: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def changed_meanwhile(period: Period) -> OmsError:
    return OmsError(
        f"Пока писался файл, реестры или ответы за {period.title} изменил другой оператор."
        " Ничего не записано.",
        hint="Повторите операцию.",
    )


def make_plan(
    settings: Settings,
    period: Period,
    *,
    kinds: Sequence[str] = (),
    registry_ids: Sequence[int] = (),
    test: bool = False,
    existing: bool = False,
) -> Plan:
    """Decide what F2 exports; OmsError says what is in the way and what to do."""
    fingerprint = packages.fingerprint(str(period))
    chosen = _chosen(period, kinds, registry_ids, test)
    test = chosen[0].is_test
    formed = [r for r in chosen if r.status == RegistryStatus.FORMED]
    if not formed or existing:
        formed = []
        package = _exported_package(period, chosen)
        chosen = [r for r in packages.registries(str(period), test=test) if r.package == package.id]
    else:
        package = None
    _refuse_stale(formed)
    if not test and not existing:
        _refuse_tests(period)
    plan = Plan(period, test, formed or chosen, package, "", "", fingerprint)
    if package is None:
        _name_new(settings, plan)
        _ask_for_mes(settings, plan)
    else:
        plan.digit, plan.name = package.service_digit, package.name
        if not existing:
            _allow_repeat(plan, package)
    return plan


def _chosen(
    period: Period, kinds: Sequence[str], registry_ids: Sequence[int], test: bool
) -> list[RegistryRow]:
    """The registries meant: marked ones, or those of the kinds, or all; formed before exported."""
    if registry_ids:
        return _marked(period, registry_ids)
    codes = {kind_of(k).code for k in kinds}
    rows = [r for r in packages.registries(str(period), test=test) if not codes or r.kind in codes]
    formed = [r for r in rows if r.status == RegistryStatus.FORMED]
    exported = [r for r in rows if r.status == RegistryStatus.EXPORTED]
    if formed or exported:
        return formed or exported
    what = "тестовых реестров" if test else "реестров"
    of_kinds = f" видов {', '.join(KINDS[c].title for c in sorted(codes))}" if codes else ""
    raise OmsError(
        f"Сформированных {what}{of_kinds} за {period.title} нет: выгружать нечего.",
        hint="Сначала сформируйте реестры (F5 или omstui form).",
    )


def _marked(period: Period, registry_ids: Sequence[int]) -> list[RegistryRow]:
    known = {r.id: r for r in packages.registries(str(period))}
    lost = [i for i in registry_ids if i not in known]
    if lost:
        raise OmsError(f"Реестра № {lost[0]} за {period.title} нет.", hint="Отметьте реестры одного месяца.")
    rows = [known[i] for i in dict.fromkeys(registry_ids)]
    if len({r.is_test for r in rows}) > 1:
        raise OmsError(
            "Отмечены и тестовые, и основные реестры: в один файл они не идут.",
            hint="Снимите отметку с одних из них.",
        )
    for status, why, hint in (
        (RegistryStatus.CREATED, "ещё не сформированы", "Сформируйте их (F5)."),
        (RegistryStatus.RESTORED, "восстановлены, выгрузить их нельзя", "Снимите с них отметку."),
    ):
        bad = [r for r in rows if r.status == status]
        if bad:
            raise OmsError(f"Реестры {_names(bad)} {why}.", hint=hint)
    exported = [r for r in rows if r.status == RegistryStatus.EXPORTED]
    if exported and len(exported) < len(rows):
        raise OmsError(
            f"Реестры {_names(exported)} уже выгружены, остальные отмеченные — ещё нет.",
            hint="Снимите отметку с уже выгруженных: новые пойдут отдельным пакетом.",
        )
    return rows


def _exported_package(period: Period, rows: Sequence[RegistryRow]) -> PackageRow:
    """The one package these exported registries went into."""
    found = {r.package for r in rows if r.package is not None}
    package = packages.package(found.pop()) if len(found) == 1 else None
    if package is not None:
        return package
    if not found:
        raise OmsError(f"За {period.title} ещё ничего не выгружено.", hint="Сначала выгрузите реестры (F2).")
    raise OmsError(
        f"Реестры {_names(rows)} выгружены разными пакетами.",
        hint="Отметьте реестры одного пакета.",
    )


def _refuse_stale(rows: Sequence[RegistryRow]) -> None:
    stale = [r for r in rows if r.reform_reason]
    if stale:
        raise OmsError(
            "Нужно переформировать: " + "; ".join(f"{_names([r])} ({r.reform_reason})" for r in stale) + ".",
            hint="Переформируйте эти реестры (F5) и повторите выгрузку.",
        )


def _refuse_tests(period: Period) -> None:
    """R8: the main cycle waits until the test registries are restored."""
    waiting = packages.unrestored_tests(str(period))
    if waiting:
        raise OmsError(
            f"Сначала восстановите тестовые реестры за {period.title}: {len(waiting)} шт."
            f" ({_names(waiting)}).",
            hint="«Восстановить все тестовые реестры за период» (omstui restore-tests).",
        )


def _names(rows: Sequence[RegistryRow]) -> str:
    def name(row: RegistryRow) -> str:
        return row.name or (KINDS[row.kind].title if row.kind in KINDS else row.kind)

    return ", ".join(f"№ {r.id} «{name(r)}»" for r in rows)


def _name_new(settings: Settings, plan: Plan) -> None:
    """Name a new package: the next service digit, after a question, if the month has one already."""
    others = packages.packages(str(plan.period), test=plan.test)
    plan.digit = settings.files.service_digit
    if others:
        used = [int(p.service_digit) for p in others if p.service_digit.isdigit()]
        following = max([*used, int(plan.digit)]) + 1
        if following > 9:
            raise OmsError(
                f"За {plan.period.title} служебные цифры имени файла кончились (пакетов уже {len(others)}).",
                hint="Сверьте с ТФОМС, как назвать ещё один пакет.",
            )
        plan.digit = str(following)
    plan.name = filenames.build(
        settings.mo.ogrn, settings.mo.kpp, plan.period, plan.digit, "3", filenames.ALL_PAYERS
    )
    if others:
        plan.questions.append(
            f"За {plan.period.title} уже выгружен пакет {others[-1].name}. Новые реестры пойдут вторым"
            f" пакетом со служебной цифрой {plan.digit}: {plan.name}. Продолжить?"
        )


def _ask_for_mes(settings: Settings, plan: Plan) -> None:
    """§11.23: «Анализ МЭСов» never blocks, but F2 asks where it was not run since forming."""
    if not profile(settings.profile).can("mes"):
        return
    skipped = set(mes.not_run([r.id for r in plan.registries]))
    if skipped:
        which = [r for r in plan.registries if r.id in skipped]
        named = f": {_names(which)}" if len(which) < len(plan.registries) else ""
        plan.questions.append(f"После формирования «Анализ МЭСов» не проведён{named}. Выгрузить без него?")


def _allow_repeat(plan: Plan, package: PackageRow) -> None:
    """R16, product.md §11.20: a repeated F2 asks, and is refused once an answer came."""
    answers = packages.answered(package.id)
    if answers:
        raise OmsError(
            f"Пакет {package.name} выгружать заново нельзя: на него уже приняты ответы ({answers}).",
            hint="Можно взять имеющийся файл; новые случаи идут отдельным реестром.",
        )
    sent = f", отмечен отправленным {package.sent_at}" if package.sent_at else ""
    plan.questions.append(
        f"Пакет {package.name} уже выгружен {package.created_at}{sent}. Записать его заново"
        " с теми же ключами счетов? (Можно и взять имеющийся файл.)"
    )
    chosen = len(plan.registries)
    plan.notes.append(f"Повторная выгрузка: пакет пишется целиком, реестров {chosen}.")


def validity_warnings() -> list[str]:
    """Sentences about accounts that go to a payer not in force when their case ended."""
    payers = {p.id: p for p in config.payers()}
    found = []
    for payer, begin, end, count in exporting.outside_validity():
        term = " ".join(filter(None, (begin and f"с {_dmy(begin)}", end and f"по {_dmy(end)}")))
        found.append(
            f"{payers[payer].name or payers[payer].code} действует {term}, а случаев, оконченных в другое"
            f" время: {count}. Проверьте полисы этих пациентов или срок СМО в настройках."
        )
    return found


def _dmy(day: str) -> str:
    return f"{day[8:10]}.{day[5:7]}.{day[:4]}"


def target_questions(target: Path) -> list[str]:
    """A question if the file would replace one the database does not keep."""
    if not target.exists():
        return []
    if not target.is_file():
        raise OmsError(f"{target} — не файл.", hint="Выберите другую папку.")
    if files.file_by_sha(files.sha256_of(target)):
        return []  # its bytes are stored: replacing it loses nothing
    return [f"В папке {target.parent} уже есть другой файл {target.name}. Заменить его?"]
