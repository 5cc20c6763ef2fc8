"""How an insurer of the month is written (строки «Выгрузки»): cells of the list, lines of details."""

from __future__ import annotations

from omstui.domain.ledger import TITLES
from omstui.domain.money import spaced
from omstui.domain.outgoing import InsurerRow, Outgoing
from omstui.screens.sources import day, short_day
from omstui.widgets.sources import Cells, Column

COLUMNS = (
    Column("СМО", 5, key="code"),
    Column("Название", 12, key="name", flex=True),
    Column("3X сч.", 6, ">"),
    Column("Сумма 3X", 13, ">"),
    Column("«1»", 8),
    Column("Отк.", 5, ">"),
    Column("«7»", 8),
    Column("Сумма 7", 13, ">"),
    Column("Удержания", 12, ">"),
    Column("К оплате", 13, ">"),
    Column("«2»", 8),
    Column("Отк.2", 5, ">"),
    Column("Счёт № и дата", 14),
)
_WIDTH = 22


def row_cells(row: InsurerRow) -> Cells:
    """A row of the list; an empty cell = not yet."""
    total, seven = row.total, row.seven
    sent = total["sent"]
    return (
        row.payer.code,
        row.payer.name,
        str(sent.count) if sent.count else "",
        spaced(sent.total) if sent.count else "",
        short_day(row.answer1),
        str(total["refused1"].count) if row.answer1 else "",
        short_day(seven.created_at) if seven else "",
        spaced(seven.total) if seven else "",
        withheld_text(row),
        spaced(total.payable) if seven else "",
        short_day(row.answer2),
        str(total["refused2"].count) if row.answer2 else "",
        invoice_text(row),
    )


def invoice_text(row: InsurerRow) -> str:
    """«12 от 05.05.21»; an exclamation mark when the sums are other ones by now."""
    invoice = row.invoice
    if invoice is None:
        return ""
    now = (row.total["reformed"].total, row.total.withheld or 0)
    stale = (invoice.billed, invoice.withheld) != now
    return f"{'! ' if stale else ''}{invoice.number} от {short_day(invoice.date)}"


def withheld_text(row: InsurerRow) -> str:
    """The three states of a withholding."""
    return "не внесено" if row.total.withheld is None else spaced(row.total.withheld)


def row_state(month: Outgoing | None, row: InsurerRow | None) -> str:
    """Red where the ledger objects, yellow where F6 is due, green when the 2 came."""
    if month is None or row is None or not row.total["sent"].count:
        return "muted"
    if any(f"СМО {row.payer.code}:" in problem for problem in month.problems):
        return "error"
    if row.answer1 and row.seven is None and not month.test:
        return "warn"
    return "good" if row.answer2 else ""


def package_line(month: Outgoing) -> str:
    """What is out: name, accounts, sum, when, sent."""
    main, test = month.waiting
    waits = main + test
    if not month.packages:
        return f"Файл 3X ещё не выгружен. Сформировано реестров: {waits}. F2 — выгрузить."
    last = month.packages[-1]
    sent = f", отправлен {short_day(last.sent_at)}" if last.sent_at else ", не отмечен отправленным"
    more = f" · ещё ждут F2: {waits}" if waits else ""
    what = f"{last.accounts} на {spaced(last.total)}"
    return f"{last.name[-12:]} от {short_day(last.created_at)}: {what}{sent}{more}"


def detail_lines(month: Outgoing, row: InsurerRow) -> list[str]:
    """All that is known of the insurer, for eighty columns."""
    total, seven = row.total, row.seven
    bill = f" · счёт № {invoice_text(row)}" if row.invoice else ""
    lines = [f"#{row.payer.code} ({row.payer.letter})  {row.payer.name}{bill}"]
    lines.append(_pair("sent", row, f"ответ «1»: {day(row.answer1)[:10] or 'не принят'}"))
    lines.append(_pair("refused1", row, f"без решения: {total['undecided'].count}"))
    made = f"{seven.name[-12:]} {short_day(seven.created_at)}" if seven else "не сделан (F6)"
    lines.append(_pair("reformed", row, f"файл «7»: {made}"))
    entry = row.withheld
    notice = f"уведомление от {day(entry.notice_date)}" if entry and entry.notice_date else ""
    lines.append(f"{'Удержания':<{_WIDTH}}{withheld_text(row):>22}  {notice}".rstrip())
    lines.append(
        f"{'К оплате':<{_WIDTH}}{spaced(total.payable) if seven else '':>22}"
        f"  ответ «2»: {day(row.answer2)[:10] or 'не принят'}"
    )
    lines.append(_pair("refused2", row, f"ждёт решения «2»: {total['pending'].count}"))
    lines.append(_whole(month, row))
    return lines


def _pair(column: str, row: InsurerRow, right: str) -> str:
    amount = row.total[column]
    title = TITLES[column][0].upper() + TITLES[column][1:]
    return f"{title:<{_WIDTH}}{amount.count:>6}{spaced(amount.total):>16}  {right}"


def _whole(month: Outgoing, row: InsurerRow) -> str:
    own = next((p for p in month.problems if f"СМО {row.payer.code}:" in p), "")
    if own:
        return f"!Не сходится: {own}"
    moved = row.total["moved_in"].count, row.total["moved_out"].count
    change = f" Пришло счетов {moved[0]}, ушло {moved[1]}." if any(moved) else ""
    return f"Всего к оплате по всем СМО: {spaced(month.payable)}, удержано {spaced(month.withheld)}.{change}"
