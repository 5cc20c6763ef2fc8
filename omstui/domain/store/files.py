"""Files sent and accepted, kept whole in the database (хранилище файлов): bytes and SHA-256.

One file of the database is then the whole backup, and the bytes are written in the same transaction as the
facts about them. A file is stored in pieces of 1 MiB so that neither writing nor reading holds it in
memory; pieces are compressed only where that pays (an archive does not shrink twice).
"""

from __future__ import annotations

import errno
import hashlib
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from omstui.domain.errors import OmsError
from omstui.domain.store import db

CHUNK = 1 << 20
_PAYS = 0.9  # compressed size of the first piece below this share of the original


@dataclass(frozen=True, slots=True)
class FileRow:
    """A stored file without its bytes."""

    id: int
    name: str
    sha256: str
    size: int
    packing: str
    created_at: str


_ROW = "SELECT id, name, sha256, size, packing, created_at FROM stored_file"


def put_file(name: str, source: Path | bytes, *, at: str = "") -> int:
    """Store the bytes under ``name`` and return the id of the file. Call inside ``db.write()``."""
    with _opened(source) as stream:
        first = stream.read(CHUNK)
        packing = "zlib" if first and len(zlib.compress(first, 1)) < len(first) * _PAYS else "plain"
        cursor = db.execute(
            "INSERT INTO stored_file(name, packing, created_at) VALUES(?,?,?)", (name, packing, at)
        )
        file_id = int(cursor.lastrowid or 0)
        digest = hashlib.sha256()
        size = seq = 0
        piece = first
        while piece:
            digest.update(piece)
            size += len(piece)
            data = zlib.compress(piece, 6) if packing == "zlib" else piece
            db.execute("INSERT INTO file_chunk(file_id, seq, data) VALUES(?,?,?)", (file_id, seq, data))
            seq += 1
            piece = stream.read(CHUNK)
    db.execute("UPDATE stored_file SET sha256=?, size=? WHERE id=?", (digest.hexdigest(), size, file_id))
    return file_id


def _opened(source: Path | bytes) -> BinaryIO:
    return io.BytesIO(source) if isinstance(source, bytes) else source.open("rb")


def sha256_of(source: Path | bytes) -> str:
    """SHA-256 of a file or of bytes, as ``put_file`` stores it."""
    digest = hashlib.sha256()
    with _opened(source) as stream:
        while piece := stream.read(CHUNK):
            digest.update(piece)
    return digest.hexdigest()


def file_row(file_id: int) -> FileRow:
    """The row of a stored file; OmsError if there is none."""
    row = db.execute(_ROW + " WHERE id=?", (file_id,)).fetchone()
    if row is None:
        raise OmsError(f"Файла № {file_id} нет в базе данных.", hint="Проверьте базу: omstui verify.")
    return FileRow(*row)


def file_by_sha(sha256: str) -> FileRow | None:
    """The newest stored file with these bytes, whatever its name."""
    row = db.execute(_ROW + " WHERE sha256=? ORDER BY id DESC LIMIT 1", (sha256,)).fetchone()
    return FileRow(*row) if row else None


def pieces(file_id: int) -> Iterator[bytes]:
    """The original bytes, piece by piece."""
    row = file_row(file_id)
    seq = 0
    while (piece := _piece(row, seq)) is not None:
        yield piece
        seq += 1


def _piece(row: FileRow, seq: int) -> bytes | None:
    found = db.execute("SELECT data FROM file_chunk WHERE file_id=? AND seq=?", (row.id, seq)).fetchone()
    if found is None:
        return None
    data = bytes(found[0])
    try:
        return zlib.decompress(data) if row.packing == "zlib" else data
    except zlib.error as error:
        raise OmsError(
            f"Файл {row.name} в базе данных повреждён (часть {seq + 1}).",
            hint="Восстановите базу из резервной копии: omstui restore ФАЙЛ.",
        ) from error


def open_file(file_id: int) -> BinaryIO:
    """A seekable read-only stream of the original bytes; holds one piece in memory.

    It reads from the connection of this thread: use it inside ``db.connection()``.
    """
    return cast(BinaryIO, io.BufferedReader(_Stored(file_row(file_id)), 1 << 16))


class _Stored(io.RawIOBase):
    def __init__(self, row: FileRow) -> None:
        self._row = row
        self.name = row.name
        self._at = 0
        self._seq = -1
        self._piece = b""

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._row.size}[whence]
        if base + offset < 0:
            # what zipfile and others expect of a file that is too short
            raise OSError(errno.EINVAL, "negative seek position")
        self._at = base + offset
        return self._at

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]
        if self._at >= self._row.size:
            return 0
        seq, start = divmod(self._at, CHUNK)
        if seq != self._seq:
            self._piece, self._seq = _piece(self._row, seq) or b"", seq
        part = self._piece[start : start + len(view)]
        view[: len(part)] = part
        self._at += len(part)
        return len(part)


def write_out(file_id: int, target: BinaryIO) -> None:
    """Write the original bytes into an open file."""
    for piece in pieces(file_id):
        target.write(piece)


def damaged() -> Iterator[tuple[FileRow, str]]:
    """Stored files whose bytes no longer have their SHA-256 or size, with the reason."""
    for values in db.execute(_ROW + " ORDER BY id").fetchall():
        row = FileRow(*values)
        digest = hashlib.sha256()
        size = 0
        try:
            for piece in pieces(row.id):
                digest.update(piece)
                size += len(piece)
        except OmsError:
            yield row, "часть не распаковывается"
            continue
        if size != row.size:
            yield row, f"размер {size} вместо {row.size}"
        elif digest.hexdigest() != row.sha256:
            yield row, "контрольная сумма SHA-256 не сходится"
