"""Bills of a registry (счета на оплату): names, numbers and questions of «Выгрузить реестры на оплату».

Everything is decided under reads and says why it refuses; the operation writes the files and checks inside
its transaction that nothing of this has changed. One bill = one ZIP = one payer and one kind of file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from omstui.domain.errors import OmsError, UsageError
from omstui.domain.exporting import target_questions
from omstui.domain.model import Period, RegistryStatus
from omstui.domain.money import roubles
from omstui.domain.reports.words import accounts
from omstui.domain.store import bills, config, packages
from omstui.domain.store.bills import BillRow, Group
from omstui.domain.store.config import Payer
from omstui.domain.store.registries_b import RegistryRow
from omstui.formats.fedbills import BillSpec, check_spec, edition, letters_by_disp
from omstui.formats.fedrecord import letters_of
from omstui.settings import Settings

_NUMBER_LENGTH = 15
_TYPES = {"ТАП": "амбулатория", "МКСБ": "стационар", "СМП": "скорая помощь"}
#: files in the order they are written
_LETTER_ORDER = "HCTD"


def pay_title(section: str, payer: str, case_type: str) -> str:
    """«ОМС счета в АО МАКС (амбулатория)», product.md §11.25 for the spelling."""
    whom = {
        bills.SMO: f"в {payer}",
        bills.REGION: "по межтерриториальным пациентам",
        bills.NONE: "по неидентифицированным",
    }[section]
    return f"ОМС счета {whom} ({_TYPES[case_type]})"


@dataclass(frozen=True, slots=True)
class Choice:
    """What the operator enters; empty = as proposed."""

    number: str = ""
    date: str = ""
    package: int = 0
    version: str = ""


@dataclass(slots=True)
class Bill:
    """A bill to be written."""

    group: Group
    payer: Payer
    spec: BillSpec
    target: Path


@dataclass(slots=True)
class Plan:
    """What the export does; ``existing`` = the stored files once more, because МЭК came already."""

    registry: RegistryRow
    bills: list[Bill]
    old: list[BillRow]
    existing: bool
    fingerprint: tuple[object, ...]
    questions: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def fingerprint(registry: RegistryRow) -> tuple[object, ...]:
    """All the plan relies on: equal before and inside the write transaction."""
    return (
        packages.fingerprint(registry.period),
        tuple(bills.pay_registries(registry.id)),
        bills.last_code(),
        tuple(b.id for b in bills.bills_of_year(registry.period[:4])),
    )


def make_plan(
    settings: Settings, row: RegistryRow, folder: Path, choice: Choice, *, today: str, existing: bool = False
) -> Plan:
    """Decide the bills; OmsError says what is in the way. Leaves the composition in temporary tables."""
    mark = fingerprint(row)
    old = bills.bills(row.id)
    billed = row.status == RegistryStatus.BILLED
    if existing and not billed:
        raise OmsError(
            f"Счета реестра «{row.title}» ещё не выгружались: имеющихся файлов нет.",
            hint="Выгрузите реестры на оплату.",
        )
    if billed and (existing or row.facts.mek_loaded):
        return _stored(row, old, folder, mark)
    _refuse_moved(row)
    groups = bills.collect(row.id, lambda case: letters_of(case, letters_by_disp()))
    if not groups:
        raise OmsError(
            f"В реестре «{row.title}» нет случаев с плательщиком: выгружать нечего.",
            hint="Загрузите результат идентификации и сформируйте реестры на оплату заново.",
        )
    plan = Plan(row, [], old, False, mark)
    plan.bills = _bills(settings, plan, groups, folder, choice, today)
    asks = [*_repeat(plan), *_odd(plan, choice, today), *_replaced(b.target for b in plan.bills)]
    plan.questions = [_warning(plan), *asks]
    plan.notes = sorted({w for b in plan.bills for w in _editions(b.spec)})
    return plan


def _refuse_moved(row: RegistryRow) -> None:
    moved = bills.moved(row.id)
    if moved:
        raise OmsError(
            "У некоторых случаев сменился плательщик после формирования реестров на оплату.",
            hint="Сформируйте реестры на оплату заново и повторите выгрузку.",
            details=moved,
        )


def _stored(row: RegistryRow, old: Sequence[BillRow], folder: Path, mark: tuple[object, ...]) -> Plan:
    """The files of an earlier export; with МЭК loaded nothing else is left to write."""
    why = "По счетам реестра уже загружен МЭК" if row.facts.mek_loaded else "Счета реестра уже выгружены"
    asks = [f"{why}: будут ещё раз записаны имеющиеся файлы, {len(old)} шт. Продолжить?"]
    codes = {p.id: p.code for p in config.payers()}
    asks += _replaced(folder / codes[b.payer] / b.name for b in old)
    return Plan(row, [], list(old), True, mark, asks)


def _replaced(targets: Iterable[Path]) -> list[str]:
    return [question for target in targets for question in target_questions(target)]


def _warning(plan: Plan) -> str:
    count, total = (sum(getattr(b.group, n) for b in plan.bills) for n in ("accounts", "total"))
    return (
        f"Выгрузить реестры на оплату реестра «{plan.registry.title}»: файлов {len(plan.bills)}, случаев"
        f" {count} на сумму {roubles(total)}? После выгрузки счета считаются поданными."
    )


def _repeat(plan: Plan) -> list[str]:
    if not plan.old:
        return []
    first = plan.old[0]
    return [
        f"Счета этого реестра уже выгружены {first.created_at} (файлов {len(plan.old)}, первый {first.name})."
        " Они будут записаны заново, прежний ФЛК по ним перестанет действовать."
    ]


def _odd(plan: Plan, choice: Choice, today: str) -> list[str]:
    """A number or a date that nothing forbids and that is most likely a slip of the hand."""
    spec = plan.bills[0].spec
    asks = []
    shown = f"{spec.dschet[8:]}.{spec.dschet[5:7]}.{spec.dschet[:4]}"
    if spec.dschet > today[:10]:
        asks.append(f"Дата счёта {shown} ещё не наступила.")
    if choice.number and not re.search(r"\d$", spec.nschet, re.A):
        rest = f": следующие счета будут «{plan.bills[1].spec.nschet}» и далее" if plan.bills[1:] else ""
        asks.append(f"Номер счёта «{spec.nschet}» не кончается цифрой{rest}.")
    return asks


def _editions(spec: BillSpec) -> list[str]:
    pair = (edition(spec.letter, spec.period, spec.version), edition("L", spec.period, spec.persons_version))
    return [e.warning for e in pair if e.warning]


# --- names and numbers ---------------------------------------------------------------------------


def _bills(
    settings: Settings, plan: Plan, groups: Sequence[Group], folder: Path, choice: Choice, today: str
) -> list[Bill]:
    payers = {p.id: p for p in config.payers()}
    row = plan.registry
    ordered = sorted(
        groups,
        key=lambda g: (
            payers[g.payer].out_of_region,
            payers[g.payer].code,
            _LETTER_ORDER.find(g.letters[0]),
            g.letters,
            g.disp,
        ),
    )
    others = [b for b in bills.bills_of_year(row.period[:4]) if b.registry != row.id]
    names = {b.stem for b in others}
    numbers = _numbers(plan, len(ordered), choice.number, {b.number for b in others})
    day = _day(choice.date or _old_date(plan) or today[:10])
    made: list[Bill] = []
    for n, group in enumerate(ordered):
        payer = payers[group.payer]
        spec = BillSpec(
            group.letters,
            settings.mo.code,
            row.period,
            choice.package or 1,
            bills.last_code() + 1 + n,
            numbers[n],
            day,
            today[:10],
            "" if payer.out_of_region else payer.code,
            payer.code[:2] if payer.out_of_region else "",
            group.disp,
            version=_version(choice.version, row.period),
        )
        check_spec(spec)
        spec = _free(spec, names, explicit=bool(choice.package), mine={b.spec.name for b in made})
        names.add(spec.name.upper())
        made.append(Bill(group, payer, spec, folder / payer.code / f"{spec.name}.zip"))
    return made


def _version(entered: str, period: str) -> str:
    """One version is entered for all files; left as proposed (that of H), the table decides for each."""
    return "" if entered.strip() == edition("H", period).version else entered.strip()


def _free(spec: BillSpec, taken: set[str], *, explicit: bool, mine: set[str]) -> BillSpec:
    """The spec with a package number whose name no other bill has."""
    free = spec
    while free.name.upper() in taken:
        free = replace(free, number=free.number + 1)
        check_spec(free)
    if explicit and free.number != spec.number and spec.name not in mine:
        raise UsageError(
            f"Пакет {spec.name} уже выгружен другим реестром этого месяца.",
            title="Номер пакета занят",
            hint=f"Свободен номер пакета {free.number}.",
        )
    return free


def _old_date(plan: Plan) -> str:
    return plan.old[0].date if plan.old else ""


def _day(text: str) -> str:
    """«31.12.2021» or «2021-12-31» as a date of the file; UsageError otherwise."""
    found = re.fullmatch(r"(\d\d)\.(\d\d)\.(\d{4})", text.strip(), re.A)
    try:
        return date.fromisoformat("-".join(reversed(found.groups())) if found else text.strip()).isoformat()
    except ValueError:
        raise UsageError(
            f"Дата счёта «{text}» не понята.", hint="Нужен вид ДД.ММ.ГГГГ, например 31.12.2021."
        ) from None


def _numbers(plan: Plan, count: int, entered: str, taken: set[str]) -> list[str]:
    """A number for each bill: they run on from the entered one, or from the last one of the year."""
    entered = entered.strip()
    first = entered or (plan.old[0].number if plan.old else "") or proposed_number(taken)
    numbers = list(_following(first, count))
    long = next((n for n in numbers if len(n) > _NUMBER_LENGTH), "")
    if long:
        raise UsageError(f"Номер счёта «{long}» длиннее {_NUMBER_LENGTH} знаков.", hint="Укажите короче.")
    busy = [n for n in numbers if n in taken]
    if not busy:
        return numbers
    if entered:
        raise UsageError(
            f"Счёт с номером «{busy[0]}» за этот год уже выгружен.",
            title="Номер счёта занят",
            hint=f"Свободны номера с {proposed_number(taken)}.",
        )
    return list(_following(proposed_number(taken), count))


def _following(first: str, count: int) -> Iterable[str]:
    """«А-9» → «А-9», «А-10», …; without a number at the end «А», «А-2», …"""
    found = re.fullmatch(r"(.*?)(\d{1,12})", first, re.A)
    if not found:
        return [first, *(f"{first}-{n}" for n in range(2, count + 1))]
    head, digits = found.groups()
    return [f"{head}{int(digits) + n:0{len(digits)}d}" for n in range(count)]


def proposed_number(taken: Iterable[str]) -> str:
    """The number after the greatest plain one of the year."""
    return str(max((int(n) for n in taken if n.isascii() and n.isdigit()), default=0) + 1)


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the window «Укажите параметры операции» shows first."""

    number: str
    date: str
    package: int
    version: str


