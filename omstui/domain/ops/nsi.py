"""Load reference books (загрузка справочников): official packages and local tables, shown first.

Each file replaces its book whole or is refused whole. Files are read and compared first; what would change is
the preview (``dry_run``), what should not happen unasked is a question.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from omstui.domain import insurers
from omstui.domain.bookspecs import CLASSIFIERS, INSURERS, LOADABLE, LocalBook, title_of
from omstui.domain.bookvalues import key_text
from omstui.domain.classifiers import version_key
from omstui.domain.errors import FormatError, OmsError, UsageError
from omstui.domain.operation import Context, Result
from omstui.domain.ops.typed import line
from omstui.domain.store import books, db
from omstui.domain.store.books import BookRow, Diff, Loaded
from omstui.formats import booksource, nsipackage
from omstui.formats.nsipackage import Package, Source


@dataclass(frozen=True, slots=True)
class Params:
    """``book``: code of the book in the file; ``mapping``: column of the file → ours, '' = not needed."""

    paths: list[str] = field(default_factory=list)
    edition: str = ""  # «на 2021 год»; of files that do not say theirs
    book: str = ""
    mapping: dict[str, str] | None = None
    dry_run: bool = False


@dataclass(slots=True)
class _Staged:
    """A file that is read and compared."""

    path: Path
    code: str
    loaded: Loaded
    diff: Diff
    was: BookRow | None
    slot: int = 0
    fill_only: bool = False
    mnemonic: str = ""
    #: (key, mapping) to remember
    mapping: tuple[str, dict[str, str]] | None = None
    notes: list[str] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)
    moved: int = 0  # cases that got another payer

    @property
    def title(self) -> str:
        return title_of(self.code)

    def report(self, was: int) -> dict[str, Any]:
        return {
            "code": self.code,
            "title": self.title,
            "family": "local" if self.code in LOADABLE else "classifier",
            "mnemonic": self.mnemonic,
            "edition": self.loaded.edition,
            "edition_date": self.loaded.edition_date,
            "was_edition": self.was.edition if self.was else "",
            "rows": self.diff.rows,
            "was": was,
            "added": self.diff.added,
            "changed": self.diff.changed,
            "closed": self.diff.closed,
            "removed": self.diff.removed,
            "file": self.path.name,
            "sha256": self.loaded.sha256,
            "questions": list(self.questions),
            "notes": list(self.notes),
        }


def run(ctx: Context, params: Params) -> Result:
    """«Загрузить справочник»."""
    if not params.paths:
        raise UsageError("Не указан файл справочника.")
    if params.book and params.book not in LOADABLE and params.book not in CLASSIFIERS:
        raise UsageError(
            f"Справочника «{params.book}» нет. Местные: {', '.join(LOADABLE)};"
            f" федеральные: {', '.join(CLASSIFIERS)}."
        )
    with books.staging():
        staged, refused = _stage_all(ctx, params)
        counts = {item.code: books.count(item.code) for item in staged}
        reports = [item.report(counts[item.code]) for item in staged]
        if not params.dry_run:
            _ask(ctx, staged)
            _apply(ctx, staged)
    for item in staged:
        _log(ctx, item, counts[item.code])
    stale = books.formed_registries()
    if stale and not params.dry_run and any(item.code == "tariff" for item in staged):
        ctx.warn(
            f"Сформированные реестры ({stale}) посчитаны по прежним тарифам: переформируйте их.",
            link={"list": "registries", "status": "Сформирован"},
        )
    verb = "Можно загрузить справочников" if params.dry_run else "Загружено справочников"
    message = f"{verb}: {len(staged)}" + (f", отклонено файлов: {len(refused)}." if refused else ".")
    data = {"dry_run": params.dry_run, "books": reports, "refused": refused}
    return Result(message, data, partial=bool(refused))


# --- reading -----------------------------------------------------------------------------------


def _stage_all(ctx: Context, params: Params) -> tuple[list[_Staged], list[dict[str, str]]]:
    staged: list[_Staged] = []
    refused: list[dict[str, str]] = []
    errors: list[OmsError] = []
    for slot, path in enumerate(map(Path, params.paths)):
        ctx.progress("Чтение справочников", slot, len(params.paths))
        try:
            item = _stage(ctx, path, slot, params)
            _refuse_second(item, staged)
            staged.append(item)
        except OmsError as error:
            if len(params.paths) == 1:
                raise
            ctx.log(str(error), level="error")
            errors.append(error)
            refused.append({"file": path.name, "reason": error.msg})
    if not staged:
        raise OmsError("Ни один справочник не загружен.", details=[r["reason"] for r in refused])
    # what only fills gaps comes after the text it fills
    return sorted(staged, key=lambda item: item.fill_only), refused


def _refuse_second(item: _Staged, before: list[_Staged]) -> None:
    for other in before:
        if other.code == item.code and other.fill_only == item.fill_only:
            raise OmsError(
                f"{item.path.name}: справочник «{item.title}» уже взят из файла {other.path.name}.",
                hint="Загрузите один файл на справочник.",
            )


def _stage(ctx: Context, path: Path, slot: int, params: Params) -> _Staged:
    with nsipackage.opened(path) as source:
        code = params.book or ("" if source.xml else books.book_of_header(booksource.signature(source)))
        if code not in LOADABLE:
            package = nsipackage.find_classifier(source, code)
            if package is not None:
                return _stage_classifier(ctx, path, slot, package, line(params.edition, "Редакция"))
            code = booksource.find_local(source)
        if not code:
            raise _unknown(source)
        return _stage_local(ctx, path, source, LOADABLE[code], params)


def _unknown(source: Source) -> FormatError:
    if not source.columns:
        return FormatError(
            f"{source.name}: в пакете нет ни одной записи.",
            title="Справочник не загружен",
            hint="Прежний справочник не изменён. Попросите прислать файл заново.",
        )
    shown = "; ".join(source.columns.values())[:60]
    return FormatError(
        f"{source.name}: по заголовку («{shown}») справочник не узнан.",
        title="Справочник не узнан",
        hint="Назовите файл кодом справочника (V009.xml) или укажите код: --book КОД."
        f" Местные: {', '.join(LOADABLE)}.",
    )


def _stage_classifier(ctx: Context, path: Path, slot: int, package: Package, edition: str) -> _Staged:
    code = package.book.code
    read = books.stage_nsi(slot, ctx.track(package.rows(), f"Чтение {code}"))
    if not read:
        raise FormatError(
            f"{path.name}: в справочнике {code} «{package.book.title}» нет ни одной записи.",
            title="Справочник не загружен",
            hint="Прежний справочник не изменён. Попросите прислать файл заново.",
        )
    was = books.book_row(code)
    loaded = Loaded(
        package.version or edition, package.date, ctx.now(), path.name, nsipackage.sha256(path), ctx.who,
        package.book.official and not package.unofficial,
    )  # fmt: skip
    item = _Staged(
        path, code, loaded, books.diff_nsi(code, slot, read, fill_only=package.unofficial), was, slot,
        package.unofficial, package.mnemonic, notes=package.notes,
    )  # fmt: skip
    if was and item.diff.nothing and not loaded.edition and not loaded.edition_date:
        item.loaded = replace(loaded, edition=was.edition, edition_date=was.edition_date)
    if item.diff.repeated:
        item.notes.append(
            f"строк с повторным кодом и началом действия: {item.diff.repeated}, взяты последние"
        )
    if package.skipped:
        item.notes.append(f"строк без кода: {package.skipped}, пропущены")
    if package.unofficial:
        item.notes.append("неофициальный текст: добавлены только коды, которых нет в справочнике")
    if package.named:
        item.questions.append(
            f"Имя файла {path.name} говорит о справочнике {package.named}, а внутри {code} «{item.title}»."
        )
    _judge_edition(item)
    _judge_size(item, books.count(code))
    return item


def _judge_edition(item: _Staged) -> None:
    """Going back asks; editions are compared as numbers, without them days are."""
    was, new = item.was, item.loaded
    if was is None or item.fill_only or not was.rows:
        return
    old, own = version_key(was.edition), version_key(new.edition)
    back = own < old if old and own else bool(new.edition_date) and new.edition_date < was.edition_date
    if back:
        item.questions.append(
            f"Загружена версия {_edition(was.edition, was.edition_date)} справочника {item.code}, а в файле"
            f" {item.path.name} более старая: {_edition(new.edition, new.edition_date)}."
        )


def _edition(version: str, day: str) -> str:
    when = f"от {day[8:]}.{day[5:7]}.{day[:4]}" if day else ""
    return " ".join(filter(None, (version, when))) or "без номера"


def _judge_size(item: _Staged, had: int) -> None:
    if item.fill_only:
        return
    if not item.diff.rows:
        item.questions.append(f"В файле {item.path.name} нет строк: справочник «{item.title}» станет пустым.")
    elif item.diff.rows * 2 < had:
        item.questions.append(
            f"В справочнике «{item.title}» было строк {had}, а в файле {item.path.name} — {item.diff.rows}."
        )


def _stage_local(ctx: Context, path: Path, source: Source, book: LocalBook, params: Params) -> _Staged:
    key = booksource.signature(source)
    mapping = books.remembered_mapping(book.code, key) | dict(params.mapping or {})
    table = booksource.read_local(source, book, mapping)
    books.stage_local(book, ctx.track(table.rows(), f"Чтение справочника «{book.title}»"))
    _check_keys(path, book)
    diff = books.diff_local(book)
    if book is INSURERS:  # those a file does not name stay
        insurers.merged(books.staged_rows(book), ctx.who)
        diff = replace(diff, removed=0)
    edition = line(params.edition, "Редакция")
    loaded = Loaded(edition, "", ctx.now(), path.name, nsipackage.sha256(path), ctx.who)
    item = _Staged(path, book.code, loaded, diff, books.book_row(book.code), notes=table.notes)
    if params.mapping:
        item.mapping = (key, mapping)
    _judge_size(item, 0 if book is INSURERS else books.count(book.code))
    return item


def _check_keys(path: Path, book: LocalBook) -> None:
    if found := books.repeated_key(book):
        row, first, key = found
        raise booksource.refusal(path.name, row, f"«{key_text(book, key)}» уже есть в строке {first}")
    if found := books.overlapping(book):
        row, other, key = found
        raise booksource.refusal(
            path.name, row, f"«{key_text(book, key, list(key))}»: срок пересекается со строкой {other}"
        )


# --- doing -------------------------------------------------------------------------------------


def _ask(ctx: Context, staged: list[_Staged]) -> None:
    questions = [question for item in staged for question in item.questions]
    if questions:
        ctx.confirm(f"{questions[0]} Загрузить?", details=questions[1:])


def _apply(ctx: Context, staged: list[_Staged]) -> None:
    with db.write():
        for item in staged:
            ctx.check()
            if item.code == INSURERS.code:
                item.moved = insurers.save(books.staged_rows(INSURERS), ctx.who, ctx.now())
            elif item.code in LOADABLE:
                books.apply_local(LOADABLE[item.code], item.loaded)
            else:
                books.apply_nsi(item.code, item.slot, item.loaded, fill_only=item.fill_only)
            if item.mapping:
                books.remember_mapping(item.code, *item.mapping)
        ctx.check()


def _log(ctx: Context, item: _Staged, was: int) -> None:
    diff, edition = item.diff, _edition(item.loaded.edition, item.loaded.edition_date)
    what = f"{item.title}: строк {diff.rows} (было {was}"
    parts: Mapping[str, int] = {
        "новых": diff.added, "изменено": diff.changed, "закрыто": diff.closed, "убрано": diff.removed,
    }  # fmt: skip
    changes = ", ".join(f"{name} {number}" for name, number in parts.items() if number)
    version = f", версия {edition}" if edition != "без номера" else ""
    ctx.log(f"{what}{'; ' + changes if changes else '; без изменений'}){version}, файл {item.path.name}")
    if item.moved:
        ctx.warn(
            f"Плательщик определён заново: случаев {item.moved}."
            " Сформированные реестры с ними переформируйте."
        )
    for note in item.notes:
        ctx.warn(f"{item.path.name}: {note}.")
