"""Errors an operator can mend (ошибки, понятные оператору)."""

from __future__ import annotations

import errno
import re
from collections.abc import Sequence


class OmsError(Exception):
    """A refusal in one Russian sentence: what, where, why, what to do next.

    ``msg`` is the sentence; ``title`` heads the dialog; ``hint`` is the next step (may be empty);
    ``details`` are further lines (a list of unknown keys and the like), shown under the sentence.
    """

    #: exit code of the command line (product.md §8): 1 = refused and nothing changed
    exit_code = 1

    def __init__(
        self, msg: str, *, title: str = "Отказ", hint: str = "", details: Sequence[str] = ()
    ) -> None:
        super().__init__(msg)
        self.msg = msg
        self.title = title
        self.hint = hint
        self.details = tuple(details)

    def __str__(self) -> str:
        return f"{self.msg} {self.hint}".strip()


class UsageError(OmsError):
    """Wrong option or wrong settings (exit code 2)."""

    exit_code = 2


class FormatError(OmsError):
    """A file that cannot be read: damaged, foreign, hostile. Names the file and the place."""


class BusyError(OmsError):
    """Somebody else is working: «занято: кто, что, с какого времени»."""


class NeedsConfirmation(OmsError):
    """A question the screen asks and ``--yes`` answers; raised before anything is written."""

    def __init__(self, question: str, *, details: Sequence[str] = ()) -> None:
        super().__init__(question, title="Подтверждение", details=details)


_REASONS = {
    errno.ENOENT: "нет такого файла или папки",
    errno.EACCES: "нет прав доступа",
    errno.EPERM: "нет прав доступа",
    errno.EROFS: "диск доступен только для чтения",
    errno.ENOSPC: "на диске кончилось место",
    errno.EDQUOT: "исчерпана квота диска",
    errno.EFBIG: "файл превышает предельный размер",
    errno.EISDIR: "это папка, а не файл",
    errno.ENOTDIR: "вместо папки в пути стоит файл",
    errno.EEXIST: "такой файл уже есть",
    errno.ENAMETOOLONG: "слишком длинное имя",
    errno.EIO: "ошибка чтения или записи диска",
    errno.ELOOP: "ссылки в пути замкнуты в круг",
    errno.EMFILE: "открыто слишком много файлов",
    errno.EXDEV: "другой диск",
    errno.ENXIO: "это не файл",
}


def reason_of(error: OSError) -> str:
    """Why the system refused, in Russian: its own text is English and tells an operator nothing."""
    return _REASONS.get(error.errno or 0, f"ошибка системы {error.errno or ''}".strip())


def place_of(error: ValueError | RecursionError) -> str:
    """Where a TOML, JSON or text file is wrong: «строка 3, знак 7»; the parsers say it in English."""
    if isinstance(error, UnicodeDecodeError):
        return f"знак не в кодировке UTF-8, байт {error.start + 1}"
    if isinstance(error, RecursionError):
        return "слишком глубокая вложенность"
    found = re.search(r"line (\d+),? column (\d+)", str(error))
    return f"строка {found[1]}, знак {found[2]}" if found else "файл обрывается"
