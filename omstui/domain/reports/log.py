"""The log of an operation on paper (лента операции, «Сохранить» of manual B)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from omstui.domain.errors import UsageError
from omstui.domain.operation import LogLine
from omstui.domain.reports import kit
from omstui.domain.reports.model import Cell, Column, Document, Pairs, Param, ReportDef, Table
from omstui.domain.store import journal

_MARKS = {"warning": "внимание", "error": "ошибка"}
_COLUMNS = (Column("at", "Время", 8), Column("level", "", 8), Column("text", "Сообщение", 62))
_OUTCOMES = {
    "running": "выполняется",
    "ok": "выполнено",
    "partial": "выполнено частично",
    "refused": "отказ",
    "aborted": "прервано",
    "failed": "ошибка программы",
    "crashed": "оборвалось",
}


def table(lines: Iterable[LogLine]) -> Table:
    """The lines of a log as a table."""
    rows: list[Sequence[Cell]] = [(line.at, _MARKS.get(line.level, ""), line.text) for line in lines]
    return Table(_COLUMNS, rows, totals=False)


def document(title: str, lines: Iterable[LogLine], pairs: Sequence[tuple[str, str]] = ()) -> Document:
    """The paper of a log that is on the screen, running or over."""
    made = Document(f"Лента операции: {title}", f"Лента {title}")
    if pairs:
        made.blocks.append(Pairs(pairs))
    made.blocks.append(table(lines))
    return made


def build(run: str) -> Document:
    """The stored log of a run of the journal: who, when, what came of it, its files."""
    row = journal.run(int(run)) if run.isdigit() else None
    if row is None:
        raise UsageError(f"Операции «{run}» в журнале нет.", hint="Укажите её номер (--run): экран «Журнал».")
    return document(row.title, journal.lines(row.id), _pairs(row, journal.files(row.id)))


def _pairs(row: journal.RunRow, files: Sequence[str]) -> list[tuple[str, str]]:
    found = [
        ("Номер", str(row.id)),
        ("Оператор", row.who),
        ("Начало", _moment(row.started_at)),
        ("Конец", _moment(row.finished_at or "—")),
        ("Итог", _OUTCOMES.get(row.outcome, row.outcome)),
        ("Сообщение", row.message),
    ]
    return [(name, value) for name, value in found if value] + [("Файл", path) for path in files]


def _moment(text: str) -> str:
    """«2021-04-05 09:00:00» → «05.04.2021 09:00:00»."""
    return kit.day(text) + text[10:]


REPORT = ReportDef(
    "log",
    "Лента операции",
    "Что сказала операция: кто, когда, строки ленты, файлы.",
    build,
    (Param("run", "Номер операции", required=True),),
)
