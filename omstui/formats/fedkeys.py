"""A bill as sent (поданный счёт): keys of its records, and one record with its person, for a card.

N_ZAP and IDCASE of an account are in the database; SL_ID and ID_PAC only in the file itself, and a protocol
of the format control may name nothing else.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO
from xml.sax.saxutils import escape

from omstui.domain.errors import FormatError
from omstui.formats import federalnames
from omstui.formats.federal import Part, walk


@dataclass(frozen=True, slots=True)
class RecordKeys:
    """Keys of one ZAP; an empty one is not in the file."""

    n_zap: str
    id_pac: str
    idcase: str
    sl_ids: tuple[str, ...]


#: the writer puts each ZAP and each PERS on a line of its own
_LINE = '<?xml version="1.0" encoding="windows-1251"?>'.encode("ascii")


@contextmanager
def sent_cases(stream: BinaryIO, name: str) -> Iterator[Part]:
    """The file of cases inside a ZIP we wrote. Raises FormatError when it is none."""
    try:
        with zipfile.ZipFile(stream) as archive:
            member = next((m for m in archive.namelist() if federalnames.letters_of(m)), "")
            if not member:
                raise FormatError(f"В файле {name} нет файла случаев.")
            yield Part(member, lambda: archive.open(member))
    except zipfile.BadZipFile as error:
        raise FormatError(f"Файл {name}: архив ZIP испорчен.") from error


def record_keys(part: Part) -> Iterator[RecordKeys]:
    """Yield the keys of every ZAP in the order of the file."""
    for node in walk(part, ("ZAP",), "ZL_LIST"):
        slots = node.findall("Z_SL/SL/SL_ID")
        yield RecordKeys(
            (node.findtext("N_ZAP") or "").strip(),
            (node.findtext("PACIENT/ID_PAC") or "").strip(),
            (node.findtext("Z_SL/IDCASE") or "").strip(),
            tuple((slot.text or "").strip() for slot in slots),
        )


def sent_record(stream: BinaryIO, name: str, n_zap: int) -> dict[str, str]:
    """Elements of one record of a ZIP we wrote and of its person, by federal name; {} if it is not there.

    Of an element that comes several times the first counts.
    """
    with sent_cases(stream, name) as part, part.open() as lines:
        found = _elements(lines, f"<ZAP><N_ZAP>{n_zap}</N_ZAP>", "ZAP")
    if not found:
        return {}
    with zipfile.ZipFile(stream) as archive:
        mate = federalnames.persons_of(name)
        member = next((m for m in archive.namelist() if federalnames.stem(m) == mate), "")
        if member:
            with archive.open(member) as lines:
                person = _elements(lines, f"<PERS><ID_PAC>{escape(found['ID_PAC'])}</ID_PAC>", "PERS")
            found = {**person, **found}
    return found


def _elements(lines: Iterable[bytes], beginning: str, tag: str) -> dict[str, str]:
    start = beginning.encode("cp1251", "replace")
    line = next((one for one in lines if one.startswith(start)), None)
    if line is None:
        return {}
    found: dict[str, str] = {}
    for node in walk(Part(tag, lambda: io.BytesIO(_LINE + line)), (tag,), tag):
        for leaf in node.iter():
            if not len(leaf) and leaf.text:
                found.setdefault(leaf.tag, leaf.text.strip())
    return found
