"""The one way to draw a report (запись отчёта): the format by its name or by the suffix of the file."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import BinaryIO

from omstui.domain.errors import UsageError
from omstui.domain.reports.model import Document
from omstui.formats.reports.values import Track, untracked

#: format → (title for the menu, module with ``write``); modules and their libraries come when first used
FORMATS: dict[str, tuple[str, str]] = {
    "pdf": ("PDF для печати", "pdf"),
    "xlsx": ("Таблица XLSX", "xlsx"),
    "csv": ("Таблица CSV", "csvout"),
    "txt": ("Текст для принтера", "text"),
}


def format_of(target: str | Path, given: str = "") -> str:
    """The format asked for, else the one the suffix tells; UsageError for another."""
    name = (given or Path(target).suffix.lstrip(".")).lower()
    if name not in FORMATS:
        what = f"Формат «{name}» неизвестен" if name else f"Не указан формат файла {Path(target).name}"
        raise UsageError(f"{what}.", hint=f"Есть: {', '.join(FORMATS)}.")
    return name


def write(
    document: Document,
    target: Path | BinaryIO,
    format: str = "",  # noqa: A002 - the word of the command line
    *,
    track: Track = untracked,
) -> None:
    """Draw the report into a file or an open stream; a stream must say its ``format``.

    The file is written straight: whole-or-nothing is ``atomicfile``'s, which hands over its ``.part``.
    """
    module = FORMATS[format_of(target if isinstance(target, Path) else "", format)][1]
    draw = import_module(f"omstui.formats.reports.{module}").write
    if isinstance(target, Path):
        with target.open("wb") as stream:
            draw(document, stream, track=track)
    else:
        draw(document, target, track=track)
