"""Files put in place whole or not at all (запись файла целиком): ``.part``, fsync, rename.

A program that dies leaves either the old file or the new one, and at most a stray ``NAME.part`` that the
next start reports. Errors of the disk become sentences an operator can act on.
"""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from omstui.domain.errors import OmsError, reason_of

PART = ".part"
_DATABASE = b"SQLite format 3\0"


@contextmanager
def plain_errors(target: Path) -> Iterator[None]:
    """Turn an OSError about ``target`` into an OmsError."""
    try:
        yield
    except OSError as error:
        raise disk_error(error, target) from error


def disk_error(error: OSError, target: Path) -> OmsError:
    """The sentence for an error of the disk while writing ``target``."""
    folder = target.parent
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return OmsError(
            f"Файл {target.name} не записан: на диске с папкой {folder} кончилось место. Ничего не изменено.",
            title="Нет места",
            hint="Освободите место или выберите другую папку и повторите.",
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return OmsError(
            f"Файл {target.name} не записан: нет права писать в папку {folder}. Ничего не изменено.",
            title="Нет доступа",
            hint="Выберите другую папку или обратитесь к администратору.",
        )
    if error.errno in (errno.EEXIST, errno.ENOTDIR):
        return OmsError(
            f"Файл {target.name} не записан: {folder} — не папка. Ничего не изменено.",
            hint="Выберите другую папку.",
        )
    if error.errno == errno.ENOENT:
        return OmsError(
            f"Файл {target.name} не записан: папки {folder} нет. Ничего не изменено.",
            hint="Выберите другую папку.",
        )
    reason = reason_of(error)
    return OmsError(f"Файл {target} не записан: {reason}.", hint="Выберите другую папку и повторите.")


class Pending:
    """A file written beside its place as ``NAME.part``, waiting for ``place`` or ``discard``."""

    def __init__(self, target: Path, overwrite: bool) -> None:
        self.target = target
        self.part = target.with_name(target.name + PART)
        self._overwrite = overwrite

    def place(self) -> None:
        """Move it into place; OmsError if that fails (the ``.part`` stays, nothing is lost)."""
        if not self._overwrite and self.target.exists():
            raise exists_error(self.target)
        try:
            os.replace(self.part, self.target)
            sync_folder(self.target.parent)
        except OSError as error:
            raise OmsError(
                f"Файл {self.target} не встал на место ({reason_of(error)});"
                f" он записан целиком как {self.part.name}.",
                hint="Переименуйте его сами или выгрузите ещё раз в другую папку.",
            ) from error

    def discard(self) -> None:
        """Remove the unfinished file."""
        with contextlib.suppress(OSError):
            self.part.unlink(missing_ok=True)


def exists_error(target: Path) -> OmsError:
    return OmsError(f"Файл {target} уже есть.", hint="Выберите другую папку или уберите его.")


def refuse_precious(target: Path) -> None:
    """OmsError for what a rename must never replace: a device, a pipe, a database, agreed to or not."""
    if target.exists() and not target.is_file():
        raise OmsError(
            f"{target} — это не файл, записать поверх него нельзя. Ничего не изменено.",
            hint="Укажите другое имя файла.",
        )
    for tail in ("", "-wal", "-shm"):  # what SQLite keeps beside a database is a part of it
        base = target.with_name(target.name.removesuffix(tail) or target.name)
        if not base.is_file():
            continue
        with base.open("rb") as stream:
            if stream.read(len(_DATABASE)) == _DATABASE:
                raise OmsError(
                    f"{target} — это база данных, записать поверх неё нельзя. Ничего не изменено.",
                    hint="Укажите другое имя файла.",
                )


def prepare(target: Path, write: Callable[[Path], None], *, overwrite: bool = False) -> Pending:
    """Let ``write`` fill ``NAME.part``, flush it to the disk, and return it waiting to be placed.

    Whatever goes wrong, the unfinished file is removed. ``overwrite`` False: an existing file is refused.
    """
    pending = Pending(target, overwrite)
    with plain_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        if not overwrite and target.exists():
            raise exists_error(target)
        refuse_precious(target)
    try:
        with plain_errors(target):
            _sweep(pending.part)
            write(pending.part)
            sync_file(pending.part)
    except BaseException:  # an abort and a kill by Ctrl+C too: no stray .part is left behind
        pending.discard()
        raise
    return pending


def _sweep(part: Path) -> None:
    """Remove what a killed run left: the ``.part`` and the work files beside it."""
    part.unlink(missing_ok=True)
    for stray in part.parent.glob(f".{part.name}.*"):
        stray.unlink(missing_ok=True)


def write_file(target: Path, write: Callable[[BinaryIO], object], *, overwrite: bool = False) -> None:
    """Write a whole file in place through ``NAME.part``."""

    def fill(part: Path) -> None:
        with part.open("wb") as stream:
            write(stream)

    prepare(target, fill, overwrite=overwrite).place()


def sync_file(path: Path) -> None:
    """Flush a written file to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_folder(folder: Path) -> None:
    """Flush the rename itself; file systems that cannot are left alone."""
    with contextlib.suppress(OSError):
        sync_file(folder)
