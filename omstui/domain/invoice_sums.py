"""«Суммы для счетов» (R36): insurer × kind of activity, with withholdings and the control line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from omstui.domain import ledger
from omstui.domain.ledger import Amount
from omstui.domain.model import KIND_ORDER, KINDS, Period
from omstui.domain.money import roubles, spaced
from omstui.domain.store import answers, config, invoices, withholdings
from omstui.domain.store import ledger as store

_WIDTH = 80


@dataclass(slots=True)
class KindRow:
    """One kind of activity of one insurer."""

    kind: str
    amounts: dict[str, Amount]

    @property
    def title(self) -> str:
        return KINDS[self.kind].title if self.kind in KINDS else self.kind


@dataclass(slots=True)
class SmoSums:
    """An insurer: rows by kind and the total line with the withholding."""

    payer: config.Payer
    kinds: list[KindRow]
    total: ledger.Row
    answer1: str = ""  # when its last «1» was accepted, "" while a package waits for one
    seven: str = ""  # names of its files 7
    notice_date: str = ""
    invoice_number: str = ""  # given when the invoice is printed
    invoice_date: str = ""

    @property
    def payable(self) -> int:
        """К оплате: nothing before F6, then the 7 less the withholding."""
        return self.total.payable if self.seven else 0

    @property
    def controlled(self) -> bool:
        """R36: 3X − moved out + moved in = 7 + refused + undecided."""
        row = self.total
        left = row["sent"] - row["moved_out"] + row["moved_in"]
        return left == row["reformed"] + row["refused1"] + row["undecided"]


@dataclass(slots=True)
class InvoiceSums:
    """The whole report of a month."""

    period: Period
    insurers: list[SmoSums]
    problems: list[str] = field(default_factory=list)

    def total(self, column: str) -> Amount:
        return sum((s.total[column] for s in self.insurers), Amount())

    @property
    def withheld(self) -> int:
        return sum(s.total.withheld or 0 for s in self.insurers)

    @property
    def payable(self) -> int:
        return sum(s.payable for s in self.insurers)


def read(period: str, smo: Sequence[str] = ()) -> InvoiceSums:
    """Rows of the report; insurers without any account are left out. ``smo``: codes or letters."""
    month = Period.parse(period)
    whole = ledger.read(str(month))
    wanted = {config.payer_by_code(code).id for code in smo}
    entries = withholdings.current(str(month))
    first = [a for a in store.answers(str(month)) if a.stage == 1 and not a.is_test]
    sevens = [p for p in store.packages(str(month)) if p.kind == "7"]
    kinds = _by_kind(str(month))
    issued = {i.payer: i for i in invoices.of_period(str(month)) if i.active}
    found = []
    for row in whole.rows:
        if (wanted and row.payer.id not in wanted) or not _any(row):
            continue
        entry = entries.get(row.payer.id)
        found.append(
            SmoSums(
                row.payer,
                kinds.get(row.payer.id, []),
                row,
                _accepted(row, first),
                ", ".join(p.name for p in sevens if p.payer_id == row.payer.id),
                entry.notice_date if entry else "",
                issued[row.payer.id].number if row.payer.id in issued else "",
                issued[row.payer.id].date if row.payer.id in issued else "",
            )
        )
    return InvoiceSums(month, found, whole.problems)


def _accepted(row: ledger.Row, answers: Sequence[store.AnswerTotal]) -> str:
    """When the last «1» of the insurer came; "" while one of its packages waits for it."""
    mine = [a for a in answers if a.payer_id == row.payer.id]
    if row.packages - {a.package_id for a in mine}:
        return ""
    return max((a.accepted_at for a in mine), default="")


def _any(row: ledger.Row) -> bool:
    return any(row[column].count for column in ledger.COLUMNS)


def _by_kind(period: str) -> dict[int, list[KindRow]]:
    """Insurer id → rows by kind in the order of kinds."""
    slices = store.slices(period, by_kind=True)
    payers = config.payers()
    found: dict[int, list[KindRow]] = {}
    for kind in sorted({s.kind for s in slices}, key=lambda k: KIND_ORDER.get(k, 99)):
        rows = {p.id: ledger.Row(p) for p in payers}
        ledger.spread((s for s in slices if s.kind == kind), rows)
        for payer_id, row in rows.items():
            if _any(row):
                found.setdefault(payer_id, []).append(KindRow(kind, row.amounts))
    return found


def not_reformed(period: str) -> list[str]:
    """Insurers whose «1» is accepted and whose «7» is not made (R28)."""
    missing = []
    for answer in store.answers(period):
        if answer.stage != 1 or answer.is_test:
            continue
        if answers.seven_of(answer.package_id, answer.payer_id) is None:
            payer = next(p for p in config.payers() if p.id == answer.payer_id)
            missing.append(f"{payer.code} ({payer.letter})")
    return missing


def as_text(sums: InvoiceSums, mo: str) -> str:
    """The report as plain text, 80 columns."""
    lines = [mo, f"Суммы для счетов за {sums.period.title}", ""]
    for smo in sums.insurers:
        lines += _smo_text(smo)
    lines += ["=" * _WIDTH, "ИТОГО по всем СМО"]
    lines += [_figures(title, sums.total(column)) for title, column in _LINES]
    lines += [_money("Удержания", sums.withheld), _money("К оплате", sums.payable)]
    lines += ["", *(f"Не сходится: {text}" for text in sums.problems)]
    return "\n".join(lines).rstrip() + "\n"


_LINES = (
    ("Подано в 3X", "sent"),
    ("Исключено на стадии 1", "refused1"),
    ("В файле 7", "reformed"),
)


def _smo_text(smo: SmoSums) -> list[str]:
    row = smo.total
    lines = ["=" * _WIDTH, f"СМО {smo.payer.code} ({smo.payer.letter})  {smo.payer.name}".rstrip()]
    if smo.seven:
        lines += [f"Файл 7: {name}" for name in smo.seven.split(", ")]
    lines += ["-" * _WIDTH, _cells("Вид помощи", "3X", "исключено", "в файле 7"), "-" * _WIDTH]
    for kind in smo.kinds:
        a = kind.amounts
        lines.append(_cells(kind.title, *(_cell(a[c]) for _, c in _LINES)))
    lines += ["-" * _WIDTH, _cells("Итого по СМО", *(_cell(row[c]) for _, c in _LINES))]
    for title, column in (
        ("Ушло к другим СМО", "moved_out"),
        ("Пришло от других СМО", "moved_in"),
        ("Нет решения ТФОМС", "undecided"),
    ):
        if row[column].count:
            lines.append(_figures(title, row[column]))
    notice = f", уведомление от {smo.notice_date}" if smo.notice_date else ""
    shown = "не внесены" if row.withheld is None else spaced(row.withheld)
    lines.append(f"{'Удержания' + notice:<50}{shown:>30}")
    lines.append(_money("К оплате", smo.payable))
    lines.append(f"{'Счёт № и дата':<50}{_invoice(smo):>30}")
    lines += [_control(smo), ""]
    return lines


def _invoice(smo: SmoSums) -> str:
    return f"{smo.invoice_number} {smo.invoice_date}".strip() or "____________"


def _control(smo: SmoSums) -> str:
    row = smo.total
    mark = "сходится" if smo.controlled else "НЕ СХОДИТСЯ"
    if not smo.seven:
        mark = "файл 7 ещё не сделан"
    return (
        f"Контроль: {roubles(row['sent'].total)} − {roubles(row['moved_out'].total)} +"
        f" {roubles(row['moved_in'].total)} = {roubles(row['reformed'].total)} +"
        f" {roubles(row['refused1'].total)} + {roubles(row['undecided'].total)}: {mark}"
    )


def _cell(amount: Amount) -> str:
    return f"{amount.count}  {spaced(amount.total)}"


def _cells(*texts: str) -> str:
    first, *rest = texts
    return f"{first[:25]:<26}" + "".join(f"{text:>18}" for text in rest)


def _figures(title: str, amount: Amount) -> str:
    return f"{title:<50}{amount.count:>10}{spaced(amount.total):>20}"


def _money(title: str, total: int) -> str:
    return f"{title:<50}{spaced(total):>30}"
