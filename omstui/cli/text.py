"""Plain text of what the commands show without --json (текст для терминала), 80 columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from omstui.domain import board as boards
from omstui.domain import board_rows as rows_of
from omstui.domain import ledger as ledgers
from omstui.domain.model import REFUSAL_KIND_TITLES, STAGE_TITLES
from omstui.domain.money import spaced
from omstui.domain.store.books import BookRow

_BOOK = "{:<12}{:>7} {:<8} {:<10} {:<8} {:<8} {}"
_MARKS = {rows_of.DONE: "+", rows_of.DUE: ">", rows_of.NOT_YET: ".", rows_of.LATE: "!"}


def board(data: boards.Board) -> str:
    """The month: steps by insurer, ledger, what to do next."""
    codes = [row.payer.code for row in data.ledger.rows]
    lines = [f"Рабочий стол: {data.period.title}", ""]
    lines.append(f"{'':2}{'Шаг':<40}" + "".join(f"{code:>12}" for code in codes))
    for step in data.steps:
        cells = "".join(f"{_cell(step.by_smo[code]) if code in step.by_smo else '':>12}" for code in codes)
        head = f"{_MARKS[step.cell.state]} {step.title[:40]:<40}"
        lines.append((head + (cells if step.by_smo else f"{_cell(step.cell):>12}")).rstrip())
    lines += ["", *ledger(data.ledger)]
    lines += ["", "Что дальше:", *(f"  {text}" for text in data.next)]
    for title, (count, total) in (
        ("Опоздавших случаев", data.late),
        ("Счетов без плательщика", data.no_payer),
        ("Счетов без решения", data.undecided),
    ):
        if count:
            lines.append(f"{title}: {count} на {spaced(total)}")
    return "\n".join(lines)


def _cell(cell: rows_of.Cell) -> str:
    if cell.state == rows_of.DONE and cell.date:
        return ".".join(reversed(cell.date[:10].split("-")))
    return boards.STATE_TITLES[cell.state]


def ledger(data: ledgers.Ledger) -> list[str]:
    """«Сверка»: a column per insurer, count and sum; then the lines that do not balance."""
    lines = [f"{'Сверка':<26}" + "".join(f"{row.payer.code:>26}" for row in data.rows)]
    for name in data.columns:
        cells = (f"{row[name].count:>8}{spaced(row[name].total):>18}" for row in data.rows)
        lines.append(f"{data.titles[name]:<26}" + "".join(cells))
    if data.withholds:
        held = ("не внесено" if row.withheld is None else spaced(row.withheld) for row in data.rows)
        lines.append(f"{'удержано':<26}" + "".join(f"{text:>26}" for text in held))
    lines.append(f"{'к оплате':<26}" + "".join(f"{spaced(row.payable):>26}" for row in data.rows))
    lines.append("Сверка сходится." if data.balanced else "Сверка НЕ сходится:")
    return lines + [f"  {problem}" for problem in data.problems]


def rejections(rows: Sequence[dict[str, Any]]) -> str:
    """A block per refusal: account, case, reason, comment, state."""
    if not rows:
        return "Отказов нет."
    lines = []
    for row in rows:
        title = REFUSAL_KIND_TITLES.get(row["kind"], row["kind"])
        stage = STAGE_TITLES.get(row["stage"], f"стадия {row['stage']}")
        lines.append(f"{row['account']}  {stage}  СМО {row['smo']}  {row['sum']}")
        lines.append(f"  {row['case']}  {row['state']}")
        text = " — ".join(part for part in (row["text"], row["comment"]) if part)
        lines.append(f"  {title} {row['code']}: {text}")
    lines.append(f"Всего: {len(rows)}.")
    return "\n".join(lines)


def case_path(path: dict[str, Any]) -> str:
    """The whole path of a case as a list of events."""
    lines = [f"{path['key']}  {path['patient']}", f"Состояние: {path['state']}", ""]
    for event in path["events"]:
        lines.append(f"{event['at']:<19} {event['who']:<12} {event['what']}")
        if event["detail"]:
            lines.append(f"{'':33}{event['detail']}")
    return "\n".join(lines)


def table(rows: Iterable[Sequence[str]]) -> str:
    """Columns as wide as their widest cell."""
    data = [list(map(str, row)) for row in rows]
    if not data:
        return ""
    widths = [max(len(row[n]) for row in data) for n in range(len(data[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in data
    )


def books(rows: Sequence[BookRow]) -> str:
    """Filled reference books with edition, date, the newest known edition; codes of the empty ones."""
    lines = [_BOOK.format("Код", "Строк", "Версия", "Дата", "Текущая", "Отметка", "Справочник")]
    for row in (row for row in rows if row.rows):
        mark = "устарел" if row.stale else "" if row.official else "наш"
        cells = (
            row.code[:12],
            row.rows,
            row.edition[:8],
            row.edition_date,
            row.known_edition,
            mark,
            row.title,
        )
        lines.append(_BOOK.format(*cells).rstrip())
    empty = [row.code for row in rows if not row.rows]
    if empty:
        lines += ["", f"Не загружены: {', '.join(empty)}."]
    return "\n".join(lines)
