"""Invoices (счета на оплату): what each payer is to be billed, why not yet, numbers, what the paper freezes.

Manual A: an invoice per insurer of the month, sum of its files 7 less the withholding (R31–R36). Manual B: an
invoice per registry and payer, by the bills that went out. The figures are those of the ledger.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from omstui.domain import ledger
from omstui.domain.errors import OmsError
from omstui.domain.model import KIND_ORDER, KINDS, Period
from omstui.domain.money import roubles
from omstui.domain.profile import Profile
from omstui.domain.store import config, invoices, withholdings
from omstui.domain.store.invoices import BilledFile, InvoiceRow, KindTotal
from omstui.settings import Settings

#: keys of data in which a paper keeps requisites
_SUPPLIER = (
    "name", "ogrn", "inn", "kpp", "address", "phone", "bank", "bik", "account", "corr_account",
)  # fmt: skip


@dataclass(slots=True)
class Line:
    """A line of an invoice: a kind of activity."""

    title: str
    count: int
    total: int


@dataclass(slots=True)
class Claim:
    """What a payer is to be billed for a month (требование), and the invoice already issued for it."""

    payer: config.Payer
    registry: int | None = None
    registry_title: str = ""
    lines: list[Line] = field(default_factory=list)
    files: list[BilledFile] = field(default_factory=list)
    withheld: int | None = None
    notice_date: str = ""
    #: why no invoice can be issued, "" = it can
    problem: str = ""
    invoice: InvoiceRow | None = None
    #: the cancelled invoice a new one would stand for
    previous: InvoiceRow | None = None

    @property
    def billed(self) -> int:
        return sum(line.total for line in self.lines)

    @property
    def payable(self) -> int:
        return self.billed - (self.withheld or 0)

    @property
    def stale(self) -> bool:
        """The invoice in force says other sums than the files do now."""
        now = (self.billed, self.withheld or 0)
        return self.invoice is not None and (self.invoice.billed, self.invoice.withheld) != now

    @property
    def title(self) -> str:
        """«СМО 76001 (A)», with the registry where a month has several."""
        name = f"СМО {self.payer.code} ({self.payer.letter})"
        return f"{name}, реестр «{self.registry_title}»" if self.registry_title else name


def claims(
    period: str, profile: Profile, smo: Sequence[str] = (), registry: int | None = None
) -> list[Claim]:
    """Everything to be billed for a month by payer; payers without any sent account are left out."""
    month = str(Period.parse(period))
    found = _of_bills(month) if profile.can("bills-export") else _of_sevens(month)
    wanted = {config.payer_by_code(code).id for code in smo}
    issued = invoices.of_period(month)
    chosen = []
    for claim in found:
        if (wanted and claim.payer.id not in wanted) or (registry and claim.registry != registry):
            continue
        mine = [i for i in issued if (i.registry, i.payer) == (claim.registry, claim.payer.id)]
        claim.invoice = next((i for i in mine if i.active), None)
        claim.previous = mine[-1] if mine and not mine[-1].active else None
        chosen.append(claim)
    return chosen


def _of_sevens(month: str) -> list[Claim]:
    """Manual A: the files 7 of an insurer; it must be through F6 with each of its packages (R28)."""
    totals, files = invoices.sevens(month), invoices.billed_files(month, "7")
    entries = withholdings.current(month)
    found = []
    for row in ledger.read(month).rows:
        if not row.packages:
            continue
        entry = entries.get(row.payer.id)
        claim = _claim(row.payer, None, totals, files)
        claim.withheld = row.withheld
        claim.notice_date = entry.notice_date if entry else ""
        if not row.has_seven:
            claim.problem = "файл «7» ещё не сделан (F6)"
        elif not claim.lines:
            claim.problem = "в файле «7» нет счетов, выставлять нечего"
        elif claim.payable < 0:
            claim.problem = f"удержание {roubles(claim.withheld or 0)} больше суммы файла «7»"
        found.append(claim)
    return found


def _of_bills(month: str) -> list[Claim]:
    """Manual B: the bills of a registry by payer."""
    totals, files = invoices.bills(month), invoices.billed_files(month, "B")
    payers = {p.id: p for p in config.payers()}
    titles = invoices.registry_titles(month)
    keys = list(dict.fromkeys((f.registry, f.payer) for f in files))
    several = len({registry for registry, _ in keys}) > 1
    found = []
    for registry, payer in sorted(keys, key=lambda k: (k[0] or 0, list(payers).index(k[1]))):
        claim = _claim(payers[payer], registry, totals, files)
        if several and registry is not None:
            claim.registry_title = titles.get(registry) or str(registry)
        if not claim.lines:
            claim.problem = "в выгруженных счетах нет случаев"
        found.append(claim)
    return found


def _claim(
    payer: config.Payer, registry: int | None, totals: Sequence[KindTotal], files: Sequence[BilledFile]
) -> Claim:
    key = (registry, payer.id)
    rows = [t for t in totals if (t.registry, t.payer) == key]
    rows.sort(key=lambda t: KIND_ORDER.get(t.kind, 99))
    lines = [Line(kind_title(t.kind), t.count, t.total) for t in rows]
    return Claim(payer, registry, "", lines, [f for f in files if (f.registry, f.payer) == key])


def kind_title(kind: str) -> str:
    """«Поликлиника», «СМП»."""
    title = KINDS[kind].title if kind in KINDS else kind or "медицинская помощь"
    return title[:1].upper() + title[1:]


# --- numbers and the paper ---------------------------------------------------------------------


class Numbers:
    """Gives numbers unique in a year; remembers those it gave."""

    def __init__(self, settings: Settings, date: str) -> None:
        self._rules = settings.invoices
        self._taken = invoices.numbers(int(date[:4]))
        self._last = max(invoices.latest_n(int(date[:4])), self._rules.next_number - 1)
        self._year = date[:4]

    def give(self, period: Period, claim: Claim, entered: str = "") -> tuple[str, int | None]:
        """The number of a new invoice and its {n}; OmsError if the entered one is taken."""
        old = claim.previous
        if entered:
            other = self._taken.get(entered)
            if other is not None and (old is None or entered != old.number):
                raise OmsError(
                    f"Номер счёта «{entered}» в {self._year} году уже был.", hint="Укажите другой номер."
                )
            return self._keep(entered, int(entered) if entered.isdigit() and len(entered) < 10 else None)
        if old is not None and self._rules.reissue == "same" and str(old.year) == self._year:
            return self._keep(old.number, old.data.get("n"))
        while True:
            self._last += 1
            number = number_text(self._rules.pattern, self._last, period, claim.payer)
            if number not in self._taken:
                return self._keep(number, self._last)

    def _keep(self, number: str, n: int | None) -> tuple[str, int | None]:
        self._taken[number] = 0
        return number, n


def number_text(pattern: str, n: int, period: Period, payer: config.Payer) -> str:
    """The pattern filled in."""
    return pattern.format(
        n=n, year=period.year, month=f"{period.month:02d}", period=str(period), letter=payer.letter,
        code=payer.code,
    )  # fmt: skip


def paper(
    settings: Settings, period: Period, claim: Claim, number: str, n: int | None, date: str
) -> dict[str, Any]:
    """All the paper shows, frozen at issue: requisites, lines, sums, words, signatures."""
    from omstui.domain.reports.words import in_words

    mo, old = asdict(settings.mo), claim.previous
    payer = next((p for p in settings.insurers if p.code == claim.payer.code), None)
    return {
        "number": number,
        "n": n,
        "date": date,
        "period": str(period),
        "registry": claim.registry_title,
        "supplier": {key: mo[key] for key in _SUPPLIER},
        "payer": {key: value for key, value in asdict(payer).items() if key not in ("begin", "end")}
        if payer
        else {"code": claim.payer.code, "letter": claim.payer.letter, "name": claim.payer.name},
        "lines": [asdict(line) for line in claim.lines],
        "files": [asdict(f) for f in claim.files],
        "billed": claim.billed,
        "withheld": claim.withheld or 0,
        "withheld_entered": claim.withheld is not None,
        "notice_date": claim.notice_date,
        "payable": claim.payable,
        "words": in_words(claim.payable),
        "vat": settings.invoices.vat,
        "purpose": settings.invoices.purpose,
        "signatures": [["Руководитель", mo["director"]], ["Главный бухгалтер", mo["accountant"]]],
        "replaces": {"number": old.number, "date": old.date} if old else None,
    }


def new_row(period: Period, claim: Claim, data: Mapping[str, Any]) -> invoices.NewInvoice:
    """The row of a new invoice."""
    return invoices.NewInvoice(
        str(period),
        claim.registry,
        claim.payer.id,
        data["number"],
        data["date"],
        data["billed"],
        data["withheld"],
        data["payable"],
        data,
        claim.previous.id if claim.previous else None,
    )


def found(number: str = "", year: int = 0, invoice_id: int | None = None) -> InvoiceRow:
    """The invoice meant by its number (in force before cancelled) or id; OmsError if there is none."""
    if invoice_id is not None:
        row = invoices.invoice(invoice_id)
        if row is None:
            raise OmsError(f"Счёта на оплату с записью {invoice_id} нет.")
        return row
    rows = invoices.by_number(number.strip(), year)
    if not rows:
        raise OmsError(
            f"Счёта на оплату № {number} нет{f' в {year} году' if year else ''}.",
            hint="Номера счетов — на экране «Счета и платежи».",
        )
    in_force = [r for r in rows if r.active]
    if len({r.year for r in in_force}) > 1:
        years = ", ".join(str(r.year) for r in in_force)
        raise OmsError(f"Счетов № {number} несколько: {years} год.", hint="Укажите год счёта (--year).")
    return (in_force or rows)[0]
