"""Load small reference books (загрузка справочников): tariffs, services, preventive visits."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from omstui.domain.errors import OmsError, UsageError
from omstui.domain.operation import Context, Result
from omstui.domain.store import books, db
from omstui.formats.booksource import BookData, read_book


@dataclass(frozen=True, slots=True)
class Params:
    paths: list[str] = field(default_factory=list)
    edition: str = ""  # «на 2021 год»; shown in the list of books


def run(ctx: Context, params: Params) -> Result:
    """Each file replaces its book whole or is refused whole."""
    if not params.paths:
        raise UsageError("Не указан файл справочника.")
    read: list[BookData] = []
    refused: list[dict[str, str]] = []
    for path in params.paths:
        ctx.check()
        try:
            read.append(_read(Path(path), read))
        except OmsError as error:
            if len(params.paths) == 1:
                raise
            ctx.log(str(error), level="error")
            refused.append({"file": Path(path).name, "reason": error.msg})
    if not read:
        raise OmsError("Ни один справочник не загружен.", details=[r["reason"] for r in refused])
    for book in read:
        if not book.rows:
            ctx.confirm(
                f"В файле {book.file_name} нет строк: справочник «{books.BOOKS[book.code][0]}»"
                " станет пустым. Продолжить?"
            )
    loaded = _replace(ctx, params, read)
    stale = books.formed_registries()
    if stale and any(book.code == "tariff" for book in read):
        ctx.warn(
            f"Сформированные реестры ({stale}) посчитаны по прежним тарифам: переформируйте их.",
            link={"list": "registries", "status": "Сформирован"},
        )
    message = f"Загружено справочников: {len(read)}" + (
        f", отклонено файлов: {len(refused)}." if refused else "."
    )
    return Result(message, {"books": loaded, "refused": refused}, partial=bool(refused))


def _read(path: Path, before: list[BookData]) -> BookData:
    book = read_book(path)
    for other in before:
        if other.code == book.code:
            raise OmsError(
                f"{path.name}: справочник «{books.BOOKS[book.code][0]}» уже взят из файла {other.file_name}.",
                hint="Загрузите один файл на справочник.",
            )
    return book


def _replace(ctx: Context, params: Params, read: list[BookData]) -> list[dict[str, Any]]:
    loaded: list[dict[str, Any]] = []
    with db.write():
        for book in read:
            ctx.check()
            was = books.count(book.code)
            books.replace_book(
                book.code,
                book.columns,
                book.rows,
                edition=params.edition,
                at=ctx.now(),
                file_name=book.file_name,
            )
            loaded.append(
                {
                    "code": book.code,
                    "title": books.BOOKS[book.code][0],
                    "rows": len(book.rows),
                    "was": was,
                    "file": book.file_name,
                    "sha256": book.sha256,
                }
            )
        ctx.check()
    for item in loaded:
        ctx.log(f"{item['title']}: строк {item['rows']} (было {item['was']}), файл {item['file']}")
    return loaded
