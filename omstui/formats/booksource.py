"""Local books in files (местные справочники: тарифы, услуги, врачи, …): CSV, DBF, XLSX with Russian headers.

Columns are found by their names; what does not fit is named by the operator once and remembered. A book is
checked row by row while it is read; the first mistake is refused with its row number.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from omstui.domain.bookspecs import LOADABLE, LocalBook
from omstui.domain.bookvalues import Value, read_value, row_problem
from omstui.domain.errors import FormatError
from omstui.formats import nsirecognise as recognise
from omstui.formats.nsipackage import Records, Source, opened

#: (number of the row in the file, *values in the order of the columns of the book)
LocalRow = tuple[Value, ...]

_EXAMPLES = 50
_CACHED = 1 << 14


@dataclass(frozen=True, slots=True)
class FileColumn:
    """A column of a file for the screen of mapping; ours: '' = not needed, None = nobody knows."""

    name: str
    example: str
    column: str | None


class ColumnsUnknown(FormatError):
    """Columns of the file nobody has mapped yet, or columns the book needs and nothing fills."""

    def __init__(self, msg: str, code: str, columns: Sequence[FileColumn], hint: str) -> None:
        super().__init__(msg, title="Столбцы не узнаны", hint=hint)
        self.code = code
        self.columns = tuple(columns)


@dataclass(slots=True)
class LocalTable:
    """A local book in a file: how its columns are filled, and its rows, which may be walked once."""

    book: LocalBook
    source: Source
    #: name of a column of the file → column of the book, '' = not needed
    plan: dict[str, str]
    notes: list[str] = field(default_factory=list)

    def rows(self) -> Iterator[LocalRow]:
        """Yield the rows; FormatError names the row, the column and the reason."""
        places = {ours: title.upper() for title, ours in self.plan.items() if ours}
        caches: list[dict[str, Value]] = [{} for _ in self.book.columns]
        for number, record in self.source.records:
            values: list[Value] = [number]
            for column, cache in zip(self.book.columns, caches, strict=True):
                text = record.get(places.get(column.name, ""), "")
                if text not in cache:
                    if len(cache) > _CACHED:
                        cache.clear()
                    try:
                        cache[text] = read_value(column, text)
                    except ValueError as error:
                        raise refusal(self.source.name, number, f"«{column.title}»: {error}") from None
                values.append(cache[text])
            yield self._checked(number, values)

    def _checked(self, number: int, values: list[Value]) -> LocalRow:
        named = dict(zip((c.name for c in self.book.columns), values[1:], strict=True))
        if reason := row_problem(self.book, named):
            raise refusal(self.source.name, number, reason)
        return tuple(values)


def refusal(name: str, number: int, reason: str) -> FormatError:
    """The sentence for a wrong row."""
    return FormatError(
        f"{name}, строка {number}: {reason}.",
        title="Справочник не загружен",
        hint="Исправьте строку и загрузите файл снова: прежний справочник не изменён.",
    )


def signature(source: Source) -> str:
    """Folded names of the columns of a file: the key a mapping is remembered under."""
    return ";".join(recognise.fold(title) for title in source.columns.values())


def find_local(source: Source, wanted: str = "") -> str:
    """Code of the local book in a file: asked for, or by its header; '' when none fits.

    FormatError when several fit.
    """
    if wanted:
        return wanted
    found = recognise.local_by_header(source.columns.values(), source.name)
    if len(found) > 1:
        titles = ", ".join(f"{code} («{LOADABLE[code].title}»)" for code in found)
        raise FormatError(
            f"{source.name}: по заголовку подходит несколько справочников: {titles}.",
            title="Справочник не узнан",
            hint="Укажите, какой это справочник (--book КОД).",
        )
    return found[0] if found else recognise.local_by_name(source.name)


def read_local(source: Source, book: LocalBook, mapping: Mapping[str, str]) -> LocalTable:
    """Decide which column of the file fills which of the book; ColumnsUnknown lists what is not clear.

    ``mapping``: name of a column of the file → column of the book (name or title), '' = not needed.
    """
    plan = recognise.match_columns(book, source.columns.values())
    for title, ours in _mapped(source, book, mapping).items():
        if ours:
            plan = {t: o for t, o in plan.items() if o != ours}
        plan[title] = ours
    unknown = [t for t in source.columns.values() if t not in plan]
    needed = [c.title for c in book.columns if c.required and c.name not in plan.values()]
    if not unknown and not needed:
        return LocalTable(book, source, plan, list(source.notes))
    reasons = []
    if unknown:
        shown = ", ".join(f"«{t[:30]}»" for t in unknown[:6]) + ("…" if len(unknown) > 6 else "")
        reasons.append(f"неизвестные столбцы {shown}")
    if needed:
        reasons.append("не найдены столбцы " + ", ".join(f"«{t}»" for t in needed))
    first = (unknown or list(source.columns.values()))[0]
    raise ColumnsUnknown(
        f"{source.name}: справочник «{book.title}»: {'; '.join(reasons)}.",
        book.code,
        _examples(source, plan),
        f'Назовите столбцы: --map "{first}={needed[0] if needed else "столбец"}"'
        f', лишний — --map "{first}="; это запомнится.',
    )


def _mapped(source: Source, book: LocalBook, mapping: Mapping[str, str]) -> dict[str, str]:
    titles = {recognise.fold(title): title for title in source.columns.values()}
    ours = {recognise.fold(n): c.name for c in book.columns for n in (c.title, c.name)} | {"": ""}
    found: dict[str, str] = {}
    for title, column in mapping.items():
        at, to = titles.get(recognise.fold(title)), ours.get(recognise.fold(column))
        if at is None:
            raise FormatError(
                f"{source.name}: столбца «{title}» в файле нет.",
                hint=f"Есть: {', '.join(list(source.columns.values())[:12])}.",
            )
        if to is None:
            raise FormatError(
                f"В справочнике «{book.title}» нет столбца «{column}».",
                hint=f"Есть: {', '.join(f'{c.title} ({c.name})' for c in book.columns)}.",
            )
        found[at] = to
    return found


def _examples(source: Source, plan: Mapping[str, str]) -> list[FileColumn]:
    """Columns of the file with the first value that says something."""
    sample = list(islice(_quietly(source.records), _EXAMPLES))
    return [
        FileColumn(title, next((r[u] for r in sample if r.get(u)), "")[:60], plan.get(title))
        for u, title in source.columns.items()
    ]


def _quietly(records: Records) -> Iterator[Mapping[str, str]]:
    """Records up to a damaged one: an example is no reason to refuse."""
    try:
        for _, record in records:
            yield record
    except FormatError:
        return


def columns_of(path: Path, code: str) -> list[tuple[str, str, str | None]]:
    """(name, example, column of ours or None) of every column of a table, for the screen of mapping."""
    with opened(path) as source:
        plan = recognise.match_columns(LOADABLE[code], source.columns.values())
        return [(c.name, c.example, c.column) for c in _examples(source, plan)]
