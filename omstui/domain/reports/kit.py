"""What reports share (общее для отчётов): the month they are about, streams of rows, common columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from omstui.domain import payments
from omstui.domain.errors import OmsError
from omstui.domain.model import KINDS, Period
from omstui.domain.profile import Profile, profile
from omstui.domain.reports.model import Block, Cell, Column, Document, Lines, Param
from omstui.domain.store import config, packages
from omstui.domain.store.invoices import InvoiceRow
from omstui.settings import Settings

NO_DATA = "Данных нет"
PERIOD = Param("period", "Отчётный месяц", required=True)
SMO = Param("smo", "СМО (пусто — все)")
REGISTRY = Param("registry", "Реестр (пусто — все)")


class Stream:
    """Rows that are asked of the database each time they are read: nothing is held, any number of readers."""

    def __init__(self, read: Callable[[], Iterator[Sequence[Cell]]]) -> None:
        self._read = read

    def __iter__(self) -> Iterator[Sequence[Cell]]:
        return self._read()


@dataclass(frozen=True, slots=True)
class Month:
    """The report month with the settings of the organisation."""

    period: Period
    settings: Settings
    region: Profile

    @classmethod
    def read(cls, period: str) -> Month:
        """The month «2021-04»; UsageError for anything else."""
        settings = config.load_settings()
        return cls(Period.parse(period), settings, profile(settings.profile))

    @property
    def bills(self) -> bool:
        """Bills per insurer and МЭК (manual B); otherwise files 3X and 7 (manual A)."""
        return self.region.can("mek-load")

    def document(self, title: str, *lines: str, landscape: bool = False, name: str = "") -> Document:
        """An empty report: organisation and month under its title; ``lines`` follow them."""
        head = [line for line in (self.settings.mo.name, f"за {self.period.title}", *lines) if line]
        return Document(title, f"{name or title} {self.period}", [], head, landscape)

    def payers(self, smo: str = "") -> list[config.Payer]:
        """The payers asked for by codes or letters («76001,S»); all of them by default."""
        asked = [part for part in smo.replace(";", ",").replace(" ", ",").split(",") if part]
        if not asked:
            return config.payers()
        found = {config.payer_by_code(code).id for code in asked}
        return [payer for payer in config.payers() if payer.id in found]

    def invoices(self) -> list[tuple[InvoiceRow, payments.Balance]]:
        """Invoices in force with what came of them: the same figures as on «Счета и платежи»."""
        rows = payments.balances(self.region, period=str(self.period))
        return [(row.invoice, row) for row in rows if row.invoice is not None]

    def registries(self, registry: str = "") -> list[packages.RegistryRow]:
        """Main registries of the month that count: all, or the one named by number, name or kind."""
        rows = [r for r in packages.registries(str(self.period), test=False) if r.status != "Восстановлен"]
        asked = str(registry).strip().casefold()
        if not asked:
            return rows
        found = [r for r in rows if asked in (str(r.id), r.name.casefold(), r.kind, kind(r.kind).casefold())]
        if not found:
            named = ", ".join(f"{r.id} ({registry_title(r)})" for r in rows) or "ни одного"
            raise OmsError(f"Реестра «{registry}» за {self.period.title} нет.", hint=f"Есть: {named}.")
        return found


def filled(document: Document, blocks: Iterable[Block]) -> Document:
    """The document with these blocks, «Данных нет» where there are none."""
    document.blocks = list(blocks) or [Lines([NO_DATA])]
    return document


def registry_title(row: packages.RegistryRow) -> str:
    """«поликлиника», or the name where one registry holds all kinds."""
    return (
        " ".join(filter(None, (kind(row.kind), row.name if row.name != row.kind else "")))
        or f"реестр № {row.id}"
    )


def kind(code: str) -> str:
    """Russian title of a kind of activity."""
    return KINDS[code].title if code in KINDS else code


def payer_title(payer: config.Payer) -> str:
    """«76001 СМО «Пример»», for headings."""
    return f"{payer.code} {payer.name}".strip()


def percent(part: int, whole: int) -> int | None:
    """Hundredths of a per cent, rounded half up; None of nothing."""
    return (part * 20000 + whole) // (2 * whole) if whole else None


def day(text: str) -> str:
    """«2021-04-05 09:00:00» → «05.04.2021»."""
    return f"{text[8:10]}.{text[5:7]}.{text[:4]}" if len(text) >= 10 else text


def count(key: str, title: str = "Счетов", width: int = 7) -> Column:
    """A column of numbers that are added up."""
    return Column(key, title, width, "count", total=True)


def money(key: str, title: str, width: int = 15, *, total: bool = True) -> Column:
    """A column of sums that are added up."""
    return Column(key, title, width, "money", total=total)


def case_columns(*, patient: int = 26) -> tuple[Column, ...]:
    """Columns that tell a case: card, patient, birth, department, doctor, begin, end (``CaseCells``)."""
    return (
        Column("nhistory", "№ карты", 12),
        Column("fio", "Пациент", patient),
        Column("birth", "Дата рожд.", 10, "day"),
        Column("department", "Отд.", 6),
        Column("doctor", "Врач", 14),
        Column("date_in", "Начало", 10, "day"),
        Column("date_out", "Окончание", 10, "day"),
    )


def short_columns(*, patient: int = 24) -> tuple[Column, ...]:
    """The same without the begin of the case: where words need the room."""
    return tuple(column for column in case_columns(patient=patient) if column.key != "date_in")