def propose(row: RegistryRow, today: str) -> Proposal:
    """Proposed parameters: those of the last export of this registry, or the next free ones."""
    old = bills.bills(row.id)
    others = [b for b in bills.bills_of_year(row.period[:4]) if b.registry != row.id]
    month = [b for b in others if b.period == row.period]
    number = old[0].number if old else proposed_number(b.number for b in others)
    used = [_package_of(b) for b in old or month]
    package = min(used) if old else max(used, default=0) + 1
    return Proposal(number, old[0].date if old else today[:10], package, edition("H", row.period).version)


def _package_of(bill: BillRow) -> int:
    found = re.search(r"_\d{4}(\d{1,5})$", bill.stem)
    return int(found[1]) if found else 0


def changed_meanwhile(row: RegistryRow) -> OmsError:
    return OmsError(
        f"Пока писались файлы, реестры за {Period.parse(row.period).title} изменил другой оператор."
        " Ничего не записано.",
        hint="Повторите операцию.",
    )


def missing_lines(missing: Mapping[str, int], dropped: Mapping[str, int]) -> list[str]:
    """What the files lack, for the log: «Нет профиля услуги (USL/PROFIL): 3 счетов»."""
    lines = [f"{title}: {accounts(count)}" for title, count in sorted(missing.items())]
    return lines + [
        f"Элемент {path} формату неизвестен, пропущен: {n}" for path, n in sorted(dropped.items())
    ]
