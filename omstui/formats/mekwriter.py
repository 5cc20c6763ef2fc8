"""Return of the control as a payer makes it (возврат МЭК, для стенда): our bytes with decisions added.

The file sent is copied byte for byte; only the heading gets its sums and each Z_SL its OPLATA, SUMP and
SANK. Used by the stand, which plays the payer.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import IO

from omstui.domain.errors import FormatError
from omstui.domain.money import roubles
from omstui.formats.federal import Part
from omstui.formats.mekxml import EKMP, FULL, MEE, MEK, NONE, PART, Sanction
from omstui.formats.values import money_value

#: IDCASE and SUMV in kopecks → sanctions of the case; none = paid
Decide = Callable[[str, int], Iterable[Sanction]]

_CHUNK = 1 << 20
_END = b"</ZAP>"
_IDCASE = re.compile(rb"<IDCASE>\s*([^<\s]*)\s*</IDCASE>")
_SUMV = re.compile(rb"<SUMV>\s*([^<\s]*)\s*</SUMV>")
_FILENAME = re.compile(rb"<FILENAME>[^<]*</FILENAME>")
_SUMMAV = re.compile(rb"</SUMMAV>(?:\s*<COMENTS>[^<]*</COMENTS>)?")


def write_return(source: Part, target: IO[bytes], name: str, decide: Decide, *, akt: bool = False) -> int:
    """Write the return of ``source`` under the stem ``name``; returns kopecks accepted.

    ``decide`` is asked twice for every case and must answer alike; ``akt`` = DATE_AKT / NUM_AKT.
    """
    sums: Counter[str] = Counter()
    for piece in _pieces(source):
        if piece.endswith(_END):
            idcase, billed, _ = _decided(piece, source.name)
            sanctions = list(decide(idcase, billed))
            sums["SUMMAP"] += max(billed - sum(s.total for s in sanctions), 0)
            for sanction in sanctions:
                sums[sanction.control] += sanction.total
    for number, piece in enumerate(_pieces(source)):
        data = _heading(piece, name, sums) if number == 0 else piece
        if piece.endswith(_END):
            idcase, billed, at = _decided(data, source.name)
            added = _added(billed, list(decide(idcase, billed)), akt).encode("cp1251", "xmlcharrefreplace")
            data = data[:at] + added + data[at:]
        target.write(data)
    return sums["SUMMAP"]


def return_name(sent: str) -> str:
    """HM500101S50001_21121 → HS50001M500101_21121: sender and receiver change places."""
    found = re.fullmatch(r"([A-Z]{1,2}?)(M\d+)([ST]\d+)(_\d+)", sent)
    return f"{found[1]}{found[3]}{found[2]}{found[4]}" if found else sent


def _pieces(source: Part) -> Iterator[bytes]:
    """The file cut after every ZAP; the first piece holds the heading too, the last is the end."""
    rest = b""
    with source.open() as stream:
        while chunk := stream.read(_CHUNK):
            *whole, rest = (rest + chunk).split(_END)
            for piece in whole:
                yield piece + _END
    yield rest


def _decided(piece: bytes, name: str) -> tuple[str, int, int]:
    """IDCASE, SUMV and where the decision is put."""
    idcase, sumv = _IDCASE.search(piece), _SUMV.search(piece)
    if idcase is None or sumv is None:
        raise FormatError(f"Файл {name}: в записи нет IDCASE или SUMV, возврат по нему не сделать.")
    return idcase[1].decode("cp1251"), money_value(sumv[1].decode("ascii", "replace"), "SUMV"), sumv.end()


def _heading(piece: bytes, name: str, sums: Counter[str]) -> bytes:
    added = f"<SUMMAP>{roubles(sums['SUMMAP'])}</SUMMAP>" + "".join(
        f"<{tag}>{roubles(sums[control])}</{tag}>"
        for tag, control in (("SANK_MEK", MEK), ("SANK_MEE", MEE), ("SANK_EKMP", EKMP))
    )
    piece = _FILENAME.sub(b"<FILENAME>%s</FILENAME>" % name.encode("ascii"), piece, count=1)
    return _SUMMAV.sub(lambda found: found[0] + added.encode("ascii"), piece, count=1)


def _added(billed: int, sanctions: list[Sanction], akt: bool) -> str:
    cut = sum(s.total for s in sanctions)
    decision = FULL if not sanctions else NONE if cut >= billed else PART if cut else FULL
    text = f"<OPLATA>{decision}</OPLATA><SUMP>{roubles(max(billed - cut, 0))}</SUMP>"
    text += "".join(_sank(s, akt) for s in sanctions)
    return text + (f"<SANK_IT>{roubles(cut)}</SANK_IT>" if sanctions else "")


def _sank(sanction: Sanction, akt: bool) -> str:
    act = "AKT" if akt else "ACT"
    found = [
        ("S_CODE", sanction.code), ("S_SUM", roubles(sanction.total)), ("S_TIP", sanction.tip),
        *(("SL_ID", sl_id) for sl_id in sanction.sl_ids), ("S_OSN", sanction.osn),
        (f"DATE_{act}", sanction.act_date), (f"NUM_{act}", sanction.act_number),
        *(("CODE_EXP", expert) for expert in sanction.experts), ("S_COM", sanction.comment),
        ("S_IST", sanction.source),
    ]  # fmt: skip
    return "<SANK>" + "".join(f"<{n}>{_escape(v)}</{n}>" for n, v in found if v) + "</SANK>"


def _escape(value: str) -> str:
    return value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
