"""What F6 will do (план переформирования): what goes, what is excluded, what is in the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from omstui.domain.errors import OmsError
from omstui.domain.model import PackageState, Period
from omstui.domain.money import roubles
from omstui.domain.reports import words
from omstui.domain.store import config, packages, reforming
from omstui.domain.store.config import Payer
from omstui.domain.store.packages import PackageRow
from omstui.formats import filenames
from omstui.settings import Settings


@dataclass(frozen=True, slots=True)
class ReformPreview:
    """One file 7 to be: of this insurer out of this 3X. ``problem`` not empty = F6 is refused, and why."""

    smo: str
    letter: str
    title: str
    payer: int
    package: int
    package_name: str
    name: str
    accounts: int
    total: int
    excluded: int
    excluded_sum: int
    undecided: int
    undecided_sum: int
    moved_in: int
    moved_out: int
    flk: int
    existing: PackageRow | None
    withheld: int | None
    #: sum of the insurer's files 7 of the month's other packages: the withholding is for all of them
    other_sevens: int = 0
    problem: str = ""
    hint: str = ""

    @property
    def question(self) -> str:
        """The sentence shown before F6."""
        return (
            f"{self.title} ({self.letter}): будет исключено {words.accounts(self.excluded)}"
            f" на сумму {roubles(self.excluded_sum)}, остальное не меняется."
            f" В файле {self.name}: {self.accounts} на сумму {roubles(self.total)}."
        )


def preview(period: str, smo: Sequence[str] = ()) -> list[ReformPreview]:
    """What F6 would do for these insurers (default: every one sent or answered), and what is in the way.

    Reads only; call inside ``db.connection()``. Raises OmsError when the period has no main 3X.
    """
    settings = config.load_settings()
    month = Period.parse(period)
    sources = _sources(month)
    known = {p.id: p for p in config.payers()}
    wanted = [config.payer_by_code(code) for code in smo]
    found: list[ReformPreview] = []
    for source in sources:
        answered = reforming.decided_payers(source.id)
        taking_part = answered | reforming.sent_payers(source.id)
        chosen = wanted or [p for p in known.values() if p.id in taking_part]
        found += [
            _one(settings, month, source, payer, answered)
            for payer in chosen
            if payer.id in taking_part or len(sources) == 1
        ]
    if wanted and not found:
        raise OmsError(
            f"За {month.title} счетов СМО {', '.join(p.code for p in wanted)} нет ни в одном пакете."
        )
    return found


def _sources(period: Period) -> list[PackageRow]:
    """The main 3X of the month; a test one has no F6 (R5)."""
    sources = packages.packages(str(period), test=False)
    if sources:
        return sources
    if packages.packages(str(period), test=True):
        raise OmsError(
            f"За {period.title} выгружены только тестовые реестры: F6 по ним не делается.",
            hint="Восстановите тестовые реестры, сформируйте и выгрузите основные.",
        )
    restored = packages.packages(str(period), test=True, state=PackageState.RESTORED)
    raise OmsError(
        f"За {period.title} файл 3X ещё не выгружен" + (" (тестовые восстановлены)." if restored else "."),
        hint="Сначала выгрузите реестры (F2) и примите ответы «1».",
    )


def _one(
    settings: Settings, period: Period, source: PackageRow, payer: Payer, answered: set[int]
) -> ReformPreview:
    figures = reforming.figures(source.id, payer.id)
    existing = next((p for p in packages.sevens(source.id) if p.payer == payer.id), None)
    problem, hint = _in_the_way(source, payer, answered)
    name = (
        filenames.build(settings.mo.ogrn, settings.mo.kpp, period, source.service_digit, "7", payer.letter)
        if payer.letter
        else ""
    )
    if not name and not problem:
        problem, hint = f"у {payer.name or payer.code} нет буквы в настройках", "Укажите букву СМО."
    return ReformPreview(
        payer.code,
        payer.letter,
        payer.name or payer.code,
        payer.id,
        source.id,
        source.name,
        name,
        figures.accepted,
        figures.accepted_sum,
        figures.refused,
        figures.refused_sum,
        figures.undecided,
        figures.undecided_sum,
        figures.moved_in,
        figures.moved_out,
        figures.flk,
        existing,
        reforming.withheld(str(period), payer.id),
        sum(
            p.total
            for p in packages.packages(str(period), kind="7")
            if p.payer == payer.id and p.parent != source.id
        ),
        problem,
        hint,
    )


def _in_the_way(source: PackageRow, payer: Payer, answered: set[int]) -> tuple[str, str]:
    """Why F6 is refused for this insurer and what to do; empty when nothing is in the way."""
    title = payer.name or payer.code
    if payer.id not in answered:
        return (
            f"ответ «1» от {title} на {source.name} ещё не принят",
            "Примите файл «1» этой СМО и повторите F6.",
        )
    if packages.answered(source.id, stage=2, payer=payer.id):
        return f"ответ «2» от {title} уже принят", "После ответа «2» файл «7» не меняется."
    if reforming.without_place(source.id, payer.id):
        return (
            f"в пакете {source.name} не записано, где стоят счета",
            "Проверьте базу: omstui verify.",
        )
    return "", ""
