"""Tables made byte by byte, as other programs write them."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from omstui.formats.layouts.dbf_base import layout

DAY = date(2021, 12, 29)
PERSONS = layout(
    "PERSONS",
    "список для проверки",
    """
    RECID C10 ! : ключ
    FAM C20 : фамилия
    W N1 sex : пол
    DR D : дата рождения
    SUMV N12.2 : сумма
    KOL_USL N6.2 : количество
    MR C12 ~ : место рождения
    """,
)

Spec = tuple[str, str, int, int]
SPEC: list[Spec] = [("RECID", "C", 10, 0), ("FAM", "C", 20, 0), ("DR", "D", 8, 0), ("SUMV", "N", 12, 2)]


def table(
    spec: Sequence[Spec],
    records: Sequence[Sequence[bytes]],
    *,
    version: int = 0x03,
    mark: int = 0x65,
    count: int | None = None,
    tail: bytes = b"\x1a",
    flags: bytes = b"",
    backlink: int = 0,
    record: int = 0,
    displacements: bool = False,
) -> bytes:
    """The bytes of a table; ``records`` are cells, padded here on the right (N on the left)."""
    width = 1 + sum(n for _, _, n, _ in spec)
    head = 33 + 32 * len(spec) + backlink
    body = b""
    start = 1
    for name, kind, size, decimals in spec:
        place = struct.pack("<I", start) if displacements else b"\0\0\0\0"
        body += struct.pack("<11s1s4sBB14x", name.encode(), kind.encode(), place, size, decimals)
        start += size
    made = b""
    for number, cells in enumerate(records):
        made += flags[number : number + 1] or b" "
        for (_, kind, size, _), cell in zip(spec, cells, strict=True):
            made += cell.rjust(size) if kind in "NF" else cell.ljust(size)
    header = struct.pack(
        "<4BIHH17xB2x", version, 121, 12, 29, len(records) if count is None else count, head,
        record or width, mark,
    )  # fmt: skip
    return header + body + b"\r" + bytes(backlink) + made + tail


def put(tmp_path: Path, data: bytes, name: str = "x.dbf") -> Path:
    path = tmp_path / name
    path.write_bytes(data)
    return path


def row866(ref: str, surname: str, born: str = "19800517", total: str = "1234.50") -> list[bytes]:
    return [ref.encode(), surname.encode("cp866"), born.encode(), total.encode()]
